//! The ways in which the engines differ, and telling which one a difference is.

use std::collections::BTreeSet;

use domain_connect::PlanError;
use serde::{Deserialize, Serialize};

use super::job::{EngineError, Job};
use super::records::Items;
use super::zones;

/// One way in which the engines differ; `classes.yaml` says what each does, and by which rule.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Class {
    AddressAsName,
    AdjacentVariables,
    AliasOfItself,
    AloneInTemplate,
    AtInValue,
    CnameAlone,
    DelegationBelow,
    DelegationOfTheZone,
    DiscoveryName,
    LeftBelowDname,
    LeftOfDelegation,
    NoName,
    NowhereAsTarget,
    NumberByVariable,
    OneWebsite,
    OutsideTheZone,
    RedirectElsewhere,
    ShortAddress,
    SpfAll,
    SpfOrder,
    SpfRepeated,
    SpfRulesFound,
    SpfRulesWrong,
    SpfSeveral,
    SpfTtl,
    SrvAtApex,
    SrvOfOtherService,
    SrvProtocol,
    TtlMissing,
    TtlOfSet,
    TtlOfShared,
    TxtNotation,
    TypeUnknown,
    UnderscoredName,
    UnicodeName,
    UnknownGroup,
    VariablesReadAgain,
    Wildcard,
}

impl Class {
    /// Its name in `classes.yaml` and in the document.
    pub(super) fn name(self) -> String {
        let name = serde_json::to_value(self).unwrap();
        name.as_str().unwrap().to_owned()
    }
}

/// What comparing one job gives.
#[derive(Debug, Default)]
pub(super) struct Comparison {
    /// The ways in which the engines differ; none when they agree.
    pub(super) classes: BTreeSet<Class>,
    /// The differences that are of no known class.
    pub(super) unexplained: Vec<String>,
}

/// Compares what both engines make of a job. That both refuse it is agreement.
pub(super) fn compare(
    job: &Job,
    theirs: Result<Items, EngineError>,
    ours: Result<Items, PlanError>,
) -> Comparison {
    let refusal = match (theirs, ours) {
        (Err(_), Err(_)) => return Comparison::default(),
        (Ok(theirs), Ok(ours)) => return zones::compare(job, theirs, &ours),
        (Err(error), Ok(_)) => their_refusal(job, &error)
            .ok_or_else(|| format!("they refuse: {}: {}", error.kind, error.message)),
        (Ok(_), Err(error)) => our_refusal(&error).ok_or_else(|| format!("we refuse: {error}")),
    };
    match refusal {
        Ok(class) => Comparison {
            classes: BTreeSet::from([class]),
            unexplained: Vec::new(),
        },
        Err(text) => Comparison {
            classes: BTreeSet::new(),
            unexplained: vec![text],
        },
    }
}

/// Why the other engine refuses what is applied here.
fn their_refusal(job: &Job, error: &EngineError) -> Option<Class> {
    let message = error.message.as_str();
    match error.kind.as_str() {
        "KeyError" if message == "'ttl'" => Some(Class::TtlMissing),
        "ValueError" if message.contains("int() with base 10: '%") => Some(Class::NumberByVariable),
        "TypeError" if message.starts_with("Unknown record type") => Some(Class::TypeUnknown),
        // It made no record, and reads the name of what it made.
        "TypeError" if message.contains("'NoneType'") && job.template.json().contains("SPFM") => {
            Some(Class::SpfRulesFound)
        }
        "MissingParameter" | "InvalidTemplate"
            if (message.ends_with("parameter ''") || message.starts_with("Unpaired"))
                && job.template.json().contains("%%") =>
        {
            Some(Class::AdjacentVariables)
        }
        "MissingParameter" | "InvalidTemplate"
            if job.values.iter().any(|(_, value)| value.contains('%')) =>
        {
            Some(Class::VariablesReadAgain)
        }
        "InvalidData" => invalid_data(message),
        _ => None,
    }
}

fn invalid_data(message: &str) -> Option<Class> {
    let (place, text) = message
        .strip_prefix("Invalid data for ")?
        .split_once(": ")?;
    let value = text.split(" (from ").next()?;
    let is_name = place.ends_with(" host") || place.ends_with("pointsTo") || place == "SRV target";
    match place {
        "SRV protocol" => Some(Class::SrvProtocol),
        "SRV host" if value.ends_with(".@") => Some(Class::SrvAtApex),
        _ if !is_name => None,
        _ if !value.is_ascii() => Some(Class::UnicodeName),
        _ if value == "." => Some(Class::NowhereAsTarget),
        _ if value.starts_with('*') && place.ends_with(" host") => Some(Class::Wildcard),
        _ if value.contains('_') => Some(Class::UnderscoredName),
        _ => None,
    }
}

/// Why this library refuses what the other engine applies.
fn our_refusal(error: &PlanError) -> Option<Class> {
    let text = error.to_string();
    match error.code() {
        "self_conflict" if text.contains("all addresses of a name") => Some(Class::OneWebsite),
        "self_conflict" => Some(Class::AloneInTemplate),
        "invalid_address" => Some(Class::ShortAddress),
        "invalid_number" => Some(Class::NumberByVariable),
        "invalid_target" if text.contains("`@`") => Some(Class::AtInValue),
        "invalid_target" if text.contains("is an address") => Some(Class::AddressAsName),
        "owner_invalid" => Some(Class::NoName),
        "owner_outside_zone" => Some(Class::OutsideTheZone),
        "owner_reserved" => Some(Class::DiscoveryName),
        "not_at_apex" => Some(Class::DelegationOfTheZone),
        "unknown_group" => Some(Class::UnknownGroup),
        "invalid_target" if text.contains("its own name") => Some(Class::AliasOfItself),
        "invalid_spf_rules" => Some(Class::SpfRulesWrong),
        "invalid_text" => Some(Class::TxtNotation),
        "invalid_web_address" => Some(Class::RedirectElsewhere),
        _ => None,
    }
}
