//! Making a backup, and reading one without using it.

use std::io::{Read, Write};

use easement_core::Timestamp;

use super::archive::{
    ArchiveError, ArchiveReader, ArchiveWriter, BackupSummary, Header, Item, TableHead,
};
use super::databases::{begin_reading, last_id};
use super::rows::read_rows;
use super::tables::{StoredColumn, StoredTable, columns_of, kept_tables};
use super::{BackupError, Progress, archive};
use crate::database::{Tx, on};
use crate::journal::read_last_commit;
use crate::{StoreConfig, StoreError, migrations};

/// How often progress is told, in rows.
pub(super) const TELL_EVERY: u64 = 1000;

/// Writes everything that the database holds at this moment. A server may be running and committing:
/// it does not wait, and what it commits meanwhile is not in the backup.
///
/// Sessions, links that work once, and failed tries to sign in are left out. The database is not brought
/// up to date, so this also works before an upgrade.
pub async fn back_up<W: Write>(
    config: &StoreConfig,
    now: Timestamp,
    out: W,
    progress: Progress<'_>,
) -> Result<(W, BackupSummary), BackupError> {
    if let StoreConfig::Sqlite { path } = config
        && !path.exists()
    {
        return Err(BackupError::NoStore { path: path.clone() });
    }
    let (pool, mut tx) = begin_reading(config).await?;
    let written = write_all(&mut tx, now, out, progress).await;
    // It has changed nothing: whether it ends well does not matter.
    drop(tx);
    on!(pool, pool => pool.close().await);
    written
}

async fn write_all<W: Write>(
    tx: &mut Tx,
    now: Timestamp,
    out: W,
    progress: Progress<'_>,
) -> Result<(W, BackupSummary), BackupError> {
    let header = Header {
        easement_backup: archive::FORMAT,
        schema: migrations::schema_of(tx).await?.ok_or(BackupError::Empty)?,
        made_at: now,
        made_by: env!("CARGO_PKG_VERSION").to_owned(),
        last_commit: last_commit(tx).await?,
    };
    let mut writer = ArchiveWriter::begin(out, &header)?;
    let mut rows = 0;
    for table in kept_tables(tx).await? {
        write_table(tx, &table, &mut writer, &mut || {
            rows += 1;
            if rows % TELL_EVERY == 0 {
                progress(rows);
            }
        })
        .await?;
    }
    progress(rows);
    Ok(writer.finish()?)
}

/// The id of the newest commit; the first schema had no commits.
async fn last_commit(tx: &mut Tx) -> Result<i64, StoreError> {
    if columns_of(tx, "zone_commit").await?.is_empty() {
        return Ok(0);
    }
    read_last_commit(tx).await
}

async fn write_table<W: Write>(
    tx: &mut Tx,
    table: &StoredTable,
    writer: &mut ArchiveWriter<W>,
    count: &mut (dyn FnMut() + Send),
) -> Result<(), BackupError> {
    writer.begin_table(&TableHead {
        table: table.name.to_owned(),
        columns: table.columns.iter().map(StoredColumn::in_archive).collect(),
        last_id: last_id(tx, table.name).await?,
    })?;
    read_rows(tx, table, |row| {
        count();
        Ok(writer.write_row(&row)?)
    })
    .await
}

/// Reads a backup to its end, and says what it holds when it is whole.
pub fn verify(file: impl Read, progress: Progress<'_>) -> Result<BackupSummary, ArchiveError> {
    let mut archive = ArchiveReader::open(file)?;
    let mut rows = 0;
    loop {
        match archive.next()? {
            Item::Table(_) => {}
            Item::Row(_) => {
                rows += 1;
                if rows % TELL_EVERY == 0 {
                    progress(rows);
                }
            }
            Item::End => break,
        }
    }
    progress(rows);
    Ok(archive.summary().clone())
}
