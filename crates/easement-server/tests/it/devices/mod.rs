//! Devices and programs with API tokens.

mod apertodns;
mod dyndns2;
mod tokens;
mod world;
