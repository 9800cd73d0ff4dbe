use proptest::collection::vec;
use proptest::prelude::*;

use super::*;
use crate::Host;

fn name(text: &str) -> Name {
    text.parse()
        .unwrap_or_else(|error| panic!("{text}: {error}"))
}

#[test]
fn a_name_keeps_its_spelling_and_ignores_case() {
    assert_eq!(name("Www.Example.COM").to_string(), "Www.Example.COM.");
    assert_eq!(name("www.example.com."), name("WWW.EXAMPLE.COM"));
}

#[test]
fn escapes_survive_the_round_trip() {
    for text in [
        r"a\.b.example.",
        r"a\032b.example.",
        r"\001\000x.example.",
        r"\@\$\;.x.",
        r"\035.a\043b\058.",
    ] {
        assert_eq!(name(text).to_string(), text);
    }
    assert_eq!(name(r"a\.b.example").label_count(), 2);
}

#[test]
fn an_international_name_has_both_forms() {
    let name = name("bücher.example");
    assert_eq!(name.to_string(), "xn--bcher-kva.example.");
    assert_eq!(name.to_unicode(), "bücher.example");
}

#[test]
fn an_international_name_is_read_in_every_spelling() {
    for (text, ascii) in [
        ("straße.example", "xn--strae-oqa.example."),
        ("BÜCHER.Example", "xn--bcher-kva.Example."),
        ("bücher。example．com｡", "xn--bcher-kva.example.com."),
        ("XN--BCHER-KVA.example", "XN--BCHER-KVA.example."),
        ("💩.example", "xn--ls8h.example."),
        ("例え.example", "xn--r8jz45g.example."),
    ] {
        assert_eq!(name(text).to_string(), ascii);
    }
    for text in ["\u{ad}.a", "a\u{2026}b", r"\046ü", r"\255ü", "a\u{a0}b"] {
        let error = text.parse::<Name>().unwrap_err();
        assert!(
            matches!(error, NameError::NotInternational { .. }),
            "{text}"
        );
    }
    assert!(matches!(
        "ü".repeat(100_000).parse::<Name>(),
        Err(NameError::NotInternational { .. } | NameError::LabelTooLong { .. })
    ));
}

#[test]
fn only_a_label_that_cannot_mislead_is_shown_in_its_own_script() {
    for (ascii, shown) in [
        ("XN--BCHER-KVA.Www", "bücher.Www"),
        ("xn--strae-oqa", "straße"),
        ("xn--r8jz45g", "例え"),
        ("xn--80ak6aa92e", "аррӏе"),
        ("xn--ls8h", "💩"),
        // Not the A-label of anything.
        ("xn--", "xn--"),
        ("xn--a", "xn--a"),
        ("xn--abc-", "xn--abc-"),
        // Cyrillic among Latin letters, a slash that is none, a joiner.
        ("xn--pple-43d", "xn--pple-43d"),
        ("xn--comlogin-g03d", "xn--comlogin-g03d"),
        ("xn--ab-m1t", "xn--ab-m1t"),
        // A backslash that would be read as the beginning of an escape.
        (r"xn--\092-87t", r"xn--\092-87t"),
        // A dot within a label ends no label.
        (r"a\.xn--bcher-kva.x", r"a\.xn--bcher-kva.x"),
        (".", "."),
    ] {
        assert_eq!(name(ascii).to_unicode(), shown);
    }
}

#[test]
fn names_at_the_edge_of_255_octets() {
    let longest = format!("{0}.{0}.{0}.{1}", "a".repeat(63), "b".repeat(61));
    assert_eq!(name(&longest).as_wire().len(), 255);
    assert_eq!(
        format!("{longest}b").parse::<Name>(),
        Err(NameError::TooLong)
    );
    let most = ["a"; 127].join(".");
    assert_eq!(name(&most).label_count(), 127);
    assert_eq!(name(&most), name(&format!("{most}.").to_uppercase()));
    assert_eq!(
        "a.".repeat(1_000_000).parse::<Name>(),
        Err(NameError::TooLong)
    );

    let origin = name("origin.example");
    let below = |text: &str| Name::from_text_below(text, &origin);
    assert_eq!(below(&longest), Err(NameError::TooLong));
    assert_eq!(below(&format!("{longest}.")), Ok(name(&longest)));
    let host: Host = longest.parse().unwrap();
    assert_eq!(host.below(&origin), Err(NameError::TooLong));
    assert_eq!(host.to_string().parse(), Ok(host));
}

#[test]
fn a_name_from_the_wire_is_whole_and_not_compressed() {
    let label = |octets: u8| [&[octets][..], &vec![b'a'; octets.into()]].concat();
    for (labels, count) in [(label(63), 1), (label(1).repeat(127), 127)] {
        let wire = [labels, vec![0]].concat();
        assert_eq!(Name::from_wire(&wire).unwrap().label_count(), count);
    }
    for (wire, error) in [
        (vec![], NameError::Truncated),
        (label(63), NameError::Truncated),
        (vec![3, b'a'], NameError::Truncated),
        (
            [label(64), vec![0]].concat(),
            NameError::LabelTooLong { octets: 64 },
        ),
        (vec![0xc0, 12], NameError::LabelTooLong { octets: 192 }),
        (vec![0, 0], NameError::TrailingOctets),
        ([label(1).repeat(128), vec![0]].concat(), NameError::TooLong),
    ] {
        assert_eq!(Name::from_wire(&wire), Err(error), "{wire:?}");
    }
}

#[test]
fn what_is_not_a_name_says_why() {
    for (text, error) in [
        ("", NameError::Empty),
        ("a..b", NameError::EmptyLabel),
        (".a", NameError::EmptyLabel),
        (r"a\25", NameError::BadEscape),
        (r"a\256", NameError::BadEscape),
        (r"a\", NameError::BadEscape),
        (r"a\é", NameError::BadEscape),
    ] {
        assert_eq!(text.parse::<Name>(), Err(error), "{text}");
    }
    assert_eq!(
        "x".repeat(64).parse::<Name>(),
        Err(NameError::LabelTooLong { octets: 64 })
    );
    assert_eq!(
        ["a"; 128].join(".").parse::<Name>(),
        Err(NameError::TooLong)
    );
}

#[test]
fn the_order_is_that_of_rfc_4034_section_6_1() {
    let sorted = [
        "example.",
        "a.example.",
        "yljkjljk.a.example.",
        "Z.a.example.",
        "zABC.a.EXAMPLE.",
        "z.example.",
        r"\001.z.example.",
        "*.z.example.",
        r"\200.z.example.",
    ];
    for pair in sorted.windows(2) {
        assert!(name(pair[0]) < name(pair[1]), "{} < {}", pair[0], pair[1]);
    }
}

fn hash_of(name: &Name) -> u64 {
    use std::hash::{BuildHasher as _, BuildHasherDefault, DefaultHasher};
    BuildHasherDefault::<DefaultHasher>::default().hash_one(name)
}

proptest! {
    #[test]
    fn equality_order_and_hash_agree(
        one in vec(vec(select_octet(), 1..4), 0..4),
        other in vec(vec(select_octet(), 1..4), 0..4),
    ) {
        let made = |labels: &[Vec<u8>]| Name::from_labels(labels.iter().map(Vec::as_slice));
        let (one, other) = (made(&one).unwrap(), made(&other).unwrap());
        let key = |name: &Name| name.trie_key(&Name::root()).unwrap();
        prop_assert_eq!(one == other, one.cmp(&other).is_eq());
        prop_assert_eq!(one.cmp(&other), key(&one).cmp(&key(&other)));
        prop_assert_eq!(one.cmp(&other), other.cmp(&one).reverse());
        prop_assert_eq!(&one, &one.to_lowercase());
        prop_assert_eq!(hash_of(&one), hash_of(&one.to_lowercase()));
        if one == other {
            prop_assert_eq!(hash_of(&one), hash_of(&other));
        }
        let again: Name = one.to_string().parse().unwrap();
        prop_assert_eq!(again.as_wire(), one.as_wire());
        let host = one.relative_to(&Name::root()).unwrap();
        prop_assert_eq!(host.to_string().parse(), Ok(host));
    }
}

fn select_octet() -> impl Strategy<Value = u8> {
    proptest::sample::select(b"\0\x01\x02aAbZ@*.[`\xff".to_vec())
}
