//! An app without a name gets one, and a certificate for it: `examples/own_name.rs` of the library for clients.

use std::io::{BufRead as _, BufReader};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::PathBuf;
use std::process::{Child, Stdio};

use super::authority::Authority;
use crate::devices::lab::{Folder, Lab};
use crate::devices::world::Token;
use crate::tools::report_missing;

#[tokio::test(flavor = "multi_thread")]
async fn an_app_without_a_name_gets_a_certificate() {
    if !program().is_file() {
        report_missing("the example own_name");
        return;
    }
    let lab = Lab::start(Token::for_names(&["home.example.test"])).await;
    let http = free_address();
    let Some(authority) = Authority::start_asking_at(&lab, http.port()).await else {
        return;
    };
    let arguments = [
        format!("server=http://{}/namedrop", lab.web()),
        format!("acme={}", authority.directory()),
        format!("root={}", lab.folder.path("ca.pem").display()),
        format!("http={http}"),
        "https=127.0.0.1:0".to_owned(),
        "lab".to_owned(),
    ];
    let app = App::start(&lab.folder, &arguments);
    let said = tokio::task::block_in_place(|| app.says_until("open this link"));
    assert!(
        said.contains("127.0.0.1 is 127-0-0-1.ip.example.test for some minutes"),
        "{said}"
    );
    assert!(said.contains("there is a certificate for it"), "{said}");
    let back = "redirect_uri=https%3A%2F%2F127-0-0-1.ip.example.test%3A";
    assert!(
        said.contains(back),
        "the owner is led back over TLS: {said}"
    );
}

fn free_address() -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    listener.local_addr().unwrap()
}

/// The example, which ends with the test.
struct App(Child);

impl App {
    fn start(folder: &Folder, arguments: &[String]) -> Self {
        let mut command = folder.command("setpriv");
        command
            .args(["--pdeathsig", "TERM"])
            .arg(program())
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit());
        Self(command.spawn().unwrap())
    }

    /// What it says, to the line with these words, or to its end.
    fn says_until(mut self, words: &str) -> String {
        let mut said = String::new();
        for line in BufReader::new(self.0.stdout.take().unwrap()).lines() {
            let line = line.unwrap();
            said.push_str(&line);
            said.push('\n');
            if line.contains(words) {
                break;
            }
        }
        said
    }
}

impl Drop for App {
    fn drop(&mut self) {
        // Both fail only when it has ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Examples are built beside the tests.
fn program() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let built = test.parent().unwrap().parent().unwrap();
    built.join("examples/own_name")
}
