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
                Self(u32::try_from(position).unwrap_or(u32::MAX))
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
    /// A project: a loaded one by its place in the files, or a clone by [`CloneIndex::project`].
    ProjectIndex,
    /// A user in a project.
    UserIndex,
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

impl CloneIndex {
    /// The clone as a project, which no loaded project is.
    pub(crate) const fn project(self) -> ProjectIndex {
        ProjectIndex(self.0)
    }
}

impl UserKey {
    /// By the places of a loaded project and of a user in it.
    #[cfg(test)]
    pub(crate) const fn at(project: u32, user: u32) -> Self {
        Self { project: ProjectIndex(project), user: UserIndex(user) }
    }
}

/// A user, by project and place in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct UserKey {
    pub(crate) project: ProjectIndex,
    pub(crate) user: UserIndex,
}

/// Who calls are counted for.
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
    pub(crate) user: Option<UserIndex>,
    pub(crate) clone: Option<CloneIndex>,
}
