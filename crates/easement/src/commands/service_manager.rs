//! Telling the service manager how it goes (`sd_notify(3)`): for a unit with `Type=notify`. Without one
//! that listens, nothing is told.

use std::time::Duration;

use sd_notify::NotifyState;

/// What a process takes to end when all its parts have.
const ENDING: Duration = Duration::from_secs(5);

/// Everything is served.
pub(crate) fn ready() {
    tell(&[NotifyState::Ready]);
}

/// The server was asked to stop, and finishes what has begun. It wants this long at most, and a moment for
/// the process to end.
pub(crate) fn stopping(longest: Duration) {
    let longest = longest.saturating_add(ENDING).as_micros();
    let longest = u32::try_from(longest).unwrap_or(u32::MAX);
    tell(&[
        NotifyState::Stopping,
        NotifyState::ExtendTimeoutUsec(longest),
    ]);
}

/// Says again and again that the process is alive, when the manager ends those that do not.
pub(crate) async fn stay_alive() {
    let Some(limit) = sd_notify::watchdog_enabled() else {
        return std::future::pending().await;
    };
    let mut often = tokio::time::interval(limit.div_f32(3.0).max(Duration::from_millis(1)));
    loop {
        often.tick().await;
        tell(&[NotifyState::Watchdog]);
    }
}

fn tell(state: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(state) {
        tracing::warn!(%error, "the service manager was not told");
    }
}
