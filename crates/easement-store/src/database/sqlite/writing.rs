//! The one connection of a file that writes.
//!
//! It is not in a pool of sqlx, which begins and ends transactions in statements of their own and asks each
//! connection that comes back whether it is well. A statement is two switches between threads, and those are
//! most of what a small commit costs.

use std::ops::{Deref, DerefMut};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use futures_util::{Stream, StreamExt as _, stream};
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteQueryResult, SqliteRow, SqliteStatement, SqliteTypeInfo,
};
use sqlx::{
    ConnectOptions as _, Connection as _, Either, Execute, Executor, SqlStr, Sqlite,
    SqliteConnection, Transaction,
};
use tokio::runtime::Handle;
use tokio::sync::{Mutex, OwnedMappedMutexGuard, OwnedMutexGuard};

/// The connection, for whoever's turn it is: writers wait in line, not by polling the file.
#[derive(Clone, Debug)]
pub(crate) struct WriteLine(Arc<Line>);

#[derive(Debug)]
struct Line {
    options: SqliteConnectOptions,
    /// None when it is closed.
    connection: Arc<Mutex<Option<SqliteConnection>>>,
    /// Whether something was begun of which it is not known that it ended well. Whoever has the connection
    /// says so.
    is_unsure: AtomicBool,
    turns: AtomicU64,
}

impl WriteLine {
    pub(in crate::database) async fn open(options: SqliteConnectOptions) -> sqlx::Result<Self> {
        let connection = options.connect().await?;
        Ok(Self(Arc::new(Line {
            options,
            connection: Arc::new(Mutex::new(Some(connection))),
            is_unsure: AtomicBool::new(false),
            turns: AtomicU64::new(0),
        })))
    }

    /// Waits in line for the connection, which is outside any transaction.
    pub(crate) async fn take(&self) -> sqlx::Result<WriteTurn> {
        let mut connection = Arc::clone(&self.0.connection).lock_owned().await;
        let number = self.0.turns.fetch_add(1, Ordering::Relaxed);
        if self.0.is_unsure.load(Ordering::Relaxed) {
            self.0.mend(&mut connection).await?;
        }
        let connection = OwnedMutexGuard::try_map(connection, Option::as_mut)
            .map_err(|_| sqlx::Error::PoolClosed)?;
        let line = self.clone();
        Ok(WriteTurn {
            connection,
            line,
            number,
        })
    }

    /// Begins a transaction as a writer: one that became a writer later could find that another process was
    /// faster, and fail at once.
    pub(crate) async fn begin(&self) -> sqlx::Result<WriteTransaction> {
        let mut turn = self.take().await?;
        turn.begin().await?;
        Ok(WriteTransaction(turn))
    }

    /// When it was closed, the file is as SQLite leaves it, without a log.
    pub(in crate::database) async fn close(&self) {
        let connection = self.0.connection.lock().await.take();
        if let Some(connection) = connection
            && let Err(error) = connection.close().await
        {
            tracing::warn!(%error, "the database file was not closed well");
        }
    }
}

impl Line {
    /// Ends what may be open; a connection that cannot even do that is replaced.
    async fn mend(&self, connection: &mut Option<SqliteConnection>) -> sqlx::Result<()> {
        let Some(open) = connection else {
            return Ok(());
        };
        if !roll_back(open).await {
            *connection = Some(self.options.connect().await?);
        }
        self.is_unsure.store(false, Ordering::Relaxed);
        Ok(())
    }
}

/// Leaves the transaction, if there is one: SQLite ends one by itself when the disk is full or broken.
async fn roll_back(connection: &mut SqliteConnection) -> bool {
    match sqlx::query("ROLLBACK").execute(connection).await {
        Ok(_) => true,
        Err(sqlx::Error::Database(error)) => error.message().contains("no transaction is active"),
        Err(_) => false,
    }
}

//------------ WriteTurn -------------------------------------------------------------------------

/// The connection, for as long as this lives.
#[derive(Debug)]
pub(crate) struct WriteTurn {
    connection: OwnedMappedMutexGuard<Option<SqliteConnection>, SqliteConnection>,
    line: WriteLine,
    /// Turns are counted.
    number: u64,
}

pub(crate) const BEGIN: &str = "BEGIN IMMEDIATE";
pub(crate) const COMMIT: &str = "COMMIT";

impl WriteTurn {
    /// Whether a transaction may be open that nobody ends.
    fn note_unsure(&self, is_unsure: bool) {
        self.line.0.is_unsure.store(is_unsure, Ordering::Relaxed);
    }

    async fn begin(&mut self) -> sqlx::Result<()> {
        self.note_unsure(true);
        sqlx::query(BEGIN).execute(&mut **self).await?;
        Ok(())
    }

    async fn commit(&mut self) -> sqlx::Result<()> {
        sqlx::query(COMMIT).execute(&mut **self).await?;
        self.note_unsure(false);
        Ok(())
    }
}

impl Deref for WriteTurn {
    type Target = SqliteConnection;

    fn deref(&self) -> &SqliteConnection {
        &self.connection
    }
}

impl DerefMut for WriteTurn {
    fn deref_mut(&mut self) -> &mut SqliteConnection {
        &mut self.connection
    }
}

/// What was left open is ended soon, so that it does not keep other processes waiting.
impl Drop for WriteTurn {
    fn drop(&mut self) {
        if self.line.0.is_unsure.load(Ordering::Relaxed)
            && let Ok(runtime) = Handle::try_current()
        {
            let line = self.line.clone();
            runtime.spawn(async move { drop(line.take().await) });
        }
    }
}

//------------ Transactions ----------------------------------------------------------------------

/// A transaction that writes. It is rolled back when it is dropped.
#[derive(Debug)]
pub(crate) struct WriteTransaction(WriteTurn);

impl WriteTransaction {
    /// One that whoever calls this begins.
    pub(in crate::database) fn of(turn: WriteTurn) -> Self {
        Self(turn)
    }
}

/// Any transaction on a file.
#[derive(Debug)]
pub(crate) enum SqliteTx {
    /// On a connection of a pool: one that reads, or one to a file that nobody else has.
    Pooled(Transaction<'static, Sqlite>),
    /// On the connection that writes.
    Write(WriteTransaction),
}

impl SqliteTx {
    /// Which turn it is at the connection that writes.
    pub(in crate::database) fn turn(&self) -> Option<u64> {
        self.written_in().map(|turn| turn.number)
    }

    /// What is sent from here on may leave a transaction open, unless it is said that it ended.
    pub(in crate::database) fn note_begun(&self) {
        self.written_in().inspect(|turn| turn.note_unsure(true));
    }

    /// The transaction ended well.
    pub(in crate::database) fn note_ended(&self) {
        self.written_in().inspect(|turn| turn.note_unsure(false));
    }

    fn written_in(&self) -> Option<&WriteTurn> {
        match self {
            Self::Write(WriteTransaction(turn)) => Some(turn),
            Self::Pooled(_) => None,
        }
    }

    pub(crate) async fn commit(self) -> sqlx::Result<()> {
        match self {
            Self::Pooled(tx) => tx.commit().await,
            Self::Write(WriteTransaction(mut turn)) => turn.commit().await,
        }
    }
}

impl Deref for SqliteTx {
    type Target = SqliteConnection;

    fn deref(&self) -> &SqliteConnection {
        match self {
            Self::Pooled(tx) => tx,
            Self::Write(WriteTransaction(turn)) => turn,
        }
    }
}

impl DerefMut for SqliteTx {
    fn deref_mut(&mut self) -> &mut SqliteConnection {
        match self {
            Self::Pooled(tx) => tx,
            Self::Write(WriteTransaction(turn)) => turn,
        }
    }
}

//------------ Single statements -----------------------------------------------------------------

type Answer<'e, T> = Pin<Box<dyn Future<Output = sqlx::Result<T>> + Send + 'e>>;
type Answers<'e, T> = Pin<Box<dyn Stream<Item = sqlx::Result<T>> + Send + 'e>>;

/// For single statements that write, each in a turn of its own.
impl<'l> Executor<'l> for &'l WriteLine {
    type Database = Sqlite;

    fn fetch_many<'e, 'q: 'e, E>(
        self,
        query: E,
    ) -> Answers<'e, Either<SqliteQueryResult, SqliteRow>>
    where
        'l: 'e,
        E: 'q + Execute<'q, Sqlite>,
    {
        let answers = async move {
            let mut turn = match self.take().await {
                Ok(turn) => turn,
                Err(error) => return vec![Err(error)],
            };
            turn.note_unsure(true);
            let answers: Vec<_> = turn.fetch_many(query).collect().await;
            if answers.iter().all(Result::is_ok) {
                turn.note_unsure(false);
            }
            answers
        };
        Box::pin(stream::once(answers).flat_map(stream::iter))
    }

    fn fetch_optional<'e, 'q: 'e, E>(self, query: E) -> Answer<'e, Option<SqliteRow>>
    where
        'l: 'e,
        E: 'q + Execute<'q, Sqlite>,
    {
        Box::pin(async move {
            let mut turn = self.take().await?;
            turn.note_unsure(true);
            let answer = turn.fetch_optional(query).await?;
            turn.note_unsure(false);
            Ok(answer)
        })
    }

    fn prepare_with<'e>(
        self,
        sql: SqlStr,
        parameters: &'e [SqliteTypeInfo],
    ) -> Answer<'e, SqliteStatement>
    where
        'l: 'e,
    {
        Box::pin(async move { self.take().await?.prepare_with(sql, parameters).await })
    }
}
