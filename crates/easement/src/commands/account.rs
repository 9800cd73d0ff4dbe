//! `easement account`.

use std::io::Read as _;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::{Subcommand, ValueEnum};
use easement_core::{EmailAddress, Standing};
use easement_server::admin::{
    AccountEnd, AccountLine, AccountWish, AdminRequest, GivenPassword, NewAccount, PasswordLink,
    StandingLine,
};

use crate::console::{self, WOULD_CHANGE, table};

#[derive(Debug, Subcommand)]
pub(crate) enum AccountCommand {
    /// Make an account. Prints a link to choose its password, which works once.
    Create {
        /// The address it signs in with.
        email: EmailAddress,
        /// Lets it run this server: vet templates, see all zones' names.
        #[arg(long)]
        operator: bool,
        /// Reads the password from the standard input, in place of making a link.
        #[arg(long)]
        password_stdin: bool,
    },
    /// Print a link to choose a password, for whoever forgot it. It works once.
    PasswordLink {
        /// The address that the account signs in with.
        email: EmailAddress,
    },
    /// Say whether an account runs this server.
    Operator {
        /// The address that the account signs in with.
        email: EmailAddress,
        /// on or off.
        state: Operator,
    },
    /// List all accounts.
    List,
    /// Print everything that is stored about an account, as JSON.
    Export {
        /// The address that the account signs in with.
        email: EmailAddress,
    },
    /// Delete an account: its sessions, roles and API tokens end, its zones go on as they are.
    Delete {
        /// The address that the account signs in with.
        email: EmailAddress,
        /// Does it. Without this, says what would happen.
        #[arg(long)]
        yes: bool,
    },
}

/// Whether an account runs this server.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Operator {
    /// It vets templates, registers programs, and may use the tools for operators.
    On,
    /// It has its zones and nothing else.
    Off,
}

/// What the server is asked.
pub(crate) fn request(command: AccountCommand) -> anyhow::Result<AdminRequest> {
    match command {
        AccountCommand::Create {
            email,
            operator,
            password_stdin,
        } => Ok(AdminRequest::CreateAccount {
            email,
            standing: if operator {
                Standing::Operator
            } else {
                Standing::Member
            },
            password: if password_stdin {
                Some(read_password()?)
            } else {
                None
            },
        }),
        AccountCommand::PasswordLink { email } => Ok(AdminRequest::MakePasswordLink { email }),
        AccountCommand::Operator { email, state } => Ok(AdminRequest::SetStanding {
            email,
            standing: match state {
                Operator::On => Standing::Operator,
                Operator::Off => Standing::Member,
            },
        }),
        AccountCommand::List => Ok(AdminRequest::ListAccounts),
        AccountCommand::Export { email } => Ok(AdminRequest::AccountData {
            email,
            wish: AccountWish::Export,
        }),
        AccountCommand::Delete { email, yes } => Ok(AdminRequest::AccountData {
            email,
            wish: if yes {
                AccountWish::Delete
            } else {
                AccountWish::ExplainDeletion
            },
        }),
    }
}

fn read_password() -> anyhow::Result<GivenPassword> {
    let mut text = String::new();
    std::io::stdin()
        .read_to_string(&mut text)
        .context("cannot read the password from the standard input")?;
    let text = text.strip_suffix('\n').unwrap_or(&text);
    Ok(GivenPassword::new(text.strip_suffix('\r').unwrap_or(text)))
}

/// Says that an account was made; prints the link, which is data.
pub(crate) fn show_new(account: &NewAccount) {
    console::say(format_args!(
        "The {} account {} was made.",
        account.account.standing, account.account.email
    ));
    if let Some(link) = &account.choose_password_link {
        console::say("Give its owner this link to choose a password. It works once, for a week:");
        console::print(link.reveal());
    }
}

/// Says whose link it is; prints the link, which is data.
pub(crate) fn show_password_link(made: &PasswordLink) {
    console::say(format_args!(
        "Give the holder of {} this link to choose a password. It works once, until {}:",
        made.email, made.expires_at
    ));
    console::print(made.link.reveal());
}

/// Says whether an account runs the server.
pub(crate) fn show_standing(line: &StandingLine) {
    let StandingLine { email, .. } = line;
    console::say(match (line.standing, line.has_changed) {
        (Standing::Operator, true) => format!("{email} is an operator of this server now."),
        (Standing::Operator, false) => format!("{email} is an operator of this server already."),
        (Standing::Member, true) => format!("{email} is no operator of this server any more."),
        (Standing::Member, false) => format!("{email} is no operator of this server."),
    });
}

/// Says what became of an account, or what would.
pub(crate) fn show_end(end: &AccountEnd) {
    let AccountEnd {
        email,
        is_deleted,
        zones,
        tokens,
    } = end;
    if *is_deleted {
        console::say(format_args!("The account {email} was deleted."));
    } else {
        console::say(format_args!(
            "The account {email} would be deleted. Nothing was done: add --yes to do it."
        ));
    }
    console::say(format_args!("API tokens that end with it: {tokens}."));
    if zones.is_empty() {
        return;
    }
    console::say(
        "These zones have no other owner. They go on as they are; give them to somebody with easement zone \
         role:",
    );
    for zone in zones {
        console::print(zone.to_text());
    }
}

/// Whether an account would be deleted, and was not.
pub(crate) fn exit_code(end: &AccountEnd) -> ExitCode {
    ExitCode::from(if end.is_deleted { 0 } else { WOULD_CHANGE })
}

/// A table of accounts.
pub(crate) fn list(accounts: &[AccountLine]) -> String {
    let rows: Vec<_> = accounts
        .iter()
        .map(|account| {
            [
                account.email.to_string(),
                account.standing.to_string(),
                account.created_at.to_string(),
            ]
        })
        .collect();
    table(["ADDRESS", "STANDING", "SINCE"], &rows)
}
