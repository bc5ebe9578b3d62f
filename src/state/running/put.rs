//! Scenarios that are put at run time: in the place of all scenario files, or in one clone alone.

use super::own_scenario::NoRoom;
use super::setup::{Running, names_of};
use crate::diagnostics::{Problems, Source};
use crate::engine::Setup;
use crate::limits::Limits;
use crate::state::ledger::clones::Clones;
use crate::state::ledger::own_scenario::{OwnScenario, is_of_a_clone, put_at};
use crate::state::{ChangeKind, Cloned, State, Whose};
use std::sync::Arc;

/// The place of a scenario that was PUT for all.
const PUT: &str = "PUT /__admin/scenario";

/// A scenario that is put in force, or would be.
#[derive(Debug)]
pub(crate) struct Put {
    pub(crate) setup: Arc<Setup>,
    /// The overrides whose places its rules take, by id.
    pub(crate) ended: Vec<u64>,
}

/// Why a scenario was not put.
#[derive(Debug)]
pub(crate) enum NotPut {
    /// There is no such clone.
    NoClone,
    Wrong(Problems),
    NoRoom(NoRoom),
}

/// Names the overrides that end, behind some words; nothing if none does.
fn ended_overrides(ended: &[u64], before: &str) -> String {
    let ids: Vec<_> = ended.iter().map(u64::to_string).collect();
    match ids.as_slice() {
        [] => String::new(),
        [id] => format!("{before}override {id}"),
        ids => format!("{before}overrides {}", ids.join(", ")),
    }
}

impl Running {
    /// Compiles a scenario for a clone alone, or in the place of all scenario files.
    pub(super) fn compiled(
        &self,
        for_clone: bool,
        (place, text): (&str, &str),
        limits: &Limits,
    ) -> Result<Setup, Problems> {
        let mut problems = Problems::new(limits.errors_shown_max);
        let source = Arc::new(Source::new(place, text));
        let setup = if for_clone {
            self.loaded.of_clone(source, limits, &mut problems)
        } else {
            self.loaded.with_scenario(source, limits, &mut problems)
        };
        setup.ok_or(problems)
    }
}

impl State {
    /// Puts a scenario in the place of all scenario files, by its text, which may take long.
    pub(crate) fn put_scenario(&self, text: &str) -> Result<Put, Problems> {
        let _renewal = self.renewal.lock();
        let setup = self.running_now().compiled(false, (PUT, text), &self.limits)?;
        let _writer = self.writer.lock();
        let names = names_of(&setup);
        let (running, ended) = self.running.load().without_overrides_in(&names, None);
        let setup = Arc::new(setup);
        self.judge_from_now(Running { names, setup: Arc::clone(&setup), ..running });
        let what = format!("A scenario replaced those of the files{}.", ended_overrides(&ended, ", and "));
        self.note(ChangeKind::Scenario, None, what);
        Ok(Put { setup, ended })
    }

    /// Puts a scenario in force in a clone alone, by its text.
    pub(crate) fn put_scenario_of(&self, id: &str, text: &str) -> Result<Put, NotPut> {
        let _renewal = self.renewal.lock();
        let running = self.running_now();
        running.clones.get(id).ok_or(NotPut::NoClone)?;
        let own = running.compiled(true, (&put_at(id), text), &self.limits).map_err(NotPut::Wrong)?;
        let _writer = self.writer.lock();
        let running = self.running.load_full();
        let clone = running.clones.get(id).ok_or(NotPut::NoClone)?;
        let (running, clones, ended) = self.room_in(&running, clone, &own)?;
        let own = Arc::new(own);
        let scenario = OwnScenario { now: Some(Arc::clone(&own)), born: clone.scenario.born.clone() };
        self.judge_clone_from_now(&running, &clones, clone.under(scenario));
        let what = format!("Clone {id} got its own scenario{}.", ended_overrides(&ended, ", which replaces "));
        self.note(ChangeKind::Scenario, Some(id), what);
        Ok(Put { setup: own, ended })
    }

    /// Compiles a scenario as if it were put, in all or in one clone.
    pub(crate) fn checked(&self, running: &Running, clone: Option<&Arc<Cloned>>, text: &str) -> Result<Put, NotPut> {
        let place = clone.map_or_else(|| PUT.to_owned(), |clone| put_at(clone.id()));
        let setup = running.compiled(clone.is_some(), (&place, text), &self.limits).map_err(NotPut::Wrong)?;
        let ended = match clone {
            None => running.without_overrides_in(&names_of(&setup), None).1,
            Some(clone) => self.room_in(running, clone, &setup)?.2,
        };
        Ok(Put { setup: Arc::new(setup), ended })
    }

    /// Makes room for a scenario in a clone: ends the overrides whose places its rules take, and forgets clones that ended.
    fn room_in(&self, running: &Running, clone: &Cloned, own: &Setup) -> Result<(Running, Clones, Vec<u64>), NotPut> {
        let (running, ended) = running.without_overrides_in(&names_of(own), Some(clone.index));
        running.refuse_names_of(own, self.limits.errors_shown_max).map_err(NotPut::Wrong)?;
        let clones = running.clones.with_room_for(own, Some(clone), &self.limits).map_err(NotPut::NoRoom)?;
        Ok((running, clones, ended))
    }

    /// Restores the scenarios of the files, if another is in their place.
    pub(crate) fn take_back_scenario(&self) {
        let _writer = self.writer.lock();
        let running = self.running.load_full();
        if !Arc::ptr_eq(&running.setup, &running.loaded) {
            let (setup, names) = (Arc::clone(&running.loaded), running.names_with(&running.loaded));
            self.judge_from_now(Running { setup, names, ..Running::clone(&running) });
            self.note(ChangeKind::Scenario, None, "The scenarios of the files were restored.");
        }
    }

    /// Restores the scenario with which a clone was created, or the files'. False if the id is unknown.
    pub(crate) fn take_back_scenario_of(&self, id: &str) -> bool {
        let _writer = self.writer.lock();
        let running = self.running.load_full();
        let Some(clone) = running.clones.get(id) else { return false };
        let OwnScenario { born, now } = &clone.scenario;
        if born.as_ref().map(Arc::as_ptr) != now.as_ref().map(Arc::as_ptr) {
            let scenario = OwnScenario { born: born.clone(), now: born.clone() };
            self.judge_clone_from_now(&running, &running.clones, clone.under(scenario));
            self.note(ChangeKind::Scenario, Some(id), format!("The original scenario of clone {id} was restored."));
        }
        true
    }

    /// Puts another scenario in force, whose expectations are judged by calls from now on.
    fn judge_from_now(&self, next: Running) {
        next.forget_strikes_of_scenarios();
        let since = Arc::new(next.since_now(self.begin()));
        self.running.store(Arc::new(Running { since, ..next }));
        // The windows in which connections are refused may be others now.
        self.clock.rouse();
        // A verdict that is waited for may be another too.
        self.journal.changes.tell();
    }

    /// Puts a clone under another scenario, whose expectations are judged by calls from now on.
    fn judge_clone_from_now(&self, running: &Running, clones: &Clones, clone: Cloned) {
        let since = Arc::new(running.since_now_in(self.begin(), clone.index.project()));
        // Strikes restart at 0, as for the scenario of the server.
        clone.ledger.notes_of(Whose::Everyone).for_each(|notes| notes.strikes.keep(|label| !is_of_a_clone(label)));
        clone.ledger.begin_scenario();
        let clones = Arc::new(clones.with(clone));
        self.running.store(Arc::new(Running { clones, since, ..running.clone() }));
        self.journal.changes.tell();
    }
}
