//! What each round gave, and how that compares.

use std::fmt;

/// What each round gave.
#[derive(Clone, Debug, Default)]
pub(crate) struct Samples(Vec<f64>);

impl Samples {
    pub(crate) fn add(&mut self, sample: f64) {
        self.0.push(sample);
    }

    pub(crate) fn map(&self, change: impl Fn(f64) -> f64) -> Self {
        Self(self.0.iter().copied().map(change).collect())
    }

    /// How these compare with others, round by round: machines drift, but not so fast.
    pub(crate) fn per(&self, others: &Self) -> Self {
        let pairs = self.0.iter().zip(&others.0);
        Self(pairs.map(|(one, other)| one / other).collect())
    }

    pub(crate) fn median(&self) -> f64 {
        let sorted = self.sorted();
        let middle = sorted.len() / 2;
        let below = middle.saturating_sub(usize::from(sorted.len().is_multiple_of(2)));
        let at = |place| sorted.get(place).copied().unwrap_or(f64::NAN);
        f64::midpoint(at(below), at(middle))
    }

    fn sorted(&self) -> Vec<f64> {
        let mut sorted = self.0.clone();
        sorted.sort_by(f64::total_cmp);
        sorted
    }
}

/// A ratio: its median, and its lowest and highest value.
impl fmt::Display for Samples {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sorted = self.sorted();
        let end = |value: Option<&f64>| value.copied().unwrap_or(f64::NAN);
        let (lowest, highest) = (end(sorted.first()), end(sorted.last()));
        let median = self.median();
        f.pad(&format!("{median:.2} ({lowest:.2} to {highest:.2})"))
    }
}
