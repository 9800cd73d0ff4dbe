//! Counters of what was answered.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::answer::{Limited, Outcome};
use crate::{QueryKind, Rcode, Transport};

/// What a server has answered since it started. Reading never slows it down.
#[derive(Debug, Default)]
pub struct Metrics {
    udp: Counters,
    tcp: Counters,
    accepted_connections: AtomicU64,
    closed_connections: AtomicU64,
    refused_connections: AtomicU64,
}

/// How often each kind of query was answered with each code.
type ByKind<N> = [[N; Rcode::ALL.len()]; QueryKind::COUNT];

#[derive(Debug, Default)]
struct Counters {
    ignored: AtomicU64,
    unsent: AtomicU64,
    dropped: AtomicU64,
    shortened: AtomicU64,
    bad_cookies: AtomicU64,
    by_kind: ByKind<AtomicU64>,
}

impl Metrics {
    /// How many queries over `transport` were answered with `rcode`.
    pub fn answered(&self, transport: Transport, rcode: Rcode) -> u64 {
        QueryKind::all()
            .map(|kind| self.answered_of(transport, kind, rcode))
            .sum()
    }

    /// How many of these were of one kind.
    pub fn answered_of(&self, transport: Transport, kind: QueryKind, rcode: Rcode) -> u64 {
        let by_rcode = self.counters(transport).by_kind.get(kind.index());
        let counter = by_rcode.and_then(|by_rcode| by_rcode.get(index(rcode)));
        counter.map_or(0, |counter| counter.load(Ordering::Relaxed))
    }

    /// How many messages over `transport` deserved no answer.
    pub fn ignored(&self, transport: Transport) -> u64 {
        self.counters(transport).ignored.load(Ordering::Relaxed)
    }

    /// How many answers over `transport` the system would not send.
    pub fn unsent(&self, transport: Transport) -> u64 {
        self.counters(transport).unsent.load(Ordering::Relaxed)
    }

    /// How many answers over `transport` the limits kept back.
    pub fn dropped(&self, transport: Transport) -> u64 {
        self.counters(transport).dropped.load(Ordering::Relaxed)
    }

    /// How many answers over `transport` the limits shortened. They are counted as answered, too.
    pub fn shortened(&self, transport: Transport) -> u64 {
        self.counters(transport).shortened.load(Ordering::Relaxed)
    }

    /// How many queries over `transport` showed a cookie that was not theirs, or too old.
    pub fn bad_cookies(&self, transport: Transport) -> u64 {
        self.counters(transport).bad_cookies.load(Ordering::Relaxed)
    }

    /// How many TCP connections were let in.
    pub fn accepted_connections(&self) -> u64 {
        self.accepted_connections.load(Ordering::Relaxed)
    }

    /// How many TCP connections are open.
    pub fn open_connections(&self) -> u64 {
        // In this order, so that a connection that comes and goes meanwhile does not count below zero.
        let closed = self.closed_connections.load(Ordering::Acquire);
        self.accepted_connections().saturating_sub(closed)
    }

    /// How many TCP connections were closed at once because there were too many.
    pub fn refused_connections(&self) -> u64 {
        self.refused_connections.load(Ordering::Relaxed)
    }

    /// Adds what was counted elsewhere for a while.
    pub(crate) fn add(&self, transport: Transport, counts: &Counts) {
        let counters = self.counters(transport);
        for (kind, (totals, own)) in counters.by_kind.iter().zip(&counts.by_kind).enumerate() {
            // Most batches are about few kinds: the others are not even read.
            if counts.kinds & (1 << kind) == 0 {
                continue;
            }
            for (total, count) in totals.iter().zip(own) {
                if *count > 0 {
                    total.fetch_add(u64::from(*count), Ordering::Relaxed);
                }
            }
        }
        for (total, count) in [
            (&counters.ignored, counts.ignored),
            (&counters.unsent, counts.unsent),
            (&counters.dropped, counts.dropped),
            (&counters.shortened, counts.shortened),
            (&counters.bad_cookies, counts.bad_cookies),
        ] {
            if count > 0 {
                total.fetch_add(count, Ordering::Relaxed);
            }
        }
    }

    pub(crate) fn count_accepted_connection(&self) {
        self.accepted_connections.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn count_closed_connection(&self) {
        self.closed_connections.fetch_add(1, Ordering::Release);
    }

    pub(crate) fn count_refused_connection(&self) {
        self.refused_connections.fetch_add(1, Ordering::Relaxed);
    }

    fn counters(&self, transport: Transport) -> &Counters {
        match transport {
            Transport::Udp => &self.udp,
            Transport::Tcp => &self.tcp,
        }
    }
}

/// Counts of one batch, before they are added to what all threads share.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Counts {
    /// Small numbers, so that clearing them for each batch costs nothing.
    by_kind: ByKind<u16>,
    /// A bit for each kind that was counted.
    kinds: u32,
    ignored: u64,
    unsent: u64,
    dropped: u64,
    shortened: u64,
    bad_cookies: u64,
}

impl Counts {
    pub(crate) fn count(&mut self, outcome: Outcome) {
        self.bad_cookies += u64::from(outcome.has_bad_cookie);
        match outcome.limited {
            Some(Limited::Dropped) => {
                self.dropped += 1;
                return;
            }
            Some(Limited::Shortened) => self.shortened += 1,
            None => {}
        }
        let Some(rcode) = outcome.rcode else {
            self.ignored += 1;
            return;
        };
        let kind = outcome.kind.index();
        let by_rcode = self.by_kind.get_mut(kind);
        if let Some(count) = by_rcode.and_then(|by_rcode| by_rcode.get_mut(index(rcode))) {
            *count += 1;
            self.kinds |= 1 << kind;
        }
    }

    /// So many answers that could not be sent.
    pub(crate) fn unsent(answers: usize) -> Self {
        Self {
            unsent: u64::try_from(answers).unwrap_or_default(),
            ..Self::default()
        }
    }
}

fn index(rcode: Rcode) -> usize {
    Rcode::ALL
        .iter()
        .position(|other| *other == rcode)
        .unwrap_or_default()
}
