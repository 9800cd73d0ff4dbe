//! The key with which the demo's service providers sign, made once and kept in the demo's folder.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use aws_lc_rs::encoding::{AsDer as _, Pkcs8V1Der};
use aws_lc_rs::rsa::{KeyPair, KeySize};
use domain_connect::{SignError, SigningKey};

/// Reads the key from this file, or makes one and writes it there for its owner alone.
pub fn load_or_make_key(path: &Path) -> Result<SigningKey, KeyFileError> {
    let failed = |source| KeyFileError::File {
        path: path.to_owned(),
        source,
    };
    match fs::read(path) {
        Ok(der) => SigningKey::from_pkcs8_der(&der).map_err(|source| KeyFileError::Key {
            path: path.to_owned(),
            source,
        }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let der = make_key()?;
            let mut file = OpenOptions::new()
                .write(true)
                .create_new(true)
                .mode(0o600)
                .open(path)
                .map_err(failed)?;
            file.write_all(&der)
                .and_then(|()| file.sync_all())
                .map_err(failed)?;
            SigningKey::from_pkcs8_der(&der).map_err(|source| KeyFileError::Key {
                path: path.to_owned(),
                source,
            })
        }
        Err(error) => Err(failed(error)),
    }
}

/// A new 2048-bit RSA key in PKCS#8.
fn make_key() -> Result<Vec<u8>, KeyFileError> {
    let pair = KeyPair::generate(KeySize::Rsa2048).map_err(|_| KeyFileError::Generate)?;
    let der: Pkcs8V1Der<'_> = pair.as_der().map_err(|_| KeyFileError::Generate)?;
    Ok(der.as_ref().to_vec())
}

/// Why there is no key.
#[derive(Debug, thiserror::Error)]
pub enum KeyFileError {
    /// The file cannot be read or written.
    #[error("the key file {} cannot be read or written: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// The cause.
        source: io::Error,
    },
    /// The file holds something else.
    #[error("the key file {} does not hold an RSA key: {source}; run the demo with --reset", path.display())]
    Key {
        /// The file.
        path: PathBuf,
        /// The cause.
        source: SignError,
    },
    /// No key could be made.
    #[error("no RSA key could be made")]
    Generate,
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn the_key_is_made_once_and_readable_by_its_owner_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("service-provider.key");
        let made = load_or_make_key(&path).unwrap().public_records().unwrap();
        let loaded = load_or_make_key(&path).unwrap().public_records().unwrap();
        assert_eq!(made, loaded);
        assert_eq!(
            fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            0o600
        );
    }

    #[test]
    fn a_file_that_holds_something_else_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("service-provider.key");
        fs::write(&path, "not a key").unwrap();
        let message = load_or_make_key(&path).unwrap_err().to_string();
        assert!(message.contains("service-provider.key"), "{message}");
        assert!(message.contains("--reset"), "{message}");
    }
}
