//! Links that must not work: each is refused with a reason, leads nowhere, and changes nothing.

use super::world::{MAIL, OLD_MAIL, WEBSITE, World};

/// Opens a link and expects a page of ours that says no.
async fn assert_refused(world: &World, link: &str, reason: &str) {
    world.open(link).await;
    assert!(
        world.is_at_home().await,
        "{link} led to {}",
        world.address().await
    );
    let text = world.text().await;
    assert!(text.contains(reason), "{reason:?} is missing:\n{text}");
    assert!(!text.contains("make these changes"), "{text}");
    assert_eq!(world.dig("example.test", "MX"), OLD_MAIL);
    assert_eq!(world.dig("example.test", "A"), ["192.0.2.10"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_that_somebody_changed_is_refused() {
    let Some(world) = World::start().await else {
        return;
    };
    world.open_signed_in(&world.zone_page("example.test")).await;
    let link = world.link(WEBSITE, "example.test");
    let forged = link.replace("192.0.2.80", "198.51.100.66");
    assert_ne!(link, forged);
    assert_refused(&world, &forged, "signature").await;
    world.inspect("refused-signature").await;

    let unsigned = link.split("&sig=").next().unwrap();
    assert_refused(&world, unsigned, "sign").await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_that_leads_elsewhere_is_refused() {
    let Some(world) = World::start().await else {
        return;
    };
    world.open_signed_in(&world.zone_page("example.test")).await;
    let link = world.link(MAIL, "example.test");
    let back = world.return_address();
    let back: String = url::form_urlencoded::byte_serialize(back.as_bytes()).collect();
    let foreign = link.replace(&back, "https%3A%2F%2Fthief.example%2F");
    assert_ne!(link, foreign);
    assert_refused(&world, &foreign, "signature").await;

    for back in [
        "javascript:alert(1)",
        "http://thief.example/",
        "https://fernmail.test@thief.example/",
    ] {
        let signed = world.link_back_to(MAIL, "example.test", back);
        assert_refused(&world, &signed, "redirect").await;
    }
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_zone_of_somebody_else_is_out_of_reach() {
    let Some(world) = World::start().await else {
        return;
    };
    world
        .open_signed_in(&world.link(MAIL, "neighbour.test"))
        .await;
    assert!(world.is_at_home().await);
    let theirs = world.text().await;
    assert!(!theirs.contains("make these changes"), "{theirs}");
    assert!(world.dig("neighbour.test", "MX").is_empty());
    world.inspect("not-your-zone").await;

    world.open(&world.link(MAIL, "nowhere.test")).await;
    let nobodys = world.text().await;
    assert_eq!(
        theirs.replace("neighbour.test", "ZONE"),
        nobodys.replace("nowhere.test", "ZONE"),
        "whether a zone is hosted here is nobody's business"
    );
    world.stop().await;
}
