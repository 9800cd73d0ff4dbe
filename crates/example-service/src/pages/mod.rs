//! The pages, one file each: what it shows, and what it does before.

mod change;
mod connect;
mod error;
mod filters;
mod give_back;
mod home;
mod lasting;
mod managed;
mod outcome;
mod returned;
mod shell;
mod site;
mod templates;
mod tools;

pub(crate) use self::change::{Action, change};
pub(crate) use self::connect::connect;
pub(crate) use self::error::{PageError, not_found};
pub(crate) use self::give_back::give_back;
pub(crate) use self::home::show_home;
pub(crate) use self::lasting::come_back_with_code;
pub(crate) use self::managed::show_managed;
pub(crate) use self::outcome::{show_done, show_outcome};
pub(crate) use self::returned::come_back;
pub(crate) use self::shell::{Shell, check_form, show};
pub(crate) use self::site::{by_host, show_preview};
pub(crate) use self::templates::{show_template, show_templates};
pub(crate) use self::tools::{
    explain_signature, show_key, show_sign, show_tools, show_verify, sign,
};
