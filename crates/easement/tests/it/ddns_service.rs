//! `easement ddns run` as a service: signals, and the lock of its state.

use std::fs;
use std::io::{BufRead as _, BufReader, Lines, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt as _;
use std::process::{Child, ChildStderr, Command, Stdio};

use crate::run::Folder;

const OK: &str = r#"{"success":true,"data":{"hostname":"home.example.com","changed":true}}"#;
const CONFIG: [&str; 3] = ["ddns", "--config", "ddns.toml"];

/// A machine with one address, and a server that a test plays.
struct Machine {
    folder: Folder,
    server: TcpListener,
}

impl Machine {
    fn new() -> Self {
        let machine = Self {
            folder: Folder::new(),
            server: TcpListener::bind("127.0.0.1:0").unwrap(),
        };
        machine.secret("first");
        machine.configure("");
        machine
    }

    fn configure(&self, more: &str) {
        let path = self.folder.path().display();
        let server = self.server.local_addr().unwrap();
        self.folder.write(
            "ddns.toml",
            &format!(
                "state_file = \"{path}/ddns.state\"\n[ipv4]\ncommand = [\"/bin/echo\", \"9.9.9.9\"]\n\
                 [ipv6]\nfrom = \"off\"\n[[target]]\nname = \"home\"\nprotocol = \"apertodns\"\n\
                 server = \"http://{server}\"\nhosts = [\"home.example.com\"]\n{more}"
            ),
        );
    }

    fn secret(&self, text: &str) {
        let path = self.folder.write("ddns-secrets/home", text);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    }

    fn state(&self) -> String {
        fs::read_to_string(self.folder.path().join("ddns.state")).unwrap_or_default()
    }

    /// The next request, which waits for its answer.
    fn request(&self) -> (String, TcpStream) {
        let (mut stream, _) = self.server.accept().unwrap();
        let mut octets = vec![0; 8192];
        let mut text = String::new();
        while !text.contains("\r\n\r\n") {
            let count = stream.read(&mut octets).unwrap();
            let (new, _) = octets.split_at(count);
            text.push_str(&String::from_utf8_lossy(new));
        }
        (text, stream)
    }

    fn run(&self) -> Service {
        let mut command = self.folder.command(&[&CONFIG[..], &["run"]].concat());
        let mut process = command.stderr(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(process.stderr.take().unwrap()).lines();
        Service { process, lines }
    }
}

fn answer(mut stream: TcpStream, body: &str) {
    let length = body.len();
    let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n{body}");
    stream.write_all(answer.as_bytes()).unwrap();
}

struct Service {
    process: Child,
    lines: Lines<BufReader<ChildStderr>>,
}

impl Service {
    fn send(&self, signal: &str) {
        let kill = format!("kill -{signal} {}", self.process.id());
        Command::new("sh").args(["-c", &kill]).status().unwrap();
    }

    #[track_caller]
    fn wait_for(&mut self, words: &str) {
        let mut said = Vec::new();
        for line in self.lines.by_ref().map(Result::unwrap) {
            if line.contains(words) {
                return;
            }
            said.push(line);
        }
        panic!("it has ended and did not say {words}: {said:?}");
    }

    fn end(mut self) -> Option<i32> {
        self.process.wait().unwrap().code()
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        // Both fail only when it has ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[test]
fn asked_to_stop_it_waits_for_the_answer_and_notes_it() {
    let machine = Machine::new();
    let service = machine.run();
    let (_, stream) = machine.request();
    service.send("TERM");
    // It would have ended by now; the answer is what it waits for.
    assert!(!machine.state().contains("9.9.9.9"));
    answer(stream, OK);
    assert_eq!(service.end(), Some(0));
    assert!(machine.state().contains("9.9.9.9"));
}

#[test]
fn a_hang_up_has_it_read_everything_again_and_a_mistake_ends_nothing() {
    let machine = Machine::new();
    let mut service = machine.run();
    let (first, stream) = machine.request();
    assert!(first.contains("Bearer first"), "{first}");
    answer(stream, OK);
    service.wait_for("A 9.9.9.9");

    // Nothing of this can be used.
    machine.configure("ttl = 1\n");
    service.send("HUP");
    service.wait_for("stays as it was");
    fs::remove_file(machine.folder.path().join("ddns-secrets/home")).unwrap();
    machine.configure("");
    service.send("HUP");
    service.wait_for("stays as it was");
    let own = format!(
        "ca_file = \"{}/missing.pem\"\n",
        machine.folder.path().display()
    );
    let path = machine.folder.path().join("ddns.toml");
    let text = fs::read_to_string(&path).unwrap();
    machine.secret("second");
    fs::write(&path, format!("{own}{text}")).unwrap();
    service.send("HUP");
    service.wait_for("stays as it was");

    fs::write(&path, text).unwrap();
    service.send("HUP");
    let (again, stream) = machine.request();
    assert!(again.contains("Bearer second"), "{again}");
    answer(stream, OK);
    service.wait_for("A 9.9.9.9");
    service.send("TERM");
    assert_eq!(service.end(), Some(0));
}

#[test]
fn nobody_works_with_the_state_of_an_agent_that_runs() {
    let machine = Machine::new();
    let mut service = machine.run();
    let (_, stream) = machine.request();
    answer(stream, OK);
    service.wait_for("A 9.9.9.9");
    let server = format!("http://{}", machine.server.local_addr().unwrap());
    machine.folder.write("token", "other\n");
    let ddns = |arguments: &[&str]| machine.folder.run(&[&CONFIG[..], arguments].concat());
    let setup = ["setup", "--server", &server, "--host", "home.example.com"];
    let setup = ddns(&[&setup[..], &["--token-file", "token"]].concat());
    setup.failed(5, &["stop it first"]);
    for arguments in [&["remove", "--force"][..], &["remove"], &["run", "--once"]] {
        ddns(arguments).failed(5, &["stop it first"]);
    }
    let secret = machine.folder.path().join("ddns-secrets/home");
    assert_eq!(fs::read_to_string(secret).unwrap(), "first");
    let status = ddns(&["status"]);
    assert!(status.data.contains("An agent is running."), "{status:?}");
}

#[test]
fn the_service_manager_hands_secrets_over() {
    let machine = Machine::new();
    let given = machine
        .folder
        .write("credentials/ddns-secrets_home", "given");
    let arguments = [&CONFIG[..], &["run", "--once"]].concat();
    let mut command = machine.folder.command(&arguments);
    command.env("CREDENTIALS_DIRECTORY", given.parent().unwrap());
    let mut process = command.stderr(Stdio::null()).spawn().unwrap();
    let (request, stream) = machine.request();
    assert!(request.contains("Bearer given"), "{request}");
    answer(stream, OK);
    assert_eq!(process.wait().unwrap().code(), Some(0));
}
