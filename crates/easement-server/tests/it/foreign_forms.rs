//! Forms that other sites send in a person's name (cross-site request forgery).

use http::{HeaderMap, StatusCode};

use crate::world::World;

#[tokio::test]
async fn no_form_of_another_site_is_acted_on() {
    let world = World::start().await;
    let owner = world.owner().await;
    let link = world.mail_link("example.test", &[]);
    let plan = owner.get(&link).await.hidden("plan").unwrap();
    let forged: [(&str, &str); 2] = [("plan", &plan), ("answer", "agree")];
    for (name, value) in [
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
        ("origin", "https://evil.example"),
        ("origin", "null"),
        ("origin", "http://127.0.0.1:1"),
    ] {
        let mut headers = HeaderMap::new();
        headers.insert(name, value.parse().unwrap());
        let mut tricked = owner.clone();
        tricked.headers = headers;
        for path in [
            link.as_str(),
            "/sign-in",
            "/sign-out",
            "/account/password",
            "/zones/example.test/services/1/remove",
            "/welcome/x",
        ] {
            let answer = tricked.post(path, &forged).await;
            assert_eq!(
                answer.status,
                StatusCode::FORBIDDEN,
                "{name}: {value} {path}"
            );
            assert!(
                answer.body.contains("The form came from elsewhere"),
                "{}",
                answer.body
            );
        }
    }
    let zone = owner.get("/zones/example.test").await;
    assert_eq!(zone.status, StatusCode::OK, "still signed in");
    assert!(!zone.body.contains("fernmail"), "nothing was changed");
    let own = owner.post(&link, &forged).await;
    assert_eq!(
        own.status,
        StatusCode::OK,
        "a form of the site itself works: {}",
        own.body
    );
}
