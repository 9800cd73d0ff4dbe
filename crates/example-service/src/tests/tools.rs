//! The signature tools, and what DNS providers are given.

use domain_connect::{TEMPLATE_MEDIA_TYPE, Template};
use http::StatusCode;

use super::world::World;

#[tokio::test]
async fn a_query_is_signed_and_the_signature_is_explained() {
    let world = World::new();
    let browser = world.browser();
    let page = browser
        .post("/tools/sign", &[("query", "domain=example.com&x=%3Cb%3E")])
        .await;
    let (_, signed) = page.body.split_once("id=\"signed\">").unwrap();
    let signed = signed.split('<').next().unwrap().replace("&#38;", "&");
    assert!(
        signed.starts_with("domain=example.com&x=%3Cb%3E&sig="),
        "{signed}"
    );

    let records = world.context.key.public_records().unwrap();
    let name = "_dck1.statelesshosting.example".parse().unwrap();
    let texts = records
        .iter()
        .map(|text| text.clone().into_bytes())
        .collect();
    world.fake.texts.lock().unwrap().insert(name, texts);
    for (link, words) in [
        (signed.clone(), "The signature is valid."),
        (
            signed.replace("example.com", "example.org"),
            "The signature is not valid.",
        ),
        ("<b>nonsense".to_owned(), "The signature is not valid."),
    ] {
        let fields = [
            ("link", link.as_str()),
            ("key_domain", "statelesshosting.example"),
        ];
        let page = browser.post("/tools/verify", &fields).await;
        assert!(page.body.contains(words), "{link}: {}", page.body);
        assert!(!page.body.contains("<b>"), "{}", page.body);
    }
}

#[tokio::test]
async fn a_key_that_cannot_be_looked_up_says_nothing_about_the_signature() {
    let world = World::new();
    *world.fake.silent.lock().unwrap() = Some("DNS is <b>away</b>");
    let fields = [
        ("link", "domain=example.com&sig=AAAA&key=_dck1"),
        ("key_domain", "statelesshosting.example"),
    ];
    let page = world.browser().post("/tools/verify", &fields).await;
    assert!(
        page.body.contains("could not be looked up"),
        "{}",
        page.body
    );
    assert!(
        !page.body.contains("The signature is not valid"),
        "{}",
        page.body
    );
    assert!(!page.body.contains("<b>"), "{}", page.body);
}

#[tokio::test]
async fn what_cannot_be_signed_is_explained() {
    let world = World::new();
    let browser = world.browser();
    let long = "x".repeat(9000);
    for query in [
        "",
        "a b=c",
        "a=b#c",
        "?a=b",
        "a=b&sig=c&key=d",
        long.as_str(),
    ] {
        let page = browser.post("/tools/sign", &[("query", query)]).await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(
            page.body.contains("id=\"query-problem\""),
            "{query:.30}: {}",
            page.body
        );
        assert!(!page.body.contains("id=\"signed\""), "{query:.30}");
    }
}

#[tokio::test]
async fn the_records_of_the_key_are_those_that_links_are_checked_with() {
    let world = World::new();
    let page = world.browser().get("/tools/key").await;
    for record in world.context.key.public_records().unwrap() {
        assert!(page.body.contains(&record), "{}", page.body);
    }
    assert!(page.body.contains("_dck1.statelesshosting.example"));
}

#[tokio::test]
async fn templates_are_files_that_a_dns_provider_reads() {
    let world = World::new();
    let browser = world.browser();
    let list = browser.get("/templates").await;
    for service in [
        "website",
        "website-unsigned",
        "managed-site",
        "managed-note",
    ] {
        let path = format!("/templates/statelesshosting.example.{service}.json");
        assert!(list.body.contains(&path), "{}", list.body);
        let file = browser.get(&path).await;
        assert_eq!(file.header("content-type"), TEMPLATE_MEDIA_TYPE);
        let (template, _) = Template::from_json(&file.body).unwrap();
        assert_eq!(template.service_id().as_str(), service);
    }
    for path in ["/templates/x.json", "/templates/..%2Fx", "/templates/"] {
        assert_eq!(
            browser.get(path).await.status,
            StatusCode::NOT_FOUND,
            "{path}"
        );
    }
}
