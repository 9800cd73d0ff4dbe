//! The parameters of a call, from wherever they were sent.

use std::collections::BTreeMap;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::Value;
use serde_json::error::Category;

use super::RawQuery;
use crate::percent::PercentError;

/// The parameters of a POST: from the query, from a form, or from a JSON object, or from several of them together
/// (Domain Connect 2.3, "OAuth Flow"). Two places that say different things are a contradiction, which nobody
/// should have to guess about.
///
/// ```
/// use domain_connect::{CallParameters, ParametersError};
///
/// let mut parameters = CallParameters::new();
/// parameters.add_query("code=a+b&grant_type=authorization_code")?;
/// parameters.add_json(br#"{"client_id": "app", "code": "a b", "force": 1, "nothing": null}"#)?;
/// assert_eq!(parameters.get("code"), Some("a b"));
/// assert_eq!(parameters.get("force"), Some("1"));
/// assert_eq!(parameters.get("nothing"), None);
/// let names: Vec<&str> = parameters.iter().map(|(name, _)| name).collect();
/// assert_eq!(names, ["client_id", "code", "force", "grant_type"]);
///
/// let contradiction = parameters.add_query("client_id=another");
/// assert!(matches!(contradiction, Err(ParametersError::TwoValues { .. })));
/// # Ok::<(), ParametersError>(())
/// ```
#[derive(Clone, Default, Eq, PartialEq)]
pub struct CallParameters {
    values: BTreeMap<String, String>,
    /// The list, as far as it was read from the place that is read now.
    list: Option<String>,
}

impl CallParameters {
    /// The most parameters.
    pub const MAX_COUNT: usize = 256;
    /// The parameter that may come several times in one place: each time adds to the list.
    const LIST: &'static str = "groupId";

    /// None yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Those of a query, or of a form, which is written the same way.
    ///
    /// ```
    /// use domain_connect::{CallParameters, ParametersError};
    ///
    /// let mut parameters = CallParameters::new();
    /// parameters.add_query("groupId=a&groupId=b&IP=%3A%3A1&")?;
    /// assert_eq!(parameters.get("groupId"), Some("a,b"));
    /// assert_eq!(parameters.get("IP"), Some("::1"));
    /// assert!(matches!(parameters.add_query("groupId=c"), Err(ParametersError::TwoValues { .. })));
    /// assert!(matches!(parameters.add_query("x=%zz"), Err(ParametersError::Encoding { .. })));
    /// let many: String = (0..=CallParameters::MAX_COUNT).map(|one| format!("v{one}=1&")).collect();
    /// assert!(matches!(parameters.add_query(&many), Err(ParametersError::TooMany)));
    /// # Ok::<(), ParametersError>(())
    /// ```
    pub fn add_query(&mut self, raw: &str) -> Result<(), ParametersError> {
        for pair in RawQuery::new(raw).pairs().filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.decode().map_err(|source| ParametersError::Encoding {
                name: pair.raw_name().chars().take(80).collect(),
                source,
            })?;
            self.add(name, value)?;
        }
        self.end_of_list()
    }

    /// Those of a JSON object. Numbers and `true` and `false` count as their text; `null` counts as nothing.
    ///
    /// ```
    /// use domain_connect::{CallParameters, ParametersError};
    ///
    /// let mut parameters = CallParameters::new();
    /// parameters.add_json(br#"{"force": true, "groupId": ["a", "b"]}"#)?;
    /// assert_eq!(parameters.get("force"), Some("true"));
    /// assert_eq!(parameters.get("groupId"), Some("a,b"));
    /// assert!(matches!(parameters.add_json(b"[1]"), Err(ParametersError::NotAnObject)));
    /// assert!(matches!(parameters.add_json(b"{"), Err(ParametersError::Json { .. })));
    /// assert!(matches!(parameters.add_json(br#"{"a": {}}"#), Err(ParametersError::NotAText { .. })));
    /// let twice = parameters.add_json(br#"{"IP": "192.0.2.1", "IP": "192.0.2.2"}"#);
    /// assert!(matches!(twice, Err(ParametersError::TwoValues { .. })));
    /// # Ok::<(), ParametersError>(())
    /// ```
    pub fn add_json(&mut self, text: &[u8]) -> Result<(), ParametersError> {
        let members: Members =
            serde_json::from_slice(text).map_err(|error| match error.classify() {
                Category::Data => ParametersError::NotAnObject,
                Category::Io | Category::Syntax | Category::Eof => ParametersError::Json {
                    line: error.line(),
                    column: error.column(),
                },
            })?;
        for (name, value) in members.0 {
            match value {
                Value::Array(list) if name == Self::LIST => {
                    for value in list {
                        self.add_value(&name, value)?;
                    }
                }
                Value::Null
                | Value::Bool(_)
                | Value::Number(_)
                | Value::String(_)
                | Value::Array(_)
                | Value::Object(_) => self.add_value(&name, value)?,
            }
            // A member that is there twice is a contradiction, and no longer list.
            self.end_of_list()?;
        }
        Ok(())
    }

    fn add_value(&mut self, name: &str, value: Value) -> Result<(), ParametersError> {
        let text = match value {
            Value::Null => return Ok(()),
            Value::String(text) => text,
            Value::Bool(value) => value.to_string(),
            Value::Number(number) => number.to_string(),
            Value::Array(_) | Value::Object(_) => {
                let name = name.to_owned();
                return Err(ParametersError::NotAText { name });
            }
        };
        self.add(name.to_owned(), text)
    }

    fn add(&mut self, name: String, value: String) -> Result<(), ParametersError> {
        if name == Self::LIST {
            match &mut self.list {
                Some(list) => {
                    list.push(',');
                    list.push_str(&value);
                }
                None => self.list = Some(value),
            }
            return Ok(());
        }
        self.keep(name, value)
    }

    /// What one place says of the list is complete.
    fn end_of_list(&mut self) -> Result<(), ParametersError> {
        match self.list.take() {
            Some(list) => self.keep(Self::LIST.to_owned(), list),
            None => Ok(()),
        }
    }

    fn keep(&mut self, name: String, value: String) -> Result<(), ParametersError> {
        if self.values.len() >= Self::MAX_COUNT && !self.values.contains_key(&name) {
            return Err(ParametersError::TooMany);
        }
        match self.values.get(&name) {
            Some(earlier) if *earlier == value => {}
            Some(_) => return Err(ParametersError::TwoValues { name }),
            None => {
                self.values.insert(name, value);
            }
        }
        Ok(())
    }

    /// The value of a parameter. An empty one is a value.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(String::as_str)
    }

    /// Names and values, in the order of the names.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.values
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

/// The members of a JSON object as they stand there: one that is there twice is not overlooked.
struct Members(Vec<(String, Value)>);

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct InOrder;

        impl<'de> Visitor<'de> for InOrder {
            type Value = Members;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }

        from.deserialize_map(InOrder)
    }
}

impl std::fmt::Debug for CallParameters {
    /// Leaves the values out: there may be secrets among them.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.values.keys()).finish()
    }
}

/// Why the parameters of a call cannot be read. No value is repeated in it: it may be a secret.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum ParametersError {
    /// A pair cannot be decoded.
    #[error("the parameter `{name}` cannot be decoded: {source}")]
    Encoding {
        /// Its name as it came, cut after 80 characters.
        name: String,
        /// What is wrong.
        source: PercentError,
    },
    /// The body is not JSON.
    #[error("the body is not JSON: look at line {line}, column {column}")]
    Json {
        /// Where, from 1.
        line: usize,
        /// Where, from 1.
        column: usize,
    },
    /// It is JSON, and no object.
    #[error("the body must be a JSON object, with one member for each parameter")]
    NotAnObject,
    /// A member is a list or an object.
    #[error("the member `{name}` of the JSON body must be a text or a number")]
    NotAText {
        /// Which one.
        name: String,
    },
    /// Two different values.
    #[error("the parameter `{name}` has two different values: send it once")]
    TwoValues {
        /// Which one.
        name: String,
    },
    /// More than anybody needs.
    #[error("there are more than {} parameters", CallParameters::MAX_COUNT)]
    TooMany,
}
