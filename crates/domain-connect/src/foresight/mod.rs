//! What a template may do at a host before all values are known: what a person is shown who lets a service
//! provider apply it at any later time (Domain Connect 2.3, "OAuth Flow: Getting an Authorization Code").
//!
//! **What it is for.** [`granted_records`] says at which names records of which types may be written, and what of
//! their values is fixed; [`foresee`] says what would be in the way today.
//!
//! **What it is not for.** Deciding about a call: that is planned with its real values, against the zone of that
//! moment ([`plan_application`](crate::plan_application)).

mod granted;
mod placeholder;
mod plan;

pub use self::granted::{
    GrantedRecord, NameNotAgreed, NameNotGiven, fixed_variables, granted_records, with_fixed,
};
pub use self::plan::{Foreseen, ForeseenPlan, ForesightError, foresee};

#[cfg(test)]
mod tests;
