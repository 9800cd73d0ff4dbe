//! Apps with access: the standing rights that a person gave, or others gave in zones that are theirs.
//!
//! **What it is for.** One file a page: `list`, `show`, `revoke`. Who may see one, and take it back: whoever gave it,
//! and the owners of its zone.

mod list;
mod own;
mod revoke;
mod show;

pub(crate) use self::list::show_grants;
pub(crate) use self::revoke::{revoke_grant, show_revocation};
pub(crate) use self::show::show_grant;
