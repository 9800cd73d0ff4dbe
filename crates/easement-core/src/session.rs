//! Sessions of people who are signed in.

use std::time::Duration;

use crate::{AccountId, SecretHash, Timestamp};

/// A session: what a browser's cookie stands for.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Session {
    /// The hash of the secret in the cookie.
    pub secret: SecretHash,
    /// Who is signed in.
    pub account: AccountId,
    /// When they signed in.
    pub created_at: Timestamp,
    /// When the session was last used.
    pub seen_at: Timestamp,
}

impl Session {
    /// Whether the session still counts.
    pub fn state(&self, policy: &SessionPolicy, now: Timestamp) -> SessionState {
        if now.since(self.created_at) >= policy.absolute || now.since(self.seen_at) >= policy.idle {
            return SessionState::Expired;
        }
        if now.since(self.seen_at) >= policy.note_every {
            return SessionState::LiveAndDue;
        }
        SessionState::Live
    }
}

/// Whether a session still counts.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum SessionState {
    /// It does.
    Live,
    /// It does, and it is time to note that it was used.
    LiveAndDue,
    /// It does not.
    Expired,
}

/// How long sessions last.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct SessionPolicy {
    /// Without use.
    pub idle: Duration,
    /// With use.
    pub absolute: Duration,
    /// How often use is written down.
    pub note_every: Duration,
}

impl Default for SessionPolicy {
    fn default() -> Self {
        Self {
            idle: Duration::from_hours(24),
            absolute: Duration::from_hours(24 * 14),
            note_every: Duration::from_mins(1),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_ends_when_idle_and_at_its_age() {
        let start = Timestamp::from_micros(0);
        let minutes = |count| start.plus(Duration::from_mins(count));
        let policy = SessionPolicy {
            idle: Duration::from_hours(1),
            absolute: Duration::from_hours(10),
            note_every: Duration::from_mins(1),
        };
        let session = |seen_at| Session {
            secret: SecretHash::from_stored(vec![1]),
            account: AccountId::new(1),
            created_at: start,
            seen_at,
        };
        for (seen, now, state) in [
            (0, 0, SessionState::Live),
            (0, 1, SessionState::LiveAndDue),
            (0, 59, SessionState::LiveAndDue),
            (0, 60, SessionState::Expired),
            (599, 599, SessionState::Live),
            (599, 600, SessionState::Expired),
        ] {
            let session = session(minutes(seen));
            assert_eq!(session.state(&policy, minutes(now)), state, "{seen} {now}");
        }
    }
}
