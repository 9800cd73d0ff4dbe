//! How the service provider hears of the end (draft-ietf-dconn-domainconnect-05 sections 8.3.5 and 8.3.6).

use domain_connect::{
    Authenticity, ErrorAnswer, ErrorCode, LoopbackRedirects, Redirect, RedirectError,
    ReturnAddress, Template,
};
use url::Url;

/// Where the browser goes afterwards.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct WayBack {
    redirect: Option<Redirect>,
    /// A host that the link names and that nobody vouches for: the person stays here.
    unlisted: Option<String>,
    state: Option<String>,
}

impl WayBack {
    /// Checks what a link says. An address that nobody vouches for is left out, since only going there is
    /// forbidden; one that is dangerous wherever it leads makes the link a bad one.
    pub(super) fn find(
        address: ReturnAddress,
        template: &Template,
        authenticity: Authenticity,
        loopback: LoopbackRedirects,
    ) -> Result<Self, RedirectError> {
        let ReturnAddress {
            redirect_uri,
            state,
        } = address;
        let checked = redirect_uri
            .map(|target| Redirect::check(&target, template, authenticity, loopback))
            .transpose();
        let (redirect, unlisted) = match checked {
            Ok(redirect) => (redirect, None),
            Err(RedirectError::NotListed { host }) => (None, Some(host)),
            Err(
                error @ (RedirectError::Scheme { .. }
                | RedirectError::UserInfo
                | RedirectError::Host { .. }),
            ) => return Err(error),
        };
        Ok(Self {
            redirect,
            unlisted,
            state,
        })
    }

    /// The host that one comes to.
    pub(super) fn host(&self) -> Option<&str> {
        self.redirect.as_ref().map(Redirect::host)
    }

    /// The host that one would come to, had the template listed it.
    pub(super) fn unlisted(&self) -> Option<&str> {
        self.unlisted.as_deref()
    }

    /// Where to go when the template is applied.
    pub(super) fn success(&self) -> Option<Url> {
        let redirect = self.redirect.as_ref()?;
        Some(redirect.success(self.state.as_deref()))
    }

    /// Where to go when the person says no.
    pub(super) fn cancelled(&self) -> Option<Url> {
        self.answer(&ErrorAnswer::user_cancel())
    }

    /// Where to go when there is nothing to say yes or no to.
    pub(super) fn failed(&self, code: ErrorCode, told: &str) -> Option<Url> {
        self.answer(&ErrorAnswer::new(code, told))
    }

    fn answer(&self, error: &ErrorAnswer) -> Option<Url> {
        let redirect = self.redirect.as_ref()?;
        Some(redirect.error(error, self.state.as_deref()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_that_nobody_vouches_for_is_left_out_and_a_dangerous_one_is_refused() {
        let template = |domains: &str| {
            let json = format!(
                r#"{{"providerId": "p", "providerName": "P", "serviceId": "s", "serviceName": "S",
                    "syncRedirectDomain": "{domains}", "records": []}}"#
            );
            Template::from_json(&json).unwrap().0
        };
        let find = |url: &str, domains: &str, authenticity| {
            let address = ReturnAddress {
                redirect_uri: Some(Url::parse(url).unwrap()),
                state: Some("s".to_owned()),
            };
            let way = WayBack::find(
                address,
                &template(domains),
                authenticity,
                LoopbackRedirects::Refuse,
            );
            way.map(|way| {
                let host = |text: Option<&str>| text.unwrap_or_default().to_owned();
                (
                    host(way.host()),
                    host(way.unlisted()),
                    way.success().is_some(),
                )
            })
        };
        let a = || "a.test".to_owned();
        for (url, domains, authenticity, expected) in [
            (
                "https://a.test/",
                "a.test",
                Authenticity::Unsigned,
                Some((a(), String::new(), true)),
            ),
            (
                "https://a.test/",
                "",
                Authenticity::Unsigned,
                Some((String::new(), a(), false)),
            ),
            (
                "https://a.test/",
                "b.test",
                Authenticity::Unsigned,
                Some((String::new(), a(), false)),
            ),
            (
                "https://a.test/",
                "",
                Authenticity::Signed,
                Some((a(), String::new(), true)),
            ),
            (
                "javascript:alert(1)",
                "a.test",
                Authenticity::Unsigned,
                None,
            ),
            ("http://a.test/", "a.test", Authenticity::Unsigned, None),
            ("https://u@a.test/", "", Authenticity::Unsigned, None),
            ("https://a;b.test/", "", Authenticity::Signed, None),
        ] {
            assert_eq!(
                find(url, domains, authenticity).ok(),
                expected,
                "{url} {domains}"
            );
        }
    }
}
