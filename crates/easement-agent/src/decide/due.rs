//! Which wishes are sent now.

use std::time::Duration;

use apertodns::Hostname;
use apertodns::address::Address;

use super::{FamilyWish, HostWish};
use crate::state::{HostState, Sent};
use crate::time::Moment;

/// All that a decision depends on.
#[derive(Clone, Copy, Debug)]
pub struct Situation<'a> {
    /// What the hosts should have.
    pub wishes: &'a [HostWish],
    /// Now.
    pub now: Moment,
    /// After how long the same is said again.
    pub refresh: Duration,
    /// Until when, by the clock that only runs, the server is left alone.
    pub paused_until: Option<Duration>,
}

/// What to do now.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Decision {
    /// Send these, and only what they say.
    Send(Vec<HostWish>),
    /// There is something to send, later.
    Wait {
        /// In how long.
        remaining: Duration,
    },
    /// Everything that is wanted was sent.
    Nothing {
        /// In how long it is to be sent again; none when nothing was ever sent.
        refresh_in: Option<Duration>,
    },
    /// Of a host, nothing is sent until a person changes something; of the others, everything was.
    Stopped {
        /// Why.
        reason: String,
    },
}

/// What to do now.
pub fn decide(situation: &Situation<'_>, sent: impl Fn(&Hostname) -> HostState) -> Decision {
    let (now, refresh) = (&situation.now, situation.refresh);
    let mut due = Vec::new();
    let mut next: Option<Duration> = None;
    let mut stopped = None;
    for wish in situation.wishes {
        let before = sent(&wish.host);
        if let Some(reason) = before.stopped {
            stopped = stopped.or(Some(reason));
            continue;
        }
        let ipv4 = judge(wish.ipv4, before.ipv4.as_ref(), now, refresh);
        let ipv6 = judge(wish.ipv6, before.ipv6.as_ref(), now, refresh);
        if !(ipv4.due.is_keep() && ipv6.due.is_keep()) {
            due.push(HostWish {
                host: wish.host.clone(),
                ipv4: ipv4.due,
                ipv6: ipv6.due,
            });
        }
        let sooner = [next, ipv4.again_in, ipv6.again_in];
        next = sooner.into_iter().flatten().min();
    }
    if due.is_empty() {
        return match stopped {
            Some(reason) => Decision::Stopped { reason },
            None => Decision::Nothing { refresh_in: next },
        };
    }
    let paused = situation.paused_until.unwrap_or_default();
    match paused.checked_sub(now.running) {
        Some(remaining) if !remaining.is_zero() => Decision::Wait { remaining },
        Some(_) | None => Decision::Send(due),
    }
}

/// What is sent of one family, and when the same would be sent again.
struct Judged<A> {
    due: FamilyWish<A>,
    again_in: Option<Duration>,
}

fn judge<A: Address>(
    wish: FamilyWish<A>,
    before: Option<&Sent<A>>,
    now: &Moment,
    refresh: Duration,
) -> Judged<A> {
    let wanted = match wish {
        FamilyWish::Keep => {
            return Judged {
                due: FamilyWish::Keep,
                again_in: None,
            };
        }
        FamilyWish::Set(address) => Some(address),
        FamilyWish::Remove => None,
    };
    let same = before.filter(|sent| sent.address == wanted);
    // That there is no address is not said again: nothing lapses that is not there.
    let remaining = match (same, wanted) {
        (None, _) => Duration::ZERO,
        (Some(_), None) => Duration::MAX,
        (Some(sent), Some(_)) => refresh.saturating_sub(sent.at.age(now)),
    };
    if remaining.is_zero() {
        return Judged {
            due: wish,
            again_in: None,
        };
    }
    Judged {
        due: FamilyWish::Keep,
        again_in: Some(remaining).filter(|remaining| *remaining != Duration::MAX),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use easement_core::Timestamp;
    use std::net::{Ipv4Addr, Ipv6Addr};

    const DAY: Duration = Duration::from_hours(24);

    fn days(count: i64) -> Timestamp {
        Timestamp::from_micros(count * 86_400_000_000)
    }

    fn sent<A: Address>(text: &str, day: i64) -> Option<Sent<A>> {
        let address = match text {
            "" => return None,
            "none" => None,
            text => Some(A::parse(text).unwrap()),
        };
        let at = days(day).into();
        Some(Sent { address, at })
    }

    fn wish<A: Address>(text: &str) -> FamilyWish<A> {
        match text {
            "" => FamilyWish::Keep,
            "none" => FamilyWish::Remove,
            text => FamilyWish::Set(A::parse(text).unwrap()),
        }
    }

    /// What is decided on day 100 about a host that had `before` since `day`, with refreshes after 25 days.
    fn decided(wanted: [&str; 2], before: [&str; 2], day: i64) -> Decision {
        let wishes = [HostWish {
            host: "home.example.com".parse().unwrap(),
            ipv4: wish::<Ipv4Addr>(wanted[0]),
            ipv6: wish::<Ipv6Addr>(wanted[1]),
        }];
        let situation = Situation {
            wishes: &wishes,
            now: Moment {
                wall: days(100),
                running: DAY,
            },
            refresh: DAY * 25,
            paused_until: None,
        };
        decide(&situation, |_| HostState {
            ipv4: sent(before[0], day),
            ipv6: sent(before[1], day),
            stopped: None,
        })
    }

    #[test]
    fn only_what_changed_is_sent_and_the_other_family_is_not_spoken_of() {
        const OLD: &str = "9.9.9.9";
        const NEW: &str = "9.9.9.10";
        const SIX: &str = "2620:fe::fe";
        for (wanted, before, day, due) in [
            ([OLD, SIX], ["", ""], 100, Some([OLD, SIX])),
            ([OLD, SIX], [OLD, SIX], 99, None),
            ([NEW, SIX], [OLD, SIX], 99, Some([NEW, ""])),
            ([OLD, SIX], [OLD, ""], 99, Some(["", SIX])),
            ([OLD, ""], [OLD, SIX], 99, None),
            (["", ""], [OLD, SIX], 1, None),
            ([OLD, "none"], [OLD, SIX], 99, Some(["", "none"])),
            ([OLD, "none"], [OLD, "none"], 99, None),
            // Said again after 25 days, but not that there is none.
            ([OLD, SIX], [OLD, SIX], 75, Some([OLD, SIX])),
            ([OLD, SIX], [OLD, SIX], 76, None),
            (["", "none"], ["", "none"], 1, None),
            // What was sent in the future was sent now.
            ([OLD, SIX], [OLD, SIX], 9000, None),
        ] {
            let decision = decided(wanted, before, day);
            let Some([ipv4, ipv6]) = due else {
                assert!(matches!(decision, Decision::Nothing { .. }), "{wanted:?}");
                continue;
            };
            let expected = HostWish {
                host: "home.example.com".parse().unwrap(),
                ipv4: wish(ipv4),
                ipv6: wish(ipv6),
            };
            assert_eq!(decision, Decision::Send(vec![expected]), "{wanted:?}");
        }
    }

    #[test]
    fn when_the_same_is_said_again_is_known() {
        let Decision::Nothing { refresh_in } = decided(["9.9.9.9", ""], ["9.9.9.9", ""], 90) else {
            panic!("nothing is due");
        };
        assert_eq!(refresh_in, Some(DAY * 15));
        let never = decided(["", ""], ["", ""], 90);
        assert_eq!(never, Decision::Nothing { refresh_in: None });
    }

    #[test]
    fn a_pause_is_kept_by_the_clock_that_only_runs_and_a_stop_until_somebody_changes_something() {
        let wishes = [HostWish {
            host: "home.example.com".parse().unwrap(),
            ipv4: wish("9.9.9.9"),
            ipv6: FamilyWish::Keep,
        }];
        let at = |wall: i64, running: u64, paused: u64, stopped: Option<&str>| {
            let situation = Situation {
                wishes: &wishes,
                now: Moment {
                    wall: days(wall),
                    running: Duration::from_secs(running),
                },
                refresh: DAY * 25,
                paused_until: Some(Duration::from_secs(paused)),
            };
            decide(&situation, |_| HostState {
                stopped: stopped.map(str::to_owned),
                ..HostState::default()
            })
        };
        let wait = |seconds| Decision::Wait {
            remaining: Duration::from_secs(seconds),
        };
        assert_eq!(at(1, 100, 160, None), wait(60));
        assert_eq!(at(9000, 100, 160, None), wait(60), "the clock was set");
        assert!(matches!(at(1, 160, 160, None), Decision::Send(_)));
        let stopped = at(1, 160, 160, Some("badauth"));
        let reason = "badauth".to_owned();
        assert_eq!(stopped, Decision::Stopped { reason });
    }
}
