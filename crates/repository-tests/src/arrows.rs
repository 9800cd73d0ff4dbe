//! Arrows between our own crates point one way.

use std::fmt;

use crate::Package;

/// Where a crate stands. A crate may use crates of lower layers only.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Layer {
    /// The models of DNS, and of interfaces over HTTP. Pure.
    Model,
    /// One open protocol. Pure.
    Protocol,
    /// Who may do what. Pure.
    Core,
    /// Sockets and databases.
    InputOutput,
    /// The other side of the protocols: what asks servers, this one or others.
    Client,
    /// Everything wired together: the server, and the agent beside it.
    Server,
    /// The program that people run.
    Program,
}

impl Layer {
    /// The layer of one of our crates; none when it was given no place yet.
    pub fn of(crate_name: &str) -> Option<Self> {
        match crate_name {
            "easement-zone" | "openapi" => Some(Self::Model),
            "apertodns" | "domain-connect" | "namedrop" => Some(Self::Protocol),
            "easement-core" => Some(Self::Core),
            "easement-store" | "easement-dns" | "easement-outbound" => Some(Self::InputOutput),
            "easement-client" => Some(Self::Client),
            "easement-agent" | "easement-server" | "example-service" => Some(Self::Server),
            "easement" => Some(Self::Program),
            _ => None,
        }
    }

    /// Whether crates of this layer keep away from the outside world.
    pub fn is_pure(self) -> bool {
        self <= Self::Core
    }
}

/// An arrow that points the wrong way.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum WrongArrow {
    /// A crate has no layer.
    NoLayer {
        /// The crate.
        crate_name: String,
    },
    /// A crate uses one that does not stand below it.
    NotBelow {
        /// The crate.
        user: String,
        /// What it uses.
        used: String,
    },
}

impl fmt::Display for WrongArrow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoLayer { crate_name } => write!(
                f,
                "{crate_name} has no layer: give it one in crates/repository-tests/src/arrows.rs"
            ),
            Self::NotBelow { user, used } => write!(
                f,
                "{user} uses {used}, which does not stand below it: see docs/architecture.md"
            ),
        }
    }
}

/// The wrong arrows among `ours`, the names of the workspace's crates, given their direct
/// dependencies.
pub fn check_arrows(ours: &[String], packages: &[Package]) -> Vec<WrongArrow> {
    let mut wrong: Vec<_> = ours
        .iter()
        .filter(|name| Layer::of(name).is_none())
        .map(|name| WrongArrow::NoLayer {
            crate_name: name.clone(),
        })
        .collect();
    for package in packages {
        let Some(user) = package.user() else {
            continue;
        };
        let (Some(upper), Some(lower)) = (Layer::of(user), Layer::of(package.name())) else {
            continue;
        };
        if lower >= upper {
            wrong.push(WrongArrow::NotBelow {
                user: user.to_owned(),
                used: package.name().to_owned(),
            });
        }
    }
    wrong
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::paths;

    fn check(ours: &[&str], tree: &str) -> Vec<WrongArrow> {
        let ours: Vec<_> = ours.iter().map(|&name| name.to_owned()).collect();
        check_arrows(&ours, &paths(tree))
    }

    #[test]
    fn arrows_downwards_are_right() {
        let tree = "0easement-core v0.1.0\n1easement-zone v0.1.0\n1serde v1.0.0\n";
        assert_eq!(check(&["easement-core", "easement-zone"], tree), []);
    }

    #[test]
    fn arrows_upwards_and_sideways_are_wrong() {
        let tree = "0easement-zone v0.1.0\n1easement-core v0.1.0\n\n\
                    0easement-dns v0.1.0\n1easement-store v0.1.0\n";
        let wrong = |user: &str, used: &str| WrongArrow::NotBelow {
            user: user.to_owned(),
            used: used.to_owned(),
        };
        let expected = [
            wrong("easement-zone", "easement-core"),
            wrong("easement-dns", "easement-store"),
        ];
        assert_eq!(check(&[], tree), expected);
    }

    #[test]
    fn every_crate_needs_a_layer() {
        let crate_name = "easement-new".to_owned();
        assert_eq!(
            check(&["easement-new"], ""),
            [WrongArrow::NoLayer { crate_name }]
        );
    }
}
