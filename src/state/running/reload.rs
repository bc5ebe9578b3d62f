//! Changes of what was loaded, while the server runs: another scenario, or files that were read again.
//!
//! What is bad changes nothing. What is good is swapped whole, and call numbers go on: those of a user by the ids of
//! project and user.

use super::freshness::Freshness;
use super::overrides::{self, Overrides};
use super::own_scenario::{NotPut, OwnScenario, put_at};
use super::setup::{Names, names_of};
use super::since::Marks;
use crate::diagnostics::{Location, Problem, Problems, Source, Told, parse, seed_of};
use crate::engine::{Given, Setup};
use crate::limits::Limits;
use crate::scenario::Known;
use crate::state::Cloned;
use crate::state::ledger::epoch::Moved;
use crate::state::server::Writer;
use crate::state::{ChangeKind, Found, Override, Running, Since, State};
use std::collections::HashMap;
use std::sync::Arc;

/// The name of a scenario that was PUT.
const PUT: &str = "PUT /__admin/scenario";

/// A scenario that is put in force, or would be.
#[derive(Debug)]
pub(crate) struct Put {
    pub(crate) setup: Arc<Setup>,
    /// The overrides whose places its rules take, by id.
    pub(crate) ended: Vec<u64>,
}

impl Put {
    /// Names the overrides that end, behind some words; nothing if none does.
    pub(in crate::state) fn ended(ended: &[u64], before: &str) -> String {
        let ids: Vec<_> = ended.iter().map(u64::to_string).collect();
        match ids.as_slice() {
            [] => String::new(),
            [id] => format!("{before}override {id}"),
            ids => format!("{before}overrides {}", ids.join(", ")),
        }
    }
}

impl State {
    /// Puts a scenario in the place of all scenario files, by its text. Gives what is then in force.
    /// Takes as long as it takes to read them.
    pub(crate) fn put_scenario(&self, text: &str) -> Result<Put, Problems> {
        let _renewal = self.renewal.lock();
        let mut problems = Problems::new(self.limits.errors_shown_max);
        let setup = self.in_place_of_files(&self.running(), text, &mut problems);
        let Some(setup) = setup else { return Err(problems) };
        let _writer = self.writer.lock();
        let names = names_of(&setup);
        let (running, ended) = self.running.load().without_overrides_in(&names, None);
        let next = Running { names, setup: Arc::new(setup), ..running };
        let setup = Arc::clone(&next.setup);
        self.judge_from_now(next);
        self.note(
            ChangeKind::Scenario,
            None,
            format!("A scenario replaced those of the files{}.", Put::ended(&ended, ", and ")),
        );
        Ok(Put { setup, ended })
    }

    /// What a scenario, by its text, makes of a set-up in the place of all scenario files.
    fn in_place_of_files(&self, running: &Running, text: &str, problems: &mut Problems) -> Option<Setup> {
        running.loaded.with_scenario(Arc::new(Source::new(PUT, text)), &self.limits, problems)
    }

    /// What a scenario that is put would make of what is running, in all or in one clone; it is not put.
    pub(crate) fn checked(&self, running: &Running, clone: Option<&Arc<Cloned>>, text: &str) -> Result<Put, NotPut> {
        let mut problems = Problems::new(self.limits.errors_shown_max);
        let put = |setup: Setup, (_, ended)| Put { setup: Arc::new(setup), ended };
        let Some(clone) = clone else {
            let setup = self.in_place_of_files(running, text, &mut problems).ok_or(NotPut::Wrong(problems))?;
            let without = running.without_overrides_in(&names_of(&setup), None);
            return Ok(put(setup, without));
        };
        let source = Arc::new(Source::new(put_at(clone.id()), text));
        let own = running.loaded.of_clone(source, &self.limits, &mut problems).ok_or(NotPut::Wrong(problems))?;
        let without = running.without_overrides_in(&names_of(&own), Some(clone.index));
        without.0.refuse_names_of(&own, self.limits.errors_shown_max).map_err(NotPut::Wrong)?;
        running.clones.with_room_for(&own, Some(clone), &self.limits).map_err(NotPut::NoRoom)?;
        Ok(put(own, without))
    }

    /// Puts the files' scenarios in force again, if another is in their place.
    pub(crate) fn take_back_scenario(&self) {
        let _writer = self.writer.lock();
        let running = self.running.load_full();
        if !Arc::ptr_eq(&running.setup, &running.loaded) {
            let (setup, names) = (Arc::clone(&running.loaded), running.names_with(&running.loaded));
            self.judge_from_now(Running { setup, names, ..running.shared() });
            self.note(ChangeKind::Scenario, None, "The scenarios of the files were restored.");
        }
    }

    /// Puts another scenario in force, and what it expects is judged by calls from now on.
    fn judge_from_now(&self, next: Running) {
        next.forget_strikes_of_scenarios();
        let since = Arc::new(Since::taken(&next, self.marks()));
        self.running.store(Arc::new(Running { since, ..next }));
        // Windows in which nobody can connect may be others now.
        self.clock.rouse();
        // And a verdict that somebody waits for.
        self.journal.changes.tell();
    }

    pub(in crate::state) fn marks(&self) -> Marks {
        Marks { request: self.journal.last_index(), message: self.outbox.last_index() }
    }

    /// Puts files that were read again in the place of those that were loaded, and of a scenario that was PUT.
    /// `problems` are those of reading. Takes as long as a start does.
    pub(crate) fn reload(&self, given: &Given, mut problems: Problems) -> Freshness {
        let _renewal = self.renewal.lock();
        let setup = Setup::new(given, &self.limits, &mut problems);
        let owns = setup.as_ref().map(|setup| self.owns_for(setup)).unwrap_or_default();
        let mut writer = self.writer.lock();
        let running = self.running.load_full();
        let setup =
            setup.filter(|setup| check_seed(given, setup.seed, running.setup.seed, &self.limits, &mut problems));
        let next = setup.and_then(|setup| running.with(setup, &mut problems));
        // All of it is the files' again.
        let next = next.map(|next| Running { loaded: Arc::clone(&next.setup), since: Arc::default(), ..next });
        let (stale, problems) = match next {
            Some(next) => (false, self.swap(&mut writer, &running, next, &owns)),
            None => (true, problems.iter().map(Problem::told).collect()),
        };
        let what = if stale {
            "The files changed and have errors; the previous setup stays active."
        } else {
            "The files were reloaded."
        };
        self.note(ChangeKind::Files, None, what);
        let mut freshness = self.freshness.lock();
        *freshness = Freshness { stale, reloads: freshness.reloads + 1, problems };
        freshness.clone()
    }

    /// Swaps in other users and rules. Tells what they have cost: overrides and clones that have lost what they name.
    fn swap(&self, writer: &mut Writer, running: &Running, mut next: Running, owns: &Owns) -> Vec<Told> {
        let mut told = Vec::new();
        let most = self.limits.clones_max;
        let setup = Arc::clone(&next.setup);
        let (from, to) = (running.setup.directory(), setup.directory());
        let left = from.indexed().filter(|(_, project)| to.project(project.id()).is_none());
        let left: Vec<_> = left.collect();
        for (index, project) in &left {
            writer.nursery.remember(project.id(), running.epoch.life(*index), most);
        }
        for project in to.projects().iter().filter(|project| from.project(project.id()).is_none()) {
            // What one of this id did that was there before is not this one's.
            if writer.nursery.life(project.id()) > 1 {
                self.begin_anew(Some(project.id()), |_| ());
            }
        }
        let (epoch, moving) = running.epoch.of_others(from, to, |id| writer.nursery.life(id));
        next.epoch = Arc::new(epoch);
        let stays = |id: &str, template: &str| to.project(template).is_some() && to.project(id).is_none();
        let stays = |clone: &Cloned| stays(clone.id(), clone.template()) && owns.why_not(clone).is_none();
        next.clones = Arc::new(running.clones.kept(stays, |scenario| owns.renewed(scenario)));
        let gone = running.clones.iter().filter(|clone| !stays(clone));
        let gone: Vec<_> = gone.collect();
        for clone in &gone {
            writer.nursery.remember_clone(clone, most);
            let message = match owns.why_not(clone) {
                Some(why) => {
                    format!("the clone was removed: its scenario does not fit the reloaded users: {why}")
                }
                None => format!(
                    "the clone was removed: {} is no longer loaded, or a loaded project has the id of the clone",
                    clone.template()
                ),
            };
            told.push(Told::of(format!("clone {}", clone.id()), message));
        }
        next.overrides = Arc::new(self.recompiled(&running.overrides.all, &next, &mut told));
        next.keep_strikes();
        let next = Arc::new(next);
        // Under the journal's lock, so that whoever finds that counters have moved can wait for where they went.
        self.journal.locked(|| {
            for clone in &gone {
                clone.end();
                running.epoch.inherit(clone);
            }
            for (index, _) in &left {
                running.epoch.leave(*index);
            }
            moving.carry_out();
            self.running.store(Arc::clone(&next));
        });
        self.clock.rouse();
        for (index, project) in to.indexed() {
            if let Some(people) = next.epoch.people(index) {
                people.keep_loaded(project);
            }
        }
        for clone in next.clones.with_gone() {
            if let Some((_, project)) = to.project(clone.template()) {
                clone.keep_users(project);
            }
        }
        let more = told.len().saturating_sub(self.limits.errors_shown_max);
        if more > 0 {
            told.truncate(self.limits.errors_shown_max);
            told.push(Told::of("reload", format!("{more} more not listed")));
        }
        told
    }

    /// The scenarios of clones, compiled for what is loaded next.
    fn owns_for(&self, loaded: &Setup) -> Owns {
        let running = self.running.load_full();
        let mut owns = Owns::default();
        for own in running.clones.with_gone().flat_map(|clone| clone.scenario.all()) {
            let compiled = || {
                let source = own.written.scenarios.first()?;
                let mut problems = Problems::new(1);
                let compiled = loaded.of_clone(Arc::clone(source), &self.limits, &mut problems);
                let why = problems.iter().next().map(|problem| format!("{}: {}", problem.place(), problem.what));
                Some(compiled.map(Arc::new).ok_or_else(|| why.unwrap_or_default()))
            };
            owns.0.extend(compiled().map(|compiled| (Arc::as_ptr(own).addr(), compiled)));
        }
        owns
    }

    /// The overrides that can be compiled for other users, in their order.
    fn recompiled(&self, all: &[Override], next: &Running, told: &mut Vec<Told>) -> Overrides {
        let clones = |id: &str| next.alias(id);
        let known = Known { loaded: &next.setup.loaded, clones: Some(&clones) };
        let compiled = |one: &Override| {
            let place = &one.label.place;
            match overrides::compile(one.written.get(), place, known, &self.limits) {
                Ok(overriding) => {
                    Some(Override { rules: next.rules_of(overriding, &one.next, one.turns.as_ref()), ..one.clone() })
                }
                Err(problems) => {
                    told.extend(problems.iter().map(Problem::told).map(|why| Told {
                        place: place.clone(),
                        message: format!("the override was removed: {}", why.message),
                        ..why
                    }));
                    None
                }
            }
        };
        Overrides::new(all.iter().filter_map(compiled).collect())
    }

    /// Counts a call, and gives its number. Where counters have moved since the call took what decides it, it is
    /// counted where they are now; and if a reset came in between, or the user went, it counts for nobody.
    #[inline]
    pub(crate) fn count(&self, running: &Running, found: &Found<'_>, project: &str) -> u64 {
        match running.count(found) {
            Ok(number) => number,
            Err(Moved(number)) => self.count_elsewhere(running, found, project).unwrap_or(number),
        }
    }

    #[cold]
    #[inline(never)]
    fn count_elsewhere(&self, running: &Running, found: &Found<'_>, project: &str) -> Option<u64> {
        let mut now = self.moved(running, project)?;
        loop {
            let counted = now.count(&now.find(project, &found.user().id()).ok()?);
            match counted {
                Ok(number) => return Some(number),
                Err(_) => now = self.moved(&now, project)?,
            }
        }
    }

    /// Where the counters of a project are that have moved. `None` if they were reset since, or the project went.
    fn moved(&self, running: &Running, project: &str) -> Option<Arc<Running>> {
        // They move under the journal's lock: whoever has it finds where they have gone.
        let now = self.journal.locked(|| self.running.load_full());
        let life = |running: &Running| {
            let (index, _) = running.setup.directory().project(project)?;
            Some(running.epoch.life(index))
        };
        let is_same = life(&now)? == life(running)?;
        is_same.then_some(now)
    }

    /// The side effect of a call: its password is the current one, unless a later call's is.
    #[inline]
    pub(crate) fn succeed(&self, running: &Running, found: &Found<'_>, project: &str, call: u64) {
        if !running.succeed(found, call) {
            self.succeed_elsewhere(running, found, project, call);
        }
    }

    #[cold]
    #[inline(never)]
    fn succeed_elsewhere(&self, running: &Running, found: &Found<'_>, project: &str, call: u64) {
        let mut next = self.moved(running, project);
        while let Some(now) = next {
            next = match now.find(project, &found.user().id()) {
                Ok(found) if !now.succeed(&found, call) => self.moved(&now, project),
                _ => None,
            };
        }
    }
}

/// The scenarios of clones, compiled anew or why that cannot be done, by where the old ones are.
#[derive(Default)]
struct Owns(HashMap<usize, Result<Arc<Setup>, String>>);

impl Owns {
    /// Why a clone's scenarios are wrong now, if one is.
    fn why_not(&self, clone: &Cloned) -> Option<&str> {
        let wrong = |own: &Arc<Setup>| self.0.get(&Arc::as_ptr(own).addr())?.as_ref().err();
        clone.scenario.all().find_map(wrong).map(String::as_str)
    }

    fn renewed(&self, scenario: &OwnScenario) -> OwnScenario {
        let new = |own: &Arc<Setup>| self.0.get(&Arc::as_ptr(own).addr())?.as_ref().ok().cloned();
        OwnScenario { born: scenario.born.as_ref().and_then(new), now: scenario.now.as_ref().and_then(new) }
    }
}

impl Running {
    /// Refuses names of overrides in the scenario of a clone.
    pub(in crate::state) fn refuse_names_of(&self, own: &Setup, shown_max: usize) -> Result<(), Problems> {
        let mut problems = Problems::new(shown_max);
        let fits = Self { names: names_of(own), ..self.shared() }.refuse_taken_names(&mut problems);
        if fits { Ok(()) } else { Err(problems) }
    }

    /// The names of the rules of a set-up, which may be the one in force.
    pub(in crate::state) fn names_with(&self, setup: &Arc<Setup>) -> Arc<Names> {
        if Arc::ptr_eq(setup, &self.setup) { Arc::clone(&self.names) } else { names_of(setup) }
    }

    /// Where a loaded rule of that name stands, also while another scenario is in place of the files'.
    pub(in crate::state) fn place_of_rule(&self, name: &str) -> Option<String> {
        let in_force = self.names.get(name).cloned();
        let of_files = || {
            let mut rules = self.loaded.rules.all().iter();
            rules.find(|rule| rule.label.name == name).map(|rule| rule.label.place.clone())
        };
        let of_files = || if Arc::ptr_eq(&self.setup, &self.loaded) { None } else { of_files() };
        let of_clones = || {
            let mut own = self.clones.iter().flat_map(|clone| clone.scenario.all()).flat_map(|own| own.rules.all());
            own.find(|rule| rule.label.name == name).map(|rule| rule.label.place.clone())
        };
        in_force.or_else(of_files).or_else(of_clones)
    }

    /// The same with another set-up, unless its names are taken.
    fn with(&self, setup: Setup, problems: &mut Problems) -> Option<Self> {
        let next = Self { names: names_of(&setup), setup: Arc::new(setup), ..self.shared() };
        next.refuse_taken_names(problems).then_some(next)
    }

    /// Names are unique: a rule that is loaded must not have that of an override in force.
    fn refuse_taken_names(&self, problems: &mut Problems) -> bool {
        let before = problems.count();
        for label in self.overrides.all.iter().map(|one| &one.label) {
            if let Some(place) = self.names.get(&label.name) {
                let what = format!("rule name `{}` is already used by {}", label.name, label.place);
                let problem = Problem::new(
                    what,
                    Location::whole(place),
                    "expected a unique name: reports refer to rules by \
                                                                name",
                );
                let id = label.place.strip_prefix("override ").unwrap_or("{id}");
                problems.push(problem.hint(format!("rename the rule, or DELETE /__admin/overrides/{id}")));
            }
        }
        problems.count() == before
    }
}

/// Passwords and request ids are made from the seed: another one would make other calls of those that were made. `now` is
/// the files' seed, `began` the one with which the server began.
fn check_seed(given: &Given, now: u64, began: u64, limits: &Limits, problems: &mut Problems) -> bool {
    if now == began {
        return true;
    }
    let seed_in = |source: &Arc<Source>| {
        let (seed, at) = seed_of(&parse(source, limits).ok()?)?;
        (seed == now).then_some(at)
    };
    let at = given.users.iter().flatten().chain(&given.scenarios).find_map(seed_in);
    let at = at.unwrap_or_else(|| Location::whole("all users and scenario files"));
    let what = format!("the files now have seed {now}");
    let problem = Problem::new(what, at, format!("expected {began}, the seed that the server started with"));
    problems.push(problem.hint("restart the server to change the seed, or choose one with --seed"));
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostics::source_of;

    fn given(ids: &[&str]) -> Given {
        let users: Vec<_> = ids.iter().map(|id| format!(r#"{{"id": "{id}"}}"#)).collect();
        let users = format!(r#"{{"projects": [{{"id": "p", "users": [{}]}}]}}"#, users.join(","));
        Given { users: Some(vec![source_of(&users)]), password_length: 10, ..Given::default() }
    }

    fn state(ids: &[&str]) -> State {
        let limits = Limits::default();
        let setup = Setup::new(&given(ids), &limits, &mut Problems::new(9));
        State::new(setup.unwrap(), limits, crate::state::Options::default())
    }

    #[test]
    fn what_is_printed_of_a_server_that_crashes_holds_no_secret() {
        let users = r#"{"projects": [{"id": "p", "users": [{"id": "u"}]}], "accounts": [{"domain": "d", "name": "n",
            "password": "5ec2e7-1", "access_key": "AK", "secret_key": "5ec2e7-2"}]}"#;
        let rules = r#"{"rules": [{"name": "r", "when": {"header": {"X-Auth-Token": "5ec2e7-3"}}, "status": 500}]}"#;
        let given = Given {
            users: Some(vec![source_of(users)]),
            scenarios: vec![source_of(rules)],
            password_length: 10,
            ..Given::default()
        };
        let limits = Limits::default();
        let setup = Setup::new(&given, &limits, &mut Problems::new(9)).unwrap();
        let state = State::new(setup, limits, crate::state::Options::default());
        let secrets = crate::state::Secrets::new(9);
        secrets.hand_out_other("5ec2e7-4", "a token");
        assert!(state.secrets.set(secrets).is_ok());
        let printed = format!("{given:?} {state:#?}");
        assert!(printed.contains("\"d\"") && !printed.contains("5ec2e7"), "{printed}");
    }

    fn reload(state: &State, ids: &[&str]) {
        let freshness = state.reload(&given(ids), Problems::new(9));
        assert!(!freshness.stale, "{freshness:?}");
    }

    /// Calls and highest successful call of a user now.
    fn counted(state: &State, user: &str) -> (u64, Option<u64>) {
        let running = state.running();
        let found = running.find("p", user).unwrap();
        (running.calls(&found), running.highest(&found))
    }

    #[test]
    fn a_call_that_is_decided_by_what_was_there_counts_where_its_user_is_now() {
        let state = state(&["a", "b"]);
        let old = state.running.load_full();
        let b = old.find("p", "b").unwrap();
        assert_eq!(state.count(&old, &b, "p"), 1);
        reload(&state, &["b", "a"]);
        // One in the middle, and one that took its state before and counts after, twice moved.
        state.succeed(&old, &b, "p", 1);
        assert_eq!(counted(&state, "b"), (1, Some(1)));
        reload(&state, &["x", "a", "b"]);
        assert_eq!(state.count(&old, &b, "p"), 2);
        state.succeed(&old, &b, "p", 2);
        assert_eq!((counted(&state, "b"), counted(&state, "a")), ((2, Some(2)), (0, None)));
    }

    #[test]
    fn a_call_from_before_a_reset_counts_for_nobody_after_it_whatever_moved() {
        let state = state(&["a", "b"]);
        let old = state.running.load_full();
        let [a, b] = ["a", "b"].map(|user| old.find("p", user).unwrap());
        assert_eq!([state.count(&old, &a, "p"), state.count(&old, &b, "p")], [1, 1]);
        reload(&state, &["b"]);
        assert_eq!(state.count(&old, &a, "p"), 2, "who went is answered all the same");
        assert_eq!(state.reset(Some("p")), Some(2));
        assert_eq!(state.count(&old, &b, "p"), 2);
        state.succeed(&old, &b, "p", 2);
        assert_eq!(counted(&state, "b"), (0, None));
        assert_eq!(state.reset(None), Some(3));
        state.succeed(&old, &b, "p", 2);
        assert_eq!((state.count(&old, &b, "p"), counted(&state, "b")), (3, (0, None)));
    }

    #[test]
    fn a_project_that_went_begins_another_life_when_it_comes_again() {
        let state = state(&["a"]);
        let first = state.running.load_full();
        let id = |running: &Running, call| {
            let found = running.find("p", "a").unwrap();
            state.counted_id(running, &found, found.user().stream(), call)
        };
        let none = Given { users: Some(vec![source_of(r#"{"projects": []}"#)]), ..given(&[]) };
        assert!(!state.reload(&none, Problems::new(9)).stale);
        reload(&state, &["a"]);
        let again = state.running.load_full();
        assert_eq!(counted(&state, "a"), (0, None));
        assert_ne!(id(&first, 1), id(&again, 1));
    }
}
