use std::fmt::Write as _;

use proptest::prelude::*;

use super::*;
use crate::zone::generated::any_zone;
use crate::{RecordType, Ttl, Zone};

fn read_zone(text: &str) -> ZoneFile {
    read(text, &ReadOptions::default()).unwrap_or_else(|errors| panic!("{errors}"))
}

fn shown(zone: &Zone, owner: &str, rtype: RecordType) -> String {
    let set = zone.get(&owner.parse().unwrap(), rtype).expect("a set");
    let data: Vec<String> = set.data().iter().map(ToString::to_string).collect();
    format!("{} {}", set.ttl(), data.join(" | "))
}

#[test]
fn everything_that_a_zone_file_may_hold_is_read() {
    let text = "\u{feff}; a comment
$ORIGIN com.
$TTL 1h30m ; the usual
example  IN SOA ns1.example.net. host\\.master.example (
                 2026112101 ; serial ( with a parenthesis
                 2h 15m 2w
                 5m )
\t\tNS\tns1.example.net.\r
         3600 IN MX 10 mail.example
         IN 1d MX 20 mail.example
$ORIGIN example.com.
@        TXT \"one; not a comment\" \"two (\" three\\032four
www 60   A 192.0.2.1

         A 192.0.2.2
www      60 CLASS1 AAAA 2001:db8::1
bücher   CNAME @
*        TYPE1 \\# 4 c0000203
in       in a 192.0.2.4
$ORIGIN sub
a        0 TXT (
  \"x\"
  \"y\" )
$TTL 5
b.example.com. TXT z";
    let file = read_zone(text);
    let zone = &file.zone;
    assert_eq!(zone.soa().mailbox.to_string(), r"host\.master.example.com.");
    assert_eq!(zone.soa().retry, 900);
    for (owner, rtype, expected) in [
        ("example.com", RecordType::NS, "5400 ns1.example.net."),
        (
            "example.com",
            RecordType::MX,
            "3600 10 mail.example.com. | 20 mail.example.com.",
        ),
        (
            "example.com",
            RecordType::TXT,
            r#"5400 "one; not a comment" "two (" "three four""#,
        ),
        ("www.example.com", RecordType::A, "60 192.0.2.1 | 192.0.2.2"),
        ("www.example.com", RecordType::AAAA, "60 2001:db8::1"),
        (
            "xn--bcher-kva.example.com",
            RecordType::CNAME,
            "5400 example.com.",
        ),
        ("*.example.com", RecordType::A, "5400 192.0.2.3"),
        ("in.example.com", RecordType::A, "5400 192.0.2.4"),
        ("a.sub.example.com", RecordType::TXT, r#"0 "x" "y""#),
        ("b.example.com", RecordType::TXT, r#"5 "z""#),
    ] {
        assert_eq!(shown(zone, owner, rtype), expected, "{owner}");
    }
}

#[test]
fn the_origin_may_come_from_the_caller_or_from_the_soa_record() {
    let text = "@ SOA ns host 1 2 3 4 5\n@ NS ns\n";
    let options = ReadOptions {
        origin: Some("example.org".parse().unwrap()),
        default_ttl: Ttl::from_secs(7).unwrap(),
        ..ReadOptions::default()
    };
    let zone = read(text, &options).unwrap().zone;
    assert_eq!(
        shown(&zone, "example.org", RecordType::NS),
        "7 ns.example.org."
    );

    let zone = read_zone(&text.replace('@', "example.org.")).zone;
    assert_eq!(
        shown(&zone, "example.org", RecordType::NS),
        "3600 ns.example.org."
    );
}

#[test]
fn records_without_a_ttl_take_that_of_the_record_before() {
    let file =
        read_zone("example.org. 77 SOA a b 1 2 3 4 5\n NS a\nx 5 A 192.0.2.1\ny A 192.0.2.2\n");
    assert_eq!(
        shown(&file.zone, "example.org", RecordType::NS),
        "77 a.example.org."
    );
    assert_eq!(
        shown(&file.zone, "y.example.org", RecordType::A),
        "5 192.0.2.2"
    );
}

/// Lines of a zone `example.com`, after four others, and what is said about them.
const BAD: &[(&str, &str)] = &[
    ("www A 192.0.2.1.5", "\
5:7: `192.0.2.1.5` is not a valid address of A records: write an IPv4 address such as 192.0.2.1
  www A 192.0.2.1.5
        ^"),
    ("www\tMX\t10", "\
5:5: the host is missing: the data of MX records is written as `preference host`
  www\tMX\t10
     \t^"),
    ("www FOO bar", "\
5:5: `FOO` is not a record type: use a mnemonic such as MX, or TYPE and a number up to 65535
  www FOO bar
      ^
  hint: a record is: owner, TTL, class, type, data; TTL and class may be left out, and white space in front repeats the owner of the record before"),
    ("www", "\
5:1: the record has no type
  www
  ^
  hint: a record is: owner, TTL, class, type, data; TTL and class may be left out, and white space in front repeats the owner of the record before"),
    ("www 4294967296 A 192.0.2.1", "\
5:5: `4294967296` is not a TTL from 0 to 2147483647 seconds (RFC 2181 section 8)
  www 4294967296 A 192.0.2.1
      ^
  hint: write seconds, or units as in 1h30m"),
    ("www CH TXT x", "\
5:5: class CH is not served: only IN is
  www CH TXT x
      ^
  hint: leave the class out, or write IN"),
    ("a..b A 192.0.2.1", "\
5:1: `a..b` is not a name: a name must not have an empty label: look for two dots in a row
  a..b A 192.0.2.1
  ^"),
    ("ü TXT \"open", "\
5:7: the quoted text does not end on its line: close it with `\"`
  ü TXT \"open
        ^"),
    ("a TXT ( b\nc TXT d", "\
5:7: the parenthesis is never closed: add `)` where the record ends
  a TXT ( b
        ^"),
    ("a TXT b )", "\
5:9: `)` closes nothing: remove it, or add `(` before it
  a TXT b )
          ^"),
    ("$INCLUDE other.zone", "\
5:1: $INCLUDE is not allowed here
  $INCLUDE other.zone
  ^
  hint: put the records of that file in place of this line"),
    ("$GENERATE 1-9 a$ A 192.0.2.$", "\
5:1: $GENERATE is not allowed here
  $GENERATE 1-9 a$ A 192.0.2.$
  ^
  hint: write out the records that it stands for"),
    ("$TTL", "\
5:1: $TTL needs one value
  $TTL
  ^"),
    ("$x A 192.0.2.1", "\
5:1: `$x` is not a directive
  $x A 192.0.2.1
  ^
  hint: a name that begins with `$` is written with a backslash before it"),
    ("w CNAME x\nw TXT y", "\
6:1: w.example.com has a CNAME record, so it cannot have TXT records as well
  w TXT y
  ^"),
    ("www.example.net. A 192.0.2.1", "\
5:1: www.example.net is outside the zone example.com
  www.example.net. A 192.0.2.1
  ^
  hint: an owner with a final dot is a full name; without it, it is below $ORIGIN"),
    ("k TXT \u{1b}[31m )", "\
5:13: `)` closes nothing: remove it, or add `(` before it
  k TXT \u{fffd}[31m )
              ^"),
    ("w\u{a0}A 192.0.2.1", "\
5:1: `w\u{a0}A` is not a name: `w\u{a0}A` is not a valid international domain name (UTS 46)
  w\u{a0}A 192.0.2.1
  ^"),
    ("\\# A 192.0.2.1\n@ A x\n@ B y", "\
6:5: `x` is not a valid address of A records: write an IPv4 address such as 192.0.2.1
  @ A x
      ^
7:3: `B` is not a record type: use a mnemonic such as MX, or TYPE and a number up to 65535
  @ B y
    ^
  hint: a record is: owner, TTL, class, type, data; TTL and class may be left out, and white space in front repeats the owner of the record before"),
];

const HEAD: &str = "$ORIGIN example.com.\n$TTL 1h\n@ SOA ns host 1 2 3 4 5\n@ NS ns.example.net.\n";

#[test]
fn errors_point_at_their_place_and_say_what_to_do() {
    for (lines, expected) in BAD {
        let errors = read(&format!("{HEAD}{lines}\n"), &ReadOptions::default()).expect_err(lines);
        assert_eq!(errors.to_string(), *expected);
    }
}

#[test]
fn an_error_in_a_long_line_is_shown_with_what_is_around_it() {
    let long = "x".repeat(5000);
    let text = format!("{HEAD}k A \"{long}\" {long}");
    let errors = read(&text, &ReadOptions::default()).expect_err("a bad line");
    let lines: Vec<String> = errors.to_string().lines().map(str::to_owned).collect();
    assert!(
        lines.iter().all(|line| line.chars().count() < 250),
        "{errors}"
    );

    let text = format!("{HEAD}k TXT \"{long}\" a\\25b {long}");
    let errors = read(&text, &ReadOptions::default()).expect_err("a bad line");
    let shown = errors.to_string();
    let lines: Vec<&str> = shown.lines().collect();
    let caret = lines[2].chars().count() - 1;
    let at_caret: String = lines[1].chars().skip(caret).take(5).collect();
    assert_eq!(at_caret, "a\\25b", "{shown}");
    assert_eq!(errors.errors[0].position.column, 5010);
}

#[test]
fn what_is_hostile_is_refused_without_harm() {
    let open = "(".repeat(100_000);
    let close = ")".repeat(100_000);
    let long = "a".repeat(60);
    for (lines, problem) in [
        (format!("k TXT {open} x"), "the parenthesis is never closed"),
        (format!("k TXT {open} x {close} )"), "`)` closes nothing"),
        (
            format!("k TXT \"{}\"", "x".repeat(1 << 20)),
            "and a record carries at most 65535",
        ),
        (
            format!("{} A 192.0.2.1", "a.".repeat(100_000)),
            "longer than 255 octets",
        ),
        (
            format!("{long}.{long}.{long}.{long} A 192.0.2.1"),
            "longer than 255 octets",
        ),
        (
            format!("k MX 1 {long}.{long}.{long}.{long}"),
            "longer than 255 octets",
        ),
        (format!("k {}", "T".repeat(100_000)), "is not a record type"),
        ("$TTL 4294967296".to_owned(), "is not a TTL"),
        ("$TTL 99999999999w".to_owned(), "is not a TTL"),
        ("$TTL -1".to_owned(), "is not a TTL"),
        ("$ORIGIN a..b".to_owned(), "is not a name"),
        ("k TXT \\".to_owned(), "a backslash must be followed"),
        ("k TXT \"a\r\nb\"".to_owned(), "does not end on its line"),
    ] {
        let errors = read(&format!("{HEAD}{lines}\n"), &ReadOptions::default());
        let message = errors.expect_err(problem).to_string();
        assert!(message.contains(problem), "{message}");
        assert!(message.len() < 2000, "{}", message.len());
    }
    let parentheses = format!("k TXT {open} x {close}\n$TTL 0\nnul\0 A 192.0.2.1");
    let file = read_zone(&format!("{HEAD}{parentheses}\n"));
    assert_eq!(
        shown(&file.zone, "k.example.com", RecordType::TXT),
        "3600 \"x\""
    );
    assert_eq!(
        shown(&file.zone, r"nul\000.example.com", RecordType::A),
        "0 192.0.2.1"
    );
    assert_eq!(read_zone(&write(&file.zone)).zone, file.zone);
}

#[test]
fn the_root_is_a_zone_like_any_other() {
    let file = read_zone(". 60 SOA a. b. 1 2 3 4 5\n. NS a.\ncom NS a.com\na.com A 192.0.2.1\n");
    assert_eq!(shown(&file.zone, "com", RecordType::NS), "60 a.com.");
    assert_eq!(read_zone(&write(&file.zone)).zone, file.zone);
}

#[test]
fn a_file_that_is_no_zone_is_refused() {
    let options = ReadOptions::default();
    for (text, expected) in [
        ("", "1:1: there is no SOA record, so this is not a zone"),
        (
            "www A 192.0.2.1",
            "1:1: nothing says which zone this is before `www`",
        ),
        (
            " A 192.0.2.1",
            "1:2: this line repeats the owner of the record before it, and there is none",
        ),
        (
            "$ORIGIN com",
            "1:9: nothing says which zone this is before `com`",
        ),
        (
            "$ORIGIN a.\n@ NS x",
            "2:7: there is no SOA record, so this is not a zone",
        ),
        (
            "a. SOA x y 1 2 3 4 5",
            "1:1: the zone a needs at least one NS record at its apex",
        ),
    ] {
        let errors = read(text, &options).expect_err(text).to_string();
        assert_eq!(errors.lines().next(), Some(expected), "{text}");
    }
    let other = ReadOptions {
        origin: Some("example.org".parse().unwrap()),
        ..ReadOptions::default()
    };
    let errors = read(HEAD, &other).expect_err("another zone").to_string();
    assert!(
        errors
            .starts_with("3:1: the SOA record is that of example.com, but the zone is example.org")
    );
    let small = ReadOptions {
        max_octets: 10,
        ..ReadOptions::default()
    };
    let errors = read(HEAD, &small).expect_err("too large").to_string();
    assert!(errors.starts_with("1:1: the file has "), "{errors}");
}

#[test]
fn errors_are_gathered_up_to_a_limit() {
    let text = "a B c\n".repeat(1000);
    let options = ReadOptions {
        origin: Some("example.org".parse().unwrap()),
        ..ReadOptions::default()
    };
    assert_eq!(
        read(&text, &options).expect_err("bad lines").errors.len(),
        20
    );
}

#[test]
fn what_is_read_differently_is_said() {
    let file = read_zone(&format!(
        "{HEAD}@ RRSIG whatever this is\nb 60 A 192.0.2.1\na NSEC b A\nb 50 A 192.0.2.2\n\
         @ DNSKEY x\nc MX 0 mail.example.com\n"
    ));
    let warnings: Vec<String> = file.warnings.iter().map(ToString::to_string).collect();
    assert_eq!(
        warnings,
        [
            "5:1: 3 records of DNSSEC signing (RRSIG, NSEC, NSEC3, NSEC3PARAM, DNSKEY, ZONEMD) are left \
         out: this server does not serve signed zones yet, so remove the DS records from the parent \
         zone before it answers for this one",
            "8:1: the A records of b.example.com have several TTLs: the lowest, 50, is taken for all of them",
            "10:8: this name is mail.example.com.example.com: if that is not meant, end it with a dot",
        ]
    );
    assert_eq!(
        shown(&file.zone, "b.example.com", RecordType::A),
        "50 192.0.2.1 | 192.0.2.2"
    );
}

fn warnings_of(file: &ZoneFile) -> Vec<String> {
    file.warnings.iter().map(ToString::to_string).collect()
}

/// RFC 2181 section 8.
#[test]
fn a_ttl_beyond_the_largest_counts_as_zero() {
    let file = read_zone(&format!(
        "{HEAD}a 2147483647 A 192.0.2.1\nb 2147483648 A 192.0.2.1\n$TTL 4294967295\nc A 192.0.2.1\n"
    ));
    let expected = ["6:3", "7:6"].map(|at| format!("{at}: a TTL above 2147483647 counts as 0"));
    assert_eq!(warnings_of(&file), expected);
    for (owner, expected) in [("a", "2147483647"), ("b", "0"), ("c", "0")] {
        let owner = format!("{owner}.example.com");
        let shown = shown(&file.zone, &owner, RecordType::A);
        assert_eq!(shown, format!("{expected} 192.0.2.1"), "{owner}");
    }
}

#[test]
fn records_that_delegations_hide_are_left_out_where_that_is_wished() {
    let text = format!(
        "{HEAD}old.sub TXT gone\nsub NS ns.sub\nsub TXT gone\nsub DS 1 13 2 {digest}\nns.sub A 192.0.2.1\n\
         deep.sub NS ns.deep.sub\nns.deep.sub AAAA 2001:db8::1\nsubway TXT here\n\
         red DNAME other.test.\nred TXT here\na.red A 192.0.2.1\n",
        digest = "00".repeat(32)
    );
    let options = ReadOptions {
        occluded: Occluded::LeaveOut,
        ..ReadOptions::default()
    };
    let file = read(&text, &options).unwrap();
    let left_out = |at, rtype, owner, above| {
        format!(
            "{at}: the {rtype} records of {owner}.example.com are left out: {above}.example.com is delegated \
             or redirected, so nobody is answered with them"
        )
    };
    let expected = [
        left_out("5:1", "TXT", "old.sub", "sub"),
        left_out("7:1", "TXT", "sub", "sub"),
        left_out("10:1", "NS", "deep.sub", "sub"),
        left_out("15:1", "A", "a.red", "red"),
    ];
    assert_eq!(warnings_of(&file), expected);
    let kept: Vec<String> = file
        .zone
        .sets()
        .skip(2)
        .map(|set| format!("{} {}", set.owner(), set.rtype()))
        .collect();
    let expected = [
        "red.example.com. TXT",
        "red.example.com. DNAME",
        "sub.example.com. NS",
        "sub.example.com. DS",
        "ns.deep.sub.example.com. AAAA",
        "ns.sub.example.com. A",
        "subway.example.com. TXT",
    ];
    assert_eq!(kept, expected);
    let refused = read(&text, &ReadOptions::default()).unwrap_err();
    assert_eq!(refused.errors.len(), 4, "{refused}");
}

#[test]
fn of_many_hidden_records_the_first_are_told_and_the_rest_counted() {
    let lines: Vec<String> = (0..150)
        .map(|number| format!("n{number}.sub TXT x\n"))
        .collect();
    let lines = lines.concat();
    let options = ReadOptions {
        occluded: Occluded::LeaveOut,
        ..ReadOptions::default()
    };
    let file = read(&format!("{HEAD}sub NS x.test.\n{lines}"), &options).unwrap();
    assert_eq!(file.warnings.len(), 101);
    let more = file
        .warnings
        .iter()
        .find(|warning| matches!(warning, Warning::MoreOccluded { .. }));
    assert!(
        more.unwrap()
            .to_string()
            .ends_with(": 50 more record sets are left out for the same reason")
    );
}

#[test]
fn a_large_file_with_much_to_say_is_read_in_one_go() {
    let lines: Vec<String> = (0..20_000)
        .map(|number| format!("n{number} 1 A 192.0.2.1\nn{number} 2 A 192.0.2.2\n"))
        .collect();
    let text = format!("{HEAD}{}", lines.concat());
    let file = read_zone(&text);
    assert_eq!(file.zone.set_count(), 20_002);
    assert_eq!(file.warnings.len(), 100);
}

#[test]
fn a_zone_is_written_for_people() {
    let key = "k".repeat(200);
    let file = read_zone(&format!(
        "{HEAD}www 60 A 192.0.2.1\nwww 60 A 192.0.2.2\n@ MX 10 mail\n*.www CNAME @\n\
         b\\@d TXT \"a \\\"b\\\"\"\nkey TXT {key} {key}\n@ TYPE65280 \\# 2 abcd\n"
    ));
    let written = write(&file.zone);
    let expected = format!(
        "\
$ORIGIN example.com.
$TTL 3600
@        IN SOA       ns host (
                      1          ; serial
                      2          ; refresh
                      3          ; retry
                      4          ; expire
                      5          ; minimum
                      )
@        IN NS        ns.example.net.
@        IN MX        10 mail
@        IN TYPE65280 \\# 2 abcd
b\\@d     IN TXT       \"a \\\"b\\\"\"
key      IN TXT       (
                      \"{key}\"
                      \"{key}\" )
www   60 IN A         192.0.2.1
www   60 IN A         192.0.2.2
*.www    IN CNAME     @
"
    );
    assert_eq!(written, expected);
}

proptest! {
    #[test]
    fn reading_what_was_written_gives_the_same_zone(zone in any_zone()) {
        let text = write(&zone);
        let file = read(&text, &ReadOptions::default());
        let file = file.map_err(|errors| TestCaseError::fail(format!("{errors}\n{text}")))?;
        prop_assert_eq!(&file.zone, &zone, "{}", text);
        prop_assert_eq!(write(&file.zone), text);
    }

    #[test]
    fn no_text_makes_the_reader_panic(text in "([a-z0-9 ().\"\\\\;$@\t\n\u{e9}-]|SOA |TXT |IN |\\$TTL |\\\\[0-9]{3}){0,60}") {
        let options = ReadOptions { origin: Some("a.b".parse().unwrap()), ..ReadOptions::default() };
        if let Err(errors) = read(&text, &options) {
            prop_assert!(!errors.errors.is_empty());
            prop_assert!(!errors.to_string().is_empty());
        }
    }
}

#[test]
fn a_long_file_is_counted_while_it_is_read() {
    let mut text = "$ORIGIN example.test.\n@ SOA ns1 ns1 1 1 1 1 1\n@ NS ns1\n".to_owned();
    for host in 0..2_500 {
        writeln!(text, "host{host} A 192.0.2.1").unwrap();
    }
    let counts = std::cell::RefCell::new(Vec::new());
    let on_count = |count| counts.borrow_mut().push(count);
    let file = read_counting(&text, &ReadOptions::default(), &on_count).unwrap();
    assert_eq!(counts.into_inner(), [1_000, 2_000]);
    assert_eq!(file.zone.record_count(), 2_502);
}

#[test]
fn a_file_in_another_encoding_is_an_error_with_its_place() {
    assert_eq!(decode("; caf\u{e9}\n".into()).unwrap(), "; caf\u{e9}\n");
    let error = decode(b"; one\n\xc3\xa9 ; caf\xe9 au lait\n".to_vec()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "2:8: the octet e9 here is not UTF-8\n  \u{e9} ; caf\u{fffd} au lait\n         ^\n  hint: a file in \
         Latin-1 becomes one in UTF-8 with `iconv -f latin1 -t utf-8 OLD > NEW`"
    );
}
