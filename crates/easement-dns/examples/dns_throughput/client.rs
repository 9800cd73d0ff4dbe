//! A client that keeps many questions on their way.

use std::io::{IoSlice, IoSliceMut};
use std::net::{SocketAddr, UdpSocket};
use std::os::fd::{AsFd as _, AsRawFd as _};
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::socket::{MsgFlags, MultiHeaders, SockaddrStorage, recvmmsg, sendmmsg};

use easement_zone::Name;

use crate::names::{APEX, question};

const SOCKETS: usize = 8;
const OUTSTANDING: usize = 64;
/// Different questions, asked again and again.
const QUESTIONS: u64 = 1 << 18;
const ANSWER_OCTETS: usize = 1408;
/// When nothing comes for so long, the questions are taken for lost.
const PATIENCE_MILLISECONDS: u8 = 100;

/// How many answers come in so many seconds.
pub(crate) fn ask(
    server: SocketAddr,
    names: u32,
    seed: u32,
    seconds: u64,
) -> Result<u64, Box<dyn std::error::Error>> {
    let queries: Vec<Vec<u8>> = (0..QUESTIONS)
        .map(|choice| query(names, choice + (u64::from(seed) << 32)))
        .collect::<Result<_, _>>()?;
    let mut asker = Asker {
        headers: MultiHeaders::preallocate(OUTSTANDING, None),
        incoming: MultiHeaders::preallocate(OUTSTANDING, None),
        room: vec![[0; ANSWER_OCTETS]; OUTSTANDING],
        next: 0,
    };
    let mut sockets = Vec::new();
    for _ in 0..SOCKETS {
        let socket = UdpSocket::bind("127.0.0.1:0")?;
        socket.connect(server)?;
        asker.send(&socket, &queries, OUTSTANDING)?;
        sockets.push(socket);
    }
    let end = Instant::now() + Duration::from_secs(seconds);
    let mut answers = 0;
    while Instant::now() < end {
        let mut is_quiet = true;
        for socket in &sockets {
            let received = asker.receive(socket)?;
            if received > 0 {
                is_quiet = false;
                asker.send(socket, &queries, received)?;
            }
            answers += u64::try_from(received)?;
        }
        if is_quiet && !wait(&sockets)? {
            for socket in &sockets {
                asker.send(socket, &queries, OUTSTANDING)?;
            }
        }
    }
    Ok(answers)
}

/// A question as it is sent.
pub(crate) fn query(names: u32, choice: u64) -> Result<Vec<u8>, Box<dyn std::error::Error>> {
    let (label, rtype) = question(names, choice);
    let name = APEX.parse::<Name>()?.child(&label)?;
    let [id_high, id_low] = u16::try_from(choice & 0xffff)?.to_be_bytes();
    let header = [id_high, id_low, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0];
    let rtype = rtype.number().to_be_bytes();
    Ok([&header, name.as_wire(), &rtype, &[0, 1]].concat())
}

/// Waits until any socket has something; false when none has for long.
fn wait(sockets: &[UdpSocket]) -> Result<bool, Errno> {
    let mut fds: Vec<PollFd<'_>> = sockets
        .iter()
        .map(|socket| PollFd::new(socket.as_fd(), PollFlags::POLLIN))
        .collect();
    Ok(poll(&mut fds, PollTimeout::from(PATIENCE_MILLISECONDS))? > 0)
}

struct Asker {
    headers: MultiHeaders<SockaddrStorage>,
    incoming: MultiHeaders<SockaddrStorage>,
    room: Vec<[u8; ANSWER_OCTETS]>,
    next: usize,
}

impl Asker {
    fn send(&mut self, socket: &UdpSocket, queries: &[Vec<u8>], count: usize) -> Result<(), Errno> {
        let slices: Vec<[IoSlice<'_>; 1]> = queries
            .iter()
            .cycle()
            .skip(self.next)
            .take(count)
            .map(|query| [IoSlice::new(query)])
            .collect();
        let to = vec![None; count];
        let fd = socket.as_raw_fd();
        let sent = sendmmsg(fd, &mut self.headers, &slices, &to, [], MsgFlags::empty())?.count();
        self.next = (self.next + sent) % queries.len();
        Ok(())
    }

    fn receive(&mut self, socket: &UdpSocket) -> Result<usize, Errno> {
        let mut slices: Vec<[IoSliceMut<'_>; 1]> = self
            .room
            .iter_mut()
            .map(|room| [IoSliceMut::new(room)])
            .collect();
        let flags = MsgFlags::MSG_DONTWAIT;
        let fd = socket.as_raw_fd();
        match recvmmsg(fd, &mut self.incoming, slices.iter_mut(), flags, None) {
            Ok(received) => Ok(received.count()),
            Err(Errno::EAGAIN | Errno::EINTR | Errno::ECONNREFUSED) => Ok(0),
            Err(errno) => Err(errno),
        }
    }
}
