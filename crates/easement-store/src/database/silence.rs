//! Gives up on a database that says nothing: its machine may be gone without a word, and then nothing
//! would ever come back.

use std::future::poll_fn;
use std::io;
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use tokio::time::{Instant, sleep, timeout};

/// How long one answer for the connection for zones may take, and one to something short.
pub(crate) const ANSWER: Duration = Duration::from_secs(20);
/// How long any answer may take: reading and folding large zones takes its time.
pub(crate) const ANYTHING: Duration = Duration::from_mins(2);

/// Does work for as long as something comes back: what takes long and goes on is not given up. Nothing is
/// the answer when nothing came for this time, and the work is dropped then.
pub(crate) async fn unless_silent<T>(
    limit: Duration,
    work: impl Future<Output = T>,
) -> Result<T, sqlx::Error> {
    let half = limit / 2;
    let mut work = pin!(work);
    let mut timer = pin!(sleep(half));
    // Two in a row, so that a machine that is busy does not take one late wake-up for silence.
    let mut silent_halves = 0;
    poll_fn(|context| {
        let is_half_over = timer.as_mut().poll(context).is_ready();
        if let Poll::Ready(done) = work.as_mut().poll(context) {
            return Poll::Ready(Ok(done));
        }
        silent_halves = if is_half_over { silent_halves + 1 } else { 0 };
        if silent_halves == 2 {
            return Poll::Ready(Err(silent()));
        }
        timer.as_mut().reset(Instant::now() + half);
        // Wakes this task from now on.
        let _ = timer.as_mut().poll(context);
        Poll::Pending
    })
    .await
}

/// Does work that may be silent for this time: [`unless_silent`] around it does not give up before.
pub(crate) async fn may_be_silent<T>(time: Duration, work: impl Future<Output = T>) -> T {
    /// Each is shorter than half of any limit.
    const PARTS: u32 = 8;
    let mut work = pin!(work);
    for _ in 0..PARTS {
        if let Ok(done) = timeout(time / PARTS, &mut work).await {
            return done;
        }
    }
    work.await
}

fn silent() -> sqlx::Error {
    sqlx::Error::Io(io::Error::new(
        io::ErrorKind::TimedOut,
        "the database server did not answer in time",
    ))
}

#[cfg(test)]
mod tests {
    use std::future::pending;

    use tokio::sync::mpsc;

    use super::*;

    const LIMIT: Duration = Duration::from_millis(400);

    #[tokio::test]
    async fn work_that_waits_for_nothing_is_given_up() {
        let error = unless_silent(LIMIT, pending::<()>()).await.unwrap_err();
        assert!(matches!(error, sqlx::Error::Io(_)), "{error:?}");
    }

    #[tokio::test]
    async fn work_that_goes_on_is_not() {
        let (sender, mut receiver) = mpsc::channel(1);
        tokio::spawn(async move {
            for number in 0..50 {
                sleep(LIMIT / 40).await;
                sender.send(number).await.unwrap();
            }
        });
        let work = async {
            let mut count = 0;
            while receiver.recv().await.is_some() {
                count += 1;
            }
            count
        };
        assert_eq!(unless_silent(LIMIT, work).await.unwrap(), 50);
    }

    #[tokio::test]
    async fn work_that_may_be_silent_is_given_up_later() {
        let late = may_be_silent(LIMIT * 3, sleep(LIMIT * 2));
        unless_silent(LIMIT, late).await.unwrap();
        let never = may_be_silent(LIMIT * 2, pending::<()>());
        assert!(unless_silent(LIMIT, never).await.is_err());
    }

    #[tokio::test]
    async fn work_that_keeps_the_processor_is_not_silent() {
        let work = async {
            for _ in 0..3 {
                let end = Instant::now() + LIMIT * 2;
                while Instant::now() < end {
                    std::hint::spin_loop();
                }
                sleep(Duration::from_millis(1)).await;
            }
        };
        unless_silent(LIMIT, work).await.unwrap();
    }
}
