//! The tools, as somebody without an account and without a terminal uses them.

use thirtyfour::By;

use super::world::{MAIL, World};

impl World {
    fn tool(&self, path: &str) -> String {
        let home = self.demo.app().public_url().to_string();
        format!("{}/tools{path}", home.trim_end_matches('/'))
    }

    async fn fill(&self, id: &str, text: &str) {
        let field = self.browser.page().find(By::Id(id)).await.unwrap();
        field.clear().await.unwrap();
        field.send_keys(text).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_template_is_tried_out_and_shared() {
    let Some(world) = World::start().await else {
        return;
    };
    world.open(&world.tool("")).await;
    world.inspect("tools").await;
    let template = "/playground?template=fernmail.test/business";
    world.open(&world.tool(template)).await;
    world.fill("v.tenant", "t-1").await;
    world.click("main form button[type=submit]").await;
    assert!(world.text().await.contains("in1.fernmail.test"));
    world.inspect("playground").await;

    let share = world.browser.page().find(By::Id("share")).await.unwrap();
    let link = share.prop("value").await.unwrap().unwrap();
    world.open(&link).await;
    assert!(world.text().await.contains("in1.fernmail.test"));
    assert!(!world.text().await.contains("has changed"));
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_template_with_mistakes_is_checked() {
    let Some(world) = World::start().await else {
        return;
    };
    world.open(&world.tool("/lint")).await;
    let text = r#"{"providerId": "p.example", "records": [{"type": "A", "ttl": "600"}]}"#;
    world.fill("template", text).await;
    world.click("main form button[type=submit]").await;
    world.inspect("lint").await;
    world.click("ol.findings a").await;
    assert!(world.text().await.contains("Why it matters"));
    world.inspect("lint-code").await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signature_is_explained() {
    let Some(world) = World::start().await else {
        return;
    };
    let link = world.link_without_return(MAIL, "example.test");
    for (link, words) in [
        (link.clone(), "The signature is valid"),
        (
            link.replace("example.test", "other.test"),
            "The signature is not valid",
        ),
    ] {
        world.open(&world.tool("/signature")).await;
        world.fill("link", &link).await;
        world.click("main form button[type=submit]").await;
        let text = world.text().await;
        assert!(text.contains(words), "{words:?} is missing:\n{text}");
    }
    world.inspect("signature").await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_interfaces_for_programs_can_be_read() {
    let Some(world) = World::start().await else {
        return;
    };
    world.open(&world.tool("")).await;
    world.click("main a[href='/docs/api']").await;
    let text = world.text().await;
    assert!(
        text.contains("/.well-known/apertodns/v1/bulk-update"),
        "{text}"
    );
    world.inspect("api-reference").await;
    for selector in ["a[href='#update']", "#update ~ details summary"] {
        let element = world.browser.page().find(By::Css(selector)).await.unwrap();
        element.click().await.unwrap();
    }
    assert!(world.text().await.contains("X-RateLimit-Remaining"));
    world.stop().await;
}
