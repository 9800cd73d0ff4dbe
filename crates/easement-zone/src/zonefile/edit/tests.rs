//! Zone files in every layout, changed in every way.

use proptest::prelude::*;

use super::*;
use crate::{RecordData, RecordSet, RecordType, Ttl, Zone, diff};

const FILE: &str = "\
; the zone of our society
$ORIGIN example.com.
$TTL 1h

@       IN SOA ns1.example.net. hostmaster (
                7     ; serial
                2h 15m 2w 5m )
        IN NS  ns1.example.net.
        IN NS  ns2.example.net.   ; the second
; mail
        IN MX  10 mx1.old.example.
        IN MX  20 mx2.old.example.
        IN TXT \"v=spf1 mx -all\"   ; who sends
www     600 IN A 192.0.2.1
        IN AAAA 2001:db8::1
$ORIGIN lab.example.com.
a       A 192.0.2.7
";

fn zone(text: &str) -> Zone {
    read(text, &ReadOptions::default()).unwrap().zone
}

/// The sets of these lines take the place of those with the same names and types; `-` takes one away.
fn changes(text: &str, lines: &[&str]) -> ChangeSet {
    let zone = zone(text);
    let mut changes = ChangeSet::new();
    let mut sets: Vec<(crate::Name, RecordType, Ttl, Vec<RecordData>)> = Vec::new();
    for line in lines {
        let words: Vec<&str> = line.splitn(4, ' ').collect();
        let (owner, ttl, rtype) = (
            words[0].parse().unwrap(),
            words[1].parse().unwrap(),
            words[2].parse().unwrap(),
        );
        let ttl = Ttl::from_secs(ttl).unwrap();
        let data = (words[3] != "-").then(|| RecordData::from_text(rtype, words[3]).unwrap());
        match sets.iter_mut().find(|set| set.0 == owner && set.1 == rtype) {
            Some(set) => set.3.extend(data),
            None => sets.push((owner, rtype, ttl, data.into_iter().collect())),
        }
    }
    for (owner, rtype, ttl, data) in sets {
        let before = zone.get(&owner, rtype);
        changes.record(before, RecordSet::new(owner, ttl, data).ok());
    }
    changes
}

/// The lines that are different, with `-` and `+`.
fn difference(before: &str, after: &str) -> Vec<String> {
    let (before, after): (Vec<&str>, Vec<&str>) =
        (before.lines().collect(), after.lines().collect());
    let mut at = 0;
    let mut lines = Vec::new();
    for line in &before {
        match after[at..].iter().position(|other| other == line) {
            Some(skipped) => {
                lines.extend(
                    after[at..at + skipped]
                        .iter()
                        .map(|line| format!("+{line}")),
                );
                at += skipped + 1;
            }
            None => lines.push(format!("-{line}")),
        }
    }
    lines.extend(after[at..].iter().map(|line| format!("+{line}")));
    lines
}

fn edited(text: &str, lines: &[&str]) -> Vec<String> {
    let edited = edit(
        text,
        &ReadOptions::default(),
        &changes(text, lines),
        SerialEdit::Keep,
    );
    difference(text, &edited.unwrap())
}

#[test]
fn only_the_lines_that_change_are_touched() {
    for (lines, expected) in [
        (
            &["example.com. 3600 MX 10 mx.new.example."][..],
            &[
                "-        IN MX  10 mx1.old.example.",
                "-        IN MX  20 mx2.old.example.",
                "+        IN MX  10 mx.new.example.",
            ][..],
        ),
        (
            &["example.com. 3600 TXT \"v=spf1 mx include:x.example ~all\""],
            &[
                "-        IN TXT \"v=spf1 mx -all\"   ; who sends",
                "+        IN TXT \"v=spf1 mx include:x.example ~all\"   ; who sends",
            ],
        ),
        // The owner goes on to the next line, in the columns of the removed one.
        (
            &["www.example.com. 600 A -"],
            &[
                "-www     600 IN A 192.0.2.1",
                "-        IN AAAA 2001:db8::1",
                "+www     IN AAAA 2001:db8::1",
            ],
        ),
        (
            &["www.example.com. 300 A 192.0.2.1"],
            &["-www     600 IN A 192.0.2.1", "+www     300 IN A 192.0.2.1"],
        ),
        (
            &["www.example.com. 3600 TXT \"new\""],
            &["+www     3600 IN TXT \"new\""],
        ),
        // Below another origin names are written in full.
        (
            &["b.example.com. 60 A 192.0.2.9"],
            &["+b.example.com.\t60\tIN\tA\t192.0.2.9"],
        ),
        (
            &["a.lab.example.com. 60 A 192.0.2.7"],
            &["-a       A 192.0.2.7", "+a       60 A 192.0.2.7"],
        ),
    ] {
        assert_eq!(edited(FILE, lines), expected, "{lines:?}");
    }
}

const HEAD: &str = "$ORIGIN example.com.\n@ 3600 SOA ns.test. h 7 1 1 1 1\n@ 3600 NS ns.test.\n";

#[test]
fn parentheses_may_stand_anywhere_in_a_record_that_changes() {
    for (written, change, expected) in [
        (
            "k TXT \"v=DKIM1; k=rsa; \" (\n  \"p=OLD\" ) ; the key\n",
            "TXT \"v=DKIM1; p=NEW\"",
            "k TXT ( \"v=DKIM1; p=NEW\" ) ; the key\n",
        ),
        (
            "k MX 10 (\n mail.test. )\n",
            "MX 10 new.test.",
            "k MX ( 10 new.test. )\n",
        ),
        (
            "k MX 10 ( mail.test. )\n",
            "MX 20 mail.test.",
            "k MX ( 20 mail.test. )\n",
        ),
        (
            "k MX ( 10 ) mail.test.\n",
            "MX 20 mail.test.",
            "k MX ( 20 mail.test. )\n",
        ),
        (
            "k ( MX 10 ) mail.test.\n",
            "MX 20 mail.test.",
            "k ( MX 20 mail.test. )\n",
        ),
        (
            "k ( MX 10 ) ( mail.test. )\n",
            "MX 20 mail.test.",
            "k ( MX 20 mail.test. )\n",
        ),
        (
            "k TLSA 3 1 0 ( aabb ; half\n  ccdd ; rest\n )\n",
            "TLSA 3 1 0 eeff",
            "k TLSA ( 3 1 0 eeff ; rest\n )\n",
        ),
    ] {
        let text = format!("{HEAD}{written}$TTL 3600\n");
        let wish = changes(&text, &[&format!("k.example.com. 3600 {change}")]);
        let edited = edit(&text, &ReadOptions::default(), &wish, SerialEdit::Keep);
        assert_eq!(
            edited.unwrap(),
            format!("{HEAD}{expected}$TTL 3600\n"),
            "{written}"
        );
    }
}

#[test]
fn a_record_that_is_replaced_gives_its_line_to_its_like() {
    for (written, wanted, expected) in [
        // The SPF record is none of the new text's business.
        (
            &["@ TXT v=spf1\\ mx\\ -all ; spf"][..],
            &["TXT \"verify=1\"", "TXT \"v=spf1 a -all\""][..],
            &[
                "@ TXT \"v=spf1 a -all\" ; spf",
                "@ 3600 IN TXT \"verify=1\"",
            ][..],
        ),
        // A text without a like is a new one.
        (
            &["@ TXT one=1 ; of one"],
            &["TXT \"two=2\""],
            &["@ 3600 IN TXT \"two=2\""],
        ),
        (
            &["@ TXT \"MS=1\" ; office", "@ TXT \"v=spf1\" ; spf"],
            &["TXT \"V=SPF1 -all\"", "TXT \"ms=2\""],
            &["@ TXT \"ms=2\" ; office", "@ TXT \"V=SPF1 -all\" ; spf"],
        ),
        (
            &["@ MX 20 b.test. ; second", "@ MX 10 a.test. ; first"],
            &["MX 5 A.test.", "MX 6 c.test."],
            &["@ MX 6 c.test. ; second", "@ MX 5 A.test. ; first"],
        ),
    ] {
        let text = format!("{HEAD}{}\n", written.join("\n"));
        let wanted: Vec<String> = wanted
            .iter()
            .map(|one| format!("example.com. 3600 {one}"))
            .collect();
        let wanted: Vec<&str> = wanted.iter().map(String::as_str).collect();
        let wish = changes(&text, &wanted);
        let edited = edit(&text, &ReadOptions::default(), &wish, SerialEdit::Keep).unwrap();
        let lines: Vec<&str> = edited.lines().skip(3).collect();
        assert_eq!(lines, expected, "{edited}");
    }
}

#[test]
fn a_soa_record_in_the_form_of_rfc_3597_gets_its_serial() {
    let soa = "\\# 27 026e73000168000000000700000001000000010000000100000001";
    let text = format!("$ORIGIN example.com.\n@ 3600 SOA {soa}\n@ NS ns.test.\n");
    let wish = changes(&text, &["www.example.com. 60 A 192.0.2.1"]);
    let edited = edit(&text, &ReadOptions::default(), &wish, SerialEdit::Increment).unwrap();
    assert!(edited.contains("SOA ns. h. 8 1 1 1 1\n"), "{edited}");
}

#[test]
fn the_serial_number_is_changed_alone() {
    let changes = changes(FILE, &["www.example.com. 600 A 192.0.2.2"]);
    for (serial, expected) in [
        (SerialEdit::Keep, "7"),
        (SerialEdit::Increment, "8"),
        (
            SerialEdit::AtLeast(Serial::new(2_026_112_600)),
            "2026112600",
        ),
        (SerialEdit::AtLeast(Serial::new(3)), "8"),
    ] {
        let edited = edit(FILE, &ReadOptions::default(), &changes, serial).unwrap();
        let line = format!("                {expected}     ; serial");
        assert!(edited.lines().any(|found| found == line), "{edited}");
    }
}

#[test]
fn line_ends_are_kept_as_they_are() {
    let windows = FILE.replace('\n', "\r\n");
    let wish = ["www.example.com. 600 TXT \"x\"", "example.com. 3600 MX -"];
    let options = ReadOptions::default();
    let result = edit(
        &windows,
        &options,
        &changes(&windows, &wish),
        SerialEdit::Increment,
    )
    .unwrap();
    assert_eq!(result.matches('\n').count(), result.matches("\r\n").count());
    // The last line has no end, but the others have.
    let open = windows.trim_end();
    let wish = [
        "a.lab.example.com. 60 CNAME x.test.",
        "a.lab.example.com. 60 A -",
    ];
    let result = edit(open, &options, &changes(open, &wish), SerialEdit::Keep).unwrap();
    assert_eq!(
        result.matches('\n').count(),
        result.matches("\r\n").count(),
        "{result:?}"
    );
    let open = FILE.trim_end();
    let result = edit(
        open,
        &options,
        &changes(open, &["b.example.com. 60 A 192.0.2.9"]),
        SerialEdit::Keep,
    )
    .unwrap();
    assert!(
        result.ends_with("a       A 192.0.2.7\nb.example.com.\t60\tIN\tA\t192.0.2.9\n"),
        "{result}"
    );
}

#[test]
fn what_cannot_be_changed_safely_is_refused() {
    let options = ReadOptions::default();
    let wish = changes(FILE, &["www.example.com. 600 A 192.0.2.2"]);
    let signed = format!("{FILE}www.example.com. 60 IN NSEC a.example.com. A\n");
    assert!(matches!(
        edit(&signed, &options, &wish, SerialEdit::Keep),
        Err(EditError::Signed)
    ));
    assert!(matches!(
        edit("oops", &options, &wish, SerialEdit::Keep),
        Err(EditError::Read(_))
    ));
    let other = FILE.replace("192.0.2.1", "192.0.2.3");
    assert!(matches!(
        edit(&other, &options, &wish, SerialEdit::Keep),
        Err(EditError::Apply(_))
    ));
    let nothing = edit(FILE, &options, &ChangeSet::new(), SerialEdit::Increment).unwrap();
    assert_eq!(nothing, FILE);
}

//------------ Generated files -------------------------------------------------------------------

/// A record and how its line is written.
#[derive(Clone, Debug)]
struct Written {
    host: &'static str,
    what: usize,
    ttl: u32,
    style: u8,
}

const DATA: [&str; 10] = [
    "A 192.0.2.1",
    "A 192.0.2.2",
    "TXT \"a ; b\"",
    "TXT ( \"long\"\n   ; inside\n   \"text\" )",
    "MX 10 mx",
    "MX ( 20 mx.other.test. ) ; after",
    "AAAA 2001:db8::1",
    "CAA 0 issue \"ca (x) \\\" y\"",
    "MX 10 (\n   mx2.other.test. ) ; after",
    "TXT \"v=x\" ( ; why\n   \"p=1\" )",
];

fn written() -> impl Strategy<Value = Written> {
    let host = prop::sample::select(vec!["@", "www", "a.b", "*.w", "lab"]);
    let ttl = prop::sample::select(vec![60u32, 300, 3600]);
    (host, 0..DATA.len(), ttl, any::<u8>()).prop_map(|(host, what, ttl, style)| Written {
        host,
        what,
        ttl,
        style,
    })
}

fn file(records: &[Written], has_default: bool) -> String {
    let mut text = "$ORIGIN example.com.\n@ 3600 IN SOA ns.example.net. h 1 2h 15m 2w 5m\n  3600 NS ns.example.net.\n".to_owned();
    if has_default {
        text.push_str("$TTL 300\n");
    }
    let mut last = "@";
    let mut origin = "example.com.";
    for record in records {
        let bit = |place: u8| record.style & (1 << place) != 0;
        if bit(6) {
            origin = if origin == "example.com." {
                "sub.example.com."
            } else {
                "example.com."
            };
            text.extend(["$ORIGIN ", origin, "\n"]);
        }
        if bit(0) {
            text.push_str("; a comment\n\n");
        }
        let full = match record.host {
            "@" => "example.com.".to_owned(),
            host => format!("{host}.example.com."),
        };
        let owner = match () {
            () if bit(1) && last == record.host => "      ".to_owned(),
            () if origin == "example.com." && bit(2) => record.host.to_owned(),
            () => full,
        };
        last = record.host;
        let ttl = if bit(3) {
            format!("{} ", record.ttl)
        } else {
            String::new()
        };
        let class = if bit(4) { "IN " } else { "" };
        let head = if bit(5) {
            format!("{ttl}{class}")
        } else {
            format!("{class}{ttl}")
        };
        let end = if bit(7) { " ; end" } else { "" };
        text.extend([&owner, " ", &head, DATA[record.what], end, "\n"]);
    }
    text
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn any_change_of_any_layout_reads_back_as_wanted(
        records in prop::collection::vec(written(), 0..12),
        others in prop::collection::vec(written(), 0..8),
        kept in any::<u16>(),
        has_default in any::<bool>(),
    ) {
        let text = file(&records, has_default);
        let options = ReadOptions::default();
        let Ok(before) = read(&text, &options) else { return Ok(()) };
        let stay = records.iter().enumerate().filter(|(index, _)| kept & (1 << index) != 0);
        let stay = stay.map(|(_, record)| record.clone());
        let after: Vec<Written> = stay.chain(others).collect();
        let Ok(after) = read(&file(&after, has_default), &options) else { return Ok(()) };
        let changes = diff(&before.zone, &after.zone);
        let result = edit(&text, &options, &changes, SerialEdit::Increment);
        let result = result.map_err(|error| TestCaseError::fail(format!("{error}\n{text}\n{changes:?}")))?;
        if changes.is_empty() {
            prop_assert_eq!(&result, &text);
            return Ok(());
        }
        let read_back = read(&result, &options).unwrap().zone;
        prop_assert!(diff(&read_back, &after.zone).is_empty());
        prop_assert_eq!(text.matches("; a comment\n").count(), result.matches("; a comment\n").count());
        // And back again.
        let back = edit(&result, &options, &changes.inverse(), SerialEdit::Keep).unwrap();
        let read_back = read(&back, &options).unwrap().zone;
        prop_assert!(diff(&read_back, &before.zone).is_empty());
    }
}
