//! `easement serve`, and commands while it runs.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::os::fd::OwnedFd;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::UnixDatagram;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::run::Folder;

/// Starts on free ports.
const START: [&str; 7] = [
    "serve",
    "--set",
    "server.listen=127.0.0.1:0",
    "--set",
    "dns.listen=127.0.0.1:0",
    "--set",
    "log.level=warn",
];

/// A running server; it is ended with the test, however that ends.
pub(crate) struct Server(Child);

impl Server {
    /// Starts on free ports, and gives back what it said until it was ready.
    pub(crate) fn start(folder: &Folder) -> (Self, Vec<String>) {
        let mut process = folder
            .command(&START)
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
    folder.run(&["backup", "while-it-runs"]).done();
    let restore = ["restore", "while-it-runs", "--replace"];
    folder
        .run(&restore)
        .failed(5, &["a server is running", "stop it first"]);
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

/// Long enough for any machine; nothing waits so long when all is well.
const PATIENCE: Duration = Duration::from_mins(1);

/// A question for the SOA of example.test.
const QUESTION: &[u8] = b"\xab\xcd\0\0\0\x01\0\0\0\0\0\0\x07example\x04test\0\0\x06\0\x01";

/// As a service manager does it: the sockets are numbered from 3 on, and the process finds in its
/// environment how many there are.
#[test]
fn the_sockets_of_a_service_manager_are_used() {
    let folder = Folder::new();
    let udp = UdpSocket::bind("127.0.0.1:0").unwrap();
    let dns = udp.local_addr().unwrap();
    let tcp = TcpListener::bind(dns).unwrap();
    let web = TcpListener::bind("127.0.0.1:0").unwrap();
    let page = web.local_addr().unwrap();
    let script = "exec 3<&0 4<&1 5<&2; export LISTEN_FDS=3 LISTEN_PID=$$; \
                  exec \"$0\" \"$@\" </dev/null >said 2>&1";
    let process = Command::new("sh")
        .args(["-c", script, env!("CARGO_BIN_EXE_easement"), "serve"])
        // An address of the documentation: nobody can bind it.
        .args(["--set", "dns.listen=192.0.2.1:53"])
        .current_dir(folder.path())
        .env_clear()
        .stdin(OwnedFd::from(udp))
        .stdout(OwnedFd::from(tcp))
        .stderr(OwnedFd::from(web))
        .spawn()
        .unwrap();
    let server = Server(process);

    let client = UdpSocket::bind("127.0.0.1:0").unwrap();
    client.set_read_timeout(Some(PATIENCE)).unwrap();
    client.connect(dns).unwrap();
    let mut answer = [0; 512];
    // More than one thread reads from the one socket.
    for _ in 0..20 {
        client.send(QUESTION).unwrap();
        client.recv(&mut answer).unwrap();
        assert_eq!((answer[0], answer[1], answer[3] & 15), (0xab, 0xcd, 5));
    }
    let length = u16::try_from(QUESTION.len()).unwrap().to_be_bytes();
    let mut stream = TcpStream::connect(dns).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.write_all(&[&length, QUESTION].concat()).unwrap();
    stream.read_exact(&mut answer[..4]).unwrap();
    assert_eq!(answer[2..4], [0xab, 0xcd]);

    let mut stream = TcpStream::connect(page).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let request = format!("GET / HTTP/1.1\r\nHost: {page}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).unwrap();
    let mut status = [0; 9];
    stream.read_exact(&mut status).unwrap();
    assert_eq!(&status, b"HTTP/1.1 ");
    assert_eq!(server.stop(), Some(0));
}

#[test]
fn a_socket_of_the_service_manager_that_is_of_no_use_is_named() {
    let folder = Folder::new();
    let script = "exec 3</dev/null; export LISTEN_FDS=1 LISTEN_PID=$$; exec \"$0\" \"$@\"";
    let output = Command::new("sh")
        .args(["-c", script, env!("CARGO_BIN_EXE_easement"), "serve"])
        .current_dir(folder.path())
        .env_clear()
        .output()
        .unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(
        said.contains("socket 1") && said.contains("ListenDatagram="),
        "{said}"
    );
}

/// As systemd starts it.
#[test]
fn the_service_manager_hears_when_it_is_ready_alive_and_stopping() {
    let folder = Folder::new();
    let manager = UnixDatagram::bind(folder.path().join("notify")).unwrap();
    let patience = Some(Duration::from_mins(1));
    manager.set_read_timeout(patience).unwrap();
    let hear = || {
        let mut buffer = [0; 256];
        let length = manager.recv(&mut buffer).unwrap();
        String::from_utf8_lossy(&buffer[..length]).trim().to_owned()
    };
    let mut command = folder.command(&START);
    // 100 seconds, the seconds that the parts of a stop get, and some for the process.
    command
        .args(["--set", "server.shutdown_seconds=100"])
        .env("NOTIFY_SOCKET", folder.path().join("notify"))
        .env("WATCHDOG_USEC", "3000000")
        .stderr(Stdio::null());
    let server = Server(command.spawn().unwrap());
    assert_eq!(hear(), "READY=1");
    assert_eq!(hear(), "WATCHDOG=1");
    assert_eq!(server.stop(), Some(0));
    let rest: Vec<String> = std::iter::repeat_with(hear)
        .take_while(|told| told != "STOPPING=1\nEXTEND_TIMEOUT_USEC=116000000")
        .collect();
    assert!(rest.iter().all(|told| told == "WATCHDOG=1"), "{rest:?}");
}
