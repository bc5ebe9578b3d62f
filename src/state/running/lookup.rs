//! A user as requests name him, in a loaded project or in a clone of one, and what is counted of him.

use crate::fixture::{Missing, Person, Project, User};
use crate::ids::{ProjectIndex, UserKey};
use crate::state::Cloned;
use crate::state::ledger::epoch::Moved;
use crate::state::ledger::user_changes::{Found as FoundPerson, SentPassword, Someone, Tally, is_created};
use crate::state::{People, Running};
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

/// A project, with who of it is not as he was loaded.
pub(crate) struct Place<'r> {
    /// The index of the loaded project.
    pub(crate) index: ProjectIndex,
    pub(crate) project: &'r Project,
    pub(crate) people: &'r Arc<People>,
    pub(crate) clone: Option<&'r Arc<Cloned>>,
}

/// A user who was found.
#[derive(Clone, Debug)]
pub(crate) struct Found<'r> {
    /// Whose rules hold for him: in a clone those of the template's user.
    pub(crate) key: UserKey,
    who: Who<'r>,
    /// The clone, if he is asked for in one.
    pub(crate) clone: Option<&'r Arc<Cloned>>,
}

/// The password that a user has now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Current {
    /// That of a reset, by its call number.
    Reset(u64),
    /// One that was sent without a reset.
    Sent,
}

/// How a user compares to the files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum UserState {
    Loaded,
    Created,
    Changed,
}

/// What a user is now.
#[derive(Clone, Debug)]
enum Who<'r> {
    AsLoaded(User<'r>),
    Someone(Arc<Someone>),
}

impl UserState {
    pub(crate) const NAMES: [&'static str; 3] = ["loaded", "created", "changed"];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Loaded => "loaded",
            Self::Created => "created",
            Self::Changed => "changed",
        }
    }

    pub(crate) fn named(name: &str) -> Option<Self> {
        [Self::Loaded, Self::Created, Self::Changed].into_iter().find(|state| state.name() == name)
    }
}

impl<'r> Found<'r> {
    /// One who is as he was loaded.
    #[inline]
    pub(crate) fn loaded(key: UserKey, user: User<'r>, clone: Option<&'r Arc<Cloned>>) -> Self {
        Self { key, who: Who::AsLoaded(user), clone }
    }

    /// The id of the loaded project from which draws are made.
    pub(crate) fn template<'f>(&'f self, asked: &'f str) -> &'f str {
        self.clone.map_or(asked, |clone| clone.template())
    }

    /// What he is now.
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
            Who::Someone(_) if is_created(self.key.user) => UserState::Created,
            Who::Someone(_) => UserState::Changed,
        }
    }

    fn sent(&self) -> Option<&SentPassword> {
        match &self.who {
            Who::AsLoaded(_) => None,
            Who::Someone(someone) => someone.sent.as_ref(),
        }
    }

    /// Where one is counted who was created.
    fn tally(&self) -> Option<&Tally> {
        match &self.who {
            Who::AsLoaded(_) => None,
            Who::Someone(someone) => someone.tally(),
        }
    }
}

impl Running {
    /// A user by ids, or which of them is not there.
    #[inline]
    pub(crate) fn find(&self, project: &str, user: &str) -> Result<Found<'_>, Missing> {
        match self.setup.directory().user(project, user) {
            Ok((key, loaded)) => {
                let is_as_loaded = self.epoch.people(key.project).is_none_or(|people| !people.is_changed());
                if is_as_loaded { Ok(Found::loaded(key, loaded, None)) } else { self.find_changed(project, user) }
            }
            Err(_) => self.find_changed(project, user),
        }
    }

    /// The same where the project is a clone, or somebody in it is not as he was loaded.
    #[inline(never)]
    fn find_changed(&self, project: &str, user: &str) -> Result<Found<'_>, Missing> {
        let place = self.project_at(project).ok_or(Missing::Project)?;
        let key = |user| UserKey { project: place.index, user };
        match place.people.find(place.project, user).ok_or(Missing::User)? {
            FoundPerson::Loaded(index) => {
                let user = place.project.user_at(index).ok_or(Missing::User)?;
                Ok(Found::loaded(key(index), user, place.clone))
            }
            FoundPerson::Someone(someone) => {
                Ok(Found { key: key(someone.index), who: Who::Someone(someone), clone: place.clone })
            }
        }
    }

    /// Whether somebody of a loaded project, or of a clone of it, is not as he was loaded.
    pub(crate) fn is_changed(&self, project: ProjectIndex, clone: Option<&Arc<Cloned>>) -> bool {
        let people = clone.map_or_else(|| self.epoch.people(project), |clone| Some(&clone.people));
        people.is_some_and(|people| people.is_changed())
    }

    /// A project by its id, a loaded one or a clone.
    pub(crate) fn project_at(&self, id: &str) -> Option<Place<'_>> {
        let directory = self.setup.directory();
        if let Some((index, project)) = directory.project(id) {
            return Some(Place { index, project, people: self.epoch.people(index)?, clone: None });
        }
        self.place_of(self.clones.get(id)?)
    }

    fn place_of<'r>(&'r self, clone: &'r Arc<Cloned>) -> Option<Place<'r>> {
        let (index, project) = self.setup.directory().project(clone.template())?;
        Some(Place { index, project, people: &clone.people, clone: Some(clone) })
    }

    /// Where a user stands or stood, also if he is gone, or the clone is in which he stood.
    pub(crate) fn key_of(&self, project: &str, user: &str) -> Option<UserKey> {
        let gone = || self.clones.gone(project).and_then(|clone| self.place_of(clone));
        let place = self.project_at(project).or_else(gone)?;
        let user = place.project.user_index(user).or_else(|| place.people.created_index(user))?;
        Some(UserKey { project: place.clone.map_or(place.index, |clone| clone.index.project()), user })
    }

    /// The index of a loaded project, by its id or by that of a clone of it.
    pub(crate) fn template_index(&self, project: &str) -> Option<ProjectIndex> {
        let directory = self.setup.directory();
        let loaded = directory.project(project);
        let template = || directory.project(self.clones.get(project)?.template());
        loaded.or_else(template).map(|(index, _)| index)
    }

    /// Where calls of an account happen that name a project: in the clone to which it is bound, if there is one.
    pub(crate) fn own_project<'p>(&'p self, project: &'p str, account: Option<&str>) -> &'p str {
        let bound = account.and_then(|account| self.clones.bound(project, account));
        bound.map_or(project, |clone| clone.id())
    }

    /// Counts a call, and gives its number.
    #[inline]
    pub(in crate::state) fn count(&self, found: &Found<'_>) -> Result<u64, Moved> {
        match (found.clone, &found.who) {
            (None, Who::AsLoaded(_)) => self.epoch.count(found.key),
            _ => self.count_apart(found),
        }
    }

    /// The side effect of a call: its password is the current one, unless a later call's is. False if the counters
    /// have moved.
    #[inline]
    pub(in crate::state) fn succeed(&self, found: &Found<'_>, call: u64) -> bool {
        match (found.clone, &found.who) {
            (None, Who::AsLoaded(_)) => self.epoch.succeed(found.key, call),
            _ => self.succeed_apart(found, call),
        }
    }

    #[cold]
    #[inline(never)]
    fn count_apart(&self, found: &Found<'_>) -> Result<u64, Moved> {
        match (found.clone, found.tally()) {
            (None, None) => self.epoch.count(found.key),
            (None, Some(tally)) => Ok(tally.count()),
            (Some(clone), _) => Ok(clone.count(found.user())),
        }
    }

    #[cold]
    #[inline(never)]
    fn succeed_apart(&self, found: &Found<'_>, call: u64) -> bool {
        match (found.clone, found.tally()) {
            (None, None) => return self.epoch.succeed(found.key, call),
            (None, Some(tally)) => tally.succeed(call),
            (Some(clone), _) => clone.succeed(found.user(), call),
        }
        true
    }

    /// How many calls were counted.
    pub(crate) fn calls(&self, found: &Found<'_>) -> u64 {
        match (found.clone, found.tally()) {
            (None, None) => self.epoch.calls(found.key),
            (None, Some(tally)) => tally.calls(),
            (Some(clone), _) => clone.calls(found.user()),
        }
    }

    /// The highest successful call number, if there is one.
    pub(crate) fn highest(&self, found: &Found<'_>) -> Option<u64> {
        let highest = match (found.clone, found.tally()) {
            (None, None) => self.epoch.highest(found.key),
            (None, Some(tally)) => tally.highest(),
            (Some(clone), _) => clone.highest(found.user()),
        };
        (highest > 0).then_some(highest)
    }

    /// The highest successful call number of somebody who is being changed, or 0.
    pub(crate) fn highest_at(&self, place: &Place<'_>, found: &FoundPerson, person: &Person) -> u64 {
        let index = match (place.clone, found) {
            (Some(clone), _) => return clone.highest(User::Changed(person)),
            (None, FoundPerson::Someone(someone)) => match someone.tally() {
                Some(tally) => return tally.highest(),
                None => someone.index,
            },
            (None, FoundPerson::Loaded(index)) => *index,
        };
        self.epoch.highest(UserKey { project: place.index, user: index })
    }

    /// Which password a user has now, if a reset or a message gave one.
    pub(crate) fn current(&self, found: &Found<'_>) -> Option<Current> {
        let highest = self.highest(found);
        // What he was sent goes before the resets that there had been.
        let is_sent = found.sent().is_some_and(|sent| highest.unwrap_or(0) <= sent.resets);
        if is_sent { Some(Current::Sent) } else { highest.map(Current::Reset) }
    }

    /// A user's password now, and the call that got it; none got one that he was sent without a reset of his.
    pub(crate) fn current_password(&self, found: &Found<'_>) -> Option<(Option<u64>, String)> {
        Some(match self.current(found)? {
            Current::Reset(call) => (Some(call), self.setup.password(found.user(), call).to_string()),
            Current::Sent => (None, found.sent()?.password.clone()),
        })
    }

    /// What tells a life of the project from others in request ids.
    pub(in crate::state) fn life(&self, found: &Found<'_>) -> u64 {
        found.clone.map_or_else(|| self.epoch.life(found.key.project), |clone| clone.life_of_ids())
    }

    /// What is cancelled when the project is reset or goes, or for a request of none when everything is reset.
    pub(crate) fn ending(&self, project: Option<&str>) -> &CancellationToken {
        let loaded = project.and_then(|id| self.setup.directory().project(id));
        let clone = project.filter(|_| loaded.is_none()).and_then(|id| self.clones.get(id));
        clone.map_or_else(|| self.epoch.ending(loaded.map(|(index, _)| index)), |clone| clone.ending())
    }
}
