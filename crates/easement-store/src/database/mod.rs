//! One way to speak to two databases.
//!
//! Every statement is written once, with `$1` placeholders, and compiled for both by [`on!`]. What
//! the databases do differently stands in `sqlite.rs` and `postgres.rs`, one function each.

mod group;
mod lock;
mod owner;
mod postgres;
mod silence;
mod sqlite;
mod trouble;

use std::sync::Arc;
use std::time::Duration;

use sqlx::{Postgres, SqlitePool, Transaction};
use tracing::Instrument as _;

pub(crate) use self::group::{GroupTx, append_rows};
pub(crate) use self::lock::FileLock;
pub(crate) use self::owner::{folder_of, give_to_owner_of_folder};
pub(crate) use self::postgres::{Candidate, Patient, PgPools, take_alone};
pub(crate) use self::silence::{ANSWER, ANYTHING, unless_silent};
pub(crate) use self::sqlite::{SqliteTx, WriteLine, lock_folder};
pub(crate) use self::trouble::{Trouble, Turn};
use crate::error::{failed_to, in_doubt};
use crate::{OpenError, StoreConfig, StoreError};

/// Something of one database or of the other.
#[derive(Clone, Debug)]
pub(crate) enum On<S, P> {
    Sqlite(S),
    Postgres(P),
}

/// Compiles one expression for both databases: `on!(value, name => expression)`.
macro_rules! on {
    ($value:expr, $name:ident => $body:expr) => {
        match $value {
            $crate::database::On::Sqlite($name) => $body,
            $crate::database::On::Postgres($name) => $body,
        }
    };
}
pub(crate) use on;

/// A row as it comes from either database: `row! { struct Name { column: type, ... } }`; with `Name<'r>`
/// columns may be borrowed from it.
macro_rules! row {
    ($(#[$meta:meta])* $visibility:vis struct $name:ident { $($column:ident: $kind:ty),* $(,)? }) => {
        $(#[$meta])*
        $visibility struct $name { $($visibility $column: $kind),* }
        $crate::database::row!(@from sqlx::sqlite::SqliteRow, $name { $($column),* });
        $crate::database::row!(@from sqlx::postgres::PgRow, $name { $($column),* });
    };
    (
        $(#[$meta:meta])*
        $visibility:vis struct $name:ident<$life:lifetime> { $($column:ident: $kind:ty),* $(,)? }
    ) => {
        $(#[$meta])*
        $visibility struct $name<$life> { $($visibility $column: $kind),* }
        $crate::database::row!(@from $life, sqlx::sqlite::SqliteRow, $name<$life> { $($column),* });
        $crate::database::row!(@from $life, sqlx::postgres::PgRow, $name<$life> { $($column),* });
    };
    (@from $life:lifetime, $row:ty, $name:ty { $($column:ident),* }) => {
        impl<$life> sqlx::FromRow<$life, $row> for $name {
            fn from_row(row: &$life $row) -> sqlx::Result<Self> {
                use sqlx::Row as _;
                Ok(Self { $($column: row.try_get(stringify!($column))?),* })
            }
        }
    };
    (@from $row:ty, $name:ident { $($column:ident),* }) => {
        impl<'r> sqlx::FromRow<'r, $row> for $name {
            fn from_row(row: &'r $row) -> sqlx::Result<Self> {
                use sqlx::Row as _;
                Ok(Self { $($column: row.try_get(stringify!($column))?),* })
            }
        }
    };
}
pub(crate) use row;

/// Writes rows in few statements: `insert_rows!(tx, "INSERT ...", rows, "ON CONFLICT ...", |row| [..])`
/// where the brackets hold one value a column.
macro_rules! insert_rows {
    ($tx:expr, $insert:expr, $rows:expr, $rest:expr, |$row:ident| [$($value:expr),* $(,)?]) => {
        match $tx {
            $crate::database::On::Sqlite(tx) => $crate::database::insert_rows!(
                @on sqlx::Sqlite, tx, $insert, $rows, $rest, |$row| [$($value),*]
            ),
            $crate::database::On::Postgres(tx) => $crate::database::insert_rows!(
                @on sqlx::Postgres, tx, $insert, $rows, $rest, |$row| [$($value),*]
            ),
        }
    };
    (@on $database:ty, $tx:ident, $insert:expr, $rows:expr, $rest:expr, |$row:ident| [$($value:expr),*]) => {
        async {
            for rows in $crate::database::in_powers_of_two($rows) {
                sqlx::QueryBuilder::<$database>::new($insert)
                    .push_values(rows, |mut values, $row| {
                        $(values.push_bind($value);)*
                    })
                    .push($rest)
                    .build()
                    .execute(&mut **$tx)
                    .await?;
            }
            Ok::<(), sqlx::Error>(())
        }
        .await
    };
}
pub(crate) use insert_rows;

/// The connections.
pub(crate) type Db = On<SqlitePools, PgPools>;
/// Connections for single statements.
pub(crate) type Pool<'a> = On<&'a SqlitePool, Patient<'a>>;
/// Connections for single statements that write.
pub(crate) type WritePool<'a> = On<&'a WriteLine, Patient<'a>>;
/// A transaction. It is rolled back when it is dropped, and must live in a task that is never
/// cancelled ([`detached`]).
pub(crate) type Tx = On<SqliteTx, Transaction<'static, Postgres>>;

/// SQLite has one writer at a time: writers wait for the one connection in line, not by polling the
/// file. Readers never wait.
#[derive(Clone, Debug)]
pub(crate) struct SqlitePools {
    pub(crate) read: SqlitePool,
    pub(crate) write: WriteLine,
}

impl Db {
    /// Connects. Other servers are kept away from a file for as long as the lock lives; those on a
    /// PostgreSQL database share it.
    pub(crate) async fn open(
        config: &StoreConfig,
    ) -> Result<(Self, Option<Arc<FileLock>>), OpenError> {
        match config {
            StoreConfig::Sqlite { path } => {
                let (pools, lock) = sqlite::open(path).await?;
                Ok((Self::Sqlite(pools), Some(Arc::new(lock))))
            }
            StoreConfig::Postgres { url } => {
                let pools = postgres::open(url).await?;
                Ok((Self::Postgres(pools), None))
            }
        }
    }

    /// For single statements that read.
    pub(crate) fn reading(&self) -> Pool<'_> {
        match self {
            Self::Sqlite(pools) => On::Sqlite(&pools.read),
            Self::Postgres(pools) => On::Postgres(pools.patient()),
        }
    }

    /// For single statements that write.
    pub(crate) fn writing(&self) -> WritePool<'_> {
        match self {
            Self::Sqlite(pools) => On::Sqlite(&pools.write),
            Self::Postgres(pools) => On::Postgres(pools.patient()),
        }
    }

    /// Begins a transaction that writes.
    pub(crate) async fn begin(&self) -> Result<Tx, StoreError> {
        match self {
            Self::Sqlite(pools) => pools
                .write
                .begin()
                .await
                .map(SqliteTx::Write)
                .map(On::Sqlite),
            Self::Postgres(pools) => pools.common.begin().await.map(On::Postgres),
        }
        .map_err(failed_to("begin a transaction"))
    }

    /// Begins a transaction that changes zones: nobody else changes any until it ends.
    pub(crate) async fn begin_commits(&self) -> Result<GroupTx, StoreError> {
        match self {
            Self::Sqlite(pools) => {
                let turn = pools.write.take().await;
                let turn = turn.map_err(failed_to("begin a transaction"))?;
                Ok(GroupTx::on_sqlite(turn))
            }
            Self::Postgres(pools) => pools.begin_commits().await.map(GroupTx::on_postgres),
        }
    }

    /// Does work on the connection for zones for as long as the database answers, and takes another
    /// connection when it does not.
    pub(crate) async fn unless_silent<T>(&self, work: impl Future<Output = T>) -> sqlx::Result<T> {
        match self {
            Self::Sqlite(_) => Ok(work.await),
            Self::Postgres(pools) => pools.unless_silent(work).await,
        }
    }

    /// Does a part of opening the store, for as long as the database answers.
    pub(crate) async fn unless_silent_at_start<T>(
        &self,
        limit: Duration,
        work: impl Future<Output = Result<T, OpenError>>,
    ) -> Result<T, OpenError> {
        match self {
            Self::Sqlite(_) => work.await,
            Self::Postgres(_) => unless_silent(limit, work)
                .await
                .map_err(failed_to("open the database"))?,
        }
    }

    /// What it takes to live with other nodes: nothing when there can be none, because the file is
    /// locked.
    pub(crate) fn shared(&self) -> Option<&PgPools> {
        match self {
            Self::Sqlite(_) => None,
            Self::Postgres(pools) => Some(pools),
        }
    }

    /// Begins a transaction that reads, and sees the same state of everything until it ends.
    pub(crate) async fn begin_reading(&self) -> Result<Tx, StoreError> {
        match self {
            Self::Sqlite(pools) => {
                let begun = pools.read.begin().await;
                begun.map(SqliteTx::Pooled).map(On::Sqlite)
            }
            Self::Postgres(pools) => postgres::begin_reading(&pools.common)
                .await
                .map(On::Postgres),
        }
        .map_err(failed_to("begin to read"))
    }

    /// Moves what was written from SQLite's log into its file; PostgreSQL does that on its own.
    pub(crate) async fn checkpoint(&self) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(pools) => sqlite::checkpoint(&pools.read).await,
            Self::Postgres(_) => Ok(()),
        }
    }

    pub(crate) async fn close(&self) {
        match self {
            Self::Sqlite(pools) => {
                pools.read.close().await;
                // Last, so that SQLite folds its log into the file as it closes.
                pools.write.close().await;
            }
            Self::Postgres(pools) => pools.close().await,
        }
    }
}

impl Tx {
    pub(crate) async fn commit(self) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(tx) => tx.commit().await.map_err(failed_to("commit a transaction")),
            Self::Postgres(tx) => tx.commit().await.map_err(|error| {
                if postgres::says_that_it_failed(&error) {
                    failed_to("commit a transaction")(error)
                } else {
                    in_doubt(error)
                }
            }),
        }
    }
}

/// The most rows in one statement: 64 rows of 9 values stay far below what both databases take.
const MAX_ROWS: usize = 64;

/// Cuts rows into pieces of 64, 32, 16 ... 1, so that there are few statement texts and both databases
/// find each prepared.
pub(crate) fn in_powers_of_two<T>(mut rows: &[T]) -> impl Iterator<Item = &[T]> {
    std::iter::from_fn(move || {
        let length = rows.len().checked_ilog2().map(|power| 1 << power)?;
        let (piece, rest) = rows.split_at_checked(MAX_ROWS.min(length))?;
        rows = rest;
        Some(piece)
    })
}

/// Runs work with a transaction to its end, also when the caller goes away: a future that is dropped
/// between `BEGIN` and the database's answer would leave a pooled connection inside a transaction. Its end
/// may also be that the database says nothing any more.
pub(crate) async fn detached<T, E>(
    work: impl Future<Output = Result<T, E>> + Send + 'static,
) -> Result<T, E>
where
    T: Send + 'static,
    E: From<StoreError> + Send + 'static,
{
    let work = unless_silent(ANYTHING, work).in_current_span();
    match tokio::spawn(work).await {
        Ok(Ok(outcome)) => outcome,
        Ok(Err(silent)) => Err(in_doubt(silent).into()),
        Err(error) => match error.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            Err(_) => Err(StoreError::Stopped.into()),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_cut_into_few_lengths() {
        for count in 0..200 {
            let rows: Vec<usize> = (0..count).collect();
            let pieces: Vec<&[usize]> = in_powers_of_two(&rows).collect();
            assert_eq!(pieces.concat(), rows);
            assert!(
                pieces
                    .iter()
                    .all(|piece| piece.len().is_power_of_two() && piece.len() <= 64)
            );
        }
    }
}
