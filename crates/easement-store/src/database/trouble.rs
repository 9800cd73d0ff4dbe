//! What is wrong for a while is said once, and once when it is over.

/// Whether something is wrong.
#[derive(Debug, Default)]
pub(crate) struct Trouble {
    is_there: bool,
}

/// What is to be said.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Turn {
    Begins,
    Ends,
}

impl Trouble {
    /// Takes note of one more try.
    pub(crate) fn note<T, E>(&mut self, outcome: &Result<T, E>) -> Option<Turn> {
        let was_there = std::mem::replace(&mut self.is_there, outcome.is_err());
        match (was_there, self.is_there) {
            (false, true) => Some(Turn::Begins),
            (true, false) => Some(Turn::Ends),
            (false, false) | (true, true) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_turn_is_said_once() {
        let mut trouble = Trouble::default();
        let turns = [true, false, false, false, true, true, false].map(|is_well| {
            let outcome = if is_well { Ok(()) } else { Err(()) };
            trouble.note(&outcome)
        });
        let (begins, ends) = (Some(Turn::Begins), Some(Turn::Ends));
        assert_eq!(turns, [None, begins, None, None, ends, None, begins]);
    }
}
