//! Accounts, sessions, failed tries, one-time links and the audit trail.

use std::time::Duration;

use easement_core::{
    Account, AccountId, Actor, AuditEvent, OneTimeLink, OneTimePurpose, Origin, Session,
    SessionPolicy, Standing, ThrottlePolicy,
};
use easement_store::{CreateAccountError, LinkError, StandingError, Store, ThrottleKey};

use sqlx::{Connection as _, Executor as _, PgConnection};

use crate::support::{Place, email, member, on_both, password, postgres_url, run, secret};

on_both! {
    an_address_belongs_to_one_account
    a_new_password_ends_the_other_sessions
    a_password_that_was_changed_begins_no_session
    sessions_are_noted_found_and_purged
    failures_are_counted_as_the_policy_counts_them
    the_first_operator_is_made_once
    a_server_that_has_an_operator_keeps_one
    operators_who_step_down_at_once_leave_one
    a_link_for_a_password_works_once
    a_link_survives_a_refusal_and_dies_of_age
    the_audit_trail_keeps_what_happened
}

async fn an_address_belongs_to_one_account(place: Place) {
    let store = place.open().await;
    let account = member(&store, "Owner@Example.test").await;
    let taken = store
        .create_account(&email("owner@example.TEST"), None, Standing::Operator)
        .await;
    assert!(
        matches!(taken, Err(CreateAccountError::Exists(_))),
        "{taken:?}"
    );
    let found = store
        .account_by_email(&account.email)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        (found.account.clone(), found.password),
        (account.clone(), None)
    );
    assert_eq!(
        store.account(account.id).await.unwrap().unwrap().account,
        account
    );
    assert_eq!(store.account_by_email(&email("a@b")).await.unwrap(), None);
    assert_eq!(store.accounts().await.unwrap(), [account]);
    assert_eq!(store.count_operators().await.unwrap(), 0);
    store.shutdown().await;
}

async fn session(store: &Store, account: &Account, octet: u8) -> Session {
    let now = store.serving().clock.now();
    let session = Session {
        secret: secret(octet),
        account: account.id,
        created_at: now,
        seen_at: now,
    };
    let begun = store.create_session(&session, &password(PASSWORD)).await;
    assert!(begun.unwrap());
    session
}

/// The hash of the password with which sessions begin.
const PASSWORD: &str = "$argon2id$0";

async fn member_with_password(store: &Store, address: &str) -> Account {
    let account = member(store, address).await;
    let hash = password(PASSWORD);
    assert!(
        store
            .set_password(account.id, &hash, None, &CONSOLE)
            .await
            .unwrap()
    );
    account
}

/// Whoever gave the old password while another node changed it is not let in.
async fn a_password_that_was_changed_begins_no_session(place: Place) {
    let store = place.open().await;
    let account = member_with_password(&store, "owner@example.test").await;
    let mut late = session(&store, &account, 1).await;
    let hash = password("$argon2id$1");
    assert!(
        store
            .set_password(account.id, &hash, None, &CONSOLE)
            .await
            .unwrap()
    );
    late.secret = secret(2);
    let begun = store.create_session(&late, &password(PASSWORD)).await;
    assert!(!begun.unwrap());
    for octet in [1, 2] {
        assert_eq!(store.find_session(&secret(octet)).await.unwrap(), None);
    }
    store.shutdown().await;
}

async fn a_new_password_ends_the_other_sessions(place: Place) {
    let store = place.open().await;
    let account = member_with_password(&store, "owner@example.test").await;
    let other = member_with_password(&store, "other@example.test").await;
    let kept = session(&store, &account, 1).await;
    session(&store, &account, 2).await;
    session(&store, &other, 3).await;
    let hash = password("$argon2id$1");
    let keep = Some(&kept.secret);
    assert!(
        store
            .set_password(account.id, &hash, keep, &CONSOLE)
            .await
            .unwrap()
    );
    let found = store.find_session(&kept.secret).await.unwrap();
    assert_eq!(found, Some((kept, account.clone())));
    assert_eq!(store.find_session(&secret(2)).await.unwrap(), None);
    assert!(store.find_session(&secret(3)).await.unwrap().is_some());
    let stored = store.account(account.id).await.unwrap().unwrap();
    assert_eq!(stored.password, Some(hash.clone()));
    store
        .set_password(account.id, &hash, None, &CONSOLE)
        .await
        .unwrap();
    assert_eq!(store.find_session(&secret(1)).await.unwrap(), None);
    let nobody = AccountId::new(999);
    assert!(
        !store
            .set_password(nobody, &hash, None, &CONSOLE)
            .await
            .unwrap()
    );
    store.shutdown().await;
}

async fn sessions_are_noted_found_and_purged(place: Place) {
    let policy = SessionPolicy {
        idle: Duration::from_hours(1),
        absolute: Duration::from_hours(3),
        note_every: Duration::from_mins(1),
    };
    let store = place.open().await;
    let account = member_with_password(&store, "owner@example.test").await;
    for octet in 1..=4 {
        session(&store, &account, octet).await;
    }
    store.end_session(&secret(4)).await.unwrap();
    place.clock.advance(Duration::from_mins(50));
    let seen_at = store.serving().clock.now();
    store.touch_session(&secret(2), seen_at).await.unwrap();
    let back = seen_at.minus(Duration::from_mins(5));
    store.touch_session(&secret(2), back).await.unwrap();
    let (noted, _) = store.find_session(&secret(2)).await.unwrap().unwrap();
    assert_eq!(noted.seen_at, seen_at, "use is never noted back in time");
    place.clock.advance(Duration::from_mins(10));
    assert_eq!(
        store.purge_sessions(&policy).await.unwrap(),
        2,
        "1 and 3 were idle"
    );
    place.clock.advance(Duration::from_mins(30));
    session(&store, &account, 5).await;
    let ended = store.end_other_sessions(account.id, &secret(5)).await;
    assert_eq!(ended.unwrap(), 1);
    place.clock.advance(Duration::from_hours(4));
    assert_eq!(store.purge_sessions(&policy).await.unwrap(), 1);
    store.shutdown().await;
}

async fn failures_are_counted_as_the_policy_counts_them(place: Place) {
    let store = place.open().await;
    let policy = ThrottlePolicy::ACCOUNT;
    let key = ThrottleKey::Account(email("owner@example.test"));
    let other = ThrottleKey::Address("192.0.2.1".parse().unwrap());
    let mut expected = store.attempts(&key).await.unwrap();
    assert_eq!(expected, easement_core::Attempts::default());
    let day = Duration::from_hours(24);
    let waits = [0, 1, 60, 24 * 3600 - 1, 24 * 3600, 24 * 3600 + 1, 5].map(Duration::from_secs);
    for wait in waits {
        place.clock.advance(wait);
        expected = policy.after_failure(expected, store.serving().clock.now());
        let counted = store.note_failure(&key, &policy).await.unwrap();
        assert_eq!(counted, expected, "after {wait:?}");
        assert_eq!(store.attempts(&key).await.unwrap(), expected);
    }
    assert_eq!(store.attempts(&other).await.unwrap().failures, 0);
    store.note_failure(&other, &policy).await.unwrap();
    store.clear_attempts(&key).await.unwrap();
    assert_eq!(store.attempts(&key).await.unwrap().failures, 0);
    place.clock.advance(day);
    let now = store.serving().clock.now();
    assert_eq!(store.purge_attempts(now).await.unwrap(), 1);
    store.shutdown().await;
}

async fn link(store: &Store, octet: u8, purpose: OneTimePurpose) -> OneTimeLink {
    let now = store.serving().clock.now();
    let link = OneTimeLink {
        secret: secret(octet),
        purpose,
        expires_at: now.plus(purpose.lifetime()),
    };
    store.create_link(&link).await.unwrap();
    link
}

/// Many people use two links of the purpose at once: one becomes the operator.
async fn the_first_operator_is_made_once(place: Place) {
    let store = place.open().await;
    let first = link(&store, 1, OneTimePurpose::FirstOperator).await;
    link(&store, 2, OneTimePurpose::FirstOperator).await;
    assert_eq!(store.find_link(&secret(1)).await.unwrap(), Some(first));
    let tries = (0..16).map(|number| {
        let store = store.clone();
        tokio::spawn(async move {
            let address = email(&format!("operator{number}@example.test"));
            let secret = secret(1 + number % 2);
            let hash = password("$argon2id$");
            store.create_first_operator(&secret, &address, &hash).await
        })
    });
    let mut made = 0;
    for attempt in tries.collect::<Vec<_>>() {
        match attempt.await.unwrap() {
            Ok(account) => {
                assert_eq!(account.standing, Standing::Operator);
                made += 1;
            }
            Err(error) => assert!(matches!(error, LinkError::NotValid), "{error:?}"),
        }
    }
    assert_eq!(made, 1);
    assert_eq!(store.count_operators().await.unwrap(), 1);
    assert_eq!(store.find_link(&secret(2)).await.unwrap(), None);
    store.shutdown().await;
}

const CONSOLE: Origin = Origin {
    actor: Actor::Console,
    address: None,
};

async fn a_server_that_has_an_operator_keeps_one(place: Place) {
    let store = place.open().await;
    let one = member(&store, "one@example.test").await;
    let two = member(&store, "two@example.test").await;
    let set = |account: &Account, standing| {
        let (store, id) = (store.clone(), account.id);
        async move { store.set_standing(id, standing, &CONSOLE).await }
    };
    let is_last = |account: &Account| store.is_last_operator(account.id);
    assert!(!set(&one, Standing::Member).await.unwrap());
    assert!(!is_last(&one).await.unwrap(), "there is none");

    assert!(set(&one, Standing::Operator).await.unwrap());
    assert!(
        !set(&one, Standing::Operator).await.unwrap(),
        "it is one already"
    );
    assert!(is_last(&one).await.unwrap());
    assert!(!is_last(&two).await.unwrap(), "it is none");
    let refused = set(&one, Standing::Member).await;
    assert!(
        matches!(refused, Err(StandingError::LastOperator(_))),
        "{refused:?}"
    );
    assert_eq!(store.count_operators().await.unwrap(), 1);

    assert!(set(&two, Standing::Operator).await.unwrap());
    assert!(!is_last(&one).await.unwrap());
    assert!(set(&one, Standing::Member).await.unwrap());
    let stored = store.account(one.id).await.unwrap().unwrap();
    assert_eq!(stored.account.standing, Standing::Member);
    let nobody = store
        .set_standing(AccountId::new(99), Standing::Operator, &CONSOLE)
        .await;
    assert!(
        matches!(nobody, Err(StandingError::NoSuchAccount)),
        "{nobody:?}"
    );

    let told = store.audit_entries(None, 10).await.unwrap();
    let told: Vec<AuditEvent> = told.into_iter().rev().map(|entry| entry.event).collect();
    let event = |account: &Account, standing| AuditEvent::StandingSet {
        email: account.email.clone(),
        standing,
    };
    let changes = [
        event(&one, Standing::Operator),
        event(&two, Standing::Operator),
        event(&one, Standing::Member),
    ];
    assert_eq!(told, changes, "what changed nothing is not written down");
    store.shutdown().await;
}

async fn operators_who_step_down_at_once_leave_one(place: Place) {
    let store = place.open().await;
    let mut operators = Vec::new();
    for number in 0..8 {
        let address = email(&format!("operator{number}@example.test"));
        let made = store.create_account(&address, None, Standing::Operator);
        operators.push(made.await.unwrap());
    }
    let tries = operators.into_iter().enumerate().map(|(number, account)| {
        let store = store.clone();
        tokio::spawn(async move {
            if number % 2 == 0 {
                let set = store.set_standing(account.id, Standing::Member, &CONSOLE);
                return set.await.is_ok();
            }
            let gone = store.delete_account(account.id, account.email, (Actor::Console, None));
            gone.await.is_ok()
        })
    });
    let mut done = 0;
    for attempt in tries.collect::<Vec<_>>() {
        done += usize::from(attempt.await.unwrap());
    }
    assert_eq!(done, 7);
    assert_eq!(store.count_operators().await.unwrap(), 1);
    store.shutdown().await;
}

async fn a_link_for_a_password_works_once(place: Place) {
    let store = place.open().await;
    let account = member_with_password(&store, "owner@example.test").await;
    session(&store, &account, 9).await;
    link(&store, 1, OneTimePurpose::ReplacePassword(account.id)).await;
    link(&store, 2, OneTimePurpose::ChoosePassword(account.id)).await;
    let tries = (0..8).map(|number| {
        let store = store.clone();
        let hash = password(&format!("$argon2id${number}"));
        tokio::spawn(async move { store.choose_password(&secret(1), &hash).await.is_ok() })
    });
    let mut worked = 0;
    for attempt in tries.collect::<Vec<_>>() {
        worked += usize::from(attempt.await.unwrap());
    }
    assert_eq!(worked, 1);
    assert_eq!(store.find_session(&secret(9)).await.unwrap(), None);
    let stored = store.account(account.id).await.unwrap().unwrap();
    assert!(stored.password.is_some());
    let left = store.find_link(&secret(2)).await.unwrap();
    assert_eq!(
        left, None,
        "a link that was lost does not open the account later"
    );
    store.shutdown().await;
}

async fn a_link_survives_a_refusal_and_dies_of_age(place: Place) {
    let store = place.open().await;
    let account = member(&store, "owner@example.test").await;
    let (hash, mine) = (password("$argon2id$"), secret(1));
    link(&store, 1, OneTimePurpose::FirstOperator).await;
    let taken = store
        .create_first_operator(&mine, &account.email, &hash)
        .await;
    assert!(matches!(taken, Err(LinkError::Exists(_))), "{taken:?}");
    let wrong = store
        .create_first_operator(&secret(7), &email("a@b"), &hash)
        .await;
    assert!(matches!(wrong, Err(LinkError::NotValid)), "{wrong:?}");
    let other_use = store.choose_password(&mine, &hash).await;
    assert!(
        matches!(other_use, Err(LinkError::NotValid)),
        "{other_use:?}"
    );
    assert!(store.find_link(&mine).await.unwrap().is_some());
    place
        .clock
        .advance(OneTimePurpose::FirstOperator.lifetime());
    assert_eq!(store.find_link(&mine).await.unwrap(), None);
    let late = store
        .create_first_operator(&mine, &email("a@b"), &hash)
        .await;
    assert!(matches!(late, Err(LinkError::NotValid)), "{late:?}");
    store.shutdown().await;
}

async fn the_audit_trail_keeps_what_happened(place: Place) {
    let store = place.open().await;
    let account = member(&store, "owner@example.test").await;
    let address = Some("2001:db8::1".parse().unwrap());
    let failed = AuditEvent::SignInFailed {
        email: Some(account.email.clone()),
    };
    store.append_audit(None, address, &failed).await.unwrap();
    place.clock.advance(Duration::from_secs(1));
    let actor = Some(Actor::Account(account.id));
    let out = AuditEvent::SignedOut;
    store.append_audit(actor, None, &out).await.unwrap();
    let entries = store.audit_entries(None, 10).await.unwrap();
    let events: Vec<_> = entries.iter().map(|entry| &entry.event).collect();
    assert_eq!(events, [&out, &failed], "the newest comes first");
    assert_eq!((entries[0].actor, entries[0].address), (actor, None));
    assert_eq!((entries[1].actor, entries[1].address), (None, address));
    assert!(entries[0].at > entries[1].at);
    let older = store.audit_entries(Some(entries[0].id), 10).await.unwrap();
    assert_eq!(older.len(), 1);
    assert_eq!(store.audit_entries(None, 1).await.unwrap().len(), 1);
    store.shutdown().await;
}

/// Deletion of an account takes the account first, and its links with it. PostgreSQL alone has two writers at a time.
#[test]
fn a_password_is_chosen_while_the_account_is_deleted() {
    let test = "a_password_is_chosen_while_the_account_is_deleted";
    let Some(url) = postgres_url(test) else {
        return;
    };
    run(Place::postgres(&url), async |place| {
        let store = place.open().await;
        let account = member_with_password(&store, "owner@example.test").await;
        link(&store, 1, OneTimePurpose::ReplacePassword(account.id)).await;
        let mut other = PgConnection::connect(&place.target()).await.unwrap();
        let mut deletion = other.begin().await.unwrap();
        deletion
            .execute("SELECT id FROM account FOR UPDATE")
            .await
            .unwrap();
        let chosen = tokio::spawn({
            let store = store.clone();
            async move {
                store
                    .choose_password(&secret(1), &password("$argon2id$new"))
                    .await
            }
        });
        // Whoever chooses the password waits now for the account, and must have nothing that its deletion needs.
        let waiting = "SELECT count(*) FROM pg_stat_activity \
                       WHERE datname = current_database() AND wait_event_type = 'Lock'";
        loop {
            let waiting = sqlx::query_scalar(waiting).fetch_one(&mut *deletion).await;
            let waiting: i64 = waiting.unwrap();
            if waiting > 0 {
                break;
            }
            tokio::task::yield_now().await;
        }
        deletion.execute("DELETE FROM account").await.unwrap();
        deletion.commit().await.unwrap();
        let chosen = chosen.await.unwrap();
        assert!(matches!(chosen, Err(LinkError::NotValid)), "{chosen:?}");
        store.shutdown().await;
    });
}
