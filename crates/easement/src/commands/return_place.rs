//! The browser comes back to this machine, once.

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use easement_client::{ReturnError, Returned};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::timeout;
use url::{Url, form_urlencoded};

/// The page that is shown where no browser comes back: nobody answers there, and the address has the code.
pub(crate) const NOWHERE: &str = "http://127.0.0.1/return";
/// The longest request, and how long it may take.
const MAX_REQUEST: usize = 32 * 1024;
const PATIENCE: Duration = Duration::from_secs(10);
/// How many connections are talked to at the same time; browsers open some that they do not use.
const MAX_CONNECTIONS: usize = 16;

/// What a browser came back with. Nobody knows who wrote that: it went through a browser, and the address is in the
/// arguments of the program that opened it, where others on this machine may see it. Only DNS is believed.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Came {
    /// An answer to the link that was made here.
    Told(Returned),
    /// To the right place, and with an answer that does not fit.
    Strange {
        why: ReturnError,
        /// Whether it speaks of an error.
        names_error: bool,
    },
}

impl Came {
    /// Whether it tells that the change was not agreed to.
    pub(crate) fn is_refusal(&self) -> bool {
        match self {
            Self::Told(Returned::Refused { .. }) => true,
            Self::Told(Returned::Applied) | Self::Strange { .. } => false,
        }
    }

    /// Whether it names an error, whoever may have written it.
    pub(crate) fn names_error(&self) -> bool {
        match self {
            Self::Strange { names_error, .. } => *names_error,
            Self::Told(_) => self.is_refusal(),
        }
    }
}

/// What the browser comes back from, which decides about the words that it is shown.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Question {
    /// Whether records are changed. DNS is asked afterwards.
    Records,
    /// Which name is given.
    Name,
}

/// A place on this machine that a browser can come back to.
pub(crate) struct ReturnPlace {
    listener: TcpListener,
    expected: Arc<Expected>,
    /// The connections that are open.
    talking: JoinSet<Option<(Came, String)>>,
}

/// What the request of the right browser has.
#[derive(Clone)]
struct Expected {
    authority: String,
    path: String,
    state: String,
    question: Question,
}

impl ReturnPlace {
    /// Listens on a free port of this machine. The path is as hard to guess as the state, so that no page that the browser
    /// shows meanwhile can send it here.
    pub(crate) async fn open(
        secret: &str,
        state: &str,
        question: Question,
    ) -> anyhow::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await;
        let listener = listener.context("cannot listen on 127.0.0.1 for the browser")?;
        let authority = listener.local_addr()?.to_string();
        let expected = Expected {
            authority,
            path: format!("/return/{secret}"),
            state: state.to_owned(),
            question,
        };
        Ok(Self {
            listener,
            expected: Arc::new(expected),
            talking: JoinSet::new(),
        })
    }

    /// The same, where the state is known only once the address is.
    pub(crate) fn expecting(self, state: &str) -> Self {
        let expected = Arc::new(Expected {
            state: state.to_owned(),
            ..self.expected.as_ref().clone()
        });
        Self { expected, ..self }
    }

    /// Where the browser shall be sent.
    pub(crate) fn url(&self) -> anyhow::Result<Url> {
        let Expected {
            authority, path, ..
        } = self.expected.as_ref();
        Ok(format!("http://{authority}{path}").parse()?)
    }

    /// Waits until a browser comes to the right place with an answer that fits, and gives the query of the address that it
    /// came to. Who does not know the state is a stranger.
    pub(crate) async fn answer(&mut self) -> anyhow::Result<String> {
        loop {
            let (came, query) = self.next_with_query().await?;
            if matches!(came, Came::Told(_)) {
                return Ok(query);
            }
        }
    }

    /// Waits until a browser comes to the right place. Everybody else is sent away.
    pub(crate) async fn next(&mut self) -> anyhow::Result<Came> {
        Ok(self.next_with_query().await?.0)
    }

    /// The same, with the query of the address that the browser came to.
    async fn next_with_query(&mut self) -> anyhow::Result<(Came, String)> {
        loop {
            let is_free = self.talking.len() < MAX_CONNECTIONS;
            tokio::select! {
                accepted = self.listener.accept(), if is_free => {
                    let (stream, _) = accepted.context("cannot wait for the browser")?;
                    let expected = Arc::clone(&self.expected);
                    self.talking.spawn(async move {
                        timeout(PATIENCE, talk(stream, &expected)).await.ok().flatten()
                    });
                }
                Some(told) = self.talking.join_next(), if !self.talking.is_empty() => {
                    if let Ok(Some(came)) = told {
                        return Ok(came);
                    }
                }
            }
        }
    }
}

async fn talk(mut stream: TcpStream, expected: &Expected) -> Option<(Came, String)> {
    let head = read_head(&mut stream).await?;
    let (status, text, came) = match judge(&head, expected) {
        Ok(came) => ("200 OK", words(&came, expected.question), Some(came)),
        Err(status) => (status, "This is not the page that you look for.", None),
    };
    let page = page(text);
    let answer = format!(
        "HTTP/1.1 {status}\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {}\r\n\
         Cache-Control: no-store\r\nReferrer-Policy: no-referrer\r\nX-Content-Type-Options: nosniff\r\n\
         Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'\r\n\
         Connection: close\r\n\r\n{page}",
        page.len()
    );
    let _ = stream.write_all(answer.as_bytes()).await;
    let _ = stream.shutdown().await;
    came.map(|came| (came, query_of(&head).to_owned()))
}

async fn read_head(stream: &mut TcpStream) -> Option<String> {
    let mut octets = Vec::new();
    let mut buffer = [0; 2048];
    loop {
        let length = stream.read(&mut buffer).await.ok()?;
        octets.extend_from_slice(buffer.get(..length)?);
        if length == 0 || octets.len() > MAX_REQUEST {
            return None;
        }
        if octets.windows(4).any(|window| window == b"\r\n\r\n") {
            return String::from_utf8(octets).ok();
        }
    }
}

/// The query of the address that is asked for.
fn query_of(head: &str) -> &str {
    let target = head.split(' ').nth(1).unwrap_or_default();
    target.split_once('?').map_or("", |(_, query)| query)
}

/// Whether a request is that of the browser that comes back. The header `Host` must be this machine, so that a page of
/// a stranger whose name leads here learns nothing.
fn judge(head: &str, expected: &Expected) -> Result<Came, &'static str> {
    let mut lines = head.split("\r\n");
    let mut words = lines.next().unwrap_or_default().split(' ');
    let (Some("GET"), Some(target)) = (words.next(), words.next()) else {
        return Err("405 Method Not Allowed");
    };
    let mut hosts = lines.filter_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("host").then(|| value.trim())
    });
    if hosts.next() != Some(expected.authority.as_str()) || hosts.next().is_some() {
        return Err("421 Misdirected Request");
    }
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    if path != expected.path {
        return Err("404 Not Found");
    }
    Ok(match Returned::read(query, &expected.state) {
        Ok(returned) => Came::Told(returned),
        Err(why) => {
            let mut parameters = form_urlencoded::parse(query.as_bytes());
            let names_error = parameters.any(|(name, value)| name == "error" && !value.is_empty());
            Came::Strange { why, names_error }
        }
    })
}

fn words(came: &Came, question: Question) -> &'static str {
    match (came, question) {
        (Came::Told(Returned::Applied), Question::Records) => {
            "Done. You can close this window: whether DNS shows it is said where you began."
        }
        (Came::Told(Returned::Applied), Question::Name) => {
            "Thank you. You can close this window: which name was given is said where you began."
        }
        (Came::Told(Returned::Refused { .. }), Question::Records) => {
            "The DNS provider says that the change was not agreed to. You can close this window, and read more where you began."
        }
        (Came::Told(Returned::Refused { .. }), Question::Name) => {
            "The DNS provider says that no name was given. You can close this window, and read more where you began."
        }
        (Came::Strange { .. }, Question::Records) => {
            "The DNS provider sent an answer that does not fit the question. You can close this window: whether DNS shows the \
             change is said where you began."
        }
        (Came::Strange { .. }, Question::Name) => {
            "This answer does not fit the question, and was not taken. The question is still open: go on where you were asked, \
             or begin again."
        }
    }
}

fn page(text: &str) -> String {
    format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Easement</title>\
         <meta name=\"viewport\" content=\"width=device-width\">\
         <style>body{{font:1.1rem/1.5 system-ui,sans-serif;max-width:34rem;margin:4rem auto;padding:0 1rem;\
         color-scheme:light dark}}</style><main><h1>Easement</h1><p>{text}</p></main></html>\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_right_browser_is_believed() {
        let expected = Expected {
            authority: "127.0.0.1:7".to_owned(),
            path: "/return/secret".to_owned(),
            state: "s".to_owned(),
            question: Question::Records,
        };
        let ask = |line: &str, host: &str| {
            let head = format!("{line} HTTP/1.1\r\nHost: {host}\r\n\r\n");
            judge(&head, &expected)
        };
        let right = "GET /return/secret?state=s";
        let applied = Came::Told(Returned::Applied);
        assert_eq!(ask(right, "127.0.0.1:7"), Ok(applied));
        for (query, names_error) in [
            ("?state=t", false),
            ("", false),
            ("?error=access_denied", true),
            ("?error=&state=t", false),
            ("?state=s&state=t&error=server_error", true),
        ] {
            let line = format!("GET /return/secret{query}");
            let came = ask(&line, "127.0.0.1:7").unwrap();
            assert!(!came.is_refusal(), "{query}");
            assert!(matches!(came, Came::Strange { .. }), "{query}");
            assert_eq!(came.names_error(), names_error, "{query}");
        }
        for (line, host) in [
            ("POST /return/secret?state=s", "127.0.0.1:7"),
            ("GET /return/other?state=s", "127.0.0.1:7"),
            ("GET /favicon.ico", "127.0.0.1:7"),
            (right, "evil.example"),
            (right, "127.0.0.1:8"),
            (right, "127.0.0.1:7\r\nHost: evil.example"),
        ] {
            assert!(ask(line, host).is_err(), "{line} {host}");
        }
        assert!(judge("", &expected).is_err());
    }
}
