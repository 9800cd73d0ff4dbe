//! A map made from all its values at once.

use std::sync::Arc;
use std::vec::IntoIter;

use super::{Branch, Child, Keyed, Trie, shared};

impl<V: Keyed> Trie<V> {
    /// The map of these values. Of several with one key the last one stays.
    ///
    /// Built from the bottom, so it costs no more than sorting, which is quick for values that come
    /// in order.
    pub fn from_values(mut values: Vec<V>) -> Self {
        values.sort_by(|one, other| one.key().cmp(other.key()));
        values.dedup_by(|later, earlier| {
            let is_same = later.key() == earlier.key();
            if is_same {
                std::mem::swap(later, earlier);
            }
            is_same
        });
        let len = values.len();
        Self {
            root: build(&mut values.into_iter(), len, 0),
            len,
        }
    }
}

/// Takes the next `count` values, whose keys share their first `at` octets.
fn build<V: Keyed>(values: &mut IntoIter<V>, count: usize, at: usize) -> Option<Child<V>> {
    if count < 2 {
        return values.next().map(Child::Leaf);
    }
    let run = values.as_slice().get(..count)?;
    let first = run.first()?.key().get(at..)?;
    let last = run.last()?.key().get(at..)?;
    let prefix = first.get(..shared(first, last))?.to_vec();
    let end = at + prefix.len();
    let has_value = first.len() == prefix.len();
    let groups = groups(run.get(usize::from(has_value)..)?, end);
    let value = has_value.then(|| values.next()).flatten();
    let firsts: Vec<u8> = groups.iter().map(|(first, _)| *first).collect();
    // Room for exactly these: the branch keeps it.
    let mut children = Vec::with_capacity(groups.len());
    children.extend(
        groups
            .iter()
            .filter_map(|(_, count)| build(values, *count, end + 1)),
    );
    Some(Child::Branch(Arc::new(Branch::new(
        &prefix, value, &firsts, children,
    ))))
}

/// How many values follow each other with the same octet at `at`, and the octet.
fn groups<V: Keyed>(run: &[V], at: usize) -> Vec<(u8, usize)> {
    let octet = |value: &V| value.key().get(at).copied().unwrap_or_default();
    run.chunk_by(|one, other| octet(one) == octet(other))
        .filter_map(|group| Some((octet(group.first()?), group.len())))
        .collect()
}
