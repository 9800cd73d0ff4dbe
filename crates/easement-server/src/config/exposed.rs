//! Files with secrets that others on the machine can read.

use std::fmt;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use super::Config;

/// The permissions of everybody but the owner and the group.
const OTHERS: u32 = 0o007;

/// A file with a secret that every user of the machine can read or change.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ExposedFile {
    path: PathBuf,
    mode: u32,
    secret: &'static str,
}

impl Config {
    /// The files of this configuration that should be private and are not. `file` is where it was
    /// read from. What cannot be looked at is left to those who open it.
    pub fn exposed_files(&self, file: Option<&Path>) -> Vec<ExposedFile> {
        let with_url = file.filter(|_| self.store.postgres_url.is_some());
        let key = self.server.tls_key.as_deref();
        let cookies = self.dns.cookie_secret_file.as_deref();
        let files = [
            (with_url, "the URL of a database"),
            (key, "a private key"),
            (cookies, "the secret of DNS cookies"),
        ];
        files
            .into_iter()
            .filter_map(|(path, secret)| look(path?, secret))
            .collect()
    }
}

fn look(path: &Path, secret: &'static str) -> Option<ExposedFile> {
    let mode = std::fs::metadata(path).ok()?.permissions().mode() & 0o777;
    (mode & OTHERS != 0).then(|| ExposedFile {
        path: path.to_owned(),
        mode,
        secret,
    })
}

impl fmt::Display for ExposedFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (path, mode, secret) = (self.path.display(), self.mode, self.secret);
        write!(
            f,
            "{path} holds {secret}, and every user of this machine can get at it (mode {mode:o}): \
             chmod o= {path}"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_that_everybody_can_read_are_named() {
        let folder = tempfile::tempdir().unwrap();
        let make = |name: &str, text: &str, mode| {
            let path = folder.path().join(name);
            std::fs::write(&path, text).unwrap();
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
            path
        };
        let key = make("key.pem", "", 0o644);
        let mut config = Config::default();
        let file = make("easement.toml", "", 0o644);
        assert_eq!(config.exposed_files(Some(&file)), [], "nothing is secret");

        config = toml::from_str("[store]\npostgres_url = \"postgres://a:b@c/d\"\n").unwrap();
        config.server.tls_key = Some(key);
        let exposed = config.exposed_files(Some(&file));
        assert_eq!(exposed.len(), 2, "{exposed:?}");
        assert!(exposed[0].to_string().contains("easement.toml"));

        let file = make("easement.toml", "", 0o640);
        config.server.tls_key = Some(make("key.pem", "", 0o600));
        assert_eq!(config.exposed_files(Some(&file)), []);
    }
}
