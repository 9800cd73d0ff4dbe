//! The transaction of a group of commits, in as few statements as can be.

use sqlx::{Postgres, Transaction};

use super::sqlite::{BEGIN, COMMIT, SqliteTx, Waiting, WriteTransaction, WriteTurn};
use super::{On, Tx, postgres};
use crate::StoreError;
use crate::error::{failed_to, in_doubt};

/// The most rows that wait: they are in memory, and may be those of a large import.
const MAX_WAITING: usize = 2_048;

const WRITE: &str = "write to the database";

/// A transaction that changes zones. On SQLite it begins when something is asked for. When nothing was, all that it
/// writes is written at its end, by calls on the thread that it is in.
pub(crate) struct GroupTx {
    tx: Tx,
    /// What is not sent to SQLite yet.
    waiting: Waiting,
    /// Whether the transaction has begun there.
    has_begun: bool,
}

/// Where rows of a group go: to those that wait, or to the database at once.
pub(crate) type RowsInto<'g> = On<&'g mut Waiting, &'g mut Transaction<'static, Postgres>>;

impl GroupTx {
    pub(super) fn on_sqlite(turn: WriteTurn) -> Self {
        Self::new(On::Sqlite(SqliteTx::Write(WriteTransaction::of(turn))))
    }

    pub(super) fn on_postgres(tx: Transaction<'static, Postgres>) -> Self {
        Self::new(On::Postgres(tx))
    }

    fn new(tx: Tx) -> Self {
        Self {
            tx,
            waiting: Waiting::default(),
            has_begun: false,
        }
    }

    /// Which turn it is at a file: whoever had the one before knows that nothing was written since.
    pub(crate) fn turn(&self) -> Option<u64> {
        match &self.tx {
            On::Sqlite(tx) => tx.turn(),
            On::Postgres(_) => None,
        }
    }

    /// The transaction, with all that was written in it so far.
    pub(crate) async fn begun(&mut self) -> Result<&mut Tx, StoreError> {
        if let On::Sqlite(tx) = &mut self.tx {
            let begin = (!self.has_begun).then_some(BEGIN);
            self.has_begun = true;
            tx.note_begun();
            let sent = self.waiting.send(tx, [begin, None]).await;
            sent.map_err(failed_to(WRITE))?;
        }
        Ok(&mut self.tx)
    }

    /// Where so many more rows go.
    pub(crate) async fn rows_into(&mut self, count: usize) -> Result<RowsInto<'_>, StoreError> {
        if self.waiting.count().saturating_add(count) > MAX_WAITING {
            self.begun().await?;
        }
        Ok(match &mut self.tx {
            On::Sqlite(_) => On::Sqlite(&mut self.waiting),
            On::Postgres(tx) => On::Postgres(tx),
        })
    }

    /// Tells the other nodes, if there can be any, when the transaction becomes durable.
    pub(crate) async fn tell(&mut self, news: &str) -> Result<(), StoreError> {
        match &mut self.tx {
            On::Sqlite(_) => Ok(()),
            On::Postgres(tx) => postgres::tell(tx, news).await,
        }
    }

    pub(crate) async fn commit(mut self) -> Result<(), StoreError> {
        let On::Sqlite(tx) = &mut self.tx else {
            return self.tx.commit().await;
        };
        let written = if self.has_begun {
            let sent = self.waiting.send(tx, [None, Some(COMMIT)]).await;
            sent.inspect(|()| tx.note_ended())
        } else if self.waiting.count() > 0 {
            tx.write_directly(&self.waiting)
        } else {
            Ok(())
        };
        written.map_err(|error| {
            if is_in_doubt(&error) {
                in_doubt(error)
            } else {
                failed_to(WRITE)(error)
            }
        })
    }
}

/// Whether a text that ends with a commit may have become durable although it failed: it was written, and only the
/// disk did not say so; or nothing was heard at all.
fn is_in_doubt(error: &sqlx::Error) -> bool {
    /// `SQLITE_IOERR_FSYNC` and `SQLITE_IOERR_DIR_FSYNC`.
    const FSYNC: [&str; 2] = ["1034", "1290"];
    match error.as_database_error() {
        Some(error) => error.code().is_some_and(|code| FSYNC.contains(&&*code)),
        None => true,
    }
}

/// Writes rows of a group as `insert_rows!` does; on SQLite they wait.
macro_rules! append_rows {
    ($group:expr, $insert:expr, $rows:expr, |$row:ident| [$($value:expr),* $(,)?]) => {
        async {
            match $group.rows_into($rows.len()).await? {
                $crate::database::On::Sqlite(waiting) => {
                    for $row in $rows {
                        waiting.push($insert, vec![$($value.into()),*]);
                    }
                }
                $crate::database::On::Postgres(tx) => $crate::database::insert_rows!(
                    @on sqlx::Postgres, tx, $insert, $rows, "", |$row| [$($value),*]
                )
                .map_err($crate::error::failed_to("write to the journal"))?,
            }
            Ok::<(), $crate::StoreError>(())
        }
        .await
    };
}
pub(crate) use append_rows;

#[cfg(test)]
mod tests {
    use sqlx::sqlite::SqliteConnectOptions;

    use super::super::WriteLine;
    use super::*;

    /// A line to a new file with one table of numbers.
    async fn line() -> (WriteLine, tempfile::TempDir) {
        let folder = tempfile::tempdir().unwrap();
        let options = SqliteConnectOptions::new()
            .filename(folder.path().join("test.db"))
            .create_if_missing(true);
        let line = WriteLine::open(options).await.unwrap();
        sqlx::query("CREATE TABLE number (number INTEGER PRIMARY KEY)")
            .execute(&line)
            .await
            .unwrap();
        (line, folder)
    }

    async fn group(line: &WriteLine) -> GroupTx {
        GroupTx::on_sqlite(line.take().await.unwrap())
    }

    async fn append(group: &mut GroupTx, numbers: &[i64]) -> Result<(), StoreError> {
        append_rows!(group, "INSERT INTO number ", numbers, |number| [*number])
    }

    async fn count(line: &WriteLine) -> i64 {
        let count = sqlx::query_scalar("SELECT count(*) FROM number").fetch_one(line);
        count.await.unwrap()
    }

    #[tokio::test]
    async fn a_group_is_there_as_a_whole_when_it_is_committed() {
        let (line, _folder) = line().await;
        let many: Vec<i64> = (0..300).collect();
        let mut group = group(&line).await;
        append(&mut group, &many).await.unwrap();
        append(&mut group, &[300]).await.unwrap();
        group.commit().await.unwrap();
        assert_eq!(count(&line).await, 301);
    }

    #[tokio::test]
    async fn nothing_is_left_of_a_group_that_failed_or_was_given_up() {
        let (line, _folder) = line().await;
        let many: Vec<i64> = (0..300).collect();
        for numbers in [&[1, 2][..], &many] {
            let mut twice = group(&line).await;
            append(&mut twice, numbers).await.unwrap();
            append(&mut twice, &[2]).await.unwrap();
            twice.commit().await.unwrap_err();
            assert_eq!(count(&line).await, 0);

            let mut given_up = group(&line).await;
            append(&mut given_up, numbers).await.unwrap();
            given_up.begun().await.unwrap();
            drop(given_up);
            assert_eq!(count(&line).await, 0);
        }
        let mut group = group(&line).await;
        append(&mut group, &[2]).await.unwrap();
        group.commit().await.unwrap();
        assert_eq!(count(&line).await, 1);
    }

    #[tokio::test]
    async fn what_waits_is_sent_before_anything_is_asked() {
        let (line, _folder) = line().await;
        let mut group = group(&line).await;
        append(&mut group, &[1, 2]).await.unwrap();
        let On::Sqlite(tx) = group.begun().await.unwrap() else {
            panic!("SQLite");
        };
        let count: i64 = sqlx::query_scalar("SELECT count(*) FROM number")
            .fetch_one(&mut **tx)
            .await
            .unwrap();
        assert_eq!(count, 2);
    }

    /// One goes by calls, and one that asks something through sqlx: each sees what the other wrote.
    #[tokio::test]
    async fn both_ways_of_writing_take_turns() {
        let (line, _folder) = line().await;
        for number in 0..10 {
            let mut group = group(&line).await;
            if number % 2 == 1 {
                group.begun().await.unwrap();
            }
            append(&mut group, &[number]).await.unwrap();
            group.commit().await.unwrap();
            let mut again = self::group(&line).await;
            if number % 2 == 0 {
                again.begun().await.unwrap();
            }
            append(&mut again, &[number]).await.unwrap();
            again.commit().await.unwrap_err();
        }
        assert_eq!(count(&line).await, 10);
    }

    #[tokio::test]
    async fn rows_that_are_too_many_to_wait_are_sent() {
        let (line, _folder) = line().await;
        let mut group = group(&line).await;
        for start in [0, 1_500, 3_000] {
            let numbers: Vec<i64> = (start..start + 1_500).collect();
            append(&mut group, &numbers).await.unwrap();
            assert!(group.waiting.count() <= 1_500);
        }
        group.commit().await.unwrap();
        assert_eq!(count(&line).await, 4_500);
    }

    #[tokio::test]
    async fn whoever_had_the_turn_before_can_tell() {
        let (line, _folder) = line().await;
        let first = group(&line).await.turn().unwrap();
        assert_eq!(group(&line).await.turn(), Some(first + 1));
        count(&line).await;
        assert_eq!(group(&line).await.turn(), Some(first + 3));
    }

    #[tokio::test]
    async fn a_statement_that_fails_leaves_the_connection_well() {
        let (line, _folder) = line().await;
        for _ in 0..2 {
            sqlx::query("INSERT INTO nowhere VALUES (1)")
                .execute(&line)
                .await
                .unwrap_err();
            drop(line.begin().await.unwrap());
            sqlx::query("INSERT INTO number DEFAULT VALUES")
                .execute(&line)
                .await
                .unwrap();
        }
        assert_eq!(count(&line).await, 2);
        line.close().await;
        let closed = line.take().await;
        assert!(matches!(closed, Err(sqlx::Error::PoolClosed)));
    }
}
