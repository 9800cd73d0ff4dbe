//! The connection that makes one node the leader.

use std::time::Duration;

use sqlx::{Connection as _, PgConnection};
use tokio::time::timeout;

use super::{PgPools, locks};

/// A leader that says nothing for so long is none any more: the server ends its connection.
const SILENCE: (&str, &str) = ("idle_session_timeout", "10s");
/// A node that gets no answer for so long does not lead: sooner than the server finds another one.
const ANSWER: Duration = Duration::from_secs(4);

/// A node that leads, or waits to.
#[derive(Debug)]
pub(crate) struct Candidate {
    pools: PgPools,
    connection: Option<PgConnection>,
}

impl Candidate {
    pub(super) fn new(pools: PgPools) -> Self {
        Self {
            pools,
            connection: None,
        }
    }

    /// Whether this node leads now. To be asked every second or two.
    pub(crate) async fn leads(&mut self) -> bool {
        let Some(mut connection) = self.connection.take() else {
            return self.begin().await;
        };
        match timeout(ANSWER, locks::try_to_lead(&mut connection)).await {
            Ok(Ok(leads)) => {
                self.connection = Some(connection);
                leads
            }
            // The lock went with the connection.
            Ok(Err(_)) | Err(_) => self.begin().await,
        }
    }

    /// Lets another node lead.
    pub(crate) async fn resign(self) {
        if let Some(connection) = self.connection {
            // Without an answer, the server notices by itself.
            let _ = timeout(ANSWER, connection.close()).await;
        }
    }

    async fn begin(&mut self) -> bool {
        let options = self.pools.common.connect_options();
        let options = options.as_ref().clone().options([SILENCE]);
        let begun = async {
            let mut connection = PgConnection::connect_with(&options).await?;
            let leads = locks::try_to_lead(&mut connection).await?;
            self.connection = Some(connection);
            Ok::<bool, sqlx::Error>(leads)
        };
        match timeout(ANSWER, begun).await {
            Ok(Ok(leads)) => leads,
            // The follower says that the database is away.
            Ok(Err(_)) | Err(_) => false,
        }
    }
}
