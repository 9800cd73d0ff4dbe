//! Over HTTP/2, frame by frame (RFC 9113).

use super::*;

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const PING: u8 = 6;
const CONTINUATION: u8 = 9;
const ACK: u8 = 1;
const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;
/// `GET http://localhost/`, in HPACK.
const GET: &[u8] = b"\x82\x86\x84\x41\x09localhost";
/// `GET http://localhost/never`.
const GET_NEVER: &[u8] = b"\x82\x86\x04\x06/never\x41\x09localhost";
/// `POST http://localhost/form`.
const POST_FORM: &[u8] = b"\x83\x86\x04\x05/form\x41\x09localhost";

fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    let mut frame = length[1..].to_vec();
    frame.extend([kind, flags]);
    frame.extend(stream.to_be_bytes());
    frame.extend(payload);
    frame
}

/// The preface and settings of a client; the settings of the server are never acknowledged.
fn begin() -> Vec<u8> {
    [PREFACE, &frame(SETTINGS, 0, 0, b"")].concat()
}

/// The beginning, and a request that is answered.
fn begin_and_ask() -> Vec<u8> {
    [begin(), frame(HEADERS, END_STREAM | END_HEADERS, 1, GET)].concat()
}

/// The kinds of the frames that a server sent.
fn kinds(mut said: &[u8]) -> Vec<u8> {
    let mut kinds = Vec::new();
    while let Some((head, rest)) = said.split_at_checked(9) {
        let length = u32::from_be_bytes([0, head[0], head[1], head[2]]);
        kinds.push(head[3]);
        said = rest
            .get(usize::try_from(length).unwrap()..)
            .unwrap_or_default();
    }
    kinds
}

async fn is_served(address: SocketAddr) -> bool {
    let ask = b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    send(address, ask).await.ends_with(b"hello")
}

#[tokio::test]
async fn floods_of_streams_and_headers_end_their_connection() {
    let address = Host::default().start();
    let of_streams = |ask: fn(u32) -> Vec<u8>| -> Vec<u8> {
        (0..20_000).flat_map(|number| ask(2 * number + 1)).collect()
    };
    let resets = of_streams(|stream| {
        let ask = frame(HEADERS, END_STREAM | END_HEADERS, stream, GET);
        [ask, frame(RST_STREAM, 0, stream, &[0, 0, 0, 8])].concat()
    });
    let opened = of_streams(|stream| frame(HEADERS, END_STREAM | END_HEADERS, stream, GET_NEVER));
    let never_whole = of_streams(|stream| frame(HEADERS, END_HEADERS, stream, POST_FORM));
    let filler = [&b"\x00\x01x\x7f\x81\x7e"[..], &[b'y'; 509]].concat();
    let mut continuations = frame(HEADERS, END_STREAM, 1, GET);
    for _ in 0..20_000 {
        continuations.extend(frame(CONTINUATION, 0, 1, &filler));
    }
    for flood in [resets, opened, never_whole, continuations] {
        // Comes back because the server closed the connection.
        send(address, &[begin(), flood].concat()).await;
    }
    assert!(is_served(address).await, "others are served");
}

#[tokio::test]
async fn floods_of_frames_that_ask_for_nothing_end_their_connection() {
    let host = Host {
        patience: Patience {
            octets: FLOOD / 2,
            ..ENDLESS
        },
        ..Host::default()
    };
    let address = host.start();
    for piece in [
        frame(PING, 0, 0, &[7; 8]),
        frame(PING, ACK, 0, &[7; 8]),
        // The greatest table of headers is another one each time.
        frame(SETTINGS, 0, 0, &[0, 1, 0, 0, 16, 0, 0, 1, 0, 0, 8, 0]),
        frame(SETTINGS, 0, 0, b""),
        // A priority, and a kind that nobody knows.
        frame(2, 0, 1, &[0, 0, 0, 0, 7]),
        frame(200, 0, 0, &[0; 32]),
    ] {
        let flood = piece.repeat(FLOOD / piece.len());
        for begin in [begin(), begin_and_ask()] {
            send(address, &[begin, flood.clone()].concat()).await;
        }
    }
    assert!(is_served(address).await, "others are served");
}

/// Signs of life alone do not keep a connection, before the first request and after it.
#[tokio::test]
async fn whoever_asks_for_nothing_more_loses_the_connection() {
    for (begin, patience) in [
        (
            begin(),
            Patience {
                silence: HASTE,
                ..ENDLESS
            },
        ),
        (
            begin_and_ask(),
            Patience {
                between: HASTE,
                ..ENDLESS
            },
        ),
    ] {
        let host = Host {
            patience,
            ..Host::default()
        };
        let address = host.start();
        for piece in [frame(PING, 0, 0, &[7; 8]), frame(SETTINGS, 0, 0, b"")] {
            trickle(address, &begin, &piece).await;
        }
    }
}

#[tokio::test]
async fn headers_that_come_octet_by_octet_are_not_waited_for() {
    let host = Host {
        patience: Patience {
            silence: HASTE,
            ..ENDLESS
        },
        ..Host::default()
    };
    let address = host.start();
    // A frame whose end never comes, and one after the other without the last.
    let frame_head = frame(HEADERS, END_STREAM, 1, &[0; 16_000])[..9].to_vec();
    trickle(address, &[begin(), frame_head].concat(), b"\x82").await;
    let head = frame(HEADERS, END_STREAM, 1, GET);
    let piece = frame(CONTINUATION, 0, 1, b"\x00\x01x\x01y");
    trickle(address, &[begin(), head].concat(), &piece).await;
}

/// The request is answered, and the connection ends although its body goes on.
#[tokio::test]
async fn bodies_that_come_octet_by_octet_are_not_waited_for() {
    let host = Host {
        patience: Patience {
            between: LATER.min(HASTE * 4),
            ..ENDLESS
        },
        request: HASTE,
        ..Host::default()
    };
    let ask = frame(HEADERS, END_HEADERS, 1, POST_FORM);
    let said = trickle(
        host.start(),
        &[begin(), ask].concat(),
        &frame(DATA, 0, 1, b"x"),
    )
    .await;
    assert!(kinds(&said).contains(&HEADERS), "{}", said.escape_ascii());
}

/// The client says that it has no room for an answer, and goes on with signs of life.
#[tokio::test]
async fn an_answer_that_is_never_taken_does_not_keep_the_connection() {
    let host = Host {
        patience: Patience {
            between: HASTE,
            ..ENDLESS
        },
        ..Host::default()
    };
    let no_room = frame(SETTINGS, 0, 0, &[0, 4, 0, 0, 0, 0]);
    let ask = frame(HEADERS, END_STREAM | END_HEADERS, 1, GET);
    let said = trickle(
        host.start(),
        &[PREFACE, &no_room, &ask].concat(),
        &frame(PING, 0, 0, &[7; 8]),
    )
    .await;
    let kinds = kinds(&said);
    assert!(
        kinds.contains(&HEADERS) && !kinds.contains(&DATA),
        "{kinds:?}"
    );
}
