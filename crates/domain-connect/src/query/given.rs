//! Parameters that only mean something together with a template.

use std::str::FromStr;

use super::apply::{ApplyQuery, QueryError, RequestError};
use super::fields::once;
use crate::percent::PercentError;
use crate::{DisplayName, IdError, InstanceId, Template, VariableName, Variables};

/// Parameters of the protocol that not every template allows.
const OPTIONAL: [&str; 3] = ["providerName", "serviceName", "instanceId"];

/// The parameters that are not the protocol's own, as they came. Whatever a template does not use is
/// ignored, so nothing is said about them before the template is known (draft-05 section 9.2.2).
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(super) struct Given {
    pairs: Vec<(String, Value)>,
    /// The parameters that the service provider says must be understood.
    critical: Vec<String>,
}

/// A value, or why it cannot be decoded.
type Value = Result<String, PercentError>;

impl Given {
    pub(super) fn add(&mut self, name: String, value: Value) {
        self.pairs.push((name, value));
    }

    pub(super) fn add_critical(&mut self, list: &str) {
        let names = list.split(',').map(|name| name.trim().to_owned());
        self.critical.extend(names);
    }

    /// A name to show beside the service provider's.
    pub(super) fn provider_name(&self) -> Result<Option<DisplayName>, QueryError> {
        self.parsed("providerName")
    }

    /// A name to show beside the service's.
    pub(super) fn service_name(&self) -> Result<Option<DisplayName>, QueryError> {
        self.parsed("serviceName")
    }

    /// Which instance of a template that allows several.
    pub(super) fn instance(&self) -> Result<Option<InstanceId>, QueryError> {
        self.parsed("instanceId")
    }

    fn parsed<T: FromStr<Err = IdError>>(
        &self,
        name: &'static str,
    ) -> Result<Option<T>, QueryError> {
        let mut slot = None;
        for (_, value) in self.pairs.iter().filter(|(known, _)| known == name) {
            once(name, &mut slot, check(name, value)?.to_owned())?;
        }
        let text = slot.filter(|text| !text.is_empty());
        Ok(text.as_deref().map(str::parse).transpose()?)
    }

    /// The values of the variables that the template has.
    pub(super) fn variables(&self, template: &Template) -> Result<Variables, QueryError> {
        let known = template.variables();
        self.values(|name| known.contains(name))
    }

    /// The values of whatever can be a variable.
    pub(super) fn all_variables(&self) -> Result<Variables, QueryError> {
        self.values(|_| true)
    }

    fn values(&self, is_wanted: impl Fn(&VariableName) -> bool) -> Result<Variables, QueryError> {
        let mut variables = Variables::new();
        let others = |(name, _): &&(String, Value)| !OPTIONAL.contains(&name.as_str());
        for (name, value) in self.pairs.iter().filter(others) {
            let Some(variable) = name.parse().ok().filter(|name| is_wanted(name)) else {
                continue;
            };
            let value = check(name, value)?;
            if variables
                .get(&variable)
                .is_some_and(|earlier| earlier != value)
            {
                return Err(QueryError::TwoValues { name: name.clone() });
            }
            variables.insert(variable, value);
        }
        Ok(variables)
    }

    /// Refuses a request with a parameter that must be understood and is not: one that is there, and neither
    /// the protocol's own nor a variable of the template (draft-05 section 8.3.2.2).
    pub(super) fn check_critical(&self, template: &Template) -> Result<(), RequestError> {
        let known = template.variables();
        let is_understood = |name: &str| {
            OPTIONAL.contains(&name) || known.iter().any(|known| known.as_str() == name)
        };
        let mut names = self.pairs.iter().map(|(name, _)| name);
        match names.find(|name| self.critical.contains(name) && !is_understood(name)) {
            Some(name) => Err(RequestError::Critical { name: name.clone() }),
            None => Ok(()),
        }
    }
}

fn check<'a>(name: &str, value: &'a Value) -> Result<&'a str, QueryError> {
    let name = || name.to_owned();
    match value {
        Ok(value) if value.len() > ApplyQuery::MAX_VALUE_OCTETS => {
            Err(QueryError::ValueTooLong { name: name() })
        }
        Ok(value) if value.chars().any(char::is_control) => {
            Err(QueryError::ControlCharacter { name: name() })
        }
        Ok(value) => Ok(value),
        Err(source) => Err(QueryError::Encoding {
            pair: name(),
            source: *source,
        }),
    }
}
