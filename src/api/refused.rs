//! Why a request is refused before it is counted.

use crate::contract::{ErrorCode, Fidelity, Situation, Transport};

/// An objection of one of the steps before counting.
#[derive(Debug)]
pub(crate) struct Refused {
    why: Why,
    /// What is wrong, and what to do.
    pub(crate) message: String,
    /// The method that is allowed instead.
    pub(super) allow: Option<&'static str>,
    /// Whether the rest of the connection cannot be trusted.
    pub(super) close: bool,
}

#[derive(Debug)]
enum Why {
    Situation(Situation),
    Transport(&'static Transport),
}

impl Refused {
    pub(crate) fn new(situation: Situation, message: impl Into<String>) -> Self {
        Self { why: Why::Situation(situation), message: message.into(), allow: None, close: false }
    }

    /// A status of the transport; the connection is closed.
    pub(crate) fn transport(row: &'static Transport, message: impl Into<String>) -> Self {
        Self { why: Why::Transport(row), message: message.into(), allow: None, close: true }
    }

    pub(super) fn allow(mut self, method: &'static str) -> Self {
        self.allow = Some(method);
        self
    }

    pub(crate) fn closing(mut self) -> Self {
        self.close = true;
        self
    }

    /// Objections travel boxed, so that the good path stays small.
    pub(super) fn boxed(self) -> Box<Self> {
        Box::new(self)
    }

    pub(crate) fn error(&self, fidelity: Fidelity) -> &'static ErrorCode {
        match self.why {
            Why::Situation(situation) => situation.error(fidelity),
            Why::Transport(row) => row.error,
        }
    }
}
