//! A service provider whose website runs beside the demo, and talks to its server as to any other.

use std::net::SocketAddr;
use std::time::Duration;

use domain_connect::{DisplayName, SigningKey};
use easement_core::{ClientId, ClientTemplates, RedirectUri, RefreshRule};
use easement_zone::Name;

use super::DemoError;
use super::contents::{self, invalid, unexpected};
use super::folder::DemoFolder;
use crate::App;
use crate::admin::{
    AdminReply, AdminRequest, ClientDescription, ClientRequest, FailureKind, SecretToken,
    TemplateFile,
};

/// What the demo must know about the service provider.
#[derive(Clone, Debug)]
pub struct Partner {
    /// Its domain: the id in its templates, and the zone of its key.
    pub domain: Name,
    /// Its name for people.
    pub name: DisplayName,
    /// Its templates: names of files, and JSON.
    pub templates: Vec<(String, String)>,
    /// Where the asynchronous flow comes back to.
    pub redirect_uri: RedirectUri,
}

/// What the service provider must know about the demo.
#[derive(Debug)]
pub struct Admission {
    /// The key to sign with. Its public half is published at [`Admission::KEY_LABEL`] below the partner's domain.
    pub key: SigningKey,
    /// Who to ask about names.
    pub dns_server: SocketAddr,
    /// The id of the DNS provider.
    pub dns_provider: String,
    /// Its `urlAPI`.
    pub url_api: String,
    /// The client that was registered there.
    pub client_id: String,
    /// The secret of that client, good until the next admission.
    pub client_secret: SecretToken,
}

impl Admission {
    /// The label under which the key is published.
    pub const KEY_LABEL: &'static str = super::service_provider::KEY_LABEL;
}

/// Makes what is not there yet: zone, templates, client.
pub(super) async fn admit(
    app: &App,
    folder: &DemoFolder,
    partner: &Partner,
) -> Result<Admission, DemoError> {
    let key = folder.partner_key()?;
    let domain = partner.domain.to_text();
    contents::make_provider_zone(app, &domain, &key).await?;
    let files = partner.templates.iter().map(|(name, json)| TemplateFile {
        name: name.clone(),
        json: json.clone(),
    });
    contents::import_templates(app, files.collect()).await?;
    let client_secret = register(app, partner, &domain).await?;
    let dns_server = app.dns_addresses().first().copied();
    Ok(Admission {
        key,
        dns_server: dns_server.ok_or_else(|| invalid("the demo answers no DNS"))?,
        dns_provider: app.public_url().host(),
        url_api: app.public_url().origin(),
        client_id: domain,
        client_secret,
    })
}

/// Registers the client, or gives it another secret: what is stored of the one that it has is a hash.
async fn register(app: &App, partner: &Partner, domain: &str) -> Result<SecretToken, DemoError> {
    let id: ClientId = domain.parse().map_err(invalid)?;
    let description = ClientDescription {
        id: id.clone(),
        name: partner.name.clone(),
        provider: domain.parse().map_err(invalid)?,
        templates: ClientTemplates::All,
        redirects: vec![partner.redirect_uri.clone()],
        public: false,
        access: None,
        refresh: None,
        rule: RefreshRule::Rotate,
    };
    let create = ClientRequest::Create(Box::new(description));
    let reply = match app.administer(AdminRequest::Client(create)).await {
        Err(failure) if failure.kind == FailureKind::Conflict => {
            let overlap = Duration::ZERO;
            let rotate = ClientRequest::Rotate { id, overlap };
            app.administer(AdminRequest::Client(rotate)).await?
        }
        made => made?,
    };
    let AdminReply::ClientMade(made) = reply else {
        return Err(unexpected(&reply));
    };
    made.secret.ok_or_else(|| invalid("no secret was made"))
}
