use std::num::NonZeroU32;

use easement_core::Timestamp;

use super::*;

const RATES: u32 = 3;

fn limiter(slip: u32, exempt: &[&str]) -> RateLimiter {
    let rates = ResponseRates {
        per_second: NonZeroU32::new(RATES).unwrap(),
        slip,
        exempt: exempt.iter().map(|text| text.parse().unwrap()).collect(),
        ..ResponseRates::default()
    };
    RateLimiter::new(rates, [7; RateLimiter::KEY_OCTETS])
}

/// What happens to so many answers at one moment.
fn verdicts(limiter: &RateLimiter, client: &str, subject: Subject<'_>, count: usize) -> String {
    let client = client.parse().unwrap();
    let now = Timestamp::from_micros(1_000_000);
    let judged = (0..count).map(|_| match limiter.judge(client, &subject, now) {
        Verdict::Send => 's',
        Verdict::Shorten => 't',
        Verdict::Drop => '-',
    });
    judged.collect()
}

fn answer(name: &[u8]) -> Subject<'_> {
    Subject::new(Kind::Answer, b"test\0example\0", name)
}

#[test]
fn beyond_the_rate_one_answer_in_so_many_is_shortened() {
    for (slip, expected) in [
        (0, "sss------"),
        (1, "ssstttttt"),
        (2, "ssst-t-t-"),
        (3, "ssst--t--"),
    ] {
        let limiter = limiter(slip, &[]);
        let found = verdicts(&limiter, "192.0.2.1", answer(b"www\0"), 9);
        assert_eq!(found, expected, "slip {slip}");
    }
}

#[test]
fn a_network_is_counted_together_and_apart_from_others() {
    for (first, second, is_together) in [
        ("192.0.2.1", "192.0.2.254", true),
        ("192.0.2.1", "192.0.3.1", false),
        ("192.0.2.1", "::ffff:192.0.2.9", true),
        ("2001:db8:0:1::1", "2001:db8:0:fe::9", true),
        ("2001:db8:0:1::1", "2001:db8:0:100::1", false),
        ("2001:db8::1", "0.0.0.0", false),
    ] {
        let limiter = limiter(0, &[]);
        assert_eq!(verdicts(&limiter, first, answer(b"www\0"), 4), "sss-");
        let expected = if is_together { "-" } else { "s" };
        let found = verdicts(&limiter, second, answer(b"www\0"), 1);
        assert_eq!(found, expected, "{first} {second}");
    }
}

#[test]
fn each_kind_of_answer_is_counted_apart() {
    let limiter = limiter(0, &[]);
    let zone = b"test\0example\0";
    for subject in [
        answer(b"www\0"),
        answer(b"mail\0"),
        Subject::new(Kind::Absence, zone, b""),
        Subject::new(Kind::Absence, b"test\0other\0", b""),
        Subject::new(Kind::Referral, zone, b"www\0"),
        Subject::new(Kind::Answer, zone, b""),
        Subject::ERROR,
    ] {
        let found = verdicts(&limiter, "192.0.2.1", subject, 4);
        assert_eq!(found, "sss-", "{subject:?}");
    }
}

#[test]
fn some_networks_have_no_limits() {
    let limiter = limiter(1, &["192.0.2.0/25", "2001:db8::/32"]);
    for (client, expected) in [
        ("192.0.2.1", "sssss"),
        ("::ffff:192.0.2.1", "sssss"),
        ("192.0.2.128", "ssstt"),
        ("2001:db8:1::1", "sssss"),
        ("2001:db9::1", "ssstt"),
    ] {
        assert_eq!(verdicts(&limiter, client, answer(b"www\0"), 5), expected);
    }
}

#[test]
fn networks_may_be_of_any_size() {
    for (ipv4_bits, ipv6_bits) in [(0, 0), (32, 128), (99, 999)] {
        let rates = ResponseRates {
            ipv4_bits,
            ipv6_bits,
            exempt: Vec::new(),
            per_second: NonZeroU32::new(RATES).unwrap(),
            ..ResponseRates::default()
        };
        let limiter = RateLimiter::new(rates, [7; 16]);
        for client in ["192.0.2.1", "2001:db8::1"] {
            let found = verdicts(&limiter, client, answer(b"www\0"), 3);
            assert_eq!(found, "sss", "{ipv4_bits} {ipv6_bits}");
        }
    }
}
