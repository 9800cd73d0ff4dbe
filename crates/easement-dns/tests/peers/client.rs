//! Asks many questions at once.

use std::io::{self, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream, UdpSocket};
use std::time::Duration;

use crate::queries::Query;

/// How long to wait for the next answer over UDP before asking again.
const PAUSE: Duration = Duration::from_millis(200);
/// How often to ask again before saying that there is no answer.
const ATTEMPTS: usize = 10;
/// How many connections are tried before saying that there is no answer.
const CONNECTIONS: usize = 3;
/// How long to wait over TCP.
const PATIENCE: Duration = Duration::from_secs(5);

/// The answer to each query, where one came.
pub(crate) fn ask_all(server: SocketAddr, queries: &[Query]) -> Vec<Option<Vec<u8>>> {
    let mut answers = vec![None; queries.len()];
    let _ = ask_udp(server, queries, &mut answers);
    // What a lost connection left open is asked on another one.
    for _ in 0..CONNECTIONS {
        let _ = ask_tcp(server, queries, &mut answers);
    }
    answers
}

fn ask_udp(
    server: SocketAddr,
    queries: &[Query],
    answers: &mut [Option<Vec<u8>>],
) -> io::Result<()> {
    // A socket of its own: what comes late goes nowhere.
    let socket = UdpSocket::bind("127.0.0.1:0")?;
    socket.connect(server)?;
    socket.set_read_timeout(Some(PAUSE))?;
    let mut buffer = vec![0; 65_535];
    for _ in 0..ATTEMPTS {
        let missing = missing(queries, answers, false);
        if missing.is_empty() {
            return Ok(());
        }
        for at in &missing {
            socket.send(&queries[*at].message(u16::try_from(*at).unwrap()))?;
        }
        for _ in &missing {
            let Ok(octets) = socket.recv(&mut buffer) else {
                break;
            };
            keep(answers, &buffer[..octets]);
        }
    }
    Ok(())
}

fn ask_tcp(
    server: SocketAddr,
    queries: &[Query],
    answers: &mut [Option<Vec<u8>>],
) -> io::Result<()> {
    let missing = missing(queries, answers, true);
    if missing.is_empty() {
        return Ok(());
    }
    let mut stream = TcpStream::connect(server)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    let mut octets = Vec::new();
    for at in &missing {
        let message = queries[*at].message(u16::try_from(*at).unwrap());
        octets.extend(u16::try_from(message.len()).unwrap().to_be_bytes());
        octets.extend(message);
    }
    stream.write_all(&octets)?;
    for _ in missing {
        let mut length = [0; 2];
        stream.read_exact(&mut length)?;
        let mut answer = vec![0; u16::from_be_bytes(length).into()];
        stream.read_exact(&mut answer)?;
        keep(answers, &answer);
    }
    Ok(())
}

/// Which queries have no answer yet.
fn missing(queries: &[Query], answers: &[Option<Vec<u8>>], over_tcp: bool) -> Vec<usize> {
    (0..queries.len())
        .filter(|at| answers[*at].is_none() && queries[*at].over_tcp == over_tcp)
        .collect()
}

/// The id of a message is the place of its query.
fn keep(answers: &mut [Option<Vec<u8>>], octets: &[u8]) {
    let id = octets
        .first_chunk()
        .map(|id| usize::from(u16::from_be_bytes(*id)));
    if let Some(place) = id.and_then(|id| answers.get_mut(id)) {
        *place = Some(octets.to_vec());
    }
}
