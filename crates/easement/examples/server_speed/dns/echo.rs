//! A server that sends each packet back unread, in batches as Easement does.

use std::io::{IoSlice, IoSliceMut};
use std::net::{SocketAddr, UdpSocket};
use std::os::fd::{AsFd as _, AsRawFd as _};

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::socket::{MsgFlags, MultiHeaders, SockaddrStorage, recvmmsg, sendmmsg};

use crate::Failure;

const BATCH: usize = 64;
const OCTETS: usize = 33 * 64;

/// Serves until the process is ended.
pub(crate) fn serve(address: SocketAddr) -> Result<(), Failure> {
    let socket = UdpSocket::bind(address)?;
    let mut incoming = MultiHeaders::<SockaddrStorage>::preallocate(BATCH, None);
    let mut outgoing = MultiHeaders::<SockaddrStorage>::preallocate(BATCH, None);
    let mut room = vec![[0; OCTETS]; BATCH];
    loop {
        let mut fds = [PollFd::new(socket.as_fd(), PollFlags::POLLIN)];
        poll(&mut fds, PollTimeout::NONE)?;
        loop {
            let mut slices: Vec<_> = room
                .iter_mut()
                .map(|room| [IoSliceMut::new(room)])
                .collect();
            let (fd, flags) = (socket.as_raw_fd(), MsgFlags::MSG_DONTWAIT);
            let received = match recvmmsg(fd, &mut incoming, slices.iter_mut(), flags, None) {
                Ok(received) => received,
                Err(Errno::EAGAIN) => break,
                Err(errno) => return Err(errno.into()),
            };
            let mut answers = Vec::with_capacity(BATCH);
            let mut clients = Vec::with_capacity(BATCH);
            for message in received {
                answers.push([IoSlice::new(message.iovs().next().unwrap_or_default())]);
                clients.push(message.address);
            }
            // What does not fit is lost, as packets are.
            sendmmsg(fd, &mut outgoing, &answers, &clients, [], flags)?;
        }
    }
}
