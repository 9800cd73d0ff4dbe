//! The protocols of DuckDNS and FreeDNS.

use apertodns::address::{Addresses, DocumentationRanges};
use apertodns::afraid;
use apertodns::duckdns::{CallError, Change, Detail, Reply, UpdateCall, Wish};

fn parse(query: &[(&str, &str)]) -> Result<UpdateCall, CallError> {
    let base = "dyn.example".parse().unwrap();
    UpdateCall::parse(query.iter().copied(), Some(&base))
}

fn then(query: &[(&str, &str)], source: &str) -> String {
    let now = Addresses {
        ipv4: vec!["192.0.2.1".parse().unwrap()],
        ipv6: vec!["2001:db8::1".parse().unwrap()],
    };
    let query = [query, &[("domains", "home"), ("token", "t")]].concat();
    let source = source.parse().unwrap();
    match parse(&query) {
        Ok(call) => match call.changes(Some(source), DocumentationRanges::Accept) {
            Ok(changes) => changes.apply(&now).to_string(),
            Err(_) => "fault".to_owned(),
        },
        Err(_) => "KO".to_owned(),
    }
}

#[test]
fn addresses_are_taken_from_parameters_or_the_connection() {
    let (v4, v6) = ("198.51.100.9", "2001:db8::9");
    for (query, source, expected) in [
        (&[][..], v4, "198.51.100.9,2001:db8::1"),
        (&[], v6, "192.0.2.1,2001:db8::9"),
        (&[("ip", "")], v4, "198.51.100.9,2001:db8::1"),
        (&[("ip", "192.0.2.7")], v4, "192.0.2.7,2001:db8::1"),
        (&[("ip", "2001:db8::7")], v4, "192.0.2.1,2001:db8::7"),
        (&[("ipv6", "2001:db8::7")], v4, "192.0.2.1,2001:db8::7"),
        (
            &[("ip", "192.0.2.7"), ("ipv6", "2001:db8::7")],
            v4,
            "192.0.2.7,2001:db8::7",
        ),
        (
            &[("ip", "2001:db8::6"), ("ipv6", "2001:db8::7")],
            v4,
            "192.0.2.1,2001:db8::7",
        ),
        (
            &[("ip", "192.0.2.7"), ("ipv6", "")],
            v4,
            "192.0.2.7,2001:db8::1",
        ),
        (&[("clear", "true"), ("ip", "192.0.2.7")], v4, ""),
        (
            &[("clear", "false"), ("ip", "192.0.2.7")],
            v4,
            "192.0.2.7,2001:db8::1",
        ),
        (&[("txt", "x")], v4, "192.0.2.1,2001:db8::1"),
        (
            &[("txt", ""), ("clear", "true")],
            v4,
            "192.0.2.1,2001:db8::1",
        ),
        (&[("txt", "")], v4, "KO"),
        (&[("ip", "home")], v4, "KO"),
        (&[("ipv6", "192.0.2.7")], v4, "KO"),
        (&[("ip", "10.0.0.1")], v4, "fault"),
    ] {
        assert_eq!(then(query, source), expected, "{query:?} from {source}");
    }
}

#[test]
fn hosts_are_below_the_base_or_full() {
    let hosts = |domains: &str| {
        let call = parse(&[("domains", domains), ("token", "t")])?;
        let hosts = call.hosts.iter();
        Ok(hosts.map(ToString::to_string).collect::<Vec<_>>().join(" "))
    };
    assert_eq!(
        hosts("a,b.other.example,C"),
        Ok("a.dyn.example b.other.example c.dyn.example".to_owned())
    );
    assert_eq!(hosts(""), Err(CallError::NoHost));
    assert!(matches!(hosts("a_b"), Err(CallError::Hostname(_))));
    assert_eq!(
        hosts(&"a,".repeat(21)),
        Err(CallError::TooManyHosts { hosts: 21 })
    );
    let bare = UpdateCall::parse([("domains", "a"), ("token", "t")], None);
    assert!(matches!(bare, Err(CallError::Hostname(_))));
    let no_token = parse(&[("domains", "a"), ("token", "")]);
    assert_eq!(no_token, Err(CallError::NoToken));
}

#[test]
fn texts_are_set_and_cleared() {
    let wish = |query: &[(&str, &str)]| {
        let query = [
            query,
            &[("domains", "home"), ("token", "t"), ("verbose", "true")],
        ]
        .concat();
        let call = parse(&query).unwrap();
        assert_eq!(call.detail, Detail::Verbose);
        call.wish
    };
    assert!(matches!(wish(&[("txt", "tok")]), Wish::SetTxt(value) if value.as_str() == "tok"));
    assert_eq!(wish(&[("txt", "tok"), ("clear", "true")]), Wish::ClearTxt);
    let reply = Reply::Txt {
        now: "tok".to_owned(),
        change: Change::NoChange,
    };
    assert_eq!(reply.to_string(), "OK\ntok\nNOCHANGE");
    assert_eq!(Reply::Ok.to_string(), "OK");
}

#[test]
fn paths_say_the_same_as_parameters() {
    let base = "dyn.example".parse().unwrap();
    let path = |path| UpdateCall::parse_path(path, Some(&base));
    let call = path("home/t/192.0.2.7/").unwrap();
    let same = parse(&[("domains", "home"), ("token", "t"), ("ip", "192.0.2.7")]);
    assert_eq!(Ok(call), same);
    assert!(path("home/t").is_ok());
    assert_eq!(path("home"), Err(CallError::NoToken));
    assert_eq!(path(""), Err(CallError::NoHost));
}

#[test]
fn a_token_in_the_path_changes_one_family() {
    let now = Addresses {
        ipv4: vec!["192.0.2.1".parse().unwrap()],
        ipv6: vec!["2001:db8::1".parse().unwrap()],
    };
    let then = |query: &[(&str, &str)], source: &str| {
        let call = afraid::UpdateCall::parse("tok/", query.iter().copied()).ok()?;
        let source = source.parse().unwrap();
        let changes = call
            .changes(Some(source), DocumentationRanges::Accept)
            .ok()?;
        Some(changes.apply(&now).to_string())
    };
    for (query, source, expected) in [
        (&[][..], "198.51.100.9", Some("198.51.100.9,2001:db8::1")),
        (&[], "::ffff:198.51.100.9", Some("198.51.100.9,2001:db8::1")),
        (&[], "2001:db8::9", Some("192.0.2.1,2001:db8::9")),
        (
            &[("address", "192.0.2.7")],
            "2001:db8::9",
            Some("192.0.2.7,2001:db8::1"),
        ),
        (
            &[("myip", "2001:db8::7")],
            "198.51.100.9",
            Some("192.0.2.1,2001:db8::7"),
        ),
        (
            &[("myip", "")],
            "198.51.100.9",
            Some("198.51.100.9,2001:db8::1"),
        ),
        (
            &[("content-type", "json")],
            "198.51.100.9",
            Some("198.51.100.9,2001:db8::1"),
        ),
        (&[("address", "home")], "198.51.100.9", None),
        (&[("address", "10.0.0.1")], "198.51.100.9", None),
    ] {
        assert_eq!(then(query, source).as_deref(), expected, "{query:?}");
    }
    for token in ["", "/", "a/b", "a b", "\u{fc}", &"a".repeat(129)] {
        let call = afraid::UpdateCall::parse(token, []);
        assert_eq!(call, Err(afraid::CallError::Token), "{token}");
    }
}
