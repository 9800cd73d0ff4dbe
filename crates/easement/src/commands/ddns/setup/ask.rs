//! Asking the person at the terminal.

use std::io::{self, BufRead as _, IsTerminal as _, Write as _};
use std::process::{Command, Stdio};

use anyhow::{Context as _, bail};

use crate::console::say;

/// A line. Whoever is not there is not asked.
pub(super) fn line(question: &str, option: &str) -> anyhow::Result<String> {
    if !io::stdin().is_terminal() {
        bail!(super::NotValid::mark(anyhow::anyhow!(
            "{question} is not given: use {option}"
        )));
    }
    let _ = write!(io::stderr(), "{question}: ");
    read()
}

/// A line that is not shown while it is typed; from a pipe it is read as it is.
pub(super) fn hidden(question: &str) -> anyhow::Result<String> {
    if !io::stdin().is_terminal() {
        bail!(super::NotValid::mark(anyhow::anyhow!(
            "there is nobody to ask for the secret: use --token-file FILE, or --token-file - for the standard input"
        )));
    }
    let _ = write!(io::stderr(), "{question} (it is not shown): ");
    let hiding = Echo::off();
    let text = read();
    drop(hiding);
    say("");
    text
}

/// A line, from wherever it comes: a code that is pasted, or piped by a program.
pub(super) fn pasted(question: &str) -> anyhow::Result<String> {
    let _ = write!(io::stderr(), "{question}: ");
    read()
}

fn read() -> anyhow::Result<String> {
    let mut text = String::new();
    let count = io::stdin()
        .lock()
        .read_line(&mut text)
        .context("cannot read what was typed")?;
    if count == 0 {
        bail!("nothing was typed");
    }
    Ok(text.trim_end_matches(['\r', '\n']).to_owned())
}

/// While it is there, the terminal does not show what is typed. Where that cannot be had, it does.
struct Echo;

impl Echo {
    fn off() -> Self {
        stty("-echo");
        Self
    }
}

impl Drop for Echo {
    fn drop(&mut self) {
        stty("echo");
    }
}

fn stty(argument: &str) {
    let mut command = Command::new("stty");
    command
        .arg(argument)
        .stdin(Stdio::inherit())
        .stderr(Stdio::null());
    let _ = command.status();
}
