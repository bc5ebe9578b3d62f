//! Issued tokens. A token contains its own claims, so only revocations and, for rules that ask for it, uses are kept here.
//! Both lists are bounded.

use crate::draw::{hex, keyed_hash};
use parking_lot::Mutex;
use serde::Serialize;
use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicU64, Ordering};

const ID_BYTES: usize = 16;

/// An issued token as the admin API shows it: without the token itself.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "Token"))]
pub(crate) struct Issued {
    /// An id that does not reveal the token.
    pub(crate) id: String,
    /// Its account, as `domain/name`.
    pub(crate) account: String,
    /// The project or domain that it is for.
    pub(crate) scope: String,
    /// The time of issue.
    pub(crate) issued_at: String,
    /// The time from which on it is refused.
    pub(crate) expires_at: String,
    #[serde(skip)]
    pub(crate) expires_ms: i64,
}

/// The tokens of a server.
#[derive(Debug)]
pub(crate) struct Tokens {
    kept: Mutex<Kept>,
    made: AtomicU64,
    issued_max: usize,
    revoked_max: usize,
}

#[derive(Debug, Default)]
struct Kept {
    /// The last ones that were issued.
    issued: VecDeque<Issued>,
    /// Number of tokens that are no longer listed.
    dropped: u64,
    /// Until when they would be good.
    revoked: HashMap<Box<str>, i64>,
    /// Uses by id, and the ids from the one that was first used.
    uses: HashMap<Box<str>, u64>,
    used: VecDeque<Box<str>>,
}

/// Why a token was not revoked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NotRevoked {
    Unknown,
    /// The limit: this number of tokens is revoked.
    Full(usize),
}

/// The id of a token, which reveals nothing of it.
pub(crate) fn token_id(token: &str) -> String {
    let hash = keyed_hash(b"wksmock token id 1", &[token.as_bytes()]);
    hex(hash.split_at(ID_BYTES).0)
}

impl Tokens {
    pub(crate) fn new(issued_max: usize, revoked_max: usize) -> Self {
        Self { kept: Mutex::default(), made: AtomicU64::new(0), issued_max, revoked_max }
    }

    /// The number of a token that is made.
    pub(crate) fn serial(&self) -> u64 {
        self.made.fetch_add(1, Ordering::Relaxed)
    }

    /// Notes a token that was handed out.
    pub(crate) fn issue(&self, token: Issued) {
        let mut kept = self.kept.lock();
        if kept.issued.len() >= self.issued_max {
            kept.issued.pop_front();
            kept.dropped += 1;
        }
        kept.issued.push_back(token);
    }

    /// The last tokens that were issued, and how many are not among them any more.
    pub(crate) fn issued(&self) -> (Vec<Issued>, u64) {
        let kept = self.kept.lock();
        (
            kept.issued.iter().filter(|token| !kept.revoked.contains_key(token.id.as_str())).cloned().collect(),
            kept.dropped,
        )
    }

    /// Revokes a token that is listed. `now_ms` is the time by which tokens expire: those that have need not be known any
    /// more.
    pub(crate) fn revoke(&self, id: &str, now_ms: i64) -> Result<(), NotRevoked> {
        let mut kept = self.kept.lock();
        let listed = kept.issued.iter().find(|token| token.id == id).map(|token| token.expires_ms);
        let expires_ms = listed.filter(|_| !kept.revoked.contains_key(id)).ok_or(NotRevoked::Unknown)?;
        if kept.revoked.len() >= self.revoked_max {
            kept.revoked.retain(|_, expires_ms| *expires_ms > now_ms);
        }
        if kept.revoked.len() >= self.revoked_max {
            return Err(NotRevoked::Full(self.revoked_max));
        }
        kept.revoked.insert(id.into(), expires_ms);
        Ok(())
    }

    pub(crate) fn is_revoked(&self, id: &str) -> bool {
        self.kept.lock().revoked.contains_key(id)
    }

    /// Counts a use of a token, and gives its number. Of too many tokens the one is forgotten that was first used.
    pub(crate) fn use_once(&self, id: &str) -> u64 {
        let mut kept = self.kept.lock();
        if let Some(uses) = kept.uses.get_mut(id) {
            *uses += 1;
            return *uses;
        }
        if kept.used.len() >= self.issued_max
            && let Some(first) = kept.used.pop_front()
        {
            kept.uses.remove(&first);
        }
        kept.used.push_back(id.into());
        kept.uses.insert(id.into(), 1);
        1
    }

    /// Uses are counted anew after a reset; tokens stay.
    pub(super) fn forget_uses(&self) {
        let mut kept = self.kept.lock();
        kept.uses.clear();
        kept.used.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn issued(id: &str) -> Issued {
        let [account, scope, issued_at, expires_at] = [""; 4].map(str::to_owned);
        Issued { id: id.to_owned(), account, scope, issued_at, expires_at, expires_ms: 10 }
    }

    fn ids(tokens: &Tokens) -> (Vec<String>, u64) {
        let (issued, dropped) = tokens.issued();
        (issued.into_iter().map(|token| token.id).collect(), dropped)
    }

    #[test]
    fn last_tokens_are_listed_and_dropped_ones_counted() {
        let tokens = Tokens::new(2, 1);
        for id in ["a", "b", "c"] {
            tokens.issue(issued(id));
        }
        assert_eq!(ids(&tokens), (vec!["b".to_owned(), "c".to_owned()], 1));
    }

    #[test]
    fn tokens_are_revoked_up_to_the_bound() {
        let tokens = Tokens::new(3, 2);
        for id in ["a", "b", "c"] {
            tokens.issue(issued(id));
        }
        let revoke = |id, now_ms| tokens.revoke(id, now_ms);
        assert_eq!(revoke("x", 0), Err(NotRevoked::Unknown));
        assert_eq!([revoke("a", 0), revoke("a", 0)], [Ok(()), Err(NotRevoked::Unknown)]);
        assert_eq!([revoke("b", 0), revoke("c", 9)], [Ok(()), Err(NotRevoked::Full(2))]);
        assert_eq!(["a", "b", "c"].map(|id| tokens.is_revoked(id)), [true, true, false]);
        assert_eq!(ids(&tokens).0, ["c"]);
        assert_eq!(revoke("c", 10), Ok(()), "the others have expired");
    }

    #[test]
    fn uses_are_counted_for_a_bounded_number_of_tokens() {
        let tokens = Tokens::new(2, 1);
        assert_eq!(["a", "a", "b", "c", "c"].map(|id| tokens.use_once(id)), [1, 2, 1, 1, 2]);
        assert_eq!(tokens.use_once("a"), 1, "it was forgotten");
        tokens.forget_uses();
        assert_eq!(tokens.use_once("a"), 1);
    }
}
