//! The stream of a call: which of the draws of a key are a user's or an account's.

use sha2::{Digest, Sha256};

/// Tells the draws of one user or account from those of others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Stream(u64);

impl Stream {
    /// The stream of a user: of resets, passwords and messages.
    pub(crate) fn of_user(project: &str, user: &str) -> Self {
        Self(hash(project, user))
    }

    /// The stream of calls of an operation other than the reset: by a user in a project, an account in a project, or an
    /// account.
    pub(crate) fn of_calls(operation: &str, project: Option<&str>, who: &str) -> Self {
        let who = project.map_or_else(|| who.into(), |project| format!("{project}/{who}"));
        Self(hash(operation, &who))
    }

    #[cfg(test)]
    pub(crate) const fn new(stream: u64) -> Self {
        Self(stream)
    }

    pub(crate) const fn get(self) -> u64 {
        self.0
    }
}

/// The first 8 bytes, little-endian, of SHA-256 over two texts with a zero byte between them.
pub(super) fn hash(first: &str, second: &str) -> u64 {
    let hash: [u8; 32] = Sha256::new().chain_update(first).chain_update([0]).chain_update(second).finalize().into();
    let (first, _) = hash.as_chunks::<8>();
    u64::from_le_bytes(invariant!(first.first().copied(), [0; 8], "a hash has 32 bytes"))
}
