//! What is noted of the console's calls beside clients': verdicts and coverage leave them out, unless they are asked to count
//! them too. A person who looks at a server is not the program that it tests.

use super::coverage::{Meeting, Place};
use super::rejections::Rejections;
use super::strikes::Strikes;
use crate::contract::{OPERATIONS, Subject};
use crate::ids::{ProjectIndex, UserKey};
use crate::scenario::RuleLabel;
use crate::state::{Noted, Running};
use parking_lot::Mutex;
use std::collections::hash_map::Entry;
use std::collections::{BTreeSet, HashMap};

/// Whose calls count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Whose {
    #[default]
    Clients,
    /// The console's too.
    Everyone,
}

/// Of one project or clone, from one reset to the next.
#[derive(Debug, Default)]
pub(crate) struct OfConsole {
    pub(in crate::state) strikes: Strikes,
    pub(in crate::state) rejections: Rejections,
    /// By place of the operation, and by the user or the account of whom the calls are counted. `users_created_max` bounds it:
    /// users that are gone stay, so that each call is known to be the console's.
    counted: Mutex<HashMap<(usize, Box<str>), Counted>>,
    /// By places of operation and status.
    met: Mutex<HashMap<(usize, usize), Met>>,
}

/// How often a documented status was met, and who has met it.
#[derive(Debug, Default)]
struct Met {
    times: u64,
    who: BTreeSet<Box<str>>,
}

/// Calls of one operation and one user or account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counted {
    calls: u64,
    /// How many of them came before the scenario that is in force.
    before: u64,
    /// The first and the last number of the last ones that followed one another.
    first: u64,
    last: u64,
}

/// The console's calls in all projects.
#[derive(Debug, Default)]
pub(crate) struct CallsByConsole {
    /// By user and place of the operation.
    users: HashMap<(UserKey, usize), Counted>,
    /// By place of the operation, name, and project if the operation is of one.
    accounts: HashMap<(usize, Box<str>, Option<ProjectIndex>), Counted>,
}

impl OfConsole {
    /// Notes a call that was counted, by its number. So many users are noted at most.
    pub(crate) fn count(&self, operation: usize, who: &str, call: u64, most: usize) {
        let mut counted = self.counted.lock();
        let is_full = counted.len() >= most;
        match counted.entry((operation, who.into())) {
            Entry::Occupied(mut known) => known.get_mut().add(call),
            Entry::Vacant(new) if !is_full => new.insert(Counted::default()).add(call),
            Entry::Vacant(_) => {}
        }
    }

    /// Whether a call of a user's can be noted where there are so many at most.
    pub(crate) fn has_room(&self, operation: usize, who: &str, most: usize) -> bool {
        let counted = self.counted.lock();
        counted.len() < most || counted.contains_key(&(operation, who.into()))
    }

    fn meet(&self, operation: usize, row: usize, who: Option<&str>) {
        let mut met = self.met.lock();
        let met = met.entry((operation, row)).or_default();
        met.times += 1;
        met.who.extend(who.map(Into::into));
    }

    fn times(&self, operation: usize, row: usize) -> u64 {
        self.met.lock().get(&(operation, row)).map_or(0, |met| met.times)
    }

    fn who_met(&self, operation: usize, row: usize) -> Vec<String> {
        let met = self.met.lock();
        let who = met.get(&(operation, row)).into_iter().flat_map(|met| &met.who);
        who.filter(|who| !who.is_empty()).map(ToString::to_string).collect()
    }

    /// Another scenario is in force from now on.
    pub(in crate::state) fn begin_scenario(&self) {
        self.rejections.begin_scenario();
        self.counted.lock().values_mut().for_each(|counted| counted.before = counted.calls);
    }

    /// Takes over what is noted of a project that goes. Who called there is known where it was.
    pub(in crate::state) fn inherit(&self, going: &Self, is_left: impl Fn(&RuleLabel) -> bool) {
        self.strikes.inherit(&going.strikes, is_left);
        self.rejections.inherit(&going.rejections);
        let mut met = self.met.lock();
        for (place, gone) in &*going.met.lock() {
            met.entry(*place).or_default().times += gone.times;
        }
    }
}

impl Counted {
    fn add(&mut self, call: u64) {
        self.calls += 1;
        if self.calls > 1 && call + 1 == self.first {
            self.first = call;
        } else if self.calls > 1 && call == self.last + 1 {
            self.last = call;
        } else if call > self.last {
            (self.first, self.last) = (call, call);
        }
    }

    /// How many are judged by the scenario in force.
    pub(crate) fn judged(self) -> u64 {
        self.calls - self.before
    }

    /// The number of the last call that is a client's, where so many were counted of all.
    pub(crate) fn last_of_clients(self, total: u64) -> u64 {
        if self.last == total && total > 0 { self.first.saturating_sub(1) } else { total }
    }
}

impl CallsByConsole {
    pub(crate) fn is_empty(&self) -> bool {
        self.users.is_empty() && self.accounts.is_empty()
    }

    pub(crate) fn of_user(&self, user: UserKey, operation: Option<usize>) -> Counted {
        let counted = operation.and_then(|operation| self.users.get(&(user, operation)));
        counted.copied().unwrap_or_default()
    }

    pub(crate) fn of_account(&self, operation: Option<usize>, name: &str, project: Option<ProjectIndex>) -> Counted {
        let counted = operation.and_then(|operation| self.accounts.get(&(operation, name.into(), project)));
        counted.copied().unwrap_or_default()
    }
}

impl Noted {
    /// What is noted of the console's calls.
    pub(crate) fn of_console(&self) -> &OfConsole {
        self.console.get_or_init(Box::default)
    }

    /// Strikes by the calls of clients, or of the console.
    pub(crate) fn strikes_of(&self, by_console: bool) -> &Strikes {
        if by_console { &self.of_console().strikes } else { &self.strikes }
    }

    /// Refusals of clients, or of the console.
    pub(crate) fn rejections_of(&self, by_console: bool) -> &Rejections {
        if by_console { &self.of_console().rejections } else { &self.rejections }
    }

    pub(in crate::state) fn all_strikes(&self, whose: Whose) -> impl Iterator<Item = &Strikes> {
        [&self.strikes].into_iter().chain(self.console_if(whose).map(|console| &console.strikes))
    }

    pub(in crate::state) fn all_rejections(&self, whose: Whose) -> impl Iterator<Item = &Rejections> {
        [&self.rejections].into_iter().chain(self.console_if(whose).map(|console| &console.rejections))
    }

    fn console_if(&self, whose: Whose) -> Option<&OfConsole> {
        self.console.get().filter(|_| whose == Whose::Everyone).map(|console| &**console)
    }
}

impl Running {
    /// Counts what the console has met by an answer that left whole.
    pub(in crate::state) fn meet_by_console(&self, meeting: &Meeting) {
        let (operation, row) = (meeting.operation, meeting.row);
        let meet = |noted: &Noted, who: Option<&str>| noted.of_console().meet(operation, row, who);
        match &meeting.place {
            Place::Apart => meet(self.epoch.noted(None), None),
            Place::Account(name) => meet(self.epoch.noted(None), Some(name)),
            Place::Project(project, None) => meet(self.epoch.noted(Some(*project)), None),
            Place::Project(project, Some(user)) => {
                let (_, user) = self.ids_of(UserKey { project: *project, user: *user });
                meet(self.epoch.noted(Some(*project)), Some(&user));
            }
            Place::Clone(clone, user) => meet(&clone.noted, user.as_deref()),
            Place::People(place, _, who) => match &**place {
                Place::Project(project, _) => meet(self.epoch.noted(Some(*project)), Some(who)),
                Place::Clone(clone, _) => meet(&clone.noted, Some(who)),
                Place::Apart | Place::Account(_) | Place::People(..) => meet(self.epoch.noted(None), None),
            },
        }
    }

    /// How often the console has met the documented status at a place, in a project or in all.
    pub(in crate::state) fn times_met_by_console(
        &self,
        operation: usize,
        row: usize,
        project: Option<ProjectIndex>,
    ) -> u64 {
        let all = self.all_noted(project).into_iter().filter_map(|noted| noted.console_if(Whose::Everyone));
        all.map(|console| console.times(operation, row)).sum()
    }

    /// Who has met it by the console: the id of the project, none of accounts, and the own.
    pub(crate) fn who_met_by_console(
        &self,
        operation: usize,
        row: usize,
        project: Option<ProjectIndex>,
    ) -> Vec<(&str, String)> {
        let apart = project.is_none().then(|| (None, "", self.epoch.noted(None)));
        let all = self.each_noted().filter(|(index, ..)| project.is_none_or(|only| *index == Some(only))).chain(apart);
        let who = all.filter_map(|(_, id, noted)| Some((id, noted.console_if(Whose::Everyone)?)));
        who.flat_map(|(id, console)| console.who_met(operation, row).into_iter().map(move |who| (id, who))).collect()
    }

    /// The console's calls that were counted.
    pub(crate) fn calls_by_console(&self) -> CallsByConsole {
        let mut all = CallsByConsole::default();
        for (index, id, noted) in self.each_noted().chain([(None, "", self.epoch.noted(None))]) {
            let Some(console) = noted.console_if(Whose::Everyone) else { continue };
            for ((operation, who), counted) in &*console.counted.lock() {
                let subject = OPERATIONS.get(*operation).map(|operation| operation.subject);
                if matches!(subject, Some(Subject::User | Subject::Person)) {
                    let key = self.key_of(id, who);
                    all.users.extend(key.map(|key| ((key, *operation), *counted)));
                } else {
                    all.accounts.insert((*operation, who.clone(), index), *counted);
                }
            }
        }
        all
    }

    /// The console's calls until now came before the scenario that is in force: of a project, or of all.
    pub(in crate::state) fn begin_scenario_of_console(&self) {
        let all = self.each_noted().map(|(_, _, noted)| noted).chain([self.epoch.noted(None)]);
        all.filter_map(|noted| noted.console_if(Whose::Everyone)).for_each(OfConsole::begin_scenario);
    }

    /// What is noted of each project and clone, also of those that ended, with index and id.
    fn each_noted(&self) -> impl Iterator<Item = (Option<ProjectIndex>, &str, &Noted)> {
        let loaded = self.setup.directory().indexed();
        let loaded = loaded.map(|(index, project)| (Some(index), project.id(), self.epoch.noted(Some(index))));
        let clones = self.clones.with_gone().map(|clone| (Some(clone.index.project()), clone.id(), &*clone.noted));
        loaded.chain(clones)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counted(calls: &[u64]) -> Counted {
        let mut counted = Counted::default();
        for call in calls {
            counted.add(*call);
        }
        counted
    }

    #[test]
    fn the_last_call_of_clients_is_the_one_before_the_consoles_last_ones() {
        for (calls, total, last) in [
            (&[][..], 0, 0),
            (&[], 3, 3),
            (&[2], 3, 3),
            (&[3], 3, 2),
            (&[1, 2, 3], 3, 0),
            (&[1, 3], 3, 2),
            (&[2, 4, 5], 5, 3),
            (&[5, 4], 5, 3),
            (&[2, 5, 4], 5, 3),
        ] {
            let counted = counted(calls);
            assert_eq!((counted.judged(), counted.last_of_clients(total)), (calls.len() as u64, last), "{calls:?}");
        }
    }

    #[test]
    fn calls_before_a_scenario_are_not_judged_by_it() {
        let console = OfConsole::default();
        (1..=3).for_each(|call| console.count(0, "u", call, 9));
        console.begin_scenario();
        console.count(0, "u", 5, 9);
        let counted = console.counted.lock()[&(0, "u".into())];
        assert_eq!((counted.judged(), counted.last_of_clients(5)), (1, 4));
    }

    #[test]
    fn no_more_users_are_noted_than_there_is_room_for() {
        let console = OfConsole::default();
        for (who, has_room, noted) in [("a", true, 1), ("b", true, 2), ("a", true, 2), ("c", false, 2), ("b", true, 2)]
        {
            assert_eq!(console.has_room(0, who, 2), has_room, "{who}");
            console.count(0, who, 1, 2);
            assert_eq!(console.counted.lock().len(), noted, "{who}");
        }
        // Each operation of a user is one.
        assert!(!console.has_room(1, "a", 2));
    }
}
