//! The agent against a server that a test plays, with clocks that a test sets.
#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod world;

use std::time::Duration;

use easement_agent::TargetRound;

use crate::world::World;

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
