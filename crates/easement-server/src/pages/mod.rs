//! Everything that a person sees in a browser.

pub mod views;
