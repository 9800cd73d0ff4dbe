//! The zones that all three servers have: those of `zones`, and two with long names and large sets.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use easement_zone::zonefile::{self, ReadOptions};
use easement_zone::{HostedZones, Name, RecordData, RecordType, Zone, ZoneSnapshot};

/// The zones that are made here.
const LARGE: &str = "large.test";
const SIZED: &str = "sizes.test";
/// Data sizes around those at which a record set does not fit any more: 512, 1232 and 4096 octets.
const SIZES: [usize; 12] = [
    400, 440, 460, 480, 500, 1000, 1150, 1180, 1210, 1300, 4000, 4200,
];

/// The zones, as text and as they are read.
pub(crate) struct World {
    zones: Vec<(String, Zone)>,
}

impl World {
    pub(crate) fn load() -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/peers/zones");
        let mut texts = vec![large(), sized()];
        for entry in fs::read_dir(folder).unwrap() {
            texts.push(fs::read_to_string(entry.unwrap().path()).unwrap());
        }
        let mut zones: Vec<_> = texts
            .into_iter()
            .map(|text| {
                let read = zonefile::read(&text, &ReadOptions::default());
                let zone = read
                    .unwrap_or_else(|errors| panic!("{errors}\n{text}"))
                    .zone;
                (text, zone)
            })
            .collect();
        // Folders are in no order, and the same seed should give the same queries.
        zones.sort_by(|(_, one), (_, two)| one.apex().cmp(two.apex()));
        Self { zones }
    }

    pub(crate) fn apexes(&self) -> impl Iterator<Item = &Name> {
        self.zones.iter().map(|(_, zone)| zone.apex())
    }

    /// Writes each zone into a file that is named after it.
    pub(crate) fn write(&self, folder: &Path) {
        for (text, zone) in &self.zones {
            let file = format!("{}.zone", zone.apex().to_text());
            fs::write(folder.join(file), text).unwrap();
        }
    }

    pub(crate) fn hosted(&self) -> HostedZones {
        let zones = HostedZones::new();
        zones.replace_all(
            self.zones
                .iter()
                .map(|(_, zone)| ZoneSnapshot::new(zone.clone(), 1)),
        );
        zones
    }

    /// For each zone every owner with the types that are there, and every name that a record points to.
    pub(crate) fn names(&self) -> Vec<Vec<(Name, Vec<RecordType>)>> {
        self.zones.iter().map(|(_, zone)| names(zone)).collect()
    }
}

fn names(zone: &Zone) -> Vec<(Name, Vec<RecordType>)> {
    let mut names: Vec<(Name, Vec<RecordType>)> = Vec::new();
    let mut targets = Vec::new();
    for set in zone.sets() {
        match names.last_mut() {
            Some((owner, types)) if owner == set.owner() => types.push(set.rtype()),
            _ => names.push((set.owner().clone(), vec![set.rtype()])),
        }
        targets.extend(set.data().iter().filter_map(RecordData::target));
    }
    names.extend(targets.into_iter().map(|target| (target, Vec::new())));
    names
}

/// A zone file with names of 255 octets, and sets of every size that is near to a limit.
fn large() -> String {
    let mut text = format!(
        "$ORIGIN {LARGE}.\n$TTL 3600\n\
         @ SOA ns1 hostmaster 1 7200 900 1209600 300\n NS ns1\nns1 A 192.0.2.111\n"
    );
    for size in SIZES {
        let (mut rest, mut number) = (size, 0);
        while rest > 0 {
            let part = rest.min(100);
            let _ = writeln!(text, "txt{size} TXT \"{number:03}{}\"", "t".repeat(part));
            rest -= part;
            number += 1;
        }
        for number in 0..size / 16 {
            let _ = writeln!(text, "a{size} A 192.0.{}.{}", number / 256, number % 256);
        }
        let _ = writeln!(
            text,
            "toa{size} CNAME a{size}\nmx{size} MX 10 a{size}\n MX 20 ns1"
        );
        let _ = writeln!(text, "srv{size} SRV 1 2 3 a{size}");
        for number in 0..size / 40 {
            let _ = writeln!(text, "cut{size} NS ns{number}.cut{size}");
            let _ = writeln!(text, "ns{number}.cut{size} A 198.51.100.{}", number % 256);
        }
    }
    // `large.test.` takes 12 octets of 255: 3 labels of 63 and one of 50 fill the rest.
    let long = [63, 63, 63, 50].map(|octets| "l".repeat(octets)).join(".");
    let _ = writeln!(
        text,
        "{long} A 192.0.2.112\nto-long CNAME {long}\nmx-long MX 1 {long}"
    );
    let _ = writeln!(text, "*.{} TXT \"long\"", "w".repeat(63));
    for label in 0..100 {
        let _ = writeln!(text, "chain{label} CNAME chain{}", label + 1);
    }
    text.push_str("chain100 A 192.0.2.113\n");
    text
}

/// A zone file with answers that fit a small datagram with all addresses, with some, or with none.
fn sized() -> String {
    let mut text = format!(
        "$ORIGIN {SIZED}.\n$TTL 3600\n@ SOA ns1 hostmaster 1 7200 900 1209600 300\n NS ns1\n\
         ns1 A 192.0.2.121\n"
    );
    for count in 6..24 {
        let _ = writeln!(text, "mx{count} MX 10 host{count}");
        for number in 0..6 {
            let _ = writeln!(text, " MX 20 backup{number}.mail.example.net.");
        }
        for number in 0..count {
            let _ = writeln!(text, "host{count} A 203.0.113.{number}");
        }
    }
    text
}
