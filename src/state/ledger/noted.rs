//! What is noted of each project and each clone beside its calls: which rules struck, and what was refused. What is of no
//! project that is there is noted apart.

use super::console::{OfConsole, Whose};
use super::rejections::{FirstRejected, Refusals, Rejections};
use super::strikes::Strikes;
use crate::ids::{ProjectIndex, UserKey};
use crate::scenario::{RuleLabel, Window};
use crate::state::running::own_scenario::is_of_a_clone;
use crate::state::{Cloned, Running, State};
use std::collections::{HashMap, HashSet};
use std::sync::OnceLock;

/// Of one project or clone, from one reset to the next.
#[derive(Debug, Default)]
pub(crate) struct Noted {
    /// By clients.
    pub(crate) strikes: Strikes,
    pub(crate) rejections: Rejections,
    /// By the console, where it has called.
    pub(in crate::state) console: OnceLock<Box<OfConsole>>,
}

impl Noted {
    /// Takes over what is noted of a project that goes.
    pub(in crate::state) fn inherit(&self, going: &Self, is_left: impl Fn(&RuleLabel) -> bool) {
        if let Some(console) = going.console.get() {
            self.of_console().inherit(console, &is_left);
        }
        self.strikes.inherit(&going.strikes, is_left);
        self.rejections.inherit(&going.rejections);
    }
}

impl Running {
    /// Where something is noted that concerns a project, by the id of a loaded one or a clone.
    pub(crate) fn noted(&self, project: Option<&str>) -> &Noted {
        let loaded = project.and_then(|id| self.setup.directory().project(id));
        if let Some((index, _)) = loaded {
            return self.epoch.noted(Some(index));
        }
        let clone = project.and_then(|id| self.clones.get(id));
        clone.map_or_else(|| self.epoch.noted(None), |clone| &clone.noted)
    }

    /// Where something is noted that concerns a user of a loaded project.
    pub(crate) fn noted_of(&self, user: UserKey) -> &Noted {
        self.epoch.noted(Some(user.project))
    }

    /// What is noted of a project by its index, or of all and apart from them.
    pub(in crate::state) fn all_noted(&self, project: Option<ProjectIndex>) -> Vec<&Noted> {
        let is_asked = |index: ProjectIndex| project.is_none_or(|only| only == index);
        let clones = self.clones.iter().filter(|clone| is_asked(clone.index.project())).map(|clone| &*clone.noted);
        let apart = project.is_none().then(|| self.epoch.noted(None));
        self.epoch.all_noted(project).chain(clones).chain(apart).collect()
    }

    /// How often each rule struck that did, by its name: in a project, or wherever the server's scenario is in force.
    pub(crate) fn struck(&self, project: Option<ProjectIndex>, whose: Whose) -> HashMap<String, u64> {
        let mut sum = HashMap::new();
        let mut add = |noted: &Noted, is_left: fn(&RuleLabel) -> bool| {
            noted.all_strikes(whose).for_each(|strikes| strikes.add_to(&mut sum, is_left));
        };
        if project.is_some() {
            self.all_noted(project).into_iter().for_each(|noted| add(noted, |_| false));
            return sum;
        }
        self.epoch.all_noted(None).chain([self.epoch.noted(None)]).for_each(|noted| add(noted, |_| false));
        self.clones.iter().for_each(|clone| add(&clone.noted, is_of_a_clone));
        sum
    }

    /// What was refused before it was counted.
    pub(crate) fn refusals(&self, project: Option<ProjectIndex>, whose: Whose) -> Refusals {
        Rejections::of_all(self.all_noted(project).into_iter().flat_map(|noted| noted.all_rejections(whose)))
    }

    /// The same of everything but the clones with a scenario of their own.
    pub(crate) fn refusals_by_the_files(&self, whose: Whose) -> Refusals {
        Rejections::of_all(self.noted_by_the_files().flat_map(|noted| noted.all_rejections(whose)))
    }

    /// What is noted wherever the server's scenario is in force.
    fn noted_by_the_files(&self) -> impl Iterator<Item = &Noted> {
        let clones = self.clones.iter().filter(|clone| clone.setup().is_none()).map(|clone| &*clone.noted);
        self.epoch.all_noted(None).chain([self.epoch.noted(None)]).chain(clones)
    }

    /// Forgets the strikes of all rules but overrides, and those of clones' own: another scenario begins.
    pub(in crate::state) fn forget_strikes_of_scenarios(&self) {
        let overrides: HashSet<_> = self.overrides().iter().map(|one| one.label.name.as_str()).collect();
        self.all_noted(None).into_iter().for_each(|noted| {
            let is_kept = |label: &RuleLabel| overrides.contains(label.name.as_str()) || is_of_a_clone(label);
            noted.all_strikes(Whose::Everyone).for_each(|strikes| strikes.keep(is_kept));
        });
        self.begin_scenario_of_console();
        self.noted_by_the_files().for_each(|noted| noted.rejections.begin_scenario());
    }

    /// Forgets the strikes of the rule of that name: another is in its place.
    pub(in crate::state) fn forget_strikes_of(&self, name: &str) {
        self.all_noted(None).into_iter().for_each(|noted| noted.strikes.keep(|label| label.name != name));
    }

    /// Forgets the strikes of rules that are not in force any more: overrides and scenarios may come and go without end.
    pub(in crate::state) fn keep_strikes(&self) {
        let overrides: HashSet<_> = self.overrides().iter().map(|one| one.label.name.as_str()).collect();
        let windows: HashSet<_> = self.setup.down.windows().iter().map(|one| one.label.name.as_str()).collect();
        let is_in_force =
            |name: &str| self.names.contains_key(name) || overrides.contains(name) || windows.contains(name);
        let all = self.noted_by_the_files().flat_map(|noted| noted.all_strikes(Whose::Everyone));
        all.for_each(|strikes| strikes.keep(|label| is_in_force(&label.name)));
        // Their rules are as many as their scenarios have.
        for (clone, _) in self.with_own_scenario() {
            let is_override = |label: &RuleLabel| label.place.starts_with("override ");
            let is_kept = |label: &RuleLabel| !is_override(label) || overrides.contains(label.name.as_str());
            clone.noted.all_strikes(Whose::Everyone).for_each(|strikes| strikes.keep(is_kept));
        }
    }
}

impl Cloned {
    /// How often each rule struck in it, by its name.
    pub(crate) fn struck(&self, whose: Whose) -> HashMap<String, u64> {
        let mut sum = HashMap::new();
        self.noted.all_strikes(whose).for_each(|strikes| strikes.add_to(&mut sum, |_| false));
        sum
    }
}

impl State {
    /// Counts the `down` windows that have begun: those that last now, or with a time those that began since. `reset` is how
    /// many connections were reset for it. Gives the time now.
    pub(crate) fn strike_down(&self, since_ms: Option<u64>, reset: usize) -> u64 {
        let running = self.running();
        let now_ms = self.clock.now_ms();
        let has_begun = |window: &&Window| match since_ms {
            None => window.time_ms.contains(&now_ms),
            Some(since_ms) => (since_ms + 1..=now_ms).contains(&window.time_ms.start),
        };
        for window in running.setup.down.windows().iter().filter(has_begun) {
            running.epoch.noted(None).strikes.add(&window.label, reset as u64);
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
        first: &FirstRejected,
    ) {
        let most = (self.limits.rejections_max, &self.room_for_rejections);
        let running = self.running();
        let first = FirstRejected { request: running.setup.hide(&first.request).into_owned(), ..first.clone() };
        rejections.add(status, &running.setup.hide(problem), quoted, &first, most);
    }
}
