//! `Store::verify`: a healthy store has no findings, and each damage is named.

use std::sync::Arc;

use domain_connect::{Essential, OwnedRecord, RecordOrigin};
use easement_core::{ServiceChange, Version, ZoneId};
use easement_store::{Served, Store, StoreConfig, Verified, VerifyProgress};
use easement_zone::{ChangeSet, Record, RecordData, ZoneSnapshot};

use crate::services::service;
use sqlx::Connection as _;

use crate::support::{
    DISCOVERY, Place, commit_host, console, contents, make_zone, name, on_both, permit, plan,
    runtime, set_host, snapshot,
};

const APEX: &str = "example.test";
const OTHER: &str = "other.test";

on_both! {
    a_healthy_store_has_no_findings
    every_damage_is_named_with_its_zone_and_version
    rows_that_belong_nowhere_are_found
    findings_are_kept_when_something_cannot_be_read
    memory_is_compared_with_the_database
    commits_may_go_on_during_a_verification
}

pub(crate) async fn verify(store: &Store) -> Verified {
    let progress = Arc::new(VerifyProgress::default());
    store.verify(Served::EveryZone, &progress).await.unwrap()
}

/// Every finding as `code`, `code zone` or `code zone version`.
pub(crate) fn codes(verified: &Verified) -> Vec<String> {
    let findings = verified.findings.iter().map(|finding| {
        let zone = finding.zone.iter().map(|zone| format!(" {zone}"));
        let version = finding.version.iter().map(|version| format!(" {version}"));
        let code = std::iter::once(finding.problem.code().to_owned());
        code.chain(zone).chain(version).collect()
    });
    findings.collect()
}

/// Versions 1 to 5 of one zone are the commits 1 to 5; the fourth is of a service alone. Commit 6 made
/// another zone.
async fn fill(store: &Store) -> ZoneId {
    let zone = make_zone(store, APEX).await;
    commit_host(store, zone, APEX, ("www", 1)).await;
    commit_host(store, zone, APEX, ("www", 2)).await;
    let mut connect = plan(store, APEX, ChangeSet::new());
    let mut service = service(1);
    service.records = vec![OwnedRecord {
        record: Record {
            owner: name("mail.example.test"),
            data: RecordData::a([192, 0, 2, 1].into()),
        },
        group: None,
        essential: Essential::Always,
        origin: RecordOrigin::Found,
        ttl_before: None,
    }];
    connect.services = vec![ServiceChange::Add(Box::new(service))];
    let connected = store.commit(permit(zone, APEX), connect, console()).await;
    assert_eq!(connected.unwrap().version, Version(4));
    commit_host(store, zone, APEX, ("mail", 1)).await;
    make_zone(store, OTHER).await;
    zone
}

async fn a_healthy_store_has_no_findings(place: Place) {
    let store = place.open().await;
    assert!(verify(&store).await.is_clean(), "an empty one too");
    let zone = fill(&store).await;
    for round in 0..3 {
        let verified = verify(&store).await;
        assert_eq!(codes(&verified), [""; 0], "{round}");
        let counts = (verified.zones, verified.services, verified.record_sets);
        assert_eq!(counts, (2, 1, 6), "{round}");
        assert_eq!(verified.commits, 6 + round);
        assert_eq!(verified.changes, 7 + round);
        // The first round had nothing folded, the others have a part or all of it.
        store.fold().await.unwrap();
        let last = u8::try_from(10 + round).unwrap();
        commit_host(&store, zone, APEX, ("www", last)).await;
    }
    // Folding may stop within a commit: here after the first change of the first one.
    place
        .run_sql(
            "DELETE FROM record_set WHERE zone_id = 2 OR rtype <> 2; \
             UPDATE fold_position SET commit_id = 1, change_position = 0; \
             UPDATE zone SET folded_version = 0, folded_serial = 0; \
             UPDATE zone SET folded_version = 1, folded_serial = 1 WHERE id = 1",
        )
        .await;
    assert_eq!(codes(&verify(&store).await), [""; 0]);
    store.load_all().await.unwrap();
    store.fold().await.unwrap();
    let progress = Arc::new(VerifyProgress::default());
    let verified = store.verify(Served::EveryZone, &progress).await.unwrap();
    assert_eq!(codes(&verified), [""; 0]);
    assert_eq!((progress.zones(), progress.zones_done()), (2, 2));
    store.shutdown().await;
}

/// What is broken, how that is mended, and what is found in between.
type Damage = (&'static str, &'static str, &'static [&'static str]);

const DAMAGES: [Damage; 18] = [
    (
        "UPDATE zone_commit SET version = 0 WHERE id = 1",
        "UPDATE zone_commit SET version = 1 WHERE id = 1",
        &[
            "version-missing example.test 0",
            "version-missing example.test 2",
        ],
    ),
    (
        // As many commits as the id of the last one, and one id missing all the same.
        "UPDATE zone_commit SET id = -4 WHERE id = 4",
        "UPDATE zone_commit SET id = 4 WHERE id = -4",
        &["commit-missing", "commit-order example.test 4"],
    ),
    (
        "UPDATE zone_commit SET serial = 1 WHERE id = 3",
        "UPDATE zone_commit SET serial = 3 WHERE id = 3",
        &["serial-back example.test 3", "serial-moved example.test 4"],
    ),
    (
        // 2³¹ further on, which RFC 1982 gives no order.
        "UPDATE zone_commit SET serial = 2147483650 WHERE id = 3",
        "UPDATE zone_commit SET serial = 3 WHERE id = 3",
        &["serial-back example.test 3", "serial-moved example.test 4"],
    ),
    (
        "UPDATE zone_commit SET records_added = records_added + 1 WHERE id = 2",
        "UPDATE zone_commit SET records_added = records_added - 1 WHERE id = 2",
        &["size-wrong example.test 2"],
    ),
    (
        "UPDATE zone_commit SET source = '[' || source WHERE id = 4",
        "UPDATE zone_commit SET source = substr(source, 2) WHERE id = 4",
        &["row-senseless example.test 4"],
    ),
    (
        "UPDATE zone_change SET before_ttl = before_ttl + 1 WHERE commit_id = 3",
        "UPDATE zone_change SET before_ttl = before_ttl - 1 WHERE commit_id = 3",
        &["before-wrong example.test 3"],
    ),
    (
        "UPDATE zone_change SET position = 5 WHERE commit_id = 1 AND position = 1",
        "UPDATE zone_change SET position = 1 WHERE commit_id = 1 AND position = 5",
        &["change-missing example.test 1"],
    ),
    (
        "UPDATE zone_change SET after_ttl = -after_ttl WHERE commit_id = 2",
        "UPDATE zone_change SET after_ttl = -after_ttl WHERE commit_id = 2",
        &[
            "row-senseless example.test 2",
            "size-wrong example.test 2",
            "before-wrong example.test 3",
        ],
    ),
    (
        "UPDATE record_set SET ttl = ttl + 1 WHERE zone_id = 1 AND rtype = 1",
        "UPDATE record_set SET ttl = ttl - 1 WHERE zone_id = 1 AND rtype = 1",
        &[
            "folded-records-wrong example.test 5",
            "folded-records-wrong example.test 5",
        ],
    ),
    (
        "UPDATE record_set SET zone_id = 2 WHERE zone_id = 1 AND rtype = 1",
        "UPDATE record_set SET zone_id = 1 WHERE zone_id = 2 AND rtype = 1",
        &[
            "folded-records-wrong example.test 5",
            "folded-records-wrong example.test 5",
            "folded-records-wrong other.test 1",
            "folded-records-wrong other.test 1",
        ],
    ),
    (
        "UPDATE zone SET folded_serial = folded_serial + 1 WHERE id = 1",
        "UPDATE zone SET folded_serial = folded_serial - 1 WHERE id = 1",
        &["folded-version-wrong example.test 5"],
    ),
    (
        "UPDATE zone SET apex = 'else.test.' WHERE id = 1",
        "UPDATE zone SET apex = 'example.test.' WHERE id = 1",
        &["apex-wrong example.test"],
    ),
    (
        "UPDATE service SET host = 'x' || host",
        "UPDATE service SET host = substr(host, 2)",
        &["service-key-wrong example.test"],
    ),
    (
        "UPDATE service SET document = '[' || document",
        "UPDATE service SET document = substr(document, 2)",
        &["row-senseless example.test"],
    ),
    (
        "UPDATE service SET document = replace(document, '\"mail.', '\"else.')",
        "UPDATE service SET document = replace(document, '\"else.', '\"mail.')",
        &["service-record-missing example.test"],
    ),
    (
        "UPDATE zone_commit SET actor_kind = 'account', actor_id = 77 WHERE id = 2",
        "UPDATE zone_commit SET actor_kind = 'console', actor_id = NULL WHERE id = 2",
        &["orphan-rows"],
    ),
    (
        "INSERT INTO account (email, standing, created_at) VALUES ('a@example.test', 'king', 1)",
        "DELETE FROM account",
        &["row-senseless"],
    ),
];

async fn every_damage_is_named_with_its_zone_and_version(place: Place) {
    let store = place.open().await;
    fill(&store).await;
    store.fold().await.unwrap();
    for (damage, mend, expected) in DAMAGES {
        place.run_sql(damage).await;
        let verified = verify(&store).await;
        assert_eq!(codes(&verified), expected, "{damage}: {verified:?}");
        place.run_sql(mend).await;
        assert_eq!(codes(&verify(&store).await), [""; 0], "{mend}");
    }
    place
        .run_sql("UPDATE fold_position SET commit_id = 100")
        .await;
    assert_eq!(codes(&verify(&store).await), ["fold-position-wrong"]);
    place.run_sql("DELETE FROM fold_position").await;
    let expected = [
        "fold-position-wrong",
        "database-unreadable example.test",
        "database-unreadable other.test",
    ];
    assert_eq!(codes(&verify(&store).await), expected);
    store.shutdown().await;
}

async fn rows_that_belong_nowhere_are_found(place: Place) {
    let store = place.open().await;
    let zone = fill(&store).await;
    let delete = match &place.config {
        StoreConfig::Sqlite { .. } => "PRAGMA foreign_keys = OFF; DELETE FROM zone WHERE id = 2",
        StoreConfig::Postgres { .. } => {
            "SET session_replication_role = replica; DELETE FROM zone WHERE id = 2"
        }
    };
    store.fold().await.unwrap();
    place.run_sql(delete).await;
    let verified = verify(&store).await;
    // Its two record sets, its commit; and the zone in memory.
    let expected = ["orphan-rows", "orphan-rows", "zone-not-stored other.test"];
    assert_eq!(codes(&verified), expected, "{verified:?}");
    let said = verified.findings[0].problem.to_string();
    assert!(said.contains("2 rows of the table record_set"), "{said}");
    assert_eq!(zone, ZoneId::new(1));
    store.shutdown().await;
}

/// What can be read is checked, whatever cannot.
async fn findings_are_kept_when_something_cannot_be_read(place: Place) {
    let store = place.open().await;
    fill(&store).await;
    store.fold().await.unwrap();
    place
        .run_sql(
            "UPDATE service SET host = 'x' || host; \
             UPDATE zone_commit SET records_added = records_added + 1 WHERE id = 2; \
             ALTER TABLE record_set RENAME COLUMN ttl TO gone; \
             ALTER TABLE template RENAME COLUMN status TO lost",
        )
        .await;
    let expected = [
        "database-unreadable",
        "size-wrong example.test 2",
        "database-unreadable example.test",
        "service-key-wrong example.test",
        "database-unreadable other.test",
    ];
    assert_eq!(codes(&verify(&store).await), expected);
    place
        .run_sql("ALTER TABLE zone RENAME COLUMN id TO lost")
        .await;
    let mut found = codes(&verify(&store).await);
    // The zones in memory come in no order.
    found.sort();
    let expected = [
        "database-unreadable example.test",
        "database-unreadable other.test",
    ];
    assert!(found.ends_with(&expected.map(str::to_owned)), "{found:?}");
    store.shutdown().await;
}

async fn memory_is_compared_with_the_database(place: Place) {
    let store = place.open().await;
    fill(&store).await;
    let right = snapshot(&store, APEX);
    let other = right.zone().apply(&set_host(&store, APEX, "www", 9));
    let hosted = Arc::clone(&store.serving().hosted);
    let serve = |snapshot: ZoneSnapshot| hosted.publish(snapshot.with_discovery(DISCOVERY));

    serve(ZoneSnapshot::new(other.unwrap(), 5));
    let expected = [
        "served-serial-wrong example.test 5",
        "served-records-wrong example.test 5",
    ];
    assert_eq!(codes(&verify(&store).await), expected);

    serve(ZoneSnapshot::new(right.zone().clone(), 6));
    let expected = ["served-version-wrong example.test 6"];
    assert_eq!(codes(&verify(&store).await), expected);

    hosted.publish(ZoneSnapshot::new(right.zone().clone(), 5));
    let expected = ["served-discovery-wrong example.test 5"];
    assert_eq!(codes(&verify(&store).await), expected);

    hosted.withdraw(&name(APEX));
    let expected = ["zone-not-served example.test 5"];
    assert_eq!(codes(&verify(&store).await), expected);

    store.load_all().await.unwrap();
    serve(ZoneSnapshot::new(contents("stray.test"), 1));
    let expected = ["zone-not-stored stray.test"];
    assert_eq!(codes(&verify(&store).await), expected);

    // As many zones as are stored, and others.
    hosted.withdraw(&name(OTHER));
    let expected = ["zone-not-served other.test 1", "zone-not-stored stray.test"];
    assert_eq!(codes(&verify(&store).await), expected);
    store.shutdown().await;
}

async fn commits_may_go_on_during_a_verification(place: Place) {
    let store = place.open().await;
    let zone = fill(&store).await;
    let committing = {
        let store = store.clone();
        tokio::spawn(async move {
            for last in 0..100 {
                commit_host(&store, zone, APEX, ("www", last)).await;
            }
        })
    };
    while !committing.is_finished() {
        let verified = verify(&store).await;
        assert_eq!(codes(&verified), [""; 0], "{verified:?}");
        store.fold().await.unwrap();
    }
    committing.await.unwrap();
    store.shutdown().await;
}

/// A page of the file is overwritten, as by a disk that fails.
#[test]
fn a_damaged_file_is_a_finding() {
    runtime().block_on(async {
        let place = Place::sqlite();
        let store = place.open().await;
        fill(&store).await;
        store.fold().await.unwrap();
        store.shutdown().await;
        let StoreConfig::Sqlite { path } = &place.config else {
            panic!("not SQLite");
        };
        // An index that neither opening nor anything else reads.
        let options = sqlx::sqlite::SqliteConnectOptions::new().filename(path);
        let mut connection = sqlx::SqliteConnection::connect_with(&options)
            .await
            .unwrap();
        let root =
            "SELECT rootpage FROM sqlite_schema WHERE name = 'template_submission_by_template'";
        let page: i64 = sqlx::query_scalar(root)
            .fetch_one(&mut connection)
            .await
            .unwrap();
        connection.close().await.unwrap();
        let mut file = std::fs::read(path).unwrap();
        let page = usize::try_from(page - 1).unwrap() * 4096;
        file[page..page + 4096].fill(0xff);
        std::fs::write(path, file).unwrap();
        let store = Store::open(&place.config, place.serving()).await.unwrap();
        let progress = Arc::default();
        let verified = store.verify(Served::Nothing, &progress).await.unwrap();
        assert_eq!(verified.findings[0].problem.code(), "database-damaged");
        store.shutdown().await;
    });
}
