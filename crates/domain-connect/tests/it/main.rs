//! The tests of this library from outside: rules as data files, the public suites, properties.
//!
//! `apply_suite`, `engine_comparison`, `lint_corpus` and `template_corpus` read folders that are not
//! part of this project; they say loudly when they find none.
#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "tests"
)]

mod apply_suite;
mod cases;
mod checkers;
mod edits;
mod engine_comparison;
mod examples;
mod explain;
mod lint_corpus;
mod plans;
mod properties;
mod request;
mod signature;
mod support;
mod template_corpus;
