//! `/api/webhooks`

use http::{Method, StatusCode};
use serde_json::{Value, json};

use super::world::{Device, World};
use crate::tools::is_installed;
use crate::world::Answer;

const ROOT: &str = "/api/webhooks";

async fn ask(device: &Device, method: Method, path: &str, body: Value) -> Answer {
    device.send(method, path, body).await
}

fn data(answer: &Answer) -> Value {
    let document: Value = serde_json::from_str(&answer.body).unwrap();
    document["data"].clone()
}

fn code(answer: &Answer) -> String {
    let document: Value = serde_json::from_str(&answer.body).unwrap();
    document["error"]["code"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_with_the_right_manages_webhooks() {
    if !is_installed("openssl") {
        return;
    }
    let world = World::start().await;
    let mut receiver = world.receiver().await;
    let program = world.program().await;
    let url = format!("https://hook.example.net:{}/", receiver.address.port());

    let wanted = json!({"url": url, "events": ["ip_changed", "hostname_created"]});
    let made = ask(&program, Method::POST, ROOT, wanted).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.body);
    let made = data(&made);
    assert!(made["secret"].as_str().unwrap().starts_with("whsec_"));
    let path = format!("{ROOT}/{}", made["id"].as_str().unwrap());
    let shown = data(&ask(&program, Method::GET, &path, Value::Null).await);
    assert_eq!(shown["events"], json!(["ip_changed", "hostname_created"]));
    assert_eq!(
        (&shown["active"], shown.get("secret")),
        (&json!(true), None)
    );

    let tested = ask(&program, Method::POST, &format!("{path}/test"), Value::Null).await;
    assert_eq!(tested.status, StatusCode::ACCEPTED);
    assert_eq!(receiver.next().await.event(), "ping");
    program.update("home.example.test", "9.9.9.9").await;
    assert_eq!(receiver.next().await.event(), "hostname_created");
    let log = data(
        &ask(
            &program,
            Method::GET,
            &format!("{path}/deliveries"),
            Value::Null,
        )
        .await,
    );
    let newest = &log["deliveries"][0];
    assert_eq!(newest["hostname"], "home.example.test");
    let delivery = format!("{path}/deliveries/{}", newest["id"].as_str().unwrap());
    let shown = data(&ask(&program, Method::GET, &delivery, Value::Null).await);
    assert_eq!(shown["body"]["data"]["ipv4"], "9.9.9.9");

    let change = json!({"active": false, "events": ["hostname_deleted"]});
    let changed = data(&ask(&program, Method::PATCH, &path, change).await);
    assert_eq!(
        (&changed["active"], &changed["url"]),
        (&json!(false), &json!(url))
    );
    assert_eq!(changed["events"], json!(["hostname_deleted"]));
    assert_eq!(changed["disabled_because"], "asked");
    // What is not waiting is delivered again, although nothing new is told.
    let owner = world.owner().await;
    owner
        .page_with(
            &format!("/webhooks/{}", made["id"].as_str().unwrap()),
            "delivered",
        )
        .await;
    let again = format!("{delivery}/redeliver");
    let answer = ask(&program, Method::POST, &again, Value::Null).await;
    assert_eq!(answer.status, StatusCode::ACCEPTED, "{}", answer.body);
    assert_eq!(receiver.next().await.event(), "hostname_created");

    let renewed = data(
        &ask(
            &program,
            Method::POST,
            &format!("{path}/secret"),
            Value::Null,
        )
        .await,
    );
    assert_ne!(renewed["secret"], made["secret"]);
    let deleted = ask(&program, Method::DELETE, &path, Value::Null).await;
    assert_eq!(data(&deleted)["deleted"], true);
    let gone = ask(&program, Method::GET, &path, Value::Null).await;
    assert_eq!(
        (gone.status, code(&gone).as_str()),
        (StatusCode::NOT_FOUND, "webhook_not_found")
    );
    let list = data(&ask(&program, Method::GET, ROOT, Value::Null).await);
    assert_eq!(list["webhooks"], json!([]));
}

/// Each change makes every node ask anew who may do what.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn webhooks_are_changed_so_often_and_no_more() {
    if !is_installed("openssl") {
        return;
    }
    let world = World::start().await;
    let program = world.program().await;
    let wanted = json!({"url": "https://hook.example.net/", "events": ["ip_changed"]});
    let made = data(&ask(&program, Method::POST, ROOT, wanted).await);
    let path = format!("{ROOT}/{}", made["id"].as_str().unwrap());
    // What changes nothing is not counted.
    for _ in 0..70 {
        let same = json!({"events": ["ip_changed"], "active": true});
        let answer = ask(&program, Method::PATCH, &path, same).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    }
    let events = ["hostname_created", "ip_changed"];
    let mut refused = None;
    for event in events.iter().cycle().take(70) {
        let other = json!({ "events": [event] });
        let answer = ask(&program, Method::PATCH, &path, other).await;
        if answer.status != StatusCode::OK {
            refused = Some(answer);
            break;
        }
    }
    let refused = refused.expect("there is a limit");
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(!refused.header("retry-after").is_empty());
    let off = json!({"active": false});
    let off = ask(&program, Method::PATCH, &path, off).await;
    assert_eq!(off.status, StatusCode::OK, "it can always be switched off");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_else_does() {
    if !is_installed("openssl") {
        return;
    }
    let world = World::start().await;
    let owner = world.owner().await;
    let webhook = owner.make("https://hook.example.net/").await;
    let path = format!("/api{}", webhook.path);
    // A token that may set addresses may not be told of everything.
    let device = world.device().await;
    for (method, path) in [
        (Method::GET, ROOT),
        (Method::POST, ROOT),
        (Method::GET, &path),
        (Method::PATCH, &path),
        (Method::DELETE, &path),
        (Method::POST, &format!("{path}/test")),
        (Method::POST, &format!("{path}/secret")),
        (Method::GET, &format!("{path}/deliveries")),
    ] {
        let body = json!({"url": "https://hook.example.net/"});
        let answer = ask(&device, method.clone(), path, body).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{method} {path}");
        assert!(answer.body.contains("webhooks"), "{}", answer.body);
    }
    // Neither does a cookie count.
    let answer = owner.0.get(ROOT).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    assert_eq!(
        owner.0.get(&webhook.path).await.status,
        StatusCode::OK,
        "it is there"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_makes_no_sense_is_refused_with_a_reason() {
    if !is_installed("openssl") {
        return;
    }
    let world = World::start().await;
    let program = world.program().await;
    for (body, words) in [
        (json!({"url": "http://hook.example.net/"}), "https alone"),
        (json!({"url": "https://169.254.169.254/"}), "169.254.0.0/16"),
        (
            json!({"url": "https://hook.example.net/", "events": []}),
            "at least one event",
        ),
        (
            json!({"url": "https://hook.example.net/", "events": ["no"]}),
            "`no` is no event",
        ),
        (json!({"url": 7}), "invalid type"),
        (json!({}), "not a URL"),
        (json!([]), "must be an object"),
    ] {
        let answer = ask(&program, Method::POST, ROOT, body.clone()).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{body}");
        assert!(answer.body.contains(words), "{body}: {}", answer.body);
    }
    for path in [
        "/api/webhooks/7",
        "/api/webhooks/wh_0000000000000000",
        "/api/webhooks/%ff",
    ] {
        let answer = ask(&program, Method::GET, path, Value::Null).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
    }
    let answer = ask(&program, Method::PUT, ROOT, Value::Null).await;
    assert_eq!(code(&answer), "method_not_allowed");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_that_cannot_be_read_is_listed_switched_off_and_deleted() {
    if !is_installed("openssl") {
        return;
    }
    let mut world = World::start().await;
    let program = world.program().await;
    let mut paths = Vec::new();
    for url in [
        "https://hook.example.net/whole",
        "https://hook.example.net/broken",
    ] {
        let made = data(&ask(&program, Method::POST, ROOT, json!({"url": url})).await);
        paths.push(format!("{ROOT}/{}", made["id"].as_str().unwrap()));
    }
    world.end().await;
    world.spoil(
        "https://hook.example.net/broken",
        "nonsensehook.example.net/broken",
    );
    world.begin().await;

    let program = world.again(&program);
    let get = async |path: &str| data(&ask(&program, Method::GET, path, Value::Null).await);
    let listed = get(ROOT).await;
    assert_eq!(
        listed["webhooks"][0]["url"],
        "https://hook.example.net/whole"
    );
    assert_eq!(listed["webhooks"][1]["url"], Value::Null);
    let broken = &paths[1];
    assert_eq!(get(broken).await["active"], true);
    let url = json!({"url": "https://hook.example.net/other"});
    for (method, path, body) in [
        (Method::PATCH, broken.clone(), url),
        (Method::PATCH, broken.clone(), json!({"active": true})),
        (Method::POST, format!("{broken}/secret"), Value::Null),
        (Method::POST, format!("{broken}/test"), Value::Null),
        (Method::GET, format!("{broken}/deliveries"), Value::Null),
    ] {
        let refused = ask(&program, method, &path, body).await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{path}");
        assert_eq!(code(&refused), "invalid_request");
        let words = "it can be switched off";
        assert!(refused.body.contains(words), "{}", refused.body);
    }
    assert_eq!(get(broken).await["active"], true, "nothing changed");
    let off = ask(&program, Method::PATCH, broken, json!({"active": false})).await;
    assert_eq!(off.status, StatusCode::OK, "{}", off.body);
    assert_eq!(data(&off)["active"], false);
    let deleted = ask(&program, Method::DELETE, broken, Value::Null).await;
    assert_eq!(deleted.status, StatusCode::OK);
    assert_eq!(get(ROOT).await["webhooks"].as_array().unwrap().len(), 1);
}
