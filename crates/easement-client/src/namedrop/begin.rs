//! Asking an owner.

use namedrop::Scope;
use serde::{Deserialize, Serialize};
use url::Url;

use super::NameDrop;
use crate::apply::check_redirect;
use crate::grant::{challenge, read_pasted, read_return, secret_text};
use crate::{ApplyRequestError, AuthorizationCode, ConsentError, HiddenText, UrlPrefix};

/// What an app asks for. The owner chooses the name.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct NamesRequest {
    /// What the app wants to do; at least one.
    pub scopes: Vec<Scope>,
    /// Where the browser comes back.
    pub redirect_uri: Url,
    /// What the owner is shown as the app: a URL that `redirect_uri` begins with.
    pub client_id: Url,
}

impl NamesRequest {
    /// A request of the app at the root of where the browser comes back.
    pub fn new(scopes: impl IntoIterator<Item = Scope>, redirect_uri: Url) -> Self {
        let mut client_id = redirect_uri.clone();
        client_id.set_path("/");
        client_id.set_query(None);
        Self {
            scopes: scopes.into_iter().collect(),
            redirect_uri,
            client_id,
        }
    }
}

impl NameDrop {
    /// The link that the owner follows, and what must be kept until the browser comes back. State and verifier (PKCE
    /// with S256, RFC 7636) are new each time.
    pub fn begin(&self, request: &NamesRequest) -> Result<(Url, PendingNames), ConsentError> {
        if request.scopes.is_empty() {
            return Err(ConsentError::NoScope);
        }
        check_redirect(&request.redirect_uri)?;
        if request.client_id.origin() != request.redirect_uri.origin() {
            let url = request.client_id.to_string();
            return Err(ApplyRequestError::Redirect { url }.into());
        }
        let random = self.client.random();
        let pending = PendingNames {
            api: self.api.clone(),
            client_id: request.client_id.to_string(),
            redirect_uri: request.redirect_uri.to_string(),
            state: HiddenText::new(secret_text(random)),
            verifier: HiddenText::new(secret_text(random)),
        };
        let scopes: Vec<&str> = request.scopes.iter().map(|scope| scope.as_str()).collect();
        let mut url = self.api.join("/authorize");
        url.query_pairs_mut()
            .append_pair("client_id", &pending.client_id)
            .append_pair("redirect_uri", &pending.redirect_uri)
            .append_pair("scope", &scopes.join(" "))
            .append_pair("state", pending.state())
            .append_pair("response_type", "code")
            .append_pair("code_challenge", &challenge(pending.verifier.reveal()))
            .append_pair("code_challenge_method", "S256");
        Ok((url, pending))
    }
}

/// What is kept while the owner decides: bound to their browser, for as long as a code is worth something. Holds
/// secrets, and can be stored.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct PendingNames {
    pub(super) api: UrlPrefix,
    pub(super) client_id: String,
    pub(super) redirect_uri: String,
    pub(super) state: HiddenText,
    pub(super) verifier: HiddenText,
}

impl PendingNames {
    /// What comes back with the browser, by which the request is found again.
    pub fn state(&self) -> &str {
        self.state.reveal()
    }

    /// Reads the query of the URL that the browser came back to.
    pub fn read_return(&self, query: &str) -> Result<AuthorizationCode, ConsentError> {
        read_return(query, self.state())
    }

    /// Reads what a person copied, where no browser can come back: the code, or the whole URL with it.
    pub fn read_pasted(&self, text: &str) -> Result<AuthorizationCode, ConsentError> {
        read_pasted(text, self.state())
    }
}
