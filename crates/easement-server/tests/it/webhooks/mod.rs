//! Webhooks: a server, receivers over real sockets, and a DNS server that says what a test wants.

mod api;
mod deliveries;
mod dns;
mod hostile;
mod pages;
mod receiver;
mod world;
