//! What can be wrong with a zone file, and where.

use std::fmt;

use crate::record::printable;
use crate::{DataError, Name, NameError, SyntaxError, UnknownRecordType, Violation};

/// The most characters of a line that are shown with an error.
const MAX_SHOWN: usize = 100;

/// Everything that was found wrong with a zone file; at least one error.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ZoneFileErrors {
    /// The errors, in the order of the file. When there are many, only the first of them.
    pub errors: Vec<ZoneFileError>,
}

impl fmt::Display for ZoneFileErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, error) in self.errors.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            write!(f, "{error}")?;
        }
        Ok(())
    }
}

impl std::error::Error for ZoneFileErrors {}

//------------ ZoneFileError ---------------------------------------------------------------------

/// One thing that is wrong, with the line that it is in.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ZoneFileError {
    /// Where it is.
    pub position: Position,
    /// The line, or the part of it around the place when it is long.
    pub text: String,
    /// How many characters of the text come before the place.
    caret: usize,
    /// What is wrong.
    pub problem: Problem,
}

impl ZoneFileError {
    /// An error at an offset of the text.
    pub(super) fn new(text: &str, at: usize, problem: Problem) -> Self {
        let start = text
            .get(..at)
            .and_then(|before| before.rfind('\n'))
            .map_or(0, |end| end + 1);
        let line = text.get(start..).and_then(|rest| rest.lines().next());
        let position = Position::of(text, at);
        let (text, caret) = shown(line.unwrap_or_default(), position.column - 1);
        Self {
            position,
            text,
            caret,
            problem,
        }
    }
}

/// As much of a line as is shown, with the place that so many characters come before, and how many
/// of those are shown.
fn shown(line: &str, before: usize) -> (String, usize) {
    let skipped = if before < MAX_SHOWN {
        0
    } else {
        before - MAX_SHOWN / 2
    };
    let mark = (skipped > 0).then_some('…');
    let part = line.chars().skip(skipped).take(MAX_SHOWN).map(printable);
    let text = mark.into_iter().chain(part).collect();
    (text, before - skipped + usize::from(skipped > 0))
}

impl fmt::Display for ZoneFileError {
    /// Writes the position and the problem, the line with a caret below it, and a hint.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.position, self.problem)?;
        if !self.text.trim().is_empty() {
            // A tab stays a tab, so that the caret stands below its word in every terminal.
            let before = self.text.chars().take(self.caret);
            let blanks: String = before.map(|c| if c == '\t' { c } else { ' ' }).collect();
            write!(f, "\n  {}\n  {blanks}^", self.text)?;
        }
        match self.problem.hint() {
            Some(hint) => write!(f, "\n  hint: {hint}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for ZoneFileError {}

/// A place in a text; both count from 1, columns in characters.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Position {
    /// The line.
    pub line: usize,
    /// The column.
    pub column: usize,
}

impl Position {
    pub(super) fn of(text: &str, at: usize) -> Self {
        let before = text.get(..at).unwrap_or(text);
        let (lines, last) = before.rsplit_once('\n').unwrap_or(("", before));
        let is_first = last.len() == before.len();
        Self {
            line: if is_first {
                1
            } else {
                lines.matches('\n').count() + 2
            },
            column: last.chars().count() + 1,
        }
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.line, self.column)
    }
}

//------------ Problem ---------------------------------------------------------------------------

/// What is wrong at a place of a zone file.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum Problem {
    /// The line cannot be split into words.
    #[error(transparent)]
    Syntax(SyntaxError),
    /// A name is not one.
    #[error("`{text}` is not a name: {problem}")]
    Name {
        /// What is written.
        text: String,
        /// What is wrong with it.
        problem: NameError,
    },
    /// Nothing says below which name relative names are.
    #[error("nothing says which zone this is before `{text}`")]
    NoOrigin {
        /// The first word that needs it.
        text: String,
    },
    /// A line begins with white space, and no record stands before it.
    #[error("this line repeats the owner of the record before it, and there is none")]
    NoOwner,
    /// A record has a class other than `IN`.
    #[error("class {text} is not served: only IN is")]
    Class {
        /// The class.
        text: String,
    },
    /// A word that should be a type is not.
    #[error("{0}")]
    Type(UnknownRecordType),
    /// A record ends before its type.
    #[error("the record has no type")]
    NoType,
    /// A TTL is not one.
    #[error("`{text}` is not a TTL from 0 to 2147483647 seconds (RFC 2181 section 8)")]
    Ttl {
        /// What is written.
        text: String,
    },
    /// The data of a record is wrong.
    #[error(transparent)]
    Data(DataError),
    /// A directive that is refused.
    #[error("{text} is not allowed here")]
    RefusedDirective {
        /// The directive.
        text: String,
        /// What to do instead.
        hint: &'static str,
    },
    /// A directive that nobody knows.
    #[error("`{text}` is not a directive")]
    UnknownDirective {
        /// What is written.
        text: String,
    },
    /// A directive does not have exactly one value.
    #[error("{directive} needs one value")]
    DirectiveValue {
        /// The directive.
        directive: &'static str,
    },
    /// The records break a rule of DNS.
    #[error(transparent)]
    Rule(Violation),
    /// No line has a `SOA` record.
    #[error("there is no SOA record, so this is not a zone")]
    NoSoa,
    /// The zone in the file is not the one that was asked for.
    #[error("the SOA record is that of {}, but the zone is {}", found.to_text(), expected.to_text())]
    OtherZone {
        /// The owner of the SOA record.
        found: Name,
        /// The zone that was asked for.
        expected: Name,
    },
    /// The file is in another encoding.
    #[error("the octet {octet:02x} here is not UTF-8")]
    NotUtf8 {
        /// The octet.
        octet: u8,
    },
    /// The file is too large.
    #[error("the file has {octets} octets, and at most {limit} are read")]
    TooLarge {
        /// Its size.
        octets: usize,
        /// The greatest size.
        limit: usize,
    },
}

impl Problem {
    /// What to do about it, where the message does not say so already.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::NoOrigin { .. } => Some(
                "begin the file with `$ORIGIN` and the name of the zone, or give the zone's name",
            ),
            Self::NoOwner => Some("begin the line with a name, or with `@` for the zone itself"),
            Self::Class { .. } => Some("leave the class out, or write IN"),
            Self::Type(_) | Self::NoType => Some(
                "a record is: owner, TTL, class, type, data; TTL and class may be left out, and \
                 white space in front repeats the owner of the record before",
            ),
            Self::Ttl { .. } => Some("write seconds, or units as in 1h30m"),
            Self::RefusedDirective { hint, .. } => Some(hint),
            Self::UnknownDirective { .. } => {
                Some("a name that begins with `$` is written with a backslash before it")
            }
            Self::OtherZone { .. } => Some("import it under the name that the file has"),
            Self::NotUtf8 { .. } => Some(
                "a file in Latin-1 becomes one in UTF-8 with `iconv -f latin1 -t utf-8 OLD > NEW`",
            ),
            Self::NoSoa => {
                Some("begin the zone with a SOA record: `@ SOA server mailbox 1 2h 15m 2w 5m`")
            }
            Self::Rule(Violation::OutsideZone { .. }) => {
                Some("an owner with a final dot is a full name; without it, it is below $ORIGIN")
            }
            Self::Syntax(_)
            | Self::Name { .. }
            | Self::Data(_)
            | Self::DirectiveValue { .. }
            | Self::Rule(_)
            | Self::TooLarge { .. } => None,
        }
    }
}
