//! What is expected, and what an answer shows of it.

use easement_outbound::dns::{Answer, Code};
use easement_zone::{Name, RecordData, RecordType};

/// The records of one name and type that are expected.
///
/// ```
/// use easement_client::{Expectation, Matching};
/// use easement_zone::{RecordData, RecordType};
///
/// let address = Expectation {
///     owner: "www.example.com".parse()?,
///     rtype: RecordType::A,
///     values: vec![RecordData::a("192.0.2.1".parse()?)],
///     matching: Matching::Exact,
/// };
/// assert_eq!(address.to_string(), "www.example.com A 192.0.2.1");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Expectation {
    /// The name.
    pub owner: Name,
    /// The type.
    pub rtype: RecordType,
    /// The values.
    pub values: Vec<RecordData>,
    /// What else may be there.
    pub matching: Matching,
}

/// What else may be there.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Matching {
    /// Nothing: without values, there must be no record.
    Exact,
    /// Anything: texts stand beside others.
    Among,
}

/// What a server has where something else is expected.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Found {
    /// What is expected.
    pub expected: Expectation,
    /// What is there.
    pub values: Vec<RecordData>,
}

impl std::fmt::Display for Expectation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.owner.to_text(), self.rtype)?;
        write_values(&self.values, f)
    }
}

impl std::fmt::Display for Found {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{} {}",
            self.expected.owner.to_text(),
            self.expected.rtype
        )?;
        write_values(&self.values, f)
    }
}

fn write_values(values: &[RecordData], f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
    if values.is_empty() {
        return f.write_str(" (none)");
    }
    for (index, value) in values.iter().enumerate() {
        let comma = if index > 0 { "," } else { "" };
        write!(f, "{comma} {value}")?;
    }
    Ok(())
}

impl Expectation {
    /// What a server shows instead; nothing when it shows what is expected.
    pub(super) fn difference(&self, answer: &Answer) -> Option<Found> {
        let values: Vec<RecordData> = answer
            .data_at(&self.owner, self.rtype)
            .into_iter()
            .cloned()
            .collect();
        let has_all = self.values.iter().all(|value| values.contains(value));
        let has_only = values.iter().all(|value| self.values.contains(value));
        let is_met = match self.matching {
            Matching::Exact => has_all && has_only,
            Matching::Among => has_all,
        };
        (!is_met).then(|| Found {
            expected: self.clone(),
            values,
        })
    }
}

/// Whether an answer comes from a server that has the zone; what it says otherwise.
pub(super) fn authority(answer: &Answer) -> Result<(), Option<String>> {
    match &answer.code {
        Code::NoError | Code::NxDomain if answer.authoritative => Ok(()),
        Code::NoError | Code::NxDomain => Err(None),
        Code::Other(code) => Err(Some(code.clone())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use easement_zone::Record;

    #[test]
    fn exact_means_nothing_else_and_among_anything() {
        let owner: Name = "example.com".parse().unwrap();
        let txt = |text: &str| RecordData::txt(text.as_bytes()).unwrap();
        let shown = |texts: &[&str]| Answer {
            code: Code::NoError,
            authoritative: true,
            recursion_available: false,
            answers: texts
                .iter()
                .map(|text| Record {
                    owner: owner.clone(),
                    data: txt(text),
                })
                .collect(),
            authority: Vec::new(),
            additional: Vec::new(),
        };
        for (expected, matching, there, is_met) in [
            (&["a"][..], Matching::Exact, &["a"][..], true),
            (&["a"], Matching::Exact, &["a", "b"], false),
            (&["a"], Matching::Among, &["a", "b"], true),
            (&["a"], Matching::Among, &["b"], false),
            (&["a", "b"], Matching::Among, &["b"], false),
            (&[], Matching::Exact, &[], true),
            (&[], Matching::Exact, &["a"], false),
        ] {
            let expectation = Expectation {
                owner: owner.clone(),
                rtype: RecordType::TXT,
                values: expected.iter().map(|text| txt(text)).collect(),
                matching,
            };
            let found = expectation.difference(&shown(there));
            assert_eq!(
                found.is_none(),
                is_met,
                "{expected:?} {matching:?} {there:?}"
            );
        }
    }
}
