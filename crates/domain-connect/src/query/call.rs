//! What a call of the asynchronous flow asks for.

use std::collections::BTreeSet;

use easement_zone::{Host, Name};

use super::apply::{QueryError, RequestError};
use super::fields::Fields;
use super::given::Given;
use super::parameters::CallParameters;
use crate::{DisplayName, GroupId, InstanceId, Template, Variables};

/// What a call of `apply` or `revert` asks for (Domain Connect 2.3, "OAuth Flow: Apply Template to Domain").
///
/// ```
/// use domain_connect::{CallError, CallParameters, Force, RequestError, Template, TemplateCall};
///
/// let (template, _notes) = Template::from_json(r#"{
///     "providerId": "exampleservice.example", "providerName": "Example Service",
///     "serviceId": "web", "serviceName": "Websites",
///     "records": [{"type": "A", "host": "@", "pointsTo": "%IP%", "ttl": 600}]
/// }"#)?;
/// let mut parameters = CallParameters::new();
/// parameters.add_query("domain=example.com&host=shop&IP=192.0.2.1&groupId=a,b&force=1")?;
/// let call = TemplateCall::read(&parameters)?;
/// assert_eq!((call.domain.to_text().as_str(), call.force), ("example.com", Force::Yes));
/// assert_eq!((call.groups.len(), call.variables(&template)?.len()), (2, 1));
///
/// parameters.add_query("crit=dryRun&dryRun=1")?;
/// let critical = TemplateCall::read(&parameters)?.variables(&template);
/// assert!(matches!(critical, Err(RequestError::Critical { .. })));
///
/// parameters.add_query("access_token=x")?;
/// assert!(matches!(TemplateCall::read(&parameters), Err(CallError::TokenInParameters)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct TemplateCall {
    /// The apex of the zone.
    pub domain: Name,
    /// The host below it.
    pub host: Host,
    /// The groups that are asked for; none means all records.
    pub groups: BTreeSet<GroupId>,
    /// Which instance of a template that allows several.
    pub instance: Option<InstanceId>,
    /// Whether what is in the way goes.
    pub force: Force,
    /// A name to show beside the service provider's.
    pub provider_name: Option<DisplayName>,
    /// A name to show beside the service's.
    pub service_name: Option<DisplayName>,
    given: Given,
}

/// Whether a template is applied although something is in the way.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Force {
    /// What is in the way stays, and nothing is applied.
    #[default]
    No,
    /// What is in the way goes.
    Yes,
}

impl TemplateCall {
    /// Reads the parameters of a call.
    pub fn read(parameters: &CallParameters) -> Result<Self, CallError> {
        let mut fields = Fields::default();
        let mut force = Force::No;
        for (name, value) in parameters.iter() {
            match name {
                "access_token" => return Err(CallError::TokenInParameters),
                "force" => force = read_force(value)?,
                _ => fields.take(name.to_owned(), value.to_owned())?,
            }
        }
        Ok(Self {
            domain: fields.domain()?,
            host: fields.host()?,
            instance: fields.given.instance()?,
            force,
            provider_name: fields.given.provider_name()?,
            service_name: fields.given.service_name()?,
            groups: fields.groups,
            given: fields.given,
        })
    }

    /// The values of the template's variables; what it does not use is ignored, unless it must be understood
    /// (draft-05 sections 8.3.2.2 and 9.2.2).
    pub fn variables(&self, template: &Template) -> Result<Variables, RequestError> {
        self.given.check_critical(template)?;
        Ok(self.given.variables(template)?)
    }
}

/// The specification has 0 and 1; clients send `true` and `false`, too.
fn read_force(value: &str) -> Result<Force, CallError> {
    match value.to_ascii_lowercase().as_str() {
        "" | "0" | "false" => Ok(Force::No),
        "1" | "true" => Ok(Force::Yes),
        _ => Err(CallError::Force {
            value: value.chars().take(80).collect(),
        }),
    }
}

/// Why a call cannot be read.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum CallError {
    /// A parameter is not right.
    #[error(transparent)]
    Query(#[from] QueryError),
    /// `force` is neither yes nor no.
    #[error("`force` is `{value}`: send 1 to replace what is in the way, or 0")]
    Force {
        /// What was sent, cut after 80 characters.
        value: String,
    },
    /// A token where logs may see it.
    #[error(
        "an access token belongs in the header `Authorization: Bearer …`, and not among the parameters"
    )]
    TokenInParameters,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(query: &str) -> Result<TemplateCall, CallError> {
        let mut parameters = CallParameters::new();
        parameters.add_query(query).unwrap();
        TemplateCall::read(&parameters)
    }

    #[test]
    fn force_is_what_clients_send() {
        for (text, force) in [
            ("", Force::No),
            ("force=", Force::No),
            ("force=0", Force::No),
            ("force=false", Force::No),
            ("force=1", Force::Yes),
            ("force=true", Force::Yes),
            ("force=True", Force::Yes),
        ] {
            let call = read(&format!("domain=example.com&{text}")).unwrap();
            assert_eq!(call.force, force, "{text}");
        }
        let refused = read("domain=example.com&force=yes").unwrap_err();
        let words = "`force` is `yes`: send 1 to replace what is in the way, or 0";
        assert_eq!(refused.to_string(), words);
    }

    #[test]
    fn what_dynamic_dns_clients_send_is_read() {
        let call = read(
            "domain=example.test&host=&IPv4=192.0.2.99&IPv6=2001%3Adb8%3A%3A99&groupId=IPv4%2CIPv6&",
        );
        let call = call.unwrap();
        assert!(call.host.is_apex());
        assert_eq!(call.groups.len(), 2);
        let template = r#"{"providerId": "p", "providerName": "P", "serviceId": "s", "serviceName": "S",
            "records": [{"type": "A", "host": "@", "pointsTo": "%IPv4%", "ttl": 60}]}"#;
        let (template, _) = Template::from_json(template).unwrap();
        let variables = call.variables(&template).unwrap();
        let names: Vec<&str> = variables.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["IPv4"], "what the template does not use is ignored");
    }

    #[test]
    fn a_call_names_one_zone_and_one_host() {
        for query in [
            "host=a",
            "domain=&host=a",
            "domain=example.com&host=a,b",
            "domain=.",
            "domain=a b",
        ] {
            assert!(matches!(read(query), Err(CallError::Query(_))), "{query}");
        }
    }
}
