//! Compares answers, and remembers what came out.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::allowed::{RULES, Rule};
use crate::answers::Answer;
use crate::queries::Query;
use crate::servers::Peer;

/// How many differences are shown when there are any.
const SHOWN: usize = 30;

/// After how many queries each rule should have been needed.
const ENOUGH: u64 = 30_000;

/// What came out so far.
pub(crate) struct Comparison {
    seed: u64,
    queries: u64,
    /// Answers that all three gave alike.
    alike: u64,
    /// How often each rule was needed.
    hits: BTreeMap<&'static str, u64>,
    /// What is not allowed: how often each kind of it was seen, and its first case.
    unexplained: BTreeMap<String, (u64, String)>,
}

impl Comparison {
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            seed,
            queries: 0,
            alike: 0,
            hits: BTreeMap::new(),
            unexplained: BTreeMap::new(),
        }
    }

    /// Takes the answers of our server, NSD and Knot to the same queries.
    pub(crate) fn compare(&mut self, queries: &[Query], answers: &[Vec<Option<Vec<u8>>>; 3]) {
        for (at, query) in queries.iter().enumerate() {
            let read = |server: usize| Answer::read(answers[server][at].as_deref());
            self.compare_one(query, &[read(0), read(1), read(2)]);
        }
    }

    fn compare_one(&mut self, query: &Query, answers: &[Answer; 3]) {
        let [own, nsd, knot] = answers;
        self.queries += 1;
        if own == nsd && own == knot {
            self.alike += 1;
            return;
        }
        for (peer, other) in Peer::BOTH.into_iter().zip([nsd, knot]) {
            match explain(peer, query, own, other) {
                Ok(rules) => {
                    for rule in rules {
                        *self.hits.entry(rule.name).or_default() += 1;
                    }
                }
                Err(left) => {
                    let kind = format!("{peer} {}", kind(query, &left));
                    let first = || (0, report(query, peer, answers));
                    self.unexplained.entry(kind).or_insert_with(first).0 += 1;
                }
            }
        }
    }

    /// How often what was found.
    pub(crate) fn summary(&self) -> String {
        let mut text = format!(
            "{} queries with seed {}: {} were answered alike by all three",
            self.queries, self.seed, self.alike
        );
        for rule in RULES {
            let hits = self.hits.get(rule.name).copied().unwrap_or_default();
            let _ = write!(text, "\n{hits:8}  {}", rule.name);
        }
        text
    }

    /// Fails for a difference that no rule allows, and for a rule that nothing needs in a run that is
    /// long enough to tell.
    pub(crate) fn assert_all_explained(&self) {
        let mut unexplained: Vec<_> = self.unexplained.values().collect();
        unexplained.sort_by_key(|(count, _)| std::cmp::Reverse(*count));
        let shown: Vec<String> = unexplained
            .iter()
            .take(SHOWN)
            .map(|(count, report)| format!("{count} times, first:\n{report}"))
            .collect();
        assert!(
            shown.is_empty(),
            "seed {}: {} kinds of differences are not allowed\n\n{}",
            self.seed,
            unexplained.len(),
            shown.join("\n")
        );
        let unused: Vec<_> = RULES
            .iter()
            .map(|rule| rule.name)
            .filter(|name| !self.hits.contains_key(name) && self.queries >= ENOUGH)
            .collect();
        assert!(
            unused.is_empty(),
            "allowed and not seen in {} queries: {unused:?}",
            self.queries
        );
    }
}

/// The rules that together explain the difference between our answer and another, or what is left of
/// both when some of it cannot be explained.
fn explain(
    peer: Peer,
    query: &Query,
    own: &Answer,
    other: &Answer,
) -> Result<Vec<&'static Rule>, Box<[Answer; 2]>> {
    let (mut own, mut other) = (own.clone(), other.clone());
    let mut needed = Vec::new();
    for rule in RULES.iter().filter(|rule| rule.is_about(peer)) {
        if own == other {
            break;
        }
        let before = (own.clone(), other.clone());
        (rule.even_out)(query, &mut own, &mut other);
        if (&own, &other) != (&before.0, &before.1) {
            needed.push(rule);
        }
    }
    if own == other {
        Ok(needed)
    } else {
        Err(Box::new([own, other]))
    }
}

/// What differences have in common that are likely to have one cause.
fn kind(query: &Query, [own, other]: &[Answer; 2]) -> String {
    let differs = [
        own.answer != other.answer,
        own.authority != other.authority,
        own.additional != other.additional,
        own.opt != other.opt,
        own.question != other.question,
    ];
    let flags = (&own.flags - &other.flags, &other.flags - &own.flags);
    let (rcode, others) = (&own.rcode, &other.rcode);
    let (opcode, class) = (query.opcode > 0, query.class == 1);
    let qtype = match query.qtype.number() {
        43 | 255 => query.qtype.number(),
        _ => 0,
    };
    format!("{qtype} {opcode} {class} {rcode} {others} {flags:?} {differs:?}")
}

fn report(query: &Query, peer: Peer, answers: &[Answer; 3]) -> String {
    let [own, nsd, knot] = answers;
    let agree = if nsd == knot {
        ", and NSD and Knot agree"
    } else {
        ""
    };
    format!("{query}\ndiffers from {peer}{agree}\nEasement: {own}NSD: {nsd}Knot: {knot}")
}
