//! Logs: one line an event, on the standard error output, as text or JSON.
//!
//! Fields are dotted and the same everywhere: `request.id`, `client.address`, `account.id`, `token.id` (the public id
//! of an API token), `zone.name`, `template.provider`, `template.service`, `http.status`, `duration.ms`, `error`.
//! Secrets, query strings and form fields are never logged; a test looks for them.

use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::{Layer as _, Registry};

use crate::config::{LogFormat, LogLevel, LogSection};

/// Libraries that tell more than an operator wants to know, below warnings.
const QUIET: [&str; 5] = ["sqlx", "hyper", "h2", "rustls", "tower_http"];

/// What receives the events of a process, to be installed once by its `main`.
pub fn subscriber<W>(section: &LogSection, writer: W) -> impl tracing::Subscriber + Send + Sync
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    let level = match section.level {
        LogLevel::Error => LevelFilter::ERROR,
        LogLevel::Warn => LevelFilter::WARN,
        LogLevel::Info => LevelFilter::INFO,
        LogLevel::Debug => LevelFilter::DEBUG,
        LogLevel::Trace => LevelFilter::TRACE,
    };
    let filter = Targets::new()
        .with_default(level)
        .with_targets(QUIET.map(|library| (library, level.min(LevelFilter::WARN))));
    let lines = tracing_subscriber::fmt::layer().with_writer(writer);
    let lines = match section.format {
        LogFormat::Text => lines.with_target(false).with_ansi(false).boxed(),
        LogFormat::Json => lines.json().flatten_event(true).boxed(),
    };
    Registry::default().with(lines.with_filter(filter))
}
