//! Key records that somebody looked up, as findings.

use super::{Code, Finding};
use crate::{KeyError, Place, PublicKey, WeakKeys};

/// Judges the texts of the `TXT` records that are published at the name of a key; `place` is where the
/// template names the domain.
///
/// ```
/// use domain_connect::{Template, lint::lint_key};
/// # let place = Template::from_json("{").unwrap_err().place.unwrap();
/// # let place = *place;
/// let finding = lint_key("_dck1.p.example", &[], place).unwrap();
/// assert_eq!(finding.code.as_str(), "DCTL2011");
/// ```
pub fn lint_key(name: &str, texts: &[String], place: Place) -> Option<Finding> {
    let texts = texts.iter().map(String::as_str);
    let error = PublicKey::from_records(texts, WeakKeys::Refuse).err()?;
    let code = if matches!(error, KeyError::TooShort { .. }) {
        Code::KeyTooShort
    } else {
        Code::KeyNotPublished
    };
    Some(Finding {
        code,
        severity: code.severity(),
        place,
        message: format!("the key at {name} cannot be used: {error}"),
        help: None,
        fix: Vec::new(),
    })
}
