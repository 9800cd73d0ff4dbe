//! Waiting for the browser, and for DNS.

use std::io::IsTerminal as _;
use std::time::Duration;

use easement_client::{ServerReport, VerifyPolicy, VerifyReport};
use indicatif::{ProgressBar, ProgressStyle};
use tokio::time::{Instant, timeout};

use super::arguments::ConnectArguments;
use super::listener::ReturnPlace;
use super::report::Outcome;
use super::{Connection, records, told};
use crate::console::say;

/// How long DNS is asked at least, once the browser came back.
const AT_LEAST: Duration = Duration::from_secs(30);

/// Waits until the browser comes back, when it can, and then until DNS shows the records, when they are known.
pub(super) async fn wait(
    connection: &Connection,
    place: Option<ReturnPlace>,
    arguments: &ConnectArguments,
    outcome: &mut Outcome,
) -> anyhow::Result<()> {
    let limit = Duration::from_secs(arguments.timeout);
    let began = Instant::now();
    if let Some(place) = place {
        let bar = spinner("Waiting for the browser to come back");
        let returned = timeout(limit, place.wait()).await;
        bar.finish_and_clear();
        match returned {
            Ok(returned) => outcome.returned = Some(returned?),
            Err(_) => say("note: the browser did not come back in time."),
        }
        if outcome.is_refused() {
            return Ok(());
        }
    }
    let expected = connection.plan.as_ref().map(records::expected);
    let expected = expected.unwrap_or_default();
    if expected.is_empty() {
        return Ok(());
    }
    let policy = VerifyPolicy {
        limit: limit
            .saturating_sub(began.elapsed())
            .max(AT_LEAST.min(limit)),
        ..VerifyPolicy::default()
    };
    let client = &connection.client;
    let servers = match arguments.name_servers.as_slice() {
        [] => {
            let servers = client.name_servers(&connection.found.zone).await;
            servers.map_err(|error| told(&error))?
        }
        named => named.iter().copied().map(ServerReport::named).collect(),
    };
    let bar = spinner("Waiting for DNS");
    let progress = |report: &VerifyReport| {
        let (shown, all) = (report.shown(), report.counted());
        bar.set_message(format!("{shown} of {all} name servers show the records"));
    };
    let verifying = client.verify_at(servers, &expected, policy, progress);
    let verified = verifying.await;
    bar.finish_and_clear();
    outcome.verified = Some(verified.map_err(|error| told(&error))?);
    Ok(())
}

/// Nothing is shown when nobody is looking.
fn spinner(message: &'static str) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{spinner} {msg} ({elapsed})");
    let bar = ProgressBar::new_spinner()
        .with_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()))
        .with_message(message);
    bar.enable_steady_tick(Duration::from_millis(100));
    bar
}
