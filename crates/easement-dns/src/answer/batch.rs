//! Many questions at once: they go down in the zones side by side.
//!
//! Finding a name among millions is waiting for memory. When all questions of a batch take one step
//! in turn, their waits overlap, and each costs a fraction.

use std::ptr;
use std::sync::Arc;

use easement_zone::{HostedZone, HostedZones, ZoneSnapshot, write_trie_key};

use super::place::{Walk, Zones, zone_of};
use super::query::{self, Query, Request};
use super::resolve::Resolution;
use super::response::Response;
use super::{Rcode, Transport};

/// Room for the answers of a batch, used again for each.
#[derive(Debug)]
pub struct Batch {
    keys: Vec<Vec<u8>>,
    slots: Vec<BatchSlot>,
}

/// One answer of a batch.
#[derive(Debug, Default)]
pub struct BatchSlot {
    /// The answer; empty when there is none.
    pub octets: Vec<u8>,
    /// How it was answered; nothing when it was not.
    pub rcode: Option<Rcode>,
}

impl Batch {
    /// How many messages are answered at once.
    pub const SIZE: usize = 64;

    /// Room for the answers.
    pub fn new() -> Self {
        let slot = |_| BatchSlot {
            octets: Vec::with_capacity(query::MAX_UDP_OCTETS.into()),
            rcode: None,
        };
        Self {
            keys: (0..Self::SIZE).map(|_| Vec::with_capacity(256)).collect(),
            slots: (0..Self::SIZE).map(slot).collect(),
        }
    }

    /// Answers each message as [`super::answer`] does over UDP. There is one answer for each
    /// message, in order; messages after the first [`Self::SIZE`] get none.
    pub fn answer(&mut self, messages: &[&[u8]], zones: &HostedZones) -> &[BatchSlot] {
        let zones = zones.load();
        for (slot, key) in self
            .slots
            .iter_mut()
            .zip(&mut self.keys)
            .take(messages.len())
        {
            slot.octets.clear();
            slot.rcode = None;
            key.clear();
        }
        let mut questions = [const { None }; Self::SIZE];
        let room = self.keys.iter_mut().zip(&mut self.slots);
        for ((question, message), (key, slot)) in questions.iter_mut().zip(messages).zip(room) {
            *question = read(message, &zones, key, slot);
        }
        let snapshots = load(&questions);
        let mut walks = start(&questions, &self.keys, &snapshots);
        while walks
            .iter_mut()
            .flatten()
            .fold(false, |moving, (_, walk)| walk.step() | moving)
        {}
        for ((question, walk), slot) in questions.iter().zip(walks).zip(&mut self.slots) {
            let (Some(Question { query, .. }), Some((snapshot, walk))) = (question, walk) else {
                continue;
            };
            let response = Response::start(&mut slot.octets, &query.envelope, Transport::Udp);
            let standing = walk.finish(snapshot, query.qtype);
            let resolution = Resolution::new(query, &zones, response);
            slot.rcode = Some(resolution.answer(snapshot, standing));
        }
        self.slots.get(..messages.len()).unwrap_or(&self.slots)
    }
}

impl Default for Batch {
    fn default() -> Self {
        Self::new()
    }
}

/// A question whose zone is known.
struct Question<'m, 'z> {
    query: Query<'m>,
    hosted: &'z HostedZone,
    apex_key_octets: usize,
}

/// Reads a message and finds its zone; when there is nothing to look up, answers at once.
fn read<'m, 'z>(
    message: &'m [u8],
    zones: &'z Zones,
    key: &mut Vec<u8>,
    slot: &mut BatchSlot,
) -> Option<Question<'m, 'z>> {
    let out = &mut slot.octets;
    let query = match query::read(message) {
        Request::Silence => return None,
        Request::Fault(envelope, rcode) => {
            let response = Response::start(out, &envelope, Transport::Udp);
            slot.rcode = Some(response.finish(rcode));
            return None;
        }
        Request::Query(query) => query,
    };
    write_trie_key(query.name, key);
    let Some((apex_key_octets, hosted)) = zone_of(zones, key, query.qtype) else {
        let response = Response::start(out, &query.envelope, Transport::Udp);
        slot.rcode = Some(response.finish(Rcode::Refused));
        return None;
    };
    Some(Question {
        query,
        hosted,
        apex_key_octets,
    })
}

/// The snapshots that the questions are about, with the number of the first question for each.
/// Questions in a row for one zone share one, so that the threads do not compete for counting its
/// readers.
fn load(questions: &[Option<Question<'_, '_>>]) -> Vec<(usize, Arc<ZoneSnapshot>)> {
    let mut snapshots = Vec::new();
    let mut last: Option<&HostedZone> = None;
    for (number, question) in questions.iter().enumerate() {
        if let Some(hosted) = question.as_ref().map(|question| question.hosted)
            && !last.is_some_and(|last| ptr::eq(last, hosted))
        {
            snapshots.push((number, hosted.snapshot()));
            last = Some(hosted);
        }
    }
    snapshots
}

/// A walk for each question, each at the apex of its zone.
///
/// In place rather than in a vector: one of this size for each batch is hard on the allocator when
/// the heap is full of names.
fn start<'s, 'k>(
    questions: &[Option<Question<'_, '_>>],
    keys: &'k [Vec<u8>],
    snapshots: &'s [(usize, Arc<ZoneSnapshot>)],
) -> [Option<(&'s ZoneSnapshot, Walk<'s, 'k>)>; Batch::SIZE] {
    let mut walks = [const { None }; Batch::SIZE];
    let mut snapshots = snapshots.iter().peekable();
    let mut current = None;
    let places = walks.iter_mut().zip(questions).zip(keys);
    for (number, ((walk, question), key)) in places.enumerate() {
        if let Some((_, snapshot)) = snapshots.next_if(|(first, _)| *first == number) {
            current = Some(snapshot.as_ref());
        }
        let key = question
            .as_ref()
            .and_then(|question| key.get(question.apex_key_octets..));
        *walk = current
            .zip(key)
            .map(|(snapshot, key)| (snapshot, Walk::new(snapshot, key)));
    }
    walks
}
