//! The zone that is served, and the questions that are asked.

use std::fmt::Write as _;
use std::net::Ipv4Addr;

use easement_zone::{Name, RecordData, RecordSet, RecordType, Serial, Soa, Ttl, Zone, ZoneBuilder};

pub(crate) const APEX: &str = "example.test";

/// The label of a name by its number: eight letters and digits without a pattern.
pub(crate) fn label(number: u32) -> String {
    let mut state = mix(u64::from(number));
    let mut label = String::with_capacity(8);
    for _ in 0..8 {
        let digit = u32::try_from(state % 36).unwrap_or_default();
        label.push(char::from_digit(digit, 36).unwrap_or('0'));
        state /= 36;
    }
    label
}

/// A number without a pattern for each number (splitmix64).
pub(crate) fn mix(number: u64) -> u64 {
    let mut state = number.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    state = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    state = (state ^ (state >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    state ^ (state >> 31)
}

fn has_ipv6(number: u32) -> bool {
    number.is_multiple_of(5)
}

fn has_text(number: u32) -> bool {
    number.is_multiple_of(20)
}

/// The zone as Easement has it.
pub(crate) fn zone(names: u32) -> Result<Zone, Box<dyn std::error::Error>> {
    zone_at(&APEX.parse()?, names)
}

/// A zone of the same kind with another apex.
pub(crate) fn zone_at(apex: &Name, names: u32) -> Result<Zone, Box<dyn std::error::Error>> {
    let server = apex.child("ns1")?;
    let soa = Soa::new(server.clone(), server.clone(), Serial::new(1));
    let mut builder = ZoneBuilder::new(apex.clone());
    builder.insert(RecordSet::single(apex.clone(), Ttl::HOUR, soa.to_data()))?;
    let ns = RecordData::name(RecordType::NS, &server);
    builder.insert(RecordSet::single(apex.clone(), Ttl::HOUR, ns))?;
    let address = RecordData::a(Ipv4Addr::LOCALHOST);
    builder.insert(RecordSet::single(server, Ttl::HOUR, address))?;
    for number in 0..names {
        let owner = apex.child(&label(number))?;
        let mut add = |data| builder.insert(RecordSet::single(owner.clone(), Ttl::HOUR, data));
        add(RecordData::a(Ipv4Addr::from(number)))?;
        if has_ipv6(number) {
            add(RecordData::aaaa(Ipv4Addr::from(number).to_ipv6_mapped()))?;
        }
        if has_text(number) {
            add(RecordData::txt(b"some text of a usual length")?)?;
        }
    }
    Ok(builder.finish()?)
}

/// The same zone as a zone file.
pub(crate) fn zone_file(names: u32) -> String {
    let mut text = format!(
        "$ORIGIN {APEX}.\n$TTL 3600\n@ SOA ns1 ns1 1 7200 900 1209600 300\n@ NS ns1\nns1 A 127.0.0.1\n"
    );
    for number in 0..names {
        let label = label(number);
        let address = Ipv4Addr::from(number);
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{label} A {address}");
        if has_ipv6(number) {
            let _ = writeln!(text, "{label} AAAA {}", address.to_ipv6_mapped());
        }
        if has_text(number) {
            let _ = writeln!(text, "{label} TXT \"some text of a usual length\"");
        }
    }
    text
}

/// A question without a pattern: its name and type.
pub(crate) fn question(names: u32, choice: u64) -> (String, RecordType) {
    let modulus = u64::from(names.max(1));
    let number = u32::try_from(mix(choice) % modulus).unwrap_or_default();
    let rtype = match choice % 10 {
        0 | 1 => RecordType::AAAA,
        2 => return (format!("x{}", label(number)), RecordType::A),
        _ => RecordType::A,
    };
    (label(number), rtype)
}
