//! What facts mean: functions without I/O. One file a subject, each with a table of cases.

pub(super) mod certificate;
pub(super) mod clock;
pub(super) mod delegation;
pub(super) mod ports;
pub(super) mod resolver;
pub(super) mod settings;
pub(super) mod store;
pub(super) mod temp_names;
pub(super) mod webhooks;
pub(super) mod zone;

#[cfg(test)]
use super::{Check, Outcome};

/// Asserts how a check came out, and that it says these words.
#[cfg(test)]
#[track_caller]
fn assert_check(check: &Check, outcome: Outcome, words: &str) {
    let remedy = check.remedy.as_deref().unwrap_or_default();
    let text = format!("{} | {remedy}", check.found);
    assert_eq!(check.outcome, outcome, "{text}");
    assert!(text.contains(words), "{words:?} is not in: {text}");
    assert_eq!(
        check.remedy.is_some(),
        outcome != Outcome::Ok,
        "what is wrong has a remedy: {text}"
    );
}
