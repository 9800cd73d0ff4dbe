//! Receiving and sending many datagrams with one system call (`recvmmsg`, `sendmmsg`).

use std::io::{IoSlice, IoSliceMut};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, UdpSocket};
use std::ops::Range;
use std::os::fd::{AsFd as _, AsRawFd as _};

use nix::errno::Errno;
use nix::libc;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::socket::{
    ControlMessage, ControlMessageOwned, MsgFlags, MultiHeaders, RecvMsg, SockaddrStorage,
    recvmmsg, sendmmsg,
};

use crate::Transport;
use crate::answer::Batch;
use crate::metrics::Counts;
use crate::service::Service;

/// How many queries are answered together.
const BATCH: usize = Batch::SIZE;
/// Room for one query. An odd number of cache lines, so that the queries of a batch do not compete
/// for the same places in the cache. What is longer cannot be read whole, which is an error of format.
const QUERY_OCTETS: usize = 33 * 64;
/// How long to wait for room to send, and how often, before answers are given up.
const SEND_WAIT_MILLISECONDS: u8 = 10;
const SEND_ATTEMPTS: usize = 8;

/// A socket with room for a batch of queries.
#[derive(Debug)]
pub(super) struct Mailbox {
    socket: UdpSocket,
    queries: Vec<[u8; QUERY_OCTETS]>,
    incoming: MultiHeaders<SockaddrStorage>,
    outgoing: Outgoing,
}

impl Mailbox {
    pub(super) fn new(socket: UdpSocket) -> Self {
        let control = control_room(&socket);
        Self {
            socket,
            queries: vec![[0; QUERY_OCTETS]; BATCH],
            incoming: MultiHeaders::preallocate(BATCH, control.clone()),
            outgoing: Outgoing {
                headers: MultiHeaders::preallocate(BATCH, control),
                clients: Vec::with_capacity(BATCH),
                arrivals: Vec::with_capacity(BATCH),
            },
        }
    }

    pub(super) fn socket(&self) -> &UdpSocket {
        &self.socket
    }

    /// Receives what is there, up to a batch, and answers it. Does not wait for queries.
    pub(super) fn exchange(&mut self, batch: &mut Batch, service: &Service) -> Result<(), Errno> {
        let mut rooms: Vec<[IoSliceMut<'_>; 1]> = self
            .queries
            .iter_mut()
            .map(|query| [IoSliceMut::new(query)])
            .collect();
        let received = recvmmsg(
            self.socket.as_raw_fd(),
            &mut self.incoming,
            rooms.iter_mut(),
            MsgFlags::MSG_DONTWAIT,
            None,
        )?;
        let mut messages = Vec::with_capacity(BATCH);
        let mut clients = Vec::with_capacity(BATCH);
        self.outgoing.clear();
        for message in received {
            clients.push(ip_of(message.address));
            self.outgoing.add(message.address, Arrival::of(&message));
            messages.push(message.iovs().next().unwrap_or_default());
        }
        let occasion = service.occasion(Transport::Udp);
        let answers = batch.answer_to(&clients, &messages, &service.zones, &occasion);
        let mut counts = Counts::default();
        let mut slices = Vec::with_capacity(BATCH);
        for answer in answers {
            counts.count(answer.outcome);
            if answer.outcome.rcode.is_some() {
                slices.push([IoSlice::new(&answer.octets)]);
            }
        }
        if slices.len() < answers.len() {
            let outcomes = answers.iter().map(|answer| answer.outcome);
            self.outgoing
                .keep(outcomes.map(|outcome| outcome.rcode.is_some()));
        }
        service.metrics.add(Transport::Udp, &counts);
        let unsent = self.outgoing.send(&self.socket, &slices);
        service.metrics.add(Transport::Udp, &Counts::unsent(unsent));
        Ok(())
    }
}

/// The address of a client. Whatever comes from nowhere shares one.
fn ip_of(client: Option<SockaddrStorage>) -> IpAddr {
    let client = client.as_ref();
    let v4 = client
        .and_then(SockaddrStorage::as_sockaddr_in)
        .map(|client| client.ip().into());
    let v6 = || {
        client
            .and_then(SockaddrStorage::as_sockaddr_in6)
            .map(|client| client.ip().into())
    };
    v4.or_else(v6).unwrap_or(Ipv4Addr::UNSPECIFIED.into())
}

/// Room for the address that a query was sent to, when a socket takes those to all addresses.
fn control_room(socket: &UdpSocket) -> Option<Vec<u8>> {
    match socket.local_addr().ok()?.ip() {
        IpAddr::V4(address) if address.is_unspecified() => Some(nix::cmsg_space!(libc::in_pktinfo)),
        IpAddr::V6(address) if address.is_unspecified() => {
            Some(nix::cmsg_space!(libc::in6_pktinfo))
        }
        IpAddr::V4(_) | IpAddr::V6(_) => None,
    }
}

//------------ Arrival ---------------------------------------------------------------------------

/// Which of this machine's addresses a query was sent to: the answer must come from there.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
struct Arrival {
    address: IpAddr,
    /// Addresses of one link only mean something together with it.
    interface: u32,
}

impl Arrival {
    fn of(message: &RecvMsg<'_, '_, SockaddrStorage>) -> Option<Self> {
        #[expect(
            clippy::wildcard_enum_match_arm,
            reason = "the kinds of control messages are the system's, and many"
        )]
        message.cmsgs().ok()?.find_map(|control| match control {
            ControlMessageOwned::Ipv4PacketInfo(info) => Some(Self {
                address: IpAddr::from(info.ipi_spec_dst.s_addr.to_ne_bytes()),
                interface: 0,
            }),
            ControlMessageOwned::Ipv6PacketInfo(info) => {
                let address = Ipv6Addr::from(info.ipi6_addr.s6_addr);
                Some(Self {
                    address: address.into(),
                    interface: if address.is_unicast_link_local() {
                        info.ipi6_ifindex
                    } else {
                        0
                    },
                })
            }
            _ => None,
        })
    }
}

//------------ Outgoing --------------------------------------------------------------------------

/// Answers on their way.
#[derive(Debug)]
struct Outgoing {
    headers: MultiHeaders<SockaddrStorage>,
    clients: Vec<Option<SockaddrStorage>>,
    arrivals: Vec<Option<Arrival>>,
}

impl Outgoing {
    fn clear(&mut self) {
        self.clients.clear();
        self.arrivals.clear();
    }

    fn add(&mut self, client: Option<SockaddrStorage>, arrival: Option<Arrival>) {
        self.clients.push(client);
        self.arrivals.push(arrival);
    }

    /// Forgets the clients that get no answer.
    fn keep(&mut self, is_answered: impl Iterator<Item = bool> + Clone) {
        let mut clients = is_answered.clone();
        self.clients.retain(|_| clients.next() == Some(true));
        let mut arrivals = is_answered;
        self.arrivals.retain(|_| arrivals.next() == Some(true));
    }

    /// Sends an answer to each client, and says how many could not be sent.
    ///
    /// One system call sends all that leave from one address. An answer that the system refuses is
    /// left out, and the rest is still sent.
    fn send(&mut self, socket: &UdpSocket, answers: &[[IoSlice<'_>; 1]]) -> usize {
        let mut unsent = 0;
        let mut sent = 0;
        let mut attempts = SEND_ATTEMPTS;
        while let Some(arrival) = self.arrivals.get(sent).copied() {
            let same = self.arrivals.iter().skip(sent);
            let end = sent + same.take_while(|other| **other == arrival).count();
            match self.send_run(socket, answers, sent..end, arrival) {
                Ok(count) => {
                    sent += count.max(1);
                    attempts = SEND_ATTEMPTS;
                }
                Err(Errno::EINTR) => {}
                Err(Errno::EAGAIN | Errno::ENOBUFS) if attempts > 0 => {
                    attempts -= 1;
                    let mut fds = [PollFd::new(socket.as_fd(), PollFlags::POLLOUT)];
                    // Whatever comes of waiting, sending is tried again.
                    let _ = poll(&mut fds, PollTimeout::from(SEND_WAIT_MILLISECONDS));
                }
                Err(errno) => {
                    tracing::debug!(%errno, "a DNS answer could not be sent");
                    unsent += 1;
                    sent += 1;
                }
            }
        }
        unsent
    }

    fn send_run(
        &mut self,
        socket: &UdpSocket,
        answers: &[[IoSlice<'_>; 1]],
        run: Range<usize>,
        arrival: Option<Arrival>,
    ) -> Result<usize, Errno> {
        let clients = self.clients.get(run.clone()).unwrap_or_default();
        let answers = answers.get(run).unwrap_or_default();
        let fd = socket.as_raw_fd();
        let flags = MsgFlags::MSG_DONTWAIT;
        let sent = match arrival.map(|arrival| (arrival.address, arrival.interface)) {
            None => sendmmsg(fd, &mut self.headers, answers, clients, [], flags)?.count(),
            Some((IpAddr::V4(address), _)) => {
                let info = libc::in_pktinfo {
                    ipi_ifindex: 0,
                    ipi_spec_dst: libc::in_addr {
                        s_addr: u32::from_ne_bytes(address.octets()),
                    },
                    ipi_addr: libc::in_addr { s_addr: 0 },
                };
                let control = [ControlMessage::Ipv4PacketInfo(&info)];
                sendmmsg(fd, &mut self.headers, answers, clients, control, flags)?.count()
            }
            Some((IpAddr::V6(address), interface)) => {
                let info = libc::in6_pktinfo {
                    ipi6_addr: libc::in6_addr {
                        s6_addr: address.octets(),
                    },
                    ipi6_ifindex: interface,
                };
                let control = [ControlMessage::Ipv6PacketInfo(&info)];
                sendmmsg(fd, &mut self.headers, answers, clients, control, flags)?.count()
            }
        };
        Ok(sent)
    }
}
