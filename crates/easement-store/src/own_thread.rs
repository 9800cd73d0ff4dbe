//! A task that has a thread of its own, and may keep it waiting.

use std::io;
use std::thread;

use tokio::runtime::Handle;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// Runs a task in a new thread with this name. What is given ends when the task does.
///
/// It is no blocking task of the runtime: such a one would keep the process from ending when it never ends.
pub(crate) fn spawn_on_own_thread(
    name: &str,
    task: impl Future<Output = ()> + Send + 'static,
) -> io::Result<JoinHandle<()>> {
    let runtime = Handle::current();
    let (ending, ended) = oneshot::channel();
    thread::Builder::new()
        .name(name.to_owned())
        .spawn(move || {
            runtime.block_on(task);
            // Whoever does not wait for it does not need to know.
            let _ = ending.send(());
        })?;
    Ok(tokio::spawn(async move {
        if ended.await.is_err() {
            tracing::error!("a thread of the store ended badly");
        }
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_task_may_keep_its_thread_waiting_for_the_one_that_started_it() {
        let (sender, receiver) = std::sync::mpsc::channel();
        let task = spawn_on_own_thread("test", async move {
            assert_eq!(receiver.recv(), Ok(1));
        });
        sender.send(1).unwrap();
        task.unwrap().await.unwrap();
    }

    #[tokio::test]
    async fn what_ends_badly_ends() {
        let task = spawn_on_own_thread("test", async { panic!("as it is meant to be") });
        task.unwrap().await.unwrap();
    }
}
