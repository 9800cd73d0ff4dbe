//! What must not be printed.

use std::fmt;

/// A token, code or verifier as a client sent it. It is never printed.
///
/// ```
/// use namedrop::Secret;
///
/// let secret = Secret::new("lkjaslkajsoidfnaiosnf");
/// assert_eq!(format!("{secret:?}"), "Secret(...)");
/// assert_eq!(secret.reveal(), "lkjaslkajsoidfnaiosnf");
/// ```
#[derive(Clone, Eq, PartialEq)]
pub struct Secret(String);

impl Secret {
    /// The most octets that are read.
    pub const MAX_OCTETS: usize = 1024;

    /// Takes a text as secret.
    pub fn new(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// The text, to check it.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(...)")
    }
}
