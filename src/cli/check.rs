//! `wksmock check`: reports errors in files, or summarizes them.

use super::ci::harmless;
use super::exit::{self, Failure};
use super::setup::{Scripts, Users};
use crate::diagnostics::{Location, Problem, Problems, Source, nearest};
use crate::engine::{Given, Setup, findings};
use crate::files;
use crate::limits::Limits;
use crate::scenario::looks_like_a_chance;
use crate::scenario::words::counted;
use clap::Args;
use serde::Deserialize;
use serde_json::value::RawValue;
use std::collections::HashMap;
use std::fmt::Write as _;
use std::path::PathBuf;
use std::sync::Arc;

/// Check users and scenario files, and summarize them
///
/// Without files, it checks those that `serve` would read: those of --users and --scenario, or of their variables.
///
/// A file with "rules", "expect" or another field of scenarios is a scenario; one with "projects" or "accounts" is a users
/// file. Scenarios are checked against the users files given, or else against the built-in users.
#[derive(Debug, Args)]
pub(super) struct CheckArgs {
    /// Users files, scenario files, directories of them, or builtin:NAME
    ///
    /// JSON Schemas, *.schema.json, are skipped. Default: the files of --users and --scenario.
    #[arg(value_name = "FILE|DIR", conflicts_with_all = ["users", "scenario"])]
    paths: Vec<PathBuf>,

    #[command(flatten)]
    users: Users,
    #[command(flatten)]
    scripts: Scripts,
}

impl CheckArgs {
    pub(super) fn run(self) -> Result<u8, Failure> {
        let limits = Limits::default();
        let mut problems = Problems::new(limits.errors_shown_max);
        let given = if self.paths.is_empty() {
            self.users.given_with(&self.scripts, &limits, &mut problems)
        } else {
            self.named(&limits, &mut problems)
        };
        let setup = Setup::new(&given, &limits, &mut problems).ok_or_else(|| Failure::of_problems(&problems))?;
        exit::print(&*harmless(&summary(&given, &setup)))
    }

    /// Loads the files that are named without a flag, each by its kind.
    fn named(&self, limits: &Limits, problems: &mut Problems) -> Given {
        let paths: Vec<_> = self.paths.iter().filter(|path| !files::is_schema(path)).cloned().collect();
        let sources = files::read(&paths, limits, problems);
        let (mut scenarios, mut users) = (Vec::new(), Vec::new());
        for source in sources {
            match Kind::of(source.text()) {
                Kind::Scenario => scenarios.push(source),
                Kind::Users => users.push(source),
                Kind::Neither => problems.push(neither(source)),
            }
        }
        let given = self.users.given_with(&self.scripts, limits, problems);
        // If a users file cannot be read, scenarios must not be checked against the embedded users.
        let given_users = !users.is_empty() || !problems.is_empty();
        Given { users: given_users.then_some(users), scenarios, ..given }
    }
}

/// Fields that only a scenario has.
const SCENARIOS_OWN: [&str; 5] = ["rules", "expect", "down", "name", "description"];
/// Fields that only a users file has.
const USERS_OWN: [&str; 2] = ["projects", "accounts"];
/// Prefix of a line about something that is allowed, but hardly intended.
const WARNING: &str = "warning: ";

/// Warns of a check without files, which would let a job pass whose variables are lost.
const NOTHING_GIVEN: &str =
    "note: no file given; checked only what is built in. Name files, or set WKSMOCK_USERS or WKSMOCK_SCENARIO.";

/// The fields of a file, which tell its kind.
enum Kind {
    Users,
    Scenario,
    Neither,
}

impl Kind {
    fn of(text: &str) -> Self {
        let Ok(fields) = serde_json::from_str::<HashMap<String, &RawValue>>(text) else {
            return Self::of_wrong(text);
        };
        let mut names: Vec<_> = fields.keys().map(String::as_str).collect();
        names.sort_unstable();
        let has = |own: &[&str]| names.iter().any(|name| own.contains(name));
        let is_near = |own: &[&str]| names.iter().any(|name| nearest(name, own.iter().copied()).is_some());
        if has(&SCENARIOS_OWN) {
            Self::Scenario
        } else if has(&USERS_OWN) {
            Self::Users
        } else if is_near(&SCENARIOS_OWN) {
            Self::Scenario
        } else if is_near(&USERS_OWN) {
            Self::Users
        } else {
            Self::Neither
        }
    }

    /// Guesses the kind of a text that is not an object, so that the reader of that kind reports the error.
    fn of_wrong(text: &str) -> Self {
        if serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok_and(|_| !text.trim_start().starts_with('{')) {
            Self::Neither
        } else if text.contains("\"rules\"") && !text.contains("\"projects\"") {
            Self::Scenario
        } else {
            Self::Users
        }
    }
}

fn neither(source: Arc<Source>) -> Problem {
    let expected = "expected an object: a users file has `projects`, a scenario has `rules` or `expect`";
    Problem::new("this is neither a users file nor a scenario", Location { source, span: None }, expected)
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

/// Lines for files, findings and totals.
fn summary(given: &Given, setup: &Setup) -> String {
    let mut lines = String::new();
    for (source, head) in given.users.iter().flatten().filter_map(head) {
        let users: usize = head.projects.iter().map(Project::users_count).sum();
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
    let findings = findings(setup);
    let mut warnings = findings.iter().filter(|finding| finding.is_warning()).count();
    for warning in given.faults.iter().filter_map(|fault| looks_like_a_chance(fault)) {
        warnings += 1;
        let _ = writeln!(lines, "{WARNING}{warning}");
    }
    for finding in &findings {
        let _ = writeln!(lines, "{}{}", if finding.is_warning() { WARNING } else { "" }, finding.said);
    }
    if setup.down.never_ends() {
        warnings += 1;
        let _ = writeln!(lines, "{WARNING}the last window of `down` never ends: `serve` needs --admin-listen for it");
    }
    let directory = setup.directory();
    if given.users.is_none() && given.scenarios.is_empty() && given.faults.is_empty() {
        let _ = writeln!(lines, "{NOTHING_GIVEN}");
    }
    let warned = if warnings == 0 { String::new() } else { format!(", {}", counted(warnings, "warning")) };
    let _ = writeln!(
        lines,
        "ok: {}, {}, {}, seed {}{warned}",
        counted(directory.projects().len(), "project"),
        counted(directory.users_count(), "user"),
        rules(setup),
        setup.seed,
    );
    lines
}

/// The number of rules, with built-in rules counted separately.
fn rules(setup: &Setup) -> String {
    let own = setup.given_rules_count();
    match (own, setup.rules.count() - own) {
        (own, 0) => counted(own, "rule"),
        (0, built_in) => counted(built_in, "built-in rule"),
        (own, built_in) => format!("{} and {built_in} built in", counted(own, "rule")),
    }
}

fn head(source: &Arc<Source>) -> Option<(&Arc<Source>, Head)> {
    Some((source, serde_json::from_str(source.text()).ok()?))
}
