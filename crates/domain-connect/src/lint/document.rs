//! A template's text as the rules look at it: properties and fields with their places, whether or not
//! they are what they should be.

use std::ops::Range;

use jsonc_parser::ast::{Object, ObjectProp, Value};

use super::report::Findings;
use super::{Code, Finding};
use crate::json::{self, Place};
use crate::template::MAX_RECORDS;

/// The template as a whole.
pub(super) struct Document<'a> {
    pub(super) text: &'a str,
    pub(super) root: &'a Object<'a>,
    /// The records that are objects, with their numbers, counted from one. No more than a template may have:
    /// a finding says so, and rules compare each with each.
    pub(super) records: Vec<RecordView<'a>>,
}

impl<'a> Document<'a> {
    pub(super) fn new(text: &'a str, root: &'a Object<'a>) -> Self {
        let records = match json::property(root, "records").map(|property| &property.value) {
            Some(Value::Array(records)) => &records.elements[..],
            _ => &[],
        };
        let numbered = (1..=MAX_RECORDS).zip(records);
        let objects = numbered.filter_map(|(number, value)| Some((number, value.as_object()?)));
        Self {
            text,
            root,
            records: objects
                .map(|(number, object)| RecordView::new(number, object, text))
                .collect(),
        }
    }

    pub(super) fn value(&self, name: &str) -> Option<&'a Value<'a>> {
        json::property(self.root, name).map(|property| &property.value)
    }

    /// The text of a property, unless it is missing, something else or empty.
    pub(super) fn filled(&self, name: &str) -> Option<&'a str> {
        text_of(self.value(name)).filter(|text| !text.trim().is_empty())
    }

    pub(super) fn is_true(&self, name: &str) -> bool {
        matches!(self.value(name), Some(Value::BooleanLit(flag)) if flag.value)
    }

    /// The place of a property's value, or of the whole when it is not there.
    pub(super) fn place(&self, name: &str) -> Place {
        let value = self.value(name);
        let span = value.map_or(0..0, json::span);
        Place::new(self.text, span, pointer("", value.map(|_| name)))
    }
}

/// One record.
pub(super) struct RecordView<'a> {
    pub(super) number: usize,
    pub(super) object: &'a Object<'a>,
    text: &'a str,
    rtype: String,
    name: String,
}

impl<'a> RecordView<'a> {
    fn new(number: usize, object: &'a Object<'a>, text: &'a str) -> Self {
        let mut record = Self {
            number,
            object,
            text,
            rtype: String::new(),
            name: String::new(),
        };
        let rtype = record.text("type").unwrap_or_default();
        record.rtype = rtype.trim().to_uppercase();
        let host = match record.host() {
            "" => "@",
            host => host,
        };
        let label = |field| record.text(field).unwrap_or_default();
        record.name = if record.rtype == "SRV" {
            format!("{}.{}.{host}", label("service"), label("protocol")).to_lowercase()
        } else {
            host.to_lowercase()
        };
        record
    }

    /// The type in capitals.
    pub(super) fn rtype(&self) -> &str {
        &self.rtype
    }

    /// The name as it compares: without regard to case, and with the labels of a service in front.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn value(&self, field: &str) -> Option<&'a Value<'a>> {
        json::property(self.object, field).map(|property| &property.value)
    }

    /// The text of a field.
    pub(super) fn text(&self, field: &str) -> Option<&'a str> {
        text_of(self.value(field))
    }

    /// A number, or the text of a string.
    pub(super) fn scalar(&self, field: &str) -> Option<&'a str> {
        match self.value(field) {
            Some(Value::NumberLit(number)) => Some(number.value),
            value => text_of(value),
        }
    }

    /// The name that the record stands at, as it is written; `SRV` records say `name`.
    pub(super) fn host(&self) -> &'a str {
        let name = (self.rtype == "SRV").then(|| self.text("name")).flatten();
        name.or_else(|| self.text("host"))
            .unwrap_or_default()
            .trim()
    }

    /// The field that says so.
    pub(super) fn host_field(&self) -> &'static str {
        if self.rtype == "SRV" && self.value("name").is_some() {
            "name"
        } else {
            "host"
        }
    }

    pub(super) fn group(&self) -> Option<&'a str> {
        self.text("groupId")
    }

    /// Whether it stands at the very name that the template is applied to.
    pub(super) fn is_at_apex(&self) -> bool {
        ["", "@"].contains(&self.host())
    }

    /// The place of a field's value, or of the record when it is not there.
    pub(super) fn place(&self, field: &str) -> Place {
        let base = format!("/records/{}", self.number - 1);
        match self.value(field) {
            Some(value) => Place::new(self.text, json::span(value), pointer(&base, Some(field))),
            None => self.whole(),
        }
    }

    /// The place of the record.
    pub(super) fn whole(&self) -> Place {
        let span = self.object.range.start..self.object.range.end;
        Place::new(self.text, span, format!("/records/{}", self.number - 1))
    }
}

fn text_of<'a>(value: Option<&'a Value<'a>>) -> Option<&'a str> {
    value
        .and_then(Value::as_string_lit)
        .map(|text| text.value.as_ref())
}

fn pointer(base: &str, name: Option<&str>) -> String {
    match name {
        Some(name) => format!("{base}/{}", name.replace('~', "~0").replace('/', "~1")),
        None => base.to_owned(),
    }
}

/// The octets of a property with its name.
pub(super) fn property_span(property: &ObjectProp<'_>) -> Range<usize> {
    property.range.start..property.range.end
}

impl Findings {
    /// Adds a finding with the severity of its code.
    pub(super) fn add(&mut self, code: Code, place: Place, message: String) -> &mut Finding {
        self.push(Finding {
            code,
            severity: code.severity(),
            place,
            message,
            help: None,
            fix: Vec::new(),
        })
    }
}
