//! A server, tokens of the owner of `example.test`, and devices that use them.

use axum::body::Body;
use easement_core::{
    ApiTokenText, Network, RateRule, SecretInUrl, TokenEnd, TokenKind, TokenLimits, ZonePurpose,
    ZoneRole,
};
use easement_server::admin::{
    AdminReply, AdminRequest, NewToken, RecordSetLine, TokenRequest, ZoneDetail,
};
use easement_server::demo::{NEIGHBOUR, OWNER};
use easement_zone::{Name, RecordType};
use http::{HeaderValue, Method};

use crate::world::{Answer, Browser, World};

/// What a token of a test is for.
#[derive(Clone, Debug)]
pub(crate) struct Token {
    pub(crate) names: Vec<String>,
    pub(crate) types: &'static [&'static str],
    pub(crate) values: &'static [&'static str],
    pub(crate) networks: &'static [&'static str],
    pub(crate) days: Option<u64>,
    pub(crate) rate: Option<(u32, u32)>,
    pub(crate) in_url: bool,
    pub(crate) test: bool,
}

impl Token {
    /// For addresses at these names, and everything that can be done with them.
    pub(crate) fn for_names(names: &[&str]) -> Self {
        Self {
            names: names.iter().map(|&name| name.to_owned()).collect(),
            types: &["A", "AAAA"],
            values: &[],
            networks: &[],
            days: None,
            rate: None,
            in_url: false,
            test: false,
        }
    }

    pub(crate) fn limits(&self) -> TokenLimits {
        let names = self
            .names
            .iter()
            .map(|name| name.parse().unwrap())
            .collect();
        let types = self
            .types
            .iter()
            .map(|rtype| rtype.parse().unwrap())
            .collect();
        TokenLimits {
            values: self.values.iter().map(|one| one.parse().unwrap()).collect(),
            networks: self
                .networks
                .iter()
                .map(|one| one.parse::<Network>().unwrap())
                .collect(),
            rate: self
                .rate
                .map(|(times, seconds)| RateRule { times, seconds }),
            in_url: if self.in_url {
                SecretInUrl::Allowed
            } else {
                SecretInUrl::Refused
            },
            ..TokenLimits::new(names, types, easement_core::Operations::all())
        }
    }
}

/// The server of a test.
pub(crate) struct Devices {
    pub(crate) inner: World,
}

/// A server, and a device with a token.
pub(crate) async fn start(token: Token) -> (Devices, Device) {
    start_with(token, &[]).await
}

/// The same with these settings of the server.
pub(crate) async fn start_with(token: Token, settings: &[&str]) -> (Devices, Device) {
    let world = Devices {
        inner: World::start_with(settings).await,
    };
    let token = world.token(token).await;
    let browser = world.inner.anonymous();
    (world, Device { browser, token })
}

impl Devices {
    async fn administer(&self, request: AdminRequest) -> AdminReply {
        self.inner.demo.app().administer(request).await.unwrap()
    }

    /// The text of a new token.
    pub(crate) async fn token(&self, wanted: Token) -> String {
        let new = NewToken {
            account: Some(OWNER.parse().unwrap()),
            from: None,
            kind: if wanted.test {
                TokenKind::Test
            } else {
                TokenKind::Live
            },
            name: "Router at home".parse().unwrap(),
            limits: wanted.limits(),
            end: wanted
                .days
                .map(|days| TokenEnd::After(std::time::Duration::from_hours(24 * days))),
        };
        let request = TokenRequest::Create(Box::new(new));
        let reply = self.administer(AdminRequest::Token(request)).await;
        let AdminReply::TokenMade(made) = reply else {
            panic!("{reply:?}");
        };
        made.token.reveal().to_owned()
    }

    pub(crate) async fn revoke(&self, token: &str) {
        let id = token.parse::<ApiTokenText>().unwrap().id;
        self.administer(AdminRequest::Token(TokenRequest::Revoke { id }))
            .await;
    }

    pub(crate) async fn set_role(&self, role: &str) {
        // Somebody has to own the zone.
        for (email, role) in [(NEIGHBOUR, ZoneRole::Owner), (OWNER, role.parse().unwrap())] {
            self.administer(AdminRequest::SetRole {
                apex: "example.test".parse().unwrap(),
                email: email.parse().unwrap(),
                role: Some(role),
            })
            .await;
        }
    }

    pub(crate) async fn mark_for_testing(&self, apex: &str) {
        self.administer(AdminRequest::SetZonePurpose {
            apex: apex.parse().unwrap(),
            purpose: ZonePurpose::Testing,
        })
        .await;
    }

    /// Connects a service that cannot do without the address of the apex.
    pub(crate) async fn connect_website(&self, address: &str) {
        let owner = self.inner.owner().await;
        let values = [("address", address), ("site", "s-1")];
        let link = self
            .inner
            .link("sitewright.test", "website", "example.test", &values);
        owner.answer_consent(&link, "agree").await;
    }

    pub(crate) async fn services(&self) -> Vec<String> {
        self.zone("example.test").await.services
    }

    // What DNS answers from

    async fn zone(&self, apex: &str) -> ZoneDetail {
        let apex = apex.parse().unwrap();
        let reply = self.administer(AdminRequest::ShowZone { apex }).await;
        let AdminReply::Zone(zone) = reply else {
            panic!("{reply:?}");
        };
        zone
    }

    pub(crate) async fn version(&self, apex: &str) -> u64 {
        self.zone(apex).await.line.version.0
    }

    async fn records(&self, name: &str, types: &[RecordType]) -> Vec<RecordSetLine> {
        let name: Name = name.parse().unwrap();
        let records = self.zone("example.test").await.records.into_iter();
        records
            .filter(|set| set.owner == name && types.contains(&set.rtype))
            .collect()
    }

    pub(crate) async fn addresses(&self, name: &str) -> Vec<String> {
        let sets = self.records(name, &[RecordType::A, RecordType::AAAA]).await;
        sets.iter()
            .flat_map(|set| &set.data)
            .map(ToString::to_string)
            .collect()
    }

    /// Sorted.
    pub(crate) async fn texts(&self, name: &str) -> Vec<String> {
        let sets = self.records(name, &[RecordType::TXT]).await;
        let texts = sets
            .iter()
            .flat_map(|set| &set.data)
            .filter_map(easement_zone::RecordData::text);
        let mut texts: Vec<String> = texts.map(|text| String::from_utf8(text).unwrap()).collect();
        texts.sort();
        texts
    }
}

/// Something that holds a token.
#[derive(Clone)]
pub(crate) struct Device {
    pub(crate) browser: Browser,
    pub(crate) token: String,
}

impl Device {
    /// Sends a request with this header `Authorization`.
    pub(crate) async fn send_as(
        &self,
        method: Method,
        path: &str,
        authorization: Option<String>,
        body: Body,
    ) -> Answer {
        let mut browser = self.browser.clone();
        if let Some(authorization) = authorization {
            let value = HeaderValue::try_from(authorization).unwrap();
            browser.headers.insert("authorization", value);
        }
        browser.send(method, path, body).await
    }
}
