//! `easement serve`, and commands while it runs.

use std::io::{BufRead as _, BufReader};
use std::os::unix::fs::PermissionsExt as _;
use std::process::{Child, Command, Stdio};

use crate::run::Folder;

/// A running server; it is ended with the test, however that ends.
pub(crate) struct Server(Child);

impl Server {
    /// Starts on free ports, and gives back what it said until it was ready.
    pub(crate) fn start(folder: &Folder) -> (Self, Vec<String>) {
        let arguments = [
            "serve",
            "--set",
            "server.listen=127.0.0.1:0",
            "--set",
            "dns.listen=127.0.0.1:0",
            "--set",
            "log.level=warn",
        ];
        let mut process = folder
            .command(&arguments)
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(process.stderr.take().unwrap()).lines();
        let said = lines
            .map(Result::unwrap)
            .take_while(|line| line != "Ready.")
            .collect();
        (Self(process), said)
    }

    pub(crate) fn stop(mut self) -> Option<i32> {
        let kill = format!("kill -TERM {}", self.0.id());
        Command::new("sh").args(["-c", &kill]).status().unwrap();
        self.0.wait().unwrap().code()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Both fail only when it has ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn commands_work_while_the_server_runs_and_it_stops_when_asked() {
    let folder = Folder::new();
    let (server, said) = Server::start(&folder);
    let link = said.iter().find(|line| line.contains("/welcome/"));
    assert!(
        link.is_some(),
        "the first run makes the first operator: {said:?}"
    );
    let socket = folder.path().join("easement-data/control.sock");
    let mode = socket.metadata().unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600, "nobody else may use the socket");
    let data = socket.parent().unwrap().metadata().unwrap();
    assert_eq!(
        data.permissions().mode() & 0o777,
        0o700,
        "nor look into the folder"
    );

    let arguments = [
        "account",
        "create",
        "op@example.test",
        "--operator",
        "--password-stdin",
    ];
    folder
        .run_with_input(&arguments, "three little words")
        .done();
    folder
        .run(&[
            "zone",
            "create",
            "example.test",
            "--owner",
            "op@example.test",
        ])
        .done();
    assert!(
        folder
            .run(&["zone", "list"])
            .done()
            .contains("example.test")
    );
    let second = folder.run(&[
        "serve",
        "--set",
        "server.listen=127.0.0.1:0",
        "--set",
        "dns.listen=127.0.0.1:0",
    ]);
    second.failed(1, &["in use by another process"]);

    assert_eq!(server.stop(), Some(0));
    assert!(!socket.exists());
    assert!(
        folder
            .run(&["zone", "list"])
            .done()
            .contains("example.test"),
        "it is kept"
    );
    let (server, said) = Server::start(&folder);
    assert!(
        !said.iter().any(|line| line.contains("/welcome/")),
        "{said:?}"
    );
    assert_eq!(server.stop(), Some(0));
}
