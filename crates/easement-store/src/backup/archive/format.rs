//! What the lines of a backup hold.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use easement_core::Timestamp;
use serde::{Deserialize, Serialize, Serializer};

/// The first line.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Header {
    /// The version of the format. Its name is also how a backup is told from other files.
    pub(crate) easement_backup: u64,
    pub(crate) schema: i64,
    pub(crate) made_at: Timestamp,
    pub(crate) made_by: String,
    pub(crate) last_commit: i64,
}

/// The line before the rows of a table.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TableHead {
    pub(crate) table: String,
    pub(crate) columns: Vec<Column>,
    /// The highest id that was ever given out, so that none is given out twice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) last_id: Option<i64>,
}

#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Column {
    pub(crate) name: String,
    pub(crate) kind: Kind,
}

/// What a column holds, besides nothing. Yes and no are the numbers one and zero.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Kind {
    Number,
    Text,
    /// Written in base64.
    Octets,
}

/// The last line.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Trailer {
    pub(super) rows: u64,
    pub(super) sha256: String,
}

//------------ Value -----------------------------------------------------------------------------

/// What one column of a row holds.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Value {
    Nothing,
    Number(i64),
    Text(String),
    Octets(Vec<u8>),
}

impl Value {
    /// The value in a column of this kind; none when it does not belong there.
    pub(super) fn from_json(json: serde_json::Value, kind: Kind) -> Option<Self> {
        match (kind, json) {
            (_, serde_json::Value::Null) => Some(Self::Nothing),
            (Kind::Number, serde_json::Value::Number(number)) => number.as_i64().map(Self::Number),
            (Kind::Text, serde_json::Value::String(text)) => Some(Self::Text(text)),
            (Kind::Octets, serde_json::Value::String(text)) => {
                BASE64_STANDARD.decode(text).ok().map(Self::Octets)
            }
            (Kind::Number | Kind::Text | Kind::Octets, _) => None,
        }
    }
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Nothing => serializer.serialize_none(),
            Self::Number(number) => serializer.serialize_i64(*number),
            Self::Text(text) => serializer.serialize_str(text),
            Self::Octets(octets) => serializer.serialize_str(&BASE64_STANDARD.encode(octets)),
        }
    }
}

//------------ BackupSummary ---------------------------------------------------------------------

/// What a backup holds.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct BackupSummary {
    /// The number of the newest migration that its tables have had.
    pub schema: i64,
    /// When it was made.
    pub made_at: Timestamp,
    /// The version of the program that made it.
    pub made_by: String,
    /// The id of the newest commit in it; zero when there is none.
    pub last_commit: i64,
    /// Its tables.
    pub tables: Vec<TableCount>,
}

/// How many rows of a table a backup holds.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct TableCount {
    /// The table.
    pub table: String,
    /// The number of its rows.
    pub rows: u64,
}

impl BackupSummary {
    /// How many rows it holds in all.
    pub fn rows(&self) -> u64 {
        self.tables.iter().map(|table| table.rows).sum()
    }

    /// How many rows of this table it holds.
    pub fn rows_of(&self, table: &str) -> u64 {
        let counts = self.tables.iter();
        counts
            .filter(|count| count.table == table)
            .map(|count| count.rows)
            .sum()
    }

    pub(super) fn new(header: &Header) -> Self {
        Self {
            schema: header.schema,
            made_at: header.made_at,
            made_by: header.made_by.clone(),
            last_commit: header.last_commit,
            tables: Vec::new(),
        }
    }

    pub(super) fn begin_table(&mut self, table: &str) {
        self.tables.push(TableCount {
            table: table.to_owned(),
            rows: 0,
        });
    }

    pub(super) fn count_row(&mut self) {
        if let Some(table) = self.tables.last_mut() {
            table.rows += 1;
        }
    }
}
