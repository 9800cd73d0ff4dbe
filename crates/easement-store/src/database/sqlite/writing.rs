//! The connections of a file that write, of which one is used at a time.
//!
//! They are not in a pool of sqlx, which begins and ends transactions in statements of their own and asks each
//! connection that comes back whether it is well. A statement is two switches between threads, and those are
//! most of what a small commit costs.

use std::ops::{Deref, DerefMut};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use futures_util::{Stream, StreamExt as _, TryStreamExt as _, stream};
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteQueryResult, SqliteRow, SqliteStatement, SqliteTypeInfo,
};
use sqlx::{
    ConnectOptions as _, Connection as _, Either, Execute, Executor, SqlStr, Sqlite,
    SqliteConnection, Transaction,
};
use tokio::runtime::Handle;
use tokio::sync::{Mutex, OwnedMappedMutexGuard, OwnedMutexGuard};
use tokio::time::timeout;

use super::direct::Direct;
use super::waiting::Waiting;

/// How long a writer waits for those before it, who may wait for another process themselves.
const LINE: Duration = Duration::from_secs(30);

/// The connection, for whoever's turn it is: writers wait in line, not by polling the file.
#[derive(Clone, Debug)]
pub(crate) struct WriteLine(Arc<Line>);

#[derive(Debug)]
struct Line {
    options: SqliteConnectOptions,
    /// None when they are closed, or could not be opened again.
    connection: Arc<Mutex<Option<Open>>>,
    is_closed: AtomicBool,
    /// Whether something was begun of which it is not known that it ended well. Whoever has the connection
    /// says so.
    is_unsure: AtomicBool,
    turns: AtomicU64,
}

/// The connections.
#[derive(Debug)]
struct Open {
    /// The one for everything.
    common: SqliteConnection,
    /// The one for groups of commits, from the first of them on.
    direct: Option<Direct>,
}

impl Open {
    async fn new(options: &SqliteConnectOptions) -> sqlx::Result<Self> {
        Ok(Self {
            common: options.connect().await?,
            direct: None,
        })
    }

    async fn close(self) -> sqlx::Result<()> {
        drop(self.direct);
        // Last, so that SQLite folds its log into the file.
        self.common.close().await
    }
}

impl WriteLine {
    pub(in crate::database) async fn open(options: SqliteConnectOptions) -> sqlx::Result<Self> {
        let open = Open::new(&options).await?;
        Ok(Self(Arc::new(Line {
            options,
            connection: Arc::new(Mutex::new(Some(open))),
            is_closed: AtomicBool::new(false),
            is_unsure: AtomicBool::new(false),
            turns: AtomicU64::new(0),
        })))
    }

    /// Waits in line for the connection, which is outside any transaction.
    pub(crate) async fn take(&self) -> sqlx::Result<WriteTurn> {
        let waiting = Arc::clone(&self.0.connection).lock_owned();
        let waited = timeout(LINE, waiting).await;
        let mut connection = waited.map_err(|_| sqlx::Error::PoolTimedOut)?;
        if self.0.is_closed.load(Ordering::Relaxed) {
            return Err(sqlx::Error::PoolClosed);
        }
        let number = self.0.turns.fetch_add(1, Ordering::Relaxed);
        if connection.is_none() || self.0.is_unsure.load(Ordering::Relaxed) {
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

    /// When it was closed, the file is as SQLite leaves it, without a log. Who still waits has no turn any more.
    pub(in crate::database) async fn close(&self) {
        self.0.is_closed.store(true, Ordering::Relaxed);
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
    async fn mend(&self, connection: &mut Option<Open>) -> sqlx::Result<()> {
        let is_well = match connection {
            Some(open) => roll_back(&mut open.common).await,
            None => false,
        };
        if !is_well {
            if let Some(broken) = connection.take() {
                // It says nothing new that it cannot be closed well either.
                let _ = broken.close().await;
            }
            *connection = Some(Open::new(&self.options).await?);
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

/// Sends a text of so many statements, and looks that each came to its end: an answer of sqlx that stops early,
/// because its thread is gone, looks like one that ended well.
pub(crate) async fn carry_out<'q>(
    connection: &mut SqliteConnection,
    text: impl Execute<'q, Sqlite> + 'q,
    statements: usize,
) -> sqlx::Result<()> {
    let answers: Vec<_> = connection.fetch_many(text).try_collect().await?;
    if answers.iter().filter(|answer| answer.is_left()).count() < statements {
        return Err(sqlx::Error::WorkerCrashed);
    }
    Ok(())
}

//------------ WriteTurn -------------------------------------------------------------------------

/// The connection, for as long as this lives.
#[derive(Debug)]
pub(crate) struct WriteTurn {
    connection: OwnedMappedMutexGuard<Option<Open>, Open>,
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
        carry_out(self, sqlx::query::<Sqlite>(BEGIN), 1).await
    }

    async fn commit(&mut self) -> sqlx::Result<()> {
        carry_out(self, sqlx::query::<Sqlite>(COMMIT), 1).await?;
        self.note_unsure(false);
        Ok(())
    }

    /// Writes rows in a transaction of their own, while the thread waits for the disk.
    fn write_directly(&mut self, waiting: &Waiting) -> sqlx::Result<()> {
        let direct = self.connection.direct.take();
        let mut direct = match direct {
            Some(direct) => direct,
            None => Direct::open(self.line.0.options.get_filename())?,
        };
        // One that failed is closed, with whatever it left open.
        direct.write(waiting)?;
        self.connection.direct = Some(direct);
        Ok(())
    }
}

impl Deref for WriteTurn {
    type Target = SqliteConnection;

    fn deref(&self) -> &SqliteConnection {
        &self.connection.common
    }
}

impl DerefMut for WriteTurn {
    fn deref_mut(&mut self) -> &mut SqliteConnection {
        &mut self.connection.common
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

    /// Writes rows in a transaction of their own, in place of the one that did not begin here.
    pub(in crate::database) fn write_directly(&mut self, waiting: &Waiting) -> sqlx::Result<()> {
        match self {
            Self::Write(WriteTransaction(turn)) => turn.write_directly(waiting),
            Self::Pooled(_) => Err(sqlx::Error::BeginFailed),
        }
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

impl WriteLine {
    /// All that one statement answers. It is read to its end, which is when SQLite makes it durable: whoever
    /// stops at the first row does not hear that this failed.
    async fn answers<'q>(
        &self,
        query: impl Execute<'q, Sqlite> + 'q,
    ) -> sqlx::Result<Vec<Either<SqliteQueryResult, SqliteRow>>> {
        let mut turn = self.take().await?;
        turn.note_unsure(true);
        let answers: Vec<_> = turn.fetch_many(query).try_collect().await?;
        if !answers.iter().any(Either::is_left) {
            return Err(sqlx::Error::WorkerCrashed);
        }
        turn.note_unsure(false);
        Ok(answers)
    }
}

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
            match self.answers(query).await {
                Ok(answers) => answers.into_iter().map(Ok).collect(),
                Err(error) => vec![Err(error)],
            }
        };
        Box::pin(stream::once(answers).flat_map(stream::iter))
    }

    fn fetch_optional<'e, 'q: 'e, E>(self, query: E) -> Answer<'e, Option<SqliteRow>>
    where
        'l: 'e,
        E: 'q + Execute<'q, Sqlite>,
    {
        Box::pin(async move {
            let answers = self.answers(query).await?;
            Ok(answers.into_iter().find_map(Either::right))
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
