//! The template, from whoever has it, and whether it lets the browser come back.

use anyhow::{Context as _, ensure};
use domain_connect::{Authenticity, LoopbackRedirects, Redirect, Template};
use easement_client::{TemplateId, TemplateSupport};

use super::arguments::{ConnectArguments, ReturnWish};
use crate::commands::template::files;
use crate::console::{NotValid, say};

/// The template that was given as a file, or lies in a folder.
pub(super) fn given(arguments: &ConnectArguments) -> anyhow::Result<Option<Template>> {
    let TemplateId { provider, service } = &arguments.template;
    let file = match (&arguments.template_file, &arguments.templates) {
        (Some(file), _) => file.clone(),
        (None, Some(folder)) => folder.join(format!("{provider}.{service}.json").to_lowercase()),
        (None, None) => return Ok(None),
    };
    let text = files::read(&file)?;
    let (template, _notes) = Template::from_json(&text)
        .with_context(|| format!("{} is not a template that can be used", file.display()))
        .map_err(NotValid::mark)?;
    ensure!(
        is_meant(&template, &arguments.template),
        NotValid::mark(anyhow::anyhow!(
            "{} is the template {}/{}, and not {}",
            file.display(),
            template.provider_id(),
            template.service_id(),
            arguments.template
        ))
    );
    Ok(Some(template))
}

/// The template that the provider shows, when it is the one that is meant and can be read.
pub(super) fn shown(support: &TemplateSupport, meant: &TemplateId) -> Option<Template> {
    match support {
        TemplateSupport::Supported {
            template: Some(text),
            ..
        } => {
            let (template, _notes) = Template::from_json(text).ok()?;
            is_meant(&template, meant).then_some(template)
        }
        TemplateSupport::Supported { template: None, .. } | TemplateSupport::NotSupported => None,
    }
}

fn is_meant(template: &Template, meant: &TemplateId) -> bool {
    *template.provider_id() == meant.provider && *template.service_id() == meant.service
}

/// Whether the browser is asked to come back to this machine. A provider refuses a link whose redirect the template does
/// not list, so it is left out unless that is known.
pub(super) fn lets_come_back(
    template: Option<&Template>,
    wish: ReturnWish,
    is_signed: bool,
) -> bool {
    let authenticity = if is_signed {
        Authenticity::Signed
    } else {
        Authenticity::Unsigned
    };
    let is_listed = template.is_some_and(|template| {
        let place = "http://127.0.0.1:1/".parse::<url::Url>();
        let allow = LoopbackRedirects::Allow;
        place.is_ok_and(|place| Redirect::check(&place, template, authenticity, allow).is_ok())
    });
    match wish {
        ReturnWish::Never => false,
        ReturnWish::Always => {
            if !is_listed {
                say(
                    "warning: the template does not let browsers come back to this machine, as far as is known: the \
                     provider may refuse the link. --return never leaves that out.",
                );
            }
            true
        }
        ReturnWish::Auto => {
            if !is_listed {
                say(
                    "note: the browser will not come back here, since the template does not list this machine in \
                     syncRedirectDomain, as far as is known. What counts is what DNS shows.",
                );
            }
            is_listed
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browsers_come_back_when_the_provider_will_send_them() {
        let json = r#"{"providerId": "p", "providerName": "P", "serviceId": "s", "serviceName": "S",
            "syncRedirectDomain": "example.com", "records": []}"#;
        let (template, _) = Template::from_json(json).unwrap();
        for (template, wish, is_signed, expected) in [
            (Some(&template), ReturnWish::Auto, false, false),
            (Some(&template), ReturnWish::Auto, true, true),
            (Some(&template), ReturnWish::Always, false, true),
            (Some(&template), ReturnWish::Never, true, false),
            (None, ReturnWish::Auto, true, false),
        ] {
            let comes = lets_come_back(template, wish, is_signed);
            assert_eq!(comes, expected, "{wish:?} {is_signed}");
        }
    }
}
