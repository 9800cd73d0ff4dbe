//! Taking a folder of templates in from time to time.

use std::path::PathBuf;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{MissedTickBehavior, interval};

use super::{Registry, Withdrawals, read_folder};
use crate::config::TemplatesSection;

/// A folder, and how often it is looked at.
#[derive(Clone, Debug)]
pub(crate) struct Schedule {
    folder: PathBuf,
    every: Duration,
}

impl Schedule {
    /// The schedule of the configuration, when there is one.
    pub(crate) fn of(section: &TemplatesSection) -> Option<Self> {
        let folder = section.sync_folder.clone()?;
        let every = Duration::from_secs(section.sync_minutes.max(1).saturating_mul(60));
        Some(Self { folder, every })
    }

    /// Runs until told to stop, while this node leads. A node that begins to lead looks at its folder at
    /// once.
    pub(crate) async fn run(self, registry: Registry, mut stop: watch::Receiver<bool>) {
        let mut ticks = interval(self.every);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                _ = ticks.tick() => {}
                _ = stop.wait_for(|stop| *stop) => return,
            }
            tokio::select! {
                () = registry.store.wait_to_lead() => {}
                _ = stop.wait_for(|stop| *stop) => return,
            }
            self.sync(&registry).await;
        }
    }

    async fn sync(&self, registry: &Registry) {
        let folder = self.folder.clone();
        let shown = folder.display().to_string();
        let read = tokio::task::spawn_blocking(move || read_folder(&folder)).await;
        let contents = match read {
            Ok(Ok(contents)) => contents,
            Ok(Err(error)) => {
                tracing::warn!(template.folder = %shown, %error, "the folder of templates cannot be read");
                return;
            }
            Err(error) => {
                tracing::error!(template.folder = %shown, %error, "reading the folder of templates failed");
                return;
            }
        };
        match registry.sync(&shown, contents, Withdrawals::Few).await {
            Ok(summary) => tracing::info!(
                template.folder = %shown,
                templates.new = summary.new.len(),
                templates.changed = summary.changed.len(),
                templates.unchanged = summary.unchanged,
                templates.withdrawn = summary.withdrawn.len(),
                templates.refused = summary.refused.len(),
                "templates were taken in"
            ),
            Err(error) => {
                tracing::warn!(template.folder = %shown, %error, "templates were not taken in");
            }
        }
    }
}
