//! `/nic/update`: what clients were seen to send, and what they are answered.

use apertodns::Secret;
use apertodns::address::{Addresses, DocumentationRanges};
use apertodns::dyndns2::{CallError, Reply, ReplyLine, UpdateCall, WildcardWish};

/// The pairs of a query string that needs no more decoding than this.
fn pairs(query: &str) -> Vec<(String, String)> {
    let decode = |text: &str| {
        text.replace("%3a", ":")
            .replace("%3A", ":")
            .replace("%2F", "/")
    };
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(name, value)| (decode(name), decode(value)))
        .collect()
}

fn parse(query: &str, user: Option<&str>) -> Result<UpdateCall, CallError> {
    let pairs = pairs(query);
    UpdateCall::parse(
        pairs
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str())),
        user,
    )
}

/// What a server answers whose hosts all have one address of each family.
fn answer(query: &str, user: Option<&str>, source: &str) -> String {
    let now = Addresses {
        ipv4: vec!["192.0.2.1".parse().unwrap()],
        ipv6: vec!["2001:db8::1:1".parse().unwrap()],
    };
    let call = match parse(query, user) {
        Ok(call) => call,
        Err(error) => return error.reply().to_string(),
    };
    let source = source.parse().unwrap();
    let lines = call.targets.iter().map(|target| {
        let wish = target.wish.clone();
        let changes = wish.and_then(|wish| wish.changes(Some(source), DocumentationRanges::Accept));
        match changes.map(|changes| changes.apply(&now)) {
            Ok(then) if then == now => ReplyLine::NoChange(then),
            Ok(then) => ReplyLine::Good(then),
            Err(fault) => fault.reply_line(),
        }
    });
    Reply::new(lines.collect()).to_string()
}

/// Where the calls come from below.
const SOURCE: &str = "198.51.100.9";

#[test]
fn clients_are_answered_as_they_expect() {
    for (client, query, expected) in [
        (
            "ddclient 3.10",
            "system=dyndns&hostname=home.example.test&myip=192.0.2.10",
            "good 192.0.2.10,2001:db8::1:1",
        ),
        (
            "ddclient 3.10, two hosts",
            "system=dyndns&hostname=a.example.test,b.example.test&myip=192.0.2.10",
            "good 192.0.2.10,2001:db8::1:1\ngood 192.0.2.10,2001:db8::1:1",
        ),
        (
            "ddclient 3.10, IPv6",
            "system=dyndns&hostname=home.example.test&myip=2001:db8::20",
            "good 192.0.2.1,2001:db8::20",
        ),
        (
            "ddclient 3.10, which knows no address",
            "system=dyndns&hostname=home.example.test&myip=",
            "good 198.51.100.9,2001:db8::1:1",
        ),
        (
            "ddclient 3.10, all options",
            "system=statdns&hostname=*.example.test&myip=192.0.2.10&wildcard=ON&mx=mail.example.test&backmx=YES",
            "good 192.0.2.10,2001:db8::1:1",
        ),
        (
            "ddclient 4",
            "hostname=home.example.test&myip=192.0.2.20,2001:db8::20",
            "good 192.0.2.20,2001:db8::20",
        ),
        (
            "inadyn 2.10",
            "hostname=home.example.test&myip=2001%3adb8%3a%3a10",
            "good 192.0.2.1,2001:db8::10",
        ),
        (
            "dyndnsc",
            "myip=2001%3Adb8%3A%3A10&hostname=home.example.test",
            "good 192.0.2.1,2001:db8::10",
        ),
        (
            "ddns, POST",
            "hostname=home.example.test&myip=192.0.2.10&password=pw",
            "good 192.0.2.10,2001:db8::1:1",
        ),
        (
            "noipy",
            "hostname=home.example.test&myip=192.0.2.1&wildcard=NOCHG&mx=NOCHG&backmx=NOCHG",
            "nochg 192.0.2.1,2001:db8::1:1",
        ),
        (
            "apertodns-client",
            "hostname=home.example.test",
            "good 198.51.100.9,2001:db8::1:1",
        ),
        (
            "ApertoDNS 1.4.0, quick start",
            "hostname=home.example.test&myip=auto",
            "good 198.51.100.9,2001:db8::1:1",
        ),
        (
            "Fritz!Box, both families",
            "hostname=home.example.test&myip=192.0.2.10&myipv6=2001:db8:7::1&ip6lanprefix=2001:db8:7::/64",
            "good 192.0.2.10,2001:db8:7::1",
        ),
        (
            "Fritz!Box, no IPv6 yet",
            "hostname=home.example.test&myip=192.0.2.10&ip6lanprefix=",
            "good 192.0.2.10,2001:db8::1:1",
        ),
    ] {
        assert_eq!(answer(query, Some("user"), SOURCE), expected, "{client}");
    }
}

/// Checks what one host is answered for parameters about its addresses.
fn check_addresses(cases: &[(&str, &str)]) {
    for (addresses, expected) in cases {
        let query = format!("hostname=home.example.test&{addresses}");
        assert_eq!(answer(&query, None, SOURCE), *expected, "{addresses}");
    }
}

#[test]
fn what_is_named_for_one_family_leaves_the_other() {
    check_addresses(&[
        ("myipv4=192.0.2.10", "good 192.0.2.10,2001:db8::1:1"),
        ("myipv6=2001:db8::20", "good 192.0.2.1,2001:db8::20"),
        ("ipv6=2001:db8::20", "good 192.0.2.1,2001:db8::20"),
        ("ip=192.0.2.10", "good 192.0.2.10,2001:db8::1:1"),
        (
            "myip=192.0.2.10&myipv6=2001:db8::20",
            "good 192.0.2.10,2001:db8::20",
        ),
    ]);
}

#[test]
fn what_is_for_one_family_goes_before_what_is_for_both() {
    check_addresses(&[
        (
            "myip=192.0.2.10&myipv4=192.0.2.11",
            "good 192.0.2.11,2001:db8::1:1",
        ),
        (
            "myip=2001:db8::5&myipv6=2001:db8::6",
            "good 192.0.2.1,2001:db8::6",
        ),
        (
            "ip=192.0.2.10&myip=192.0.2.11",
            "good 192.0.2.11,2001:db8::1:1",
        ),
        (
            "ip=2001:db8::5&myip=192.0.2.11",
            "good 192.0.2.11,2001:db8::5",
        ),
    ]);
}

#[test]
fn several_addresses_are_set_each_once() {
    check_addresses(&[
        (
            "myip=192.0.2.10,192.0.2.11,192.0.2.10",
            "good 192.0.2.10,192.0.2.11,2001:db8::1:1",
        ),
        (
            "myip=192.0.2.10&myip=192.0.2.11",
            "good 192.0.2.10,192.0.2.11,2001:db8::1:1",
        ),
        (
            " myip= 192.0.2.10 , 2001:db8::20 ",
            "good 198.51.100.9,2001:db8::1:1",
        ),
        (
            "myip= 192.0.2.10 , 2001:db8::20 ",
            "good 192.0.2.10,2001:db8::20",
        ),
        ("MYIP=192.0.2.10", "good 192.0.2.10,2001:db8::1:1"),
    ]);
}

#[test]
fn words_keep_and_detect() {
    check_addresses(&[
        (
            "myip=preserve&myipv6=2001:db8::20",
            "good 192.0.2.1,2001:db8::20",
        ),
        (
            "myip=192.0.2.10&myipv6=preserve",
            "good 192.0.2.10,2001:db8::1:1",
        ),
        (
            "myipv4=preserve&myipv6=preserve",
            "nochg 192.0.2.1,2001:db8::1:1",
        ),
        ("myip=auto&myipv6=auto", "good 198.51.100.9,2001:db8::1:1"),
        ("myipv6=auto", "dnserr"),
    ]);
}

#[test]
fn nothing_deletes_only_where_one_family_is_named() {
    check_addresses(&[
        ("myip=&ip=", "good 198.51.100.9,2001:db8::1:1"),
        ("myip=,", "good 198.51.100.9,2001:db8::1:1"),
        ("myipv4=", "good 2001:db8::1:1"),
        ("myipv6=", "good 192.0.2.1"),
        ("myip=192.0.2.10&ipv6=", "good 192.0.2.10"),
        ("myipv4=&myipv6=", "good"),
        ("offline=YES&myip=192.0.2.10", "good"),
        (
            "offline=NO&myip=192.0.2.10",
            "good 192.0.2.10,2001:db8::1:1",
        ),
    ]);
}

#[test]
fn prefixes_keep_the_rest_of_each_address() {
    check_addresses(&[
        ("myip=198.51.100.0/24", "good 198.51.100.1,2001:db8::1:1"),
        ("myipv6=2001:db8:5::/64", "good 192.0.2.1,2001:db8:5::1:1"),
        (
            "myip=192.0.2.10,2001:db8:5::/64",
            "good 192.0.2.10,2001:db8:5::1:1",
        ),
        (
            "ip6lanprefix=2001:db8:5::/64",
            "good 192.0.2.1,2001:db8:5::1:1",
        ),
        (
            "ipv6lanprefix=2001:db8:5::%2F64",
            "good 192.0.2.1,2001:db8:5::1:1",
        ),
    ]);
}

#[test]
fn what_cannot_be_is_answered_so() {
    check_addresses(&[
        ("myip=192.0.2.256", "dnserr"),
        ("myip=192.168.1.1", "dnserr"),
        ("myip=192.0.2.10,fe80::1", "dnserr"),
        ("myip=home", "dnserr"),
        ("myipv4=2001:db8::1", "dnserr"),
        ("myipv6=192.0.2.10", "dnserr"),
        ("myipv6=2001:db8::1,192.0.2.10", "dnserr"),
        ("myip=192.0.2.10,198.51.100.0/24", "dnserr"),
        ("myip=192.0.2.0/24,198.51.100.0/24", "dnserr"),
        ("myip=192.0.2.0/33", "dnserr"),
        ("ip6lanprefix=2001:db8::1", "dnserr"),
        (
            "myip=192.0.2.1,192.0.2.2,192.0.2.3,192.0.2.4,192.0.2.5,192.0.2.6,192.0.2.7,192.0.2.8,192.0.2.9",
            "dnserr",
        ),
    ]);
}

#[test]
fn a_call_over_ipv6_that_names_nothing_sets_that_family_alone() {
    let expected = "good 192.0.2.1,2001:db8::99";
    for query in [
        "hostname=home.example.test",
        "hostname=home.example.test&myip=",
    ] {
        assert_eq!(answer(query, None, "2001:db8::99"), expected, "{query}");
    }
    let mapped = answer("hostname=home.example.test", None, "::ffff:198.51.100.9");
    assert_eq!(mapped, "good 198.51.100.9,2001:db8::1:1");
    assert_eq!(
        answer("hostname=home.example.test", None, "10.0.0.1"),
        "dnserr"
    );
}

#[test]
fn hosts_have_lines_in_their_order() {
    for (query, user, expected) in [
        ("hostname=home&myip=192.0.2.1", None, "notfqdn"),
        (
            "hostname=a.test,home,b.test&myip=192.0.2.1",
            None,
            "nochg 192.0.2.1,2001:db8::1:1\nnotfqdn\nnochg 192.0.2.1,2001:db8::1:1",
        ),
        (
            "hostname=a.test,a.test&myip=192.168.1.1",
            None,
            "dnserr\ndnserr",
        ),
        (
            "hostname=a.test,,&myip=192.0.2.1",
            None,
            "nochg 192.0.2.1,2001:db8::1:1",
        ),
        (
            "hostname=a.test&hostname=b&myip=192.0.2.1",
            None,
            "nochg 192.0.2.1,2001:db8::1:1\nnotfqdn",
        ),
        (
            "host_id=a.test&myip=192.0.2.1",
            None,
            "nochg 192.0.2.1,2001:db8::1:1",
        ),
        (
            "myip=192.0.2.1",
            Some("a.test"),
            "nochg 192.0.2.1,2001:db8::1:1",
        ),
        (
            "username=a.test&myip=192.0.2.1",
            None,
            "nochg 192.0.2.1,2001:db8::1:1",
        ),
        (
            "hostname=YES&myip=192.0.2.1",
            Some("a.test"),
            "nochg 192.0.2.1,2001:db8::1:1",
        ),
        (
            "hostname=&myip=192.0.2.1",
            Some("me@example.test"),
            "notfqdn",
        ),
        ("myip=192.0.2.1", None, "notfqdn"),
        ("", None, "notfqdn"),
    ] {
        assert_eq!(answer(query, user, SOURCE), expected, "{query}");
    }
}

#[test]
fn a_host_may_have_parameters_of_its_own() {
    for (query, expected) in [
        (
            "hostname=a.test,b.test&myip=192.0.2.10&myipv4:b.test=192.0.2.11",
            "good 192.0.2.10,2001:db8::1:1\ngood 192.0.2.11,2001:db8::1:1",
        ),
        (
            "hostname=a.test&myipv6=2001:db8:5::1&myipv6:NAS.test=2001:db8:5::/64",
            "good 192.0.2.1,2001:db8:5::1\ngood 192.0.2.1,2001:db8:5::1:1",
        ),
        ("myipv6:nas.test=", "good 192.0.2.1"),
        (
            "hostname=a.test&myip=192.0.2.10&myipv4:a.test=preserve",
            "nochg 192.0.2.1,2001:db8::1:1",
        ),
        (
            "hostname=a.test&myipv4:home=192.0.2.10",
            "good 198.51.100.9,2001:db8::1:1",
        ),
    ] {
        assert_eq!(answer(query, None, SOURCE), expected, "{query}");
    }
}

#[test]
fn twenty_hosts_are_enough() {
    let hosts = |count: usize| vec!["a.test"; count].join(",");
    let query = |count| format!("hostname={}&myip=192.0.2.10", hosts(count));
    assert_eq!(parse(&query(20), None).unwrap().targets.len(), 20);
    assert_eq!(
        parse(&query(21), None),
        Err(CallError::TooManyHosts { hosts: 21 })
    );
    assert_eq!(answer(&query(21), None, SOURCE), "numhost");
    let with_own = format!("{}&myipv4:b.test=192.0.2.1", query(20));
    assert_eq!(answer(&with_own, None, SOURCE), "numhost");
}

#[test]
fn what_else_a_call_says_is_kept() {
    let call = parse("hostname=a.test&wildcard=On&password=pw", None).unwrap();
    assert_eq!(call.wildcard, WildcardWish::On);
    assert_eq!(call.password.as_ref().map(Secret::reveal), Some("pw"));
    assert!(!format!("{call:?}").contains("pw"), "it is not printed");
    let call = parse("hostname=a.test&wildcard=NOCHG", None).unwrap();
    assert_eq!(
        (call.wildcard, call.password),
        (WildcardWish::NoChange, None)
    );
}
