//! A snapshot of some users of a project, for lists that are written while they are sent.

use super::user_changes::{Each, Someone};
use crate::fixture::{Person, Project};
use crate::ids::UserIndex;
use crate::state::Patch;
use std::borrow::Cow;
use std::sync::Arc;

/// Users in order. Users as loaded are kept by index, the others by value.
#[derive(Debug, Default)]
pub(crate) struct Picked {
    stretches: Vec<Stretch>,
    /// Bytes of patches and created users, as if nothing else held them.
    kept_bytes: usize,
}

#[derive(Debug)]
enum Stretch {
    /// Consecutive users as loaded.
    Loaded {
        first: UserIndex,
        count: u32,
    },
    Changed(UserIndex, Arc<Patch>),
    Created(Arc<Someone>),
}

/// A position between two users.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Reached {
    stretch: usize,
    within: u32,
}

impl Picked {
    pub(crate) fn add(&mut self, each: &Each<'_>) {
        let stretch = match each {
            Each::AsLoaded(index, _) => {
                if let Some(Stretch::Loaded { first, count }) = self.stretches.last_mut()
                    && first.after(*count) == *index
                {
                    *count += 1;
                    return;
                }
                Stretch::Loaded { first: *index, count: 1 }
            }
            Each::Changed(index, patch, _) => {
                self.kept_bytes += patch.bytes();
                Stretch::Changed(*index, Arc::clone(patch))
            }
            Each::Created(someone) => {
                self.kept_bytes += someone.bytes();
                Stretch::Created(Arc::clone(someone))
            }
        };
        self.stretches.push(stretch);
    }

    /// Returns spare capacity.
    pub(crate) fn shrink(&mut self) {
        self.stretches.shrink_to_fit();
    }

    /// Bytes of memory, as if nothing else held the users.
    pub(crate) fn bytes(&self) -> usize {
        self.stretches.capacity() * size_of::<Stretch>() + self.kept_bytes
    }

    /// The next user as of the snapshot; `project` is as loaded then.
    pub(crate) fn next<'p>(&'p self, reached: &mut Reached, project: &'p Project) -> Option<Cow<'p, Person>> {
        let loaded = |index| project.user_at(index).map(Person::of);
        let stretch = self.stretches.get(reached.stretch)?;
        let (person, is_last) = match stretch {
            Stretch::Loaded { first, count } => {
                (loaded(first.after(reached.within)).map(Cow::Owned), reached.within + 1 == *count)
            }
            Stretch::Changed(index, patch) => (loaded(*index).map(|person| Cow::Owned(patch.over(person))), true),
            Stretch::Created(someone) => (Some(Cow::Borrowed(&someone.person)), true),
        };
        *reached = if is_last {
            Reached { stretch: reached.stretch + 1, within: 0 }
        } else {
            Reached { within: reached.within + 1, ..*reached }
        };
        person
    }
}
