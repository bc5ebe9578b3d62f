//! How overrides are set, changed and taken back.

use super::flag_override::meant;
use super::lookup::Found;
use super::overrides::{NextCalls, Override, Overrides, Turns};
use super::setup::{Names, Running};
use crate::contract::{Scripted, Subject};
use crate::diagnostics::{Problems, Source, parse};
use crate::ids::{CloneIndex, UserKey};
use crate::limits::Limits;
use crate::scenario::{Calls, Known, Overriding, Rule, Targets, override_rule};
use crate::state::{ChangeKind, State};
use serde_json::value::RawValue;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Why an override was not taken.
#[derive(Debug)]
pub(crate) enum OverrideRefused {
    /// The limit: this number of overrides is in force.
    Full(usize),
    /// All of them together would have more bytes than this.
    TooLarge(usize),
    /// Another rule is called so; where it stands.
    NameTaken(String),
    /// The rule is invalid.
    Wrong(Problems),
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

impl State {
    /// Adds a rule that takes precedence over all others, by its text or that of a flag. Without a name it is named
    /// `override 3`.
    pub(crate) fn add_override(&self, text: &str) -> Result<Override, OverrideRefused> {
        let next_id = &mut self.writer.lock().next_override;
        let running = self.running.load_full();
        let in_force = &running.overrides.all;
        if in_force.len() >= self.limits.overrides_max {
            return Err(OverrideRefused::Full(self.limits.overrides_max));
        }
        // A generated name must be free.
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

    /// Replaces an override by the text of a rule; strikes and `next` calls are counted from zero. `None` if the id is unknown.
    pub(crate) fn change_override(&self, id: u64, text: &str) -> Option<Result<Override, OverrideRefused>> {
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

    /// Compiles an override that fits beside others.
    fn new_override(
        &self,
        running: &Running,
        id: u64,
        text: &str,
        others: &[Override],
    ) -> Result<Override, OverrideRefused> {
        let bytes: usize = others.iter().map(|one| one.written.get().len()).sum();
        let most = self.limits.overrides_bytes_max;
        let has_room =
            |text: &str| if bytes + text.len() > most { Err(OverrideRefused::TooLarge(most)) } else { Ok(()) };
        has_room(text)?;
        let place = format!("override {id}");
        let clones = |id: &str| running.alias(id);
        let known = Known { loaded: &running.setup.loaded, clones: Some(&clones) };
        let is_taken = |name: &str| running.place_of_name(others, name).is_some();
        let text = &*meant(text, known, is_taken, &self.limits).map_err(OverrideRefused::Wrong)?;
        has_room(text)?;
        let overriding = compile(text, &place, known, &self.limits).map_err(OverrideRefused::Wrong)?;
        let label = Arc::clone(&overriding.rule.label);
        if let Some(place) = running.place_of_name(others, &label.name) {
            return Err(OverrideRefused::NameTaken(place));
        }
        let next: Arc<[_]> = running.next_calls(&overriding).into();
        let turns = Turns::of(&overriding, id);
        let rules = running.rules_of(overriding, &next, turns.as_ref());
        let written = serde_json::from_str::<Box<RawValue>>(text).ok();
        let written = invariant!(written, Box::default(), "a rule that compiled is JSON");
        Ok(Override { id, written: written.into(), label, rules, next, turns })
    }

    /// Removes an override. False if the id is unknown.
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
        let next = Running { overrides: Arc::new(overrides), ..running.clone() };
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

/// The name of an override, if it was given one, as the end of a sentence.
fn named(added: &Override) -> String {
    let name = &added.label.name;
    if *name == added.label.place { String::new() } else { format!(", named {name:?}") }
}

impl Running {
    /// The setup without overrides whose names a new scenario uses: its rules replace them, since a file of the rules in force
    /// contains them. In a clone, only overrides for it alone. Gives the ids of the removed ones too.
    pub(in crate::state) fn without_overrides_in(&self, names: &Names, clone: Option<CloneIndex>) -> (Self, Vec<u64>) {
        let ends = |one: &Override| {
            names.contains_key(&one.label.name) && clone.is_none_or(|clone| one.is_of(clone.project()))
        };
        let (ended, left): (Vec<_>, Vec<_>) = self.overrides.all.iter().cloned().partition(ends);
        if ended.is_empty() {
            return (self.clone(), Vec::new());
        }
        let overrides = Arc::new(Overrides::new(left));
        (Self { overrides, ..self.clone() }, ended.iter().map(|one| one.id).collect())
    }

    /// The place of a rule by name, among these overrides or loaded rules.
    fn place_of_name(&self, overrides: &[Override], name: &str) -> Option<String> {
        let named = overrides.iter().find(|one| one.label.name == name);
        named.map(|one| one.label.place.clone()).or_else(|| self.place_of_rule(name))
    }

    /// The number of calls that an override with `next` still applies to.
    pub(crate) fn calls_left(&self, one: &Override) -> Option<u64> {
        let of_users = || {
            let operation = one.rules.first().filter(|_| !one.next.is_empty())?.operation;
            let left = |next: &NextCalls| {
                let found = self.find(&next.project, &next.user).ok();
                found.map_or(0, |found| (next.last + 1).saturating_sub(next.first.max(calls_of(operation, &found) + 1)))
            };
            Some(one.next.iter().map(left).sum())
        };
        one.left().or_else(of_users)
    }

    /// The calls left of each override that applies to the next calls of any user.
    pub(crate) fn turns(&self) -> crate::engine::Turns {
        let turns = self.overrides.all.iter().filter_map(|one| one.turns.as_ref());
        crate::engine::Turns::new(turns.map(|turns| (turns.id, turns.left.load(Ordering::Relaxed))))
    }

    /// The calls left of the override with these turns.
    pub(crate) fn turns_left(&self, turns: u64) -> u64 {
        self.overrides.turns_left(turns).map_or(0, |left| left.load(Ordering::Relaxed))
    }

    /// Takes one call, if any is left.
    pub(crate) fn take_turn(&self, turns: u64) -> bool {
        let taken = |left: &AtomicU64| {
            left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).is_ok()
        };
        self.overrides.turns_left(turns).is_some_and(taken)
    }

    /// The numbers of the next calls of the users that a rule names.
    pub(in crate::state) fn next_calls(&self, overriding: &Overriding) -> Vec<NextCalls> {
        let (Some(count), Targets::Users(users)) = (overriding.next, &overriding.rule.targets) else {
            return Vec::new();
        };
        let of = |key: &UserKey| {
            let place = self.place_at(key.project)?;
            let found = place.loaded(key.user)?;
            let called = calls_of(overriding.rule.operation, &found);
            let (project, user) = (place.id().to_owned(), found.user().id().into_owned());
            Some(NextCalls { project, user, first: called + 1, last: called + count })
        };
        users.iter().filter_map(of).collect()
    }

    /// The rules of an override: with `next`, one for each user that exists, for its next calls.
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

/// The number of calls of an operation on users that were counted for a user.
fn calls_of(operation: Scripted, found: &Found<'_>) -> u64 {
    if let Scripted::Operation(operation) = operation
        && operation.subject == Subject::Person
    {
        return found.ledger.clients.calls.calls(operation, Some(&found.user().id()));
    }
    found.calls()
}
