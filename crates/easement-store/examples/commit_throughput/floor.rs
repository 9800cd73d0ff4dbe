//! What the disk allows: a queue whose groups are one block in a file each.

use std::fs::File;
use std::io::Write as _;
use std::path::Path;

use tokio::sync::{mpsc, oneshot};

use crate::{Caller, Failure};

/// As many requests as the store takes into one group.
const MAX_GROUP: usize = 256;

/// A queue that is written to a file.
#[derive(Clone)]
pub(crate) struct Floor {
    queue: mpsc::Sender<oneshot::Sender<()>>,
}

impl Floor {
    pub(crate) fn start(folder: &Path) -> Result<Self, Failure> {
        let mut file = File::create(folder.join("floor"))?;
        let (queue, mut requests) = mpsc::channel(1024);
        std::thread::spawn(move || {
            let mut group: Vec<oneshot::Sender<()>> = Vec::new();
            while requests.blocking_recv_many(&mut group, MAX_GROUP) > 0 {
                file.write_all(&[7; 4096])?;
                file.sync_data()?;
                for reply in group.drain(..) {
                    // Its caller's time may be over.
                    let _ = reply.send(());
                }
            }
            Ok::<(), std::io::Error>(())
        });
        Ok(Self { queue })
    }
}

pub(crate) async fn ask(floor: Floor, caller: Caller) -> Result<u32, Failure> {
    let mut done = 0;
    while !caller.is_done() {
        let (reply, answer) = oneshot::channel();
        floor.queue.send(reply).await?;
        answer.await?;
        done += 1;
    }
    Ok(done)
}
