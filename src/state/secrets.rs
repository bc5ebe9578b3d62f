//! The secrets that were handed out, to find them where they must not be.

use crate::diagnostics::Needles;
use crate::draw::Password;
use crate::ids::UserKey;
use parking_lot::{Mutex, MutexGuard};

/// Bytes of a secret that are compared: of a longer one its last ones.
pub(crate) const SECRET_BYTES_MAX: usize = 8 << 10;

/// The secrets that were handed out. It exists only if leaks are looked for.
#[derive(Debug)]
pub(crate) struct Secrets {
    known: Mutex<KnownSecrets>,
    most: usize,
}

#[derive(Debug)]
pub(crate) struct KnownSecrets {
    pub(crate) needles: Needles<HandedOut>,
    /// Number of secrets beyond the limit.
    pub(crate) more: u64,
}

/// How a secret came to be handed out.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum HandedOut {
    /// A password, by a reset: the user's, and the call's number.
    Reset(UserKey, u64),
    /// A password that was given otherwise, with its description. The ids of created users are unknown after a reset.
    Otherwise(Box<str>),
    /// Another secret, by the name of its kind.
    Other(&'static str),
}

/// The description of the password of a reset.
pub(crate) fn password_of_call(call: u64, user: &str, project: &str) -> String {
    format!("the password of call {call} of user {user} of project {project}")
}

impl Secrets {
    pub(crate) fn new(most: usize) -> Self {
        Self { known: Mutex::new(KnownSecrets { needles: Needles::new(SECRET_BYTES_MAX), more: 0 }), most }
    }

    /// Notes a password.
    pub(crate) fn hand_out(&self, password: &Password, how: HandedOut) {
        self.note(password.bytes(), how);
    }

    /// Notes a secret that is not a password.
    pub(crate) fn hand_out_other(&self, secret: &str, what: &'static str) {
        self.note(secret.as_bytes(), HandedOut::Other(what));
    }

    fn note(&self, secret: &[u8], how: HandedOut) {
        let mut known = self.known.lock();
        // A clone hands out the passwords of its template: the first one is reported.
        if known.needles.contains(secret) {
            return;
        }
        if known.needles.count() < self.most {
            known.needles.insert(secret, how);
        } else {
            known.more += 1;
        }
    }

    pub(crate) fn known(&self) -> MutexGuard<'_, KnownSecrets> {
        self.known.lock()
    }
}
