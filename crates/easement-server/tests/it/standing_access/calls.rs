//! What a token does, and what it does not.

use axum::body::Body;
use http::header::AUTHORIZATION;
use http::{Method, StatusCode};
use serde_json::Value;

use super::{Program, SERVICES, assert_done, assert_failed, link, records, replace_template};
use crate::world::World;

#[tokio::test]
async fn a_token_does_what_was_agreed_to_and_nothing_else() {
    let world = World::start().await;
    let program = Program::with_access(&world, "&host=home").await;
    let rest = "&IPv4=198.51.100.7&groupId=IPv4";
    for parameters in [
        "domain=example.test&host=office",
        "domain=example.test&host=a.home",
        "domain=example.test&host=ome",
        "domain=example.test",
        "domain=neighbour.test&host=home",
        "domain=nowhere.test&host=home",
    ] {
        let refused = program.apply(&format!("{parameters}{rest}")).await;
        assert_failed(&refused, StatusCode::FORBIDDEN, "insufficient_scope");
        let refused = program.revert(parameters).await;
        assert_failed(&refused, StatusCode::FORBIDDEN, "insufficient_scope");
    }
    let home = format!("domain=example.test&host=home{rest}");
    for path in [
        format!("{SERVICES}/dynamicdns/apply?{home}&IP=198.51.100.7"),
        format!("/v2/domainTemplates/providers/fernmail.test/services/business/apply?{home}"),
    ] {
        let refused = program.call(&path).await;
        assert_failed(&refused, StatusCode::FORBIDDEN, "insufficient_scope");
    }
    for parameters in [
        format!("{home}&host=office"),
        format!("{home}&IPv4=198.51.100.8"),
        format!("{home}&force=maybe"),
        format!("{home}&access_token=x"),
        "host=home&IPv4=198.51.100.7".to_owned(),
        "domain=example.test&host=home&IPv4=nonsense&groupId=IPv4".to_owned(),
        "domain=example.test&host=home&IPv4=198.51.100.7&groupId=other".to_owned(),
        "domain=example.test&host=home&groupId=IPv4".to_owned(),
    ] {
        let refused = program.apply(&parameters).await;
        assert_failed(&refused, StatusCode::BAD_REQUEST, "invalid_request");
    }
    for value in [
        "",
        "Bearer",
        "Bearer x",
        "Basic eDp5",
        &format!("Bearer {}", program.refresh),
    ] {
        let mut browser = world.anonymous();
        browser
            .headers
            .insert(AUTHORIZATION, value.parse().unwrap());
        let path = format!("{SERVICES}/dynamicdns-v2/apply?{home}");
        let refused = browser.send(Method::POST, &path, Body::empty()).await;
        assert_failed(&refused, StatusCode::UNAUTHORIZED, "invalid_token");
        assert!(refused.header("www-authenticate").starts_with("Bearer"));
    }
    let now = records(&world, "home").await;
    assert!(!now.contains("198.51.100.7"), "nothing changed: {now}");
}

#[tokio::test]
async fn what_came_after_the_owner_agreed_stays_until_the_program_means_it() {
    let world = World::start().await;
    let owner = world.owner().await;
    // What the owner saw in the way goes without another question.
    let page = owner.get(&link("example.test", "&host=www")).await;
    assert!(page.body.contains("would go"), "{}", page.body);
    let program = Program::with_access(&world, "&host=www").await;
    let www = "domain=example.test&host=www&IPv4=198.51.100.7&groupId=IPv4";
    assert_done(&program.apply(www).await);
    assert!(records(&world, "www").await.contains("198.51.100.7"));

    let program = Program::with_access(&world, "&host=shop").await;
    let page = world.link("onepager.test", "page", "example.test", &[("host", "shop")]);
    let connected = owner.answer_consent(&page, "agree").await;
    assert_eq!(connected.status, StatusCode::OK, "{}", connected.body);
    let shop = "domain=example.test&host=shop&IPv4=198.51.100.7&groupId=IPv4";
    let conflict = program.apply(shop).await;
    assert_eq!(conflict.status, StatusCode::CONFLICT, "{}", conflict.body);
    let body: Value = serde_json::from_str(&conflict.body).unwrap();
    assert_eq!(body["code"], "409");
    assert_eq!(body["records"][0]["host"], "shop", "{body}");
    assert!(
        !records(&world, "shop").await.contains("198.51.100.7"),
        "nothing changed"
    );
    assert_done(&program.apply(&format!("{shop}&force=1")).await);
    assert!(records(&world, "shop").await.contains("198.51.100.7"));

    assert_done(&program.revert("domain=example.test&host=shop").await);
    assert!(!records(&world, "shop").await.contains("198.51.100.7"));
    let gone = program.revert("domain=example.test&host=shop").await;
    assert_failed(&gone, StatusCode::GONE, "gone");
}

/// Groups that DNS does not allow together: the one that stands is in the way of the other.
#[tokio::test]
async fn another_group_of_the_service_stays_until_the_program_means_it() {
    let world = World::start().await;
    let alternatives = r#"{"providerId": "domainconnect.org", "providerName": "Domain Connect",
        "serviceId": "dynamicdns-v2", "serviceName": "Dynamic DNS", "version": 99, "syncBlock": true,
        "records": [{"groupId": "IPv4", "type": "A", "host": "@", "pointsTo": "%IPv4%", "ttl": 60},
            {"groupId": "IPv4", "type": "TXT", "host": "_by", "data": "by-address", "ttl": 60},
            {"groupId": "alias", "type": "CNAME", "host": "@", "pointsTo": "all.sites.test", "ttl": 60}]}"#;
    replace_template(&world, alternatives).await;
    let program = Program::with_access(&world, "&host=home").await;
    let address = "domain=example.test&host=home&IPv4=198.51.100.7&groupId=IPv4";
    let alias = "domain=example.test&host=home&groupId=alias";
    assert_done(&program.apply(&format!("{address}&force=1")).await);
    let by = async || records(&world, "_by.home").await.contains("by-address");
    assert!(by().await);

    let conflict = program.apply(alias).await;
    assert_eq!(conflict.status, StatusCode::CONFLICT, "{}", conflict.body);
    let body: Value = serde_json::from_str(&conflict.body).unwrap();
    let in_the_way = serde_json::json!([{"type": "A", "host": "home", "data": "198.51.100.7"}]);
    assert_eq!(body["records"], in_the_way, "{body}");
    assert!(by().await, "nothing changed");

    assert_done(&program.apply(&format!("{alias}&force=1")).await);
    assert!(records(&world, "home").await.contains("all.sites.test"));
    assert!(!by().await, "the group went as a whole");

    // Whoever agrees now is shown what would go, and it goes without another question.
    let owner = world.owner().await;
    let page = owner.get(&link("example.test", "&host=home")).await;
    for words in ["One part of the service would end", "all.sites.test"] {
        assert!(page.body.contains(words), "{words}: {}", page.body);
    }
    let program = Program::with_access(&world, "&host=home").await;
    assert_done(&program.apply(address).await);
    assert!(by().await);
    assert_done(&program.revert("domain=example.test&host=home").await);
    assert!(!by().await);
    let left = records(&world, "home").await;
    assert!(!left.contains("198.51.100.7") && !left.contains("all.sites.test"));
}
