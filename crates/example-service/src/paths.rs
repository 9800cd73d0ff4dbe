//! Every address of the service.

pub(crate) const HOME: &str = "/";
pub(crate) const CONNECT: &str = "/connect";
/// Where the synchronous flow comes back to.
pub(crate) const RETURN: &str = "/return";
/// Where the asynchronous flow comes back to.
pub const RETURN_ASYNCHRONOUS: &str = "/return/lasting";
/// What a lasting permission is used for.
pub(crate) const MANAGED: &str = "/managed";
pub(crate) const GIVE_BACK: &str = "/managed/give-back";
pub(crate) const DONE: &str = "/done";
pub(crate) const OUTCOME: &str = "/outcome";
/// A visitor's site, seen from here.
pub(crate) const SITE: &str = "/site";
pub(crate) const TEMPLATES: &str = "/templates";
pub(crate) const TEMPLATE: &str = "/templates/{file}";
pub(crate) const TOOLS: &str = "/tools";
pub(crate) const SIGN: &str = "/tools/sign";
pub(crate) const VERIFY: &str = "/tools/verify";
pub(crate) const KEY: &str = "/tools/key";
pub(crate) const STYLE: &str = "/stateless.css";
pub(crate) const SCRIPT: &str = "/stateless.js";
