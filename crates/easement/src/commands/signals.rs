//! Being asked to stop.

use tokio::signal::unix::{SignalKind, signal};

/// Comes back when Ctrl-C is pressed, or the service manager says to stop.
pub(crate) async fn wait_for_stop() -> std::io::Result<()> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    Ok(())
}
