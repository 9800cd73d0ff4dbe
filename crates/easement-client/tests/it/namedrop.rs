//! NameDrop: what is sent, what answers mean, and where secrets go.

use std::sync::Arc;
use std::time::Duration;

use easement_client::{
    Client, ConsentError, NameDrop, NameRecord, NamesAccess, NamesRefreshError, NamesRequest,
    PlainHttp, RecordPlace, RecordsError, RequestError, RevokeError, TempNameError, TokenError,
};
use easement_core::{Clock, Timestamp};
use namedrop::{AuthorizeQuery, Scope};
use url::Url;

use crate::fake_http::{Asked, FakeHttp, Reply};

/// A clock that stands.
struct At(u64);

impl Clock for At {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(0).plus(Duration::from_secs(self.0))
    }
}

fn client_at(seconds: u64) -> Client {
    Client::builder()
        .resolver("127.0.0.1:1".parse().unwrap())
        .plain_http(PlainHttp::ToLoopback)
        .clock(Arc::new(At(seconds)))
        .build()
        .unwrap()
}

fn names_at(http: &FakeHttp, seconds: u64) -> NameDrop {
    NameDrop::new(client_at(seconds), &format!("{}/nd/", http.url())).unwrap()
}

fn request() -> NamesRequest {
    let back = "http://127.0.0.1:7/return/secret".parse().unwrap();
    NamesRequest::new([Scope::Hosts, Scope::Acme], back)
}

fn server(asked: &Asked) -> Reply {
    let path = asked.line.split(' ').nth(1).unwrap_or_default();
    let json = |status, body: &str| Reply::Json(status, body.to_owned());
    match path {
        "/nd/token" if asked.body.contains("refresh_token=spent") => json(
            400,
            r#"{"error":"invalid_grant","error_description":"it was used already"}"#,
        ),
        "/nd/token" if asked.body.contains("refresh_token=r1") => json(
            200,
            r#"{"access_token":"a2","refresh_token":"r2","token_type":"bearer","expires_in":3600,
                "permissions":[{"scope":"namedrop-hosts","domain":"example.com","host":"narrow"}]}"#,
        ),
        "/nd/token" => json(
            200,
            r#"{"access_token":"a1","refresh_token":"r1","token_type":"bearer","expires_in":3600,
                "permissions":[{"scope":"namedrop-hosts","domain":"example.com","host":"app"},
                {"scope":"namedrop-unheard-of","domain":"example.com","host":"app"}]}"#,
        ),
        "/nd/set-records" if asked.body.contains("ended") => json(
            401,
            r#"{"type":"error","errors":[{"message":"the token has ended"}]}"#,
        ),
        "/nd/create-records" => json(
            409,
            r#"{"type":"error","errors":[{"message":"it is there","requested_record":{"type":"A"},
                "conflicting_records":[{"domain":"example.com","host":"app","type":"A","value":"192.0.2.9"}]}]}"#,
        ),
        "/nd/get-records" | "/nd/set-records" | "/nd/delete-records" => json(
            200,
            r#"{"type":"success","records":[{"domain":"example.com","host":"app","type":"A","value":"192.0.2.5","ttl":300}]}"#,
        ),
        "/nd/my-ip" => json(200, "2001:db8::7"),
        "/nd/temp-subdomain" => json(200, "192-0-2-5.ip.example\n"),
        _ => json(404, "nothing is here"),
    }
}

async fn given(http: &FakeHttp) -> (NameDrop, NamesAccess) {
    let names = names_at(http, 0);
    let (_, pending) = names.begin(&request()).unwrap();
    let code = pending.read_pasted("c1").unwrap();
    let access = names.exchange(pending, code).await.unwrap();
    (names, access)
}

#[tokio::test]
async fn an_owner_is_asked_in_the_form_that_servers_read() {
    let http = FakeHttp::start(server).await;
    let names = names_at(&http, 0);
    let (link, pending) = names.begin(&request()).unwrap();
    let query = AuthorizeQuery::parse(link.query().unwrap()).unwrap();
    assert_eq!(query.app.client_id(), "http://127.0.0.1:7/");
    assert_eq!(query.state.as_deref(), Some(pending.state()));
    assert!(
        link.as_str()
            .starts_with(&format!("{}/nd/authorize?", http.url()))
    );

    let back = format!("code=c%2F1&state={}", pending.state());
    let code = pending.read_return(&back).unwrap();
    let access = names.exchange(pending.clone(), code).await.unwrap();
    let asked = http.asked();
    let form: Vec<(String, String)> = url::form_urlencoded::parse(asked[0].body.as_bytes())
        .into_owned()
        .collect();
    let value = |name: &str| {
        let found = form.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    };
    assert_eq!(value("code"), Some("c/1"));
    assert_eq!(value("grant_type"), Some("authorization_code"));
    assert_eq!(value("client_id"), Some("http://127.0.0.1:7/"));
    assert_eq!(
        value("redirect_uri"),
        Some("http://127.0.0.1:7/return/secret")
    );
    assert!(value("code_verifier").unwrap().len() >= 43);
    // What is not understood is left out.
    let names_given: Vec<String> = access
        .permissions
        .iter()
        .map(|one| one.name().to_text())
        .collect();
    assert_eq!(names_given, ["app.example.com"]);

    let stranger = pending.read_return("code=c&state=other");
    assert!(matches!(stranger, Err(ConsentError::Return(_))));
    let refused = format!("error=access_denied&state={}", pending.state());
    let refused = pending.read_return(&refused);
    assert!(matches!(refused, Err(ConsentError::Refused { .. })));
}

#[tokio::test]
async fn what_cannot_be_asked_is_refused_here() {
    let http = FakeHttp::start(server).await;
    let names = names_at(&http, 0);
    let mut none = request();
    none.scopes.clear();
    assert!(matches!(names.begin(&none), Err(ConsentError::NoScope)));
    for (client_id, redirect) in [
        ("https://app.example/", "http://app.example/"),
        ("https://app.example/", "javascript:alert(1)"),
        ("https://app.example/", "https://user@app.example/"),
        ("https://app.example/", "https://app.example.evil.example/"),
        ("https://app.example:8/", "https://app.example/"),
    ] {
        let request = NamesRequest {
            client_id: client_id.parse().unwrap(),
            ..NamesRequest::new([Scope::Hosts], redirect.parse::<Url>().unwrap())
        };
        assert!(names.begin(&request).is_err(), "{client_id} {redirect}");
    }
    for base in [
        "http://dns.example/nd",
        "ftp://dns.example",
        "https://a@dns.example",
    ] {
        assert!(NameDrop::new(client_at(0), base).is_err(), "{base}");
    }
    assert!(http.asked().is_empty());
}

#[tokio::test]
async fn records_are_sent_and_told() {
    let http = FakeHttp::start(server).await;
    let (names, access) = given(&http).await;
    let place = RecordPlace {
        domain: Some("example.com".parse().unwrap()),
        host: Some("app".to_owned()),
    };
    let record = NameRecord::new("A".parse().unwrap(), "192.0.2.5");
    let records = [record.clone(), record.at("www.{{host}}")];
    let got = names.get_records(&access, &place).await.unwrap();
    assert_eq!(got[0].ttl, Some(300));
    names.set_records(&access, &place, &records).await.unwrap();
    let default = RecordPlace::default();
    names
        .delete_records(&access, &default, &records)
        .await
        .unwrap();
    let body: serde_json::Value = serde_json::from_str(&http.asked()[2].body).unwrap();
    assert_eq!(
        body,
        serde_json::json!({"token": "a1", "domain": "example.com", "host": "app", "records": [
            {"type": "A", "value": "192.0.2.5"},
            {"host": "www.{{host}}", "type": "A", "value": "192.0.2.5"},
        ]})
    );
    let refused = names.create_records(&access, &place, &records).await;
    let Err(RecordsError::Refused { errors }) = refused else {
        panic!("{refused:?}");
    };
    assert_eq!(errors[0].conflicting[0].value.as_deref(), Some("192.0.2.9"));
    assert!(http.asked().iter().all(|asked| !asked.line.contains("a1")));
}

#[tokio::test]
async fn an_empty_value_is_sent_as_it_is() {
    let http = FakeHttp::start(server).await;
    let (names, access) = given(&http).await;
    let place = RecordPlace::default();
    let txt = "TXT".parse().unwrap();
    let records = [NameRecord::new(txt, ""), NameRecord::every(txt)];
    names
        .delete_records(&access, &place, &records)
        .await
        .unwrap();
    let body: serde_json::Value = serde_json::from_str(&http.asked()[1].body).unwrap();
    assert_eq!(
        body["records"],
        serde_json::json!([{"type": "TXT", "value": ""}, {"type": "TXT"}]),
        "no value at all would delete every text"
    );
}

/// What a server lists of so many records, with names and texts of this length.
fn listed(count: usize, length: usize) -> String {
    let label = "h".repeat(length.min(63));
    let host = [label.as_str(); 3].join(".");
    let record = |number: usize| {
        serde_json::json!({"domain": "example.com", "host": host, "type": "TXT", "ttl": 86_400,
            "value": format!("{number:0length$}")})
    };
    let records: Vec<_> = (0..count).map(record).collect();
    serde_json::json!({"type": "success", "records": records}).to_string()
}

async fn listing(answer: String) -> FakeHttp {
    FakeHttp::start(move |asked| {
        if asked.line.contains("/get-records") {
            Reply::Json(200, answer.clone())
        } else {
            server(asked)
        }
    })
    .await
}

#[tokio::test]
async fn as_many_records_are_read_as_a_server_lists() {
    for (count, length) in [(5000, 8), (5000, 255)] {
        let answer = listed(count, length);
        assert!(answer.len() > 256 * 1024, "more than other answers have");
        let http = listing(answer).await;
        let (names, access) = given(&http).await;
        let got = names.get_records(&access, &RecordPlace::default()).await;
        let got = got.unwrap();
        assert_eq!(got.len(), count);
        let last = got.last().unwrap().value.as_deref().unwrap();
        assert_eq!(last.parse::<usize>().unwrap(), count - 1);
    }
}

#[tokio::test]
async fn more_records_than_a_server_lists_are_not_read() {
    for (count, length, is_read) in [(5001, 8, true), (5000, 2000, false)] {
        let answer = listed(count, length);
        let http = listing(answer).await;
        let (names, access) = given(&http).await;
        let got = names.get_records(&access, &RecordPlace::default()).await;
        match got {
            Err(RecordsError::Unclear { status: 200 }) => assert!(is_read, "{count} {length}"),
            Err(RecordsError::Request(RequestError::TooLarge { .. })) => {
                assert!(!is_read, "{count} {length}");
            }
            got => panic!("{count} {length}: {:?}", got.map(|got| got.len())),
        }
    }
}

#[tokio::test]
async fn a_token_is_renewed_in_time_and_kept_before_it_is_used() {
    let http = FakeHttp::start(server).await;
    let (names, access) = given(&http).await;
    let early = names.refresh_if_due(access.clone(), |_| panic!("it is not due"));
    assert_eq!(early.await.unwrap(), access);

    let later = names_at(&http, 3600);
    let mut stored = None;
    let store = |access: &NamesAccess| {
        stored = Some(access.clone());
        Ok(())
    };
    let renewed = later.refresh_if_due(access.clone(), store).await.unwrap();
    assert_eq!(stored.as_ref(), Some(&renewed));
    assert_eq!(renewed.access_token.reveal(), "a2");
    assert_eq!(renewed.refresh_token.as_ref().unwrap().reveal(), "r2");
    let narrowed = renewed.permissions.iter().next().unwrap();
    assert_eq!(narrowed.name().to_text(), "narrow.example.com");

    let text = serde_json::to_string(&access)
        .unwrap()
        .replace("r1", "spent");
    let spent: NamesAccess = serde_json::from_str(&text).unwrap();
    let ended = later
        .refresh(spent, |_| panic!("there is nothing to keep"))
        .await;
    let Err(NamesRefreshError::Token(error)) = ended else {
        panic!("{ended:?}");
    };
    assert!(error.is_ended());
}

#[tokio::test]
async fn secrets_go_to_the_server_that_they_came_from_and_nowhere_else() {
    let http = FakeHttp::start(server).await;
    let other = FakeHttp::start(server).await;
    let (_, access) = given(&http).await;
    let names = names_at(&other, 3600);
    let place = RecordPlace::default();
    let got = names.get_records(&access, &place).await;
    assert!(matches!(got, Err(RecordsError::OtherServer(_))));
    let refreshed = names.refresh(access.clone(), |_| Ok(())).await;
    let is_refused = matches!(
        refreshed,
        Err(NamesRefreshError::Token(TokenError::Credentials(_)))
    );
    assert!(is_refused);
    let revoked = names.revoke(&access).await;
    assert!(matches!(revoked, Err(RevokeError::Credentials(_))));
    let (_, pending) = names_at(&http, 0).begin(&request()).unwrap();
    let code = pending.read_pasted("c1").unwrap();
    let exchanged = names.exchange(pending, code).await;
    assert!(matches!(exchanged, Err(TokenError::Credentials(_))));
    assert!(other.asked().is_empty(), "nothing was sent there");

    // Nor does a redirect lead there.
    let there = other.url();
    let moved = FakeHttp::start(move |_| {
        let head = format!(
            "HTTP/1.1 307 X\r\nLocation: {there}/nd/get-records\r\nContent-Length: 0\r\n\r\n"
        );
        Reply::Raw(head.into_bytes())
    })
    .await;
    let text = serde_json::to_string(&access).unwrap();
    let text = text.replace(&http.url(), &moved.url());
    let access: NamesAccess = serde_json::from_str(&text).unwrap();
    let got = names_at(&moved, 0).get_records(&access, &place).await;
    assert!(matches!(got, Err(RecordsError::Unclear { status: 307 })));
    assert!(other.asked().is_empty());
    assert!(
        !format!("{access:?}").contains("a1"),
        "secrets print as nothing"
    );
}

/// Access at a server whose metadata say that tokens are given back there, and what comes of that.
async fn give_back(
    endpoint: &'static str,
    without_refresh: bool,
) -> (Result<(), RevokeError>, Vec<Asked>) {
    let here = Arc::new(std::sync::OnceLock::<String>::new());
    let known = Arc::clone(&here);
    let http = FakeHttp::start(move |asked| {
        let path = asked.line.split(' ').nth(1).unwrap_or_default();
        let here = known.get().map_or("", String::as_str);
        match path {
            "/.well-known/oauth-authorization-server/nd" => {
                let endpoint = endpoint.replace("HERE", here);
                Reply::Json(200, format!("{{\"revocation_endpoint\":\"{endpoint}\"}}"))
            }
            "/nd/revoke" => Reply::Json(200, String::new()),
            "/nd/broken" => Reply::Json(503, String::new()),
            _ => server(asked),
        }
    })
    .await;
    here.set(http.url()).unwrap();
    let (names, mut access) = given(&http).await;
    if without_refresh {
        access.refresh_token = None;
    }
    let revoked = names.revoke(&access).await;
    let asked = http.asked();
    (revoked, asked.into_iter().skip(1).collect())
}

#[tokio::test]
async fn access_is_given_back_where_it_came_from_and_nowhere_else() {
    for (without_refresh, token) in [
        (false, "token=r1&token_type_hint=refresh_token"),
        (true, "token=a1&token_type_hint=access_token"),
    ] {
        let (revoked, asked) = give_back("HERE/nd/revoke", without_refresh).await;
        revoked.unwrap();
        assert_eq!(asked.len(), 2);
        assert_eq!(asked[1].line, "POST /nd/revoke");
        let body = format!("{token}&client_id=http%3A%2F%2F127.0.0.1%3A7%2F");
        assert_eq!(asked[1].body, body);
    }
    for elsewhere in [
        "https://evil.example/revoke",
        "http://localhost/nd/revoke",
        "x",
    ] {
        let (revoked, asked) = give_back(elsewhere, false).await;
        assert!(
            matches!(revoked, Err(RevokeError::Elsewhere { .. })),
            "{elsewhere}"
        );
        assert_eq!(asked.len(), 1, "no token was sent: {elsewhere}");
    }
    let (revoked, _) = give_back("HERE/nd/broken", false).await;
    assert!(matches!(revoked, Err(RevokeError::Status { status: 503 })));

    // A server without it.
    let http = FakeHttp::start(server).await;
    let (names, access) = given(&http).await;
    let revoked = names.revoke(&access).await;
    assert!(matches!(revoked, Err(RevokeError::NotOffered)));
}

#[tokio::test]
async fn an_app_without_a_name_asks_for_one() {
    let http = FakeHttp::start(server).await;
    let names = names_at(&http, 0);
    assert_eq!(names.my_ip().await.unwrap().to_string(), "2001:db8::7");
    let name = names.temp_subdomain().await.unwrap();
    assert_eq!(name.to_text(), "192-0-2-5.ip.example");

    let strange = FakeHttp::start(|_| Reply::Json(200, "<html>\u{1b}[2J".to_owned())).await;
    let strange = names_at(&strange, 0);
    assert!(matches!(strange.my_ip().await, Err(TempNameError::Unclear)));
    let name = strange.temp_subdomain().await;
    assert!(matches!(name, Err(TempNameError::Unclear)));
    let off = FakeHttp::start(|_| Reply::Json(404, "none are made\u{1b}".to_owned())).await;
    let error = names_at(&off, 0).temp_subdomain().await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "the server refuses (status 404): none are made\\u{1b}"
    );
}
