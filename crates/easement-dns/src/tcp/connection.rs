//! One connection: a length and a query, a length and an answer, and so on.
//!
//! Queries may follow each other without waiting (RFC 7766 section 6.2.1.1). They are answered one
//! after the other, so one is being answered at a time, and what waits is no more than the buffer
//! holds: who does not take answers is not read from either.

use std::io::{self, ErrorKind};
use std::net::IpAddr;
use std::sync::Arc;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, BufReader, BufWriter};
use tokio::net::TcpStream;
use tokio::net::tcp::{ReadHalf, WriteHalf};
use tokio::sync::watch;
use tokio::time::timeout;

use super::seats::Seat;
use crate::answer::{Occasion, Transport, answer_to};
use crate::listen::TcpLimits;
use crate::metrics::Counts;
use crate::service::Service;

/// What a connection needs.
#[derive(Debug)]
pub(super) struct Connection {
    pub(super) client: IpAddr,
    pub(super) seat: Seat,
    pub(super) limits: TcpLimits,
    pub(super) service: Arc<Service>,
    /// Ends when the server stops.
    pub(super) stopped: watch::Receiver<()>,
}

impl Connection {
    /// Answers until the client has had enough, or is too slow, or the server stops.
    pub(super) async fn run(mut self, mut stream: TcpStream) {
        // Answers are written whole; waiting for more would only make them late.
        let _ = stream.set_nodelay(true);
        let (read, write) = stream.split();
        if let Err(error) = self
            .converse(BufReader::new(read), BufWriter::new(write))
            .await
        {
            tracing::debug!(%error, "a DNS connection broke");
        }
    }

    async fn converse(
        &mut self,
        mut read: BufReader<ReadHalf<'_>>,
        mut write: BufWriter<WriteHalf<'_>>,
    ) -> io::Result<()> {
        let mut message = Vec::new();
        let mut out = Vec::new();
        while self.receive(&mut read, &mut message).await? {
            if !self.answer(&message, &mut out) {
                // Whoever sends what is not a query on a stream will not send one later.
                break;
            }
            let length = u16::try_from(out.len()).map_err(|_| ErrorKind::InvalidData)?;
            let send = async {
                write.write_u16(length).await?;
                write.write_all(&out).await?;
                // With more queries at hand, their answers go together. Half a query is not at hand:
                // its client may be waiting for this answer.
                if !begins_with_message(read.buffer()) {
                    write.flush().await?;
                }
                io::Result::Ok(())
            };
            timeout(self.limits.message_timeout, send)
                .await
                .unwrap_or_else(|_| Err(ErrorKind::TimedOut.into()))?;
        }
        timeout(self.limits.message_timeout, write.flush())
            .await
            .unwrap_or_else(|_| Err(ErrorKind::TimedOut.into()))
    }

    /// Writes the answer to a message; false when it deserves none.
    fn answer(&self, message: &[u8], out: &mut Vec<u8>) -> bool {
        let occasion = Occasion {
            idle_timeout: self.seat.idle_timeout(),
            ..self.service.occasion(Transport::Tcp)
        };
        let outcome = answer_to(self.client, message, &self.service.zones, &occasion, out);
        let mut counts = Counts::default();
        counts.count(outcome);
        self.service.metrics.add(Transport::Tcp, &counts);
        outcome.rcode.is_some()
    }

    /// Reads the next message; false when there is none.
    async fn receive(
        &mut self,
        read: &mut BufReader<ReadHalf<'_>>,
        message: &mut Vec<u8>,
    ) -> io::Result<bool> {
        let idle_timeout = self.seat.idle_timeout();
        let length = tokio::select! {
            _ = self.stopped.changed() => return Ok(false),
            length = timeout(idle_timeout, read.read_u16()) => length,
        };
        let length = match length {
            Ok(Ok(length)) => usize::from(length),
            Ok(Err(error)) if error.kind() == ErrorKind::UnexpectedEof => return Ok(false),
            Ok(Err(error)) => return Err(error),
            Err(_) => return Ok(false),
        };
        message.clear();
        message.resize(length, 0);
        match timeout(self.limits.message_timeout, read.read_exact(message)).await {
            Ok(read) => read.map(|_| true),
            Err(_) => Err(ErrorKind::TimedOut.into()),
        }
    }
}

/// Whether a whole message with its length is there.
fn begins_with_message(buffer: &[u8]) -> bool {
    let Some((length, rest)) = buffer.split_first_chunk() else {
        return false;
    };
    rest.len() >= usize::from(u16::from_be_bytes(*length))
}
