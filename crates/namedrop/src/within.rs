//! The part of a zone that permissions are for, found without a walk through the rest of it.

use std::collections::BTreeSet;

use easement_zone::{Name, RecordSet, Zone};

use crate::{Permission, Permissions};

/// The most record sets that are looked at for one answer: a permission may open few records among very many.
pub(crate) const MAX_LOOKED_AT: usize = 10_000;

/// The record sets at and below the names of permissions, as far as they are at or below `under`.
pub(crate) fn sets_within<'z>(
    given: &Permissions,
    zone: &'z Zone,
    under: &Name,
) -> impl Iterator<Item = RecordSet> + use<'z> {
    let starts: BTreeSet<Name> = tops(given)
        .into_iter()
        .filter_map(|top| lower(top, under))
        .cloned()
        .collect();
    starts.into_iter().flat_map(|start| {
        let at = zone.at(&start).into_iter();
        at.chain(zone.below(&start))
    })
}

/// How many records permissions open in a zone; no more than `most` are counted, in as many sets as are looked at for
/// one answer.
pub(crate) fn count_open(given: &Permissions, zone: &Zone, most: usize) -> usize {
    sets_within(given, zone, zone.apex())
        .take(MAX_LOOKED_AT)
        .map(|set| open_in(given, zone.apex(), &set))
        .scan(0_usize, |sum, open| {
            let before = *sum;
            *sum = sum.saturating_add(open);
            (before <= most).then_some(*sum)
        })
        .last()
        .unwrap_or(0)
}

/// How many records of a set permissions open.
pub(crate) fn open_in(given: &Permissions, apex: &Name, set: &RecordSet) -> usize {
    let is_open = |data: &&_| given.open(set.owner(), apex, data);
    set.data().iter().filter(is_open).count()
}

/// The names of permissions, without those below another.
pub(crate) fn tops(given: &Permissions) -> BTreeSet<&Name> {
    let names = || given.iter().map(Permission::name);
    let is_top = |name: &&Name| !names().any(|other| name.is_below(other));
    names().filter(is_top).collect()
}

fn lower<'n>(one: &'n Name, other: &'n Name) -> Option<&'n Name> {
    if one.is_at_or_below(other) {
        Some(one)
    } else if other.is_at_or_below(one) {
        Some(other)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use easement_zone::zonefile::{self, ReadOptions};

    use super::*;

    fn zone() -> Zone {
        let mut text = String::from(
            "$ORIGIN example.com.\n@ SOA ns1.dns.example. hostmaster 1 2h 15m 2w 5m\n NS ns1.dns.example.\n",
        );
        for at in 0..50 {
            writeln!(text, "h{at}.sub A 192.0.2.1\nh{at}.evilsub A 192.0.2.1").unwrap();
        }
        zonefile::read(&text, &ReadOptions::default()).unwrap().zone
    }

    fn given(hosts: &[&str]) -> Permissions {
        let one = |host: &&str| {
            format!(r#"{{"scope": "namedrop-hosts", "domain": "example.com", "host": "{host}"}}"#)
        };
        let all: Vec<String> = hosts.iter().map(one).collect();
        serde_json::from_str(&format!("[{}]", all.join(","))).unwrap()
    }

    #[test]
    fn only_what_permissions_are_for_is_looked_at() {
        for (hosts, under, count) in [
            (&["sub"][..], "example.com", 50),
            (&["sub"], "sub.example.com", 50),
            (&["sub"], "h1.sub.example.com", 1),
            (&["sub"], "evilsub.example.com", 0),
            (&["sub", "h1.sub"], "example.com", 50),
            (&["sub", "evilsub"], "example.com", 100),
            (&["h1.sub", "h2.sub"], "sub.example.com", 2),
            (&[""], "sub.example.com", 50),
            (&[""], "example.com", 102),
        ] {
            let under = under.parse().unwrap();
            let found = sets_within(&given(hosts), &zone(), &under).count();
            assert_eq!(found, count, "{hosts:?} under {under}");
        }
    }

    #[test]
    fn counting_ends_beyond_the_most() {
        assert_eq!(count_open(&given(&["sub"]), &zone(), 1000), 50);
        assert_eq!(count_open(&given(&["sub"]), &zone(), 10), 11);
        assert_eq!(count_open(&given(&["none"]), &zone(), 10), 0);
    }
}
