//! Rules set at run time. They are read before all others, the newest first.

use super::setup::Names;
use crate::contract::{Operation, Subject};
use crate::diagnostics::{Problems, Source, parse};
use crate::ids::{CloneIndex, ProjectIndex, UserKey};
use crate::limits::Limits;
use crate::scenario::{Calls, Known, Overriding, Rule, RuleLabel, Rules, Targets, override_rule};
use crate::state::is_clone;
use crate::state::ledger::clones::Clones;
use crate::state::{ChangeKind, Found, Running, State};
use serde_json::value::RawValue;
use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// One override, with the rule as it was sent, word for word.
#[derive(Clone, Debug)]
pub(crate) struct Override {
    pub(crate) id: u64,
    pub(crate) written: Arc<RawValue>,
    pub(crate) label: Arc<RuleLabel>,
    /// One, or with `next` one for each user.
    pub(in crate::state) rules: Vec<Arc<Rule>>,
    /// What `next` has become.
    pub(crate) next: Arc<[NextCalls]>,
    /// The same where it is for calls of whoever makes them.
    pub(in crate::state) turns: Option<Turns>,
}

/// How many of the next calls an override is still for, whoever makes them: it strikes so many, in the order in which they
/// come.
#[derive(Clone, Debug)]
pub(in crate::state) struct Turns {
    id: u64,
    left: Arc<AtomicU64>,
}

/// The calls of a user that were the next ones when an override was set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NextCalls {
    pub(crate) project: String,
    pub(crate) user: String,
    pub(crate) first: u64,
    pub(crate) last: u64,
}

/// Why an override was not taken.
#[derive(Debug)]
pub(crate) enum Refused {
    /// So many are in force, and no more may be.
    Full(usize),
    /// All of them together would have more bytes than this.
    TooLarge(usize),
    /// Another rule is called so; where it stands.
    NameTaken(String),
    /// It is no rule.
    Wrong(Problems),
}

/// Overrides in force, the newest first.
#[derive(Debug, Default)]
pub(in crate::state) struct Overrides {
    pub(in crate::state) all: Vec<Override>,
    pub(in crate::state) rules: Rules,
}

impl Overrides {
    pub(in crate::state) fn new(all: Vec<Override>) -> Self {
        let rules = Rules::new(all.iter().flat_map(|one| &one.rules).cloned().collect());
        Self { all, rules }
    }

    /// How many calls an override is still for, if it is for so many of whoever makes them.
    pub(in crate::state) fn turns_left(&self, id: u64) -> Option<&AtomicU64> {
        let turns = self.all.iter().find_map(|one| one.turns.as_ref().filter(|turns| turns.id == id));
        turns.map(|turns| &*turns.left)
    }

    /// Those that are left when a project, or everything, is reset.
    pub(in crate::state) fn after_reset(&self, project: Option<ProjectIndex>) -> Self {
        let Some(project) = project else {
            return Self::default();
        };
        self.without(|other| other == project)
    }

    /// Those that are left of a set when there are no clones but these.
    pub(in crate::state) fn without_clones_but(self: &Arc<Self>, clones: &Clones) -> Arc<Self> {
        // Most name none, and then nothing needs to be looked at.
        if !self.all.iter().flat_map(|one| &one.rules).any(|rule| projects_of(&rule.targets).any(is_clone)) {
            return Arc::clone(self);
        }
        let left: HashSet<_> = clones.iter().map(|clone| clone.index.project()).collect();
        Arc::new(self.without(|project| is_clone(project) && !left.contains(&project)))
    }

    /// Those that hold for somebody when these projects are gone.
    fn without(&self, gone: impl Fn(ProjectIndex) -> bool) -> Self {
        let holds = |targets: &Targets| *targets == Targets::Everyone || !projects_of(targets).all(&gone);
        let holds = |one: &&Override| one.rules.iter().any(|rule| holds(&rule.targets));
        Self::new(self.all.iter().filter(holds).cloned().collect())
    }
}

impl Override {
    /// Whether it holds for nobody outside this project or clone.
    fn is_of(&self, project: ProjectIndex) -> bool {
        let is_of = |targets: &Targets| *targets != Targets::Everyone && projects_of(targets).all(|one| one == project);
        self.rules.iter().all(|rule| is_of(&rule.targets))
    }
}

/// The projects for whose users alone a rule holds; none if it holds for everyone.
fn projects_of(targets: &Targets) -> impl Iterator<Item = ProjectIndex> {
    let (projects, users) = match targets {
        Targets::Everyone => (&[][..], &[][..]),
        Targets::Projects(projects) => (projects.as_slice(), &[][..]),
        Targets::Users(users) => (&[][..], users.as_slice()),
    };
    projects.iter().copied().chain(users.iter().map(|user| user.project))
}

/// Compiles the text of a rule; `place` names it.
pub(in crate::state) fn compile(
    text: &str,
    place: &str,
    known: Known<'_>,
    limits: &Limits,
) -> Result<Overriding, Problems> {
    let source = Arc::new(Source::new("body", text));
    let mut problems = Problems::new(limits.errors_shown_max);
    let document = problems.keep(parse(&source, limits));
    let rule = document.and_then(|document| override_rule(&document, place, known, limits, &mut problems));
    rule.ok_or(problems)
}

impl Turns {
    pub(in crate::state) fn of(overriding: &Overriding, id: u64) -> Option<Self> {
        let count = overriding.next.filter(|_| overriding.is_for_anyone)?;
        Some(Self { id, left: Arc::new(AtomicU64::new(count)) })
    }
}

impl Override {
    /// How many calls it is still for, if it is for so many of whoever makes them.
    pub(crate) fn left(&self) -> Option<u64> {
        self.turns.as_ref().map(|turns| turns.left.load(Ordering::Relaxed))
    }
}

impl State {
    /// Sets a rule that is read before all others, by its text. Without a name it is called `override 3`.
    pub(crate) fn add_override(&self, text: &str) -> Result<Override, Refused> {
        let next_id = &mut self.writer.lock().next_override;
        let running = self.running.load_full();
        let in_force = &running.overrides.all;
        if in_force.len() >= self.limits.overrides_max {
            return Err(Refused::Full(self.limits.overrides_max));
        }
        // A name that we choose is nobody else's.
        while running.place_of_name(in_force, &format!("override {next_id}")).is_some() {
            *next_id += 1;
        }
        let added = self.new_override(&running, *next_id, text, in_force)?;
        let all = std::iter::once(&added).chain(in_force).cloned().collect();
        self.swap_overrides(&running, Overrides::new(all));
        self.note(ChangeKind::Override, None, format!("Override {next_id} was added{}.", named(&added)));
        *next_id += 1;
        Ok(added)
    }

    /// Puts another rule in the place of an override, by its text, whose strikes and `next` calls are counted anew. None if
    /// there is no override of that id.
    pub(crate) fn change_override(&self, id: u64, text: &str) -> Option<Result<Override, Refused>> {
        let _writer = self.writer.lock();
        let running = self.running.load_full();
        let mut all = running.overrides.all.clone();
        let place = all.iter().position(|one| one.id == id)?;
        let before = all.remove(place);
        let changed = match self.new_override(&running, id, text, &all) {
            Ok(changed) => changed,
            Err(refused) => return Some(Err(refused)),
        };
        all.insert(place, changed.clone());
        running.forget_strikes_of(&before.label.name);
        self.swap_overrides(&running, Overrides::new(all));
        self.note(ChangeKind::Override, None, format!("Override {id} was changed{}.", named(&changed)));
        Some(Ok(changed))
    }

    /// An override of these beside others, which is not in force yet.
    fn new_override(&self, running: &Running, id: u64, text: &str, others: &[Override]) -> Result<Override, Refused> {
        let bytes = others.iter().map(|one| one.written.get().len()).sum::<usize>() + text.len();
        if bytes > self.limits.overrides_bytes_max {
            return Err(Refused::TooLarge(self.limits.overrides_bytes_max));
        }
        let place = format!("override {id}");
        let clones = |id: &str| running.alias(id);
        let known = Known { loaded: &running.setup.loaded, clones: Some(&clones) };
        let overriding = compile(text, &place, known, &self.limits).map_err(Refused::Wrong)?;
        let label = Arc::clone(&overriding.rule.label);
        if let Some(place) = running.place_of_name(others, &label.name) {
            return Err(Refused::NameTaken(place));
        }
        let next: Arc<[_]> = running.next_calls(&overriding).into();
        let turns = Turns::of(&overriding, id);
        let rules = running.rules_of(overriding, &next, turns.as_ref());
        // What compiled is JSON.
        let written = serde_json::from_str::<Box<RawValue>>(text).unwrap_or_default();
        Ok(Override { id, written: written.into(), label, rules, next, turns })
    }

    /// Takes one override back. False if there is none of that id.
    pub(crate) fn remove_override(&self, id: u64) -> bool {
        let _writer = self.writer.lock();
        let running = self.running.load_full();
        let left: Vec<_> = running.overrides.all.iter().filter(|one| one.id != id).cloned().collect();
        let found = left.len() < running.overrides.all.len();
        if found {
            self.swap_overrides(&running, Overrides::new(left));
            self.note(ChangeKind::Override, None, format!("Override {id} was removed."));
        }
        found
    }

    fn swap_overrides(&self, running: &Running, overrides: Overrides) {
        let next = Running { overrides: Arc::new(overrides), ..running.shared() };
        next.keep_strikes();
        self.running.store(Arc::new(next));
    }

    pub(crate) fn remove_overrides(&self) {
        let _writer = self.writer.lock();
        let running = self.running.load_full();
        self.swap_overrides(&running, Overrides::default());
        let count = running.overrides.all.len();
        if count > 0 {
            self.note(ChangeKind::Override, None, format!("All overrides were removed ({count})."));
        }
    }
}

/// Adds the name that whoever set an override gave it.
fn named(added: &Override) -> String {
    let name = &added.label.name;
    if *name == added.label.place { String::new() } else { format!(", named {name:?}") }
}

impl Running {
    /// The same without the overrides whose names the rules of a scenario have that is put: they take their places, as what is
    /// in force as one file has them. In a clone only those that hold there alone. Gives the ids of those.
    pub(in crate::state) fn without_overrides_in(&self, names: &Names, clone: Option<CloneIndex>) -> (Self, Vec<u64>) {
        let ends = |one: &Override| {
            names.contains_key(&one.label.name) && clone.is_none_or(|clone| one.is_of(clone.project()))
        };
        let (ended, left): (Vec<_>, Vec<_>) = self.overrides.all.iter().cloned().partition(ends);
        if ended.is_empty() {
            return (self.shared(), Vec::new());
        }
        let overrides = Arc::new(Overrides::new(left));
        (Self { overrides, ..self.shared() }, ended.iter().map(|one| one.id).collect())
    }

    /// Where a rule of that name stands, among these overrides or else.
    fn place_of_name(&self, overrides: &[Override], name: &str) -> Option<String> {
        let named = overrides.iter().find(|one| one.label.name == name);
        named.map(|one| one.label.place.clone()).or_else(|| self.place_of_rule(name))
    }

    /// How many calls an override is still for, if it is for the next ones: of users, how many of those calls they have not
    /// made.
    pub(crate) fn calls_left(&self, one: &Override) -> Option<u64> {
        let of_users = || {
            let operation = one.rules.first().filter(|_| !one.next.is_empty())?.operation;
            let left =
                |next: &NextCalls| (next.last + 1).saturating_sub(self.next_number(operation, next).max(next.first));
            Some(one.next.iter().map(left).sum())
        };
        one.left().or_else(of_users)
    }

    /// The number that the next call of a user will have; of one who is gone there is none.
    fn next_number(&self, operation: &Operation, of: &NextCalls) -> u64 {
        if operation.subject == Subject::Person {
            let place = self.project_at(&of.project);
            return place.map_or(u64::MAX, |place| place.people.calls.calls(operation, &of.user) + 1);
        }
        self.find(&of.project, &of.user).map_or(u64::MAX, |found| self.calls(&found) + 1)
    }

    /// What is left of each override that is for a number of calls, whoever makes them.
    pub(crate) fn turns(&self) -> crate::engine::Turns {
        let turns = self.overrides.all.iter().filter_map(|one| one.turns.as_ref());
        crate::engine::Turns::new(turns.map(|turns| (turns.id, turns.left.load(Ordering::Relaxed))))
    }

    /// How many calls the override with these turns is still for.
    pub(crate) fn turns_left(&self, turns: u64) -> u64 {
        self.overrides.turns_left(turns).map_or(0, |left| left.load(Ordering::Relaxed))
    }

    /// Takes one of them, if there is one left.
    pub(crate) fn take_turn(&self, turns: u64) -> bool {
        let taken = |left: &AtomicU64| {
            left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).is_ok()
        };
        self.overrides.turns_left(turns).is_some_and(taken)
    }

    /// The numbers that the next calls of those will have whom a rule names.
    pub(in crate::state) fn next_calls(&self, overriding: &Overriding) -> Vec<NextCalls> {
        let (Some(count), Targets::Users(users)) = (overriding.next, &overriding.rule.targets) else {
            return Vec::new();
        };
        let of = |key: &UserKey| {
            let clone = self.clones.iter().find(|clone| clone.index.project() == key.project);
            let (template, project) = match clone {
                Some(clone) => self.template_of(clone)?,
                None => (key.project, self.setup.directory().project_at(key.project)?),
            };
            let user = project.user_at(key.user)?;
            let operation = overriding.rule.operation;
            let called = if operation.subject == Subject::Person {
                let people = clone.map_or_else(|| self.epoch.people(template), |clone| Some(&clone.people))?;
                people.calls.calls(operation, &user.id())
            } else {
                self.calls(&Found::loaded(UserKey { project: template, ..*key }, user, clone))
            };
            let project = clone.map_or(project.id(), |clone| clone.id()).to_owned();
            Some(NextCalls { project, user: user.id().into_owned(), first: called + 1, last: called + count })
        };
        users.iter().filter_map(of).collect()
    }

    /// The rules of an override: with `next`, one for each user, for the calls that are meant. Who is not there any more
    /// has none.
    pub(in crate::state) fn rules_of(
        &self,
        overriding: Overriding,
        next: &[NextCalls],
        turns: Option<&Turns>,
    ) -> Vec<Arc<Rule>> {
        if overriding.next.is_none() || overriding.is_for_anyone {
            return vec![Arc::new(Rule { turns: turns.map(|turns| turns.id), ..overriding.rule })];
        }
        let of = |calls: &NextCalls| {
            let key = self.find(&calls.project, &calls.user).ok()?.own_key();
            let targets = Targets::Users(vec![key]);
            let calls = Calls::from_to(calls.first, calls.last);
            Some(Arc::new(Rule { targets, calls, ..overriding.rule.clone() }))
        };
        next.iter().filter_map(of).collect()
    }
}
