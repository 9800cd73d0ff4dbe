//! Tells a connection that requests begin on it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};

use http::Request;
use tower::Service;

/// How many requests have begun on one connection.
#[derive(Clone, Debug, Default)]
pub(super) struct Begun(Arc<AtomicU64>);

impl Begun {
    pub(super) fn count(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// The service of one connection, which counts what it is asked.
#[derive(Clone, Debug)]
pub(crate) struct Counting<S> {
    service: S,
    begun: Begun,
}

impl<S> Counting<S> {
    pub(super) fn new(service: S, begun: Begun) -> Self {
        Self { service, begun }
    }
}

impl<S: Service<Request<B>>, B> Service<Request<B>> for Counting<S> {
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.service.poll_ready(context)
    }

    fn call(&mut self, request: Request<B>) -> S::Future {
        self.begun.0.fetch_add(1, Ordering::Relaxed);
        self.service.call(request)
    }
}
