//! From template records and values to records of a zone
//! (draft-ietf-dconn-domainconnect-05 sections 9.1 to 9.3 and 10.3).

mod fault;
mod groups;
mod record;
mod scope;
mod text;

pub use self::fault::RenderFault;
pub use self::groups::UnknownGroup;
pub(crate) use self::groups::{active_records, known_groups};

pub(crate) use self::record::{Context, Rendered, RenderedBody, owner_of, render};
pub use self::scope::{OwnerFault, OwnerKind};
pub(crate) use self::scope::{Scope, is_hostname_label};
pub use self::text::TextFault;
