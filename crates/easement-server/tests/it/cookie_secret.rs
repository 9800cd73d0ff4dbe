//! The secret of DNS cookies is replaced while the server runs.

use std::net::{SocketAddr, UdpSocket};
use std::path::Path;
use std::time::Duration;

use easement_server::admin::{AdminReply, AdminRequest, FailureKind};
use easement_server::config::Config;
use easement_server::{App, CookieSecretReload, Surroundings};
use tempfile::TempDir;

const PATIENCE: Duration = Duration::from_secs(10);
const BADCOOKIE: u16 = 23;

/// Shows a cookie, and gives the judgement and the fresh one.
fn show(server: SocketAddr, cookie: &[u8]) -> (u16, Vec<u8>) {
    let client = UdpSocket::bind("127.0.0.1:0").unwrap();
    client.set_read_timeout(Some(PATIENCE)).unwrap();
    let length = u8::try_from(cookie.len()).unwrap();
    let mut query = vec![0, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1];
    query.extend([0, 0, 41, 4, 208, 0, 0, 0, 0, 0, length + 4]);
    query.extend([0, 10, 0, length]);
    query.extend(cookie);
    client.send_to(&query, server).unwrap();
    let mut answer = [0; 512];
    let length = client.recv(&mut answer).unwrap();
    let rcode = u16::from(answer[17]) << 4 | u16::from(answer[3] & 15);
    (rcode, answer[length - 24..length].to_vec())
}

async fn start(folder: &Path, secret: &Path) -> App {
    let mut config = Config::default();
    config.server.listen = vec!["127.0.0.1:0".parse().unwrap()];
    config.dns.listen = vec!["127.0.0.1:0".parse().unwrap()];
    config.dns.cookie_secret_file = Some(secret.to_owned());
    config.store.data_dir = folder.join("data");
    App::start(config, Surroundings::of_this_machine())
        .await
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn cookies_of_the_secret_before_are_good_after_a_reload() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("cookie-secret");
    let [first, second, third] = ["11", "22", "33"].map(|pair| pair.repeat(16));
    let write = |lines: &[&str]| std::fs::write(&file, lines.join("\n")).unwrap();
    write(&[&first]);
    let app = start(folder.path(), &file).await;
    let server = app.dns_addresses()[0];
    let reload = async || match app.administer(AdminRequest::Reload).await {
        Ok(AdminReply::Reloaded(reloaded)) => Ok(reloaded.cookie_secret),
        Ok(other) => panic!("{other:?}"),
        Err(failure) => Err(failure),
    };

    let (_, cookie) = show(server, b"clientck");
    assert_eq!(show(server, &cookie).0, 0);
    assert_eq!(reload().await.unwrap(), CookieSecretReload::Unchanged);
    write(&["hunter2"]);
    let failure = reload().await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Invalid);
    assert!(failure.message.contains("cookie-secret"), "{failure}");
    assert!(!failure.to_string().contains("hunter2"), "{failure}");
    assert_eq!(show(server, &cookie).0, 0, "the one in use stays");

    write(&[&second, &first]);
    assert_eq!(reload().await.unwrap(), CookieSecretReload::Taken);
    let (rcode, fresh) = show(server, &cookie);
    assert_eq!(rcode, 0, "it is still good");
    write(&[&third, &second]);
    assert_eq!(reload().await.unwrap(), CookieSecretReload::Taken);
    assert_eq!(show(server, &cookie).0, BADCOOKIE);
    assert_eq!(show(server, &fresh).0, 0, "it is of the second secret");
    app.shutdown().await;
}
