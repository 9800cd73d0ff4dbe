//! Addresses from servers that say them.

use std::time::Duration;

use easement_agent::config::Config;
use easement_agent::send::Access;
use easement_agent::{Agent, SecretText, TargetRound};

use crate::world::World;

const OK: &str = r#"{"success":true,"data":{"hostname":"home.example.com","changed":true}}"#;

/// A target of ApertoDNS at the server and one of DynDNS2 at a server that is away; and what stands above them.
fn agent(world: &World, above: &str) -> Agent {
    let text = format!(
        "{above}[ipv6]\nfrom = \"off\"\n\
         [[target]]\nname = \"other\"\nprotocol = \"dyndns2\"\nuser = \"u\"\n\
         server = \"http://127.0.0.1:9\"\nhosts = [\"home.example.org\"]\n\
         [[target]]\nname = \"home\"\nprotocol = \"apertodns\"\n\
         server = \"{}\"\nhosts = [\"home.example.com\"]\n",
        world.server()
    );
    let config = Config::parse(&text, &world.path("ddns.toml")).unwrap();
    let secret = || Access::Secret(SecretText::new("token").unwrap());
    world.agent_of(config, vec![secret(), secret()])
}

async fn home(agent: &mut Agent) -> TargetRound {
    agent.round().await.targets.pop().unwrap().1
}

#[tokio::test]
async fn another_server_among_the_targets_does_not_hide_what_ours_says() {
    let world = World::start("").await;
    world.answers_once(200, "", "9.9.9.9\n");
    world.answers(200, OK);
    let mut agent = agent(&world, "");
    assert_eq!(home(&mut agent).await, TargetRound::Sent);
    let requests = world.requests();
    assert!(requests[0].starts_with("GET /checkip/v4 "), "{requests:?}");
    assert!(!requests[0].contains("token"), "{requests:?}");
    assert!(requests[1].contains("9.9.9.9"), "{requests:?}");
    // However soon it looks again, the server is asked once a minute.
    world.pass(Duration::from_secs(59));
    assert_eq!(home(&mut agent).await, TargetRound::Nothing);
    assert_eq!(world.asked(), 0);
    world.pass(Duration::from_secs(1));
    world.answers_once(200, "", "9.9.9.10");
    assert_eq!(home(&mut agent).await, TargetRound::Sent);
    assert_eq!(world.asked(), 2);
}

#[tokio::test]
async fn of_servers_that_are_named_two_must_agree_and_a_page_is_no_address() {
    for (answers, found) in [
        (["9.9.9.9", "9.9.9.9", ""], true),
        (["9.9.9.8", "9.9.9.9", "9.9.9.9"], true),
        (["9.9.9.9", "<html>9.9.9.9</html>", "10.0.0.1"], false),
        (["9.9.9.7", "9.9.9.8", "9.9.9.9"], false),
    ] {
        let world = World::start("").await;
        let urls = ["a", "b", "c"].map(|path| format!("\"{}/{path}\"", world.server()));
        let above = format!("[ipv4]\ncheckers = [{}]\n", urls.join(", "));
        for answer in answers.iter().filter(|answer| !answer.is_empty()) {
            world.answers_once(200, "", answer);
        }
        world.answers(200, OK);
        let round = home(&mut agent(&world, &above)).await;
        let is_sent = round == TargetRound::Sent;
        assert_eq!(is_sent, found, "{answers:?}: {round:?}");
        if found {
            assert!(world.requests().pop().unwrap().contains("9.9.9.9"));
        } else {
            assert_eq!(round, TargetRound::NothingFound);
        }
    }
}
