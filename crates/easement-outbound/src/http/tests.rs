//! What the other side chooses has a limit, and nothing that was not checked is connected to.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use super::{ExchangeError, HttpClient, Outgoing, Reading, SendError, Target};
use crate::SystemRandom;

fn client(allowed: &[&str]) -> HttpClient {
    let allowed: Vec<_> = allowed.iter().map(|text| text.parse().unwrap()).collect();
    let nobody: SocketAddr = "127.0.0.1:1".parse().unwrap();
    HttpClient::new(nobody, Arc::new(SystemRandom), &allowed, None).unwrap()
}

fn target(url: &str) -> Target {
    Target::of(&url.parse().unwrap()).unwrap()
}

/// A server that answers every request with this text, and gives what it was asked.
async fn server(answer: Vec<u8>) -> (SocketAddr, tokio::sync::mpsc::UnboundedReceiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (sender, receiver) = tokio::sync::mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut asked = vec![0; 4096];
            let length = stream.read(&mut asked).await.unwrap();
            let _ = sender.send(String::from_utf8_lossy(&asked[..length]).into_owned());
            // Whoever reads no further has closed the connection.
            let _ = stream.write_all(&answer).await;
        }
    });
    (address, receiver)
}

#[tokio::test]
async fn an_answer_has_status_headers_and_body() {
    let answer = b"HTTP/1.1 404 Not Found\r\nX-Mark: 1\r\nContent-Length: 2\r\n\r\n{}".to_vec();
    let (address, mut asked) = server(answer).await;
    let target = target(&format!("http://localhost:{}/v2/a?b=c#d", address.port()));
    let client = client(&["127.0.0.0/8", "::1/128"]);
    let reading = Reading::Whole { max: 2 };
    let answer = client.send(&target, Outgoing::default(), reading);
    let answer = answer.await.unwrap();
    assert_eq!(answer.status, 404);
    assert_eq!(answer.headers["x-mark"], "1");
    assert_eq!(&answer.body[..], b"{}");
    let asked = asked.recv().await.unwrap();
    assert!(asked.starts_with("GET /v2/a?b=c HTTP/1.1\r\n"), "{asked}");
    let host = format!("host: localhost:{}\r\n", address.port());
    assert!(asked.contains(&host), "{asked}");
}

#[tokio::test]
async fn an_answer_that_is_too_long_is_an_error_whether_it_says_so_or_not() {
    let head = b"HTTP/1.1 200 OK\r\n".to_vec();
    let declared = b"Content-Length: 1000000\r\n\r\n".to_vec();
    let undeclared = b"\r\n".to_vec();
    for rest in [declared, undeclared] {
        let body = vec![b'x'; 1_000_000];
        let (address, _asked) = server([head.clone(), rest, body].concat()).await;
        let target = target(&format!("http://{address}/"));
        let reading = Reading::Whole { max: 1000 };
        let client = client(&["127.0.0.1/32"]);
        let sent = client.send(&target, Outgoing::default(), reading).await;
        let is_refused = matches!(
            &sent,
            Err(SendError::Exchange(ExchangeError::TooLarge { max: 1000 }))
        );
        assert!(is_refused, "{sent:?}");
    }
}

#[tokio::test]
async fn what_is_not_public_is_not_connected_to_in_whatever_form_it_comes() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    for host in [
        "127.0.0.1",
        "0x7f000001",
        "0177.0.0.1",
        "127.1",
        "[::ffff:127.0.0.1]",
        "[::1]",
        "localhost",
        "LOCALHOST.",
        "a.localhost",
    ] {
        let target = target(&format!("http://{host}:{port}/"));
        let client = client(&[]);
        let sent = client
            .send(&target, Outgoing::default(), Reading::Status)
            .await;
        assert!(
            matches!(sent, Err(SendError::Refused(_))),
            "{host}: {sent:?}"
        );
    }
    let accepted = tokio::time::timeout(Duration::ZERO, listener.accept()).await;
    assert!(accepted.is_err(), "somebody connected");
}

#[tokio::test]
async fn who_answers_slowly_is_left_in_time() {
    let head = b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf".to_vec();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let mut open = Vec::new();
        while let Ok((mut stream, _)) = listener.accept().await {
            stream.write_all(&head).await.unwrap();
            open.push(stream);
        }
    });
    let client = client(&["127.0.0.1/32"]).with_limit(Duration::from_millis(300));
    let target = target(&format!("http://{address}/"));
    let whole = Reading::Whole { max: 1000 };
    let sent = client.send(&target, Outgoing::default(), whole).await;
    assert!(matches!(sent, Err(SendError::TimedOut { .. })), "{sent:?}");
    // Who wants to know no more than the status has been told it.
    let sent = client.send(&target, Outgoing::default(), Reading::Status);
    assert_eq!(sent.await.unwrap().status, 200);
}

#[tokio::test]
async fn plain_text_where_tls_was_meant_is_an_error() {
    let (address, _asked) = server(b"HTTP/1.1 200 OK\r\n\r\n".to_vec()).await;
    let target = target(&format!("https://{address}/"));
    let client = client(&["127.0.0.1/32"]);
    let sent = client
        .send(&target, Outgoing::default(), Reading::Status)
        .await;
    let is_tls = matches!(sent, Err(SendError::Exchange(ExchangeError::Tls(_))));
    assert!(is_tls, "{sent:?}");
}
