//! What follows the question of a query: the `OPT` record with its options.

use easement_zone::RecordType;

/// The smallest answer that everyone must take (RFC 1035 section 2.3.4).
pub(super) const MIN_UDP_OCTETS: u16 = 512;
/// The largest datagram that is sent, and taken: it fits every path without fragments
/// (DNS flag day 2020; RFC 9715 section 3).
pub(super) const MAX_UDP_OCTETS: u16 = 1232;

/// Options of EDNS, by their numbers.
pub(super) mod option {
    /// RFC 5001.
    pub(in crate::answer) const NSID: u16 = 3;
    /// RFC 7873.
    pub(in crate::answer) const COOKIE: u16 = 10;
    /// RFC 7828.
    pub(in crate::answer) const TCP_KEEPALIVE: u16 = 11;
}

/// What the `OPT` record of a query says (RFC 6891 section 6.1.2).
#[derive(Clone, Copy, Debug)]
pub(super) struct Edns<'m> {
    payload_octets: u16,
    pub(super) version: u8,
    pub(super) wants_dnssec: bool,
    pub(super) options: Options<'m>,
}

/// The options that are known here.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Options<'m> {
    pub(super) cookie: Option<ReceivedCookie<'m>>,
    pub(super) wants_nsid: bool,
    pub(super) wants_keepalive: bool,
}

/// The cookie of a client, and the one that it was given before (RFC 7873 section 4).
#[derive(Clone, Copy, Debug)]
pub(super) struct ReceivedCookie<'m> {
    pub(super) client: &'m [u8; 8],
    /// Empty for a client that has none yet.
    pub(super) server: &'m [u8],
}

impl Edns<'_> {
    /// How large a datagram the client takes, within reason.
    pub(super) fn udp_limit(&self) -> u16 {
        self.payload_octets.clamp(MIN_UDP_OCTETS, MAX_UDP_OCTETS)
    }
}

/// The message cannot be read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Malformed;

/// Finds the `OPT` record: at most one, and only among the additional records
/// (RFC 6891 section 6.1.1). Other records are passed over; what follows the last one, too.
pub(super) fn read(
    rest: &[u8],
    others: u32,
    additional: u16,
) -> Result<Option<Edns<'_>>, Malformed> {
    let mut rest = rest;
    for _ in 0..others {
        let (record, after) = read_record(rest).ok_or(Malformed)?;
        if record.rtype == RecordType::OPT {
            return Err(Malformed);
        }
        rest = after;
    }
    let mut edns = None;
    for _ in 0..additional {
        let (record, after) = read_record(rest).ok_or(Malformed)?;
        if record.rtype == RecordType::OPT {
            let [_, version, flags, _] = record.ttl;
            let found = Edns {
                payload_octets: record.class,
                version,
                wants_dnssec: flags & 0x80 != 0,
                // What the data of a later version means is not known here (RFC 6891 section 6.1.3).
                options: match version {
                    0 => read_options(record.data)?,
                    1.. => Options::default(),
                },
            };
            if edns.replace(found).is_some() || !record.is_at_root {
                return Err(Malformed);
            }
        }
        rest = after;
    }
    Ok(edns)
}

struct ReceivedRecord<'m> {
    is_at_root: bool,
    rtype: RecordType,
    class: u16,
    ttl: [u8; 4],
    data: &'m [u8],
}

/// What follows a name that is not looked at.
fn skip_name(octets: &[u8]) -> Option<&[u8]> {
    let mut rest = octets;
    loop {
        let (length, after) = rest.split_first()?;
        rest = match length {
            0 => return Some(after),
            1..=63 => after.get(usize::from(*length)..)?,
            // A pointer ends a name; where it points to is nothing to us.
            0xc0.. => return after.get(1..),
            64..0xc0 => return None,
        };
    }
}

/// What follows so many questions that are not looked at.
pub(super) fn skip_questions(body: &[u8], count: u16) -> Option<&[u8]> {
    (0..count).try_fold(body, |rest, _| skip_name(rest)?.get(4..))
}

fn read_record(octets: &[u8]) -> Option<(ReceivedRecord<'_>, &[u8])> {
    let rest = skip_name(octets)?;
    let ([t1, t2, c1, c2, ttl @ .., l1, l2], rest) = rest.split_first_chunk::<10>()?;
    let (data, rest) = rest.split_at_checked(u16::from_be_bytes([*l1, *l2]).into())?;
    let record = ReceivedRecord {
        is_at_root: octets.first() == Some(&0),
        rtype: RecordType::from_number(u16::from_be_bytes([*t1, *t2])),
        class: u16::from_be_bytes([*c1, *c2]),
        ttl: *ttl,
        data,
    };
    Some((record, rest))
}

/// Reads a row of options, each with its code and length (RFC 6891 section 6.1.2). Unknown ones are
/// passed over.
fn read_options(data: &[u8]) -> Result<Options<'_>, Malformed> {
    let mut options = Options::default();
    let mut rest = data;
    while let Some(([c1, c2, l1, l2], after)) = rest.split_first_chunk::<4>() {
        let length = usize::from(u16::from_be_bytes([*l1, *l2]));
        let (value, after) = after.split_at_checked(length).ok_or(Malformed)?;
        match u16::from_be_bytes([*c1, *c2]) {
            // Whatever comes with these two is to be ignored (RFC 5001 section 2.1) or has no
            // meaning in a query (RFC 7828 section 3.1).
            option::NSID => options.wants_nsid = true,
            option::TCP_KEEPALIVE => options.wants_keepalive = true,
            // The first one counts (RFC 7873 section 5.2).
            option::COOKIE if options.cookie.is_none() => {
                options.cookie = Some(read_cookie(value)?);
            }
            _ => {}
        }
        rest = after;
    }
    if rest.is_empty() {
        Ok(options)
    } else {
        Err(Malformed)
    }
}

/// RFC 7873 section 5.2.2: another length is an error of format.
fn read_cookie(value: &[u8]) -> Result<ReceivedCookie<'_>, Malformed> {
    let (client, server) = value.split_first_chunk().ok_or(Malformed)?;
    match server.len() {
        0 | 8..=32 => Ok(ReceivedCookie { client, server }),
        _ => Err(Malformed),
    }
}
