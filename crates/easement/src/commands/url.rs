//! `easement url`: links of service providers, signed and explained.

use std::io::Read as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anstyle::{AnsiColor, Style};
use anyhow::{Context as _, bail, ensure};
use clap::{ArgGroup, Args, Subcommand};
use domain_connect::{
    ApplyQuery, Explanation, KeyLabel, LoopbackRedirects, Redirect, SignatureQuestion, StepOutcome,
    Template, WeakKeys, canonical_query,
};
use easement_zone::Name;
use serde_json::json;

use super::key::{read_key, read_signing_key};
use super::template::files;
use crate::arguments::Common;
use crate::console::{NotValid, print, print_json, say};
use crate::published::Published;

#[derive(Debug, Subcommand)]
pub(crate) enum UrlCommand {
    /// Build a link that applies a template, and sign it.
    Sign(Box<SignArguments>),
    /// Say whether the signature of a link is valid.
    Verify(VerifyArguments),
    /// Check the signature of a link step by step, and name what the sender did wrong.
    Explain(VerifyArguments),
}

#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  easement url sign --key p.pem --label _dck1 'https://dns.example/v2/domainTemplates/providers/p.example/services/web/apply?domain=example.com&ip=192.0.2.1'
  easement url sign --key p.pem --label _dck1 --url-sync-ux https://dns.example \\
    --provider p.example --service web --domain example.com --host shop ip=192.0.2.1

Exit codes: 0 signed, 1 a file cannot be read, 3 there is no private key in it, or the link cannot be signed.")]
pub(crate) struct SignArguments {
    /// The private key, PEM.
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// The label of the key below syncPubKeyDomain.
    #[arg(long)]
    label: KeyLabel,
    /// What the DNS provider's settings name as urlSyncUX.
    #[arg(long, value_name = "URL", requires_all = ["provider", "service", "domain"])]
    url_sync_ux: Option<String>,
    /// The providerId of the template.
    #[arg(long, requires = "url_sync_ux")]
    provider: Option<domain_connect::ProviderId>,
    /// The serviceId of the template.
    #[arg(long, requires = "url_sync_ux")]
    service: Option<domain_connect::ServiceId>,
    /// The domain.
    #[arg(long, requires = "url_sync_ux")]
    domain: Option<Name>,
    /// The host below it.
    #[arg(long, requires = "url_sync_ux")]
    host: Option<String>,
    /// A group of the template; may be repeated.
    #[arg(long = "group", requires = "url_sync_ux")]
    groups: Vec<domain_connect::GroupId>,
    /// Where people go when all is done.
    #[arg(long, requires = "url_sync_ux")]
    redirect_uri: Option<url::Url>,
    /// What comes back to you then.
    #[arg(long, requires = "url_sync_ux")]
    state: Option<String>,
    /// The template, to check the link against.
    #[arg(long, value_name = "FILE")]
    template: Option<PathBuf>,
    /// A link to sign, or - for the standard input; or the values of variables.
    #[arg(value_name = "URL|VARIABLE=VALUE")]
    rest: Vec<String>,
}

#[derive(Args, Debug)]
#[command(group = ArgGroup::new("key_source").args(["template", "key_domain"]).required(true))]
#[command(after_help = "\
Examples:
  easement url explain --template p.example.web.json 'https://dns.example/v2/...'
  easement url verify --key-domain p.example - < link.txt

Exit codes: 0 the signature is valid, 1 DNS gave no answer or a file cannot be read, 3 it is not valid.")]
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

pub(crate) async fn run(command: UrlCommand, common: &Common) -> anyhow::Result<ExitCode> {
    match command {
        UrlCommand::Sign(arguments) => sign(&arguments, common),
        UrlCommand::Verify(arguments) => {
            let explanation = explanation(&arguments).await?;
            verify(&explanation, common)?;
            Ok(exit_code(&explanation))
        }
        UrlCommand::Explain(arguments) => {
            let explanation = explanation(&arguments).await?;
            if common.json {
                print_json(&explanation)?;
            } else {
                print(in_words(&explanation));
            }
            Ok(exit_code(&explanation))
        }
    }
}

fn exit_code(explanation: &Explanation) -> ExitCode {
    ExitCode::from(if explanation.is_valid() { 0 } else { 3 })
}

/// The link, from the arguments or from the standard input.
fn read_link(argument: &str) -> anyhow::Result<String> {
    if argument != "-" {
        return Ok(argument.to_owned());
    }
    let mut text = String::new();
    std::io::stdin().take(64 * 1024).read_to_string(&mut text)?;
    Ok(text.trim().to_owned())
}

//------------ Signing ---------------------------------------------------------------------------

fn sign(arguments: &SignArguments, common: &Common) -> anyhow::Result<ExitCode> {
    let key = read_signing_key(&arguments.key)?;
    let (base, query) = match &arguments.url_sync_ux {
        Some(base) => built(arguments, base).map_err(NotValid::mark)?,
        None => given(&arguments.rest).map_err(NotValid::mark)?,
    };
    if let Some(file) = &arguments.template {
        check_against(&read_template(file)?, &query).map_err(NotValid::mark)?;
    }
    let signed = key.sign(&query, &arguments.label).map_err(NotValid::mark)?;
    let url = format!("{base}?{signed}");
    if common.json {
        print_json(&json!({"url": url, "signed_data": query}))?;
    } else {
        print(url);
    }
    Ok(ExitCode::SUCCESS)
}

/// A link as it was given, in two parts.
fn given(rest: &[String]) -> anyhow::Result<(String, String)> {
    let [link] = rest else {
        bail!("give one link, or build one with --url-sync-ux, --provider, --service and --domain");
    };
    let link = read_link(link)?;
    ensure!(
        !link.contains('#'),
        "the link {link:?} has a fragment: browsers keep it to themselves, and the signature would stand \
         behind it; leave out # and what follows, or write %23"
    );
    let (base, query) = link
        .split_once('?')
        .with_context(|| format!("the link {link:?} has no query to sign"))?;
    Ok((base.to_owned(), query.to_owned()))
}

/// Parameters that come from somewhere else: given as variables, they would stand there twice.
const NOT_VARIABLES: [(&str, &str); 7] = [
    ("domain", "use --domain"),
    ("host", "use --host"),
    ("groupId", "use --group"),
    ("redirect_uri", "use --redirect-uri"),
    ("state", "use --state"),
    ("sig", "signing adds it"),
    ("key", "use --label"),
];

/// A link from its parts, sorted and encoded as the draft recommends.
fn built(arguments: &SignArguments, base: &str) -> anyhow::Result<(String, String)> {
    let (Some(provider), Some(service), Some(domain)) =
        (&arguments.provider, &arguments.service, &arguments.domain)
    else {
        bail!("--url-sync-ux needs --provider, --service and --domain");
    };
    let domain = domain.to_text();
    let groups: Vec<&str> = arguments
        .groups
        .iter()
        .map(domain_connect::GroupId::as_str)
        .collect();
    let groups = groups.join(",");
    let redirect = arguments.redirect_uri.as_ref().map(url::Url::as_str);
    let mut parameters = vec![("domain", domain.as_str())];
    let optional = [
        ("host", arguments.host.as_deref()),
        ("redirect_uri", redirect),
        ("state", arguments.state.as_deref()),
        (
            "groupId",
            Some(groups.as_str()).filter(|groups| !groups.is_empty()),
        ),
    ];
    parameters.extend(
        optional
            .iter()
            .filter_map(|(name, value)| Some((*name, (*value)?))),
    );
    for pair in &arguments.rest {
        let (name, value) = pair
            .split_once('=')
            .with_context(|| format!("{pair:?} is not VARIABLE=VALUE"))?;
        if let Some((_, instead)) = NOT_VARIABLES.iter().find(|(taken, _)| *taken == name) {
            bail!("{name} is no variable: {instead}");
        }
        parameters.push((name, value));
    }
    ensure!(
        !base.contains(['?', '#']),
        "--url-sync-ux {base:?} is the beginning of links: it cannot hold ? or #"
    );
    let base = base.trim_end_matches('/');
    let path = format!("{base}/v2/domainTemplates/providers/{provider}/services/{service}/apply");
    Ok((path, canonical_query(parameters)))
}

fn check_against(template: &Template, query: &str) -> anyhow::Result<()> {
    let request = ApplyQuery::parse(query)?;
    request.check(template)?;
    let missing: Vec<&str> = template
        .variables()
        .into_iter()
        .filter(|name| request.variables.get(name).is_none())
        .map(domain_connect::VariableName::as_str)
        .collect();
    if request.groups.is_empty() && !missing.is_empty() {
        bail!("the template needs values for: {}", missing.join(", "));
    }
    if let Some(target) = &request.redirect_uri {
        let signed = domain_connect::Authenticity::Signed;
        Redirect::check(target, template, signed, LoopbackRedirects::Refuse)?;
    }
    Ok(())
}

fn read_template(file: &Path) -> anyhow::Result<Template> {
    let text = files::read(file)?;
    let template = Template::from_json(&text).map(|(template, _notes)| template);
    template
        .with_context(|| format!("{} is not a template", file.display()))
        .map_err(NotValid::mark)
}

//------------ Checking --------------------------------------------------------------------------

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
                })?
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
    let text =
        std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    if !text.contains("-----BEGIN") {
        return Published::from_file(file);
    }
    Ok(Published {
        texts: read_key(file)?.records(),
        doubled: Vec::new(),
    })
}

fn verify(explanation: &Explanation, common: &Common) -> anyhow::Result<()> {
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
            say(format_args!("error: not valid: {}", shown(&step.detail)));
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
            detail => format!("\n   {}", shown(detail)),
        };
        format!(
            "{} {style}{}{style:#}{detail}",
            step.check.title(),
            step.outcome
        )
    });
    steps.collect::<Vec<_>>().join("\n")
}

/// Text from outside, with nothing in it that a terminal obeys.
fn shown(text: &str) -> String {
    let hidden = |one: char| {
        one.is_control()
            || ('\u{202a}'..='\u{202e}').contains(&one)
            || ('\u{2066}'..='\u{2069}').contains(&one)
    };
    text.chars()
        .map(|one| {
            if hidden(one) {
                one.escape_default().to_string()
            } else {
                one.to_string()
            }
        })
        .collect()
}
