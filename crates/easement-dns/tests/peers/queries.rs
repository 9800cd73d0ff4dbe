//! Generated queries: names in and around the zones, with everything that a question may carry.

use std::fmt;

use easement_zone::{Label, Name, RecordType};

use crate::world::World;

/// A question with all around it.
#[derive(Clone, Debug)]
pub(crate) struct Query {
    pub(crate) name: Name,
    pub(crate) qtype: RecordType,
    pub(crate) class: u16,
    pub(crate) opcode: u8,
    /// The second half of the flags: AD, CD, Z; and RD in the lowest bit of the first.
    pub(crate) is_recursive: bool,
    pub(crate) low_flags: u8,
    pub(crate) edns: Option<Edns>,
    pub(crate) over_tcp: bool,
}

/// The `OPT` record of a query.
#[derive(Clone, Debug)]
pub(crate) struct Edns {
    pub(crate) octets: u16,
    pub(crate) version: u8,
    pub(crate) flags: u16,
    pub(crate) options: Vec<u8>,
}

impl Query {
    pub(crate) fn message(&self, id: u16) -> Vec<u8> {
        let mut message = id.to_be_bytes().to_vec();
        message.extend([
            self.opcode << 3 | u8::from(self.is_recursive),
            self.low_flags,
        ]);
        message.extend([0, 1, 0, 0, 0, 0, 0, u8::from(self.edns.is_some())]);
        message.extend(self.name.as_wire());
        message.extend(self.qtype.number().to_be_bytes());
        message.extend(self.class.to_be_bytes());
        if let Some(edns) = &self.edns {
            message.extend([0, 0, 41]);
            message.extend(edns.octets.to_be_bytes());
            message.extend([0, edns.version]);
            message.extend(edns.flags.to_be_bytes());
            message.extend(u16::try_from(edns.options.len()).unwrap().to_be_bytes());
            message.extend(&edns.options);
        }
        message
    }

    /// How large an answer may be; the servers are set up to send 1232 octets at most over UDP.
    pub(crate) fn limit(&self) -> usize {
        match &self.edns {
            _ if self.over_tcp => 65_535,
            Some(edns) => usize::from(edns.octets).clamp(512, 1232),
            None => 512,
        }
    }
}

impl fmt::Display for Query {
    /// As `dig` would be asked.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "dig '{}' {} CLASS{}", self.name, self.qtype, self.class)?;
        if self.over_tcp {
            f.write_str(" +tcp")?;
        }
        if self.opcode > 0 {
            write!(f, " +opcode={}", self.opcode)?;
        }
        f.write_str(if self.is_recursive {
            " +rec"
        } else {
            " +norec"
        })?;
        let flags = [(0x40, " +zflag"), (0x20, " +ad"), (0x10, " +cd")];
        for (_, flag) in flags.iter().filter(|(bit, _)| self.low_flags & bit != 0) {
            f.write_str(flag)?;
        }
        match &self.edns {
            None => f.write_str(" +noedns"),
            Some(edns) => write!(
                f,
                " +bufsize={} +edns={} +ednsflags={:#x} options={:02x?}",
                edns.octets, edns.version, edns.flags, edns.options
            ),
        }
    }
}

//------------ Queries ---------------------------------------------------------------------------

/// Types that are asked for anywhere.
const TYPES: [u16; 26] = [
    1, 2, 5, 6, 12, 13, 15, 16, 28, 33, 35, 39, 41, 43, 46, 47, 48, 50, 64, 65, 99, 251, 252, 255,
    257, 65_280,
];
/// Labels that are put before names.
const LABELS: [&[u8]; 15] = [
    b"*",
    b"a",
    b"x",
    b"www",
    b"mail",
    b"here",
    b"ns1",
    b"_tcp",
    b"\0",
    b"\xff",
    b".",
    b"ent",
    b"wild",
    b"_domainconnect2",
    b"quite-a-long-label",
];
/// Names of zones that nobody here has.
const UNHOSTED: [&str; 6] = [
    ".",
    "test",
    "example.net",
    "www.example.org",
    "xexample.test",
    "arpa",
];

/// The stream of queries of one seed.
pub(crate) struct Queries {
    /// Of each zone, with the types that are there.
    names: Vec<Vec<(Name, Vec<RecordType>)>>,
    /// The zone with most cases, which is asked most.
    main: Vec<(Name, Vec<RecordType>)>,
    random: Random,
}

impl Queries {
    pub(crate) fn new(world: &World, seed: u64) -> Self {
        let names = world.names();
        let is_main =
            |names: &&Vec<(Name, Vec<RecordType>)>| names[0].0.to_text() == "example.test";
        let main = names.iter().find(is_main).unwrap().clone();
        Self {
            names,
            main,
            random: Random(seed),
        }
    }

    pub(crate) fn next_query(&mut self) -> Query {
        let (name, types) = self.name();
        let random = &mut self.random;
        let qtype = match random.below(10) {
            0..4 if !types.is_empty() => random.pick(&types),
            4 => RecordType::A,
            5 => RecordType::ANY,
            6 if random.below(10) == 0 => {
                RecordType::from_number(u16::try_from(random.below(1 << 16)).unwrap())
            }
            _ => RecordType::from_number(random.pick(&TYPES)),
        };
        Query {
            name,
            qtype,
            class: if random.below(50) == 0 {
                random.pick(&[3, 4, 254, 255, 0, 77])
            } else {
                1
            },
            opcode: if random.below(80) == 0 {
                random.pick(&[1, 2, 3, 4, 5, 6, 15])
            } else {
                0
            },
            is_recursive: random.below(2) == 0,
            low_flags: if random.below(3) == 0 {
                random.pick(&[0x10, 0x20, 0x40, 0x70])
            } else {
                0
            },
            edns: (random.below(3) > 0).then(|| random.edns()),
            over_tcp: random.below(5) == 0,
        }
    }

    /// A name with the types that are there: one of the zones, one near it, or one of nobody.
    fn name(&mut self) -> (Name, Vec<RecordType>) {
        let (mut name, types) = match self.random.below(40) {
            0 => (self.random.pick(&UNHOSTED).parse().unwrap(), Vec::new()),
            1..16 => {
                let zone = self.random.pick(&self.names);
                self.random.pick(&zone)
            }
            _ => self.random.pick(&self.main),
        };
        let random = &mut self.random;
        for _ in 0..random.pick(&[0, 0, 0, 0, 0, 1, 1, 1, 2, 3]) {
            name = match random.below(4) {
                0 => name.parent().unwrap_or(name),
                1 if name.is_wildcard() => below(&name.parent().unwrap(), random.pick(&LABELS)),
                _ => below(&name, random.pick(&LABELS)),
            };
        }
        if name.is_wildcard() && random.below(3) > 0 {
            name = below(&name.parent().unwrap(), random.pick(&LABELS));
        }
        if random.below(100) == 0 {
            name = random.filled(name);
        }
        if random.below(2) == 0 {
            name = random.in_mixed_case(&name);
        }
        (name, types)
    }
}

/// The name with one more label, where there is room.
fn below(name: &Name, label: &[u8]) -> Name {
    let labels = std::iter::once(label).chain(name.labels().map(Label::octets));
    Name::from_labels(labels).unwrap_or_else(|_| name.clone())
}

//------------ Random ----------------------------------------------------------------------------

/// Numbers that look random, the same for the same seed (`SplitMix64`).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    fn pick<T: Clone>(&mut self, items: &[T]) -> T {
        let at = self.below(items.len() as u64);
        items[usize::try_from(at).unwrap()].clone()
    }

    fn edns(&mut self) -> Edns {
        /// Unknown, NSID, client subnet of no use, padding, a client's cookie, keepalive.
        const OPTIONS: [&[u8]; 7] = [
            b"",
            b"\xfd\xe9\0\x03abc",
            b"\0\x03\0\0",
            b"\0\x0c\0\x04\0\0\0\0",
            b"\0\x0a\0\x08abcdefgh",
            b"\0\x0b\0\0",
            b"\xfd\xe9\0\0\xfd\xe9\0\0",
        ];
        Edns {
            octets: self.pick(&[0, 100, 512, 512, 600, 1232, 1232, 1400, 4096, 4096, 65_535]),
            version: if self.below(50) == 0 {
                self.pick(&[1, 2, 255])
            } else {
                0
            },
            flags: self.pick(&[0, 0, 0x8000, 0x8000, 0x8000, 0x4000, 0x0001]),
            options: if self.below(4) == 0 {
                self.pick(&OPTIONS).to_vec()
            } else {
                Vec::new()
            },
        }
    }

    /// The name with labels before it until it is as long as a name can be.
    fn filled(&mut self, mut name: Name) -> Name {
        while let Some(room) = 254usize
            .checked_sub(name.as_wire().len())
            .filter(|room| *room > 0)
        {
            let most = room.min(63);
            let octets = if self.below(2) == 0 {
                most
            } else {
                most.min(20)
            };
            name = below(&name, &vec![b'f'; octets]);
        }
        name
    }

    /// The name with each letter in one case or the other, as clients do against forgery.
    fn in_mixed_case(&mut self, name: &Name) -> Name {
        let mut wire = name.as_wire().to_vec();
        let flips = self.next();
        for (at, octet) in wire.iter_mut().enumerate() {
            if octet.is_ascii_alphabetic() && flips >> (at % 64) & 1 == 1 {
                *octet ^= 0x20;
            }
        }
        Name::from_wire(&wire).unwrap()
    }
}
