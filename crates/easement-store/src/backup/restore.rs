//! Restoring: into an empty database, or in the place of what another one holds.

use std::fs::File;
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::archive::{ArchiveError, ArchiveReader, BackupSummary};
use super::databases::{begin_file, begin_filling, begin_reading};
use super::fill::{check_schema, fill, remove_everything};
use super::present::Present;
use super::{Progress, RestoreError, swap, verify};
use crate::database::{lock_folder, on};
use crate::{StoreConfig, migrations};

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
    let is_missed = match (existing, look_into(path).await) {
        (_, Err(strange @ RestoreError::Strange { .. })) => return Err(strange),
        (Existing::Keep, present) => {
            let present = present?;
            present.as_ref().map_or(Ok(()), Present::refuse_data)?;
            present.is_some_and(|present| present.is_missed())
        }
        (Existing::Replace, Ok(present)) => present.is_some_and(|present| present.is_missed()),
        // What cannot be read may be data too.
        (Existing::Replace, Err(_)) => true,
    };
    let new = swap::make_new(path)?;
    let restored: Result<_, RestoreError> = async {
        let backup = fill_file(&new, archive, progress).await?;
        let rows = backup.rows();
        let kept_as = swap::put_in_place(&new, path, &mut || progress(rows)).await?;
        Ok((backup, kept_as))
    }
    .await;
    if restored.is_err() {
        // The error that is told is the first one.
        let _ = swap::remove(&new);
    }
    let (backup, kept_as) = restored?;
    let kept_as = match kept_as {
        Some(empty) if !is_missed => {
            swap::remove_before(&empty)?;
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
    let present = Present::look(&mut tx).await?;
    if existing == Existing::Keep {
        present.refuse_data()?;
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

async fn look_into(path: &Path) -> Result<Option<Present>, RestoreError> {
    if !std::fs::metadata(path).is_ok_and(|file| file.len() > 0) {
        return Ok(None);
    }
    let config = StoreConfig::Sqlite {
        path: path.to_owned(),
    };
    let (pool, mut tx) = begin_reading(&config).await?;
    let present = Present::look(&mut tx).await;
    drop(tx);
    on!(pool, pool => pool.close().await);
    present.map(Some)
}
