//! How far a search for a domain goes, for somebody who has more of them than are looked through.

use easement_zone::Name;

use super::world::{OWNER, World};
use crate::admin::{AdminRequest, ExistingZone, ImportOptions};
use crate::namedrop::authorize::zones::{Effort, search};
use crate::oauth::test_place::{Place, on_both};

on_both! {
    a_search_says_where_it_ends_and_finds_whole_names_behind_that
}

async fn a_search_says_where_it_ends_and_finds_whole_names_behind_that(place: Place) {
    let world = World::on(place).await;
    for apex in ["aa.test", "bb.test", "cc.test"] {
        make_zone(&world, apex).await;
    }
    let two = (2, 1);
    for (find, effort, zones, is_cut) in [
        ("", two, vec!["aa.test", "bb.test"], true),
        ("bb", two, vec!["bb.test"], true),
        ("bb.test", two, vec!["bb.test"], true),
        ("cc", two, vec![], true),
        ("cc.test", two, vec!["cc.test"], true),
        (" CC.Test. ", two, vec!["cc.test"], true),
        // Domains of others are found by no name.
        ("other.test", two, vec![], true),
        ("none.test", two, vec![], true),
        ("cc", (2, 2), vec!["cc.test"], true),
        ("cc", (5, 1), vec!["cc.test"], false),
        ("cc", (2, 9), vec!["cc.test"], false),
        ("other", (2, 9), vec![], false),
    ] {
        let (found, was_cut) = found(&world, find, effort).await;
        assert_eq!(found, zones, "{find} {effort:?}");
        assert_eq!(was_cut, is_cut, "{find} {effort:?}");
    }
}

async fn found(world: &World, find: &str, (batch, batches): (u32, usize)) -> (Vec<String>, bool) {
    let account = world.account(OWNER).await;
    let effort = Effort { batch, batches };
    let found = search(world.app.state(), account, find, effort).await;
    let Ok(found) = found else {
        panic!("the search for {find} failed")
    };
    let names = found.zones.iter().map(|zone| Name::to_unicode(&zone.apex));
    (names.collect(), found.is_cut)
}

async fn make_zone(world: &World, apex: &str) {
    let zone = AdminRequest::ImportZone {
        apex: apex.parse().unwrap(),
        text: "@ SOA ns1 ns1 1 1 1 1 1\n@ NS ns1.example.test.\n".to_owned(),
        owner: Some(OWNER.parse().unwrap()),
        existing: ExistingZone::Replace,
        options: ImportOptions::default(),
    };
    world.app.administer(zone).await.unwrap();
}
