//! What the server said about templates.

use std::process::ExitCode;

use anstyle::{AnsiColor, Style};
use domain_connect::escape_hidden;
use easement_core::TemplateStatus;
use easement_server::admin::TemplateLine;
use easement_server::{ControlLine, TemplateReview, TemplateSummary};

use crate::console::{WOULD_CHANGE, print, say, table};

/// A table of templates.
pub(crate) fn list(lines: &[TemplateLine]) -> String {
    let rows: Vec<_> = lines
        .iter()
        .map(|line| {
            [
                line.provider.clone(),
                line.service.clone(),
                line.version.to_string(),
                line.status.to_string(),
                line.signed_by
                    .clone()
                    .unwrap_or_else(|| "unsigned".to_owned()),
                line.title.clone(),
            ]
        })
        .collect();
    table(
        [
            "PROVIDER",
            "SERVICE",
            "VERSION",
            "STATUS",
            "SIGNED BY",
            "TITLE",
        ],
        &rows,
    )
}

/// What was taken in.
pub(crate) fn show_summary(summary: &TemplateSummary) {
    let groups = [
        ("new", &summary.new),
        ("changed", &summary.changed),
        ("withdrawn", &summary.withdrawn),
    ];
    for (what, lines) in groups {
        for line in lines {
            print(format_args!(
                "{what:9}  {}/{} {}: {}",
                line.provider,
                line.service,
                line.version_words(),
                line.status
            ));
        }
    }
    for file in &summary.refused {
        let (name, reason) = (escape_hidden(&file.name), escape_hidden(&file.reason));
        say(format_args!("refused    {name}: {reason}"));
    }
    let count = |count: usize, what: &str| format!("{count} {what}");
    say(format_args!(
        "{}{}, {}, {}, {}, {}.",
        if summary.dry_run { "Would be: " } else { "" },
        count(summary.new.len(), "new"),
        count(summary.changed.len(), "changed"),
        count(summary.unchanged, "unchanged"),
        count(summary.withdrawn.len(), "withdrawn"),
        count(summary.refused.len(), "refused"),
    ));
    let waits = |line: &TemplateLine| line.status == TemplateStatus::Pending;
    if summary.new.iter().chain(&summary.changed).any(waits) && !summary.dry_run {
        say("hint: `easement template review` shows what waits for a decision");
    }
}

/// Refused files make the command fail; and it is told when something would be taken in, and was not.
pub(crate) fn exit_code(summary: &TemplateSummary) -> ExitCode {
    let is_new = !summary.new.is_empty() || !summary.changed.is_empty();
    ExitCode::from(match (summary.refused.is_empty(), summary.dry_run) {
        (false, _) => 3,
        (true, true) if is_new => WOULD_CHANGE,
        (true, true | false) => 0,
    })
}

/// What a decision did.
pub(crate) fn show_decision(line: &TemplateLine, uses: u64) {
    say(format_args!(
        "{}/{} {} is {} now.",
        line.provider,
        line.service,
        line.version_words(),
        line.status
    ));
    if line.status == TemplateStatus::Approved {
        for sentence in &line.unsupported {
            say(format_args!("warning: {}", escape_hidden(sentence)));
        }
    }
    if line.status == TemplateStatus::Withdrawn && uses > 0 {
        say(format_args!(
            "It stays applied in {uses} places, which `easement template review {} {}` names.",
            line.provider, line.service
        ));
    }
}

/// Whether a service provider controls its key domain.
pub(crate) fn show_control(control: &ControlLine) {
    if control.is_proven {
        print(format_args!(
            "proven: {} is at {}",
            control.text, control.name
        ));
        return;
    }
    say(format_args!(
        "not proven: the service provider has to publish this TXT record:\n{}. IN TXT \"{}\"",
        control.name, control.text
    ));
}

/// Whether it does.
pub(crate) fn control_code(control: &ControlLine) -> ExitCode {
    ExitCode::from(if control.is_proven { 0 } else { 3 })
}

/// Everything about a template.
pub(crate) fn show_review(review: &TemplateReview) {
    let line = &review.line;
    print(format_args!(
        "{}\n{}/{} {}, {}, imported {}\nchecksum {}\n",
        escape_hidden(&line.title),
        line.provider,
        line.service,
        line.version_words(),
        line.status,
        line.imported_at,
        line.checksum
    ));
    section(
        "What this server does not support",
        line.unsupported.iter().cloned(),
    );
    print_section(
        "What it does",
        review.statements.iter().map(|statement| {
            let text = escape_hidden(&statement.text);
            let color = match statement.care.as_str() {
                "dangerous" => AnsiColor::Red,
                "unusual" => AnsiColor::Yellow,
                _ => AnsiColor::White,
            };
            let style = Style::new().fg_color(Some(color.into()));
            match statement.care.as_str() {
                "usual" => text,
                care => format!("{style}{care}{style:#}: {text}"),
            }
        }),
    );
    if let Some(widenings) = &review.widenings {
        let nothing = widenings.is_empty().then(|| "nothing".to_owned());
        let all = widenings.iter().cloned().chain(nothing);
        section("What it may do that the approved text may not", all);
    }
    section("Names", review.confusables.iter().cloned());
    section(
        "What the linter finds",
        review.findings.iter().map(|finding| {
            format!(
                "{} {} at {}:{}: {}",
                finding.severity, finding.code, finding.line, finding.column, finding.message
            )
        }),
    );
    if let Some(control) = &review.control {
        let proof = match control.proven_at.filter(|_| control.is_proven) {
            Some(at) => format!("proven on {at}"),
            None => format!(
                "not proven: TXT at {} must be {}",
                control.name, control.text
            ),
        };
        section("Control of the key domain", std::iter::once(proof));
    }
    section("Handed in by", review.submitted_by.iter().cloned());
    section(
        "Why the rules leave it to a person",
        review.left_to_people.iter().cloned(),
    );
    section(
        "Decisions",
        review.decisions.iter().map(|decision| {
            let text = if decision.is_this_text {
                ""
            } else {
                " (another text)"
            };
            format!(
                "{} {} by {}{text}: {}",
                decision.at, decision.status, decision.who, decision.reason
            )
        }),
    );
    let places = review.used_in.iter();
    let places = places.map(|place| format!("{} at {}", place.apex.to_text(), place.host));
    section(&format!("Applied in {} places", review.uses), places);
}

/// Prints lines that may hold words of strangers.
fn section(title: &str, lines: impl Iterator<Item = String>) {
    print_section(title, lines.map(|line| escape_hidden(&line)));
}

/// Prints lines that may hold styles.
fn print_section(title: &str, lines: impl Iterator<Item = String>) {
    let lines: Vec<String> = lines.collect();
    if lines.is_empty() {
        return;
    }
    let bold = Style::new().bold();
    print(format_args!("{bold}{title}{bold:#}"));
    for line in lines {
        print(format_args!("  - {line}"));
    }
    print("");
}
