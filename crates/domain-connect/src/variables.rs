//! The values that a request gives for variables.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::VariableName;

/// Values by the names of variables. The case of names counts.
///
/// ```
/// use domain_connect::Variables;
///
/// let mut variables = Variables::new();
/// assert!(variables.is_empty());
/// variables.insert("IP".parse()?, "192.0.2.1");
/// variables.insert("id".parse()?, "42");
/// assert_eq!(variables.get(&"IP".parse()?), Some("192.0.2.1"));
/// assert_eq!(variables.get(&"ip".parse()?), None);
/// assert_eq!(variables.len(), 2);
/// let names: Vec<&str> = variables.iter().map(|(name, _)| name.as_str()).collect();
/// assert_eq!(names, ["IP", "id"]);
/// # Ok::<(), domain_connect::IdError>(())
/// ```
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Variables {
    values: BTreeMap<VariableName, String>,
}

impl Variables {
    /// No values.
    pub fn new() -> Self {
        Self::default()
    }

    /// The value of a variable.
    pub fn get(&self, name: &VariableName) -> Option<&str> {
        self.values.get(name).map(String::as_str)
    }

    /// Gives a variable a value.
    pub fn insert(&mut self, name: VariableName, value: impl Into<String>) {
        self.values.insert(name, value.into());
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// The values in the order of the names.
    pub fn iter(&self) -> impl Iterator<Item = (&VariableName, &str)> {
        self.values
            .iter()
            .map(|(name, value)| (name, value.as_str()))
    }
}

impl FromIterator<(VariableName, String)> for Variables {
    fn from_iter<I: IntoIterator<Item = (VariableName, String)>>(values: I) -> Self {
        Self {
            values: values.into_iter().collect(),
        }
    }
}
