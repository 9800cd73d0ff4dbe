//! Octets that never change: names, record data and parts of keys.

use std::ops::Deref;
use std::sync::Arc;

/// A few octets in place, or more that are shared. Most names and data are short and copied often, so a
/// copy takes no memory.
#[derive(Clone, Debug)]
pub(crate) enum Octets {
    /// So many of these.
    Few(u8, [u8; Self::FEW]),
    /// All of these.
    Many(Arc<[u8]>),
}

impl Octets {
    /// As many as fit beside their number in the place of three pointers.
    const FEW: usize = 22;
}

impl From<&[u8]> for Octets {
    fn from(octets: &[u8]) -> Self {
        let mut few = [0; Self::FEW];
        match (few.get_mut(..octets.len()), u8::try_from(octets.len())) {
            (Some(own), Ok(length)) => {
                own.copy_from_slice(octets);
                Self::Few(length, few)
            }
            (Some(_) | None, _) => Self::Many(octets.into()),
        }
    }
}

impl Deref for Octets {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Self::Few(length, octets) => octets.get(..usize::from(*length)).unwrap_or_default(),
            Self::Many(octets) => octets,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn octets_are_what_they_were_made_of() {
        assert_eq!(size_of::<Octets>(), 3 * size_of::<usize>());
        for length in [0, 1, 21, 22, 23, 255, 256, 65_535] {
            let text: Vec<u8> = (0..=u8::MAX).cycle().take(length).collect();
            let octets = Octets::from(text.as_slice());
            assert_eq!(&*octets, text, "{length}");
            assert_eq!(&*octets.clone(), text, "{length}");
        }
    }
}
