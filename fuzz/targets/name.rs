//! Names: text and wire form come back as they went, and order, equality, hashes, keys and the relation
//! of a name to those above it all say the same.
//!
//! Input: two names as text, or, when it is none, the wire form of one.

#![no_main]

use std::cmp::Ordering;
use std::hash::{BuildHasher as _, BuildHasherDefault, DefaultHasher};

use easement_fuzz::parts;
use easement_zone::{Label, Name, write_trie_key};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|octets: &[u8]| {
    if let Ok((name, rest)) = Name::split_from_wire(octets) {
        assert_eq!([name.as_wire(), rest].concat(), octets);
        check(&name);
        if let Ok((other, _)) = Name::split_from_wire(rest) {
            compare(&name, &other);
        }
    }
    if let Ok(text) = std::str::from_utf8(octets) {
        let names = parts::<2>(text).map(|text| text.parse::<Name>().ok());
        names.iter().flatten().for_each(check);
        if let [Some(one), Some(two)] = &names {
            compare(one, two);
            check_below(parts::<2>(text)[0], two);
        }
    }
});

fn check(name: &Name) {
    assert!(name.as_wire().len() <= 255);
    assert_eq!(Name::from_wire(name.as_wire()).as_ref(), Ok(name));
    for text in [name.to_string(), name.to_text()] {
        assert!(text.bytes().all(|octet| (b' '..0x7f).contains(&octet)));
        let read: Name = text.parse().expect("a name that was written");
        assert_eq!(read.as_wire(), name.as_wire(), "{text}");
    }
    let shown: Name = name.to_unicode().parse().expect("a name that was shown");
    assert_eq!(&shown, name, "shown as {}", name.to_unicode());
    let labels: Vec<&[u8]> = name.labels().map(Label::octets).collect();
    assert_eq!(labels.len(), name.label_count());
    let again = Name::from_labels(labels).expect("labels of a name");
    assert_eq!(again.as_wire(), name.as_wire());
    compare(name, &name.to_lowercase());
    assert_eq!(name, &name.to_lowercase());
    if let Some(parent) = name.parent() {
        assert!(name.is_below(&parent) && !parent.is_at_or_below(name));
        compare(name, &parent);
    }
}

fn compare(one: &Name, two: &Name) {
    let order = one.cmp(two);
    assert_eq!(two.cmp(one), order.reverse());
    assert_eq!(one == two, order == Ordering::Equal);
    let keys = [one, two].map(|name| {
        let mut key = Vec::new();
        write_trie_key(name.as_wire(), &mut key);
        key
    });
    assert_eq!(keys[0].cmp(&keys[1]), order, "{one} and {two}");
    assert_eq!(one.is_at_or_below(two), keys[0].starts_with(&keys[1]));
    assert_eq!(one.is_below(two), one.is_at_or_below(two) && one != two);
    if one == two {
        let hasher = BuildHasherDefault::<DefaultHasher>::default();
        assert_eq!(hasher.hash_one(one), hasher.hash_one(two));
    }
    let host = one.relative_to(two);
    assert_eq!(host.is_some(), one.is_at_or_below(two));
    if let Some(host) = host {
        assert_eq!(host.below(two).as_ref(), Ok(one));
    }
}

/// A relative name is below its origin, an absolute one is itself.
fn check_below(text: &str, origin: &Name) {
    if let Ok(name) = Name::from_text_below(text, origin) {
        let alone = text.parse::<Name>();
        assert!(
            name.is_at_or_below(origin) || alone.as_ref() == Ok(&name),
            "{text:?} below {origin} is {name}"
        );
    }
}
