//! What is said on the terminal: data on the standard output, everything else on the error output.
//!
//! Text may hold ANSI styles (crate `anstyle`): they are taken out where nobody could see them.

use std::fmt::Display;
use std::io::{self, IsTerminal as _, Write as _};
#[cfg(feature = "server")]
use std::path::Path;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::ColorChoice;
use domain_connect::escape_hidden;
#[cfg(feature = "server")]
use easement_server::admin::{AdminFailure, FailureKind, Progress};
#[cfg(feature = "server")]
use easement_server::config::{Config, ConfigError};
use serde::Serialize;

/// Decides whether colours are shown, for the whole process.
pub(crate) fn choose_colours(color: ColorChoice) {
    match color {
        ColorChoice::Auto => anstream::ColorChoice::Auto,
        ColorChoice::Always => anstream::ColorChoice::Always,
        ColorChoice::Never => anstream::ColorChoice::Never,
    }
    .write_global();
}

/// Prints data. A reader that has gone away is not an error.
pub(crate) fn print(data: impl Display) {
    let _ = writeln!(anstream::stdout(), "{data}");
}

/// Prints data octet by octet: nothing is taken out, and no line end is added. What cannot be written, as
/// on a full disk, is an error; a reader that has gone away is none.
pub(crate) fn print_text(text: &str) -> anyhow::Result<()> {
    let mut output = io::stdout().lock();
    let written = output
        .write_all(text.as_bytes())
        .and_then(|()| output.flush());
    match written {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => written.context("cannot write to the standard output"),
    }
}

/// Prints a file of strangers: octet by octet, or with nothing that a terminal obeys when one shows it.
pub(crate) fn print_file(text: &str) -> anyhow::Result<()> {
    if io::stdout().is_terminal() {
        return print_text(&escape_lines(text));
    }
    print_text(text)
}

/// Text in lines, with everything else that nobody sees written out.
fn escape_lines(text: &str) -> String {
    let lines: Vec<String> = text.split('\n').map(escape_hidden).collect();
    lines.join("\n")
}

/// Prints data as JSON.
pub(crate) fn print_json(data: &impl Serialize) -> anyhow::Result<()> {
    print_text(&format!("{}\n", serde_json::to_string_pretty(data)?))
}

/// Says something to a person.
pub(crate) fn say(words: impl Display) {
    let _ = writeln!(anstream::stderr(), "{words}");
}

/// Shows how far a request has come, in one line that the next one replaces; only on a terminal.
#[cfg(feature = "server")]
pub(crate) fn show_progress(progress: &Progress) {
    if io::stderr().is_terminal() {
        let _ = write!(io::stderr(), "\r{CLEAR_LINE}{progress} ");
    }
}

/// Takes the line away in which progress was shown.
pub(crate) fn clear_progress() {
    if io::stderr().is_terminal() {
        let _ = write!(io::stderr(), "\r{CLEAR_LINE}");
    }
}

/// Clears from the cursor to the end of the line.
const CLEAR_LINE: &str = "\u{1b}[K";

/// Says which files with secrets others can read.
#[cfg(feature = "server")]
pub(crate) fn warn_of_exposed_files(config: &Config, file: Option<&Path>) {
    for exposed in config.exposed_files(file) {
        say(format_args!("warning: {exposed}"));
    }
}

/// What was named is not there, such as a file: exit code 4.
#[derive(Debug)]
pub(crate) struct NotThere {
    error: anyhow::Error,
    hint: Option<&'static str>,
}

impl NotThere {
    /// Marks an error.
    pub(crate) fn mark(error: anyhow::Error) -> anyhow::Error {
        Self { error, hint: None }.into()
    }

    /// Says what to do, where an error is that something is not there.
    pub(crate) fn hint(error: anyhow::Error, hint: &'static str) -> anyhow::Error {
        match error.downcast::<Self>() {
            Ok(error) => {
                let hint = Some(hint);
                Self { hint, ..error }.into()
            }
            Err(error) => error,
        }
    }
}

impl Display for NotThere {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:#}", self.error)
    }
}

impl std::error::Error for NotThere {}

/// What was given is not valid, and nothing was changed: exit code 3.
#[derive(Debug)]
pub(crate) struct NotValid(anyhow::Error);

impl NotValid {
    /// Marks an error, to be used with `map_err`. Wrong usage, and what is not there, stay what they are.
    pub(crate) fn mark(error: impl Into<anyhow::Error>) -> anyhow::Error {
        let error = error.into();
        if error.is::<WrongUsage>() || error.is::<NotThere>() {
            return error;
        }
        Self(error).into()
    }

    /// The same for a command in which the exit code of what is not there means something else.
    pub(crate) fn or_not_there(error: anyhow::Error) -> anyhow::Error {
        if error.is::<NotThere>() {
            return Self(error).into();
        }
        error
    }
}

impl Display for NotValid {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:#}", self.0)
    }
}

impl std::error::Error for NotValid {}

/// Arguments that do not go together, where the parser of the command line cannot see it: exit code 2.
#[derive(Debug)]
pub(crate) struct WrongUsage(pub(crate) &'static str);

impl Display for WrongUsage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0)
    }
}

impl std::error::Error for WrongUsage {}

/// Says what failed and what to do, and gives the exit code.
pub(crate) fn fail(error: &anyhow::Error) -> ExitCode {
    let words = escape_lines(&format!("{error:#}"));
    say(format_args!("error: {words}"));
    #[cfg(feature = "server")]
    if let Some(code) = fail_for_server(error) {
        return code;
    }
    #[cfg(feature = "agent")]
    if let Some(code) = crate::commands::ddns::exit_code(error) {
        return code;
    }
    if let Some(missing) = error.downcast_ref::<NotThere>() {
        if let Some(hint) = missing.hint {
            say(format_args!("hint: {hint}"));
        }
        return ExitCode::from(4);
    }
    if error.is::<NotValid>() {
        return ExitCode::from(3);
    }
    if error.is::<WrongUsage>() {
        return ExitCode::from(2);
    }
    ExitCode::FAILURE
}

/// The exit code of what went wrong with the server or its configuration.
#[cfg(feature = "server")]
fn fail_for_server(error: &anyhow::Error) -> Option<ExitCode> {
    if let Some(failure) = error.downcast_ref::<AdminFailure>() {
        if let Some(hint) = &failure.hint {
            say(format_args!("hint: {hint}"));
        }
        return Some(ExitCode::from(match failure.kind {
            FailureKind::Internal => 1,
            FailureKind::Invalid => 3,
            FailureKind::NotFound => 4,
            FailureKind::Conflict => 5,
        }));
    }
    if let Some(error) = error.downcast_ref::<ConfigError>() {
        say("hint: `easement config default` prints every setting with its meaning");
        return Some(ExitCode::from(if error.is_missing_file() { 4 } else { 2 }));
    }
    None
}

/// Nothing was changed, and something would be: exit code 6.
#[cfg(feature = "server")]
pub(crate) const WOULD_CHANGE: u8 = 6;

/// Lines in columns, each as wide as its widest cell, with everything written out that nobody sees.
pub(crate) fn table<const N: usize>(heading: [&str; N], rows: &[[String; N]]) -> String {
    let rows = rows
        .iter()
        .map(|row| row.each_ref().map(|cell| escape_hidden(cell)));
    let heading = std::iter::once(heading.map(str::to_owned));
    let lines: Vec<[String; N]> = heading.chain(rows).collect();
    let widths: Vec<usize> = (0..N)
        .map(|column| {
            let cells = lines.iter().filter_map(|line| line.get(column));
            cells
                .map(|cell| cell.chars().count())
                .max()
                .unwrap_or_default()
        })
        .collect();
    let line = |cells: &[String; N]| {
        let padded: Vec<String> = cells
            .iter()
            .zip(&widths)
            .map(|(cell, width)| format!("{cell:width$}"))
            .collect();
        padded.join("  ").trim_end().to_owned()
    };
    lines.iter().map(line).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_terminal_obeys_nothing_in_a_text_of_strangers() {
        let text = "{\n  \"a\": \"\u{1b}[2J\u{9b}2J\u{202e}\r\"\n}\n";
        let shown = "{\n  \"a\": \"\\u{1b}[2J\\u{9b}2J\\u{202e}\\r\"\n}\n";
        assert_eq!(escape_lines(text), shown);
    }

    #[test]
    fn nor_in_a_table() {
        let rows = [["\u{1b}[2J".to_owned(), "b".to_owned()]];
        let shown = "NAME       TITLE\n\\u{1b}[2J  b";
        assert_eq!(table(["NAME", "TITLE"], &rows), shown);
    }
}
