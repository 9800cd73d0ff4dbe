//! Whether the system keeps its clock with the help of others.

use std::process::Command;
use std::time::Duration;

use tokio::time::timeout;

/// How long the system may take to say.
const LIMIT: Duration = Duration::from_secs(3);

/// What `timedatectl` says, which knows of every program that sets the clock; nothing where there is no
/// systemd.
pub(in crate::doctor) async fn is_synchronised() -> Option<bool> {
    let asked = tokio::task::spawn_blocking(|| {
        Command::new("timedatectl")
            .args(["show", "--property=NTPSynchronized", "--value"])
            .output()
    });
    let output = timeout(LIMIT, asked).await.ok()?.ok()?.ok()?;
    match output.stdout.trim_ascii() {
        b"yes" => Some(true),
        b"no" => Some(false),
        _ => None,
    }
}
