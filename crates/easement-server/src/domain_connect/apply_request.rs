//! The request to apply a template, checked in full before anything is shown
//! (draft-ietf-dconn-domainconnect-05 sections 8.3.4 to 8.3.6 and 10.2).

use domain_connect::{
    ApplyQuery, Authenticity, ErrorCode, QueryError, RawQuery, ReturnAddress, SignatureError,
    SignatureParameters, Template, TemplateRecord, Variable, VariableName, verify,
};

use super::apply_refusal::Refusal;
use super::template_query::offered;
use super::way_back::WayBack;
use crate::http::Visitor;
use crate::state::{ServerState, UnsignedTemplates};

/// A request that may be shown to whoever owns the zone.
#[derive(Debug)]
pub(super) struct ApplyRequest {
    pub(super) template: Template,
    pub(super) query: ApplyQuery,
    pub(super) authenticity: Authenticity,
    pub(super) way_back: WayBack,
}

impl ApplyRequest {
    /// Reads and checks a request; GET and POST of the page both begin with this.
    ///
    /// The order matters: the browser is only sent to the redirect target, even with an error, when
    /// the signature and the target itself are right. Everything else that may be wrong is looked at
    /// afterwards, so that the service provider hears of it.
    pub(super) async fn load(
        state: &ServerState,
        visitor: &Visitor,
        provider: &str,
        service: &str,
        raw_query: &str,
    ) -> Result<Self, Refusal> {
        let template = offered(state, provider, service).await?;
        let template = template.ok_or_else(|| Refusal::UnknownTemplate {
            provider: provider.to_owned(),
            service: service.to_owned(),
        })?;
        let raw = RawQuery::new(raw_query);
        // Of a query that is too long nothing is read but where it wants to lead.
        let authenticity = if raw_query.len() > ApplyQuery::MAX_OCTETS {
            Authenticity::Unsigned
        } else {
            authenticate(state, visitor, &template, raw).await?
        };
        let loopback = state.settings.loopback_redirects;
        let address = ReturnAddress::read(raw_query);
        let way_back = WayBack::find(address, &template, authenticity, loopback)
            .map_err(|error| bad_link(&template, error.to_string()))?;
        let query = ApplyQuery::parse(raw_query, &template)
            .map_err(|error| unreadable(&template, &way_back, &error))?;
        let request = Self {
            template,
            query,
            authenticity,
            way_back,
        };
        request.check_content()?;
        Ok(request)
    }

    /// What can be checked without knowing the zone.
    fn check_content(&self) -> Result<(), Refusal> {
        let refuse = |reason: String| self.refuse_invalid(&reason);
        self.query
            .check(&self.template)
            .map_err(|error| refuse(error.to_string()))?;
        let known = self.template.groups();
        let mut groups = self.query.groups.iter();
        // One that is known is enough: the service provider's own template may be newer.
        if let Some(unknown) = groups.next()
            && !known.contains(unknown)
            && !groups.any(|group| known.contains(group))
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

    /// The request is not right: the service provider is told, when it may be.
    pub(super) fn refuse_invalid(&self, reason: &str) -> Refusal {
        self.refuse(reason, reason)
    }

    /// The same, where the service provider is told less than the person.
    pub(super) fn refuse(&self, reason: &str, told: &str) -> Refusal {
        let (template, way_back) = (&self.template, &self.way_back);
        match way_back.failed(ErrorCode::InvalidRequest, told) {
            Some(target) => Refusal::Redirected { target },
            None => bad_link(template, reason.to_owned()),
        }
    }
}

/// The query cannot be read: the service provider is told, when it may be.
fn unreadable(template: &Template, way_back: &WayBack, error: &QueryError) -> Refusal {
    let target = way_back.failed(ErrorCode::InvalidRequest, &error.to_string());
    match (target, error) {
        (Some(target), _) => Refusal::Redirected { target },
        (None, QueryError::TooLong { octets }) => Refusal::TooLong { octets: *octets },
        (None, _) => bad_link(template, error.to_string()),
    }
}

fn bad_link(template: &Template, reason: String) -> Refusal {
    Refusal::BadLink {
        provider: template.provider_name().to_string(),
        reason,
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
    query: RawQuery<'_>,
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
    let parameters = SignatureParameters::from_query(query).map_err(refuse)?;
    let parameters = parameters.ok_or_else(|| refuse(SignatureError::Unsigned))?;
    let key = state
        .keys
        .find(&parameters.key, domain, visitor.address)
        .await;
    let key = key.map_err(|error| Refusal::NoKey {
        provider: template.provider_name().to_string(),
        error,
    })?;
    verify(query, &parameters, &key).map_err(refuse)?;
    Ok(Authenticity::Signed)
}
