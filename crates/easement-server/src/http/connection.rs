//! A connection that ends when nothing happens on it.
//!
//! The limit on headers that the HTTP library has does not begin before it knows which version the
//! client speaks, and does not exist for HTTP/2: a client could hold a connection with its first octet.

use std::future::Future as _;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Instant, Sleep, sleep};

use super::seats::Seat;
use crate::monitoring::Open;

/// What a client has to send before it has shown which version of HTTP it speaks: as many octets as
/// the preface of HTTP/2 has (RFC 9113 section 3.4).
const PREFACE_OCTETS: usize = 24;

/// How long a connection is waited for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Patience {
    /// Until the client has shown which version of HTTP it speaks.
    pub(super) first: Duration,
    /// Then, while nothing comes and nothing can be sent.
    pub(super) silence: Duration,
}

/// What is held for as long as a connection is: a seat, unless it is a proxy's, and being counted.
type Place = (Option<Seat>, Open);

/// A connection with an end.
#[derive(Debug)]
pub(crate) struct Connection {
    stream: TcpStream,
    patience: Patience,
    /// How much came before the client was known; nothing is counted after that.
    received: usize,
    end: Pin<Box<Sleep>>,
    _place: Place,
}

impl Connection {
    pub(super) fn new(stream: TcpStream, place: Place, patience: Patience) -> Self {
        Self {
            stream,
            patience,
            received: 0,
            end: Box::pin(sleep(patience.first)),
            _place: place,
        }
    }

    fn note_received(&mut self, octets: usize) {
        self.received = self.received.saturating_add(octets);
        if self.received >= PREFACE_OCTETS {
            self.go_on();
        }
    }

    fn go_on(&mut self) {
        self.received = PREFACE_OCTETS;
        self.end
            .as_mut()
            .reset(Instant::now() + self.patience.silence);
    }

    /// What to answer while nothing moves.
    fn wait<T>(&mut self, context: &mut Context<'_>) -> Poll<io::Result<T>> {
        ready!(self.end.as_mut().poll(context));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }

    fn sent(
        &mut self,
        context: &mut Context<'_>,
        sent: Poll<io::Result<usize>>,
    ) -> Poll<io::Result<usize>> {
        match sent {
            Poll::Ready(done) => {
                self.go_on();
                Poll::Ready(done)
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
                self.note_received(octets);
                Poll::Ready(done)
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
