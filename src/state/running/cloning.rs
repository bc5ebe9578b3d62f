//! How clones are made and end, and how they are listed.

use super::own_scenario::NoRoom;
use crate::diagnostics::Problems;
use crate::engine::Setup;
use crate::fixture::Project;
use crate::ids::{CloneIndex, ProjectIndex};
use crate::scenario::Alias;
use crate::state::ledger::cloned::Begin;
use crate::state::ledger::own_scenario::{BORN_AT, is_of_a_clone};
use crate::state::server::Writer;
use crate::state::{ChangeKind, Cloned, Running, State};
use std::sync::Arc;

/// Why there is no further clone.
#[derive(Debug)]
pub(crate) enum NotCloned {
    /// The limit on clones is reached.
    Full(usize),
    /// The project to clone is unknown.
    Unknown,
    /// The chosen id is taken.
    Taken,
    /// The account is unknown.
    UnknownAccount,
    /// The account is bound to another clone of the project, by id.
    Bound(String),
    /// The scenario has errors.
    Wrong(Problems),
    /// The limit on the scenarios of clones is reached.
    NoRoom(NoRoom),
}

/// Requests, messages, rules and expectations up to which work on a clone takes no longer than some calls.
const BRIEF: u64 = 200;

/// A clone to be created.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Wanted<'w> {
    pub(crate) from: &'w str,
    pub(crate) id: Option<&'w str>,
    pub(crate) account: Option<&'w str>,
    /// The text of its own scenario, in place of the files'.
    pub(crate) scenario: Option<&'w str>,
}

/// A project of a list.
#[derive(Debug)]
pub(crate) struct ProjectOrClone<'r> {
    /// Lists are in this order, so that a cursor stays valid while clones come and go.
    pub(crate) index: ProjectIndex,
    pub(crate) project: &'r Project,
    pub(crate) clone: Option<&'r Cloned>,
}

/// The first cursor of a clone. Loaded projects have lower ones: their places.
const CLONES_FROM: u32 = 0x8000_0000;

/// The cursor of a project in the list of projects.
pub(crate) fn cursor_of(project: ProjectIndex) -> u32 {
    match project {
        ProjectIndex::Loaded(index) => index,
        ProjectIndex::Clone(clone) => clone.get().saturating_add(CLONES_FROM),
    }
}

pub(crate) fn project_at_cursor(cursor: u32) -> ProjectIndex {
    let clone = cursor.checked_sub(CLONES_FROM).map(|index| CloneIndex::new(index).project());
    clone.unwrap_or(ProjectIndex::Loaded(cursor))
}

impl Running {
    /// The loaded projects from an index on, then the clones, from the oldest.
    pub(crate) fn projects(&self, from: ProjectIndex) -> Vec<ProjectOrClone<'_>> {
        let directory = self.setup.directory();
        let loaded = directory.indexed().filter(|(index, _)| *index >= from);
        let mut listed: Vec<_> =
            loaded.map(|(index, project)| ProjectOrClone { index, project, clone: None }).collect();
        let loaded = listed.len();
        listed.extend(self.clones.iter().filter(|clone| clone.index.project() >= from).filter_map(|clone| {
            let (_, project) = directory.project(&clone.template)?;
            Some(ProjectOrClone { index: clone.index.project(), project, clone: Some(clone) })
        }));
        let clones = invariant!(listed.get_mut(loaded..), Default::default(), "clones come after the loaded projects");
        clones.sort_unstable_by_key(|listed| listed.index);
        listed
    }

    /// The id of the loaded project that a project is, or is a clone of.
    pub(crate) fn template_id<'p>(&'p self, project: &'p str) -> Option<&'p str> {
        let template = self.clones.get(project).map_or(project, |clone| clone.template());
        self.setup.directory().project(template).map(|_| template)
    }

    fn is_taken(&self, id: &str) -> bool {
        self.setup.directory().project(id).is_some() || self.clones.get(id).is_some()
    }

    /// The clone of an id, if work on it is brief, so that a thread that serves can do it: few requests came since the clone was
    /// made, and few rules apply. `state` is that of this setup.
    fn brief_clone(&self, state: &State, id: &str) -> Option<&Arc<Cloned>> {
        let clone = self.clones.get(id).filter(|clone| clone.account.is_none())?;
        let (setup, begin) = (self.set_up_of(Some(clone)), clone.begins_after);
        let requests = state.journal.last_index().saturating_sub(begin.request);
        let messages = state.outbox.last_index().saturating_sub(begin.message);
        let rules = setup.rules.count() + setup.expectations.len() + self.overrides().len();
        (requests.saturating_add(messages).saturating_add(rules as u64) <= BRIEF).then_some(clone)
    }

    /// Whether a verdict on this project alone is brief.
    pub(crate) fn is_brief(&self, state: &State, project: &str) -> bool {
        self.brief_clone(state, project).is_some()
    }

    /// A clone by its id, for rules that name it.
    pub(in crate::state) fn alias(&self, id: &str) -> Option<Alias> {
        let clone = self.clones.get(id)?;
        let (template, _) = self.setup.directory().project(&clone.template)?;
        Some(Alias { index: clone.index, template })
    }
}

impl State {
    /// Creates a clone of a project, or of the template of a clone. Gives its id and its template's. Compiling a scenario may
    /// take long.
    pub(crate) fn add_clone(&self, wanted: &Wanted<'_>) -> Result<(String, String), NotCloned> {
        let Some(text) = wanted.scenario else { return self.bear(&mut self.writer.lock(), wanted, None) };
        // Nothing else is loaded while it is compiled.
        let _renewal = self.renewal.lock();
        let running = self.running.load_full();
        let template = running.template_id(wanted.from).ok_or(NotCloned::Unknown)?;
        let id = match wanted.id {
            Some(id) => id.to_owned(),
            None => self.writer.lock().nursery.name(template, |id| running.is_taken(id)),
        };
        let place = format!("{BORN_AT}{id})");
        let own = running.compiled(true, (&place, text), &self.limits).map_err(NotCloned::Wrong)?;
        self.bear(&mut self.writer.lock(), &Wanted { id: Some(&id), ..*wanted }, Some(Arc::new(own)))
    }

    /// Creates a clone as [`State::add_clone`] does, if that is brief; `None` if it may take long, or something else changes now.
    pub(crate) fn add_clone_in_brief(&self, wanted: &Wanted<'_>) -> Option<Result<(String, String), NotCloned>> {
        let Wanted { id, account, scenario, .. } = *wanted;
        let mut writer = self.writer.try_lock()?;
        // That of an id that was used before clears the journal of its calls.
        let is_new = id.is_none_or(|id| writer.nursery.life(id) == 1);
        let is_brief = is_new && account.is_none() && scenario.is_none();
        is_brief.then(|| self.bear(&mut writer, wanted, None))
    }

    /// The last entry and message so far.
    pub(super) fn begin(&self) -> Begin {
        Begin { request: self.journal.last_index(), message: self.outbox.last_index() }
    }

    /// Creates a clone with a compiled scenario, if it has its own.
    fn bear(
        &self,
        writer: &mut Writer,
        wanted: &Wanted<'_>,
        own: Option<Arc<Setup>>,
    ) -> Result<(String, String), NotCloned> {
        let Wanted { from, id, account, .. } = *wanted;
        let running = self.running.load_full();
        let directory = running.setup.directory();
        let template = running.template_id(from).ok_or(NotCloned::Unknown)?;
        let is_taken = |id: &str| running.is_taken(id);
        let account =
            account.map(|name| directory.accounts().meant(name).ok_or(NotCloned::UnknownAccount)).transpose()?;
        let account = account.map(|(_, account)| account.shown());
        let bound = account.as_deref().and_then(|account| running.clones.bound(template, account));
        if let Some(bound) = bound {
            return Err(NotCloned::Bound(bound.id().to_owned()));
        }
        if id.is_some_and(is_taken) {
            return Err(NotCloned::Taken);
        }
        let most = self.limits.clones_max;
        if running.clones.count() >= most {
            return Err(NotCloned::Full(most));
        }
        let id = match id {
            Some(id) => id.to_owned(),
            None => writer.nursery.name(template, is_taken),
        };
        let clones = match &own {
            None => Arc::clone(&running.clones),
            Some(own) => {
                running.refuse_names_of(own, self.limits.errors_shown_max).map_err(NotCloned::Wrong)?;
                Arc::new(running.clones.with_room_for(own, None, &self.limits).map_err(NotCloned::NoRoom)?)
            }
        };
        let clone = writer.nursery.bear(&id, template, account.as_deref(), own).ok_or(NotCloned::Full(most))?;
        let clone = Cloned { begins_after: self.begin(), ..clone };
        let is_reused = clone.ledger.life > 1;
        // It replaces a deleted clone whose calls were judged so far.
        let epoch = running.clones.gone(&id).map(|_| Arc::new(running.epoch.next_without()));
        let clones = Arc::new(clones.with(clone));
        let next = Running::clone(&running);
        let next = Arc::new(Running { clones, epoch: epoch.unwrap_or_else(|| Arc::clone(&next.epoch)), ..next });
        if is_reused {
            // The calls of the earlier clone of this id are not its own.
            self.restart(Some(&id), |_| self.running.store(next));
        } else {
            self.running.store(next);
        }
        self.note(ChangeKind::Clone, Some(&id), format!("Clone {id} of project {template} was created."));
        Ok((id, template.to_owned()))
    }

    /// Deletes a clone: its calls in flight are cut, and overrides for it alone are removed. False if the id is unknown.
    pub(crate) fn remove_clone(&self, id: &str) -> bool {
        self.remove_with(&mut self.writer.lock(), id)
    }

    /// Deletes a clone as [`State::remove_clone`] does, if that is brief; false if it may take long, or something else changes now.
    pub(crate) fn remove_clone_in_brief(&self, id: &str) -> bool {
        let Some(mut writer) = self.writer.try_lock() else { return false };
        self.running.load().brief_clone(self, id).is_some() && self.remove_with(&mut writer, id)
    }

    fn remove_with(&self, writer: &mut Writer, id: &str) -> bool {
        let running = self.running.load_full();
        let Some(clone) = running.clones.get(id) else {
            return false;
        };
        writer.nursery.remember_clone(clone, self.limits.clones_max);
        let clones = running.clones.without(clone, self.limits.clones_max);
        let overrides = running.overrides.without_clone(clone.index, &clones);
        clone.ledger.ended.cancel();
        running.epoch.outside.inherit(&clone.ledger, is_of_a_clone);
        self.running.store(Arc::new(Running { clones: Arc::new(clones), overrides, ..Running::clone(&running) }));
        self.note(ChangeKind::Clone, Some(id), format!("Clone {id} was deleted."));
        true
    }
}
