//! `easement url verify` and `easement url explain`.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anstyle::{AnsiColor, Style};
use anyhow::{Context as _, bail};
use clap::{ArgGroup, Args};
use domain_connect::{Explanation, SignatureQuestion, StepOutcome, WeakKeys, escape_hidden};
use easement_zone::Name;
use serde_json::json;

use super::super::key::read_key;
use super::{read_link, read_template};
use crate::arguments::Common;
use crate::console::{NotValid, print, print_json, say};
use crate::named_file::cannot_read;
use crate::published::Published;

#[derive(Args, Debug)]
#[command(group = ArgGroup::new("key_source").args(["template", "key_domain"]).required(true))]
#[command(after_help = "\
Examples:
  easement url explain --template p.example.web.json 'https://dns.example/v2/...'
  easement url verify --key-domain p.example - < link.txt

Exit codes: 0 the signature is valid, 1 DNS gave no answer or a file cannot be read, 3 it is not valid, or the template names no key, 4 a file is not there.")]
pub(crate) struct VerifyArguments {
    /// The link in quotation marks, its query alone, or - for the standard input.
    url: String,
    /// The template, for its syncPubKeyDomain.
    #[arg(long, value_name = "FILE")]
    template: Option<PathBuf>,
    /// The template's syncPubKeyDomain.
    #[arg(long, value_name = "DOMAIN")]
    key_domain: Option<Name>,
    /// The resolver to ask; without it the one of the system.
    #[arg(long, value_name = "ADDRESS:PORT", conflicts_with = "public_key")]
    resolver: Option<SocketAddr>,
    /// The key in PEM, or the texts of its records, one a line, in the place of DNS.
    #[arg(long, value_name = "FILE")]
    public_key: Option<PathBuf>,
    /// Accepts keys of 1024 bits and more.
    #[arg(long)]
    allow_weak: bool,
}

/// Says whether the signature is valid.
pub(super) async fn verify(
    arguments: &VerifyArguments,
    common: &Common,
) -> anyhow::Result<ExitCode> {
    let explanation = explanation(arguments).await?;
    say_whether_valid(&explanation, common)?;
    Ok(exit_code(&explanation))
}

/// Shows every step.
pub(super) async fn explain(
    arguments: &VerifyArguments,
    common: &Common,
) -> anyhow::Result<ExitCode> {
    let explanation = explanation(arguments).await?;
    if common.json {
        print_json(&explanation)?;
    } else {
        print(in_words(&explanation));
    }
    Ok(exit_code(&explanation))
}

fn exit_code(explanation: &Explanation) -> ExitCode {
    ExitCode::from(if explanation.is_valid() { 0 } else { 3 })
}

async fn explanation(arguments: &VerifyArguments) -> anyhow::Result<Explanation> {
    let link = read_link(&arguments.url)?;
    let domain = match (&arguments.key_domain, &arguments.template) {
        (Some(domain), _) => domain.clone(),
        (None, Some(file)) => {
            let template = read_template(file)?;
            let domain = template.public_key_domain();
            domain
                .with_context(|| {
                    format!(
                        "{} has no syncPubKeyDomain: requests need no signature",
                        file.display()
                    )
                })
                .map_err(NotValid::mark)?
                .clone()
        }
        (None, None) => bail!("give --template or --key-domain"),
    };
    let question = SignatureQuestion::new(&link, &domain);
    let published = match (question.key_name(), &arguments.public_key) {
        (None, _) => Published::default(),
        (Some(_), Some(file)) => key_from_file(file)?,
        (Some(name), None) => {
            Published::ask(name, question.doubled_name(), arguments.resolver).await?
        }
    };
    let weak = if arguments.allow_weak {
        WeakKeys::Accept
    } else {
        WeakKeys::Refuse
    };
    Ok(question.explain(&published.texts, &published.doubled, weak))
}

/// A PEM file, or the texts of records.
pub(crate) fn key_from_file(file: &Path) -> anyhow::Result<Published> {
    let text = std::fs::read_to_string(file).map_err(cannot_read("the key", file))?;
    if !text.contains("-----BEGIN") {
        return Published::from_file(file);
    }
    Ok(Published {
        texts: read_key(file)?.records(),
        doubled: Vec::new(),
    })
}

fn say_whether_valid(explanation: &Explanation, common: &Common) -> anyhow::Result<()> {
    let failed = explanation
        .steps
        .iter()
        .find(|step| step.outcome == StepOutcome::Failed);
    if common.json {
        return print_json(&json!({
            "valid": explanation.is_valid(),
            "reason": failed.map(|step| &step.detail),
        }));
    }
    match failed {
        None => print("valid"),
        Some(step) => {
            say(format_args!(
                "error: not valid: {}",
                escape_hidden(&step.detail)
            ));
            say("hint: `easement url explain` shows every step");
        }
    }
    Ok(())
}

fn in_words(explanation: &Explanation) -> String {
    let steps = explanation.steps.iter().map(|step| {
        let color = match step.outcome {
            StepOutcome::Passed => AnsiColor::Green,
            StepOutcome::Failed => AnsiColor::Red,
            StepOutcome::NotReached => AnsiColor::Yellow,
        };
        let style = Style::new().fg_color(Some(color.into())).bold();
        let detail = match step.detail.as_str() {
            "" => String::new(),
            detail => format!("\n   {}", escape_hidden(detail)),
        };
        format!(
            "{} {style}{}{style:#}{detail}",
            step.check.title(),
            step.outcome
        )
    });
    steps.collect::<Vec<_>>().join("\n")
}
