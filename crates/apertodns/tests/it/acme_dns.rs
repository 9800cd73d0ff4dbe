//! The protocol of acme-dns.

use apertodns::acme_dns::{RegisterRequest, RequestError, UpdateRequest};

#[test]
fn registrations_take_what_clients_send() {
    for (body, expected) in [
        ("", Ok("")),
        ("\n", Ok("")),
        ("null", Ok("")),
        ("{}", Ok("")),
        (r#"{"allowfrom": null}"#, Ok("")),
        (r#"{"allowfrom": [], "other": 1}"#, Ok("")),
        (
            r#"{"allowfrom": ["192.168.100.1/24", "1.2.3.4/32"]}"#,
            Ok("192.168.100.0/24 1.2.3.4/32"),
        ),
        (
            r#"{"allowfrom": ["2001:db8::/32", "[::1]/128"]}"#,
            Ok("2001:db8::/32 ::1/128"),
        ),
        (
            r#"{"allowfrom": ["192.168.100.1"]}"#,
            Err(RequestError::Networks),
        ),
        (
            r#"{"allowfrom": ["1.2.3.4/33"]}"#,
            Err(RequestError::Networks),
        ),
        (r#"{"allowfrom": "1.2.3.4/32"}"#, Err(RequestError::Json)),
        (r#"{"allowfrom": [1]}"#, Err(RequestError::Json)),
        ("[]", Err(RequestError::Json)),
        ("{", Err(RequestError::Json)),
        ("\u{0}", Err(RequestError::Json)),
    ] {
        let found = RegisterRequest::parse(body.as_bytes()).map(|request| {
            let networks = request.allow_from.iter();
            networks
                .map(ToString::to_string)
                .collect::<Vec<_>>()
                .join(" ")
        });
        assert_eq!(found, expected.map(str::to_owned), "{body:?}");
    }
    let many = vec!["\"1.2.3.4/32\""; 101].join(",");
    let many = RegisterRequest::parse(format!(r#"{{"allowfrom": [{many}]}}"#).as_bytes());
    assert_eq!(many, Err(RequestError::Networks));
}

#[test]
fn updates_take_a_challenge_and_nothing_else() {
    let good = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmn-_0";
    for (subdomain, txt, expected) in [
        ("8e5700ea-a4bf-41c7-8a77-e990661dcc6a", good, Ok(())),
        ("8E5700EA", good, Ok(())),
        ("", good, Err(RequestError::Subdomain)),
        ("a.b", good, Err(RequestError::Subdomain)),
        ("_acme-challenge", good, Ok(())),
        ("_", good, Err(RequestError::Subdomain)),
        ("a_b", good, Err(RequestError::Subdomain)),
        ("-a", good, Err(RequestError::Subdomain)),
        ("*", good, Err(RequestError::Subdomain)),
        (&"a".repeat(64), good, Err(RequestError::Subdomain)),
        ("a", "", Err(RequestError::Txt)),
        ("a", &good[1..], Err(RequestError::Txt)),
        ("a", &format!("{good}0"), Err(RequestError::Txt)),
        ("a", &good.replace('-', "+"), Err(RequestError::Txt)),
        ("a", &good.replace('0', "="), Err(RequestError::Txt)),
        (
            "a",
            &format!("{}\u{fc}", &good[2..]),
            Err(RequestError::Txt),
        ),
    ] {
        let body = serde_json::json!({"subdomain": subdomain, "txt": txt}).to_string();
        let found = UpdateRequest::parse(body.as_bytes()).map(|_| ());
        assert_eq!(found, expected, "{body}");
    }
    for body in ["", "null", "[]", r#"{"subdomain": 1}"#] {
        let found = UpdateRequest::parse(body.as_bytes());
        assert_eq!(found, Err(RequestError::Json), "{body}");
    }
}

#[test]
fn a_name_keeps_the_two_newest_values() {
    let value = |letter: char| letter.to_string().repeat(43);
    let mut values: Vec<Vec<u8>> = Vec::new();
    for (letter, expected) in [
        ('a', "a"),
        ('b', "ab"),
        ('b', "ab"),
        ('c', "bc"),
        ('b', "cb"),
    ] {
        let body = serde_json::json!({"subdomain": "s", "txt": value(letter)}).to_string();
        values = UpdateRequest::parse(body.as_bytes())
            .unwrap()
            .apply(&values);
        let letters: String = values.iter().map(|value| char::from(value[0])).collect();
        assert_eq!(letters, expected);
    }
}
