//! Two changes of one version of a zone, by two sides that did not know of each other.

use super::change::are_same;
use super::{ChangeSet, RecordSetKey};

/// What a change becomes beside what others changed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Merged {
    /// What there is to change now.
    pub changes: ChangeSet,
    /// The record sets that others changed and that stay as they made them.
    pub kept: Vec<RecordSetKey>,
}

/// What somebody changed in an earlier version of a zone, as a change of the zone as it is now.
///
/// `differences` lead from the zone as it is now to what they made of the earlier version, and
/// `meanwhile` leads from that version to the zone as it is now. What only others changed stays as it is.
/// Record sets that both sides changed, each to something else, are an error that names them.
pub fn merge(differences: &ChangeSet, meanwhile: &ChangeSet) -> Result<Merged, Vec<RecordSetKey>> {
    let mut merged = Merged::default();
    let mut torn = Vec::new();
    for (key, difference) in differences.iter() {
        match meanwhile.get(key) {
            None => merged
                .changes
                .record(difference.before.clone(), difference.after.clone()),
            // They left it as the earlier version had it.
            Some(others) if are_same(others.before.as_ref(), difference.after.as_ref()) => {
                merged.kept.push(key.clone());
            }
            Some(_) => torn.push(key.clone()),
        }
    }
    if torn.is_empty() {
        Ok(merged)
    } else {
        Err(torn)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::zonefile::{ReadOptions, read};
    use crate::{Serial, Zone, diff};

    /// A zone with addresses at some hosts, such as `a1 b2`: host `a` has 192.0.2.1, and so on.
    fn zone(hosts: &str, minimum: u32, serial: u32) -> Zone {
        let mut text =
            format!("$ORIGIN e.test.\n@ SOA ns1 ns1 {serial} 1 1 1 {minimum}\n@ NS ns1.test.\n");
        for host in hosts.split_whitespace() {
            let (name, last) = host.split_at(1);
            text.extend([name, " A 192.0.2.", last, "\n"]);
        }
        read(&text, &ReadOptions::default()).unwrap().zone
    }

    fn names(keys: &[RecordSetKey]) -> Vec<String> {
        keys.iter().map(|key| key.owner.to_text()).collect()
    }

    /// What the zone has after the merge and which hosts stay as others made them, or the hosts about which the
    /// two sides do not agree.
    fn merged(base: &str, file: &str, current: &str) -> Result<(Zone, Vec<String>), Vec<String>> {
        let [base, file, current] =
            [(base, 7), (file, 7), (current, 9)].map(|(hosts, serial)| zone(hosts, 60, serial));
        let changes = merge(&diff(&current, &file), &diff(&base, &current));
        let Merged { changes, kept } = changes.map_err(|keys| names(&keys))?;
        Ok((current.apply(&changes).unwrap(), names(&kept)))
    }

    #[test]
    fn what_others_changed_meanwhile_stays() {
        for (base, file, current, expected, kept) in [
            ("a1", "a1", "a1", "a1", &[][..]),
            ("a1", "a1 b1", "a1", "a1 b1", &[]),
            // Others added, changed or removed something.
            ("a1", "a1 b1", "a1 c1", "a1 b1 c1", &["c.e.test"]),
            ("a1 c1", "a2 c1", "a1 c2", "a2 c2", &["c.e.test"]),
            ("a1 c1", "a1 b1 c1", "a1", "a1 b1", &["c.e.test"]),
            ("a1 c1", "c1", "a1 c2", "c2", &["c.e.test"]),
            // Both did the same.
            ("a1", "a2", "a2", "a2", &[]),
            ("a1", "", "", "", &[]),
            ("a1", "a1 b1", "a1 b1", "a1 b1", &[]),
            // The file is the earlier version.
            ("a1", "a1", "b2", "b2", &["a.e.test", "b.e.test"]),
        ] {
            let (result, stays) = merged(base, file, current).unwrap();
            let expected = zone(expected, 60, result.serial().number());
            assert_eq!(result, expected, "{base} / {file} / {current}");
            assert_eq!(stays, kept, "{base} / {file} / {current}");
        }
    }

    #[test]
    fn what_both_sides_changed_differently_is_named() {
        for (base, file, current, torn) in [
            ("a1", "a2", "a3", &["a.e.test"][..]),
            ("a1", "", "a3", &["a.e.test"]),
            ("a1", "a3", "", &["a.e.test"]),
            ("c1", "c1 a1 b1", "c1 a2 b2", &["a.e.test", "b.e.test"]),
            ("a1 b1", "a2 b2", "a3 b1", &["a.e.test"]),
        ] {
            let result = merged(base, file, current);
            let torn: Vec<String> = torn.iter().copied().map(str::to_owned).collect();
            assert_eq!(result.unwrap_err(), torn, "{base} / {file} / {current}");
        }
    }

    #[test]
    fn serial_numbers_are_no_change_of_the_soa() {
        let (base, file) = (zone("a1", 60, 7), zone("a1", 90, 7));
        let current = zone("a1 b1", 60, 8);
        let merged = merge(&diff(&current, &file), &diff(&base, &current)).unwrap();
        let result = current.apply(&merged.changes).unwrap();
        assert_eq!(result, zone("a1 b1", 90, 9));
        assert_eq!(result.serial(), Serial::new(9));
        // Both changed something else in it.
        let current = zone("a1", 120, 8);
        let torn = merge(&diff(&current, &file), &diff(&base, &current));
        assert_eq!(torn.unwrap_err().len(), 1);
    }
}
