//! NameDrop, with a server that a test plays.

use std::time::Duration;

use easement_agent::send::{Access, NamesFile, NamesGrant};
use easement_agent::{Agent, TargetRound};
use easement_client::{HiddenText, NamesAccess, PlainHttp, UrlPrefix};
use easement_core::Timestamp;
use serde_json::{Value, json};

use crate::world::World;

const TARGET: &str = "protocol = \"namedrop\"\nserver = \"SERVER/nd\"\n\
                      hosts = [\"a.example.com\", \"b.a.example.com\"]\nttl = 120\n";
const NEW_TOKENS: &str = r#"{"access_token":"second","refresh_token":"rotated","token_type":"bearer","expires_in":3600,
    "permissions":[{"scope":"namedrop-hosts","domain":"example.com","host":"a"}]}"#;
const DONE: &str = r#"{"type":"success","records":[]}"#;
const ENDED: Option<Timestamp> = Some(Timestamp::from_micros(0));

/// What an owner gave: a host and those below it.
fn grant(world: &World, expires_at: Option<Timestamp>) -> NamesGrant {
    let permissions = json!([{"scope": "namedrop-hosts", "domain": "example.com", "host": "a"}]);
    NamesGrant {
        access: NamesAccess {
            api: UrlPrefix::read(&format!("{}/nd", world.server()), PlainHttp::Allow).unwrap(),
            client_id: "http://127.0.0.1/".to_owned(),
            access_token: HiddenText::new("first"),
            expires_at,
            refresh_token: Some(HiddenText::new("once")),
            permissions: serde_json::from_value(permissions).unwrap(),
        },
        given_at: Timestamp::from_micros(0),
    }
}

fn agent_for(world: &World, target: &str, grant: NamesGrant) -> Agent {
    let file = NamesFile::create(&world.path("home.grant"), grant).unwrap();
    world.agent_with(target, Access::Names(Box::new(file)))
}

fn agent(world: &World, grant: NamesGrant) -> Agent {
    agent_for(world, TARGET, grant)
}

/// What was asked for since the last time: the end of the path, and the body of a call.
fn calls(world: &World) -> Vec<(String, Value)> {
    let requests = world.requests().into_iter();
    let read = |request: String| {
        let (head, body) = request.split_once("\r\n\r\n").unwrap();
        let path = head.split(' ').nth(1).unwrap().to_owned();
        (path, serde_json::from_str(body).unwrap_or_default())
    };
    requests.map(read).collect()
}

#[tokio::test]
async fn a_token_that_has_ended_is_made_anew_and_written_down_before_it_is_used() {
    let world = World::start("9.9.9.9").await;
    world.ipv6("2620:fe::fe");
    world.answers_once(200, "", NEW_TOKENS);
    world.answers(200, DONE);
    let mut agent = agent(&world, grant(&world, ENDED));
    assert_eq!(world.round(&mut agent).await, TargetRound::Sent);
    let set = |host: &str| {
        let body = json!({"token": "second", "domain": "example.com", "host": host, "records": [
            {"type": "A", "value": "9.9.9.9", "ttl": 120},
            {"type": "AAAA", "value": "2620:fe::fe", "ttl": 120},
        ]});
        ("/nd/set-records".to_owned(), body)
    };
    let token = ("/nd/token".to_owned(), Value::Null);
    assert_eq!(calls(&world), [token, set("a"), set("b.a")]);
    let written = std::fs::read_to_string(world.path("home.grant")).unwrap();
    assert!(written.contains("rotated"), "{written}");
    assert_eq!(world.round(&mut agent).await, TargetRound::Nothing);
}

#[tokio::test]
async fn a_server_that_is_busy_is_asked_again_and_one_that_refuses_is_not() {
    let busy = r#"{"type":"error","errors":[{"message":"too much"}]}"#;
    for (status, head, body) in [
        (429, "Retry-After: 900\r\n", busy),
        (503, "Retry-After: 900\r\n", busy),
        (500, "", "<html>"),
    ] {
        let world = World::start("9.9.9.9").await;
        world.answers_once(status, head, body);
        let mut agent = agent(&world, grant(&world, None));
        let failed = world.round(&mut agent).await;
        assert!(matches!(failed, TargetRound::Failed(_)), "{failed:?}");
        assert_eq!(world.asked(), 1, "it is not asked for the other host");
        let TargetRound::Waiting { remaining } = world.round(&mut agent).await else {
            panic!("it waits after {status}");
        };
        let least = if head.is_empty() { 300 } else { 900 };
        assert!(remaining >= Duration::from_secs(least), "{remaining:?}");
        world.answers(200, DONE);
        world.pass(remaining);
        assert_eq!(world.round(&mut agent).await, TargetRound::Sent);
    }
    let world = World::start("9.9.9.9").await;
    world.answers(400, r#"{"error":"invalid_grant"}"#);
    let mut agent = agent(&world, grant(&world, ENDED));
    world.round(&mut agent).await;
    let stopped = world.round(&mut agent).await;
    assert!(
        matches!(&stopped, TargetRound::Stopped { reason }
            if reason.contains("has ended") && reason.contains("easement ddns setup")),
        "{stopped:?}"
    );
    assert_eq!(world.asked(), 1);
}

#[tokio::test]
async fn a_token_that_is_not_believed_is_made_anew_once() {
    let world = World::start("9.9.9.9").await;
    let refused = r#"{"type":"error","errors":[{"message":"the token is not known"}]}"#;
    world.answers_once(401, "", refused);
    world.answers_once(200, "", NEW_TOKENS);
    world.answers(401, refused);
    let mut agent = agent(&world, grant(&world, None));
    let failed = world.round(&mut agent).await;
    assert!(matches!(failed, TargetRound::Failed(_)), "{failed:?}");
    assert_eq!(world.asked(), 3);
    let stopped = world.round(&mut agent).await;
    assert!(
        matches!(&stopped, TargetRound::Stopped { reason } if reason.contains("has ended")),
        "{stopped:?}"
    );
    assert_eq!(world.asked(), 3);
}

#[tokio::test]
async fn a_family_that_is_gone_is_taken_out_when_that_is_wanted() {
    let world = World::start("9.9.9.9").await;
    world.ipv6("2620:fe::fe");
    world.answers(200, DONE);
    let target = "protocol = \"namedrop\"\nserver = \"SERVER/nd\"\nhosts = [\"a.example.com\"]\n\
                  absent = \"remove\"\n";
    let mut agent = agent_for(&world, target, grant(&world, None));
    assert_eq!(world.round(&mut agent).await, TargetRound::Sent);
    world.ipv6("");
    assert_eq!(world.round(&mut agent).await, TargetRound::Nothing);
    assert_eq!(calls(&world).len(), 1);
    world.pass(Duration::from_mins(10));
    assert_eq!(world.round(&mut agent).await, TargetRound::Sent);
    let delete = json!({"token": "first", "domain": "example.com", "host": "a",
        "records": [{"type": "AAAA", "value": "2620:fe::fe"}]});
    assert_eq!(calls(&world), [("/nd/delete-records".to_owned(), delete)]);
    assert_eq!(world.round(&mut agent).await, TargetRound::Nothing);
}

#[tokio::test]
async fn a_machine_that_never_had_a_family_takes_out_nothing_that_others_put_there() {
    let world = World::start("9.9.9.9").await;
    world.answers(200, DONE);
    let target = "protocol = \"namedrop\"\nserver = \"SERVER/nd\"\nhosts = [\"a.example.com\"]\n\
                  absent = \"remove\"\n";
    let mut agent = agent_for(&world, target, grant(&world, None));
    assert_eq!(world.round(&mut agent).await, TargetRound::Sent);
    world.pass(Duration::from_mins(10));
    assert_eq!(world.round(&mut agent).await, TargetRound::Nothing);
    let paths: Vec<String> = calls(&world).into_iter().map(|(path, _)| path).collect();
    assert_eq!(paths, ["/nd/set-records"]);
}

#[tokio::test]
async fn a_host_that_the_owner_did_not_give_is_not_asked_for() {
    let world = World::start("9.9.9.9").await;
    world.answers(200, DONE);
    let target = TARGET.replace("b.a.example.com", "evila.example.com");
    let mut agent = agent_for(&world, &target, grant(&world, None));
    let failed = world.round(&mut agent).await;
    let TargetRound::Failed(fault) = failed else {
        panic!("{failed:?}");
    };
    assert!(
        fault.message.contains("not for evila.example.com")
            && fault.message.contains("easement ddns setup"),
        "{fault:?}"
    );
    let hosts: Vec<Value> = calls(&world)
        .into_iter()
        .map(|(_, body)| body["host"].clone())
        .collect();
    assert_eq!(hosts, ["a"]);
}

#[tokio::test]
async fn tokens_of_another_server_are_not_shown_to_the_one_that_the_configuration_names() {
    for expires_at in [None, ENDED] {
        let world = World::start("9.9.9.9").await;
        world.answers(200, DONE);
        let mut elsewhere = grant(&world, expires_at);
        elsewhere.access.api =
            UrlPrefix::read("https://dns.example/nd", PlainHttp::Refuse).unwrap();
        let mut agent = agent(&world, elsewhere);
        let failed = world.round(&mut agent).await;
        assert!(matches!(failed, TargetRound::Failed(_)), "{failed:?}");
        assert_eq!(world.asked(), 0);
    }
}

#[tokio::test]
async fn tokens_that_cannot_be_written_are_kept_and_written_later() {
    let world = World::start("9.9.9.9").await;
    world.answers_once(200, "", NEW_TOKENS);
    world.answers(200, DONE);
    let mut agent = agent(&world, grant(&world, ENDED));
    world
        .keeps_tokens_until_they_are_written(&mut agent, NEW_TOKENS)
        .await;
}
