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
use crate::time::{Moment, When};

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
    /// Whether an address was wanted then that nobody could say.
    #[serde(default)]
    pub is_unknown: bool,
    /// What is known of each target, by its name.
    #[serde(default)]
    pub targets: BTreeMap<String, TargetState>,
}

/// What is known of a target.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
pub struct TargetState {
    /// Of the configuration and the secret that all this stands on.
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
    pub at: When,
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
    pub at: When,
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

    /// What is known of a target. With another fingerprint that is nothing: a person has changed something, so that it
    /// counts elsewhere, otherwise or anew.
    pub fn target_mut(&mut self, name: &str, fingerprint: &str) -> &mut TargetState {
        let target = self.targets.entry(name.to_owned()).or_default();
        if target.fingerprint != fingerprint {
            *target = TargetState {
                fingerprint: fingerprint.to_owned(),
                ..TargetState::default()
            };
        }
        target
    }

    /// Dates everything anew, as far as the clock was set meanwhile.
    pub fn settle(&mut self, now: &Moment) {
        for target in self.targets.values_mut() {
            if let Some(trouble) = &mut target.trouble {
                trouble.at.settle(now);
            }
            for host in target.hosts.values_mut() {
                if let Some(sent) = &mut host.ipv4 {
                    sent.at.settle(now);
                }
                if let Some(sent) = &mut host.ipv6 {
                    sent.at.settle(now);
                }
            }
        }
    }
}

impl TargetState {
    /// Forgets everything but what it stands on: it is said once more.
    pub fn forget(&mut self) {
        self.hosts.clear();
        self.trouble = None;
    }

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
        let target = state.target_mut("home", "f1");
        target.trouble = Some(StoredTrouble {
            kind: FaultKind::Busy {
                retry_after: Some(Duration::from_secs(9)),
            },
            message: "busy".to_owned(),
            times: 2,
            at: at(50).into(),
            wait: Duration::from_mins(10),
        });
        let ipv4 = Some(Sent {
            address: Some([9, 9, 9, 9].into()),
            at: at(100).into(),
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
    fn whatever_a_person_changes_forgets_what_was_sent_and_what_was_in_the_way() {
        let mut state = sample();
        assert!(state.target_mut("home", "f1").trouble.is_some());
        let mended = state.target_mut("home", "f2");
        assert!(mended.hosts.is_empty() && mended.trouble.is_none());
        let mut state = sample();
        state.target_mut("home", "f1").forget();
        let same = state.target_mut("home", "f1");
        assert!(same.hosts.is_empty() && same.trouble.is_none());
    }
}
