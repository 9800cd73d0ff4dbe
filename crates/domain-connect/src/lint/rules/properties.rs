//! What a template says about itself.

use std::collections::BTreeSet;

use jsonc_parser::ast::{Object, ObjectProp, Value};
use url::{Host, Url};

use crate::json::{self, Place};
use crate::lint::document::{Document, property_span};
use crate::lint::report::{Findings, LintOptions};
use crate::lint::{Code, Edit};
use crate::template::{MAX_RECORDS, RECORD_FIELDS, TEMPLATE_PROPERTIES};
use crate::vetting::{Names, confusables};
use crate::{DisplayName, ProviderId, ServiceId, Template};

/// More records than a person looks through.
const MANY_RECORDS: usize = 50;

pub(super) fn check(document: &Document<'_>, options: &LintOptions, findings: &mut Findings) {
    check_ids(document, options, findings);
    check_names_of_properties(document.text, document.root, "", findings);
    for record in &document.records {
        let base = format!("/records/{}", record.number - 1);
        check_names_of_properties(document.text, record.object, &base, findings);
    }
    check_version(document, findings);
    check_signing(document, findings);
    check_domains(document, findings);
    check_logo(document, findings);
    check_size(document, findings);
    if let Some(name) = json::property(document.root, "shared") {
        let has_new = document.value("sharedProviderName").is_some();
        let place = document.place("shared");
        let message = "`shared` is called sharedProviderName since version 2.2".to_owned();
        let finding = findings.add(Code::OldShared, place, message);
        if !has_new {
            finding.fix = vec![rename(name, "sharedProviderName")];
        }
    }
}

/// Names that could be taken for those of somebody else.
pub(super) fn check_names(
    document: &Document<'_>,
    template: &Template,
    options: &LintOptions,
    findings: &mut Findings,
) {
    for confusable in confusables(&Names::of(template), &options.known) {
        let place = document.place(match confusable.kind {
            crate::vetting::NameKind::ProviderId => "providerId",
            crate::vetting::NameKind::ProviderName => "providerName",
            crate::vetting::NameKind::ServiceName => "serviceName",
        });
        findings.add(Code::Overlap, place, confusable.to_string());
    }
}

//------------ Ids and names ---------------------------------------------------------------------

fn check_ids(document: &Document<'_>, options: &LintOptions, findings: &mut Findings) {
    for name in ["providerId", "providerName", "serviceId", "serviceName"] {
        let Some(value) = document.value(name) else {
            let message = format!("the property `{name}` is missing");
            findings.add(Code::MissingField, document.place(""), message);
            continue;
        };
        let Some(text) = value.as_string_lit().map(|text| text.value.as_ref()) else {
            let message = format!("`{name}` must be a text");
            findings.add(Code::BadField, document.place(name), message);
            continue;
        };
        if text.trim().is_empty() {
            let message = format!("`{name}` is empty");
            findings.add(Code::EmptyProperty, document.place(name), message);
        } else if name.ends_with("Id") {
            check_id(document, name, text, findings);
        } else {
            check_name(document, name, text, findings);
        }
    }
    if let (Some(file), Some(provider), Some(service)) = (
        &options.file_name,
        document.filled("providerId"),
        document.filled("serviceId"),
    ) {
        let expected = format!("{provider}.{service}.json").to_lowercase();
        if *file != expected {
            let message = format!("the file is called {file:?}, and {expected:?} by its ids");
            findings.add(Code::FileName, document.place("serviceId"), message);
        }
    }
}

fn check_id(document: &Document<'_>, name: &str, text: &str, findings: &mut Findings) {
    let error = match name {
        "providerId" => text.parse::<ProviderId>().err(),
        _ => text.parse::<ServiceId>().err(),
    };
    if let Some(error) = error {
        findings.add(Code::BadId, document.place(name), error.to_string());
    }
}

fn check_name(document: &Document<'_>, name: &str, text: &str, findings: &mut Findings) {
    if let Err(error) = text.parse::<DisplayName>() {
        findings.add(Code::BadField, document.place(name), error.to_string());
    }
    if has_variable(text) {
        let message = format!("`{name}` has a variable, which nothing replaces: {text:?}");
        findings.add(Code::VariableNotAllowed, document.place(name), message);
    }
}

/// Whether something that looks like a variable is in the text.
pub(super) fn has_variable(text: &str) -> bool {
    // What stands before the first percent sign and after the last is between no two.
    let Some((_, rest)) = text.split_once('%') else {
        return false;
    };
    let Some((between, _)) = rest.rsplit_once('%') else {
        return false;
    };
    between.split('%').any(|name| {
        !name.is_empty()
            && name
                .bytes()
                .all(|octet| octet.is_ascii_alphanumeric() || b"-_".contains(&octet))
    })
}

//------------ Spelling of names -----------------------------------------------------------------

fn check_names_of_properties(text: &str, object: &Object<'_>, base: &str, findings: &mut Findings) {
    let known: &[&str] = match base {
        "" => &TEMPLATE_PROPERTIES,
        _ => &RECORD_FIELDS,
    };
    let mut seen = BTreeSet::new();
    for property in &object.properties {
        if findings.is_full() {
            return;
        }
        let name = property.name.as_str();
        let place = || Place::new(text, property_span(property), format!("{base}/{name}"));
        if name.is_empty() {
            let message = "a property has no name".to_owned();
            findings.add(Code::EmptyProperty, place(), message);
        }
        if !seen.insert(name) {
            let message = format!("`{name}` is there twice; readers may take either");
            findings.add(Code::NotJson, place(), message);
        }
        if known.contains(&name) || name.starts_with("vnd.") {
            continue;
        }
        if let Some(meant) = similar(name, known).filter(|meant| !has(object, meant)) {
            let message = format!("`{name}` is not known, and ignored: did you mean `{meant}`?");
            findings.add(Code::UnknownField, place(), message);
        }
    }
    check_crit(text, object, base, known, findings);
}

fn has(object: &Object<'_>, name: &str) -> bool {
    json::property(object, name).is_some()
}

fn check_crit(
    text: &str,
    object: &Object<'_>,
    base: &str,
    known: &[&str],
    findings: &mut Findings,
) {
    let Some(Value::Array(crit)) = json::property(object, "crit").map(|found| &found.value) else {
        return;
    };
    let present: BTreeSet<&str> = object
        .properties
        .iter()
        .map(|property| property.name.as_str())
        .collect();
    for value in &crit.elements {
        if findings.is_full() {
            return;
        }
        let Some(name) = value.as_string_lit().map(|text| text.value.as_ref()) else {
            continue;
        };
        if present.contains(name) && !known.contains(&name) {
            let place = Place::new(text, json::span(value), format!("{base}/crit"));
            let message = format!("`{name}` must be understood, and is not known here");
            findings.add(Code::Critical, place, message);
        }
    }
}

/// The known name that differs by case, or by one or two letters.
pub(super) fn similar<'a>(name: &str, known: &[&'a str]) -> Option<&'a str> {
    if name.len() < 3 || name.len() > 40 {
        return None;
    }
    let most = if name.len() < 6 { 1 } else { 2 };
    let lower = name.to_lowercase();
    let letters = lower.chars().count();
    known
        .iter()
        .filter(|known| known.len().abs_diff(letters) <= most)
        .map(|known| (distance(&lower, &known.to_lowercase()), *known))
        .filter(|(distance, _)| *distance <= most)
        .min()
        .map(|(_, known)| known)
}

/// How many letters must be added, taken out or changed.
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (number, letter) in one.chars().enumerate() {
        let mut next = vec![number + 1];
        for (before, (two, known)) in row.iter().zip(row.iter().skip(1).zip(&other)) {
            let changed = before + usize::from(letter != *known);
            let added = next.last().copied().unwrap_or_default() + 1;
            next.push(changed.min(two + 1).min(added));
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}

fn rename(property: &ObjectProp<'_>, name: &str) -> Edit {
    let start = property.range.start;
    Edit {
        span: start..start + property.name.as_str().len() + 2,
        replacement: format!("\"{name}\""),
    }
}

//------------ Everything else -------------------------------------------------------------------

fn check_version(document: &Document<'_>, findings: &mut Findings) {
    match document.value("version") {
        Some(Value::NumberLit(number)) if number.value.trim_matches('0').is_empty() => {
            let message = "the version is 0".to_owned();
            findings.add(Code::NoVersion, document.place("version"), message);
        }
        Some(_) => {}
        None => {
            let message = "there is no version".to_owned();
            findings.add(Code::NoVersion, document.place(""), message);
        }
    }
}

fn check_signing(document: &Document<'_>, findings: &mut Findings) {
    let is_signed = document.filled("syncPubKeyDomain").is_some();
    if document.value("syncPubKeyDomain").is_some() && !is_signed {
        let place = document.place("syncPubKeyDomain");
        findings.add(
            Code::EmptyProperty,
            place,
            "syncPubKeyDomain is empty".to_owned(),
        );
    }
    if is_signed && document.is_true("warnPhishing") {
        let message = "warnPhishing is set, though requests are signed".to_owned();
        findings.add(
            Code::SignedAndWarned,
            document.place("warnPhishing"),
            message,
        );
    }
    if document.is_true("syncBlock") {
        return;
    }
    if !is_signed {
        let message = "there is no syncPubKeyDomain: anybody can make a request".to_owned();
        findings.add(Code::Unsigned, document.place(""), message);
    }
    if document.filled("syncRedirectDomain").is_none() {
        let message = "there is no syncRedirectDomain".to_owned();
        findings.add(Code::NoRedirect, document.place(""), message);
    }
}

fn check_domains(document: &Document<'_>, findings: &mut Findings) {
    if let Some(domain) = document.filled("syncPubKeyDomain") {
        check_domain(document, "syncPubKeyDomain", domain, findings);
    }
    let Some(list) = document.filled("syncRedirectDomain") else {
        return;
    };
    let parts = list.split(',').filter(|part| !part.trim().is_empty());
    for part in parts {
        if findings.is_full() {
            return;
        }
        check_domain(document, "syncRedirectDomain", part, findings);
    }
    if list.contains(char::is_whitespace) {
        let place = document.place("syncRedirectDomain");
        let bare: String = list.chars().filter(|one| !one.is_whitespace()).collect();
        let fix = Edit {
            span: place.span.clone(),
            replacement: format!("\"{bare}\""),
        };
        let message = "syncRedirectDomain has spaces in it".to_owned();
        let finding = findings.add(Code::SpacesInDomains, place, message);
        // Between words they may be a comma that was forgotten.
        let only_around = list
            .split(',')
            .all(|part| !part.trim().contains(char::is_whitespace));
        if only_around && !bare.contains(['"', '\\']) {
            finding.fix = vec![fix];
        }
    }
}

fn check_domain(document: &Document<'_>, property: &str, text: &str, findings: &mut Findings) {
    let text = text.trim();
    let is_plain = text
        .bytes()
        .all(|octet| octet.is_ascii_alphanumeric() || b"-_.".contains(&octet));
    let name = text.parse::<easement_zone::Name>();
    if !is_plain || name.is_err() || name.is_ok_and(|name| name.is_root()) {
        let message = format!("{property}: {text:?} is not a domain name");
        findings.add(Code::BadDomain, document.place(property), message);
    }
}

fn check_logo(document: &Document<'_>, findings: &mut Findings) {
    let Some(text) = document.filled("logoUrl") else {
        return;
    };
    let is_public = Url::parse(text).is_ok_and(|url| {
        let has_name = matches!(url.host(), Some(Host::Domain(host))
            if host.contains('.') && !host.ends_with(".localhost"));
        url.scheme() == "https" && url.username().is_empty() && has_name
    });
    if !is_public {
        let message = format!("logoUrl is {text:?}, which is not the https address of a host");
        findings.add(Code::BadLogo, document.place("logoUrl"), message);
    }
}

fn check_size(document: &Document<'_>, findings: &mut Findings) {
    let Some(Value::Array(records)) = document.value("records") else {
        let message = "the property `records` is missing, or no list".to_owned();
        findings.add(Code::MissingField, document.place("records"), message);
        return;
    };
    let count = records.elements.len();
    if count == 0 {
        let message = "the list of records is empty".to_owned();
        findings.add(Code::NoRecords, document.place("records"), message);
    } else if count > MAX_RECORDS {
        let message = format!("there are {count} records, and at most {MAX_RECORDS} are accepted");
        findings.add(Code::BadField, document.place("records"), message);
    } else if count > MANY_RECORDS {
        let message = format!("there are {count} records");
        findings.add(Code::Large, document.place("records"), message);
    }
}
