//! What was agreed to, as the grant has it: a template may say something else by now.

use domain_connect::TxtConflict;
use easement_core::{AgreedConflict, AgreedRecord};
use easement_zone::Name;

use super::super::show::{ShownName, record_value};
use super::super::words::Words;
use super::place::{GrantedRow, InTheWay, chosen_words};

/// What was agreed to.
#[derive(Clone, Debug, Default)]
pub struct AgreedView {
    /// The records that may be written.
    pub records: Vec<GrantedRow>,
    /// What stood in the way that day, and may go.
    pub may_go: Vec<InTheWay>,
}

impl AgreedView {
    /// In the zone with this apex.
    pub fn of(
        apex: &Name,
        provider: &str,
        (records, conflicts): (&[AgreedRecord], &[AgreedConflict]),
    ) -> Self {
        Self {
            records: records
                .iter()
                .map(|record| GrantedRow {
                    name: ShownName::within(&record.owner, apex),
                    rtype: record.rtype.clone(),
                    value: value_words(record.values.as_deref(), provider),
                    takes: takes_words(&record.takes),
                })
                .collect(),
            may_go: conflicts
                .iter()
                .map(|conflict| InTheWay {
                    name: ShownName::within(&conflict.record.owner, apex),
                    rtype: conflict.record.data.rtype().to_string(),
                    value: record_value(&conflict.record.data),
                    is_own: false,
                })
                .collect(),
        }
    }
}

fn value_words(values: Option<&str>, provider: &str) -> Words {
    match values {
        None => chosen_words(Words::default(), provider),
        Some(text) if has_variable(text) => {
            let words = Words::default().name(text);
            chosen_words(words.plain(", where the parts between % are "), provider)
        }
        Some(text) => Words::default().name(text),
    }
}

/// Whether there is a variable in it that a request gives. Those of the place itself are fixed.
fn has_variable(text: &str) -> bool {
    let between = text.split('%').skip(1).step_by(2);
    between
        .map(str::to_ascii_lowercase)
        .any(|name| !["host", "domain", "fqdn"].contains(&name.as_str()))
}

/// Which other texts go for one.
pub(super) fn takes_words(takes: &TxtConflict) -> Option<String> {
    match takes {
        TxtConflict::None => None,
        TxtConflict::All => Some("takes the place of every other text at this name".to_owned()),
        TxtConflict::Prefix(prefix) => Some(format!(
            "takes the place of texts at this name that begin with {prefix}"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_place_decides_is_no_variable() {
        for (text, expected) in [
            ("mx.example", false),
            ("%fqdn%", false),
            ("a.%HOST%.example", false),
            ("%id%.example", true),
            ("a %host% %id%", true),
        ] {
            assert_eq!(has_variable(text), expected, "{text}");
        }
    }
}
