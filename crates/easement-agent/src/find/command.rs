//! Addresses from a program that the person named.

use std::io::Read as _;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use apertodns::address::Address;
use tokio::time::{sleep, timeout};

use super::text::address_in;
use crate::decide::Finding;

/// How long it may take.
const LIMIT: Duration = Duration::from_secs(30);
/// How often it is looked whether it has ended.
const LOOK: Duration = Duration::from_millis(20);
/// More than this is no address.
const MAX_OUTPUT: u64 = 16 * 1024;

/// Runs it, without a shell. What it prints counts when it ends well; nothing at all means that there is no address.
pub(super) async fn run<A: Address>(words: &[String]) -> Finding<A> {
    let unknown = |why: String| Finding::Unknown { why };
    let Some((program, arguments)) = words.split_first() else {
        return unknown("no command is named".to_owned());
    };
    let running = match Running::start(program, arguments) {
        Ok(running) => running,
        Err(error) => return unknown(format!("`{program}` could not be run: {error}")),
    };
    let (status, text) = match timeout(LIMIT, running.end()).await {
        Ok(Ok(ended)) => ended,
        Ok(Err(error)) => return unknown(format!("`{program}` could not be waited for: {error}")),
        Err(_) => {
            let limit = LIMIT.as_secs();
            return unknown(format!("`{program}` did not end within {limit} seconds"));
        }
    };
    if !status.success() {
        return unknown(format!("`{program}` failed: {status}"));
    }
    if text.trim().is_empty() {
        return Finding::Absent;
    }
    match address_in(&text) {
        Ok(address) => Finding::Found(vec![address]),
        Err(reason) => unknown(format!("what `{program}` printed is of no use: {reason}")),
    }
}

/// A program that runs. It is ended when nobody waits for it any more.
struct Running(Child);

impl Running {
    fn start(program: &str, arguments: &[String]) -> std::io::Result<Self> {
        let mut command = Command::new(program);
        command
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped());
        command.spawn().map(Self)
    }

    /// How it ended, and what it printed.
    async fn end(mut self) -> std::io::Result<(ExitStatus, String)> {
        let output = self.0.stdout.take();
        let reading = tokio::task::spawn_blocking(move || {
            let mut octets = Vec::new();
            if let Some(output) = output {
                output.take(MAX_OUTPUT).read_to_end(&mut octets)?;
            }
            Ok::<_, std::io::Error>(octets)
        });
        let status = loop {
            if let Some(status) = self.0.try_wait()? {
                break status;
            }
            sleep(LOOK).await;
        };
        let octets = reading.await.map_err(std::io::Error::other)??;
        Ok((status, String::from_utf8_lossy(&octets).into_owned()))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Both fail only when it has ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;

    async fn shell(script: &str) -> Finding<Ipv4Addr> {
        run(&["sh", "-c", script].map(str::to_owned)).await
    }

    #[tokio::test]
    async fn what_a_program_prints_counts_when_it_ends_well() {
        let found = Finding::Found(vec![Ipv4Addr::new(9, 9, 9, 9)]);
        assert_eq!(shell("echo 9.9.9.9").await, found);
        assert_eq!(shell("true").await, Finding::Absent);
        for (script, words) in [
            ("echo 9.9.9.9; exit 3", "3"),
            ("echo 10.0.0.1", "not a public address"),
            ("echo hello", "no address"),
        ] {
            let Finding::Unknown { why } = shell(script).await else {
                panic!("{script} says nothing");
            };
            assert!(why.contains(words), "{why}");
        }
        let missing = run::<Ipv4Addr>(&["/no/such/program".to_owned()]).await;
        assert!(matches!(missing, Finding::Unknown { why } if why.contains("/no/such/program")));
    }
}
