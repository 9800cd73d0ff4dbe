//! What is wrong with limits that somebody wrote: one thing a field, all of it at once.

use std::str::FromStr;

use easement_zone::UnknownRecordType;

use super::super::{
    Excess, LimitsError, NameLimitError, Operations, TokenLimits, TtlRange, UnknownOperation,
    ValuePatternError,
};
use super::texts::{NotARate, NotASpan, NotATtlRange, NotAnEnd};
use crate::{NetworkError, Timestamp};

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
pub(super) struct Problems(pub(super) Vec<LimitProblem>);

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
    pub(super) fn one<T>(&mut self, field: LimitField, text: &str) -> Option<T>
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
    pub(super) fn list<T>(&mut self, field: LimitField, texts: &[String]) -> Option<Vec<T>>
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
    pub(super) fn check(&mut self, limits: &TokenLimits, now: Timestamp) {
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
        LimitField::Operations => limits.operations = Operations::all(),
        LimitField::Values => limits.values = Vec::new(),
        LimitField::Networks => limits.networks = Vec::new(),
        LimitField::Ttl => limits.ttl = TtlRange::default(),
        LimitField::Records => limits.max_records = None,
        LimitField::Rate => limits.rate = None,
        LimitField::Expires | LimitField::Idle | LimitField::InUrl | LimitField::Webhooks => {}
    }
}

pub(super) struct Number(pub(super) u32);

impl FromStr for Number {
    type Err = LimitFault;

    fn from_str(text: &str) -> Result<Self, LimitFault> {
        text.parse().map(Self).map_err(|_| LimitFault::Records)
    }
}
