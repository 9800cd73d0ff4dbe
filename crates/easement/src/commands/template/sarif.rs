//! Findings in SARIF 2.1.0, which editors and code hosts read.

use domain_connect::lint::{Code, Finding, Severity};
use serde_json::{Value, json};

use super::lint_report::Linted;

/// The whole log.
pub(super) fn log(linted: &[Linted]) -> Value {
    let results: Vec<Value> = linted
        .iter()
        .flat_map(|one| one.findings.iter().map(|finding| result(one, finding)))
        .collect();
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "easement",
                "version": env!("CARGO_PKG_VERSION"),
                "rules": Code::ALL.iter().copied().map(rule).collect::<Vec<_>>(),
            }},
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    })
}

fn rule(code: Code) -> Value {
    json!({
        "id": code.as_str(),
        "shortDescription": {"text": code.title()},
        "fullDescription": {"text": code.why()},
        "help": {"text": code.mend()},
        "defaultConfiguration": {"level": level(code.severity())},
    })
}

fn result(linted: &Linted, finding: &Finding) -> Value {
    let index = Code::ALL.iter().position(|code| *code == finding.code);
    let part = linted
        .text
        .get(finding.place.span.clone())
        .unwrap_or_default();
    let lines = part.matches('\n').count();
    let last = part.rsplit('\n').next().unwrap_or_default().chars().count();
    let end_column = if lines == 0 {
        finding.place.column + last
    } else {
        last + 1
    };
    json!({
        "ruleId": finding.code.as_str(),
        "ruleIndex": index,
        "level": level(finding.severity),
        "message": {"text": finding.message},
        "locations": [{"physicalLocation": {
            "artifactLocation": {"uri": linted.file.replace('\\', "/")},
            "region": {
                "startLine": finding.place.line,
                "startColumn": finding.place.column,
                "endLine": finding.place.line + lines,
                "endColumn": end_column,
            },
        }}],
    })
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "note",
    }
}
