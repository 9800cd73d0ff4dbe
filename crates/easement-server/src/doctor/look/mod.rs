//! Finding out what is so. One file a subject; what it means is said in `rules/`.

pub(super) mod certificate;
pub(super) mod clock;
pub(super) mod dns;
pub(super) mod parent;
pub(super) mod ports;
pub(super) mod store;
pub(super) mod zone;
