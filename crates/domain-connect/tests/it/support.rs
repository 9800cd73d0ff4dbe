//! Zones and folders for tests.

use std::path::{Path, PathBuf};

use easement_zone::{Name, RecordData, RecordSet, RecordType, Serial, Soa, Ttl, Zone, ZoneBuilder};

/// A builder that has what every zone needs.
pub(crate) fn builder(apex: &Name) -> ZoneBuilder {
    let server: Name = "ns1.provider.test".parse().unwrap();
    let mailbox: Name = "hostmaster.provider.test".parse().unwrap();
    let soa = Soa::new(server.clone(), mailbox, Serial::new(1));
    let mut builder = ZoneBuilder::new(apex.clone());
    for data in [
        soa.to_data(),
        RecordData::name(RecordType::NS, &server),
        RecordData::name(RecordType::NS, &"ns2.provider.test".parse().unwrap()),
    ] {
        builder
            .insert(RecordSet::single(apex.clone(), Ttl::HOUR, data))
            .unwrap();
    }
    builder
}

/// A zone from lines such as `www 300 A 192.0.2.1`, with hosts relative to the apex.
pub(crate) fn zone(apex: &str, lines: &[&str]) -> Zone {
    let apex: Name = apex.parse().unwrap();
    let mut builder = builder(&apex);
    for line in lines {
        let (owner, set) = record(&apex, line);
        builder
            .insert(set)
            .unwrap_or_else(|error| panic!("{owner}: {error}"));
    }
    builder
        .finish()
        .unwrap_or_else(|error| panic!("the zone of a test is not one: {error}"))
}

/// What people have: a website, mail with its policies, a wildcard, a delegation.
pub(crate) fn live_zone() -> Zone {
    zone(
        "example.com",
        &[
            "@ 3600 A 203.0.113.10",
            "@ 3600 AAAA 2001:db8:10::1",
            "@ 3600 MX 10 mx1.oldmail.test.",
            "@ 3600 MX 20 mx2.oldmail.test.",
            "@ 3600 TXT \"v=spf1 mx include:_spf.oldmail.test -all\"",
            "@ 3600 TXT \"google-site-verification=abcdefghijklmnopqrstuvwxyz\"",
            "@ 3600 CAA 0 issue \"ca.test\"",
            "_dmarc 3600 TXT \"v=DMARC1; p=quarantine; rua=mailto:d@example.com\"",
            "old._domainkey 3600 TXT \"v=DKIM1; k=rsa; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCB\"",
            "www 300 CNAME example.com.",
            "shop 300 CNAME shops.example.net.",
            "app 300 A 203.0.113.20",
            "app 300 MX 10 mx.oldmail.test.",
            "app 300 TXT \"some text\"",
            "app 300 CAA 0 issue \"ca.test\"",
            "www.app 300 A 203.0.113.21",
            "autodiscover 300 CNAME autodiscover.oldmail.test.",
            "_sip._tls 300 SRV 10 5 443 sip.oldmail.test.",
            "*.dev 300 A 203.0.113.30",
            "lab 3600 NS ns1.lab.example.com.",
            "ns1.lab 3600 A 203.0.113.40",
        ],
    )
}

/// One record from a line such as `www 300 A 192.0.2.1`.
pub(crate) fn record(apex: &Name, line: &str) -> (Name, RecordSet) {
    let mut words = line.splitn(4, ' ');
    let mut word = || words.next().unwrap_or_else(|| panic!("too short: {line}"));
    let host: easement_zone::Host = word().parse().unwrap();
    let ttl = Ttl::from_secs(word().parse().unwrap()).unwrap();
    let rtype: RecordType = word().parse().unwrap();
    let data =
        RecordData::from_text(rtype, word()).unwrap_or_else(|error| panic!("{line}: {error}"));
    let owner = host.below(apex).unwrap();
    (owner.clone(), RecordSet::single(owner, ttl, data))
}

/// The records of a zone as lines, without `SOA` and the name servers of the apex.
pub(crate) fn lines(zone: &Zone) -> Vec<String> {
    let mut lines = Vec::new();
    for set in zone.sets() {
        let of_the_zone = set.rtype() == RecordType::SOA
            || (set.rtype() == RecordType::NS && set.owner() == zone.apex());
        if of_the_zone {
            continue;
        }
        let host = set.owner().relative_to(zone.apex()).unwrap();
        for data in set.data() {
            lines.push(format!("{host} {} {} {data}", set.ttl(), set.rtype()));
        }
    }
    lines
}

/// The folder that the environment names, or the one beside this project's folder; says loudly when
/// there is none.
pub(crate) fn folder(variable: &str, beside: &str) -> Option<PathBuf> {
    if let Some(folder) = std::env::var_os(variable) {
        let folder = PathBuf::from(folder);
        assert!(
            folder.is_dir(),
            "{variable} names no folder: {}",
            folder.display()
        );
        return Some(folder);
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let folder = root.join("..").join(beside);
    if folder.is_dir() {
        return Some(folder);
    }
    println!(
        "SKIPPED: set {variable} to a folder; {} does not exist",
        folder.display()
    );
    None
}

/// The files of a folder with this ending, in order.
pub(crate) fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|found| found == ending))
        .collect();
    files.sort();
    files
}
