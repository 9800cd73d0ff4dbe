//! Mending a text without touching what is right in it.

use std::ops::Range;

use serde::Serialize;

/// Octets of a text and what to put in their place.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Edit {
    /// The octets.
    pub span: Range<usize>,
    /// The new text.
    pub replacement: String,
}

/// Makes the edits, the last one first; those that overlap an edit that was made already wait for another
/// run.
pub(super) fn apply<'a>(text: &str, edits: impl IntoIterator<Item = &'a [Edit]>) -> String {
    let mut chosen: Vec<&Edit> = Vec::new();
    for group in edits {
        let overlaps = group.iter().any(|edit| {
            chosen
                .iter()
                .any(|known| edit.span.start < known.span.end && known.span.start < edit.span.end)
        });
        if !overlaps {
            chosen.extend(group);
        }
    }
    chosen.sort_by_key(|edit| std::cmp::Reverse(edit.span.start));
    let mut fixed = text.to_owned();
    for edit in chosen {
        if fixed.get(edit.span.clone()).is_some() {
            fixed.replace_range(edit.span.clone(), &edit.replacement);
        }
    }
    fixed
}
