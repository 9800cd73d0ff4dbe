//! `/tools`: what service providers need to write templates and links, for people without a terminal.
//!
//! **What it is for.** The linter, the signature debugger and the playground of the command line, as
//! pages. Nothing that is pasted is stored or logged, and no zone of this server is read.
//!
//! **What it is not for.** Deciding about templates; judging them is `domain_connect`'s.
//!
//! Everything here goes through the [`guard`], and everything that costs processor time through the
//! [`Workbench`].

mod guard;
mod imported;
mod index;
mod link_state;
mod lint;
mod playground;
mod signature;
mod trial;
mod workbench;

pub(crate) use self::guard::guard;
pub(crate) use self::index::show_tools;
pub(crate) use self::lint::{lint_template, show_code, show_codes, show_linter};
pub(crate) use self::playground::{play, show_playground};
pub(crate) use self::signature::{explain_signature, show_debugger};
pub(crate) use self::workbench::Workbench;
