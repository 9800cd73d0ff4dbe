//! Many callers at once, callers that go away, and servers that die.

use std::collections::HashSet;
use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};

use easement_core::{PlanBase, Version, ZoneId};
use easement_store::{CommitError, Store, StoreError};
use easement_zone::ChangeSet;

use crate::support::{
    Place, address, commit_host, console, make_zone, name, on_both, permit, picture, plan, replay,
    runtime, served, set_host, snapshot,
};

on_both! {
    hundreds_of_commits_at_once_keep_their_own_results
    a_caller_that_goes_away_does_not_stop_its_commit
    a_server_that_dies_loses_nothing_that_it_acknowledged
    a_shutdown_commits_what_waits_and_refuses_the_rest
    reading_and_folding_go_on_during_commits
}

const APEXES: [&str; 5] = [
    "one.test",
    "two.test",
    "three.test",
    "four.test",
    "five.test",
];

/// Plans and commits again until the plan is not stale.
async fn commit_until_done(
    store: &Store,
    zone: ZoneId,
    apex: &str,
    host: &str,
) -> Result<Version, CommitError> {
    loop {
        let plan = plan(store, apex, set_host(store, apex, host, 1));
        match store.commit(permit(zone, apex), plan, console()).await {
            Ok(committed) => {
                assert!(
                    served(store, apex, host).is_some(),
                    "served when acknowledged"
                );
                assert!(snapshot(store, apex).version() >= committed.version.0);
                return Ok(committed.version);
            }
            Err(CommitError::Stale(_)) => {}
            Err(error) => return Err(error),
        }
    }
}

async fn make_zones(store: &Store) -> Vec<ZoneId> {
    let mut zones = Vec::new();
    for apex in APEXES {
        zones.push(make_zone(store, apex).await);
    }
    zones
}

async fn check_histories(store: &Store, zones: &[ZoneId]) {
    for (zone, apex) in zones.iter().zip(APEXES) {
        assert_eq!(
            &replay(store, *zone).await,
            snapshot(store, apex).zone(),
            "{apex}"
        );
    }
}

async fn hundreds_of_commits_at_once_keep_their_own_results(place: Place) {
    let store = place.open().await;
    let zones = make_zones(&store).await;
    let commits = (0..200).map(|number| {
        let (store, zone, apex) = (store.clone(), zones[number % 5], APEXES[number % 5]);
        tokio::spawn(async move {
            let host = format!("h{number}");
            (
                zone,
                commit_until_done(&store, zone, apex, &host).await.unwrap(),
            )
        })
    });
    let mut versions = HashSet::new();
    for commit in commits.collect::<Vec<_>>() {
        assert!(
            versions.insert(commit.await.unwrap()),
            "each made a version of its own"
        );
    }
    for apex in APEXES {
        assert_eq!(snapshot(&store, apex).version(), 41);
    }
    check_histories(&store, &zones).await;
    let before = picture(&store, &APEXES).await;
    store.shutdown().await;

    let store = place.open().await;
    assert_eq!(picture(&store, &APEXES).await, before);
    store.shutdown().await;
}

async fn a_caller_that_goes_away_does_not_stop_its_commit(place: Place) {
    let apex = APEXES[0];
    let store = place.open().await;
    let zone = make_zone(&store, apex).await;
    for number in 0..100u8 {
        let mut plan = plan(&store, apex, ChangeSet::new());
        plan.base = PlanBase::Version(Version(1 + u64::from(number)));
        let owner = name(apex).child(&format!("h{number}")).unwrap();
        plan.changes.record(None, Some(address(&owner, number)));
        let commit = store.commit(permit(zone, apex), plan, console());
        // Polled once, so that the request is in the queue, and dropped.
        tokio::select! {
            biased;
            _ = commit => {}
            () = std::future::ready(()) => {}
        }
    }
    commit_until_done(&store, zone, apex, "last").await.unwrap();
    assert_eq!(snapshot(&store, apex).version(), 102);
    for number in 0..100 {
        assert!(
            served(&store, apex, &format!("h{number}")).is_some(),
            "{number}"
        );
    }
    check_histories(&store, &[zone]).await;
    store.shutdown().await;
}

/// Names the store, and how the hosts begin that are to be committed, to the process that is killed.
const VICTIM: &str = "EASEMENT_TEST_VICTIM";

/// Not a test but the server that `a_server_that_dies_...` kills: this program once more.
#[test]
fn victim() {
    let Ok(order) = std::env::var(VICTIM) else {
        return;
    };
    let (prefix, target) = order.split_once(' ').unwrap();
    let place = Place::of_another(target);
    runtime().block_on(async {
        let store = place.open().await;
        let commits = (0..2000).map(|number| {
            let (store, apex) = (store.clone(), APEXES[number % 5]);
            let host = format!("{prefix}-{number}");
            tokio::spawn(async move {
                let zone = store.zone_by_apex(&name(apex)).await.unwrap().unwrap();
                let done = commit_until_done(&store, zone.id, apex, &host).await;
                done.unwrap();
                // In one piece: it may be killed between two.
                let line = format!("done {apex} {host}\n");
                eprint!("{line}");
            })
        });
        for commit in commits.collect::<Vec<_>>() {
            commit.await.unwrap();
        }
    });
}

/// Starts a server, kills it (SIGKILL) after so many acknowledgements, and gives those it made.
fn die_after(place: &Place, acknowledgements: usize) -> Vec<(String, String)> {
    let mut victim = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "concurrency::victim", "--nocapture"])
        .env(VICTIM, format!("k{acknowledgements} {}", place.target()))
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(victim.stderr.take().unwrap()).lines();
    let mut done = Vec::new();
    for line in lines {
        let line = line.unwrap();
        if let Some((apex, host)) = line.strip_prefix("done ").and_then(|at| at.split_once(' ')) {
            done.push((apex.to_owned(), host.to_owned()));
        }
        // What it wrote before it died is still read.
        if done.len() == acknowledgements {
            victim.kill().unwrap();
        }
    }
    victim.wait().unwrap();
    done
}

async fn a_server_that_dies_loses_nothing_that_it_acknowledged(place: Place) {
    let store = place.open().await;
    let zones = make_zones(&store).await;
    store.shutdown().await;
    for acknowledgements in [1, 3, 10, 30, 100] {
        let done = die_after(&place, acknowledgements);
        assert!(done.len() >= acknowledgements, "{done:?}");
        let store = place.open().await;
        for (apex, host) in &done {
            assert!(served(&store, apex, host).is_some(), "{host}");
        }
        check_histories(&store, &zones).await;
        store.fold().await.unwrap();
        store.shutdown().await;
    }
}

async fn a_shutdown_commits_what_waits_and_refuses_the_rest(place: Place) {
    let store = place.open().await;
    let zones = make_zones(&store).await;
    let commits = (0..100).map(|number| {
        let (store, zone, apex) = (store.clone(), zones[number % 5], APEXES[number % 5]);
        tokio::spawn(async move {
            let host = format!("h{number}");
            (number, commit_until_done(&store, zone, apex, &host).await)
        })
    });
    let commits: Vec<_> = commits.collect();
    store.shutdown().await;
    let mut done = Vec::new();
    for commit in commits {
        match commit.await.unwrap() {
            (number, Ok(_)) => done.push(number),
            (_, Err(CommitError::Store(StoreError::Stopped))) => {}
            (number, Err(error)) => panic!("{number}: {error:?}"),
        }
    }
    let store = place.open().await;
    for number in 0..100 {
        let is_there = served(&store, APEXES[number % 5], &format!("h{number}")).is_some();
        assert_eq!(is_there, done.contains(&number), "{number}");
    }
    store.shutdown().await;
}

async fn reading_and_folding_go_on_during_commits(place: Place) {
    let store = place.open().await;
    let zones = make_zones(&store).await;
    let committing = {
        let (store, zones) = (store.clone(), zones.clone());
        tokio::spawn(async move {
            for number in 0..100u8 {
                let index = usize::from(number % 5);
                let host = format!("h{}", number % 20);
                commit_host(&store, zones[index], APEXES[index], (&host, number)).await;
            }
        })
    };
    while !committing.is_finished() {
        store.fold().await.unwrap();
        // What is read is some version as a whole: it is published, and the next commit stands on it.
        store.load_zone(zones[0]).await.unwrap();
        store.load_all().await.unwrap();
    }
    committing.await.unwrap();
    check_histories(&store, &zones).await;
    store.load_all().await.unwrap();
    check_histories(&store, &zones).await;
    store.shutdown().await;
}
