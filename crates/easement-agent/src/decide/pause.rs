//! How long a server is left alone after a fault.

use std::time::Duration;

use crate::fault::FaultKind;

const MINUTE: Duration = Duration::from_mins(1);
const HOUR: Duration = Duration::from_hours(1);
/// Nobody waits longer, whatever a server says.
const LONGEST: Duration = Duration::from_hours(24);
/// Doubling ends here, far beyond every limit.
const MAX_DOUBLINGS: u32 = 16;

/// How long to wait after the `times`-th fault in a row; none when waiting does not help. `random` spreads those who
/// failed together: up to a quarter is added. What a server asked for is never undercut.
pub fn pause(kind: FaultKind, times: u32, random: u8) -> Option<Duration> {
    let (first, most, at_least) = match kind {
        FaultKind::Network => (MINUTE / 2, HOUR, Duration::ZERO),
        FaultKind::Server => (MINUTE * 5, HOUR * 2, Duration::ZERO),
        FaultKind::Busy { retry_after } => (MINUTE * 10, LONGEST, retry_after.unwrap_or_default()),
        FaultKind::Final => return None,
    };
    let doublings = times.saturating_sub(1).min(MAX_DOUBLINGS);
    let backed_off = first.saturating_mul(1 << doublings).min(most);
    let pause = match kind {
        FaultKind::Busy {
            retry_after: Some(_),
        } if times <= 1 => at_least,
        FaultKind::Busy { .. } | FaultKind::Network | FaultKind::Server | FaultKind::Final => {
            backed_off.max(at_least)
        }
    };
    let pause = pause.clamp(MINUTE / 2, LONGEST);
    let spread = pause.mul_f64(f64::from(random) / 1020.0);
    Some((pause + spread).min(LONGEST))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_a_limit_and_obey_the_server() {
        let busy = |seconds: u64| FaultKind::Busy {
            retry_after: Some(Duration::from_secs(seconds)),
        };
        let unsaid = FaultKind::Busy { retry_after: None };
        for (kind, times, seconds) in [
            (FaultKind::Network, 1, 30),
            (FaultKind::Network, 2, 60),
            (FaultKind::Network, 4, 240),
            (FaultKind::Network, 9, 3600),
            (FaultKind::Network, u32::MAX, 3600),
            (FaultKind::Server, 1, 300),
            (FaultKind::Server, 99, 7200),
            (unsaid, 1, 600),
            (unsaid, 99, 86_400),
            (busy(45), 1, 45),
            (busy(45), 3, 2400),
            (busy(5000), 2, 5000),
            (busy(0), 1, 30),
            (busy(u64::MAX), 1, 86_400),
        ] {
            let exact = Duration::from_secs(seconds);
            assert_eq!(pause(kind, times, 0), Some(exact), "{kind:?} {times}");
            let most = pause(kind, times, 255).unwrap();
            let spread = (exact + exact / 4).min(LONGEST);
            assert_eq!(most, spread, "{kind:?} {times}");
        }
        assert_eq!(pause(FaultKind::Final, 1, 0), None);
    }
}
