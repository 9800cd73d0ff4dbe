//! Which domain and which name.

use easement_core::ZoneRole;
use easement_server::admin::{AdminRequest, CompareWith, ExistingZone, ImportOptions};
use easement_server::demo::{NEIGHBOUR, OWNER};
use http::StatusCode;

use super::{ALL, answer, has_no_apps, link, make_zone, question, sent, set_role};
use crate::world::World;

#[tokio::test]
async fn names_that_cannot_be_given_are_refused_with_the_reason() {
    let world = World::start().await;
    make_zone(&world, "own.example.test", NEIGHBOUR).await;
    let owner = world.owner().await;
    let long = "a.".repeat(140);
    for (pick, host, said) in [
        ("other", "", "Write a name"),
        ("other", "@", "Write a name"),
        ("other", "example.test", "Write a name"),
        ("", "notes", "Choose a name"),
        ("whole", "notes", "leave one of them out"),
        ("name:", "", "Write a name"),
        ("other", "_acme-challenge", "underscore"),
        ("other", "_acme-challenge.notes.example.test", "underscore"),
        ("name:_dmarc", "", "underscore"),
        ("other", "a b", "cannot be the host"),
        ("other", "a..b", "problem"),
        ("other", "*.*.a", "cannot be the host"),
        ("other", "https://notes.example", "cannot be the host"),
        ("other", "<script>alert(1)</script>", "cannot be the host"),
        ("other", &long, "problem"),
        ("other", "own", "is a domain of its own here"),
        ("other", "a.own", "is a domain of its own here"),
        ("other", "own.example.test", "is a domain of its own here"),
    ] {
        let fields = [
            ("answer", "host"),
            ("zone", "example.test"),
            ("pick", pick),
            ("host", host),
        ];
        let page = owner.post(&link(), &fields).await;
        assert_eq!(page.status, StatusCode::OK, "{host}: {}", page.body);
        assert!(
            page.body.contains("Something needs your attention"),
            "{host}"
        );
        assert!(page.body.contains(said), "{pick} {host}: {}", page.body);
        assert!(!page.body.contains("<script"));
        // The last form cannot be made by hand either.
        let mut fields = fields;
        fields[0] = ("answer", "agree");
        let page = owner.post(&link(), &fields).await;
        assert_eq!(page.status, StatusCode::OK, "{host}: {}", page.body);
    }
    assert!(has_no_apps(&owner).await);
    // What is written counts, although a name that was proposed is still marked.
    let fields = [
        ("answer", "host"),
        ("zone", "example.test"),
        ("pick", "name:notes"),
        ("host", "shop"),
    ];
    let written = owner.post(&link(), &fields).await;
    assert_eq!(written.hidden("pick").as_deref(), Some("name:shop"));
    let all_below = question(&owner, &link(), "*").await;
    assert_eq!(all_below.hidden("pick").as_deref(), Some("name:*"));
    assert!(all_below.body.contains("This is the whole domain"));
    let below = question(&owner, &link(), "*.notes").await;
    assert!(below.body.contains("all names below"), "{}", below.body);
}

#[tokio::test]
async fn who_has_many_domains_searches_and_sees_only_those_that_may_be_given() {
    let world = World::start().await;
    for number in 10..35 {
        make_zone(&world, &format!("many{number}.test"), OWNER).await;
    }
    make_zone(&world, "looked-at.test", NEIGHBOUR).await;
    set_role(&world, "looked-at.test", OWNER, Some(ZoneRole::Viewer)).await;
    make_zone(&world, "edited.test", NEIGHBOUR).await;
    set_role(&world, "edited.test", OWNER, Some(ZoneRole::Editor)).await;
    let owner = world.owner().await;
    let first = owner.get(&link()).await;
    assert!(first.body.contains("edited.test"), "{}", first.body);
    assert!(first.body.contains("There are more"), "{}", first.body);
    assert!(!first.body.contains("many34"), "{}", first.body);
    for (find, shown, hidden) in [
        ("MANY34.test.", "many34.test", "value=\"example.test"),
        ("looked", "You have no domain with", "looked-at.test"),
        (
            "neighbour",
            "You have no domain with",
            "value=\"neighbour.test",
        ),
    ] {
        let fields = [("answer", "find"), ("find", find)];
        let found = owner.post(&link(), &fields).await;
        assert!(found.body.contains(shown), "{find}: {}", found.body);
        assert!(!found.body.contains(hidden), "{find}: {}", found.body);
    }
    let none = owner.post(&link(), &[("answer", "zone")]).await;
    assert!(
        none.body.contains("Choose one of your domains"),
        "{}",
        none.body
    );
    let fields = [("answer", "zone"), ("zone", "many34.test")];
    let host = owner.post(&link(), &fields).await;
    assert!(host.body.contains("notes"), "{}", host.body);
    assert!(host.body.contains("Another domain"), "{}", host.body);
}

/// A name with nothing at it may be the place of somebody's mail.
#[tokio::test]
async fn what_leads_to_a_name_is_shown_before_it_is_given() {
    let world = World::start().await;
    let import = async |more: &str| {
        let head = "@ 3600 SOA ns1 hostmaster 1 2h 15m 2w 5m\n@ 3600 NS ns1.example.net.\n";
        let request = AdminRequest::ImportZone {
            apex: "led.test".parse().unwrap(),
            text: format!("$ORIGIN led.test.\n{head}{more}"),
            owner: Some(OWNER.parse().unwrap()),
            existing: ExistingZone::Replace,
            options: ImportOptions::default(),
        };
        world.demo.app().administer(request).await.unwrap();
    };
    import("@ MX 10 notes\nblog CNAME notes\nevil CNAME evilnotes\n* A 192.0.2.7\n").await;
    let owner = world.owner().await;
    let step = owner
        .post(&link(), &[("answer", "zone"), ("zone", "led.test")])
        .await;
    assert!(!step.body.contains("\"name:notes\""), "{}", step.body);
    assert!(
        step.body.contains("for which a wildcard answers"),
        "{}",
        step.body
    );
    let at = |host: &'static str| {
        [
            ("answer", "host"),
            ("zone", "led.test"),
            ("pick", "other"),
            ("host", host),
        ]
    };
    let page = owner.post(&link(), &at("notes")).await;
    for shown in [
        "2 records lead here from elsewhere",
        "blog",
        "A wildcard answers today",
        "192.0.2.7",
    ] {
        assert!(page.body.contains(shown), "{shown}: {}", page.body);
    }
    assert!(!page.body.contains("evil"), "{}", page.body);
    let other = owner.post(&link(), &at("otes")).await;
    assert!(!other.body.contains("from elsewhere"), "{}", other.body);
    // One more came in between: the question is put again.
    import("@ MX 10 notes\nblog CNAME notes\nwww CNAME notes\n* A 192.0.2.7\n").await;
    let again = answer(&owner, &link(), &page, ("agree", &ALL)).await;
    assert_eq!(again.status, StatusCode::OK, "{}", again.body);
    assert!(again.body.contains("Something changed"), "{}", again.body);
    assert!(again.body.contains("3 records lead here"), "{}", again.body);
}

/// Twenty are named, and the others counted: those are part of the question, too.
#[tokio::test]
async fn a_record_that_is_only_counted_is_agreed_to_as_it_is() {
    let world = World::start().await;
    let import = async |lines: &[String]| {
        let head = "@ 3600 SOA ns1 hostmaster 1 2h 15m 2w 5m\n@ 3600 NS ns1.example.net.\n";
        let request = AdminRequest::ImportZone {
            apex: "led.test".parse().unwrap(),
            text: format!("$ORIGIN led.test.\n{head}{}\n", lines.join("\n")),
            owner: Some(OWNER.parse().unwrap()),
            existing: ExistingZone::Replace,
            options: ImportOptions {
                compare: CompareWith::Newest,
                ..ImportOptions::default()
            },
        };
        world.demo.app().administer(request).await.unwrap();
    };
    let leading = |number: u8| format!("n{number:02} CNAME notes");
    let open = |number: u8| format!("n{number:02}.notes A 192.0.2.{number}");
    let mut lines: Vec<String> = (1..=22).flat_map(|at| [leading(at), open(at)]).collect();
    import(&lines).await;
    let owner = world.owner().await;
    let host = [
        ("answer", "host"),
        ("zone", "led.test"),
        ("pick", "other"),
        ("host", "notes"),
    ];
    let page = owner.post(&link(), &host).await;
    for hidden in ["n22", "192.0.2.22"] {
        assert!(!page.body.contains(hidden), "{hidden}: {}", page.body);
    }
    for (at, other) in [(42, "n23 CNAME notes"), (43, "n22.notes A 192.0.2.99")] {
        let before = std::mem::replace(&mut lines[at], other.to_owned());
        import(&lines).await;
        let again = answer(&owner, &link(), &page, ("agree", &ALL)).await;
        assert_eq!(again.status, StatusCode::OK, "{other}");
        assert!(again.body.contains("Something changed"), "{other}");
        lines[at] = before;
    }
    import(&lines).await;
    let agreed = answer(&owner, &link(), &page, ("agree", &ALL)).await;
    assert!(sent(&agreed, "code").is_some());
}

/// A name that ends like the domain, twice: once by a forgotten dot.
#[tokio::test]
async fn a_name_that_ends_like_the_domain_stays_itself() {
    let world = World::start().await;
    let owner = world.owner().await;
    let full = "notes.example.test.example.test";
    let page = question(&owner, &link(), full).await;
    let pick = page.hidden("pick").unwrap();
    assert_eq!(pick, "name:notes.example.test");
    let other = answer(&owner, &link(), &page, ("other_host", &[])).await;
    let field = format!("name=\"host\" value=\"{full}\"");
    assert!(other.body.contains(&field), "{}", other.body);
    let agreed = answer(&owner, &link(), &page, ("agree", &ALL)).await;
    assert_eq!(agreed.status, StatusCode::SEE_OTHER, "{}", agreed.body);
    let apps = owner.get("/apps").await;
    assert!(apps.body.contains(full), "{}", apps.body);
}
