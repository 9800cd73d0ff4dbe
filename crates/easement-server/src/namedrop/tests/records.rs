//! Calls for records.

use domain::base::Rtype;
use easement_core::{Actor, ChangeSource};
use http::{Method, StatusCode};
use serde_json::json;

use crate::oauth::test_place::{Place, on_both};

use super::world::{TEXT, World};

on_both! {
    a_call_is_answered_and_served_at_once
    creating_is_all_or_nothing
    deleting_ignores_what_is_not_there
    a_challenge_or_spf_never_takes_another_text_away
    what_is_in_the_way_is_named_and_goes_when_the_call_says_so
    many_calls_at_once_are_all_done
    a_token_comes_in_the_body_or_in_the_header
    a_wildcard_is_for_what_is_below_it
    browsers_may_read_every_answer_and_ask_ahead
}

async fn a_call_is_answered_and_served_at_once(place: Place) {
    let world = World::on(place).await;
    let tokens = world
        .tokens("example.test", &["hosts sub", "acme sub"])
        .await;
    let call = json!({"records": [
        {"type": "A", "value": "192.0.2.5"},
        {"type": "A", "value": "192.0.2.6"},
        {"type": "AAAA", "value": "2001:db8::5"},
        {"host": "_acme-challenge.{{host}}", "type": "TXT", "value": "v", "ttl": 60},
    ]});
    let done = world.call("set", &tokens.access, call.clone()).await;
    let all = [
        "_acme-challenge.sub TXT v",
        "sub A 192.0.2.5",
        "sub A 192.0.2.6",
        "sub AAAA 2001:db8::5",
    ];
    assert_eq!(done.records(), all);
    assert_eq!(
        world.dns("sub.example.test", Rtype::A),
        ["192.0.2.5", "192.0.2.6"]
    );
    assert_eq!(
        world.dns("_acme-challenge.sub.example.test", Rtype::TXT),
        ["\"v\""]
    );
    // One call is one change; the same call again is none.
    let apex = "example.test".parse().unwrap();
    let zone = world.app.state().store.zone_by_apex(&apex);
    let zone = zone.await.unwrap().unwrap();
    let history = || world.app.state().store.commits_of(zone.id, None, 10);
    let commits = history().await.unwrap();
    assert_eq!(commits[0].actor, Actor::Grant(tokens.grant));
    assert!(
        matches!(&commits[0].source, ChangeSource::RecordCall { app } if app.client_id() == super::world::APP),
        "{:?}",
        commits[0].source
    );
    assert_eq!(commits[0].size.added, 4);
    assert_eq!(world.call("set", &tokens.access, call).await.records(), all);
    assert_eq!(history().await.unwrap().len(), commits.len());
    let of_grant = world
        .app
        .state()
        .store
        .commits_of_grant(tokens.grant, 10)
        .await;
    assert_eq!(of_grant.unwrap().len(), 1);
    // What is told is what the token is for, and nothing else.
    assert_eq!(
        world.call("get", &tokens.access, json!({})).await.records(),
        all
    );
    let narrow = json!({"host": "_acme-challenge.sub"});
    assert_eq!(
        world.call("get", &tokens.access, narrow).await.records(),
        all[..1]
    );
    let used = world
        .app
        .state()
        .store
        .grant(tokens.grant)
        .await
        .unwrap()
        .unwrap();
    assert!(used.grant.used_at.is_some());
}

async fn creating_is_all_or_nothing(place: Place) {
    let world = World::on(place).await;
    let tokens = world.tokens("example.test", &["hosts"]).await;
    let twice = json!({"records": [
        {"host": "new", "type": "A", "value": "192.0.2.5"},
        {"host": "taken", "type": "A", "value": "192.0.2.1"},
    ]});
    let refused = world.call("create", &tokens.access, twice).await;
    refused.assert_failed(400, "exists already");
    let error = &refused.body["errors"][0];
    assert_eq!(error["requested_record"]["host"], "taken");
    assert_eq!(error["conflicting_records"][0]["value"], "192.0.2.1");
    assert_eq!(world.dns("new.example.test", Rtype::A), [""; 0]);
    let repeated = json!({"host": "new", "records": [
        {"type": "A", "value": "192.0.2.5"},
        {"type": "A", "value": "192.0.2.5"},
    ]});
    let refused = world.call("create", &tokens.access, repeated).await;
    refused.assert_failed(400, "in the call twice");
    let beside = json!({"host": "taken", "records": [{"type": "A", "value": "192.0.2.2"}]});
    let done = world.call("create", &tokens.access, beside).await;
    assert_eq!(done.records(), ["taken A 192.0.2.2"]);
    assert_eq!(
        world.dns("taken.example.test", Rtype::A),
        ["192.0.2.1", "192.0.2.2"]
    );
}

async fn deleting_ignores_what_is_not_there(place: Place) {
    let world = World::on(place).await;
    let tokens = world.tokens("example.test", &["hosts taken"]).await;
    let other = json!({"records": [{"type": "A", "value": "192.0.2.9"}, {"type": "AAAA"}]});
    let none = world.call("delete", &tokens.access, other).await;
    assert_eq!(none.records(), [""; 0]);
    let all = json!({"records": [{"type": "A"}]});
    let done = world.call("delete", &tokens.access, all).await;
    assert_eq!(done.records(), ["taken A 192.0.2.1"]);
    assert_eq!(world.dns("taken.example.test", Rtype::A), [""; 0]);
}

async fn a_challenge_or_spf_never_takes_another_text_away(place: Place) {
    let world = World::on(place).await;
    let tokens = world.tokens("example.test", &["acme", "mail"]).await;
    let challenge = json!({"records": [
        {"host": "_acme-challenge", "type": "TXT", "value": "one"},
    ]});
    world.call("set", &tokens.access, challenge).await.records();
    let texts = ["\"proof\"", "\"v=spf1 -all\""];
    assert_eq!(world.dns("example.test", Rtype::TXT), texts);
    let spf = json!({"host": "", "records": [{"type": "TXT", "value": "v=spf1 mx -all"}]});
    let done = world.call("set", &tokens.access, spf).await;
    assert_eq!(done.records(), [" TXT v=spf1 mx -all"]);
    let texts = ["\"proof\"", "\"v=spf1 mx -all\""];
    assert_eq!(world.dns("example.test", Rtype::TXT), texts);
    let gone = json!({"host": "", "records": [{"type": "TXT"}]});
    world.call("delete", &tokens.access, gone).await.records();
    assert_eq!(world.dns("example.test", Rtype::TXT), ["\"proof\""]);
    assert_eq!(
        world.dns("_acme-challenge.example.test", Rtype::TXT),
        ["\"one\""]
    );
}

async fn what_is_in_the_way_is_named_and_goes_when_the_call_says_so(place: Place) {
    let world = World::on(place).await;
    let tokens = world.tokens("example.test", &["hosts taken"]).await;
    let mut alias = json!({"records": [{"type": "CNAME", "value": "elsewhere.example."}]});
    let refused = world.call("set", &tokens.access, alias.clone()).await;
    refused.assert_failed(400, "must be alone");
    let in_the_way = &refused.body["errors"][0]["conflicting_records"][0];
    assert_eq!(in_the_way["value"], "192.0.2.1");
    alias["delete_conflicting"] = json!(true);
    let done = world.call("set", &tokens.access, alias).await;
    assert_eq!(done.records(), ["taken CNAME elsewhere.example"]);
    let served = world.dns("taken.example.test", Rtype::CNAME);
    assert_eq!(served.len(), 1, "{served:?}");
}

async fn many_calls_at_once_are_all_done(place: Place) {
    let world = std::sync::Arc::new(World::on(place).await);
    let tokens = world.tokens("example.test", &["hosts"]).await;
    let calls = (1..=8).map(|number| {
        let (world, access) = (world.clone(), tokens.access.clone());
        tokio::spawn(async move {
            let record = json!({"type": "A", "value": format!("192.0.2.{number}")});
            let call = json!({"host": "many", "records": [record]});
            world.call("create", &access, call).await.records().len()
        })
    });
    for call in calls.collect::<Vec<_>>() {
        assert_eq!(call.await.unwrap(), 1);
    }
    assert_eq!(world.dns("many.example.test", Rtype::A).len(), 8);
}

async fn a_token_comes_in_the_body_or_in_the_header(place: Place) {
    let world = World::on(place).await;
    let tokens = world.tokens("example.test", &["hosts sub"]).await;
    let other = world.tokens("example.test", &["hosts www"]).await;
    let bearer = format!("Bearer {}", tokens.access);
    let in_header = [TEXT, ("authorization", bearer.as_str())];
    let path = "/namedrop/get-records";
    assert_eq!(world.post(path, &in_header, "{}").await.records(), [""; 0]);
    let same = json!({"token": tokens.access}).to_string();
    assert_eq!(world.post(path, &in_header, &same).await.records(), [""; 0]);
    let two = json!({"token": other.access}).to_string();
    world
        .post(path, &in_header, &two)
        .await
        .assert_failed(400, "two tokens");
    let nothing = world.post(path, &[TEXT], "{}").await;
    nothing.assert_failed(401, "needs an access token");
    assert_eq!(
        nothing.header("www-authenticate"),
        Some("Bearer realm=\"easement\"")
    );
    // Any content type, or none.
    let body = json!({"token": tokens.access}).to_string();
    for headers in [
        &[][..],
        &[("content-type", "application/json")],
        &[("content-type", "application/x-www-form-urlencoded")],
        &[("content-type", "nonsense")],
    ] {
        assert_eq!(world.post(path, headers, &body).await.records(), [""; 0]);
    }
    for query in ["token", "access_token", "%74oken"] {
        let path = format!("{path}?{query}={}", tokens.access);
        let refused = world.post(&path, &in_header, "{}").await;
        refused.assert_failed(400, "stands in logs");
        assert!(!refused.body.to_string().contains(&tokens.access));
    }
}

async fn a_wildcard_is_for_what_is_below_it(place: Place) {
    let world = World::on(place).await;
    let tokens = world
        .tokens("example.test", &["hosts *.sub", "acme *.sub"])
        .await;
    let bearer = format!("Bearer {}", tokens.access);
    let headers = [("authorization", bearer.as_str())];
    let data = world
        .send(Method::GET, "/namedrop/token-data", &headers, "")
        .await;
    let places = json!([{"domain": "example.test", "host": "*.sub"}]);
    assert_eq!(data.body["scopes"], places);
    let at = |host: &str| json!({"host": host, "records": [{"type": "A", "value": "192.0.2.5"}]});
    let done = world.call("set", &tokens.access, at("a.sub")).await;
    assert_eq!(done.records(), ["a.sub A 192.0.2.5"]);
    for host in ["sub", "evilsub", "", "*"] {
        let refused = world.call("set", &tokens.access, at(host)).await;
        assert_eq!(
            refused.status,
            StatusCode::FORBIDDEN,
            "{host}: {}",
            refused.body
        );
    }
    let unsaid = json!({"records": [{"type": "A", "value": "192.0.2.5"}]});
    let refused = world.call("set", &tokens.access, unsaid).await;
    refused.assert_failed(400, "say which `host`");
}

async fn browsers_may_read_every_answer_and_ask_ahead(place: Place) {
    let world = World::on(place).await;
    for path in [
        "/namedrop/set-records",
        "/namedrop/token",
        "/namedrop/nothing/here",
    ] {
        let asked = [
            ("origin", "https://app.example"),
            ("access-control-request-method", "POST"),
            (
                "access-control-request-headers",
                "authorization,content-type",
            ),
        ];
        let ahead = world.send(Method::OPTIONS, path, &asked, "").await;
        assert_eq!(ahead.status, StatusCode::NO_CONTENT);
        assert_eq!(
            ahead.header("access-control-allow-methods"),
            Some("GET, POST")
        );
        let allowed = ahead.header("access-control-allow-headers");
        assert_eq!(allowed, Some("Authorization, Content-Type"));
    }
    let nowhere = world.post("/namedrop/nothing/here", &[], "").await;
    nowhere.assert_failed(404, "nothing at this address");
    let method = world
        .send(Method::GET, "/namedrop/set-records", &[], "")
        .await;
    method.assert_failed(405, "another method");
    assert_eq!(method.header("allow"), Some("POST"));
}
