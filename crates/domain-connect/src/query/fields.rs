//! The parameters that the requests of Domain Connect have in common.

use std::collections::BTreeSet;

use easement_zone::{Host, Label, Name, NameError};
use url::Url;

use super::apply::{ApplyQuery, QueryError};
use crate::render::is_hostname_label;
use crate::{DisplayName, GroupId, InstanceId, VariableName, Variables};

/// The parameters while they are gathered.
#[derive(Default)]
pub(super) struct Fields {
    domain: Option<String>,
    host: Option<String>,
    redirect_uri: Option<String>,
    state: Option<String>,
    pub(super) groups: BTreeSet<GroupId>,
    provider_name: Option<String>,
    service_name: Option<String>,
    instance: Option<String>,
    pub(super) critical: Vec<String>,
    pub(super) unknown: Vec<String>,
    pub(super) variables: Variables,
}

impl Fields {
    pub(super) fn take(&mut self, name: String, value: String) -> Result<(), QueryError> {
        match name.as_str() {
            "domain" => once("domain", &mut self.domain, value),
            "host" => once("host", &mut self.host, value),
            "redirect_uri" => once("redirect_uri", &mut self.redirect_uri, value),
            "state" => once("state", &mut self.state, value),
            "providerName" => once("providerName", &mut self.provider_name, value),
            "serviceName" => once("serviceName", &mut self.service_name, value),
            "instanceId" => once("instanceId", &mut self.instance, value),
            "groupId" => self.take_groups(&value),
            "crit" => {
                self.critical
                    .extend(value.split(',').map(|name| name.trim().to_owned()));
                Ok(())
            }
            _ => self.take_variable(name, value),
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

    /// Whatever cannot be a variable is a parameter that this library does not know, and is ignored
    /// (draft-05 section 8.3.2.2).
    fn take_variable(&mut self, name: String, value: String) -> Result<(), QueryError> {
        let Ok(variable) = name.parse::<VariableName>() else {
            self.unknown.push(name);
            return Ok(());
        };
        if value.len() > ApplyQuery::MAX_VALUE_OCTETS {
            return Err(QueryError::ValueTooLong { name });
        }
        if value.chars().any(char::is_control) {
            return Err(QueryError::ControlCharacter { name });
        }
        if self
            .variables
            .get(&variable)
            .is_some_and(|earlier| earlier != value)
        {
            return Err(QueryError::TwoValues { name });
        }
        self.variables.insert(variable, value);
        if self.variables.len() > ApplyQuery::MAX_VARIABLES {
            return Err(QueryError::TooManyVariables);
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

    pub(super) fn instance(&self) -> Result<Option<InstanceId>, QueryError> {
        let text = self.instance.as_deref().filter(|text| !text.is_empty());
        Ok(text.map(str::parse).transpose()?)
    }

    pub(super) fn names(&self) -> Result<SharedNames, QueryError> {
        Ok(SharedNames {
            provider: display_name(self.provider_name.as_deref())?,
            service: display_name(self.service_name.as_deref())?,
        })
    }
}

/// Names to show beside those of a template.
pub(super) struct SharedNames {
    pub(super) provider: Option<DisplayName>,
    pub(super) service: Option<DisplayName>,
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

fn checked_state(state: Option<String>) -> Result<Option<String>, QueryError> {
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

fn display_name(text: Option<&str>) -> Result<Option<DisplayName>, QueryError> {
    let text = text.filter(|text| !text.is_empty());
    Ok(text.map(str::parse).transpose()?)
}
