//! Some of a project's users as they were at one moment: what a list needs that is written while it is sent.

use super::user_changes::{Each, Someone};
use crate::fixture::{Person, Project};
use crate::ids::UserIndex;
use crate::state::Patch;
use std::borrow::Cow;
use std::sync::Arc;

/// Users in their order. Of those who are as they were loaded it knows the places; the others it keeps as they are, whatever
/// becomes of them.
#[derive(Debug, Default)]
pub(crate) struct Picked {
    stretches: Vec<Stretch>,
    /// What was set of users, and who was created, with nobody else keeping them any more.
    kept_bytes: usize,
}

#[derive(Debug)]
enum Stretch {
    /// One after another, as they were loaded.
    Loaded {
        first: UserIndex,
        count: u32,
    },
    Changed(UserIndex, Arc<Patch>),
    Created(Arc<Someone>),
}

/// A place between two of them.
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

    /// Gives back memory that was meant for more of them.
    pub(crate) fn shrink(&mut self) {
        self.stretches.shrink_to_fit();
    }

    /// Bytes of memory that nobody else may need any more.
    pub(crate) fn bytes(&self) -> usize {
        self.stretches.capacity() * size_of::<Stretch>() + self.kept_bytes
    }

    /// The next one, as he was when he was added; `project` is as it was loaded then.
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
