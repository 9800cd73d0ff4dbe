//! DNS cookies (RFC 7873): a client that shows the one it was given before has not forged its address.
//!
//! A server cookie is made as RFC 9018 says, so several servers that share a secret, also of other
//! makers, know each other's.

use std::fmt;
use std::hash::Hasher as _;
use std::net::IpAddr;
use std::sync::Arc;

use arc_swap::ArcSwap;
use easement_core::Timestamp;
use siphasher::sip::SipHasher24;
use siphasher::sip128::{Hasher128 as _, SipHasher24 as SipHasher24With128};

use super::edns::ReceivedCookie;

/// The octets of both cookies together.
pub(super) const COOKIE_OCTETS: usize = 24;
/// The only version there is (RFC 9018 section 4.1).
const VERSION: u8 = 1;
/// How old, in seconds, a cookie may be, and how far ahead another server's clock
/// (RFC 9018 section 4.3).
const MAX_AGE: u32 = 60 * 60;
const MAX_AHEAD: u32 = 5 * 60;
/// How many seconds a secret of [`CookieSecrets::daily`] is used for.
const DAY: u32 = 24 * 60 * 60;

/// The secret that server cookies are made from. It does not print itself. Clones are the same secret,
/// also when it is replaced.
#[derive(Clone)]
pub struct CookieSecrets(Arc<ArcSwap<Kind>>);

#[derive(Eq, PartialEq)]
enum Kind {
    Shared {
        current: Secret,
        previous: Option<Secret>,
    },
    Daily {
        seed: Secret,
    },
}

type Secret = [u8; 16];

/// What a client showed.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) enum CookieStanding {
    /// No cookie.
    #[default]
    Absent,
    /// Its own cookie only: it has not been here before, or not lately.
    New,
    /// A server cookie that was given to this client lately.
    Valid,
    /// One that was not, or long ago.
    Bad,
}

impl CookieSecrets {
    /// The octets of a secret.
    pub const OCTETS: usize = 16;

    /// Secrets that several servers share. Cookies are made from the current one; those made from the
    /// previous one are good as long as they are young, so a secret can be replaced without anybody
    /// noticing (RFC 9018 section 5).
    pub fn shared(current: [u8; Self::OCTETS], previous: Option<[u8; Self::OCTETS]>) -> Self {
        Self::new(Kind::Shared { current, previous })
    }

    /// Secrets of this server alone: each day another, derived from random octets.
    pub fn daily(seed: [u8; Self::OCTETS]) -> Self {
        Self::new(Kind::Daily { seed })
    }

    fn new(kind: Kind) -> Self {
        Self(Arc::new(ArcSwap::from_pointee(kind)))
    }

    /// Takes over the secret of another value; false when it is the one in use already.
    pub fn replace(&self, other: &Self) -> bool {
        let kind = other.0.load_full();
        let is_new = *self.0.load_full() != *kind;
        self.0.store(kind);
        is_new
    }

    /// Judges a cookie, and makes a fresh one to answer with: client cookie and server cookie.
    pub(super) fn check(
        &self,
        received: ReceivedCookie<'_>,
        client: IpAddr,
        now: Timestamp,
    ) -> (CookieStanding, [u8; COOKIE_OCTETS]) {
        let now = seconds(now);
        let [t1, t2, t3, t4] = now.to_be_bytes();
        let start = [VERSION, 0, 0, 0, t1, t2, t3, t4];
        let kind = self.0.load();
        let fresh = seal(*received.client, start, client, &kind.current(now));
        let standing = if received.server.is_empty() {
            CookieStanding::New
        } else if kind.is_own(received, client, now) {
            CookieStanding::Valid
        } else {
            CookieStanding::Bad
        };
        (standing, fresh)
    }
}

impl Kind {
    /// Whether this server, or one that shares its secret, gave this cookie to this client lately.
    fn is_own(&self, received: ReceivedCookie<'_>, client: IpAddr, now: u32) -> bool {
        let Some((start, rest)) = received.server.split_first_chunk::<8>() else {
            return false;
        };
        let [version, _, _, _, made @ ..] = *start;
        let made = u32::from_be_bytes(made);
        // Times wrap around (RFC 1982).
        let is_recent = now.wrapping_sub(made) <= MAX_AGE || made.wrapping_sub(now) <= MAX_AHEAD;
        version == VERSION
            && rest.len() == 8
            && is_recent
            && self.candidates(made).iter().flatten().any(|secret| {
                let own = seal(*received.client, *start, client, secret);
                is_same(own.get(16..).unwrap_or_default(), rest)
            })
    }

    /// The secret that cookies are made from at this time.
    fn current(&self, now: u32) -> Secret {
        match self {
            Self::Shared { current, .. } => *current,
            Self::Daily { seed } => secret_of_day(seed, now),
        }
    }

    /// The secrets that a cookie of this time may be made from.
    fn candidates(&self, made: u32) -> [Option<Secret>; 2] {
        match self {
            Self::Shared { current, previous } => [Some(*current), *previous],
            Self::Daily { seed } => [Some(secret_of_day(seed, made)), None],
        }
    }
}

impl fmt::Debug for CookieSecrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CookieSecrets(hidden)")
    }
}

/// A client cookie and a server cookie that begins with `start` (RFC 9018 section 4.4).
fn seal(
    client_cookie: [u8; 8],
    start: [u8; 8],
    client: IpAddr,
    secret: &Secret,
) -> [u8; COOKIE_OCTETS] {
    let mut hasher = SipHasher24::new_with_key(secret);
    hasher.write(&client_cookie);
    hasher.write(&start);
    match client.to_canonical() {
        IpAddr::V4(address) => hasher.write(&address.octets()),
        IpAddr::V6(address) => hasher.write(&address.octets()),
    }
    let mut cookie = [0; COOKIE_OCTETS];
    let parts = [client_cookie, start, hasher.finish().to_le_bytes()];
    cookie.copy_from_slice(parts.as_flattened());
    cookie
}

/// Compares without telling, by the time it takes, where the difference is.
fn is_same(one: &[u8], other: &[u8]) -> bool {
    let difference = one.iter().zip(other).fold(0, |sum, (a, b)| sum | (a ^ b));
    one.len() == other.len() && difference == 0
}

fn secret_of_day(seed: &Secret, time: u32) -> Secret {
    let mut hasher = SipHasher24With128::new_with_key(seed);
    hasher.write(&(time / DAY).to_be_bytes());
    hasher.finish128().as_bytes()
}

/// The seconds since 1970, as far as they fit (RFC 9018 section 4.3).
fn seconds(time: Timestamp) -> u32 {
    let seconds = time.as_micros().div_euclid(1_000_000);
    u32::try_from(seconds & i64::from(u32::MAX)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: u128 = 0xe5e9_73e5_a6b2_a43f_48e7_dc84_9e37_bfcf;
    const OLD_SECRET: u128 = 0xdd3b_df93_44b6_78b1_85a6_f5cb_60fc_a715;
    const NEW_SECRET: u128 = 0x4455_36bc_d251_3298_075a_5d37_9663_c962;

    fn shared(current: u128, previous: Option<u128>) -> CookieSecrets {
        CookieSecrets::shared(current.to_be_bytes(), previous.map(u128::to_be_bytes))
    }

    fn octets(hex: &str) -> Vec<u8> {
        let digits = hex.as_bytes().chunks(2);
        let octet = |pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
        digits.map(octet).collect()
    }

    fn check(
        secrets: &CookieSecrets,
        cookie: &[u8],
        client: &str,
        seconds: i64,
    ) -> (CookieStanding, [u8; COOKIE_OCTETS]) {
        let (client_cookie, server) = cookie.split_first_chunk().unwrap();
        let received = ReceivedCookie {
            client: client_cookie,
            server,
        };
        let now = Timestamp::from_micros(seconds * 1_000_000);
        secrets.check(received, client.parse().unwrap(), now)
    }

    /// The four examples of RFC 9018 appendix A.
    #[test]
    fn cookies_are_those_of_the_specification() {
        for (secrets, client, received, seconds, standing, expected) in [
            (
                shared(SECRET, None),
                "198.51.100.100",
                "2464c4abcf10c957",
                1_559_731_985,
                CookieStanding::New,
                "2464c4abcf10c957010000005cf79f111f8130c3eee29480",
            ),
            (
                shared(SECRET, None),
                "198.51.100.100",
                "2464c4abcf10c957010000005cf79f111f8130c3eee29480",
                1_559_734_385,
                CookieStanding::Valid,
                "2464c4abcf10c957010000005cf7a871d4a564a1442aca77",
            ),
            (
                shared(SECRET, None),
                "203.0.113.203",
                "fc93fc62807ddb8601abcdef5cf78f71a314227b6679ebf5",
                1_559_734_700,
                // Older than an hour; the specification only shows how it is renewed.
                CookieStanding::Bad,
                "fc93fc62807ddb86010000005cf7a9acf73a7810aca2381e",
            ),
            (
                shared(NEW_SECRET, Some(OLD_SECRET)),
                "2001:db8:220:1:59de:d0f4:8769:82b8",
                "22681ab97d52c298010000005cf7c57926556bd0934c72f8",
                1_559_741_961,
                CookieStanding::Valid,
                "22681ab97d52c298010000005cf7c609a6bb79d16625507a",
            ),
        ] {
            let found = check(&secrets, &octets(received), client, seconds);
            assert_eq!(found.0, standing, "{received}");
            assert_eq!(found.1.as_slice(), octets(expected), "{received}");
        }
    }

    /// The reserved octets are not looked at, but they are part of what is hashed.
    #[test]
    fn reserved_octets_of_another_server_are_taken() {
        let cookie = octets("fc93fc62807ddb8601abcdef5cf78f71a314227b6679ebf5");
        let secrets = shared(SECRET, None);
        let (standing, _) = check(&secrets, &cookie, "203.0.113.203", 1_559_728_000);
        assert_eq!(standing, CookieStanding::Valid);
    }

    #[test]
    fn a_cookie_is_good_for_one_client_and_an_hour() {
        let secrets = shared(SECRET, None);
        let made = 1_559_731_985;
        let (_, cookie) = check(&secrets, &[7; 8], "192.0.2.1", made);
        for (client, seconds, standing) in [
            ("192.0.2.1", made, CookieStanding::Valid),
            ("::ffff:192.0.2.1", made, CookieStanding::Valid),
            ("192.0.2.1", made + 3600, CookieStanding::Valid),
            ("192.0.2.1", made + 3601, CookieStanding::Bad),
            ("192.0.2.1", made - 300, CookieStanding::Valid),
            ("192.0.2.1", made - 301, CookieStanding::Bad),
            ("192.0.2.2", made, CookieStanding::Bad),
        ] {
            let found = check(&secrets, &cookie, client, seconds).0;
            assert_eq!(found, standing, "{client} {seconds}");
        }
        for index in 0..COOKIE_OCTETS {
            let mut changed = cookie;
            changed[index] ^= 1;
            let found = check(&secrets, &changed, "192.0.2.1", made).0;
            assert_eq!(found, CookieStanding::Bad, "octet {index}");
        }
        let longer = [&cookie[..], &[0; 8]].concat();
        let found = check(&secrets, &longer, "192.0.2.1", made).0;
        assert_eq!(found, CookieStanding::Bad, "of another kind");
    }

    #[test]
    fn times_wrap_around() {
        let secrets = shared(SECRET, None);
        let end = 1_i64 << 32;
        let (_, cookie) = check(&secrets, &[7; 8], "192.0.2.1", end - 10);
        let found = check(&secrets, &cookie, "192.0.2.1", end + 10).0;
        assert_eq!(found, CookieStanding::Valid);
    }

    #[test]
    fn a_secret_that_is_replaced_twice_is_forgotten() {
        let now = 1_559_731_985;
        let secrets = shared(OLD_SECRET, None);
        let in_use = secrets.clone();
        let (_, cookie) = check(&in_use, &[7; 8], "192.0.2.1", now);
        let standing = || check(&in_use, &cookie, "192.0.2.1", now).0;
        assert!(!secrets.replace(&shared(OLD_SECRET, None)), "the same");
        assert!(secrets.replace(&shared(SECRET, Some(OLD_SECRET))));
        assert_eq!(standing(), CookieStanding::Valid);
        let (_, fresh) = check(&in_use, &[7; 8], "192.0.2.1", now);
        assert_ne!(fresh, cookie, "new ones are made from the new secret");
        assert!(secrets.replace(&shared(NEW_SECRET, Some(SECRET))));
        assert_eq!(standing(), CookieStanding::Bad);
    }

    #[test]
    fn the_secret_of_one_server_changes_every_day_unnoticed() {
        let secrets = CookieSecrets::daily([9; 16]);
        let midnight = 18_000 * 86_400;
        let (_, cookie) = check(&secrets, &[7; 8], "192.0.2.1", midnight - 1);
        assert_eq!(
            check(&secrets, &cookie, "192.0.2.1", midnight + 1).0,
            CookieStanding::Valid
        );
        let today = secret_of_day(&[9; 16], 18_000 * DAY);
        assert_ne!(today, secret_of_day(&[9; 16], 18_000 * DAY - 1));
        assert_ne!(today, secret_of_day(&[8; 16], 18_000 * DAY));
        assert_eq!(format!("{secrets:?}"), "CookieSecrets(hidden)");
    }
}
