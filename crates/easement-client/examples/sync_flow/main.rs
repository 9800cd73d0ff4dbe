//! The synchronous flow: from a domain to a record that DNS shows, against a DNS provider on this machine.
//!
//! Run it with `cargo run -p easement-client --example sync_flow`.
#![expect(
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "an example shows what it does; the world that it talks to stops at the first surprise"
)]

#[path = "../world/mod.rs"]
#[expect(dead_code, reason = "the other example does more with it")]
mod world;

use std::error::Error;

use easement_client::{
    ApplyRequest, Expectation, Matching, Returned, ServerReport, TemplateId, VerifyPolicy,
};
use easement_zone::{RecordData, RecordType};

use self::world::World;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    run().await
}

async fn run() -> Result<(), Box<dyn Error>> {
    let world = World::start().await;
    let client = world.client();

    // 1. Who hosts it, and whether they take the template.
    let found = client.discover("shop.example.test").await?;
    let (zone, host) = (found.zone.to_unicode(), &found.host);
    let provider = found.settings.shown_name();
    println!("{host} of {zone} is hosted by {provider}.");
    let template: TemplateId = "exampleservice.example/website".parse()?;
    let support = client.template_support(&found.settings, &template).await?;
    let ux = found.settings.url_sync_ux.as_ref();
    let ux = ux.filter(|_| support.is_supported());
    let ux = ux.ok_or("records have to be set by hand there")?;

    // 2. The link. The state is a new random text for each, kept with the session of the person.
    let state = "7b1f3c";
    let mut request = ApplyRequest::at(template, &found);
    request.variables.insert("IP".parse()?, "192.0.2.1");
    request.redirect_uri = Some("https://exampleservice.example/done".parse()?);
    request.state = Some(state.to_owned());
    let link = request.sync_url(ux, None)?;
    println!("The person is sent to {link}");

    // 3. What the browser comes back with.
    let query = world.agrees_to_change(&link);
    match Returned::read(&query, state)? {
        Returned::Applied => println!("The browser says that it was agreed to."),
        Returned::Refused { error, .. } => return Err(error.into()),
    }

    // 4. What counts. `client.verify(&found.zone, ..)` asks the servers that the zone is delegated to; this one has none.
    let expected = [Expectation {
        owner: found.host.below(&found.zone)?,
        rtype: RecordType::A,
        values: vec![RecordData::a("192.0.2.1".parse()?)],
        matching: Matching::Exact,
    }];
    let servers = vec![ServerReport::named(world.name_server())];
    let policy = VerifyPolicy::default();
    let verifying = client.verify_at(servers, &expected, policy, |report| {
        println!("{} of {} servers", report.shown(), report.counted());
    });
    let is_shown = verifying.await?.is_complete();
    is_shown
        .then_some(())
        .ok_or_else(|| "DNS does not show it".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn it_ends_with_a_record_in_dns() {
        run().await.unwrap();
    }
}
