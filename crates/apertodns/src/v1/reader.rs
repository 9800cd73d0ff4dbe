//! Reading of one JSON object, field by field, until all that is wrong is known.

use serde_json::{Number, Value};

use super::json::Json;
use super::{FieldError, FieldFault, RequestRules, UpdateTtl, Wish};
use crate::Hostname;
use crate::address::{Address, check_public, excerpt};

/// The members of an object, and what was wrong with those that were looked at. Members that nobody
/// asks for are left alone.
pub(super) struct Reader<'a> {
    members: &'a [(String, Json)],
    /// What stands before the name of a field in messages.
    path: String,
    faults: Vec<FieldError>,
}

/// Something is wrong, and was noted.
#[derive(Clone, Copy, Debug)]
pub(super) struct Noted;

/// What an object has under a name.
pub(super) enum Member<'a> {
    Absent,
    /// It is there twice, which was noted.
    Repeated,
    There(&'a Json),
}

impl<'a> Reader<'a> {
    pub(super) fn new(members: &'a [(String, Json)], path: String) -> Self {
        Self {
            members,
            path,
            faults: Vec::new(),
        }
    }

    /// What was read, when nothing was wrong. `read` puts it together.
    pub(super) fn finish<T>(
        self,
        read: impl FnOnce() -> Result<T, Noted>,
    ) -> Result<T, Vec<FieldError>> {
        match read() {
            Ok(value) if self.faults.is_empty() => Ok(value),
            _ => Err(self.faults),
        }
    }

    pub(super) fn member(&mut self, name: &str) -> Member<'a> {
        let mut found = self.members.iter().filter(|(other, _)| other == name);
        match (found.next(), found.next()) {
            (None, _) => Member::Absent,
            (Some((_, json)), None) => Member::There(json),
            (Some(_), Some(_)) => {
                self.fault(name, FieldFault::Repeated, None);
                Member::Repeated
            }
        }
    }

    /// Notes what is wrong with a field.
    pub(super) fn fault(&mut self, name: &str, fault: FieldFault, json: Option<&Json>) -> Noted {
        self.faults.push(FieldError {
            field: format!("{}{name}", self.path),
            fault,
            provided: json.and_then(provided),
        });
        Noted
    }

    /// Notes what was wrong inside a field.
    pub(super) fn faults(&mut self, faults: Vec<FieldError>) -> Noted {
        self.faults.extend(faults);
        Noted
    }

    /// The path of what stands in a field.
    pub(super) fn inside(&self, name: &str) -> String {
        format!("{}{name}.", self.path)
    }

    // Fields of one kind

    /// A text that must be there.
    pub(super) fn text(&mut self, name: &str) -> Result<&'a str, Noted> {
        match self.member(name) {
            Member::There(Json::Text(text)) => Ok(text),
            Member::There(json) => {
                Err(self.fault(name, FieldFault::Type { wanted: "a text" }, Some(json)))
            }
            Member::Absent => Err(self.fault(name, FieldFault::Required, None)),
            Member::Repeated => Err(Noted),
        }
    }

    /// A text that must be there, read on.
    pub(super) fn parsed<T, E: Into<FieldFault>>(
        &mut self,
        name: &str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Result<T, Noted> {
        let text = self.text(name)?;
        self.noted(name, text, parse(text))
    }

    /// A text that may be left out, read on.
    pub(super) fn optional<T, E: Into<FieldFault>>(
        &mut self,
        name: &str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Result<Option<T>, Noted> {
        if self.members.iter().any(|(other, _)| other == name) {
            self.parsed(name, parse).map(Some)
        } else {
            Ok(None)
        }
    }

    fn noted<T, E: Into<FieldFault>>(
        &mut self,
        name: &str,
        text: &str,
        result: Result<T, E>,
    ) -> Result<T, Noted> {
        let json = || Json::Text(text.to_owned());
        result.map_err(|error| self.fault(name, error.into(), Some(&json())))
    }

    pub(super) fn hostname(&mut self) -> Result<Hostname, Noted> {
        self.parsed("hostname", str::parse::<Hostname>)
    }

    /// An address in its three states (draft-03 section "Record Deletion via Null Values").
    pub(super) fn wish<A: Address>(
        &mut self,
        name: &str,
        rules: &RequestRules,
    ) -> Result<Wish<A>, Noted> {
        match self.member(name) {
            Member::Absent => Ok(Wish::Omitted),
            Member::Repeated => Err(Noted),
            Member::There(Json::Null) => Ok(Wish::Delete),
            Member::There(Json::Text(text)) if text == "auto" => Ok(Wish::Auto),
            Member::There(Json::Text(text)) => {
                let address = A::parse(text).map_err(FieldFault::Address);
                let public = address.and_then(|address| {
                    check_public(address.into(), rules.documentation)?;
                    Ok(Wish::Address(address))
                });
                self.noted(name, text, public)
            }
            Member::There(json) => {
                let wanted = "an address as a text, \"auto\" or null";
                Err(self.fault(name, FieldFault::Type { wanted }, Some(json)))
            }
        }
    }

    /// A TTL that may be left out.
    pub(super) fn ttl(&mut self) -> Result<Option<UpdateTtl>, Noted> {
        match self.member("ttl") {
            Member::Absent => Ok(None),
            Member::Repeated => Err(Noted),
            Member::There(json @ Json::Number(number)) => {
                match whole(number).and_then(UpdateTtl::from_secs) {
                    Some(ttl) => Ok(Some(ttl)),
                    None => Err(self.fault("ttl", FieldFault::Ttl, Some(json))),
                }
            }
            Member::There(json) => {
                let wanted = "a number, without quotation marks";
                Err(self.fault("ttl", FieldFault::Type { wanted }, Some(json)))
            }
        }
    }
}

/// A whole number, however it is written: JSON has one kind of number.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the number is known to fit"
)]
fn whole(number: &Number) -> Option<u32> {
    let as_integer = number
        .as_u64()
        .and_then(|number| u32::try_from(number).ok());
    let fits = |number: &f64| number.fract() == 0.0 && (0.0..=f64::from(u32::MAX)).contains(number);
    let as_float = || number.as_f64().filter(fits).map(|number| number as u32);
    as_integer.or_else(as_float)
}

/// What is shown of a value.
fn provided(json: &Json) -> Option<Value> {
    match json {
        Json::Null => Some(Value::Null),
        Json::Bool(value) => Some((*value).into()),
        Json::Number(number) => Some(number.clone().into()),
        Json::Text(text) => Some(excerpt(text).into()),
        Json::List(_) | Json::Object(_) => None,
    }
}
