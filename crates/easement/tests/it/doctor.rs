//! `easement doctor`

use std::net::UdpSocket;

use serde_json::Value;

use crate::run::Folder;

/// A resolver that knows nothing, and says so to everybody.
fn resolver() -> String {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    let address = socket.local_addr().unwrap();
    std::thread::spawn(move || {
        let mut buffer = [0; 512];
        while let Ok((length, peer)) = socket.recv_from(&mut buffer) {
            // An answer, with recursion, and no such name.
            let [_, _, first, second, ..] = &mut buffer;
            (*first, *second) = (*first | 0x80, 0x83);
            let answer = buffer.iter().copied().take(length);
            socket.send_to(&answer.collect::<Vec<_>>(), peer).unwrap();
        }
    });
    format!("dns.resolver={address}")
}

/// Ports that are nobody's: any.
const PORTS: [&str; 4] = [
    "--set",
    "server.listen=127.0.0.1:0",
    "--set",
    "dns.listen=127.0.0.1:0",
];

#[test]
fn what_is_wrong_comes_with_its_remedy_and_an_exit_code() {
    let folder = Folder::new();
    let resolver = resolver();
    let set = [&PORTS[..], &["--set", &resolver]].concat();
    let ended = folder.run(&[&["doctor"], &set[..]].concat());
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(
        ended.data.contains("ok    configuration: it is valid\n"),
        "{ended:?}"
    );
    assert!(
        ended
            .data
            .contains("warn  database: there is no folder easement-data"),
        "{ended:?}"
    );
    assert!(
        ended.data.contains("\n      do: set server.public_url"),
        "{ended:?}"
    );
    assert!(ended.said.contains("0 fail"), "{ended:?}");

    let ended = folder.run(&[&["doctor", "none.test", "--json"], &set[..]].concat());
    assert_eq!(ended.code, Some(1), "{ended:?}");
    let report: Value = serde_json::from_str(&ended.data).unwrap();
    assert_eq!(report["failed"], 1);
    let checks = report["checks"].as_array().unwrap();
    let failed = checks
        .iter()
        .find(|check| check["outcome"] == "fail")
        .unwrap();
    assert_eq!(
        (&failed["zone"], &failed["check"]),
        (&"none.test".into(), &"zone".into())
    );
    assert!(failed["remedy"].as_str().unwrap().contains("zone list"));
}

#[test]
fn a_configuration_that_cannot_be_read_is_the_one_thing_that_is_told() {
    let folder = Folder::new();
    folder.write("wrong.toml", "[dns]\nlisten = 53\n");
    let ended = folder.run(&["doctor", "--config", "wrong.toml"]);
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(ended.data.starts_with("FAIL  configuration: "), "{ended:?}");
    assert_eq!(ended.data.matches("FAIL").count(), 1);
}
