//! The control socket: how commands reach the running server.
//!
//! It stands in the data folder, where only the server's user may use it. One request and one reply a
//! connection, and words on how far it has come in between.

use std::io;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::io::BufReader;
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::timeout;
use tracing::Instrument as _;

use super::execute::{AdminContext, execute};
use super::progress::{News, Progress, Reporter};
use super::wire::{encode, read_next, write_line};
use super::{AdminFailure, AdminReply, AdminRequest, read_message, write_message};
use crate::aside::aside;
use crate::config::StoreSection;
use crate::http::request_id::new_request_id;

/// How many commands are served at once.
const MAX_CONNECTIONS: usize = 8;
/// How long a request may take to arrive.
const ARRIVAL: Duration = Duration::from_secs(10);
/// How long an answer may take to be taken.
const DEPARTURE: Duration = Duration::from_mins(1);

/// The name of the socket.
pub(crate) fn socket_path(store: &StoreSection) -> PathBuf {
    store.data_dir.join("control.sock")
}

/// What goes over the socket in answer.
pub(super) type Answer = Result<AdminReply, AdminFailure>;

/// One line from the server: how far it has come, any number of times, and the answer at last.
#[derive(Debug, Deserialize, Serialize)]
enum Word {
    Progress(Progress),
    Ok(Box<AdminReply>),
    Err(AdminFailure),
}

impl From<Answer> for Word {
    fn from(answer: Answer) -> Self {
        match answer {
            Ok(reply) => Self::Ok(Box::new(reply)),
            Err(failure) => Self::Err(failure),
        }
    }
}

/// A socket that takes requests.
#[derive(Debug)]
pub(crate) struct ControlSocket {
    listener: UnixListener,
    path: PathBuf,
    /// Who the server runs as: nobody else but root is listened to, whatever the modes of the socket
    /// and its folder are or were for a moment.
    owner: u32,
}

impl ControlSocket {
    /// Makes the socket. One that a server left behind when it ended badly is taken away, but not from a
    /// server that runs: several may share one PostgreSQL database, each with a data folder of its own.
    pub(crate) fn bind(path: &Path) -> io::Result<Self> {
        if std::os::unix::net::UnixStream::connect(path).is_ok() {
            let message = "another server uses this data folder: give each server one of its own";
            return Err(io::Error::new(io::ErrorKind::AddrInUse, message));
        }
        match std::fs::remove_file(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            Ok(()) | Err(_) => {}
        }
        let listener = UnixListener::bind(path)?;
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600))?;
        let owner = std::fs::symlink_metadata(path)?.uid();
        Ok(Self {
            owner,
            listener,
            path: path.to_owned(),
        })
    }

    /// Serves until told to stop; requests that have begun are finished.
    pub(crate) async fn serve(self, context: Arc<AdminContext>, mut stop: watch::Receiver<bool>) {
        let places = Arc::new(Semaphore::new(MAX_CONNECTIONS));
        let mut running = JoinSet::new();
        loop {
            let accepted = tokio::select! {
                accepted = accept(&self.listener, &places) => accepted,
                _ = stop.wait_for(|stop| *stop) => break,
            };
            let Some((stream, place)) = accepted else {
                continue;
            };
            if !stream
                .peer_cred()
                .is_ok_and(|peer| may_command(peer.uid(), self.owner))
            {
                tracing::warn!("another user tried to use the control socket");
                continue;
            }
            let context = Arc::clone(&context);
            let stop = stop.clone();
            running.spawn(async move {
                if let Err(error) = serve_one(stream, &context, stop).await {
                    tracing::warn!(%error, "a command on the control socket failed");
                }
                drop(place);
            });
            while running.try_join_next().is_some() {}
        }
        let _ = std::fs::remove_file(&self.path);
        while running.join_next().await.is_some() {}
    }
}

type Place = tokio::sync::OwnedSemaphorePermit;

async fn accept(listener: &UnixListener, places: &Arc<Semaphore>) -> Option<(UnixStream, Place)> {
    let place = Arc::clone(places).acquire_owned().await.ok()?;
    match listener.accept().await {
        Ok((stream, _)) => Some((stream, place)),
        Err(error) => {
            tracing::warn!(%error, "the control socket cannot take a connection");
            tokio::task::yield_now().await;
            None
        }
    }
}

/// Whether the user may command a server that runs as `owner`.
fn may_command(user: u32, owner: u32) -> bool {
    const ROOT: u32 = 0;
    user == owner || user == ROOT
}

/// Carries one request out, under an id by which the log knows it. One that has not arrived when the
/// server is told to stop is not waited for.
async fn serve_one(
    mut stream: UnixStream,
    context: &AdminContext,
    mut stop: watch::Receiver<bool>,
) -> io::Result<()> {
    let request: AdminRequest = tokio::select! {
        request = timeout(ARRIVAL, read_message(&mut stream)) => request??,
        _ = stop.wait_for(|stop| *stop) => return Ok(()),
    };
    let id = new_request_id(context.random.as_ref());
    let span = tracing::info_span!("command", request.id = %id);
    let reporter = Reporter::default();
    // When the command is gone nobody waits for the answer: what only looks at something ends.
    let mut running = reporter.watch(execute(request, context, &reporter).instrument(span));
    loop {
        let (word, is_last) = match running.next().await {
            News::Progress(progress) => (Word::Progress(progress), false),
            News::Done(answer) => (Word::from(answer), true),
        };
        let line = aside(move || encode(&word)).await;
        let line = line.map_err(io::Error::other)??;
        timeout(DEPARTURE, write_line(&line, &mut stream)).await??;
        if is_last {
            return Ok(());
        }
    }
}

/// Asks the server behind a socket; nothing when there is none.
pub(super) async fn ask(
    request: &AdminRequest,
    path: &Path,
    on_progress: impl Fn(&Progress),
) -> Option<io::Result<Answer>> {
    let mut stream = match UnixStream::connect(path).await {
        Ok(stream) => stream,
        Err(error) => {
            let is_nobody_there = matches!(
                error.kind(),
                io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused
            );
            return (!is_nobody_there).then_some(Err(error));
        }
    };
    let exchange = async {
        write_message(request, &mut stream).await?;
        let mut words = BufReader::new(stream);
        loop {
            match read_next(&mut words).await? {
                Word::Progress(progress) => on_progress(&progress),
                Word::Ok(reply) => return Ok(Ok(*reply)),
                Word::Err(failure) => return Ok(Err(failure)),
            }
        }
    };
    Some(exchange.await)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_socket_is_taken_over_from_the_dead_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("control.sock");
        let living = ControlSocket::bind(&path).unwrap();
        let refused = ControlSocket::bind(&path).unwrap_err();
        assert!(refused.to_string().contains("data folder"), "{refused}");
        drop(living);
        assert!(path.exists(), "it left its socket behind");
        ControlSocket::bind(&path).unwrap();
    }

    #[test]
    fn only_the_servers_user_and_root_may_command() {
        for (user, allowed) in [(1000, true), (0, true), (1001, false), (65534, false)] {
            assert_eq!(may_command(user, 1000), allowed, "{user}");
        }
    }
}
