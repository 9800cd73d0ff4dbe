//! How values are read.

use std::time::Duration;

use anyhow::anyhow;
use easement_core::{ApiTokenText, PublicTokenId, RateRule, TtlRange};
use easement_server::admin::TokenEnd;
use easement_zone::Ttl;

use crate::console::NotValid;

/// The longest text that is repeated when it is no id: a token that was cut off has a secret in it.
const MAX_REPEATED: usize = 16;

/// An id, or the token itself, whose id is meant then.
pub(super) fn parse_id(text: &str) -> anyhow::Result<PublicTokenId> {
    if let Ok(token) = text.parse::<ApiTokenText>() {
        return Ok(token.id);
    }
    text.parse().map_err(|_| {
        let what = if text.len() <= MAX_REPEATED {
            format!("`{text}`")
        } else {
            "this text".to_owned()
        };
        NotValid::mark(anyhow!(
            "{what} is not the id of an API token: use the twelve letters that `easement token list` shows"
        ))
    })
}

/// A span of time, such as `30d`.
pub(super) fn parse_span(text: &str) -> Result<Duration, String> {
    let refuse = || "write a span of time like 30d, 24h, 90m or 60s".to_owned();
    let unit = text.chars().last().ok_or_else(refuse)?;
    let seconds: u64 = match unit {
        'd' => 86_400,
        'h' => 3600,
        'm' => 60,
        's' => 1,
        _ => return Err(refuse()),
    };
    let count: u64 = text
        .strip_suffix(unit)
        .and_then(|count| count.parse().ok())
        .ok_or_else(refuse)?;
    let span = count.checked_mul(seconds).filter(|span| *span <= MAX_SPAN);
    let span = span.ok_or("write a span of at most 36500d")?;
    Ok(Duration::from_secs(span))
}

/// A hundred years.
const MAX_SPAN: u64 = 36_500 * 86_400;

/// A span or a date.
pub(super) fn parse_end(text: &str) -> Result<TokenEnd, String> {
    match (parse_span(text), text.parse()) {
        (Ok(span), _) => Ok(TokenEnd::After(span)),
        (Err(_), Ok(moment)) => Ok(TokenEnd::At(moment)),
        (Err(_), Err(_)) => Err("write a span like 90d, or a date like 2027-03-01".to_owned()),
    }
}

/// A TTL.
pub(super) fn parse_ttl(text: &str) -> Result<Ttl, String> {
    let seconds = text.parse().map_err(|_| "write seconds, like 300")?;
    Ttl::from_secs(seconds).map_err(|error| error.to_string())
}

/// Two TTLs with a `-` between, or one.
pub(super) fn parse_ttl_range(text: &str) -> Result<TtlRange, String> {
    let (low, high) = text.split_once('-').unwrap_or((text, text));
    match (parse_ttl(low), parse_ttl(high)) {
        (Ok(low), Ok(high)) => Ok(TtlRange { low, high }),
        _ => Err("write two TTLs in seconds, like 60-3600".to_owned()),
    }
}

/// So many times in so many seconds.
pub(super) fn parse_rate(text: &str) -> Result<RateRule, String> {
    let rule = text.split_once('/').and_then(|(times, seconds)| {
        Some(RateRule {
            times: times.parse().ok()?,
            seconds: seconds.parse().ok()?,
        })
    });
    rule.ok_or_else(|| "write times and seconds, like 60/3600 for 60 times an hour".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_have_a_unit_and_an_end() {
        for (text, seconds) in [
            ("30d", Some(2_592_000)),
            ("24h", Some(86_400)),
            ("90m", Some(5400)),
            ("0s", Some(0)),
            ("30", None),
            ("d", None),
            ("-1d", None),
            ("3\u{e4}", None),
            ("99999999999999d", None),
            ("", None),
        ] {
            let span = parse_span(text).ok().map(|span| span.as_secs());
            assert_eq!(span, seconds, "{text}");
        }
    }

    #[test]
    fn a_token_names_itself_and_is_not_repeated() {
        let secret = "A".repeat(43);
        let id = parse_id(&format!("easement_live_abcdefghijkl{secret}")).unwrap();
        assert_eq!(id.as_str(), "abcdefghijkl");
        let cut_off = format!("easement_live_abcdefghijkl{}", "A".repeat(40));
        let refused = parse_id(&cut_off).unwrap_err().to_string();
        assert!(!refused.contains("AAA"), "{refused}");
        let refused = parse_id("nothing").unwrap_err().to_string();
        assert!(refused.contains("`nothing`"), "{refused}");
    }

    #[test]
    fn ranges_rates_and_ends_are_read() {
        let range = parse_ttl_range("60-3600").unwrap();
        assert_eq!((range.low.as_secs(), range.high.as_secs()), (60, 3600));
        assert!(parse_ttl_range("60-").is_err());
        let rate = parse_rate("60/3600").unwrap();
        assert_eq!((rate.times, rate.seconds), (60, 3600));
        assert!(parse_rate("60").is_err());
        let day = "2027-03-01".parse().unwrap();
        assert_eq!(parse_end("2027-03-01"), Ok(TokenEnd::At(day)));
        assert!(parse_end("soon").is_err());
    }
}
