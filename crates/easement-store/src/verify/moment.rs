//! One moment of a zone: as the database has it, and as it is served.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use easement_zone::{Name, ZoneSnapshot};
use tokio::sync::MutexGuard;
use tokio::time::{Instant, sleep};

use super::read::{HeadRow, read_head};
use super::zone::ZoneChecker;
use crate::StoreError;
use crate::database::Tx;
use crate::following::{Published, catch_up, read_place};

/// How long this node may take to follow what another one committed.
const FOLLOW: Duration = Duration::from_secs(5);
/// How often that is looked at meanwhile.
const LOOK_AGAIN: Duration = Duration::from_millis(50);

/// A zone at one moment.
pub(super) struct Moment {
    /// Sees the database as it is at this moment.
    pub(super) tx: Tx,
    pub(super) head: HeadRow,
    pub(super) served: Option<Arc<ZoneSnapshot>>,
}

impl ZoneChecker {
    /// Begins to read a zone; nothing when it is gone. Nothing is published while the moment is chosen.
    pub(super) async fn begin(&self, zone: i64) -> Result<Option<Moment>, StoreError> {
        let (mut tx, _publishing) = self.begin_in_step().await?;
        let Some(head) = read_head(&mut tx, zone).await? else {
            return Ok(None);
        };
        let apex: Option<Name> = head.spelling.parse().ok();
        let hosted = apex.and_then(|apex| self.serving.hosted.get(&apex));
        let served = hosted.map(|hosted| hosted.snapshot());
        Ok(Some(Moment { tx, head, served }))
    }

    /// Begins to read when this node has followed what others committed. When it does not in good time,
    /// what it serves is compared as it is, and no more time is given to later zones.
    async fn begin_in_step(&self) -> Result<(Tx, MutexGuard<'_, Published>), StoreError> {
        let give_up = Instant::now() + FOLLOW;
        let mut goal = None;
        loop {
            let mut published = self.publishing.lock().await;
            let mut tx = self.db.begin_reading().await?;
            if self.db.shared().is_none() || self.is_left_behind.load(Ordering::Relaxed) {
                return Ok((tx, published));
            }
            let stored = read_place(&mut tx).await?;
            if published.place.covers(*goal.get_or_insert(stored)) {
                // It follows. What came since is served from here, or others could commit for ever.
                catch_up(&mut tx, &self.serving, &mut published).await?;
                return Ok((tx, published));
            }
            let is_late = Instant::now() >= give_up;
            self.is_left_behind.store(is_late, Ordering::Relaxed);
            drop(tx);
            drop(published);
            sleep(LOOK_AGAIN).await;
        }
    }
}
