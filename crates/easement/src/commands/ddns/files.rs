//! Where the files of the agent are.

use std::env;
use std::path::{Path, PathBuf};

use easement_agent::config::{Config, Protocol, Target, TargetName};
use easement_agent::send::{Access, GrantFile, NamesFile};
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
        let named = named.or_else(|| folder_of("EASEMENT_DDNS_CONFIG"));
        let (config, state) = match named {
            Some(config) => {
                let state = state_of(&config);
                (config, state)
            }
            None => usual(),
        };
        Self {
            config,
            state_folder: folder_of("STATE_DIRECTORY").unwrap_or(state),
            credentials: folder_of("CREDENTIALS_DIRECTORY"),
        }
    }

    /// What is remembered.
    pub(super) fn state(&self, config: &Config) -> PathBuf {
        let usual = || self.state_folder.join(STATE_FILE);
        config.state_file.clone().unwrap_or_else(usual)
    }

    /// What a service writes, which has nobody who reads what it prints.
    #[cfg(windows)]
    pub(super) fn log(&self) -> PathBuf {
        self.state_folder.join("ddns.log")
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

    /// Where permissions of a target may be: its own, and one from a protocol that it had before.
    pub(super) fn grants(&self, config: &Config, target: &Target) -> Vec<PathBuf> {
        let [_, usual] = self.of_former_target(config, &target.name);
        let own = self.grant(config, target);
        if target.protocol.is_permitted_in_browser() && own != usual {
            vec![own, usual]
        } else {
            vec![usual]
        }
    }

    /// What opens a target; or why nothing does, so that the others go on.
    pub(super) fn access(&self, config: &Config, target: &Target) -> Access {
        let access = match target.protocol {
            Protocol::DomainConnect => GrantFile::read(&self.grant(config, target))
                .map(|file| Access::Grant(Box::new(file)))
                .map_err(|error| error.to_string()),
            Protocol::NameDrop { .. } => NamesFile::read(&self.grant(config, target))
                .map(|file| Access::Names(Box::new(file)))
                .map_err(|error| error.to_string()),
            Protocol::ApertoDns { .. } | Protocol::DynDns2 { .. } => self
                .read_secret(target)
                .map(Access::Secret)
                .map_err(|error| error.to_string()),
        };
        access.unwrap_or_else(|reason| Access::Missing { reason })
    }

    /// The secret and the permission of a target that the configuration does not have any more, where they usually are.
    pub(super) fn of_former_target(&self, config: &Config, name: &TargetName) -> [PathBuf; 2] {
        let folder = self.config.parent().unwrap_or(Path::new("."));
        let grant = format!("{name}.grant");
        [
            folder.join(SECRETS).join(name.as_str()),
            self.state(config).with_file_name(grant),
        ]
    }

    /// The folder of secrets.
    pub(super) fn secrets(&self) -> PathBuf {
        self.config.with_file_name(SECRETS)
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

/// The configuration of the user or, when there is none and for root, that of the machine; and the state that belongs
/// to it.
#[cfg(unix)]
fn usual() -> (PathBuf, PathBuf) {
    let of_home = || folder_of("HOME").map(|home| home.join(".config"));
    let own = folder_of("XDG_CONFIG_HOME").or_else(of_home);
    let own = own.map(|folder| folder.join("easement/ddns.toml"));
    let machine = PathBuf::from(MACHINE_CONFIG);
    match own {
        Some(own) if own.exists() => (own, usual_state()),
        Some(own) if !is_root() && !machine.exists() => (own, usual_state()),
        Some(_) | None => (machine, MACHINE_STATE.into()),
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

/// Where the state is that belongs to a configuration that is named.
#[cfg(unix)]
fn state_of(_: &Path) -> PathBuf {
    usual_state()
}

/// That of the machine, which a service works with, has its state beside it.
#[cfg(not(unix))]
fn state_of(config: &Path) -> PathBuf {
    match machine_config() {
        Some(machine) if machine == config => config.with_file_name(""),
        Some(_) | None => usual_state(),
    }
}

/// The configuration of the whole machine.
#[cfg(not(unix))]
pub(super) fn machine_config() -> Option<PathBuf> {
    let folder = folder_of("ProgramData")?;
    Some(folder.join("easement").join("ddns.toml"))
}

#[cfg(not(unix))]
fn usual() -> (PathBuf, PathBuf) {
    let folder = folder_of("APPDATA").unwrap_or_default();
    let own = folder.join("easement").join("ddns.toml");
    match machine_config() {
        Some(machine) if machine.exists() && !own.exists() => {
            let state = state_of(&machine);
            (machine, state)
        }
        Some(_) | None => (own, usual_state()),
    }
}

#[cfg(not(unix))]
fn usual_state() -> PathBuf {
    folder_of("LOCALAPPDATA")
        .unwrap_or_default()
        .join("easement")
}
