//! `wksmock check`: says what is wrong with files, or what they hold.

use super::ci::harmless;
use super::exit::{self, Failure};
use super::files;
use super::set_up::built;
use crate::contract::has_body;
use crate::engine::{Given, SetUp};
use crate::limits::Limits;
use crate::scenario::{Behind, Control, Facet, Fault, Rate, Reach, Rule, RuleLabel, rates, unmet};
use crate::source::{Location, Problem, Problems, Source, nearest};
use clap::Args;
use serde::Deserialize;
use serde_json::value::RawValue;
use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::PathBuf;
use std::sync::Arc;

/// Check users and scenario files without serving, and print what they hold
///
/// A file with "rules", "expect" or another field that only scenarios have is one; one with "projects" or "accounts" is a
/// users file. Scenarios are checked against the users files given, or else against the embedded users.
#[derive(Debug, Args)]
pub(super) struct Check {
    /// Users and scenario files, or directories of them. JSON Schemas, *.schema.json, are passed over.
    #[arg(value_name = "FILE|DIR", required_unless_present = "fault")]
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
        let paths: Vec<_> = self.paths.into_iter().filter(|path| !files::is_schema(path)).collect();
        let sources = files::read(&paths, &limits, &mut problems);
        let (mut scenarios, mut users) = (Vec::new(), Vec::new());
        for source in sources {
            match Kind::of(source.text()) {
                Kind::Scenario => scenarios.push(source),
                Kind::Users => users.push(source),
                Kind::Neither => problems.push(neither(source)),
            }
        }
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
        exit::printed(std::io::stdout().write_all(harmless(&summary(&given, &set_up)).as_bytes()))
    }
}

/// Fields that only a scenario has.
const SCENARIOS_OWN: [&str; 5] = ["rules", "expect", "down", "name", "description"];
/// Fields that only a users file has.
const USERS_OWN: [&str; 2] = ["projects", "accounts"];
/// How a line begins that tells of what is allowed, and can hardly be meant.
const WARNING: &str = "warning: ";
/// Digits behind the point of a percentage.
const DECIMALS_MAX: f64 = 12.0;
/// Rules whose rates are said; the rest is counted. Each is a look at all rules before it.
const RATES_MAX: usize = 50;
/// Rules that are looked at for all those whose status a fault may take, one for each other.
const LOOKS_MAX: usize = 10_000_000;

/// What a file is, by what it has: `check` is not told.
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

    /// Of a text that is no object: what is broken is told by the reader of what it seems to be.
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
    let (rates, mut warnings) = of_rules(set_up);
    lines.push_str(&rates);
    if set_up.down.never_ends() {
        warnings += 1;
        let _ = writeln!(lines, "{WARNING}the last window of `down` never ends: it needs a server with --admin-listen");
    }
    let directory = set_up.directory();
    let warned = if warnings == 0 { String::new() } else { format!(", {}", counted(warnings, "warning")) };
    let _ = writeln!(
        lines,
        "fine: {}, {}, {}, seed {}{warned}",
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

/// How often each rule with a chance strikes, and a warning for each that never does or whose status is never met; and how
/// many warnings there are.
fn of_rules(set_up: &SetUp) -> (String, usize) {
    let rules = set_up.rules.all();
    let never = unreachable(set_up);
    let mut lines = Vec::new();
    let mut with_chance = (0..rules.len()).filter(|at| rules.get(*at).is_some_and(|rule| rule.chance().is_some()));
    for at in with_chance.by_ref().filter(|at| !never.contains_key(at)).take(RATES_MAX) {
        let rates = rates(rules, at);
        lines.extend(rates.chunk_by(Rate::is_as_often).filter_map(|same| Some(rate_of(rules.get(at)?, same))));
    }
    match with_chance.count() {
        0 => {}
        more => lines.push(format!("… and {} with a chance", counted(more, "more rule"))),
    }
    lines.extend(without_an_answer(set_up, |at| never.contains_key(&at)));
    lines.extend(without_a_body(rules));
    lines.extend(never.into_values());
    let warnings = lines.iter().filter(|line| line.starts_with(WARNING)).count();
    (lines.into_iter().fold(String::new(), |lines, line| lines + &line + "\n"), warnings)
}

/// A line for each rule without a chance whose status nobody meets, since a fault takes every answer.
fn without_an_answer(set_up: &SetUp, is_told: impl Fn(usize) -> bool) -> Vec<String> {
    let rules = set_up.rules.all();
    if !rules.iter().any(|rule| rule.fault.is_some_and(Fault::strikes) && rule.chance().is_none()) {
        return Vec::new();
    }
    let sets_a_status =
        |rule: &Arc<Rule>| rule.facets().has(Facet::Status) && rule.chance().is_none() && rule.token_calls.is_none();
    let is_looked_at = |(at, rule): &(usize, &Arc<Rule>)| {
        sets_a_status(rule) && rule.fault.is_none() && !is_told(*at) && !set_up.is_embedded(rule)
    };
    let mut looked_at = rules.iter().enumerate().filter(is_looked_at);
    let most = LOOKS_MAX / rules.len().max(1);
    let lost = looked_at.by_ref().take(most).filter_map(|(at, rule)| Some(rate_of(rule, &[unmet(rules, at)?])));
    let mut lines: Vec<_> = lost.collect();
    match looked_at.count() {
        0 => {}
        more => lines.push(format!("… and {} whose answers may be lost to faults", counted(more, "more rule"))),
    }
    lines
}

/// A line for each rule that spoils bodies, of an operation whose success has none.
fn without_a_body(rules: &[Arc<Rule>]) -> impl Iterator<Item = String> {
    let spoilt = rules.iter().filter_map(|rule| Some((rule, rule.fault.filter(|fault| fault.spoils_a_body())?)));
    let bare = spoilt.filter(|(rule, _)| rule.status.is_none() && !has_body(rule.operation.success()));
    bare.map(|(rule, fault)| {
        let (named, operation) = (named(&rule.label), rule.operation);
        format!(
            "{WARNING}the {} of {named} strikes errors alone: {} answers with {}, which has no body",
            fault.name(),
            operation.id,
            operation.success()
        )
    })
}

/// A line for each rule that never matches because of rules of other files and flags; those that a file's own rules hide
/// are errors of that file. What hides the embedded scenario is meant to.
fn unreachable(set_up: &SetUp) -> BTreeMap<usize, String> {
    let mut reach = Reach::default();
    let mut lines = BTreeMap::new();
    for (at, rule) in set_up.rules.all().iter().enumerate() {
        let Err(first) = reach.add(rule, ()) else { continue };
        if set_up.is_embedded(rule) {
            continue;
        }
        let first = first.map_or(String::new(), |(first, ())| format!(", the first of them {}", named(&first.label)));
        let line =
            format!("{WARNING}{} can never match: rules before it take all its calls{first}", named(&rule.label));
        lines.insert(at, line);
    }
    lines
}

/// One line about facets that a rule sets equally often.
fn rate_of(rule: &Rule, same: &[Rate<'_>]) -> String {
    let facets: Vec<_> = same.iter().map(|rate| rate.facet.name()).collect();
    let (facets, rule_named) = (facets.join(" and "), named(&rule.label));
    let chance = rule.chance().unwrap_or(1.0);
    match same.first() {
        _ if chance <= 0.0 => format!("{WARNING}{rule_named} never strikes: its chance is 0"),
        Some(rate) if rate.most <= 0.0 => {
            let others = others(&rate.behind).unwrap_or_default();
            format!("{WARNING}nobody meets the {facets} of {rule_named}: all its calls go to {others}")
        }
        Some(rate) => format!("{rule_named} sets the {facets} of {}", often(rate, chance)),
        None => String::new(),
    }
}

/// `15 % of its calls: 50 % behind …`, or `10 % to 15 % …`, where others take from some of its calls.
fn often(rate: &Rate<'_>, chance: f64) -> String {
    let partly = others(&rate.partly_behind).filter(|_| rate.least < rate.most);
    let least = partly.as_ref().map_or(String::new(), |_| format!("{} to ", percent(rate.least)));
    let behind = others(&rate.behind).map(|others| format!("{} behind {others}", percent(chance)));
    let verb = if rate.partly_behind.more == 0 { "takes" } else { "take" };
    let partly = partly.map(|others| format!("{others} {verb} some of them"));
    let why: Vec<_> = behind.into_iter().chain(partly).collect();
    let why = if why.is_empty() { String::new() } else { format!(": {}", why.join(", and ")) };
    format!("{least}{} of its calls{why}", percent(rate.most))
}

fn others(behind: &Behind<'_>) -> Option<String> {
    let first = behind.first.map(named)?;
    Some(if behind.more == 0 { first } else { format!("{first} and {} more", behind.more) })
}

fn named(label: &RuleLabel) -> String {
    format!("`{}` ({})", label.name, label.place)
}

/// A part of one: to a hundredth of a percent, or where it is smaller, to its second digit.
fn percent(part: f64) -> String {
    let percent = part * 100.0;
    let is_small = percent > 0.0 && percent < 0.1;
    // The second digit of 0.001 % is the fourth behind the point. What a float holds beyond that bound nobody meets.
    let decimals = if is_small { (1.0 - libm::floor(libm::log10(percent))).min(DECIMALS_MAX) } else { 2.0 };
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "from 2 to `DECIMALS_MAX`")]
    let rounded = format!("{percent:.*}", decimals as usize);
    format!("{} %", rounded.trim_end_matches('0').trim_end_matches('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentages_are_as_short_as_they_can_be() {
        let said = [1.0, 0.5 * (1.0 - 0.7), 0.135, 0.033_75, 0.001, 0.000_012_3, 1e-9, 0.0].map(percent);
        assert_eq!(said, ["100 %", "15 %", "13.5 %", "3.38 %", "0.1 %", "0.0012 %", "0.0000001 %", "0 %"]);
    }
}
