//! A client that keeps many questions on their way.

use std::fmt;
use std::io::{IoSlice, IoSliceMut};
use std::net::{SocketAddr, UdpSocket};
use std::os::fd::{AsFd as _, AsRawFd as _};
use std::str::FromStr;
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::socket::{MsgFlags, MultiHeaders, SockaddrStorage, recvmmsg, sendmmsg};

use crate::Failure;
use crate::data::{Data, Edns};

const SOCKETS: usize = 8;
const OUTSTANDING: usize = 64;
/// Different questions, asked again and again.
const QUESTIONS: u64 = 1 << 18;
const ANSWER_OCTETS: usize = 1408;
/// When nothing comes for so long, the questions are taken for lost.
const PATIENCE_MILLISECONDS: u8 = 100;

/// What is asked, and for how long.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Questions {
    pub(crate) data: Data,
    pub(crate) edns: Edns,
    /// Other questions for another number.
    pub(crate) seed: u32,
    pub(crate) time: Duration,
}

/// Keeps a server busy, and counts its answers.
pub(crate) fn ask(server: SocketAddr, questions: Questions) -> Result<Answers, Failure> {
    let queries = (0..QUESTIONS)
        .map(|choice| choice + (u64::from(questions.seed) << 32))
        .map(|choice| questions.data.query(choice, questions.edns))
        .collect::<Result<Vec<_>, _>>()?;
    let mut asker = Asker {
        headers: MultiHeaders::preallocate(OUTSTANDING, None),
        incoming: MultiHeaders::preallocate(OUTSTANDING, None),
        room: vec![[0; ANSWER_OCTETS]; OUTSTANDING],
        next: 0,
        answers: Answers::default(),
    };
    let mut sockets = Vec::new();
    for _ in 0..SOCKETS {
        let socket = UdpSocket::bind("127.0.0.1:0")?;
        socket.connect(server)?;
        asker.send(&socket, &queries, OUTSTANDING)?;
        sockets.push(socket);
    }
    let end = Instant::now() + questions.time;
    while Instant::now() < end {
        let mut is_quiet = true;
        for socket in &sockets {
            let received = asker.receive(socket)?;
            if received > 0 {
                is_quiet = false;
                asker.send(socket, &queries, received)?;
            }
        }
        if is_quiet && !wait(&sockets)? {
            for socket in &sockets {
                asker.send(socket, &queries, OUTSTANDING)?;
            }
        }
    }
    Ok(asker.answers)
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
    answers: Answers,
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
            Ok(received) => {
                let mut count = 0;
                for message in received {
                    let octets = message.iovs().next().unwrap_or_default();
                    self.answers.count(octets);
                    count += 1;
                }
                Ok(count)
            }
            Err(Errno::EAGAIN | Errno::EINTR | Errno::ECONNREFUSED) => Ok(0),
            Err(errno) => Err(errno),
        }
    }
}

//------------ Answers ---------------------------------------------------------------------------

/// How many answers came, and of which kind.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Answers {
    pub(crate) all: u32,
    /// With a record.
    pub(crate) records: u32,
    /// The name does not exist.
    pub(crate) missing: u32,
    /// Neither these, nor without a record of the type.
    pub(crate) failures: u32,
}

impl Answers {
    fn count(&mut self, answer: &[u8]) {
        self.all += 1;
        match answer {
            [_, _, _, flags, _, _, high, low, ..] => match flags & 0xf {
                0 => self.records += u32::from([*high, *low] != [0, 0]),
                3 => self.missing += 1,
                _ => self.failures += 1,
            },
            _ => self.failures += 1,
        }
    }
}

impl fmt::Display for Answers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            all,
            records,
            missing,
            failures,
        } = self;
        write!(f, "{all} {records} {missing} {failures}")
    }
}

impl FromStr for Answers {
    type Err = Failure;

    fn from_str(text: &str) -> Result<Self, Failure> {
        let numbers: Vec<u32> = text
            .split_whitespace()
            .map(str::parse)
            .collect::<Result<_, _>>()?;
        let [all, records, missing, failures] = *numbers else {
            return Err(format!("`{text}` is not what a client counts").into());
        };
        Ok(Self {
            all,
            records,
            missing,
            failures,
        })
    }
}
