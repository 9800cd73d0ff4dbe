//! Several nodes on one PostgreSQL database.

use std::time::Duration;

use easement_core::{Version, ZoneId, ZoneRole};
use easement_store::{CommitError, DomainConnect, Store};
use sqlx::{Connection as _, Executor as _, PgConnection};
use tokio::time::{Instant, sleep};

use crate::support::{
    Place, address, commit_host, console, contents, make_zone, member, name, new_webhook, new_zone,
    permit, picture, plan, postgres_url, replay, runtime, served, set_host, snapshot,
};
use crate::verify::{codes, verify};

const APEX: &str = "example.test";
/// Ends the connections on which nodes are told of commits.
const DEAFEN: &str = "SELECT count(*) FILTER (WHERE pg_terminate_backend(pid)), count(*) \
     FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%'";
/// Ends every connection of every node.
const CUT_OFF: &str = "SELECT count(*) FILTER (WHERE pg_terminate_backend(pid)), count(*) \
     FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()";

/// Two nodes on one database.
struct Nodes {
    place: Place,
    one: Store,
    two: Store,
}

impl Nodes {
    async fn start(url: &str) -> Self {
        let place = Place::postgres(url);
        Self {
            one: place.open().await,
            two: place.open().await,
            place,
        }
    }

    async fn stop(self) {
        self.one.shutdown().await;
        self.two.shutdown().await;
    }
}

/// Runs a test with two nodes, when there is a server.
macro_rules! on_two_nodes {
    ($($name:ident)*) => {
        mod two {
            $(#[test]
            fn $name() {
                if let Some(url) = super::postgres_url(stringify!($name)) {
                    super::runtime().block_on(async {
                        super::$name(super::Nodes::start(&url).await).await;
                    });
                }
            })*
        }
    };
}

on_two_nodes! {
    what_one_node_commits_the_other_serves
    a_switch_of_domain_connect_is_followed
    a_commit_that_nobody_told_of_is_followed
    nodes_that_hear_nothing_follow_all_the_same
    a_plan_is_checked_against_what_any_node_committed
    commits_of_both_nodes_are_all_there_in_one_order
    what_became_durable_while_a_node_was_cut_off_is_followed
    a_node_follows_whatever_was_folded_meanwhile
    a_verification_waits_for_what_another_node_committed
    another_node_leads_when_the_leader_stops
    another_node_leads_when_the_leader_is_lost
    a_history_that_is_another_one_is_read_again
    another_history_as_long_as_the_old_one_is_noticed
    another_history_that_is_longer_is_noticed
    a_node_that_stands_still_does_not_stop_the_others
    a_webhook_that_one_node_made_is_told_of_commits_of_the_other
}

/// Waits until something is so. Another node does it, of whose work nothing is heard here but its outcome; a minute is for a machine that is busy with other things.
async fn eventually(what: &str, mut is_so: impl FnMut() -> bool) {
    let end = Instant::now() + Duration::from_mins(1);
    while !is_so() {
        assert!(Instant::now() < end, "not in a minute: {what}");
        sleep(Duration::from_millis(10)).await;
    }
}

/// Ends connections, once there are some to end.
async fn end_connections(place: &Place, sql: &'static str) {
    let end = Instant::now() + Duration::from_mins(1);
    while count(place, sql).await.0 == 0 {
        assert!(Instant::now() < end, "nothing to end in a minute: {sql}");
        sleep(Duration::from_millis(10)).await;
    }
}

fn version(store: &Store, apex: &str) -> Option<u64> {
    let hosted = store.serving().hosted.get(&name(apex))?;
    Some(hosted.snapshot().version())
}

fn offers_domain_connect(store: &Store, apex: &str) -> bool {
    let hosted = store.serving().hosted.get(&name(apex));
    hosted.is_some_and(|zone| zone.snapshot().discovery().is_some())
}

/// Both serve the same, and it is what the history amounts to.
async fn agree(nodes: &Nodes, zones: &[(ZoneId, &str)]) {
    let apexes: Vec<&str> = zones.iter().map(|(_, apex)| *apex).collect();
    for apex in &apexes {
        let newest = version(&nodes.one, apex).max(version(&nodes.two, apex));
        for store in [&nodes.one, &nodes.two] {
            eventually(apex, || version(store, apex) == newest).await;
        }
    }
    let (one, two) = (&nodes.one, &nodes.two);
    assert_eq!(picture(one, &apexes).await, picture(two, &apexes).await);
    for (zone, apex) in zones {
        assert_eq!(&replay(one, *zone).await, snapshot(two, apex).zone());
    }
}

async fn what_one_node_commits_the_other_serves(nodes: Nodes) {
    let (one, two) = (&nodes.one, &nodes.two);
    let zone = make_zone(one, APEX).await;
    eventually("a new zone", || version(two, APEX) == Some(1)).await;
    assert!(offers_domain_connect(two, APEX));
    commit_host(two, zone, APEX, ("www", 1)).await;
    eventually("a host", || served(one, APEX, "www").is_some()).await;
    commit_host(one, zone, APEX, ("www", 2)).await;
    eventually("its new address", || version(two, APEX) == Some(3)).await;
    let expected = address(&name("www.example.test"), 2);
    assert_eq!(served(two, APEX, "www"), Some(expected));
    agree(&nodes, &[(zone, APEX)]).await;
    nodes.stop().await;
}

async fn a_switch_of_domain_connect_is_followed(nodes: Nodes) {
    let (one, two) = (&nodes.one, &nodes.two);
    let zone = make_zone(one, APEX).await;
    eventually("a new zone", || offers_domain_connect(two, APEX)).await;
    one.set_domain_connect(zone, DomainConnect::Off)
        .await
        .unwrap();
    eventually("off", || !offers_domain_connect(two, APEX)).await;
    // A commit does not bring it back.
    commit_host(two, zone, APEX, ("www", 1)).await;
    eventually("a host", || served(one, APEX, "www").is_some()).await;
    assert!(!offers_domain_connect(one, APEX) && !offers_domain_connect(two, APEX));
    two.set_domain_connect(zone, DomainConnect::On)
        .await
        .unwrap();
    eventually("on", || offers_domain_connect(one, APEX)).await;
    nodes.stop().await;
}

/// Rows that appear without a word are the notification that got lost.
async fn a_commit_that_nobody_told_of_is_followed(nodes: Nodes) {
    let zone = make_zone(&nodes.one, APEX).await;
    eventually("a new zone", || version(&nodes.two, APEX) == Some(1)).await;
    nodes
        .place
        .run_sql(
            "INSERT INTO zone_commit (id, zone_id, version, serial, committed_at, actor_kind, \
             source, sets_changed, records_added, records_removed) \
             SELECT id + 1, zone_id, 2, 9, committed_at, actor_kind, source, 0, 0, 0 \
             FROM zone_commit; \
             INSERT INTO zone_switch (id, zone_id) SELECT 1, id FROM zone; \
             UPDATE zone SET domain_connect = false",
        )
        .await;
    for store in [&nodes.one, &nodes.two] {
        eventually("a commit", || version(store, APEX) == Some(2)).await;
        eventually("a switch", || !offers_domain_connect(store, APEX)).await;
        assert_eq!(snapshot(store, APEX).zone().serial().number(), 9);
    }
    commit_host(&nodes.two, zone, APEX, ("www", 1)).await;
    nodes.stop().await;
}

async fn nodes_that_hear_nothing_follow_all_the_same(nodes: Nodes) {
    let zone = make_zone(&nodes.one, APEX).await;
    eventually("a new zone", || version(&nodes.two, APEX) == Some(1)).await;
    end_connections(&nodes.place, DEAFEN).await;
    for last in 1..10 {
        count(&nodes.place, DEAFEN).await;
        commit_host(&nodes.one, zone, APEX, ("www", last)).await;
        let newest = version(&nodes.one, APEX);
        eventually("a commit", || version(&nodes.two, APEX) == newest).await;
    }
    agree(&nodes, &[(zone, APEX)]).await;
    nodes.stop().await;
}

/// The other node has not heard of it yet, or has: the plan is stale either way.
async fn a_plan_is_checked_against_what_any_node_committed(nodes: Nodes) {
    let (one, two) = (&nodes.one, &nodes.two);
    let zone = make_zone(one, APEX).await;
    eventually("a new zone", || version(two, APEX) == Some(1)).await;
    for last in 1..20 {
        let behind = plan(two, APEX, set_host(two, APEX, "www", last));
        let done = commit_host(one, zone, APEX, ("www", last + 100)).await;
        let stale = two.commit(permit(zone, APEX), behind, console()).await;
        let Err(CommitError::Stale(stale)) = stale else {
            panic!("{stale:?}");
        };
        assert_eq!(stale.current, done.version);
        // Whoever is refused can plan again at once.
        assert_eq!(version(two, APEX), Some(done.version.0));
        let again = two.create_zone(new_zone(contents(APEX)), console()).await;
        assert!(matches!(again, Err(CommitError::ZoneExists { .. })));
    }
    nodes.stop().await;
}

/// Commits of one caller at one node, planned again whenever they are stale.
async fn commit_many(store: Store, zones: Vec<(ZoneId, &'static str)>, caller: usize) {
    for number in 0..20 {
        let (zone, apex) = zones[(caller + number) % zones.len()];
        let host = format!("h{caller}-{number}");
        loop {
            let plan = plan(&store, apex, set_host(&store, apex, &host, 1));
            match store.commit(permit(zone, apex), plan, console()).await {
                Ok(_) => break assert!(served(&store, apex, &host).is_some(), "{host}"),
                Err(CommitError::Stale(_)) => {}
                Err(error) => panic!("{error:?}"),
            }
        }
    }
}

async fn commits_of_both_nodes_are_all_there_in_one_order(nodes: Nodes) {
    const APEXES: [&str; 3] = ["one.test", "two.test", "three.test"];
    let mut zones = Vec::new();
    for apex in APEXES {
        zones.push((make_zone(&nodes.one, apex).await, apex));
    }
    eventually("new zones", || version(&nodes.two, APEXES[2]).is_some()).await;
    let callers = (0..12).map(|caller| {
        let store = [&nodes.one, &nodes.two][caller % 2].clone();
        // Every fourth caller changes nothing but the first zone.
        let mine = if caller % 4 < 2 { 1 } else { zones.len() };
        tokio::spawn(commit_many(store, zones[..mine].to_vec(), caller))
    });
    for caller in callers.collect::<Vec<_>>() {
        caller.await.unwrap();
    }
    agree(&nodes, &zones).await;
    for caller in 0..12 {
        for number in 0..20 {
            let host = format!("h{caller}-{number}");
            let is_there = |(_, apex): &(ZoneId, &str)| served(&nodes.two, apex, &host).is_some();
            assert_eq!(zones.iter().filter(|zone| is_there(zone)).count(), 1);
        }
    }
    let ids = count(&nodes.place, "SELECT count(*), max(id) FROM zone_commit").await;
    assert_eq!(ids, (243, 243), "ids have no gap");
    let picture_before = picture(&nodes.one, &APEXES).await;
    let place = nodes.place.target();
    nodes.one.fold().await.unwrap();
    let third = Place::of_another(&place).open().await;
    assert_eq!(picture(&third, &APEXES).await, picture_before);
    third.shutdown().await;
    nodes.stop().await;
}

async fn count(place: &Place, sql: &'static str) -> (i64, i64) {
    let mut connection = PgConnection::connect(&place.target()).await.unwrap();
    sqlx::query_as(sql)
        .fetch_one(&mut connection)
        .await
        .unwrap()
}

/// All connections of both nodes end again and again while both commit.
async fn what_became_durable_while_a_node_was_cut_off_is_followed(nodes: Nodes) {
    let zone = make_zone(&nodes.one, APEX).await;
    eventually("a new zone", || version(&nodes.two, APEX) == Some(1)).await;
    let callers = [("one", &nodes.one), ("two", &nodes.two)].map(|(host, store)| {
        let store = store.clone();
        tokio::spawn(async move {
            let mut acknowledged = 0;
            for number in 0..60u8 {
                let plan = plan(&store, APEX, set_host(&store, APEX, host, number));
                match store.commit(permit(zone, APEX), plan, console()).await {
                    Ok(_) => acknowledged += 1,
                    Err(CommitError::Stale(_)) => {}
                    Err(CommitError::Store(error)) => assert!(error.is_unavailable(), "{error:?}"),
                    Err(error) => panic!("{error:?}"),
                }
            }
            acknowledged
        })
    });
    for _ in 0..10 {
        end_connections(&nodes.place, CUT_OFF).await;
        tokio::task::yield_now().await;
    }
    let mut acknowledged = 0;
    for caller in callers {
        acknowledged += caller.await.unwrap();
    }
    let newest = u64::try_from(count(&nodes.place, VERSIONS).await.0).unwrap();
    assert!(newest > acknowledged, "{newest} versions, {acknowledged}");
    for store in [&nodes.one, &nodes.two] {
        eventually("all", || version(store, APEX) == Some(newest)).await;
    }
    agree(&nodes, &[(zone, APEX)]).await;
    nodes.stop().await;
}

const VERSIONS: &str = "SELECT max(version), count(*) FROM zone_commit";

/// Folding moves records under a node that reads zones as a whole, and under one that is behind.
async fn a_node_follows_whatever_was_folded_meanwhile(nodes: Nodes) {
    let (one, two) = (nodes.one.clone(), nodes.two.clone());
    let mut zones = Vec::new();
    for apex in ["one.test", "two.test"] {
        zones.push((make_zone(&one, apex).await, apex));
    }
    eventually("new zones", || version(&two, "two.test").is_some()).await;
    let folding = tokio::spawn(async move {
        for _ in 0..40 {
            two.fold().await.unwrap();
            two.load_all().await.unwrap();
        }
    });
    for number in 0..80u8 {
        let (zone, apex) = zones[usize::from(number % 2)];
        commit_host(&one, zone, apex, ("www", number)).await;
        one.load_zone(zone).await.unwrap();
    }
    folding.await.unwrap();
    agree(&nodes, &zones).await;
    nodes.stop().await;
}

/// What nobody told of is followed within half a second, and a verification is faster.
async fn a_verification_waits_for_what_another_node_committed(nodes: Nodes) {
    const SWITCH: &str = "UPDATE zone SET domain_connect = NOT domain_connect WHERE id = 1; \
         INSERT INTO zone_switch (id, zone_id) \
         SELECT (SELECT coalesce(max(id), 0) + 1 FROM zone_switch), 1";
    let zone = make_zone(&nodes.one, APEX).await;
    for _ in 0..5 {
        nodes.place.run_sql(SWITCH).await;
        for store in [&nodes.one, &nodes.two] {
            assert_eq!(codes(&verify(store).await), [""; 0]);
        }
    }
    let store = nodes.one.clone();
    let committing = tokio::spawn(async move {
        for number in 0..60u8 {
            commit_host(&store, zone, APEX, ("www", number)).await;
            make_zone(&store, &format!("zone{number}.test")).await;
        }
    });
    while !committing.is_finished() {
        assert_eq!(codes(&verify(&nodes.two).await), [""; 0]);
    }
    committing.await.unwrap();
    nodes.stop().await;
}

//------------ The leader ------------------------------------------------------------------------

async fn another_node_leads_when_the_leader_stops(nodes: Nodes) {
    assert!(
        nodes.one.leads() && !nodes.two.leads(),
        "the first one leads"
    );
    nodes.one.shutdown().await;
    assert!(!nodes.one.leads());
    nodes.two.wait_to_lead().await;
    assert!(nodes.two.leads());
    let back = nodes.place.open().await;
    assert!(!back.leads());
    back.shutdown().await;
    nodes.two.shutdown().await;
}

/// Its connection is lost, and a stranger is faster to take the lock than both nodes.
async fn another_node_leads_when_the_leader_is_lost(nodes: Nodes) {
    let mut stranger = PgConnection::connect(&nodes.place.target()).await.unwrap();
    // "ease job" in octets is the key of the leader's lock.
    stranger
        .execute(
            "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' \
             AND classid::bigint = x'65617365'::bigint AND objid::bigint = x'206a6f62'::bigint \
             AND database = (SELECT oid FROM pg_database WHERE datname = current_database()); \
             SELECT pg_advisory_lock(x'65617365206a6f62'::bigint)",
        )
        .await
        .unwrap();
    let (one, two) = (&nodes.one, &nodes.two);
    eventually("nobody leads", || !one.leads() && !two.leads()).await;
    stranger.close().await.unwrap();
    eventually("one leads again", || one.leads() != two.leads()).await;
    nodes.stop().await;
}

//------------ What should not happen ------------------------------------------------------------

/// As when a backup is restored under a running node: a shorter history, and a zone less.
async fn a_history_that_is_another_one_is_read_again(nodes: Nodes) {
    let (one, two) = (&nodes.one, &nodes.two);
    let zone = make_zone(one, APEX).await;
    make_zone(one, "gone.test").await;
    commit_host(one, zone, APEX, ("www", 1)).await;
    eventually("a host", || version(two, APEX) == Some(2)).await;
    assert!(served(two, APEX, "www").is_some());
    nodes
        .place
        .run_sql(
            "DELETE FROM zone_change WHERE commit_id > 1; \
             DELETE FROM zone_commit WHERE id > 1; DELETE FROM zone WHERE id > 1; \
             UPDATE fold_position SET commit_id = 0, change_position = 0; \
             DELETE FROM record_set; UPDATE zone SET folded_version = 0, folded_serial = 0",
        )
        .await;
    for store in [one, two] {
        eventually("the older version", || version(store, APEX) == Some(1)).await;
        eventually("the zone that is gone", || {
            version(store, "gone.test").is_none()
        })
        .await;
        assert!(served(store, APEX, "www").is_none());
    }
    let committed = commit_host(two, zone, APEX, ("www", 2)).await;
    assert_eq!(committed.version, Version(2));
    nodes.stop().await;
}

async fn another_history_as_long_as_the_old_one_is_noticed(nodes: Nodes) {
    follow_another_history(nodes, 0).await;
}

async fn another_history_that_is_longer_is_noticed(nodes: Nodes) {
    follow_another_history(nodes, 1).await;
}

/// A database with two zones, made in this order, and a host in the second one.
async fn fill(store: &Store, apexes: [&'static str; 2], last: u8) -> [ZoneId; 2] {
    let zones = [
        make_zone(store, apexes[0]).await,
        make_zone(store, apexes[1]).await,
    ];
    commit_host(store, zones[1], apexes[1], ("www", last)).await;
    zones
}

/// A database comes in place of theirs in which the zones have each other's ids, and which has so many
/// commits more.
async fn follow_another_history(nodes: Nodes, more_commits: u8) {
    const ONE: &str = "one.test";
    const TWO: &str = "two.test";
    let (one, two) = (&nodes.one, &nodes.two);
    let zones = fill(one, [ONE, TWO], 1).await;
    eventually("a host", || version(two, TWO) == Some(2)).await;
    // This node knows by now which id is which zone.
    commit_host(two, zones[0], ONE, ("mail", 1)).await;
    eventually("its host", || version(one, ONE) == Some(2)).await;

    let other = nodes.place.another();
    other.clock.advance(Duration::from_secs(1));
    let store = other.open().await;
    let zones = fill(&store, [TWO, ONE], 2).await;
    for last in 0..=more_commits {
        commit_host(&store, zones[1], ONE, ("mail", last)).await;
    }
    store.shutdown().await;
    nodes.place.replace_zones(&other).await;
    for store in [one, two] {
        let newest = 3 + u64::from(more_commits);
        eventually("the other history", || version(store, ONE) == Some(newest)).await;
        eventually("its other zone", || version(store, TWO) == Some(1)).await;
    }
    two.set_domain_connect(zones[0], DomainConnect::Off)
        .await
        .unwrap();
    eventually("off", || !offers_domain_connect(one, TWO)).await;
    assert!(offers_domain_connect(two, ONE), "another zone is switched");
    agree(&nodes, &[(zones[0], TWO), (zones[1], ONE)]).await;
    // It was made beside the one of the nodes, which must be there when it goes.
    drop(other);
    nodes.stop().await;
}

/// A machine that stands still in the middle of a commit has the lock that all commits need.
async fn a_node_that_stands_still_does_not_stop_the_others(nodes: Nodes) {
    let zone = make_zone(&nodes.one, APEX).await;
    let mut still = PgConnection::connect(&nodes.place.target()).await.unwrap();
    still
        .execute(
            "SET idle_in_transaction_session_timeout = '1s'; BEGIN; \
             SELECT pg_advisory_xact_lock(x'6561736520636f6d'::bigint)",
        )
        .await
        .unwrap();
    let committed = commit_host(&nodes.one, zone, APEX, ("www", 1)).await;
    assert_eq!(committed.version, Version(2));
    nodes.stop().await;
}

async fn a_webhook_that_one_node_made_is_told_of_commits_of_the_other(nodes: Nodes) {
    let zone = make_zone(&nodes.one, APEX).await;
    nodes.two.load_all().await.unwrap();
    // The other node knows that there is nobody to tell.
    commit_host(&nodes.two, zone, APEX, ("before", 1)).await;
    let owner = member(&nodes.one, "owner@example.test").await;
    let by = console();
    let role = nodes
        .one
        .set_role(zone, owner.id, Some(ZoneRole::Owner), &by);
    role.await.unwrap();
    let webhook = nodes.one.create_webhook(new_webhook(owner.id, 'a')).await;
    let webhook = webhook.unwrap();
    commit_host(&nodes.two, zone, APEX, ("home", 1)).await;
    let due = nodes.one.due_deliveries(webhook.id, 10).await.unwrap();
    assert_eq!(due.len(), 1);
    assert!(due[0].body.contains("home.example.test"), "{due:?}");
    // One that is deleted here does not stand in the way there.
    assert!(nodes.one.delete_webhook(webhook.id).await.unwrap());
    commit_host(&nodes.two, zone, APEX, ("home", 2)).await;
    assert!(nodes.one.waiting_deliveries().await.unwrap().is_empty());
    nodes.stop().await;
}
