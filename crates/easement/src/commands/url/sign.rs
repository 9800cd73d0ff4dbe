//! `easement url sign`.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, bail, ensure};
use clap::Args;
use domain_connect::{
    ApplyQuery, KeyLabel, LoopbackRedirects, Redirect, Template, canonical_query,
};
use easement_zone::Name;
use serde_json::json;

use super::super::key::read_signing_key;
use super::{read_link, read_template};
use crate::arguments::Common;
use crate::console::{NotValid, WrongUsage, print, print_json};

#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  easement url sign --key p.pem --label _dck1 'https://dns.example/v2/domainTemplates/providers/p.example/services/web/apply?domain=example.com&ip=192.0.2.1'
  easement url sign --key p.pem --label _dck1 --url-sync-ux https://dns.example \\
    --provider p.example --service web --domain example.com --host shop ip=192.0.2.1

Exit codes: 0 signed, 1 a file cannot be read, 2 neither a link nor its parts are given, 3 there is no private key in it, or the link cannot be signed, 4 a file is not there.")]
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

pub(super) fn run(arguments: &SignArguments, common: &Common) -> anyhow::Result<ExitCode> {
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
        let words =
            "give one link, or build one with --url-sync-ux, --provider, --service and --domain";
        return Err(WrongUsage(words).into());
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
        let words = "--url-sync-ux needs --provider, --service and --domain";
        return Err(WrongUsage(words).into());
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
    let request = ApplyQuery::parse(query, template)?;
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
