//! What a template's author should look at before a DNS provider does
//! (draft-ietf-dconn-domainconnect-05 sections 6 and 9; the rules of the public template collection).
//!
//! **What it is for.** [`lint`] reads the text of a template and lists every finding with its place, why
//! it matters and how to mend it, also in a template that cannot be read as one. The codes `DCTL0xxx`,
//! `1xxx` and `5xxx` are those of the collection's own linter and mean the same; `DCTL2xxx` are ours.
//! [`LintReport::fixed`] mends what can be mended without changing what the template does.
//!
//! **What it is not for.** Looking anything up: [`lint_key`] judges key records that somebody else asked
//! DNS for.
//!
//! **To add a check**, add its code to `code.rs` with the words that explain it, a function to a file in
//! `rules/`, and two templates to `tests/lint`: one that has it and one that just has not. A test fails
//! for a code without both.
//!
//! ```
//! use domain_connect::lint::{LintOptions, Severity, lint};
//!
//! let report = lint(r#"{
//!     "providerId": "p.example", "providerName": "P", "serviceId": "s", "serviceName": "S",
//!     "syncPubKeyDomain": "p.example", "syncRedirectDomain": "p.example", "version": 1,
//!     "records": [{"type": "A", "host": "@", "pointsTo": "2001:db8::1", "ttl": 600}]
//! }"#, &LintOptions::default());
//! let finding = &report.findings[0];
//! assert_eq!(finding.code.as_str(), "DCTL1035");
//! assert_eq!(finding.severity, Severity::Error);
//! assert_eq!((finding.place.line, finding.place.column), (4, 56));
//! ```

mod code;
mod document;
mod finding;
mod fix;
mod key;
mod report;
mod rules;

#[cfg(test)]
mod tests;

pub use self::code::{Code, UnknownCode};
pub use self::finding::{Finding, Severity, UnknownSeverity};
pub use self::fix::Edit;
pub use self::key::lint_key;
pub use self::report::{KnownTemplates, LintOptions, LintReport, LintSet, Profile, lint};
