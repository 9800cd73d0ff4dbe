//! Pages about API tokens.

mod list;
mod made;
mod new;
mod revoke;
mod show;

pub use self::list::{TokenRow, TokensPage};
pub use self::made::TokenMadePage;
pub use self::new::{NewTokenPage, ParentView, TokenForm};
pub use self::revoke::RevokeTokenPage;
pub(crate) use self::show::OVERLAPS;
pub use self::show::{NetworkRow, TesterView, TokenPage, TokenVerdict};
