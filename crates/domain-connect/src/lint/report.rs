//! Running all rules over a text.

use std::collections::BTreeMap;

use serde::Serialize;

use super::document::Document;
use super::{Code, Finding, Severity, fix, rules};
use crate::Template;
use crate::json::{self, Place};
use crate::template::MAX_TEMPLATE_OCTETS;
use crate::vetting::Names;

/// What to check beyond the template itself.
///
/// ```
/// use domain_connect::lint::{KnownTemplates, LintOptions, Profile, lint};
///
/// let known: KnownTemplates = Vec::new();
/// let options = LintOptions {
///     file_name: Some("other.name.json".to_owned()),
///     highest_ttl: Some(86_400),
///     profile: Some(Profile::Cloudflare),
///     known,
/// };
/// let report = lint(r#"{"providerId": "p.example", "providerName": "P", "serviceId": "s",
///     "serviceName": "S", "version": 1, "records": []}"#, &options);
/// let codes: Vec<&str> = report.findings.iter().map(|finding| finding.code.as_str()).collect();
/// assert!(codes.contains(&"DCTL1003"));
/// ```
#[derive(Clone, Debug, Default)]
pub struct LintOptions {
    /// The name of the file, which tells the ids in the public collection.
    pub file_name: Option<String>,
    /// The highest TTL, in seconds.
    pub highest_ttl: Option<u64>,
    /// A DNS provider with rules of its own.
    pub profile: Option<Profile>,
    /// The templates that are offered already.
    pub known: KnownTemplates,
}

/// The names of templates that are offered already.
pub type KnownTemplates = Vec<Names>;

/// A DNS provider with rules of its own.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Profile {
    /// Cloudflare.
    Cloudflare,
}

/// What was found in one template.
///
/// ```
/// use domain_connect::lint::{LintOptions, Severity, lint};
///
/// let report = lint("{}", &LintOptions::default());
/// assert!(report.template.is_none());
/// // The five fields that no template can do without, each named.
/// assert_eq!(report.count(Severity::Error), 5);
/// assert!(report.findings.len() > 5);
/// ```
#[derive(Clone, Debug)]
pub struct LintReport {
    /// The findings, in the order of their places.
    pub findings: Vec<Finding>,
    /// The template, when it can be read.
    pub template: Option<Template>,
}

impl LintReport {
    /// How many findings matter this much.
    pub fn count(&self, severity: Severity) -> usize {
        let of_severity = |finding: &&Finding| finding.severity == severity;
        self.findings.iter().filter(of_severity).count()
    }

    /// The text with everything mended that can be, or nothing when there is nothing to mend. A template
    /// that could be read can be read afterwards: one with a property twice is left to its author, as
    /// mending one of the two would make them differ.
    ///
    /// ```
    /// use domain_connect::lint::{LintOptions, lint};
    ///
    /// let text = r#"{"providerId": "p.example", "providerName": "P", "serviceId": "s",
    ///     "serviceName": "S", "version": 1, "syncBlock": true, "records": [
    ///     {"type": "TXT", "host": "@", "data": "x", "ttl": "600", "essential": "onApply"}]}"#;
    /// let report = lint(text, &LintOptions::default());
    /// let fixed = report.fixed(text).unwrap();
    /// assert!(fixed.contains(r#""ttl": 600, "essential": "OnApply""#));
    /// assert!(lint(&fixed, &LintOptions::default()).fixed(&fixed).is_none());
    /// ```
    pub fn fixed(&self, text: &str) -> Option<String> {
        let edits = self.findings.iter().map(|finding| finding.fix.as_slice());
        let fixed = fix::apply(text, edits);
        let is_broken = self.template.is_some() && Template::from_json(&fixed).is_err();
        (fixed != text && !is_broken).then_some(fixed)
    }
}

/// Checks the text of a template.
///
/// ```
/// use domain_connect::lint::{LintOptions, lint};
///
/// let report = lint("{\"providerId\": \"p.example\",}", &LintOptions::default());
/// assert_eq!(report.findings[0].code.as_str(), "DCTL0003");
/// ```
pub fn lint(text: &str, options: &LintOptions) -> LintReport {
    let mut findings = Findings::default();
    let template = check(text, options, &mut findings);
    let is_full = findings.is_full();
    let mut findings = findings.list;
    if is_full {
        let place = Place::new(text, 0..0, String::new());
        let mut rest = Findings::default();
        let message = format!("there are {MAX_FINDINGS} findings or more: mend these first");
        let finding = rest.add(Code::BadField, place, message);
        if template.is_some() {
            finding.severity = Severity::Info;
        }
        findings.append(&mut rest.list);
    }
    findings.sort_by(|one, other| {
        let key = |finding: &Finding| (finding.place.span.start, finding.code);
        key(one).cmp(&key(other))
    });
    LintReport { findings, template }
}

fn check(text: &str, options: &LintOptions, findings: &mut Findings) -> Option<Template> {
    let whole = |span| Place::new(text, span, String::new());
    if text.len() > MAX_TEMPLATE_OCTETS {
        let message = format!(
            "the template has {} octets, and at most {MAX_TEMPLATE_OCTETS} are read",
            text.len()
        );
        findings.add(Code::NotJson, whole(0..0), message);
        return None;
    }
    let root = match json::parse(text) {
        Ok(root) => root,
        Err(fault) => {
            let message = format!("this is not JSON: {}", fault.message);
            findings.add(Code::NotJson, whole(fault.span), message);
            return None;
        }
    };
    let Some(object) = root.as_object() else {
        let message = "a template is a JSON object, in braces".to_owned();
        findings.add(Code::NotJson, whole(json::span(&root)), message);
        return None;
    };
    let document = Document::new(text, object);
    rules::check_document(&document, options, findings);
    let template = match Template::from_json(text) {
        Ok((template, _notes)) => Some(template),
        Err(error) => {
            // Whatever no rule has named yet.
            if !findings
                .list
                .iter()
                .any(|one| one.severity == Severity::Error)
            {
                let place = error.place.map_or_else(|| whole(0..0), |place| *place);
                findings.add(Code::BadField, place, error.fault.to_string());
            }
            None
        }
    };
    if let Some(template) = &template {
        rules::check_template(&document, template, options, findings);
    }
    template
}

//------------ Findings --------------------------------------------------------------------------

/// The most findings of one text: nobody reads more, and finding them costs time.
const MAX_FINDINGS: usize = 500;
/// The most characters of a message, which repeats values of the text.
const MAX_MESSAGE: usize = 500;

/// The findings so far.
#[derive(Debug, Default)]
pub(super) struct Findings {
    list: Vec<Finding>,
    left_out: Option<Finding>,
}

impl Findings {
    /// Whether there are so many that nothing more need be looked for.
    pub(super) fn is_full(&self) -> bool {
        self.list.len() >= MAX_FINDINGS
    }

    /// Adds a finding; one too many is not kept, and counts for nothing.
    pub(super) fn push(&mut self, mut finding: Finding) -> &mut Finding {
        if let Some((end, _)) = finding.message.char_indices().nth(MAX_MESSAGE) {
            finding.message.truncate(end);
            finding.message.push('\u{2026}');
        }
        if self.is_full() {
            return self.left_out.insert(finding);
        }
        self.list.push(finding);
        let last = self.list.len() - 1;
        #[expect(clippy::indexing_slicing, reason = "it was pushed just now")]
        &mut self.list[last]
    }
}

//------------ LintSet ---------------------------------------------------------------------------

/// What only shows when many templates are looked at together: two with the same ids.
#[derive(Clone, Debug, Default, Serialize)]
pub struct LintSet {
    seen: BTreeMap<(String, String), String>,
}

impl LintSet {
    /// Adds a template and the name of its file; gives a finding when another file has its ids already.
    ///
    /// ```
    /// use domain_connect::lint::{LintOptions, LintSet, lint};
    ///
    /// let text = r#"{"providerId": "p.example", "providerName": "P", "serviceId": "s",
    ///     "serviceName": "S", "records": []}"#;
    /// let report = lint(text, &LintOptions::default());
    /// let mut set = LintSet::default();
    /// assert!(set.add("one.json", text, &report).is_none());
    /// let finding = set.add("two.json", text, &report).unwrap();
    /// assert_eq!(finding.code.as_str(), "DCTL1004");
    /// ```
    pub fn add(&mut self, file: &str, text: &str, report: &LintReport) -> Option<Finding> {
        let template = report.template.as_ref()?;
        let ids = (
            template.provider_id().to_string(),
            template.service_id().to_string(),
        );
        let message = format!("{}/{} is the template of", ids.0, ids.1);
        let other = self.seen.insert(ids, file.to_owned())?;
        let place = json::locate(text, "/serviceId")?;
        Some(Finding {
            code: Code::SameIds,
            severity: Code::SameIds.severity(),
            place,
            message: format!("{message} {other} already"),
            help: None,
            fix: Vec::new(),
        })
    }
}
