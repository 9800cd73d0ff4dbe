//! From a link to a changed zone, in steps: how a DNS provider uses this library.
//!
//! Nothing here asks DNS, shows a page or stores anything: that is the part of the program around it. It
//! keeps, for each zone, the records, the [`AppliedService`]s and, when it offers redirects or aliases at
//! the apex, the [`Special`]s. It keeps the templates that it offers.
//!
//! # 1. Offer templates
//!
//! A template is read once, when it comes in: what can be wrong with it is found there. Whoever decides
//! about it sees the linter's findings and what it does in plain words.
//!
//! ```
//! use domain_connect::Template;
//! use domain_connect::lint::{LintOptions, Severity, lint};
//! use domain_connect::vetting::statements;
//!
//! let text = r#"{
//!     "providerId": "exampleservice.example", "providerName": "Example Service",
//!     "serviceId": "mail", "serviceName": "Mail", "version": 1,
//!     "syncPubKeyDomain": "exampleservice.example", "syncRedirectDomain": "exampleservice.example",
//!     "records": [
//!         {"type": "MX", "host": "@", "pointsTo": "%server%.exampleservice.example",
//!          "priority": 10, "ttl": 3600},
//!         {"type": "SPFM", "host": "@", "spfRules": "include:spf.exampleservice.example"}
//!     ]
//! }"#;
//! let report = lint(text, &LintOptions::default());
//! assert_eq!(report.count(Severity::Error), 0);
//!
//! let (template, notes) = Template::from_json(text)?;
//! for statement in statements(&template) {
//!     println!("{:?}: {statement}", statement.care());
//! }
//! # assert!(notes.is_empty());
//! # Ok::<(), domain_connect::TemplateError>(())
//! ```
//!
//! Service providers find all this by a `TXT` record at `_domainconnect` below each domain, which names
//! the host that answers at `/v2/{domain}/settings` with [`Settings`] and, for each template, at
//! `/v2/domainTemplates/providers/{providerId}/services/{serviceId}` with its [`TemplateVersion`].
//!
//! # 2. Bring your zones
//!
//! Plans read a [`Zone`]. It is made from records in any order, wherever they are kept, and refuses what is
//! no zone; names, types and data are the texts of zone files. From a zone file,
//! [`zonefile::read`](easement_zone::zonefile::read) makes one.
//!
//! ```
//! use std::error::Error;
//!
//! use easement_zone::{Name, RecordData, RecordSet, Ttl, Zone, ZoneBuilder};
//!
//! fn zone(apex: &str, rows: &[(&str, u32, &str, &str)]) -> Result<Zone, Box<dyn Error>> {
//!     let apex: Name = apex.parse()?;
//!     let mut builder = ZoneBuilder::new(apex.clone());
//!     for (name, ttl, rtype, data) in rows {
//!         let data = RecordData::from_text(rtype.parse()?, data)?;
//!         builder.insert(RecordSet::single(name.parse()?, Ttl::from_secs(*ttl)?, data))?;
//!     }
//!     Ok(builder.finish()?)
//! }
//!
//! let zone = zone("example.com", &[
//!     ("example.com", 3600, "SOA", "ns1.dns.example. hostmaster.dns.example. 7 7200 900 1209600 300"),
//!     ("example.com", 3600, "NS", "ns1.dns.example."),
//!     ("example.com", 3600, "NS", "ns2.dns.example."),
//!     ("www.example.com", 300, "A", "192.0.2.1"),
//! ])?;
//! assert_eq!((zone.set_count(), zone.serial().number()), (3, 7));
//! # Ok::<(), Box<dyn Error>>(())
//! ```
//!
//! # 3. Read the request
//!
//! A person comes with a link. Its query is read in full before anybody is asked to sign in, and kept as
//! it came, because that text is what was signed. When it cannot be read, [`ReturnAddress`] finds where the
//! service provider wants to hear of it.
//!
//! ```
//! use domain_connect::ApplyQuery;
//! # use domain_connect::Template;
//! # let template = Template::from_json(r#"{"providerId": "exampleservice.example",
//! #     "providerName": "P", "serviceId": "mail", "serviceName": "Mail", "records": []}"#)?.0;
//!
//! let text = "domain=example.com&server=mx7&state=s1&redirect_uri=https%3A%2F%2Fexampleservice.example%2Fdone";
//! let query = ApplyQuery::parse(text, &template)?;
//! query.check(&template)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # 4. Find out who asks
//!
//! When the template names a key domain, the request must be signed. The key is asked for in DNS, with
//! whatever resolver the program has; with the texts of the answer everything else is decided here.
//!
//! ```
//! use domain_connect::{
//!     ApplyQuery, Authenticity, PublicKey, SignatureError, SignatureParameters, Template, WeakKeys,
//!     key_name, verify,
//! };
//! use easement_zone::Name;
//!
//! fn authenticity(
//!     query: &ApplyQuery,
//!     template: &Template,
//!     ask_for_texts: impl Fn(&Name) -> Vec<String>,
//! ) -> Result<Authenticity, SignatureError> {
//!     let Some(domain) = template.public_key_domain() else {
//!         return Ok(Authenticity::Unsigned);
//!     };
//!     let parameters = SignatureParameters::from_query(query.raw())?;
//!     let parameters = parameters.ok_or(SignatureError::Unsigned)?;
//!     let texts = ask_for_texts(&key_name(&parameters.key, domain)?);
//!     let key = PublicKey::from_records(texts.iter().map(String::as_str), WeakKeys::Refuse)?;
//!     verify(query.raw(), &parameters, &key)?;
//!     Ok(Authenticity::Signed)
//! }
//! ```
//!
//! When a signature does not fit, [`SignatureQuestion`] tells the service provider why.
//!
//! # 5. Plan
//!
//! After the person has signed in and the program knows that the zone is theirs, it makes the plan. The
//! plan is a value: it says everything that would change, and changes nothing.
//!
//! ```
//! use domain_connect::{
//!     Application, ApplyQuery, AppliedService, Authenticity, Plan, PlanError, Policy, Template,
//!     plan_application,
//! };
//! use easement_zone::Zone;
//!
//! fn plan(
//!     (zone, services): (&Zone, &[AppliedService]),
//!     (template, query): (&Template, &ApplyQuery),
//!     authenticity: Authenticity,
//! ) -> Result<Plan, PlanError> {
//!     plan_application(&Application {
//!         zone,
//!         services,
//!         special: &[],
//!         template,
//!         host: &query.host,
//!         groups: &query.groups,
//!         instance: query.instance.as_ref(),
//!         variables: &query.variables,
//!         authenticity,
//!         policy: &Policy::default(),
//!     })
//! }
//! ```
//!
//! # 6. Show, and have it agreed to
//!
//! Show the [`effects`](Plan::effects) first, because people understand them, then
//! [`warnings`](Plan::warnings), [`conflicts`](Plan::conflicts) and the services that
//! [end](Plan::ended), then the [`rows`](Plan::rows); [`Plan`] has an example. Put
//! [`digest`](Plan::digest) into the form. When the form comes back, plan anew: the same digest means
//! that the person has seen what would be done now.
//!
//! # 7. Commit
//!
//! Records and services change together, in one transaction of whatever keeps them.
//!
//! ```
//! use domain_connect::{AppliedService, Checksum, Plan};
//! use easement_zone::{ApplyError, Zone};
//!
//! /// Nothing, when the zone has changed so much that the person must look again.
//! fn commit(
//!     plan: &Plan,
//!     agreed: Checksum,
//!     (zone, services): (&Zone, &[AppliedService]),
//! ) -> Result<Option<(Zone, Vec<AppliedService>)>, ApplyError> {
//!     if plan.digest() != agreed {
//!         return Ok(None);
//!     }
//!     Ok(Some((zone.apply(&plan.changes)?, plan.services_after(services))))
//! }
//! ```
//!
//! The changes say of each set of records what it was and what it becomes, so a store that keeps single
//! records knows which to delete and which to insert. That each set was so is the condition of the
//! transaction: otherwise somebody else was faster, and the wish is planned anew.
//!
//! ```
//! use easement_zone::{ChangeSet, RecordData, RecordSet};
//!
//! /// The statements of a transaction.
//! fn statements(changes: &ChangeSet) -> Vec<String> {
//!     let lines = |verb: &str, set: &RecordSet| -> Vec<String> {
//!         let head = format!("{verb} {} {} {}", set.owner().to_text(), set.ttl(), set.rtype());
//!         set.data().iter().map(|data| format!("{head} {data}")).collect()
//!     };
//!     let mut statements = Vec::new();
//!     for (_, change) in changes.iter() {
//!         statements.extend(change.before.iter().flat_map(|set| lines("delete", set)));
//!         statements.extend(change.after.iter().flat_map(|set| lines("insert", set)));
//!     }
//!     statements
//! }
//!
//! # use easement_zone::Ttl;
//! # let set = |address: [u8; 4]| {
//! #     let data = RecordData::a(address.into());
//! #     "www.example.com".parse().map(|name| RecordSet::single(name, Ttl::HOUR, data))
//! # };
//! # let mut changes = ChangeSet::new();
//! # changes.record(Some(set([203, 0, 113, 1])?), Some(set([192, 0, 2, 1])?));
//! assert_eq!(
//!     statements(&changes),
//!     [
//!         "delete www.example.com 3600 A 203.0.113.1",
//!         "insert www.example.com 3600 A 192.0.2.1",
//!     ]
//! );
//! # Ok::<(), easement_zone::NameError>(())
//! ```
//!
//! # 8. Send the browser back
//!
//! Only [`Redirect::check`] makes a place that a browser is sent to: one that the template lists, or that
//! a signed request names.
//!
//! ```
//! use domain_connect::{
//!     ApplyQuery, Authenticity, ErrorAnswer, LoopbackRedirects, Redirect, RedirectError, Template,
//! };
//! use url::Url;
//!
//! fn way_back(
//!     query: &ApplyQuery,
//!     template: &Template,
//!     (authenticity, is_applied): (Authenticity, bool),
//! ) -> Result<Option<Url>, RedirectError> {
//!     let Some(target) = &query.redirect_uri else { return Ok(None) };
//!     let way = Redirect::check(target, template, authenticity, LoopbackRedirects::Refuse)?;
//!     let state = query.state.as_deref();
//!     Ok(Some(if is_applied {
//!         way.success(state)
//!     } else {
//!         way.error(&ErrorAnswer::user_cancel(), state)
//!     }))
//! }
//! ```
//!
//! # 9. Later
//!
//! The same link again gives a plan that takes the place of the earlier application, and often one that
//! [changes nothing](Plan::changes_nothing). [`plan_removal`] takes a service out: what it wrote goes,
//! what stood there before or what another service needs stays.
//!
//! In the asynchronous flow the service provider asks by itself, with a token that the person gave it
//! before. The parameters and the plan are the same. Nobody is there to look at it, so a plan with
//! conflicts is refused unless the request says `force=1` (Domain Connect 2.3, asynchronous flow).

#[cfg(doc)]
use easement_zone::Zone;

#[cfg(doc)]
use crate::{
    AppliedService, Plan, Redirect, ReturnAddress, Settings, SignatureQuestion, Special,
    TemplateVersion, plan_removal,
};
