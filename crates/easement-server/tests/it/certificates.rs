//! Replacing the certificate of a running server.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use easement_server::admin::{AdminReply, AdminRequest, FailureKind};
use easement_server::config::Config;
use easement_server::{App, CertificateReload, Surroundings};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use tempfile::TempDir;

use crate::tools::is_installed;

/// A certificate for `localhost` that is its own authority, without the right to sign others.
const OPENSSL: &str = "[req]\ndistinguished_name=dn\nx509_extensions=ext\nprompt=no\n\
     [dn]\nCN=localhost\n\
     [ext]\nsubjectAltName=DNS:localhost\nbasicConstraints=critical,CA:FALSE\n";

fn make_certificate(folder: &Path, name: &str) {
    std::fs::write(folder.join("openssl.cnf"), OPENSSL).unwrap();
    let made = Command::new("openssl")
        .args(["req", "-x509", "-nodes", "-days", "30", "-newkey", "ec"])
        .args(["-pkeyopt", "ec_paramgen_curve:prime256v1"])
        .args(["-config", "openssl.cnf"])
        .args([
            "-keyout",
            &format!("{name}.key"),
            "-out",
            &format!("{name}.pem"),
        ])
        .current_dir(folder)
        .output()
        .unwrap();
    assert!(made.status.success(), "{made:?}");
}

/// Puts the files where the server looks for them.
fn put(folder: &Path, certificate: &str, key: &str) {
    std::fs::copy(folder.join(certificate), folder.join("chain.pem")).unwrap();
    std::fs::copy(folder.join(key), folder.join("privkey.pem")).unwrap();
}

/// A client that believes in one certificate.
struct Client(StreamOwned<ClientConnection, TcpStream>);

impl Client {
    fn connect(address: SocketAddr, certificate: &Path) -> Self {
        let mut roots = RootCertStore::empty();
        roots
            .add(CertificateDer::from_pem_file(certificate).unwrap())
            .unwrap();
        let config = ClientConfig::builder()
            .with_root_certificates(roots)
            .with_no_client_auth();
        let name = "localhost".try_into().unwrap();
        let connection = ClientConnection::new(Arc::new(config), name).unwrap();
        let stream = TcpStream::connect(address).unwrap();
        Self(StreamOwned::new(connection, stream))
    }

    /// Whether the server answers on this connection.
    fn is_answered(&mut self) -> bool {
        let request = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n";
        let mut answer = Vec::new();
        if self.0.write_all(request).is_err() {
            return false;
        }
        while !answer.ends_with(b"\r\n\r\nok\n") {
            let mut octet = [0];
            match self.0.read(&mut octet) {
                Ok(1) => answer.extend(octet),
                Ok(_) | Err(_) => return false,
            }
        }
        answer.starts_with(b"HTTP/1.1 200 ")
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_new_certificate_is_for_new_connections_and_a_bad_one_for_nobody() {
    if !is_installed("openssl") {
        return;
    }
    // Fails when another test of the process has done it.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let folder = TempDir::new().unwrap();
    let files = folder.path();
    for name in ["one", "two"] {
        make_certificate(files, name);
    }
    put(files, "one.pem", "one.key");
    let mut config = Config::default();
    config.server.public_url = "https://localhost".parse().unwrap();
    config.server.listen = vec!["127.0.0.1:0".parse().unwrap()];
    config.server.tls_certificate = Some(files.join("chain.pem"));
    config.server.tls_key = Some(files.join("privkey.pem"));
    config.dns.listen = vec!["127.0.0.1:0".parse().unwrap()];
    config.store.data_dir = files.join("data");
    config.metrics.listen = vec!["127.0.0.1:0".parse().unwrap()];
    let app = App::start(config, Surroundings::of_this_machine())
        .await
        .unwrap();
    let address = app.web_addresses()[0];
    let connect = |name: &str| Client::connect(address, &files.join(name));
    let reload = async || match app.administer(AdminRequest::Reload).await {
        Ok(AdminReply::Reloaded(reloaded)) => Ok(reloaded.certificate),
        Ok(other) => panic!("{other:?}"),
        Err(failure) => Err(failure),
    };

    let mut old = connect("one.pem");
    assert!(old.is_answered());
    assert_eq!(reload().await.unwrap(), CertificateReload::Unchanged);
    put(files, "two.pem", "two.key");
    assert_eq!(reload().await.unwrap(), CertificateReload::Taken);
    assert!(old.is_answered(), "an open connection goes on");
    assert!(connect("two.pem").is_answered());
    assert!(!connect("one.pem").is_answered());

    for (certificate, key) in [("two.pem", "one.key"), ("openssl.cnf", "two.key")] {
        put(files, certificate, key);
        let failure = reload().await.unwrap_err();
        assert_eq!(failure.kind, FailureKind::Invalid);
        assert!(failure.message.contains("chain.pem"), "{failure}");
        assert!(connect("two.pem").is_answered(), "the one in use stays");
    }
    std::fs::remove_file(files.join("privkey.pem")).unwrap();
    assert!(reload().await.unwrap_err().message.contains("privkey.pem"));
    put(files, "two.pem", "two.key");
    assert!(reload().await.is_ok(), "mended");

    let (status, metrics) = crate::monitoring::get(app.metrics_addresses()[0], "/metrics").await;
    assert_eq!(status, 200);
    for line in [
        "easement_tls_reloads_total{result=\"taken\"} 2\n",
        "easement_tls_reloads_total{result=\"refused\"} 3\n",
        "\neasement_tls_certificate_expiry_timestamp_seconds ",
    ] {
        assert!(metrics.contains(line), "{line}: {metrics}");
    }
    app.shutdown().await;
}
