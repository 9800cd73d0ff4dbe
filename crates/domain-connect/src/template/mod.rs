//! Templates: what a service provider's JSON document says, checked once when it is read
//! (draft-ietf-dconn-domainconnect-05 section 6).
//!
//! A [`Template`] can only be had from [`Template::from_json`], so that nothing later has to ask
//! whether a field is there or well formed. The original text stays with it, as the reader's proof of
//! what was approved.
//!
//! **To add a record type** that has fields of its own: a variant of [`RecordBody`], a line in
//! `read.rs`, and the rendering in `render/record.rs`. Types without fields of their own need
//! nothing: they carry their data as text ([`RecordBody::Generic`]).

mod error;
mod model;
mod note;
mod pattern;
mod raw;
mod read;

pub use self::error::{RecordFault, TemplateError, TemplateFault};
pub use self::model::{
    Essential, RecordBody, RedirectStatus, SpecialType, Template, TemplateRecord, TxtConflict,
};
pub use self::note::{NoteKind, TemplateNote};
pub(crate) use self::pattern::digits as pattern_digits;
pub use self::pattern::{Number, Part, Pattern, PatternError, Variable};
pub(crate) use self::raw::{RECORD_FIELDS, TEMPLATE_PROPERTIES};
pub(crate) use self::read::{MAX_RECORDS, MAX_TEMPLATE_OCTETS, generic_type};
