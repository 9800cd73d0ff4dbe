//! Certificates from end to end: real clients, a certificate authority, and a resolver between it and the server.
//! What clients are told is what `docs/certificates.md` says, word for word.

mod acme_dns;
mod authority;
mod hook;
mod own_name;
mod recipe;
