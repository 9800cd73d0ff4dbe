//! The story of the demo, as a person lives it: a real browser, a real server, and `dig` asking what
//! DNS answers.
//!
//! **What it is for.** Showing that the parts work together. What each endpoint does with each bad
//! request is tested where the endpoint is.

mod consent;
mod namedrop;
mod refusals;
mod reviews;
mod services;
mod tokens;
mod tools;
mod ways_back;
mod world;
