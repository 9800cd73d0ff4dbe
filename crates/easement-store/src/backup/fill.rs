//! Filling an empty database from a backup, within one transaction.

use std::fs::File;

use super::archive::{ArchiveReader, BackupSummary, Item, TableHead, Value};
use super::databases::{drop_tables, insert_text, set_last_id};
use super::read::TELL_EVERY;
use super::rows::insert_rows;
use super::tables::{Form, StoredColumn, StoredTable, TABLES, kept_tables, tables_of};
use super::{Progress, RestoreError};
use crate::database::{Tx, on};
use crate::error::failed_to;
use crate::migrations;

/// How many rows are put in with one statement.
const ROWS: usize = 64;

/// Makes the tables as the backup had them, fills them, and brings them up to date. When this fails, the
/// transaction must not be committed.
pub(super) async fn fill(
    tx: &mut Tx,
    mut archive: ArchiveReader<File>,
    progress: Progress<'_>,
) -> Result<BackupSummary, RestoreError> {
    let schema = check_schema(archive.header().schema)?;
    migrations::migrate_to(tx, schema).await?;
    let mut missing = kept_tables(tx).await?;
    let names: Vec<&str> = missing.iter().map(|table| table.name).collect();
    empty(tx, &names).await?;
    let mut rows = 0;
    let mut filling: Option<Filling> = None;
    loop {
        match archive.next()? {
            Item::Table(head) => {
                finish(tx, filling.take()).await?;
                let table = take_table(&mut missing, &head, schema)?;
                filling = Some(Filling::new(tx, &table, &head));
            }
            Item::Row(row) => {
                if let Some(filling) = &mut filling {
                    filling.add(tx, row).await?;
                }
                rows += 1;
                if rows % TELL_EVERY == 0 {
                    progress(rows);
                }
            }
            Item::End => break,
        }
    }
    finish(tx, filling).await?;
    if let Some(table) = missing.first() {
        let reason = format!("the table {} is missing", table.name);
        return Err(RestoreError::OtherTables { schema, reason });
    }
    progress(rows);
    migrations::migrate_to(tx, migrations::NEWEST).await?;
    Ok(archive.summary().clone())
}

/// The schema of the backup, when this program knows it.
pub(super) fn check_schema(found: i64) -> Result<i64, RestoreError> {
    let known = migrations::NEWEST;
    if found > known {
        return Err(RestoreError::NewerSchema { found, known });
    }
    if found < 1 {
        let reason = "there is no such schema".to_owned();
        return Err(RestoreError::OtherTables {
            schema: found,
            reason,
        });
    }
    Ok(found)
}

/// Removes every table of this program, those of the migrations last. Only what is in this schema is named:
/// PostgreSQL would look for it in others too.
pub(super) async fn remove_everything(tx: &mut Tx) -> Result<(), RestoreError> {
    let there = tables_of(tx).await?;
    let names: Vec<&str> = std::iter::once(migrations::TABLE)
        .chain(TABLES.map(|table| table.name))
        .filter(|name| there.iter().any(|table| table == name))
        .collect();
    Ok(drop_tables(tx, &names).await?)
}

/// Removes the rows that migrations put in: the backup has them too.
async fn empty(tx: &mut Tx, tables: &[&str]) -> Result<(), RestoreError> {
    for table in tables.iter().rev() {
        let sql = format!("DELETE FROM {table}");
        on!(&mut *tx, tx => sqlx::query(sqlx::AssertSqlSafe(sql))
            .execute(&mut **tx)
            .await
            .map(|_| ()))
        .map_err(failed_to("empty a table"))?;
    }
    Ok(())
}

/// The table that this one of the backup is for.
fn take_table(
    missing: &mut Vec<StoredTable>,
    head: &TableHead,
    schema: i64,
) -> Result<StoredTable, RestoreError> {
    let other = |reason: String| RestoreError::OtherTables { schema, reason };
    let place = missing.iter().position(|table| table.name == head.table);
    let place = place.ok_or_else(|| {
        other(format!(
            "there is no table {:?}, or it comes a second time",
            head.table
        ))
    })?;
    let table = missing.remove(place);
    let mut expected: Vec<_> = table.columns.iter().map(StoredColumn::in_archive).collect();
    let mut found = head.columns.clone();
    expected.sort_by(|one, other| one.name.cmp(&other.name));
    found.sort_by(|one, other| one.name.cmp(&other.name));
    if expected == found {
        Ok(table)
    } else {
        Err(other(format!("the table {} has other columns", table.name)))
    }
}

async fn finish(tx: &mut Tx, filling: Option<Filling>) -> Result<(), RestoreError> {
    match filling {
        Some(filling) => filling.finish(tx).await,
        None => Ok(()),
    }
}

//------------ Filling ---------------------------------------------------------------------------

/// A table that is being filled.
struct Filling {
    name: &'static str,
    insert: String,
    forms: Vec<Form>,
    last_id: Option<i64>,
    waiting: Vec<Vec<Value>>,
}

impl Filling {
    fn new(tx: &Tx, table: &StoredTable, head: &TableHead) -> Self {
        let forms = head.columns.iter().filter_map(|wanted| {
            let mut columns = table.columns.iter();
            columns.find(|column| column.name == wanted.name)
        });
        Self {
            name: table.name,
            insert: insert_text(tx, table, head),
            forms: forms.map(|column| column.form).collect(),
            last_id: head.last_id,
            waiting: Vec::with_capacity(ROWS),
        }
    }

    async fn add(&mut self, tx: &mut Tx, row: Vec<Value>) -> Result<(), RestoreError> {
        self.waiting.push(row);
        if self.waiting.len() == ROWS {
            self.write(tx).await?;
        }
        Ok(())
    }

    async fn finish(mut self, tx: &mut Tx) -> Result<(), RestoreError> {
        self.write(tx).await?;
        if let Some(id) = self.last_id {
            set_last_id(tx, self.name, id).await?;
        }
        Ok(())
    }

    async fn write(&mut self, tx: &mut Tx) -> Result<(), RestoreError> {
        let rows = std::mem::take(&mut self.waiting);
        Ok(insert_rows(tx, &self.insert, &self.forms, rows).await?)
    }
}
