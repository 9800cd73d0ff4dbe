//! What else of a zone bears on a name that is given away: what leads to it, and the wildcard that answers for it.

use std::collections::BTreeSet;

use easement_zone::{Name, Record, RecordSet, RecordType, Zone};

use crate::within::MAX_LOOKED_AT;
use crate::{HostReach, PermittedHost};

/// Whoever has the name in records of these types gets what asks for their owner.
const LEADING: [RecordType; 7] = [
    RecordType::CNAME,
    RecordType::DNAME,
    RecordType::MX,
    RecordType::NS,
    RecordType::SRV,
    RecordType::SVCB,
    RecordType::HTTPS,
];

/// Records that a permission for a host does not open, and that still matter to whoever gives it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct AroundHost {
    /// The first records elsewhere in the zone that lead to names of the host.
    pub leading: Vec<Record>,
    /// How many there are beside these, of those that were looked at.
    pub more: usize,
    /// Whether not all of the zone was looked at, and there may be others still.
    pub is_cut: bool,
    /// The records of the wildcard that answers for names of the host which are not there. It does so no more for a
    /// name with a record of its own, or with one below it (RFC 4592 section 2.2.1).
    pub wildcard: Vec<Record>,
}

/// What else of a zone bears on a host: at most `most` records that lead to it, and how many others there are.
///
/// ```
/// use easement_zone::zonefile::{self, ReadOptions};
/// use namedrop::around_host;
///
/// let zone = zonefile::read("\
/// $ORIGIN example.com.
/// @      SOA   ns1.dns.example. hostmaster 1 2h 15m 2w 5m
///        NS    ns1.dns.example.
/// blog   CNAME notes.example.com.
/// *      A     192.0.2.1
/// ", &ReadOptions::default())?.zone;
/// let around = around_host(&"notes".parse()?, &zone, 9);
/// assert_eq!(around.leading[0].owner, "blog.example.com".parse()?);
/// assert_eq!(around.wildcard[0].owner, "*.example.com".parse()?);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn around_host(host: &PermittedHost, zone: &Zone, most: usize) -> AroundHost {
    let mut around = AroundHost {
        leading: Vec::new(),
        more: 0,
        is_cut: false,
        wildcard: Vec::new(),
    };
    let Ok(name) = host.host().below(zone.apex()) else {
        return around;
    };
    let is_of_host = |other: &Name| match host.reach() {
        HostReach::AtAndBelow => other.is_at_or_below(&name),
        HostReach::Below => other.is_below(&name),
    };
    for (seen, set) in zone.sets().enumerate() {
        if seen == MAX_LOOKED_AT {
            around.is_cut = true;
            break;
        }
        if is_of_host(set.owner()) || !LEADING.contains(&set.rtype()) {
            continue;
        }
        let leads = |record: &Record| record.data.target().is_some_and(|to| is_of_host(&to));
        for record in set.records().filter(leads) {
            if around.leading.len() < most {
                around.leading.push(record);
            } else {
                around.more += 1;
            }
        }
    }
    around.wildcard = wildcard_over(&name, zone)
        .iter()
        .flat_map(RecordSet::records)
        .collect();
    around
}

/// The record sets that answer for what is not there at or below a name: those at the wildcard of the lowest name that
/// is there (RFC 4592 section 3.3.1, "closest encloser").
pub(crate) fn wildcard_over(name: &Name, zone: &Zone) -> Vec<RecordSet> {
    let is_there = |one: &Name| one == zone.apex() || zone.has_name(one);
    let mut above = Some(name.clone());
    while let Some(one) = above.filter(|one| one.is_at_or_below(zone.apex())) {
        if is_there(&one) {
            let wildcard = one.child("*");
            return wildcard.map_or(Vec::new(), |wildcard| zone.at(&wildcard));
        }
        above = one.parent();
    }
    Vec::new()
}

/// Every name of a zone that a record elsewhere in it leads to, or to a name below it.
pub(crate) fn led_to(zone: &Zone) -> BTreeSet<Name> {
    let sets = zone.sets().take(MAX_LOOKED_AT);
    let mut found = BTreeSet::new();
    for set in sets.filter(|set| LEADING.contains(&set.rtype())) {
        for target in set
            .data()
            .iter()
            .filter_map(easement_zone::RecordData::target)
        {
            let mut name = Some(target.to_lowercase());
            while let Some(one) = name.filter(|one| one.is_below(zone.apex())) {
                name = one.parent();
                if !set.owner().is_at_or_below(&one) {
                    found.insert(one);
                }
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use easement_zone::zonefile::{self, ReadOptions};

    use super::*;

    const ZONE: &str = "\
$ORIGIN example.com.
@           SOA   ns1 hostmaster 1 2h 15m 2w 5m
            NS    ns1
            NS    ns.elsewhere.example.
            MX    10 Mail.Notes
            A     192.0.2.1
ns1         A     192.0.2.2
blog        CNAME notes.example.com.
*           A     192.0.2.3
            TXT   \"everywhere\"
_sip._tcp   SRV   1 1 5060 sip.notes
a.notes     CNAME notes
evil        CNAME evilnotes
lent        NS    ns.lent
*.shop      A     192.0.2.4
old         DNAME notes.example.com.
away        CNAME notes.example.net.
front       HTTPS 1 web.pages.example.com.
            HTTPS 1 . alpn=h2
            SVCB  1 web.pages.example.com.
";

    fn zone() -> Zone {
        zonefile::read(ZONE, &ReadOptions::default()).unwrap().zone
    }

    fn shown(records: &[Record]) -> Vec<String> {
        let records = records.iter();
        let shown = records.map(|one| format!("{} {}", one.owner.to_text(), one.data.rtype()));
        shown.collect()
    }

    #[test]
    fn what_leads_to_a_name_is_found_label_by_label() {
        for (host, expected) in [
            (
                "notes",
                &[
                    "example.com MX",
                    "_sip._tcp.example.com SRV",
                    "blog.example.com CNAME",
                    "old.example.com DNAME",
                ][..],
            ),
            (
                "NOTES",
                &[
                    "example.com MX",
                    "_sip._tcp.example.com SRV",
                    "blog.example.com CNAME",
                    "old.example.com DNAME",
                ],
            ),
            ("*.notes", &["example.com MX", "_sip._tcp.example.com SRV"]),
            ("mail.notes", &["example.com MX"]),
            (
                "pages",
                &["front.example.com SVCB", "front.example.com HTTPS"],
            ),
            ("otes", &[]),
            ("ns1", &["example.com NS"]),
            ("a.notes", &[]),
            ("", &[]),
            ("blog", &[]),
        ] {
            let around = around_host(&host.parse().unwrap(), &zone(), 9);
            let mut found = shown(&around.leading);
            found.sort();
            let mut expected = expected.to_vec();
            expected.sort_unstable();
            assert_eq!(found, expected, "{host}");
            assert_eq!((around.more, around.is_cut), (0, false));
        }
        let few = around_host(&"notes".parse().unwrap(), &zone(), 1);
        assert_eq!((few.leading.len(), few.more), (1, 3));
    }

    #[test]
    fn a_wildcard_answers_for_what_is_not_there() {
        for (host, expected) in [
            ("new", &["*.example.com A", "*.example.com TXT"][..]),
            ("a.b.new", &["*.example.com A", "*.example.com TXT"]),
            ("*.new", &["*.example.com A", "*.example.com TXT"]),
            ("a.shop", &["*.shop.example.com A"]),
            // It is there, so the one below it answers for names below it.
            ("shop", &["*.shop.example.com A"]),
            ("", &["*.example.com A", "*.example.com TXT"]),
            ("blog", &[]),
            // Nothing is there itself, but something below it (RFC 4592 section 2.2.2).
            ("_tcp", &[]),
        ] {
            let Ok(host) = host.parse::<PermittedHost>() else {
                assert!(wildcard_over(&"_tcp.example.com".parse().unwrap(), &zone()).is_empty());
                continue;
            };
            let around = around_host(&host, &zone(), 9);
            assert_eq!(shown(&around.wildcard), expected, "{host}");
        }
    }

    #[test]
    fn a_large_zone_is_looked_at_in_part_and_that_is_said() {
        let mut text = "$ORIGIN example.com.\n@ SOA ns1 h 1 2h 15m 2w 5m\n@ NS ns1\n".to_owned();
        for number in 0..MAX_LOOKED_AT {
            writeln!(text, "n{number} A 192.0.2.1").unwrap();
        }
        text.push_str("zz CNAME notes\n");
        let zone = zonefile::read(&text, &ReadOptions::default()).unwrap().zone;
        let around = around_host(&"notes".parse().unwrap(), &zone, 9);
        assert!(around.is_cut);
    }

    #[test]
    fn every_name_above_a_target_is_led_to() {
        let found: Vec<String> = led_to(&zone()).iter().map(Name::to_text).collect();
        let is_found = |name: &str| found.iter().any(|one| one == name);
        for name in [
            "notes.example.com",
            "mail.notes.example.com",
            "ns1.example.com",
            "sip.notes.example.com",
        ] {
            assert!(is_found(name), "{name}: {found:?}");
        }
        for name in [
            "example.com",
            "notes.example.net",
            "a.notes.example.com",
            "lent.example.com",
        ] {
            assert!(!is_found(name), "{name}: {found:?}");
        }
    }
}
