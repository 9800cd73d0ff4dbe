//! One question and its answer, over UDP and, when that is cut, over TCP.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use easement_core::Random;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpStream, UdpSocket};
use tokio::time::timeout;

use super::answer::Answer;
use super::question::Question;
use super::{LookupError, message};

/// How long an answer over UDP is waited for before the question is sent again.
const PATIENCE: Duration = Duration::from_millis(1200);
/// The largest datagram that is read.
const MAX_DATAGRAM: usize = 4096;

/// How a question goes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Transport {
    /// Over UDP, and over TCP when the answer is cut.
    Udp,
    /// Over TCP alone.
    Tcp,
}

/// Asks until an answer comes, and gives it with every section; for so long.
pub async fn ask_once(
    server: SocketAddr,
    asked: &Question,
    transport: Transport,
    limit: Duration,
    random: &dyn Random,
) -> Result<Answer, LookupError> {
    let asking = async {
        match transport {
            Transport::Udp => ask(server, asked, random).await,
            Transport::Tcp => {
                let id = new_id(random);
                ask_over_tcp(server, &message::question(id, asked)?, id, asked).await
            }
        }
    };
    let octets = timeout(limit, asking)
        .await
        .unwrap_or(Err(LookupError::TimedOut { server }))?;
    Answer::read(&octets)
}

/// Asks until an answer comes. The caller sets the limit in time.
pub(super) async fn ask(
    server: SocketAddr,
    asked: &Question,
    random: &dyn Random,
) -> Result<Vec<u8>, LookupError> {
    let id = new_id(random);
    let question = message::question(id, asked)?;
    let answer = ask_over_udp(server, &question, id, asked).await?;
    if message::is_cut(&answer) {
        ask_over_tcp(server, &question, id, asked).await
    } else {
        Ok(answer)
    }
}

fn new_id(random: &dyn Random) -> u16 {
    let octets = random.octets(2).try_into();
    octets.map(u16::from_be_bytes).unwrap_or_default()
}

async fn ask_over_udp(
    server: SocketAddr,
    question: &[u8],
    id: u16,
    asked: &Question,
) -> Result<Vec<u8>, LookupError> {
    let own: IpAddr = match server {
        SocketAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
        SocketAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
    };
    // A connected socket takes datagrams from the resolver only, and its port is a random one.
    // Neither call sends anything: they fail when the machine has no route to the address.
    let no_route = |source| LookupError::NoRoute { server, source };
    let socket = UdpSocket::bind((own, 0)).await.map_err(no_route)?;
    socket.connect(server).await.map_err(no_route)?;
    loop {
        socket.send(question).await?;
        if let Ok(answer) = timeout(PATIENCE, receive(&socket, id, asked)).await {
            return answer;
        }
    }
}

/// The next datagram that is the answer; anything else is passed over.
async fn receive(socket: &UdpSocket, id: u16, asked: &Question) -> Result<Vec<u8>, LookupError> {
    let mut buffer = vec![0; MAX_DATAGRAM];
    loop {
        let length = socket.recv(&mut buffer).await?;
        if let Some(answer) = buffer.get(..length)
            && message::is_answer_to(answer, id, asked)
        {
            return Ok(answer.to_vec());
        }
    }
}

/// Each message is preceded by its length (RFC 1035 section 4.2.2).
async fn ask_over_tcp(
    server: SocketAddr,
    question: &[u8],
    id: u16,
    asked: &Question,
) -> Result<Vec<u8>, LookupError> {
    let mut stream = TcpStream::connect(server).await?;
    let length = u16::try_from(question.len()).map_err(|_| LookupError::Malformed)?;
    stream
        .write_all(&[&length.to_be_bytes(), question].concat())
        .await?;
    let length = stream.read_u16().await?;
    let mut answer = vec![0; usize::from(length)];
    stream.read_exact(&mut answer).await?;
    if message::is_answer_to(&answer, id, asked) {
        Ok(answer)
    } else {
        Err(LookupError::Malformed)
    }
}
