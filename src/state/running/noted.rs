//! Strikes and refusals over loaded projects and clones.

use super::setup::Running;
use crate::ids::ProjectIndex;
use crate::scenario::{RuleLabel, Window};
use crate::state::ledger::console::OfConsole;
use crate::state::ledger::own_scenario::is_of_a_clone;
use crate::state::ledger::rejections::{FirstRequest, Rejected, Rejections};
use crate::state::{Cloned, Ledger, State, Whose};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

impl Running {
    /// Strikes by name of the rule: in a project, or wherever the server's scenario is in force.
    pub(crate) fn struck(&self, project: Option<ProjectIndex>, whose: Whose) -> HashMap<String, u64> {
        let mut sum = HashMap::new();
        let is_left = |label: &RuleLabel| project.is_none() && is_of_a_clone(label);
        let all = self.ledgers(project).flat_map(|ledger| ledger.notes_of(whose));
        all.for_each(|notes| notes.strikes.add_to(&mut sum, is_left));
        sum
    }

    /// Requests refused before they were counted.
    pub(crate) fn refusals(&self, project: Option<ProjectIndex>, whose: Whose) -> Rejected {
        rejected(self.ledgers(project), whose)
    }

    /// Requests refused before they were counted, without clones that have their own scenario.
    pub(crate) fn refusals_by_the_files(&self, whose: Whose) -> Rejected {
        rejected(self.ledgers_by_the_files(), whose)
    }

    /// The ledgers of all projects in which the server's scenario is in force.
    fn ledgers_by_the_files(&self) -> Box<dyn Iterator<Item = &Arc<Ledger>> + '_> {
        let clones = self.clones.iter().filter(|clone| clone.setup().is_none()).map(|clone| &clone.ledger);
        Box::new(self.epoch.all().map(|(_, tenancy)| &tenancy.ledger).chain([&self.epoch.outside]).chain(clones))
    }

    /// Forgets the strikes of scenario rules, but for those of clones' own: another scenario begins.
    pub(in crate::state) fn forget_strikes_of_scenarios(&self) {
        let overrides: HashSet<_> = self.overrides().iter().map(|one| one.label.name.as_str()).collect();
        let is_kept = |label: &RuleLabel| overrides.contains(label.name.as_str()) || is_of_a_clone(label);
        let all = self.ledgers(None).flat_map(|ledger| ledger.notes_of(Whose::Everyone));
        all.for_each(|notes| notes.strikes.keep(is_kept));
        let gone = self.clones.with_gone().map(|clone| &clone.ledger);
        self.ledgers(None).chain(gone).filter_map(|ledger| ledger.console()).for_each(OfConsole::begin_scenario);
        self.ledgers_by_the_files().for_each(|ledger| ledger.clients.rejections.begin_scenario());
    }

    /// Forgets the strikes of a rule that is replaced, by name.
    pub(in crate::state) fn forget_strikes_of(&self, name: &str) {
        self.ledgers(None).for_each(|ledger| ledger.clients.strikes.keep(|label| label.name != name));
    }

    /// Forgets the strikes of rules that are no longer in force, so that they take no room.
    pub(in crate::state) fn keep_strikes(&self) {
        let overrides: HashSet<_> = self.overrides().iter().map(|one| one.label.name.as_str()).collect();
        let windows: HashSet<_> = self.setup.down.windows().iter().map(|one| one.label.name.as_str()).collect();
        let is_in_force =
            |name: &str| self.names.contains_key(name) || overrides.contains(name) || windows.contains(name);
        let all = self.ledgers_by_the_files().flat_map(|ledger| ledger.notes_of(Whose::Everyone));
        all.for_each(|notes| notes.strikes.keep(|label| is_in_force(&label.name)));
        // Their rules are bounded by their scenarios.
        for (clone, _) in self.with_own_scenario() {
            let is_override = |label: &RuleLabel| label.place.starts_with("override ");
            let is_kept = |label: &RuleLabel| !is_override(label) || overrides.contains(label.name.as_str());
            clone.ledger.notes_of(Whose::Everyone).for_each(|notes| notes.strikes.keep(is_kept));
        }
    }
}

fn rejected<'r>(ledgers: impl Iterator<Item = &'r Arc<Ledger>>, whose: Whose) -> Rejected {
    Rejections::of_all(ledgers.flat_map(|ledger| ledger.notes_of(whose)).map(|notes| &notes.rejections))
}

impl Cloned {
    /// Strikes in the clone by name of the rule.
    pub(crate) fn struck(&self, whose: Whose) -> HashMap<String, u64> {
        let mut sum = HashMap::new();
        self.ledger.notes_of(whose).for_each(|notes| notes.strikes.add_to(&mut sum, |_| false));
        sum
    }
}

impl State {
    /// Counts strikes of the `down` windows that have begun: those open now, or those that began after `since_ms`. `reset` is
    /// the number of connections that were reset. Gives the virtual time now.
    pub(crate) fn strike_down(&self, since_ms: Option<u64>, reset: usize) -> u64 {
        let running = self.running();
        let now_ms = self.clock.now_ms();
        let has_begun = |window: &&Window| match since_ms {
            None => window.time_ms.contains(&now_ms),
            Some(since_ms) => (since_ms + 1..=now_ms).contains(&window.time_ms.start),
        };
        for window in running.setup.down.windows().iter().filter(has_begun) {
            running.epoch.outside.clients.strikes.add(&window.label, reset as u64);
        }
        now_ms
    }

    /// Counts a request that was refused before it was counted.
    #[cold]
    pub(crate) fn reject(
        &self,
        rejections: &Rejections,
        status: u16,
        problem: &str,
        quoted: &[&str],
        first: &FirstRequest,
    ) {
        let most = (self.limits.rejections_max, &self.room_for_rejections);
        let running = self.running();
        let first = FirstRequest { request: running.setup.hide(&first.request).into_owned(), ..first.clone() };
        rejections.add(status, &running.setup.hide(problem), quoted, &first, most);
    }
}
