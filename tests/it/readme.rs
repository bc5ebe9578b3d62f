//! The README is true: every command in it is run, and prints what it says.
//!
//! In a `console` block a line that begins with `$ ` is a command, which goes on behind a backslash and within quotes, and
//! the lines up to the next one are what it prints. There `…` stands for anything, and port 7070 for the port of the server that the last `serve` started.

use crate::binary::{READY, Served, wksmock};
use crate::client::Client;
use crate::reset_path;
use std::path::Path;
use std::process::{Command, Output};

const README: &str = include_str!("../../README.md");
const ADDRESS: &str = "127.0.0.1:7070";
const CARGO_RUN: &str = "cargo run --release -- ";

/// A command, and what it prints.
struct Step {
    command: String,
    printed: String,
}

fn steps(text: &str) -> Vec<Step> {
    let blocks = text.split("```console\n").skip(1).map(|rest| rest.split("```").next().unwrap());
    let mut steps: Vec<Step> = Vec::new();
    for line in blocks.flat_map(str::lines) {
        match (line.strip_prefix("$ "), steps.last_mut()) {
            (Some(command), _) => steps.push(Step { command: command.to_owned(), printed: String::new() }),
            (None, Some(step)) if step.command.ends_with('\\') => {
                step.command.pop();
                step.command.push_str(line.trim_start());
            }
            (None, Some(step)) if step.printed.is_empty() && step.command.matches('\'').count() % 2 == 1 => {
                step.command.extend([" ", line.trim_start()]);
            }
            (None, Some(step)) => step.printed.extend([line, "\n"]),
            (None, None) => panic!("output without a command: {line}"),
        }
    }
    steps
}

/// Whether a text is what was announced, in which `…` stands for anything.
pub(crate) fn is_as_announced(text: &str, announced: &str) -> bool {
    let mut pieces = announced.split('…');
    let Some(mut rest) = text.strip_prefix(pieces.next().unwrap()) else {
        return false;
    };
    let mut last = None;
    for piece in pieces {
        let Some(at) = rest.find(piece) else {
            return false;
        };
        rest = &rest[at + piece.len()..];
        last = Some(piece);
    }
    rest.is_empty() || last.is_some_and(|last| text.ends_with(last))
}

/// What a command prints; `wksmock` is the binary.
fn run(command: &str) -> String {
    let output = shell(command);
    String::from_utf8([output.stdout, output.stderr].concat()).unwrap()
}

/// What it prints on stdout.
pub(crate) fn in_shell(command: &str) -> String {
    String::from_utf8(shell(command).stdout).unwrap()
}

fn shell(command: &str) -> Output {
    let binary = Path::new(env!("CARGO_BIN_EXE_wksmock")).parent().unwrap();
    let path = format!("{}:{}", binary.display(), std::env::var("PATH").unwrap());
    let mut shell = Command::new("sh");
    shell.args(["-c", command]).current_dir(env!("CARGO_MANIFEST_DIR")).env("PATH", path).env("NO_COLOR", "1");
    shell.env_remove("NO_PROXY").env_remove("no_proxy");
    shell.output().unwrap()
}

#[test]
fn every_command_prints_what_the_readme_says() {
    assert!(commands_print_what_is_announced(README) > 8, "the README has lost its commands");
}

/// Runs the commands of a text one after the other; how many there are.
pub(crate) fn commands_print_what_is_announced(text: &str) -> usize {
    let mut served: Option<Served> = None;
    let steps = steps(text);
    let count = steps.len();
    for Step { command, printed } in steps {
        let command = command.replace(CARGO_RUN, "wksmock ");
        if let Some(flags) = command.strip_prefix("wksmock serve") {
            let flags: Vec<_> = flags.split_whitespace().collect();
            served = Some(Served::spawn(wksmock(&["serve"]).args(flags).args(["--port", "0"])));
            assert_eq!(printed, format!("{READY}http://{ADDRESS}\n"), "{command}");
        } else if command == "tests/run" {
            assert!(run("tests/run --help").starts_with("Usage: tests/run"));
            assert!(printed.is_empty());
        } else {
            let address = served.as_ref().map_or(ADDRESS, |served| served.url.strip_prefix("http://").unwrap());
            let found = run(&command.replace(ADDRESS, address)).replace(address, ADDRESS);
            assert!(
                is_as_announced(found.trim_end(), printed.trim_end()),
                "$ {command}\n{found}--- announced:\n{printed}"
            );
        }
    }
    count
}

#[test]
fn every_row_of_the_table_of_statuses_is_so() {
    let served = Served::start(&["--log-level", "off"]);
    let mut statuses = Vec::new();
    for line in README.lines().filter(|line| line.starts_with("| ")) {
        let cells: Vec<_> = line.trim_matches('|').split('|').map(|cell| cell.trim().trim_matches('`')).collect();
        let (Ok(status), [_, user, code, ..]) = (cells[0].parse::<u16>(), cells.as_slice()) else {
            continue;
        };
        let answer = Client::connect(&served.url).get(&reset_path(user));
        assert_eq!(answer.status, status, "{line}");
        assert_eq!(answer.json()["error_code"].as_str().unwrap_or("none"), *code, "{line}");
        statuses.push(status);
    }
    assert_eq!(statuses, [200, 400, 401, 403, 404, 405, 500, 503]);
}

#[test]
fn the_users_of_the_readme_are_the_embedded_ones() {
    let served = Served::start(&["--log-level", "off"]);
    let users = served.client().get("/__admin/users").json();
    for user in users["users"].as_array().unwrap() {
        let id = user["id"].as_str().unwrap();
        assert!(README.contains(id), "the README does not list {id}");
    }
}
