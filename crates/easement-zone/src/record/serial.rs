//! Serial numbers of zones (RFC 1982).

use std::cmp::Ordering;
use std::fmt;

use serde::{Deserialize, Serialize};

/// The serial number of a zone: compared and counted modulo 2³² (RFC 1982).
///
/// Two serials that are exactly 2³¹ apart have no order, so this is only partially ordered.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Serial(u32);

impl Serial {
    /// The serial with this number.
    pub const fn new(number: u32) -> Self {
        Self(number)
    }

    /// The number on the wire.
    pub const fn number(self) -> u32 {
        self.0
    }

    /// The serial that follows, skipping zero, which some secondaries take for "unknown".
    #[must_use]
    pub const fn next(self) -> Self {
        match self.0.wrapping_add(1) {
            0 => Self(1),
            number => Self(number),
        }
    }
}

impl PartialOrd for Serial {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        match other.0.wrapping_sub(self.0) {
            0 => Some(Ordering::Equal),
            0x8000_0000 => None,
            1..=0x7fff_ffff => Some(Ordering::Less),
            0x8000_0001.. => Some(Ordering::Greater),
        }
    }
}

impl fmt::Display for Serial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn serials_compare_around_the_circle() {
        for (smaller, greater) in [
            (1, 2),
            (0, 1),
            (u32::MAX, 0),
            (u32::MAX, 5),
            (0x8000_0001, 0),
            (7, 0x8000_0006),
        ] {
            assert!(
                Serial::new(smaller) < Serial::new(greater),
                "{smaller} < {greater}"
            );
            assert!(
                Serial::new(greater) > Serial::new(smaller),
                "{greater} > {smaller}"
            );
        }
        assert_eq!(Serial::new(0).partial_cmp(&Serial::new(0x8000_0000)), None);
    }

    #[test]
    fn the_next_serial_is_greater_and_never_zero() {
        for number in [0, 1, 0x7fff_ffff, 0x8000_0000, u32::MAX - 1, u32::MAX] {
            let next = Serial::new(number).next();
            assert!(next > Serial::new(number), "{number}");
            assert_ne!(next.number(), 0);
        }
    }
}
