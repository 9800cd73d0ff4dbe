//! DynDNS2: `GET /nic/update`.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::Duration;

use apertodns::dyndns2::{Credentials, Reply, ReplyLine, UnknownReply};
use apertodns::v1::paths;
use apertodns::{Hostname, Secret};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use easement_outbound::http::Answer;
use http::StatusCode;
use url::Url;

use crate::request::{authorized, get, retry_after};
use crate::{Client, RequestError, UrlPrefix};

/// Where updates are sent, and as whom.
#[derive(Clone, Debug)]
pub struct DynDns2Service {
    /// The server; `/nic/update` is appended when it has no path of its own.
    pub server: UrlPrefix,
    /// The user name; often the name of a host.
    pub username: String,
    /// The password; often a token.
    pub password: Secret,
}

/// Which hosts get which addresses. A family without an address stays as it is.
///
/// ```
/// use easement_client::{DynDns2Update, PlainHttp, UrlPrefix};
///
/// let update = DynDns2Update {
///     hostnames: vec!["a.example.com".parse()?, "b.example.com".parse()?],
///     ipv4: Some("192.0.2.1".parse()?),
///     ipv6: Some("2001:db8::1".parse()?),
/// };
/// let server = UrlPrefix::read("https://dns.example", PlainHttp::Refuse)?;
/// assert_eq!(
///     update.url(&server).as_str(),
///     "https://dns.example/nic/update?hostname=a.example.com,b.example.com&myip=192.0.2.1,2001:db8::1"
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct DynDns2Update {
    /// The hosts, at least one.
    pub hostnames: Vec<Hostname>,
    /// Their address of IPv4.
    pub ipv4: Option<Ipv4Addr>,
    /// Their address of IPv6.
    pub ipv6: Option<Ipv6Addr>,
}

impl DynDns2Update {
    /// The URL that is asked.
    pub fn url(&self, server: &UrlPrefix) -> Url {
        let has_path = server.join("").path().len() > 1;
        let mut url = server.join(if has_path { "" } else { paths::LEGACY_DYNDNS2 });
        let hostnames: Vec<String> = self.hostnames.iter().map(ToString::to_string).collect();
        let ipv4 = self.ipv4.map(IpAddr::V4);
        let ipv6 = self.ipv6.map(IpAddr::V6);
        let addresses = [ipv4, ipv6].into_iter().flatten();
        let addresses: Vec<String> = addresses.map(|address| address.to_string()).collect();
        // Names and addresses hold nothing that a query would have to encode, and old servers read no encoding.
        let query = format!(
            "hostname={}&myip={}",
            hostnames.join(","),
            addresses.join(",")
        );
        url.set_query(Some(&query));
        url
    }
}

impl Client {
    /// Updates the hosts, and gives what the server says about each, in their order.
    pub async fn update_dyndns2(
        &self,
        service: &DynDns2Service,
        update: &DynDns2Update,
    ) -> Result<Reply, DynDns2Error> {
        let is_empty = update.ipv4.is_none() && update.ipv6.is_none();
        if update.hostnames.is_empty() || is_empty {
            return Err(DynDns2Error::Nothing);
        }
        if service.username.contains(':') {
            return Err(DynDns2Error::Username);
        }
        let credentials = format!("{}:{}", service.username, service.password.reveal());
        let credentials = format!("Basic {}", BASE64_STANDARD.encode(credentials));
        let outgoing = authorized(get(), &credentials).ok_or(DynDns2Error::Username)?;
        let answer = self.ask(&update.url(&service.server), outgoing).await?;
        read(&answer, update.hostnames.len())
    }
}

fn read(answer: &Answer, hosts: usize) -> Result<Reply, DynDns2Error> {
    let text = String::from_utf8_lossy(&answer.body);
    match (answer.status, Reply::read(&text, hosts)) {
        (status, Ok(reply)) if status.is_success() || status.is_client_error() => Ok(reply),
        (StatusCode::UNAUTHORIZED, _) => Ok(Reply::repeat(
            &ReplyLine::BadAuth(Credentials::Wrong),
            hosts,
        )),
        (status, Err(reply)) if status.is_success() => Err(DynDns2Error::NotDynDns2(reply)),
        (status, _) => Err(DynDns2Error::Status {
            status: status.as_u16(),
            retry_after: retry_after(&answer.headers),
        }),
    }
}

/// Why no host was updated.
#[derive(Debug, thiserror::Error)]
pub enum DynDns2Error {
    /// The server does not answer.
    #[error(transparent)]
    Request(#[from] RequestError),
    /// There is nothing to say.
    #[error("there is nothing to send: name a host and an address")]
    Nothing,
    /// The user name cannot be sent.
    #[error("the user name has a colon, which cannot be sent")]
    Username,
    /// The answer is none of DynDNS2.
    #[error(transparent)]
    NotDynDns2(UnknownReply),
    /// The answer is an error of HTTP.
    #[error("the server answers with status {status}: try again later, and check its address")]
    Status {
        /// The status.
        status: u16,
        /// How long to wait before the next try.
        retry_after: Option<Duration>,
    },
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::PlainHttp;

    fn answer(status: u16, body: &str) -> Answer {
        Answer {
            status: StatusCode::from_u16(status).unwrap(),
            headers: http::HeaderMap::new(),
            body: body.as_bytes().to_vec().into(),
        }
    }

    #[test]
    fn a_path_of_its_own_is_kept() {
        let update = DynDns2Update {
            hostnames: vec!["h.example.com".parse().unwrap()],
            ipv4: None,
            ipv6: Some("2001:db8::1".parse().unwrap()),
        };
        let server = UrlPrefix::read("https://dns.example/v3/update/", PlainHttp::Refuse).unwrap();
        assert_eq!(
            update.url(&server).as_str(),
            "https://dns.example/v3/update?hostname=h.example.com&myip=2001:db8::1"
        );
    }

    #[test]
    fn answers_are_told_apart() {
        let text =
            |status, body: &str| read(&answer(status, body), 2).map(|reply| reply.to_string());
        assert_eq!(
            text(200, "good 192.0.2.1\nnohost\n").unwrap(),
            "good 192.0.2.1\nnohost"
        );
        assert_eq!(text(401, "<html>").unwrap(), "badauth\nbadauth");
        assert_eq!(text(403, "abuse").unwrap(), "abuse\nabuse");
        assert!(matches!(
            text(200, "<html>"),
            Err(DynDns2Error::NotDynDns2(_))
        ));
        assert!(matches!(
            text(302, ""),
            Err(DynDns2Error::Status { status: 302, .. })
        ));
        assert!(matches!(
            text(503, "good"),
            Err(DynDns2Error::Status { status: 503, .. })
        ));
    }
}
