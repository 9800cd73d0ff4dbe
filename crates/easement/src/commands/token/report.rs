//! What is shown.

use std::fmt::Write as _;
use std::process::ExitCode;

use easement_core::NameLimit;
use easement_server::admin::{
    TokenAnswer, TokenDetail, TokenLine, TokenMade, TokenRevoked, TokenUseLine,
};

use crate::console::{self, table};

/// Says what was made; prints the token, which is data.
pub(crate) fn show_made(made: &TokenMade) {
    let line = &made.line;
    let what = match made.earlier_until {
        Some(_) => "has another secret",
        None => "was made",
    };
    console::say(format_args!(
        "The {} token {} ({}) of {} {what}.",
        line.kind, line.name, line.id, line.account
    ));
    for words in &made.words {
        console::say(words);
    }
    if let Some(until) = made.earlier_until {
        console::say(format_args!("The secret that it had counts until {until}."));
    }
    for warning in &made.warnings {
        console::say(format_args!("warning: {warning}"));
    }
    if let Some(url) = &made.update_url {
        console::say("To set addresses with it, where TOKEN holds it:");
        console::say(format_args!("  curl --user \"device:$TOKEN\" '{url}'"));
        console::say(
            "That sets the address which the request comes from; &myip=ADDRESS at its end sets another one, as it \
             must from this machine or a private network.",
        );
    }
    console::say("This is the token. It is shown this once:");
    console::print(made.token.reveal());
}

/// Says that a token was revoked.
pub(crate) fn show_revoked(revoked: &TokenRevoked) {
    let TokenRevoked { id, name, counted } = revoked;
    if *counted {
        console::say(format_args!(
            "The token {name} ({id}) was revoked, and with it those that were made from it."
        ));
    } else {
        console::say(format_args!("The token {name} ({id}) was revoked already."));
    }
}

/// A table of tokens.
pub(crate) fn list(tokens: &[TokenLine]) -> String {
    let rows: Vec<_> = tokens
        .iter()
        .map(|token| {
            [
                token.id.to_string(),
                token.name.to_string(),
                token.account.to_string(),
                token.kind.to_string(),
                names(&token.limits.names),
                token
                    .last_use
                    .map_or_else(|| "never".to_owned(), |one| one.at.to_string()),
                state(token).to_owned(),
            ]
        })
        .collect();
    let heading = ["ID", "NAME", "ACCOUNT", "KIND", "FOR", "LAST USE", "STATE"];
    table(heading, &rows)
}

/// The first names, and how many more there are.
fn names(limits: &[NameLimit]) -> String {
    const SHOWN: usize = 2;
    let shown: Vec<String> = limits.iter().take(SHOWN).map(ToString::to_string).collect();
    match limits.len().saturating_sub(SHOWN) {
        0 => shown.join(", "),
        more => format!("{}, {more} more", shown.join(", ")),
    }
}

fn state(token: &TokenLine) -> &'static str {
    match (&token.ended, token.revoked_at) {
        (_, Some(_)) => "revoked",
        (Some(_), None) => "ended",
        (None, None) => "counts",
    }
}

/// A token in full.
pub(crate) fn detail(detail: &TokenDetail) -> String {
    let line = &detail.line;
    let last_use = |one: TokenUseLine| format!("{} from {}", one.at, one.address);
    let mut text = format!(
        "{}\nid          {}\naccount     {}\nkind        {}\nmade        {}\nlast use    {}\n",
        line.name,
        line.id,
        line.account,
        line.kind,
        line.created_at,
        line.last_use.map_or_else(|| "never".to_owned(), last_use),
    );
    if let Some(at) = line.revoked_at {
        let _ = writeln!(text, "revoked     {at}");
    }
    if let Some(reason) = &line.ended {
        let _ = writeln!(text, "does not count: {reason}");
    }
    if let Some(refusals) = &detail.refusals {
        let _ = writeln!(
            text,
            "refused     {} times, each within a day of the one before, last at {}: {}",
            refusals.count, refusals.last_at, refusals.reason
        );
    }
    let _ = write!(text, "\n{}", detail.words.join("\n"));
    for parent in &detail.made_from {
        let _ = write!(
            text,
            "\n\nIt was made from {} ({}), and can do no more than that one:\n{}",
            parent.name,
            parent.id,
            parent.words.join("\n")
        );
    }
    if !detail.children.is_empty() {
        let rows: Vec<_> = detail
            .children
            .iter()
            .map(|one| {
                [
                    one.id.to_string(),
                    one.name.to_string(),
                    state(one).to_owned(),
                ]
            })
            .collect();
        let heading = ["MADE FROM IT", "NAME", "STATE"];
        let _ = write!(text, "\n\n{}", table(heading, &rows));
    }
    if !detail.networks.is_empty() {
        let rows: Vec<_> = detail
            .networks
            .iter()
            .map(|one| {
                [
                    one.network.to_string(),
                    one.first_at.to_string(),
                    one.last_at.to_string(),
                ]
            })
            .collect();
        let heading = ["USED FROM", "FIRST", "LAST"];
        let _ = write!(text, "\n\n{}", table(heading, &rows));
    }
    text
}

/// Says whether a token may do what was asked about.
pub(crate) fn show_answer(answer: &TokenAnswer) {
    match &answer.reason {
        Some(reason) => console::print(format_args!("no: {reason}")),
        None if answer.changes => console::print("yes"),
        None => console::print("yes: the records are like that already"),
    }
}

/// Whether the answer was yes.
pub(crate) fn answer_code(answer: &TokenAnswer) -> ExitCode {
    if answer.allowed {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(3)
    }
}
