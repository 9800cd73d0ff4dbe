//! Somebody who is signed in and opens pages.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use super::work::Site;
use crate::Failure;
use crate::prepare::OWNER;

const PASSWORD: &str = "a+password+for+measuring+only";
/// How long a page may take.
const PATIENCE: Duration = Duration::from_mins(1);

pub(super) struct Browser {
    server: SocketAddr,
    cookie: String,
}

impl Browser {
    /// The owner of all zones, who chooses a password and signs in.
    pub(super) fn sign_in(site: &Site) -> Result<Self, Failure> {
        let link = site.password_link(OWNER)?;
        let browser = Self {
            server: site.http(),
            cookie: String::new(),
        };
        browser.post(
            &link,
            &format!("password={PASSWORD}&password_again={PASSWORD}"),
        )?;
        let form = format!("email={OWNER}&password={PASSWORD}");
        let answer = browser.post("/sign-in", &form)?;
        let cookie = answer
            .lines()
            .find_map(|line| line.strip_prefix("set-cookie: "));
        let cookie = cookie.and_then(|cookie| cookie.split(';').next());
        let cookie = cookie.ok_or("nobody was signed in")?.to_owned();
        Ok(Self { cookie, ..browser })
    }

    /// How long it takes until a page is there.
    pub(super) fn get(&self, path: &str) -> Result<Duration, Failure> {
        let start = Instant::now();
        let answer = self.ask(&format!("GET {path} HTTP/1.1\r\n"), "")?;
        let time = start.elapsed();
        if answer.starts_with("HTTP/1.1 200 ") {
            return Ok(time);
        }
        let status = answer.lines().next().unwrap_or_default();
        Err(format!("{path}: {status}").into())
    }

    /// Sends a form, and gives the whole answer, which leads elsewhere.
    fn post(&self, path: &str, form: &str) -> Result<String, Failure> {
        let head = format!(
            "POST {path} HTTP/1.1\r\nOrigin: http://{}\r\nContent-Length: {}\r\n\
             Content-Type: application/x-www-form-urlencoded\r\n",
            self.server,
            form.len()
        );
        let answer = self.ask(&head, form)?;
        if answer.starts_with("HTTP/1.1 303 ") {
            return Ok(answer);
        }
        let status = answer.lines().next().unwrap_or_default();
        Err(format!("{path}: {status}").into())
    }

    fn ask(&self, head: &str, body: &str) -> Result<String, Failure> {
        let mut stream = TcpStream::connect(self.server)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        let (server, cookie) = (self.server, &self.cookie);
        let request =
            format!("{head}Host: {server}\r\nCookie: {cookie}\r\nConnection: close\r\n\r\n{body}");
        stream.write_all(request.as_bytes())?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer)?;
        Ok(String::from_utf8_lossy(&answer).into_owned())
    }
}
