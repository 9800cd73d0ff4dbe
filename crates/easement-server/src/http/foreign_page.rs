//! Requests that a page of somebody else makes a browser send.

use http::HeaderMap;

/// Whether a page of somebody else makes a browser send this: from where its user is, and with what the user
/// typed once. No device sends this header.
pub(crate) fn is_of_a_foreign_page(headers: &HeaderMap) -> bool {
    let site = headers.get("sec-fetch-site");
    site.is_some_and(|site| site != "none" && site != "same-origin")
}
