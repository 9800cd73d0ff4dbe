//! Stopping: in order, and in time.

use std::io;
use std::time::Duration;

use tokio::time::{Instant, sleep, timeout_at};

use super::App;

/// How long the last requests may outlive their limit, which is when their connections are closed.
const CLOSING: Duration = Duration::from_secs(1);
/// How long everything behind the web server may take to end: commands, jobs, the store, DNS.
const ENDING: Duration = Duration::from_secs(10);

/// How a stop went.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Stopped {
    /// Everything that had begun was finished, or had its time.
    InTime,
    /// Something did not end, and the process should. Nothing that was acknowledged is lost.
    CutOff(Vec<&'static str>),
}

impl App {
    /// How long a stop may take: `server.drain_seconds`, `server.shutdown_seconds` and eleven seconds.
    pub fn longest_stop(&self) -> Duration {
        let parts = [self.drain, self.shutdown_limit, CLOSING, ENDING];
        parts
            .into_iter()
            .fold(Duration::ZERO, Duration::saturating_add)
    }

    /// Stops: the server says that it is not ready, requests that have begun get a while to finish,
    /// changes that were asked for are committed, and then DNS ends.
    ///
    /// This takes at most [`App::longest_stop`], whatever is stuck.
    pub async fn shutdown(self) -> Stopped {
        let mut late = Late::default();
        self.readiness.stop();
        sleep(self.drain).await;
        for listener in &self.web {
            listener.handle.graceful_shutdown(Some(self.shutdown_limit));
        }
        let web_end = Instant::now() + self.shutdown_limit + CLOSING;
        for listener in self.web {
            late.wait("the web server", web_end, join(listener.task))
                .await;
        }
        let end = Instant::now() + ENDING;
        self.stop_tasks.send_replace(true);
        for task in self.tasks {
            late.wait("a task", end, join_task(task)).await;
        }
        late.wait("what devices did", end, self.state.host_notes.write())
            .await;
        late.wait("the store", end, self.state.store.shutdown())
            .await;
        late.wait("DNS", end, self.dns.shutdown()).await;
        for listener in &self.monitoring {
            listener.handle.shutdown();
        }
        late.finish()
    }
}

/// What did not end in time.
#[derive(Debug, Default)]
struct Late(Vec<&'static str>);

impl Late {
    async fn wait(&mut self, what: &'static str, end: Instant, ended: impl Future<Output = ()>) {
        if timeout_at(end, ended).await.is_err() {
            tracing::error!(part = what, "a part of the server did not stop in time");
            self.0.push(what);
        }
    }

    fn finish(self) -> Stopped {
        if self.0.is_empty() {
            Stopped::InTime
        } else {
            Stopped::CutOff(self.0)
        }
    }
}

async fn join(task: tokio::task::JoinHandle<io::Result<()>>) {
    log_end(task.await.map_err(io::Error::other).flatten());
}

async fn join_task(task: tokio::task::JoinHandle<()>) {
    log_end(task.await.map_err(io::Error::other));
}

fn log_end(ended: io::Result<()>) {
    if let Err(error) = ended {
        tracing::error!(%error, "a part of the server ended badly");
    }
}

#[cfg(test)]
mod tests {
    use std::future::pending;

    use super::*;

    #[tokio::test]
    async fn what_is_stuck_is_named_and_the_rest_still_ends() {
        let mut late = Late::default();
        // All share one limit, which is over already.
        let end = Instant::now();
        late.wait("one", end, pending()).await;
        late.wait("two", end, async {}).await;
        late.wait("three", end, pending()).await;
        assert_eq!(late.finish(), Stopped::CutOff(vec!["one", "three"]));
    }
}
