//! The interfaces of a machine that has a network of its own, whose addresses come and go.

use std::process::Command;
use std::time::Duration;

use easement_agent::config::Config;
use easement_agent::send::Access;
use easement_agent::{SecretText, TargetRound};
use nix::sched::{CloneFlags, unshare};
use tokio::runtime::Builder;

use crate::world::World;

/// Runs a test in a thread whose network is its own and goes with it, where the user may make one.
#[expect(clippy::print_stdout, reason = "it says why a test was skipped")]
fn in_a_network(test: impl AsyncFnOnce() + Send + 'static) {
    let thread = std::thread::spawn(move || {
        if let Err(error) = unshare(CloneFlags::CLONE_NEWNET) {
            println!("SKIPPED: no network namespace can be made here: {error}");
            return;
        }
        let runtime = Builder::new_current_thread().enable_all().build();
        runtime.unwrap().block_on(test());
    });
    thread.join().unwrap();
}

fn ip(arguments: &str) {
    let words = arguments.split(' ');
    let status = Command::new("ip").args(words).status().unwrap();
    assert!(status.success(), "ip {arguments}");
}

#[test]
fn an_address_that_left_the_interface_is_taken_out_after_a_while() {
    in_a_network(async || {
        ip("link set lo up");
        ip("link add d0 type veth peer name d1");
        ip("link set d0 up");
        ip("link set d1 up");
        ip("address add 2620:fe::9/64 dev d0 nodad");
        ip("address add 9.9.9.9/32 dev d0");
        let world = World::start("").await;
        world.answers(
            200,
            r#"{"success":true,"data":{"hostname":"home.example.com","changed":true}}"#,
        );
        let text = format!(
            "[ipv4]\ninterface = \"d0\"\n[ipv6]\ninterface = \"d0\"\n[[target]]\nname = \"home\"\n\
             protocol = \"apertodns\"\nserver = \"{}\"\nhosts = [\"home.example.com\"]\nabsent = \"remove\"\n",
            world.server()
        );
        let config = Config::parse(&text, &world.path("ddns.toml")).unwrap();
        let secret = Access::Secret(SecretText::new("token").unwrap());
        let mut agent = world.agent_of(config, vec![secret]);
        assert_eq!(world.round(&mut agent).await, TargetRound::Sent);

        // It is renewed: away for nine minutes, and back. The clock begins anew then.
        ip("address del 2620:fe::9/64 dev d0");
        for _ in 0..2 {
            assert_eq!(world.round(&mut agent).await, TargetRound::Nothing);
            world.pass(Duration::from_mins(9));
        }
        ip("address add 2620:fe::9/64 dev d0 nodad");
        assert_eq!(world.round(&mut agent).await, TargetRound::Nothing);
        ip("address del 2620:fe::9/64 dev d0");
        assert_eq!(world.round(&mut agent).await, TargetRound::Nothing);
        world.pass(Duration::from_mins(9));
        assert_eq!(world.round(&mut agent).await, TargetRound::Nothing);
        assert_eq!(world.requests().len(), 1);

        // It is not told any more. The other family stays.
        world.pass(Duration::from_mins(1));
        assert_eq!(world.round(&mut agent).await, TargetRound::Sent);
        let removal = world.requests().remove(0);
        assert!(removal.contains("null"), "{removal}");
        assert!(!removal.contains("9.9.9.9"), "{removal}");

        // A cable that is pulled says nothing about addresses, and an interface that is gone neither.
        ip("link del d0");
        assert_eq!(world.round(&mut agent).await, TargetRound::NothingFound);
        world.pass(Duration::from_mins(30));
        assert_eq!(world.round(&mut agent).await, TargetRound::NothingFound);
        assert_eq!(world.asked(), 0);
    });
}
