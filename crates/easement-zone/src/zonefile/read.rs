//! From a zone file to a zone.

use super::line::{Line, LineRecord, Lines, ProblemAt};
use super::shade::Shade;
use super::{Position, Problem, Warning, ZoneFileError, ZoneFileErrors};
use crate::{
    ApplyError, Name, RecordData, RecordSet, RecordType, Ttl, Violation, Zone, ZoneBuilder,
};

/// The most errors that are gathered before reading stops.
const MAX_ERRORS: usize = 20;
/// The most warnings of one kind that are given.
pub(super) const MAX_WARNINGS: usize = 100;
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
    /// What is done with records that delegations hide.
    pub occluded: Occluded,
}

/// What is done with records at or below a delegation, or below a `DNAME`, that nobody is ever answered with:
/// other servers load them, so that zones which have grown for years have some.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Occluded {
    /// They are errors.
    #[default]
    Refuse,
    /// They are left out, with a warning.
    LeaveOut,
}

impl Default for ReadOptions {
    fn default() -> Self {
        Self {
            origin: None,
            default_ttl: Ttl::HOUR,
            max_octets: 256 * 1024 * 1024,
            occluded: Occluded::default(),
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

/// The text of a file, which has to be UTF-8.
pub fn decode(octets: Vec<u8>) -> Result<String, ZoneFileErrors> {
    String::from_utf8(octets).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        let octet = error.as_bytes().get(at).copied().unwrap_or_default();
        let shown = String::from_utf8_lossy(error.as_bytes());
        let problem = Problem::NotUtf8 { octet };
        errors(&shown, vec![ProblemAt { at, problem }])
    })
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
    let mut shade = Shade::new(apex.clone());
    let mut builder = ZoneBuilder::new(apex);
    let mut outside = Vec::new();
    for_each_set(contents.records, text, &mut warnings, |set, at| {
        if options.occluded == Occluded::Refuse || !shade.hides(&set, at) {
            outside.extend(builder.insert(set).err());
        }
    });
    warnings.extend(shade.into_warnings(text));
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
    /// Offsets of the first TTLs that are so large that they count as zero.
    large_ttls: Vec<usize>,
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
        let mut lines = Lines::new(text, options.origin.clone(), options.default_ttl);
        for line in &mut lines {
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
        contents.large_ttls = lines.into_large_ttls();
        contents.large_ttls.truncate(MAX_WARNINGS);
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
        warnings.extend(self.large_ttls.iter().map(|at| Warning::LargeTtl {
            position: Position::of(text, *at),
        }));
        warnings.extend(self.doubled.iter().map(|(at, name)| Warning::MissingDot {
            position: Position::of(text, *at),
            name: name.clone(),
        }));
        warnings
    }
}

/// Puts the records together into sets, and hands these out in canonical order. The lowest TTL of a set is
/// taken. Each comes with the offset of its first record.
fn for_each_set(
    mut records: Vec<FileRecord>,
    text: &str,
    warnings: &mut Vec<Warning>,
    mut take: impl FnMut(RecordSet, usize),
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
        let (at_first, mut other) = (first.at, None);
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
            take(set, at_first);
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
