//! From the lines of a zone file to records.

use std::ops::Range;

use super::Problem;
use super::edit::Words;
use crate::record::parse_seconds;
use crate::scan::{Comments, Entry, Scanner, Word};
use crate::{Name, RecordData, RecordType, Ttl};

/// Reads records one by one, and keeps what later lines take from earlier ones.
#[derive(Clone, Debug)]
pub(super) struct Lines<'a> {
    scanner: Scanner<'a>,
    origin: Option<Name>,
    /// What `$TTL` says (RFC 2308 section 4).
    default_ttl: Option<Ttl>,
    /// The TTL of the record before, for records without one when there is no `$TTL`
    /// (RFC 1035 section 5.1).
    last_ttl: Ttl,
    last_owner: Option<Name>,
    /// Offsets of TTLs that are so large that they count as zero.
    large_ttls: Vec<usize>,
}

/// What a line says.
#[derive(Clone, Debug)]
#[expect(
    clippy::large_enum_variant,
    reason = "nearly every line is a record: a box for each would cost more than the room of the others"
)]
pub(super) enum Line {
    /// A record.
    Record(LineRecord),
    /// A record that is made by signing, which is not read further.
    Signing {
        /// The offset of the line.
        at: usize,
    },
}

/// A record and where it stands.
#[derive(Clone, Debug)]
pub(super) struct LineRecord {
    pub(super) at: usize,
    pub(super) owner: Name,
    pub(super) ttl: Ttl,
    pub(super) data: RecordData,
    pub(super) words: Words,
    /// Names that end in the origin twice, as when a final dot was forgotten.
    pub(super) doubled: Vec<(usize, Name)>,
}

/// A problem and its offset.
#[derive(Clone, Debug)]
pub(super) struct ProblemAt {
    pub(super) at: usize,
    pub(super) problem: Problem,
}

impl Iterator for Lines<'_> {
    type Item = Result<Line, ProblemAt>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let entry = match self.scanner.next_entry()? {
                Ok(entry) => entry,
                Err(error) => {
                    let problem = Problem::Syntax(error.problem);
                    return Some(Err(ProblemAt {
                        at: error.at,
                        problem,
                    }));
                }
            };
            match self.read_entry(&entry) {
                Ok(Some(line)) => return Some(Ok(line)),
                Ok(None) => {}
                Err(problem) => return Some(Err(problem)),
            }
        }
    }
}

impl<'a> Lines<'a> {
    pub(super) fn new(text: &'a str, origin: Option<Name>, ttl: Ttl) -> Self {
        Self {
            scanner: Scanner::new(text, Comments::Skip),
            origin,
            default_ttl: None,
            last_ttl: ttl,
            last_owner: None,
            large_ttls: Vec::new(),
        }
    }

    pub(super) fn into_large_ttls(self) -> Vec<usize> {
        self.large_ttls
    }

    fn ttl(&mut self, word: &Word<'_>) -> Result<Ttl, ProblemAt> {
        let seconds = word.seconds()?;
        // RFC 2181 section 8: a TTL with the highest bit set counts as zero.
        Ok(Ttl::from_secs(seconds).unwrap_or_else(|_| {
            self.large_ttls.push(word.at);
            Ttl::ZERO
        }))
    }

    /// What names are below at this place.
    pub(super) fn origin(&self) -> Option<&Name> {
        self.origin.as_ref()
    }

    fn read_entry(&mut self, entry: &Entry<'_>) -> Result<Option<Line>, ProblemAt> {
        let Some((first, rest)) = entry.words.split_first() else {
            return Ok(None);
        };
        if entry.is_indented {
            let owner = self.last_owner.clone();
            let owner = owner.ok_or_else(|| first.problem(Problem::NoOwner))?;
            return self.read_record(owner, None, entry).map(Some);
        }
        if first.raw.starts_with('$') && !first.is_quoted {
            return self.read_directive(first, rest).map(|()| None);
        }
        let owner = self.read_owner(first, rest)?;
        // Kept even when the rest of the line is wrong, so that lines below it do not fail as well.
        self.last_owner = Some(owner.clone());
        self.read_record(owner, Some(first), entry).map(Some)
    }

    /// Reads the first word of a line. A file that does not say its origin may begin with the `SOA`
    /// record of the zone, whose owner is the origin then.
    fn read_owner(&mut self, word: &Word<'_>, rest: &[Word<'_>]) -> Result<Name, ProblemAt> {
        let begins_zone = || rest.iter().any(|word| word.raw.eq_ignore_ascii_case("SOA"));
        if self.origin.is_none() && word.raw.ends_with('.') && begins_zone() {
            self.origin = Some(word.name(&Name::root())?);
        }
        word.name(self.origin_for(word)?)
    }

    fn origin_for(&self, word: &Word<'_>) -> Result<&Name, ProblemAt> {
        self.origin.as_ref().ok_or_else(|| {
            let text = word.excerpt();
            word.problem(Problem::NoOrigin { text })
        })
    }

    // Directives

    fn read_directive(&mut self, word: &Word<'_>, values: &[Word<'_>]) -> Result<(), ProblemAt> {
        let refuse = |hint| {
            let text = word.raw.to_ascii_uppercase();
            Err(word.problem(Problem::RefusedDirective { text, hint }))
        };
        match word.raw.to_ascii_uppercase().as_str() {
            "$ORIGIN" => {
                let value = one_value(word, values, "$ORIGIN")?;
                let root = Name::root();
                let base = match &self.origin {
                    None if value.raw.ends_with('.') => &root,
                    None | Some(_) => self.origin_for(value)?,
                };
                self.origin = Some(value.name(base)?);
                Ok(())
            }
            "$TTL" => {
                let value = one_value(word, values, "$TTL")?;
                self.default_ttl = Some(self.ttl(value)?);
                Ok(())
            }
            "$INCLUDE" => refuse("put the records of that file in place of this line"),
            "$GENERATE" => refuse("write out the records that it stands for"),
            _ => {
                let text = word.excerpt();
                Err(word.problem(Problem::UnknownDirective { text }))
            }
        }
    }

    // Records

    fn read_record(
        &mut self,
        owner: Name,
        owner_word: Option<&Word<'_>>,
        entry: &Entry<'_>,
    ) -> Result<Line, ProblemAt> {
        let before = usize::from(owner_word.is_some());
        let words = entry.words.get(before..).unwrap_or_default();
        let Some(first) = owner_word.or_else(|| words.first()) else {
            return Err(ProblemAt {
                at: 0,
                problem: Problem::NoType,
            });
        };
        let at = first.at;
        let head = Head::read(at, words)?;
        let own_ttl = head.ttl.map(|word| self.ttl(word)).transpose()?;
        let ttl = own_ttl.or(self.default_ttl).unwrap_or(self.last_ttl);
        self.last_ttl = ttl;
        if head.rtype.is_made_by_signing() || head.rtype == RecordType::ZONEMD {
            return Ok(Line::Signing { at });
        }
        let origin = self.origin_for(first)?;
        let data =
            RecordData::from_words(head.rtype, head.data, origin).map_err(|misread| ProblemAt {
                at: misread.at.unwrap_or(head.type_at),
                problem: Problem::Data(misread.error),
            })?;
        let has_names = data.target().is_some();
        let may_be_names = if has_names { head.data } else { &[] };
        let doubled = doubled_names(may_be_names.iter().chain(owner_word), origin);
        let takes_ttl = own_ttl.is_none() && self.default_ttl.is_none();
        Ok(Line::Record(LineRecord {
            at,
            owner,
            ttl,
            data,
            words: Words {
                line: entry.span.clone(),
                owner: owner_word.map(Word::span),
                ttl: head.ttl.map(Word::span),
                takes_ttl,
                head: words.first().map_or(at, |word| word.at),
                open: left_open(&entry.parentheses, &span_of(head.data)),
                data: span_of(head.data),
                third: serial_word(head.data),
            },
            doubled,
        }))
    }
}

/// From the first of these words to the last.
fn span_of(words: &[Word<'_>]) -> Range<usize> {
    match (words.first(), words.last()) {
        (Some(first), Some(last)) => first.at..last.span().end,
        _ => 0..0,
    }
}

/// How many parentheses are opened in the span and closed behind it, less those that are closed in it and
/// opened before.
fn left_open(parentheses: &[(usize, usize)], span: &Range<usize>) -> isize {
    let sides =
        parentheses.iter().map(
            |(start, end)| match (span.contains(start), span.contains(end)) {
                (true, false) => 1,
                (false, true) => -1,
                (true, true) | (false, false) => 0,
            },
        );
    sides.sum()
}

/// Where the serial number of a `SOA` record is written, unless its data is in the form of RFC 3597.
fn serial_word(data: &[Word<'_>]) -> Option<Range<usize>> {
    match data {
        [first, _, third, ..] if !first.is_generic_mark() => Some(third.span()),
        _ => None,
    }
}

/// The names among these words that were written without a final dot though they end in the origin.
fn doubled_names<'w>(
    words: impl Iterator<Item = &'w Word<'w>>,
    origin: &Name,
) -> Vec<(usize, Name)> {
    words
        .filter(|word| !word.is_quoted && word.raw.contains('.') && !word.raw.ends_with('.'))
        .filter_map(|word| Some((word.at, Name::from_text_below(word.raw, origin).ok()?)))
        .filter(|(_, name)| ends_twice_in(name, origin))
        .collect()
}

fn ends_twice_in(name: &Name, origin: &Name) -> bool {
    !origin.is_root()
        && name
            .relative_to(origin)
            .and_then(|host| host.below(&Name::root()).ok())
            .is_some_and(|shorter| shorter.is_at_or_below(origin))
}

fn one_value<'w, 't>(
    directive: &Word<'_>,
    values: &'w [Word<'t>],
    name: &'static str,
) -> Result<&'w Word<'t>, ProblemAt> {
    match values {
        [value] => Ok(value),
        _ => Err(directive.problem(Problem::DirectiveValue { directive: name })),
    }
}

/// What stands between the owner and the data.
struct Head<'w, 't> {
    ttl: Option<&'w Word<'t>>,
    rtype: RecordType,
    type_at: usize,
    data: &'w [Word<'t>],
}

impl<'w, 't> Head<'w, 't> {
    /// Reads TTL and class, in either order and each at most once, and the type.
    fn read(at: usize, words: &'w [Word<'t>]) -> Result<Self, ProblemAt> {
        let mut ttl = None;
        let mut has_class = false;
        let mut rest = words;
        while let Some((word, after)) = rest.split_first() {
            if ttl.is_none() && word.raw.starts_with(|first: char| first.is_ascii_digit()) {
                ttl = Some(word);
            } else if !has_class && is_class(word)? {
                has_class = true;
            } else {
                let rtype = word.raw.parse();
                return Ok(Self {
                    ttl,
                    rtype: rtype.map_err(|error| word.problem(Problem::Type(error)))?,
                    type_at: word.at,
                    data: after,
                });
            }
            rest = after;
        }
        let problem = Problem::NoType;
        Err(ProblemAt { at, problem })
    }
}

/// Whether the word is the class `IN`; any other class is an error.
fn is_class(word: &Word<'_>) -> Result<bool, ProblemAt> {
    let text = word.raw.to_ascii_uppercase();
    match text.as_str() {
        "IN" | "CLASS1" => Ok(true),
        "CH" | "CS" | "HS" | "NONE" | "ANY" => Err(word.problem(Problem::Class { text })),
        _ if text.starts_with("CLASS") => {
            let text = word.excerpt();
            Err(word.problem(Problem::Class { text }))
        }
        _ => Ok(false),
    }
}

impl Word<'_> {
    fn problem(&self, problem: Problem) -> ProblemAt {
        let at = self.at;
        ProblemAt { at, problem }
    }

    fn name(&self, origin: &Name) -> Result<Name, ProblemAt> {
        Name::from_text_below(self.raw, origin).map_err(|problem| {
            let text = self.excerpt();
            self.problem(Problem::Name { text, problem })
        })
    }

    fn seconds(&self) -> Result<u32, ProblemAt> {
        parse_seconds(self.raw).ok_or_else(|| {
            let text = self.excerpt();
            self.problem(Problem::Ttl { text })
        })
    }
}
