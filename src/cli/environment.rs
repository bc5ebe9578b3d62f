//! `WKSMOCK_` variables: one that no flag reads is a typo, and is said.

use super::Arguments;
use crate::source::nearest;
use clap::CommandFactory as _;
use std::io::Write as _;

const PREFIX: &str = "WKSMOCK_";

/// Warns of every variable that no flag of any subcommand reads.
pub(super) fn warn_of_unknown() {
    let command = Arguments::command();
    let arguments = command.get_subcommands().flat_map(clap::Command::get_arguments);
    let known: Vec<_> = arguments.filter_map(|argument| argument.get_env()?.to_str()).collect();
    for (name, _) in std::env::vars_os() {
        let name = name.to_string_lossy();
        if !name.starts_with(PREFIX) || known.contains(&name.as_ref()) {
            continue;
        }
        let hint = match nearest(&name, known.iter().copied()) {
            Some(meant) => format!("; did you mean {meant}?"),
            None => String::new(),
        };
        let _ = writeln!(std::io::stderr(), "warning: unknown variable {name}{hint}");
    }
}
