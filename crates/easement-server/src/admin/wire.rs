//! Messages on the control socket: one JSON value a line, each way.

use std::io;

use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::io::BufReader;
use tokio::io::{
    AsyncBufRead, AsyncBufReadExt as _, AsyncRead, AsyncReadExt as _, AsyncWrite,
    AsyncWriteExt as _,
};

use crate::aside::aside;

/// The longest message: a zone file of about a million records.
pub const MAX_MESSAGE_OCTETS: u64 = 128 * 1024 * 1024;

/// Reads one message.
pub async fn read_message<T, R>(stream: R) -> io::Result<T>
where
    T: DeserializeOwned + Send + 'static,
    R: AsyncRead + Unpin,
{
    read_next(&mut BufReader::new(stream)).await
}

/// Reads the next of several messages.
pub(super) async fn read_next<T, R>(stream: &mut R) -> io::Result<T>
where
    T: DeserializeOwned + Send + 'static,
    R: AsyncBufRead + Unpin,
{
    let mut line = Vec::new();
    stream
        .take(MAX_MESSAGE_OCTETS)
        .read_until(b'\n', &mut line)
        .await?;
    if line.last() != Some(&b'\n') {
        let reason = "the message ends early, or is longer than 128 MiB";
        return Err(io::Error::new(io::ErrorKind::UnexpectedEof, reason));
    }
    let message = aside(move || serde_json::from_slice(&line));
    message
        .await
        .map_err(io::Error::other)?
        .map_err(io::Error::other)
}

/// Writes one message.
pub async fn write_message<T, W>(message: &T, stream: W) -> io::Result<()>
where
    T: Serialize,
    W: AsyncWrite + Unpin,
{
    write_line(&encode(message)?, stream).await
}

/// A message as the line that it is on the way.
pub(super) fn encode(message: &impl Serialize) -> io::Result<Vec<u8>> {
    let mut line = serde_json::to_vec(message).map_err(io::Error::other)?;
    line.push(b'\n');
    Ok(line)
}

/// Writes an encoded message.
pub(super) async fn write_line(line: &[u8], mut stream: impl AsyncWrite + Unpin) -> io::Result<()> {
    stream.write_all(line).await?;
    stream.flush().await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::admin::AdminRequest;

    #[tokio::test]
    async fn a_message_survives_the_way_and_a_torn_one_does_not() {
        let request = AdminRequest::ExportZone {
            apex: "example.test".parse().unwrap(),
        };
        let mut octets = Vec::new();
        write_message(&request, &mut octets).await.unwrap();
        let again: AdminRequest = read_message(octets.as_slice()).await.unwrap();
        assert!(matches!(again, AdminRequest::ExportZone { .. }));

        let torn = &octets[..octets.len() - 1];
        assert!(read_message::<AdminRequest, _>(torn).await.is_err());
        let unknown: io::Result<AdminRequest> =
            read_message(&b"{\"request\":\"drop_everything\"}\n"[..]).await;
        assert!(unknown.is_err());
    }
}
