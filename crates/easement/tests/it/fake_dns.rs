//! A DNS server with the records that a test gives it, over UDP, for commands that ask one.

use std::net::UdpSocket;
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};

const A: u16 = 1;
const TXT: u16 = 16;

type Records = Arc<Mutex<Vec<(String, u16, Vec<u8>)>>>;

/// Every name that it does not know has no records; it says that it has every zone.
pub(crate) struct FakeDns {
    /// Address and port.
    pub(crate) address: String,
    records: Records,
    /// The names that were asked for, once the answer was given.
    asked: Receiver<String>,
}

impl FakeDns {
    pub(crate) fn start() -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        let address = socket.local_addr().unwrap().to_string();
        let records = Records::default();
        let known = Arc::clone(&records);
        let (tell, told) = channel();
        std::thread::spawn(move || {
            let mut asked = [0; 512];
            while let Ok((length, peer)) = socket.recv_from(&mut asked) {
                let (owner, answer) = answer(asked.split_at(length).0, &known);
                socket.send_to(&answer, peer).unwrap();
                // The test may have ended.
                let _ = tell.send(owner);
            }
        });
        Self {
            address,
            records,
            asked: told,
        }
    }

    /// Waits until somebody asked for this name.
    pub(crate) fn wait_for(&self, owner: &str) {
        assert!(self.asked.iter().any(|asked| asked == owner));
    }

    pub(crate) fn a(&self, owner: &str, address: [u8; 4]) {
        self.put(owner, A, address.to_vec());
    }

    pub(crate) fn txt(&self, owner: &str, text: &str) {
        let length = u8::try_from(text.len()).unwrap();
        self.put(owner, TXT, [&[length], text.as_bytes()].concat());
    }

    fn put(&self, owner: &str, rtype: u16, data: Vec<u8>) {
        let mut records = self.records.lock().unwrap();
        records.push((owner.to_owned(), rtype, data));
    }
}

fn answer(asked: &[u8], known: &Records) -> (String, Vec<u8>) {
    let (head, rest) = asked.split_at(12);
    let end = rest.iter().position(|octet| *octet == 0).unwrap() + 1;
    let (name, rest) = rest.split_at(end);
    let (rtype, _) = rest.split_at(2);
    let owner = text_of(name);
    let known = known.lock().unwrap();
    let found: Vec<&[u8]> = known
        .iter()
        .filter(|(name, number, _)| *name == owner && number.to_be_bytes() == *rtype)
        .map(|(_, _, data)| data.as_slice())
        .collect();
    let count = u16::try_from(found.len()).unwrap().to_be_bytes();
    let (id, _) = head.split_at(2);
    // An answer with authority, one question, and so many answers.
    let mut message = [
        id,
        &[0x85, 0x80, 0, 1],
        &count,
        &[0; 4],
        name,
        rtype,
        &[0, 1],
    ]
    .concat();
    for data in found {
        let length = u16::try_from(data.len()).unwrap().to_be_bytes();
        let ttl = 60_u32.to_be_bytes();
        message.extend([&[0xc0, 12], rtype, &[0, 1], &ttl, &length, data].concat());
    }
    (owner, message)
}

fn text_of(mut name: &[u8]) -> String {
    let mut labels = Vec::new();
    while let Some((length, rest)) = name.split_first().filter(|(length, _)| **length > 0) {
        let (label, rest) = rest.split_at(usize::from(*length));
        labels.push(String::from_utf8_lossy(label).to_lowercase());
        name = rest;
    }
    labels.join(".")
}
