//! Who called and what was met, in loaded projects and in clones. A clone's users have its index and the places of the
//! template's users.

use crate::contract::Operation;
use crate::fixture::Project;
use crate::ids::{ProjectIndex, UserKey};
use crate::state::ledger::coverage::{Meeting, Place};
use crate::state::{Cloned, Found, People, Running, Whose, is_clone};
use std::collections::HashMap;
use std::sync::Arc;

impl Running {
    /// The index of a loaded project or a clone.
    pub(crate) fn index_of(&self, project: &str) -> Option<ProjectIndex> {
        let loaded = self.setup.directory().project(project).map(|(index, _)| index);
        loaded.or_else(|| self.clones.get(project).map(|clone| clone.index.project()))
    }

    /// Where a request that was refused before it was counted meets something, by the project that it names.
    pub(crate) fn place_in(&self, project: Option<&str>) -> Place {
        let Some(id) = project else {
            return Place::Apart;
        };
        match self.setup.directory().project(id) {
            Some((index, _)) => Place::Project(index, None),
            None => self.clones.get(id).map_or(Place::Apart, |clone| Place::Clone(Arc::clone(clone), None)),
        }
    }

    /// Counts an answer that left whole.
    pub(crate) fn meet(&self, meeting: &Meeting) {
        if meeting.by_console {
            return self.meet_by_console(meeting);
        }
        match &meeting.place {
            Place::Clone(clone, user) => clone.meet(meeting.operation, meeting.row, user.as_deref()),
            Place::Apart | Place::Project(..) | Place::Account(_) => self.epoch.meet(meeting),
            Place::People(place, people, who) => {
                self.meet(&Meeting { place: (**place).clone(), ..*meeting });
                people.calls.meet(meeting.operation, meeting.row, who);
            }
        }
    }

    /// Notes where a user is now that he has met what was counted where he was.
    pub(crate) fn note_moved(&self, operation: usize, row: usize, project: &str, user: &str) {
        if let Ok((key, _)) = self.setup.directory().user(project, user) {
            self.epoch.note_user(operation, row, key);
        }
    }

    /// How often the documented status at a place was met, in a project or in all.
    pub(crate) fn times_met(&self, operation: usize, row: usize, project: Option<ProjectIndex>, whose: Whose) -> u64 {
        let by_console = match whose {
            Whose::Clients => 0,
            Whose::Everyone => self.times_met_by_console(operation, row, project),
        };
        // What was met in those that ended was added to what was met apart.
        let clones = self.clones.iter().filter(|clone| project.is_none_or(|only| only == clone.index.project()));
        let in_clones = clones.map(|clone| clone.met.times(operation, row)).sum::<u64>();
        self.epoch.times_met(operation, row, project) + in_clones + by_console
    }

    /// The users who met it as clients: the id of the project and their own.
    pub(crate) fn users_who_met(
        &self,
        operation: usize,
        row: usize,
        project: Option<ProjectIndex>,
    ) -> impl Iterator<Item = (&str, String)> + '_ {
        let directory = self.setup.directory();
        // Accounts stand beside projects, and are listed where all are.
        let accounts = if project.is_none() { self.epoch.accounts.who_met(operation, row) } else { Vec::new() };
        let loaded = self.epoch.users_who_met(operation, row, project).filter_map(|key| {
            let project = directory.project_at(key.project)?;
            Some((project.id(), project.user_at(key.user)?.id().into_owned()))
        });
        let clones = self.clones_of(project);
        let accounts = accounts.into_iter().filter(|account| !account.is_empty()).map(|account| ("", account));
        let of_people = self.peoples(project).flat_map(move |(_, id, people)| {
            let who = people.calls.who_met(operation, row).into_iter().filter(|who| !who.is_empty());
            who.map(move |who| (id, who))
        });
        loaded.chain(of_people).chain(accounts).chain(clones.flat_map(move |clone| {
            clone.users_who_met(operation, row).into_iter().map(move |user| (clone.id(), user.into_string()))
        }))
    }

    /// Everyone who called, and how often, by ascending key.
    pub(in crate::state) fn all_callers(&self, project: Option<ProjectIndex>) -> Vec<(UserKey, u64)> {
        let mut callers: Vec<_> = self.epoch.callers(project).collect();
        for clone in self.clones_of(project) {
            let template = self.template_of(clone);
            let called = clone.callers().into_iter().filter_map(|(user, calls)| {
                let created = || clone.people.created_index(&user);
                let user = template.and_then(|(_, template)| template.user_index(&user)).or_else(created)?;
                Some((UserKey { project: clone.index.project(), user }, calls))
            });
            callers.extend(called);
        }
        for (index, _, people) in
            self.peoples(project).filter(|(index, _, people)| !is_clone(*index) && people.is_changed())
        {
            let called = people.created().into_iter().filter(|(_, _, calls)| *calls > 0);
            callers.extend(called.map(|(user, _, calls)| (UserKey { project: index, user }, calls)));
        }
        callers.sort_unstable_by_key(|(key, _)| *key);
        callers
    }

    /// Everyone of whom calls of an operation are counted that is no reset, and how often, by ascending key.
    pub(in crate::state) fn all_callers_of(
        &self,
        operation: &Operation,
        project: Option<ProjectIndex>,
    ) -> Vec<(UserKey, u64)> {
        let mut callers = Vec::new();
        for (index, id, people) in self.peoples(project) {
            let called = people.calls.callers(operation).into_iter();
            callers.extend(called.filter_map(|(user, calls)| {
                let key = self.key_of(id, &user)?;
                Some((UserKey { project: index, ..key }, calls))
            }));
        }
        callers.sort_unstable_by_key(|(key, _)| *key);
        callers
    }

    /// The users who were created: their ids.
    pub(crate) fn created_users(&self) -> HashMap<UserKey, String> {
        let changed = self.peoples(None).filter(|(_, _, people)| people.is_changed());
        let created = changed.flat_map(|(project, _, people)| {
            people.created().into_iter().map(move |(user, id, _)| (UserKey { project, user }, id))
        });
        created.collect()
    }

    /// Each project with its index, a clone with its own, also one that ended, and with who is not as he was loaded.
    pub(crate) fn peoples(
        &self,
        project: Option<ProjectIndex>,
    ) -> impl Iterator<Item = (ProjectIndex, &str, &Arc<People>)> + '_ {
        let loaded = self.setup.directory().indexed();
        let loaded = loaded.filter_map(|(index, project)| Some((index, project.id(), self.epoch.people(index)?)));
        let clones = self.clones.with_gone().map(|clone| (clone.index.project(), clone.id(), &clone.people));
        loaded.chain(clones).filter(move |(index, ..)| project.is_none_or(|only| only == *index))
    }

    /// The ids of project and user; empty where they are gone.
    pub(crate) fn ids_of(&self, key: UserKey) -> (String, String) {
        let directory = self.setup.directory();
        let Some(clone) = self.clones.with_gone().find(|clone| clone.index.project() == key.project) else {
            let (project, user) = directory.ids(key);
            let created = || self.epoch.people(key.project)?.created_id(key.user);
            return (project, if user.is_empty() { created().unwrap_or_default() } else { user });
        };
        let user = self.template_of(clone).map(|(project, _)| directory.ids(UserKey { project, ..key }).1);
        let user = user.filter(|user| !user.is_empty()).or_else(|| clone.people.created_id(key.user));
        (clone.id().to_owned(), user.unwrap_or_default())
    }

    /// The loaded project whose users a clone has.
    pub(crate) fn template_of(&self, clone: &Cloned) -> Option<(ProjectIndex, &Project)> {
        self.setup.directory().project(clone.template())
    }

    /// One clone or all, also those that ended.
    fn clones_of(&self, project: Option<ProjectIndex>) -> impl Iterator<Item = &Arc<Cloned>> + '_ {
        self.clones.with_gone().filter(move |clone| project.is_none_or(|only| only == clone.index.project()))
    }
}

impl Found<'_> {
    /// Where the user meets something.
    pub(crate) fn place(&self) -> Place {
        match self.clone {
            None => Place::Project(self.key.project, Some(self.key.user)),
            Some(clone) => Place::Clone(Arc::clone(clone), Some(self.user().id().into())),
        }
    }

    /// The key by which a user is told from the same one in other clones.
    pub(crate) fn own_key(&self) -> UserKey {
        UserKey { project: self.clone.map_or(self.key.project, |clone| clone.index.project()), ..self.key }
    }
}
