//! `dig` as a client that everybody trusts.

use std::net::SocketAddr;
use std::process::Command;

use easement_dns::{DnsServer, ListenConfig};

use crate::world::{a, hosted, zone};

/// Whether `dig` is there. Without it the test says so aloud, or fails when tools are required.
fn has_dig() -> bool {
    let is_there = Command::new("dig").arg("-v").output().is_ok();
    let is_required = std::env::var_os("EASEMENT_REQUIRE_TOOLS").is_some_and(|value| value == "1");
    assert!(
        is_there || !is_required,
        "`dig` is not installed (Debian: bind9-dnsutils) and EASEMENT_REQUIRE_TOOLS=1"
    );
    if !is_there {
        eprintln!("SKIPPED: `dig` is not installed (Debian: bind9-dnsutils)");
    }
    is_there
}

fn dig(server: SocketAddr, arguments: &[&str]) -> String {
    let output = Command::new("dig")
        .args([
            format!("@{}", server.ip()),
            "-p".into(),
            server.port().to_string(),
        ])
        // From another address than the server's: dig and the server share ports (SO_REUSEPORT), and dig may
        // be given the very one that it asks, and hear itself.
        .args(["-b", "127.0.0.2", "+time=20", "+tries=1"])
        .args(arguments)
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn dig_reads_every_kind_of_answer() {
    if !has_dig() {
        return;
    }
    let snapshot = zone("example.test", [a("www.example.test", 1)]);
    let zones = hosted([snapshot.with_discovery("connect.example.net")]);
    let config = ListenConfig::on(["127.0.0.1:0".parse().unwrap()]);
    let server = DnsServer::bind(&config).unwrap().serve(&zones).unwrap();
    let address = server.local_addrs()[0];
    for transport in ["+notcp", "+tcp"] {
        assert_eq!(
            dig(address, &[transport, "+short", "www.example.test"]),
            "192.0.2.1\n"
        );
        let text = dig(
            address,
            &[transport, "+short", "_domainconnect.example.test", "TXT"],
        );
        assert_eq!(text, "\"connect.example.net\"\n");
        let missing = dig(address, &[transport, "+dnssec", "missing.example.test"]);
        assert!(missing.contains("status: NXDOMAIN"), "{missing}");
        assert!(missing.contains("flags: qr aa"), "{missing}");
        assert!(
            missing.contains("EDNS: version: 0, flags: do; udp: 1232"),
            "{missing}"
        );
        let refused = dig(address, &[transport, "example.com"]);
        assert!(refused.contains("status: REFUSED"), "{refused}");
        assert!(
            !refused.to_lowercase().contains("warning: message"),
            "{refused}"
        );
    }
    let version = dig(
        address,
        &["+edns=1", "+noednsnegotiation", "www.example.test"],
    );
    assert!(version.contains("status: BADVERS"), "{version}");
    server.shutdown().await;
}
