//! What every request meets, whatever its URL: the client's address, request ids, headers, limits.

mod client_address;
pub use self::client_address::client_address;
