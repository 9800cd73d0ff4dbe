//! What other nodes say about their commits.

use std::io;
use std::time::Duration;

use sqlx::postgres::{PgListener, PgPoolOptions};
use tokio::sync::watch;
use tokio::time::{sleep, timeout};

use super::PgPools;

/// Where commits are told.
const CHANNEL: &str = "easement_commits";
/// How long to wait before listening is tried again.
const AGAIN: Duration = Duration::from_secs(1);
/// After how long without a word the connection is asked whether it is still there, and how long it may
/// take to say so.
const QUIET: Duration = Duration::from_secs(20);
const ANSWER: Duration = Duration::from_secs(5);
const TELL: &str = "SELECT pg_notify($1, $2)";

/// Tells the nodes that listen, when the transaction becomes durable.
pub(super) async fn tell(connection: &mut sqlx::PgConnection, news: &str) -> sqlx::Result<()> {
    sqlx::query(TELL)
        .bind(CHANNEL)
        .bind(news)
        .execute(connection)
        .await
        .map(|_| ())
}

/// Passes on what is told, until nobody wants it. After a lost connection it passes on an empty text:
/// something may have been missed.
///
/// Listening is for speed alone. Whoever follows looks from time to time in any case, so nothing here
/// is waited for and no failure matters.
pub(super) async fn listen(pools: PgPools, news: watch::Sender<String>) {
    let options = pools.common.connect_options();
    let pool = PgPoolOptions::new()
        .max_connections(1)
        .idle_timeout(None)
        .max_lifetime(None)
        .connect_lazy_with(options.as_ref().clone());
    while !news.is_closed() {
        let listening = async {
            let mut listener = PgListener::connect_with(&pool).await?;
            listener.listen(CHANNEL).await?;
            news.send_replace(String::new());
            loop {
                match timeout(QUIET, listener.try_recv()).await {
                    Ok(Ok(Some(told))) => drop(news.send_replace(told.payload().to_owned())),
                    Ok(Ok(None)) => return Ok(()),
                    Ok(Err(error)) => return Err(error),
                    // Listening once more changes nothing.
                    Err(_) => timeout(ANSWER, listener.listen(CHANNEL))
                        .await
                        .unwrap_or_else(|late| Err(io::Error::from(late).into()))?,
                }
            }
        };
        tokio::select! {
            ended = listening => {
                tracing::debug!(?ended, "the connection that listens to other nodes was lost");
                sleep(AGAIN).await;
            }
            () = news.closed() => {}
        }
    }
    pool.close().await;
}
