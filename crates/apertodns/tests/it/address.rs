//! Which addresses are public, and which texts are addresses.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use apertodns::address::{
    Address as _, DocumentationRanges, Network, Prefix, SPECIAL_RANGES, check_public,
};

fn range_of(text: &str, documentation: DocumentationRanges) -> Option<String> {
    let address: IpAddr = text.parse().unwrap();
    let error = check_public(address, documentation).err()?;
    Some(error.range.to_string())
}

#[test]
fn the_ranges_of_the_draft_are_refused_at_both_ends() {
    for (range, first, last) in [
        ("0.0.0.0/8", "0.0.0.0", "0.255.255.255"),
        ("10.0.0.0/8", "10.0.0.0", "10.255.255.255"),
        ("100.64.0.0/10", "100.64.0.0", "100.127.255.255"),
        ("127.0.0.0/8", "127.0.0.0", "127.255.255.255"),
        ("169.254.0.0/16", "169.254.0.0", "169.254.255.255"),
        ("172.16.0.0/12", "172.16.0.0", "172.31.255.255"),
        ("192.0.0.0/24", "192.0.0.0", "192.0.0.255"),
        ("192.0.2.0/24", "192.0.2.0", "192.0.2.255"),
        ("192.168.0.0/16", "192.168.0.0", "192.168.255.255"),
        ("198.18.0.0/15", "198.18.0.0", "198.19.255.255"),
        ("198.51.100.0/24", "198.51.100.0", "198.51.100.255"),
        ("203.0.113.0/24", "203.0.113.0", "203.0.113.255"),
        ("224.0.0.0/4", "224.0.0.0", "239.255.255.255"),
        ("240.0.0.0/4", "240.0.0.0", "255.255.255.254"),
        ("255.255.255.255/32", "255.255.255.255", "255.255.255.255"),
        ("::/128", "::", "::"),
        ("::1/128", "::1", "::1"),
        ("::ffff:0.0.0.0/96", "::ffff:0:0", "::ffff:ffff:ffff"),
        ("64:ff9b::/96", "64:ff9b::", "64:ff9b::ffff:ffff"),
        ("100::/64", "100::", "100::ffff:ffff:ffff:ffff"),
        (
            "2001:db8::/32",
            "2001:db8::",
            "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff",
        ),
        (
            "fc00::/7",
            "fc00::",
            "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
        ),
        (
            "fe80::/10",
            "fe80::",
            "febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
        ),
        (
            "ff00::/8",
            "ff00::",
            "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
        ),
    ] {
        for address in [first, last] {
            let found = range_of(address, DocumentationRanges::Refuse);
            assert_eq!(found.as_deref(), Some(range), "{address}");
        }
    }
}

#[test]
fn what_lies_beside_the_ranges_is_public() {
    for address in [
        "1.0.0.0",
        "9.255.255.255",
        "11.0.0.0",
        "100.63.255.255",
        "100.128.0.0",
        "126.255.255.255",
        "128.0.0.0",
        "169.253.255.255",
        "169.255.0.0",
        "172.15.255.255",
        "172.32.0.0",
        "191.255.255.255",
        "192.0.1.0",
        "192.0.3.0",
        "192.167.255.255",
        "192.169.0.0",
        "198.17.255.255",
        "198.20.0.0",
        "198.51.99.255",
        "198.51.101.0",
        "203.0.112.255",
        "203.0.114.0",
        "223.255.255.255",
        "192.31.196.1",
        "192.175.48.1",
        "2001:200::1",
        "2001:db7:ffff::1",
        "2001:db9::1",
        "2a00::1",
        "2620:4f:8000::1",
        "3ffe:ffff::1",
        "3fff:1000::1",
    ] {
        assert_eq!(
            range_of(address, DocumentationRanges::Refuse),
            None,
            "{address}"
        );
    }
}

#[test]
fn private_addresses_are_found_inside_others() {
    for (address, expected) in [
        ("::ffff:192.168.1.1", Some("::ffff:0.0.0.0/96")),
        ("::ffff:9.9.9.9", Some("::ffff:0.0.0.0/96")),
        ("::192.168.1.1", Some("::/96")),
        ("64:ff9b::192.168.1.1", Some("64:ff9b::/96")),
        ("64:ff9b:1::192.168.1.1", Some("64:ff9b:1::/48")),
        ("2002:c0a8:101::1", Some("192.168.0.0/16")),
        ("2002:7f00:1::", Some("127.0.0.0/8")),
        ("2002:c000:201::1", Some("192.0.2.0/24")),
        ("2002:909:909::1", None),
        // Teredo: the server is 9.9.9.9, the client 192.168.1.1 and then 9.9.9.9, turned round.
        ("2001:0:909:909:0:0:3f57:fefe", Some("192.168.0.0/16")),
        ("2001:0:909:909:0:0:f6f6:f6f6", None),
        ("2001:0:a00:1:0:0:f6f6:f6f6", Some("10.0.0.0/8")),
    ] {
        let found = range_of(address, DocumentationRanges::Refuse);
        assert_eq!(found.as_deref(), expected, "{address}");
    }
}

#[test]
fn accepting_examples_accepts_nothing_else() {
    let accepted = |address| range_of(address, DocumentationRanges::Accept).is_none();
    for address in [
        "192.0.2.1",
        "198.51.100.1",
        "203.0.113.50",
        "2001:db8::1",
        "3fff::1",
        "2002:c000:201::1",
    ] {
        assert!(accepted(address), "{address}");
    }
    for address in [
        "10.0.0.1",
        "127.0.0.1",
        "::1",
        "fe80::1",
        "::ffff:192.0.2.1",
        "2002:a00:1::1",
    ] {
        assert!(!accepted(address), "{address}");
    }
}

#[test]
fn every_range_says_what_it_is() {
    for range in SPECIAL_RANGES {
        let text = range.to_string();
        let network: Network = text.parse().unwrap();
        assert_eq!(
            network.to_string(),
            text,
            "the first address of the range is its own"
        );
        assert!(range.source.starts_with("RFC "), "{text}");
        let (year, month) = range.since.split_once('-').unwrap();
        assert!((1981..=2025).contains(&year.parse().unwrap()), "{text}");
        assert!((1..=12).contains(&month.parse().unwrap()), "{text}");
    }
}

#[test]
fn one_text_is_one_address() {
    for text in [
        "",
        "1",
        "1.2.3",
        "1.2.3.4.5",
        "01.2.3.4",
        "1.2.3.04",
        "0x7f.0.0.1",
        "0177.0.0.1",
        "2130706433",
        "127.1",
        "1.2.3.4 ",
        " 1.2.3.4",
        "1.2.3.4\n",
        "1.2.3.256",
        "1.2.3.-4",
        "+1.2.3.4",
        "1.2.3.4/32",
        "[1.2.3.4]",
        "1.2.3.4:80",
        "\u{661}.2.3.4",
        "1.2.3.4\0",
    ] {
        assert!(Ipv4Addr::parse(text).is_err(), "{text:?}");
    }
    for text in [
        "",
        ":",
        ":::",
        "1::2::3",
        "fe80::1%eth0",
        "fe80::1%25eth0",
        "[2001:db8::1]",
        "2001:db8::1/64",
        "2001:db8::12345",
        "2001:db8::g",
        "1:2:3:4:5:6:7",
        "1:2:3:4:5:6:7:8:9",
        " ::1",
        "::1 ",
        "::1.2.3",
        "2001:db8::1\0",
    ] {
        assert!(Ipv6Addr::parse(text).is_err(), "{text:?}");
    }
    assert!(Ipv6Addr::parse("2001:DB8:0:0::1").is_ok());
}

#[test]
fn prefixes_are_rewritten_bit_by_bit() {
    for (prefix, before, after) in [
        (
            "2001:db8:1:2::/64",
            "2001:db8:9:9:a:b:c:d",
            "2001:db8:1:2:a:b:c:d",
        ),
        (
            "2001:db8:1:2::/56",
            "2001:db8:9:9:a:b:c:d",
            "2001:db8:1:9:a:b:c:d",
        ),
        (
            "2001:db8:1:200::/57",
            "2001:db8:9:1ff:a:b:c:d",
            "2001:db8:1:27f:a:b:c:d",
        ),
        ("::/0", "2001:db8::1", "2001:db8::1"),
        ("2001:db8::7/128", "2001:db8::1", "2001:db8::7"),
    ] {
        let prefix: Prefix<Ipv6Addr> = prefix.parse().unwrap();
        let rewritten = prefix.rewrite(before.parse().unwrap());
        assert_eq!(rewritten, after.parse::<Ipv6Addr>().unwrap(), "{prefix}");
    }
    let prefix: Prefix<Ipv4Addr> = "1.2.3.4/24".parse().unwrap();
    assert_eq!(prefix.to_string(), "1.2.3.0/24");
    assert_eq!(
        prefix.rewrite(Ipv4Addr::new(9, 9, 9, 9)),
        Ipv4Addr::new(1, 2, 3, 9)
    );
}

#[test]
fn what_is_no_prefix_is_refused() {
    for text in [
        "1.2.3.0",
        "1.2.3.0/",
        "1.2.3.0/33",
        "1.2.3.0/-1",
        "1.2.3.0/+8",
        "1.2.3.0/ 8",
        "1.2.3.0/8/8",
        "1.2.3/24",
        "/24",
        "2001:db8::/129",
        "2001:db8::%1/64",
        "2001:db8::/0x40",
        "1.2.3.0/256",
    ] {
        assert!(text.parse::<Network>().is_err(), "{text}");
    }
}

#[test]
fn a_network_knows_peers_over_ipv4_whatever_socket_they_came_to() {
    let network: Network = "192.0.2.0/24".parse().unwrap();
    assert!(network.contains("::ffff:192.0.2.9".parse().unwrap()));
    assert!(!network.contains("::ffff:192.0.3.9".parse().unwrap()));
}
