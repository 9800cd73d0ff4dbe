//! The asynchronous flow: permission that lasts, and changes with it, against a DNS provider on this machine.
//!
//! Run it with `cargo run -p easement-client --example standing_permission`.
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
    CallFailure, ConsentRequest, HiddenText, ProviderCredentials, TemplateChange, Unapplied,
};

use self::world::World;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    run().await
}

async fn run() -> Result<(), Box<dyn Error>> {
    let world = World::start().await;
    let client = world.client();
    let found = client.discover("shop.example.test").await?;

    // What was registered at this DNS provider. Secrets go to this address, and to none that was discovered.
    let own = [ProviderCredentials {
        provider_id: "dns.example".to_owned(),
        url_api: found.settings.url_api.clone(),
        client_id: "exampleservice".to_owned(),
        client_secret: Some(HiddenText::new("a secret")),
    }];
    let credentials = ProviderCredentials::for_settings(&own, &found.settings)?;

    // 1. The person is asked.
    let request = ConsentRequest {
        provider: "exampleservice.example".parse()?,
        services: vec!["website".parse()?],
        domain: found.zone.clone(),
        hosts: vec![found.host.clone()],
        variables: [].into_iter().collect(),
        redirect_uri: "https://exampleservice.example/oauth".parse()?,
        provider_name: None,
        service_name: None,
    };
    let (link, pending) = request.begin(&found.settings, credentials, client.random())?;
    println!("The person is sent to {link}");

    // 2. The code becomes tokens, which are stored where others cannot read them.
    let code = pending.read_return(&World::gives_permission(&link))?;
    let tokens = client.exchange_code(pending, code, credentials).await?;
    let mut stored = serde_json::to_string(&tokens)?;

    // 3. Whenever something changes: a token that counts, stored before it is used, and the change.
    let tokens = client
        .refresh_if_due(&tokens, credentials, |new| {
            stored = serde_json::to_string(new)?;
            Ok(())
        })
        .await?;
    let mut change = TemplateChange::new("website".parse()?, found.host.clone());
    change.variables.insert("IP".parse()?, "192.0.2.2");
    match client.apply(&tokens, &change).await {
        Ok(()) => println!("The record was changed, with {} octets kept.", stored.len()),
        Err(CallFailure::Unapplied(Unapplied::Conflict { records })) => {
            println!("In the way: {records:?}");
        }
        Err(error) => return Err(error.into()),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn it_ends_with_a_change() {
        run().await.unwrap();
    }
}
