//! Clients of Domain Connect that others wrote, unmodified: they find the server over DNS and TLS, send the owner of a
//! zone to its pages in a real browser, and apply templates.

mod library;
mod network;
mod program;
mod world;
