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
    pub(super) fn difference(&self, answer: &Answer) -> Result<Option<Found>, NoAuthority> {
        let values = self.shown(answer)?;
        let has_all = self.values.iter().all(|value| values.contains(value));
        let has_only = values.iter().all(|value| self.values.contains(value));
        let is_met = match self.matching {
            Matching::Exact => has_all && has_only,
            Matching::Among => has_all,
        };
        Ok((!is_met).then(|| Found {
            expected: self.clone(),
            values,
        }))
    }

    /// What stands at the name, said by a server that has the zone. About a name that it gives to other servers it
    /// answers with a referral, which is not marked as authoritative and has the records elsewhere (RFC 1034 section
    /// 4.3.2, step 3b).
    fn shown(&self, answer: &Answer) -> Result<Vec<RecordData>, NoAuthority> {
        let values = match &answer.code {
            Code::Other(code) => return Err(NoAuthority::Code(code.clone())),
            Code::NoError | Code::NxDomain if answer.authoritative => {
                answer.data_at(&self.owner, self.rtype)
            }
            Code::NoError | Code::NxDomain => self.referred(answer),
        };
        if values.is_empty() && !answer.authoritative {
            return Err(NoAuthority::HasNot);
        }
        Ok(values.into_iter().cloned().collect())
    }

    fn referred<'a>(&self, answer: &'a Answer) -> Vec<&'a RecordData> {
        let is_delegated = answer.authority.iter().any(|record| {
            record.data.rtype() == RecordType::NS && self.owner.is_at_or_below(&record.owner)
        });
        if !answer.answers.is_empty() || !is_delegated {
            return Vec::new();
        }
        if self.rtype == RecordType::NS {
            answer.authority_at(&self.owner, RecordType::NS)
        } else if self.rtype.is_address() {
            let there = answer.additional.iter();
            let glue = there
                .filter(|record| record.owner == self.owner && record.data.rtype() == self.rtype);
            glue.map(|record| &record.data).collect()
        } else {
            Vec::new()
        }
    }
}

/// An answer that says nothing about the zone.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum NoAuthority {
    /// The server does not have the zone.
    HasNot,
    /// The server answers with an error.
    Code(String),
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
            let found = expectation.difference(&shown(there)).unwrap();
            assert_eq!(
                found.is_none(),
                is_met,
                "{expected:?} {matching:?} {there:?}"
            );
        }
    }
    fn record(owner: &str, data: RecordData) -> Record {
        let owner = owner.parse().unwrap();
        Record { owner, data }
    }

    #[test]
    fn a_name_that_is_given_to_other_servers_is_shown_by_a_referral() {
        let server: Name = "ns1.sub.example.com".parse().unwrap();
        let ns = RecordData::name(RecordType::NS, &server);
        let glue = RecordData::a([192, 0, 2, 53].into());
        let referral = |cut: &str| Answer {
            code: Code::NoError,
            authoritative: false,
            recursion_available: false,
            answers: Vec::new(),
            authority: vec![record(cut, ns.clone())],
            additional: vec![record("ns1.sub.example.com", glue.clone())],
        };
        let expect = |owner: &str, value: &RecordData| Expectation {
            owner: owner.parse().unwrap(),
            rtype: value.rtype(),
            values: vec![value.clone()],
            matching: Matching::Exact,
        };
        let delegated = expect("sub.example.com", &ns);
        let address = expect("ns1.sub.example.com", &glue);
        let right = referral("sub.example.com");
        assert_eq!(delegated.difference(&right), Ok(None));
        assert_eq!(address.difference(&right), Ok(None));
        let other = RecordData::a([192, 0, 2, 9].into());
        let moved = expect("ns1.sub.example.com", &other).difference(&right);
        assert_eq!(moved.unwrap().unwrap().values[0], glue);
        // Somebody who was asked by mistake names the servers of the parent.
        let upwards = referral("example.com");
        assert_eq!(delegated.difference(&upwards), Err(NoAuthority::HasNot));
        // A resolver has the record in its answer.
        let resolver = Answer {
            answers: vec![record("sub.example.com", ns.clone())],
            ..right.clone()
        };
        assert_eq!(delegated.difference(&resolver), Err(NoAuthority::HasNot));
        // Texts below a delegation are not there.
        let text = expect("ns1.sub.example.com", &RecordData::txt(b"a").unwrap());
        assert_eq!(text.difference(&right), Err(NoAuthority::HasNot));
        let failed = Answer {
            code: Code::Other("SERVFAIL".to_owned()),
            ..right
        };
        let code = NoAuthority::Code("SERVFAIL".to_owned());
        assert_eq!(delegated.difference(&failed), Err(code));
    }
}
