//! Domain Connect, with a DNS provider that a test plays.

use easement_agent::send::{Access, Grant, GrantFile};
use easement_agent::{Agent, TargetRound};
use easement_client::{HiddenText, PlainHttp, ProviderCredentials, Tokens, UrlPrefix};
use easement_core::Timestamp;

use crate::world::World;

const TARGET: &str = "protocol = \"domain-connect\"\nallow_http = true\nhosts = [\"a.example.com\", \"b.example.com\"]\n";
const NEW_TOKENS: &str = r#"{"access_token":"second","refresh_token":"rotated","token_type":"bearer","expires_in":3600}"#;

/// A permission for two hosts, whose access token has ended or not.
fn grant(world: &World, service: &str, expires_at: Option<Timestamp>) -> Grant {
    let url_api = UrlPrefix::read(&world.server(), PlainHttp::Allow).unwrap();
    Grant {
        credentials: ProviderCredentials {
            provider_id: "dns.example".to_owned(),
            url_api: url_api.clone(),
            client_id: "own".to_owned(),
            client_secret: None,
        },
        tokens: Tokens {
            provider_id: "dns.example".to_owned(),
            url_api,
            client_id: "own".to_owned(),
            provider: "domainconnect.org".parse().unwrap(),
            services: vec![service.parse().unwrap()],
            domain: "example.com".parse().unwrap(),
            hosts: vec!["a".parse().unwrap(), "b".parse().unwrap()],
            access_token: HiddenText::new("first"),
            expires_at,
            refresh_token: Some(HiddenText::new("once")),
        },
        given_at: Timestamp::from_micros(0),
    }
}

fn agent(world: &World, grant: Grant) -> Agent {
    let file = GrantFile::create(&world.path("home.grant"), grant).unwrap();
    world.agent_with(TARGET, Access::Grant(Box::new(file)))
}

const ENDED: Option<Timestamp> = Some(Timestamp::from_micros(0));

fn first_lines(world: &World) -> Vec<String> {
    let requests = world.requests();
    let line = |request: &String| request.lines().next().unwrap().to_owned();
    requests.iter().map(line).collect()
}

#[tokio::test]
async fn a_token_that_has_ended_is_made_anew_and_written_down_before_it_is_used() {
    let world = World::start("9.9.9.9").await;
    world.answers_once(200, "", NEW_TOKENS);
    world.answers(202, "");
    let mut agent = agent(&world, grant(&world, "dynamicdns-v2", ENDED));
    assert_eq!(world.round(&mut agent).await, TargetRound::Sent);
    let requests = world.requests();
    assert!(requests[0].contains("/v2/oauth/access_token") && requests[0].contains("once"));
    assert_eq!(requests.len(), 3);
    for apply in &requests[1..] {
        assert!(apply.contains("Bearer second"), "{apply}");
        assert!(
            apply.contains("IPv4=9.9.9.9") && apply.contains("groupId=IPv4"),
            "{apply}"
        );
    }
    let written = std::fs::read_to_string(world.path("home.grant")).unwrap();
    assert!(written.contains("rotated"), "{written}");
}

#[tokio::test]
async fn a_provider_that_is_busy_is_asked_again_and_one_that_refuses_is_not() {
    for (status, head, body) in [
        (
            429,
            "Retry-After: 900\r\n",
            r#"{"error":"temporarily_unavailable"}"#,
        ),
        (
            503,
            "Retry-After: 900\r\n",
            r#"{"error":"temporarily_unavailable"}"#,
        ),
        (500, "", r#"{"error":"server_error"}"#),
    ] {
        let world = World::start("9.9.9.9").await;
        world.answers_once(status, head, body);
        let mut agent = agent(&world, grant(&world, "dynamicdns-v2", ENDED));
        let failed = world.round(&mut agent).await;
        assert!(matches!(failed, TargetRound::Failed(_)), "{failed:?}");
        assert_eq!(world.asked(), 1, "it is not asked for the other host");
        let TargetRound::Waiting { remaining } = world.round(&mut agent).await else {
            panic!("it waits after {status}");
        };
        // Tokens may have been replaced all the same: the old ones count once more, within a minute.
        let pause = if head.is_empty() { 30..60 } else { 900..1200 };
        assert!(pause.contains(&remaining.as_secs()), "{remaining:?}");
        world.answers_once(200, "", NEW_TOKENS);
        world.answers(202, "");
        world.pass(remaining);
        assert_eq!(world.round(&mut agent).await, TargetRound::Sent);
    }
    let world = World::start("9.9.9.9").await;
    world.answers(400, r#"{"error":"invalid_grant"}"#);
    let mut agent = agent(&world, grant(&world, "dynamicdns-v2", ENDED));
    world.round(&mut agent).await;
    let stopped = world.round(&mut agent).await;
    assert!(matches!(&stopped, TargetRound::Stopped { reason } if reason.contains("has ended")));
    assert_eq!(world.asked(), 1);
}

#[tokio::test]
async fn a_token_that_is_not_believed_is_made_anew_once() {
    let world = World::start("9.9.9.9").await;
    world.answers_once(401, "", "");
    world.answers_once(200, "", NEW_TOKENS);
    world.answers(401, "");
    let mut agent = agent(&world, grant(&world, "dynamicdns-v2", None));
    let failed = world.round(&mut agent).await;
    assert!(matches!(failed, TargetRound::Failed(_)), "{failed:?}");
    assert_eq!(world.asked(), 3);
    let stopped = world.round(&mut agent).await;
    assert!(
        matches!(stopped, TargetRound::Stopped { .. }),
        "{stopped:?}"
    );
    assert_eq!(world.asked(), 3);
}

#[tokio::test]
async fn what_the_template_does_not_have_is_neither_sent_nor_noted() {
    let world = World::start("9.9.9.9").await;
    world.ipv6("2620:fe::fe");
    world.answers(202, "");
    let mut agent = agent(&world, grant(&world, "dynamicdns", None));
    assert_eq!(world.round(&mut agent).await, TargetRound::Sent);
    assert_eq!(world.round(&mut agent).await, TargetRound::Nothing);
    let lines = first_lines(&world);
    assert_eq!(lines.len(), 2);
    assert!(
        lines[0].contains("IP=9.9.9.9") && !lines[0].contains("2620"),
        "{lines:?}"
    );
    let known = agent.known("home");
    assert!(known.hosts.values().all(|host| host.ipv6.is_none()));
}

#[tokio::test]
async fn tokens_that_cannot_be_written_are_kept_and_written_later() {
    let world = World::start("9.9.9.9").await;
    world.answers_once(200, "", NEW_TOKENS);
    world.answers(202, "");
    let mut agent = agent(&world, grant(&world, "dynamicdns-v2", ENDED));
    world
        .keeps_tokens_until_they_are_written(&mut agent, NEW_TOKENS)
        .await;
}
