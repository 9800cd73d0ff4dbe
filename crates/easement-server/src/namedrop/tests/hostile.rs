//! What an app may not do, whatever it sends.

use std::collections::BTreeSet;
use std::time::Duration;

use domain::base::Rtype;
use domain_connect::{Application, Authenticity, Policy, Template, Variables, plan_application};
use easement_core::{Actor, GrantEnd, Origin, Permit, Version, ZoneAction, ZoneRole};
use http::StatusCode;
use serde_json::{Value, json};

use crate::domain_connect::zone_plan::to_zone_plan;

use crate::oauth::test_place::{Place, on_both};

use super::world::{NEIGHBOUR, OWNER, TEXT, World};

on_both! {
    no_name_beside_what_was_given_is_told_or_changed
    whoever_leads_a_name_somewhere_answers_no_challenge_in_dns
    no_other_zone_is_told_or_changed
    whoever_agreed_must_still_be_allowed_to
    permissions_that_name_another_domain_than_their_zone_open_nothing
    an_access_that_was_taken_back_does_nothing
    a_zone_that_this_node_does_not_serve_yet_ends_nothing
    what_cannot_be_read_changes_nothing
    what_a_connected_service_needs_stays
    what_a_connected_service_added_to_spf_stays
    an_access_is_used_so_often_and_no_more
}

fn one(host: &str, rtype: &str, value: &str) -> Value {
    json!({"records": [{"host": host, "type": rtype, "value": value, "priority": 10}]})
}

async fn no_name_beside_what_was_given_is_told_or_changed(place: Place) {
    let world = World::on(place).await;
    let given = ["hosts sub", "mail sub", "acme sub", "atproto-handle sub"];
    let tokens = world.tokens("example.test", &given).await;
    let before = world.dns("evilsub.example.test", Rtype::A);
    for (host, rtype, value) in [
        ("evilsub", "A", "192.0.2.5"),
        ("_acme-challenge.evilsub", "TXT", "v"),
        ("_acme-challengesub", "TXT", "v"),
        ("_atproto.evilsub", "TXT", "did=did:plc:x"),
        ("_dmarc.evilsub", "TXT", "v=DMARC1; p=none"),
        ("k._domainkey", "TXT", "v=DKIM1; p="),
        ("", "A", "192.0.2.5"),
        ("@", "TXT", "v=spf1 -all"),
        ("*", "A", "192.0.2.5"),
        // Nothing opens these.
        ("_acme-challenge.sub", "CNAME", "evil.example"),
        ("*.sub", "CNAME", "evil.example"),
        ("sub", "TXT", "google-site-verification=x"),
        ("sub", "NS", "ns.evil.example"),
        ("_sip._tcp.sub", "SRV", "1 1 1 evil.example"),
        ("sub", "CAA", "0 issue \"evil.example\""),
        ("_domainconnect.sub", "TXT", "evil.example"),
        ("_http.sub", "A", "192.0.2.5"),
    ] {
        for what in ["create", "set", "delete"] {
            let refused = world
                .call(what, &tokens.access, one(host, rtype, value))
                .await;
            assert!(
                [400, 403].contains(&refused.status.as_u16()),
                "{what} {host} {rtype}: {}",
                refused.body
            );
        }
    }
    let refused = world
        .call("set", &tokens.access, one("evilsub", "A", "192.0.2.5"))
        .await;
    refused.assert_failed(403, "no permission namedrop-hosts for evilsub.example.test");
    assert_eq!(world.dns("evilsub.example.test", Rtype::A), before);
    let told = world
        .call("get", &tokens.access, json!({"host": "evilsub"}))
        .await;
    told.assert_failed(403, "no permission");
    assert_eq!(
        world.call("get", &tokens.access, json!({})).await.records(),
        [""; 0]
    );
    // What is wrong beside refuses all of a call.
    let mixed = json!({"records": [
        {"host": "sub", "type": "A", "value": "192.0.2.5"},
        {"host": "evilsub", "type": "A", "value": "192.0.2.5"},
    ]});
    world
        .call("set", &tokens.access, mixed)
        .await
        .assert_failed(403, "evilsub");
    assert_eq!(world.dns("sub.example.test", Rtype::A), [""; 0]);
}

async fn whoever_leads_a_name_somewhere_answers_no_challenge_in_dns(place: Place) {
    let world = World::on(place).await;
    let tokens = world.tokens("example.test", &["hosts"]).await;
    for (host, rtype, value) in [
        ("_acme-challenge", "TXT", "v"),
        ("_acme-challenge", "CNAME", "evil.example"),
        ("_acme-challenge", "A", "192.0.2.5"),
        ("_ACME-Challenge.sub", "CNAME", "evil.example"),
        ("*", "CNAME", "evil.example"),
    ] {
        let refused = world
            .call("set", &tokens.access, one(host, rtype, value))
            .await;
        assert_eq!(
            refused.status,
            StatusCode::FORBIDDEN,
            "{host}: {}",
            refused.body
        );
    }
    assert_eq!(
        world.dns("_acme-challenge.example.test", Rtype::TXT),
        [""; 0]
    );
}

async fn no_other_zone_is_told_or_changed(place: Place) {
    let world = World::on(place).await;
    let tokens = world.tokens("example.test", &["hosts"]).await;
    for domain in [
        "other.test",
        "own.example.test",
        "test",
        "evilexample.test",
        ".",
    ] {
        let mut call = one("www", "A", "192.0.2.5");
        call["domain"] = json!(domain);
        let refused = world.call("set", &tokens.access, call.clone()).await;
        assert!(
            refused.status.is_client_error(),
            "{domain}: {}",
            refused.body
        );
        let told = world
            .call("get", &tokens.access, json!({"domain": domain}))
            .await;
        assert!(told.status.is_client_error(), "{domain}: {}", told.body);
        call["domain"] = Value::Null;
        call["records"][0]["domain"] = json!(domain);
        let refused = world.call("set", &tokens.access, call).await;
        assert!(
            refused.status.is_client_error(),
            "{domain}: {}",
            refused.body
        );
    }
    // A zone of its own below, though its name is below the domain; and what is delegated.
    let below = world
        .call("set", &tokens.access, one("www.own", "A", "192.0.2.5"))
        .await;
    below.assert_failed(403, "own.example.test");
    let lent = world
        .call("set", &tokens.access, one("www.lent", "A", "192.0.2.5"))
        .await;
    lent.assert_failed(400, "delegated");
    for name in ["www.other.test", "www.own.example.test", "www.example.test"] {
        assert_eq!(world.dns(name, Rtype::A), [""; 0]);
    }
}

async fn whoever_agreed_must_still_be_allowed_to(place: Place) {
    let world = World::on(place).await;
    world
        .set_role("example.test", NEIGHBOUR, Some(ZoneRole::Editor))
        .await;
    let (unredeemed, code) = world
        .agree_as(NEIGHBOUR, "example.test", &["hosts", "acme"])
        .await;
    let before = world.tokens_as(NEIGHBOUR, "example.test", &["hosts"]).await;
    world
        .call("set", &before.access, one("www", "A", "192.0.2.5"))
        .await
        .records();
    // The zone is taken from the account between code and token; then the role comes back, and the access does not.
    for role in [None, Some(ZoneRole::Viewer), Some(ZoneRole::Editor)] {
        world.set_role("example.test", NEIGHBOUR, role).await;
        for answer in [
            world.redeem(&code, &[]).await,
            world.refresh(&before.refresh).await,
        ] {
            answer.assert_refused(400, "invalid_grant");
            assert_eq!(answer.text("access_token"), "");
        }
        for what in ["get", "set", "create", "delete"] {
            let refused = world
                .call(what, &before.access, one("www", "A", "192.0.2.6"))
                .await;
            refused.assert_failed(401, "could not change the zone any more");
        }
        for grant in [unredeemed, before.grant] {
            assert_eq!(world.ended(grant).await, Some(GrantEnd::RoleLost));
        }
    }
    assert_eq!(world.dns("www.example.test", Rtype::A), ["192.0.2.5"]);
    // Another yes makes another access, which ends with a smaller role.
    let again = world.tokens_as(NEIGHBOUR, "example.test", &["hosts"]).await;
    let done = world
        .call("set", &again.access, one("www", "A", "192.0.2.6"))
        .await;
    assert_eq!(done.records(), ["www A 192.0.2.6"]);
    world
        .set_role("example.test", NEIGHBOUR, Some(ZoneRole::Viewer))
        .await;
    assert_eq!(world.ended(again.grant).await, Some(GrantEnd::RoleLost));
    let refused = world
        .call("set", &again.access, one("www", "A", "192.0.2.7"))
        .await;
    refused.assert_failed(401, "could not change the zone any more");
    assert_eq!(world.dns("www.example.test", Rtype::A), ["192.0.2.6"]);
}

async fn permissions_that_name_another_domain_than_their_zone_open_nothing(place: Place) {
    let world = World::on(place).await;
    let (_, code) = world
        .agree_in(OWNER, "example.test", "other.test", &["hosts"])
        .await;
    let access = world.redeem(&code, &[]).await.text("access_token");
    let refused = world
        .call("set", &access, one("www", "A", "192.0.2.5"))
        .await;
    refused.assert_failed(403, "");
    world
        .call("get", &access, json!({}))
        .await
        .assert_failed(403, "");
    assert_eq!(world.dns("www.other.test", Rtype::A), [""; 0]);
}

async fn an_access_that_was_taken_back_does_nothing(place: Place) {
    let world = World::on(place).await;
    let tokens = world.tokens("example.test", &["hosts"]).await;
    let store = &world.app.state().store;
    let origin = Origin {
        actor: Actor::Console,
        address: None,
    };
    assert!(
        store
            .end_grant(tokens.grant, GrantEnd::RevokedByOwner, &origin)
            .await
            .unwrap()
    );
    for what in ["get", "set"] {
        let refused = world
            .call(what, &tokens.access, one("www", "A", "192.0.2.5"))
            .await;
        refused.assert_failed(401, "taken back");
    }
    world
        .refresh(&tokens.refresh)
        .await
        .assert_refused(400, "invalid_grant");
    assert_eq!(world.dns("www.example.test", Rtype::A), [""; 0]);
}

async fn a_zone_that_this_node_does_not_serve_yet_ends_nothing(place: Place) {
    let world = World::on(place).await;
    let tokens = world.tokens("example.test", &["hosts sub"]).await;
    let hosted = &world.app.state().hosted;
    let apex = "example.test".parse().unwrap();
    let snapshot = hosted.get(&apex).unwrap().snapshot();
    hosted.withdraw(&apex);
    let call = || one("sub", "A", "192.0.2.9");
    for what in ["get", "set"] {
        let answer = world.call(what, &tokens.access, call()).await;
        answer.assert_failed(503, "try again");
        assert!(answer.header("retry-after").is_some(), "{what}");
    }
    hosted.publish((*snapshot).clone());
    let answer = world.call("set", &tokens.access, call()).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    assert_eq!(world.dns("sub.example.test", Rtype::A), ["192.0.2.9"]);
}

async fn what_cannot_be_read_changes_nothing(place: Place) {
    let world = World::on(place).await;
    let tokens = world.tokens("example.test", &["hosts"]).await;
    let bearer = format!("Bearer {}", tokens.access);
    let headers = [TEXT, ("authorization", bearer.as_str())];
    let path = "/namedrop/set-records";
    for (body, words) in [
        ("", "not a JSON object"),
        ("[]", "not a JSON object"),
        ("null", "not a JSON object"),
        ("{}", "at least one record"),
        (r#"{"records": []}"#, "at least one record"),
        (r#"{"records": [{"type": 1}]}"#, "must be a text"),
        (
            r#"{"host": "", "records": [{"type": "A", "value": "nonsense"}]}"#,
            "not an address",
        ),
        (
            r#"{"host": "a..b", "records": [{"type": "A", "value": "192.0.2.5"}]}"#,
            "not a host",
        ),
        (
            r#"{"token": 7, "records": [{"type": "A"}]}"#,
            "must be a text",
        ),
    ] {
        let refused = world.post(path, &headers, body).await;
        assert_eq!(
            refused.status,
            StatusCode::BAD_REQUEST,
            "{body}: {}",
            refused.body
        );
        assert!(
            refused.message().contains(words),
            "{body}: {}",
            refused.body
        );
    }
    let long = format!(r#"{{"x": "{}"}}"#, "x".repeat(128 * 1024));
    world
        .post(path, &headers, &long)
        .await
        .assert_failed(413, "at most 131072");
    let record = json!({"host": "a", "type": "A", "value": "192.0.2.5"});
    let many = json!({"records": vec![record; 101]}).to_string();
    world
        .post(path, &headers, &many)
        .await
        .assert_failed(400, "too many");
}

/// Connects a service that has the address of `shop`, and sends mail for it.
async fn connect_service(world: &World) {
    let state = world.app.state();
    let json = r#"{"providerId": "p.example", "providerName": "P", "serviceId": "s", "serviceName": "Shop",
        "version": 1, "syncBlock": true, "records": [{"type": "A", "host": "@", "pointsTo": "192.0.2.50", "ttl": 600},
            {"type": "SPFM", "host": "@", "spfRules": "include:spf.p.example"}]}"#;
    let (template, _notes) = Template::from_json(json).unwrap();
    let apex = "example.test".parse().unwrap();
    let snapshot = state.hosted.get(&apex).unwrap().snapshot();
    let plan = plan_application(&Application {
        zone: snapshot.zone(),
        services: &[],
        special: &[],
        template: &template,
        host: &"shop".parse().unwrap(),
        groups: &BTreeSet::new(),
        instance: None,
        variables: &Variables::new(),
        authenticity: Authenticity::Signed,
        policy: &Policy::default(),
    });
    let plan = to_zone_plan(&plan.unwrap(), &[], Version(snapshot.version()));
    let zone = state.store.zone_by_apex(&apex).await.unwrap().unwrap();
    let permit = Permit::for_console(ZoneAction::Change, zone.id, &apex);
    let origin = Origin {
        actor: permit.actor(),
        address: None,
    };
    state.store.commit(permit, plan, origin).await.unwrap();
}

async fn what_a_connected_service_needs_stays(place: Place) {
    let world = World::on(place).await;
    connect_service(&world).await;
    let tokens = world.tokens("example.test", &["hosts"]).await;
    for what in ["set", "delete"] {
        let call = match what {
            "set" => one("shop", "A", "192.0.2.66"),
            _ => one("shop", "A", "192.0.2.50"),
        };
        let refused = world.call(what, &tokens.access, call).await;
        refused.assert_failed(400, "the service P: Shop needs a record");
    }
    assert_eq!(world.dns("shop.example.test", Rtype::A), ["192.0.2.50"]);
    // Beside it there is room.
    let done = world
        .call("set", &tokens.access, one("www", "A", "192.0.2.5"))
        .await;
    assert_eq!(done.records(), ["www A 192.0.2.5"]);
}

async fn what_a_connected_service_added_to_spf_stays(place: Place) {
    let world = World::on(place).await;
    connect_service(&world).await;
    let tokens = world.tokens("example.test", &["mail"]).await;
    for (what, value) in [
        ("set", "v=spf1 -all"),
        ("set", "v=spf1 include:evil.example -all"),
        ("delete", "v=spf1 include:spf.p.example ~all"),
    ] {
        let call = one("shop", "TXT", value);
        let refused = world.call(what, &tokens.access, call).await;
        refused.assert_failed(400, "the service P: Shop needs its terms in the SPF record");
    }
    // The app may add its own.
    let value = "v=spf1 include:app.example include:spf.p.example ~all";
    let call = one("shop", "TXT", value);
    world.call("set", &tokens.access, call).await.records();
    assert_eq!(
        world.dns("shop.example.test", Rtype::TXT),
        [format!("\"{value}\"")]
    );
}

async fn an_access_is_used_so_often_and_no_more(place: Place) {
    let world = World::on(place).await;
    let tokens = world.tokens("example.test", &["hosts sub"]).await;
    for _ in 0..120 {
        world.call("get", &tokens.access, json!({})).await.records();
    }
    let refused = world
        .call("set", &tokens.access, one("sub", "A", "192.0.2.5"))
        .await;
    refused.assert_failed(429, "too many calls");
    assert!(refused.header("retry-after").is_some());
    // Another access is not held up.
    let other = world.tokens("example.test", &["hosts www"]).await;
    world.call("get", &other.access, json!({})).await.records();
    world.advance(Duration::from_mins(1));
    world.call("get", &tokens.access, json!({})).await.records();
}
