//! From a zone file to a zone.

use super::line::{Line, LineRecord, Lines, ProblemAt};
use super::{Position, Problem, Warning, ZoneFileError, ZoneFileErrors};
use crate::name::trie_key_of;
use crate::{ApplyError, Name, RecordSet, RecordType, Ttl, Violation, Zone, ZoneBuilder};

/// The most errors that are gathered before reading stops.
const MAX_ERRORS: usize = 20;
/// The most warnings of one kind that are given.
const MAX_WARNINGS: usize = 100;

/// How a zone file is read.
#[derive(Clone, Debug)]
pub struct ReadOptions {
    /// The zone. Names are below it until `$ORIGIN` says otherwise, and its `SOA` record has to be
    /// there. Without it, the file has to say which zone it is.
    pub origin: Option<Name>,
    /// The TTL of records before the first that has one, when there is no `$TTL`.
    pub default_ttl: Ttl,
    /// The largest file that is read, in octets.
    pub max_octets: usize,
}

impl Default for ReadOptions {
    fn default() -> Self {
        Self {
            origin: None,
            default_ttl: Ttl::HOUR,
            max_octets: 256 * 1024 * 1024,
        }
    }
}

/// A zone file that was read.
#[derive(Clone, Debug)]
pub struct ZoneFile {
    /// What it holds.
    pub zone: Zone,
    /// What was read differently from what it says; of many of one kind, only the first.
    pub warnings: Vec<Warning>,
}

/// Reads a zone file.
///
/// Nothing is skipped silently: what cannot be understood is an error, and several of them are
/// gathered before reading stops.
pub fn read(text: &str, options: &ReadOptions) -> Result<ZoneFile, ZoneFileErrors> {
    if text.len() > options.max_octets {
        let problem = Problem::TooLarge {
            octets: text.len(),
            limit: options.max_octets,
        };
        return Err(errors(text, vec![ProblemAt { at: 0, problem }]));
    }
    let contents = Contents::read(text, options).map_err(|problems| errors(text, problems))?;
    let apex = contents
        .apex(text, options)
        .map_err(|problem| errors(text, vec![problem]))?;
    let mut warnings = contents.warnings(text);
    let mut builder = ZoneBuilder::new(apex);
    let mut outside = Vec::new();
    for set in sets(contents.records, text, &mut warnings) {
        if let Err(violation) = builder.insert(set) {
            outside.push(violation);
        }
    }
    warnings.sort_by_key(Warning::position);
    let broken = match builder.finish() {
        Ok(zone) if outside.is_empty() => return Ok(ZoneFile { zone, warnings }),
        Err(ApplyError::Rules { violations }) => [outside, violations].concat(),
        // A builder starts from nothing, so nothing can be stale.
        Ok(_) | Err(ApplyError::Stale { .. }) => outside,
    };
    Err(rule_errors(text, options, broken))
}

/// The records of a file, in its order.
#[derive(Debug, Default)]
struct Contents {
    records: Vec<LineRecord>,
    /// Offsets of the records that signing made.
    signing: Vec<usize>,
}

impl Contents {
    fn read(text: &str, options: &ReadOptions) -> Result<Self, Vec<ProblemAt>> {
        let mut contents = Self::default();
        let mut problems = Vec::new();
        for line in Lines::new(text, options.origin.clone(), options.default_ttl) {
            match line {
                Ok(Line::Record(record)) => contents.records.push(record),
                Ok(Line::Signing { at }) => contents.signing.push(at),
                Err(problem) => problems.push(problem),
            }
            if problems.len() == MAX_ERRORS {
                break;
            }
        }
        if problems.is_empty() {
            Ok(contents)
        } else {
            Err(problems)
        }
    }

    /// The zone that the file is about: where its `SOA` record is.
    fn apex(&self, text: &str, options: &ReadOptions) -> Result<Name, ProblemAt> {
        let mut starts = self
            .records
            .iter()
            .filter(|record| record.data.rtype() == RecordType::SOA);
        match (starts.next(), &options.origin) {
            (Some(soa), Some(expected)) if soa.owner != *expected => Err(ProblemAt {
                at: soa.at,
                problem: Problem::OtherZone {
                    found: soa.owner.clone(),
                    expected: expected.clone(),
                },
            }),
            (Some(soa), _) => Ok(soa.owner.clone()),
            (None, _) => Err(ProblemAt {
                at: text.trim_end().len(),
                problem: Problem::NoSoa,
            }),
        }
    }

    fn warnings(&self, text: &str) -> Vec<Warning> {
        let mut warnings = Vec::new();
        if let Some(first) = self.signing.first() {
            warnings.push(Warning::SignedElsewhere {
                position: Position::of(text, *first),
                count: self.signing.len(),
            });
        }
        let doubled = self.records.iter().flat_map(|record| &record.doubled);
        let doubled = doubled.take(MAX_WARNINGS);
        warnings.extend(doubled.map(|(at, name)| Warning::MissingDot {
            position: Position::of(text, *at),
            name: name.clone(),
        }));
        warnings
    }
}

/// The records put together into sets, in canonical order. The lowest TTL of a set is taken.
fn sets(mut records: Vec<LineRecord>, text: &str, warnings: &mut Vec<Warning>) -> Vec<RecordSet> {
    records.sort_by_cached_key(|record| {
        let key = trie_key_of(record.owner.as_wire());
        (key, record.data.rtype(), record.at)
    });
    let same_set = |one: &LineRecord, other: &LineRecord| {
        one.data.rtype() == other.data.rtype() && one.owner == other.owner
    };
    let mut sets = Vec::with_capacity(records.len());
    let mut left = MAX_WARNINGS;
    for group in records.chunk_by(same_set) {
        let (Some(first), Some(taken)) = (group.first(), group.iter().map(|one| one.ttl).min())
        else {
            continue;
        };
        let other = group.iter().find(|record| record.ttl != first.ttl);
        if let Some(other) = other.filter(|_| left > 0) {
            left -= 1;
            warnings.push(Warning::Ttls {
                position: Position::of(text, other.at),
                owner: first.owner.clone(),
                rtype: first.data.rtype(),
                taken,
            });
        }
        let data = group.iter().map(|record| record.data.clone());
        sets.extend(RecordSet::new(first.owner.clone(), taken, data));
    }
    sets
}

fn errors(text: &str, problems: Vec<ProblemAt>) -> ZoneFileErrors {
    let errors = problems
        .into_iter()
        .map(|ProblemAt { at, problem }| ZoneFileError::new(text, at, problem));
    ZoneFileErrors {
        errors: errors.collect(),
    }
}

/// Broken rules, each at the first record that has to do with it. The file is read again to find
/// those, so that a good file does not pay for it.
fn rule_errors(text: &str, options: &ReadOptions, mut rules: Vec<Violation>) -> ZoneFileErrors {
    rules.truncate(MAX_ERRORS);
    let mut places = vec![None; rules.len()];
    for line in Lines::new(text, options.origin.clone(), options.default_ttl) {
        let Ok(Line::Record(record)) = line else {
            continue;
        };
        for (rule, place) in rules.iter().zip(&mut places) {
            let same_type = rule
                .rtype()
                .is_none_or(|rtype| rtype == record.data.rtype());
            if place.is_none() && same_type && *rule.owner() == record.owner {
                *place = Some(record.at);
            }
        }
    }
    let mut problems: Vec<ProblemAt> = rules
        .into_iter()
        .zip(places)
        .map(|(rule, place)| ProblemAt {
            at: place.unwrap_or(0),
            problem: Problem::Rule(rule),
        })
        .collect();
    problems.sort_by_key(|problem| problem.at);
    errors(text, problems)
}
