//! What a database holds before a restore.

use super::RestoreError;
use super::tables::{TABLES, tables_of};
use crate::StoreError;
use crate::database::{Tx, on};
use crate::error::failed_to;
use crate::migrations::{self, Origin};

/// What is there, in a database that is this program's or that of nobody.
#[derive(Debug)]
pub(super) struct Present {
    /// What people would miss, in words.
    data: Vec<String>,
    has_other_tables: bool,
}

impl Present {
    /// Looks, and refuses a database in which another program has tables of the same names.
    pub(super) async fn look(tx: &mut Tx) -> Result<Self, RestoreError> {
        let tables = tables_of(tx).await?;
        let origin = migrations::origin_of(tx).await?;
        if let Some(table) = strange_table(origin, &tables) {
            return Err(RestoreError::Strange { table });
        }
        let mut data = Vec::new();
        for (table, words, sql) in DATA {
            if !tables.iter().any(|found| found == table) {
                continue;
            }
            let count = count(tx, sql).await?;
            if count > 0 {
                data.push(format!("{count} {words}"));
            }
        }
        Ok(Self {
            data,
            has_other_tables: tables.iter().any(|table| !is_name_of_ours(table)),
        })
    }

    /// Whether anybody would miss the whole of it.
    pub(super) fn is_missed(&self) -> bool {
        self.has_other_tables || !self.data.is_empty()
    }

    pub(super) fn refuse_data(&self) -> Result<(), RestoreError> {
        if self.data.is_empty() {
            return Ok(());
        }
        Err(RestoreError::NotEmpty {
            found: self.data.join(", "),
        })
    }
}

/// What people would miss, and what it is called.
const DATA: [(&str, &str, &str); 4] = [
    ("account", "accounts", "SELECT count(*) FROM account"),
    ("zone", "zones", "SELECT count(*) FROM zone"),
    ("template", "templates", "SELECT count(*) FROM template"),
    (
        "audit_entry",
        "entries of the audit trail",
        "SELECT count(*) FROM audit_entry",
    ),
];

/// A table that has the name of one of this program and is of another program.
fn strange_table(origin: Origin, tables: &[String]) -> Option<String> {
    match origin {
        Origin::Easement => None,
        Origin::Nobody => tables
            .iter()
            .find(|table| table.as_str() != migrations::TABLE && is_name_of_ours(table))
            .cloned(),
        Origin::Other => Some(migrations::TABLE.to_owned()),
    }
}

fn is_name_of_ours(table: &str) -> bool {
    table == migrations::TABLE || TABLES.iter().any(|ours| ours.name == table)
}

async fn count(tx: &mut Tx, sql: &'static str) -> Result<i64, StoreError> {
    on!(tx, tx => sqlx::query_scalar(sql).fetch_one(&mut **tx).await)
        .map_err(failed_to("count what is there"))
}
