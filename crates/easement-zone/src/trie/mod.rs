//! A persistent map from octet strings in their order: a radix trie whose changes share everything
//! that they do not touch.
//!
//! **What it is for.** Names of a zone, and apexes of the zones that are served. A change copies the
//! branches on one path, so it costs the length of a key; the map from before the change stays as it
//! was, for as long as someone reads it.
//!
//! A value brings its own key, so a value without values below it costs a trie no more than its
//! place in a branch. A branch keeps the octets that select its children beside its prefix: going
//! down touches only the branches on the way.

mod build;
mod change;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use crate::octets::Octets;

/// A value that knows the key under which it is found.
pub trait Keyed {
    /// The key; it must not change.
    fn key(&self) -> &[u8];
}

impl<V: Keyed> Keyed for Arc<V> {
    fn key(&self) -> &[u8] {
        self.as_ref().key()
    }
}

/// A persistent, ordered map from octet strings to values.
#[derive(Clone, Debug)]
pub struct Trie<V> {
    root: Option<Child<V>>,
    len: usize,
}

impl<V> Default for Trie<V> {
    fn default() -> Self {
        Self { root: None, len: 0 }
    }
}

impl<V: Keyed> Trie<V> {
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
        self.root.as_ref()?.get(0, key)
    }

    /// Goes down along `key`, one access to memory a step. Steps of several descents may take turns,
    /// so that their waits for memory overlap.
    pub fn descend<'t, 'k>(&'t self, key: &'k [u8]) -> Descent<'t, 'k, V> {
        Descent {
            stage: self
                .root
                .as_ref()
                .map_or(Stage::End, |root| Stage::Child(root, 0)),
            key,
            matched: 0,
            here: None,
            last_end: self.root.as_ref().map(|root| (root, 0)),
        }
    }

    /// The longest key that `key` begins with, by its length, and its value.
    pub fn longest_prefix(&self, key: &[u8]) -> Option<(usize, &V)> {
        self.descend(key).flatten().last()
    }

    /// Whether any key begins with `prefix`, that key itself included.
    pub fn has_prefix(&self, prefix: &[u8]) -> bool {
        self.subtree(prefix).is_some()
    }

    /// The values in the order of their keys.
    pub fn values(&self) -> Values<'_, V> {
        Values {
            stack: self.root.iter().collect(),
        }
    }

    /// The values of all keys that begin with `prefix`, in order.
    pub fn values_with_prefix(&self, prefix: &[u8]) -> Values<'_, V> {
        Values {
            stack: self.subtree(prefix).into_iter().collect(),
        }
    }

    /// The values from this key on, in order. Only the way down to it is looked at first.
    pub fn values_from(&self, key: &[u8]) -> Values<'_, V> {
        let mut stack = Vec::new();
        let mut way = self.root.as_ref().map(|root| (root, key));
        while let Some((child, rest)) = way {
            way = child.split_at(key, rest, &mut stack);
        }
        Values { stack }
    }

    /// The part that holds exactly the keys that begin with `prefix`.
    fn subtree(&self, prefix: &[u8]) -> Option<&Child<V>> {
        self.root.as_ref()?.subtree(0, prefix)
    }
}

//------------ Child and Branch ------------------------------------------------------------------

/// What stands below a branch, or at the top.
#[derive(Clone, Debug)]
enum Child<V> {
    /// A value with nothing below it.
    Leaf(V),
    /// Two or more values.
    Branch(Arc<Branch<V>>),
}

impl<V: Keyed> Child<V> {
    /// The part that holds exactly the keys that begin with `prefix`, which agrees with those below in
    /// its first `at` octets.
    fn subtree(&self, at: usize, prefix: &[u8]) -> Option<&Self> {
        let mut child = self;
        let mut at = at;
        loop {
            let rest = prefix.get(at..)?;
            let branch = match child {
                Self::Leaf(value) => {
                    return value.key().get(at..)?.starts_with(rest).then_some(child);
                }
                Self::Branch(branch) => branch,
            };
            if branch.prefix().starts_with(rest) {
                return Some(child);
            }
            let rest = rest.strip_prefix(branch.prefix())?;
            at = prefix.len() - rest.len() + 1;
            child = branch.child(*rest.first()?)?;
        }
    }

    /// Pushes the parts below that come after `key`, the last one first, but for the part that is half
    /// before it, which is given back. Of the key, `rest` is still to be compared.
    fn split_at<'t, 'k>(
        &'t self,
        key: &[u8],
        rest: &'k [u8],
        later: &mut Vec<&'t Self>,
    ) -> Option<(&'t Self, &'k [u8])> {
        let branch = match self {
            Self::Leaf(value) => {
                later.extend((value.key() >= key).then_some(self));
                return None;
            }
            Self::Branch(branch) => branch,
        };
        let after_prefix = rest.strip_prefix(branch.prefix());
        let Some((first, rest)) = after_prefix.and_then(<[u8]>::split_first) else {
            later.extend((branch.prefix() >= rest).then_some(self));
            return None;
        };
        let index = branch.firsts().partition_point(|octet| octet <= first);
        later.extend(branch.children.iter().skip(index).rev());
        Some((branch.child(*first)?, rest))
    }

    /// The value of a key that agrees with those below in its first `at` octets.
    fn get(&self, at: usize, key: &[u8]) -> Option<&V> {
        let mut child = self;
        let mut at = at;
        loop {
            let rest = key.get(at..)?;
            let branch = match child {
                Self::Leaf(value) => return (value.key().get(at..)? == rest).then_some(value),
                Self::Branch(branch) => branch,
            };
            let rest = rest.strip_prefix(branch.prefix())?;
            let Some(first) = rest.first() else {
                return branch.value.as_ref();
            };
            at = key.len() - rest.len() + 1;
            child = branch.child(*first)?;
        }
    }
}

#[derive(Clone, Debug)]
struct Branch<V> {
    /// The prefix that all keys below share, without the octet that selected this branch; then the
    /// octets that select each child, in order.
    /// Most branches have a few, in place, and need not be waited for twice.
    octets: Octets,
    /// The value whose key ends with the prefix.
    value: Option<V>,
    children: Box<[Child<V>]>,
}

impl<V> Branch<V> {
    fn new(prefix: &[u8], value: Option<V>, firsts: &[u8], children: Vec<Child<V>>) -> Self {
        Self {
            octets: [prefix, firsts].concat().as_slice().into(),
            value,
            children: children.into(),
        }
    }

    fn split_octets(&self) -> (&[u8], &[u8]) {
        let prefix = self.octets.len().saturating_sub(self.children.len());
        self.octets.split_at_checked(prefix).unwrap_or_default()
    }

    fn prefix(&self) -> &[u8] {
        self.split_octets().0
    }

    fn firsts(&self) -> &[u8] {
        self.split_octets().1
    }

    fn child(&self, first: u8) -> Option<&Child<V>> {
        let index = self.firsts().binary_search(&first).ok()?;
        self.children.get(index)
    }
}

/// How many octets two strings have in common at the front.
fn shared(one: &[u8], other: &[u8]) -> usize {
    one.iter()
        .zip(other)
        .take_while(|(one, other)| one == other)
        .count()
}

//------------ Descent ---------------------------------------------------------------------------

/// A way down along a key. A step gives the value at the place that was reached, when there is one,
/// with the length of its key.
#[derive(Debug)]
pub struct Descent<'t, 'k, V> {
    stage: Stage<'t, V>,
    key: &'k [u8],
    matched: usize,
    /// The part of the map that the steps are in, and where in the key it begins.
    here: Option<(&'t Child<V>, usize)>,
    /// The part in which the last zero octet was matched.
    last_end: Option<(&'t Child<V>, usize)>,
}

/// What a descent looks at next; each is in another place of the memory.
#[derive(Debug)]
enum Stage<'t, V> {
    /// A place in a branch, at so many octets of the key: what is there?
    Child(&'t Child<V>, usize),
    /// A branch: where are its octets and children?
    Branch(&'t Branch<V>),
    /// The octets of a branch: which child is it?
    Octets(&'t Branch<V>, &'t [u8], &'t [Child<V>]),
    /// A value with its key.
    Leaf(&'t V),
    End,
}

impl<V> Descent<'_, '_, V> {
    /// How many octets of the key some key in the map begins with, as far as the steps went.
    pub fn matched(&self) -> usize {
        self.matched
    }

    /// Goes on along octets of the map; false when the key goes elsewhere before they end.
    fn follow(&mut self, octets: &[u8]) -> bool {
        let rest = self.key.get(self.matched..).unwrap_or_default();
        let shared = shared(octets, rest);
        self.matched += shared;
        // The octet that selected this part counts as well.
        let own = self.here.map_or(0, |(_, at)| at.saturating_sub(1));
        let own = self.key.get(own..self.matched).unwrap_or_default();
        if own.contains(&0) {
            self.last_end = self.here;
        }
        shared == octets.len()
    }
}

impl<'t, V: Keyed> Descent<'t, '_, V> {
    /// What there is at another key, which agrees with this one up to the last zero octet that was
    /// matched; cheaper than looking it up from the top.
    pub fn look_beside(&self, key: &[u8]) -> Beside<'t, V> {
        let below = self.last_end.and_then(|(child, at)| child.subtree(at, key));
        let first = match below {
            None => return Beside::Nothing,
            Some(Child::Leaf(value)) => Some(value),
            Some(Child::Branch(branch)) => branch.value.as_ref(),
        };
        first
            .filter(|value| value.key() == key)
            .map_or(Beside::Longer, Beside::Value)
    }
}

/// What [`Descent::look_beside`] found.
#[derive(Debug)]
pub enum Beside<'t, V> {
    /// The value of the key.
    Value(&'t V),
    /// Only longer keys, which begin with it.
    Longer,
    /// No key begins with it.
    Nothing,
}

/// The next stage, and the value that was reached with the length of its key.
type Step<'t, V> = (Stage<'t, V>, Option<(usize, &'t V)>);

impl<'t, V> Descent<'t, '_, V> {
    /// Follows the prefix of a branch, and then the octet of one of its children.
    fn choose(
        &mut self,
        branch: &'t Branch<V>,
        octets: &'t [u8],
        children: &'t [Child<V>],
    ) -> Step<'t, V> {
        let prefix = octets.len().saturating_sub(children.len());
        let (prefix, firsts) = octets.split_at_checked(prefix).unwrap_or_default();
        if !self.follow(prefix) {
            return (Stage::End, None);
        }
        let reached = branch.value.as_ref().map(|value| (self.matched, value));
        let first = self.key.get(self.matched);
        let index = first.and_then(|first| firsts.binary_search(first).ok());
        let Some(child) = index.and_then(|index| children.get(index)) else {
            return (Stage::End, reached);
        };
        self.matched += 1;
        (Stage::Child(child, self.matched), reached)
    }
}

impl<'t, V: Keyed> Iterator for Descent<'t, '_, V> {
    type Item = Option<(usize, &'t V)>;

    fn next(&mut self) -> Option<Self::Item> {
        let (next, reached) = match self.stage {
            Stage::End => return None,
            Stage::Child(child, at) => {
                self.here = Some((child, at));
                match child {
                    Child::Leaf(value) => (Stage::Leaf(value), None),
                    Child::Branch(branch) => (Stage::Branch(branch), None),
                }
            }
            Stage::Branch(branch) => {
                let octets = Stage::Octets(branch, &branch.octets, &branch.children);
                (octets, None)
            }
            Stage::Octets(branch, octets, children) => self.choose(branch, octets, children),
            Stage::Leaf(value) => {
                let is_reached = self.follow(value.key().get(self.matched..).unwrap_or_default());
                (Stage::End, is_reached.then_some((self.matched, value)))
            }
        };
        self.stage = next;
        Some(reached)
    }
}

//------------ Values ----------------------------------------------------------------------------

/// Values in the order of their keys.
#[derive(Debug)]
pub struct Values<'a, V> {
    stack: Vec<&'a Child<V>>,
}

impl<'a, V> Iterator for Values<'a, V> {
    type Item = &'a V;

    fn next(&mut self) -> Option<&'a V> {
        loop {
            match self.stack.pop()? {
                Child::Leaf(value) => return Some(value),
                Child::Branch(branch) => {
                    self.stack.extend(branch.children.iter().rev());
                    if let Some(value) = &branch.value {
                        return Some(value);
                    }
                }
            }
        }
    }
}
