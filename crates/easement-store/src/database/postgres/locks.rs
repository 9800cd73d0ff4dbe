//! The advisory locks by which the nodes of one database keep out of each other's way.
//!
//! | lock | held by | for as long as |
//! | --- | --- | --- |
//! | [`PRESENCE`], shared | every node | its connection for zones lives |
//! | [`PRESENCE`], alone | a restore | the transaction lasts |
//! | [`COMMITS`] | the node that commits | the transaction lasts |
//! | [`LEADER`] | the node that does the jobs | its connection for that lives |

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use sqlx::PgConnection;

use crate::database::silence::may_be_silent;

/// "easement" in octets. Whoever wants the database alone takes it without sharing: versions of before
/// several nodes do.
const PRESENCE: i64 = i64::from_be_bytes(*b"easement");
/// Commits are made one after the other, whichever node makes them: their ids follow that order.
const COMMITS: i64 = i64::from_be_bytes(*b"ease com");
const LEADER: i64 = i64::from_be_bytes(*b"ease job");

/// How long to wait for the connection of a server that died to be noticed.
const PRESENCE_TIMEOUT: &str = "SET lock_timeout = '5s'";
/// How long to wait for another node's commit: longer than the server lets a transaction stand still, and
/// than a large import takes.
const COMMIT_TIMEOUT: &str = "SET lock_timeout = '30s'";
/// The server says within this time that it has waited for so long.
const COMMIT_SILENCE: Duration = Duration::from_secs(32);
/// The code of a statement that waited longer than `lock_timeout`.
const LOCK_NOT_AVAILABLE: &str = "55P03";

/// What is known of the lock that says that this node is there.
#[derive(Debug, Default)]
pub(super) struct Presence {
    is_refused: AtomicBool,
}

impl Presence {
    /// Takes the lock for as long as the connection lives, unless somebody has the database alone.
    pub(super) async fn take(&self, connection: &mut PgConnection) -> sqlx::Result<()> {
        sqlx::raw_sql(PRESENCE_TIMEOUT)
            .execute(&mut *connection)
            .await?;
        let locked = sqlx::query("SELECT pg_advisory_lock_shared($1)")
            .bind(PRESENCE)
            .execute(&mut *connection)
            .await;
        let is_refused = locked.as_ref().is_err_and(is_lock_timeout);
        self.is_refused.store(is_refused, Ordering::Relaxed);
        locked?;
        sqlx::raw_sql(COMMIT_TIMEOUT).execute(connection).await?;
        Ok(())
    }

    /// Whether the last try failed because somebody has the database alone.
    pub(super) fn is_refused(&self) -> bool {
        self.is_refused.load(Ordering::Relaxed)
    }
}

/// Keeps every node away until the transaction ends; not when one is there. One that has just stopped may
/// be noticed late.
pub(crate) async fn take_alone(connection: &mut PgConnection) -> sqlx::Result<bool> {
    sqlx::raw_sql("SET LOCAL lock_timeout = '5s'")
        .execute(&mut *connection)
        .await?;
    let locked = sqlx::query("SELECT pg_advisory_xact_lock($1)")
        .bind(PRESENCE)
        .execute(&mut *connection)
        .await;
    if locked.as_ref().is_err_and(is_lock_timeout) {
        return Ok(false);
    }
    locked?;
    sqlx::raw_sql("SET LOCAL lock_timeout = 0")
        .execute(connection)
        .await?;
    Ok(true)
}

fn is_lock_timeout(error: &sqlx::Error) -> bool {
    let code = error
        .as_database_error()
        .and_then(sqlx::error::DatabaseError::code);
    code.as_deref() == Some(LOCK_NOT_AVAILABLE)
}

/// Waits until no other node commits, and keeps them waiting until the transaction ends. What this
/// transaction reads from now on, it reads as the last commit left it.
pub(super) async fn lock_commits(connection: &mut PgConnection) -> sqlx::Result<()> {
    let is_locked: bool = sqlx::query_scalar("SELECT pg_try_advisory_xact_lock($1)")
        .bind(COMMITS)
        .fetch_one(&mut *connection)
        .await?;
    if is_locked {
        return Ok(());
    }
    let locked = sqlx::query("SELECT pg_advisory_xact_lock($1)")
        .bind(COMMITS)
        .execute(connection);
    may_be_silent(COMMIT_SILENCE, locked).await.map(|_| ())
}

/// Whether this connection is the one that leads: it tries to, and asking it again is a sign of life.
pub(super) async fn try_to_lead(connection: &mut PgConnection) -> sqlx::Result<bool> {
    sqlx::query_scalar("SELECT pg_try_advisory_lock($1)")
        .bind(LEADER)
        .fetch_one(connection)
        .await
}
