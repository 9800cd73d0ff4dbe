//! Devices and programs with API tokens.

mod acme_dns;
mod apertodns;
mod clients;
mod dyndns2;
mod hosts;
mod one_url;
mod tokens;
mod world;
