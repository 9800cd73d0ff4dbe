//! What is sent over DNS: changes that are signed, and questions.

use std::net::Ipv4Addr;
use std::time::{SystemTime, UNIX_EPOCH};

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use easement_zone::Name;

use crate::Failure;

/// The key that changes are signed with, which every server is told. It guards nothing: servers listen on
/// loopback, and go with the measurement.
pub(super) const KEY_NAME: &str = "bench";
pub(super) const SECRET: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

const A: u16 = 1;
const SOA: u16 = 6;
const TSIG: u16 = 250;
const IN: u16 = 1;
const ANY: u16 = 255;
/// How far the clocks may be apart, in seconds.
const FUDGE: u16 = 300;
/// The flags of a question and of an update (RFC 1035 section 4.1.1, RFC 2136 section 2.2).
const QUERY: u16 = 0;
const UPDATE: u16 = 5 << 11;

/// Signs messages.
#[derive(Debug)]
pub(super) struct Signer {
    key: hmac::Key,
    name: Vec<u8>,
    algorithm: Vec<u8>,
}

impl Signer {
    pub(super) fn new() -> Result<Self, Failure> {
        Ok(Self {
            key: hmac::Key::new(hmac::HMAC_SHA256, &BASE64_STANDARD.decode(SECRET)?),
            name: KEY_NAME.parse::<Name>()?.as_wire().to_vec(),
            algorithm: "hmac-sha256".parse::<Name>()?.as_wire().to_vec(),
        })
    }

    /// Replaces the addresses of a name by one (RFC 2136 sections 2.5.2 and 2.5.1).
    pub(super) fn update(&self, id: u16, apex: &Name, owner: &Name, address: Ipv4Addr) -> Vec<u8> {
        let mut message = header(id, UPDATE, [1, 0, 2, 0]);
        put(&mut message, apex.as_wire(), [SOA, IN]);
        put(&mut message, owner.as_wire(), [A, ANY]);
        message.extend([0; 6]);
        put(&mut message, owner.as_wire(), [A, IN]);
        message.extend([0, 0, 14, 16, 0, 4]);
        message.extend(address.octets());
        self.sign(id, &mut message);
        message
    }

    /// Adds a TSIG record (RFC 8945 sections 4.2 and 4.3).
    fn sign(&self, id: u16, message: &mut Vec<u8>) {
        let [_, _, time @ ..] = unix_time().to_be_bytes();
        let (fudge, no_error) = (FUDGE.to_be_bytes(), [0; 4]);
        let mut context = hmac::Context::with_key(&self.key);
        for part in [
            message.as_slice(),
            &self.name,
            &[0, 255, 0, 0, 0, 0],
            &self.algorithm,
            &time,
            &fudge,
            &no_error,
        ] {
            context.update(part);
        }
        let tag = context.sign();
        let (tag, id) = (tag.as_ref(), id.to_be_bytes());
        let tag_length = as_u16(tag.len()).to_be_bytes();
        let data = [
            &self.algorithm,
            &time[..],
            &fudge,
            &tag_length,
            tag,
            &id,
            &no_error,
        ]
        .concat();
        put(message, &self.name, [TSIG, ANY]);
        message.extend([0; 4]);
        message.extend(as_u16(data.len()).to_be_bytes());
        message.extend(data);
        if let Some(additional) = message.get_mut(11) {
            *additional = 1;
        }
    }
}

/// Asks for the addresses of a name.
pub(super) fn question(id: u16, owner: &Name) -> Vec<u8> {
    let mut message = header(id, QUERY, [1, 0, 0, 0]);
    put(&mut message, owner.as_wire(), [A, IN]);
    message
}

/// The code of the answer with this id: nothing when it is another message.
pub(super) fn code_of(answer: &[u8], id: u16) -> Option<u8> {
    match answer {
        [high, low, flags, code, ..] if [*high, *low] == id.to_be_bytes() && flags & 0x80 != 0 => {
            Some(code & 0xf)
        }
        _ => None,
    }
}

/// The one address that an answer to a question has. Names that are repeated are written as a pointer by
/// every server.
pub(super) fn address_in(answer: &[u8], question: &[u8]) -> Option<Ipv4Addr> {
    let is_one = answer.get(6..8)? == [0, 1];
    let record: &[u8; 16] = answer.get(question.len()..)?.first_chunk()?;
    match *record {
        [0xc0, 12, 0, 1, 0, 1, _, _, _, _, 0, 4, a, b, c, d] if is_one => {
            Some(Ipv4Addr::new(a, b, c, d))
        }
        _ => None,
    }
}

fn header(id: u16, flags: u16, counts: [u16; 4]) -> Vec<u8> {
    let mut message = Vec::with_capacity(256);
    for number in [id, flags].into_iter().chain(counts) {
        message.extend(number.to_be_bytes());
    }
    message
}

fn put(message: &mut Vec<u8>, name: &[u8], type_and_class: [u16; 2]) {
    message.extend(name);
    for number in type_and_class {
        message.extend(number.to_be_bytes());
    }
}

fn as_u16(length: usize) -> u16 {
    u16::try_from(length).unwrap_or(u16::MAX)
}

#[expect(clippy::disallowed_methods, reason = "signatures have a time")]
fn unix_time() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.unwrap_or_default().as_secs()
}
