//! Record data: what is taken from the wire or read from text is written so that it reads the same, in
//! its own form and in that of RFC 3597, and equality, order and hashes agree.
//!
//! Input: an octet for the type (its number; 254 is `URI` and 255 is `CAA`), and its data, which is tried
//! as wire form and as text.

#![no_main]

use std::fmt::Write as _;
use std::hash::{BuildHasher as _, BuildHasherDefault, DefaultHasher};

use easement_zone::{DataError, RecordData, RecordType, WireError};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|octets: &[u8]| {
    let Some((number, data)) = octets.split_first() else {
        return;
    };
    let rtype = match number {
        254 => RecordType::URI,
        255 => RecordType::CAA,
        number => RecordType::from_number(u16::from(*number)),
    };
    if let Ok(found) = RecordData::from_wire(rtype, data) {
        assert_eq!(found.as_wire(), data);
        check(&found);
    }
    if let Ok(text) = std::str::from_utf8(data) {
        match RecordData::from_text(rtype, text) {
            Ok(found) => check(&found),
            Err(error) => assert!(!error.to_string().is_empty()),
        }
    }
});

fn check(data: &RecordData) {
    let rtype = data.rtype();
    let wire = data.as_wire();
    let again = RecordData::from_wire(rtype, wire).expect("data that was taken");
    assert_eq!(&again, data);
    let text = data.to_string();
    assert!(text.bytes().all(|octet| (b' '..0x7f).contains(&octet)));
    for text in [text, generic(wire)] {
        let read = RecordData::from_text(rtype, &text);
        // A digest of another length than its type has is only read where it was stored once.
        if let Err(DataError::Wire {
            problem: WireError::DigestLength { .. },
            ..
        }) = &read
        {
            continue;
        }
        let read = read.unwrap_or_else(|error| panic!("{rtype} {text}: {error}"));
        assert_eq!(read.as_wire(), wire, "{rtype} {text}");
    }
    // Lengths and numbers in between may become others, or data that does not suit the type.
    for changed in [wire.to_ascii_lowercase(), wire.to_ascii_uppercase()] {
        if let Ok(other) = RecordData::from_wire(rtype, &changed) {
            compare(data, &other);
        }
    }
}

/// RFC 3597 section 5.
fn generic(wire: &[u8]) -> String {
    let mut text = format!("\\# {} ", wire.len());
    for octet in wire {
        let _ = write!(text, "{octet:02x}");
    }
    text
}

fn compare(one: &RecordData, two: &RecordData) {
    let order = one.cmp(two);
    assert_eq!(two.cmp(one), order.reverse());
    assert_eq!(one == two, order.is_eq());
    if one == two {
        let hasher = BuildHasherDefault::<DefaultHasher>::default();
        assert_eq!(hasher.hash_one(one), hasher.hash_one(two));
    }
}
