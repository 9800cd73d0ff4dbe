//! Discovery that somebody prepared.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use easement_client::{
    CandidateFault, Client, ClientBuilder, DiscoveryError, PlainHttp, RequestError, SettingsError,
};
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::fake_dns::FakeDns;
use crate::fake_http::{FakeHttp, Reply};
use crate::lab;

const SETTINGS: &str =
    r#"{"providerId":"dns.example","providerName":"DNS","urlAPI":"https://api.dns.example"}"#;

type Is = fn(&CandidateFault) -> bool;

/// How discovery ends when the record says this.
async fn fault(dns: &FakeDns, value: &str, builder: ClientBuilder) -> CandidateFault {
    dns.txt("_domainconnect.example.test", value);
    let client = builder.resolver(dns.address).build().unwrap();
    match client.discover("example.test").await {
        Err(DiscoveryError::NoProvider { mut failures, .. }) => failures.remove(0).fault,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn nothing_private_is_connected_to_in_whatever_form_it_comes() {
    let http = FakeHttp::start(|_| Reply::Json(200, SETTINGS.to_owned())).await;
    let port = http.address.port();
    for host in [
        "127.0.0.1",
        "0x7f.1",
        "2130706433",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "localhost",
        "private.example.test",
        "10.0.0.1",
        "169.254.169.254",
    ] {
        let dns = FakeDns::start().await;
        let address = easement_zone::RecordData::a([127, 0, 0, 1].into());
        dns.put("private.example.test", address);
        let fault = fault(&dns, &format!("{host}:{port}"), Client::builder()).await;
        let is_refused = matches!(
            fault,
            CandidateFault::Request(RequestError::NotPublic { .. })
        );
        assert!(is_refused, "{host}: {fault}");
    }
    assert!(http.asked().is_empty());
}

#[tokio::test]
async fn plain_text_is_for_this_machine_and_only_when_allowed() {
    let dns = FakeDns::start().await;
    let http = FakeHttp::start(|_| Reply::Json(200, SETTINGS.to_owned())).await;
    let networks = ["127.0.0.0/8".parse().unwrap()];
    let builder = Client::builder().allow_networks(networks);
    let fault = fault(&dns, &format!("127.0.0.1:{}", http.address.port()), builder).await;
    assert!(
        matches!(fault, CandidateFault::Request(RequestError::Tls { .. })),
        "{fault}"
    );
    assert!(http.asked().is_empty());
}

#[tokio::test]
async fn aliases_that_lead_in_a_circle_end() {
    let dns = FakeDns::start().await;
    dns.alias("_domainconnect.example.test", "a.example.test");
    dns.alias("a.example.test", "b.example.test");
    dns.alias("b.example.test", "a.example.test");
    let client = lab(dns.address).build().unwrap();
    let failed = client.discover("example.test").await.unwrap_err();
    assert!(matches!(failed, DiscoveryError::Lookup { .. }), "{failed}");
}

#[tokio::test]
async fn megabytes_redirects_and_errors_are_not_taken() {
    let elsewhere = FakeHttp::start(|_| Reply::Json(200, SETTINGS.to_owned())).await;
    let there = format!("{}/v2/example.test/settings", elsewhere.url());
    let redirect = format!("HTTP/1.1 302 Found\r\nLocation: {there}\r\nContent-Length: 0\r\n\r\n");
    let mut megabytes = b"HTTP/1.1 200 OK\r\n\r\n".to_vec();
    megabytes.resize(4_000_000, b' ');
    let chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz".to_vec();
    let cases: [(Vec<u8>, Is); 4] = [
        (redirect.into_bytes(), |fault| {
            matches!(fault, CandidateFault::Redirected { status: 302 })
        }),
        (megabytes, |fault| {
            matches!(
                fault,
                CandidateFault::Request(RequestError::TooLarge { .. })
            )
        }),
        (chunked, |fault| {
            matches!(fault, CandidateFault::Request(RequestError::NotHttp { .. }))
        }),
        (
            b"HTTP/1.1 500 X\r\nContent-Length: 0\r\n\r\n".to_vec(),
            |fault| matches!(fault, CandidateFault::Status { status: 500 }),
        ),
    ];
    for (answer, is_expected) in cases {
        let dns = FakeDns::start().await;
        let http = FakeHttp::start(move |_| Reply::Raw(answer.clone())).await;
        let builder = lab(dns.address);
        let fault = fault(&dns, &http.authority(), builder).await;
        assert!(is_expected(&fault), "{fault}");
    }
    assert!(elsewhere.asked().is_empty());
}

#[tokio::test]
async fn who_says_nothing_is_left_in_time() {
    let dns = FakeDns::start().await;
    let http = FakeHttp::start(|_| Reply::Silence).await;
    let builder = lab(dns.address).request_limit(Duration::from_millis(300));
    let fault = fault(&dns, &http.authority(), builder).await;
    assert!(
        matches!(
            fault,
            CandidateFault::Request(RequestError::TimedOut { .. })
        ),
        "{fault}"
    );
}

#[tokio::test]
async fn settings_that_contradict_themselves_or_lead_astray_are_refused() {
    let deep = format!(r#"{{"urlAPI":{}"#, "[".repeat(50_000));
    let twice = r#"{"providerId":"a","urlAPI":"https://a.example","urlAPI":"https://b.example"}"#;
    let plain = r#"{"providerId":"a","urlAPI":"http://a.example"}"#;
    let script = r#"{"providerId":"a","urlAPI":"https://a.example","urlSyncUX":"javascript:x"}"#;
    for body in [deep.as_str(), twice, plain, script, "<html>", ""] {
        let dns = FakeDns::start().await;
        let owned = body.to_owned();
        let http = FakeHttp::start(move |_| Reply::Json(200, owned.clone())).await;
        let builder = lab(dns.address);
        let fault = fault(&dns, &http.authority(), builder).await;
        let is_settings = matches!(
            fault,
            CandidateFault::Settings(SettingsError::NotJson { .. } | SettingsError::Url { .. })
        );
        assert!(is_settings, "{fault}");
    }
}

#[tokio::test]
async fn a_certificate_must_be_believed_and_for_the_name() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["localhost", "other.example"] {
        make_certificate(folder.path(), name);
    }
    let open = |name: &str| folder.path().join(format!("{name}.pem"));
    let builder = || {
        Client::builder()
            .allow_networks(["127.0.0.0/8", "::1/128"].map(|text| text.parse().unwrap()))
    };
    for (shown, believed) in [
        ("localhost", None),
        ("localhost", Some("other.example")),
        ("other.example", Some("other.example")),
    ] {
        let dns = FakeDns::start().await;
        let http = FakeHttp::start_tls(config(folder.path(), shown), |_| {
            Reply::Json(200, SETTINGS.to_owned())
        })
        .await;
        let builder = match believed {
            Some(believed) => builder().roots(&open(believed)),
            None => builder(),
        };
        let fault = fault(&dns, &http.authority(), builder).await;
        assert!(
            matches!(fault, CandidateFault::Request(RequestError::Tls { .. })),
            "{shown}: {fault}"
        );
        assert!(http.asked().is_empty());
    }
    // The same with the right one.
    let dns = FakeDns::start().await;
    let http = FakeHttp::start_tls(config(folder.path(), "localhost"), |_| {
        Reply::Json(200, SETTINGS.to_owned())
    })
    .await;
    dns.txt("_domainconnect.example.test", &http.authority());
    let builder = builder()
        .roots(&open("localhost"))
        .plain_http(PlainHttp::Refuse);
    let client = builder.resolver(dns.address).build().unwrap();
    assert!(client.discover("example.test").await.is_ok());
}

fn config(folder: &Path, name: &str) -> ServerConfig {
    let certificate = CertificateDer::from_pem_file(folder.join(format!("{name}.pem"))).unwrap();
    let key = PrivateKeyDer::from_pem_file(folder.join(format!("{name}.key"))).unwrap();
    let provider = rustls::crypto::aws_lc_rs::default_provider();
    ServerConfig::builder_with_provider(provider.into())
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .unwrap()
}

fn make_certificate(folder: &Path, name: &str) {
    let config = format!(
        "[req]\ndistinguished_name=dn\nx509_extensions=ext\nprompt=no\n[dn]\nCN={name}\n\
         [ext]\nsubjectAltName=DNS:{name}\nbasicConstraints=critical,CA:FALSE\n"
    );
    std::fs::write(folder.join("openssl.cnf"), config).unwrap();
    let (key, pem) = (format!("{name}.key"), format!("{name}.pem"));
    let made = Command::new("openssl")
        .args(["req", "-x509", "-nodes", "-days", "30", "-newkey", "ec"])
        .args(["-pkeyopt", "ec_paramgen_curve:prime256v1"])
        .args(["-config", "openssl.cnf", "-keyout", &key, "-out", &pem])
        .current_dir(folder)
        .output()
        .unwrap();
    assert!(made.status.success(), "{made:?}");
}
