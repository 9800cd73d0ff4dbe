//! Which texts are hostnames.

use apertodns::{Hostname, HostnameFault};

#[test]
fn hostnames_have_one_form() {
    for (text, expected) in [
        ("home.example.com", "home.example.com"),
        ("HOME.Example.COM.", "home.example.com"),
        ("xn--r8jz45g.example", "xn--r8jz45g.example"),
        ("3com.example", "3com.example"),
        ("a--b.example", "a--b.example"),
        ("1.example", "1.example"),
    ] {
        let hostname: Hostname = text.parse().unwrap();
        assert_eq!(hostname.to_string(), expected);
        assert_eq!(hostname.to_string().parse(), Ok(hostname));
    }
}

#[test]
fn other_texts_are_refused_for_their_reason() {
    let long_label = format!("{}.example", "a".repeat(64));
    let long_name = ["a".repeat(49).as_str(); 6].join(".");
    for (text, fault) in [
        ("", HostnameFault::Form),
        (".", HostnameFault::OneLabel),
        ("..", HostnameFault::Form),
        ("home", HostnameFault::OneLabel),
        ("home..example", HostnameFault::Form),
        (".home.example", HostnameFault::Form),
        (&long_label, HostnameFault::Form),
        (&long_name, HostnameFault::Form),
        ("-home.example", HostnameFault::Character),
        ("home-.example", HostnameFault::Character),
        ("_acme-challenge.example", HostnameFault::Character),
        ("ho me.example", HostnameFault::Character),
        ("home.example\0", HostnameFault::Character),
        ("home.example/", HostnameFault::Character),
        ("not a valid hostname!", HostnameFault::OneLabel),
        (r"h\111me.example", HostnameFault::Character),
        ("*.example.com", HostnameFault::Character),
        ("192.0.2.1", HostnameFault::Address),
        ("b\u{fc}cher.example", HostnameFault::NotAscii),
    ] {
        let error = text.parse::<Hostname>().unwrap_err();
        assert_eq!(error.fault, fault, "{text}");
    }
}

#[test]
fn forms_of_the_old_protocols_take_more() {
    for (text, expected) in [
        ("*.example.test", Some("*.example.test")),
        ("B\u{fc}cher.example", Some("xn--bcher-kva.example")),
        ("*.b\u{fc}cher.example", Some("*.xn--bcher-kva.example")),
        ("*.test", None),
        ("a.*.example.test", None),
        ("*example.test", None),
        ("b\u{fc} cher.example", None),
        (r"\*.example.test", None),
    ] {
        let found = Hostname::from_form(text).ok().map(|host| host.to_string());
        assert_eq!(found.as_deref(), expected, "{text}");
    }
}
