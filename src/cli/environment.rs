//! `WKSMOCK_` variables, where the argument parser does not suffice.
//!
//! - An empty variable counts as unset.
//! - The variable of a repeatable flag holds several values.
//! - A given flag takes precedence over the variable of any flag that it excludes.
//! - An unknown variable is reported as a typo, unless Kubernetes sets it for a Service of that name.
//! - Errors about a value name the variable that it is from.

use super::exit::{self, Failure, escaped};
use super::grammar::grammar;
use crate::diagnostics::{is_obeyed, nearest};
use clap::builder::Resettable;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, ArgAction, Command, Id};
use std::ffi::{OsStr, OsString};
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;

const PREFIX: &str = "WKSMOCK_";
/// The variable that leads helpers for tests to this program.
const BINARY: &str = "WKSMOCK_BINARY";

/// The grammar without overruled variables, and the arguments extended by values of repeatable flags from variables.
pub(super) fn command(arguments: &[OsString]) -> (Command, Vec<OsString>) {
    let command = grammar();
    let mut with_values = arguments.to_vec();
    let repeatable = from_variables(&command, arguments).filter(|(argument, ..)| is_repeatable(argument));
    let values = repeatable.filter_map(|(argument, _, value)| {
        let long = argument.get_long()?;
        let given = |value| OsString::from(format!("--{long}={value}"));
        Some(values(argument, value.to_str()?, exists).into_iter().map(given).collect::<Vec<_>>())
    });
    let values: Vec<_> = values.flatten().collect();
    // After the name of the subcommand.
    let at = with_values.len().min(2);
    with_values.splice(at..at, values);
    (command.mut_subcommands(|subcommand| sorted_out(subcommand, arguments)), with_values)
}

fn is_repeatable(argument: &Arg) -> bool {
    matches!(argument.get_action(), ArgAction::Append)
}

fn sorted_out(command: Command, arguments: &[OsString]) -> Command {
    let out = overruled(&command, arguments);
    command.mut_args(|argument| {
        let Some((name, value)) = variable_of(&argument) else {
            return argument;
        };
        let is_taken = is_repeatable(&argument) && value.to_str().is_some();
        if value.is_empty() || out.contains(argument.get_id()) || is_service_link(&name, &value) || is_taken {
            argument.env(Resettable::Reset)
        } else {
            argument
        }
    })
}

/// The flags whose variables are not read, since the flag or one that excludes it is given.
///
/// A URL in a variable takes precedence over variables of addresses.
fn overruled(command: &Command, arguments: &[OsString]) -> Vec<Id> {
    let is_given = |one: &&Arg| match one.get_long() {
        Some(long) => is_given(long, arguments),
        None => one.is_positional() && has_positional(command, arguments),
    };
    let clashes = |one: &Arg, other: &Arg| {
        command.get_arg_conflicts_with(one).iter().any(|conflicting| conflicting.get_id() == other.get_id())
    };
    let excluded_by = |others: &[&Arg], argument: &Arg| {
        others.iter().any(|other| clashes(other, argument) || clashes(argument, other))
    };
    let given: Vec<_> = command.get_arguments().filter(is_given).collect();
    let is_url = |one: &&Arg| {
        let in_variable = variable_of(one).is_some_and(|(_, value)| !value.is_empty());
        one.get_id() == "url" && in_variable && !excluded_by(&given, one)
    };
    let deciding: Vec<_> = command.get_arguments().filter(|one| is_given(one) || is_url(one)).collect();
    let out = command.get_arguments().filter(|one| is_given(one) || excluded_by(&deciding, one));
    out.map(|one| one.get_id().clone()).collect()
}

/// Whether there is an argument that is not a flag or its value.
fn has_positional(command: &Command, arguments: &[OsString]) -> bool {
    let takes_value = |flag: &str| {
        let named = command.get_arguments().find(|one| one.get_long() == flag.strip_prefix("--"));
        named.is_some_and(|one| one.get_action().takes_values())
    };
    let mut own = arguments.iter().skip(2).map(|argument| argument.to_string_lossy());
    while let Some(argument) = own.next() {
        match argument.strip_prefix('-') {
            None => return true,
            Some("-") => return own.next().is_some(),
            Some(_) if takes_value(&argument) => {
                own.next();
            }
            Some(_) => {}
        }
    }
    false
}

/// Name and value of an argument's variable.
fn variable_of(argument: &Arg) -> Option<(String, OsString)> {
    let name = argument.get_env()?;
    Some((name.to_str()?.to_owned(), std::env::var_os(name)?))
}

fn is_given(long: &str, arguments: &[OsString]) -> bool {
    let flag = format!("--{long}");
    let is_it = |argument: &str| argument == flag || argument.starts_with(&format!("{flag}="));
    // Arguments after -- belong to another command.
    let own = arguments.iter().take_while(|argument| *argument != "--");
    own.filter_map(|argument| argument.to_str()).any(is_it)
}

/// The values in the variable of a repeatable flag: its lines, split at semicolons where each part can be a value.
fn values(argument: &Arg, text: &str, exists: impl Fn(&str) -> bool) -> Vec<String> {
    let shape = argument.get_value_names().and_then(<[_]>::first).map_or("", |name| name.as_str());
    let is_pair = |part: &&str| part.split_once('=').is_some_and(|(name, value)| !name.is_empty() && !value.is_empty());
    let lines = text.lines().filter(|line| !line.trim().is_empty());
    let split = |line: &str| {
        let parts: Vec<_> = line.split(';').map(str::trim).filter(|part| !part.is_empty()).collect();
        let may_be_split = match shape {
            // A file name may contain a semicolon.
            "FILE|DIR" => !exists(line),
            // So may an id or a report's file name, but then the next part is not a value.
            "FAULT" | "NAME=N" | "NAME=VALUE" | "FORM=FILE" => parts.iter().all(is_pair),
            _ => true,
        };
        let parts = if line.contains(';') && may_be_split { parts } else { vec![line] };
        parts.into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    lines.flat_map(split).collect()
}

/// Whether Kubernetes or a link of Docker set the variable for a Service.
///
/// For a Service `wksmock` they set `WKSMOCK_PORT=tcp://10.96.0.17:7070`, which is not a port to listen on.
fn is_service_link(name: &str, value: &OsStr) -> bool {
    name.ends_with("_PORT") && value.to_string_lossy().contains("://")
}

/// Whether a variable that no flag reads is of a Service.
///
/// Examples: `WKSMOCK_SERVICE_HOST`, `WKSMOCK_PORT_7070_TCP_ADDR`; for a Service `wksmock-web`, `WKSMOCK_WEB_PORT`.
fn is_of_service(name: &str, value: &OsStr) -> bool {
    let is_end = |end: &str| {
        let (number, rest) = end.split_once('_').unwrap_or((end, ""));
        let (protocol, part) = rest.split_once('_').unwrap_or((rest, ""));
        !number.is_empty()
            && number.bytes().all(|byte| byte.is_ascii_digit())
            && ["TCP", "UDP", "SCTP"].contains(&protocol)
            && ["", "PROTO", "PORT", "ADDR"].contains(&part)
    };
    let behind = |mark: &'static str| name.match_indices(mark).map(|(at, _)| name.split_at(at + mark.len()).1);
    let is_service = behind("_SERVICE_HOST").any(str::is_empty)
        || behind("_SERVICE_PORT").any(|end| end.is_empty() || end.starts_with('_'));
    is_service || behind("_PORT_").any(is_end) || is_service_link(name, value)
}

/// Warns of variables that no subcommand reads, and of those of Kubernetes that this subcommand ignores.
pub(super) fn warn(arguments: &[OsString]) {
    let command = grammar();
    let all = command.get_subcommands().flat_map(Command::get_arguments);
    let known: Vec<_> = all.filter_map(|argument| argument.get_env()?.to_str()).collect();
    // `run` sets the first for its command; helpers for tests read the others.
    let known = [&known[..], &super::env::LOGIN, &[super::env::ADMIN_URL, BINARY]].concat();
    for (name, value) in std::env::vars_os() {
        let name = name.to_string_lossy();
        if !name.starts_with(PREFIX) || known.contains(&name.as_ref()) || is_of_service(&name, &value) {
            continue;
        }
        let hint = match nearest(&name, known.iter().copied()) {
            Some(meant) => format!("; did you mean {meant}?"),
            None => String::new(),
        };
        let _ = writeln!(std::io::stderr(), "warning: unknown variable {}{hint}", escaped(&name));
    }
    for (_, name, value) in from_variables(&command, arguments).filter(|(_, name, value)| is_service_link(name, value))
    {
        let value = escaped(&value.to_string_lossy());
        let _ = writeln!(
            std::io::stderr(),
            "warning: {name}={value} is ignored: Kubernetes sets it in every pod for a Service of this name; to avoid \
             this, set enableServiceLinks: false in the pod's spec, or rename the Service"
        );
    }
}

/// The flags of the subcommand whose values come from variables, with name and value of the variable.
fn from_variables<'c>(
    command: &'c Command,
    arguments: &'c [OsString],
) -> impl Iterator<Item = (&'c Arg, String, OsString)> {
    let subcommand = arguments.get(1).and_then(|name| command.find_subcommand(name));
    let out = subcommand.map(|subcommand| overruled(subcommand, arguments)).unwrap_or_default();
    let own = subcommand.into_iter().flat_map(Command::get_arguments);
    let read = own.filter(move |argument| !out.contains(argument.get_id()));
    let read = read.filter_map(|argument| variable_of(argument).map(|(name, value)| (argument, name, value)));
    read.filter(|(_, _, value)| !value.is_empty())
}

/// An error of the argument parser, with variables named and control characters escaped.
pub(super) fn explained(mut error: clap::Error, arguments: &[OsString]) -> clap::Error {
    let mut command = grammar();
    // Arguments can be displayed only after the build.
    command.build();
    let shown = |error: &clap::Error, kind| match error.get(kind) {
        Some(ContextValue::String(text)) => Some(text.clone()),
        _ => None,
    };
    if error.kind() == ErrorKind::UnknownArgument
        && let Some(reported) =
            shown(&error, ContextKind::InvalidArg).and_then(|first| behind_dashes(&first, arguments))
        && let Some(run) = command.find_subcommand_mut("run")
    {
        return clap::Error::raw(ErrorKind::UnknownArgument, reported).format(run);
    }
    let value = shown(&error, ContextKind::InvalidValue);
    let (invalid, prior) = (shown(&error, ContextKind::InvalidArg), shown(&error, ContextKind::PriorArg));
    let mut not_utf8 = Vec::new();
    for (argument, name, of_variable) in from_variables(&command, arguments) {
        let Some(text) = of_variable.to_str() else {
            not_utf8.push(name);
            continue;
        };
        let is_value = value
            .as_ref()
            .is_none_or(|value| value == text || values(argument, text, exists).iter().any(|one| one == value));
        let flag = argument.to_string();
        for (kind, reported) in [(ContextKind::InvalidArg, &invalid), (ContextKind::PriorArg, &prior)] {
            if is_value && reported.as_ref() == Some(&flag) {
                let named = format!("{flag}' of the variable '{name}");
                error.insert(kind, ContextValue::String(named));
                if argument.is_hide_env_values_set() && value.is_some() {
                    error.insert(ContextKind::InvalidValue, ContextValue::String("…".to_owned()));
                    return error;
                }
            }
        }
    }
    if error.kind() == ErrorKind::InvalidUtf8 && !not_utf8.is_empty() {
        return clap::Error::raw(ErrorKind::InvalidUtf8, format!("{} is not UTF-8\n", not_utf8.join(" and ")));
    }
    if let Some(value) = value {
        error.insert(ContextKind::InvalidValue, ContextValue::String(escaped(&value)));
    }
    error
}

/// Explains that the command of `run` needs `--` before it, if its first word was unexpected.
fn behind_dashes(first: &str, arguments: &[OsString]) -> Option<String> {
    let words: Vec<_> = arguments.iter().map(|word| word.to_string_lossy()).collect();
    let is_run = words.get(1).is_some_and(|subcommand| subcommand == "run") && !words.iter().any(|word| word == "--");
    let at = words.iter().skip(2).position(|word| word == first).filter(|_| is_run && !first.starts_with('-'))? + 2;
    let (flags, command) = words.get(1..).unwrap_or_default().split_at(at - 1);
    let line = format!("wksmock {} -- {}", flags.join(" "), command.join(" "));
    let reported = format!("unexpected argument '{}' found: the command stands after --", escaped(first));
    Some(format!("{reported}\n\n  tip: {}", escaped(&line)))
}

/// `failure` with notes on the variables that its values are from.
pub(super) fn noted(failure: Failure, arguments: &[OsString]) -> Failure {
    let Failure { code, mut message } = failure;
    if ![exit::USAGE, exit::CANNOT_LISTEN].contains(&code) {
        return Failure { code, message };
    }
    let mut command = grammar();
    command.build();
    let notes: Vec<_> = from_variables(&command, arguments)
        .filter_map(|(argument, name, value)| note(argument, &name, &value.to_string_lossy(), &message))
        .collect();
    message.push_str(&notes.concat());
    Failure { code, message }
}

/// A note on the variable of a flag, if the message is about the flag or its value.
fn note(argument: &Arg, name: &str, text: &str, message: &str) -> Option<String> {
    let is_several = is_repeatable(argument);
    let values = if is_several { values(argument, text, exists) } else { vec![text.to_owned()] };
    let flag = argument.get_long().map_or_else(|| argument.to_string(), |long| format!("--{long}"));
    // Numbers and choices were checked by the argument parser, and may occur in any message by chance.
    let is_free = argument.get_action().takes_values() && argument.get_possible_values().is_empty();
    let is_telling = |value: &&String| is_free && value.parse::<f64>().is_err();
    // Messages may escape or replace control characters of the value.
    let is_shown = |value: &String| {
        [value.clone(), escaped(value), value.replace(is_obeyed, "\u{fffd}")]
            .iter()
            .any(|shown| has_word(message, shown))
    };
    if !has_word(message, &flag) && !values.iter().filter(is_telling).any(is_shown) {
        return None;
    }
    let mut note = format!("note: {flag} is set by the variable {name}");
    if text.contains(|character| is_obeyed(character) && character != '\n') && !argument.is_hide_env_values_set() {
        let _ = write!(note, ", which has control characters: {}", escaped(text));
    }
    if is_several {
        let _ = write!(
            note,
            ", with a value on each line or between semicolons; a value that has a semicolon needs the flag: {flag}"
        );
    }
    note.push('\n');
    Some(note)
}

fn exists(path: &str) -> bool {
    Path::new(path).exists()
}

/// Whether `text` contains `word` as a whole word.
fn has_word(text: &str, word: &str) -> bool {
    let goes_on = |next: char| next == '-' || next.is_alphanumeric();
    text.match_indices(word).any(|(at, _)| {
        let (before, after) = (text.split_at(at).0, text.split_at(at + word.len()).1);
        !before.ends_with(goes_on) && !after.starts_with(goes_on)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn repeatable(variable: &str) -> Arg {
        let command = grammar();
        let mut all = command.get_subcommands().flat_map(Command::get_arguments);
        all.find(|argument| argument.get_env().is_some_and(|name| name == variable)).unwrap().clone()
    }

    #[test]
    fn variable_splits_where_each_part_can_be_a_value() {
        let split = |variable, text| values(&repeatable(variable), text, |path| path == "odd;name.json");
        for (variable, text, expected) in [
            ("WKSMOCK_FAULT", "u=503;v=500", &["u=503", "v=500"][..]),
            ("WKSMOCK_FAULT", "u=503; *=500:10% ;", &["u=503", "*=500:10%"]),
            ("WKSMOCK_FAULT", "u=503\nv=500;w=404\n\n", &["u=503", "v=500", "w=404"]),
            ("WKSMOCK_FAULT", "a;b=503", &["a;b=503"]),
            ("WKSMOCK_LIMIT", "idle_ms=1;head_ms=2", &["idle_ms=1", "head_ms=2"]),
            ("WKSMOCK_REPORT", "json=a;markdown=b", &["json=a", "markdown=b"]),
            ("WKSMOCK_REPORT", "json=a;b", &["json=a;b"]),
            ("WKSMOCK_ALLOW_HOST", "a;b;", &["a", "b"]),
            ("WKSMOCK_USERS", "a.json;b", &["a.json", "b"]),
            ("WKSMOCK_SCENARIO", "odd;name.json", &["odd;name.json"]),
            ("WKSMOCK_SCENARIO", "odd;name.json\na;b", &["odd;name.json", "a", "b"]),
            ("WKSMOCK_SCENARIO", " spaced ", &[" spaced "]),
            ("WKSMOCK_FAULT", " ; ", &[]),
            ("WKSMOCK_TLS_NAME", "a.test;*.b.test", &["a.test", "*.b.test"]),
        ] {
            assert_eq!(split(variable, text), expected, "{variable}={text}");
        }
    }

    #[test]
    fn every_repeatable_flag_has_a_rule_for_splitting() {
        let command = grammar();
        let all = command.get_subcommands().flat_map(Command::get_arguments);
        let all = all.filter(|argument| is_repeatable(argument));
        let mut names: Vec<_> = all.filter_map(|argument| argument.get_env()?.to_str()).collect();
        names.sort_unstable();
        names.dedup();
        let thought_of =
            "ALLOW_HOST FAULT LIMIT PARAMETER PLAN_ACCOUNT PLAN_USER REPORT SCENARIO TLS_NAME USERS".split(' ');
        let thought_of: Vec<_> = thought_of.map(|name| format!("{PREFIX}{name}")).collect();
        assert_eq!(names, thought_of, "see `values`");
    }

    #[test]
    fn variables_of_services_are_not_typos() {
        let is_ours = |name: &str, value: &str| !is_of_service(name, OsStr::new(value));
        for name in [
            "WKSMOCK_SERVICE_HOST",
            "WKSMOCK_SERVICE_PORT",
            "WKSMOCK_SERVICE_PORT_HTTP",
            "WKSMOCK_PORT_7070_TCP",
            "WKSMOCK_PORT_7070_TCP_PROTO",
            "WKSMOCK_PORT_7070_TCP_PORT",
            "WKSMOCK_PORT_7070_UDP_ADDR",
            "WKSMOCK_WEB_SERVICE_HOST",
            "WKSMOCK_WEB_PORT_80_SCTP_ADDR",
        ] {
            assert!(!is_ours(name, "7070"), "{name}");
        }
        assert!(!is_ours("WKSMOCK_WEB_PORT", "tcp://10.0.0.1:80"));
        for name in
            ["WKSMOCK_WEB_PORT", "WKSMOCK_SERVICE_HOSTS", "WKSMOCK_PORT_X_TCP", "WKSMOCK_PORT_1_TCP_X", "WKSMOCK_PORTS"]
        {
            assert!(is_ours(name, "80"), "{name}");
        }
    }
}
