//! What Linux knows about addresses of IPv6, over rtnetlink(7): whether they last, and when they were confirmed.

use std::io;
use std::net::{IpAddr, Ipv6Addr};
use std::os::fd::AsRawFd as _;
use std::time::Duration;

use nix::sys::socket::{
    AddressFamily, MsgFlags, NetlinkAddr, SockFlag, SockProtocol, SockType, recv, sendto,
    setsockopt, socket, sockopt,
};
use nix::sys::time::TimeVal;

use super::interfaces::{Lasting, Own};

const RTM_GETADDR: u16 = 22;
const RTM_NEWADDR: u16 = 20;
const NLMSG_ERROR: u16 = 2;
const NLMSG_DONE: u16 = 3;
/// `NLM_F_REQUEST` and `NLM_F_DUMP`: all of them.
const FLAGS: u16 = 0x01 | 0x300;
const AF_INET6: u8 = 10;
const IFA_ADDRESS: u16 = 1;
const IFA_CACHEINFO: u16 = 6;
const IFA_FLAGS: u16 = 8;
/// Of a message; what is said of an address; of an attribute.
const HEAD: usize = 16;
const OF_ADDRESS: usize = 8;
const OF_ATTRIBUTE: usize = 4;
/// Temporary (RFC 8981), its uniqueness refuted, deprecated (`linux/if_addr.h`).
const RUNS_OUT: u32 = 0x01 | 0x08 | 0x20;
const TENTATIVE: u32 = 0x40;
const PERMANENT: u32 = 0x80;
/// A part of an answer; the kernel sends no larger ones.
const BUFFER: usize = 64 * 1024;
/// The kernel answers at once.
const SECONDS: i64 = 2;

/// What is known of an address.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Detail {
    address: Ipv6Addr,
    flags: u32,
    /// In hundredths of a second.
    confirmed: u32,
}

/// What the kernel knows.
pub(super) fn details() -> io::Result<Vec<Detail>> {
    let socket = socket(
        AddressFamily::Netlink,
        SockType::Raw,
        SockFlag::SOCK_CLOEXEC,
        SockProtocol::NetlinkRoute,
    )?;
    setsockopt(&socket, sockopt::ReceiveTimeout, &TimeVal::new(SECONDS, 0))?;
    let kernel = NetlinkAddr::new(0, 0);
    sendto(socket.as_raw_fd(), &question(), &kernel, MsgFlags::empty())?;
    let mut details = Vec::new();
    let mut buffer = vec![0; BUFFER];
    loop {
        let count = recv(socket.as_raw_fd(), &mut buffer, MsgFlags::empty())?;
        let answer = buffer.get(..count).unwrap_or_default();
        match read(answer, &mut details) {
            Some(Part::More) => {}
            Some(Part::Last) => return Ok(details),
            None => return Err(io::ErrorKind::InvalidData.into()),
        }
    }
}

fn question() -> Vec<u8> {
    let length = u32::try_from(HEAD + OF_ADDRESS).unwrap_or_default();
    let mut octets = length.to_ne_bytes().to_vec();
    octets.extend(RTM_GETADDR.to_ne_bytes());
    octets.extend(FLAGS.to_ne_bytes());
    octets.extend([0; 8]);
    octets.extend([AF_INET6, 0, 0, 0, 0, 0, 0, 0]);
    octets
}

/// Whether there is more to come.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Part {
    More,
    Last,
}

/// Reads the messages of one part; none when they are no answer.
fn read(mut octets: &[u8], details: &mut Vec<Detail>) -> Option<Part> {
    while !octets.is_empty() {
        let length = usize::try_from(u32_at(octets, 0)?).ok()?;
        let message = octets.get(..length)?;
        match u16_at(message, 4)? {
            NLMSG_DONE => return Some(Part::Last),
            NLMSG_ERROR => return None,
            RTM_NEWADDR if *message.get(HEAD)? == AF_INET6 => details.push(detail(message)?),
            _ => {}
        }
        octets = octets
            .get(length.max(HEAD).next_multiple_of(4)..)
            .unwrap_or_default();
    }
    Some(Part::More)
}

/// An address.
fn detail(message: &[u8]) -> Option<Detail> {
    let mut flags = u32::from(*message.get(HEAD + 2)?);
    let mut address = None;
    let mut confirmed = 0;
    let mut attributes = message.get(HEAD + OF_ADDRESS..)?;
    while attributes.len() >= OF_ATTRIBUTE {
        let length = usize::from(u16_at(attributes, 0)?);
        let value = attributes.get(OF_ATTRIBUTE..length)?;
        match u16_at(attributes, 2)? {
            IFA_ADDRESS => address = Some(Ipv6Addr::from(<[u8; 16]>::try_from(value).ok()?)),
            IFA_FLAGS => flags = u32_at(value, 0)?,
            IFA_CACHEINFO => confirmed = u32_at(value, 12)?,
            _ => {}
        }
        attributes = attributes
            .get(length.next_multiple_of(4)..)
            .unwrap_or_default();
    }
    Some(Detail {
        address: address?,
        flags,
        confirmed,
    })
}

fn u16_at(octets: &[u8], at: usize) -> Option<u16> {
    let octets = octets.get(at..)?.first_chunk()?;
    Some(u16::from_ne_bytes(*octets))
}

fn u32_at(octets: &[u8], at: usize) -> Option<u32> {
    let octets = octets.get(at..)?.first_chunk()?;
    Some(u32::from_ne_bytes(*octets))
}

/// The same with what is known of it. One of IPv6 that came meanwhile is looked at the next time.
pub(super) fn with_details(own: Own, details: &[Detail]) -> Own {
    let IpAddr::V6(address) = own.address else {
        return own;
    };
    let known = details.iter().find(|detail| detail.address == address);
    let lasting = match known.map(|detail| detail.flags) {
        Some(flags) if flags & RUNS_OUT != 0 => Lasting::No,
        Some(flags) if flags & TENTATIVE == 0 => Lasting::Yes,
        Some(_) | None => Lasting::NotYet,
    };
    let passing = known.filter(|detail| detail.flags & PERMANENT == 0);
    let confirmed = passing.map(|detail| Duration::from_millis(u64::from(detail.confirmed) * 10));
    Own {
        lasting,
        confirmed,
        ..own
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attribute(kind: u16, value: &[u8]) -> Vec<u8> {
        let length = u16::try_from(OF_ATTRIBUTE + value.len()).unwrap();
        let mut octets = length.to_ne_bytes().to_vec();
        octets.extend(kind.to_ne_bytes());
        octets.extend(value);
        octets.resize(octets.len().next_multiple_of(4), 0);
        octets
    }

    fn message(kind: u16, body: &[u8]) -> Vec<u8> {
        let length = u32::try_from(HEAD + body.len()).unwrap();
        let mut octets = length.to_ne_bytes().to_vec();
        octets.extend(kind.to_ne_bytes());
        octets.extend([0; 10]);
        octets.extend(body);
        octets
    }

    fn address(last: u16, flags: u32, confirmed: u32) -> Vec<u8> {
        let address = Ipv6Addr::new(0x2620, 0xfe, 0, 0, 0, 0, 0, last);
        let mut body = vec![AF_INET6, 64, 0, 0, 2, 0, 0, 0];
        body.extend(attribute(IFA_ADDRESS, &address.octets()));
        let cache = [100, 200, 300, confirmed].map(u32::to_ne_bytes).concat();
        body.extend(attribute(IFA_CACHEINFO, &cache));
        body.extend(attribute(IFA_FLAGS, &flags.to_ne_bytes()));
        message(RTM_NEWADDR, &body)
    }

    #[test]
    fn temporary_deprecated_and_tentative_addresses_do_not_last() {
        let flags = [PERMANENT, 0x100, 0x101, 0x20, 0x40, 0x48];
        let mut answer = Vec::new();
        for (flags, last) in flags.into_iter().zip(1..) {
            answer.extend(address(last, flags, 700));
        }
        let mut details = Vec::new();
        assert_eq!(read(&answer, &mut details), Some(Part::More));
        let done = message(NLMSG_DONE, &[0; 4]);
        assert_eq!(read(&done, &mut details), Some(Part::Last));
        let seven = Some(Duration::from_secs(7));
        for (last, lasting, confirmed) in [
            (1, Lasting::Yes, None),
            (2, Lasting::Yes, seven),
            (3, Lasting::No, seven),
            (4, Lasting::No, seven),
            (5, Lasting::NotYet, seven),
            (6, Lasting::No, seven),
            (7, Lasting::NotYet, None),
        ] {
            let own = Own {
                interface: "eth0".to_owned(),
                address: Ipv6Addr::new(0x2620, 0xfe, 0, 0, 0, 0, 0, last).into(),
                lasting: Lasting::Yes,
                confirmed: None,
            };
            let own = with_details(own, &details);
            assert_eq!((own.lasting, own.confirmed), (lasting, confirmed), "{last}");
        }
    }

    #[test]
    fn an_answer_that_is_cut_or_refused_is_none() {
        let whole = address(1, PERMANENT, 0);
        for length in 1..whole.len() {
            let mut details = Vec::new();
            assert_eq!(read(&whole[..length], &mut details), None, "{length}");
        }
        assert_eq!(read(&message(NLMSG_ERROR, &[0; 20]), &mut Vec::new()), None);
        let endless = message(RTM_NEWADDR, &[AF_INET6, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        assert_eq!(read(&endless, &mut Vec::new()), None);
    }

    #[test]
    fn the_kernel_answers() {
        let details = details().unwrap();
        let has_ipv6 = std::path::Path::new("/proc/net/if_inet6");
        let listed = std::fs::read_to_string(has_ipv6).unwrap_or_default();
        assert_eq!(details.len(), listed.lines().count());
    }
}
