//! A persistent map from octet strings in their order: a radix trie whose changes share everything
//! that they do not touch.
//!
//! **What it is for.** Names of a zone, and apexes of the zones that are served. A change copies the
//! nodes on one path, so it costs the length of a key; the map from before the change stays as it
//! was, for as long as someone reads it.

use std::sync::Arc;

/// A persistent, ordered map from octet strings to values.
#[derive(Clone, Debug)]
pub struct Trie<V> {
    root: Arc<TrieNode<V>>,
    len: usize,
}

#[derive(Clone, Debug)]
struct TrieNode<V> {
    /// The octets between the parent's end and this node, the one that selects it included.
    prefix: Box<[u8]>,
    value: Option<V>,
    /// In the order of the first octet of their prefixes.
    children: Box<[Arc<TrieNode<V>>]>,
}

impl<V> Default for Trie<V> {
    fn default() -> Self {
        let root = TrieNode {
            prefix: Box::default(),
            value: None,
            children: Box::default(),
        };
        Self {
            root: Arc::new(root),
            len: 0,
        }
    }
}

impl<V> Trie<V> {
    /// How many keys there are.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The value of a key.
    pub fn get(&self, key: &[u8]) -> Option<&V> {
        let mut node = &self.root;
        let mut rest = key;
        loop {
            rest = rest.strip_prefix(node.prefix.as_ref())?;
            let Some(first) = rest.first() else {
                return node.value.as_ref();
            };
            node = node.children.get(node.child(*first).ok()?)?;
        }
    }

    /// The longest key that `key` begins with, by its length, and its value.
    pub fn longest_prefix(&self, key: &[u8]) -> Option<(usize, &V)> {
        let mut best = None;
        let mut node = &self.root;
        let mut rest = key;
        while let Some(after) = rest.strip_prefix(node.prefix.as_ref()) {
            rest = after;
            if let Some(value) = &node.value {
                best = Some((key.len() - rest.len(), value));
            }
            let Some(next) = rest
                .first()
                .and_then(|first| node.children.get(node.child(*first).ok()?))
            else {
                break;
            };
            node = next;
        }
        best
    }

    /// Whether any key begins with `prefix`, that key itself included.
    pub fn has_prefix(&self, prefix: &[u8]) -> bool {
        self.subtree(prefix).is_some()
    }

    /// The values in the order of their keys.
    pub fn values(&self) -> Values<'_, V> {
        Values {
            stack: vec![&self.root],
        }
    }

    /// The values of all keys that begin with `prefix`, in order.
    pub fn values_with_prefix(&self, prefix: &[u8]) -> Values<'_, V> {
        Values {
            stack: self.subtree(prefix).into_iter().collect(),
        }
    }

    /// The node whose subtree holds exactly the keys that begin with `prefix`.
    fn subtree(&self, prefix: &[u8]) -> Option<&TrieNode<V>> {
        let mut node = self.root.as_ref();
        let mut rest = prefix;
        loop {
            if node.prefix.starts_with(rest) {
                return (!node.is_vacant()).then_some(node);
            }
            rest = rest.strip_prefix(node.prefix.as_ref())?;
            node = node.children.get(node.child(*rest.first()?).ok()?)?;
        }
    }
}

impl<V: Clone> Trie<V> {
    /// The map with this value for this key.
    #[must_use]
    pub fn with(&self, key: &[u8], value: V) -> Self {
        let (root, was_there) = self.root.with(key, value);
        Self {
            root: Arc::new(root),
            len: self.len + usize::from(!was_there),
        }
    }

    /// The map without this key.
    #[must_use]
    pub fn without(&self, key: &[u8]) -> Self {
        match self.root.without(key) {
            Removal::NotThere => self.clone(),
            Removal::Gone => Self::default(),
            Removal::Left(root) => {
                // Only the root may have an empty prefix, so it must not merge with its only child.
                let root = if root.prefix.is_empty() {
                    root
                } else {
                    TrieNode {
                        prefix: Box::default(),
                        value: None,
                        children: Box::new([Arc::new(root)]),
                    }
                };
                Self {
                    root: Arc::new(root),
                    len: self.len - 1,
                }
            }
        }
    }
}

enum Removal<V> {
    NotThere,
    Gone,
    Left(TrieNode<V>),
}

impl<V> TrieNode<V> {
    fn child(&self, first: u8) -> Result<usize, usize> {
        self.children.binary_search_by_key(&first, |child| {
            child.prefix.first().copied().unwrap_or_default()
        })
    }

    /// Only the root of an empty map holds neither a value nor a child.
    fn is_vacant(&self) -> bool {
        self.value.is_none() && self.children.is_empty()
    }
}

impl<V: Clone> TrieNode<V> {
    fn leaf(prefix: &[u8], value: V) -> Arc<Self> {
        Arc::new(Self {
            prefix: prefix.into(),
            value: Some(value),
            children: Box::default(),
        })
    }

    /// A copy of this node that holds `value` at `key`, and whether the key was there before.
    fn with(&self, key: &[u8], value: V) -> (Self, bool) {
        let shared = self
            .prefix
            .iter()
            .zip(key)
            .take_while(|(own, key)| own == key)
            .count();
        let (common, own_rest) = self.prefix.split_at(shared);
        let rest = key.get(shared..).unwrap_or_default();
        if !own_rest.is_empty() {
            return (self.split(common, own_rest, rest, value), false);
        }
        let Some(first) = rest.first() else {
            let was_there = self.value.is_some();
            return (
                Self {
                    value: Some(value),
                    ..self.clone()
                },
                was_there,
            );
        };
        let mut children = self.children.to_vec();
        let mut was_there = false;
        match self.child(*first) {
            Ok(index) => {
                if let Some(child) = children.get_mut(index) {
                    let (changed, had) = child.with(rest, value);
                    *child = Arc::new(changed);
                    was_there = had;
                }
            }
            Err(index) => children.insert(index, Self::leaf(rest, value)),
        }
        (
            Self {
                prefix: self.prefix.clone(),
                value: self.value.clone(),
                children: children.into(),
            },
            was_there,
        )
    }

    /// A node at the end of `common`, above what this node was and above `rest`.
    fn split(&self, common: &[u8], own_rest: &[u8], rest: &[u8], value: V) -> Self {
        let lower = Arc::new(Self {
            prefix: own_rest.into(),
            ..self.clone()
        });
        let (value, mut children) = if rest.is_empty() {
            (Some(value), vec![lower])
        } else {
            (None, vec![lower, Self::leaf(rest, value)])
        };
        children.sort_by_key(|child| child.prefix.first().copied());
        Self {
            prefix: common.into(),
            value,
            children: children.into(),
        }
    }

    fn without(&self, key: &[u8]) -> Removal<V> {
        let Some(rest) = key.strip_prefix(self.prefix.as_ref()) else {
            return Removal::NotThere;
        };
        let Some(first) = rest.first() else {
            if self.value.is_none() {
                return Removal::NotThere;
            }
            return Self {
                value: None,
                ..self.clone()
            }
            .joined();
        };
        let Ok(index) = self.child(*first) else {
            return Removal::NotThere;
        };
        let mut children = self.children.to_vec();
        let Some(child) = children.get_mut(index) else {
            return Removal::NotThere;
        };
        match child.without(rest) {
            Removal::NotThere => return Removal::NotThere,
            Removal::Gone => drop(children.remove(index)),
            Removal::Left(changed) => *child = Arc::new(changed),
        }
        Self {
            prefix: self.prefix.clone(),
            value: self.value.clone(),
            children: children.into(),
        }
        .joined()
    }

    /// This node, or its only child in its place when it has nothing of its own.
    fn joined(self) -> Removal<V> {
        if self.value.is_some() {
            return Removal::Left(self);
        }
        match self.children.as_ref() {
            [] => Removal::Gone,
            [only] => {
                let prefix = [self.prefix.as_ref(), only.prefix.as_ref()].concat();
                Removal::Left(Self {
                    prefix: prefix.into(),
                    ..only.as_ref().clone()
                })
            }
            _ => Removal::Left(self),
        }
    }
}

/// Values in the order of their keys.
#[derive(Debug)]
pub struct Values<'a, V> {
    stack: Vec<&'a TrieNode<V>>,
}

impl<'a, V> Iterator for Values<'a, V> {
    type Item = &'a V;

    fn next(&mut self) -> Option<&'a V> {
        loop {
            let node = self.stack.pop()?;
            self.stack
                .extend(node.children.iter().rev().map(Arc::as_ref));
            if let Some(value) = &node.value {
                return Some(value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    fn key() -> impl Strategy<Value = Vec<u8>> {
        prop::collection::vec(0u8..4, 0..6)
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
                    trie = trie.with(&key, value);
                    map.insert(key, value);
                } else {
                    trie = trie.without(&key);
                    map.remove(&key);
                }
            }
            versions.push((trie, map));
            for (trie, map) in versions {
                prop_assert_eq!(trie.len(), map.len());
                prop_assert_eq!(
                    trie.values().copied().collect::<Vec<_>>(),
                    map.values().copied().collect::<Vec<_>>()
                );
                for (key, value) in &map {
                    prop_assert_eq!(trie.get(key), Some(value));
                }
                prop_assert_eq!(trie.get(&probe), map.get(&probe));
                let below: Vec<u32> = map
                    .iter()
                    .filter(|(key, _)| key.starts_with(&probe))
                    .map(|(_, value)| *value)
                    .collect();
                prop_assert_eq!(trie.has_prefix(&probe), !below.is_empty());
                prop_assert_eq!(
                    trie.values_with_prefix(&probe).copied().collect::<Vec<_>>(), below
                );
                let longest = map
                    .iter()
                    .filter(|(key, _)| probe.starts_with(key))
                    .max_by_key(|(key, _)| key.len())
                    .map(|(key, value)| (key.len(), value));
                prop_assert_eq!(trie.longest_prefix(&probe), longest);
            }
        }
    }
}
