//! Where the files of the agent are.

use std::env;
use std::path::{Path, PathBuf};

use easement_agent::config::{Config, Protocol, Target};
use easement_agent::send::{Access, GrantFile};
use easement_agent::{SecretFileError, SecretText, read_secret};

use crate::arguments::Common;

/// The folder of secrets, beside the configuration.
const SECRETS: &str = "ddns-secrets";
#[cfg(unix)]
const MACHINE_CONFIG: &str = "/etc/easement/ddns.toml";
#[cfg(unix)]
const MACHINE_STATE: &str = "/var/lib/easement-ddns";
const STATE_FILE: &str = "ddns.state";

/// Where the files of the agent are.
#[derive(Clone, Debug)]
pub(super) struct Files {
    /// The configuration; it may not be there.
    pub(super) config: PathBuf,
    /// The folder of what is remembered, unless the configuration says otherwise.
    state_folder: PathBuf,
    /// Where the service manager put secrets.
    credentials: Option<PathBuf>,
}

impl Files {
    /// The files that count for this user.
    pub(super) fn find(common: &Common) -> Self {
        let named = common.named_file().map(Path::to_owned);
        let of_environment = || folder_of("EASEMENT_DDNS_CONFIG");
        Self {
            config: named.or_else(of_environment).unwrap_or_else(usual_config),
            state_folder: folder_of("STATE_DIRECTORY").unwrap_or_else(usual_state),
            credentials: folder_of("CREDENTIALS_DIRECTORY"),
        }
    }

    /// What is remembered.
    pub(super) fn state(&self, config: &Config) -> PathBuf {
        let usual = || self.state_folder.join(STATE_FILE);
        config.state_file.clone().unwrap_or_else(usual)
    }

    /// The secret of a target: where the configuration says, where the service manager put it, or beside the
    /// configuration.
    pub(super) fn secret(&self, target: &Target) -> PathBuf {
        if target.secret_file.is_some() {
            return self.new_secret(target);
        }
        let credential = self.credentials.as_ref().map(|credentials| {
            // So the manager calls the files of a folder (systemd.exec(5), LoadCredential=).
            credentials.join(format!("{SECRETS}_{}", target.name))
        });
        let there = credential.filter(|file| file.exists());
        there.unwrap_or_else(|| self.new_secret(target))
    }

    /// Where a secret is put that a person gives.
    pub(super) fn new_secret(&self, target: &Target) -> PathBuf {
        let folder = self.config.parent().unwrap_or(Path::new("."));
        match &target.secret_file {
            Some(file) => folder.join(file),
            None => folder.join(SECRETS).join(target.name.as_str()),
        }
    }

    /// What a person permitted in a browser. It is written anew as long as it counts, so it is beside the state.
    pub(super) fn grant(&self, config: &Config, target: &Target) -> PathBuf {
        let file = target.secret_file.clone();
        let file = file.unwrap_or_else(|| format!("{}.grant", target.name).into());
        self.state(config).with_file_name("").join(file)
    }

    /// What opens a target.
    pub(super) fn access(&self, config: &Config, target: &Target) -> anyhow::Result<Access> {
        match target.protocol {
            Protocol::DomainConnect => {
                let file = GrantFile::read(&self.grant(config, target))?;
                Ok(Access::Grant(Box::new(file)))
            }
            Protocol::ApertoDns { .. } | Protocol::DynDns2 { .. } => {
                Ok(Access::Secret(self.read_secret(target)?))
            }
        }
    }

    /// Reads the secret of a target.
    fn read_secret(&self, target: &Target) -> Result<SecretText, SecretFileError> {
        let path = self.secret(target);
        let text = read_secret(&path, self.credentials.as_deref())?;
        SecretText::new(&text).ok_or(SecretFileError::Empty { path })
    }
}

fn folder_of(variable: &str) -> Option<PathBuf> {
    let value = env::var_os(variable)?;
    (!value.is_empty()).then(|| PathBuf::from(value))
}

#[cfg(unix)]
fn is_root() -> bool {
    nix::unistd::geteuid().is_root()
}

/// That of the user or, when it has none and for root, that of the machine.
#[cfg(unix)]
fn usual_config() -> PathBuf {
    let of_home = || folder_of("HOME").map(|home| home.join(".config"));
    let own = folder_of("XDG_CONFIG_HOME").or_else(of_home);
    let own = own.map(|folder| folder.join("easement/ddns.toml"));
    let machine = PathBuf::from(MACHINE_CONFIG);
    match own {
        Some(own) if own.exists() => own,
        Some(own) if !is_root() && !machine.exists() => own,
        Some(_) | None => machine,
    }
}

#[cfg(unix)]
fn usual_state() -> PathBuf {
    let of_home = || folder_of("HOME").map(|home| home.join(".local/state"));
    let own = folder_of("XDG_STATE_HOME").or_else(of_home);
    match own {
        Some(own) if !is_root() => own.join("easement"),
        Some(_) | None => PathBuf::from(MACHINE_STATE),
    }
}

#[cfg(not(unix))]
fn usual_config() -> PathBuf {
    let folder = folder_of("APPDATA").unwrap_or_default();
    folder.join("easement").join("ddns.toml")
}

#[cfg(not(unix))]
fn usual_state() -> PathBuf {
    folder_of("LOCALAPPDATA")
        .unwrap_or_default()
        .join("easement")
}
