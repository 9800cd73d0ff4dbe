//! The parameters that the requests of Domain Connect have in common.

use std::collections::BTreeSet;

use easement_zone::{Host, Label, Name, NameError};
use url::Url;

use super::Pair;
use super::apply::{ApplyQuery, QueryError};
use super::given::Given;
use crate::render::is_hostname_label;
use crate::{GroupId, percent};

/// The parameters that are read whatever the template.
const ALWAYS_READ: [&str; 6] = ["domain", "host", "redirect_uri", "state", "groupId", "crit"];

/// The parameters while they are gathered.
#[derive(Default)]
pub(super) struct Fields {
    domain: Option<String>,
    host: Option<String>,
    redirect_uri: Option<String>,
    state: Option<String>,
    pub(super) groups: BTreeSet<GroupId>,
    pub(super) given: Given,
}

impl Fields {
    /// Takes a pair of a query. One that cannot be decoded may be anybody's, unless its name says whose it is.
    pub(super) fn take_pair(&mut self, pair: Pair<'_>) -> Result<(), QueryError> {
        let Ok(name) = percent::decode(pair.raw_name()) else {
            return Ok(());
        };
        match percent::decode(pair.raw_value()) {
            Ok(value) => self.take(name, value),
            Err(source) if ALWAYS_READ.contains(&name.as_str()) => {
                let pair = pair.raw().chars().take(80).collect();
                Err(QueryError::Encoding { pair, source })
            }
            Err(source) => {
                self.given.add(name, Err(source));
                Ok(())
            }
        }
    }

    /// Takes a name and a value that were decoded.
    pub(super) fn take(&mut self, name: String, value: String) -> Result<(), QueryError> {
        match name.as_str() {
            "domain" => once("domain", &mut self.domain, value),
            "host" => once("host", &mut self.host, value),
            "redirect_uri" => once("redirect_uri", &mut self.redirect_uri, value),
            "state" => once("state", &mut self.state, value),
            "groupId" => self.take_groups(&value),
            "crit" => {
                self.given.add_critical(&value);
                Ok(())
            }
            _ => {
                self.given.add(name, Ok(value));
                Ok(())
            }
        }
    }

    /// A comma list, a repeated parameter, or both: both are seen from real service providers.
    fn take_groups(&mut self, list: &str) -> Result<(), QueryError> {
        for group in list
            .split(',')
            .map(str::trim)
            .filter(|text| !text.is_empty())
        {
            self.groups.insert(group.parse()?);
        }
        Ok(())
    }

    /// The apex of the zone.
    pub(super) fn domain(&self) -> Result<Name, QueryError> {
        let domain = self.domain.as_deref().filter(|text| !text.is_empty());
        parse_domain(domain.ok_or(QueryError::NoDomain)?)
    }

    /// The host below it; the apex when nothing is said.
    pub(super) fn host(&self) -> Result<Host, QueryError> {
        parse_host(self.host.as_deref().unwrap_or_default())
    }

    /// Several hosts with commas between them; an empty one is the apex.
    pub(super) fn hosts(&self) -> Result<BTreeSet<Host>, QueryError> {
        let list = self.host.as_deref().unwrap_or_default();
        list.split(',').map(str::trim).map(parse_host).collect()
    }

    pub(super) fn redirect_uri(&self) -> Result<Option<Url>, QueryError> {
        let text = self.redirect_uri.as_deref().filter(|text| !text.is_empty());
        text.map(|text| {
            Url::parse(text).map_err(|source| QueryError::RedirectUri {
                text: text.to_owned(),
                source,
            })
        })
        .transpose()
    }

    pub(super) fn state(&self) -> Result<Option<String>, QueryError> {
        checked_state(self.state.clone())
    }
}

pub(super) fn once(
    name: &'static str,
    slot: &mut Option<String>,
    value: String,
) -> Result<(), QueryError> {
    if slot.as_ref().is_some_and(|earlier| *earlier != value) {
        return Err(QueryError::Repeated { name });
    }
    *slot = Some(value);
    Ok(())
}

fn parse_domain(text: &str) -> Result<Name, QueryError> {
    let error = |source| QueryError::Domain {
        text: text.to_owned(),
        source,
    };
    let name: Name = text.parse().map_err(error)?;
    if name.is_root() {
        return Err(error(NameError::EmptyLabel));
    }
    check_labels(text, name.labels())?;
    Ok(name.to_lowercase())
}

fn parse_host(text: &str) -> Result<Host, QueryError> {
    let host: Host = text
        .to_lowercase()
        .parse()
        .map_err(|source| QueryError::Host {
            text: text.to_owned(),
            source,
        })?;
    check_labels(text, host.labels())?;
    Ok(host)
}

/// Escapes of zone files, spaces and wildcards have no place in a domain or host of a request
/// (draft-05 section 3, `domain-name`).
fn check_labels<'a>(
    text: &str,
    mut labels: impl Iterator<Item = Label<'a>>,
) -> Result<(), QueryError> {
    if labels.all(is_hostname_label) && !text.contains('\\') {
        Ok(())
    } else {
        Err(QueryError::Character {
            text: text.to_owned(),
        })
    }
}

pub(super) fn checked_state(state: Option<String>) -> Result<Option<String>, QueryError> {
    match state {
        Some(state) if state.len() > ApplyQuery::MAX_STATE_OCTETS => {
            Err(QueryError::ValueTooLong {
                name: "state".to_owned(),
            })
        }
        Some(state) if state.chars().any(char::is_control) => Err(QueryError::ControlCharacter {
            name: "state".to_owned(),
        }),
        state => Ok(state),
    }
}
