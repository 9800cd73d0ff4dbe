//! Restoring: into an empty database, or in the place of what another one holds.

use std::fs::File;
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::archive::{ArchiveError, ArchiveReader, BackupSummary};
use super::databases::{begin_file, begin_filling, begin_reading};
use super::fill::{check_schema, fill, remove_everything};
use super::tables::columns_of;
use super::{Progress, RestoreError, swap, verify};
use crate::database::{Tx, lock_folder, on};
use crate::error::failed_to;
use crate::{StoreConfig, StoreError, migrations};

/// What becomes of what the database holds already.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Existing {
    /// It stays, and nothing is restored.
    Keep,
    /// It goes. The file of an SQLite database is kept under another name.
    Replace,
}

/// What was restored.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Restored {
    /// What the backup held.
    pub backup: BackupSummary,
    /// What the SQLite database that was there before is called now.
    pub kept_as: Option<PathBuf>,
}

/// Fills the database of this configuration from a backup. No server may have it meanwhile.
///
/// The backup is read to its end before anything is changed. An SQLite database is built beside the one in
/// use and renamed; a PostgreSQL database is changed in one transaction. Stopped at any moment, the database
/// is what it was, or what the backup holds.
pub async fn restore(
    config: &StoreConfig,
    backup: &Path,
    existing: Existing,
    progress: Progress<'_>,
) -> Result<Restored, RestoreError> {
    let summary = verify(open(backup)?, progress)?;
    check_schema(summary.schema)?;
    let archive = ArchiveReader::open(open(backup)?)?;
    match config {
        StoreConfig::Sqlite { path } => restore_file(path, archive, existing, progress).await,
        StoreConfig::Postgres { url } => restore_tables(url, archive, existing, progress).await,
    }
}

fn open(backup: &Path) -> Result<File, ArchiveError> {
    File::open(backup).map_err(ArchiveError::Unreadable)
}

async fn restore_file(
    path: &Path,
    archive: ArchiveReader<File>,
    existing: Existing,
    progress: Progress<'_>,
) -> Result<Restored, RestoreError> {
    let _lock = lock_folder(path)?;
    let has_data = match existing {
        Existing::Keep => {
            refuse_data_in(path).await?;
            false
        }
        // What cannot be read may be data too.
        Existing::Replace => refuse_data_in(path).await.is_err(),
    };
    let new = swap::make_new(path)?;
    let restored: Result<_, RestoreError> = async {
        let backup = fill_file(&new, archive, progress).await?;
        let kept_as = swap::put_in_place(&new, path).await?;
        Ok((backup, kept_as))
    }
    .await;
    if restored.is_err() {
        // The error that is told is the first one.
        let _ = swap::remove(&new);
    }
    let (backup, kept_as) = restored?;
    let kept_as = match kept_as {
        Some(empty) if !has_data => {
            swap::remove(&empty)?;
            None
        }
        kept_as => kept_as,
    };
    Ok(Restored { backup, kept_as })
}

async fn fill_file(
    new: &Path,
    archive: ArchiveReader<File>,
    progress: Progress<'_>,
) -> Result<BackupSummary, RestoreError> {
    let (pool, mut tx) = begin_file(new).await?;
    let backup = fill(&mut tx, archive, progress).await?;
    tx.commit().await?;
    on!(pool, pool => pool.close().await);
    Ok(backup)
}

async fn restore_tables(
    url: &str,
    archive: ArchiveReader<File>,
    existing: Existing,
    progress: Progress<'_>,
) -> Result<Restored, RestoreError> {
    let (pool, mut tx) = begin_filling(url).await?;
    if existing == Existing::Keep {
        refuse_data(&mut tx).await?;
    }
    let known = migrations::NEWEST;
    if let Some(found) = migrations::number_of(&mut tx)
        .await?
        .filter(|&found| found > known)
    {
        return Err(RestoreError::NewerDatabase { found, known });
    }
    remove_everything(&mut tx).await?;
    let backup = fill(&mut tx, archive, progress).await?;
    tx.commit().await?;
    on!(pool, pool => pool.close().await);
    Ok(Restored {
        backup,
        kept_as: None,
    })
}

//------------ What is there ---------------------------------------------------------------------

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

async fn refuse_data_in(path: &Path) -> Result<(), RestoreError> {
    if std::fs::metadata(path).is_ok_and(|file| file.len() > 0) {
        let config = StoreConfig::Sqlite {
            path: path.to_owned(),
        };
        let (pool, mut tx) = begin_reading(&config).await?;
        let refused = refuse_data(&mut tx).await;
        drop(tx);
        on!(pool, pool => pool.close().await);
        refused?;
    }
    Ok(())
}

async fn refuse_data(tx: &mut Tx) -> Result<(), RestoreError> {
    let mut found = Vec::new();
    for (table, words, sql) in DATA {
        if columns_of(tx, table).await?.is_empty() {
            continue;
        }
        let count = count(tx, sql).await?;
        if count > 0 {
            found.push(format!("{count} {words}"));
        }
    }
    if found.is_empty() {
        return Ok(());
    }
    Err(RestoreError::NotEmpty {
        found: found.join(", "),
    })
}

async fn count(tx: &mut Tx, sql: &'static str) -> Result<i64, StoreError> {
    on!(tx, tx => sqlx::query_scalar(sql).fetch_one(&mut **tx).await)
        .map_err(failed_to("count what is there"))
}
