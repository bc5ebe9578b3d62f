//! `wksmock completions`: completion scripts for shells.

use super::exit::{self, Failure};
use clap::{Args, Command};
use clap_complete::{Shell, generate};

/// Print a completion script for a shell
///
/// `source <(wksmock completions bash)` is for this session. For all of them, write it where the shell looks for such scripts,
/// as in `wksmock completions bash > ~/.local/share/bash-completion/completions/wksmock`,
/// `wksmock completions fish > ~/.config/fish/completions/wksmock.fish`, or for zsh a file `_wksmock` in a directory of
/// $fpath.
#[derive(Debug, Args)]
pub(super) struct CompletionsArgs {
    /// The shell
    #[arg(value_enum, value_name = "SHELL")]
    shell: Shell,
}

impl CompletionsArgs {
    pub(super) fn run(self, grammar: Command) -> Result<u8, Failure> {
        let (mut command, mut script) = (grammar, Vec::new());
        let name = command.get_name().to_owned();
        generate(self.shell, &mut command, name, &mut script);
        exit::print(&script)
    }
}
