//! A server, and what it is asked with.

use std::error::Error;
use std::time::Duration;

use namedrop::{Permission, Permissions};
use serde_json::Value;
use url::form_urlencoded;

use super::{NamesAccess, PendingNames};
use crate::grant::{Issued, read_issued};
use crate::request::post;
use crate::{
    AuthorizationCode, Client, CredentialsError, PlainHttp, TokenError, UrlPrefix, UrlPrefixError,
};

const FORM: &str = "application/x-www-form-urlencoded";

/// A server of NameDrop.
///
/// ```
/// use easement_client::{Client, NameDrop, NameRecord, NamesRequest, PlainHttp, RecordPlace};
/// use namedrop::Scope;
///
/// # // A server that asks nobody, and answers each request in turn.
/// # fn serve(answers: Vec<&'static str>) -> String {
/// #     use std::io::{Read as _, Write as _};
/// #     let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
/// #     let address = listener.local_addr().unwrap();
/// #     std::thread::spawn(move || for answer in answers {
/// #         let (mut stream, _) = listener.accept().unwrap();
/// #         let mut request = Vec::new();
/// #         let is_whole = |request: &[u8]| {
/// #             let text = String::from_utf8_lossy(request).to_lowercase();
/// #             let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
/// #             let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
/// #             body.len() >= length.unwrap_or(0)
/// #         };
/// #         while !is_whole(&request) {
/// #             let mut buffer = [0; 4096];
/// #             let length = stream.read(&mut buffer).unwrap();
/// #             request.extend_from_slice(&buffer[..length]);
/// #         }
/// #         let length = answer.len();
/// #         write!(stream, "HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n{answer}").unwrap();
/// #     });
/// #     format!("http://{address}/namedrop")
/// # }
/// # let server = serve(vec![
/// #     r#"{"access_token": "a1", "refresh_token": "r1", "token_type": "bearer", "expires_in": 3600,
/// #         "permissions": [{"scope": "namedrop-hosts", "domain": "example.com", "host": "app"}]}"#,
/// #     r#"{"type": "success", "records":
/// #         [{"domain": "example.com", "host": "app", "type": "A", "value": "192.0.2.5", "ttl": 300}]}"#,
/// # ]);
/// # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
/// let client = Client::builder().plain_http(PlainHttp::ToLoopback).build()?;
/// let names = NameDrop::new(client, &server)?;
///
/// // The owner follows the link, chooses a name, and comes back.
/// let request = NamesRequest::new([Scope::Hosts], "https://app.example/done".parse()?);
/// let (link, pending) = names.begin(&request)?;
/// assert!(link.as_str().starts_with(&server));
/// let back = format!("code=c1&state={}", pending.state());
/// let code = pending.read_return(&back)?;
///
/// let access = names.exchange(pending, code).await?;
/// let name = access.permissions.iter().next().unwrap();
/// assert_eq!(name.name().to_text(), "app.example.com");
///
/// let record = NameRecord::new("A".parse()?, "192.0.2.5");
/// let set = names.set_records(&access, &RecordPlace::default(), &[record]).await?;
/// assert_eq!(set[0].host.as_deref(), Some("app"));
/// # Ok::<(), Box<dyn std::error::Error>>(()) })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct NameDrop {
    pub(super) client: Client,
    pub(super) api: UrlPrefix,
}

impl NameDrop {
    /// A server by the URL that its addresses begin with, such as `https://dns.example/namedrop`. Plain HTTP is
    /// spoken where the client speaks it.
    pub fn new(client: Client, base: &str) -> Result<Self, UrlPrefixError> {
        let api = UrlPrefix::read(base, client.plain_http())?;
        Ok(Self { client, api })
    }

    /// The server that access came from.
    pub fn of_access(client: Client, access: &NamesAccess) -> Result<Self, UrlPrefixError> {
        Self::new(client, access.api.as_str())
    }

    /// The URL that its addresses begin with.
    pub fn base(&self) -> &UrlPrefix {
        &self.api
    }

    /// Whether it speaks plain HTTP, which anybody on the way can read.
    pub fn plain_http(&self) -> PlainHttp {
        self.client.plain_http()
    }

    /// Makes tokens of a code. It works once, so what comes is to be stored before anything else.
    pub async fn exchange(
        &self,
        pending: PendingNames,
        code: AuthorizationCode,
    ) -> Result<NamesAccess, TokenError> {
        self.check(&pending.api)?;
        let form = [
            ("grant_type", "authorization_code"),
            ("code", code.reveal()),
            ("redirect_uri", &pending.redirect_uri),
            ("client_id", &pending.client_id),
            ("code_verifier", pending.verifier.reveal()),
        ];
        let (issued, permissions) = self.ask_for_tokens(&form).await?;
        Ok(NamesAccess {
            api: pending.api,
            client_id: pending.client_id,
            expires_at: issued.expires_at(self.client.clock().now()),
            access_token: issued.access_token,
            refresh_token: issued.refresh_token,
            permissions: permissions.unwrap_or_default(),
        })
    }

    /// The access, with a new token when the one that is there has ended or is about to.
    ///
    /// New tokens are given to `store` before they are used: a server takes the old refresh token for stolen once the
    /// new one was issued, so one that is lost ends the permission. For the same reason only one at a time may do this with
    /// the same access: whoever has several processes locks where it is stored, and reads it again.
    pub async fn refresh_if_due<S>(
        &self,
        access: NamesAccess,
        store: S,
    ) -> Result<NamesAccess, NamesRefreshError>
    where
        S: FnOnce(&NamesAccess) -> Result<(), Box<dyn Error + Send + Sync>>,
    {
        if access.is_due(self.client.clock().now()) {
            self.refresh(access, store).await
        } else {
            Ok(access)
        }
    }

    /// The same, whether it is due or not: after [`RecordsError::Unauthorized`](super::RecordsError::Unauthorized).
    pub async fn refresh<S>(
        &self,
        mut access: NamesAccess,
        store: S,
    ) -> Result<NamesAccess, NamesRefreshError>
    where
        S: FnOnce(&NamesAccess) -> Result<(), Box<dyn Error + Send + Sync>>,
    {
        self.check(&access.api).map_err(TokenError::from)?;
        let refresh_token = access.refresh_token.take();
        let refresh_token = refresh_token.ok_or(TokenError::NoRefreshToken)?;
        let form = [
            ("grant_type", "refresh_token"),
            ("refresh_token", refresh_token.reveal()),
            ("client_id", &access.client_id),
        ];
        let (issued, permissions) = self.ask_for_tokens(&form).await?;
        access.expires_at = issued.expires_at(self.client.clock().now());
        access.access_token = issued.access_token;
        // Who issues no new one leaves the old one as it is (RFC 6749 section 6).
        access.refresh_token = Some(issued.refresh_token.unwrap_or(refresh_token));
        // The owner may have narrowed them since.
        access.permissions = permissions.unwrap_or(access.permissions);
        store(&access).map_err(|source| {
            let access = Box::new(access.clone());
            NamesRefreshError::Store { access, source }
        })?;
        Ok(access)
    }

    /// NameDrop 0.4.0, "POST /token".
    async fn ask_for_tokens(
        &self,
        form: &[(&str, &str)],
    ) -> Result<(Issued, Option<Permissions>), TokenError> {
        let body = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(form)
            .finish();
        let url = self.api.join("/token");
        let answer = self.client.ask(&url, post(FORM, body)).await?;
        let issued = read_issued(&answer, &self.api)?;
        Ok((issued, permissions_of(&answer.body)))
    }

    /// Refuses what came from another server.
    pub(super) fn check(&self, api: &UrlPrefix) -> Result<(), CredentialsError> {
        if self.api == *api {
            return Ok(());
        }
        Err(CredentialsError::OtherApi {
            provider_id: api.to_string(),
            registered: api.to_string(),
            discovered: self.api.to_string(),
        })
    }
}

/// What was given, as far as it is understood: what is not is of no use here. Nothing when the server does not say, as in
/// version 0.2.0.
fn permissions_of(body: &[u8]) -> Option<Permissions> {
    let body: Value = serde_json::from_slice(body).ok()?;
    let list = body.get("permissions")?.as_array()?;
    let known = list
        .iter()
        .filter_map(|one| serde_json::from_value::<Permission>(one.clone()).ok());
    Permissions::new(known).ok()
}

/// Why tokens were not renewed.
#[derive(Debug, thiserror::Error)]
pub enum NamesRefreshError {
    /// The server issued none.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// The new ones could not be stored. They are here, since the old ones are worth nothing any more.
    #[error("the new tokens could not be stored: {source}")]
    Store {
        /// What was to be stored.
        access: Box<NamesAccess>,
        /// Why it was not.
        source: Box<dyn Error + Send + Sync>,
    },
}

/// How long before its end a token counts as ended.
pub(super) const MARGIN: Duration = Duration::from_mins(1);
