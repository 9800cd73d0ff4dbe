//! The folder of the demo: its data, its passwords, and the key of its service provider.

use std::io;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};

use domain_connect::{SignError, SigningKey};
use easement_core::Random;
use serde::{Deserialize, Serialize};

use super::signing;

/// Says that the demo made the folder, and may delete it; holds what it must remember.
const MARKER: &str = "easement-demo.json";
/// The private key of the service providers that share one, PKCS#8.
const SHARED_KEY: &str = "service-provider-key.der";
/// The private key of the partner, PKCS#8.
const PARTNER_KEY: &str = "partner-key.der";
/// The control socket of a running server.
const SOCKET: &str = "control.sock";

/// Whether data of an earlier run is kept.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Start {
    /// It is.
    GoOn,
    /// It is deleted first.
    Over,
}

/// The folder.
#[derive(Debug)]
pub(super) struct DemoFolder {
    path: PathBuf,
    remembered: Remembered,
}

#[derive(Deserialize, Serialize)]
struct Remembered {
    owner_password: String,
    neighbour_password: String,
}

impl DemoFolder {
    /// Opens the folder; makes it, with new passwords and a new key, when it is not there.
    ///
    /// A folder that the demo did not make itself is neither used nor deleted.
    pub(super) fn open(
        path: &Path,
        start: Start,
        random: &dyn Random,
    ) -> Result<Self, FolderError> {
        let failed = |error| FolderError::Io {
            path: path.to_owned(),
            error,
        };
        let is_ours = path.join(MARKER).is_file();
        let is_empty = match std::fs::read_dir(path) {
            Ok(mut entries) => entries.next().is_none(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => true,
            Err(error) => return Err(failed(error)),
        };
        if !is_ours && !is_empty {
            return Err(FolderError::NotOurs {
                path: path.to_owned(),
            });
        }
        if is_ours && start == Start::Over {
            if UnixStream::connect(path.join(SOCKET)).is_ok() {
                return Err(FolderError::InUse {
                    path: path.to_owned(),
                });
            }
            std::fs::remove_dir_all(path).map_err(failed)?;
        }
        let mut folder = std::fs::DirBuilder::new();
        folder.recursive(true).mode(0o700);
        folder.create(path).map_err(failed)?;
        let remembered = Remembered::read_or_make(path, random).map_err(failed)?;
        let path = path.to_owned();
        Ok(Self { path, remembered })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn owner_password(&self) -> &str {
        &self.remembered.owner_password
    }

    pub(super) fn neighbour_password(&self) -> &str {
        &self.remembered.neighbour_password
    }

    /// The key that the service providers sign links with.
    pub(super) fn signing_key(&self) -> Result<SigningKey, FolderError> {
        self.key_in(SHARED_KEY)
    }

    /// The key that the partner signs links with.
    pub(super) fn partner_key(&self) -> Result<SigningKey, FolderError> {
        self.key_in(PARTNER_KEY)
    }

    fn key_in(&self, file: &str) -> Result<SigningKey, FolderError> {
        let path = self.path.join(file);
        let der = match std::fs::read(&path) {
            Ok(der) => der,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let der = signing::new_key()?;
                write_private(&path, &der).map_err(|error| FolderError::Io {
                    path: path.clone(),
                    error,
                })?;
                der
            }
            Err(error) => return Err(FolderError::Io { path, error }),
        };
        Ok(SigningKey::from_pkcs8_der(&der)?)
    }
}

impl Remembered {
    fn read_or_make(folder: &Path, random: &dyn Random) -> io::Result<Self> {
        let path = folder.join(MARKER);
        match std::fs::read(&path) {
            Ok(text) => Ok(serde_json::from_slice(&text)?),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let made = Self {
                    owner_password: signing::new_password(random),
                    neighbour_password: signing::new_password(random),
                };
                write_private(&path, &serde_json::to_vec_pretty(&made)?)?;
                Ok(made)
            }
            Err(error) => Err(error),
        }
    }
}

impl std::fmt::Debug for Remembered {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Remembered(hidden)")
    }
}

/// Writes a file that only its owner may read.
fn write_private(path: &Path, octets: &[u8]) -> io::Result<()> {
    use std::io::Write as _;
    let mut file = std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)?;
    file.write_all(octets)
}

/// Why the folder cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// There is something in it that the demo did not make.
    #[error(
        "the folder {} has files in it that the demo did not make: name another one with --dir",
        path.display()
    )]
    NotOurs {
        /// The folder.
        path: PathBuf,
    },
    /// A demo is running in it.
    #[error("a demo is running in {}: stop it before starting over", path.display())]
    InUse {
        /// The folder.
        path: PathBuf,
    },
    /// A file cannot be read or written.
    #[error("cannot use {}: {error}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// The key cannot be made or used.
    #[error(transparent)]
    Key(#[from] SignError),
}

#[cfg(test)]
mod tests {
    use super::*;
    use easement_outbound::SystemRandom;

    #[test]
    fn only_its_own_folder_is_used_and_deleted() {
        let parent = tempfile::tempdir().unwrap();
        let path = parent.path().join("demo");
        let open = |start| DemoFolder::open(&path, start, &SystemRandom);

        let first = open(Start::GoOn).unwrap().owner_password().to_owned();
        assert_eq!(open(Start::GoOn).unwrap().owner_password(), first);
        assert_ne!(open(Start::Over).unwrap().owner_password(), first);

        std::fs::remove_file(path.join(MARKER)).unwrap();
        std::fs::write(path.join("thesis.txt"), "the only copy").unwrap();
        for start in [Start::GoOn, Start::Over] {
            assert!(matches!(open(start), Err(FolderError::NotOurs { .. })));
        }
        assert!(path.join("thesis.txt").is_file());
    }
}
