//! Writes the rules in force as one scenario: overrides, flags and files, in the order in which they are read.
//!
//! Names stay, since draws depend on them. An override that a file cannot express is refused by name; a rule that can never
//! match is left out, since it would be an error of the file.

use super::raw_scenario::Members;
use crate::contract::{OperationRow, Subject};
use crate::diagnostics::{Source, parse};
use crate::limits::Limits;
use crate::scenario::{Delay, FLAG, Fault, NAME_CHARS, Rule, fault_as_rule, is_name, unreachable_in};
use crate::state::{Cloned, Override, Running, State};
use serde_json::json;
use serde_json::value::RawValue;
use std::collections::{BTreeMap, HashSet};
use std::fmt::{self, Write as _};
use std::sync::Arc;

/// Why the file cannot be written.
#[derive(Debug)]
pub(crate) enum NotSaid {
    NoProject,
    /// The rule that a file cannot express, and the remedy.
    Cannot(String),
}

/// A scenario that is being written.
#[derive(Debug, Default)]
struct File {
    /// Whole members, as they are at the beginning.
    heading: Vec<String>,
    rules: Vec<RawRule>,
    down: Vec<String>,
    expect: Vec<String>,
}

#[derive(Debug)]
struct RawRule {
    name: String,
    text: String,
}

/// The conditions of a rule that replace its written ones.
#[derive(Default)]
struct Change {
    projects: Option<Vec<String>>,
    users: Option<Vec<String>>,
    calls: Option<String>,
}

impl State {
    /// The rules in force as one scenario, of all or of a clone. Once it is put and the overrides are gone, every call has the
    /// same outcome as now.
    pub(crate) fn scenario_file(&self, project: Option<&str>) -> Result<String, NotSaid> {
        let running = self.running.load_full();
        let clone = project.and_then(|id| running.clones.get(id));
        if project.is_some_and(|id| clone.is_none() && running.setup.directory().project(id).is_none()) {
            return Err(NotSaid::NoProject);
        }
        let text = File::of(&running, clone)?.without_unreachable(&running, &self.limits)?;
        let limits = Limits { errors_shown_max: 1, ..self.limits.clone() };
        let Err(problems) = running.compiled(clone.is_some(), ("file", &text), &limits) else { return Ok(text) };
        let what = problems.iter().next();
        let what = what.map_or(String::new(), |problem| format!(": {}; {}", problem.what, problem.expected));
        Err(NotSaid::Cannot(format!("The active rules cannot be written as one scenario{what}.")))
    }
}

impl File {
    fn of(running: &Running, clone: Option<&Arc<Cloned>>) -> Result<Self, NotSaid> {
        let setup = running.set_up_of(clone);
        let mut file = Self::default();
        let mut taken: HashSet<_> = running.overrides().iter().map(|one| one.label.name.clone()).collect();
        taken.extend(setup.rules.all().iter().chain(running.loaded.rules.all()).map(|rule| rule.label.name.clone()));
        for one in running.overrides() {
            file.rules.extend(of_override(running, one, clone, &mut taken)?);
        }
        for flag in &setup.written.faults {
            file.rules.push(of_flag(flag)?);
        }
        // In a clone the server's scenario goes on for calls that are made in no project.
        let is_of_clone = |operation: &OperationRow| operation.subject != Subject::Caller;
        let is_judged = |operation: &OperationRow| !matches!(operation.subject, Subject::Caller | Subject::Project);
        let is_own = clone.is_some_and(|clone| clone.setup().is_some());
        let all = clone.is_none() || is_own;
        let mut rules = setup.rules.all().iter().skip(setup.written.faults.len());
        let mut expectations = setup.expectations.iter();
        let count = setup.written.scenarios.len();
        let mut has_seed = false;
        for (source, parts) in setup.parts() {
            for (text, rule) in parts.rules.iter().zip(rules.by_ref()) {
                if all || rule.token_calls.is_some() || is_of_clone(&rule.operation) {
                    file.rules.push(of_file(rule, text, setup.comes_by_itself(source), &mut taken));
                }
            }
            let judged = parts.expect.iter().zip(expectations.by_ref());
            let judged = judged.filter(|(_, one)| all || is_judged(&one.operation));
            file.expect.extend(judged.map(|(text, _)| text.get().to_owned()));
            file.down.extend(parts.down.iter().filter(|_| all).map(|text| text.get().to_owned()));
            has_seed |= parts.seed.is_some();
            let said = [("name", parts.name), ("description", parts.description)].into_iter().filter(|_| count == 1);
            let said = said.filter_map(|(name, text)| Some(format!("\"{name}\": {}", text?.get())));
            file.heading.extend(said);
        }
        if has_seed {
            file.heading.insert(0, format!("\"seed\": {}", setup.seed));
        }
        file.heading.insert(0, "\"format\": 1".to_owned());
        Ok(file)
    }

    fn text(&self) -> String {
        let mut text = format!("{{\n  {}", self.heading.join(",\n  "));
        let rules: Vec<_> = self.rules.iter().map(|rule| rule.text.as_str()).collect();
        let [down, expect] = [&self.down, &self.expect].map(|list| list.iter().map(String::as_str).collect::<Vec<_>>());
        for (name, list) in [("rules", &rules), ("down", &down), ("expect", &expect)] {
            if !list.is_empty() {
                let _ = write!(text, ",\n  \"{name}\": [\n    {}\n  ]", list.join(",\n    "));
            } else if name == "rules" {
                text.push_str(",\n  \"rules\": []");
            }
        }
        text.push_str("\n}\n");
        text
    }

    /// The text without rules that can never match. One that is named as a flag or an override of this server stays in some
    /// form: that would take its place otherwise, before all others.
    fn without_unreachable(mut self, running: &Running, limits: &Limits) -> Result<String, NotSaid> {
        let loaded = &running.loaded;
        let is_set = |name: &String| running.overrides().iter().any(|one| one.label.name == *name);
        let mut idle = [r#""delay": {"fixed_ms": 0}"#, r#""fault": "hang""#, r#""status": 200"#].into_iter();
        loop {
            let source = Arc::new(Source::new("file", self.text()));
            let document = parse(&source, limits).map_err(|problem| NotSaid::Cannot(problem.what.clone()))?;
            let unreachable: HashSet<_> = unreachable_in(&document, &loaded.loaded, limits).into_iter().collect();
            drop(document);
            if unreachable.is_empty() {
                return Ok(source.text().to_owned());
            }
            let (effect, mut at, mut cannot) = (idle.next(), 0, None);
            self.rules.retain_mut(|rule| {
                let is_unreachable = unreachable.contains(&at);
                at += 1;
                if !is_unreachable || !(loaded.written.faults.contains(&rule.name) || is_set(&rule.name)) {
                    return !is_unreachable;
                }
                match effect {
                    Some(effect) => {
                        rule.text = format!(r#"{{"name": {}, "when": {{"chance": 0}}, {effect}}}"#, json!(rule.name));
                    }
                    None => cannot = Some(rule.name.clone()),
                }
                true
            });
            if let Some(name) = cannot {
                let (what, mend) = if is_set(&name) {
                    (format!("Override {name:?}"), "DELETE it.")
                } else {
                    (format!("{FLAG} {name}"), "DELETE the overrides before it, or start the server without it.")
                };
                return Err(NotSaid::Cannot(format!(
                    "{what} never applies because earlier rules take its calls, but it would come first again once the \
                     file is PUT. {mend}"
                )));
            }
        }
    }
}

fn of_file(rule: &Rule, text: &RawValue, comes_by_itself: bool, taken: &mut HashSet<String>) -> RawRule {
    let name = &rule.label.name;
    if !comes_by_itself {
        return RawRule { name: name.clone(), text: text.get().to_owned() };
    }
    // It will be there a second time behind all others.
    let name = another_name(name, taken);
    let text = rewritten(&Members::of(text.get()), &name, &Change::default());
    RawRule { name, text }
}

fn of_flag(flag: &str) -> Result<RawRule, NotSaid> {
    let text = fault_as_rule(flag, Some(flag), None).filter(|_| is_name(flag)).ok_or_else(|| {
        let most = NAME_CHARS.end();
        NotSaid::Cannot(format!(
            "{FLAG} {flag} cannot be used as a rule name: names have at most {most} characters on one line, and random \
             draws depend on the name. Write it as a rule in a scenario file."
        ))
    })?;
    Ok(RawRule { name: flag.to_owned(), text })
}

/// The rules of a file that equal an override: none if it is used up, or if it applies outside of the clone.
fn of_override(
    running: &Running,
    one: &Override,
    clone: Option<&Arc<Cloned>>,
    taken: &mut HashSet<String>,
) -> Result<Vec<RawRule>, NotSaid> {
    let Some(rule) = one.rules.first() else { return Ok(Vec::new()) };
    if clone.is_some() && rule.token_calls.is_none() && rule.operation.subject == Subject::Caller {
        return Ok(Vec::new());
    }
    let members = Members::of(one.written.get());
    let when = members.get("when").map(|when| Members::of(when.get())).unwrap_or_default();
    let mut change = Change::default();
    match (when.texts("project"), clone) {
        (None, _) => {}
        (Some(ids), None) => refuse_clones(running, one, &ids)?,
        (Some(ids), Some(clone)) => {
            let has = |id: &str| ids.iter().any(|other| other == id);
            if has(clone.id()) {
                // A rule of the clone's own names the template.
                change.projects = Some(vec![clone.template().to_owned()]);
            } else if !has(clone.template()) {
                return Ok(Vec::new());
            }
        }
    }
    match one.left() {
        Some(0) => return Ok(Vec::new()),
        Some(left) => {
            let Override { id, label, .. } = one;
            return Err(NotSaid::Cannot(format!(
                "Override {id} (`{}`) applies to the next calls of any user ({left} left), which a file cannot express. Wait \
                 for these calls, or DELETE /__admin/overrides/{id}.",
                label.name
            )));
        }
        None => {}
    }
    let name = one.label.name.clone();
    if one.next.is_empty() {
        let is_as_written = members.get("name").is_some() && change.projects.is_none();
        let text = if is_as_written { one.written.get().to_owned() } else { rewritten(&members, &name, &change) };
        return Ok(vec![RawRule { name, text }]);
    }
    let pieces = pieces(running, one, clone);
    if pieces.len() > 1 && is_drawn(rule) {
        return Err(NotSaid::Cannot(format!(
            "Override {} (`{name}`) applies to different calls of each user. A file would need one rule per user, but \
             random draws depend on the rule name. DELETE /__admin/overrides/{}, or set one override per user.",
            one.id, one.id
        )));
    }
    let written = pieces.iter().enumerate().map(|(at, change)| {
        let name = if at == 0 { name.clone() } else { another_name(&name, taken) };
        RawRule { text: rewritten(&members, &name, change), name }
    });
    Ok(written.collect())
}

fn refuse_clones(running: &Running, one: &Override, ids: &[String]) -> Result<(), NotSaid> {
    let is_clone = |id: &&String| running.setup.directory().project(id).is_none() && running.clones.get(id).is_some();
    let Some(id) = ids.iter().find(is_clone) else { return Ok(()) };
    Err(NotSaid::Cannot(format!(
        "Override {} (`{}`) names clone {id:?}, but a file can name only loaded projects. Get the file of that clone \
         with ?project=, or DELETE /__admin/overrides/{}.",
        one.id, one.label.name, one.id
    )))
}

/// Whether the effect of a rule depends on its name.
fn is_drawn(rule: &Rule) -> bool {
    rule.chance().is_some()
        || rule.delay.as_ref().is_some_and(Delay::is_drawn)
        || rule.fault.is_some_and(Fault::is_drawn)
}

/// The calls that `next` has become: for each range the users in all projects, as rules can name them.
fn pieces(running: &Running, one: &Override, clone: Option<&Arc<Cloned>>) -> Vec<Change> {
    let mut ranges: BTreeMap<(u64, u64), BTreeMap<&str, Vec<&str>>> = BTreeMap::new();
    for next in one.next.iter().filter(|next| running.find(&next.project, &next.user).is_ok()) {
        let project = match clone {
            None => next.project.as_str(),
            Some(clone) if [clone.id(), clone.template()].contains(&next.project.as_str()) => clone.template(),
            Some(_) => continue,
        };
        let users = ranges.entry((next.first, next.last)).or_default().entry(project).or_default();
        if !users.contains(&next.user.as_str()) {
            users.push(&next.user);
        }
    }
    let mut pieces = Vec::new();
    for ((first, last), projects) in ranges {
        let mut by_users: BTreeMap<Vec<&str>, Vec<String>> = BTreeMap::new();
        for (project, users) in projects {
            by_users.entry(users).or_default().push(project.to_owned());
        }
        pieces.extend(by_users.into_iter().map(|(users, projects)| Change {
            projects: Some(projects),
            users: Some(users.into_iter().map(str::to_owned).collect()),
            calls: Some(format!("{first}-{last}")),
        }));
    }
    pieces
}

/// A name that no rule has.
fn another_name(name: &str, taken: &mut HashSet<String>) -> String {
    let beginning: String = name.chars().take(NAME_CHARS.end() - 20).collect();
    let mut names = (2_u32..).map(|number| format!("{beginning} ({number})"));
    let name = invariant!(names.find(|name| !taken.contains(name)), String::new(), "numbers do not end");
    taken.insert(name.clone());
    name
}

/// The text of a rule with another name and changed conditions.
fn rewritten(members: &Members<'_>, name: &str, change: &Change) -> String {
    let when = members.get("when").map(|when| Members::of(when.get())).unwrap_or_default();
    let one_or_more = |texts: &[String]| match texts {
        [one] => json!(one),
        several => json!(several),
    };
    let changed = [
        ("project", change.projects.as_deref().map(one_or_more)),
        ("user", change.users.as_deref().map(one_or_more)),
        ("calls", change.calls.as_ref().map(|calls| json!(calls))),
    ];
    let changed: Vec<_> = changed.into_iter().filter_map(|(name, value)| Some((name, value?))).collect();
    let is_changed = |name: &str| changed.iter().any(|(other, _)| *other == name);
    let member = |name: &str, value: &dyn fmt::Display| format!("{}: {value}", json!(name));
    let kept = when.0.iter().filter(|(name, _)| !is_changed(name)).map(|(name, value)| member(name, value));
    let conditions: Vec<_> = changed.iter().map(|(name, value)| member(name, value)).chain(kept).collect();
    let mut all = vec![member("name", &json!(name))];
    if !conditions.is_empty() {
        all.push(format!("\"when\": {{ {} }}", conditions.join(", ")));
    }
    let others = members.0.iter().filter(|(name, _)| !["name", "next", "when"].contains(&name.as_str()));
    all.extend(others.map(|(name, value)| member(name, value)));
    format!("{{ {} }}", all.join(", "))
}
