//! Calls of NameDrop, links and exchanges of tokens: what is refused is refused in a document that says why; what is
//! planned can be done, touches nothing that the permissions do not open, and is done once.
//!
//! Input: a body, query or form.

#![no_main]

use easement_zone::{Name, RecordData, Zone, diff};
use libfuzzer_sys::fuzz_target;
use namedrop::{
    Action, App, AuthorizeError, AuthorizeQuery, ErrorDocument, Permissions, RecordCall,
    RecordKind, Refusal, TokenRequest, list_records, plan_call,
};
use serde_json::json;

const LINES: &str = "\
@ TXT \"v=spf1 -all\"
@ TXT proof
sub A 192.0.2.1
evilsub A 192.0.2.2
_acme-challenge.sub TXT one
_x.sub TXT secret
alias.sub CNAME elsewhere.example.
delegated.sub NS ns.elsewhere.example.
s1._domainkey.sub TXT k
";

fuzz_target!(|input: &[u8]| {
    let zone = easement_fuzz::zone(LINES).expect("it is good");
    let permissions: Permissions = serde_json::from_value(json!([
        {"scope": "namedrop-hosts", "domain": "example.com", "host": "sub"},
        {"scope": "namedrop-mail", "domain": "example.com", "host": "*.sub"},
        {"scope": "namedrop-acme", "domain": "example.com", "host": "sub"},
    ]))
    .expect("they are good");
    for action in [Action::Get, Action::Create, Action::Set, Action::Delete] {
        match RecordCall::parse(action, input) {
            Ok(call) => check_call(&call, &permissions, &zone),
            Err(error) => check_document(&ErrorDocument::from(&error)),
        }
    }
    if let Ok(call) = RecordCall::parse_single(input) {
        check_call(&call, &permissions, &zone);
    }
    let Ok(text) = std::str::from_utf8(input) else {
        return;
    };
    let _ = TokenRequest::parse(text, None);
    match AuthorizeQuery::parse(text) {
        Ok(query) => check_app(&query.app),
        Err(AuthorizeError::Told(told)) => check_app(&told.app),
        Err(AuthorizeError::Pairs(_) | AuthorizeError::App(_)) => {}
    }
});

fn check_app(app: &App) {
    let redirect = app.redirect();
    assert!(
        redirect.as_str().starts_with(app.origin().ascii()),
        "{app:?}"
    );
    assert!(["https", "http"].contains(&redirect.scheme()));
    assert_eq!(
        (
            redirect.username(),
            redirect.password(),
            redirect.fragment()
        ),
        ("", None, None)
    );
}

fn check_call(call: &RecordCall, permissions: &Permissions, zone: &Zone) {
    if call.action == Action::Get {
        match call.resolve_listing(permissions) {
            Ok(listing) => assert!(list_records(&listing, zone).expect("it is short").len() < 10),
            Err(refusal) => check_refusal(&refusal),
        }
        return;
    }
    let resolved = match call.resolve(permissions) {
        Ok(resolved) => resolved,
        Err(refusal) => return check_refusal(&refusal),
    };
    let plan = match plan_call(&resolved, zone, &[]) {
        Ok(plan) => plan,
        Err(refusal) => return check_refusal(&refusal),
    };
    let after = zone.apply(&plan.changes).expect("a plan suits its zone");
    for (key, change) in diff(zone, &after).iter() {
        let data = |set: &Option<easement_zone::RecordSet>| {
            set.as_ref()
                .map_or_else(Vec::new, |set| set.data().to_vec())
        };
        let (before, then) = (data(&change.before), data(&change.after));
        let changed = before.iter().filter(|one| !then.contains(one));
        let changed = changed.chain(then.iter().filter(|one| !before.contains(one)));
        for data in changed {
            assert!(
                is_open(permissions, &key.owner, zone.apex(), data),
                "{} {data}",
                key.owner
            );
        }
    }
    if call.action != Action::Create {
        let again = plan_call(&resolved, &after, &[]).expect("once more is as good");
        assert!(again.changes.is_empty(), "{:?}", again.changes);
    }
}

fn is_open(permissions: &Permissions, owner: &Name, apex: &Name, data: &RecordData) -> bool {
    RecordKind::of(owner, apex, data)
        .is_some_and(|placed| permissions.cover(placed.kind.scope(), apex, &placed.subject))
}

fn check_refusal(refusal: &Refusal) {
    assert!(!refusal.records.is_empty());
    assert!([400, 403].contains(&refusal.status()));
    check_document(&ErrorDocument::from(refusal));
}

fn check_document(document: &ErrorDocument) {
    assert!(!document.errors.is_empty());
    for error in &document.errors {
        assert!(
            !error.message.is_empty() && error.message.len() < 1000,
            "{}",
            error.message
        );
    }
}
