//! A real browser for tests: headless Chromium, driven over `WebDriver`.
//!
//! **What it is for.** Walking through pages as a person does, and taking pictures of them for people
//! to judge. A test starts with [`Browser::start`] and goes on with [`Browser::page`].
//!
//! **What it is not for.** What an endpoint answers: ask the router, which is faster and says more.
//!
//! Chromium and `ChromeDriver` come from `scripts/install-test-tools`. Where they are missing the test
//! says so and is skipped, or fails when `EASEMENT_REQUIRE_TOOLS` is set, as `./check` sets it.
//!
//! The tests of the program use this module, too: they include it by its path.

mod driver;
mod screen;
mod window;

pub(crate) use self::screen::{Scheme, Screen};
pub(crate) use self::window::Browser;
