//! The linter over every public template, and the page that documents it.
//!
//! `docs/lint.md` has a table of all codes, made from the code, and how often each is found in the public
//! collection. `EASEMENT_WRITE_DOCS=1 cargo test -p domain-connect lint` writes both anew.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::PathBuf;

use domain_connect::lint::{Code, LintOptions, LintSet, Severity, lint};

use crate::support;

const CODES: (&str, &str) = ("<!-- codes: begin -->\n", "<!-- codes: end -->");
const COUNTS: (&str, &str) = ("<!-- counts: begin -->\n", "<!-- counts: end -->");

#[test]
fn lint_codes_are_documented() {
    let mut table = String::from(
        "| code | severity | what is found | why | how to mend it |\n| --- | --- | --- | --- | --- |\n",
    );
    for code in Code::ALL {
        writeln!(
            table,
            "| <a id=\"{}\"></a>`{code}` | {} | {} | {} | {} |",
            code.as_str().to_lowercase(),
            code.severity(),
            code.title(),
            code.why(),
            code.mend()
        )
        .unwrap();
    }
    check_page(CODES, &table);
}

#[test]
fn lint_corpus() {
    let Some(folder) = support::folder("TEMPLATE_CORPUS_DIR", "shared/corpus/templates") else {
        return;
    };
    let mut found: BTreeMap<(Code, Severity), (usize, usize)> = BTreeMap::new();
    let (mut set, mut files, mut clean) = (LintSet::default(), 0, 0);
    for file in support::files(&folder, "json") {
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        let text = std::fs::read_to_string(&file).unwrap();
        let options = LintOptions {
            file_name: Some(name.clone()),
            ..LintOptions::default()
        };
        let report = lint(&text, &options);
        let mut findings = report.findings.clone();
        findings.extend(set.add(&name, &text, &report));
        files += 1;
        clean += usize::from(
            findings
                .iter()
                .all(|finding| finding.severity == Severity::Info),
        );
        let mut seen = Vec::new();
        for finding in &findings {
            let key = (finding.code, finding.severity);
            let (count, templates) = found.entry(key).or_default();
            *count += 1;
            *templates += usize::from(!seen.contains(&key));
            seen.push(key);
            if finding.severity == Severity::Error {
                println!(
                    "{name}: {} {}: {}",
                    finding.place, finding.code, finding.message
                );
            }
        }
        if let Some(fixed) = report.fixed(&text) {
            let again = lint(&fixed, &options);
            assert!(
                again.fixed(&fixed).is_none(),
                "{name}: a second run mends more"
            );
            assert!(
                again.template.is_some() || report.template.is_none(),
                "{name}"
            );
        }
    }
    let mut table = format!(
        "{files} templates; {clean} of them have neither errors nor warnings.\n\n\
         | code | severity | findings | templates | what is found |\n| --- | --- | ---: | ---: | --- |\n"
    );
    for ((code, severity), (count, templates)) in &found {
        let title = code.title();
        writeln!(
            table,
            "| `{code}` | {severity} | {count} | {templates} | {title} |"
        )
        .unwrap();
    }
    println!("{table}");
    check_page(COUNTS, &table);
}

/// The part of the page between two marks is this text.
fn check_page(marks: (&str, &str), expected: &str) {
    let page = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/lint.md");
    let text = std::fs::read_to_string(&page).unwrap();
    let (front, rest) = text.split_once(marks.0).unwrap();
    let (part, back) = rest.split_once(marks.1).unwrap();
    if std::env::var_os("EASEMENT_WRITE_DOCS").is_some() {
        let text = format!("{front}{}{expected}{}{back}", marks.0, marks.1);
        std::fs::write(&page, text).unwrap();
        return;
    }
    assert!(
        part == expected,
        "docs/lint.md is not what the code says: run it with EASEMENT_WRITE_DOCS=1"
    );
}
