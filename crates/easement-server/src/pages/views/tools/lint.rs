//! The linter's pages.

use askama::Template;
use domain_connect::lint::{Code, Finding, LintReport, Severity};

use crate::pages::views::{Shell, count, filters, paths};

/// The most findings that are shown.
const MAX_SHOWN: usize = 200;
/// The most characters of a line that are shown before, in and after the place.
const AROUND: usize = 48;

/// A form for a template, and what was found in it.
#[derive(Clone, Debug, Template)]
#[template(path = "lint.html")]
pub struct LintPage {
    /// What stands around it.
    pub shell: Shell,
    /// The text of the template.
    pub text: String,
    /// What was found, when it was looked at.
    pub answer: Option<LintAnswer>,
}

/// What was found in a template.
#[derive(Clone, Debug)]
pub struct LintAnswer {
    /// How much, in words.
    pub summary: String,
    /// The findings.
    pub findings: Vec<FindingRow>,
    /// The text with what can safely be mended.
    pub fixed: Option<String>,
}

/// One finding.
#[derive(Clone, Debug)]
pub struct FindingRow {
    /// The check.
    pub code: Code,
    /// How much it matters.
    pub severity: Severity,
    /// What is wrong.
    pub message: String,
    /// Where, in words.
    pub place: String,
    /// The line up to the place.
    pub before: String,
    /// The place.
    pub marked: String,
    /// The rest of the line.
    pub after: String,
    /// What to do.
    pub mend: String,
    /// The address of the page about the check.
    pub href: String,
}

impl LintAnswer {
    /// Shows what was found in this text.
    pub fn new(text: &str, report: &LintReport) -> Self {
        Self {
            summary: summary(report),
            findings: report
                .findings
                .iter()
                .take(MAX_SHOWN)
                .map(|finding| FindingRow::new(text, finding))
                .collect(),
            fixed: report.fixed(text),
        }
    }
}

fn summary(report: &LintReport) -> String {
    if report.findings.is_empty() {
        return "Nothing was found. This template is clean.".to_owned();
    }
    let of = |severity, word| count(report.count(severity) as u64, word);
    let total = format!(
        "{}, {} and {}.",
        of(Severity::Error, "error"),
        of(Severity::Warning, "warning"),
        of(Severity::Info, "note")
    );
    if report.findings.len() > MAX_SHOWN {
        return format!("{total} The first {MAX_SHOWN} are below.");
    }
    total
}

impl FindingRow {
    fn new(text: &str, finding: &Finding) -> Self {
        let (before, marked, after) = excerpt(text, finding);
        Self {
            code: finding.code,
            severity: finding.severity,
            message: finding.message.clone(),
            place: format!(
                "Line {}, column {}",
                finding.place.line, finding.place.column
            ),
            before,
            marked,
            after,
            mend: finding
                .help
                .clone()
                .unwrap_or_else(|| finding.code.mend().to_owned()),
            href: paths::lint_code(finding.code),
        }
    }

    /// The class for its severity.
    pub fn class(&self) -> &'static str {
        match self.severity {
            Severity::Error => "rejected",
            Severity::Warning => "pending",
            Severity::Info => "plain",
        }
    }
}

/// The first line of a place in three parts, each cut to what can be read at a glance.
fn excerpt(text: &str, finding: &Finding) -> (String, String, String) {
    let span = &finding.place.span;
    let front = text.get(..span.start).unwrap_or_default();
    let inside = text.get(span.clone()).unwrap_or_default();
    let behind = text.get(span.end..).unwrap_or_default();
    let line_start = front.rfind('\n').map_or(0, |at| at + 1);
    let before = front.get(line_start..).unwrap_or_default().trim_start();
    let one_line = inside.lines().next().unwrap_or_default();
    let after = if one_line.len() == inside.len() {
        behind.lines().next().unwrap_or_default()
    } else {
        " …"
    };
    let skipped = before.chars().count().saturating_sub(AROUND);
    let start: String = before.chars().skip(skipped).collect();
    let before = if skipped > 0 {
        format!("…{start}")
    } else {
        start
    };
    (before, cut(one_line), cut(after))
}

fn cut(text: &str) -> String {
    let mut short: String = text.chars().take(AROUND).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}

//------------ Codes -----------------------------------------------------------------------------

/// All checks.
#[derive(Clone, Debug, Template)]
#[template(path = "lint_codes.html")]
pub struct LintCodesPage {
    /// What stands around it.
    pub shell: Shell,
    /// The checks.
    pub codes: &'static [Code],
}

/// One check.
#[derive(Clone, Debug, Template)]
#[template(path = "lint_code.html")]
pub struct LintCodePage {
    /// What stands around it.
    pub shell: Shell,
    /// The check.
    pub code: Code,
}

impl LintCodePage {
    /// Its title with a capital letter.
    pub fn title(&self) -> String {
        let mut letters = self.code.title().chars();
        let first = letters.next().map(char::to_uppercase);
        first.into_iter().flatten().chain(letters).collect()
    }

    /// What the severity means.
    pub fn severity_in_words(&self) -> &'static str {
        match self.code.severity() {
            Severity::Error => "An error: the template cannot work as it is meant.",
            Severity::Warning => "A warning: a reviewer will ask about it.",
            Severity::Info => "A note: worth knowing.",
        }
    }
}

#[cfg(test)]
impl LintPage {
    pub(crate) fn sample() -> Self {
        Self {
            shell: super::ToolsPage::sample().shell,
            text: String::new(),
            answer: None,
        }
    }

    pub(crate) fn sample_findings(text: &str) -> Self {
        use domain_connect::lint::{LintOptions, lint};
        let report = lint(text, &LintOptions::default());
        Self {
            text: text.to_owned(),
            answer: Some(LintAnswer::new(text, &report)),
            ..Self::sample()
        }
    }
}

#[cfg(test)]
impl LintCodesPage {
    pub(crate) fn sample() -> Self {
        Self {
            shell: super::ToolsPage::sample_visitor().shell,
            codes: Code::ALL,
        }
    }
}

#[cfg(test)]
impl LintCodePage {
    pub(crate) fn sample() -> Self {
        Self {
            shell: super::ToolsPage::sample_visitor().shell,
            code: "DCTL1011".parse().unwrap(),
        }
    }
}

#[cfg(test)]
mod tests {
    use domain_connect::lint::{LintOptions, lint};

    use super::*;

    #[test]
    fn hostile_templates_of_one_long_line_give_short_excerpts() {
        let text = format!("{{\"providerId\": \"{}\u{202e}<b>\"}}", "ü".repeat(100_000));
        let answer = LintAnswer::new(&text, &lint(&text, &LintOptions::default()));
        assert!(!answer.findings.is_empty());
        for row in &answer.findings {
            for part in [&row.before, &row.marked, &row.after] {
                assert!(part.chars().count() <= AROUND + 1, "{part}");
            }
        }
    }
}
