//! Configuration: what it holds, where it comes from, what it says when it is wrong.
//!
//! **What it is for.** One struct a section, with its defaults and its explanation in one place
//! (`sections.rs`), read from built-in defaults, a TOML file, the environment and the command line;
//! each of these overrides the ones before it. Unknown keys are refused.
//!
//! **What it is not for.** Opening files and sockets that it names.
//!
//! **To add a setting**, add it to its section in `sections.rs`. The file that `easement config
//! default` prints and the name of its environment variable follow.

mod base_path;
mod error;
mod exposed;
mod load;
mod public_url;
mod rate;
mod reference;
mod section;
mod sections;

#[cfg(test)]
pub(crate) use self::base_path::TAKEN;
pub use self::base_path::{BasePath, BasePathError};
pub use self::error::ConfigError;
pub use self::exposed::ExposedFile;
pub use self::load::Overrides;
pub use self::public_url::{PublicUrl, PublicUrlError};
pub use self::rate::{Rate, RateError};
pub use self::sections::{
    AccountsSection, ApprovalMode, Config, DatabaseUrl, DnsSection, DomainConnectSection,
    DynamicDnsSection, LogFormat, LogLevel, LogSection, MetricsSection, NamedropSection,
    ServerSection, StoreSection, TemplatesSection, ToolsAccess, ToolsSection, WebhooksSection,
};
pub use easement_core::{Network, NetworkError};
