//! Finds the projects and users that requests name, in loaded projects and clones, with their counters.

use super::setup::Running;
use crate::contract::Operation;
use crate::fixture::{Missing, Project, User};
use crate::ids::{ProjectIndex, UserKey, UserPlace};
use crate::state::ledger::by_name::CallsByName;
use crate::state::ledger::counter::Counter;
use crate::state::ledger::epoch::Tenancy;
use crate::state::ledger::seats::Seats;
use crate::state::ledger::user_changes::{Found as FoundPerson, SentPassword, Someone};
use crate::state::{Cloned, Ledger};
use std::collections::HashSet;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

/// The operation whose calls seats count.
const RESET: Operation = Operation::ResetRandomPassword;

/// A project that is loaded, or a clone of one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place<'r> {
    /// The index of the loaded project.
    pub(crate) index: ProjectIndex,
    pub(crate) project: &'r Project,
    pub(crate) clone: Option<&'r Arc<Cloned>>,
    pub(crate) ledger: &'r Arc<Ledger>,
    /// The counters of loaded users; `None` in a clone, which counts by name.
    pub(super) seats: Option<&'r Seats>,
}

/// A user that was found.
#[derive(Clone, Debug)]
pub(crate) struct Found<'r> {
    /// The key for rules: in a clone, that of the template's user.
    pub(crate) key: UserKey,
    who: Who<'r>,
    /// The clone, if the request names one.
    pub(crate) clone: Option<&'r Arc<Cloned>>,
    pub(crate) ledger: &'r Arc<Ledger>,
    counted: CountedAt<'r>,
}

/// A user as they are now.
#[derive(Clone, Debug)]
enum Who<'r> {
    AsLoaded(User<'r>),
    Someone(Arc<Someone>),
}

/// The counter for resets of a user.
#[derive(Clone, Copy, Debug)]
enum CountedAt<'r> {
    ByPlace(&'r Counter),
    ByName(&'r CallsByName),
}

/// The password that a user has now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Current {
    /// The password of a reset, by its call number.
    Reset(u64),
    /// A password that was sent without a reset.
    Sent,
}

named_enum! {
    /// How a user compares to the files.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub(crate) enum UserState {
        Loaded = "loaded",
        Created = "created",
        Changed = "changed",
    }
}

impl CountedAt<'_> {
    /// Changes the counter, which is created if need be.
    fn change<T>(self, user: User<'_>, change: impl FnOnce(&Counter) -> T) -> T {
        match self {
            Self::ByPlace(counter) => change(counter),
            Self::ByName(calls) => calls.change(RESET, Some(&user.id()), change),
        }
    }

    /// Reads the counter, unless nothing was counted.
    fn read<T>(self, user: User<'_>, read: impl FnOnce(&Counter) -> T) -> Option<T> {
        match self {
            Self::ByPlace(counter) => Some(read(counter)),
            Self::ByName(calls) => calls.read(RESET, Some(&user.id()), read),
        }
    }
}

impl<'r> Place<'r> {
    fn new(index: ProjectIndex, project: &'r Project, tenancy: &'r Tenancy) -> Self {
        Self { index, project, clone: None, ledger: &tenancy.ledger, seats: Some(&tenancy.seats) }
    }

    /// The index of the project itself: of a clone, its own.
    pub(crate) fn own_index(&self) -> ProjectIndex {
        self.clone.map_or(self.index, |clone| clone.index.project())
    }

    pub(crate) fn id(&self) -> &'r str {
        self.clone.map_or(self.project.id(), |clone| clone.id())
    }

    /// The place of a user, deleted ones included.
    pub(in crate::state) fn user_place(&self, id: &str) -> Option<UserPlace> {
        let created = || self.ledger.people.created_index(id).map(UserPlace::Created);
        self.project.user_index(id).map(UserPlace::Loaded).or_else(created)
    }

    /// The id of a user, deleted ones included.
    pub(in crate::state) fn user_id(&self, place: UserPlace) -> Option<String> {
        match place {
            UserPlace::Loaded(index) => self.project.user_at(index).map(|user| user.id().into_owned()),
            UserPlace::Created(index) => self.ledger.people.created_id(index),
        }
    }

    /// Forgets changes and counters of users that a reload removed.
    pub(in crate::state) fn keep_users(&self) {
        let people = &self.ledger.people;
        people.keep_loaded(self.project);
        let created: HashSet<_> = people.created().into_iter().map(|(_, id)| id).collect();
        // In a loaded project, loaded users have seats.
        let is_kept =
            |id: &str| if self.project.user_index(id).is_some() { self.clone.is_some() } else { created.contains(id) };
        self.ledger.clients.calls.keep(RESET, is_kept);
    }

    fn counted(&self, user: UserPlace) -> CountedAt<'r> {
        let counter = self.seats.and_then(|seats| seats.counter(user.loaded()?));
        counter.map_or(CountedAt::ByName(&self.ledger.clients.calls), CountedAt::ByPlace)
    }

    fn found(&self, user: UserPlace, who: Who<'r>) -> Found<'r> {
        let Self { index, clone, ledger, .. } = *self;
        Found { key: UserKey { project: index, user }, who, clone, ledger, counted: self.counted(user) }
    }

    /// A user by id.
    fn find(&self, id: &str) -> Option<Found<'r>> {
        Some(match self.ledger.people.find(self.project, id)? {
            FoundPerson::Loaded(index) => {
                self.found(UserPlace::Loaded(index), Who::AsLoaded(self.project.user_at(index)?))
            }
            FoundPerson::Someone(someone) => self.found(someone.place, Who::Someone(someone)),
        })
    }

    /// A user as loaded.
    pub(in crate::state) fn loaded(&self, place: UserPlace) -> Option<Found<'r>> {
        Some(self.found(place, Who::AsLoaded(self.project.user_at(place.loaded()?)?)))
    }

    /// The highest successful call number of a user that is being changed, or 0.
    pub(crate) fn highest(&self, found: &FoundPerson, user: User<'_>) -> u64 {
        self.counted(found.place()).read(user, Counter::highest).flatten().unwrap_or(0)
    }
}

impl Found<'_> {
    /// The id of the loaded project from which draws are made.
    pub(crate) fn template<'f>(&'f self, asked: &'f str) -> &'f str {
        self.clone.map_or(asked, |clone| clone.template())
    }

    /// The key of the user itself: in a clone, with the clone's index.
    pub(crate) fn own_key(&self) -> UserKey {
        UserKey { project: self.clone.map_or(self.key.project, |clone| clone.index.project()), ..self.key }
    }

    /// The user as they are now.
    #[inline]
    pub(crate) fn user(&self) -> User<'_> {
        match &self.who {
            Who::AsLoaded(user) => *user,
            Who::Someone(someone) => User::Changed(&someone.person),
        }
    }

    pub(crate) fn state(&self) -> UserState {
        match &self.who {
            Who::AsLoaded(_) => UserState::Loaded,
            Who::Someone(_) if self.key.user.loaded().is_none() => UserState::Created,
            Who::Someone(_) => UserState::Changed,
        }
    }

    fn sent(&self) -> Option<&SentPassword> {
        match &self.who {
            Who::AsLoaded(_) => None,
            Who::Someone(someone) => someone.sent.as_ref(),
        }
    }

    /// Counts a call, and gives its number.
    #[inline]
    pub(crate) fn count(&self) -> u64 {
        match self.counted {
            CountedAt::ByPlace(counter) => counter.count(),
            CountedAt::ByName(_) => self.change(Counter::count),
        }
    }

    /// Notes the side effect of a call: its password is the current one, unless a later call's is.
    #[inline]
    pub(crate) fn succeed(&self, call: u64) {
        match self.counted {
            CountedAt::ByPlace(counter) => counter.succeed(call),
            CountedAt::ByName(_) => self.change(|counter| counter.succeed(call)),
        }
    }

    // Separate, so that users with a seat do not pay for it.
    #[cold]
    #[inline(never)]
    fn change<T>(&self, change: impl FnOnce(&Counter) -> T) -> T {
        self.counted.change(self.user(), change)
    }

    /// Number of counted calls.
    pub(crate) fn calls(&self) -> u64 {
        self.counted.read(self.user(), Counter::calls).unwrap_or(0)
    }

    /// The highest successful call number, if there is one.
    pub(in crate::state) fn highest(&self) -> Option<u64> {
        self.counted.read(self.user(), Counter::highest).flatten()
    }

    /// Which password the user has now, if a reset or a message gave one.
    pub(crate) fn current(&self) -> Option<Current> {
        let highest = self.highest();
        // A sent password takes precedence over the resets that there had been.
        let is_sent = self.sent().is_some_and(|sent| highest.unwrap_or(0) <= sent.resets);
        if is_sent { Some(Current::Sent) } else { highest.map(Current::Reset) }
    }
}

impl Running {
    /// A user by ids, or which id is unknown.
    #[inline]
    pub(crate) fn find(&self, project: &str, user: &str) -> Result<Found<'_>, Missing> {
        if let Ok((key, loaded)) = self.setup.directory().user(project, user)
            && let Some(tenancy) = self.epoch.of(key.project)
            && !tenancy.ledger.people.is_changed()
            && let Some(counter) = key.user.loaded().and_then(|user| tenancy.seats.counter(user))
        {
            let (who, counted) = (Who::AsLoaded(loaded), CountedAt::ByPlace(counter));
            return Ok(Found { key, who, clone: None, ledger: &tenancy.ledger, counted });
        }
        self.find_changed(project, user)
    }

    /// Finds a user of a clone, or of a project with changed users.
    #[inline(never)]
    fn find_changed(&self, project: &str, user: &str) -> Result<Found<'_>, Missing> {
        self.project_at(project).ok_or(Missing::Project)?.find(user).ok_or(Missing::User)
    }

    /// A project by its id, a loaded one or a clone.
    pub(crate) fn project_at(&self, id: &str) -> Option<Place<'_>> {
        match self.setup.directory().project(id) {
            Some((index, project)) => Some(Place::new(index, project, self.epoch.of(index)?)),
            None => self.place_of(self.clones.get(id)?),
        }
    }

    pub(crate) fn place_of<'r>(&'r self, clone: &'r Arc<Cloned>) -> Option<Place<'r>> {
        let (index, project) = self.setup.directory().project(clone.template())?;
        Some(Place { index, project, clone: Some(clone), ledger: &clone.ledger, seats: None })
    }

    /// A project by its own index, deleted clones included.
    pub(crate) fn place_at(&self, index: ProjectIndex) -> Option<Place<'_>> {
        match index {
            ProjectIndex::Loaded(_) => {
                Some(Place::new(index, self.setup.directory().project_at(index)?, self.epoch.of(index)?))
            }
            ProjectIndex::Clone(clone) => self.place_of(self.clones.at(clone)?),
        }
    }

    /// All projects, or one by its own index: loaded ones, then clones, deleted ones included.
    pub(crate) fn places(&self, only: Option<ProjectIndex>) -> Box<dyn Iterator<Item = Place<'_>> + '_> {
        if let Some(index) = only {
            return Box::new(self.place_at(index).into_iter());
        }
        let loaded = self.setup.directory().indexed();
        let loaded = loaded.filter_map(|(index, project)| Some(Place::new(index, project, self.epoch.of(index)?)));
        Box::new(loaded.chain(self.clones.with_gone().filter_map(|clone| self.place_of(clone))))
    }

    /// The ledger of a project, by id; that of calls outside all projects if the id is unknown.
    pub(crate) fn ledger(&self, project: Option<&str>) -> &Arc<Ledger> {
        let place = project.and_then(|id| self.project_at(id));
        place.map_or(&self.epoch.outside, |place| place.ledger)
    }

    /// The token that is cancelled when the project is reset or goes; for a request of none, when everything is reset.
    pub(crate) fn ending(&self, project: Option<&str>) -> &CancellationToken {
        &self.ledger(project).ended
    }

    /// The key of a user, in deleted clones and of deleted users too.
    pub(crate) fn key_of(&self, project: &str, user: &str) -> Option<UserKey> {
        let gone = || self.place_of(self.clones.gone(project)?);
        let place = self.project_at(project).or_else(gone)?;
        Some(UserKey { project: place.own_index(), user: place.user_place(user)? })
    }

    /// The ids of project and user; "" if they are gone.
    pub(crate) fn ids_of(&self, key: UserKey) -> (String, String) {
        let Some(place) = self.place_at(key.project) else { return Default::default() };
        (place.id().to_owned(), place.user_id(key.user).unwrap_or_default())
    }

    /// Whether any user of a loaded project, or of a clone of it, differs from the files.
    pub(crate) fn is_changed(&self, project: ProjectIndex, clone: Option<&Arc<Cloned>>) -> bool {
        let loaded = || self.epoch.of(project).map(|tenancy| &tenancy.ledger);
        clone.map(|clone| &clone.ledger).or_else(loaded).is_some_and(|ledger| ledger.people.is_changed())
    }

    /// The index of a loaded project, by its id or by that of a clone of it.
    pub(crate) fn template_index(&self, project: &str) -> Option<ProjectIndex> {
        self.project_at(project).map(|place| place.index)
    }

    /// The index of a loaded project or a clone.
    pub(crate) fn index_of(&self, project: &str) -> Option<ProjectIndex> {
        self.project_at(project).map(|place| place.own_index())
    }

    /// The project in which calls of an account happen: the clone to which it is bound, if any.
    pub(crate) fn own_project<'p>(&'p self, project: &'p str, account: Option<&str>) -> &'p str {
        let bound = account.and_then(|account| self.clones.bound(project, account));
        bound.map_or(project, |clone| clone.id())
    }

    /// The current password of a user, and the call that set it; `None` for one that was sent without a reset.
    pub(crate) fn current_password(&self, found: &Found<'_>) -> Option<(Option<u64>, String)> {
        Some(match found.current()? {
            Current::Reset(call) => (Some(call), self.setup.password(found.user(), call).to_string()),
            Current::Sent => (None, found.sent()?.password.clone()),
        })
    }
}
