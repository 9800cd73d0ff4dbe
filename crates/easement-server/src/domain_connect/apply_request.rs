//! The request to apply a template, checked in full before anything is shown
//! (draft-ietf-dconn-domainconnect-05 sections 8.3.4 to 8.3.6 and 10.2).

use domain_connect::{
    ApplyQuery, Authenticity, ErrorAnswer, ErrorCode, Redirect, SignatureError,
    SignatureParameters, Template, TemplateRecord, Variable, VariableName, verify,
};

use url::Url;

use super::apply_refusal::Refusal;
use super::template_query::offered;
use crate::http::Visitor;
use crate::state::{ServerState, UnsignedTemplates};

/// A request that may be shown to whoever owns the zone.
#[derive(Debug)]
pub(super) struct ApplyRequest {
    pub(super) template: Template,
    pub(super) query: ApplyQuery,
    pub(super) authenticity: Authenticity,
    pub(super) redirect: Option<Redirect>,
}

impl ApplyRequest {
    /// Reads and checks a request; GET and POST of the page both begin with this.
    ///
    /// The order matters: the browser is only sent to the redirect target, even with an error, when
    /// the signature and the target itself are right.
    pub(super) async fn load(
        state: &ServerState,
        visitor: &Visitor,
        provider: &str,
        service: &str,
        raw_query: &str,
    ) -> Result<Self, Refusal> {
        if raw_query.len() > ApplyQuery::MAX_OCTETS {
            return Err(Refusal::TooLong {
                octets: raw_query.len(),
            });
        }
        let template = offered(state, provider, service).await?;
        let template = template.ok_or_else(|| Refusal::UnknownTemplate {
            provider: provider.to_owned(),
            service: service.to_owned(),
        })?;
        let name = || template.provider_name().to_string();
        let query = ApplyQuery::parse(raw_query).map_err(|error| Refusal::BadLink {
            provider: name(),
            reason: error.to_string(),
        })?;
        let authenticity = authenticate(state, visitor, &template, &query).await?;
        let loopback = state.settings.loopback_redirects;
        let redirect = query.redirect_uri.as_ref();
        let redirect = redirect
            .map(|target| Redirect::check(target, &template, authenticity, loopback))
            .transpose()
            .map_err(|error| Refusal::BadLink {
                provider: name(),
                reason: error.to_string(),
            })?;
        let request = Self {
            template,
            query,
            authenticity,
            redirect,
        };
        request.check_content()?;
        Ok(request)
    }

    /// What can be checked without knowing the zone.
    fn check_content(&self) -> Result<(), Refusal> {
        let refuse = |reason: String| self.refuse_invalid(reason);
        self.query
            .check(&self.template)
            .map_err(|error| refuse(error.to_string()))?;
        let known = self.template.groups();
        if let Some(unknown) = self
            .query
            .groups
            .iter()
            .find(|group| !known.contains(group))
        {
            return Err(refuse(format!("the template has no group `{unknown}`")));
        }
        if let Some(missing) = self.missing_variable() {
            return Err(refuse(format!(
                "the link gives no value for the variable `{missing}`"
            )));
        }
        Ok(())
    }

    /// A variable of the records that are asked for that has no value.
    fn missing_variable(&self) -> Option<&VariableName> {
        let groups = &self.query.groups;
        let is_asked_for = |record: &&TemplateRecord| {
            let group = record.group.as_ref();
            groups.is_empty() || group.is_none_or(|group| groups.contains(group))
        };
        let records = self.template.records().iter().filter(is_asked_for);
        records
            .flat_map(TemplateRecord::variables)
            .filter_map(given_name)
            .find(|name| self.query.variables.get(name).is_none())
    }

    /// Provider and service id, for the audit trail.
    pub(super) fn template_id(&self) -> String {
        let template = &self.template;
        format!("{}/{}", template.provider_id(), template.service_id())
    }

    /// Where the browser goes when the person says no.
    pub(super) fn declined(&self) -> Option<Url> {
        let state = self.query.state.as_deref();
        let redirect = self.redirect.as_ref()?;
        Some(redirect.error(&ErrorAnswer::user_cancel(), state))
    }

    /// The request is not right: the service provider is told, when it may be.
    pub(super) fn refuse_invalid(&self, reason: String) -> Refusal {
        match &self.redirect {
            Some(redirect) => Refusal::Redirected {
                target: redirect.error(
                    &ErrorAnswer::new(ErrorCode::InvalidRequest, reason),
                    self.query.state.as_deref(),
                ),
            },
            None => Refusal::BadLink {
                provider: self.template.provider_name().to_string(),
                reason,
            },
        }
    }
}

/// The name of a variable that the request gives the value of.
fn given_name(variable: &Variable) -> Option<&VariableName> {
    match variable {
        Variable::Named(name) => Some(name),
        Variable::Host | Variable::Domain | Variable::Fqdn => None,
    }
}

/// Checks the signature. A template with a key asks for one; a signature on a request for a template
/// without a key means nothing (section 8.3.4).
async fn authenticate(
    state: &ServerState,
    visitor: &Visitor,
    template: &Template,
    query: &ApplyQuery,
) -> Result<Authenticity, Refusal> {
    let refuse = |error: SignatureError| Refusal::BadSignature {
        provider: template.provider_name().to_string(),
        error,
    };
    let Some(domain) = template.public_key_domain() else {
        return match state.settings.unsigned {
            UnsignedTemplates::Offered => Ok(Authenticity::Unsigned),
            UnsignedTemplates::Refused => Err(refuse(SignatureError::Unsigned)),
        };
    };
    let parameters = SignatureParameters::from_query(query.raw()).map_err(refuse)?;
    let parameters = parameters.ok_or_else(|| refuse(SignatureError::Unsigned))?;
    let key = state
        .keys
        .find(&parameters.key, domain, visitor.address)
        .await;
    let key = key.map_err(|error| Refusal::NoKey {
        provider: template.provider_name().to_string(),
        error,
    })?;
    verify(query.raw(), &parameters, &key).map_err(refuse)?;
    Ok(Authenticity::Signed)
}
