//! The passwords that were handed out, for whoever looks for them where they must not be.

use crate::draw::Password;
use crate::fixture::UserKey;
use parking_lot::{Mutex, MutexGuard};
use std::collections::HashMap;
use std::fmt;

/// Passwords, each with the call that got it. There is one of these only where somebody looks.
#[derive(Debug)]
pub(crate) struct Secrets {
    known: Mutex<Known>,
    most: usize,
}

#[derive(Default)]
pub(crate) struct Known {
    passwords: HashMap<Box<[u8]>, HandedOut>,
    /// What else was handed out, and what it is.
    others: HashMap<Box<[u8]>, &'static str>,
    /// That of each of them.
    length: usize,
    /// How many found no room.
    pub(crate) more: u64,
}

/// How a password came to be handed out.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum HandedOut {
    /// By a reset: the user's, and the call's number.
    Reset(UserKey, u64),
    /// Otherwise, as it is told. Users who are created have ids that are not known any more after a reset.
    Otherwise(Box<str>),
}

/// How the password of a reset is told.
pub(crate) fn password_of_call(call: u64, user: &str, project: &str) -> String {
    format!("the password of call {call} of user {user} of project {project}")
}

impl fmt::Debug for Known {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Known").field("passwords", &self.passwords.len()).finish_non_exhaustive()
    }
}

impl Secrets {
    pub(crate) fn new(most: usize) -> Self {
        Self { known: Mutex::default(), most }
    }

    /// Notes a password.
    pub(crate) fn hand_out(&self, password: &Password, how: HandedOut) {
        let mut known = self.known.lock();
        // A clone hands out what its template does: the first who got it is told.
        if known.passwords.contains_key(password.bytes()) {
            return;
        }
        if known.passwords.len() < self.most {
            known.length = password.bytes().len();
            known.passwords.insert(password.bytes().into(), how);
        } else {
            known.more += 1;
        }
    }

    /// Notes a secret that is no password.
    pub(crate) fn hand_out_other(&self, secret: &str, what: &'static str) {
        let mut known = self.known.lock();
        if known.others.len() < self.most {
            known.others.insert(secret.as_bytes().into(), what);
        } else {
            known.more += 1;
        }
    }

    pub(crate) fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock()
    }
}

impl Known {
    /// How many characters each of them has; 0 while there is none.
    pub(crate) fn length(&self) -> usize {
        self.length
    }

    /// What a word is that was handed out and is no password.
    pub(crate) fn other(&self, word: &[u8]) -> Option<&'static str> {
        self.others.get(word).copied()
    }

    /// How a text was handed out that is a password.
    pub(crate) fn password(&self, text: &[u8]) -> Option<&HandedOut> {
        self.passwords.get(text)
    }
}
