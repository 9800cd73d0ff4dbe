//! What templates do to values on their way to the page, besides escaping.
#![expect(
    clippy::inline_always,
    clippy::unnecessary_wraps,
    clippy::unused_self,
    unreachable_pub,
    reason = "the shape of a filter, and the code made for it, are askama's"
)]

use std::fmt::Display;

use super::words;

/// Text of others, with what cannot be seen in it written out: see [`words::visible`].
#[askama::filter_fn]
pub(super) fn visible(text: impl Display, _: &dyn askama::Values) -> askama::Result<String> {
    Ok(words::visible(&text.to_string()))
}

/// A line of a file of others: see [`words::visible_line`].
#[askama::filter_fn]
pub(super) fn visible_line(line: impl Display, _: &dyn askama::Values) -> askama::Result<String> {
    Ok(words::visible_line(&line.to_string()))
}
