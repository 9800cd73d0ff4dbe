//! How many questions to DNS an SPF record causes, with everything that it leads to (RFC 7208 section
//! 4.6.4).

use std::collections::VecDeque;

use easement_zone::Name;
use serde::{Deserialize, Serialize};

use super::MAX_LOOKUPS;
use super::merge::is_spf;

/// How many records are followed. A record that needs more is far beyond what mail servers follow, and a
/// circle has no end.
const MAX_FOLLOWED: usize = 30;

/// Counts the look-ups of an SPF record. It asks nothing itself: whoever uses it answers one question
/// after the other.
///
/// ```
/// use domain_connect::{SpfCount, SpfLookups};
///
/// let mut lookups = SpfLookups::of("v=spf1 mx include:spf.p.example -all");
/// while let Some(name) = lookups.question() {
///     // Here DNS would be asked for the TXT records of the name.
///     assert_eq!(name.to_text(), "spf.p.example");
///     lookups.answer(&["v=spf1 a:one.p.example a:two.p.example -all".to_owned()]);
/// }
/// let count: SpfCount = lookups.count();
/// assert_eq!(count.lookups, 4);
/// assert!(!count.is_too_many());
/// ```
#[derive(Clone, Debug)]
pub struct SpfLookups {
    lookups: usize,
    followed: usize,
    missing: usize,
    waiting: VecDeque<Name>,
}

/// What an SPF record costs.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct SpfCount {
    /// How many terms ask DNS a question.
    pub lookups: usize,
    /// How many records that it includes are not there, or are no SPF records.
    pub missing: usize,
    /// Whether everything was followed; otherwise there are more.
    pub is_complete: bool,
}

impl SpfCount {
    /// Whether mail servers give up: then the record is as good as broken.
    pub fn is_too_many(&self) -> bool {
        self.lookups > MAX_LOOKUPS
    }
}

impl SpfLookups {
    /// Begins with the text of a record.
    pub fn of(record: &str) -> Self {
        let mut lookups = Self {
            lookups: 0,
            followed: 0,
            missing: 0,
            waiting: VecDeque::new(),
        };
        lookups.add(record);
        lookups
    }

    /// Whose `TXT` records are needed next; nothing when all is known, or there is too much.
    pub fn question(&self) -> Option<&Name> {
        self.waiting
            .front()
            .filter(|_| self.followed < MAX_FOLLOWED)
    }

    /// Gives the `TXT` records of the name that was asked for, each joined.
    pub fn answer(&mut self, texts: &[String]) {
        if self.question().is_none() || self.waiting.pop_front().is_none() {
            return;
        }
        self.followed += 1;
        let mut records = texts.iter().filter(|text| is_spf(text.as_bytes()));
        match (records.next(), records.next()) {
            (Some(record), None) => self.add(record),
            // Several are as broken as none.
            (None | Some(_), _) => self.missing += 1,
        }
    }

    /// What was counted so far.
    pub fn count(&self) -> SpfCount {
        SpfCount {
            lookups: self.lookups,
            missing: self.missing,
            is_complete: self.waiting.is_empty(),
        }
    }

    fn add(&mut self, record: &str) {
        let words: Vec<&str> = record.split(' ').skip(1).collect();
        let is_all = |word: &&str| bare(word).eq_ignore_ascii_case("all");
        let all = words.iter().position(is_all);
        // Nothing behind `all` is looked at, and no redirect beside it (RFC 7208 sections 5.1 and 6.1).
        let read = words.get(..all.unwrap_or(words.len())).unwrap_or_default();
        for question in read.iter().filter_map(|word| Question::of(word)) {
            if question.is_redirect && all.is_some() {
                continue;
            }
            self.lookups += 1;
            self.waiting.extend(question.record);
        }
    }
}

/// What a term asks DNS.
struct Question {
    is_redirect: bool,
    /// Whose SPF record is read then.
    record: Option<Name>,
}

impl Question {
    fn of(word: &str) -> Option<Self> {
        let word = bare(word);
        let end = word.find([':', '=', '/']).unwrap_or(word.len());
        let (name, value) = word.split_at_checked(end)?;
        let name = name.to_ascii_lowercase();
        let is_modifier = value.starts_with('=');
        let is_redirect = name == "redirect" && is_modifier;
        let asks = ["include", "a", "mx", "ptr", "exists"].contains(&name.as_str());
        if !is_redirect && (is_modifier || !asks) {
            return None;
        }
        // A name with macros is another one for each message.
        let target = value.get(1..).filter(|target| !target.contains('%'));
        let record = target
            .filter(|_| is_redirect || name == "include")
            .and_then(|target| target.parse().ok());
        Some(Self {
            is_redirect,
            record,
        })
    }
}

/// A term without its qualifier.
fn bare(word: &str) -> &str {
    word.strip_prefix(['+', '-', '~', '?']).unwrap_or(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(record: &str, world: &[(&str, &str)]) -> SpfCount {
        let mut lookups = SpfLookups::of(record);
        while let Some(name) = lookups.question() {
            let name = name.to_text().to_lowercase();
            let texts = world.iter().filter(|(known, _)| *known == name);
            let texts: Vec<String> = texts.map(|(_, text)| (*text).to_owned()).collect();
            lookups.answer(&texts);
        }
        lookups.count()
    }

    #[test]
    fn what_is_included_counts_too() {
        let world = [
            ("a.test", "v=spf1 include:b.test ~all"),
            ("b.test", "v=spf1 ip4:192.0.2.1 mx exists:%{i}.b.test -all"),
            ("c.test", "google-site-verification=x"),
            ("d.test", "v=spf1 a"),
            ("d.test", "v=spf1 mx"),
        ];
        for (record, lookups, missing) in [
            ("v=spf1 -all", 0, 0),
            ("v=spf1 ip4:192.0.2.0/24 a mx/24 ?ptr -all", 3, 0),
            ("v=spf1 include:a.test -all", 4, 0),
            ("v=spf1 INCLUDE:A.test redirect=b.test", 7, 0),
            (
                "v=spf1 include:c.test include:none.test include:d.test",
                3,
                3,
            ),
            ("v=spf1 include:%{d}.x.test -all", 1, 0),
            ("v=spf1 mx -all include:a.test a", 1, 0),
            ("v=spf1 redirect=b.test mx ~all", 1, 0),
            ("v=spf1 a=x mx=y include=a.test redirect:b.test -all", 0, 0),
        ] {
            let found = count(record, &world);
            assert_eq!(
                (found.lookups, found.missing),
                (lookups, missing),
                "{record}"
            );
            assert!(found.is_complete && !found.is_too_many());
        }
    }

    #[test]
    fn a_circle_ends() {
        let world = [("a.test", "v=spf1 include:a.test include:a.test ~all")];
        let found = count("v=spf1 include:a.test", &world);
        assert!(found.is_too_many() && !found.is_complete, "{found:?}");
    }
}
