//! Webhooks of all accounts: their owners see each on its page, and whoever looks after the server sees none.

use super::super::Check;
use crate::admin::WebhookFacts;

const CHECK: &str = "webhooks";
/// How many are named.
const NAMED: usize = 5;

/// Judges how webhooks stand. `facts` is nothing when the store could not say.
pub(in crate::doctor) fn judge(facts: Option<&WebhookFacts>) -> Check {
    let Some(facts) = facts else {
        return Check::warn(
            CHECK,
            "they could not be looked at",
            "the log of the server says why",
        );
    };
    let troubled = [
        (&facts.switched_off, "were switched off by themselves"),
        (&facts.failing, "have delivered nothing for more than a day"),
    ];
    let troubled: Vec<String> = troubled
        .iter()
        .filter(|(ids, _)| !ids.is_empty())
        .map(|(ids, what)| format!("{what}: {}", list(ids)))
        .collect();
    if troubled.is_empty() {
        return Check::ok(CHECK, format!("{} are switched on", facts.active));
    }
    Check::warn(
        CHECK,
        format!("some {}", troubled.join("; some ")),
        "their owners see at /webhooks why, and switch them on again; when many fail, see whether this \
         server reaches anything at all over https, and look at dns.resolver",
    )
}

fn list(ids: &[String]) -> String {
    let named: Vec<&str> = ids.iter().take(NAMED).map(String::as_str).collect();
    let more = if ids.len() > NAMED { " and more" } else { "" };
    format!("{}{more}", named.join(", "))
}

#[cfg(test)]
mod tests {
    use super::super::assert_check;
    use super::*;
    use crate::doctor::Outcome::{Ok as Good, Warn};

    #[test]
    fn who_looks_after_the_server_hears_of_webhooks_that_do_not_work() {
        let ids = |count: usize| (0..count).map(|one| format!("wh_{one}")).collect();
        for (off, failing, outcome, words) in [
            (0, 0, Good, "7 are switched on"),
            (1, 0, Warn, "some were switched off by themselves: wh_0 |"),
            (
                0,
                2,
                Warn,
                "some have delivered nothing for more than a day: wh_0, wh_1 |",
            ),
            (6, 1, Warn, "wh_4 and more; some have delivered nothing"),
        ] {
            let facts = WebhookFacts {
                active: 7,
                switched_off: ids(off),
                failing: ids(failing),
            };
            assert_check(&judge(Some(&facts)), outcome, words);
        }
        assert_check(&judge(None), Warn, "could not be looked at");
    }
}
