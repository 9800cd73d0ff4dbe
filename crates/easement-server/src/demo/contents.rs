//! The example data: accounts, zones and templates, made when they are not there.

use domain_connect::SigningKey;
use easement_core::{EmailAddress, Standing, TemplateStatus};
use easement_zone::{
    Name, RecordData, RecordSet, RecordType, Serial, Soa, Ttl, Zone, ZoneBuilder, zonefile,
};

use super::folder::DemoFolder;
use super::service_provider::{KEY_LABEL, OFFERS};
use super::{DemoError, NEIGHBOUR, OWNER};
use crate::App;
use crate::admin::{
    AdminReply, AdminRequest, ClientRequest, ExistingZone, FailureKind, GivenPassword,
    ImportOptions, TemplateFile, TemplateWish,
};

/// The account that the service providers' own zones belong to. Nobody signs in with it.
const PROVIDERS: &str = "providers@demo.test";

const EXAMPLE_ZONE: &str = include_str!("../../demo/zones/example.test.zone");
/// What the known dynamic DNS programs apply.
const DYNAMIC_DNS: [(&str, &str); 2] = [
    (
        "domainconnect.org.dynamicdns.json",
        include_str!("../../demo/templates/domainconnect.org.dynamicdns.json"),
    ),
    (
        "domainconnect.org.dynamicdns-v2.json",
        include_str!("../../demo/templates/domainconnect.org.dynamicdns-v2.json"),
    ),
];
const PENDING: &str = include_str!("../../demo/pending/sitewright.test.website.json");
const NEIGHBOUR_ZONE: &str = include_str!("../../demo/zones/neighbour.test.zone");

/// Makes what is not there yet; leaves the rest as people have changed it.
pub(super) async fn fill(
    app: &App,
    folder: &DemoFolder,
    key: &SigningKey,
) -> Result<(), DemoError> {
    let owner = Some(folder.owner_password());
    let neighbour = Some(folder.neighbour_password());
    make_account(app, OWNER, Standing::Operator, owner).await?;
    make_account(app, NEIGHBOUR, Standing::Member, neighbour).await?;
    make_account(app, PROVIDERS, Standing::Member, None).await?;
    make_zone(app, "example.test", EXAMPLE_ZONE, OWNER).await?;
    make_zone(app, "neighbour.test", NEIGHBOUR_ZONE, NEIGHBOUR).await?;
    for offer in OFFERS {
        make_provider_zone(app, offer.provider, key).await?;
    }
    import_templates(app, templates().collect()).await?;
    register_known_client(app).await?;
    import_pending(app).await
}

/// The dynamic DNS programs that everybody knows, so that they can be tried as they are.
async fn register_known_client(app: &App) -> Result<(), DemoError> {
    let request = ClientRequest::CreateKnown {
        known: "domainconnect.org".to_owned(),
    };
    match app.administer(AdminRequest::Client(request)).await {
        Ok(_) => Ok(()),
        Err(failure) if failure.kind == FailureKind::Conflict => Ok(()),
        Err(failure) => Err(failure.into()),
    }
}

/// A new text of a template, for the operator to look at.
async fn import_pending(app: &App) -> Result<(), DemoError> {
    let file = TemplateFile {
        name: "sitewright.test.website.json".to_owned(),
        json: PENDING.to_owned(),
    };
    let request = AdminRequest::ImportTemplates {
        files: vec![file],
        wish: TemplateWish::AllOrNone,
    };
    app.administer(request).await?;
    Ok(())
}

async fn make_account(
    app: &App,
    email: &str,
    standing: Standing,
    password: Option<&str>,
) -> Result<(), DemoError> {
    let email: EmailAddress = email.parse().map_err(invalid)?;
    let password = password.map(GivenPassword::new);
    let request = AdminRequest::CreateAccount {
        email,
        standing,
        password,
    };
    match app.administer(request).await {
        Ok(_) => Ok(()),
        Err(failure) if failure.kind == FailureKind::Conflict => Ok(()),
        Err(failure) => Err(failure.into()),
    }
}

/// A zone that is there is only compared, and left as it is.
async fn make_zone(app: &App, apex: &str, text: &str, owner: &str) -> Result<(), DemoError> {
    let request = AdminRequest::ImportZone {
        apex: name(apex)?,
        text: text.to_owned(),
        owner: Some(owner.parse().map_err(invalid)?),
        existing: ExistingZone::Compare,
        options: ImportOptions::default(),
    };
    app.administer(request).await?;
    Ok(())
}

/// Makes a service provider's own zone.
pub(super) async fn make_provider_zone(
    app: &App,
    apex: &str,
    key: &SigningKey,
) -> Result<(), DemoError> {
    let zone = provider_zone(apex, key)?;
    make_zone(app, apex, &zonefile::write(&zone), PROVIDERS).await
}

/// A service provider's own zone, in which its public key stands.
fn provider_zone(apex: &str, key: &SigningKey) -> Result<Zone, DemoError> {
    let apex = name(apex)?;
    let server = name("ns1.example.test")?;
    let mailbox = apex.child("hostmaster").map_err(invalid)?;
    let soa = Soa::new(server.clone(), mailbox, Serial::new(1)).to_data();
    let texts = key.public_records()?;
    let texts = texts.iter().map(|text| RecordData::txt(text.as_bytes()));
    let texts = texts.collect::<Result<Vec<_>, _>>().map_err(invalid)?;
    let key_name = apex.child(KEY_LABEL).map_err(invalid)?;
    let servers = RecordData::name(RecordType::NS, &server);
    let mut builder = ZoneBuilder::new(apex.clone());
    for set in [
        RecordSet::single(apex.clone(), Ttl::HOUR, soa),
        RecordSet::single(apex, Ttl::HOUR, servers),
        RecordSet::new(key_name, Ttl::HOUR, texts).map_err(invalid)?,
    ] {
        builder.insert(set).map_err(invalid)?;
    }
    builder.finish().map_err(invalid)
}

/// What is offered from the start.
fn templates() -> impl Iterator<Item = TemplateFile> {
    let offers = OFFERS.iter().map(|offer| TemplateFile {
        name: format!("{}.{}.json", offer.provider, offer.service),
        json: offer.template.to_owned(),
    });
    let dynamic = DYNAMIC_DNS.map(|(name, json)| TemplateFile {
        name: name.to_owned(),
        json: json.to_owned(),
    });
    offers.chain(dynamic)
}

/// Takes templates in, and approves those that are new.
pub(super) async fn import_templates(app: &App, files: Vec<TemplateFile>) -> Result<(), DemoError> {
    let reply = app
        .administer(AdminRequest::ImportTemplates {
            files,
            wish: TemplateWish::AllOrNone,
        })
        .await?;
    let AdminReply::TemplatesImported(summary) = reply else {
        return Err(unexpected(&reply));
    };
    for line in summary.new {
        if line.status == TemplateStatus::Pending {
            let request = AdminRequest::DecideTemplate {
                provider: line.provider.parse().map_err(invalid)?,
                service: line.service.parse().map_err(invalid)?,
                checksum: None,
                status: TemplateStatus::Approved,
                reason: "part of the demo".to_owned(),
            };
            app.administer(request).await?;
        }
    }
    Ok(())
}

pub(super) fn unexpected(reply: &AdminReply) -> DemoError {
    DemoError::Example(format!("an unexpected reply: {reply:?}"))
}

pub(super) fn name(text: &str) -> Result<Name, DemoError> {
    text.parse().map_err(invalid)
}

#[expect(clippy::needless_pass_by_value, reason = "it is given to map_err")]
pub(super) fn invalid(error: impl ToString) -> DemoError {
    DemoError::Example(error.to_string())
}
