//! Limits as people and programs write them, in forms, documents and on the command line.

mod problems;
mod texts;

pub use self::problems::{LimitFault, LimitField, LimitProblem};
use self::problems::{Number, Problems};
pub use self::texts::{NotARate, NotASpan, NotATtlRange, NotAnEnd, TokenEnd, parse_span};
use self::texts::{Span, write_span};
use super::{NameLimit, Operation, SecretInUrl, TokenLimits, TtlRange, ValuePattern, WebhookRight};
use crate::{Network, Timestamp};

/// Limits as they are written: what is empty is not said.
///
/// ```
/// use easement_core::{LimitField, Operations, Timestamp, TokenLimits, WrittenLimits};
///
/// let now = Timestamp::from_micros(0);
/// let nothing = TokenLimits::new(Vec::new(), Vec::new(), Operations::default());
/// let written = WrittenLimits {
///     names: vec!["home.example.test".to_owned()],
///     types: vec!["A".to_owned()],
///     operations: vec!["update".to_owned()],
///     expires: "30d".to_owned(),
///     ..WrittenLimits::default()
/// };
/// assert!(written.read(&nothing, now).is_ok());
/// let wrong = WrittenLimits { ttl: "long".to_owned(), ..written };
/// assert_eq!(wrong.read(&nothing, now).unwrap_err()[0].field, LimitField::Ttl);
/// ```
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct WrittenLimits {
    /// Names, such as `*.home.example.test`.
    pub names: Vec<String>,
    /// Record types.
    pub types: Vec<String>,
    /// Operations.
    pub operations: Vec<String>,
    /// Networks, or texts with `*`.
    pub values: Vec<String>,
    /// A range of TTLs, such as `60-3600`.
    pub ttl: String,
    /// A number of records.
    pub records: String,
    /// Networks.
    pub networks: Vec<String>,
    /// A span such as `30d`, or a date.
    pub expires: String,
    /// A span.
    pub idle: String,
    /// Times and seconds, such as `60/3600`.
    pub rate: String,
    /// Whether the token may stand in a URL.
    pub in_url: Option<SecretInUrl>,
    /// Whether it may manage the webhooks of its account.
    pub webhooks: Option<WebhookRight>,
}

impl WrittenLimits {
    /// As these limits are written.
    pub fn of(limits: &TokenLimits) -> Self {
        let range = limits.ttl;
        Self {
            names: texts(&limits.names),
            types: texts(&limits.types),
            operations: limits
                .operations
                .iter()
                .map(|one| one.to_string())
                .collect(),
            values: texts(&limits.values),
            ttl: if range == TtlRange::default() {
                String::new()
            } else {
                format!("{}-{}", range.low, range.high)
            },
            records: limits
                .max_records
                .map_or_else(String::new, |most| most.to_string()),
            networks: texts(&limits.networks),
            expires: limits
                .expires_at
                .map_or_else(String::new, |at| at.to_string()),
            idle: limits.idle_seconds.map_or_else(String::new, write_span),
            rate: limits.rate.map_or_else(String::new, |rate| {
                format!("{}/{}", rate.times, rate.seconds)
            }),
            in_url: Some(limits.in_url),
            webhooks: Some(limits.webhooks),
        }
    }

    /// The limits; those that are not said are as in `base`. The right to manage webhooks reaches beyond the names
    /// of a token, so there is none when it is not said. Everything that is wrong is named.
    pub fn read(
        &self,
        base: &TokenLimits,
        now: Timestamp,
    ) -> Result<TokenLimits, Vec<LimitProblem>> {
        let mut problems = Problems::default();
        let limits = TokenLimits {
            names: problems
                .list::<NameLimit>(LimitField::Names, &self.names)
                .unwrap_or_else(|| base.names.clone()),
            types: problems
                .list(LimitField::Types, &self.types)
                .unwrap_or_else(|| base.types.clone()),
            operations: problems
                .list::<Operation>(LimitField::Operations, &self.operations)
                .map_or(base.operations, |some| some.into_iter().collect()),
            values: problems
                .list::<ValuePattern>(LimitField::Values, &self.values)
                .unwrap_or_else(|| base.values.clone()),
            ttl: problems.one(LimitField::Ttl, &self.ttl).unwrap_or(base.ttl),
            max_records: problems
                .one::<Number>(LimitField::Records, &self.records)
                .map(|Number(most)| most)
                .or(base.max_records),
            networks: problems
                .list::<Network>(LimitField::Networks, &self.networks)
                .unwrap_or_else(|| base.networks.clone()),
            expires_at: problems
                .one::<TokenEnd>(LimitField::Expires, &self.expires)
                .map(|end| end.from(now))
                .or(base.expires_at),
            idle_seconds: problems
                .one::<Span>(LimitField::Idle, &self.idle)
                .map(|Span(span)| span.as_secs())
                .or(base.idle_seconds),
            unused_seconds: base.unused_seconds,
            rate: problems.one(LimitField::Rate, &self.rate).or(base.rate),
            in_url: self.in_url.unwrap_or(base.in_url),
            webhooks: self.webhooks.unwrap_or(WebhookRight::None),
        };
        problems.check(&limits, now);
        if problems.0.is_empty() {
            Ok(limits)
        } else {
            Err(problems.0)
        }
    }
}

fn texts<T: ToString>(values: &[T]) -> Vec<String> {
    values.iter().map(ToString::to_string).collect()
}

#[cfg(test)]
mod tests {
    use easement_zone::RecordType;

    use super::super::Operations;
    use super::*;

    fn owned(texts: &[&str]) -> Vec<String> {
        texts.iter().map(|&text| text.to_owned()).collect()
    }

    fn now() -> Timestamp {
        "2026-11-21".parse().unwrap()
    }

    fn nothing() -> TokenLimits {
        TokenLimits::new(Vec::new(), Vec::new(), Operations::default())
    }

    fn full() -> WrittenLimits {
        WrittenLimits {
            names: owned(&["home.example.test", "**.lab.example.test"]),
            types: owned(&["A", "TXT"]),
            operations: owned(&["update", "create"]),
            values: owned(&["192.0.2.0/24", "v=*"]),
            ttl: "60-3600".to_owned(),
            records: "3".to_owned(),
            networks: owned(&["2001:db8::/32"]),
            expires: "2027-03-01T00:00:00Z".to_owned(),
            idle: "90d".to_owned(),
            rate: "60/3600".to_owned(),
            in_url: Some(SecretInUrl::Allowed),
            webhooks: Some(WebhookRight::Manage),
        }
    }

    #[test]
    fn what_is_written_is_read_and_written_again() {
        let limits = full().read(&nothing(), now()).unwrap();
        assert_eq!(WrittenLimits::of(&limits), full());
        let same = WrittenLimits::default().read(&limits, now()).unwrap();
        assert_eq!(same.webhooks, WebhookRight::None, "but for this one");
        let all = TokenLimits {
            webhooks: limits.webhooks,
            ..same
        };
        assert_eq!(all, limits, "what is not said is as it was");
        let narrower = WrittenLimits {
            types: owned(&["A"]),
            expires: "1d".to_owned(),
            ..WrittenLimits::default()
        };
        let narrower = narrower.read(&limits, now()).unwrap();
        assert_eq!(narrower.types, [RecordType::A]);
        assert_eq!(narrower.expires_at, Some("2026-11-22".parse().unwrap()));
        assert_eq!(narrower.names, limits.names);
    }

    #[test]
    fn everything_that_is_wrong_is_named_once_and_beside_its_field() {
        use LimitField as F;
        type Change = fn(&mut WrittenLimits);
        let cases: [(Change, &[F]); 14] = [
            (|one| one.names = owned(&["not a name", ".."]), &[F::Names]),
            (|one| one.names = owned(&[" "]), &[F::Names]),
            (|one| one.types = owned(&["B"]), &[F::Types]),
            (|one| one.types = owned(&["NS"]), &[F::Types]),
            (|one| one.operations = owned(&["write"]), &[F::Operations]),
            (|one| one.ttl = "3600-60".to_owned(), &[F::Ttl]),
            (|one| one.ttl = "60-".to_owned(), &[F::Ttl]),
            (|one| one.records = "0".to_owned(), &[F::Records]),
            (|one| one.records = "-1".to_owned(), &[F::Records]),
            (|one| one.networks = owned(&["here"]), &[F::Networks]),
            (|one| one.expires = "2020-01-01".to_owned(), &[F::Expires]),
            (|one| one.idle = "long".to_owned(), &[F::Idle]),
            (|one| one.rate = "0/60".to_owned(), &[F::Rate]),
            (
                |one| *one = WrittenLimits::default(),
                &[F::Names, F::Types, F::Operations],
            ),
        ];
        for (change, fields) in cases {
            let mut written = full();
            change(&mut written);
            let problems = written.read(&nothing(), now()).unwrap_err();
            let found: Vec<F> = problems.iter().map(|one| one.field).collect();
            assert_eq!(found, fields, "{problems:?}");
        }
        let many = WrittenLimits {
            names: (0..5000).map(|at| format!("n{at}.example.test")).collect(),
            ..full()
        };
        let problems = many.read(&nothing(), now()).unwrap_err();
        assert_eq!(problems[0].field, F::Names);
    }
}
