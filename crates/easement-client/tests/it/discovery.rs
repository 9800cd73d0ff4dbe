//! The way from a name to its DNS provider.

use easement_client::{CandidateFault, DiscoveryError};

use crate::fake_dns::FakeDns;
use crate::fake_http::{FakeHttp, Reply};
use crate::lab;

/// A provider that has these zones.
async fn provider(zones: &'static [&'static str]) -> FakeHttp {
    FakeHttp::start(move |asked| {
        let has = |zone: &&str| asked.line == format!("GET /v2/{zone}/settings");
        if zones.iter().any(has) {
            Reply::Json(
                200,
                r#"{"providerId":"dns.example","providerName":"DNS","urlAPI":"https://api.dns.example"}"#.to_owned(),
            )
        } else {
            Reply::Json(404, r#"{"error":"not_found"}"#.to_owned())
        }
    })
    .await
}

#[tokio::test]
async fn the_deepest_zone_that_a_provider_has_is_found() {
    let dns = FakeDns::start().await;
    let http = provider(&["example.test", "sub.example.test"]).await;
    for owner in ["example.test", "sub.example.test", "left.example.test"] {
        dns.txt(&format!("_domainconnect.{owner}"), &http.authority());
    }
    let client = lab(dns.address).build().unwrap();
    for (name, zone, host) in [
        ("example.test", "example.test", "@"),
        ("WWW.Example.test.", "example.test", "WWW"),
        ("a.b.sub.example.test", "sub.example.test", "a.b"),
        // The provider does not have this one, though a record says so.
        ("left.example.test", "example.test", "left"),
    ] {
        let found = client.discover(name).await.unwrap();
        assert_eq!(found.zone, zone.parse().unwrap(), "{name}");
        assert_eq!(found.host, host.parse().unwrap(), "{name}");
        assert_eq!(found.settings.shown_name(), "DNS");
    }
}

#[tokio::test]
async fn international_names_are_taken_in_both_forms() {
    let dns = FakeDns::start().await;
    let http = provider(&["xn--bcher-kva.test"]).await;
    dns.txt("_domainconnect.xn--bcher-kva.test", &http.authority());
    let client = lab(dns.address).build().unwrap();
    for name in ["bücher.test", "BÜCHER.test", "www.xn--bcher-kva.test"] {
        let found = client.discover(name).await.unwrap();
        assert_eq!(found.zone.to_text(), "xn--bcher-kva.test", "{name}");
    }
}

#[tokio::test]
async fn aliases_are_followed_and_strings_joined() {
    let dns = FakeDns::start().await;
    let http = provider(&["example.test"]).await;
    let path = format!("/{}", "x".repeat(250));
    let long = format!("{}{path}", http.authority());
    dns.alias("_domainconnect.example.test", "shared.dns.test");
    // Longer than one string of a TXT record can be.
    dns.txt("shared.dns.test", &long);
    let client = lab(dns.address).build().unwrap();
    let failed = client.discover("example.test").await.unwrap_err();
    let DiscoveryError::NoProvider { failures, .. } = &failed else {
        panic!("{failed}");
    };
    assert_eq!(failures[0].value, long);
    let asked = format!("GET {path}/v2/example.test/settings");
    assert_eq!(http.asked()[0].line, asked);
}

#[tokio::test]
async fn every_record_is_a_candidate_and_each_failure_is_told() {
    let dns = FakeDns::start().await;
    let without = provider(&[]).await;
    let with = provider(&["example.test"]).await;
    let owner = "_domainconnect.example.test";
    dns.txt(owner, "v=spf1 -all");
    dns.txt(owner, &without.authority());
    let client = lab(dns.address).build().unwrap();
    let failed = client.discover("example.test").await.unwrap_err();
    let text = failed.to_string();
    for part in ["v=spf1 -all", &without.authority(), "earlier provider"] {
        assert!(text.contains(part), "{part}: {text}");
    }
    dns.txt(owner, &with.authority());
    let found = client.discover("example.test").await.unwrap();
    assert_eq!(found.announcement.as_str(), with.authority());
}

#[tokio::test]
async fn a_name_without_a_provider_is_told_apart_from_what_is_no_name() {
    let dns = FakeDns::start().await;
    let client = lab(dns.address).build().unwrap();
    let fail = async |name: &str| client.discover(name).await.unwrap_err();
    assert!(
        matches!(fail("a.b.example.test").await, DiscoveryError::NoRecord { name } if name.to_text() == "example.test")
    );
    assert!(matches!(
        fail("co.uk").await,
        DiscoveryError::PublicSuffix { .. }
    ));
    assert!(matches!(
        fail("").await,
        DiscoveryError::NotAName { .. } | DiscoveryError::PublicSuffix { .. }
    ));
    assert!(matches!(
        fail("a..b").await,
        DiscoveryError::NotAName { .. }
    ));
}

#[tokio::test]
async fn only_some_of_many_records_are_tried() {
    let dns = FakeDns::start().await;
    let http = provider(&[]).await;
    for number in 0..10 {
        let value = format!("{}/{number}", http.authority());
        dns.txt("_domainconnect.example.test", &value);
    }
    let client = lab(dns.address).build().unwrap();
    let failed = client.discover("example.test").await.unwrap_err();
    let DiscoveryError::NoProvider { failures, .. } = failed else {
        panic!("{failed}");
    };
    assert_eq!(failures.len(), 10);
    assert!(matches!(failures[9].fault, CandidateFault::TooMany { .. }));
    assert_eq!(http.asked().len(), 4);
}

#[tokio::test]
async fn a_provider_that_cannot_be_asked_is_not_replaced_by_that_of_the_zone_above() {
    let parent = provider(&["example.test"]).await;
    for (status, is_transient) in [(503, true), (429, true), (403, false), (302, false)] {
        let dns = FakeDns::start().await;
        let deeper = FakeHttp::start(move |_| Reply::Json(status, String::new())).await;
        dns.txt("_domainconnect.example.test", &parent.authority());
        dns.txt("_domainconnect.sub.example.test", &deeper.authority());
        let client = lab(dns.address).build().unwrap();
        let failed = client.discover("a.sub.example.test").await.unwrap_err();
        let DiscoveryError::NoProvider { failures, .. } = &failed else {
            panic!("{failed}");
        };
        assert_eq!(failures.len(), 1, "{failed}");
        assert_eq!(failed.is_transient(), is_transient, "{status}");
        let is_advised = failed.to_string().contains("try again later");
        assert_eq!(is_advised, is_transient, "{failed}");
        // Another provider that says at the same name that it has the zone is believed.
        let other = provider(&["sub.example.test"]).await;
        dns.txt("_domainconnect.sub.example.test", &other.authority());
        let found = client.discover("a.sub.example.test").await.unwrap();
        assert_eq!(found.zone.to_text(), "sub.example.test");
    }
}

#[tokio::test]
async fn a_look_up_that_fails_below_ends_the_search() {
    let dns = FakeDns::start().await;
    let parent = provider(&["example.test"]).await;
    dns.txt("_domainconnect.example.test", &parent.authority());
    dns.alias("_domainconnect.sub.example.test", "a.example.test");
    dns.alias("a.example.test", "b.example.test");
    dns.alias("b.example.test", "a.example.test");
    let client = lab(dns.address).build().unwrap();
    let failed = client.discover("sub.example.test").await.unwrap_err();
    assert!(matches!(failed, DiscoveryError::Lookup { .. }), "{failed}");
    assert!(failed.is_transient());
}

#[tokio::test]
async fn texts_that_name_no_provider_do_not_count_as_tries() {
    let dns = FakeDns::start().await;
    let http = provider(&["example.test"]).await;
    let owner = "_domainconnect.example.test";
    for number in 0..10 {
        dns.txt(owner, &format!("a note {number}"));
    }
    dns.txt(owner, &http.authority());
    let client = lab(dns.address).build().unwrap();
    assert!(client.discover("example.test").await.is_ok());
}
