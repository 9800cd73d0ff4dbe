//! The template, from whoever has it, and whether it lets the browser come back.

use anyhow::{Context as _, ensure};
use domain_connect::{Authenticity, LoopbackRedirects, Redirect, Template};
use easement_client::{TemplateId, TemplateSupport};

use super::arguments::{ConnectArguments, ReturnWish};
use crate::commands::template::files;
use crate::console::NotValid;

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

//------------ Return ----------------------------------------------------------------------------

/// What decides whether the browser is asked to come back to this machine.
pub(super) struct Return<'a> {
    pub(super) wish: ReturnWish,
    pub(super) template: Option<&'a Template>,
    pub(super) authenticity: Authenticity,
    /// Whether the provider is one for trials.
    pub(super) loopback: LoopbackRedirects,
    /// Where the link will be opened, as far as is known.
    pub(super) browser: Browser,
}

/// Where the link will be opened.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Browser {
    Here,
    /// On a telephone, or at the other end of a remote shell: this machine's own address is not this machine there.
    Elsewhere,
}

impl Return<'_> {
    /// Whether the link has a place on this machine to come back to. A provider refuses a link whose redirect it does not
    /// follow, so that it is left out unless it is known that this one is followed.
    pub(super) fn is_asked_for(&self) -> bool {
        match self.wish {
            ReturnWish::Never => false,
            ReturnWish::Always => true,
            ReturnWish::Auto => self.is_followed() && self.browser == Browser::Here,
        }
    }

    /// Whether the provider follows it, as far as is known.
    pub(super) fn is_followed(&self) -> bool {
        let place = "http://127.0.0.1:1/".parse::<url::Url>();
        let (Some(template), Ok(place)) = (self.template, place) else {
            return false;
        };
        Redirect::check(&place, template, self.authenticity, self.loopback).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browsers_come_back_when_the_provider_will_send_them() {
        use {Authenticity as A, Browser as B, LoopbackRedirects as L, ReturnWish as W};
        let json = r#"{"providerId": "p", "providerName": "P", "serviceId": "s", "serviceName": "S",
            "syncRedirectDomain": "example.com", "records": []}"#;
        let (known, _) = Template::from_json(json).unwrap();
        let known = Some(&known);
        for (wish, template, authenticity, loopback, browser, expected) in [
            (W::Auto, known, A::Signed, L::Allow, B::Here, true),
            // A provider in earnest follows https alone, and refuses the whole link.
            (W::Auto, known, A::Signed, L::Refuse, B::Here, false),
            // Nothing that a template lists is an address.
            (W::Auto, known, A::Unsigned, L::Allow, B::Here, false),
            (W::Auto, known, A::Signed, L::Allow, B::Elsewhere, false),
            (W::Auto, None, A::Signed, L::Allow, B::Here, false),
            (W::Always, None, A::Unsigned, L::Refuse, B::Elsewhere, true),
            (W::Never, known, A::Signed, L::Allow, B::Here, false),
        ] {
            let facts = Return {
                wish,
                template,
                authenticity,
                loopback,
                browser,
            };
            let is_asked_for = facts.is_asked_for();
            assert_eq!(is_asked_for, expected, "{wish:?} {loopback:?} {browser:?}");
        }
    }
}
