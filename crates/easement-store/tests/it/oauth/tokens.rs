//! A code or refresh token has one winner.

use std::time::Duration;

use easement_core::{
    GrantEnd, RefreshIssue, RefreshRule, TokenLifetimes, TokenRequestRefused, TokenWish,
};
use easement_store::Redeemed;

use super::{
    DONE, authenticated, fresh, furnish, is_live, new_grant, race, redeem, registration, show_code,
    show_refresh,
};
use crate::support::{Place, console, on_both, secret};

on_both! {
    a_code_has_one_winner_and_its_replay_ends_the_grant
    a_refresh_token_has_one_winner_and_its_reuse_ends_the_grant
    a_refresh_token_whose_answer_was_lost_counts_once_more
    a_refresh_token_that_stays_has_many_winners
    nothing_is_given_for_a_grant_that_ended
}

async fn a_code_has_one_winner_and_its_replay_ends_the_grant(place: Place) {
    let store = place.open().await;
    let world = furnish(&store, RefreshRule::Rotate).await;
    let stolen = TokenWish::Code {
        code: Some(secret(1)),
        redirect: Some(DONE.to_owned()),
        verifier: None,
    };
    let without = redeem(&store, &world, stolen, fresh(90, 91)).await;
    assert!(
        matches!(without, Redeemed::Refused(TokenRequestRefused::Challenge)),
        "{without:?}"
    );
    assert_eq!(race(&store, &world, &show_code(1)).await, (1, 1));
    let ended = store.grant(world.grant.id).await.unwrap().unwrap();
    let because = GrantEnd::CodeReplayed;
    assert_eq!(ended.grant.ended, Some((place.now(), because)));
    for access in 100..116 {
        assert!(!is_live(&store, access).await);
    }
    for refresh in 150..166 {
        let late = redeem(&store, &world, show_refresh(refresh), fresh(92, 93)).await;
        assert!(matches!(late, Redeemed::Refused(_)), "{late:?}");
    }
    store.shutdown().await;
}

async fn a_refresh_token_has_one_winner_and_its_reuse_ends_the_grant(place: Place) {
    let store = place.open().await;
    let world = furnish(&store, RefreshRule::Rotate).await;
    let given = redeem(&store, &world, show_code(1), fresh(10, 11)).await;
    assert!(matches!(given, Redeemed::Issued { .. }), "{given:?}");
    assert!(is_live(&store, 10).await);
    let given = redeem(&store, &world, show_refresh(11), fresh(12, 13)).await;
    let Redeemed::Issued { issue, .. } = given else {
        panic!("{given:?}");
    };
    let until = place.now().plus(TokenLifetimes::default().refresh());
    assert_eq!(issue.refresh, RefreshIssue::Another { until });
    // The second may be an honest retry, the third is not.
    assert_eq!(race(&store, &world, &show_refresh(13)).await, (2, 1));
    assert!(!is_live(&store, 10).await);
    let ended = store.grant(world.grant.id).await.unwrap().unwrap();
    let because = GrantEnd::RefreshTokenReused;
    assert_eq!(ended.grant.ended, Some((place.now(), because)));
    store.shutdown().await;
}

async fn a_refresh_token_whose_answer_was_lost_counts_once_more(place: Place) {
    let store = place.open().await;
    let world = furnish(&store, RefreshRule::Rotate).await;
    redeem(&store, &world, show_code(1), fresh(10, 11)).await;
    redeem(&store, &world, show_refresh(11), fresh(12, 13)).await;
    assert!(is_live(&store, 12).await);
    place.clock.advance(Duration::from_secs(59));
    let again = redeem(&store, &world, show_refresh(11), fresh(14, 15)).await;
    let Redeemed::Issued { issue, .. } = again else {
        panic!("{again:?}");
    };
    assert!(matches!(issue.refresh, RefreshIssue::Again { .. }));
    assert!(!is_live(&store, 12).await, "nobody has it");
    assert!(is_live(&store, 14).await && is_live(&store, 10).await);
    let next = redeem(&store, &world, show_refresh(15), fresh(16, 17)).await;
    assert!(matches!(next, Redeemed::Issued { .. }), "{next:?}");
    // Somebody had the first answer after all, and is one too many.
    let stolen = redeem(&store, &world, show_refresh(13), fresh(18, 19)).await;
    assert!(
        matches!(
            stolen,
            Redeemed::Ended {
                because: GrantEnd::RefreshTokenReused,
                ..
            }
        ),
        "{stolen:?}"
    );
    assert!(!is_live(&store, 16).await);

    // A second retry, one of what was used, and one that comes late end the grant.
    for (code, used, wait) in [(40, false, 0), (50, true, 1), (60, false, 60)] {
        let mut new = new_grant(&world.owner, &world.client, world.zone, secret(code));
        new.binding.challenge = None;
        store.create_grant(new).await.unwrap();
        let shown = TokenWish::Code {
            code: Some(secret(code)),
            redirect: Some(DONE.to_owned()),
            verifier: None,
        };
        redeem(&store, &world, shown, fresh(code + 1, code + 2)).await;
        let first = || show_refresh(code + 2);
        redeem(&store, &world, first(), fresh(code + 3, code + 4)).await;
        if used {
            let second = show_refresh(code + 4);
            redeem(&store, &world, second, fresh(code + 5, code + 6)).await;
        } else if wait == 0 {
            let again = redeem(&store, &world, first(), fresh(code + 5, code + 6)).await;
            assert!(matches!(again, Redeemed::Issued { .. }), "{again:?}");
        }
        place.clock.advance(Duration::from_secs(wait));
        let last = redeem(&store, &world, first(), fresh(code + 7, code + 8)).await;
        assert!(matches!(last, Redeemed::Ended { .. }), "{code}: {last:?}");
        for access in [code + 1, code + 3, code + 5, code + 7] {
            assert!(!is_live(&store, access).await, "{access}");
        }
    }
    store.shutdown().await;
}

/// Copies of one program refresh at the same time: each gets its access token, and none locks out another.
async fn a_refresh_token_that_stays_has_many_winners(place: Place) {
    let store = place.open().await;
    let world = furnish(&store, RefreshRule::Keep).await;
    redeem(&store, &world, show_code(1), fresh(10, 11)).await;
    assert_eq!(race(&store, &world, &show_refresh(11)).await, (16, 0));
    for access in 100..116 {
        assert!(is_live(&store, access).await, "{access}");
    }
    // Each use begins its time anew.
    for _ in 0..3 {
        place.clock.advance(Duration::from_hours(24 * 300));
        let given = redeem(&store, &world, show_refresh(11), fresh(20, 21)).await;
        assert!(matches!(given, Redeemed::Issued { .. }), "{given:?}");
        store.forget_oauth_tokens().await.unwrap();
        place.clock.advance(Duration::from_hours(2));
        assert!(!is_live(&store, 20).await, "an access token does not stay");
        place.clock.advance(Duration::from_hours(24));
        store.forget_oauth_tokens().await.unwrap();
    }
    store.shutdown().await;
}

async fn nothing_is_given_for_a_grant_that_ended(place: Place) {
    let store = place.open().await;
    let world = furnish(&store, RefreshRule::Rotate).await;
    let mut other = registration("other.example", RefreshRule::Rotate);
    other.provider = "other.example".parse().unwrap();
    let other = store.create_oauth_client(other, &console()).await.unwrap();
    let client = authenticated(&store, &other);
    let stolen = store
        .redeem(client.into(), show_code(1), fresh(8, 9), None)
        .await;
    assert!(
        matches!(stolen, Ok(Redeemed::Refused(TokenRequestRefused::Code))),
        "{stolen:?}"
    );
    redeem(&store, &world, show_code(1), fresh(10, 11)).await;
    let as_refresh = redeem(&store, &world, show_refresh(10), fresh(12, 13)).await;
    assert!(
        matches!(as_refresh, Redeemed::Refused(_)),
        "an access token is no refresh token"
    );
    let ended = store
        .end_grant(world.grant.id, GrantEnd::RevokedByOwner, &console())
        .await;
    assert!(ended.unwrap());
    assert!(!is_live(&store, 10).await);
    let late = redeem(&store, &world, show_refresh(11), fresh(14, 15)).await;
    assert!(matches!(late, Redeemed::Refused(_)), "{late:?}");
    store.shutdown().await;
}
