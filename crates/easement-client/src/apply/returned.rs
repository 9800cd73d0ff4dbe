//! What comes back with the browser.

use std::collections::BTreeMap;

use domain_connect::escape_hidden;
use url::form_urlencoded;

/// The longest query that is read, and the most parameters of it.
const MAX_OCTETS: usize = 16 * 1024;
const MAX_PARAMETERS: usize = 64;
/// How much of what the provider says is shown.
const MAX_DESCRIPTION: usize = 500;

/// How the synchronous flow ended, as the browser tells. People can change what a browser tells, so that a template
/// was applied is believed only when DNS shows it (Domain Connect 2.3, "Verification of Changes").
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Returned {
    /// No error was named.
    Applied,
    /// The provider did not apply it.
    Refused {
        /// The code, such as `access_denied`.
        error: String,
        /// What the provider says about it, safe to show on one line.
        description: Option<String>,
    },
}

impl Returned {
    /// Reads the query of the URL that the browser came back to. The state must be the one that was sent.
    ///
    /// ```
    /// use easement_client::{Returned, ReturnError};
    ///
    /// assert_eq!(Returned::read("state=abc", "abc"), Ok(Returned::Applied));
    /// let refused = Returned::read("error=access_denied&error_description=user_cancel&state=abc", "abc")?;
    /// assert!(refused.is_cancelled());
    /// assert_eq!(Returned::read("state=other", "abc"), Err(ReturnError::OtherState));
    /// assert_eq!(Returned::read("", "abc"), Err(ReturnError::OtherState));
    /// # Ok::<(), ReturnError>(())
    /// ```
    pub fn read(query: &str, state: &str) -> Result<Self, ReturnError> {
        let parameters = Parameters::read(query)?;
        parameters.check_state(state)?;
        Ok(match parameters.get("error") {
            None => Self::Applied,
            Some(error) => Self::Refused {
                error: one_line(error),
                description: parameters.get("error_description").map(one_line),
            },
        })
    }

    /// Whether the person chose not to go on, as far as the provider tells.
    pub fn is_cancelled(&self) -> bool {
        match self {
            Self::Applied => false,
            Self::Refused { error, description } => {
                let description = description.as_deref().unwrap_or_default();
                error == "access_denied" && description.starts_with("user_cancel")
            }
        }
    }
}

/// The parameters of a query, each once.
#[derive(Debug)]
pub(crate) struct Parameters(BTreeMap<String, String>);

impl Parameters {
    pub(crate) fn read(query: &str) -> Result<Self, ReturnError> {
        if query.len() > MAX_OCTETS {
            return Err(ReturnError::TooLong);
        }
        let mut parameters = BTreeMap::new();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            let (name, value) = (name.into_owned(), value.into_owned());
            let before = parameters.insert(name.clone(), value.clone());
            if before.is_some_and(|before| before != value) {
                let name = one_line(&name);
                return Err(ReturnError::Contradiction { name });
            }
            if parameters.len() > MAX_PARAMETERS {
                return Err(ReturnError::TooLong);
            }
        }
        Ok(Self(parameters))
    }

    /// Compares in a time that does not tell where the two differ.
    pub(crate) fn check_state(&self, expected: &str) -> Result<(), ReturnError> {
        let state = self.get("state").unwrap_or_default().as_bytes();
        let is_same = !expected.is_empty()
            && aws_lc_rs::constant_time::verify_slices_are_equal(state, expected.as_bytes())
                .is_ok();
        if is_same {
            Ok(())
        } else {
            Err(ReturnError::OtherState)
        }
    }

    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        let value = self.0.get(name).map(String::as_str);
        value.filter(|value| !value.is_empty())
    }
}

/// What others wrote, on one line and not too much of it.
pub(crate) fn one_line(text: &str) -> String {
    let short: String = text.chars().take(MAX_DESCRIPTION).collect();
    let spaced = short.replace(['\n', '\r', '\t'], " ");
    escape_hidden(&spaced)
}

/// What came back cannot be believed.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum ReturnError {
    /// It is not the answer to what was asked.
    #[error("the browser came back with another state than it was sent with: begin again")]
    OtherState,
    /// It says two things.
    #[error("the browser came back with two values of `{name}`: begin again")]
    Contradiction {
        /// About what.
        name: String,
    },
    /// It says too much.
    #[error(
        "the browser came back with more than {MAX_OCTETS} octets or {MAX_PARAMETERS} parameters"
    )]
    TooLong,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_back_is_read_with_care() {
        let read = |query| Returned::read(query, "s");
        for (query, expected) in [
            ("state=s", Ok(Returned::Applied)),
            ("state=s&error=", Ok(Returned::Applied)),
            ("state=s&state=s&more=1", Ok(Returned::Applied)),
            ("state=S", Err(ReturnError::OtherState)),
            ("error=access_denied", Err(ReturnError::OtherState)),
            (
                "state=s&state=t",
                Err(ReturnError::Contradiction {
                    name: "state".to_owned(),
                }),
            ),
        ] {
            assert_eq!(read(query), expected, "{query}");
        }
        // No state was sent: nothing passes for it.
        assert_eq!(Returned::read("state=", ""), Err(ReturnError::OtherState));
        let refused = read("state=s&error=server_error&error_description=a%0Ab%1b[31m").unwrap();
        let Returned::Refused { description, .. } = &refused else {
            panic!("{refused:?}");
        };
        let description = description.as_deref().unwrap();
        assert!(!description.contains(['\n', '\u{1b}']), "{description:?}");
        assert!(!refused.is_cancelled());
    }
}
