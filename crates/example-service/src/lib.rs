//! Stateless Hosting: a service provider that does not exist, with which Domain Connect can be tried from its side.
//!
//! **What it is for.** A visitor names a domain and a sentence; the service finds the DNS provider, offers what that
//! provider supports, and shows the sentence under the visitor's name. What it knows about visitors stands in their
//! DNS and in values that it signs and gives away. It is a partner for testing any DNS provider, and shows how
//! `easement-client` is used.
//!
//! **What it is not for.** Being a part of a DNS provider: it uses nothing of the server, and looks like somebody
//! else, because it is.
//!
//! **To add a page**, write a file in `pages/`, its path in `paths.rs` and a line in `router.rs`. **To add a
//! template**, add a variant to `Offer`.

mod assets;
mod context;
mod form;
mod journey;
mod look;
mod network;
mod offer;
mod options;
mod outside;
mod pages;
mod paths;
mod permissions;
mod places;
mod router;
mod seal;
mod security_headers;
mod service;
mod spent;
#[cfg(test)]
mod tests;
mod visitor;
mod wish;

pub use self::options::{DOMAIN, ExampleOptions, KEY_LABEL, LoopbackProviders};
pub use self::paths::RETURN_ASYNCHRONOUS;
pub use self::service::{ExampleService, StartError, template_files};
