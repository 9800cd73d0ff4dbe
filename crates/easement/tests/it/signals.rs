//! What signals do to a running server, and what its log does not hold.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Lines, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, ChildStderr, Command, Stdio};

use crate::run::{Folder, has};

/// A running server, and what it says. It is ended with the test, however that ends.
pub(crate) struct Server {
    process: Child,
    lines: Lines<BufReader<ChildStderr>>,
    said: Vec<String>,
}

impl Server {
    /// Starts on free ports, and waits until it is ready.
    pub(crate) fn start(folder: &Folder, settings: &[&str]) -> Self {
        let mut arguments = vec!["serve"];
        let always = [
            "server.public_url=http://127.0.0.1:0",
            "server.listen=127.0.0.1:0",
            "dns.listen=127.0.0.1:0",
        ];
        for setting in always.iter().chain(settings) {
            arguments.extend(["--set", setting]);
        }
        let mut command = folder.command(&arguments);
        let mut process = command.stderr(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(process.stderr.take().unwrap()).lines();
        let mut server = Self {
            process,
            lines,
            said: Vec::new(),
        };
        server.wait_for("Ready.");
        server
    }

    /// Reads what the server says, up to a line that holds these words.
    pub(crate) fn wait_for(&mut self, words: &str) {
        loop {
            let line = self.lines.next().map(Result::unwrap);
            let line = line.unwrap_or_else(|| "(it has ended)".to_owned());
            self.said.push(line.clone());
            if line.contains(words) {
                return;
            }
            assert_ne!(line, "(it has ended)", "{:?}", self.said);
        }
    }

    pub(crate) fn send(&self, signal: &str) {
        let kill = format!("kill -{signal} {}", self.process.id());
        Command::new("sh").args(["-c", &kill]).status().unwrap();
    }

    /// The exit code, and everything that was said.
    fn end(mut self) -> (Option<i32>, String) {
        let rest = self.lines.by_ref().map(Result::unwrap);
        self.said.extend(rest);
        let code = self.process.wait().unwrap().code();
        (code, self.said.join("\n"))
    }

    /// Where the web is served.
    pub(crate) fn address(&self) -> SocketAddr {
        let prefix = "Easement is at http://";
        let line = self.said.iter().find_map(|line| line.strip_prefix(prefix));
        line.unwrap().trim_end_matches('/').parse().unwrap()
    }

    /// Sends a request, and gives back the whole answer.
    fn ask(&self, request: &str) -> String {
        let mut stream = TcpStream::connect(self.address()).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    fn get(&self, path: &str, cookie: &str) -> String {
        let host = self.address();
        self.ask(&format!(
            "GET {path} HTTP/1.1\r\nHost: {host}\r\nCookie: {cookie}\r\nConnection: close\r\n\r\n"
        ))
    }

    fn post(&self, path: &str, form: &str) -> String {
        let (host, length) = (self.address(), form.len());
        self.ask(&format!(
            "POST {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {length}\r\n\r\n{form}"
        ))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Both fail only when it has ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[test]
fn a_request_that_never_ends_does_not_hold_the_server() {
    let folder = Folder::new();
    let mut server = Server::start(&folder, &["server.shutdown_seconds=1"]);
    let mut stuck = TcpStream::connect(server.address()).unwrap();
    let request = "POST /sign-in HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nemail=";
    stuck.write_all(request.as_bytes()).unwrap();
    server.send("TERM");
    server.wait_for("Stopping");
    let (code, said) = server.end();
    assert_eq!(code, Some(0), "{said}");
}

#[test]
fn a_second_signal_ends_it_at_once() {
    let folder = Folder::new();
    let mut server = Server::start(&folder, &["server.drain_seconds=600"]);
    server.send("TERM");
    server.wait_for("Stopping");
    server.send("INT");
    let (code, said) = server.end();
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("stopped at once"), "{said}");
    folder.run(&["zone", "list"]).done();
}

#[test]
fn a_hang_up_is_no_end() {
    let folder = Folder::new();
    let mut server = Server::start(&folder, &[]);
    server.send("HUP");
    let reloaded = folder.run(&["reload"]);
    assert!(reloaded.said.contains("plain HTTP"), "{reloaded:?}");
    server.send("TERM");
    server.wait_for("Stopping");
    let (code, said) = server.end();
    assert_eq!(code, Some(0), "{said}");
    let nobody = folder.run(&["reload"]);
    nobody.failed(4, &["no server runs here"]);
}

/// A certificate that is never read to its end.
#[test]
fn a_reload_that_is_stuck_does_not_hold_the_server() {
    if !has(&["openssl", "mkfifo"]) {
        return;
    }
    let folder = Folder::new();
    make_certificate(folder.path());
    let [chain, key] = ["chain.pem", "privkey.pem"].map(|name| folder.path().join(name));
    let settings = [
        "server.public_url=https://localhost".to_owned(),
        format!("server.tls_certificate={}", chain.display()),
        format!("server.tls_key={}", key.display()),
    ];
    let mut server = Server::start(&folder, &settings.each_ref().map(String::as_str));
    std::fs::remove_file(&chain).unwrap();
    let made = Command::new("mkfifo").arg(&chain).status().unwrap();
    assert!(made.success());
    server.send("HUP");
    // Comes back when the server has opened it to read.
    let _never_closed = File::options().write(true).open(&chain).unwrap();
    server.send("TERM");
    server.wait_for("Stopping");
    let (code, said) = server.end();
    assert_eq!(code, Some(0), "{said}");
}

/// A certificate that is its own authority, as `chain.pem` with `privkey.pem`.
fn make_certificate(folder: &Path) {
    let made = Command::new("openssl")
        .args(["req", "-x509", "-nodes", "-days", "30", "-newkey", "ec"])
        .args(["-pkeyopt", "ec_paramgen_curve:prime256v1"])
        .args(["-subj", "/CN=localhost"])
        .args(["-keyout", "privkey.pem", "-out", "chain.pem"])
        .current_dir(folder)
        .output()
        .unwrap();
    assert!(made.status.success(), "{made:?}");
}

/// Everything that is logged, at the level that logs everything, in both formats.
#[test]
fn no_secret_is_in_the_log_of_the_program() {
    for format in ["log.format=text", "log.format=json"] {
        let folder = Folder::new();
        let mut server = Server::start(&folder, &["log.level=trace", format]);
        let secrets = live_through_a_day(&folder, &server);
        server.send("TERM");
        server.wait_for("Stopping");
        let (code, said) = server.end();
        assert_eq!(code, Some(0), "{said}");
        assert!(said.contains("signed in"), "{said}");
        // The one link that the program itself shows to whoever starts it.
        let logged = said.lines().filter(|line| !line.starts_with("http"));
        let log: String = logged.collect();
        for secret in secrets {
            assert!(secret.len() > 8, "{secret:?}");
            assert!(
                !log.contains(&secret),
                "{secret} is in the log ({format}): {log}"
            );
        }
    }
}

/// Makes, types and uses one secret of every kind; gives them all.
fn live_through_a_day(folder: &Folder, server: &Server) -> Vec<String> {
    let first = server.said.iter().find(|line| line.contains("/welcome/"));
    let first_link = first.unwrap().rsplit('/').next().unwrap().to_owned();
    let password = "three little words";
    let create = [
        "account",
        "create",
        "op@example.test",
        "--operator",
        "--password-stdin",
    ];
    folder.run_with_input(&create, password).done();
    let link = folder
        .run(&["account", "password-link", "op@example.test"])
        .done();
    let link = link.trim().rsplit('/').next().unwrap().to_owned();

    let sign_in = |password: &str| {
        let password = password.replace(' ', "+");
        server.post(
            "/sign-in",
            &format!("email=op%40example.test&password={password}"),
        )
    };
    sign_in("a guess that is wrong");
    let answer = sign_in(password);
    let (_, cookie) = answer.split_once("__Host-easement=").unwrap();
    let cookie = cookie.split(';').next().unwrap().to_owned();
    let page = server.get("/zones", &format!("__Host-easement={cookie}"));
    assert!(page.starts_with("HTTP/1.1 200 "), "{page}");
    server.get(&format!("/welcome/{link}"), "");
    let form = "password=other+little+words&password_again=other+little+words";
    let chosen = server.post(&format!("/welcome/{link}"), form);
    assert!(chosen.starts_with("HTTP/1.1 303 "), "{chosen}");
    server.get(
        "/nowhere/a-path-that-is-secret?token=a-query-that-is-secret",
        "",
    );
    server.get("/zones", "__Host-easement=a-cookie-that-nobody-gave");

    let typed = [
        password,
        "a guess that is wrong",
        "other little words",
        "a-path-that-is-secret",
        "a-query-that-is-secret",
        "a-cookie-that-nobody-gave",
        "$argon2id$",
    ];
    let encoded = typed.map(|text| text.replace(' ', "+"));
    let made = [first_link, link, cookie];
    typed
        .map(str::to_owned)
        .into_iter()
        .chain(encoded)
        .chain(made)
        .collect()
}

#[test]
fn the_password_of_the_database_is_not_shown_when_it_cannot_be_reached() {
    let folder = Folder::new();
    let url = "store.postgres_url=postgres://easement:hunter2-secret@127.0.0.1:1/easement";
    for format in ["log.format=text", "log.format=json"] {
        let ended = folder.run(&[
            "serve",
            "--set",
            url,
            "--set",
            format,
            "--set",
            "log.level=trace",
        ]);
        assert_eq!(ended.code, Some(1), "{ended:?}");
        assert!(!ended.said.contains("hunter2"), "{ended:?}");
    }
}
