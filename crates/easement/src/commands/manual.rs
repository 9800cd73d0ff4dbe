//! `easement completions` and `easement man`: made from the definitions of the command line.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::{Args, Command, CommandFactory as _};
use clap_complete::Shell;
use clap_mangen::Man;

use crate::arguments::Arguments;
use crate::console::{print_text, say};

#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  easement completions bash > ~/.local/share/bash-completion/completions/easement
  easement completions zsh > ~/.zfunc/_easement
  easement completions fish > ~/.config/fish/completions/easement.fish")]
pub(crate) struct CompletionsArguments {
    /// The shell.
    shell: Shell,
}

#[derive(Args, Debug)]
#[command(after_help = "\
Example:
  easement man ~/.local/share/man/man1")]
pub(crate) struct ManArguments {
    /// The folder; it is made when it is not there.
    #[arg(value_name = "DIR")]
    folder: PathBuf,
}

pub(crate) fn completions(arguments: &CompletionsArguments) -> anyhow::Result<()> {
    let mut script = Vec::new();
    let mut command = Arguments::command();
    clap_complete::generate(arguments.shell, &mut command, "easement", &mut script);
    print_text(&String::from_utf8(script)?)
}

/// Writes one page for each subcommand.
pub(crate) fn man(arguments: &ManArguments) -> anyhow::Result<()> {
    let folder = &arguments.folder;
    let context = || format!("cannot write man pages into {}", folder.display());
    std::fs::create_dir_all(folder).with_context(context)?;
    let mut command = Arguments::command().disable_help_subcommand(true);
    command.build();
    let pages = write_pages(&command, folder).with_context(context)?;
    say(format_args!(
        "{pages} pages were written into {}.",
        folder.display()
    ));
    Ok(())
}

fn write_pages(command: &Command, folder: &Path) -> io::Result<usize> {
    let man = Man::new(command.clone()).manual("Easement");
    let mut file = File::create(folder.join(man.get_filename()))?;
    write_page(&man, command, &mut file)?;
    let mut pages = 1;
    for subcommand in command.get_subcommands().filter(|one| !one.is_hide_set()) {
        pages += write_pages(subcommand, folder)?;
    }
    Ok(pages)
}

/// The sections of a page. Examples and exit codes keep their lines, which the library would fill.
fn write_page(man: &Man, command: &Command, page: &mut dyn Write) -> io::Result<()> {
    man.render_title(page)?;
    man.render_name_section(page)?;
    man.render_synopsis_section(page)?;
    man.render_description_section(page)?;
    man.render_options_section(page)?;
    if command.has_subcommands() {
        man.render_subcommands_section(page)?;
    }
    if let Some(notes) = command.get_after_help() {
        page.write_all(as_is("NOTES", &notes.to_string()).as_bytes())?;
    }
    page.flush()
}

/// A section whose lines stay as they are (`groff_man(7)`).
fn as_is(heading: &str, text: &str) -> String {
    let mut section = format!(".SH {heading}\n.nf\n");
    for line in text.lines() {
        // `\&` is nothing: a dot or quotation mark at the beginning would be a request.
        let line = line.replace('\\', "\\e").replace('-', "\\-");
        let _ = writeln!(section, "\\&{line}");
    }
    section + ".fi\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_text_is_a_request() {
        assert_eq!(
            as_is("NOTES", ".so x\n'b --c \\d"),
            ".SH NOTES\n.nf\n\\&.so x\n\\&'b \\-\\-c \\ed\n.fi\n"
        );
    }
}
