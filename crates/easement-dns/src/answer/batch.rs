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
    /// Room for so many answers at once.
    pub fn new(size: usize) -> Self {
        Self {
            keys: std::iter::repeat_with(|| Vec::with_capacity(256))
                .take(size)
                .collect(),
            slots: std::iter::repeat_with(|| BatchSlot {
                octets: Vec::with_capacity(query::MAX_UDP_OCTETS.into()),
                rcode: None,
            })
            .take(size)
            .collect(),
        }
    }

    /// Answers each message as [`super::answer`] does over UDP. There is one answer for each
    /// message, in order; messages beyond the room of the batch get none.
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
        let room = self.keys.iter_mut().zip(&mut self.slots);
        let questions: Vec<Option<Question<'_, '_>>> = messages
            .iter()
            .zip(room)
            .map(|(message, (key, slot))| read(message, &zones, key, slot))
            .collect();
        let (snapshots, indexes) = load(&questions);
        let mut walks: Vec<Option<(&ZoneSnapshot, Walk<'_, '_>)>> = questions
            .iter()
            .zip(&self.keys)
            .zip(indexes)
            .map(|((question, key), index)| {
                let key = key.get(question.as_ref()?.apex_key_octets..)?;
                let snapshot = snapshots.get(index)?.as_ref();
                Some((snapshot, Walk::new(snapshot, key)))
            })
            .collect();
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

/// The snapshots that the questions are about, and which of them for each question. Questions in a
/// row for one zone share one, so that the threads do not compete for counting its readers.
fn load(questions: &[Option<Question<'_, '_>>]) -> (Vec<Arc<ZoneSnapshot>>, Vec<usize>) {
    let mut snapshots: Vec<Arc<ZoneSnapshot>> = Vec::new();
    let mut last: Option<&HostedZone> = None;
    let mut indexes = Vec::with_capacity(questions.len());
    for question in questions {
        if let Some(hosted) = question.as_ref().map(|question| question.hosted)
            && !last.is_some_and(|last| ptr::eq(last, hosted))
        {
            snapshots.push(hosted.snapshot());
            last = Some(hosted);
        }
        indexes.push(snapshots.len().saturating_sub(1));
    }
    (snapshots, indexes)
}
