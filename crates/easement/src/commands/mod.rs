//! The subcommands, one file each.

pub(crate) mod account;
pub(crate) mod backup;
pub(crate) mod config;
pub(crate) mod demo;
pub(crate) mod doctor;
pub(crate) mod key;
pub(crate) mod manual;
pub(crate) mod openapi;
pub(crate) mod restore;
pub(crate) mod serve;
mod service_manager;
mod signals;
pub(crate) mod store;
pub(crate) mod template;
pub(crate) mod token;
pub(crate) mod url;
pub(crate) mod zone;
