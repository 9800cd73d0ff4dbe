//! Names that lead to machines.

use super::{Line, Shift, Sign};
use crate::pages::views::words::Words;

pub(super) fn describe(shift: &Shift) -> Vec<Line> {
    let (lost, gained) = shift.moves();
    if gained.is_empty() {
        return vec![(Sign::Ends, without(shift, &lost))];
    }
    if shift.finds_nothing() {
        return vec![(
            Sign::Begins,
            subject(shift)
                .plain(" will lead to ")
                .names(&gained)
                .plain("."),
        )];
    }
    if lost.is_empty() {
        let words = subject(shift).plain(" will lead to ").names(&gained);
        return vec![(
            Sign::Begins,
            words.plain(" too, beside what it leads to now."),
        )];
    }
    let change = subject(shift)
        .plain(" will lead to ")
        .names(&gained)
        .plain(" instead of ")
        .names(&lost)
        .plain(".");
    let consequence = Words::new("A website or app at ")
        .names(&lost)
        .plain(" will no longer be reached by this name.");
    vec![(Sign::Changes, change), (Sign::Ends, consequence)]
}

fn without(shift: &Shift, lost: &[String]) -> Words {
    let words = subject(shift).plain(" will no longer lead to ").names(lost);
    if shift.leaves_nothing() {
        words.plain(", nor anywhere else: websites and apps under this name stop working.")
    } else {
        words.plain(".")
    }
}

/// Who is led somewhere.
fn subject(shift: &Shift) -> Words {
    match shift.owner.strip_prefix("*.") {
        Some(parent) => Words::new("Every name below ")
            .name(parent)
            .plain(" that has no records of its own"),
        None => Words::default().name(&shift.owner),
    }
}
