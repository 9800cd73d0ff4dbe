//! What stays after connecting: the zone's page, its history, and removing a service.

use thirtyfour::By;

use super::world::{MAIL, NEW_MAIL, World};

#[tokio::test(flavor = "multi_thread")]
async fn a_service_is_listed_and_can_be_removed() {
    let Some(world) = World::start().await else {
        return;
    };
    world
        .open_signed_in(&world.link(MAIL, "example.test"))
        .await;
    world.agree().await;
    assert_eq!(world.dig("example.test", "MX"), NEW_MAIL);

    world.open(&world.zone_page("example.test")).await;
    assert!(world.text().await.contains("Business mail"));
    world.inspect("zone").await;
    world.click(".cards a.button").await;
    let question = world.text().await;
    assert!(question.contains("in1.fernmail.test"), "{question}");
    world.inspect("remove-service").await;
    world.click("form.decide button[type=submit]").await;

    assert!(world.dig("example.test", "MX").is_empty());
    let texts = world.dig("example.test", "TXT").join("\n");
    assert!(!texts.contains("fernmail"), "{texts}");
    assert!(
        texts.contains("include:spf.oldhost.test"),
        "what others need stays: {texts}"
    );
    world.open(&world.zone_page("example.test")).await;
    assert!(world.text().await.contains("No service is connected"));

    world.click(".history a").await;
    let commit = world.text().await;
    assert!(commit.contains("in1.fernmail.test"), "{commit}");
    world.inspect("commit").await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_out_ends_it() {
    let Some(world) = World::start().await else {
        return;
    };
    world.open_signed_in(&world.zone_page("example.test")).await;
    let page = world.browser.page();
    let sign_out = page
        .find(By::XPath("//button[contains(., 'Sign out')]"))
        .await
        .unwrap();
    world.follow(&sign_out).await;
    world.open(&world.zone_page("example.test")).await;
    assert!(
        world.address().await.contains("/sign-in"),
        "{}",
        world.address().await
    );
    world.stop().await;
}
