use domain::base::rdata::ComposeRecordData as _;
use domain::zonefile::inplace::{Entry, Zonefile};
use proptest::collection::vec;
use proptest::prelude::*;

use super::*;
use crate::zone::generated::any_data;

fn read(rtype: &str, text: &str) -> Result<RecordData, DataError> {
    let rtype = rtype.parse().expect("a type");
    let origin = "example.com".parse().expect("a name");
    RecordData::from_text_with_origin(rtype, text, &origin)
}

/// The wire form that the `domain` crate makes of the same text.
fn wire_of_other_reader(rtype: &str, text: &str) -> Result<Vec<u8>, String> {
    let text = format!("$ORIGIN example.com.\nx 60 IN {rtype} {text}\n");
    let mut file = Zonefile::from(text.as_str());
    match file.next_entry() {
        Ok(Some(Entry::Record(record))) => {
            let mut wire = Vec::new();
            record.data().compose_rdata(&mut wire).unwrap();
            Ok(wire)
        }
        other => Err(format!("{other:?}")),
    }
}

/// Type, text, and the text that it is written as.
const CASES: &[(&str, &str, &str)] = &[
    ("A", "192.0.2.1", "192.0.2.1"),
    ("AAAA", "2001:DB8:0::1", "2001:db8::1"),
    ("NS", "ns1", "ns1.example.com."),
    ("CNAME", "@", "example.com."),
    ("DNAME", "Other.Example.", "Other.Example."),
    ("PTR", r"a\.b.c.", r"a\.b.c."),
    ("PTR", "#.", r"\035."),
    ("MX", "10 mail", "10 mail.example.com."),
    ("MX", "0 .", "0 ."),
    (
        "SOA",
        "ns1 hostmaster 2026112101 2h 15m 2w 300",
        "ns1.example.com. hostmaster.example.com. 2026112101 7200 900 1209600 300",
    ),
    (
        "SRV",
        "0 5 5060 sip.example.net.",
        "0 5 5060 sip.example.net.",
    ),
    ("TXT", "plain", r#""plain""#),
    ("TXT", r#""a b" "c;d""#, r#""a b" "c;d""#),
    ("TXT", r#""q\"b\\s\000\255""#, r#""q\"b\\s\000\255""#),
    ("TXT", r#""""#, r#""""#),
    ("HINFO", "cpu \"an os\"", r#""cpu" "an os""#),
    ("RP", "me txt", "me.example.com. txt.example.com."),
    (
        "NAPTR",
        r#"100 50 "s" "http+I2L+I2C" "" _http._tcp"#,
        r#"100 50 "s" "http+I2L+I2C" "" _http._tcp.example.com."#,
    ),
    (
        "CAA",
        "0 issue \"ca.example.net; a=b\"",
        r#"0 issue "ca.example.net; a=b""#,
    ),
    (
        "CAA",
        "128 issue ca.example.net",
        r#"128 issue "ca.example.net""#,
    ),
    ("SSHFP", "4 3 AB cd", "4 3 abcd"),
    ("TLSA", "3 1 0 00ff 11ee", "3 1 0 00ff11ee"),
    ("DS", "12345 13 250 0a0b", "12345 13 250 0a0b"),
    ("CDS", "0 0 0 00", "0 0 0 00"),
    ("DNSKEY", "257 3 13 AAEC Aw==", "257 3 13 AAECAw=="),
    ("CDNSKEY", "0 3 0 AA==", "0 3 0 AA=="),
    ("OPENPGPKEY", "AAEC", "AAEC"),
    (
        "ZONEMD",
        "1 1 1 00112233445566778899aabb",
        "1 1 1 00112233445566778899aabb",
    ),
    ("NSEC", "a A MX TYPE1234", "a.example.com. A MX TYPE1234"),
    ("NSEC3PARAM", "1 0 0 -", "1 0 0 -"),
    ("NSEC3PARAM", "1 0 10 abCD", "1 0 10 abcd"),
    ("IPSECKEY", "10 0 2 . AAEC", "10 0 2 . AAEC"),
    ("IPSECKEY", "10 1 2 192.0.2.3 AAEC", "10 1 2 192.0.2.3 AAEC"),
    (
        "IPSECKEY",
        "10 2 2 2001:db8::3 AAEC",
        "10 2 2 2001:db8::3 AAEC",
    ),
    ("IPSECKEY", "10 3 2 gw AAEC", "10 3 2 gw.example.com. AAEC"),
    ("SVCB", "0 other", "0 other.example.com."),
    (
        "HTTPS",
        r"1 . port=443 alpn=h2,h3 ipv4hint=192.0.2.1,192.0.2.2",
        r#"1 . alpn="h2,h3" port=443 ipv4hint=192.0.2.1,192.0.2.2"#,
    ),
    (
        "SVCB",
        r#"16 foo mandatory=alpn,ipv4hint alpn="h2" no-default-alpn ipv4hint=192.0.2.1 key667="a\210b""#,
        r#"16 foo.example.com. mandatory=alpn,ipv4hint alpn="h2" no-default-alpn ipv4hint=192.0.2.1 key667="a\210b""#,
    ),
    ("TYPE65280", r"\# 4 0a 0B0c0d", r"\# 4 0a0b0c0d"),
    ("TYPE65280", r"\# 0", r"\# 0"),
    ("A", r"\# 4 c0000201", "192.0.2.1"),
];

/// Text that the other reader does not know.
const OWN_CASES: &[(&str, &str, &str)] = &[
    (
        "SVCB",
        r#"16 foo. alpn="f\\\\oo\\,bar,h2" ipv6hint=2001:db8::1 ech=AAEC dohpath=/q{?dns}"#,
        r#"16 foo. alpn="f\\\\oo\\,bar,h2" ech=AAEC ipv6hint=2001:db8::1 key7="/q{?dns}""#,
    ),
    ("SMIMEA", "3 1 0 00ff", "3 1 0 00ff"),
    ("CERT", "1 12345 8 AAEC", "1 12345 8 AAEC"),
    ("CERT", "PKIX 12345 rsasha256 AAEC", "1 12345 8 AAEC"),
    (
        "URI",
        "10 1 \"https://a.example/?q=1\"",
        r#"10 1 "https://a.example/?q=1""#,
    ),
    ("CSYNC", "66 3 A NS AAAA", "66 3 A NS AAAA"),
    ("AFSDB", "1 db", "1 db.example.com."),
    ("KX", "1 kx", "1 kx.example.com."),
    ("DHCID", "AAEC", "AAEC"),
    ("SPF", "\"v=spf1 -all\"", r#""v=spf1 -all""#),
    ("EUI48", "00-00-5E-00-53-2a", "00-00-5e-00-53-2a"),
    (
        "EUI64",
        "00-00-5e-ef-10-00-00-2a",
        "00-00-5e-ef-10-00-00-2a",
    ),
];

#[test]
fn every_type_is_read_and_written() {
    for (rtype, text, expected) in CASES.iter().chain(OWN_CASES) {
        let data = read(rtype, text).unwrap_or_else(|error| panic!("{rtype} {text}: {error}"));
        assert_eq!(data.to_string(), *expected, "{rtype} {text}");
        let again = read(rtype, expected).expect("what was written");
        assert_eq!(again.as_wire(), data.as_wire(), "{rtype} {text}");
        let unknown = generic::write(data.as_wire()).join(" ");
        assert_eq!(
            read(rtype, &unknown).expect("RFC 3597").as_wire(),
            data.as_wire()
        );
    }
}

/// Only what this crate writes: the other reader takes `@` in data for a label.
#[test]
fn another_reader_understands_what_is_written() {
    for (rtype, text, expected) in CASES {
        let data = read(rtype, text).expect("as above");
        let other = wire_of_other_reader(rtype, expected);
        assert_eq!(other.as_deref(), Ok(data.as_wire()), "{rtype} {expected}");
    }
}

#[test]
fn names_are_written_relative_to_an_origin() {
    let origin = "example.com".parse().unwrap();
    let words = |rtype, text| read(rtype, text).unwrap().to_words(Some(&origin)).join(" ");
    assert_eq!(words("MX", "10 mail"), "10 mail");
    assert_eq!(words("CNAME", "example.com."), "@");
    assert_eq!(words("CNAME", "notexample.com."), "notexample.com.");
    assert_eq!(words("CNAME", "#.example.com."), r"\035");
}

#[test]
fn long_text_is_split_at_255_octets() {
    let long = "k".repeat(300);
    let data = read("TXT", &format!("\"{long}\"")).unwrap();
    assert_eq!(data, RecordData::txt(long.as_bytes()).unwrap());
    assert_eq!(data.text(), Some(long.into_bytes()));
}

/// Type, text, and the message about it.
const BAD: &[(&str, &str, &str)] = &[
    (
        "DS",
        "1 8 2 00",
        "the data does not suit DS records: the digest must have 32 octets, as its type says",
    ),
    (
        "A",
        "192.0.2.256",
        "`192.0.2.256` is not a valid address of A records: write an IPv4 address such as 192.0.2.1",
    ),
    (
        "A",
        "",
        "the address is missing: the data of A records is written as `address`",
    ),
    (
        "A",
        "192.0.2.1 192.0.2.2",
        "`192.0.2.2` is too much: the data of A records is written as `address`",
    ),
    (
        "AAAA",
        "1.2.3.4",
        "`1.2.3.4` is not a valid address of AAAA records: write an IPv6 address such as 2001:db8::1",
    ),
    (
        "MX",
        "mail",
        "`mail` is not a valid preference of MX records: write a whole number from 0 to 65535",
    ),
    (
        "MX",
        "+1 mail",
        "`+1` is not a valid preference of MX records: write a whole number from 0 to 65535",
    ),
    (
        "MX",
        "65536 mail",
        "`65536` is not a valid preference of MX records: write a whole number from 0 to 65535",
    ),
    (
        "MX",
        "10",
        "the host is missing: the data of MX records is written as `preference host`",
    ),
    (
        "CNAME",
        "a..b",
        "`a..b` is not a valid target of CNAME records: a name must not have an empty label: look for two dots in a row",
    ),
    (
        "TXT",
        "v=DKIM1; k=rsa",
        "`v=DKIM1; k=rsa` cannot be read: `;` begins a comment: put text that holds it in quotes",
    ),
    (
        "TXT",
        "\"open",
        "`\"open` cannot be read: the quoted text does not end on its line: close it with `\"`",
    ),
    (
        "TXT",
        r"a\25",
        r"`a\25` is not a valid text of TXT records: a backslash must be followed by an ASCII character or by three digits up to 255",
    ),
    (
        "CAA",
        "0 is-sue x",
        "`is-sue` is not a valid tag of CAA records: write letters and digits only",
    ),
    (
        "DS",
        "1 2 3 abc",
        "`abc` is not a valid digest of DS records: write pairs of hexadecimal digits",
    ),
    (
        "OPENPGPKEY",
        "A",
        "`A` is not a valid key of OPENPGPKEY records: write base64, with its final `=` signs",
    ),
    (
        "SOA",
        "a b 1 2x 3 4 5",
        "`2x` is not a valid refresh of SOA records: write seconds, or units as in 1h30m",
    ),
    (
        "HTTPS",
        "1 . port=1 port=2",
        "`port=2` is not a valid parameter of HTTPS records: `port` is there twice",
    ),
    (
        "HTTPS",
        "1 . prot=1",
        "`prot=1` is not a valid parameter of HTTPS records: `prot` is not a parameter: write a name such as alpn, or key and a number",
    ),
    (
        "HTTPS",
        "1 . mandatory=port",
        "`mandatory=port` is not a valid parameter of HTTPS records: `mandatory` needs every parameter that it names to be there (RFC 9460)",
    ),
    (
        "TYPE65280",
        "abc",
        "TYPE65280 records have no text form here: write `TYPE65280 \\#`, the number of octets, and the data in hexadecimal (RFC 3597), not `abc`",
    ),
    (
        "TYPE65280",
        r"\# 2 abcdef",
        "the data has 3 octets, but `\\#` is followed by 2",
    ),
    (
        "A",
        r"\# 3 abcdef",
        "the data does not suit A records: the address is cut off",
    ),
    (
        "A",
        r"\# 5 0102030405",
        "the data does not suit A records: the address goes on after its end (octets too many: 1)",
    ),
    (
        "EUI48",
        "00-00",
        "`00-00` is not a valid address of EUI48 records: write 6 pairs of hexadecimal digits with hyphens between them",
    ),
    (
        "IPSECKEY",
        "1 9 2 . AAEC",
        "`.` is not a valid gateway of IPSECKEY records: the gateway type is 0 (none, written as `.`), 1 (IPv4), 2 (IPv6) or 3 (name)",
    ),
];

#[test]
fn bad_text_says_which_field_and_what_to_write() {
    for (rtype, text, expected) in BAD {
        let error = read(rtype, text).expect_err(text);
        assert_eq!(error.to_string(), *expected);
    }
}

#[test]
fn wire_data_that_does_not_suit_its_type_is_refused() {
    for (rtype, wire) in [
        (RecordType::A, &b"\x01\x02\x03"[..]),
        (RecordType::A, b"\x01\x02\x03\x04\x05"),
        (RecordType::CNAME, b"\x01a"),
        (RecordType::CNAME, b"\xc0\x0c"),
        (RecordType::CNAME, b"\x01a\x00\x00"),
        (RecordType::MX, b"\x00"),
        (RecordType::TXT, b""),
        (RecordType::TXT, b"\x05abc"),
        (RecordType::CAA, b"\x00\x00value"),
        (RecordType::CAA, b"\x00\x02a!value"),
        (RecordType::DS, b"\x00\x01\x02\x03"),
        (RecordType::NSEC, b"\x00\x00\x00"),
        (RecordType::NSEC, b"\x00\x00\x02\x40\x00"),
        (RecordType::NSEC, b"\x00\x01\x01\x40\x00\x01\x40"),
        (RecordType::HTTPS, b"\x00\x01\x00\x00\x03\x00\x01\x01"),
        (
            RecordType::HTTPS,
            b"\x00\x01\x00\x00\x03\x00\x02\x01\xbb\x00\x01\x00\x03\x02h2",
        ),
        (RecordType::HTTPS, b"\x00\x01\x00\x00\x02\x00\x00"),
        (RecordType::IPSECKEY, b"\x0a\x04\x02"),
    ] {
        assert!(
            RecordData::from_wire(rtype, wire).is_err(),
            "{rtype} {wire:?}"
        );
        let unchecked = RecordData::from_wire_unchecked(rtype, wire);
        assert!(unchecked.to_string().starts_with("\\# "), "{unchecked}");
    }
}

proptest! {
    #[test]
    fn text_and_wire_form_say_the_same(data in any_data()) {
        let again = RecordData::from_text(data.rtype(), &data.to_string());
        let again = again.map_err(|error| TestCaseError::fail(format!("{data}: {error}")))?;
        prop_assert_eq!(again.as_wire(), data.as_wire());
    }

    #[test]
    fn wire_data_of_every_type_is_refused_or_survives_as_text(
        number in 0..260_u16,
        wire in vec(prop_oneof![0..4_u8, any::<u8>()], 0..40),
    ) {
        let rtype = RecordType::from_number(number);
        let data = RecordData::from_wire_unchecked(rtype, &wire);
        let text = data.to_string();
        match RecordData::from_wire(rtype, &wire) {
            Ok(_) => {
                let again = RecordData::from_own_text(rtype, &text);
                let again = again.map_err(|error| TestCaseError::fail(format!("{rtype} {text}: {error}")))?;
                prop_assert_eq!(again.as_wire(), wire.as_slice(), "{} {}", rtype, text);
            }
            Err(_) => prop_assert!(text.starts_with("\\# "), "{} {}", rtype, text),
        }
    }

    #[test]
    fn no_text_makes_a_reader_panic(
        number in 0..260_u16,
        text in "([ -~]|\\\\[0-9]{3}|[0-9]{1,5} |alpn=|key1=|mandatory=|\u{fc}){0,30}",
    ) {
        let _ = RecordData::from_text(RecordType::from_number(number), &text);
    }
}

#[test]
fn a_quote_ends_a_word_and_begins_another() {
    for (rtype, text, expected) in [
        ("TXT", r#"abc"def" ghi"#, r#""abc" "def" "ghi""#),
        ("TXT", r#"abc"def"ghi"#, r#""abc" "def" "ghi""#),
        ("TXT", r#"p="abc""#, r#""p=" "abc""#),
        ("TXT", r#"a\"b"#, r#""a\"b""#),
        ("CAA", r#"0 issue"ca.example""#, r#"0 issue "ca.example""#),
        // Behind an equals sign, it is the value of a parameter (RFC 9460 section 2.1).
        (
            "SVCB",
            r#"1 . key700="a b"alpn=h2"#,
            r#"1 . alpn="h2" key700="a b""#,
        ),
    ] {
        let found = read(rtype, text).map_or_else(|_| String::new(), |data| data.to_string());
        assert_eq!(found, expected, "{rtype} {text}");
    }
    for text in [
        r#"1 . alpn "h2""#,
        r#"1 . alpn= "h2""#,
        r#"1 . "alpn=""h2""#,
        r#"1 . alpn=x"h2""#,
        r#"1 . alpn="h2""h3""#,
    ] {
        assert!(read("SVCB", text).is_err(), "{text}");
    }
}

#[test]
fn a_port_is_digits_alone() {
    for port in ["+443", "-1", "65536", "", "4 43", "443,444", "0x1"] {
        assert!(
            read("HTTPS", &format!("1 . port=\"{port}\"")).is_err(),
            "{port}"
        );
    }
    let data = read("HTTPS", "1 . port=0443").unwrap();
    assert_eq!(data.to_string(), "1 . port=443");
}

/// RFC 4255 section 3.1.2, RFC 6698 section 2.1.3.
#[test]
fn a_fingerprint_is_as_long_as_its_type_says() {
    for (rtype, head, octets) in [
        ("SSHFP", "1 1", Some(20)),
        ("SSHFP", "4 2", Some(32)),
        ("SSHFP", "4 3", None),
        ("TLSA", "3 1 0", None),
        ("TLSA", "3 1 1", Some(32)),
        ("TLSA", "3 1 2", Some(64)),
        ("SMIMEA", "3 1 1", Some(32)),
        ("SMIMEA", "3 1 3", None),
    ] {
        for length in [1, 4, 19, 20, 21, 31, 32, 33, 63, 64, 65] {
            let found = read(rtype, &format!("{head} {}", "ab".repeat(length)));
            let expected = octets.is_none_or(|octets| octets == length);
            assert_eq!(found.is_ok(), expected, "{rtype} {head}, {length} octets");
        }
    }
    let error = read("SSHFP", "1 1 aabbccdd").unwrap_err().to_string();
    let expected = "the data does not suit SSHFP records: the fingerprint must have 20 octets, as its type says";
    assert_eq!(error, expected);
    assert!(read("SSHFP", r"\# 6 0101aabbccdd").is_err());
    // What is stored already is served and shown.
    let stored: RecordData = serde_json::from_str(r#""SSHFP 1 1 aabbccdd""#).unwrap();
    assert_eq!(stored.to_string(), "1 1 aabbccdd");
}

#[test]
fn seldom_types_are_known_by_their_mnemonics() {
    for (mnemonic, number) in [
        ("X25", 19),
        ("nsap-ptr", 23),
        ("WKS", 11),
        ("RESINFO", 261),
        ("DLV", 32769),
    ] {
        let rtype: RecordType = mnemonic.parse().unwrap();
        assert_eq!(rtype.number(), number);
        let data = read(mnemonic, r"\# 2 abcd").unwrap();
        assert_eq!(data.to_string(), r"\# 2 abcd");
        let error = read(mnemonic, "some text").unwrap_err().to_string();
        assert!(
            error.contains(&format!("write `TYPE{number} \\#`")),
            "{error}"
        );
    }
}
