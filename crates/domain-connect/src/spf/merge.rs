//! Whole SPF records, and adding to them.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::term::TermFault;
use super::{Qualifier, Term, TermError};

/// How many questions to DNS checking one message may cause (RFC 7208 section 4.6.4).
pub(crate) const MAX_LOOKUPS: usize = 10;

/// Whether a text is an SPF record (RFC 7208 section 4.5).
///
/// ```
/// use domain_connect::is_spf;
///
/// assert!(is_spf(b"v=spf1 -all"));
/// assert!(!is_spf(b"v=spf10 -all"));
/// assert!(!is_spf(b"v=DMARC1; p=none"));
/// ```
pub fn is_spf(text: &[u8]) -> bool {
    let version = text.get(..6).unwrap_or_default();
    version.eq_ignore_ascii_case(b"v=spf1") && matches!(text.get(6), None | Some(b' '))
}

/// An SPF record whose terms can be merged with others.
///
/// ```
/// use domain_connect::{AllTerm, Qualifier, SpfRecord, SpfRecordError, Term};
///
/// let mut record = SpfRecord::parse("v=spf1 mx ip4:192.0.2.0/24 ~all")?;
/// assert_eq!(record.all, AllTerm::Present(Qualifier::SoftFail));
/// record.terms.push(Term::parse("include:mail.example")?);
/// assert_eq!(record.to_string(), "v=spf1 mx ip4:192.0.2.0/24 include:mail.example ~all");
/// assert_eq!(record.lookups(), 2);
///
/// assert_eq!(SpfRecord::new().to_string(), "v=spf1 ~all");
/// assert_eq!(SpfRecord::parse("hello"), Err(SpfRecordError::NotSpf));
/// assert!(SpfRecord::parse("v=spf1 redirect=mail.example").is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SpfRecord {
    /// The terms, without version and `all`.
    pub terms: Vec<Term>,
    /// The closing term.
    pub all: AllTerm,
}

/// The closing term of an SPF record: what is said about everybody else.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum AllTerm {
    /// There is none.
    Absent,
    /// It has this qualifier.
    Present(Qualifier),
}

impl SpfRecord {
    /// A record with nothing in it, which says softly that nobody else sends
    /// (draft-05 section 9.4 recommends `~`).
    pub fn new() -> Self {
        Self {
            terms: Vec::new(),
            all: AllTerm::Present(Qualifier::SoftFail),
        }
    }

    /// Reads the text of a record. Directives after the first `all` are never looked at (RFC 7208
    /// section 5.1), so they are left out: merged, they would begin to count.
    pub fn parse(text: &str) -> Result<Self, SpfRecordError> {
        if !is_spf(text.as_bytes()) {
            return Err(SpfRecordError::NotSpf);
        }
        let mut record = Self {
            terms: Vec::new(),
            all: AllTerm::Absent,
        };
        for word in text.split(' ').skip(1).filter(|word| !word.is_empty()) {
            match Term::parse(word) {
                Ok(term) if record.all == AllTerm::Absent || term.qualifier.is_none() => {
                    record.terms.push(term);
                }
                Ok(_) => {}
                Err(TermError {
                    fault: TermFault::All,
                    ..
                }) => {
                    if record.all == AllTerm::Absent {
                        record.all = AllTerm::Present(Qualifier::split(word).0);
                    }
                }
                Err(error) => return Err(SpfRecordError::Term(error)),
            }
        }
        Ok(record)
    }

    /// The term with the same mechanism and value.
    pub(crate) fn find(&self, term: &Term) -> Option<usize> {
        self.terms.iter().position(|known| known.is_like(term))
    }

    /// Adds a term, or makes the qualifier of the one that is there less strict.
    pub(crate) fn add(&mut self, term: &Term) -> Added {
        let Some(known) = self.find(term).and_then(|at| self.terms.get_mut(at)) else {
            self.terms.push(term.clone());
            return Added::New;
        };
        match (known.qualifier, term.qualifier) {
            (Some(before), Some(wanted)) if wanted < before => {
                known.qualifier = Some(wanted);
                Added::Softened { before }
            }
            _ => Added::Known,
        }
    }

    /// Makes sure there is one `all`, and that it is not stricter than a soft failure: softer is
    /// preferred over harder (draft-05 section 9.4). Gives what was there before, when it changes.
    pub(crate) fn soften_all(&mut self) -> Option<AllTerm> {
        let before = self.all;
        self.all = match before {
            AllTerm::Present(qualifier) => AllTerm::Present(qualifier.min(Qualifier::SoftFail)),
            AllTerm::Absent => AllTerm::Present(Qualifier::SoftFail),
        };
        (before != self.all).then_some(before)
    }

    /// How many terms of this record ask DNS a question; what those lead to is not counted.
    pub fn lookups(&self) -> usize {
        self.terms
            .iter()
            .filter(|term| term.costs_a_lookup())
            .count()
    }
}

impl Default for SpfRecord {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Display for SpfRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("v=spf1")?;
        for term in &self.terms {
            write!(f, " {term}")?;
        }
        match self.all {
            AllTerm::Present(qualifier) => write!(f, " {}all", qualifier.mark()),
            AllTerm::Absent => Ok(()),
        }
    }
}

/// What adding a term did.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Added {
    /// It is new.
    New,
    /// It was there and as permissive.
    Known,
    /// It was there and stricter.
    Softened {
        /// How strict it was.
        before: Qualifier,
    },
}

/// The rules of an `SPFM` record (draft-05 section 6.2, `spfRules`): terms only, without version and
/// `all`, checked before they are merged, and each once.
pub(crate) fn parse_rules(text: &str) -> Result<Vec<Term>, TermError> {
    let words = text.split(' ').filter(|word| !word.is_empty());
    let terms: Vec<Term> = words.map(Term::parse).collect::<Result<_, _>>()?;
    Ok(distinct(terms))
}

/// Each term once, with its least strict qualifier: what a service contributes.
pub(crate) fn distinct(terms: Vec<Term>) -> Vec<Term> {
    let mut places = BTreeMap::new();
    let mut distinct: Vec<Term> = Vec::new();
    for term in terms {
        let at = *places.entry(term.key()).or_insert(distinct.len());
        match distinct.get_mut(at) {
            Some(known) => known.qualifier = known.qualifier.min(term.qualifier),
            None => distinct.push(term),
        }
    }
    distinct
}

/// Why an SPF record cannot be merged with others.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum SpfRecordError {
    /// It is something else.
    #[error("the text is not an SPF record")]
    NotSpf,
    /// One of its terms cannot be understood or merged.
    #[error("{0}")]
    Term(#[from] TermError),
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(text: &str) -> SpfRecord {
        SpfRecord::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"))
    }

    #[test]
    fn a_record_is_written_as_it_was_read() {
        for text in [
            "v=spf1",
            "v=spf1 -all",
            "v=spf1 a mx a:mail.example.com a/24 mx:example.com/24//64 ip4:192.0.2.0/24 ip6:2001:db8::/32 include:_spf.example.com exists:%{i}._spf.example.com ?ptr ~all",
            "v=spf1 op=x a all",
        ] {
            assert_eq!(record(text).to_string(), text);
        }
    }

    #[test]
    fn words_that_only_look_alike_are_different_terms() {
        let mut merged = record("v=spf1 include:a.example.com.au ~all");
        assert_eq!(
            merged.add(&Term::parse("include:a.example.com").unwrap()),
            Added::New
        );
        assert_eq!(
            merged.add(&Term::parse("include:A.example.com").unwrap()),
            Added::Known
        );
        assert_eq!(
            merged.to_string(),
            "v=spf1 include:a.example.com.au include:a.example.com ~all"
        );
    }

    #[test]
    fn the_least_restrictive_qualifier_wins() {
        let mut merged = record("v=spf1 ~include:x.example -all");
        let softened = merged.add(&Term::parse("?include:x.example").unwrap());
        assert_eq!(
            softened,
            Added::Softened {
                before: Qualifier::SoftFail
            }
        );
        assert_eq!(
            merged.add(&Term::parse("-include:x.example").unwrap()),
            Added::Known
        );
        assert_eq!(merged.soften_all(), Some(AllTerm::Present(Qualifier::Fail)));
        assert_eq!(merged.to_string(), "v=spf1 ?include:x.example ~all");
    }

    #[test]
    fn what_cannot_be_merged_is_refused() {
        for text in [
            "v=spf1 redirect=_spf.example.com",
            "v=spf1 a exp=why.example.com -all",
            "v=spf1 foo ~all",
            "v=spf1 include: ~all",
            "v=spf1 ip4:192.0.2.300 -all",
            "v=spf1 ip4:192.0.2.0/33 -all",
            "v=spf1 a:: -all",
        ] {
            assert!(SpfRecord::parse(text).is_err(), "{text}");
        }
        assert_eq!(SpfRecord::parse("v=spf10 a"), Err(SpfRecordError::NotSpf));
    }

    #[test]
    fn rules_of_templates_have_neither_version_nor_all() {
        assert_eq!(parse_rules("include:a.example  a ").unwrap().len(), 2);
        for rules in ["v=spf1 a", "a -all", "redirect=x.example", "foo"] {
            assert!(parse_rules(rules).is_err(), "{rules}");
        }
    }
}
