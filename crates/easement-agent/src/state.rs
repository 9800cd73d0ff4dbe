//! What the agent remembers: one JSON file, replaced as a whole.
//!
//! It holds no secret. When it is lost, every host is sent once more, and that is all.

use std::collections::BTreeMap;
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use apertodns::Hostname;
use easement_core::Timestamp;
use serde::{Deserialize, Serialize};

use crate::fault::FaultKind;
use crate::files::{FileError, Readers, replace};

/// Another number means that a later program wrote it.
const FORMAT: u32 = 1;
/// A larger file is none of ours.
const MAX_SIZE: u64 = 4 * 1024 * 1024;

/// What the agent remembers.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
pub struct State {
    format: u32,
    /// What is mixed into fingerprints, so that nobody can compare them with those of other machines.
    #[serde(default)]
    pub salt: String,
    /// When addresses were looked for.
    #[serde(default)]
    pub looked_at: Option<Timestamp>,
    /// What was found then, in words: IPv4, IPv6.
    #[serde(default)]
    pub found: Vec<String>,
    /// What is known of each target, by its name.
    #[serde(default)]
    pub targets: BTreeMap<String, TargetState>,
}

/// What is known of a target.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
pub struct TargetState {
    /// Where it was, and how it was spoken to.
    #[serde(default)]
    pub place: String,
    /// Of the configuration and the secret that the stops below stand on.
    #[serde(default)]
    pub fingerprint: String,
    /// The hosts, by name.
    #[serde(default)]
    pub hosts: BTreeMap<String, HostState>,
    /// The faults since it went well for the last time.
    #[serde(default)]
    pub trouble: Option<StoredTrouble>,
}

/// What is known of a host.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct HostState {
    /// What was sent of IPv4.
    #[serde(default)]
    pub ipv4: Option<Sent<Ipv4Addr>>,
    /// What was sent of IPv6.
    #[serde(default)]
    pub ipv6: Option<Sent<Ipv6Addr>>,
    /// Why nothing is sent until a person changes something.
    #[serde(default)]
    pub stopped: Option<String>,
}

/// What was sent, and accepted.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Sent<A> {
    /// The address; none when it was taken out.
    pub address: Option<A>,
    /// When.
    pub at: Timestamp,
}

/// Faults in a row.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct StoredTrouble {
    /// The last one.
    #[serde(flatten)]
    pub kind: FaultKind,
    /// In words.
    pub message: String,
    /// How many.
    pub times: u32,
    /// When the last one was.
    pub at: Timestamp,
    /// How long to wait since then.
    pub wait: Duration,
}

impl State {
    /// A new one.
    pub fn new(salt: String) -> Self {
        Self {
            format: FORMAT,
            salt,
            ..Self::default()
        }
    }

    /// Reads a file; none when there is none.
    pub fn read(path: &Path) -> Result<Option<Self>, StateError> {
        let cannot = |source| StateError::Read {
            path: path.to_owned(),
            source,
        };
        match std::fs::metadata(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(cannot(error)),
            Ok(metadata) if metadata.len() > MAX_SIZE => {
                return Err(cannot(io::Error::other("it is far too large")));
            }
            Ok(_) => {}
        }
        let octets = std::fs::read(path).map_err(cannot)?;
        let state: Self = serde_json::from_slice(&octets).map_err(|error| StateError::Broken {
            path: path.to_owned(),
            reason: error.to_string(),
        })?;
        if state.format != FORMAT {
            return Err(StateError::Format {
                path: path.to_owned(),
                found: state.format,
            });
        }
        Ok(Some(state))
    }

    /// Reads a file, and sets a broken one aside. Gives what a person should know of that.
    pub fn read_or_set_aside(path: &Path) -> Result<(Option<Self>, Option<String>), StateError> {
        let reason = match Self::read(path) {
            Ok(state) => return Ok((state, None)),
            Err(StateError::Broken { reason, .. }) => reason,
            Err(error @ (StateError::Read { .. } | StateError::Format { .. })) => {
                return Err(error);
            }
        };
        let mut aside = path.as_os_str().to_owned();
        aside.push(".broken");
        std::fs::rename(path, &aside).map_err(|source| StateError::Read {
            path: path.to_owned(),
            source,
        })?;
        let note = format!(
            "the state in {} could not be read ({reason}); it was set aside as {}, and every host is sent once more",
            path.display(),
            PathBuf::from(aside).display()
        );
        Ok((None, Some(note)))
    }

    /// Writes it in the place of the one before.
    pub fn write(&self, path: &Path) -> Result<(), FileError> {
        let mut text = serde_json::to_string_pretty(self).unwrap_or_default();
        text.push('\n');
        replace(path, text.as_bytes(), Readers::Owner)
    }

    /// What is known of a target. What was said elsewhere is forgotten, and with another fingerprint all that a
    /// person may have mended.
    pub fn target_mut(&mut self, name: &str, place: &str, fingerprint: &str) -> &mut TargetState {
        let target = self.targets.entry(name.to_owned()).or_default();
        if target.place != place {
            *target = TargetState {
                place: place.to_owned(),
                ..TargetState::default()
            };
        }
        if target.fingerprint != fingerprint {
            fingerprint.clone_into(&mut target.fingerprint);
            target.trouble = None;
            for host in target.hosts.values_mut() {
                host.stopped = None;
            }
        }
        target
    }

    /// Dates in the future become now: the clock was set back since they were written.
    pub fn without_future(&mut self, now: Timestamp) {
        let past = |at: &mut Timestamp| *at = (*at).min(now);
        self.looked_at.as_mut().map(past);
        for target in self.targets.values_mut() {
            if let Some(trouble) = &mut target.trouble {
                past(&mut trouble.at);
            }
            for host in target.hosts.values_mut() {
                if let Some(sent) = &mut host.ipv4 {
                    past(&mut sent.at);
                }
                if let Some(sent) = &mut host.ipv6 {
                    past(&mut sent.at);
                }
            }
        }
    }
}

impl TargetState {
    /// What is known of a host.
    pub fn host(&self, name: &Hostname) -> HostState {
        self.hosts
            .get(&name.to_string())
            .cloned()
            .unwrap_or_default()
    }
}

/// Why the state cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StateError {
    /// The file cannot be read.
    #[error("cannot read the state in {}: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// It was cut off, or something else wrote it.
    #[error("the state in {} is broken: {reason}", path.display())]
    Broken {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// A later program wrote it.
    #[error(
        "the state in {} has format {found}, and this program knows {FORMAT}: use the program that wrote it, or delete the file",
        path.display()
    )]
    Format {
        /// The file.
        path: PathBuf,
        /// Its format.
        found: u32,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_micros(seconds * 1_000_000)
    }

    fn sample() -> State {
        let mut state = State::new("salt".to_owned());
        let target = state.target_mut("home", "apertodns https://a.example/", "f1");
        target.trouble = Some(StoredTrouble {
            kind: FaultKind::Busy {
                retry_after: Some(Duration::from_secs(9)),
            },
            message: "busy".to_owned(),
            times: 2,
            at: at(50),
            wait: Duration::from_mins(10),
        });
        let ipv4 = Some(Sent {
            address: Some([9, 9, 9, 9].into()),
            at: at(100),
        });
        let host = HostState {
            ipv4,
            ipv6: None,
            stopped: Some("nohost".to_owned()),
        };
        target.hosts.insert("home.example.com".to_owned(), host);
        state
    }

    #[test]
    fn what_is_written_is_read_again_and_what_was_cut_off_is_set_aside() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ddns.state");
        assert_eq!(State::read(&path).unwrap(), None);
        sample().write(&path).unwrap();
        assert_eq!(State::read(&path).unwrap(), Some(sample()));
        let whole = std::fs::read(&path).unwrap();
        for length in [0, 1, whole.len() / 2, whole.len() - 3] {
            std::fs::write(&path, &whole[..length]).unwrap();
            let (state, note) = State::read_or_set_aside(&path).unwrap();
            assert_eq!(state, None);
            assert!(note.unwrap().contains("set aside"));
            assert!(!path.exists());
            assert!(folder.path().join("ddns.state.broken").exists());
        }
    }

    #[test]
    fn the_state_of_a_later_program_is_not_touched() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ddns.state");
        std::fs::write(&path, "{\"format\": 2, \"targets\": {}}").unwrap();
        let error = State::read_or_set_aside(&path).unwrap_err();
        assert!(error.to_string().contains("format 2"), "{error}");
        assert!(path.exists());
    }

    #[test]
    fn another_secret_ends_a_stop_and_another_server_forgets_what_was_sent() {
        let mut state = sample();
        let same = state.target_mut("home", "apertodns https://a.example/", "f1");
        assert!(same.trouble.is_some());
        let mended = state.target_mut("home", "apertodns https://a.example/", "f2");
        let host = &mended.hosts["home.example.com"];
        assert_eq!((host.stopped.as_ref(), host.ipv4.is_some()), (None, true));
        assert_eq!(mended.trouble, None);
        let elsewhere = state.target_mut("home", "apertodns https://b.example/", "f2");
        assert!(elsewhere.hosts.is_empty());
    }

    #[test]
    fn what_is_dated_in_the_future_happened_now() {
        let mut state = sample();
        state.without_future(at(70));
        let target = &state.targets["home"];
        assert_eq!(target.trouble.as_ref().unwrap().at, at(50));
        let sent = target.hosts["home.example.com"].ipv4;
        assert_eq!(sent.unwrap().at, at(70));
    }
}
