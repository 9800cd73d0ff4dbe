//! The pages beside the flows.

use thirtyfour::By;

use crate::person::Person;

#[tokio::test(flavor = "multi_thread")]
async fn the_pages_beside_the_flows_can_be_used_by_everybody() {
    let Some(person) = Person::start().await else {
        return;
    };
    for (path, name, words) in [
        ("templates", "templates", "For DNS providers"),
        ("tools", "tools", "Signature tools"),
        ("tools/key", "key", "_dck1.statelesshosting.test"),
        ("tools/sign", "sign", "Sign a query"),
        ("tools/verify", "verify", "Verify a link"),
        (
            "site?name=nothing.example.test",
            "site-empty",
            "Nobody home",
        ),
        ("nothing", "not-found", "There is nothing here"),
    ] {
        person
            .open(person.service().join(path).unwrap().as_str())
            .await;
        person.reads(&[words]).await;
        person.inspect(name).await;
    }
    person.open(person.service().as_str()).await;
    for (selector, text) in [("#domain", "nothing.test"), ("#message", "Hello")] {
        person.type_into(selector, text).await;
    }
    person.click("main form button.primary").await;
    person
        .reads(&["We cannot ask your DNS provider", "By hand"])
        .await;
    person.inspect("no-provider").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signature_is_made_and_explained() {
    let Some(person) = Person::start().await else {
        return;
    };
    person
        .open(person.service().join("tools/sign").unwrap().as_str())
        .await;
    person
        .type_into("#query", "domain=example.test&IP=192.0.2.1")
        .await;
    person.click("main form button.primary").await;
    let signed = person.page().find(By::Id("signed")).await.unwrap();
    let signed = signed.text().await.unwrap();
    person.inspect("signed").await;
    for (query, words) in [
        (signed.clone(), "The signature is valid."),
        (
            signed.replace("192.0.2.1", "192.0.2.2"),
            "The signature is not valid.",
        ),
    ] {
        person
            .open(person.service().join("tools/verify").unwrap().as_str())
            .await;
        let link =
            format!("http://127.0.0.1/v2/domainTemplates/providers/p/services/s/apply?{query}");
        person.type_into("#link", &link).await;
        person
            .type_into("#key_domain", "statelesshosting.test")
            .await;
        person.click("main form button.primary").await;
        person.reads(&[words]).await;
        person.inspect("verified").await;
    }
}
