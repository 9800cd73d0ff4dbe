//! The server that is killed.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

use crate::run::Folder;

/// A server; killed with the test, however that ends.
pub(super) struct Victim {
    process: Child,
    /// What it says, line by line.
    said: Receiver<String>,
}

impl Victim {
    pub(super) fn spawn(folder: &Folder, settings: &[String]) -> Self {
        let mut command = folder.command(&["serve"]);
        for setting in [
            "server.listen=127.0.0.1:0",
            "dns.listen=127.0.0.1:0",
            "log.level=warn",
        ] {
            command.args(["--set", setting]);
        }
        for setting in settings {
            command.args(["--set", setting]);
        }
        let mut process = command.stderr(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(process.stderr.take().unwrap()).lines();
        let (tell, said) = channel();
        // Everything it says is read, so that it never waits for a reader.
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                let _ = tell.send(line);
            }
        });
        Self { process, said }
    }

    pub(super) fn wait_until_ready(&mut self) {
        let mut before = Vec::new();
        loop {
            match self.said.recv_timeout(Duration::from_mins(1)) {
                Ok(line) if line == "Ready." => return,
                Ok(line) => before.push(line),
                Err(error) => panic!("{error}: {before:?}"),
            }
        }
    }

    /// Gives it some time to start.
    pub(super) fn give(&mut self, time: Duration) {
        loop {
            match self.said.recv_timeout(time) {
                Ok(line) if line != "Ready." => {}
                Ok(_) | Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => return,
            }
        }
    }

    /// SIGKILL.
    pub(super) fn kill(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }

    /// SIGTERM, after which it ends well.
    pub(super) fn stop(mut self) {
        let id = self.process.id().to_string();
        Command::new("kill").args(["-TERM", &id]).status().unwrap();
        assert_eq!(self.process.wait().unwrap().code(), Some(0));
    }
}

impl Drop for Victim {
    fn drop(&mut self) {
        // Both fail only when it has ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
