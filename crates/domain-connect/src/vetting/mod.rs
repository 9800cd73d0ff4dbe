//! What a template may do, judged before anybody applies it
//! (draft-ietf-dconn-domainconnect-05, onboarding of templates).
//!
//! **What it is for.** An operator who decides about a template wants to know what it does in plain
//! words ([`statements`]), what a new text of it may do that the approved one may not ([`widenings`]),
//! whose name it could be taken for ([`confusables`]), and whether the operator's own rules already
//! answer ([`ApprovalPolicy`]). All are pure functions of templates.
//!
//! **What it is not for.** Plans: those say what a template does to one zone, with values. Keeping
//! decisions, and finding out who controls a key domain.
//!
//! ```
//! use domain_connect::Template;
//! use domain_connect::vetting::{statements, widenings};
//!
//! let read = |target: &str| {
//!     Template::from_json(&format!(r#"{{
//!         "providerId": "fernmail.example", "providerName": "Fernmail",
//!         "serviceId": "mail", "serviceName": "Mail", "syncPubKeyDomain": "fernmail.example",
//!         "records": [{{"type": "MX", "host": "@", "pointsTo": "{target}", "priority": 10, "ttl": 3600}}]
//!     }}"#)).map(|(template, _notes)| template)
//! };
//! let approved = read("mx.fernmail.example")?;
//! assert_eq!(
//!     statements(&approved)[0].to_string(),
//!     "Has mail for the name it is applied to delivered to mx.fernmail.example."
//! );
//!
//! assert!(widenings(&approved, &approved).is_empty());
//! let wider = read("%server%")?;
//! assert_eq!(widenings(&approved, &wider).len(), 1);
//! # Ok::<(), domain_connect::TemplateError>(())
//! ```

mod approval;
mod confusable;
mod cover;
mod place;
mod statement;
mod statement_text;
mod support;
mod widening;

#[cfg(test)]
mod tests;

pub use self::approval::{
    Approval, ApprovalPolicy, ApprovalReason, Control, Facts, HostRule, ReviewReason, Verdict,
};
pub use self::confusable::{Confusable, NameKind, Names, confusables};
pub use self::place::{TemplatePlace, TemplateValue};
pub use self::statement::{Care, Statement, StatementKind, statements};
pub use self::support::{UnsupportedRecord, is_applicable, unsupported_records};
pub use self::widening::{Widening, widenings};
