//! What an app asks for that has neither a name nor a certificate yet: which address it has, and a name that
//! stands for that address for a while (specification 0.4.0, section "Other endpoints").
//!
//! **What it is for.** Whoever asks gets a name for the address that the request came from and for no other, so
//! nothing has to be proven. Names are made below the one that the configuration says, and go after a while.
//!
//! **What it is not for.** Names that people choose: an owner lets an app have those.

mod lapse;
mod my_ip;
mod plain;
mod refused;
mod settings;
mod temp_subdomain;

pub(crate) use self::my_ip::show_my_ip;
pub(crate) use self::plain::refuse_method;
pub(crate) use self::settings::{Bootstrap, BootstrapError};
pub(crate) use self::temp_subdomain::make_temp_name;
