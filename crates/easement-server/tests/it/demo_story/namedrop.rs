//! An app that nobody registered gets a name, by a page on an origin of its own that does what the client in JavaScript
//! does: PKCE with a short verifier, state in the browser, calls across origins as plain text.

use std::time::Duration;

use thirtyfour::By;

use super::world::World;

impl World {
    /// Waits until an element of the app's page says something, and gives all that it says.
    async fn app_says(&self, id: &str, part: &str) -> String {
        let mut said = String::new();
        for _ in 0..200 {
            if let Ok(element) = self.browser.page().find(By::Id(id)).await {
                said = element.text().await.unwrap_or_default();
            }
            if said.contains(part) {
                return said;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("{id} does not say {part:?}, but {said:?}");
    }

    /// Presses a button of the app that stays on its page, and gives what the server answered.
    async fn press(&self, button: &str, part: &str) -> String {
        let page = self.browser.page();
        let clear = "document.getElementById('outcome').textContent = ''";
        page.execute(clear, Vec::new()).await.unwrap();
        self.tick(button).await;
        self.app_says("outcome", part).await
    }

    /// Clicks what leads to no other page.
    async fn tick(&self, id: &str) {
        let element = self.browser.page().find(By::Id(id)).await.unwrap();
        element.click().await.unwrap();
    }

    fn app(&self) -> String {
        format!("{}app", self.demo.website_url())
    }
}

/// Asks for a name, signs in on the way when that is needed, and gives `notes.example.test`.
async fn give_a_name(world: &World) {
    world.click("#ask").await;
    if world.text().await.contains("gets a name of yours") {
        world.inspect("namedrop-sign-in").await;
        world.sign_in().await;
    }
    let origin = world.demo.website_url();
    let heading = world.browser.page().find(By::Tag("h1")).await.unwrap();
    let heading = heading.text().await.unwrap();
    assert_eq!(heading, origin.trim_end_matches('/'));
    world.inspect("namedrop-host").await;
    world.tick("pick-other").await;
    world.type_into("host", "notes").await;
    world.click("button[value=host]").await;
    let question = world.text().await;
    for part in [
        "notes.example.test and all names below it",
        "_acme-challenge.notes.example.test",
        "at any time",
    ] {
        assert!(question.contains(part), "{part:?} is missing:\n{question}");
    }
    world.inspect("namedrop-question").await;
    world.agree().await;
    let given = world.app_says("given", "namedrop-hosts").await;
    assert!(
        given.contains("namedrop-hosts at notes.example.test"),
        "{given}"
    );
    assert!(given.contains("namedrop-acme at notes.example.test"));
    let address = world.address().await;
    assert_eq!(
        address,
        world.app(),
        "the code does not stay in the address"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_that_nobody_registered_gets_a_name_and_loses_it() {
    let Some(world) = World::start().await else {
        return;
    };
    world.open(&world.app()).await;
    world.app_says("given", "nothing").await;
    give_a_name(&world).await;
    assert!(world.dig("notes.example.test", "A").is_empty());

    let done = world.press("set", "200").await;
    assert!(done.contains("\"type\":\"success\""), "{done}");
    assert_eq!(world.dig("notes.example.test", "A"), ["192.0.2.5"]);
    world.press("prove", "200").await;
    let proof = world.dig("_acme-challenge.notes.example.test", "TXT");
    assert_eq!(proof.len(), 1, "{proof:?}");
    let listed = world.press("get", "200").await;
    assert!(listed.contains("_acme-challenge.notes"), "{listed}");
    assert!(
        !listed.contains("www"),
        "what is not its own stays unseen: {listed}"
    );

    // The owner leaves it less.
    world.open(&world.page("/apps")).await;
    world.click("td.name a").await;
    let shown = world.text().await;
    assert!(shown.contains("Nobody registered it"), "{shown}");
    world.inspect("namedrop-app").await;
    world.tick("keep-1").await;
    world.click("form[action$=narrow] button").await;
    world.open(&world.app()).await;
    world.press("set", "403").await;
    world.press("prove", "200").await;
    assert_eq!(world.dig("notes.example.test", "A"), ["192.0.2.5"]);

    // And takes it back.
    world.open(&world.page("/apps")).await;
    world.click("td.name a").await;
    world.click("a.danger").await;
    world.click("button.danger").await;
    assert!(world.text().await.contains("It has no access any more"));
    world.open(&world.app()).await;
    world.press("prove", "401").await;
    assert_eq!(
        world.dig("_acme-challenge.notes.example.test", "TXT").len(),
        1,
        "records stay as they are"
    );
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_that_is_refused_is_told_so() {
    let Some(world) = World::start().await else {
        return;
    };
    world.open(&world.app()).await;
    world.click("#ask").await;
    world.sign_in().await;
    world.tick("pick-whole").await;
    world.click("button[value=host]").await;
    assert!(world.text().await.contains("This is the whole domain"));
    world.inspect("namedrop-whole").await;
    // Nothing is narrow enough to scroll sideways.
    world.browser.show_narrow(320).await;
    let wide = "return document.documentElement.scrollWidth - document.documentElement.clientWidth";
    let wide = world
        .browser
        .page()
        .execute(wide, Vec::new())
        .await
        .unwrap();
    assert_eq!(wide.json(), &serde_json::json!(0));
    world.browser.show_usual().await;
    world.click("button[value=other_host]").await;
    world.cancel().await;
    let said = world.app_says("outcome", "No name was given").await;
    assert!(said.contains("access_denied"), "{said}");
    assert_eq!(world.address().await, world.app());
    world.stop().await;
}
