//! What must not be printed.

use std::fmt;

/// A password or token as a client sent it. It is never printed.
///
/// ```
/// use apertodns::Secret;
///
/// let secret = Secret::new("easement_live_x");
/// assert_eq!(format!("{secret:?}"), "Secret(...)");
/// assert_eq!(secret.reveal(), "easement_live_x");
/// ```
#[derive(Clone, Eq, PartialEq)]
pub struct Secret(String);

impl Secret {
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
