//! Scenarios of clones, in place of the files': each is compiled beside the flags, holds in its clone alone, and is bounded
//! together with the others.

use super::reload::Put;
use super::setup::names_of;
use crate::diagnostics::{Problems, Source};
use crate::engine::Setup;
use crate::limits::Limits;
use crate::scenario::RuleLabel;
use crate::state::ledger::clones::Clones;
use crate::state::{ChangeKind, Cloned, Running, Since, State, Whose};
use std::sync::Arc;

/// The scenario that a clone has in place of the files', if it has one.
#[derive(Clone, Debug, Default)]
pub(in crate::state) struct OwnScenario {
    /// The one with which it was made, and which a reset puts back.
    pub(in crate::state) born: Option<Arc<Setup>>,
    /// The one in force.
    pub(in crate::state) now: Option<Arc<Setup>>,
}

impl OwnScenario {
    /// The one with which the clone was made, and the one in force if that is another.
    pub(in crate::state) fn all(&self) -> impl Iterator<Item = &Arc<Setup>> {
        let is_born = |now: &&Arc<Setup>| self.born.as_ref().is_some_and(|born| Arc::ptr_eq(born, now));
        self.born.iter().chain(self.now.iter().filter(move |now| !is_born(now)))
    }
}

/// The scenarios of clones would together have more bytes, or more rules and expectations, than these.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error(
    "the scenarios of all clones would exceed {bytes_max} bytes (clone_scenarios_bytes_max) or {rules_max} rules and \
     expectations (clone_rules_max)"
)]
pub(crate) struct NoRoom {
    bytes_max: usize,
    rules_max: usize,
}

/// Why a clone does not have another scenario.
#[derive(Debug)]
pub(crate) enum NotPut {
    /// There is no such clone.
    NoClone,
    Wrong(Problems),
    NoRoom(NoRoom),
}

/// Where the rules of a clone's own scenario stand, before its id.
pub(in crate::state) const BORN_AT: &str = "POST /__admin/projects (";
const PUT_AT: &str = "PUT /__admin/scenario?project=";

/// Where the rules of a scenario stand that is put in a clone.
pub(in crate::state) fn put_at(id: &str) -> String {
    format!("{PUT_AT}{id}")
}

/// Whether a rule stands in the scenario of a clone.
pub(in crate::state) fn is_of_a_clone(label: &RuleLabel) -> bool {
    [BORN_AT, PUT_AT].iter().any(|at| label.place.starts_with(at))
}

impl Clones {
    /// These with room for a further scenario of a clone, in place of that of the one named, if one is. Those that ended are
    /// forgotten for it, the oldest first.
    pub(in crate::state) fn with_room_for(
        &self,
        own: &Setup,
        of: Option<&Cloned>,
        limits: &Limits,
    ) -> Result<Self, NoRoom> {
        let (bytes_max, rules_max) = (limits.clone_scenarios_bytes_max, limits.clone_rules_max);
        let kept = |clone: &Cloned| match of {
            Some(of) if of.index == clone.index => size_of(of.scenario.born.iter()),
            _ => clone.size(),
        };
        let add = |one: (usize, usize), other: (usize, usize)| (one.0 + other.0, one.1 + other.1);
        let mut size = self.with_gone().map(|clone| kept(clone)).fold(own.own_size(), add);
        let mut changed = self.clone();
        let mut gone: Vec<_> =
            self.gone.iter().flat_map(|shard| shard.values()).filter(|clone| clone.setup().is_some()).collect();
        gone.sort_unstable_by_key(|clone| std::cmp::Reverse(clone.index));
        while size.0 > bytes_max || size.1 > rules_max {
            let first = gone.pop().ok_or(NoRoom { bytes_max, rules_max })?;
            let less = first.size();
            size = (size.0 - less.0, size.1 - less.1);
            changed.forget(first);
        }
        Ok(changed)
    }
}

/// What scenarios take: bytes of their texts, and rules and expectations.
pub(in crate::state) fn size_of<'s>(setups: impl Iterator<Item = &'s Arc<Setup>>) -> (usize, usize) {
    setups.map(|setup| setup.own_size()).fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1))
}

impl Running {
    /// What decides in a clone, or elsewhere.
    #[inline]
    pub(crate) fn set_up_of<'r>(&'r self, clone: Option<&'r Arc<Cloned>>) -> &'r Arc<Setup> {
        clone.and_then(|clone| clone.setup()).unwrap_or(&self.setup)
    }

    /// What decides in a project, by its id.
    pub(crate) fn set_up_in(&self, project: &str) -> &Arc<Setup> {
        self.set_up_of(self.clones.get(project))
    }

    /// Those clones by their ids, for a report.
    pub(crate) fn with_own_scenario_in_order(&self) -> Vec<(&Arc<Cloned>, &Arc<Setup>)> {
        let mut all: Vec<_> = self.with_own_scenario().collect();
        all.sort_by_key(|(clone, _)| clone.id());
        all
    }

    /// The clones with a scenario of their own, also those that ended: what they expect is judged in each of them alone.
    pub(crate) fn with_own_scenario(&self) -> impl Iterator<Item = (&Arc<Cloned>, &Arc<Setup>)> {
        self.clones.with_gone().filter_map(|clone| Some((clone, clone.setup()?)))
    }
}

impl State {
    pub(in crate::state) fn compiled_for_clone(&self, place: &str, text: &str) -> Result<Arc<Setup>, Problems> {
        let mut problems = Problems::new(self.limits.errors_shown_max);
        let from = Arc::clone(&self.running().loaded);
        let own = from.of_clone(Arc::new(Source::new(place, text)), &self.limits, &mut problems);
        own.map(Arc::new).ok_or(problems)
    }

    /// Puts a scenario in force in a clone alone, by its text.
    pub(crate) fn put_scenario_of(&self, id: &str, text: &str) -> Result<Put, NotPut> {
        let _renewal = self.renewal.lock();
        if self.running().clones.get(id).is_none() {
            return Err(NotPut::NoClone);
        }
        let own = self.compiled_for_clone(&put_at(id), text).map_err(NotPut::Wrong)?;
        let _writer = self.writer.lock();
        let running = self.running.load_full();
        let clone = running.clones.get(id).ok_or(NotPut::NoClone)?;
        let (running, ended) = running.without_overrides_in(&names_of(&own), Some(clone.index));
        running.refuse_names_of(&own, self.limits.errors_shown_max).map_err(NotPut::Wrong)?;
        let clones = running.clones.with_room_for(&own, Some(clone), &self.limits).map_err(NotPut::NoRoom)?;
        let now = Some(Arc::clone(&own));
        self.judge_clone_from_now(&running, &clones, clone.under(OwnScenario { now, ..clone.scenario.clone() }));
        self.note(
            ChangeKind::Scenario,
            Some(id),
            format!("Clone {id} got its own scenario{}.", Put::ended(&ended, ", which replaces ")),
        );
        Ok(Put { setup: own, ended })
    }

    /// Puts the scenario in force again with which a clone was made, or the files' if it was made without. False if there is
    /// no such clone.
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

    /// A clone under another scenario, which is judged by calls from now on.
    fn judge_clone_from_now(&self, running: &Running, clones: &Clones, clone: Cloned) {
        let since = Arc::new(Since::taken_of(running, self.marks(), clone.index.project()));
        // As with the server's, strikes begin anew.
        clone.noted.all_strikes(Whose::Everyone).for_each(|strikes| strikes.keep(|label| !is_of_a_clone(label)));
        clone.noted.rejections.begin_scenario();
        if let Some(console) = clone.noted.console.get() {
            console.begin_scenario();
        }
        let clones = Arc::new(clones.with(clone));
        self.running.store(Arc::new(Running { clones, since, ..running.shared() }));
        self.journal.changes.tell();
    }
}
