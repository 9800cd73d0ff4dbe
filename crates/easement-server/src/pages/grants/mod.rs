//! Apps with access: the standing rights that a person gave, or others gave in zones that are theirs.
//!
//! **What it is for.** One file a page: `list`, `show`, `narrow`, `shorten`, `revoke`; and `until`, for how long a right is
//! given. Who may see one, and take it back: whoever gave it,
//! and the owners of its zone.

mod list;
mod narrow;
mod own;
mod revoke;
mod shorten;
mod show;
mod until;

pub(crate) use self::list::show_grants;
pub(crate) use self::narrow::narrow_grant;
pub(crate) use self::revoke::{revoke_grant, show_revocation};
pub(crate) use self::shorten::shorten_grant;
pub(crate) use self::show::show_grant;
pub(crate) use self::until::Until;
