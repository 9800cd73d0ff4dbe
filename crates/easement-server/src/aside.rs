//! Work that takes long, away from the threads that answer.
//!
//! There are few of those (one on a machine with two cores), and what one of them does without waiting keeps
//! everybody else waiting who is answered by it.

use tokio::task::spawn_blocking;

/// Does work that grows with the size of a zone, or the number of zones, in a thread for such work.
pub(crate) async fn aside<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, AsideError> {
    spawn_blocking(work).await.map_err(|_| AsideError)
}

/// The work panicked, or the server ends. What it panicked about is not told: it may hold what somebody wrote.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("the work was not finished")]
pub(crate) struct AsideError;

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn others_go_on_meanwhile_and_a_panic_says_nothing() {
        let (sender, receiver) = std::sync::mpsc::channel();
        let waiting = aside(move || receiver.recv());
        let (done, ()) = tokio::join!(waiting, async { sender.send(1).unwrap() });
        assert_eq!(done.unwrap(), Ok(1));
        let broken = aside(|| -> u8 { panic!("for the test") }).await;
        assert!(!broken.unwrap_err().to_string().contains("for the test"));
    }
}
