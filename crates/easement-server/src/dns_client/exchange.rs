//! One question and its answer, over UDP and, when that is cut, over TCP.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use easement_core::Random;
use easement_zone::Name;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpStream, UdpSocket};
use tokio::time::timeout;

use super::{LookupError, message};

/// How long an answer over UDP is waited for before the question is sent again.
const PATIENCE: Duration = Duration::from_millis(1200);
/// The largest datagram that is read.
const MAX_DATAGRAM: usize = 4096;

/// Asks until an answer comes. The caller sets the limit in time.
pub(super) async fn ask(
    server: SocketAddr,
    name: &Name,
    random: &dyn Random,
) -> Result<Vec<u8>, LookupError> {
    let id = random
        .octets(2)
        .try_into()
        .map(u16::from_be_bytes)
        .unwrap_or_default();
    let question = message::question(id, name)?;
    let answer = ask_over_udp(server, &question, id, name).await?;
    if !message::is_cut(&answer) {
        return Ok(answer);
    }
    let answer = ask_over_tcp(server, &question).await?;
    if message::is_answer_to(&answer, id, name) {
        Ok(answer)
    } else {
        Err(LookupError::Malformed)
    }
}

async fn ask_over_udp(
    server: SocketAddr,
    question: &[u8],
    id: u16,
    name: &Name,
) -> Result<Vec<u8>, LookupError> {
    let own: IpAddr = match server {
        SocketAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
        SocketAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
    };
    // A connected socket takes datagrams from the resolver only, and its port is a random one.
    let socket = UdpSocket::bind((own, 0)).await?;
    socket.connect(server).await?;
    loop {
        socket.send(question).await?;
        if let Ok(answer) = timeout(PATIENCE, receive(&socket, id, name)).await {
            return answer;
        }
    }
}

/// The next datagram that is the answer; anything else is passed over.
async fn receive(socket: &UdpSocket, id: u16, name: &Name) -> Result<Vec<u8>, LookupError> {
    let mut buffer = vec![0; MAX_DATAGRAM];
    loop {
        let length = socket.recv(&mut buffer).await?;
        if let Some(answer) = buffer.get(..length)
            && message::is_answer_to(answer, id, name)
        {
            return Ok(answer.to_vec());
        }
    }
}

/// Each message is preceded by its length (RFC 1035 section 4.2.2).
async fn ask_over_tcp(server: SocketAddr, question: &[u8]) -> Result<Vec<u8>, LookupError> {
    let mut stream = TcpStream::connect(server).await?;
    let length = u16::try_from(question.len()).map_err(|_| LookupError::Malformed)?;
    stream
        .write_all(&[&length.to_be_bytes(), question].concat())
        .await?;
    let length = stream.read_u16().await?;
    let mut answer = vec![0; usize::from(length)];
    stream.read_exact(&mut answer).await?;
    Ok(answer)
}
