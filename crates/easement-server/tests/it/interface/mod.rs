//! The `OpenAPI` document, and what the server really answers.

mod answers;
mod document;
mod published;
mod schemathesis;

pub(crate) use self::answers::check_answer;
