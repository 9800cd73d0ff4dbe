//! One connection: a length and a query, a length and an answer, and so on.

use std::io::{self, ErrorKind};
use std::sync::Arc;

use easement_zone::HostedZones;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, BufReader, BufWriter};
use tokio::net::TcpStream;
use tokio::net::tcp::{ReadHalf, WriteHalf};
use tokio::sync::watch;
use tokio::time::timeout;

use crate::answer::{Transport, answer};
use crate::metrics::{Counts, Metrics};
use crate::server::TcpLimits;

/// What a connection needs.
#[derive(Debug)]
pub(super) struct Connection {
    pub(super) limits: TcpLimits,
    pub(super) zones: Arc<HostedZones>,
    pub(super) metrics: Arc<Metrics>,
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
            let rcode = answer(&message, &self.zones, Transport::Tcp, &mut out);
            let mut counts = Counts::default();
            counts.count(rcode);
            self.metrics.add(Transport::Tcp, &counts);
            if rcode.is_none() {
                // Whoever sends what is not a query on a stream will not send one later.
                return Ok(());
            }
            let length = u16::try_from(out.len()).map_err(|_| ErrorKind::InvalidData)?;
            let send = async {
                write.write_u16(length).await?;
                write.write_all(&out).await?;
                // With more queries at hand, their answers go together.
                if read.buffer().is_empty() {
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

    /// Reads the next message; false when there is none.
    async fn receive(
        &mut self,
        read: &mut BufReader<ReadHalf<'_>>,
        message: &mut Vec<u8>,
    ) -> io::Result<bool> {
        let length = tokio::select! {
            _ = self.stopped.changed() => return Ok(false),
            length = timeout(self.limits.idle_timeout, read.read_u16()) => length,
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
