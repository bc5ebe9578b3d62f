//! Reloads: files that changed are read again while the server runs.
//!
//! Files with errors change nothing. Others are swapped whole; users keep their call numbers, by the ids of project and user.

use super::freshness::Freshness;
use super::overrides::Overrides;
use super::overriding::compile;
use super::setup::{Names, names_of};
use crate::diagnostics::{Location, PlainProblem, Problem, Problems, Source, parse, seed_of};
use crate::engine::{Given, Setup};
use crate::limits::Limits;
use crate::scenario::Known;
use crate::state::Cloned;
use crate::state::ledger::own_scenario::{OwnScenario, is_of_a_clone};
use crate::state::server::Writer;
use crate::state::{ChangeKind, Override, Running, State};
use std::collections::HashMap;
use std::sync::Arc;

impl State {
    /// Puts files in force in place of those that were loaded, and of a scenario that was PUT. `problems` are those of reading.
    /// Takes as long as a start.
    pub(crate) fn reload(&self, given: &Given, mut problems: Problems) -> Freshness {
        let _renewal = self.renewal.lock();
        let setup = Setup::new(given, &self.limits, &mut problems);
        let owns = setup.as_ref().map(|setup| self.owns_for(setup)).unwrap_or_default();
        let mut writer = self.writer.lock();
        let running = self.running.load_full();
        let setup =
            setup.filter(|setup| check_seed(given, setup.seed, running.setup.seed, &self.limits, &mut problems));
        let next = setup.and_then(|setup| running.with(setup, &mut problems));
        // All of it comes from the files again.
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
        *freshness = Freshness { stale, reloads: freshness.reloads + 1, problems, ..freshness.clone() };
        freshness.clone()
    }

    /// Notes that the certificates of HTTPS were read again, with their error.
    #[cfg(feature = "tls")]
    pub(crate) fn note_certificates(&self, problem: Option<PlainProblem>) {
        let what = if problem.is_some() {
            "The certificates changed and have errors; the previous ones stay active."
        } else {
            "The certificates were reloaded."
        };
        self.note(ChangeKind::Files, None, what);
        let mut freshness = self.freshness.lock();
        freshness.reloads += 1;
        freshness.certificates = problem;
    }

    /// Swaps in other users and rules. Gives the losses: overrides and clones whose projects or users are gone.
    fn swap(&self, writer: &mut Writer, running: &Running, mut next: Running, owns: &Owns) -> Vec<PlainProblem> {
        let mut told = Vec::new();
        let most = self.limits.clones_max;
        let setup = Arc::clone(&next.setup);
        let (from, to) = (running.setup.directory(), setup.directory());
        let left = from.projects().iter().zip(running.epoch.all());
        let left: Vec<_> = left.filter(|(project, _)| to.project(project.id()).is_none()).collect();
        for (project, (_, tenancy)) in &left {
            writer.nursery.remember(project.id(), tenancy.ledger.life, most);
        }
        for project in to.projects().iter().filter(|project| from.project(project.id()).is_none()) {
            // The calls of an earlier project of this id are not its own.
            if writer.nursery.life(project.id()) > 1 {
                self.restart(Some(project.id()), |_| ());
            }
        }
        next.epoch = Arc::new(running.epoch.after_reload(from, to, |id| writer.nursery.life(id)));
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
            told.push(PlainProblem::of(format!("clone {}", clone.id()), message));
        }
        next.overrides = Arc::new(self.recompiled(&running.overrides.all, &next, &mut told));
        next.keep_strikes();
        let next = Arc::new(next);
        let gone = gone.iter().map(|clone| &clone.ledger);
        for ledger in left.iter().map(|(_, (_, tenancy))| &tenancy.ledger).chain(gone) {
            ledger.ended.cancel();
            running.epoch.outside.inherit(ledger, is_of_a_clone);
        }
        self.running.store(Arc::clone(&next));
        self.clock.rouse();
        next.places(None).for_each(|place| place.keep_users());
        let more = told.len().saturating_sub(self.limits.errors_shown_max);
        if more > 0 {
            told.truncate(self.limits.errors_shown_max);
            told.push(PlainProblem::of("reload", format!("{more} more not listed")));
        }
        told
    }

    /// The scenarios of clones, compiled for a new setup.
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

    /// The overrides that compile for the new users, in order.
    fn recompiled(&self, all: &[Override], next: &Running, told: &mut Vec<PlainProblem>) -> Overrides {
        let clones = |id: &str| next.alias(id);
        let known = Known { loaded: &next.setup.loaded, clones: Some(&clones) };
        let compiled = |one: &Override| {
            let place = &one.label.place;
            match compile(one.written.get(), place, known, &self.limits) {
                Ok(overriding) => {
                    Some(Override { rules: next.rules_of(overriding, &one.next, one.turns.as_ref()), ..one.clone() })
                }
                Err(problems) => {
                    told.extend(problems.iter().map(Problem::told).map(|why| PlainProblem {
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
}

/// The scenarios of clones, compiled anew or with the error, by the address of the old setup.
#[derive(Default)]
struct Owns(HashMap<usize, Result<Arc<Setup>, String>>);

impl Owns {
    /// The error of a clone's scenarios, if any.
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
    pub(super) fn refuse_names_of(&self, own: &Setup, shown_max: usize) -> Result<(), Problems> {
        let mut problems = Problems::new(shown_max);
        let fits = Self { names: names_of(own), ..self.clone() }.refuse_taken_names(&mut problems);
        if fits { Ok(()) } else { Err(problems) }
    }

    /// The names of the rules of a setup, which may be the one in force.
    pub(in crate::state) fn names_with(&self, setup: &Arc<Setup>) -> Arc<Names> {
        if Arc::ptr_eq(setup, &self.setup) { Arc::clone(&self.names) } else { names_of(setup) }
    }

    /// The place of a loaded rule by name, also while another scenario is in place of the files'.
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

    /// The running setup with another set of files, unless a name is taken.
    fn with(&self, setup: Setup, problems: &mut Problems) -> Option<Self> {
        let next = Self { names: names_of(&setup), setup: Arc::new(setup), ..self.clone() };
        next.refuse_taken_names(problems).then_some(next)
    }

    /// Refuses loaded rules with the name of an override in force.
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

/// Checks that the seed `now` of the files is the seed `began` with which the server started: passwords and request ids
/// depend on it.
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
    fn debug_output_contains_no_secret() {
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
        (found.calls(), found.highest())
    }

    #[test]
    fn call_from_before_reloads_counts_for_its_user() {
        let state = state(&["a", "b"]);
        let old = state.running.load_full();
        let b = old.find("p", "b").unwrap();
        assert_eq!(b.count(), 1);
        reload(&state, &["b", "a"]);
        // One in the middle, and one that took its state before and counts after, twice moved.
        b.succeed(1);
        assert_eq!(counted(&state, "b"), (1, Some(1)));
        reload(&state, &["x", "a", "b"]);
        assert_eq!(b.count(), 2);
        b.succeed(2);
        assert_eq!((counted(&state, "b"), counted(&state, "a")), ((2, Some(2)), (0, None)));
    }

    #[test]
    fn call_from_before_a_reset_does_not_count_after_it() {
        let state = state(&["a", "b"]);
        let old = state.running.load_full();
        let [a, b] = ["a", "b"].map(|user| old.find("p", user).unwrap());
        assert_eq!([a.count(), b.count()], [1, 1]);
        reload(&state, &["b"]);
        assert_eq!(a.count(), 2, "who went is answered all the same");
        assert_eq!(state.reset(Some("p")), Some(2));
        assert_eq!(b.count(), 2);
        b.succeed(2);
        assert_eq!(counted(&state, "b"), (0, None));
        assert_eq!(state.reset(None), Some(3));
        b.succeed(2);
        assert_eq!((b.count(), counted(&state, "b")), (3, (0, None)));
    }

    #[test]
    fn project_loaded_again_begins_a_new_life() {
        let state = state(&["a"]);
        let first = state.running.load_full();
        let id = |running: &Running, call| {
            let found = running.find("p", "a").unwrap();
            state.counted_id(found.ledger, found.user().stream(), call)
        };
        let none = Given { users: Some(vec![source_of(r#"{"projects": []}"#)]), ..given(&[]) };
        assert!(!state.reload(&none, Problems::new(9)).stale);
        reload(&state, &["a"]);
        let again = state.running.load_full();
        assert_eq!(counted(&state, "a"), (0, None));
        assert_ne!(id(&first, 1), id(&again, 1));
    }
}
