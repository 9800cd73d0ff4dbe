//! What is counted as it happens.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use easement_core::{Histogram, HistogramReading};
use http::{Method, StatusCode};

/// Times of HTTP requests, in microseconds: from a page out of memory to the longest limit.
const MICROSECONDS: [u64; 10] = [
    1_000, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 1_000_000, 5_000_000, 30_000_000,
];

/// Everything that the web side of the server counts.
#[derive(Debug, Default)]
pub(crate) struct Metrics {
    pub(crate) http: HttpRequests,
    pub(crate) connections: Connections,
    pub(crate) sign_ins: SignIns,
    pub(crate) webhooks: WebhookTries,
    pub(crate) certificates: Certificates,
    /// In microseconds since 1970.
    pub(crate) started_at: AtomicU64,
}

/// Tries of deliveries to webhooks.
#[derive(Debug, Default)]
pub(crate) struct WebhookTries {
    pub(crate) delivered: Counter,
    pub(crate) failed: Counter,
    /// Nothing was sent, because the receiver's address is not public.
    pub(crate) refused: Counter,
    /// Webhooks that were switched off.
    pub(crate) disabled: Counter,
}

/// A number that only grows.
#[derive(Debug, Default)]
pub(crate) struct Counter(AtomicU64);

impl Counter {
    /// Counts one more.
    pub(crate) fn add_one(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    /// How many so far.
    pub(crate) fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

//------------ HttpRequests ----------------------------------------------------------------------

/// Requests by route, method and status. Routes are the patterns of the router and statuses those of our
/// handlers, so there are only so many of each.
#[derive(Debug, Default)]
pub(crate) struct HttpRequests {
    routes: Mutex<BTreeMap<String, Route>>,
    under_way: AtomicU64,
}

/// What was asked for under one pattern.
#[derive(Debug)]
struct Route {
    outcomes: BTreeMap<(&'static str, u16), u64>,
    microseconds: Histogram,
}

/// The same at one moment.
#[derive(Clone, Debug)]
pub(super) struct RouteReading {
    pub(super) route: String,
    /// How many there were of each method and status.
    pub(super) outcomes: Vec<(&'static str, u16, u64)>,
    pub(super) microseconds: HistogramReading,
}

/// A request that is being answered, or was given up.
#[derive(Debug)]
pub(crate) struct UnderWay(Arc<Metrics>);

impl HttpRequests {
    /// Counts a request as being answered for as long as the value lives.
    pub(crate) fn begin(metrics: &Arc<Metrics>) -> UnderWay {
        metrics.http.under_way.fetch_add(1, Ordering::Relaxed);
        UnderWay(Arc::clone(metrics))
    }

    /// Counts a request that was answered.
    pub(crate) fn note(&self, route: &str, method: &Method, status: StatusCode, took: Duration) {
        let mut routes = self.routes();
        let route = routes.entry(route.to_owned()).or_insert_with(|| Route {
            outcomes: BTreeMap::new(),
            microseconds: Histogram::new(&MICROSECONDS),
        });
        let outcome = (method_class(method), status.as_u16());
        *route.outcomes.entry(outcome).or_default() += 1;
        let took = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        route.microseconds.observe(took);
    }

    pub(super) fn read(&self) -> Vec<RouteReading> {
        let routes = self.routes();
        let readings = routes.iter().map(|(route, counts)| RouteReading {
            route: route.clone(),
            outcomes: counts
                .outcomes
                .iter()
                .map(|((method, status), count)| (*method, *status, *count))
                .collect(),
            microseconds: counts.microseconds.read(),
        });
        readings.collect()
    }

    pub(super) fn under_way(&self) -> u64 {
        self.under_way.load(Ordering::Relaxed)
    }

    fn routes(&self) -> MutexGuard<'_, BTreeMap<String, Route>> {
        // Counting cannot panic halfway.
        self.routes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.http.under_way.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A client may make methods up.
fn method_class(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        _ => "other",
    }
}

//------------ Connections -----------------------------------------------------------------------

/// Connections of HTTP.
#[derive(Debug, Default)]
pub(crate) struct Connections {
    accepted: Counter,
    pub(super) refused_full: Counter,
    pub(super) refused_not_allowed: Counter,
    open: AtomicU64,
}

/// Why a connection was closed at once.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Refusal {
    /// There are as many as there may be.
    Full,
    /// It comes from where nobody may come from without TLS.
    NotAllowed,
}

/// A connection that is open.
#[derive(Debug)]
pub(crate) struct Open(Arc<Metrics>);

impl Connections {
    /// Counts a connection as open for as long as the value lives.
    pub(crate) fn open(metrics: &Arc<Metrics>) -> Open {
        metrics.connections.accepted.add_one();
        metrics.connections.open.fetch_add(1, Ordering::Relaxed);
        Open(Arc::clone(metrics))
    }

    /// Counts a connection that was not let in.
    pub(crate) fn refuse(&self, why: Refusal) {
        match why {
            Refusal::Full => self.refused_full.add_one(),
            Refusal::NotAllowed => self.refused_not_allowed.add_one(),
        }
    }

    /// How many were let in.
    pub(crate) fn accepted(&self) -> u64 {
        self.accepted.get()
    }

    /// How many are open now.
    pub(crate) fn now_open(&self) -> u64 {
        self.open.load(Ordering::Relaxed)
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.0.connections.open.fetch_sub(1, Ordering::Relaxed);
    }
}

//------------ Others ----------------------------------------------------------------------------

/// Tries at passwords.
#[derive(Debug, Default)]
pub(crate) struct SignIns {
    pub(crate) right: Counter,
    pub(crate) wrong: Counter,
    pub(crate) throttled: Counter,
    /// Could not be decided: too many at once, or the database failed.
    pub(crate) failed: Counter,
}

/// Certificates of the web server.
#[derive(Debug, Default)]
pub(crate) struct Certificates {
    pub(crate) taken: Counter,
    pub(crate) refused: Counter,
    /// In microseconds since 1970; zero when there is none.
    pub(crate) taken_at: AtomicU64,
    /// The same for its end.
    pub(crate) ends_at: AtomicU64,
}
