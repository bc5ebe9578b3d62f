//! `WKSMOCK_` variables, beyond what the argument parser makes of them.
//!
//! An empty one is none. Of a repeatable flag's, each line is a value. A flag that is given goes before the variable
//! of any flag that it excludes. And a variable that no flag reads is a typo, and is said.

use super::Arguments;
use crate::source::nearest;
use clap::builder::Resettable;
use clap::{Arg, ArgAction, Command, CommandFactory as _};
use std::ffi::{OsStr, OsString};
use std::io::Write as _;

const PREFIX: &str = "WKSMOCK_";

/// The command for these arguments, with the environment sorted out.
pub(super) fn command(arguments: &[OsString]) -> Command {
    Arguments::command().mut_subcommands(|subcommand| sorted_out(subcommand, arguments))
}

fn sorted_out(command: Command, arguments: &[OsString]) -> Command {
    let given: Vec<_> =
        command.get_arguments().filter(|one| one.get_long().is_some_and(|long| is_given(long, arguments))).collect();
    let clashes = |one: &Arg, other: &Arg| {
        command.get_arg_conflicts_with(one).iter().any(|conflicting| conflicting.get_id() == other.get_id())
    };
    let excluded = |argument: &Arg| given.iter().any(|other| clashes(other, argument) || clashes(argument, other));
    let out: Vec<_> = command.get_arguments().filter(|one| excluded(one)).map(|one| one.get_id().clone()).collect();
    command.mut_args(|argument| {
        let value = argument.get_env().and_then(std::env::var_os);
        match value {
            Some(value) if value.is_empty() || out.contains(argument.get_id()) => argument.env(Resettable::Reset),
            Some(value) if matches!(argument.get_action(), ArgAction::Append) => lines(argument, &value),
            _ => argument,
        }
    })
}

fn is_given(long: &str, arguments: &[OsString]) -> bool {
    let flag = format!("--{long}");
    let is_it = |argument: &str| argument == flag || argument.starts_with(&format!("{flag}="));
    // What stands behind -- is another command's.
    let own = arguments.iter().take_while(|argument| *argument != "--");
    own.filter_map(|argument| argument.to_str()).any(is_it)
}

/// Gives a repeatable flag the lines of its variable.
fn lines(argument: Arg, value: &OsStr) -> Arg {
    let Some(text) = value.to_str() else {
        return argument;
    };
    let lines: Vec<_> = text.lines().filter(|line| !line.trim().is_empty()).map(OsString::from).collect();
    let argument = argument.env(Resettable::Reset);
    if lines.is_empty() { argument } else { argument.default_values(lines) }
}

/// Warns of every variable that no flag of any subcommand reads.
pub(super) fn warn_of_unknown() {
    let command = Arguments::command();
    let arguments = command.get_subcommands().flat_map(Command::get_arguments);
    let known: Vec<_> = arguments.filter_map(|argument| argument.get_env()?.to_str()).collect();
    // What `run` gives its command is no typo of anybody's.
    let known = [&known[..], &super::env::LOGIN].concat();
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
