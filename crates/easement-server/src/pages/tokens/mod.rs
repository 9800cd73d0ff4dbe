//! `/tokens`: the API tokens of the person. Each account sees and touches its own alone; those of others, and
//! those that are not there, look the same.

mod form;
mod list;
mod new;
mod own;
mod revoke;
mod rotate;
mod settings;
mod show;
mod tester;

pub(crate) use self::list::show_tokens;
pub(crate) use self::new::{make_token, show_form};
pub(crate) use self::revoke::{revoke_token, show_revocation};
pub(crate) use self::rotate::rotate_token;
pub(crate) use self::show::show_token;
