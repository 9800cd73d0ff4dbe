//! The asynchronous flow: one consent, two templates, two hosts.

use crate::person::Person;

/// A form of the page of the permission.
fn form(service: &str, host: &str) -> String {
    format!("form[id='form-{service}-{host}']")
}

impl Person {
    async fn asks_for_permission(&self, hosts: [&str; 2], message: &str) {
        self.open(self.service().as_str()).await;
        self.type_into("#domain", "example.test").await;
        self.type_into("#host", hosts[0]).await;
        self.press("details summary").await;
        self.type_into("#second", hosts[1]).await;
        self.type_into("#message", message).await;
        self.click("main form button.primary").await;
        self.click("#lasting").await;
    }

    async fn apply(&self, service: &str, host: &str, message: &str) {
        let form = form(service, host);
        self.type_into(&format!("{form} input[name=message]"), message)
            .await;
        self.click(&format!("{form} button[value=apply]")).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_consent_is_for_two_templates_at_two_hosts_until_it_is_given_back() {
    let Some(person) = Person::start().await else {
        return;
    };
    person.asks_for_permission(["hello", "blog"], "First").await;
    person.sign_in().await;
    person
        .reads(&[
            "Stateless Hosting",
            "hello.example.test",
            "blog.example.test",
        ])
        .await;
    person.inspect("consent-lasting").await;
    person.agree().await;
    person.reads(&["You gave us permission"]).await;
    person.inspect("managed").await;
    person.there_is_nothing_at("hello");

    person.apply("managed-site", "hello", "First").await;
    person
        .reads(&["managed-site at hello: applied", "DNS shows it"])
        .await;
    person.apply("managed-note", "hello", "A note").await;
    assert_eq!(
        person.dig("_note.hello.example.test", "TXT"),
        ["\"shm-note=A note\""]
    );

    // Without being asked again, and without being in one's own way.
    person.apply("managed-site", "hello", "Second").await;
    person.reads(&["managed-site at hello: applied"]).await;
    assert_eq!(person.dig("hello.example.test", "TXT"), ["\"shm=Second\""]);

    // What the owner was shown may go.
    person.apply("managed-site", "blog", "Mine now").await;
    person.reads(&["managed-site at blog: applied"]).await;
    assert_eq!(person.dig("blog.example.test", "CNAME"), [""; 0]);
    person.apply("managed-note", "blog", "Another note").await;
    person.inspect("managed-applied").await;
    let permission = person.address().await;
    person.sees_the_site("hello", "Second").await;
    person.sees_the_site("blog", "Mine now").await;

    person.open(&permission).await;
    person
        .click(&format!(
            "{} button[value=revert]",
            form("managed-site", "hello")
        ))
        .await;
    person
        .reads(&["managed-site at hello: taken back", "DNS shows it"])
        .await;
    person.there_is_nothing_at("hello");
    assert_eq!(
        person.dig("_note.hello.example.test", "TXT"),
        ["\"shm-note=A note\""],
        "the other template stays"
    );

    person
        .click("form[action='/managed/give-back'] button")
        .await;
    person.reads(&["Given back"]).await;
    person.inspect("given-back").await;
    person.open(&permission).await;
    person
        .reads(&["This permission is not of this browser"])
        .await;
    person.open(&person.demo.page("/apps")).await;
    person
        .reads(&["No app has access to your zones", "the client gave it back"])
        .await;
    assert_eq!(
        person.dig("blog.example.test", "TXT"),
        ["\"shm=Mine now\""],
        "records stay"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_came_after_the_consent_is_in_the_way() {
    let Some(person) = Person::start().await else {
        return;
    };
    person.asks_for_permission(["hello", "two"], "First").await;
    person.sign_in().await;
    person.agree().await;
    let permission = person.address().await;
    person.wish("hello", "In between").await;
    person.click("#website-same").await;
    person.agree().await;
    person.reads_soon("Your site is live").await;
    person.open(&permission).await;
    person.apply("managed-site", "hello", "Mine again").await;
    person
        .reads(&["other records are in the way", "shm=In between"])
        .await;
    person.inspect("managed-conflict").await;
    assert_eq!(
        person.dig("hello.example.test", "TXT"),
        ["\"shm=In between\""]
    );
    person
        .press(&format!(
            "{} input[name=force]",
            form("managed-site", "hello")
        ))
        .await;
    person.apply("managed-site", "hello", "Mine again").await;
    person.reads(&["managed-site at hello: applied"]).await;
    person.sees_the_site("hello", "Mine again").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_owner_says_no_and_takes_back_what_was_given() {
    let Some(person) = Person::start().await else {
        return;
    };
    person.asks_for_permission(["hello", "two"], "Never").await;
    person.sign_in().await;
    person.decline().await;
    person
        .reads(&["No permission", "You cancelled, and nothing was changed"])
        .await;
    person.inspect("no-permission").await;

    person
        .asks_for_permission(["hello", "two"], "For a while")
        .await;
    person.agree().await;
    person.apply("managed-site", "hello", "For a while").await;
    person.reads(&["managed-site at hello: applied"]).await;
    let permission = person.address().await;
    person.open(&person.demo.page("/apps")).await;
    person.click("main a[href^='/apps/']").await;
    person.click("a.danger[href$='/revoke']").await;
    person.click("main button.danger[type=submit]").await;
    person.open(&permission).await;
    person.apply("managed-site", "hello", "For ever").await;
    person.reads(&["managed-site at hello:"]).await;
    person.inspect("managed-refused").await;
    assert_eq!(
        person.dig("hello.example.test", "TXT"),
        ["\"shm=For a while\""]
    );
}
