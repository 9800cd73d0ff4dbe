//! The file with the secret of DNS cookies, which is read at the start and whenever somebody asks.

use std::io;
use std::path::{Path, PathBuf};

use easement_dns::CookieSecrets;
use serde::{Deserialize, Serialize};

/// The most octets that the file may have.
const MAX_FILE_OCTETS: usize = 4096;

/// The file, and what was read from it.
#[derive(Clone, Debug)]
pub(crate) struct CookieSecretFile {
    path: PathBuf,
    /// DNS answers with a clone.
    secrets: CookieSecrets,
}

/// What came of reading the file again.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CookieSecretReload {
    /// There is no such file: the server makes its secrets itself.
    NotUsed,
    /// It holds what is in use already.
    Unchanged,
    /// New cookies are made from the new secret.
    Taken,
}

impl CookieSecretFile {
    /// Reads it.
    pub(super) fn open(path: &Path) -> Result<Self, CookieSecretFileError> {
        Ok(Self {
            secrets: read(path)?,
            path: path.to_owned(),
        })
    }

    pub(super) fn secrets(&self) -> CookieSecrets {
        self.secrets.clone()
    }

    /// Reads it again. When it cannot be used, what is in use stays. The log says what came of it.
    pub(crate) fn reload(&self) -> Result<CookieSecretReload, CookieSecretFileError> {
        let secrets = read(&self.path).inspect_err(|error| {
            tracing::warn!(%error, "the secret of DNS cookies in use stays");
        })?;
        if !self.secrets.replace(&secrets) {
            return Ok(CookieSecretReload::Unchanged);
        }
        tracing::info!("a new secret of DNS cookies is in use");
        Ok(CookieSecretReload::Taken)
    }
}

fn read(path: &Path) -> Result<CookieSecrets, CookieSecretFileError> {
    let refuse = |error| CookieSecretFileError {
        path: path.to_owned(),
        error,
    };
    let text = std::fs::read_to_string(path).map_err(|error| refuse(error.into()))?;
    Some(text)
        .filter(|text| text.len() <= MAX_FILE_OCTETS)
        .and_then(|text| parse_secrets(&text))
        .ok_or_else(|| refuse(CookieSecretError::Contents))
}

/// A secret a line: the current one, maybe the one before it. Lines that begin with # are comments.
fn parse_secrets(text: &str) -> Option<CookieSecrets> {
    let lines = text.lines().map(str::trim);
    let mut secrets = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
    let current = parse_secret(secrets.next()?)?;
    let previous = match secrets.next() {
        Some(line) => Some(parse_secret(line)?),
        None => None,
    };
    secrets
        .next()
        .is_none()
        .then(|| CookieSecrets::shared(current, previous))
}

fn parse_secret(digits: &str) -> Option<[u8; CookieSecrets::OCTETS]> {
    let is_whole = digits.len() == 2 * CookieSecrets::OCTETS;
    let is_hexadecimal = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    let number = u128::from_str_radix(digits, 16).ok();
    number
        .filter(|_| is_whole && is_hexadecimal)
        .map(u128::to_be_bytes)
}

//------------ Errors ----------------------------------------------------------------------------

/// Why the file cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("cannot use the secret of DNS cookies in {}: {error}", path.display())]
pub struct CookieSecretFileError {
    /// The file.
    pub path: PathBuf,
    /// Why.
    pub error: CookieSecretError,
}

/// Why the secret of DNS cookies cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum CookieSecretError {
    /// The file cannot be read.
    #[error(transparent)]
    Read(#[from] io::Error),
    /// The file holds something else. It is not shown, because it may be secret.
    #[error(
        "it must hold one or two lines of 32 hexadecimal digits: the current secret, and the one \
         before it (`openssl rand -hex 16` makes one)"
    )]
    Contents,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_holds_the_current_secret_and_maybe_the_one_before_it() {
        let one = "e5e973e5a6b2a43f48e7dc849e37bfcf";
        let other = "DD3BDF9344B678B185A6F5CB60FCA715";
        for good in [
            one.to_owned(),
            format!("\n# current\n {one} \n\n# before\n{other}\n"),
        ] {
            assert!(parse_secrets(&good).is_some(), "{good}");
        }
        for bad in [
            String::new(),
            "# nothing\n".to_owned(),
            one[1..].to_owned(),
            format!("{one}00"),
            format!("+{}", &one[1..]),
            format!("{one}\nsecret"),
            format!("{one}\n{other}\n{one}"),
        ] {
            assert!(parse_secrets(&bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn what_is_wrong_with_a_secret_is_said_without_showing_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret");
        std::fs::write(&path, "hunter2").unwrap();
        let text = CookieSecretFile::open(&path).unwrap_err().to_string();
        assert!(
            text.contains("32 hexadecimal") && text.contains("secret"),
            "{text}"
        );
        assert!(!text.contains("hunter2"), "{text}");
        std::fs::remove_file(&path).unwrap();
        let error = CookieSecretFile::open(&path).unwrap_err();
        assert!(error.to_string().contains("No such file"), "{error}");
    }

    #[test]
    fn a_file_that_cannot_be_used_changes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret");
        let write = |text: &str| std::fs::write(&path, text).unwrap();
        let (one, other) = ("11".repeat(16), "22".repeat(16));
        write(&one);
        let file = CookieSecretFile::open(&path).unwrap();
        write(&one[1..]);
        assert!(file.reload().is_err());
        write(&one);
        assert_eq!(file.reload().unwrap(), CookieSecretReload::Unchanged);
        write(&format!("{other}\n{one}"));
        assert_eq!(file.reload().unwrap(), CookieSecretReload::Taken);
        assert_eq!(file.reload().unwrap(), CookieSecretReload::Unchanged);
    }
}
