//! DNS over UDP: one thread a core, each with its own socket for each address, sharing the port
//! (`SO_REUSEPORT`).
//!
//! What is particular to Linux is in `socket` and `mailbox`: sockets that share a port, and receiving
//! and sending many datagrams with one system call. A port to another system replaces those two.

mod mailbox;
mod socket;
mod worker;

use std::io::{self, PipeWriter, Write as _};
use std::net::UdpSocket;
use std::sync::Arc;
use std::thread::{Builder, JoinHandle};

pub(crate) use self::socket::{adopt, bind};
use self::worker::Worker;
use crate::server::ServeError;
use crate::service::Service;

/// The threads that answer.
#[derive(Debug)]
pub(crate) struct UdpService {
    threads: Vec<JoinHandle<()>>,
    /// A word in this pipe, or its end, stops the threads.
    stop: PipeWriter,
}

impl UdpService {
    /// Starts a thread for each socket that an address has.
    pub(crate) fn start(
        sockets: Vec<Vec<UdpSocket>>,
        service: &Arc<Service>,
    ) -> Result<Self, ServeError> {
        let (stopped, stop) = io::pipe().map_err(ServeError::Thread)?;
        let stopped = Arc::new(stopped);
        let mut threads = Vec::new();
        for (number, sockets) in transposed(sockets).into_iter().enumerate() {
            let worker = Worker {
                service: Arc::clone(service),
                stopped: Arc::clone(&stopped),
            };
            let thread = Builder::new()
                .name(format!("dns-udp-{number}"))
                .spawn(move || worker.run(sockets))
                .map_err(ServeError::Thread)?;
            threads.push(thread);
        }
        Ok(Self { threads, stop })
    }

    /// Tells the threads to stop.
    pub(crate) fn signal(&self) {
        // It cannot be full, and without readers there is nobody to tell.
        let _ = (&self.stop).write(&[0]);
    }

    /// Waits for the threads.
    pub(crate) fn join(self) {
        drop(self.stop);
        for thread in self.threads {
            if thread.join().is_err() {
                tracing::error!("a thread for DNS over UDP ended in a panic");
            }
        }
    }
}

/// From the sockets of each address to those of each thread.
fn transposed(sockets: Vec<Vec<UdpSocket>>) -> Vec<Vec<UdpSocket>> {
    let mut threads: Vec<Vec<UdpSocket>> = Vec::new();
    for sockets in sockets {
        for (number, socket) in sockets.into_iter().enumerate() {
            match threads.get_mut(number) {
                Some(own) => own.push(socket),
                None => threads.push(vec![socket]),
            }
        }
    }
    threads
}
