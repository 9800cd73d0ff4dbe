//! The connection that makes one node the leader.

use std::io;
use std::time::Duration;

use sqlx::{Connection as _, PgConnection};
use tokio::time::timeout;

use super::{PgPools, locks};
use crate::database::{Trouble, Turn};

/// A leader that says nothing for so long is none any more: the server ends its connection.
const SILENCE: (&str, &str) = ("idle_session_timeout", "10s");
/// A node that gets no answer for so long does not lead: sooner than the server finds another one.
const ANSWER: Duration = Duration::from_secs(4);

/// A node that leads, or waits to.
#[derive(Debug)]
pub(crate) struct Candidate {
    pools: PgPools,
    connection: Option<PgConnection>,
    trouble: Trouble,
}

impl Candidate {
    pub(super) fn new(pools: PgPools) -> Self {
        Self {
            pools,
            connection: None,
            trouble: Trouble::default(),
        }
    }

    /// Whether this node leads now. To be asked every second or two.
    pub(crate) async fn leads(&mut self) -> bool {
        let outcome = self.try_to_lead().await;
        let turn = self.trouble.note(&outcome);
        match outcome {
            Err(error) => {
                if turn == Some(Turn::Begins) {
                    tracing::warn!(%error, cause = ?error, "this server cannot do the periodic jobs, because the database does not say whether another one does them: it asks again until it hears");
                }
                false
            }
            Ok(leads) => {
                if turn == Some(Turn::Ends) {
                    tracing::info!(leads, "the database says again who does the periodic jobs");
                }
                leads
            }
        }
    }

    async fn try_to_lead(&mut self) -> sqlx::Result<bool> {
        if let Some(mut connection) = self.connection.take()
            && let Ok(leads) = in_time(locks::try_to_lead(&mut connection)).await
        {
            self.connection = Some(connection);
            return Ok(leads);
        }
        // The lock went with the connection.
        let options = self.pools.common.connect_options();
        let options = options.as_ref().clone().options([SILENCE]);
        let (connection, leads) = in_time(async {
            let mut connection = PgConnection::connect_with(&options).await?;
            let leads = locks::try_to_lead(&mut connection).await?;
            Ok((connection, leads))
        })
        .await?;
        self.connection = Some(connection);
        Ok(leads)
    }

    /// Lets another node lead.
    pub(crate) async fn resign(self) {
        if let Some(connection) = self.connection {
            // Without an answer, the server notices by itself.
            let _ = timeout(ANSWER, connection.close()).await;
        }
    }
}

async fn in_time<T>(work: impl Future<Output = sqlx::Result<T>>) -> sqlx::Result<T> {
    timeout(ANSWER, work)
        .await
        .unwrap_or_else(|late| Err(io::Error::from(late).into()))
}
