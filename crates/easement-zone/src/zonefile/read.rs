//! From a zone file to a zone.

use super::line::{Line, LineRecord, Lines, ProblemAt};
use super::{Position, Problem, Warning, ZoneFileError, ZoneFileErrors};
use crate::{
    ApplyError, Name, RecordData, RecordSet, RecordType, Ttl, Violation, Zone, ZoneBuilder,
};

/// The most errors that are gathered before reading stops.
const MAX_ERRORS: usize = 20;
/// The most warnings of one kind that are given.
const MAX_WARNINGS: usize = 100;
/// After how many records their count is told.
const COUNT_EVERY: usize = 1_000;

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
    read_counting(text, options, &|_| {})
}

/// The same, for long files: says how many records were read, each time after a thousand more.
pub fn read_counting(
    text: &str,
    options: &ReadOptions,
    on_count: &dyn Fn(usize),
) -> Result<ZoneFile, ZoneFileErrors> {
    if text.len() > options.max_octets {
        let problem = Problem::TooLarge {
            octets: text.len(),
            limit: options.max_octets,
        };
        return Err(errors(text, vec![ProblemAt { at: 0, problem }]));
    }
    let contents =
        Contents::read(text, options, on_count).map_err(|problems| errors(text, problems))?;
    let apex = contents
        .apex(text, options)
        .map_err(|problem| errors(text, vec![problem]))?;
    let mut warnings = contents.warnings(text);
    let mut builder = ZoneBuilder::new(apex);
    let mut outside = Vec::new();
    for_each_set(contents.records, text, &mut warnings, |set| {
        outside.extend(builder.insert(set).err());
    });
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
    records: Vec<FileRecord>,
    /// Offsets of the records that signing made.
    signing: Vec<usize>,
    /// The first names that end in the origin twice.
    doubled: Vec<(usize, Name)>,
}

/// A record and where it stands, without the words of its line: there may be millions.
#[derive(Debug)]
struct FileRecord {
    at: usize,
    owner: Name,
    ttl: Ttl,
    data: RecordData,
}

impl Contents {
    fn read(
        text: &str,
        options: &ReadOptions,
        on_count: &dyn Fn(usize),
    ) -> Result<Self, Vec<ProblemAt>> {
        let mut contents = Self::default();
        let mut problems = Vec::new();
        for line in Lines::new(text, options.origin.clone(), options.default_ttl) {
            match line {
                Ok(Line::Record(record)) => {
                    contents.add(record);
                    if contents.records.len().is_multiple_of(COUNT_EVERY) {
                        on_count(contents.records.len());
                    }
                }
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

    fn add(&mut self, record: LineRecord) {
        let left = MAX_WARNINGS.saturating_sub(self.doubled.len());
        self.doubled.extend(record.doubled.into_iter().take(left));
        self.records.push(FileRecord {
            at: record.at,
            owner: record.owner,
            ttl: record.ttl,
            data: record.data,
        });
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
        warnings.extend(self.doubled.iter().map(|(at, name)| Warning::MissingDot {
            position: Position::of(text, *at),
            name: name.clone(),
        }));
        warnings
    }
}

/// Puts the records together into sets, and hands these out in canonical order. The lowest TTL of a set is
/// taken.
fn for_each_set(
    mut records: Vec<FileRecord>,
    text: &str,
    warnings: &mut Vec<Warning>,
    mut take: impl FnMut(RecordSet),
) {
    // Files are mostly in order already, and the sort makes use of that.
    records.sort_by(|one, other| {
        let owners = one.owner.cmp(&other.owner);
        owners.then_with(|| one.data.rtype().cmp(&other.data.rtype()))
    });
    let mut left = MAX_WARNINGS;
    let mut records = records.into_iter().peekable();
    while let Some(first) = records.next() {
        let (owner, rtype) = (first.owner, first.data.rtype());
        let mut taken = first.ttl;
        let mut other = None;
        let mut data = vec![first.data];
        while let Some(next) =
            records.next_if(|next| next.data.rtype() == rtype && next.owner == owner)
        {
            if next.ttl != first.ttl {
                other.get_or_insert(next.at);
            }
            taken = taken.min(next.ttl);
            data.push(next.data);
        }
        if let Some(at) = other.filter(|_| left > 0) {
            left -= 1;
            warnings.push(Warning::Ttls {
                position: Position::of(text, at),
                owner: owner.clone(),
                rtype,
                taken,
            });
        }
        if let Ok(set) = RecordSet::new(owner, taken, data) {
            take(set);
        }
    }
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
