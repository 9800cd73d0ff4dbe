//! `easement connect --namedrop` and `easement names`: an owner gives a name, and the command line changes its records.

mod access_file;
mod ended;
mod given;
mod way_back;

use std::fs::Permissions;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::Command;

use serde_json::Value;

use crate::connect_in_browser::Connect;
use crate::person::Person;
use crate::run::Ended;

/// What the owner calls it.
const NAME: &str = "notes.example.test";
const FILE: &str = "names.json";

/// The owner of a domain, and a machine that wants a name.
struct Owner(Person);

impl Owner {
    async fn start() -> Option<Self> {
        Some(Self(Person::start().await?))
    }

    /// The server, as the command line takes it.
    fn base(&self) -> String {
        self.0.demo.page("/namedrop")
    }

    /// Runs the command that asks, until it opens the browser.
    async fn connect(&self, more: &[&str]) -> Connect {
        let base = self.base();
        let connect = ["connect", "--namedrop", &base, "--access", FILE];
        let arguments = [&connect[..], &["--allow-loopback"], more].concat();
        Connect::ask(&self.0, &arguments).await
    }

    /// Opens the link, and answers all that is asked up to whether the owner agrees.
    async fn choose(&self, link: &str) {
        self.0.open(link).await;
        if self.0.text().await.contains("Password") {
            self.0.sign_in().await;
        }
        self.0.press("#pick-other").await;
        self.0.type_into("#host", "notes").await;
        self.0.click("button[value=host]").await;
        self.0
            .reads(&["notes.example.test and all names below it", "at any time"])
            .await;
    }

    /// Gives the name, with all that is asked for.
    async fn give(&self) {
        let connect = self.connect(&[]).await;
        self.choose(&connect.link).await;
        self.0.agree().await;
        let ended = connect.end();
        assert_eq!(ended.code, Some(0), "{ended:?}");
    }

    /// `easement names`, with the access.
    fn names(&self, arguments: &[&str]) -> Ended {
        let ended = self.names_command(arguments).output();
        Ended::from(ended.unwrap())
    }

    fn names_command(&self, arguments: &[&str]) -> Command {
        let reach = ["--access", FILE, "--allow-loopback"];
        let arguments = [&["names"], arguments, &reach].concat();
        self.0.folder.command(&arguments)
    }

    fn path(&self) -> PathBuf {
        self.0.folder.path().join(FILE)
    }

    /// What is kept of what was given.
    fn access(&self) -> Value {
        serde_json::from_slice(&std::fs::read(self.path()).unwrap()).unwrap()
    }

    /// Changes what is kept.
    fn change_access(&self, change: impl FnOnce(&mut Value)) {
        let mut access = self.access();
        change(&mut access);
        std::fs::write(self.path(), access.to_string()).unwrap();
    }

    /// Makes the file, as if it had been copied before.
    fn write_access(&self, access: &Value) {
        let path = self.0.folder.write(FILE, &access.to_string());
        std::fs::set_permissions(path, Permissions::from_mode(0o600)).unwrap();
    }

    /// Gives a token back, as whoever has it can (RFC 7009).
    fn give_back(&self, token: &str) {
        let access = self.access();
        let text = |member: &str| {
            access
                .get(member)
                .and_then(Value::as_str)
                .unwrap()
                .to_owned()
        };
        let form = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("token", &text(token))
            .append_pair("client_id", &text("client_id"))
            .finish();
        let url: url::Url = self.base().parse().unwrap();
        let authority = &url[url::Position::BeforeHost..url::Position::AfterPort];
        let mut stream = TcpStream::connect(authority).unwrap();
        let length = form.len();
        write!(
            stream,
            "POST /namedrop/revoke HTTP/1.1\r\nHost: {authority}\r\nConnection: close\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {length}\r\n\r\n{form}"
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    }
}
