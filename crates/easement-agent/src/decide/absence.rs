//! When an address that is not there is gone.
//!
//! A machine that was just started, whose modem is away or whose address is being renewed has none for a moment.

use std::time::Duration;

use super::{Finding, Findings};

/// So long an address is not there before it is gone: longer than a modem needs to come back.
const GONE_AFTER: Duration = Duration::from_mins(10);

/// Since when, by the clock that only runs, the addresses were not there at any look.
#[derive(Clone, Copy, Debug, Default)]
pub struct Absences {
    ipv4: Option<Duration>,
    ipv6: Option<Duration>,
}

impl Absences {
    /// Takes a look into account, and says what is gone by it.
    pub fn judge(&mut self, findings: Findings, running: Duration) -> Findings {
        Findings {
            ipv4: judge(findings.ipv4, &mut self.ipv4, running),
            ipv6: judge(findings.ipv6, &mut self.ipv6, running),
            ..findings
        }
    }
}

fn judge<A>(finding: Finding<A>, since: &mut Option<Duration>, running: Duration) -> Finding<A> {
    match finding {
        Finding::Absent => {
            let since = *since.get_or_insert(running);
            if running.saturating_sub(since) >= GONE_AFTER {
                Finding::Gone
            } else {
                Finding::Absent
            }
        }
        Finding::Found(_) | Finding::Gone | Finding::Unknown { .. } | Finding::Off => {
            *since = None;
            finding
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv6Addr;

    #[test]
    fn an_address_is_gone_when_it_was_not_there_for_long() {
        let found = || Finding::Found(vec![Ipv6Addr::LOCALHOST]);
        let unknown = || Finding::Unknown { why: String::new() };
        let mut absences = Absences::default();
        for (minutes, seen, judged) in [
            (0, Finding::Absent, Finding::Absent),
            (5, Finding::Absent, Finding::Absent),
            (6, found(), found()),
            (11, Finding::Absent, Finding::Absent),
            (15, unknown(), unknown()),
            (22, Finding::Absent, Finding::Absent),
            (31, Finding::Absent, Finding::Absent),
            (32, Finding::Absent, Finding::Gone),
            (99, Finding::Absent, Finding::Gone),
            (100, found(), found()),
            (101, Finding::Absent, Finding::Absent),
        ] {
            let findings = Findings {
                ipv4: Finding::Off,
                ipv6: seen,
                prefix_length: 64,
            };
            let found = absences.judge(findings, Duration::from_mins(minutes));
            assert_eq!(found.ipv6, judged, "after {minutes} minutes");
        }
    }
}
