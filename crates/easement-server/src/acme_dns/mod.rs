//! The HTTP interface of acme-dns: certificate clients get an account for one name, and set texts there.
//!
//! An account is an API token for the texts at its name. It is made from another token, the *invitation*, which
//! is for the names below one: so accounts end with their invitation, and reach no further.

mod call;
mod register;
mod update;

pub(crate) use self::call::no_answer;
pub(crate) use self::register::{
    open_registration_limit, register, register_invited, registration_limit,
};
pub(crate) use self::update::update;
