//! Where a browser really goes at the end: it holds the policy of a page against every redirect behind its form.

use axum::Router;
use axum::response::Redirect;
use axum::routing::get;
use thirtyfour::By;
use thirtyfour::error::WebDriverResult;

use super::world::{MAIL, NEW_MAIL, OLD_MAIL, WEBSITE_AT_NO_ADDRESS, World};

/// Nobody is there, but a browser that was let go there says where it wanted to go.
const ELSEWHERE: &str = "https://www.elsewhere.invalid/done";

#[tokio::test(flavor = "multi_thread")]
async fn an_address_to_return_to_may_lead_on_to_another_host() {
    let Some(world) = World::start().await else {
        return;
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let back = format!("http://{}/return", listener.local_addr().unwrap());
    let router = Router::new().route("/return", get(|| async { Redirect::to(ELSEWHERE) }));
    let serving = tokio::spawn(async { axum::serve(listener, router).await });

    world
        .open_signed_in(&world.link_back_to(MAIL, "example.test", &back))
        .await;
    world.agree().await;

    assert_eq!(world.address().await, ELSEWHERE);
    assert_eq!(world.dig("example.test", "MX"), NEW_MAIL);
    serving.abort();
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_in_leads_straight_to_the_service_provider_when_its_request_is_wrong() {
    let Some(world) = World::start().await else {
        return;
    };
    world
        .open(&world.link(WEBSITE_AT_NO_ADDRESS, "example.test"))
        .await;
    // The page that is shown again after a wrong password is another one.
    world.type_into("email", "owner@example.test").await;
    world.type_into("password", "not the password").await;
    world.click("main form button[type=submit]").await;
    assert!(world.is_at_home().await);
    let password = world.demo.owner_password().to_owned();
    world.type_into("password", &password).await;
    world.click("main form button[type=submit]").await;

    let address = world.address().await;
    assert!(address.starts_with(&world.return_address()), "{address}");
    assert!(address.contains("error=invalid_request"), "{address}");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_window_that_a_page_opened_closes_at_the_end() {
    let Some(world) = World::start().await else {
        return;
    };
    let page = world.browser.page();
    for (answer, mail) in [("decline", OLD_MAIL), ("agree", NEW_MAIL)] {
        world.open(&world.demo.website_url()).await;
        let first = page.window().await.unwrap();
        let link = world.link_without_return(MAIL, "example.test");
        let open = format!("window.opened = window.open({link:?}, 'connect', 'width=750')");
        page.execute(open, Vec::new()).await.unwrap();
        let windows = page.windows().await.unwrap();
        let second = windows.into_iter().find(|window| *window != first).unwrap();
        page.switch_to_window(second).await.unwrap();
        if answer == "decline" {
            world.sign_in().await;
        }
        let button = format!("button[name=answer][value={answer}]");
        let button = page.find(By::Css(button)).await.unwrap();
        // The window may be gone before the driver has answered.
        let _: WebDriverResult<()> = button.click().await;

        page.switch_to_window(first).await.unwrap();
        let is_closed = async || {
            let closed = page
                .execute("return window.opened.closed", Vec::new())
                .await;
            closed.unwrap().json() == &serde_json::Value::Bool(true)
        };
        let mut tries = 0;
        while !is_closed().await {
            tries += 1;
            assert!(tries < 200, "the window is still there after {answer}");
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        assert_eq!(world.dig("example.test", "MX"), mail);
    }
    world.stop().await;
}
