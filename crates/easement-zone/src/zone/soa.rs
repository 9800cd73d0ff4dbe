//! The start of authority of a zone.

use crate::{Name, RecordData, RecordType, Serial};

/// The data of a `SOA` record (RFC 1035 section 3.3.13). Times are in seconds.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Soa {
    /// The primary name server.
    pub primary: Name,
    /// The mailbox of whoever is responsible, with its first dot in place of the `@`.
    pub mailbox: Name,
    /// Which version of the zone this is.
    pub serial: Serial,
    /// How often secondaries ask for news.
    pub refresh: u32,
    /// How soon they ask again after a failure.
    pub retry: u32,
    /// How long they answer without news.
    pub expire: u32,
    /// How long an answer that something does not exist may be cached (RFC 2308 section 4).
    pub minimum: u32,
}

impl Soa {
    /// The usual times, with this server and mailbox.
    pub fn new(primary: Name, mailbox: Name, serial: Serial) -> Self {
        Self {
            primary,
            mailbox,
            serial,
            refresh: 7200,
            retry: 900,
            expire: 1_209_600,
            minimum: 300,
        }
    }

    /// Reads the data of a `SOA` record.
    pub fn from_data(data: &RecordData) -> Option<Self> {
        if data.rtype() != RecordType::SOA {
            return None;
        }
        let (primary, rest) = Name::split_from_wire(data.as_wire()).ok()?;
        let (mailbox, rest) = Name::split_from_wire(rest).ok()?;
        if rest.len() != 20 {
            return None;
        }
        let number = |index: usize| {
            let octets = rest.get(index * 4..index * 4 + 4)?;
            octets.try_into().ok().map(u32::from_be_bytes)
        };
        Some(Self {
            primary,
            mailbox,
            serial: Serial::new(number(0)?),
            refresh: number(1)?,
            retry: number(2)?,
            expire: number(3)?,
            minimum: number(4)?,
        })
    }

    /// The data of the `SOA` record.
    pub fn to_data(&self) -> RecordData {
        let mut wire = [self.primary.as_wire(), self.mailbox.as_wire()].concat();
        let numbers = [
            self.serial.number(),
            self.refresh,
            self.retry,
            self.expire,
            self.minimum,
        ];
        wire.extend(numbers.iter().flat_map(|number| number.to_be_bytes()));
        RecordData::from_wire_unchecked(RecordType::SOA, &wire)
    }
}
