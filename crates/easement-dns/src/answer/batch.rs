//! Many questions at once: they go down in the zones side by side.
//!
//! Finding a name among millions is waiting for memory. When all questions of a batch take one step
//! in turn, their waits overlap, and each costs a fraction.

use std::net::IpAddr;
use std::ptr;
use std::sync::Arc;

use easement_zone::{HostedZone, HostedZones, ZoneSnapshot, write_trie_key};

use super::edns::MAX_UDP_OCTETS;
use super::place::{Walk, Zones, zone_of};
use super::query::{self, Query, Request};
use super::reply::{Caller, Occasion, Outcome, Reply};
use super::resolve::Resolution;
use super::{NOBODY, Rcode, Transport, answer_simple};

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
    /// What became of the message.
    pub outcome: Outcome,
}

impl Batch {
    /// How many messages are answered at once.
    pub const SIZE: usize = 64;

    /// Room for the answers.
    pub fn new() -> Self {
        let slot = |_| BatchSlot {
            octets: Vec::with_capacity(MAX_UDP_OCTETS.into()),
            outcome: Outcome::default(),
        };
        Self {
            keys: (0..Self::SIZE).map(|_| Vec::with_capacity(256)).collect(),
            slots: (0..Self::SIZE).map(slot).collect(),
        }
    }

    /// Answers each message as [`super::answer`] does over UDP. There is one answer for each
    /// message, in order; messages after the first [`Self::SIZE`] get none.
    pub fn answer(&mut self, messages: &[&[u8]], zones: &HostedZones) -> &[BatchSlot] {
        let occasion = Occasion::plain(Transport::Udp);
        self.answer_to(&[NOBODY; Self::SIZE], messages, zones, &occasion)
    }

    /// Answers the message of each client as [`super::answer_to`] does.
    pub fn answer_to(
        &mut self,
        clients: &[IpAddr],
        messages: &[&[u8]],
        zones: &HostedZones,
        occasion: &Occasion<'_>,
    ) -> &[BatchSlot] {
        let zones = zones.load();
        self.clear(messages.len());
        let mut questions = [const { None }; Self::SIZE];
        let received = messages.iter().zip(clients);
        let room = self.keys.iter_mut().zip(&mut self.slots);
        for ((question, (message, client)), (key, slot)) in
            questions.iter_mut().zip(received).zip(room)
        {
            let desk = Desk {
                client: *client,
                zones: &zones,
                occasion,
            };
            *question = desk.read(message, key, slot);
        }
        let snapshots = load(&questions);
        let mut walks = start(&questions, &self.keys, &snapshots);
        while walks
            .iter_mut()
            .flatten()
            .fold(false, |moving, (_, walk)| walk.step() | moving)
        {}
        for ((question, walk), slot) in questions.iter().zip(walks).zip(&mut self.slots) {
            if let (Some(question), Some((snapshot, walk))) = (question, walk) {
                question.answer(snapshot, walk, &zones, occasion, slot);
            }
        }
        self.slots.get(..messages.len()).unwrap_or(&self.slots)
    }

    /// Empties the room for so many messages.
    fn clear(&mut self, count: usize) {
        for (slot, key) in self.slots.iter_mut().zip(&mut self.keys).take(count) {
            slot.octets.clear();
            slot.outcome = Outcome::default();
            key.clear();
        }
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
    caller: Caller,
    hosted: &'z HostedZone,
    apex_key_octets: usize,
}

impl Question<'_, '_> {
    /// Answers when the name has been looked up.
    fn answer(
        &self,
        snapshot: &ZoneSnapshot,
        walk: Walk<'_, '_>,
        zones: &Zones,
        occasion: &Occasion<'_>,
        slot: &mut BatchSlot,
    ) {
        let query = &self.query;
        let key = walk.key();
        let standing = walk.finish(snapshot, query.qtype);
        let reply = Reply {
            caller: &self.caller,
            envelope: &query.envelope,
            occasion,
        };
        let subject = standing.subject(self.hosted, key);
        slot.outcome = reply.send(&subject, &mut slot.octets, |response| {
            Resolution::new(query, zones, response).answer(snapshot, standing)
        });
    }
}

/// Where a message of one client is read.
struct Desk<'d, 'z> {
    client: IpAddr,
    zones: &'z Zones,
    occasion: &'d Occasion<'d>,
}

impl<'z> Desk<'_, 'z> {
    /// Reads a message and finds its zone; when there is nothing to look up, answers at once.
    fn read<'m>(
        &self,
        message: &'m [u8],
        key: &mut Vec<u8>,
        slot: &mut BatchSlot,
    ) -> Option<Question<'m, 'z>> {
        let request = query::read(message);
        let envelope = match &request {
            Request::Silence => return None,
            Request::Simple(envelope, _) => envelope,
            Request::Query(query) => &query.envelope,
        };
        let caller = Caller::new(self.client, envelope, self.occasion);
        let reply = Reply {
            caller: &caller,
            envelope,
            occasion: self.occasion,
        };
        let query = match &request {
            Request::Silence => return None,
            Request::Simple(_, simple) => {
                slot.outcome = answer_simple(*simple, reply, &mut slot.octets);
                return None;
            }
            Request::Query(query) => *query,
        };
        write_trie_key(query.name, key);
        let Some((apex_key_octets, hosted)) = zone_of(self.zones, key, query.qtype) else {
            slot.outcome = reply.send_code(Rcode::Refused, &mut slot.octets);
            return None;
        };
        Some(Question {
            query,
            caller,
            hosted,
            apex_key_octets,
        })
    }
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
