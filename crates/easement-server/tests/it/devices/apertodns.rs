//! ApertoDNS v1.

use axum::body::Body;
use http::{Method, StatusCode};
use serde_json::{Value, json};

use super::world::{Device, Token, start, start_with};
use crate::world::Answer;

const V1: &str = "/.well-known/apertodns/v1";
const HOME: &str = "home.example.test";

impl Device {
    async fn json(&self, method: Method, path: &str, body: &Value) -> (StatusCode, Value) {
        let answer = self.raw(method, path, body.to_string()).await;
        assert_eq!(answer.header("content-type"), "application/json");
        assert!(!answer.header("x-request-id").is_empty());
        (answer.status, serde_json::from_str(&answer.body).unwrap())
    }

    async fn raw(&self, method: Method, path: &str, body: String) -> Answer {
        let bearer = format!("Bearer {}", self.token);
        let path = format!("{V1}{path}");
        self.send_as(method, &path, Some(bearer), Body::from(body))
            .await
    }

    async fn update(&self, body: Value) -> (StatusCode, Value) {
        self.json(Method::POST, "/update", &body).await
    }

    /// The code of an error.
    async fn refused(&self, body: Value) -> String {
        let (status, answer) = self.update(body).await;
        assert!(status.is_client_error(), "{answer}");
        assert_eq!(answer["success"], false);
        answer["error"]["code"].as_str().unwrap().to_owned()
    }
}

#[tokio::test]
async fn everybody_may_ask_what_the_server_can_do() {
    let (world, _) = start(Token::for_names(&[HOME])).await;
    let program = world.inner.anonymous();
    for path in ["/info", "/health"] {
        let answer = program.get(&format!("{V1}{path}")).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}");
        let document: Value = serde_json::from_str(&answer.body).unwrap();
        assert_eq!(document["success"], true);
        assert_eq!(
            document["meta"]["request_id"],
            answer.header("x-request-id")
        );
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("x-frame-options", "DENY"),
        ] {
            assert_eq!(answer.header(name), value, "{path}");
        }
    }
    let nothing = program.get(&format!("{V1}/nothing")).await;
    assert_eq!(nothing.status, StatusCode::NOT_FOUND);
    assert!(nothing.body.contains("\"not_found\""), "{}", nothing.body);
    let wrong = program
        .send(Method::DELETE, &format!("{V1}/update"), Body::empty())
        .await;
    assert_eq!(wrong.status, StatusCode::METHOD_NOT_ALLOWED);
    assert!(
        wrong.body.contains("\"method_not_allowed\""),
        "{}",
        wrong.body
    );
}

#[tokio::test]
async fn null_nothing_and_a_value_are_three_wishes() {
    let (world, device) = start(Token::for_names(&[HOME])).await;
    let (status, answer) = device
        .update(json!({"hostname": HOME, "ipv4": "9.9.9.9", "ipv6": "2620:fe::fe", "ttl": 120}))
        .await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    let data = &answer["data"];
    assert_eq!(
        (&data["changed"], &data["ttl"]),
        (&json!(true), &json!(120))
    );
    assert_eq!(
        data["previous_ipv4"], "198.51.100.23",
        "as in the zone of the demo"
    );
    let (_, again) = device
        .update(json!({"hostname": HOME, "ipv4": "9.9.9.9"}))
        .await;
    assert_eq!(again["data"]["changed"], false);
    assert_eq!(
        again["data"]["ipv6"], "2620:fe::fe",
        "what is not named stays"
    );
    let (_, gone) = device.update(json!({"hostname": HOME, "ipv6": null})).await;
    assert_eq!(
        (&gone["data"]["changed"], &gone["data"]["ipv6"]),
        (&json!(true), &Value::Null)
    );
    assert_eq!(world.addresses(HOME).await, ["9.9.9.9"]);
    let (_, status) = device
        .json(Method::GET, &format!("/status/{HOME}"), &Value::Null)
        .await;
    assert_eq!(
        (&status["data"]["ipv4"], &status["data"]["ttl"]),
        (&json!("9.9.9.9"), &json!(120))
    );
}

#[tokio::test]
async fn what_is_wrong_has_its_code() {
    let (_world, device) = start(Token::for_names(&[HOME])).await;
    for (body, code) in [
        (json!({"hostname": "home"}), "invalid_hostname"),
        (json!({"hostname": HOME, "ipv4": "10.0.0.1"}), "invalid_ip"),
        (json!({"hostname": HOME, "ipv4": "127.0.0.1"}), "invalid_ip"),
        (json!({"hostname": HOME, "ipv4": "192.0.2.7"}), "invalid_ip"),
        (
            json!({"hostname": HOME, "ipv6": "::ffff:10.0.0.1"}),
            "invalid_ip",
        ),
        (
            json!({"hostname": HOME, "ipv6": "auto"}),
            "ipv6_auto_failed",
        ),
        (json!({"hostname": HOME, "ttl": 1}), "invalid_ttl"),
        (
            json!({"hostname": HOME, "ttl": 1, "ipv4": "x"}),
            "validation_error",
        ),
        (
            json!({"hostname": "evilhome.example.test", "ipv4": "9.9.9.9"}),
            "hostname_forbidden",
        ),
        (
            json!({"hostname": "a.home.example.test", "ipv4": "9.9.9.9"}),
            "hostname_forbidden",
        ),
        (
            json!({"hostname": "home.neighbour.test", "ipv4": "9.9.9.9"}),
            "hostname_forbidden",
        ),
        (json!([]), "invalid_request"),
    ] {
        assert_eq!(device.refused(body.clone()).await, code, "{body}");
    }
    for (body, code) in [("{", "invalid_json"), ("", "invalid_json")] {
        let answer = device.raw(Method::POST, "/update", body.to_owned()).await;
        assert!(answer.body.contains(code), "{body}: {}", answer.body);
    }
    let huge = device
        .raw(Method::POST, "/update", "x".repeat(1024 * 1024))
        .await;
    assert_eq!(huge.status, StatusCode::PAYLOAD_TOO_LARGE, "{}", huge.body);
    let nobody = Device {
        token: String::new(),
        ..device.clone()
    };
    assert_eq!(
        nobody.refused(json!({"hostname": HOME})).await,
        "invalid_token"
    );
    let plain = device
        .send_as(Method::POST, &format!("{V1}/update"), None, Body::empty())
        .await;
    assert_eq!(plain.status, StatusCode::UNAUTHORIZED);
    assert!(plain.body.contains("\"unauthorized\""), "{}", plain.body);
}

#[tokio::test]
async fn a_batch_keeps_the_outcome_of_each() {
    let (world, device) = start(Token::for_names(&["*.example.test"])).await;
    let commits = world.version("example.test").await;
    let body = json!({
        "defaults": {"ipv4": "9.9.9.9"},
        "updates": [
            {"hostname": "a.example.test"},
            {"hostname": "?"},
            {"hostname": "b.example.test", "ipv4": "8.8.8.8"},
            {"hostname": "c.neighbour.test"},
        ],
    });
    let (status, answer) = device.json(Method::POST, "/bulk-update", &body).await;
    assert_eq!(status, StatusCode::MULTI_STATUS, "{answer}");
    let data = &answer["data"];
    assert_eq!(
        data["summary"],
        json!({"total": 4, "successful": 2, "failed": 2})
    );
    let codes: Vec<&Value> = data["results"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["error"]["code"])
        .collect();
    assert_eq!(
        codes,
        [
            &Value::Null,
            &json!("invalid_hostname"),
            &Value::Null,
            &json!("hostname_forbidden")
        ]
    );
    assert_eq!(
        world.version("example.test").await,
        commits + 1,
        "one change for one zone"
    );
    assert_eq!(world.addresses("b.example.test").await, ["8.8.8.8"]);
    let many: Vec<Value> = (0..101)
        .map(|n| json!({"hostname": format!("h{n}.example.test")}))
        .collect();
    let (_, refused) = device
        .json(Method::POST, "/bulk-update", &json!({"updates": many}))
        .await;
    assert_eq!(refused["error"]["code"], "bulk_limit_exceeded");
    let (_, domains) = device.json(Method::GET, "/domains", &Value::Null).await;
    let hosts: Vec<&str> = domains["data"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|one| one["hostname"].as_str())
        .collect();
    assert!(
        hosts.contains(&"a.example.test") && hosts.contains(&"b.example.test"),
        "{hosts:?}"
    );
}

#[tokio::test]
async fn texts_gather_and_go() {
    let (world, device) = start(Token {
        types: &["TXT"],
        ..Token::for_names(&["_acme-challenge.example.test"])
    })
    .await;
    let name = "_acme-challenge.example.test";
    for value in ["one", "two", "two"] {
        let (status, answer) = device
            .json(
                Method::POST,
                "/txt",
                &json!({"hostname": name, "value": value}),
            )
            .await;
        assert_eq!(status, StatusCode::OK, "{answer}");
    }
    assert_eq!(world.texts(name).await, ["one", "two"]);
    let (_, list) = device
        .json(Method::GET, &format!("/txt/{name}"), &Value::Null)
        .await;
    assert_eq!(
        (&list["data"]["record_count"], &list["data"]["ttl"]),
        (&json!(2), &json!(60))
    );
    let one = json!({"hostname": name, "value": "one"});
    let (_, gone) = device.json(Method::DELETE, "/txt", &one).await;
    assert_eq!(
        (&gone["data"]["deleted"], &gone["data"]["remaining_count"]),
        (&json!(true), &json!(1))
    );
    // The official client and the hook for acme.sh send a text with an update.
    let hook = json!({"hostname": "example.test", "txt": {"name": "_acme-challenge", "value": "three", "action": "set"}});
    let (status, answer) = device.update(hook).await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    assert_eq!(world.texts(name).await, ["three", "two"]);
    for value in ["four", "five", "six"] {
        device
            .json(
                Method::POST,
                "/txt",
                &json!({"hostname": name, "value": value}),
            )
            .await;
    }
    let (_, full) = device
        .json(
            Method::POST,
            "/txt",
            &json!({"hostname": name, "value": "seven"}),
        )
        .await;
    assert_eq!(full["error"]["code"], "txt_limit_exceeded");
    let (_, other) = device
        .json(
            Method::POST,
            "/txt",
            &json!({"hostname": "_dmarc.example.test", "value": "x"}),
        )
        .await;
    assert_eq!(other["error"]["code"], "txt_invalid_name");
    assert_eq!(
        device
            .refused(json!({"hostname": "example.test", "ipv4": "9.9.9.9"}))
            .await,
        "hostname_forbidden"
    );
    let (_, all) = device
        .json(Method::DELETE, "/txt", &json!({"hostname": name}))
        .await;
    assert_eq!(all["data"]["remaining_count"], 0);
    assert!(world.texts(name).await.is_empty());
}

#[tokio::test]
async fn an_answer_has_the_headers_that_programs_need() {
    let (_world, mut device) = start(Token {
        rate: Some((2, 60)),
        ..Token::for_names(&[HOME])
    })
    .await;
    let id = "550e8400-e29b-41d4-a716-446655440000";
    device
        .browser
        .headers
        .insert("x-request-id", id.parse().unwrap());
    let body = json!({"hostname": HOME, "ipv4": "9.9.9.9"}).to_string();
    let good = device.raw(Method::POST, "/update", body.clone()).await;
    assert_eq!(good.header("x-request-id"), id);
    assert_eq!(
        (
            good.header("x-ratelimit-limit"),
            good.header("x-ratelimit-remaining")
        ),
        ("2", "1")
    );
    assert_eq!(good.header("access-control-allow-origin"), "*");
    assert!(
        good.header("content-security-policy")
            .contains("default-src 'none'")
    );
    device.raw(Method::POST, "/update", body.clone()).await;
    device
        .browser
        .headers
        .insert("x-request-id", "not an id!".parse().unwrap());
    let spent = device.raw(Method::POST, "/update", body).await;
    assert_eq!(spent.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(
        !spent.header("x-ratelimit-reset").is_empty() && !spent.header("retry-after").is_empty()
    );
    assert_ne!(spent.header("x-request-id"), "not an id!");
    let path = format!("{V1}/update");
    let preflight = device
        .send_as(Method::OPTIONS, &path, None, Body::empty())
        .await;
    assert_eq!(preflight.status, StatusCode::NO_CONTENT);
    assert!(
        preflight
            .header("access-control-allow-headers")
            .contains("Authorization")
    );
    let unknown = device
        .send_as(
            Method::GET,
            &format!("{V1}/status/%ff"),
            None,
            Body::empty(),
        )
        .await;
    assert_eq!(unknown.status, StatusCode::UNAUTHORIZED);
    assert!(unknown.header("www-authenticate").starts_with("Bearer"));
}

#[tokio::test]
async fn a_token_may_come_as_an_api_key_and_reads_what_it_may() {
    let (_world, mut device) = start(Token::for_names(&[HOME])).await;
    let key = device.token.parse().unwrap();
    device.browser.headers.insert("x-api-key", key);
    let get = async |path: &str| {
        let path = format!("{V1}{path}");
        device
            .send_as(Method::GET, &path, None, Body::empty())
            .await
    };
    assert_eq!(get(&format!("/status/{HOME}")).await.status, StatusCode::OK);
    for (host, code) in [
        ("www.example.test", "hostname_forbidden"),
        ("www.neighbour.test", "hostname_forbidden"),
        ("www.elsewhere.test", "hostname_forbidden"),
        ("%ff", "invalid_hostname"),
    ] {
        let answer = get(&format!("/status/{host}")).await;
        assert!(
            answer.body.contains(&format!("\"{code}\"")),
            "{host}: {}",
            answer.body
        );
    }
    let domains: Value = serde_json::from_str(&get("/domains").await.body).unwrap();
    assert_eq!(domains["data"].as_array().unwrap().len(), 1, "{domains}");
}

#[tokio::test]
async fn names_that_the_token_is_not_for_are_refused_alike() {
    let (_world, device) = start(Token {
        types: &["A", "TXT"],
        ..Token::for_names(&[HOME])
    })
    .await;
    for host in [
        "other.example.test",
        "other.neighbour.test",
        "other.nowhere.test",
    ] {
        let code = device
            .refused(json!({"hostname": host, "ipv4": "9.9.9.9"}))
            .await;
        assert_eq!(code, "hostname_forbidden", "{host}");
        let name = format!("_acme-challenge.{host}");
        let body = json!({"hostname": name, "value": "x"});
        let (_, answer) = device.json(Method::POST, "/txt", &body).await;
        assert_eq!(answer["error"]["code"], "hostname_forbidden", "{host}");
    }
}

#[tokio::test]
async fn a_host_without_addresses_is_not_there() {
    let (world, device) = start(Token {
        types: &["A", "AAAA", "TXT"],
        ..Token::for_names(&["**.example.test"])
    })
    .await;
    let before = world.version("example.test").await;
    for body in [
        json!({"hostname": "nothere.example.test", "ttl": 600}),
        json!({"hostname": "nothere.example.test", "ipv4": null}),
    ] {
        assert_eq!(device.refused(body.clone()).await, "not_found", "{body}");
    }
    assert_eq!(world.version("example.test").await, before);
    // A text needs no host, and has the TTL beside it.
    let text = json!({"name": "_acme-challenge", "value": "x", "action": "set"});
    let (status, answer) = device
        .update(json!({"hostname": "nothere.example.test", "ttl": 600, "txt": text}))
        .await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    let data = &answer["data"];
    assert_eq!(
        (&data["changed"], &data["txt"]["changed"]),
        (&json!(false), &json!(true))
    );
    let path = "/txt/_acme-challenge.nothere.example.test";
    let (_, texts) = device.json(Method::GET, path, &Value::Null).await;
    assert_eq!(texts["data"]["ttl"], 600);
    let (_, ttl) = device.update(json!({"hostname": HOME, "ttl": 900})).await;
    assert_eq!(
        (&ttl["data"]["changed"], &ttl["data"]["ttl"]),
        (&json!(false), &json!(900)),
        "no address is another one"
    );
}

#[tokio::test]
async fn what_does_not_go_with_the_zone_is_a_conflict() {
    let (world, device) = start(Token::for_names(&["*.example.test"])).await;
    for (body, word) in [
        (
            json!({"hostname": "www.example.test", "ipv4": "9.9.9.9"}),
            "CNAME",
        ),
        (
            json!({"hostname": "ns1.example.test", "ipv4": null, "ipv6": null}),
            "name server",
        ),
    ] {
        let (status, answer) = device.update(body.clone()).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{answer}");
        let field = &answer["error"]["details"]["fields"][0];
        assert_eq!(field["code"], "conflict", "{answer}");
        assert!(
            field["message"].as_str().unwrap().contains(word),
            "{answer}"
        );
    }
    assert!(!world.addresses("ns1.example.test").await.is_empty());
}

#[tokio::test]
async fn texts_are_set_so_often_and_addresses_as_often_as_they_change() {
    let token = Token {
        types: &["A", "TXT"],
        ..Token::for_names(&["**.example.test"])
    };
    let (world, device) = start_with(token, &["dynamic_dns.text_rate=3/60"]).await;
    let (_, info) = device.json(Method::GET, "/info", &Value::Null).await;
    let told = json!({"txt": {"requests": 3, "window_seconds": 60}});
    assert_eq!(info["data"]["rate_limits"], told);
    let body = json!({"hostname": "_acme-challenge.a.example.test", "value": "x"}).to_string();
    for left in ["2", "1", "0"] {
        let set = device.raw(Method::POST, "/txt", body.clone()).await;
        assert_eq!(set.status, StatusCode::OK, "{}", set.body);
        assert_eq!(set.header("x-ratelimit-remaining"), left);
    }
    let version = world.version("example.test").await;
    for method in [Method::POST, Method::DELETE] {
        let spent = device.raw(method, "/txt", body.clone()).await;
        assert_eq!(spent.status, StatusCode::TOO_MANY_REQUESTS);
        assert!(!spent.header("retry-after").is_empty());
        assert_eq!(spent.header("x-ratelimit-limit"), "3");
    }
    let text = json!({"name": "_acme-challenge", "value": "y", "action": "set"});
    let (status, _) = device.update(json!({"hostname": HOME, "txt": text})).await;
    assert_eq!(status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(world.version("example.test").await, version);
    for n in 1..10 {
        let (status, _) = device
            .update(json!({"hostname": HOME, "ipv4": format!("9.9.9.{n}")}))
            .await;
        assert_eq!(status, StatusCode::OK);
    }
    world.inner.clock.pass(std::time::Duration::from_mins(1));
    let again = device.raw(Method::POST, "/txt", body).await;
    assert_eq!(again.status, StatusCode::OK);
}

#[tokio::test]
async fn where_a_proxy_names_nobody_no_address_is_taken_from_it() {
    let settings = ["server.trusted_proxies=9.9.9.9/32"];
    let (world, mut device) = start_with(Token::for_names(&[HOME]), &settings).await;
    let before = world.addresses(HOME).await;
    device.browser.peer = "9.9.9.9:40000".parse().unwrap();
    for (body, code) in [
        (
            json!({"hostname": HOME, "ipv4": "auto"}),
            "ipv4_auto_failed",
        ),
        (
            json!({"hostname": HOME, "ipv6": "auto"}),
            "ipv6_auto_failed",
        ),
        (json!({"hostname": HOME}), "ipv4_auto_failed"),
    ] {
        assert_eq!(device.refused(body.clone()).await, code, "{body}");
    }
    let nic = format!("/nic/update?hostname={HOME}");
    let bearer = Some(format!("Bearer {}", device.token));
    let get = async |browser: &crate::world::Browser, path: &str| {
        let device = Device {
            browser: browser.clone(),
            token: String::new(),
        };
        let answer = device.send_as(Method::GET, path, bearer.clone(), Body::empty());
        answer.await
    };
    assert_eq!(get(&device.browser, &nic).await.body, "dnserr");
    let unknown = get(&device.browser, "/checkip").await;
    assert_eq!(unknown.status, StatusCode::NOT_FOUND);
    assert_eq!(world.addresses(HOME).await, before);
    let real = "8.8.8.8".parse().unwrap();
    device.browser.headers.insert("x-real-ip", real);
    assert_eq!(get(&device.browser, "/checkip").await.body, "8.8.8.8\n");
    assert_eq!(get(&device.browser, &nic).await.body, "good 8.8.8.8");
}

#[tokio::test]
async fn every_answer_to_a_program_is_in_its_form() {
    let (_world, mut device) = start(Token::for_names(&[HOME])).await;
    let id = "550e8400-e29b-41d4-a716-446655440000";
    let headers = &mut device.browser.headers;
    headers.insert("x-request-id", id.parse().unwrap());
    for path in [
        "/.well-known/apertodns",
        "/.well-known/apertodns/v1",
        "/.well-known/apertodns/v2/info",
        "/api/tokens/",
        "/api/tokens/x/y",
    ] {
        let answer = device.browser.get(path).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
        let document: Value = serde_json::from_str(&answer.body).unwrap();
        assert_eq!(document["error"]["code"], "not_found", "{path}");
        assert!(document["meta"]["timestamp"].is_string(), "{path}");
    }
    for path in ["/checkip", "/nic/update", "/update?domains=x", "/u/x/"] {
        let answer = device.browser.get(path).await;
        assert_eq!(answer.header("x-request-id"), id, "{path}");
        assert_eq!(
            answer.header("content-security-policy"),
            "default-src 'none'; frame-ancestors 'none'",
            "{path}"
        );
    }
    let wrong = Device {
        token: "easement_live_x".to_owned(),
        ..device.clone()
    };
    let unknown = wrong.raw(Method::GET, "/domains", String::new()).await;
    let challenge = unknown.header("www-authenticate");
    assert!(challenge.contains("error=\"invalid_token\""), "{challenge}");
    for _ in 0..30 {
        wrong.raw(Method::GET, "/domains", String::new()).await;
    }
    let spent = wrong.raw(Method::GET, "/domains", String::new()).await;
    assert_eq!(spent.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(spent.header("x-ratelimit-limit"), "30");
}

/// A body that never comes.
fn endless() -> Body {
    Body::from_stream(futures_util::stream::pending::<
        Result<Vec<u8>, std::io::Error>,
    >())
}

#[tokio::test]
async fn whoever_is_too_slow_is_told_so_in_the_form_of_the_protocol() {
    let settings = ["server.request_seconds=1"];
    let (_world, device) = start_with(Token::for_names(&[HOME]), &settings).await;
    let hosts = "/nic/update?hostname=a.example.test,b.example.test";
    for (method, path, status, body) in [
        (Method::POST, hosts, 200, "911\n911"),
        (Method::POST, "/register", 500, r#"{"error":"db_error"}"#),
        (Method::POST, "/update", 500, r#"{"error":"db_error"}"#),
    ] {
        let answer = device.send_as(method, path, None, endless()).await;
        let found = (answer.status.as_u16(), answer.body.as_str());
        assert_eq!(found, (status, body), "{path}");
    }
    let path = format!("{V1}/update");
    let slow = device.send_as(Method::POST, &path, None, endless()).await;
    assert_eq!(slow.status, StatusCode::GATEWAY_TIMEOUT);
    assert!(slow.body.contains("\"timeout\""), "{}", slow.body);
    assert_eq!(slow.header("access-control-allow-origin"), "*");
}
