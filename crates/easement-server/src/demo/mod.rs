//! What the demo shows: zones as they stand in the real world, and four service providers that ask to
//! change one of them.
//!
//! **What it is for.** A newcomer's first minutes, and the browser tests: the whole story runs on one
//! machine, without a network. The service providers are played by one small web site on an origin of
//! its own; they sign their requests, and their keys are published in zones that this server hosts.
//!
//! **What it is not for.** Anything that a real server needs.

mod links;
mod signing_key;
mod site;
mod zones;

pub use self::links::{Links, OFFERS, Offer};
pub use self::signing_key::{KeyFileError, load_or_make_key};
pub use self::site::site;
pub use self::zones::{DemoZone, DemoZoneError, NEIGHBOUR_APEX, OWNED_APEX, demo_zones};

/// The templates that the demo offers, as JSON texts.
pub const TEMPLATES: [&str; 4] = [
    include_str!("../../demo/templates/sitewright.test.website.json"),
    include_str!("../../demo/templates/fernmail.test.business.json"),
    include_str!("../../demo/templates/parcelpress.test.newsletter.json"),
    include_str!("../../demo/templates/onepager.test.page.json"),
];
