//! What templates do to values on their way to the page, besides escaping.
#![expect(
    clippy::inline_always,
    clippy::unnecessary_wraps,
    clippy::unused_self,
    unreachable_pub,
    reason = "the shape of a filter, and the code made for it, are askama's"
)]

use std::fmt::Display;

/// Shows characters that cannot be seen, or that turn text around.
#[askama::filter_fn]
pub(super) fn visible(text: impl Display, _: &dyn askama::Values) -> askama::Result<String> {
    Ok(domain_connect::escape_hidden(&text.to_string()))
}
