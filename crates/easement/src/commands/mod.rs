//! The subcommands, one file each.

#[cfg(feature = "server")]
pub(crate) mod account;
#[cfg(feature = "server")]
pub(crate) mod backup;
#[cfg(feature = "server")]
pub(crate) mod client;
#[cfg(feature = "server")]
pub(crate) mod config;
#[cfg(feature = "server")]
pub(crate) mod connect;
#[cfg(feature = "agent")]
pub(crate) mod ddns;
#[cfg(feature = "server")]
pub(crate) mod demo;
#[cfg(feature = "server")]
pub(crate) mod discover;
#[cfg(feature = "server")]
pub(crate) mod doctor;
#[cfg(feature = "server")]
pub(crate) mod example_service;
#[cfg(feature = "server")]
mod failure;
#[cfg(feature = "server")]
pub(crate) mod key;
#[cfg(feature = "server")]
pub(crate) mod manual;
#[cfg(feature = "server")]
pub(crate) mod names;
#[cfg(feature = "server")]
pub(crate) mod openapi;
#[cfg(feature = "server")]
mod reach;
#[cfg(feature = "server")]
pub(crate) mod restore;
mod return_place;
#[cfg(feature = "server")]
pub(crate) mod serve;
#[cfg(unix)]
mod service_manager;
mod signals;
#[cfg(feature = "server")]
pub(crate) mod store;
#[cfg(feature = "server")]
pub(crate) mod template;
#[cfg(feature = "server")]
pub(crate) mod token;
#[cfg(feature = "server")]
pub(crate) mod url;
#[cfg(feature = "server")]
pub(crate) mod zone;
