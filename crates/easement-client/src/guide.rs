//! From a domain to its records.
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
