//! The one SPF record of a name, put together from what several services and the owner need
//! (draft-ietf-dconn-domainconnect-05 section 9.4, RFC 7208).
//!
//! Everything here works on terms; the rules for records that several services share are applied to
//! each term in `plan`.

mod domain_spec;
mod lookups;
mod merge;
mod term;

pub use self::lookups::{SpfCount, SpfLookups};
pub use self::merge::{AllTerm, SpfRecord, SpfRecordError, is_spf};
pub use self::term::{Qualifier, Term, TermError, TermFault, TermKey};

pub(crate) use self::merge::{Added, MAX_LOOKUPS, distinct, parse_rules};
