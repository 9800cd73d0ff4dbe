//! Looking at templates and deciding about them, and handing one in.

use thirtyfour::By;

use super::world::{WEBSITE, World};

/// A template that a service provider hands in.
const HANDED_IN: &str = r#"{"providerId": "newcomer.test", "providerName": "Sitewr\u0456ght",
    "serviceId": "shop", "serviceName": "Shop", "version": 1, "syncPubKeyDomain": "newcomer.test",
    "records": [{"type": "CNAME", "host": "shop", "pointsTo": "shops.newcomer.test", "ttl": 600}]}"#;

impl World {
    async fn decide(&self, decision: &str, reason: &str) {
        self.type_into("reason", reason).await;
        let button = format!("button[name=decision][value={decision}]");
        self.click(&button).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_that_widens_is_reviewed() {
    let Some(world) = World::start().await else {
        return;
    };
    world.open_signed_in(&world.page("/templates")).await;
    let list = world.text().await;
    assert!(list.contains("One waits for a decision."), "{list}");
    world.inspect("templates").await;
    world.click("table.list tbody tr:first-child a").await;
    let review = world.text().await;
    for told in [
        "Sitewright: Website hosting",
        "dangerous: Controls _acme-challenge below it",
        "What it may do that the approved text may not",
        "Record 3 is new: CNAME at _acme-challenge below it.",
        "_easement-proof.sitewright.test",
        "no rule of the configuration approves templates",
        "part of the demo",
        "+   \"version\": 3,",
    ] {
        assert!(review.contains(told), "{told}: {review}");
    }
    world.inspect("template-review").await;

    // Nobody rejects without a reason.
    world.decide("rejected", " ").await;
    assert!(
        world.text().await.contains("Say why"),
        "{}",
        world.text().await
    );
    world.inspect("template-review-problem").await;
    world
        .decide(
            "rejected",
            "Please leave certificates to the owner of the domain.",
        )
        .await;
    let rejected = world.text().await;
    assert!(rejected.contains("The decision was made."), "{rejected}");
    assert!(rejected.contains("Please leave certificates"), "{rejected}");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_withdrawn_cannot_be_applied_and_stays_where_it_was() {
    let Some(world) = World::start().await else {
        return;
    };
    world
        .open_signed_in(&world.link(WEBSITE, "example.test"))
        .await;
    world.agree().await;
    let before = world.dig("example.test", "A");
    world
        .open(&world.page("/templates?status=approved&q=sitewright"))
        .await;
    world.click("table.list tbody tr:first-child a").await;
    let review = world.text().await;
    assert!(review.contains("In 1 place:"), "{review}");
    world.decide("withdrawn", "Their keys were stolen.").await;
    assert!(world.text().await.contains("withdrawn"));
    world.open(&world.link(WEBSITE, "example.test")).await;
    let refused = world.text().await;
    assert!(
        world
            .browser
            .page()
            .find(By::Css("button[name=answer]"))
            .await
            .is_err(),
        "{refused}"
    );
    assert_eq!(world.dig("example.test", "A"), before);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_provider_hands_a_template_in_and_is_told() {
    let Some(world) = World::start().await else {
        return;
    };
    world.open(&world.page("/templates/submit")).await;
    world.inspect("submit-template").await;
    world.type_into("json", "{").await;
    world.type_into("contact", "dev@newcomer.test").await;
    world.click("main form button[type=submit]").await;
    let problem = world.text().await;
    assert!(problem.contains("The template cannot be read"), "{problem}");
    world.type_into("json", HANDED_IN).await;
    world.click("main form button[type=submit]").await;
    let status = world.address().await;
    let page = world.text().await;
    assert!(
        page.contains("It waits for somebody to look at it."),
        "{page}"
    );
    assert!(page.contains("_easement-proof.newcomer.test"), "{page}");
    world.inspect("submission").await;
    world.click("main form button[type=submit]").await;
    let answer = world.text().await;
    assert!(
        answer.contains("not there yet") || answer.contains("Nothing was found out"),
        "{answer}"
    );

    world
        .open_signed_in(&world.page("/templates/newcomer.test/shop"))
        .await;
    let review = world.text().await;
    assert!(
        review.contains("Handed in by dev@newcomer.test."),
        "{review}"
    );
    assert!(!page.contains("dev@newcomer.test"), "{page}");
    assert!(
        review.contains("could be taken for \"Sitewright\""),
        "{review}"
    );
    world
        .decide("rejected", "Your name looks like that of somebody else.")
        .await;
    world.open(&status).await;
    let told = world.text().await;
    assert!(told.contains("It was not accepted."), "{told}");
    assert!(
        told.contains("Your name looks like that of somebody else."),
        "{told}"
    );
    world
        .open(&world.page("/submissions/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"))
        .await;
    assert!(!world.text().await.contains("newcomer"));
    world.stop().await;
}
