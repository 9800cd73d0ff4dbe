//! Permission that lasts, and where secrets go.

use std::sync::Arc;
use std::time::Duration;

use easement_client::{
    CallFailure, Client, ConflictRule, ConsentRequest, CredentialsError, HiddenText,
    PendingConsent, PlainHttp, ProviderCredentials, ProviderSettings, RefreshError, RequestError,
    RevokeError, TemplateChange, TokenError, Tokens, Unapplied,
};
use easement_core::{Clock, Timestamp};

use crate::fake_http::{Asked, FakeHttp, Reply};

/// A clock that stands.
struct At(i64);

impl Clock for At {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(0).plus(Duration::from_secs(self.0.unsigned_abs()))
    }
}

fn client_at(seconds: i64) -> Client {
    Client::builder()
        .resolver("127.0.0.1:1".parse().unwrap())
        .plain_http(PlainHttp::ToLoopback)
        .clock(Arc::new(At(seconds)))
        .build()
        .unwrap()
}

fn settings(api: &str) -> ProviderSettings {
    let json = format!(
        r#"{{"providerId":"dns.example","urlAPI":"{api}","urlAsyncUX":"https://dns.example"}}"#
    );
    ProviderSettings::read(json.as_bytes(), "example.test", PlainHttp::ToLoopback).unwrap()
}

fn credentials(http: &FakeHttp) -> ProviderCredentials {
    ProviderCredentials {
        provider_id: "dns.example".to_owned(),
        url_api: settings(&http.url()).url_api,
        client_id: "app".to_owned(),
        client_secret: Some(HiddenText::new("s3cret")),
    }
}

fn begin(http: &FakeHttp) -> PendingConsent {
    let request = ConsentRequest {
        provider: "exampleservice.example".parse().unwrap(),
        services: vec!["web".parse().unwrap()],
        domain: "example.test".parse().unwrap(),
        hosts: vec!["shop".parse().unwrap()],
        variables: [].into_iter().collect(),
        redirect_uri: "http://127.0.0.1:7/back".parse().unwrap(),
        provider_name: None,
        service_name: None,
    };
    let client = client_at(0);
    let settings = settings(&http.url());
    let (_, pending) = request
        .begin(&settings, &credentials(http), client.random())
        .unwrap();
    pending
}

/// A provider that issues tokens, and answers calls as the service's name says.
fn provider(asked: &Asked) -> Reply {
    let path = asked.line.split(' ').nth(1).unwrap_or_default();
    let json = |status, body: &str| Reply::Json(status, body.to_owned());
    if path == "/v2/oauth/access_token" {
        return if asked.body.contains("spent") {
            json(
                400,
                r#"{"error":"invalid_grant","error_description":"spent"}"#,
            )
        } else if asked.body.contains("keep") {
            json(
                200,
                r#"{"access_token":"at2","token_type":"bearer","expires_in":100}"#,
            )
        } else {
            json(
                200,
                r#"{"access_token":"at1","refresh_token":"rt2","token_type":"Bearer","expires_in":"3600"}"#,
            )
        };
    }
    match path {
        _ if path.contains("/services/conflict/") => json(
            409,
            r#"{"code":"409","message":"m","records":[{"type":"A","host":"@","data":"192.0.2.9"}]}"#,
        ),
        _ if path.contains("/services/ended/") => json(401, "{}"),
        _ if path.contains("/services/gone/") => json(410, "{}"),
        _ if path.contains("/services/never/") => json(501, "{}"),
        _ => Reply::Raw(b"HTTP/1.1 204 X\r\n\r\n".to_vec()),
    }
}

async fn tokens(http: &FakeHttp) -> Tokens {
    let pending = begin(http);
    let query = format!("code=c0de&state={}", pending.state());
    let code = pending.read_return(&query).unwrap();
    let client = client_at(1000);
    client
        .exchange_code(pending, code, &credentials(http))
        .await
        .unwrap()
}

#[tokio::test]
async fn a_code_becomes_tokens_with_the_verifier_and_nothing_in_the_url() {
    let http = FakeHttp::start(provider).await;
    let tokens = tokens(&http).await;
    assert_eq!(tokens.access_token.reveal(), "at1");
    assert_eq!(tokens.expires_at, Some(At(4600).now()));
    let asked = &http.asked()[0];
    assert_eq!(asked.line, "POST /v2/oauth/access_token");
    for part in [
        r#""code":"c0de""#,
        r#""client_id":"app""#,
        r#""client_secret":"s3cret""#,
        r#""grant_type":"authorization_code""#,
        r#""redirect_uri":"http://127.0.0.1:7/back""#,
        r#""code_verifier":""#,
    ] {
        assert!(asked.body.contains(part), "{part}: {}", asked.body);
    }
    let shown = format!("{tokens:?}");
    assert!(!shown.contains("at1") && !shown.contains("rt2"), "{shown}");
    let stored = serde_json::to_string(&tokens).unwrap();
    assert_eq!(serde_json::from_str::<Tokens>(&stored).unwrap(), tokens);
}

#[tokio::test]
async fn secrets_and_tokens_are_not_sent_to_where_they_do_not_belong() {
    let http = FakeHttp::start(provider).await;
    let evil = FakeHttp::start(provider).await;
    let other = |provider_id: &str, http: &FakeHttp| ProviderCredentials {
        provider_id: provider_id.to_owned(),
        ..credentials(http)
    };
    let client = client_at(1_000_000);
    let tokens = tokens(&http).await;
    // Discovery names another place.
    let moved = tokens.check_discovery(&settings(&evil.url()));
    assert!(matches!(moved, Err(CredentialsError::OtherApi { .. })));
    assert!(tokens.check_discovery(&settings(&http.url())).is_ok());
    // Credentials for another place, and of another provider.
    for wrong in [other("dns.example", &evil), other("other.example", &http)] {
        let pending = begin(&http);
        let code = pending.read_pasted("c0de").unwrap();
        let failed = client.exchange_code(pending, code, &wrong).await;
        assert!(matches!(failed, Err(TokenError::Credentials(_))));
        let failed = client.refresh_if_due(&tokens, &wrong, |_| Ok(())).await;
        let is_refused = matches!(failed, Err(RefreshError::Token(TokenError::Credentials(_))));
        assert!(is_refused);
        let failed = client.revoke(&tokens, &wrong).await;
        assert!(matches!(failed, Err(RevokeError::Credentials(_))));
    }
    assert!(evil.asked().is_empty());
    assert_eq!(http.asked().len(), 1);
}

#[tokio::test]
async fn new_tokens_are_stored_before_they_are_used() {
    let http = FakeHttp::start(provider).await;
    let tokens = tokens(&http).await;
    let own = credentials(&http);
    // Not due: nobody is asked.
    let same = client_at(4000)
        .refresh_if_due(&tokens, &own, |_| panic!("nothing to store"))
        .await;
    assert_eq!(same.unwrap(), tokens);
    // Due a minute before the end.
    let mut stored = None;
    let client = client_at(4550);
    let new = client
        .refresh_if_due(&tokens, &own, |tokens| {
            stored = Some(tokens.clone());
            Ok(())
        })
        .await
        .unwrap();
    assert_eq!(stored.as_ref(), Some(&new));
    assert_eq!(new.refresh_token, Some(HiddenText::new("rt2")));
    assert!(http.asked()[1].body.contains(r#""refresh_token":"rt2""#));
    // What cannot be stored is not lost.
    let lost = client
        .refresh_if_due(&tokens, &own, |_| Err("disk full".into()))
        .await;
    let Err(RefreshError::Store { tokens: kept, .. }) = lost else {
        panic!("it was stored");
    };
    // The fake provider issues the same text again: the end tells them apart.
    assert_ne!(kept.expires_at, tokens.expires_at);
}

#[tokio::test]
async fn secrets_do_not_go_in_plain_text_whatever_a_file_says() {
    let http = FakeHttp::start(provider).await;
    let tokens = tokens(&http).await;
    let asked = http.asked().len();
    let networks = ["127.0.0.0/8".parse().unwrap(), "::1/128".parse().unwrap()];
    // The address may be connected to, and the client speaks https alone.
    let client = Client::builder().allow_networks(networks).build().unwrap();
    let own = credentials(&http);
    let failed = client.refresh(&tokens, &own, |_| Ok(())).await;
    let Err(RefreshError::Token(TokenError::Request(error))) = failed else {
        panic!("{failed:?}");
    };
    assert!(matches!(error, RequestError::Plain { .. }), "{error}");
    assert!(!error.is_transient());
    assert_eq!(http.asked().len(), asked);
}

#[tokio::test]
async fn a_refresh_token_stays_when_no_new_one_comes_and_ends_when_it_is_spent() {
    let http = FakeHttp::start(provider).await;
    let mut tokens = tokens(&http).await;
    let own = credentials(&http);
    let client = client_at(9000);
    tokens.refresh_token = Some(HiddenText::new("keep"));
    let new = client
        .refresh_if_due(&tokens, &own, |_| Ok(()))
        .await
        .unwrap();
    assert_eq!(new.refresh_token, tokens.refresh_token);
    assert_eq!(new.access_token.reveal(), "at2");
    for refresh_token in [Some(HiddenText::new("spent")), None] {
        tokens.refresh_token = refresh_token;
        let ended = client.refresh_if_due(&tokens, &own, |_| Ok(())).await;
        let Err(RefreshError::Token(error)) = ended else {
            panic!("{ended:?}");
        };
        assert!(error.is_ended(), "{error}");
    }
}

#[tokio::test]
async fn changes_are_made_with_the_token_at_the_place_it_came_from() {
    let http = FakeHttp::start(provider).await;
    let tokens = tokens(&http).await;
    let client = client_at(1000);
    let mut change = TemplateChange::new("web".parse().unwrap(), "shop".parse().unwrap());
    change.variables.insert("IP".parse().unwrap(), "192.0.2.1");
    change.groups = vec!["IPv4".parse().unwrap()];
    change.conflicts = ConflictRule::Replace;
    client.apply(&tokens, &change).await.unwrap();
    client.revert(&tokens, &change).await.unwrap();
    let asked = http.asked();
    let path = "/v2/domainTemplates/providers/exampleservice.example/services/web";
    assert_eq!(
        asked[1].line,
        format!(
            "POST {path}/apply?IP=192.0.2.1&domain=example.test&force=1&groupId=IPv4&host=shop"
        )
    );
    assert!(asked[1].head.contains("Bearer at1"), "{}", asked[1].head);
    assert_eq!(
        asked[2].line,
        format!("POST {path}/revert?domain=example.test&host=shop")
    );
}

#[tokio::test]
async fn each_refusal_is_its_own() {
    let http = FakeHttp::start(provider).await;
    let tokens = tokens(&http).await;
    let client = client_at(1000);
    let call = async |service: &str| {
        let change = TemplateChange::new(service.parse().unwrap(), "shop".parse().unwrap());
        match client.apply(&tokens, &change).await {
            Err(CallFailure::Unapplied(unapplied)) => unapplied,
            other => panic!("{other:?}"),
        }
    };
    let Unapplied::Conflict { records } = call("conflict").await else {
        panic!("no conflict");
    };
    assert_eq!(records[0].data, "192.0.2.9");
    assert!(matches!(
        call("ended").await,
        Unapplied::Unauthorized { .. }
    ));
    assert!(matches!(call("gone").await, Unapplied::Gone { .. }));
    assert!(matches!(call("never").await, Unapplied::NotOffered));
}

#[tokio::test]
async fn permission_is_given_back_where_the_metadata_say() {
    let http = FakeHttp::start(|asked| {
        let host = asked.head.to_lowercase();
        let host = host
            .lines()
            .find_map(|line| line.strip_prefix("host: ").map(str::to_owned))
            .unwrap_or_default();
        match asked.line.as_str() {
            "GET /.well-known/oauth-authorization-server" => Reply::Json(
                200,
                format!(r#"{{"revocation_endpoint":"http://{host}/oauth/revoke"}}"#),
            ),
            "POST /oauth/revoke" => Reply::Json(200, String::new()),
            _ => provider(asked),
        }
    })
    .await;
    let tokens = tokens(&http).await;
    client_at(1000)
        .revoke(&tokens, &credentials(&http))
        .await
        .unwrap();
    let asked = http.asked();
    let last = asked.last().unwrap();
    assert_eq!(last.line, "POST /oauth/revoke");
    assert!(last.body.contains("token=rt2") && last.body.contains("client_secret=s3cret"));
}
