//! The agent against a server that a test plays, with clocks that a test sets.
#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod checkers;
mod domain_connect;
#[cfg(target_os = "linux")]
mod interfaces;
mod namedrop;
#[cfg(target_os = "linux")]
mod router;
mod world;

use std::time::Duration;

use easement_agent::TargetRound;

use crate::world::{APERTODNS, World, come_to_a_network};

const OK: &str = r#"{"success":true,"data":{"hostname":"home.example.com","changed":true}}"#;

#[tokio::test]
async fn a_server_that_is_away_is_left_alone_for_longer_and_longer_and_found_again() {
    let world = World::start("9.9.9.9").await;
    let mut agent = world.agent();
    world.answers(503, "");
    let first = world.round(&mut agent).await;
    assert!(matches!(first, TargetRound::Failed(_)), "{first:?}");
    assert_eq!(world.asked(), 1);
    let TargetRound::Waiting { remaining } = world.round(&mut agent).await else {
        panic!("it waits");
    };
    assert_eq!(world.asked(), 1, "it is not asked meanwhile");
    world.pass(remaining);
    world.round(&mut agent).await;
    let TargetRound::Waiting { remaining: longer } = world.round(&mut agent).await else {
        panic!("it waits");
    };
    assert_eq!(world.asked(), 2);
    assert!(longer > remaining, "{longer:?} {remaining:?}");

    world.answers(200, OK);
    world.pass(longer);
    assert_eq!(world.round(&mut agent).await, TargetRound::Sent);
    assert_eq!(world.round(&mut agent).await, TargetRound::Nothing);
    assert_eq!(world.asked(), 3);
}

#[tokio::test]
async fn a_pause_outlives_the_process_and_a_clock_that_jumps() {
    let world = World::start("9.9.9.9").await;
    world.answers(429, r#"{"success":false,"error":{"code":"rate_limited","message":"","retry_after_seconds":3600}}"#);
    world.round(&mut world.agent()).await;
    // The clock is set back by a year, and the process is another.
    world.set_clock_back(Duration::from_hours(24 * 365));
    let mut agent = world.agent();
    let TargetRound::Waiting { remaining } = world.round(&mut agent).await else {
        panic!("it waits");
    };
    assert!(remaining >= Duration::from_hours(1));
    assert!(remaining <= Duration::from_hours(2), "{remaining:?}");
    assert_eq!(world.asked(), 1);
    world.answers(200, OK);
    world.pass(remaining);
    assert_eq!(world.round(&mut agent).await, TargetRound::Sent);
}

#[tokio::test]
async fn a_restart_and_a_clock_that_jumps_cause_no_request_and_a_month_causes_one() {
    let world = World::start("9.9.9.9").await;
    world.answers(200, OK);
    assert_eq!(world.round(&mut world.agent()).await, TargetRound::Sent);
    world.set_clock_back(Duration::from_hours(24 * 365));
    let mut agent = world.agent();
    assert_eq!(world.round(&mut agent).await, TargetRound::Nothing);
    world.pass(Duration::from_hours(24 * 24));
    assert_eq!(world.round(&mut agent).await, TargetRound::Nothing);
    assert_eq!(world.asked(), 1);
    world.pass(Duration::from_hours(24));
    assert_eq!(world.round(&mut agent).await, TargetRound::Sent);
    assert_eq!(world.asked(), 2);
}

#[tokio::test]
async fn a_clock_that_was_years_ahead_delays_nothing_once_it_is_right() {
    let world = World::start("9.9.9.9").await;
    world.answers(200, OK);
    let years = Duration::from_hours(24 * 3650);
    world.set_clock_ahead(years);
    let mut agent = world.agent();
    assert_eq!(world.round(&mut agent).await, TargetRound::Sent);
    world.set_clock_back(years);
    world.pass(Duration::from_hours(24 * 24));
    assert_eq!(world.round(&mut agent).await, TargetRound::Nothing);
    // What is written is right too, so that the next process knows it.
    drop(agent);
    let mut agent = world.agent();
    assert_eq!(world.round(&mut agent).await, TargetRound::Nothing);
    world.pass(Duration::from_hours(24));
    assert_eq!(world.round(&mut agent).await, TargetRound::Sent);
}

#[tokio::test]
async fn a_machine_without_a_battery_sends_nothing_twice_at_each_start() {
    let world = World::start("9.9.9.9").await;
    world.answers(200, OK);
    assert_eq!(world.round(&mut world.agent()).await, TargetRound::Sent);
    let years = Duration::from_hours(24 * 365 * 56);
    world.set_clock_back(years);
    let mut agent = world.agent();
    assert_eq!(world.round(&mut agent).await, TargetRound::Nothing);
    world.set_clock_ahead(years + Duration::from_mins(5));
    assert_eq!(world.round(&mut agent).await, TargetRound::Nothing);
    assert_eq!(world.asked(), 1);
}

#[tokio::test]
async fn what_was_stopped_begins_anew_when_a_person_says_so_and_everything_is_sent_again() {
    let world = World::start("9.9.9.9").await;
    let refusal = r#"{"success":false,"error":{"code":"not_found","message":"no such host"}}"#;
    world.answers(404, refusal);
    let mut agent = world.agent();
    assert!(matches!(
        world.round(&mut agent).await,
        TargetRound::Failed(_)
    ));
    drop(agent);
    let mut agent = world.agent();
    let stopped = world.round(&mut agent).await;
    assert!(
        matches!(stopped, TargetRound::Stopped { .. }),
        "{stopped:?}"
    );
    world.answers(200, OK);
    for _ in 0..2 {
        let access = easement_agent::SecretText::new("token").unwrap();
        let access = vec![easement_agent::send::Access::Secret(access)];
        let state = world.path("state");
        agent
            .reload(world.config(APERTODNS), access, &state)
            .unwrap();
        assert_eq!(world.round(&mut agent).await, TargetRound::Sent);
    }
    assert_eq!(world.asked(), 3);
    agent.begin_anew("home");
    assert_eq!(world.round(&mut agent).await, TargetRound::Sent);
    // Another TTL is another thing to say.
    drop(agent);
    let mut agent = world.agent_for(&format!("{APERTODNS}ttl = 300\n"));
    assert_eq!(world.round(&mut agent).await, TargetRound::Sent);
}

#[tokio::test]
async fn an_address_that_is_missing_for_a_moment_is_not_taken_out() {
    let world = World::start("9.9.9.9").await;
    world.answers(200, OK);
    world.ipv6("2620:fe::fe");
    let target = format!("{APERTODNS}absent = \"remove\"\n");
    let mut agent = world.agent_for(&target);
    assert_eq!(world.round(&mut agent).await, TargetRound::Sent);
    // Not at the first look of a process, not at the next, and not when it comes back.
    drop(agent);
    world.ipv6("");
    let mut agent = world.agent_for(&target);
    for _ in 0..2 {
        assert_eq!(world.round(&mut agent).await, TargetRound::Nothing);
        world.pass(Duration::from_mins(5));
    }
    world.ipv6("2620:fe::fe");
    assert_eq!(world.round(&mut agent).await, TargetRound::Nothing);
    world.ipv6("");
    assert_eq!(world.round(&mut agent).await, TargetRound::Nothing);
    assert_eq!(world.requests().len(), 1);
    world.pass(Duration::from_mins(10));
    assert_eq!(world.round(&mut agent).await, TargetRound::Sent);
    let removal = world.requests().remove(0);
    assert!(
        removal.contains("null") && !removal.contains("9.9.9.9"),
        "{removal}"
    );
}

#[tokio::test]
async fn a_server_of_dyndns2_that_takes_less_than_it_is_sent_is_asked_again_for_the_rest() {
    let world = World::start("9.9.9.9").await;
    world.ipv6("2620:fe::fe");
    let target = "protocol = \"dyndns2\"\nuser = \"u\"\nserver = \"SERVER\"\n\
                  hosts = [\"a.example.com\", \"b.example.com\"]\n";
    world.answers_once(200, "", "good 9.9.9.9\n");
    world.answers_once(200, "", "good 2620:fe::fe\n");
    world.answers_once(200, "", "good");
    world.answers(200, "nochg");
    let mut agent = world.agent_for(target);
    assert_eq!(world.round(&mut agent).await, TargetRound::Sent);
    assert_eq!(world.round(&mut agent).await, TargetRound::Nothing);
    let lines: Vec<String> = world
        .requests()
        .iter()
        .map(|request| request.lines().next().unwrap().to_owned())
        .collect();
    let line = |hosts: &str, addresses: &str| {
        format!("GET /nic/update?hostname={hosts}&myip={addresses} HTTP/1.1")
    };
    let both = "9.9.9.9,2620:fe::fe";
    assert_eq!(
        lines,
        [
            line("a.example.com,b.example.com", both),
            line("a.example.com", "2620:fe::fe"),
            line("b.example.com", both),
        ]
    );
}

#[tokio::test]
async fn a_server_that_wants_fewer_requests_is_not_asked_for_the_other_hosts() {
    let world = World::start("9.9.9.9").await;
    let target = "protocol = \"apertodns\"\nserver = \"SERVER\"\n\
                  hosts = [\"a.example.com\", \"b.example.com\", \"c.example.com\"]\n";
    world.answers(
        401,
        r#"{"success":false,"error":{"code":"invalid_token","message":""}}"#,
    );
    let mut agent = world.agent_for(target);
    world.round(&mut agent).await;
    assert_eq!(world.asked(), 1);
    assert_eq!(
        agent
            .known("home")
            .hosts
            .values()
            .filter(|host| host.stopped.is_some())
            .count(),
        3
    );
}

#[tokio::test]
async fn a_target_without_its_secret_is_left_alone() {
    let world = World::start("9.9.9.9").await;
    let missing = easement_agent::send::Access::Missing {
        reason: "no file".to_owned(),
    };
    let mut agent = world.agent_with(APERTODNS, missing);
    let reason = "no file".to_owned();
    assert_eq!(
        world.round(&mut agent).await,
        TargetRound::Locked { reason }
    );
    assert_eq!(world.asked(), 0);
}

#[tokio::test]
async fn the_resolver_of_another_network_is_asked_without_a_restart() {
    let world = World::start("9.9.9.9").await;
    world.answers(200, OK);
    let server = world.server();
    let (_, port) = server.rsplit_once(':').unwrap();
    let server = format!("http://dns.example:{port}");
    let target = format!("{APERTODNS}allow_http = true\n").replace("SERVER", &server);
    let mut agent = world.agent_for(&target);
    let failed = world.round(&mut agent).await;
    assert!(matches!(failed, TargetRound::Failed(_)), "{failed:?}");
    assert_eq!(world.asked(), 0);
    come_to_a_network();
    world.pass(Duration::from_mins(5));
    assert_eq!(world.round(&mut agent).await, TargetRound::Sent);
}
