//! From a domain to its records. The examples `sync_flow` and `standing_permission` go the whole way, and run.
//!
//! # 1. Find the DNS provider
//!
//! A [`Client`](crate::Client) is made once. Of a domain, however it was typed, it finds the zone, the host in it, and
//! who hosts it. Each way in which that can fail is a variant of [`DiscoveryError`](crate::DiscoveryError), whose text
//! says what to do next.
//!
//! ```no_run
//! # async fn run() -> Result<(), Box<dyn std::error::Error>> {
//! use easement_client::Client;
//!
//! let client = Client::builder().build()?;
//! let found = client.discover("www.bücher.example").await?;
//! println!("{} is hosted by {}", found.zone, found.settings.shown_name());
//! # Ok(())
//! # }
//! ```
//!
//! # 2. Ask for the template, and make the link
//!
//! ```no_run
//! # async fn run(client: easement_client::Client, found: easement_client::Discovery) -> Result<(), Box<dyn std::error::Error>> {
//! use easement_client::{ApplyRequest, TemplateId};
//!
//! let template: TemplateId = "exampleservice.example/website".parse()?;
//! let support = client.template_support(&found.settings, &template).await?;
//! if let (true, Some(ux)) = (support.is_supported(), &found.settings.url_sync_ux) {
//!     let mut request = ApplyRequest::at(template, &found);
//!     request.variables.insert("IP".parse()?, "192.0.2.1");
//!     request.redirect_uri = Some("https://exampleservice.example/done".parse()?);
//!     request.state = Some("a new random text".to_owned());
//!     println!("send the person to {}", request.sync_url(ux, None)?);
//! }
//! # Ok(())
//! # }
//! ```
//!
//! # 3. Read what comes back
//!
//! ```
//! use easement_client::Returned;
//!
//! let query = "error=access_denied&error_description=user_cancel&state=abc";
//! assert!(Returned::read(query, "abc")?.is_cancelled());
//! # Ok::<(), easement_client::ReturnError>(())
//! ```
//!
//! # 4. See whether DNS shows it
//!
//! People can change what a browser tells. What counts is what the servers of the zone answer.
//!
//! ```no_run
//! # async fn run(client: easement_client::Client, found: easement_client::Discovery) -> Result<(), Box<dyn std::error::Error>> {
//! use easement_client::{Expectation, Matching, VerifyPolicy};
//! use easement_zone::{RecordData, RecordType};
//!
//! let expected = [Expectation {
//!     owner: found.host.below(&found.zone)?,
//!     rtype: RecordType::A,
//!     values: vec![RecordData::a("192.0.2.1".parse()?)],
//!     matching: Matching::Exact,
//! }];
//! let report = client
//!     .verify(&found.zone, &expected, VerifyPolicy::default(), |report| {
//!         println!("{} of {} servers", report.shown(), report.counted());
//!     })
//!     .await?;
//! assert!(report.is_complete());
//! # Ok(())
//! # }
//! ```
//!
//! # 5. Change it again later, without the person
//!
//! With permission that lasts, see [`ConsentRequest`](crate::ConsentRequest). The secret that was registered at a DNS
//! provider is sent to the address that was registered with it, never to one that was discovered.
//!
//! ```no_run
//! # use easement_client::*;
//! # async fn run(client: Client, found: Discovery, own: Vec<ProviderCredentials>, query: &str) -> Result<(), Box<dyn std::error::Error>> {
//! let credentials = ProviderCredentials::for_settings(&own, &found.settings)?;
//! let request = ConsentRequest {
//!     provider: "exampleservice.example".parse()?,
//!     services: vec!["website".parse()?],
//!     domain: found.zone.clone(),
//!     hosts: vec![found.host.clone()],
//!     variables: [].into_iter().collect(),
//!     redirect_uri: "https://exampleservice.example/oauth".parse()?,
//!     provider_name: None,
//!     service_name: None,
//! };
//! let (url, pending) = request.begin(&found.settings, credentials, client.random())?;
//! println!("send the person to {url}");
//!
//! // When the browser came back:
//! let code = pending.read_return(query)?;
//! let tokens = client.exchange_code(pending, code, credentials).await?;
//!
//! // Whenever something changes:
//! let tokens = client.refresh_if_due(&tokens, credentials, |_tokens| Ok(())).await?;
//! let mut change = TemplateChange::new("website".parse()?, found.host.clone());
//! change.variables.insert("IP".parse()?, "192.0.2.2");
//! match client.apply(&tokens, &change).await {
//!     Ok(()) => {}
//!     Err(CallFailure::Unapplied(Unapplied::Conflict { records })) => println!("{records:?} are in the way"),
//!     Err(error) => return Err(error.into()),
//! }
//! # Ok(())
//! # }
//! ```
