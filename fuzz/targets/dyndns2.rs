//! Calls of the older dynamic DNS protocols: each has a line for each host, what is set is public, and what
//! is done twice changes nothing the second time.
//!
//! Input: a query string without escapes, the user name, and the path of the protocols that have one.

#![no_main]

use std::net::IpAddr;

use apertodns::address::{AddressChanges, Addresses, DocumentationRanges};
use apertodns::dyndns2::{Reply, ReplyLine, UpdateCall};
use apertodns::{afraid, duckdns};
use easement_fuzz::parts;
use libfuzzer_sys::fuzz_target;

const RANGES: DocumentationRanges = DocumentationRanges::Accept;

fuzz_target!(|text: &str| {
    let [query, user, path] = parts(text);
    let pairs = || {
        query
            .split('&')
            .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
    };
    match UpdateCall::parse(pairs(), Some(user)) {
        Ok(call) => nic_update(&call),
        Err(error) => assert!(!error.reply().to_string().is_empty()),
    }
    let base = "dyn.example".parse().ok();
    let calls = [
        duckdns::UpdateCall::parse(pairs(), base.as_ref()),
        duckdns::UpdateCall::parse_path(path, base.as_ref()),
    ];
    for call in calls.iter().flatten() {
        assert!((1..=duckdns::UpdateCall::MAX_HOSTS).contains(&call.hosts.len()));
        assert!(!call.token.reveal().is_empty());
        for changes in sources()
            .into_iter()
            .flat_map(|source| call.changes(source, RANGES))
        {
            check(&changes);
        }
    }
    if let Ok(call) = afraid::UpdateCall::parse(path, pairs()) {
        for changes in sources()
            .into_iter()
            .flat_map(|source| call.changes(source, RANGES))
        {
            check(&changes);
        }
    }
});

fn sources() -> [Option<IpAddr>; 4] {
    // Some proxies do not say from where a call came.
    ["192.0.2.9", "2001:db8::9", "::ffff:10.0.0.1", ""].map(|text| text.parse().ok())
}

fn nic_update(call: &UpdateCall) {
    assert!((1..=UpdateCall::MAX_HOSTS).contains(&call.targets.len()));
    for source in sources() {
        let lines = call.targets.iter().map(|target| match &target.wish {
            Ok(wish) => match wish.changes(source, RANGES) {
                Ok(changes) => ReplyLine::Good(check(&changes)),
                Err(fault) => fault.reply_line(),
            },
            Err(fault) => fault.reply_line(),
        });
        let reply = Reply::new(lines.collect()).to_string();
        assert_eq!(reply.lines().count(), call.targets.len(), "{reply}");
        assert!(reply.lines().all(|line| !line.is_empty()), "{reply}");
    }
}

/// The addresses of a host after changes.
fn check(changes: &AddressChanges) -> Addresses {
    let bare = changes.apply(&Addresses::default());
    assert_eq!(
        bare.check_public(RANGES),
        Ok(()),
        "only rewriting may give others"
    );
    let now = Addresses {
        ipv4: vec![[9, 9, 9, 9].into()],
        ipv6: vec![[0x2620, 0xfe, 0, 0, 0, 0, 0, 9].into()],
    };
    let then = changes.apply(&now);
    assert_eq!(changes.apply(&then), then);
    then
}
