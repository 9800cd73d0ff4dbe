//! Making a token, taking it along, asking what it may do, and ending it.

use thirtyfour::By;

use super::world::World;

impl World {
    /// The value of a field.
    async fn value_of(&self, field: &str) -> String {
        let field = self.browser.page().find(By::Id(field)).await.unwrap();
        field.prop("value").await.unwrap().unwrap_or_default()
    }

    async fn choose(&self, select: &str, value: &str) {
        let option = format!("#{select} option[value=\"{value}\"]");
        let option = self.browser.page().find(By::Css(option)).await.unwrap();
        option.click().await.unwrap();
    }

    async fn open_all_details(&self) {
        let open = "document.querySelectorAll('details').forEach(one => one.open = true)";
        self.browser.page().execute(open, Vec::new()).await.unwrap();
    }

    /// Whether a page is wider than a small phone.
    async fn is_wider_than(&self, pixels: u32) -> bool {
        self.browser.show_narrow(pixels).await;
        let ask = "return document.documentElement.scrollWidth";
        let width = self.browser.page().execute(ask, Vec::new()).await.unwrap();
        let width = width.json().as_u64().unwrap();
        self.browser.show_usual().await;
        width > u64::from(pixels)
    }

    /// Asks as a device would.
    async fn ask_the_tester(&self) {
        for (wish, name, value, answer) in [
            (
                "set",
                "router.example.test",
                "9.9.9.9",
                "Yes, and records would change.",
            ),
            (
                "set",
                "printer.example.test",
                "9.9.9.9",
                "not for the name printer.example.test",
            ),
            ("set", "router.example.test", "10.0.0.1", "No: "),
            ("read", "router.example.test", "", "may not read"),
        ] {
            self.choose("wish", wish).await;
            self.type_into("of", name).await;
            self.type_into("value", value).await;
            self.click("section[aria-labelledby=tester] button").await;
            let text = self.text().await;
            assert!(text.contains(answer), "{wish} {name}: {text}");
        }
        assert_eq!(self.dig("router.example.test", "A"), [""; 0]);
        self.inspect_unfolded("token").await;
    }

    /// Everybody can use the page, with everything on it unfolded, and it fits on a small phone.
    async fn inspect_unfolded(&self, name: &str) {
        self.open_all_details().await;
        self.inspect(name).await;
        assert!(!self.is_wider_than(360).await, "{name} is too wide");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_makes_a_token_asks_what_it_may_and_ends_it() {
    let Some(world) = World::start().await else {
        return;
    };
    world.open_signed_in(&world.page("/tokens")).await;
    assert!(world.text().await.contains("You have no token that counts"));
    world.click("main .actions a.primary").await;
    world.inspect_unfolded("token-new").await;

    // What was typed stays when something is wrong, and the mistake stands beside it.
    world.type_into("name", "Router at home").await;
    world.type_into("names", "router..example.test").await;
    world.open_all_details().await;
    world.type_into("idle", "90d").await;
    world.click("main form button.primary").await;
    let text = world.text().await;
    assert!(text.contains("does not say which names"), "{text}");
    assert_eq!(world.value_of("idle").await, "90d");
    world.inspect_unfolded("token-new-problem").await;
    world.type_into("names", "router.example.test").await;
    world.click("main form button.primary").await;

    // It is shown once, and can be copied without a script of ours.
    let secret = world.value_of("token").await;
    assert!(secret.starts_with("easement_live_"), "{secret}");
    let copied = "const field = document.getElementById('token'); field.focus(); field.select(); \
                  return getSelection().toString() || field.value.slice(field.selectionStart, field.selectionEnd)";
    let copied = world
        .browser
        .page()
        .execute(copied, Vec::new())
        .await
        .unwrap();
    assert_eq!(copied.json().as_str(), Some(secret.as_str()));
    world.inspect_unfolded("token-made").await;
    let text = world.text().await;
    assert!(text.contains(&format!("password='{secret}'")), "{text}");
    world.click("main > .actions a.button").await;
    let address = world.address().await;
    let text = world.text().await;
    assert!(
        !text.contains(&secret) && !address.contains(&secret),
        "{text}"
    );

    world.ask_the_tester().await;

    // Another secret.
    world.choose("overlap", "0s").await;
    world.click("form[action$='/rotate'] button").await;
    let second = world.value_of("token").await;
    assert_ne!(second, secret);
    world.inspect_unfolded("token-rotated").await;
    world.click("main > .actions a.button").await;

    // A narrower one, and the end of both.
    world.click("a[href*='?from=']").await;
    world.type_into("name", "Guest").await;
    world.type_into("types", "A").await;
    world.inspect_unfolded("token-narrower").await;
    world.click("main form button.primary").await;
    world.click("main > .actions a.button").await;
    world.open(&world.page("/tokens")).await;
    world.inspect_unfolded("tokens").await;
    world.click("table.list tbody tr:last-child a").await;
    world.click("a[href$='/revoke']").await;
    let question = world.text().await;
    assert!(question.contains("One more token ends"), "{question}");
    world.inspect_unfolded("token-revoke").await;
    world.click("button.danger").await;
    assert!(world.text().await.contains("It does not count any more"));
    world.inspect_unfolded("token-ended").await;
    world.open(&world.page("/tokens")).await;
    let list = world.text().await;
    assert!(list.contains("You have no token that counts"), "{list}");
    world.inspect_unfolded("tokens-ended").await;
    world.stop().await;
}
