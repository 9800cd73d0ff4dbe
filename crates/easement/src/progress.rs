//! How far long work has come, for people at a terminal.

use std::io::IsTerminal as _;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

/// Counts up; nobody knows to what. Nothing is shown when nobody is looking.
pub(crate) fn counter(doing: &'static str, things: &'static str) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let template = format!("{{spinner}} {{msg}}: {{human_pos}} {things}, {{elapsed}}");
    let style = ProgressStyle::with_template(&template);
    let bar = ProgressBar::new_spinner()
        .with_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()))
        .with_message(doing);
    bar.enable_steady_tick(Duration::from_millis(100));
    bar
}
