//! Everything that can be measured, as one text.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use easement_dns::{Metrics as DnsMetrics, QueryKind, Rcode, Transport};
use easement_store::Store;
use easement_zone::HostedZones;
use tokio::time::timeout;

use super::counters::Metrics;
use super::listener::Monitor;
use super::process;
use super::text::{Exposition, Kind};
use crate::domain_connect::KeyLookupCounts;

/// How long the database may take to say how far it has come.
const STORE_LIMIT: Duration = Duration::from_secs(2);
/// Durations are counted in microseconds and shown in seconds.
const SECONDS: f64 = 1e-6;

/// Reads everything. What cannot be read now is left out.
pub(super) async fn write(monitor: &Monitor) -> String {
    let state = &monitor.state;
    let mut page = Exposition::default();
    let is_ready = monitor.readiness.reasons().await.is_empty();
    write_server(&mut page, &state.metrics, is_ready);
    write_dns(&mut page, &monitor.dns);
    write_served(&mut page, Served::count(Arc::clone(&state.hosted)).await);
    write_store(&mut page, &state.store).await;
    write_http(&mut page, &state.metrics);
    write_accounts(&mut page, &state.metrics);
    write_webhooks(&mut page, &state.metrics);
    write_keys(&mut page, state.keys.counts());
    process::write(&mut page);
    page.finish()
}

fn write_server(page: &mut Exposition, metrics: &Metrics, is_ready: bool) {
    let version = env!("CARGO_PKG_VERSION");
    page.family("easement_build_info", Kind::Gauge, "The running version.")
        .sample(&[("version", version)], 1);
    page.one(
        "easement_ready",
        Kind::Gauge,
        "Whether the server can do its work, as /readyz says.",
        u8::from(is_ready),
    );
    page.one(
        "process_start_time_seconds",
        Kind::Gauge,
        "When the server started, in seconds since 1970.",
        Duration::from_micros(metrics.started_at.load(Ordering::Relaxed)).as_secs_f64(),
    );
    let certificates = &metrics.certificates;
    page.family(
        "easement_tls_reloads_total",
        Kind::Counter,
        "New certificates that were taken, or refused while the old one stayed.",
    )
    .sample(&[("result", "taken")], certificates.taken.get())
    .sample(&[("result", "refused")], certificates.refused.get());
    for (name, help, micros) in [
        (
            "easement_tls_certificate_taken_timestamp_seconds",
            "When the certificate in use was read, in seconds since 1970.",
            &certificates.taken_at,
        ),
        (
            "easement_tls_certificate_expiry_timestamp_seconds",
            "When the certificate in use stops being valid, in seconds since 1970.",
            &certificates.ends_at,
        ),
    ] {
        let micros = micros.load(Ordering::Relaxed);
        if micros > 0 {
            let seconds = Duration::from_micros(micros).as_secs_f64();
            page.one(name, Kind::Gauge, help, seconds);
        }
    }
}

fn write_webhooks(page: &mut Exposition, metrics: &Metrics) {
    let tries = &metrics.webhooks;
    page.family(
        "easement_webhook_tries_total",
        Kind::Counter,
        "Tries to deliver to webhooks: delivered, failed, or refused because the receiver's address is not \
         public.",
    )
    .sample(&[("result", "delivered")], tries.delivered.get())
    .sample(&[("result", "failed")], tries.failed.get())
    .sample(&[("result", "refused")], tries.refused.get());
    page.one(
        "easement_webhooks_disabled_total",
        Kind::Counter,
        "Webhooks that were switched off because their receivers took nothing for a long time, or too little.",
        tries.disabled.get(),
    );
}

//------------ DNS -------------------------------------------------------------------------------

const TRANSPORTS: [(Transport, &str); 2] = [(Transport::Udp, "udp"), (Transport::Tcp, "tcp")];

fn write_dns(page: &mut Exposition, dns: &DnsMetrics) {
    let mut answers = page.family(
        "easement_dns_queries_total",
        Kind::Counter,
        "DNS queries that were answered, by type and response code. Combinations that never happened \
         are left out.",
    );
    for (transport, name) in TRANSPORTS {
        for kind in QueryKind::all() {
            for rcode in Rcode::ALL {
                let labels = [
                    ("transport", name),
                    ("type", kind.name()),
                    ("rcode", rcode.mnemonic()),
                ];
                let count = dns.answered_of(transport, kind, rcode);
                let is_shown = count > 0 || (kind.name(), rcode) == ("A", Rcode::NoError);
                if is_shown {
                    answers.sample(&labels, count);
                }
            }
        }
    }
    let mut lost = page.family(
        "easement_dns_unanswered_total",
        Kind::Counter,
        "DNS messages without an answer: no query, kept back by the rate limit, or the system would \
         not send the answer.",
    );
    for (transport, name) in TRANSPORTS {
        let labels = |reason| [("transport", name), ("reason", reason)];
        lost.sample(&labels("no_query"), dns.ignored(transport))
            .sample(&labels("rate_limit"), dns.dropped(transport))
            .sample(&labels("unsent"), dns.unsent(transport));
    }
    let mut shortened = page.family(
        "easement_dns_shortened_total",
        Kind::Counter,
        "DNS answers that the rate limit shortened; they are counted as answered, too.",
    );
    for (transport, name) in TRANSPORTS {
        shortened.sample(&[("transport", name)], dns.shortened(transport));
    }
    let mut cookies = page.family(
        "easement_dns_bad_cookies_total",
        Kind::Counter,
        "DNS queries with a cookie that this server did not give to the client lately.",
    );
    for (transport, name) in TRANSPORTS {
        cookies.sample(&[("transport", name)], dns.bad_cookies(transport));
    }
    page.one(
        "easement_dns_connections",
        Kind::Gauge,
        "Open DNS connections over TCP.",
        dns.open_connections(),
    );
    page.one(
        "easement_dns_connections_accepted_total",
        Kind::Counter,
        "DNS connections over TCP that were let in.",
        dns.accepted_connections(),
    );
    page.one(
        "easement_dns_connections_refused_total",
        Kind::Counter,
        "DNS connections over TCP that were closed at once because there were too many.",
        dns.refused_connections(),
    );
}

/// How much is served.
#[derive(Clone, Copy, Debug, Default)]
struct Served {
    zones: usize,
    names: usize,
    record_sets: usize,
}

impl Served {
    /// Goes through all zones, which takes a while when there are many.
    async fn count(hosted: Arc<HostedZones>) -> Option<Self> {
        let counting = tokio::task::spawn_blocking(move || {
            let mut served = Self::default();
            for zone in hosted.load().values() {
                let snapshot = zone.load();
                served.zones += 1;
                served.names += snapshot.zone().name_count();
                served.record_sets += snapshot.zone().set_count();
            }
            served
        });
        counting.await.ok()
    }
}

fn write_served(page: &mut Exposition, served: Option<Served>) {
    let Some(served) = served else {
        return;
    };
    for (name, help, count) in [
        ("easement_zones", "Zones that are served.", served.zones),
        ("easement_names", "Names in these zones.", served.names),
        (
            "easement_record_sets",
            "Record sets in these zones.",
            served.record_sets,
        ),
    ] {
        page.one(name, Kind::Gauge, help, count);
    }
}

//------------ Store -----------------------------------------------------------------------------

async fn write_store(page: &mut Exposition, store: &Store) {
    let stats = store.stats();
    page.family(
        "easement_commits_total",
        Kind::Counter,
        "Changes of zones: committed, refused for what they are, or failed in the database.",
    )
    .sample(&[("result", "committed")], stats.committed())
    .sample(&[("result", "refused")], stats.refused())
    .sample(&[("result", "failed")], stats.failed());
    page.family(
        "easement_commit_group_size",
        Kind::Histogram,
        "How many changes shared a transaction.",
    )
    .histogram(&[], &stats.group_sizes(), 1.0);
    page.family(
        "easement_commit_duration_seconds",
        Kind::Histogram,
        "How long a transaction took until it was durable and served.",
    )
    .histogram(&[], &stats.group_microseconds(), SECONDS);
    page.one(
        "easement_commit_queue_length",
        Kind::Gauge,
        "Changes in the queue.",
        store.queue_length(),
    );
    page.one(
        "easement_commits_waiting",
        Kind::Gauge,
        "Changes that were asked for and not answered yet.",
        stats.waiting(),
    );
    page.one(
        "easement_behind_seconds",
        Kind::Gauge,
        "How long ago this server last saw all commits of all servers on its database.",
        stats.behind().as_secs_f64(),
    );
    if let Ok(Ok(commits)) = timeout(STORE_LIMIT, store.unfolded_commits()).await {
        page.one(
            "easement_journal_unfolded_commits",
            Kind::Gauge,
            "Commits of the journal that are not folded into the table of records yet.",
            commits,
        );
    }
}

//------------ HTTP ------------------------------------------------------------------------------

fn write_http(page: &mut Exposition, metrics: &Metrics) {
    let routes = metrics.http.read();
    let mut requests = page.family(
        "easement_http_requests_total",
        Kind::Counter,
        "HTTP requests that were answered. A route is a pattern, or (none).",
    );
    for route in &routes {
        for (method, status, count) in &route.outcomes {
            let status = status.to_string();
            let labels = [
                ("route", route.route.as_str()),
                ("method", *method),
                ("status", &status),
            ];
            requests.sample(&labels, count);
        }
    }
    let mut durations = page.family(
        "easement_http_request_duration_seconds",
        Kind::Histogram,
        "How long answers took, up to their first octet.",
    );
    for route in &routes {
        durations.histogram(&[("route", &route.route)], &route.microseconds, SECONDS);
    }
    page.one(
        "easement_http_requests_under_way",
        Kind::Gauge,
        "HTTP requests that are being answered.",
        metrics.http.under_way(),
    );
    write_connections(page, metrics);
}

fn write_connections(page: &mut Exposition, metrics: &Metrics) {
    let connections = &metrics.connections;
    page.one(
        "easement_http_connections",
        Kind::Gauge,
        "Open HTTP connections.",
        connections.now_open(),
    );
    page.one(
        "easement_http_connections_accepted_total",
        Kind::Counter,
        "HTTP connections that were let in.",
        connections.accepted(),
    );
    page.family(
        "easement_http_connections_refused_total",
        Kind::Counter,
        "HTTP connections that were closed at once: too many, or from where only TLS is taken.",
    )
    .sample(&[("reason", "full")], connections.refused_full.get())
    .sample(
        &[("reason", "not_allowed")],
        connections.refused_not_allowed.get(),
    );
}

fn write_accounts(page: &mut Exposition, metrics: &Metrics) {
    let tries = &metrics.sign_ins;
    page.family(
        "easement_sign_ins_total",
        Kind::Counter,
        "Passwords that were tried; failed means that it could not be decided.",
    )
    .sample(&[("result", "right")], tries.right.get())
    .sample(&[("result", "wrong")], tries.wrong.get())
    .sample(&[("result", "throttled")], tries.throttled.get())
    .sample(&[("result", "failed")], tries.failed.get());
}

fn write_keys(page: &mut Exposition, keys: KeyLookupCounts) {
    page.family(
        "easement_key_lookups_total",
        Kind::Counter,
        "Keys of service providers that were wanted: known already, looked up in DNS, not to be had \
         there, or refused because there were too many.",
    )
    .sample(&[("result", "known")], keys.known)
    .sample(&[("result", "looked_up")], keys.looked_up)
    .sample(&[("result", "failed")], keys.failed)
    .sample(&[("result", "refused")], keys.refused);
    page.one(
        "easement_keys_kept",
        Kind::Gauge,
        "Answers about keys that are kept.",
        keys.kept,
    );
}
