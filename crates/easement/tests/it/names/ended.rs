//! What was given is refused, narrowed, or taken back.

use serde_json::json;

use super::{FILE, NAME, Owner};

#[tokio::test(flavor = "multi_thread")]
async fn an_owner_who_cancels_gives_nothing() {
    let Some(owner) = Owner::start().await else {
        return;
    };
    let connect = owner.connect(&["--json"]).await;
    owner.choose(&connect.link).await;
    owner.0.decline().await;
    owner.0.reads(&["no name was given"]).await;
    connect
        .end()
        .failed(5, &["access_denied", "Nothing was given"]);
    assert!(!owner.path().exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_owner_leaves_less_and_takes_everything_back() {
    let Some(owner) = Owner::start().await else {
        return;
    };
    owner.give().await;
    owner.names(&["set", "A=192.0.2.5"]).done();
    let person = &owner.0;
    person.open(&person.demo.page("/apps")).await;
    person.click("td.name a").await;
    person.press("#keep-1").await;
    person.click("form[action$=narrow] button").await;
    let narrowed = owner.names(&["set", "A=192.0.2.6"]);
    narrowed.failed(3, &["does not cover"]);
    let proof = "_acme-challenge.{{host}}:TXT=proof";
    owner.names(&["set", proof]).done();

    person.open(&person.demo.page("/apps")).await;
    person.click("td.name a").await;
    person.click("a.danger").await;
    person.click("button.danger").await;
    is_over(&owner);
    assert_eq!(person.dig(NAME, "A"), ["192.0.2.5"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_given_back_is_over_and_can_be_given_anew() {
    let Some(owner) = Owner::start().await else {
        return;
    };
    owner.give().await;
    owner.give_back("refresh_token");
    is_over(&owner);
    assert_eq!(owner.0.dig(NAME, "A"), [""; 0]);

    // The file is not written over.
    let base = owner.base();
    let connect = ["connect", "--namedrop", &base, "--access", FILE];
    let again = owner.0.demo.run(&owner.0.folder, &connect);
    again.failed(3, &["is there already", "move it away"]);
    std::fs::rename(owner.path(), owner.0.folder.path().join("old.json")).unwrap();
    owner.give().await;
    owner.names(&["set", "A=192.0.2.5"]).done();
    assert_eq!(owner.0.dig(NAME, "A"), ["192.0.2.5"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_forgotten_is_given_back() {
    let Some(owner) = Owner::start().await else {
        return;
    };
    owner.give().await;
    owner.names(&["set", "A=192.0.2.5"]).done();

    // A server that is not there.
    let access = owner.access();
    let nobody = "http://127.0.0.1:1/namedrop";
    owner.change_access(|access| access["api"] = json!(nobody));
    let away = owner.names(&["forget"]);
    away.failed(1, &["not given back", "names.json stays", "--force"]);
    owner.write_access(&access);

    let forgotten = owner.names(&["forget"]);
    assert_eq!(forgotten.code, Some(0), "{forgotten:?}");
    assert!(forgotten.said.contains("was given back"), "{forgotten:?}");
    assert!(!owner.path().exists());
    assert_eq!(owner.0.dig(NAME, "A"), ["192.0.2.5"]);
    has_no_apps(&owner).await;

    // It was given back, and is not only gone here.
    owner.write_access(&access);
    is_over(&owner);

    // What is over already, and a server that cannot be told.
    owner.names(&["forget"]).done();
    owner
        .names(&["forget"])
        .failed(4, &["names.json", "hint: `easement connect"]);
    owner.write_access(&access);
    owner.change_access(|access| access["api"] = json!(nobody));
    let forced = owner.names(&["forget", "--force"]);
    assert_eq!(forced.code, Some(0), "{forced:?}");
    assert!(forced.said.contains("warning: "), "{forced:?}");
    assert!(!owner.path().exists());

    // Behind a link: no token stays in the file that it leads to.
    owner.write_access(&access);
    let real = owner.0.folder.path().join("elsewhere.json");
    std::fs::rename(owner.path(), &real).unwrap();
    std::os::unix::fs::symlink(&real, owner.path()).unwrap();
    owner.change_access(|access| access["api"] = json!(nobody));
    let forced = owner.names(&["forget", "--force"]);
    assert_eq!(forced.code, Some(0), "{forced:?}");
    for path in [&real, &owner.path()] {
        assert!(std::fs::symlink_metadata(path).is_err(), "{path:?}");
    }

    // Without a refresh token more than the access token cannot be given back, and that is what is said.
    owner.write_access(&access);
    owner.change_access(|access| access["refresh_token"] = json!(null));
    let forgotten = owner.names(&["forget"]);
    assert_eq!(forgotten.code, Some(0), "{forgotten:?}");
    let words = "The access token was given back";
    assert!(forgotten.said.contains(words), "{forgotten:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_kept_is_given_back() {
    let Some(owner) = Owner::start().await else {
        return;
    };
    let connect = owner.connect(&[]).await;
    owner.choose(&connect.link).await;
    // Meanwhile something else has taken the name.
    owner.0.folder.write(FILE, "mine");
    owner.0.agree().await;
    let ended = connect.end();
    assert_eq!(ended.code, Some(1), "{ended:?}");
    for words in ["was given back", "cannot write names.json"] {
        assert!(ended.said.contains(words), "{ended:?}");
    }
    assert_eq!(std::fs::read_to_string(owner.path()).unwrap(), "mine");
    has_no_apps(&owner).await;
}

async fn has_no_apps(owner: &Owner) {
    let person = &owner.0;
    person.open(&person.demo.page("/apps")).await;
    person.reads(&["No app has access to your zones"]).await;
}

/// Each call says so, and what to do; the file stays as it is.
#[track_caller]
fn is_over(owner: &Owner) {
    let before = owner.access();
    let again = format!("easement connect --namedrop {}", owner.base());
    for arguments in [&["get"][..], &["set", "A=192.0.2.9"], &["delete", "A"]] {
        let ended = owner.names(arguments);
        ended.failed(1, &["counts no more", &again, FILE]);
    }
    assert_eq!(owner.access(), before);
}
