//! Where a service provider wants to hear of the end, read before anything else.

use url::Url;

use super::RawQuery;
use super::fields::{checked_state, once};
use crate::percent;

/// What says where the browser goes when all is done. It is read apart from the rest of the query, so that
/// whatever is wrong with the rest can be told there (draft-ietf-dconn-domainconnect-05 section 8.3.6).
///
/// Only [`Redirect::check`](crate::Redirect::check) makes a place that a browser is sent to of it.
///
/// ```
/// use domain_connect::ReturnAddress;
///
/// let address = ReturnAddress::read("redirect_uri=https%3A%2F%2Fa.example%2F&state=s1&domain=..&x=%zz");
/// assert_eq!(address.redirect_uri.as_ref().map(|url| url.as_str()), Some("https://a.example/"));
/// assert_eq!(address.state.as_deref(), Some("s1"));
///
/// let two = ReturnAddress::read("redirect_uri=https://a.example/&redirect_uri=https://b.example/");
/// assert_eq!(two.redirect_uri, None);
/// ```
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct ReturnAddress {
    /// Where the browser goes; nothing when it is missing, no absolute URL, or there twice.
    pub redirect_uri: Option<Url>,
    /// What the service provider wants back; nothing when it is missing or cannot be sent back.
    pub state: Option<String>,
}

impl ReturnAddress {
    /// Reads the two parameters of a query, and nothing else of it.
    pub fn read(raw: &str) -> Self {
        let redirect_uri = only(raw, "redirect_uri");
        Self {
            redirect_uri: redirect_uri.and_then(|text| Url::parse(&text).ok()),
            state: checked_state(only(raw, "state")).ok().flatten(),
        }
    }
}

/// The value of a parameter, when there is one value.
fn only(raw: &str, name: &'static str) -> Option<String> {
    let mut slot = None;
    for pair in RawQuery::new(raw).pairs() {
        if percent::decode(pair.raw_name()).is_ok_and(|found| found == name) {
            let value = percent::decode(pair.raw_value()).ok()?;
            once(name, &mut slot, value).ok()?;
        }
    }
    slot
}
