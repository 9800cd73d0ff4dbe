//! One caller: changes one name after the other, and looks for each change when it is told to.

use std::io::{self, ErrorKind, Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpStream, UdpSocket};
use std::os::fd::{AsFd as _, BorrowedFd};
use std::rc::Rc;
use std::time::{Duration, Instant};

use easement_zone::Name;

use super::http::{Answer, Dialect};
use super::message::{self, Signer};

/// How long an answer to a question is waited for before it is asked again.
const ASK_AGAIN: Duration = Duration::from_secs(1);
/// How long an acknowledgement is waited for.
const PATIENCE: Duration = Duration::from_secs(20);

/// One address for one name.
#[derive(Clone, Debug)]
pub(super) struct Wish {
    /// The number of the name, among all names of all zones.
    pub(super) index: u64,
    pub(super) apex: Name,
    pub(super) owner: Name,
    pub(super) address: Ipv4Addr,
}

/// What happened to a wish.
#[derive(Clone, Debug)]
pub(super) enum Event {
    Acknowledged {
        after: Duration,
    },
    Visible {
        after: Duration,
        since_acknowledged: Duration,
        stale: u32,
    },
    Failed(String),
}

/// The one address that a name has, when it has one.
struct Found(Option<Ipv4Addr>);

/// Where a caller is with its wish.
#[derive(Debug)]
enum Stage {
    Waiting,
    Sent {
        at: Instant,
    },
    Acknowledged {
        sent_at: Instant,
        at: Instant,
        asked_at: Instant,
        stale: u32,
    },
}

/// How a server is told.
#[derive(Debug)]
pub(super) enum Channel {
    Dns(UdpSocket, Rc<Signer>),
    Http(TcpStream, Dialect, Vec<u8>),
}

/// A caller with its connections.
#[derive(Debug)]
pub(super) struct Caller {
    channel: Channel,
    questions: UdpSocket,
    question: Vec<u8>,
    id: u16,
    stage: Stage,
}

impl Caller {
    /// A caller that asks a server over DNS what it serves.
    pub(super) fn new(channel: Channel, dns: SocketAddr) -> io::Result<Self> {
        Ok(Self {
            channel,
            questions: udp(dns)?,
            question: Vec::new(),
            id: 0,
            stage: Stage::Waiting,
        })
    }

    /// Whether it has nothing to do.
    pub(super) fn is_idle(&self) -> bool {
        matches!(self.stage, Stage::Waiting)
    }

    /// What it waits for.
    pub(super) fn fd(&self) -> BorrowedFd<'_> {
        match (&self.stage, &self.channel) {
            (Stage::Acknowledged { .. }, _) => self.questions.as_fd(),
            (_, Channel::Dns(socket, _)) => socket.as_fd(),
            (_, Channel::Http(stream, _, _)) => stream.as_fd(),
        }
    }

    /// Sends a wish.
    pub(super) fn send(&mut self, wish: &Wish) -> io::Result<()> {
        self.id = self.id.wrapping_add(1);
        let at = Instant::now();
        match &mut self.channel {
            Channel::Dns(socket, signer) => {
                let message = signer.update(self.id, &wish.apex, &wish.owner, wish.address);
                socket.send(&message)?;
            }
            Channel::Http(stream, dialect, received) => {
                received.clear();
                stream.write_all(&dialect.request(&wish.apex, &wish.owner, wish.address))?;
            }
        }
        self.stage = Stage::Sent { at };
        Ok(())
    }

    /// Goes on, when something came or time went by. `looks` says whether what was acknowledged is looked for.
    pub(super) fn go_on(&mut self, wish: &Wish, looks: bool) -> io::Result<Option<Event>> {
        match self.stage {
            Stage::Waiting => Ok(None),
            Stage::Sent { at } => self.wait_for_word(wish, at, looks),
            Stage::Acknowledged {
                sent_at,
                at,
                asked_at,
                stale,
            } => {
                let Some(Found(address)) = self.answer()? else {
                    if asked_at.elapsed() > ASK_AGAIN {
                        self.ask(wish, sent_at, at, stale)?;
                    }
                    return Ok(None);
                };
                if address == Some(wish.address) {
                    self.stage = Stage::Waiting;
                    let (after, since_acknowledged) = (sent_at.elapsed(), at.elapsed());
                    return Ok(Some(Event::Visible {
                        after,
                        since_acknowledged,
                        stale,
                    }));
                }
                if at.elapsed() > PATIENCE {
                    self.stage = Stage::Waiting;
                    return Ok(Some(Event::Failed(
                        "acknowledged, and never visible".to_owned(),
                    )));
                }
                self.ask(wish, sent_at, at, stale + 1)?;
                Ok(None)
            }
        }
    }

    fn wait_for_word(
        &mut self,
        wish: &Wish,
        at: Instant,
        looks: bool,
    ) -> io::Result<Option<Event>> {
        match self.channel.receive(self.id)? {
            None if at.elapsed() > PATIENCE => {
                self.stage = Stage::Waiting;
                Ok(Some(Event::Failed("no answer".to_owned())))
            }
            None => Ok(None),
            Some(Err(word)) => {
                self.stage = Stage::Waiting;
                Ok(Some(Event::Failed(word)))
            }
            Some(Ok(())) => {
                let after = at.elapsed();
                if looks {
                    self.ask(wish, at, Instant::now(), 0)?;
                } else {
                    self.stage = Stage::Waiting;
                }
                Ok(Some(Event::Acknowledged { after }))
            }
        }
    }

    fn ask(&mut self, wish: &Wish, sent_at: Instant, at: Instant, stale: u32) -> io::Result<()> {
        self.id = self.id.wrapping_add(1);
        self.question = message::question(self.id, &wish.owner);
        self.questions.send(&self.question)?;
        let asked_at = Instant::now();
        self.stage = Stage::Acknowledged {
            sent_at,
            at,
            asked_at,
            stale,
        };
        Ok(())
    }

    /// The answer to the last question: nothing when it did not come yet.
    fn answer(&self) -> io::Result<Option<Found>> {
        let mut room = [0; 1232];
        loop {
            let Some(answer) = receive(&self.questions, &mut room)? else {
                return Ok(None);
            };
            if message::code_of(answer, self.id).is_some() {
                return Ok(Some(Found(message::address_in(answer, &self.question))));
            }
        }
    }
}

impl Channel {
    /// Changes over DNS.
    pub(super) fn dns(server: SocketAddr, signer: &Rc<Signer>) -> io::Result<Self> {
        Ok(Self::Dns(udp(server)?, Rc::clone(signer)))
    }

    /// Changes over HTTP.
    pub(super) fn http(server: SocketAddr, dialect: Dialect) -> io::Result<Self> {
        Ok(Self::Http(tcp(server)?, dialect, Vec::new()))
    }

    /// What came of the wish that was sent with this id: nothing when nobody said so yet.
    fn receive(&mut self, id: u16) -> io::Result<Option<Result<(), String>>> {
        match self {
            Self::Dns(socket, _) => {
                let mut room = [0; 1232];
                loop {
                    let Some(answer) = receive(socket, &mut room)? else {
                        return Ok(None);
                    };
                    match message::code_of(answer, id) {
                        None => {}
                        Some(0) => return Ok(Some(Ok(()))),
                        Some(code) => return Ok(Some(Err(format!("RCODE {code}")))),
                    }
                }
            }
            Self::Http(stream, dialect, received) => receive_http(stream, dialect, received),
        }
    }
}

fn receive_http(
    stream: &mut TcpStream,
    dialect: &Dialect,
    received: &mut Vec<u8>,
) -> io::Result<Option<Result<(), String>>> {
    let mut room = [0; 4096];
    let octets = match stream.read(&mut room) {
        Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
        Ok(octets) => octets,
        Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(None),
        Err(error) => return Err(error),
    };
    received.extend(room.iter().take(octets));
    let Some(answer) = Answer::read(received) else {
        return Ok(None);
    };
    let word = if dialect.acknowledges(&answer) {
        Ok(())
    } else {
        let body = String::from_utf8_lossy(answer.body);
        let body: String = body.chars().take(200).collect();
        Err(format!("{} {body}", answer.status))
    };
    if answer.is_last {
        *stream = tcp(stream.peer_addr()?)?;
    }
    Ok(Some(word))
}

/// One message, when there is one. Errors say that nobody listened the last time.
fn receive<'a>(socket: &UdpSocket, room: &'a mut [u8]) -> io::Result<Option<&'a [u8]>> {
    match socket.recv(room) {
        Ok(octets) => Ok(room.get(..octets)),
        Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(None),
        Err(error) => Err(error),
    }
}

fn udp(server: SocketAddr) -> io::Result<UdpSocket> {
    let socket = UdpSocket::bind("127.0.0.1:0")?;
    socket.connect(server)?;
    socket.set_nonblocking(true)?;
    Ok(socket)
}

fn tcp(server: SocketAddr) -> io::Result<TcpStream> {
    let stream = TcpStream::connect(server)?;
    stream.set_nodelay(true)?;
    stream.set_nonblocking(true)?;
    Ok(stream)
}
