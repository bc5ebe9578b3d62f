//! `wksmock check`: says what is wrong with files, or what they hold.

use super::exit::{self, Failure};
use super::files;
use super::set_up::built;
use crate::engine::{Given, SetUp};
use crate::limits::Limits;
use crate::scenario::Control;
use crate::source::{Problems, Source};
use clap::Args;
use serde::Deserialize;
use serde_json::value::RawValue;
use std::collections::HashMap;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::PathBuf;
use std::sync::Arc;

/// Check users and scenario files without serving, and print what they hold
///
/// A file with "rules", "expect" or another field that only scenarios have is one, any other a users file. Scenarios are checked against the users files
/// given, or else against the embedded users.
#[derive(Debug, Args)]
pub(super) struct Check {
    /// Users and scenario files, or directories of them.
    #[arg(value_name = "FILE|DIR", required = true)]
    paths: Vec<PathBuf>,

    /// A --fault as serve takes it; repeatable.
    #[arg(long, value_name = "FAULT", env = "WKSMOCK_FAULT")]
    fault: Vec<String>,

    /// The seed, where files have different ones.
    #[arg(long, value_name = "N", env = "WKSMOCK_SEED")]
    seed: Option<u64>,
}

impl Check {
    pub(super) fn run(self) -> Result<u8, Failure> {
        let limits = Limits::default();
        let mut problems = Problems::new(limits.errors_shown_max);
        let sources = files::read(&self.paths, &limits, &mut problems);
        let (scenarios, users): (Vec<_>, Vec<_>) = sources.into_iter().partition(is_scenario);
        // With a users file that could not be read, its scenarios are not about the embedded users.
        let given_users = !users.is_empty() || !problems.is_empty();
        let given = Given {
            users: given_users.then_some(users),
            scenarios,
            faults: self.fault,
            seed: self.seed,
            // Whether the admin API will have an address of its own is not known here.
            control: Control::Apart,
            ..Given::default()
        };
        let set_up = built(&given, &limits, problems)?;
        exit::printed(std::io::stdout().write_all(summary(&given, &set_up).as_bytes()))
    }
}

/// Fields that a users file does not have.
const SCENARIOS_OWN: [&str; 5] = ["rules", "expect", "down", "name", "description"];

/// A text that is no object is taken for a users file, whose reader says what is wrong.
fn is_scenario(source: &Arc<Source>) -> bool {
    let text = source.text();
    match serde_json::from_str::<HashMap<String, &RawValue>>(text) {
        Ok(fields) => SCENARIOS_OWN.iter().any(|field| fields.contains_key(*field)),
        Err(_) => text.contains("\"rules\"") && !text.contains("\"projects\""),
    }
}

#[derive(Deserialize)]
struct Head {
    name: Option<String>,
    #[serde(default)]
    rules: Vec<serde::de::IgnoredAny>,
    #[serde(default)]
    expect: Vec<serde::de::IgnoredAny>,
    #[serde(default)]
    projects: Vec<Project>,
}

#[derive(Deserialize)]
struct Project {
    #[serde(default)]
    users: Vec<serde::de::IgnoredAny>,
    generate: Option<Generate>,
}

#[derive(Deserialize)]
struct Generate {
    count: usize,
}

impl Project {
    fn users_count(&self) -> usize {
        self.users.len() + self.generate.as_ref().map_or(0, |generate| generate.count)
    }
}

/// One line a file, then what they come to.
fn summary(given: &Given, set_up: &SetUp) -> String {
    let mut lines = String::new();
    for (source, head) in given.users.iter().flatten().filter_map(head) {
        let users = head.projects.iter().map(Project::users_count).sum();
        let (projects, users) = (counted(head.projects.len(), "project"), counted(users, "user"));
        let _ = writeln!(lines, "{}: users file, {projects}, {users}", source.name());
    }
    for (source, head) in given.scenarios.iter().filter_map(head) {
        let named = head.name.map_or(String::new(), |name| format!(" {name:?}"));
        let expected = match head.expect.len() {
            0 => String::new(),
            count => format!(", {}", counted(count, "expectation")),
        };
        let _ = writeln!(lines, "{}: scenario{named}, {}{expected}", source.name(), counted(head.rules.len(), "rule"));
    }
    let directory = set_up.directory();
    let _ = writeln!(
        lines,
        "fine: {}, {}, {}, seed {}",
        counted(directory.projects().len(), "project"),
        counted(directory.users_count(), "user"),
        counted(set_up.rules.count(), "rule"),
        set_up.seed,
    );
    lines
}

fn head(source: &Arc<Source>) -> Option<(&Arc<Source>, Head)> {
    Some((source, serde_json::from_str(source.text()).ok()?))
}

fn counted(count: usize, noun: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {noun}{plural}")
}
