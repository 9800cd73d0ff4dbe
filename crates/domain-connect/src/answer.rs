//! What a call of the asynchronous flow is answered.

use easement_zone::Name;
use serde::{Deserialize, Serialize};

use crate::plan::special_text;
use crate::{Conflict, ConflictingItem, RowType};

/// The body of an answer with status 409: what is in the way (Domain Connect 2.3, "OAuth Flow: Apply Template to
/// Domain").
///
/// ```
/// use domain_connect::{ConflictAnswer, ConflictingRecord};
///
/// let answer: ConflictAnswer = serde_json::from_str(r#"{
///     "code": "409", "message": "Conflicting records",
///     "records": [{"type": "CNAME", "host": "www", "data": "@"}]
/// }"#)?;
/// let record: &ConflictingRecord = &answer.records[0];
/// assert_eq!((record.rtype.as_str(), record.host.as_str()), ("CNAME", "www"));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct ConflictAnswer {
    /// Always `409`.
    pub code: String,
    /// A sentence for developers.
    pub message: String,
    /// What is in the way.
    #[serde(default)]
    pub records: Vec<ConflictingRecord>,
}

/// Something that is in the way.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct ConflictingRecord {
    /// Its type.
    #[serde(rename = "type")]
    pub rtype: String,
    /// The part of its name below the apex; `@` at the apex.
    pub host: String,
    /// What it says.
    pub data: String,
}

impl ConflictAnswer {
    /// The most records that are told of: a delegation may be in the way of a whole zone.
    pub const MAX_RECORDS: usize = 100;

    /// The answer about these conflicts in a zone.
    ///
    /// ```
    /// use domain_connect::ConflictAnswer;
    ///
    /// let answer = ConflictAnswer::of(&[], &"example.com".parse()?);
    /// assert_eq!((answer.code.as_str(), answer.records.len()), ("409", 0));
    /// assert!(ConflictAnswer::MAX_RECORDS >= 100);
    /// # Ok::<(), easement_zone::NameError>(())
    /// ```
    pub fn of(conflicts: &[Conflict], apex: &Name) -> Self {
        let message = match conflicts.len() {
            1 => {
                "1 record is in the way: nothing was changed; send force=1 to replace it".to_owned()
            }
            count => format!(
                "{count} records are in the way: nothing was changed; send force=1 to replace them"
            ),
        };
        let records = conflicts.iter().take(Self::MAX_RECORDS);
        Self {
            code: "409".to_owned(),
            message,
            records: records
                .map(|conflict| ConflictingRecord::of(&conflict.existing, apex))
                .collect(),
        }
    }
}

impl ConflictingRecord {
    fn of(item: &ConflictingItem, apex: &Name) -> Self {
        match item {
            ConflictingItem::Record(record) => Self {
                rtype: record.data.rtype().to_string(),
                host: host_text(&record.owner, apex),
                data: record.data.to_string(),
            },
            ConflictingItem::Special(special) => {
                let (rtype, text) = special_text(special);
                Self {
                    rtype: RowType::Special(rtype).to_string(),
                    host: host_text(&special.owner, apex),
                    data: text.data,
                }
            }
        }
    }
}

fn host_text(owner: &Name, apex: &Name) -> String {
    let host = owner.relative_to(apex);
    host.map_or_else(|| owner.to_text(), |host| host.to_string())
}
