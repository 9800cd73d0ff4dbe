//! Connections: queries in a row, and clients that want too much.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use domain::base::iana::Rtype;
use easement_dns::{TcpLimits, Transport};

use crate::sockets::{
    PATIENCE, address_in, question, question_of_type, receive_tcp, send_tcp, start, start_with,
};

#[tokio::test(flavor = "multi_thread")]
async fn queries_in_a_row_on_one_connection_are_answered_in_order() {
    let server = start(&["127.0.0.1:0"]);
    let mut stream = TcpStream::connect(server.local_addrs()[0]).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    for id in 0..50 {
        send_tcp(&mut stream, &question(id, "www.example.test"));
    }
    for id in 0..50 {
        assert_eq!(address_in(&receive_tcp(&mut stream), id), "192.0.2.1");
    }
    server.shutdown().await;
    let mut rest = Vec::new();
    assert_eq!(stream.read_to_end(&mut rest).unwrap(), 0, "closed");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_client_has_so_many_connections_and_no_more() {
    let limits = TcpLimits {
        connections_per_address: 2,
        ..TcpLimits::default()
    };
    let server = start_with(&["127.0.0.1:0"], limits);
    let address = server.local_addrs()[0];
    let mut streams = [(); 2].map(|()| TcpStream::connect(address).unwrap());
    for stream in &mut streams {
        send_tcp(stream, &question(1, "www.example.test"));
        receive_tcp(stream);
    }
    let mut third = TcpStream::connect(address).unwrap();
    third.set_read_timeout(Some(PATIENCE)).unwrap();
    assert!(
        matches!(third.read(&mut [0]), Ok(0) | Err(_)),
        "closed at once"
    );
    assert_eq!(server.metrics().refused_connections(), 1);
    server.shutdown().await;
}

/// The length of a message and the message, as it goes over TCP.
fn framed(message: &[u8]) -> Vec<u8> {
    let length = u16::try_from(message.len()).unwrap().to_be_bytes();
    [&length, message].concat()
}

#[tokio::test(flavor = "multi_thread")]
async fn queries_in_one_segment_are_all_answered() {
    let server = start(&["127.0.0.1:0"]);
    let mut stream = TcpStream::connect(server.local_addrs()[0]).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let queries = (0..100).map(|id| framed(&question(id, "www.example.test")));
    stream
        .write_all(&queries.collect::<Vec<_>>().concat())
        .unwrap();
    for id in 0..100 {
        assert_eq!(address_in(&receive_tcp(&mut stream), id), "192.0.2.1");
    }
    server.shutdown().await;
}

/// The client may be waiting for the answer before it sends the rest.
#[tokio::test(flavor = "multi_thread")]
async fn an_answer_does_not_wait_for_the_rest_of_the_next_query() {
    let server = start(&["127.0.0.1:0"]);
    let next = framed(&question(2, "www.example.test"));
    for end in 1..next.len() {
        let mut stream = TcpStream::connect(server.local_addrs()[0]).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let first = framed(&question(1, "www.example.test"));
        stream.write_all(&[&first, &next[..end]].concat()).unwrap();
        assert_eq!(address_in(&receive_tcp(&mut stream), 1), "192.0.2.1");
        stream.write_all(&next[end..]).unwrap();
        assert_eq!(address_in(&receive_tcp(&mut stream), 2), "192.0.2.1");
    }
    server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_query_ends_the_connection_after_what_was_asked_before() {
    let server = start(&["127.0.0.1:0"]);
    for nonsense in [&[0, 0][..], &[0, 3, 1, 2, 3], &framed(&[0x80; 12])] {
        let mut stream = TcpStream::connect(server.local_addrs()[0]).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let first = framed(&question(1, "www.example.test"));
        stream.write_all(&[&first, nonsense].concat()).unwrap();
        assert_eq!(address_in(&receive_tcp(&mut stream), 1), "192.0.2.1");
        assert!(
            matches!(stream.read(&mut [0]), Ok(0) | Err(_)),
            "{nonsense:?}"
        );
    }
    assert_eq!(server.metrics().ignored(Transport::Tcp), 3);
    server.shutdown().await;
}

/// Queries of such a client are not read either, so it takes up no more than the buffers.
#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_takes_no_answers_loses_its_connection() {
    let limits = TcpLimits {
        message_timeout: Duration::from_millis(50),
        ..TcpLimits::default()
    };
    let server = start_with(&["127.0.0.1:0"], limits);
    let mut stream = TcpStream::connect(server.local_addrs()[0]).unwrap();
    stream.set_write_timeout(Some(PATIENCE)).unwrap();
    let query = framed(&question_of_type(1, "large.example.test", Rtype::TXT));
    let refused = (0..1_000_000).find_map(|_| stream.write_all(&query).err());
    let kind = refused.unwrap().kind();
    assert!(
        matches!(
            kind,
            std::io::ErrorKind::ConnectionReset | std::io::ErrorKind::BrokenPipe
        ),
        "{kind:?}"
    );
    server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_seat_is_free_again_when_its_connection_ends() {
    let limits = TcpLimits {
        connections: 1,
        ..TcpLimits::default()
    };
    let server = start_with(&["127.0.0.1:0"], limits);
    let address = server.local_addrs()[0];
    for id in 0..20 {
        // The server may not have noticed yet that the one before is over.
        let answer = std::iter::repeat_with(|| {
            let mut stream = TcpStream::connect(address).ok()?;
            stream.set_read_timeout(Some(PATIENCE)).ok()?;
            stream
                .write_all(&framed(&question(id, "www.example.test")))
                .ok()?;
            let mut answer = vec![0; 2 + 50];
            stream.read_exact(&mut answer).ok()?;
            Some(answer)
        });
        let answer = answer.flatten().next().unwrap();
        assert_eq!(answer[2..4], id.to_be_bytes());
    }
    server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_is_too_slow_loses_its_connection() {
    let limits = TcpLimits {
        idle_timeout: Duration::from_millis(20),
        message_timeout: Duration::from_millis(20),
        ..TcpLimits::default()
    };
    let server = start_with(&["127.0.0.1:0"], limits);
    for sent in [&[][..], &[0], &[0, 40], &[0, 40, 1, 2, 3]] {
        let mut stream = TcpStream::connect(server.local_addrs()[0]).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.write_all(sent).unwrap();
        assert!(matches!(stream.read(&mut [0]), Ok(0)), "{sent:?}");
    }
    server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn shutdown_does_not_wait_for_quiet_clients() {
    let server = start(&["127.0.0.1:0"]);
    let mut stream = TcpStream::connect(server.local_addrs()[0]).unwrap();
    send_tcp(&mut stream, &question(1, "www.example.test"));
    receive_tcp(&mut stream);
    server.shutdown().await;
    assert_eq!(stream.read(&mut [0]).unwrap(), 0);
}
