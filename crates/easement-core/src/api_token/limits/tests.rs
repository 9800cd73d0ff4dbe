use std::net::IpAddr;

use easement_zone::{ChangeSet, RecordData, Soa, ZoneBuilder};

use super::*;
use crate::api_token::{ApiToken, Excess, PublicTokenId, TokenChain, TokenKind, TokenUse};
use crate::{AccountId, ApiTokenId};

fn name(text: &str) -> Name {
    text.parse().unwrap()
}

fn ttl(seconds: u32) -> Ttl {
    Ttl::from_secs(seconds).unwrap()
}

/// A token for the addresses of `home.example.test` and the texts of its challenge.
fn limits() -> TokenLimits {
    TokenLimits {
        ttl: TtlRange {
            low: ttl(60),
            high: ttl(3600),
        },
        values: ["192.0.2.0/24", "tok*"]
            .map(|one| one.parse().unwrap())
            .to_vec(),
        ..TokenLimits::new(
            ["home.example.test", "_acme-challenge.home.example.test"]
                .map(|one| one.parse().unwrap())
                .to_vec(),
            vec![RecordType::A, RecordType::TXT],
            [Operation::Create, Operation::Update].into_iter().collect(),
        )
    }
}

fn address_set(owner: &str, seconds: u32, address: [u8; 4]) -> RecordSet {
    RecordSet::single(name(owner), ttl(seconds), RecordData::a(address.into()))
}

fn decide(
    limits: &TokenLimits,
    before: Option<RecordSet>,
    after: Option<RecordSet>,
) -> Result<(), String> {
    let mut changes = ChangeSet::new();
    changes.record(before, after);
    changes
        .iter()
        .try_for_each(|(key, change)| limits.allow_change(key, change))
        .map_err(|refused| refused.to_string())
}

#[test]
fn a_change_must_be_within_every_limit() {
    let home = |ttl, address| Some(address_set("home.example.test.", ttl, address));
    let good = [192, 0, 2, 1];
    let other = [192, 0, 2, 2];
    let foreign = [198, 51, 100, 1];
    for (what, before, after, allowed) in [
        ("create", None, home(60, good), true),
        ("update", home(60, good), home(60, other), true),
        ("delete", home(60, good), None, false),
        (
            "other name",
            None,
            Some(address_set("evilhome.example.test.", 60, good)),
            false,
        ),
        (
            "name below",
            None,
            Some(address_set("a.home.example.test.", 60, good)),
            false,
        ),
        ("value", None, home(60, foreign), false),
        (
            "value that stays",
            home(60, foreign),
            home(120, foreign),
            true,
        ),
        ("ttl too small", None, home(59, good), false),
        ("ttl too great", home(60, good), home(3601, good), false),
        ("ttl that stays", home(30, good), home(30, other), true),
    ] {
        assert_eq!(decide(&limits(), before, after).is_ok(), allowed, "{what}");
    }
    let mx = RecordData::mx(10, &name("mail.example.test."));
    let mx = RecordSet::single(name("home.example.test."), ttl(60), mx);
    let refused = decide(&limits(), None, Some(mx)).unwrap_err();
    assert_eq!(
        refused,
        "this API token is not for MX records of home.example.test"
    );
}

#[test]
fn a_wildcard_does_not_speak_for_names_that_were_not_given() {
    for (names, rtype, allowed) in [
        ("*.home.example.test", RecordType::A, true),
        ("*.home.example.test", RecordType::TXT, false),
        ("**.home.example.test", RecordType::TXT, true),
        ("=*.home.example.test", RecordType::TXT, true),
    ] {
        let limits = TokenLimits {
            names: vec![names.parse().unwrap()],
            ..limits()
        };
        let owner = name("*.home.example.test.");
        let outcome = limits.allow(Operation::Create, &owner, rtype);
        assert_eq!(outcome.is_ok(), allowed, "{names} {rtype}");
    }
}

#[test]
fn records_are_counted_at_the_names_of_the_token() {
    let apex = name("example.test.");
    let mut builder = ZoneBuilder::new(apex.clone());
    let soa = Soa::new(
        name("ns1.example.test."),
        name("h.example.test."),
        easement_zone::Serial::new(1),
    );
    let servers = RecordData::name(RecordType::NS, &name("ns1.example.test."));
    builder
        .insert(RecordSet::single(apex.clone(), Ttl::HOUR, soa.to_data()))
        .unwrap();
    builder
        .insert(RecordSet::single(apex, Ttl::HOUR, servers))
        .unwrap();
    for owner in [
        "home.example.test.",
        "a.home.example.test.",
        "_x.home.example.test.",
        "b.example.test.",
    ] {
        builder
            .insert(address_set(owner, 60, [192, 0, 2, 1]))
            .unwrap();
    }
    let zone = builder.finish().unwrap();
    for (names, most, fits) in [
        (&["home.example.test"][..], 1, true),
        (&["*.home.example.test"], 1, false),
        (&["*.home.example.test"], 2, true),
        (&["**.home.example.test"], 2, false),
        (&["home.example.test", "*.home.example.test"], 2, true),
    ] {
        let limits = TokenLimits {
            names: names.iter().map(|one| one.parse().unwrap()).collect(),
            max_records: Some(most),
            ..limits()
        };
        assert_eq!(limits.allow_count(&zone).is_ok(), fits, "{names:?} {most}");
    }
}

#[test]
fn limits_that_make_no_sense_are_refused() {
    type Spoil = fn(&mut TokenLimits);
    let cases: [(&str, Spoil); 9] = [
        ("no names", |limits| limits.names.clear()),
        ("no types", |limits| limits.types.clear()),
        ("no operations", |limits| {
            limits.operations = Operations::default();
        }),
        ("name servers", |limits| limits.types.push(RecordType::NS)),
        ("any", |limits| limits.types.push(RecordType::ANY)),
        ("ttl", |limits| {
            std::mem::swap(&mut limits.ttl.low, &mut limits.ttl.high);
        }),
        ("records", |limits| limits.max_records = Some(0)),
        ("rate", |limits| {
            limits.rate = Some(RateRule {
                times: 0,
                seconds: 60,
            });
        }),
        ("many", |limits| {
            limits.networks = vec!["192.0.2.0/24".parse().unwrap(); 101];
        }),
    ];
    assert_eq!(limits().check(), Ok(()));
    for (what, spoil) in cases {
        let mut limits = limits();
        spoil(&mut limits);
        assert!(limits.check().is_err(), "{what}");
    }
}

type Widen = fn(&mut TokenLimits);

/// Limits with something in each.
fn narrow() -> TokenLimits {
    TokenLimits {
        networks: vec!["192.0.2.0/24".parse().unwrap()],
        max_records: Some(5),
        expires_at: Some(Timestamp::from_micros(1000)),
        idle_seconds: Some(60),
        rate: Some(RateRule {
            times: 60,
            seconds: 60,
        }),
        ..limits()
    }
}

fn assert_wider(widen: Widen, excess: &Excess) {
    let (outer, mut wide) = (narrow(), narrow());
    widen(&mut wide);
    assert_eq!(wide.exceeds(&outer).as_ref(), Some(excess));
    assert_eq!(
        outer.exceeds(&wide),
        None,
        "the other way round is narrower"
    );
}

#[test]
fn what_a_token_may_change_can_not_be_widened() {
    assert_eq!(narrow().exceeds(&narrow()), None);
    let any = || "*".to_owned();
    let below = || "*.home.example.test".to_owned();
    let cases: [(Widen, Excess); 8] = [
        (
            |one| one.names.push("*.home.example.test".parse().unwrap()),
            Excess::Name { name: below() },
        ),
        (
            |one| one.types.push(RecordType::MX),
            Excess::Type {
                rtype: "MX".to_owned(),
            },
        ),
        (
            |one| one.operations = Operations::all(),
            Excess::Operation { operation: "read" },
        ),
        (|one| one.values.clear(), Excess::Value { value: any() }),
        (
            |one| one.values.push("*".parse().unwrap()),
            Excess::Value { value: any() },
        ),
        (|one| one.ttl = TtlRange::default(), Excess::Ttl),
        (
            |one| one.max_records = Some(6),
            Excess::RecordCount { most: 5 },
        ),
        (
            |one| one.max_records = None,
            Excess::RecordCount { most: 5 },
        ),
    ];
    for (widen, excess) in cases {
        assert_wider(widen, &excess);
    }
}

#[test]
fn how_a_token_is_used_can_not_be_widened() {
    let network = |text: &str| Excess::Network {
        network: text.to_owned(),
    };
    let cases: [(Widen, Excess); 8] = [
        (|one| one.networks.clear(), network("everywhere")),
        (
            |one| one.networks.push("192.0.2.0/23".parse().unwrap()),
            network("192.0.2.0/23"),
        ),
        (|one| one.expires_at = None, Excess::Expiry),
        (
            |one| one.expires_at = Some(Timestamp::from_micros(1001)),
            Excess::Expiry,
        ),
        (|one| one.idle_seconds = None, Excess::Idle),
        (
            |one| {
                one.rate = Some(RateRule {
                    times: 61,
                    seconds: 60,
                });
            },
            Excess::Rate,
        ),
        // The same over an hour, and more at once.
        (
            |one| {
                one.rate = Some(RateRule {
                    times: 3600,
                    seconds: 3600,
                });
            },
            Excess::Rate,
        ),
        (|one| one.in_url = SecretInUrl::Allowed, Excess::InUrl),
    ];
    for (widen, excess) in cases {
        assert_wider(widen, &excess);
    }
}

#[test]
fn a_token_counts_from_where_and_when_it_may() {
    let token = |limits| ApiToken {
        id: ApiTokenId::new(1),
        public_id: "abcdefghijkl".parse::<PublicTokenId>().unwrap(),
        account: AccountId::new(1),
        parent: None,
        kind: TokenKind::Live,
        name: "Router".parse().unwrap(),
        limits,
        created_at: Timestamp::from_micros(0),
        revoked_at: None,
        last_use: None,
    };
    let seconds = |count: i64| Timestamp::from_micros(count * 1_000_000);
    let at_home: IpAddr = "192.0.2.9".parse().unwrap();
    let elsewhere: IpAddr = "198.51.100.9".parse().unwrap();
    let narrow = TokenLimits {
        networks: vec!["192.0.2.0/24".parse().unwrap()],
        expires_at: Some(seconds(100)),
        idle_seconds: Some(50),
        ..limits()
    };
    let used = ApiToken {
        last_use: Some((seconds(60), at_home)),
        ..token(narrow.clone())
    };
    let revoked = ApiToken {
        revoked_at: Some(seconds(1)),
        ..token(limits())
    };
    let alone = |token: &ApiToken| TokenChain::new(token.clone(), Vec::new());
    let below = |parent: &ApiToken| TokenChain::new(token(limits()), vec![parent.clone()]);
    let unused = token(narrow.clone());
    for (what, chain, now, address, in_url, counts) in [
        ("fresh", alone(&unused), 10, at_home, false, true),
        ("other network", alone(&unused), 10, elsewhere, false, false),
        (
            "over IPv6",
            alone(&unused),
            10,
            "::ffff:192.0.2.9".parse().unwrap(),
            false,
            true,
        ),
        ("in a URL", alone(&unused), 10, at_home, true, false),
        ("idle", alone(&unused), 50, at_home, false, false),
        ("used", alone(&used), 99, at_home, false, true),
        ("expired", alone(&used), 100, at_home, false, false),
        ("revoked", alone(&revoked), 10, at_home, false, false),
        ("parent revoked", below(&revoked), 10, at_home, false, false),
        (
            "parent elsewhere",
            below(&unused),
            10,
            elsewhere,
            false,
            false,
        ),
        ("parent idle", below(&unused), 60, at_home, false, true),
        ("parent expired", below(&unused), 100, at_home, false, false),
    ] {
        let usage = TokenUse {
            now: seconds(now),
            address,
            in_url,
            noted_at: None,
        };
        assert_eq!(chain.admit(usage).is_ok(), counts, "{what}");
    }
}

#[test]
fn every_limit_has_its_words() {
    let limits = TokenLimits {
        names: ["*.a.test", "**.b.test", "c.test"]
            .map(|one| one.parse().unwrap())
            .to_vec(),
        max_records: Some(5),
        networks: vec!["192.0.2.0/24".parse().unwrap()],
        expires_at: Some(Timestamp::from_micros(0)),
        idle_seconds: Some(30 * 86_400),
        rate: Some(RateRule {
            times: 60,
            seconds: 3600,
        }),
        in_url: SecretInUrl::Allowed,
        ..limits()
    };
    assert_eq!(
        limits.sentences(),
        [
            "It may update and create A and TXT records of a.test and names below it without an \
             underscore, b.test and all names below it and c.test.",
            "It may set only values within `192.0.2.0/24` or `tok*`.",
            "It may set a TTL of 60 to 3600 seconds.",
            "There may be at most 5 records at its names.",
            "It may be used only from 192.0.2.0/24.",
            "It ends at 1970-01-01T00:00:00Z.",
            "It ends when it was not used for 30 days.",
            "It may be used 60 times in 1 hour.",
            "It may stand in a URL, where proxies and browsers write it down.",
        ]
    );
}

#[test]
fn limits_survive_their_document() {
    let document = serde_json::to_string(&limits()).unwrap();
    assert_eq!(
        serde_json::from_str::<TokenLimits>(&document).unwrap(),
        limits()
    );
    let unknown = document.replacen('{', r#"{"wider":true,"#, 1);
    assert!(serde_json::from_str::<TokenLimits>(&unknown).is_err());
}

#[test]
fn the_right_to_manage_webhooks_is_asked_for_and_never_widened() {
    let without = limits();
    let with = TokenLimits {
        webhooks: WebhookRight::Manage,
        ..limits()
    };
    assert_eq!(without.webhooks, WebhookRight::None);
    assert_eq!(with.exceeds(&without), Some(Excess::Webhooks));
    assert_eq!(without.exceeds(&with), None);
    assert_eq!(with.exceeds(&with), None);
    let says = |limits: &TokenLimits| limits.sentences().join(" ").contains("webhooks");
    assert!(says(&with) && !says(&without));
    // Documents of tokens without it are what they were, and stay readable for earlier versions.
    let document = serde_json::to_string(&without).unwrap();
    assert!(!document.contains("webhooks"), "{document}");
    for limits in [with, without] {
        let document = serde_json::to_string(&limits).unwrap();
        assert_eq!(
            serde_json::from_str::<TokenLimits>(&document).unwrap(),
            limits
        );
    }
}
