//! Identities as types, for every room.

/// Types for positions in lists that never shrink while someone holds the index.
macro_rules! index_types {
    ($($(#[$doc:meta])* $name:ident,)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub(crate) struct $name(u32);

        #[allow(dead_code, reason = "not every room needs every conversion of every index")]
        impl $name {
            pub(crate) const fn new(index: u32) -> Self {
                Self(index)
            }

            /// The index of the entry at a position.
            pub(crate) fn of(position: usize) -> Self {
                Self(invariant!(u32::try_from(position).ok(), u32::MAX, "lists are bounded below u32::MAX"))
            }

            /// The position in the list.
            pub(crate) const fn at(self) -> usize {
                self.0 as usize
            }

            pub(crate) const fn get(self) -> u32 {
                self.0
            }

            /// All indices from 0, to number a list.
            pub(crate) fn all() -> impl Iterator<Item = Self> + Clone {
                (0..).map(Self)
            }
        }
    )*};
}

index_types! {
    /// A loaded user of a project, by the place in the files.
    UserIndex,
    /// A user of a project who was created since its last reset, by order.
    CreatedIndex,
    /// An account, in the order of the files.
    AccountIndex,
    /// A clone; never given twice.
    CloneIndex,
}

impl UserIndex {
    /// The index so many places further on.
    pub(crate) const fn after(self, count: u32) -> Self {
        Self(self.0.saturating_add(count))
    }
}

/// A project. Loaded ones come first, then clones by age.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum ProjectIndex {
    /// A loaded project, by its place in the files.
    Loaded(u32),
    Clone(CloneIndex),
}

impl ProjectIndex {
    pub(crate) const fn new(index: u32) -> Self {
        Self::Loaded(index)
    }

    /// The loaded project at a position.
    pub(crate) fn of(position: usize) -> Self {
        Self::Loaded(invariant!(u32::try_from(position).ok(), u32::MAX, "projects are bounded"))
    }

    /// The position of a loaded project.
    pub(crate) const fn at(self) -> Option<usize> {
        match self {
            Self::Loaded(index) => Some(index as usize),
            Self::Clone(_) => None,
        }
    }

    /// All loaded projects from the first, to number a list.
    pub(crate) fn all() -> impl Iterator<Item = Self> + Clone {
        (0..).map(Self::Loaded)
    }
}

impl CloneIndex {
    pub(crate) const fn project(self) -> ProjectIndex {
        ProjectIndex::Clone(self)
    }
}

/// A user of a project. Loaded ones come first, then those who were created, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum UserPlace {
    Loaded(UserIndex),
    Created(CreatedIndex),
}

impl UserPlace {
    pub(crate) const fn loaded(self) -> Option<UserIndex> {
        match self {
            Self::Loaded(index) => Some(index),
            Self::Created(_) => None,
        }
    }
}

/// A user, by project and place in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct UserKey {
    pub(crate) project: ProjectIndex,
    pub(crate) user: UserPlace,
}

impl UserKey {
    /// A loaded user.
    pub(crate) const fn loaded(project: ProjectIndex, user: UserIndex) -> Self {
        Self { project, user: UserPlace::Loaded(user) }
    }

    /// By the places of a loaded project and of a user in it.
    #[cfg(test)]
    pub(crate) const fn at(project: u32, user: u32) -> Self {
        Self::loaded(ProjectIndex::Loaded(project), UserIndex(user))
    }
}

/// A party that calls are counted for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Party {
    User(UserKey),
    Account(AccountIndex),
    /// A caller without an account that is loaded.
    Unknown,
}

impl Party {
    pub(crate) const fn user(self) -> Option<UserKey> {
        match self {
            Self::User(user) => Some(user),
            Self::Account(_) | Self::Unknown => None,
        }
    }
}

/// The project, and the user in it if there is one, that a call is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct CallTarget {
    /// The loaded project: of a clone, its template.
    pub(crate) project: ProjectIndex,
    /// The user, unless created.
    pub(crate) user: Option<UserIndex>,
    pub(crate) clone: Option<CloneIndex>,
}
