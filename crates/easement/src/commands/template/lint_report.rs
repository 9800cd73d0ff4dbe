//! What the linter found, for people.

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};
use domain_connect::lint::{Code, Finding, Severity};
use domain_connect::{Place, Template, escape_hidden};
use serde::Serialize;

use crate::console::{print, say};

/// What was found in one file.
#[derive(Debug, Serialize)]
pub(super) struct Linted {
    /// The file as it was named.
    pub(super) file: String,
    pub(super) findings: Vec<Finding>,
    /// Whether it was mended.
    pub(super) fixed: bool,
    #[serde(skip)]
    pub(super) text: String,
    #[serde(skip)]
    pub(super) template: Option<Template>,
}

impl Linted {
    /// A file that says nothing.
    pub(super) fn unreadable(file: String, error: &anyhow::Error) -> Self {
        let mut linted = Self {
            file,
            findings: Vec::new(),
            fixed: false,
            text: String::new(),
            template: None,
        };
        let place = linted.place("");
        linted.findings.push(Finding {
            code: Code::NotReadable,
            severity: Severity::Error,
            place,
            message: format!("{error:#}"),
            help: None,
            fix: Vec::new(),
        });
        linted
    }

    /// The place of what a JSON pointer names.
    pub(super) fn place(&self, pointer: &str) -> Place {
        Place::find(&self.text, pointer)
    }
}

/// Where findings are printed.
#[derive(Clone, Copy, Debug)]
pub(super) enum Findings {
    ToOutput,
    ToErrors,
}

/// Prints each finding with its place in the text, and a summary.
pub(super) fn show(linted: &[Linted], pages: Option<&str>, to: Findings) {
    let renderer = Renderer::styled();
    for one in linted {
        for finding in &one.findings {
            let text = render(&renderer, one, finding, pages);
            match to {
                Findings::ToOutput => print(text),
                Findings::ToErrors => say(text),
            }
        }
    }
    say(summary(linted));
}

fn render(renderer: &Renderer, linted: &Linted, finding: &Finding, pages: Option<&str>) -> String {
    let level = match finding.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Info => Level::INFO,
    };
    let help = finding.help.as_deref().unwrap_or(finding.code.mend());
    let help = escape_hidden(help);
    let group = level
        .primary_title(escape_hidden(&finding.message))
        .id(finding.code.as_str())
        .element(
            Snippet::source(without_c1(&linted.text))
                .path(escape_hidden(&linted.file))
                .annotation(AnnotationKind::Primary.span(first_line(&linted.text, finding))),
        )
        .element(Level::NOTE.message(finding.code.why()))
        .element(Level::HELP.message(help));
    let group = match pages {
        Some(pages) => {
            let page = format!("{pages}{}", finding.code);
            group.element(Level::HELP.message(format!("see {page}")))
        }
        None => group,
    };
    format!("{}\n", renderer.render(&[group]))
}

/// The text with a dot for each control character of C1, which the renderer leaves as it is. Both are as
/// long, so that places stay where they are.
fn without_c1(text: &str) -> String {
    text.replace(|one: char| ('\u{80}'..='\u{9f}').contains(&one), "\u{b7}")
}

/// What is shown of a place: no more than its first line.
fn first_line(text: &str, finding: &Finding) -> std::ops::Range<usize> {
    let span = finding.place.span.clone();
    let part = text.get(span.clone()).unwrap_or_default();
    let length = part.find(['\n', '\r']).unwrap_or(part.len());
    span.start..span.start + length
}

fn summary(linted: &[Linted]) -> String {
    let count = |severity| {
        let findings = linted.iter().flat_map(|one| &one.findings);
        findings
            .filter(|finding| finding.severity == severity)
            .count()
    };
    let files = linted.len();
    let fixed = linted.iter().filter(|one| one.fixed).count();
    let mut text = format!(
        "{}: {}, {}, {}.",
        plural(files, "template"),
        plural(count(Severity::Error), "error"),
        plural(count(Severity::Warning), "warning"),
        plural(count(Severity::Info), "note"),
    );
    if fixed > 0 {
        text.extend([format!(" {} mended.", plural(fixed, "file"))]);
    }
    let fixable = linted.iter().flat_map(|one| &one.findings);
    let fixable = fixable.filter(|finding| !finding.fix.is_empty()).count();
    if fixable > 0 {
        text.extend([format!(" --fix mends {fixable} of them.")]);
    }
    if linted.iter().any(|one| !one.findings.is_empty()) {
        text += "\nhint: `easement template explain CODE` says more";
    }
    text
}

fn plural(count: usize, word: &str) -> String {
    match count {
        1 => format!("1 {word}"),
        _ => format!("{count} {word}s"),
    }
}
