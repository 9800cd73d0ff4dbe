//! What is wrong with a form, in words.

use std::fmt::Display;

use super::views::Problem;

/// An error as the problem of a field: a sentence that begins with a capital letter.
pub(super) fn problem(field: &'static str, error: &dyn Display) -> Problem {
    let text = error.to_string();
    let mut characters = text.chars();
    let message = match characters.next() {
        Some(first) => format!("{}{}.", first.to_uppercase(), characters.as_str()),
        None => text,
    };
    Problem { field, message }
}

/// The second password is another one than the first.
pub(super) fn passwords_differ(field: &'static str) -> Problem {
    Problem {
        field,
        message: "The two passwords differ. Type both again.".to_owned(),
    }
}
