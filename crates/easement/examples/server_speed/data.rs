//! The zones that are served, and the questions that are asked.

use std::fmt;
use std::fmt::Write as _;
use std::net::Ipv4Addr;
use std::str::FromStr;

use easement_zone::{Name, RecordData, RecordSet, RecordType, Serial, Soa, Ttl, Zone, ZoneBuilder};

use crate::Failure;

/// How many hosts each of many zones has.
const HOSTS: u32 = 10;

/// What a server serves.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Data {
    /// One zone with so many names.
    Names(u32),
    /// So many zones of ten names.
    Zones(u32),
}

impl Data {
    /// How many zones there are.
    pub(crate) fn zones(self) -> u32 {
        match self {
            Self::Names(_) => 1,
            Self::Zones(zones) => zones,
        }
    }

    /// As programs and folders call it: `names-1000`.
    pub(crate) fn code(self) -> String {
        match self {
            Self::Names(names) => format!("names-{names}"),
            Self::Zones(zones) => format!("zones-{zones}"),
        }
    }

    /// How many hosts a zone has.
    pub(crate) fn hosts(self) -> u32 {
        match self {
            Self::Names(names) => names,
            Self::Zones(_) => HOSTS,
        }
    }

    /// How many hosts all zones have.
    pub(crate) fn names(self) -> u64 {
        u64::from(self.zones()) * u64::from(self.hosts())
    }

    /// The apex of a zone, without the last dot.
    pub(crate) fn apex(self, zone: u32) -> String {
        match self {
            Self::Names(_) => "example.test".to_owned(),
            Self::Zones(_) => format!("{}.test", label(zone)),
        }
    }

    /// A zone as Easement has it.
    pub(crate) fn zone(self, zone: u32) -> Result<Zone, Failure> {
        let apex: Name = self.apex(zone).parse()?;
        let server = apex.child("ns1")?;
        let soa = Soa::new(server.clone(), server.clone(), Serial::new(1));
        let mut builder = ZoneBuilder::new(apex.clone());
        builder.insert(RecordSet::single(apex.clone(), Ttl::HOUR, soa.to_data()))?;
        let ns = RecordData::name(RecordType::NS, &server);
        builder.insert(RecordSet::single(apex.clone(), Ttl::HOUR, ns))?;
        let address = RecordData::a(Ipv4Addr::LOCALHOST);
        builder.insert(RecordSet::single(server, Ttl::HOUR, address))?;
        for number in 0..self.hosts() {
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
    pub(crate) fn zone_file(self, zone: u32) -> String {
        let apex = self.apex(zone);
        let mut text = format!(
            "$ORIGIN {apex}.\n$TTL 3600\n@ SOA ns1 ns1 1 7200 900 1209600 300\n@ NS ns1\nns1 A 127.0.0.1\n"
        );
        for number in 0..self.hosts() {
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

    /// A question without a pattern, in wire form. Of ten, seven are for an address that is there, two
    /// for an IPv6 address, which every fifth name has, and one for a name that does not exist.
    pub(crate) fn query(self, choice: u64, edns: Edns) -> Result<Vec<u8>, Failure> {
        let random = mix(choice);
        let zone = random % u64::from(self.zones());
        let number = mix(random) % u64::from(self.hosts());
        let mut label = label(u32::try_from(number)?);
        let rtype = match choice % 10 {
            0 | 1 => RecordType::AAAA,
            2 => {
                label.insert(0, 'x');
                RecordType::A
            }
            _ => RecordType::A,
        };
        let name = self.apex(u32::try_from(zone)?).parse::<Name>()?;
        let (additional, opt) = edns.octets();
        let [id_high, id_low] = u16::try_from(choice & 0xffff)?.to_be_bytes();
        let header = [id_high, id_low, 0, 0, 0, 1, 0, 0, 0, 0, 0, additional];
        let rtype = rtype.number().to_be_bytes();
        let name = name.child(&label)?;
        Ok([&header, name.as_wire(), &rtype, &[0, 1], opt].concat())
    }
}

impl fmt::Display for Data {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&match self {
            Self::Names(names) => format!("{} names", with_commas(*names)),
            Self::Zones(zones) => format!("{} zones", with_commas(*zones)),
        })
    }
}

impl FromStr for Data {
    type Err = Failure;

    fn from_str(code: &str) -> Result<Self, Failure> {
        match code.split_once('-') {
            Some(("names", names)) => Ok(Self::Names(names.parse()?)),
            Some(("zones", zones)) => Ok(Self::Zones(zones.parse()?)),
            Some(_) | None => Err(format!("`{code}` is neither `names-N` nor `zones-N`").into()),
        }
    }
}

/// Whether questions carry an `OPT` record.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Edns {
    Without,
    With,
}

impl Edns {
    /// The number of additional records, and their octets.
    fn octets(self) -> (u8, &'static [u8]) {
        match self {
            Self::Without => (0, &[]),
            Self::With => (1, &[0, 0, 41, 0x04, 0xd0, 0, 0, 0, 0, 0, 0]),
        }
    }
}

/// The label of a name by its number: eight letters and digits without a pattern.
pub(crate) fn label(number: u32) -> String {
    let mut state = mix(u64::from(number));
    let mut label = String::with_capacity(9);
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

fn with_commas(number: u32) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
