//! Clients that are not, or that the world is not kind to.

use std::time::Duration;

use axum::body::Body;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use easement_core::{Actor, ClientId, GrantEnd, GrantRefused, Origin, TemplateStatus};
use http::header::CONTENT_TYPE;
use http::{Request, StatusCode};
use serde_json::json;
use tower::ServiceExt as _;

use super::super::test_place::{Place, on_both};
use super::super::{ClientChange, ClientDesk, ClientKind, paths};
use super::{DONE, VERIFIER, World, refused};
use crate::admin::{AdminRequest, TemplateFile, TemplateWish};

on_both! {
    a_code_that_is_shown_again_ends_what_it_gave
    a_refresh_token_that_is_shown_again_ends_what_was_granted
    a_client_that_lost_an_answer_asks_once_more
    nobody_else_gets_tokens_for_a_code
    what_contradicts_itself_is_refused
    a_client_gives_back_and_asks_about_its_own_tokens_alone
    a_refresh_token_that_was_replaced_is_given_back_with_its_grant
    an_access_token_counts_for_an_hour_and_while_its_client_may_act
    a_template_without_a_key_is_there_for_a_registered_client_alone
    a_zone_that_this_node_does_not_serve_yet_is_asked_for_again
    one_network_asks_so_often_and_no_more
}

async fn a_code_that_is_shown_again_ends_what_it_gave(place: Place) {
    let world = World::start(place).await;
    let (_, code) = world.grant("app.example", DONE, None).await;
    let first = world.redeem(&code, &[]).await;
    let access = first.text("access_token");
    assert!(world.bearer(access).await.is_ok());
    refused(&world.redeem(&code, &[]).await, "invalid_grant");
    let end = world.bearer(access).await;
    assert!(
        matches!(end, Err(Some(GrantRefused::Ended { .. }))),
        "{end:?}"
    );
    let refresh = world.refresh(first.text("refresh_token")).await;
    refused(&refresh, "invalid_grant");
    assert_eq!(world.ends().await, [GrantEnd::CodeReplayed]);
}

async fn a_refresh_token_that_is_shown_again_ends_what_was_granted(place: Place) {
    let world = World::start(place).await;
    let (_, code) = world.grant("app.example", DONE, None).await;
    let first = world.redeem(&code, &[]).await;
    let second = world.refresh(first.text("refresh_token")).await;
    assert_eq!(second.status, StatusCode::OK, "{}", second.body);
    assert_ne!(second.text("refresh_token"), first.text("refresh_token"));
    world.advance(Duration::from_mins(1));
    let as_refresh = world.refresh(second.text("access_token")).await;
    refused(&as_refresh, "invalid_grant");
    let again = world.refresh(first.text("refresh_token")).await;
    refused(&again, "invalid_grant");
    assert!(world.bearer(second.text("access_token")).await.is_err());
    assert_eq!(world.ends().await, [GrantEnd::RefreshTokenReused]);
}

async fn a_client_that_lost_an_answer_asks_once_more(place: Place) {
    let world = World::start(place).await;
    let (_, code) = world.grant("app.example", DONE, None).await;
    let first = world.redeem(&code, &[]).await;
    let lost = world.refresh(first.text("refresh_token")).await;
    world.advance(Duration::from_secs(30));
    let again = world.refresh(first.text("refresh_token")).await;
    assert_eq!(again.status, StatusCode::OK, "{}", again.body);
    assert!(world.bearer(again.text("access_token")).await.is_ok());
    assert!(world.bearer(lost.text("access_token")).await.is_err());
    let next = world.refresh(again.text("refresh_token")).await;
    assert_eq!(next.status, StatusCode::OK, "{}", next.body);
    assert_eq!(world.ends().await, []);
    // A third time is too often, and so is what was lost, when it turns up.
    let stolen = world.refresh(lost.text("refresh_token")).await;
    refused(&stolen, "invalid_grant");
    assert_eq!(world.ends().await, [GrantEnd::RefreshTokenReused]);
    assert!(world.bearer(next.text("access_token")).await.is_err());
}

async fn nobody_else_gets_tokens_for_a_code(place: Place) {
    let world = World::start(place).await;
    let (_, code) = world.grant("app.example", DONE, None).await;
    let other = world
        .register("third.example", ClientKind::Confidential)
        .await;
    let unknown = world
        .redeem(&code, &[("client_id", "nobody.example")])
        .await;
    let wrong = world.redeem(&code, &[("client_secret", "wrong")]).await;
    refused(&wrong, "invalid_client");
    assert_eq!(
        unknown.body, wrong.body,
        "which clients there are is not told"
    );
    for (fields, error) in [
        (&[("client_secret", "")][..], "invalid_client"),
        (
            &[("client_id", "third.example"), ("client_secret", &other)],
            "invalid_grant",
        ),
        (&[("redirect_uri", "https://app.example/")], "invalid_grant"),
        (&[("redirect_uri", "")], "invalid_grant"),
        (&[("code_verifier", VERIFIER)], "invalid_grant"),
        (&[("grant_type", "password")], "unsupported_grant_type"),
        (&[("grant_type", "refresh_token")], "invalid_request"),
        (&[("code", "")], "invalid_request"),
    ] {
        refused(&world.redeem(&code, fields).await, error);
    }
    world.advance(Duration::from_mins(10));
    refused(&world.redeem(&code, &[]).await, "invalid_grant");
    assert_eq!(world.ends().await, []);
}

async fn what_contradicts_itself_is_refused(place: Place) {
    let world = World::start(place).await;
    let (_, code) = world.grant("app.example", DONE, None).await;
    let secret = &world.secret;
    let form = ("content-type", "application/x-www-form-urlencoded");
    let rest = format!(
        "grant_type=authorization_code&code={code}&redirect_uri=https%3A%2F%2Fapp.example%2Fdone"
    );
    let basic = |text: &str| format!("Basic {}", BASE64_STANDARD.encode(text));
    let path = format!("{}?client_id=other.example", paths::TOKEN);
    let body = format!("{rest}&client_id=app.example&client_secret={secret}");
    refused(&world.send(&path, &[form], body).await, "invalid_request");
    let header = basic(&format!("app.example:{secret}"));
    let headers = [form, ("authorization", header.as_str())];
    let body = format!("{rest}&client_id=other.example");
    refused(
        &world.send(paths::TOKEN, &headers, body).await,
        "invalid_request",
    );
    let header = basic("app.example:wrong");
    let headers = [form, ("authorization", header.as_str())];
    let answer = world.send(paths::TOKEN, &headers, rest).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    assert!(
        answer.headers["www-authenticate"]
            .to_str()
            .unwrap()
            .starts_with("Basic")
    );
    for body in [
        "[]",
        "{",
        r#"{"code": {}}"#,
        r#"{"client_id": "app.example", "client_id": "other.example"}"#,
    ] {
        let json = [(CONTENT_TYPE.as_str(), "application/json")];
        let answer = world.send(paths::TOKEN, &json, body.to_owned()).await;
        refused(&answer, "invalid_request");
    }
    let long = "a".repeat(20_000);
    refused(
        &world.send(paths::TOKEN, &[form], long).await,
        "invalid_request",
    );
}

async fn a_client_gives_back_and_asks_about_its_own_tokens_alone(place: Place) {
    let world = World::start(place).await;
    let other = world
        .register("third.example", ClientKind::Confidential)
        .await;
    let own = [
        ("client_id", "app.example"),
        ("client_secret", &*world.secret),
    ];
    let foreign = [("client_id", "third.example"), ("client_secret", &*other)];
    let (grant, code) = world.grant("app.example", DONE, None).await;
    let first = world.redeem(&code, &[]).await;
    let (access, refresh) = (first.text("access_token"), first.text("refresh_token"));
    let about = |client: [(&'static str, &str); 2], token: &str| {
        [client[0], client[1], ("token", token)].map(|(name, value)| (name, value.to_owned()))
    };
    let ask = async |path: &str, client, token: &str| {
        let fields = about(client, token);
        let fields: Vec<_> = fields
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        world.form(path, &fields).await
    };
    let told = ask(paths::INTROSPECT, own, access).await;
    let expected = json!({
        "active": true, "client_id": "app.example", "token_type": "bearer", "exp": 1_800_003_600,
        "iat": 1_800_000_000, "scope": "website", "domain": "example.test.", "host": ",www",
    });
    assert_eq!(told.body["scope"], expected["scope"], "{}", told.body);
    assert_eq!(told.body["host"], expected["host"], "{}", told.body);
    assert_eq!(told.body["exp"], expected["exp"], "{}", told.body);
    for token in [access, refresh, "nonsense"] {
        let told = ask(paths::INTROSPECT, foreign, token).await;
        assert_eq!(told.body, json!({"active": false}));
        let told = ask(paths::REVOKE, foreign, token).await;
        assert_eq!((told.status, told.body), (StatusCode::OK, json!({})));
    }
    assert!(world.bearer(access).await.is_ok());
    ask(paths::REVOKE, own, access).await;
    assert!(world.bearer(access).await.is_err());
    let second = world.refresh(refresh).await;
    assert_eq!(second.status, StatusCode::OK, "the grant is still there");
    ask(paths::REVOKE, own, second.text("refresh_token")).await;
    assert!(world.bearer(second.text("access_token")).await.is_err());
    assert_eq!(world.ends().await, [GrantEnd::RevokedByClient]);
    let entry = world.app.state().store.grant(grant).await.unwrap();
    assert!(entry.unwrap().grant.ended.is_some());
}

async fn a_refresh_token_that_was_replaced_is_given_back_with_its_grant(place: Place) {
    let world = World::start(place).await;
    let other = world
        .register("third.example", ClientKind::Confidential)
        .await;
    let (_, code) = world.grant("app.example", DONE, None).await;
    let first = world.redeem(&code, &[]).await;
    let replaced = first.text("refresh_token");
    let second = world.refresh(replaced).await;
    assert_eq!(second.status, StatusCode::OK, "{}", second.body);
    let give_back = async |client: &str, secret: &str| {
        let fields = [
            ("client_id", client),
            ("client_secret", secret),
            ("token", replaced),
        ];
        world.form(paths::REVOKE, &fields).await
    };
    let foreign = give_back("third.example", &other).await;
    assert_eq!((foreign.status, foreign.body), (StatusCode::OK, json!({})));
    refused(&give_back("app.example", "wrong").await, "invalid_client");
    assert!(world.bearer(second.text("access_token")).await.is_ok());
    assert_eq!(world.ends().await, []);
    for _ in 0..2 {
        let own = give_back("app.example", &world.secret).await;
        assert_eq!((own.status, own.body), (StatusCode::OK, json!({})));
    }
    assert!(world.bearer(second.text("access_token")).await.is_err());
    let late = world.refresh(second.text("refresh_token")).await;
    refused(&late, "invalid_grant");
    assert_eq!(world.ends().await, [GrantEnd::RevokedByClient]);
}

async fn an_access_token_counts_for_an_hour_and_while_its_client_may_act(place: Place) {
    let world = World::start(place).await;
    let (_, code) = world.grant("app.example", DONE, None).await;
    let first = world.redeem(&code, &[]).await;
    let access = first.text("access_token").to_owned();
    for wrong in [first.text("refresh_token"), &code, "x", ""] {
        assert_eq!(world.bearer(wrong).await, Err(None), "{wrong}");
    }
    let state = world.app.state();
    let id: ClientId = "app.example".parse().unwrap();
    let client = state.store.oauth_client(&id).await.unwrap().unwrap();
    let desk = ClientDesk {
        store: &state.store,
        random: state.random.as_ref(),
        origin: Origin {
            actor: Actor::Console,
            address: None,
        },
    };
    assert!(desk.change(&client, ClientChange::Disable).await.unwrap());
    assert!(world.bearer(&access).await.is_err());
    assert!(desk.change(&client, ClientChange::Enable).await.unwrap());
    assert!(world.bearer(&access).await.is_ok());
    world.advance(Duration::from_hours(1));
    assert_eq!(world.bearer(&access).await, Err(None));
}

async fn a_zone_that_this_node_does_not_serve_yet_is_asked_for_again(place: Place) {
    let world = World::start(place).await;
    let (_, code) = world.grant("app.example", DONE, None).await;
    let tokens = world.redeem(&code, &[]).await;
    let bearer = format!("Bearer {}", tokens.text("access_token"));
    let call = async |doing: &str, domain: &str| {
        let path = format!(
            "/v2/domainTemplates/providers/host.example/services/website/{doing}?domain={domain}&host=www"
        );
        let headers = [("authorization", bearer.as_str())];
        world.send(&path, &headers, String::new()).await
    };
    let hosted = &world.app.state().hosted;
    let apex = "example.test".parse().unwrap();
    let snapshot = hosted.get(&apex).unwrap().snapshot();
    hosted.withdraw(&apex);
    for doing in ["apply", "revert"] {
        let answer = call(doing, "example.test").await;
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{doing}");
        assert_eq!(answer.text("error"), "temporarily_unavailable", "{doing}");
        assert!(answer.headers.contains_key("retry-after"), "{doing}");
        let other = call(doing, "other.test").await;
        assert_eq!(other.status, StatusCode::FORBIDDEN, "{doing}");
    }
    hosted.publish((*snapshot).clone());
    assert_eq!(
        call("revert", "example.test").await.status,
        StatusCode::GONE
    );
}

async fn a_template_without_a_key_is_there_for_a_registered_client_alone(place: Place) {
    let world = World::start(place).await;
    let state = world.app.state();
    for provider in ["host.example", "lone.example"] {
        let json = format!(
            r#"{{"providerId": "{provider}", "providerName": "Host", "serviceId": "website",
                "serviceName": "Website", "version": 1,
                "records": [{{"type": "A", "host": "@", "pointsTo": "192.0.2.1", "ttl": 600}}]}}"#
        );
        let import = AdminRequest::ImportTemplates {
            files: vec![TemplateFile {
                name: format!("{provider}.website.json"),
                json,
            }],
            wish: TemplateWish::AllOrNone,
        };
        world.app.administer(import).await.unwrap();
        let decide = AdminRequest::DecideTemplate {
            provider: provider.parse().unwrap(),
            service: "website".parse().unwrap(),
            status: TemplateStatus::Approved,
            reason: "for the test".to_owned(),
            checksum: None,
        };
        world.app.administer(decide).await.unwrap();
    }
    let ask = async |provider: &str| {
        let path = format!("/v2/domainTemplates/providers/{provider}/services/website");
        let request = Request::builder().uri(path).body(Body::empty()).unwrap();
        let response = world.app.router().oneshot(request).await.unwrap();
        response.status()
    };
    assert_eq!(ask("host.example").await, StatusCode::OK);
    assert_eq!(ask("lone.example").await, StatusCode::NOT_FOUND);
    for client in state.store.oauth_clients().await.unwrap() {
        let origin = Origin {
            actor: Actor::Console,
            address: None,
        };
        let disabled = state.store.disable_oauth_client(&client, &origin).await;
        assert!(disabled.unwrap());
    }
    assert_eq!(ask("host.example").await, StatusCode::NOT_FOUND);
}

async fn one_network_asks_so_often_and_no_more(place: Place) {
    let world = World::start(place).await;
    for _ in 0..1200 {
        let answer = world.redeem("x", &[("client_secret", "guess")]).await;
        refused(&answer, "invalid_client");
    }
    let answer = world.redeem("x", &[]).await;
    assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(answer.headers.contains_key("retry-after"));
    world.advance(Duration::from_mins(1));
    refused(&world.redeem("x", &[]).await, "invalid_grant");
}
