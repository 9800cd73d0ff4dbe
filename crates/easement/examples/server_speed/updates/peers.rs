//! Who is compared, and what each takes to run.

use std::fmt;
use std::io::ErrorKind;
use std::process::{Command, Stdio};

/// A server whose records can be changed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Peer {
    /// `easement serve` on SQLite.
    Easement,
    /// `easement serve` on PostgreSQL.
    EasementOnPostgres,
    /// BIND, with UPDATE (RFC 2136) and TSIG.
    Bind,
    /// Knot, with the same.
    Knot,
    /// PowerDNS on SQLite, with its HTTP API.
    PowerDns,
}

impl Peer {
    pub(crate) const ALL: [Self; 5] = [
        Self::Easement,
        Self::EasementOnPostgres,
        Self::Bind,
        Self::Knot,
        Self::PowerDns,
    ];

    /// As `--without` calls it.
    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::Easement => "easement",
            Self::EasementOnPostgres => "postgres",
            Self::Bind => "bind",
            Self::Knot => "knot",
            Self::PowerDns => "powerdns",
        }
    }

    /// How it speaks, and what is on disk before it acknowledges.
    pub(crate) fn durability(self) -> &'static str {
        match self {
            Self::Easement => {
                "HTTP with an API token. SQLite, WAL, synchronous=FULL: synced once for each group of changes"
            }
            Self::EasementOnPostgres => {
                "HTTP with an API token. PostgreSQL, fsync and synchronous_commit on: synced once for each group"
            }
            Self::Bind => {
                "UPDATE with TSIG. Its journal is synced for each change (its default); zone files follow later"
            }
            Self::Knot => {
                "UPDATE with TSIG. Its journal (LMDB, robust, its default) is synced for each group; \
                 zonefile-sync: -1 spares it writing the zone file each time"
            }
            Self::PowerDns => {
                "HTTP with its API key. SQLite with its default, synchronous=FULL: synced for each change; \
                 default-api-rectify=no spares it reading the zone each time"
            }
        }
    }

    /// The program that has to be there and is not, and the Debian packages that have it.
    pub(crate) fn missing(self) -> Option<(&'static str, &'static str)> {
        let (programs, packages): (&[_], _) = match self {
            Self::Easement | Self::EasementOnPostgres => return None,
            Self::Bind => (&["named"], "bind9"),
            Self::Knot => (&["knotd"], "knot"),
            Self::PowerDns => (
                &["pdns_server", "pdnsutil", "sqlite3"],
                "pdns-server pdns-backend-sqlite3 sqlite3",
            ),
        };
        let program = programs.iter().find(|program| !is_there(program))?;
        Some((program, packages))
    }
}

impl fmt::Display for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Easement => "Easement",
            Self::EasementOnPostgres => "Easement on PostgreSQL",
            Self::Bind => "BIND",
            Self::Knot => "Knot",
            Self::PowerDns => "PowerDNS",
        })
    }
}

fn is_there(program: &str) -> bool {
    let ran = Command::new(program)
        .arg("--version")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    !matches!(ran, Err(error) if error.kind() == ErrorKind::NotFound)
}
