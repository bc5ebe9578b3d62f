//! `wksmock man`: manual pages, generated from the help texts.

use super::exit::{self, Failure};
use super::groups::VARIABLES;
use clap::builder::Resettable;
use clap::{Args, Command};
use clap_mangen::Man as Page;
use std::path::{Path, PathBuf};

/// Print a manual page, or write all of them to a directory
///
/// `wksmock man | man -l -` shows it; `wksmock man serve | man -l -` shows that of `serve`. With --dir, every page is
/// written, as in wksmock.1 and wksmock-serve.1.
#[derive(Debug, Args)]
pub(super) struct ManArgs {
    /// The subcommand that the page is about
    #[arg(value_name = "COMMAND")]
    command: Vec<String>,

    /// Directory to write all pages to
    ///
    /// It is created if missing. Pages in it are replaced.
    #[arg(long, value_name = "DIR", env = "WKSMOCK_DIR", conflicts_with = "command")]
    dir: Option<PathBuf>,
}

impl ManArgs {
    pub(super) fn run(self, grammar: Command) -> Result<u8, Failure> {
        let mut command = documented(grammar).disable_help_subcommand(true);
        command.build();
        if let Some(directory) = &self.dir {
            let written = std::fs::create_dir_all(directory).and_then(|()| write_all(&command, directory));
            let failed = |error| Failure::usage(format!("--dir {}: {error}", directory.display()));
            return written.map(|()| exit::FINE).map_err(failed);
        }
        let mut found = &command;
        for name in &self.command {
            found = found.find_subcommand(name).ok_or_else(|| unknown(found, name))?;
        }
        let mut page = Vec::new();
        invariant!(Page::new(found.clone()).render(&mut page).ok(), (), "writing to memory cannot fail");
        exit::print(&page)
    }
}

/// Writes the pages of a command and of its subcommands.
fn write_all(command: &Command, directory: &Path) -> std::io::Result<()> {
    for subcommand in command.get_subcommands() {
        write_all(subcommand, directory)?;
    }
    Page::new(command.clone()).generate_to(directory).map(drop)
}

fn unknown(command: &Command, name: &str) -> Failure {
    let names: Vec<_> = command.get_subcommands().map(Command::get_name).collect();
    let hint = crate::diagnostics::nearest(name, names.iter().copied());
    let hint = hint.map_or(String::new(), |meant| format!("; did you mean {meant}?"));
    let expected = if names.is_empty() { "none".to_owned() } else { format!("one of {}", names.join(", ")) };
    Failure::usage(format!("unknown subcommand {name:?} of {}; expected {expected}{hint}", command.get_name()))
}

/// The grammar for manual pages: with flags that `-h` hides, and the rule of variables in the description.
fn documented(command: Command) -> Command {
    let command = command.mut_subcommands(documented).mut_args(|argument| argument.hide_short_help(false));
    let Some(rule) = command.get_after_long_help().or_else(|| command.get_after_help()).map(|_| VARIABLES) else {
        return command;
    };
    let about = command.get_long_about().or_else(|| command.get_about());
    let about = about.map_or(String::new(), ToString::to_string);
    command.long_about(format!("{about}\n\n{rule}")).after_help(Resettable::Reset).after_long_help(Resettable::Reset)
}
