//! The services that are applied to a zone file, kept in a file beside it.

use std::fs::{File, TryLockError};
use std::path::Path;

use anyhow::{Context as _, bail, ensure};
use domain_connect::{AppliedService, Checksum};
use easement_zone::Name;
use serde::{Deserialize, Serialize};

use crate::console::{NotValid, say};
use crate::replace_file;

/// The version of the format.
const VERSION: u32 = 1;

/// What is in the file.
#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct State {
    version: u32,
    zone: String,
    /// The zone file that the services belong to, by its checksum.
    #[serde(default)]
    zone_file: String,
    pub(super) services: Vec<AppliedService>,
    /// What was there before, in case the zone file was never written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    before: Option<Before>,
}

#[derive(Debug, Deserialize, Serialize)]
struct Before {
    zone_file: String,
    services: Vec<AppliedService>,
}

impl State {
    /// The state with other services; this one is remembered.
    pub(super) fn after(&self, services: Vec<AppliedService>, apex: &Name) -> Self {
        Self {
            version: VERSION,
            zone: apex.to_text(),
            zone_file: String::new(),
            services,
            before: Some(Before {
                zone_file: String::new(),
                services: self.services.clone(),
            }),
        }
    }
}

/// Reads the state; nothing is applied when there is no file yet.
pub(super) fn load(path: &Path, apex: &Name, zone_file: &str) -> anyhow::Result<State> {
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(State::default()),
        Err(error) => {
            return Err(error).with_context(|| format!("cannot read the state {}", path.display()));
        }
    };
    let mut state = parse(&text, path, apex).map_err(NotValid::mark)?;
    let checksum = Checksum::of(zone_file.as_bytes()).to_string();
    match state.before.take() {
        _ if state.zone_file == checksum => {}
        Some(before) if before.zone_file == checksum => {
            say("note: the last run did not write the zone file; it counts as never made");
            state.services = before.services;
        }
        _ => say(
            "warning: the zone file was changed since the last run; records of services that are gone count as taken away by hand",
        ),
    }
    Ok(state)
}

/// A state of this version, and of this zone.
fn parse(text: &str, path: &Path, apex: &Name) -> anyhow::Result<State> {
    let state: State = serde_json::from_str(text)
        .with_context(|| format!("{} is not a state of this command", path.display()))?;
    ensure!(
        state.version == VERSION,
        "{} has the version {}, and this program knows {VERSION}",
        path.display(),
        state.version
    );
    let same_zone = state.zone.parse::<Name>().is_ok_and(|zone| zone == *apex);
    ensure!(
        same_zone,
        "{} is about {}, and the zone file about {}",
        path.display(),
        state.zone,
        apex.to_text()
    );
    Ok(state)
}

/// Writes the state of a change from one zone file to another.
pub(super) fn save(path: &Path, state: &State, before: &str, after: &str) -> anyhow::Result<()> {
    let checksum = |text: &str| Checksum::of(text.as_bytes()).to_string();
    let mut value = serde_json::to_value(state)?;
    if let Some(object) = value.as_object_mut() {
        object.insert("zone_file".to_owned(), checksum(after).into());
        if let Some(earlier) = object.get_mut("before").and_then(|one| one.as_object_mut()) {
            earlier.insert("zone_file".to_owned(), checksum(before).into());
        }
    }
    let text = format!("{}\n", serde_json::to_string_pretty(&value)?);
    replace_file::replace(path, text.as_bytes())
        .with_context(|| format!("cannot write the state {}", path.display()))
}

/// Keeps a second run in the same folder out for as long as the value lives.
pub(super) fn lock(path: &Path) -> anyhow::Result<File> {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    let context = || format!("cannot open the folder {}", folder.display());
    let file = File::open(folder).with_context(context)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => bail!("another run is at work in {}", folder.display()),
        Err(TryLockError::Error(error)) => {
            Err(error).with_context(|| format!("cannot lock the folder {}", folder.display()))
        }
    }
}
