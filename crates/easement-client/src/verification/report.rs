//! What the servers of a zone show.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use super::compare::Found;

/// What the servers of a zone show.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct VerifyReport {
    /// Each server at each of its addresses, in a fixed order.
    pub servers: Vec<ServerReport>,
    /// How many rounds were asked.
    pub rounds: u32,
}

/// One server of a zone, at one address.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ServerReport {
    /// Its name; its address, when the caller named it.
    pub name: String,
    /// Where it is asked; nothing when that is not known.
    pub address: Option<SocketAddr>,
    /// What it showed last.
    pub state: ServerState,
}

/// What one server shows.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum ServerState {
    /// It was not asked yet.
    Waiting,
    /// All that is expected.
    Shown,
    /// Something else.
    Differs(Vec<Found>),
    /// It does not have the zone.
    NotAuthoritative,
    /// It answers with an error, or not at all.
    Failed(String),
    /// This machine has no route to its address, such as to one of IPv6 where there is no IPv6.
    NoRoute,
    /// It is not asked, because its address is not public.
    NotPublic,
}

/// What a server shows at all of its addresses together.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Standing {
    Shown,
    Open,
    OutOfReach,
}

impl VerifyReport {
    /// Whether every server shows what is expected, by its name: one address of it is enough, when no other one shows
    /// something else. Servers that this machine has no route to do not count beside one that shows it.
    ///
    /// ```
    /// use easement_client::{ServerReport, ServerState, VerifyReport};
    ///
    /// let server = |name: &str, address: &str, state| -> Result<_, std::net::AddrParseError> {
    ///     let address = Some(address.parse()?);
    ///     Ok(ServerReport { name: name.to_owned(), address, state })
    /// };
    /// let report = VerifyReport {
    ///     servers: vec![
    ///         server("ns1.dns.example", "192.0.2.53:53", ServerState::Shown)?,
    ///         server("ns1.dns.example", "[2001:db8::53]:53", ServerState::NoRoute)?,
    ///     ],
    ///     rounds: 1,
    /// };
    /// assert!(report.is_complete());
    /// assert_eq!((report.shown(), report.counted()), (1, 1));
    /// # Ok::<(), std::net::AddrParseError>(())
    /// ```
    pub fn is_complete(&self) -> bool {
        let shown = self.shown();
        shown > 0 && shown == self.counted()
    }

    /// How many servers show what is expected, by their names.
    pub fn shown(&self) -> usize {
        let standings = self.standings();
        let shown = standings.filter(|standing| *standing == Standing::Shown);
        shown.count()
    }

    /// How many servers count, by their names: all but those that this machine has no route to.
    pub fn counted(&self) -> usize {
        let standings = self.standings();
        let counted = standings.filter(|standing| *standing != Standing::OutOfReach);
        counted.count()
    }

    fn standings(&self) -> impl Iterator<Item = Standing> {
        let mut by_name: BTreeMap<&str, Vec<&ServerState>> = BTreeMap::new();
        for server in &self.servers {
            let states = by_name.entry(&server.name).or_default();
            states.push(&server.state);
        }
        by_name.into_values().map(|states| Standing::of(&states))
    }
}

impl Standing {
    fn of(states: &[&ServerState]) -> Self {
        let contradicts = |state: &&ServerState| match state {
            ServerState::Differs(_) | ServerState::NotAuthoritative => true,
            ServerState::Waiting
            | ServerState::Shown
            | ServerState::Failed(_)
            | ServerState::NoRoute
            | ServerState::NotPublic => false,
        };
        if states.iter().any(contradicts) {
            Self::Open
        } else if states.contains(&&ServerState::Shown) {
            Self::Shown
        } else if states.iter().all(|state| **state == ServerState::NoRoute) {
            Self::OutOfReach
        } else {
            Self::Open
        }
    }
}

impl ServerReport {
    /// A server that the caller names.
    pub fn named(address: SocketAddr) -> Self {
        Self {
            name: address.to_string(),
            address: Some(address),
            state: ServerState::Waiting,
        }
    }

    /// Whether asking it can still change what it shows; its name is looked up again when that brought no address.
    pub(super) fn is_open(&self) -> bool {
        match self.state {
            ServerState::Waiting
            | ServerState::Differs(_)
            | ServerState::NotAuthoritative
            | ServerState::Failed(_)
            | ServerState::NoRoute => true,
            ServerState::Shown | ServerState::NotPublic => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_count_by_name_and_as_far_as_they_can_be_reached() {
        use ServerState::{Differs, Failed, NoRoute, NotAuthoritative, NotPublic, Shown, Waiting};
        let failed = || Failed("no answer".to_owned());
        for (servers, shown, counted) in [
            (vec![], 0, 0),
            (vec![("a", Shown), ("a", NoRoute)], 1, 1),
            (vec![("a", failed()), ("a", Shown)], 1, 1),
            (vec![("a", Shown), ("a", NotPublic)], 1, 1),
            (vec![("a", Shown), ("a", Differs(vec![]))], 0, 1),
            (vec![("a", Shown), ("a", NotAuthoritative)], 0, 1),
            (vec![("a", Shown), ("b", NoRoute)], 1, 1),
            (vec![("a", Shown), ("b", failed())], 1, 2),
            (vec![("a", Shown), ("b", NotPublic)], 1, 2),
            (vec![("a", Shown), ("b", NoRoute), ("b", failed())], 1, 2),
            (vec![("a", Waiting)], 0, 1),
            (vec![("a", NoRoute), ("b", NoRoute)], 0, 0),
            (vec![("b", Shown), ("a", Shown), ("b", Shown)], 2, 2),
        ] {
            let servers = servers.into_iter().map(|(name, state)| ServerReport {
                name: name.to_owned(),
                address: None,
                state,
            });
            let report = VerifyReport {
                servers: servers.collect(),
                rounds: 1,
            };
            assert_eq!(
                (report.shown(), report.counted()),
                (shown, counted),
                "{report:?}"
            );
            let is_complete = shown > 0 && shown == counted;
            assert_eq!(report.is_complete(), is_complete, "{report:?}");
        }
    }
}
