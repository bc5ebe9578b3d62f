//! A user as requests name him, in a loaded project or in a clone of one, and what is counted of him.

use super::Running;
use super::clones::Cloned;
use super::epoch::Moved;
use crate::fixture::{Missing, User, UserKey};
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

/// A user who was found.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Found<'r> {
    /// Whose rules hold for him: in a clone those of the template's user.
    pub(crate) key: UserKey,
    pub(crate) user: User<'r>,
    /// The clone, if he is asked for in one.
    pub(crate) clone: Option<&'r Arc<Cloned>>,
}

impl Found<'_> {
    /// The id of the loaded project from which draws are made.
    pub(crate) fn template<'f>(&'f self, asked: &'f str) -> &'f str {
        self.clone.map_or(asked, |clone| clone.template())
    }
}

impl Running {
    /// A user by ids, or which of them is not there.
    #[inline]
    pub(crate) fn find(&self, project: &str, user: &str) -> Result<Found<'_>, Missing> {
        match self.set_up.directory().user(project, user) {
            Ok((key, user)) => Ok(Found { key, user, clone: None }),
            Err(Missing::Project) => self.find_in_clone(project, user),
            Err(missing) => Err(missing),
        }
    }

    #[inline(never)]
    fn find_in_clone(&self, project: &str, user: &str) -> Result<Found<'_>, Missing> {
        let clone = self.clones.get(project).ok_or(Missing::Project)?;
        let (key, user) = self.set_up.directory().user(clone.template(), user)?;
        Ok(Found { key, user, clone: Some(clone) })
    }

    /// The index of a loaded project, by its id or by that of a clone of it.
    pub(crate) fn template_index(&self, project: &str) -> Option<u32> {
        let directory = self.set_up.directory();
        let loaded = directory.project(project);
        let template = || directory.project(self.clones.get(project)?.template());
        loaded.or_else(template).map(|(index, _)| index)
    }

    /// Counts a call, and gives its number.
    #[inline]
    pub(super) fn count(&self, found: &Found<'_>) -> Result<u64, Moved> {
        match found.clone {
            None => self.epoch.count(found.key),
            Some(clone) => Ok(clone.count(found.user)),
        }
    }

    /// The side effect of a call: its password is the current one, unless a later call's is. False if the counters
    /// have moved.
    #[inline]
    pub(super) fn succeed(&self, found: &Found<'_>, call: u64) -> bool {
        match found.clone {
            None => self.epoch.succeed(found.key, call),
            Some(clone) => {
                clone.succeed(found.user, call);
                true
            }
        }
    }

    /// How many calls were counted.
    pub(crate) fn calls(&self, found: &Found<'_>) -> u64 {
        match found.clone {
            None => self.epoch.calls(found.key),
            Some(clone) => clone.calls(found.user),
        }
    }

    /// The highest successful call number, if there is one.
    pub(crate) fn highest(&self, found: &Found<'_>) -> Option<u64> {
        let highest = match found.clone {
            None => self.epoch.highest(found.key),
            Some(clone) => clone.highest(found.user),
        };
        (highest > 0).then_some(highest)
    }

    /// What tells a life of the project from others in request ids.
    pub(super) fn life(&self, found: &Found<'_>) -> u64 {
        found.clone.map_or_else(|| self.epoch.life(found.key.project), |clone| clone.life_of_ids())
    }

    /// What is cancelled when the project is reset or goes, or for a request of none when everything is reset.
    pub(crate) fn ending(&self, project: Option<&str>) -> &CancellationToken {
        let loaded = project.and_then(|id| self.set_up.directory().project(id));
        let clone = project.filter(|_| loaded.is_none()).and_then(|id| self.clones.get(id));
        clone.map_or_else(|| self.epoch.ending(loaded.map(|(index, _)| index)), |clone| clone.ending())
    }
}
