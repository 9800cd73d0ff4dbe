//! Limits as people and programs write them, in forms, documents and on the command line.

use std::str::FromStr;
use std::time::Duration;

use easement_zone::{Ttl, TtlError, UnknownRecordType};
use serde::{Deserialize, Serialize};

use super::{
    Excess, LimitsError, NameLimit, NameLimitError, Operation, RateRule, SecretInUrl, TokenLimits,
    TtlRange, UnknownOperation, ValuePattern, ValuePatternError, WebhookRight,
};
use crate::{Network, NetworkError, Timestamp};

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

//------------ What is wrong ---------------------------------------------------------------------

/// What is wrong with limits, and where.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct LimitProblem {
    /// Where.
    pub field: LimitField,
    /// What.
    pub fault: LimitFault,
}

/// One of the limits.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum LimitField {
    /// Which names.
    Names,
    /// Which types.
    Types,
    /// Which operations.
    Operations,
    /// Which values.
    Values,
    /// Which TTLs.
    Ttl,
    /// How many records.
    Records,
    /// From which networks.
    Networks,
    /// Until when.
    Expires,
    /// After how long without use it ends.
    Idle,
    /// How often.
    Rate,
    /// Whether in URLs.
    InUrl,
    /// Whether webhooks.
    Webhooks,
}

impl LimitField {
    /// The name of the field in forms and documents.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Names => "names",
            Self::Types => "types",
            Self::Operations => "operations",
            Self::Values => "values",
            Self::Ttl => "ttl",
            Self::Records => "records",
            Self::Networks => "networks",
            Self::Expires => "expires",
            Self::Idle => "idle",
            Self::Rate => "rate",
            Self::InUrl => "in_url",
            Self::Webhooks => "webhooks",
        }
    }
}

impl LimitsError {
    /// The limit that makes no sense.
    pub fn field(&self) -> LimitField {
        match self {
            Self::NoNames => LimitField::Names,
            Self::NoTypes | Self::TypeNotForTokens { .. } => LimitField::Types,
            Self::NoOperations => LimitField::Operations,
            Self::TooMany { what, .. } => match *what {
                "names" => LimitField::Names,
                "record types" => LimitField::Types,
                "networks" => LimitField::Networks,
                _ => LimitField::Values,
            },
            Self::EmptyTtlRange { .. } => LimitField::Ttl,
            Self::RecordCount { .. } => LimitField::Records,
            Self::NoRate => LimitField::Rate,
        }
    }
}

impl Excess {
    /// The limit that is wider.
    pub fn field(&self) -> LimitField {
        match self {
            Self::Name { .. } => LimitField::Names,
            Self::Type { .. } => LimitField::Types,
            Self::Operation { .. } => LimitField::Operations,
            Self::Value { .. } => LimitField::Values,
            Self::Ttl => LimitField::Ttl,
            Self::RecordCount { .. } => LimitField::Records,
            Self::Network { .. } => LimitField::Networks,
            Self::Expiry => LimitField::Expires,
            Self::Idle => LimitField::Idle,
            Self::Rate => LimitField::Rate,
            Self::InUrl => LimitField::InUrl,
            Self::Webhooks => LimitField::Webhooks,
        }
    }
}

/// Why a limit cannot be read.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum LimitFault {
    /// It names no names.
    #[error(transparent)]
    Name(#[from] NameLimitError),
    /// It is no type.
    #[error(transparent)]
    Type(#[from] UnknownRecordType),
    /// It is no operation.
    #[error(transparent)]
    Operation(#[from] UnknownOperation),
    /// It is no pattern of values.
    #[error(transparent)]
    Value(#[from] ValuePatternError),
    /// It is no network.
    #[error(transparent)]
    Network(#[from] NetworkError),
    /// It is no range of TTLs.
    #[error(transparent)]
    Ttl(#[from] NotATtlRange),
    /// It is no span.
    #[error(transparent)]
    Span(#[from] NotASpan),
    /// It is no end.
    #[error(transparent)]
    End(#[from] NotAnEnd),
    /// It is no rate.
    #[error(transparent)]
    Rate(#[from] NotARate),
    /// It is no number.
    #[error("write a number of records, such as 2")]
    Records,
    /// It is over before it begins.
    #[error("this moment has passed: the token would never count")]
    EndPassed,
    /// All of them make no sense together.
    #[error(transparent)]
    Limits(#[from] LimitsError),
}

/// What was found to be wrong so far: one thing a field.
#[derive(Default)]
struct Problems(Vec<LimitProblem>);

impl Problems {
    fn note(&mut self, field: LimitField, fault: LimitFault) {
        if !self.has(field) {
            self.0.push(LimitProblem { field, fault });
        }
    }

    fn has(&self, field: LimitField) -> bool {
        self.0.iter().any(|problem| problem.field == field)
    }

    /// Nothing when nothing is said.
    fn one<T>(&mut self, field: LimitField, text: &str) -> Option<T>
    where
        T: FromStr,
        LimitFault: From<T::Err>,
    {
        let text = text.trim();
        if text.is_empty() {
            return None;
        }
        match text.parse() {
            Ok(value) => Some(value),
            Err(error) => {
                self.note(field, LimitFault::from(error));
                None
            }
        }
    }

    /// Nothing when nothing is said.
    fn list<T>(&mut self, field: LimitField, texts: &[String]) -> Option<Vec<T>>
    where
        T: FromStr + PartialEq,
        LimitFault: From<T::Err>,
    {
        let mut values: Vec<T> = Vec::new();
        for text in texts {
            if let Some(value) = self.one(field, text)
                && !values.contains(&value)
            {
                values.push(value);
            }
            // Comparing each with all would take long.
            if values.len() > TokenLimits::MAX_ITEMS {
                break;
            }
        }
        (!values.is_empty()).then_some(values)
    }

    /// A field that cannot be read is not missing as well.
    fn check(&mut self, limits: &TokenLimits, now: Timestamp) {
        if limits.expires_at.is_some_and(|at| at <= now) {
            self.note(LimitField::Expires, LimitFault::EndPassed);
        }
        // Each look finds one thing, which is mended for the next look.
        let mut rest = limits.clone();
        for _ in 0..MOST_LOOKS {
            let Err(error) = rest.check() else {
                break;
            };
            let field = error.field();
            self.note(field, error.into());
            mend(&mut rest, field);
        }
    }
}

/// As many as there are limits.
const MOST_LOOKS: usize = 11;

/// Puts something that makes sense in the place of a limit.
fn mend(limits: &mut TokenLimits, field: LimitField) {
    match field {
        LimitField::Names => limits.names = "example".parse().into_iter().collect(),
        LimitField::Types => limits.types = vec![easement_zone::RecordType::A],
        LimitField::Operations => limits.operations = super::Operations::all(),
        LimitField::Values => limits.values = Vec::new(),
        LimitField::Networks => limits.networks = Vec::new(),
        LimitField::Ttl => limits.ttl = TtlRange::default(),
        LimitField::Records => limits.max_records = None,
        LimitField::Rate => limits.rate = None,
        LimitField::Expires | LimitField::Idle | LimitField::InUrl | LimitField::Webhooks => {}
    }
}

struct Number(u32);

impl FromStr for Number {
    type Err = LimitFault;

    fn from_str(text: &str) -> Result<Self, LimitFault> {
        text.parse().map(Self).map_err(|_| LimitFault::Records)
    }
}

//------------ Spans and ends --------------------------------------------------------------------

/// A span of time, such as `30d`, `24h`, `90m` or `60s`: at most a hundred years.
///
/// ```
/// assert_eq!(easement_core::parse_span("90m")?.as_secs(), 5400);
/// # Ok::<(), easement_core::NotASpan>(())
/// ```
pub fn parse_span(text: &str) -> Result<Duration, NotASpan> {
    text.parse().map(|Span(span)| span)
}

struct Span(Duration);

impl FromStr for Span {
    type Err = NotASpan;

    fn from_str(text: &str) -> Result<Self, NotASpan> {
        let unit = text.chars().last().ok_or(NotASpan::Form)?;
        let seconds: u64 = match unit {
            'd' => 86_400,
            'h' => 3600,
            'm' => 60,
            's' => 1,
            _ => return Err(NotASpan::Form),
        };
        let count: u64 = text
            .strip_suffix(unit)
            .and_then(|count| count.parse().ok())
            .ok_or(NotASpan::Form)?;
        let span = count.checked_mul(seconds).filter(|span| *span <= MAX_SPAN);
        span.map(|span| Self(Duration::from_secs(span)))
            .ok_or(NotASpan::TooLong)
    }
}

/// A hundred years.
const MAX_SPAN: u64 = 36_500 * 86_400;

/// A span in its largest unit that fits without a rest.
fn write_span(seconds: u64) -> String {
    for (size, unit) in [(86_400, 'd'), (3600, 'h'), (60, 'm')] {
        if seconds >= size && seconds.is_multiple_of(size) {
            return format!("{}{unit}", seconds / size);
        }
    }
    format!("{seconds}s")
}

/// A text that is no span of time.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum NotASpan {
    /// It has another form.
    #[error("write a span of time like 30d, 24h, 90m or 60s")]
    Form,
    /// It is longer than anybody means.
    #[error("write a span of at most 36500d")]
    TooLong,
}

/// When a token ends.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TokenEnd {
    /// So long after it was made.
    After(Duration),
    /// At this moment.
    At(Timestamp),
}

impl TokenEnd {
    /// The moment, for a token that is made now.
    pub fn from(self, now: Timestamp) -> Timestamp {
        match self {
            Self::After(duration) => now.plus(duration),
            Self::At(moment) => moment,
        }
    }
}

impl FromStr for TokenEnd {
    type Err = NotAnEnd;

    /// A span or a date.
    fn from_str(text: &str) -> Result<Self, NotAnEnd> {
        match (parse_span(text), text.parse()) {
            (Ok(span), _) => Ok(Self::After(span)),
            (Err(_), Ok(moment)) => Ok(Self::At(moment)),
            (Err(_), Err(_)) => Err(NotAnEnd),
        }
    }
}

/// A text that says no end.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("write a span like 90d, or a date like 2027-03-01")]
pub struct NotAnEnd;

//------------ TTLs and rates --------------------------------------------------------------------

impl FromStr for TtlRange {
    type Err = NotATtlRange;

    /// Two TTLs with a `-` between, or one.
    fn from_str(text: &str) -> Result<Self, NotATtlRange> {
        let (low, high) = text.split_once('-').unwrap_or((text, text));
        let read = |text: &str| -> Option<Result<Ttl, TtlError>> {
            Some(Ttl::from_secs(text.trim().parse().ok()?))
        };
        match (read(low), read(high)) {
            (Some(Ok(low)), Some(Ok(high))) => Ok(Self { low, high }),
            _ => Err(NotATtlRange),
        }
    }
}

/// A text that is no range of TTLs.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("write two TTLs in seconds, like 60-3600")]
pub struct NotATtlRange;

impl FromStr for RateRule {
    type Err = NotARate;

    /// So many times in so many seconds.
    fn from_str(text: &str) -> Result<Self, NotARate> {
        let rule = text.split_once('/').and_then(|(times, seconds)| {
            Some(Self {
                times: times.trim().parse().ok()?,
                seconds: seconds.trim().parse().ok()?,
            })
        });
        rule.ok_or(NotARate)
    }
}

/// A text that is no rate.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("write times and seconds, like 60/3600 for 60 times an hour")]
pub struct NotARate;

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
    fn ranges_rates_and_ends_are_read() {
        let range: TtlRange = "60-3600".parse().unwrap();
        assert_eq!((range.low.as_secs(), range.high.as_secs()), (60, 3600));
        assert!("60-".parse::<TtlRange>().is_err());
        let rate: RateRule = "60/3600".parse().unwrap();
        assert_eq!((rate.times, rate.seconds), (60, 3600));
        assert!("60".parse::<RateRule>().is_err());
        let day = "2027-03-01".parse().unwrap();
        assert_eq!("2027-03-01".parse(), Ok(TokenEnd::At(day)));
        assert!("soon".parse::<TokenEnd>().is_err());
    }
}
