//! A connection that ends when nothing happens on it, or nothing that leads anywhere.
//!
//! The limit on headers that the HTTP library has does not begin before it knows which version the
//! client speaks, and does not exist for HTTP/2: a client could hold a connection with its first octet,
//! and keep one busy for ever without asking for anything.

use std::future::Future as _;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Instant, Sleep, sleep};

use super::begun::Begun;
use super::seats::Seat;
use crate::monitoring::Open;

/// What a client has to send before it has shown which version of HTTP it speaks: as many octets as
/// the preface of HTTP/2 has (RFC 9113 section 3.4).
const PREFACE_OCTETS: usize = 24;

/// How long a connection is waited for, and how much is taken meanwhile.
#[derive(Clone, Copy, Debug)]
pub(super) struct Patience {
    /// Until the client has shown which version of HTTP it speaks, and for the headers of a request of
    /// HTTP/1.
    pub(super) first: Duration,
    /// Then, while nothing comes and nothing can be sent; and until the first request, whatever comes.
    pub(super) silence: Duration,
    /// From one request to the next, whatever comes and is sent meanwhile.
    pub(super) between: Duration,
    /// How much may come until another request begins.
    pub(super) octets: usize,
}

/// What is held for as long as a connection is: a seat, unless it is a proxy's, and being counted.
type Place = (Option<Seat>, Open);

/// A connection with an end.
#[derive(Debug)]
pub(crate) struct Connection {
    stream: TcpStream,
    patience: Patience,
    progress: Progress,
    end: Pin<Box<Sleep>>,
    _place: Place,
}

impl Connection {
    pub(super) fn new(stream: TcpStream, place: Place, patience: Patience, begun: Begun) -> Self {
        // Whenever it is over, it is looked when the next end is.
        let look = patience.first.min(patience.silence).min(patience.between);
        Self {
            stream,
            patience,
            progress: Progress::new(begun),
            end: Box::pin(sleep(look)),
            _place: place,
        }
    }

    /// What to answer while nothing moves.
    fn wait<T>(&mut self, context: &mut Context<'_>) -> Poll<io::Result<T>> {
        loop {
            ready!(self.end.as_mut().poll(context));
            self.progress.look();
            let end = self.progress.end(&self.patience);
            if Instant::now() >= end {
                return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
            }
            self.end.as_mut().reset(end);
        }
    }

    fn sent(
        &mut self,
        context: &mut Context<'_>,
        sent: Poll<io::Result<usize>>,
    ) -> Poll<io::Result<usize>> {
        match sent {
            Poll::Ready(done) => {
                let patience = self.patience;
                Poll::Ready(done.and_then(|octets| {
                    self.progress.send(&patience)?;
                    Ok(octets)
                }))
            }
            Poll::Pending => self.wait(context),
        }
    }
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        match Pin::new(&mut self.stream).poll_read(context, buffer) {
            Poll::Ready(done) => {
                let octets = buffer.filled().len().saturating_sub(before);
                let patience = self.patience;
                Poll::Ready(done.and(self.progress.receive(octets, &patience)))
            }
            Poll::Pending => self.wait(context),
        }
    }
}

impl AsyncWrite for Connection {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        octets: &[u8],
    ) -> Poll<io::Result<usize>> {
        let sent = Pin::new(&mut self.stream).poll_write(context, octets);
        self.sent(context, sent)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let sent = Pin::new(&mut self.stream).poll_write_vectored(context, slices);
        self.sent(context, sent)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

//------------ Progress --------------------------------------------------------------------------

/// What has happened on a connection.
#[derive(Debug)]
struct Progress {
    begun: Begun,
    /// How many requests had begun when it was last looked.
    requests: u64,
    /// When that number was noticed.
    asked: Instant,
    /// How much came since.
    received: usize,
    /// Whether the client has shown what it speaks.
    is_known: bool,
    /// When something came or was sent.
    moved: Instant,
}

impl Progress {
    fn new(begun: Begun) -> Self {
        let now = Instant::now();
        Self {
            begun,
            requests: 0,
            asked: now,
            received: 0,
            is_known: false,
            moved: now,
        }
    }

    /// Notices requests.
    fn look(&mut self) {
        let requests = self.begun.count();
        if requests != self.requests {
            self.requests = requests;
            self.asked = Instant::now();
            self.received = 0;
            // However short it was: what is answered to it may take its time.
            self.is_known = true;
        }
    }

    /// Takes note of what came. Whoever always has something to send, or takes something, is never waited for,
    /// so the limits are looked at here too.
    fn receive(&mut self, octets: usize, patience: &Patience) -> io::Result<()> {
        self.look();
        self.received = self.received.saturating_add(octets);
        if self.received > patience.octets {
            return Err(io::ErrorKind::QuotaExceeded.into());
        }
        self.is_known |= self.received >= PREFACE_OCTETS;
        self.go_on(patience)
    }

    /// Takes note of what was sent: whoever gets something is known.
    fn send(&mut self, patience: &Patience) -> io::Result<()> {
        self.look();
        self.is_known = true;
        self.go_on(patience)
    }

    fn go_on(&mut self, patience: &Patience) -> io::Result<()> {
        let now = Instant::now();
        if self.is_known {
            self.moved = now;
        }
        if now >= self.end(patience) {
            return Err(io::ErrorKind::TimedOut.into());
        }
        Ok(())
    }

    /// When the connection ends, if nothing happens.
    fn end(&self, patience: &Patience) -> Instant {
        if !self.is_known {
            return self.asked + patience.first;
        }
        let whatever_moves = match self.requests {
            0 => patience.silence,
            _ => patience.between,
        };
        (self.moved + patience.silence).min(self.asked + whatever_moves)
    }
}
