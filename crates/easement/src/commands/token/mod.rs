//! `easement token`.

mod arguments;
mod report;
mod values;

pub(crate) use self::arguments::{TokenCommand, request};
pub(crate) use self::report::{answer_code, detail, list, show_answer, show_made, show_revoked};
