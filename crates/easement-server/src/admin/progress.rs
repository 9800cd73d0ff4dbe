//! How far a request has come, for whoever waits for it.

use std::fmt;
use std::pin::{Pin, pin};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::sync::watch;
use tokio::task::yield_now;
use tokio::time::interval;

/// How often long work says how far it has come.
const REPORT_EVERY: Duration = Duration::from_millis(250);

/// How far a request has come.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct Progress {
    /// What is counted: `zones`, `records`.
    pub what: String,
    /// How many are done.
    pub done: u64,
    /// How many there are; zero when that is not known yet.
    pub all: u64,
    /// What else there is to say.
    pub detail: String,
}

impl Progress {
    /// Work of which only words can be said.
    pub(super) fn words(detail: String) -> Self {
        Self {
            detail,
            ..Self::default()
        }
    }
}

impl fmt::Display for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            what,
            done,
            all,
            detail,
        } = self;
        if *all > 0 {
            write!(f, "{done} of {all} {what}")?;
        }
        match (*all > 0, detail.is_empty()) {
            (true, false) => write!(f, ", {detail}"),
            (false, false) => f.write_str(detail),
            (true | false, true) => Ok(()),
        }
    }
}

/// Where a request says how far it has come. Nobody has to listen, and only the newest counts.
#[derive(Clone, Debug, Default)]
pub(crate) struct Reporter(watch::Sender<Progress>);

impl Reporter {
    pub(crate) fn report(&self, progress: Progress) {
        self.0.send_replace(progress);
    }

    /// Says words that are heard before the work goes on.
    pub(crate) async fn say(&self, words: String) {
        self.report(Progress::words(words));
        yield_now().await;
    }

    /// Says words, now and every quarter of a second, for as long as the work lasts.
    pub(crate) async fn report_during<F: Future>(
        &self,
        words: impl Fn() -> Progress,
        work: F,
    ) -> F::Output {
        let mut work = pin!(work);
        let mut ticks = interval(REPORT_EVERY);
        loop {
            tokio::select! {
                done = &mut work => return done,
                _ = ticks.tick() => self.report(words()),
            }
        }
    }

    /// Begins work that is given this reporter.
    pub(super) fn watch<F: Future>(&self, work: F) -> Watched<F> {
        Watched {
            reports: self.0.subscribe(),
            work: Box::pin(work),
        }
    }
}

/// Work, and what it says about itself meanwhile.
pub(super) struct Watched<F> {
    reports: watch::Receiver<Progress>,
    work: Pin<Box<F>>,
}

/// What came of waiting.
#[derive(Debug, Eq, PartialEq)]
pub(super) enum News<T> {
    /// The work goes on.
    Progress(Progress),
    /// The work is done; it must not be waited for again.
    Done(T),
}

impl<F: Future> Watched<F> {
    /// Goes on until there is news.
    pub(super) async fn next(&mut self) -> News<F::Output> {
        tokio::select! {
            // First, so that what is reported and then done in one go is done.
            biased;
            done = &mut self.work => News::Done(done),
            // The reporter is there for as long as the work is.
            _ = self.reports.changed() => {
                News::Progress(self.reports.borrow_and_update().clone())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn progress(done: u64, all: u64, detail: &str) -> Progress {
        Progress {
            what: "zones".to_owned(),
            done,
            all,
            detail: detail.to_owned(),
        }
    }

    #[test]
    fn progress_is_a_few_words() {
        assert_eq!(progress(1, 3, "").to_string(), "1 of 3 zones");
        assert_eq!(progress(1, 3, "5 rows").to_string(), "1 of 3 zones, 5 rows");
        assert_eq!(progress(0, 0, "looking").to_string(), "looking");
    }

    #[tokio::test]
    async fn work_is_heard_before_it_is_done() {
        let reporter = Reporter::default();
        let mut work = reporter.watch(async {
            reporter.report(progress(1, 2, ""));
            yield_now().await;
            "done"
        });
        assert_eq!(work.next().await, News::Progress(progress(1, 2, "")));
        assert_eq!(work.next().await, News::Done("done"));
    }
}
