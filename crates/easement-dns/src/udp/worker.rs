//! One thread: waits for queries on its sockets, and answers them batch by batch.

use std::io::PipeReader;
use std::net::UdpSocket;
use std::os::fd::AsFd as _;
use std::sync::Arc;

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

use super::mailbox::Mailbox;
use crate::answer::Batch;
use crate::service::Service;

/// How many batches of one socket are answered before the others, and the signal to stop, have
/// their turn.
const BATCHES_IN_A_ROW: usize = 32;

/// What one thread needs.
#[derive(Debug)]
pub(super) struct Worker {
    pub(super) service: Arc<Service>,
    pub(super) stopped: Arc<PipeReader>,
}

impl Worker {
    /// Answers until the signal to stop.
    pub(super) fn run(self, sockets: Vec<UdpSocket>) {
        let mut batch = Batch::new();
        let mut mailboxes: Vec<Mailbox> = sockets.into_iter().map(Mailbox::new).collect();
        loop {
            match self.wait(&mailboxes) {
                Ok(Awaited::Stop) => return,
                Ok(Awaited::Queries) | Err(Errno::EINTR) => {}
                Err(errno) => {
                    tracing::error!(%errno, "DNS over UDP stops: waiting for queries failed");
                    return;
                }
            }
            for mailbox in &mut mailboxes {
                self.drain(mailbox, &mut batch);
            }
        }
    }

    fn wait(&self, mailboxes: &[Mailbox]) -> Result<Awaited, Errno> {
        let mut fds = Vec::with_capacity(mailboxes.len() + 1);
        fds.push(PollFd::new(self.stopped.as_fd(), PollFlags::POLLIN));
        fds.extend(
            mailboxes
                .iter()
                .map(|mailbox| PollFd::new(mailbox.socket().as_fd(), PollFlags::POLLIN)),
        );
        poll(&mut fds, PollTimeout::NONE)?;
        let is_stopped = fds
            .first()
            .and_then(PollFd::any)
            .is_some_and(|has_events| has_events);
        Ok(if is_stopped {
            Awaited::Stop
        } else {
            Awaited::Queries
        })
    }

    /// Answers what has arrived on one socket.
    fn drain(&self, mailbox: &mut Mailbox, batch: &mut Batch) {
        for _ in 0..BATCHES_IN_A_ROW {
            match mailbox.exchange(batch, &self.service) {
                Ok(()) => {}
                Err(Errno::EAGAIN) => return,
                // The system tells of something that went wrong with an earlier datagram.
                Err(errno) => tracing::debug!(%errno, "receiving DNS queries failed once"),
            }
        }
    }
}

enum Awaited {
    Stop,
    Queries,
}
