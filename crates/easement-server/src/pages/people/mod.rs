//! `/zones/{apex}/people` and below: an owner of a zone says who has which role in it.
//!
//! A role outlasts the session in which it was given, and an owner can put the others out. So each change asks for
//! the password again. That an address has no account is told to an owner who typed it: a role that is given shows
//! who has one anyway. How many addresses somebody may try is limited.

mod change;
mod give;
mod own;

pub(crate) use self::change::{change_role, show_person};
pub(crate) use self::give::{MAX_TRIES, give_role, show_people};
