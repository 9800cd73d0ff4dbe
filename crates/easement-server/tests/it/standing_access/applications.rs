//! One application after another, and what the pages say of them.

use easement_core::ZoneRole;
use easement_server::admin::AdminRequest;
use easement_server::demo::NEIGHBOUR;
use http::StatusCode;

use super::{
    BACK, Program, SERVICES, assert_done, assert_failed, link, records, replace_template,
    withdraw_template,
};
use crate::world::World;

#[tokio::test]
async fn clients_that_put_the_service_into_the_path_find_the_question() {
    let world = World::start().await;
    let path = format!(
        "{SERVICES}/dynamicdns-v2?client_id=domainconnect.org&domain=example.test&redirect_uri={BACK}"
    );
    let answer = world.anonymous().get(&path).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    let page = world.owner().await.get(answer.location()).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    assert!(page.hidden("shown").is_some());
}

#[tokio::test]
async fn instances_come_one_by_one_and_go_as_one_change() {
    let world = World::start().await;
    let several = r#"{"providerId": "domainconnect.org", "providerName": "Domain Connect",
        "serviceId": "dynamicdns-v2", "serviceName": "Proofs", "version": 98, "syncBlock": true,
        "multiInstance": true,
        "records": [{"type": "TXT", "host": "_proof", "data": "%IPv4%", "ttl": 60}]}"#;
    replace_template(&world, several).await;
    let program = Program::with_access(&world, "&host=home").await;
    let home = "domain=example.test&host=home";
    for (instance, value) in [("a", "first"), ("b", "second"), ("c", "third")] {
        let call = format!("{home}&instanceId={instance}&IPv4={value}");
        assert_done(&program.apply(&call).await);
    }
    let now = records(&world, "_proof.home").await;
    assert!(
        ["first", "second", "third"]
            .iter()
            .all(|one| now.contains(one)),
        "{now}"
    );
    assert_done(&program.revert(&format!("{home}&instanceId=b")).await);
    let now = records(&world, "_proof.home").await;
    assert!(now.contains("first") && !now.contains("second"), "{now}");
    let gone = program.revert(&format!("{home}&instanceId=b")).await;
    assert_failed(&gone, StatusCode::GONE, "gone");
    assert_done(&program.revert(home).await);
    let now = records(&world, "_proof.home").await;
    assert!(!now.contains("first") && !now.contains("third"), "{now}");
    assert_failed(&program.revert(home).await, StatusCode::GONE, "gone");
    let page = world.owner().await.get("/apps/1").await.body;
    assert_eq!(page.matches("was connected").count(), 3, "{page}");
    assert_eq!(
        page.matches("was removed").count(),
        2,
        "two at once: {page}"
    );
}

#[tokio::test]
async fn what_is_applied_again_as_it_is_leaves_no_trace() {
    let world = World::start().await;
    let program = Program::with_access(&world, "&host=home").await;
    let home = "domain=example.test&host=home&IPv4=198.51.100.7&groupId=IPv4";
    for _ in 0..3 {
        assert_done(&program.apply(home).await);
    }
    let uses = async || {
        let page = world.owner().await.get("/apps/1").await.body;
        page.matches("was connected").count()
    };
    assert_eq!(uses().await, 1);
    assert_done(&program.apply(&home.replace(".7", ".8")).await);
    assert_eq!(uses().await, 2);
}

#[tokio::test]
async fn what_an_earlier_application_left_at_another_name_is_shown_to_go() {
    let world = World::start().await;
    let named = r#"{"providerId": "domainconnect.org", "providerName": "Domain Connect",
        "serviceId": "dynamicdns-v2", "serviceName": "Named", "version": 97, "syncBlock": true,
        "records": [{"type": "A", "host": "%name%", "pointsTo": "%IPv4%", "ttl": 60}]}"#;
    replace_template(&world, named).await;
    let program = Program::with_access(&world, "&host=home&name=one").await;
    let home = "domain=example.test&host=home&IPv4=198.51.100.7";
    assert_done(&program.apply(home).await);
    let owner = world.owner().await;
    let again = owner
        .get(&link("example.test", "&host=home&name=one"))
        .await;
    let words = "from an earlier application of this template";
    assert!(!again.body.contains(words), "{}", again.body);
    let page = owner
        .get(&link("example.test", "&host=home&name=two"))
        .await;
    for part in [words, "One record of today would go", "198.51.100.7"] {
        assert!(page.body.contains(part), "{part}: {}", page.body);
    }
}

#[tokio::test]
async fn the_page_of_an_app_shows_what_was_agreed_to() {
    let world = World::start().await;
    let _program = Program::with_access(&world, "&host=www").await;
    withdraw_template(&world).await;
    let page = world.owner().await.get("/apps/1").await;
    for part in [
        "What was agreed to",
        "AAAA",
        "in the way that day",
        "is not offered any more",
    ] {
        assert!(page.body.contains(part), "{part}: {}", page.body);
    }
}

#[tokio::test]
async fn calls_beside_other_changes_of_records_and_rights_are_all_carried_out() {
    let world = World::start().await;
    let program = Program::with_access(&world, "&host=home").await;
    let calls = (0..6).flat_map(|number| {
        [
            format!("domain=example.test&host=home&IPv4=198.51.100.{number}&groupId=IPv4"),
            format!("domain=example.test&host=home&IPv6=2001:db8::{number}&groupId=IPv6"),
        ]
    });
    let calls = calls.map(async |call| program.apply(&call).await);
    // Each begins an epoch, in which what was looked up before does not count.
    let changes = (0..6).map(async |number| {
        let role = [ZoneRole::Viewer, ZoneRole::Editor][number % 2];
        let change = AdminRequest::SetRole {
            apex: "example.test".parse().unwrap(),
            email: NEIGHBOUR.parse().unwrap(),
            role: Some(role),
        };
        world.demo.app().administer(change).await.unwrap();
    });
    let (answers, _) = futures_util::future::join(
        futures_util::future::join_all(calls),
        futures_util::future::join_all(changes),
    )
    .await;
    for answer in &answers {
        assert_done(answer);
    }
    let now = records(&world, "home").await;
    assert_eq!(now.matches("198.51.100.").count(), 1, "{now}");
    assert_eq!(now.matches("2001:db8::").count(), 1, "{now}");
}
