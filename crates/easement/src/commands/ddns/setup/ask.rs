//! Asking the person at the terminal.

use std::io::{self, BufRead as _, IsTerminal as _, Write as _};
use std::process::{Command, Stdio};

use anyhow::{Context as _, bail};
use tokio::sync::oneshot;

use super::Refusal;
use crate::console::say;

/// A line. Whoever is not there is not asked.
pub(super) fn line(question: &str, option: &str) -> anyhow::Result<String> {
    if !io::stdin().is_terminal() {
        bail!(Refusal::invalid(anyhow::anyhow!(
            "{question} is not given: use {option}"
        )));
    }
    let _ = write!(io::stderr(), "{question}: ");
    read()
}

/// A line that is not shown while it is typed. Whoever is not there is not asked.
pub(super) async fn hidden(question: &str) -> anyhow::Result<String> {
    if !io::stdin().is_terminal() {
        bail!(Refusal::invalid(anyhow::anyhow!(
            "there is nobody to ask for the secret: use --token-file FILE, or --token-file - for the standard input"
        )));
    }
    let echo = Echo::off();
    let shown = match echo {
        Some(_) => "it is not shown",
        None => "everybody who looks can read it here",
    };
    let _ = write!(io::stderr(), "{question} ({shown}): ");
    // Ctrl-C ends the waiting here, and the terminal shows what is typed again.
    let text = tokio::select! {
        text = typed() => text,
        _ = tokio::signal::ctrl_c() => Err(anyhow::anyhow!("it was interrupted, and nothing was saved")),
    };
    drop(echo);
    say("");
    text
}

/// A line, from wherever it comes: a code that is pasted, or piped by a program.
pub(super) async fn pasted(question: &str) -> anyhow::Result<String> {
    let _ = write!(io::stderr(), "{question}: ");
    typed().await
}

/// The same, where it may also come from elsewhere: without anybody who types, it is waited for for ever.
pub(super) async fn pasted_if_any(question: &str) -> anyhow::Result<String> {
    match pasted(question).await {
        Ok(text) => Ok(text),
        Err(_) => std::future::pending().await,
    }
}

/// A line, which is waited for in a thread of its own: it may never come, and nothing can end the waiting there.
async fn typed() -> anyhow::Result<String> {
    let (sender, typed) = oneshot::channel();
    std::thread::spawn(move || {
        let _ = sender.send(read());
    });
    typed.await.context("nobody reads what is typed")?
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

/// While it is there, the terminal does not show what is typed.
struct Echo;

impl Echo {
    /// None where that cannot be had.
    fn off() -> Option<Self> {
        stty("-echo").then_some(Self)
    }
}

impl Drop for Echo {
    fn drop(&mut self) {
        stty("echo");
    }
}

fn stty(argument: &str) -> bool {
    let mut command = Command::new("stty");
    command
        .arg(argument)
        .stdin(Stdio::inherit())
        .stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}
