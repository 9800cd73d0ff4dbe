//! A stream of commits through the control socket, many at the same time.

use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use super::ledger::Ledger;
use crate::run::Folder;

/// Longer than the server waits for a database that does not answer.
const PATIENCE: Duration = Duration::from_mins(1);

/// What came of a request.
#[derive(Debug)]
pub(super) enum Answer {
    /// It was carried out, which is the only thing that promises anything.
    Done(serde_json::Value),
    /// It was not, or nobody knows.
    Failed,
    /// The server is gone.
    Gone,
}

/// Has the server behind the control socket of a folder carry out a request.
pub(super) fn ask(folder: &Folder, request: &serde_json::Value) -> Answer {
    ask_socket(&socket(folder), request)
}

fn socket(folder: &Folder) -> PathBuf {
    folder.path().join("easement-data/control.sock")
}

fn ask_socket(socket: &PathBuf, request: &serde_json::Value) -> Answer {
    let Ok(mut stream) = UnixStream::connect(socket) else {
        return Answer::Gone;
    };
    if stream.write_all(format!("{request}\n").as_bytes()).is_err() {
        return Answer::Gone;
    }
    let lines = BufReader::new(stream).lines().map_while(Result::ok);
    let mut words = lines.map_while(|line| serde_json::from_str::<serde_json::Value>(&line).ok());
    // What it says on the way is no answer.
    let Some(mut answer) = words.find(|word| word.get("Progress").is_none()) else {
        return Answer::Gone;
    };
    match answer.get_mut("Ok") {
        Some(reply) => Answer::Done(reply["data"].take()),
        None => Answer::Failed,
    }
}

/// The running stream.
pub(super) struct Load {
    stop: Arc<AtomicBool>,
    workers: Vec<JoinHandle<Ledger>>,
    /// The number of the worker for each commit that was acknowledged.
    acknowledged: Receiver<usize>,
}

impl Load {
    pub(super) fn start(folder: &Folder, ledgers: Vec<Ledger>) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let (tell, acknowledged) = channel();
        let workers = ledgers.into_iter().enumerate().map(|(number, mut ledger)| {
            let (stop, tell, socket) = (Arc::clone(&stop), tell.clone(), socket(folder));
            std::thread::spawn(move || {
                while !stop.load(Ordering::Relaxed) {
                    match ask_socket(&socket, &ledger.next_request()) {
                        Answer::Done(imported) => {
                            ledger.acknowledge(&imported["zone"]);
                            // Nobody counts any more when the stream is being stopped.
                            let _ = tell.send(number);
                        }
                        Answer::Failed => {}
                        Answer::Gone => break,
                    }
                }
                ledger
            })
        });
        Self {
            workers: workers.collect(),
            stop,
            acknowledged,
        }
    }

    pub(super) fn wait_for_acknowledgement(&self) -> usize {
        let number = self.acknowledged.recv_timeout(PATIENCE);
        number.expect("the server commits")
    }

    /// Waits until each zone was changed once more.
    pub(super) fn wait_for_each(&self) {
        while self.acknowledged.try_recv().is_ok() {}
        let mut waiting: Vec<usize> = (0..self.workers.len()).collect();
        while !waiting.is_empty() {
            let number = self.wait_for_acknowledgement();
            waiting.retain(|waiting| *waiting != number);
        }
    }

    /// Ends the stream, and gives what is known about each zone.
    pub(super) fn stop(self) -> Vec<Ledger> {
        self.stop.store(true, Ordering::Relaxed);
        let ledgers = self.workers.into_iter().map(JoinHandle::join);
        ledgers.map(Result::unwrap).collect()
    }
}
