//! Waiting for the browser and for DNS, at the same time.

use std::io::IsTerminal as _;
use std::pin::pin;
use std::time::Duration;

use domain_connect::Plan;
use easement_client::{Client, Expectation, ServerReport, VerifyError, VerifyPolicy, VerifyReport};
use easement_zone::Name;
use indicatif::{ProgressBar, ProgressStyle};
use tokio::time::{Instant, sleep, sleep_until, timeout};

use super::arguments::ConnectArguments;
use super::report::say_return;
use super::{Connection, records};
use crate::commands::failure;
use crate::commands::return_place::{Came, ReturnPlace};
use crate::console::say;

/// How long DNS is asked at least, once the browser came back.
const AT_LEAST: Duration = Duration::from_secs(30);
/// How long one look takes at most.
const ONE_LOOK: Duration = Duration::from_secs(9);
/// How long the browser may take once DNS shows the records.
const GRACE: Duration = Duration::from_secs(5);
/// How often the name servers of the zone are asked for, and how long apart.
const TRIES: usize = 3;
const PAUSE: Duration = Duration::from_secs(2);

/// What was learned.
#[derive(Debug, Default)]
pub(super) struct Learned {
    pub(super) came: Option<Came>,
    pub(super) verified: Option<VerifyReport>,
    /// Why DNS could not be asked.
    pub(super) problem: Option<anyhow::Error>,
}

/// Waits until DNS shows the records, when they are known, and until the browser comes back, when it can. DNS is what
/// counts: it is asked while the browser is away, since that may never come back.
pub(super) async fn wait(
    connection: &Connection,
    place: Option<ReturnPlace>,
    arguments: &ConnectArguments,
) -> anyhow::Result<Learned> {
    let expected = connection.plan.as_ref().map(records::expected);
    let expected = expected.unwrap_or_default();
    let waiting = Waiting {
        asker: (!expected.is_empty()).then(|| Asker {
            client: &connection.client,
            zone: &connection.found.zone,
            named: &arguments.name_servers,
            expected: &expected,
        }),
        began: Instant::now(),
        limit: Duration::from_secs(arguments.timeout),
        bar: spinner(match (expected.is_empty(), place.is_some()) {
            (true, _) => "Waiting for the browser to come back",
            (false, true) => "Waiting for the browser and for DNS",
            (false, false) => "Waiting for DNS",
        }),
    };
    if waiting.asker.is_none() && place.is_none() {
        say(nothing_to_wait_for(connection.plan.as_ref()));
    }
    let learned = waiting.run(place).await;
    waiting.bar.finish_and_clear();
    learned
}

fn nothing_to_wait_for(plan: Option<&Plan>) -> &'static str {
    match plan {
        Some(_) => {
            "note: the template writes nothing that DNS could be asked for, and the browser does not come back here, so \
             that nothing is waited for."
        }
        None => {
            "note: which records to expect is not known, and the browser does not come back here, so that nothing is \
             waited for. --template-file FILE names the template, and DNS is asked then."
        }
    }
}

struct Waiting<'a> {
    asker: Option<Asker<'a>>,
    began: Instant,
    limit: Duration,
    bar: ProgressBar,
}

impl Waiting<'_> {
    async fn run(&self, place: Option<ReturnPlace>) -> anyhow::Result<Learned> {
        let mut learned = Learned::default();
        match (&self.asker, place) {
            (None, None) => {}
            (None, Some(mut place)) => self.browser(&mut place, self.limit, &mut learned).await?,
            (Some(asker), None) => learned.keep(asker.ask(self.limit, &self.bar).await),
            (Some(asker), Some(mut place)) => self.both(asker, &mut place, &mut learned).await?,
        }
        Ok(learned)
    }

    /// Asks DNS until it shows the records, or the browser tells that there will be none.
    async fn both(
        &self,
        asker: &Asker<'_>,
        place: &mut ReturnPlace,
        learned: &mut Learned,
    ) -> anyhow::Result<()> {
        let mut asking = pin!(asker.ask(self.limit, &self.bar));
        let mut end = self.began + self.limit;
        loop {
            tokio::select! {
                came = place.next() => {
                    let came = came?;
                    let is_told = matches!(came, Came::Told(_));
                    if came.names_error() {
                        end = end.min(Instant::now() + AT_LEAST);
                    }
                    let is_refusal = came.is_refusal();
                    self.bar.suspend(|| learned.come(came));
                    if is_refusal {
                        break;
                    }
                    if is_told {
                        let back = Instant::now();
                        learned.keep(asking.await);
                        self.ask_a_while(asker, back, learned).await;
                        return Ok(());
                    }
                    // Whoever wrote that: the browser may still come with the right answer.
                }
                seen = &mut asking => {
                    let patience = self.patience(&seen);
                    learned.keep(seen);
                    return self.browser(place, patience, learned).await;
                }
                () = sleep_until(end), if learned.came.is_some() => break,
            }
        }
        // Whatever a browser tells: one look, before anything is said.
        learned.keep(asker.ask_once(&self.bar).await);
        Ok(())
    }

    /// How long the browser is waited for when DNS was asked.
    fn patience(&self, asked: &Result<VerifyReport, VerifyError>) -> Duration {
        match asked {
            // They were there before: whether the person agrees is still to come.
            Ok(report) if report.is_complete() && report.rounds == 1 => self.rest(),
            Ok(report) if report.is_complete() => GRACE.min(self.rest()),
            Ok(_) => Duration::ZERO,
            Err(_) => self.rest(),
        }
    }

    /// Asks DNS for a while after the browser came back late.
    async fn ask_a_while(&self, asker: &Asker<'_>, back: Instant, learned: &mut Learned) {
        let verified = learned.verified.as_ref();
        let is_complete = verified.is_some_and(VerifyReport::is_complete);
        let rest = AT_LEAST.min(self.limit).saturating_sub(back.elapsed());
        if !is_complete && learned.problem.is_none() && !rest.is_zero() {
            learned.keep(asker.ask(rest, &self.bar).await);
        }
    }

    async fn browser(
        &self,
        place: &mut ReturnPlace,
        patience: Duration,
        learned: &mut Learned,
    ) -> anyhow::Result<()> {
        match timeout(patience, place.next()).await {
            Ok(came) => {
                let came = came?;
                self.bar.suspend(|| learned.come(came));
            }
            Err(_) if learned.came.is_none() => say("note: the browser did not come back."),
            Err(_) => {}
        }
        Ok(())
    }

    fn rest(&self) -> Duration {
        self.limit.saturating_sub(self.began.elapsed())
    }
}

impl Learned {
    fn come(&mut self, came: Came) {
        say_return(&came);
        self.came = Some(came);
    }

    fn keep(&mut self, asked: Result<VerifyReport, VerifyError>) {
        match asked {
            Ok(report) => self.verified = Some(report),
            Err(error) => self.problem = Some(failure::of_verification(&error)),
        }
    }
}

/// Who is asked for what.
struct Asker<'a> {
    client: &'a Client,
    zone: &'a Name,
    named: &'a [std::net::SocketAddr],
    expected: &'a [Expectation],
}

impl Asker<'_> {
    async fn ask(&self, limit: Duration, bar: &ProgressBar) -> Result<VerifyReport, VerifyError> {
        let began = Instant::now();
        let servers = self.servers().await?;
        let policy = VerifyPolicy {
            limit: limit.saturating_sub(began.elapsed()),
            ..VerifyPolicy::default()
        };
        self.verify(servers, policy, bar).await
    }

    async fn ask_once(&self, bar: &ProgressBar) -> Result<VerifyReport, VerifyError> {
        let policy = VerifyPolicy {
            limit: ONE_LOOK,
            first_wait: ONE_LOOK,
            longest_wait: ONE_LOOK,
        };
        self.verify(self.servers().await?, policy, bar).await
    }

    async fn verify(
        &self,
        servers: Vec<ServerReport>,
        policy: VerifyPolicy,
        bar: &ProgressBar,
    ) -> Result<VerifyReport, VerifyError> {
        let progress = |report: &VerifyReport| {
            let (shown, counted) = (report.shown(), report.counted());
            bar.set_message(format!(
                "{shown} of {counted} name servers show the records"
            ));
        };
        let verifying = self
            .client
            .verify_at(servers, self.expected, policy, progress);
        verifying.await
    }

    /// The servers of the zone; a resolver that fails is asked again.
    async fn servers(&self) -> Result<Vec<ServerReport>, VerifyError> {
        if !self.named.is_empty() {
            let named = self.named.iter().copied();
            return Ok(named.map(ServerReport::named).collect());
        }
        for _ in 1..TRIES {
            match self.client.name_servers(self.zone).await {
                Err(VerifyError::Lookup { .. }) => sleep(PAUSE).await,
                found => return found,
            }
        }
        self.client.name_servers(self.zone).await
    }
}

/// Nothing is shown when nobody is looking.
fn spinner(message: &'static str) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{spinner} {msg} ({elapsed})");
    let bar = ProgressBar::new_spinner()
        .with_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()))
        .with_message(message);
    bar.enable_steady_tick(Duration::from_millis(100));
    bar
}
