//! Which service is to be removed.

use domain_connect::{InstanceId, ProviderId, ServiceId, ServiceKey};
use easement_zone::{Host, Name};

use super::arguments::ApplyArguments;
use super::request::{Request, find_template, ids_of_text, template_file};
use crate::arguments::Common;
use crate::console::NotValid;

/// A service by its ids and place. What it wrote stands in the state, so its template is not needed.
pub(super) struct Meant {
    pub(super) provider_id: ProviderId,
    pub(super) service_id: ServiceId,
    pub(super) host: Host,
    instance: Option<InstanceId>,
}

impl Meant {
    pub(super) async fn read(
        arguments: &ApplyArguments,
        apex: &Name,
        common: &Common,
    ) -> anyhow::Result<Self> {
        if arguments.signed_url.is_some() {
            // The template names the key of the signature.
            let request = Request::read(arguments, apex, common).await?;
            request.check_domain(apex).map_err(NotValid::mark)?;
            return Ok(Self {
                provider_id: request.template.provider_id().clone(),
                service_id: request.template.service_id().clone(),
                host: request.host,
                instance: request.instance,
            });
        }
        let named = arguments.template.as_deref().unwrap_or_default();
        let typed = match template_file(named) {
            Some(_) => None,
            None => ids_of_text(named),
        };
        let (provider_id, service_id) = if let Some(ids) = typed {
            ids
        } else {
            let template = find_template(named, arguments, common).await?;
            (
                template.provider_id().clone(),
                template.service_id().clone(),
            )
        };
        Ok(Self {
            provider_id,
            service_id,
            host: arguments.host.clone().unwrap_or_else(Host::apex),
            instance: arguments.instance.clone(),
        })
    }

    /// Whether an applied service is the one that is meant, or one of them.
    pub(super) fn is(&self, key: &ServiceKey) -> bool {
        key.provider_id == self.provider_id
            && key.service_id == self.service_id
            && key.host == self.host
            && (self.instance.is_none() || key.instance == self.instance)
    }
}
