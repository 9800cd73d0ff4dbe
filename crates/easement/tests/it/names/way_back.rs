//! How the answer comes back: by the browser, or pasted.

use std::io::Write as _;

use super::Owner;
use crate::run::Ended;

#[tokio::test(flavor = "multi_thread")]
async fn whoever_does_not_know_the_state_ends_nothing() {
    let Some(owner) = Owner::start().await else {
        return;
    };
    let mut connect = owner.connect(&[]).await;
    let link: url::Url = connect.link.parse().unwrap();
    let back = link.query_pairs().find(|(name, _)| name == "redirect_uri");
    let back: url::Url = back.unwrap().1.parse().unwrap();
    let elsewhere = back.join("/return/guessed?code=c&state=x").unwrap();
    let unfit = "does not fit the question, and was not taken";
    for (url, words) in [
        (elsewhere.to_string(), "not the page that you look for"),
        (back.to_string(), unfit),
        (format!("{back}?code=c"), unfit),
        (format!("{back}?code=c&state=wrong"), unfit),
        (format!("{back}?error=access_denied"), unfit),
        (format!("{back}?error=access_denied&state=wrong"), unfit),
    ] {
        owner.0.open(&url).await;
        owner.0.reads(&[words]).await;
        assert!(connect.is_waiting(), "{url}");
    }
    owner.choose(&connect.link).await;
    owner.0.agree().await;
    let ended = connect.end();
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(ended.data.contains("notes.example.test"), "{ended:?}");
}

/// Pastes what the address of the last page becomes, and tells how the command ended.
async fn paste(owner: &Owner, is_agreed: bool, change: fn(String) -> String) -> Ended {
    let mut connect = owner.connect(&["--paste"]).await;
    owner.choose(&connect.link).await;
    if is_agreed {
        owner.0.agree().await;
    } else {
        owner.0.decline().await;
    }
    // Nothing answers there.
    let address = owner.0.comes_to("http://127.0.0.1/return?").await;
    assert!(connect.is_waiting());
    let mut input = connect.process.stdin.take().unwrap();
    writeln!(input, "{}", change(address)).unwrap();
    drop(input);
    connect.end()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_is_pasted_where_no_browser_comes_back() {
    let Some(owner) = Owner::start().await else {
        return;
    };
    let of_another = paste(&owner, true, |address| address.replace("state=", "state=x")).await;
    assert_eq!(of_another.code, Some(3), "{of_another:?}");
    let nothing = paste(&owner, true, |_| String::new()).await;
    assert_eq!(nothing.code, Some(3), "{nothing:?}");
    assert!(nothing.said.contains("there is no code"), "{nothing:?}");
    let refused = paste(&owner, false, |address| address).await;
    assert_eq!(refused.code, Some(5), "{refused:?}");
    let guessed = paste(&owner, true, |_| "guessed".to_owned()).await;
    assert_eq!(guessed.code, Some(1), "{guessed:?}");
    assert!(guessed.said.contains("invalid_grant"), "{guessed:?}");
    assert!(!owner.path().exists());

    let given = paste(&owner, true, |address| address).await;
    assert_eq!(given.code, Some(0), "{given:?}");
    owner.names(&["get"]).done();
}
