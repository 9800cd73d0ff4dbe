//! The certificate of the web server, which can be replaced while it runs.
//!
//! Connections keep the certificate that they began with; new ones get the newest. A pair of files that
//! cannot be used is refused, and the one in use stays.

use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use axum_server::tls_rustls::RustlsConfig;
use easement_core::{Clock, Timestamp};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use serde::{Deserialize, Serialize};
use tokio::sync::{Mutex, Semaphore, oneshot, watch};
use tokio::time::{Instant, MissedTickBehavior, interval_at, timeout};

use crate::doctor::validity;
use crate::monitoring::Metrics;

/// How often the files are looked at.
const EVERY: Duration = Duration::from_secs(30);
/// How long reading may take: a file of a dead network mount never comes, nor does one that is a pipe.
const READING: Duration = Duration::from_secs(10);
/// The longest file that is read: chains have some kilobytes.
const MAX_OCTETS: u64 = 1024 * 1024;

/// A certificate chain and its key.
#[derive(Clone, Debug)]
pub(crate) struct Tls {
    config: RustlsConfig,
    source: Arc<Source>,
}

struct Source {
    files: Files,
    clock: Arc<dyn Clock>,
    metrics: Arc<Metrics>,
    /// What was read last, whether it could be used or not. Locked while it is read again.
    seen: Mutex<Seen>,
}

/// What is known about the contents of the files.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Seen {
    /// They are in use.
    Used([u8; 32]),
    /// They were refused, and the log says so already.
    Refused([u8; 32]),
}

/// What came of looking at the files.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CertificateReload {
    /// The server speaks plain HTTP.
    NotUsed,
    /// The files hold what is in use already.
    Unchanged,
    /// New connections get the new certificate.
    Taken,
}

impl Tls {
    /// Reads both from PEM files.
    pub(crate) async fn from_files(
        (certificate, key): (&Path, &Path),
        clock: Arc<dyn Clock>,
        metrics: Arc<Metrics>,
    ) -> Result<Self, CertificateError> {
        let refuse = |error| CertificateError::new(certificate, key, error);
        let files = Files::new(certificate, key);
        let pair = files.read(READING).await.map_err(refuse)?;
        let seen = Mutex::new(Seen::Used(pair.digest()));
        let ends = pair.ends();
        let config = RustlsConfig::from_pem(pair.certificate, pair.key)
            .await
            .map_err(refuse)?;
        let tls = Self {
            config,
            source: Arc::new(Source {
                files,
                clock,
                metrics,
                seen,
            }),
        };
        tls.note_taken(ends);
        Ok(tls)
    }

    pub(super) fn config(&self) -> RustlsConfig {
        self.config.clone()
    }

    /// Reads the files again, as somebody asked.
    pub(crate) async fn reload(&self) -> Result<CertificateReload, CertificateError> {
        self.look(Occasion::Asked).await
    }

    /// Looks at the files from time to time, until told to stop. What is wrong with them is logged once.
    pub(crate) async fn watch(self, mut stop: watch::Receiver<bool>) {
        let mut ticks = interval_at(Instant::now() + EVERY, EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                _ = ticks.tick() => {}
                _ = stop.wait_for(|stop| *stop) => return,
            }
            tokio::select! {
                // It is logged.
                _ = self.look(Occasion::Watching) => {}
                _ = stop.wait_for(|stop| *stop) => return,
            }
        }
    }

    async fn look(&self, occasion: Occasion) -> Result<CertificateReload, CertificateError> {
        let source = &self.source;
        let mut seen = source.seen.lock().await;
        let pair = source.files.read(READING).await;
        let contents = pair.as_ref().map_or([0; 32], Pair::digest);
        if *seen == Seen::Used(contents) {
            return Ok(CertificateReload::Unchanged);
        }
        let ends = pair.as_ref().ok().and_then(Pair::ends);
        let taken = match pair {
            Ok(pair) => {
                let config = &self.config;
                config.reload_from_pem(pair.certificate, pair.key).await
            }
            Err(error) => Err(error),
        };
        let Err(error) = taken else {
            *seen = Seen::Used(contents);
            self.note_taken(ends);
            source.metrics.certificates.taken.add_one();
            tracing::info!("a new certificate is in use");
            return Ok(CertificateReload::Taken);
        };
        let error = CertificateError::new(&source.files.certificate, &source.files.key, error);
        if occasion == Occasion::Asked || *seen != Seen::Refused(contents) {
            source.metrics.certificates.refused.add_one();
            tracing::warn!(%error, "a new certificate was refused: the one in use stays");
        }
        *seen = Seen::Refused(contents);
        Err(error)
    }

    fn note_taken(&self, ends: Option<Timestamp>) {
        let micros = |time: Timestamp| u64::try_from(time.as_micros()).unwrap_or_default();
        let certificates = &self.source.metrics.certificates;
        let now = micros(self.source.clock.now());
        certificates.taken_at.store(now, Ordering::Relaxed);
        let ends = ends.map(micros).unwrap_or_default();
        certificates.ends_at.store(ends, Ordering::Relaxed);
    }
}

impl std::fmt::Debug for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Source")
            .field("files", &self.files)
            .finish_non_exhaustive()
    }
}

/// Why the files are looked at.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Occasion {
    Asked,
    Watching,
}

//------------ Files -----------------------------------------------------------------------------

/// Where the pair is.
#[derive(Debug)]
struct Files {
    certificate: PathBuf,
    key: PathBuf,
    /// Taken by whoever reads, so that reading that is stuck is not begun again and again.
    turn: Arc<Semaphore>,
}

impl Files {
    fn new(certificate: &Path, key: &Path) -> Self {
        Self {
            certificate: certificate.to_owned(),
            key: key.to_owned(),
            turn: Arc::new(Semaphore::new(1)),
        }
    }

    async fn read(&self, limit: Duration) -> io::Result<Pair> {
        timeout(limit, self.read_in_thread()).await.map_err(|_| {
            let text = format!("they could not be read within {} seconds", limit.as_secs());
            io::Error::new(io::ErrorKind::TimedOut, text)
        })?
    }

    /// Reads in a thread of its own: the runtime would wait at its end for one that it gave.
    async fn read_in_thread(&self) -> io::Result<Pair> {
        let turn = Arc::clone(&self.turn).acquire_owned().await;
        let turn = turn.map_err(io::Error::other)?;
        let (certificate, key) = (self.certificate.clone(), self.key.clone());
        let (done, pair) = oneshot::channel();
        let read = move || {
            // Nobody waits any longer when it took too long.
            let _ = done.send(Pair::read(&certificate, &key));
            drop(turn);
        };
        let thread = std::thread::Builder::new().name("certificate".to_owned());
        thread.spawn(read)?;
        pair.await.map_err(io::Error::other)?
    }
}

//------------ Pair ------------------------------------------------------------------------------

/// The contents of both files.
struct Pair {
    certificate: Vec<u8>,
    key: Vec<u8>,
}

impl Pair {
    fn read(certificate: &Path, key: &Path) -> io::Result<Self> {
        Ok(Self {
            certificate: read_limited(certificate)?,
            key: read_limited(key)?,
        })
    }

    /// When the first certificate of the chain, which is the server's own, stops being valid.
    fn ends(&self) -> Option<Timestamp> {
        let own = CertificateDer::from_pem_slice(&self.certificate).ok()?;
        validity(&own).map(|(_, ends)| ends)
    }

    /// Contents rather than times are compared: whatever replaces files, this notices.
    fn digest(&self) -> [u8; 32] {
        let both = [
            digest(&SHA256, &self.certificate),
            digest(&SHA256, &self.key),
        ];
        let both = both.map(|digest| digest.as_ref().to_vec()).concat();
        let all = digest(&SHA256, &both);
        all.as_ref().try_into().unwrap_or_default()
    }
}

fn read_limited(path: &Path) -> io::Result<Vec<u8>> {
    let about =
        |error: io::Error| io::Error::new(error.kind(), format!("{}: {error}", path.display()));
    let file = std::fs::File::open(path).map_err(about)?;
    let mut octets = Vec::new();
    file.take(MAX_OCTETS + 1)
        .read_to_end(&mut octets)
        .map_err(about)?;
    if u64::try_from(octets.len()).unwrap_or(u64::MAX) > MAX_OCTETS {
        return Err(about(io::Error::other("it is longer than 1 MiB")));
    }
    Ok(octets)
}

//------------ CertificateError ------------------------------------------------------------------

/// Why a certificate cannot be used.
#[derive(Debug, thiserror::Error)]
#[error(
    "cannot use the certificate {} with the key {}: {error}", certificate.display(), key.display()
)]
pub struct CertificateError {
    certificate: PathBuf,
    key: PathBuf,
    error: io::Error,
}

impl CertificateError {
    fn new(certificate: &Path, key: &Path, error: io::Error) -> Self {
        Self {
            certificate: certificate.to_owned(),
            key: key.to_owned(),
            error,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    #[tokio::test]
    async fn files_that_never_come_are_not_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let pipes = ["chain", "key"].map(|name| folder.path().join(name));
        let made = Command::new("mkfifo").args(&pipes).status().unwrap();
        assert!(made.success());
        let [certificate, key] = &pipes;
        let files = Files::new(certificate, key);
        for _ in 0..3 {
            let error = files.read(Duration::from_millis(50)).await.err().unwrap();
            assert_eq!(error.kind(), io::ErrorKind::TimedOut, "{error}");
        }
        assert_eq!(files.turn.available_permits(), 0, "one reads, and no more");
        // It goes on when somebody writes.
        for pipe in &pipes {
            std::fs::write(pipe, "late").unwrap();
        }
        drop(files.turn.acquire().await.unwrap());
    }
}
