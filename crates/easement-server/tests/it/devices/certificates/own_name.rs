//! An app without a name gets one, and a certificate for it: `examples/own_name.rs` of the library for clients.

use std::io::{BufRead as _, BufReader};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Stdio};

use http::StatusCode;
use url::{Position, Url};

use super::authority::Authority;
use crate::devices::lab::{Folder, Lab};
use crate::devices::world::Token;
use crate::tools::report_missing;
use crate::world::Answer;

const TEMPORARY: &str = "127-0-0-1.ip.example.test";
const CHOSEN: &str = "notes.example.test";

#[tokio::test(flavor = "multi_thread")]
async fn an_app_without_a_name_gets_a_certificate_and_then_the_name_that_its_owner_chooses() {
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
    let mut app = App::start(&lab.folder, &arguments);
    app.says(&format!("127.0.0.1 is {TEMPORARY} for some minutes"));
    app.says("there is a certificate for it");
    assert_eq!(lab.dns().addresses(TEMPORARY), ["127.0.0.1"]);
    let asked = app.says("open this link, and choose a name: http");
    let link: Url = asked.split(' ').next_back().unwrap().parse().unwrap();

    let back = agree(&lab, &link[Position::BeforePath..]).await;
    let origin = format!("https://{TEMPORARY}:{}", back.port().unwrap());
    assert!(
        back.as_str().starts_with(&format!("{origin}/done?code=")),
        "{back}"
    );
    assert!(lab.dns().addresses(CHOSEN).is_empty());
    // A stranger changes nothing.
    let stranger = visit(
        &lab,
        &authority,
        &format!("{origin}/done?code=guessed&state=x"),
    );
    assert!(stranger.contains("Nothing was given."), "{stranger}");
    let thanks = visit(&lab, &authority, back.as_str());
    assert!(thanks.contains("Thank you."), "{thanks}");
    app.says(&format!("{CHOSEN} leads here now"));
    assert!(app.0.wait().unwrap().success());
    assert_eq!(lab.dns().addresses(CHOSEN), ["127.0.0.1"]);
}

/// The owner of the domain answers all that is asked, and is sent to the app.
async fn agree(lab: &Lab, link: &str) -> Url {
    let owner = lab.world.inner.owner().await;
    let host = [
        ("answer", "host"),
        ("zone", "example.test"),
        ("pick", "other"),
        ("host", "notes"),
    ];
    let page = owner.post(link, &host).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    let carried = ["zone", "pick", "host", "shown"].map(|name| (name, page.hidden(name)));
    let mut fields: Vec<(&str, &str)> = carried
        .iter()
        .map(|(name, value)| (*name, value.as_deref().unwrap_or_default()))
        .collect();
    fields.extend([
        ("answer", "agree"),
        ("scope", "namedrop-hosts"),
        ("until", "never"),
    ]);
    let sent: Answer = owner.post(link, &fields).await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.body);
    sent.location().parse().unwrap()
}

/// Opens a page of the app over TLS, as a browser that believes the authority.
fn visit(lab: &Lab, authority: &Authority, url: &str) -> String {
    authority.write_root(lab, "root.pem");
    let port = url.parse::<Url>().unwrap().port().unwrap();
    let resolve = format!("{TEMPORARY}:{port}:127.0.0.1");
    let curl = [
        "--silent",
        "--show-error",
        "--cacert",
        "root.pem",
        "--resolve",
        &resolve,
        url,
    ];
    lab.folder.run("curl", &curl).well().said
}

fn free_address() -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    listener.local_addr().unwrap()
}

/// The example, which ends with the test.
struct App(Child, BufReader<ChildStdout>);

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
        let mut child = command.spawn().unwrap();
        let said = BufReader::new(child.stdout.take().unwrap());
        Self(child, said)
    }

    /// The next line, which has these words.
    #[track_caller]
    fn says(&mut self, words: &str) -> String {
        let mut line = String::new();
        tokio::task::block_in_place(|| self.1.read_line(&mut line)).unwrap();
        assert!(line.contains(words), "no '{words}': {line:?}");
        line.trim().to_owned()
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
