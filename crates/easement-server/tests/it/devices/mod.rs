//! Devices and programs with API tokens.

mod acme_dns;
mod apertodns;
mod captures;
mod certificates;
mod clients;
mod domain_connect;
mod dyndns2;
mod hosts;
mod lab;
mod minting;
mod one_url;
mod settings;
mod tokens;
mod world;

pub(crate) use self::world::{Devices, Token, start};
