//! What is asked for: from arguments, or from a signed link.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::{Context as _, bail, ensure};
use domain_connect::{
    ApplyQuery, GroupId, InstanceId, ProviderId, ServiceId, SignatureQuestion, StepOutcome,
    Template, TemplateRecord, Variable, VariableName, Variables, WeakKeys, escape_hidden,
};
use easement_server::admin::{AdminReply, AdminRequest};
use easement_zone::{Host, Name};

use super::arguments::ApplyArguments;
use crate::arguments::Common;
use crate::commands::template::files;
use crate::commands::url::key_from_file;
use crate::console::{NotThere, NotValid, say};
use crate::published::Published;

/// A template and everything that a request says about its application.
pub(super) struct Request {
    pub(super) template: Template,
    pub(super) host: Host,
    pub(super) groups: BTreeSet<GroupId>,
    pub(super) instance: Option<InstanceId>,
    pub(super) variables: Variables,
    domain: Option<Name>,
}

impl Request {
    pub(super) async fn read(
        arguments: &ApplyArguments,
        apex: &Name,
        common: &Common,
    ) -> anyhow::Result<Self> {
        match &arguments.signed_url {
            Some(link) => Self::from_link(link, arguments, common).await,
            None => Self::from_arguments(arguments, apex, common).await,
        }
    }

    async fn from_arguments(
        arguments: &ApplyArguments,
        apex: &Name,
        common: &Common,
    ) -> anyhow::Result<Self> {
        let named = arguments.template.as_deref().unwrap_or_default();
        let template = find_template(named, arguments, common).await?;
        if template.public_key_domain().is_some() {
            say(
                "note: requests of this template are signed; this one is yours, so nothing was verified",
            );
        }
        let pairs = arguments.variables.iter().map(|pair| {
            let (name, value) = pair
                .split_once('=')
                .with_context(|| format!("{pair:?} is not VARIABLE=VALUE"))?;
            Ok((name.parse::<VariableName>()?, value.to_owned()))
        });
        let pairs: Vec<(VariableName, String)> = pairs
            .collect::<anyhow::Result<_>>()
            .map_err(NotValid::mark)?;
        Ok(Self {
            template,
            host: arguments.host.clone().unwrap_or_else(Host::apex),
            groups: arguments.groups.iter().cloned().collect(),
            instance: arguments.instance.clone(),
            variables: pairs.into_iter().collect(),
            domain: Some(apex.clone()),
        })
    }

    async fn from_link(
        link: &str,
        arguments: &ApplyArguments,
        common: &Common,
    ) -> anyhow::Result<Self> {
        let url = url::Url::parse(link)
            .context("the link is not a URL")
            .map_err(NotValid::mark)?;
        let (provider, service) = ids_of(&url).map_err(NotValid::mark)?;
        let named = arguments
            .template
            .clone()
            .unwrap_or_else(|| format!("{provider}/{service}"));
        let template = find_template(&named, arguments, common).await?;
        ensure!(
            *template.provider_id() == provider && *template.service_id() == service,
            NotValid::mark(anyhow::anyhow!(
                "the link is about {provider}/{service}, and the template is {}/{}",
                template.provider_id(),
                template.service_id()
            ))
        );
        check_signature(link, &template, arguments).await?;
        let query = url.query().unwrap_or_default();
        let query = ApplyQuery::parse(query, &template).map_err(NotValid::mark)?;
        query.check(&template).map_err(NotValid::mark)?;
        Ok(Self {
            template,
            host: query.host,
            groups: query.groups,
            instance: query.instance,
            variables: query.variables,
            domain: Some(query.domain),
        })
    }

    /// A request for another domain is not for this zone file.
    pub(super) fn check_domain(&self, apex: &Name) -> anyhow::Result<()> {
        if let Some(domain) = self.domain.as_ref().filter(|domain| *domain != apex) {
            bail!(
                "the request is for {}, and the zone file is about {}",
                domain.to_text(),
                apex.to_text()
            );
        }
        Ok(())
    }

    /// Says at once everything that is missing.
    pub(super) fn check(&self, apex: &Name) -> anyhow::Result<()> {
        self.check_domain(apex)?;
        let wanted = self.wanted();
        let missing: Vec<String> = wanted
            .iter()
            .filter(|name| self.variables.get(name).is_none())
            .map(|name| format!("{name}=VALUE"))
            .collect();
        ensure!(
            missing.is_empty(),
            "the template needs values: add {}",
            missing.join(" ")
        );
        Ok(())
    }

    /// The variables of the records that would be applied.
    fn wanted(&self) -> BTreeSet<VariableName> {
        let is_active = |record: &&TemplateRecord| {
            let groups = &self.groups;
            record
                .group
                .as_ref()
                .is_none_or(|group| groups.is_empty() || groups.contains(group))
        };
        let records = self.template.records().iter().filter(is_active);
        records
            .flat_map(TemplateRecord::variables)
            .filter_map(|variable| match variable {
                Variable::Named(name) => Some(name.clone()),
                Variable::Host | Variable::Domain | Variable::Fqdn => None,
            })
            .collect()
    }
}

/// Provider and service of `.../providers/{p}/services/{s}/apply`.
fn ids_of(url: &url::Url) -> anyhow::Result<(ProviderId, ServiceId)> {
    let segments: Vec<&str> = url
        .path_segments()
        .map(Iterator::collect)
        .unwrap_or_default();
    match segments.as_slice() {
        [.., "providers", provider, "services", service, "apply"] => {
            Ok((provider.parse()?, service.parse()?))
        }
        _ => bail!("the path of the link does not end in /providers/P/services/S/apply"),
    }
}

async fn check_signature(
    link: &str,
    template: &Template,
    arguments: &ApplyArguments,
) -> anyhow::Result<()> {
    let Some(domain) = template.public_key_domain() else {
        say("warning: the template has no key: anybody could have made this link");
        return Ok(());
    };
    let question = SignatureQuestion::new(link, domain);
    let published = match (question.key_name(), &arguments.public_key) {
        (None, _) => Published::default(),
        (Some(_), Some(file)) => key_from_file(file)?,
        (Some(name), None) => {
            Published::ask(name, question.doubled_name(), arguments.resolver).await?
        }
    };
    let explanation = question.explain(&published.texts, &published.doubled, WeakKeys::Refuse);
    if explanation.is_valid() {
        return Ok(());
    }
    let mut steps = explanation.steps.iter();
    let failed = steps.find(|step| step.outcome == StepOutcome::Failed);
    let why = failed.map(|step| escape_hidden(&step.detail));
    Err(NotValid::mark(anyhow::anyhow!(
        "the link is not validly signed: {}",
        why.unwrap_or_default()
    )))
}

//------------ Templates -------------------------------------------------------------------------

/// The file that is named, when there is one.
pub(super) fn template_file(named: &str) -> Option<&Path> {
    Some(Path::new(named)).filter(|path| path.is_file())
}

/// Ids as they are typed, such as p.example/web.
pub(super) fn ids_of_text(named: &str) -> Option<(ProviderId, ServiceId)> {
    let (provider, service) = named.split_once('/')?;
    Some((provider.parse().ok()?, service.parse().ok()?))
}

/// A file, a file of a folder by its ids, or what the server has.
pub(super) async fn find_template(
    named: &str,
    arguments: &ApplyArguments,
    common: &Common,
) -> anyhow::Result<Template> {
    if let Some(file) = template_file(named) {
        return parse(&files::read(file)?, named);
    }
    let Some((provider, service)) = ids_of_text(named) else {
        let words = format!("there is no file {named:?}, and it is no id such as p.example/web");
        return Err(NotThere::mark(anyhow::Error::msg(words)));
    };
    if let Some(folder) = &arguments.templates {
        let name = format!("{provider}.{service}.json").to_lowercase();
        let file = folder.join(&name);
        return parse(&files::read(&file)?, &file.display().to_string());
    }
    let request = AdminRequest::ShowTemplate { provider, service };
    let reply = easement_server::admin::ask(&request, &common.load_config()?, |_| {}).await?;
    let AdminReply::Template { json, .. } = reply else {
        bail!("the server gave another answer than a template");
    };
    parse(&json, named)
}

fn parse(text: &str, name: &str) -> anyhow::Result<Template> {
    let template = Template::from_json(text).map(|(template, _notes)| template);
    template
        .with_context(|| format!("{name} is not a template that can be used"))
        .map_err(NotValid::mark)
}
