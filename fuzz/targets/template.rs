//! Templates: reader and linter agree, findings point into the text, and mending changes nothing that
//! the template does.
//!
//! Input: the text of a template.

#![no_main]

use domain_connect::Template;
use domain_connect::lint::{LintOptions, LintReport, Profile, Severity, lint};
use domain_connect::vetting::{statements, widenings};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let options = LintOptions {
        file_name: Some("p.example.s.json".to_owned()),
        highest_ttl: Some(86_400),
        profile: Some(Profile::Cloudflare),
        ..LintOptions::default()
    };
    let report = lint(text, &options);
    let read = Template::from_json(text);
    assert_eq!(report.template.is_some(), read.is_ok());
    check_places(text, &report);
    match read {
        Ok((template, notes)) => {
            notes
                .iter()
                .for_each(|note| assert!(!note.to_string().is_empty()));
            assert_eq!(template.json(), text);
            assert!(
                widenings(&template, &template).is_empty(),
                "it widens itself"
            );
            for statement in statements(&template) {
                assert!(!statement.to_string().is_empty());
            }
            check_fixed(text, &report, &template, &options);
        }
        Err(error) => {
            assert!(!error.to_string().is_empty());
            assert!(
                report.count(Severity::Error) > 0,
                "{error}: and no finding says so"
            );
        }
    }
});

fn check_places(text: &str, report: &LintReport) {
    for finding in &report.findings {
        let span = finding.place.span.clone();
        assert!(text.get(span).is_some(), "{finding:?} points nowhere");
        for edit in &finding.fix {
            assert!(
                text.get(edit.span.clone()).is_some(),
                "{finding:?} mends nothing"
            );
        }
    }
}

fn check_fixed(text: &str, report: &LintReport, template: &Template, options: &LintOptions) {
    let Some(fixed) = report.fixed(text) else {
        return;
    };
    let again = lint(&fixed, options);
    let mended = again.template.as_ref().expect("mending breaks nothing");
    assert_eq!(
        mended.records(),
        template.records(),
        "from {text} to {fixed}"
    );
    assert_eq!(mended.service_id(), template.service_id());
    assert_eq!(mended.redirect_domains(), template.redirect_domains());
    assert_eq!(
        mended.blocks_synchronous_flow(),
        template.blocks_synchronous_flow()
    );
    assert!(
        again.count(Severity::Error) <= report.count(Severity::Error),
        "{fixed}"
    );
}
