//! A map with one value more, another, or one less.

use std::sync::Arc;

use super::{Branch, Child, Keyed, Trie, shared};

impl<V: Keyed + Clone> Trie<V> {
    /// The map with this value, in place of an earlier one of its key.
    #[must_use]
    pub fn with(&self, value: V) -> Self {
        let mut changed = self.clone();
        changed.insert(value);
        changed
    }

    /// Puts a value into this map, in place of an earlier one of its key. What other maps share is copied
    /// first; what only this map has, since it was changed before, is not.
    pub(crate) fn insert(&mut self, value: V) {
        let was_there = if let Some(root) = &mut self.root {
            root.insert(0, value)
        } else {
            self.root = Some(Child::Leaf(value));
            false
        };
        self.len += usize::from(!was_there);
    }

    /// The map without this key.
    #[must_use]
    pub fn without(&self, key: &[u8]) -> Self {
        match self.root.as_ref().map(|root| root.without(0, key)) {
            Some(Removal::Left(root)) => Self {
                root: Some(root),
                len: self.len - 1,
            },
            Some(Removal::Gone) => Self::default(),
            Some(Removal::NotThere) | None => self.clone(),
        }
    }
}

enum Removal<V> {
    NotThere,
    Gone,
    Left(Child<V>),
}

impl<V: Keyed + Clone> Child<V> {
    /// Puts in one more value, whose key agrees with those below in its first `at` octets, and says
    /// whether the key was there before.
    fn insert(&mut self, at: usize, value: V) -> bool {
        let branch = match self {
            Self::Leaf(other) if other.key() == value.key() => {
                *other = value;
                return true;
            }
            Self::Leaf(other) => {
                *self = Self::fork(at, other.clone(), value);
                return false;
            }
            Self::Branch(branch) => branch,
        };
        let prefix = branch.prefix();
        let rest = value.key().get(at..).unwrap_or_default();
        let shared = shared(prefix, rest);
        if shared < prefix.len() {
            *self = branch.split(shared, at, value);
            return false;
        }
        let Some(first) = rest.get(shared).copied() else {
            return Arc::make_mut(branch).value.replace(value).is_some();
        };
        match branch.firsts().binary_search(&first) {
            Ok(index) => {
                let child = Arc::make_mut(branch).children.get_mut(index);
                child.is_some_and(|child| child.insert(at + shared + 1, value))
            }
            Err(index) => {
                let mut firsts = branch.firsts().to_vec();
                firsts.insert(index, first);
                let mut children = branch.children.to_vec();
                children.insert(index, Self::Leaf(value));
                *self = Branch::new(prefix, branch.value.clone(), &firsts, children).into();
                false
            }
        }
    }

    /// A branch over two values of different keys that share their first `at` octets.
    fn fork(at: usize, one: V, other: V) -> Self {
        let one_rest = one.key().get(at..).unwrap_or_default();
        let other_rest = other.key().get(at..).unwrap_or_default();
        let prefix = one_rest
            .get(..shared(one_rest, other_rest))
            .unwrap_or_default()
            .to_vec();
        let first_of = |rest: &[u8]| rest.get(prefix.len()).copied();
        match (first_of(one_rest), first_of(other_rest)) {
            (Some(one_first), Some(other_first)) => {
                let mut pair = [(one_first, one), (other_first, other)];
                pair.sort_by_key(|(first, _)| *first);
                let firsts = pair.each_ref().map(|(first, _)| *first);
                let children = pair.map(|(_, value)| Self::Leaf(value)).into();
                Branch::new(&prefix, None, &firsts, children).into()
            }
            (Some(first), None) => {
                Branch::new(&prefix, Some(other), &[first], vec![Self::Leaf(one)]).into()
            }
            (None, first) => {
                let first = first.unwrap_or_default();
                Branch::new(&prefix, Some(one), &[first], vec![Self::Leaf(other)]).into()
            }
        }
    }

    fn without(&self, at: usize, key: &[u8]) -> Removal<V> {
        let branch = match self {
            Self::Leaf(value) if value.key() == key => return Removal::Gone,
            Self::Leaf(_) => return Removal::NotThere,
            Self::Branch(branch) => branch,
        };
        let rest = key.get(at..).unwrap_or_default();
        let Some(rest) = rest.strip_prefix(branch.prefix()) else {
            return Removal::NotThere;
        };
        let Some(first) = rest.first() else {
            if branch.value.is_none() {
                return Removal::NotThere;
            }
            let mut changed = branch.as_ref().clone();
            changed.value = None;
            return changed.joined();
        };
        let Ok(index) = branch.firsts().binary_search(first) else {
            return Removal::NotThere;
        };
        let mut children = branch.children.to_vec();
        let Some(child) = children.get_mut(index) else {
            return Removal::NotThere;
        };
        match child.without(key.len() - rest.len() + 1, key) {
            Removal::NotThere => Removal::NotThere,
            Removal::Left(changed) => {
                *child = changed;
                Removal::Left(branch.with_children(children).into())
            }
            Removal::Gone => {
                children.remove(index);
                let mut firsts = branch.firsts().to_vec();
                firsts.remove(index);
                let value = branch.value.clone();
                Branch::new(branch.prefix(), value, &firsts, children).joined()
            }
        }
    }
}

impl<V: Keyed + Clone> Branch<V> {
    /// The same branch over other children, selected by the same octets.
    fn with_children(&self, children: Vec<Child<V>>) -> Self {
        Self {
            octets: self.octets.clone(),
            value: self.value.clone(),
            children: children.into(),
        }
    }

    /// A branch after `shared` octets of the prefix, over this one and `value`.
    fn split(&self, shared: usize, at: usize, value: V) -> Child<V> {
        let (common, own) = self.prefix().split_at_checked(shared).unwrap_or_default();
        let (own_first, own_prefix) = own.split_first().unwrap_or((&0, &[]));
        let lower: Child<V> = Self {
            octets: [own_prefix, self.firsts()].concat().as_slice().into(),
            value: self.value.clone(),
            children: self.children.clone(),
        }
        .into();
        match value.key().get(at + shared).copied() {
            None => Self::new(common, Some(value), &[*own_first], vec![lower]).into(),
            Some(first) => {
                let mut pair = [(*own_first, lower), (first, Child::Leaf(value))];
                pair.sort_by_key(|(first, _)| *first);
                let firsts = pair.each_ref().map(|(first, _)| *first);
                Self::new(common, None, &firsts, pair.map(|(_, child)| child).into()).into()
            }
        }
    }

    /// This branch, or what is left of it when it no longer has two values.
    fn joined(self) -> Removal<V> {
        match (&self.value, self.children.as_ref()) {
            (None, []) => Removal::Gone,
            (Some(value), []) | (None, [Child::Leaf(value)]) => {
                Removal::Left(Child::Leaf(value.clone()))
            }
            (None, [Child::Branch(only)]) => Removal::Left(
                Self {
                    octets: [&*self.octets, &*only.octets].concat().as_slice().into(),
                    value: only.value.clone(),
                    children: only.children.clone(),
                }
                .into(),
            ),
            (Some(_) | None, _) => Removal::Left(self.into()),
        }
    }
}

impl<V> From<Branch<V>> for Child<V> {
    fn from(branch: Branch<V>) -> Self {
        Self::Branch(Arc::new(branch))
    }
}
