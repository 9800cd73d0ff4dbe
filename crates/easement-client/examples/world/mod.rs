//! What the examples talk to: a DNS provider on this machine that has example.test and knows one person, who agrees to
//! everything.

#[expect(dead_code, reason = "tests do more with it")]
#[path = "../../tests/it/fake_dns.rs"]
mod fake_dns;
#[expect(dead_code, reason = "tests do more with it")]
#[path = "../../tests/it/fake_http.rs"]
mod fake_http;

use std::collections::BTreeMap;
use std::net::SocketAddr;

use easement_client::{Client, PlainHttp};
use easement_zone::RecordData;
use url::Url;

use self::fake_dns::FakeDns;
use self::fake_http::{Asked, FakeHttp, Reply};

pub(crate) struct World {
    dns: FakeDns,
    _provider: FakeHttp,
}

impl World {
    pub(crate) async fn start() -> Self {
        let dns = FakeDns::start().await;
        let records = dns.clone();
        let provider = FakeHttp::start(move |asked| answer(asked, &records)).await;
        dns.txt("_domainconnect.example.test", &provider.authority());
        Self {
            dns,
            _provider: provider,
        }
    }

    /// A client that finds this world. For the other one, `Client::builder().build()` is enough.
    pub(crate) fn client(&self) -> Client {
        let builder = Client::builder().resolver(self.dns.address);
        builder.plain_http(PlainHttp::ToLoopback).build().unwrap()
    }

    /// The name server of example.test.
    pub(crate) fn name_server(&self) -> SocketAddr {
        self.dns.address
    }

    /// The person follows a link of the synchronous flow, and agrees. Gives the query that the browser comes back with.
    pub(crate) fn agrees_to_change(&self, link: &Url) -> String {
        apply(link, &self.dns);
        format!("state={}", parameters(link)["state"])
    }

    /// The same with a link of the asynchronous flow: a code comes back.
    pub(crate) fn gives_permission(link: &Url) -> String {
        format!("code=c0de&state={}", parameters(link)["state"])
    }
}

/// What the provider answers to programs.
fn answer(asked: &Asked, dns: &FakeDns) -> Reply {
    let (method, path) = asked.line.split_once(' ').unwrap();
    let (_, host) = asked.head.split_once("host: ").unwrap();
    let own = format!("http://{}", host.lines().next().unwrap());
    let json = |text: String| Reply::Json(200, text);
    match path {
        "/v2/example.test/settings" => json(format!(
            r#"{{"providerId": "dns.example", "providerName": "DNS Example", "urlAPI": "{own}",
                "urlSyncUX": "{own}", "urlAsyncUX": "{own}"}}"#
        )),
        "/v2/domainTemplates/providers/exampleservice.example/services/website" => {
            json(r#"{"version": 3}"#.to_owned())
        }
        "/v2/oauth/access_token" => json(
            r#"{"access_token": "a-token", "refresh_token": "another", "token_type": "Bearer",
                "expires_in": 3600}"#
                .to_owned(),
        ),
        path if method == "POST" && path.contains("/apply?") => {
            apply(&format!("{own}{path}").parse().unwrap(), dns);
            json("{}".to_owned())
        }
        _ => Reply::Json(404, "{}".to_owned()),
    }
}

/// The template has one record: the address of the host.
fn apply(link: &Url, dns: &FakeDns) {
    let parameters = parameters(link);
    let owner = format!("{}.{}", parameters["host"], parameters["domain"]);
    dns.put(&owner, RecordData::a(parameters["IP"].parse().unwrap()));
}

fn parameters(link: &Url) -> BTreeMap<String, String> {
    link.query_pairs().into_owned().collect()
}
