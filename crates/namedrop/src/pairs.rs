//! Parameters of a query or form, each once.

use url::form_urlencoded;

/// The parameters of one request.
pub(crate) struct Pairs {
    pairs: Vec<(String, String)>,
}

impl Pairs {
    /// The most octets of a query or form.
    pub(crate) const MAX_OCTETS: usize = 8000;

    pub(crate) fn parse(text: &str) -> Result<Self, PairsError> {
        if text.len() > Self::MAX_OCTETS {
            return Err(PairsError::TooLong { octets: text.len() });
        }
        let pairs = form_urlencoded::parse(text.as_bytes()).into_owned();
        Ok(Self {
            pairs: pairs.collect(),
        })
    }

    /// The value of a parameter; an empty one counts as absent (RFC 6749 section 3.1). Two values are
    /// refused: of two, one program takes the first and the next one the last.
    pub(crate) fn get(&self, name: &'static str) -> Result<Option<&str>, PairsError> {
        let named = self.pairs.iter().filter(|(other, _)| other == name);
        let mut values = named.map(|(_, value)| value.as_str());
        let first = values.next();
        if values.next().is_some() {
            return Err(PairsError::Repeated { name });
        }
        let value = first.filter(|value| !value.is_empty());
        match value {
            Some(text) if text.chars().any(char::is_control) => {
                Err(PairsError::ControlCharacter { name })
            }
            value => Ok(value),
        }
    }
}

/// Why parameters cannot be read.
///
/// ```
/// use namedrop::{AuthorizeError, AuthorizeQuery, PairsError};
///
/// let error = AuthorizeQuery::parse("client_id=a&client_id=b").unwrap_err();
/// assert_eq!(error, AuthorizeError::Pairs(PairsError::Repeated { name: "client_id" }));
/// ```
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum PairsError {
    /// All of them together are too long.
    #[error(
        "the parameters have {octets} octets, and at most {} are read",
        Pairs::MAX_OCTETS
    )]
    TooLong {
        /// How long they are.
        octets: usize,
    },
    /// One is there twice.
    #[error("the parameter `{name}` is there twice: leave one out")]
    Repeated {
        /// The parameter.
        name: &'static str,
    },
    /// One has a control character.
    #[error("the parameter `{name}` has a control character")]
    ControlCharacter {
        /// The parameter.
        name: &'static str,
    },
}
