use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

#[derive(Clone, Debug, PartialEq)]
struct Entry {
    key: Vec<u8>,
    value: u32,
}

impl Keyed for Entry {
    fn key(&self) -> &[u8] {
        &self.key
    }
}

fn key() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(0u8..4, 0..6)
}

fn check(trie: &Trie<Entry>, map: &BTreeMap<Vec<u8>, u32>, probe: &[u8]) {
    assert_eq!(trie.len(), map.len());
    assert_eq!(trie.is_empty(), map.is_empty());
    let listed: Vec<(Vec<u8>, u32)> = trie
        .values()
        .map(|entry| (entry.key.clone(), entry.value))
        .collect();
    let expected: Vec<(Vec<u8>, u32)> = map.iter().map(|(k, v)| (k.clone(), *v)).collect();
    assert_eq!(listed, expected);
    for (key, value) in map {
        assert_eq!(trie.get(key).map(|entry| entry.value), Some(*value));
    }
    assert_eq!(trie.get(probe).map(|entry| &entry.value), map.get(probe));
    let below: Vec<u32> = map
        .iter()
        .filter(|(key, _)| key.starts_with(probe))
        .map(|(_, value)| *value)
        .collect();
    assert_eq!(trie.has_prefix(probe), !below.is_empty());
    let listed: Vec<u32> = trie
        .values_with_prefix(probe)
        .map(|entry| entry.value)
        .collect();
    assert_eq!(listed, below);
    let from: Vec<u32> = trie.values_from(probe).map(|entry| entry.value).collect();
    let expected: Vec<u32> = map
        .range(probe.to_vec()..)
        .map(|(_, value)| *value)
        .collect();
    assert_eq!(from, expected);
    check_descent(trie, map, probe);
}

fn check_descent(trie: &Trie<Entry>, map: &BTreeMap<Vec<u8>, u32>, probe: &[u8]) {
    let on_the_way: Vec<(usize, u32)> = map
        .iter()
        .filter(|(key, _)| probe.starts_with(key))
        .map(|(key, value)| (key.len(), *value))
        .collect();
    let mut descent = trie.descend(probe);
    let visited: Vec<(usize, u32)> = descent
        .by_ref()
        .flatten()
        .map(|(length, entry)| (length, entry.value))
        .collect();
    assert_eq!(visited, on_the_way);
    let matched = map.keys().map(|key| shared(key, probe)).max();
    assert_eq!(descent.matched(), matched.unwrap_or_default());
    let known = &probe[..descent.matched()];
    let end = known.iter().rposition(|octet| *octet == 0);
    let common = &known[..end.map_or(0, |end| end + 1)];
    for (key, value) in map.iter().filter(|(key, _)| key.starts_with(common)) {
        let beside = descent.look_beside(key);
        assert!(matches!(beside, Beside::Value(entry) if entry.value == *value));
        let longer = [key.as_slice(), &[9]].concat();
        assert!(matches!(descent.look_beside(&longer), Beside::Nothing));
        for length in common.len()..key.len() {
            let start = &key[..length];
            let beside = descent.look_beside(start);
            match map.get(start) {
                Some(value) => {
                    assert!(matches!(beside, Beside::Value(entry) if entry.value == *value));
                }
                None => assert!(matches!(beside, Beside::Longer), "{start:?}"),
            }
        }
    }
    let longest = trie
        .longest_prefix(probe)
        .map(|(length, entry)| (length, entry.value));
    assert_eq!(longest, on_the_way.last().copied());
}

proptest! {
    #[test]
    fn it_does_what_an_ordered_map_does(
        steps in prop::collection::vec((key(), prop::option::of(0u32..100)), 0..60),
        probe in key(),
    ) {
        let mut trie = Trie::default();
        let mut map = BTreeMap::new();
        let mut versions = Vec::new();
        for (key, value) in steps {
            versions.push((trie.clone(), map.clone()));
            if let Some(value) = value {
                trie = trie.with(Entry { key: key.clone(), value });
                map.insert(key, value);
            } else {
                trie = trie.without(&key);
                map.remove(&key);
            }
        }
        versions.push((trie, map));
        for (trie, map) in versions {
            check(&trie, &map, &probe);
        }
    }

    #[test]
    fn built_at_once_it_is_the_same_map(
        entries in prop::collection::vec((key(), 0u32..100), 0..60),
        probe in key(),
    ) {
        let map: BTreeMap<Vec<u8>, u32> = entries.iter().cloned().collect();
        let values = entries
            .into_iter()
            .map(|(key, value)| Entry { key, value })
            .collect();
        check(&Trie::from_values(values), &map, &probe);
    }
}

#[test]
fn a_child_costs_a_branch_two_words() {
    assert_eq!(size_of::<Child<crate::Node>>(), 16);
}
