//! Reading the question, agreeing and cancelling.

use thirtyfour::By;

use super::world::{MAIL, NEW_MAIL, NEWSLETTER, OLD_MAIL, PAGE_AT_WWW, WEBSITE, World};

#[tokio::test(flavor = "multi_thread")]
async fn a_person_connects_mail_and_dns_answers_with_it() {
    let Some(world) = World::start().await else {
        return;
    };
    assert_eq!(world.dig("example.test", "MX"), OLD_MAIL);

    world.open(&world.demo.website_url()).await;
    let page = world.browser.page();
    let link = page.find(By::PartialLinkText("Fernmail")).await.unwrap();
    world.follow(&link).await;
    assert!(world.text().await.contains("Sign in"));
    world.inspect("sign-in").await;
    world.sign_in().await;

    let question = world.text().await;
    for part in [
        "Fernmail",
        "Signed by",
        "fernmail.test",
        "in1.fernmail.test",
        "instead of",
        "mx1.oldhost.test",
        "include:spf.fernmail.test",
        "You go back to",
    ] {
        assert!(question.contains(part), "{part:?} is missing:\n{question}");
    }
    assert_eq!(
        world.dig("example.test", "MX"),
        OLD_MAIL,
        "a question changes nothing"
    );
    world.inspect("consent").await;
    world.agree().await;

    assert!(world.address().await.starts_with(&world.return_address()));
    assert!(
        world.address().await.contains("state="),
        "{}",
        world.address().await
    );
    assert!(world.text().await.contains("is connected"));
    assert_eq!(world.dig("example.test", "MX"), NEW_MAIL);
    let texts = world.dig("example.test", "TXT");
    let spf: Vec<&String> = texts
        .iter()
        .filter(|text| text.contains("v=spf1"))
        .collect();
    assert_eq!(
        spf,
        [
            "\"v=spf1 include:spf.oldhost.test include:news.letters.test include:spf.fernmail.test ~all\""
        ]
    );
    assert_eq!(
        world.dig("_dmarc.example.test", "TXT").len(),
        1,
        "one DMARC policy, not two"
    );
    assert_eq!(
        world.dig("www.example.test", "CNAME"),
        ["example.test."],
        "the rest is as it was"
    );
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_who_cancels_goes_back_and_nothing_changes() {
    let Some(world) = World::start().await else {
        return;
    };
    world
        .open_signed_in(&world.link(MAIL, "example.test"))
        .await;
    world.cancel().await;

    let address = world.address().await;
    assert!(address.starts_with(&world.return_address()), "{address}");
    for part in [
        "error=access_denied",
        "error_description=user_cancel",
        "state=s1",
    ] {
        assert!(address.contains(part), "{part} is missing: {address}");
    }
    assert_eq!(world.dig("example.test", "MX"), OLD_MAIL);
    world.open(&world.zone_page("example.test")).await;
    assert!(world.text().await.contains("No service is connected"));
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_conflict_names_the_service_that_would_end() {
    let Some(world) = World::start().await else {
        return;
    };
    world
        .open_signed_in(&world.link(WEBSITE, "example.test"))
        .await;
    world.agree().await;
    assert_eq!(world.dig("example.test", "A"), ["192.0.2.80"]);

    world.open(&world.link(PAGE_AT_WWW, "example.test")).await;
    let question = world.text().await;
    assert!(
        question.contains("One connected service ends"),
        "{question}"
    );
    assert!(question.contains("Sitewright"), "{question}");
    world.inspect("consent-conflict").await;
    world.agree().await;

    assert_eq!(
        world.dig("www.example.test", "CNAME"),
        ["pages.onepager.test."]
    );
    assert!(
        world.dig("example.test", "A").is_empty(),
        "the records of the ended service are gone"
    );
    world.open(&world.zone_page("example.test")).await;
    let services = world.browser.page().find(By::Css(".cards")).await.unwrap();
    let services = services.text().await.unwrap();
    assert!(
        services.contains("Onepager") && !services.contains("Sitewright"),
        "{services}"
    );
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_zone_that_changed_after_the_question_makes_it_asked_again() {
    let Some(world) = World::start().await else {
        return;
    };
    world
        .open_signed_in(&world.link(MAIL, "example.test"))
        .await;
    world.connect_in_another_tab(NEWSLETTER).await;

    world.agree().await;
    let question = world.text().await;
    assert!(
        question.contains("The zone changed in the meantime"),
        "{question}"
    );
    assert!(
        question.contains("include:spf.parcelpress.test"),
        "the new state is shown: {question}"
    );
    assert_eq!(
        world.dig("example.test", "MX"),
        OLD_MAIL,
        "nothing was done"
    );
    world.inspect("consent-changed").await;

    world.agree().await;
    assert!(world.address().await.starts_with(&world.return_address()));
    assert_eq!(world.dig("example.test", "MX"), NEW_MAIL);
    let texts = world.dig("example.test", "TXT").join("\n");
    assert!(
        texts.contains("include:spf.parcelpress.test include:spf.fernmail.test"),
        "{texts}"
    );
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_elsewhere_in_the_zone_does_not_ask_again() {
    let Some(world) = World::start().await else {
        return;
    };
    world
        .open_signed_in(&world.link(MAIL, "example.test"))
        .await;
    world.connect_in_another_tab(PAGE_AT_WWW).await;

    world.agree().await;
    assert!(world.address().await.starts_with(&world.return_address()));
    assert_eq!(world.dig("example.test", "MX"), NEW_MAIL);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_without_a_way_back_stays_on_a_closing_page() {
    let Some(world) = World::start().await else {
        return;
    };
    world
        .open_signed_in(&world.link_without_return(MAIL, "example.test"))
        .await;
    world.agree().await;

    assert!(world.is_at_home().await);
    assert!(world.text().await.contains("You can close this window"));
    world.inspect("done").await;
    assert_eq!(world.dig("example.test", "MX"), NEW_MAIL);
    world.stop().await;
}
