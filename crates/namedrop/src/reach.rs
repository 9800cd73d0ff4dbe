//! Who answers for a name: a permission for one that the zone does not answer for opens nothing.

use easement_zone::{Name, Zone};

/// Why a zone has nothing to say about a name in it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum OutOfReach {
    /// It is in a zone of its own that the same provider serves.
    OtherZone {
        /// The apex of that.
        apex: Name,
    },
    /// Other servers answer for it.
    Delegated {
        /// The name with the `NS` records.
        delegation: Name,
    },
}

/// Why a zone has nothing to say about a name at or below its apex; nothing when it has. `other_zone` gives the apex of
/// the nearest other zone of the provider that the name is in.
///
/// ```
/// use easement_zone::Name;
/// use easement_zone::zonefile::{self, ReadOptions};
/// use namedrop::{OutOfReach, out_of_reach};
///
/// let zone = zonefile::read("\
/// $ORIGIN example.com.
/// @     SOA  ns1.dns.example. hostmaster 1 2h 15m 2w 5m
///       NS   ns1.dns.example.
/// lent  NS   ns.elsewhere.example.
/// ", &ReadOptions::default())?.zone;
/// let own: Name = "own.example.com".parse()?;
/// let other_zone = |name: &Name| name.is_at_or_below(&own).then(|| own.clone());
/// let why = |name: &str| out_of_reach(&name.parse().unwrap(), &zone, &other_zone);
/// assert_eq!(why("www.example.com"), None);
/// assert_eq!(why("a.own.example.com"), Some(OutOfReach::OtherZone { apex: own.clone() }));
/// assert!(matches!(why("a.lent.example.com"), Some(OutOfReach::Delegated { .. })));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn out_of_reach(
    name: &Name,
    zone: &Zone,
    other_zone: &dyn Fn(&Name) -> Option<Name>,
) -> Option<OutOfReach> {
    if let Some(apex) = other_zone(name) {
        return Some(OutOfReach::OtherZone { apex });
    }
    let cut = zone.delegation_over(name)?;
    Some(OutOfReach::Delegated {
        delegation: cut.owner(zone.apex()),
    })
}
