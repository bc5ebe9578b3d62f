//! Generates `docs/cli.md` from the grammar of the command line.

use super::grammar::grammar;
use super::groups::VARIABLES;
use clap::{Arg, ArgAction, Command};
use std::fmt::Write as _;

const PAGE: &str = include_str!("../../docs/cli.md");
const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/cli.md");

const HEAD: &str = "# Command line

This page lists every subcommand and flag. It is generated from the program: `wksmock COMMAND --help` has the same texts,
`wksmock COMMAND -h` a summary, and `wksmock man` the same as manual pages.
";

/// Introductions to groups of flags.
const NO_GROUP: &str = "Arguments and options";

#[test]
fn page_agrees_with_the_grammar() {
    let mut command = grammar().disable_help_subcommand(true);
    command.build();
    let mut page = HEAD.to_owned();
    write!(page, "\n{}\n\n{VARIABLES} An empty variable counts as not set.\n", about(&command)).unwrap();
    for subcommand in command.get_subcommands() {
        describe(&mut page, subcommand, 2);
    }
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(FILE, &page).unwrap();
    }
    assert!(page == PAGE || std::env::var_os("UPDATE_DOCS").is_some(), "UPDATE_DOCS=1 writes it anew");
}

#[test]
fn every_variable_is_named_after_its_flag() {
    let mut others = Vec::new();
    for command in grammar().get_subcommands() {
        for argument in command.get_arguments() {
            let Some(variable) = argument.get_env().and_then(|name| name.to_str()) else {
                assert!(argument.get_long().is_none_or(|long| long == "help"), "{argument} has no variable");
                continue;
            };
            let named = argument.get_long().map(|long| format!("WKSMOCK_{}", long.to_uppercase().replace('-', "_")));
            if named.as_deref() != Some(variable) {
                let help = argument.get_long_help().map(ToString::to_string).unwrap_or_default();
                assert!(help.contains(variable), "the help of {argument} does not name {variable}");
                others.push(variable.to_owned());
            }
        }
    }
    assert_eq!(others, ["WKSMOCK_PLAN_USER", "WKSMOCK_PLAN_ACCOUNT", "WKSMOCK_URL"]);
}

fn describe(page: &mut String, command: &Command, level: usize) {
    let name = command.get_display_name().unwrap().replace('-', " ");
    let usage = command.clone().render_usage().to_string();
    write!(
        page,
        "\n{} {name}\n\nUsage: `{}`\n\n{}\n",
        "#".repeat(level),
        usage.trim_start_matches("Usage: "),
        about(command)
    )
    .unwrap();
    let arguments: Vec<_> = command.get_arguments().filter(|argument| argument.get_id() != "help").collect();
    let mut groups: Vec<_> = arguments.iter().map(|argument| argument.get_help_heading()).collect();
    groups.sort_by_key(Option::is_some);
    let mut seen = Vec::new();
    for group in groups {
        if seen.contains(&group) {
            continue;
        }
        seen.push(group);
        let of_group = arguments.iter().filter(|argument| argument.get_help_heading() == group);
        write!(
            page,
            "\n**{}**\n\n| flag | default | variable | |\n| --- | --- | --- | --- |\n",
            group.unwrap_or(NO_GROUP)
        )
        .unwrap();
        for argument in of_group {
            page.push_str(&row(argument));
        }
    }
    for subcommand in command.get_subcommands() {
        describe(page, subcommand, level + 1);
    }
}

fn row(argument: &Arg) -> String {
    let takes_value = argument.get_action().takes_values();
    let values: Vec<_> =
        argument.get_value_names().unwrap_or_default().iter().map(clap::builder::Str::as_str).collect();
    let choices: Vec<_> = argument.get_possible_values().iter().map(|value| value.get_name().to_owned()).collect();
    let shape = if !takes_value {
        String::new()
    } else if choices.is_empty() {
        values.join(" ")
    } else {
        choices.join("|")
    };
    let shape = match argument.get_long() {
        Some(long) if takes_value => format!("--{long} {shape}"),
        Some(long) => format!("--{long}"),
        None => shape,
    };
    let default = argument.get_default_values().iter().map(|value| format!("`{}`", value.to_str().unwrap()));
    let default = if takes_value { default.collect::<Vec<_>>().join(", ") } else { String::new() };
    let variable = argument.get_env().map_or(String::new(), |name| format!("`{}`", name.to_str().unwrap()));
    let help = argument.get_long_help().or_else(|| argument.get_help()).map(ToString::to_string).unwrap();
    let choices = argument.get_possible_values();
    let choices = choices.iter().filter_map(|value| Some(format!("`{}`: {}.", value.get_name(), value.get_help()?)));
    let repeatable = matches!(argument.get_action(), ArgAction::Append) && argument.get_long().is_some();
    assert!(!repeatable || help.contains("epeatable"), "the help of {argument} does not say that it is repeatable");
    let help = std::iter::once(sentences(&help)).chain(choices).collect::<Vec<_>>().join(" ");
    format!("| `{}` | {default} | {variable} | {} |\n", shape.replace('|', "\\|"), cell(&help))
}

/// The description of a command, in paragraphs.
fn about(command: &Command) -> String {
    let about = command.get_long_about().or_else(|| command.get_about()).unwrap().to_string();
    let (first, rest) = about.split_once("\n\n").unwrap_or((&about, ""));
    let about = if rest.is_empty() { format!("{first}.") } else { format!("{first}.\n\n{rest}") };
    about.replace('<', "&lt;").replace('*', "\\*")
}

/// The paragraphs of a help text joined, each ended by a full stop.
fn sentences(help: &str) -> String {
    let paragraphs = help.split("\n\n").map(|paragraph| paragraph.trim().replace('\n', " "));
    let ended = paragraphs.map(|paragraph| if paragraph.ends_with('.') { paragraph } else { paragraph + "." });
    ended.collect::<Vec<_>>().join(" ")
}

/// A text escaped for a table cell.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('<', "&lt;").replace('*', "\\*")
}
