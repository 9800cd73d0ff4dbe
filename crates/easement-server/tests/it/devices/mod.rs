//! Devices and programs with API tokens.

mod apertodns;
mod clients;
mod dyndns2;
mod tokens;
mod world;
