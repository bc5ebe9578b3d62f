//! Why a request is refused before it is counted.

use super::parse::placeholder_note;
use crate::contract::{ErrorCode, Fidelity, HEAD_TOO_LONG, Service, Situation, Transport};
use crate::fixture::Missing;
use crate::limits::Limits;
use crate::scenario::RuleLabel;
use crate::state::Extras;
use std::fmt::Write as _;
use std::sync::Arc;

/// An objection of one of the steps before counting.
#[derive(Debug)]
pub(crate) struct Refused {
    why: Why,
    /// The error, and what to do about it.
    pub(crate) message: String,
    /// The methods that are allowed instead.
    pub(super) allow: Option<String>,
    /// The code where it is not that of the situation.
    pub(super) code: Option<String>,
    /// The sealed reason of a refusal.
    pub(super) sealed: Option<String>,
    /// The message in full, for the journal, where it does not fit an answer.
    pub(super) details: Option<String>,
    /// Help for journal and log, which the real service would not send.
    hint: Option<&'static str>,
    /// The rule that refuses it.
    pub(super) rule: Option<Arc<RuleLabel>>,
    /// The caller context, if the caller is known.
    pub(super) whose: Option<Box<Extras>>,
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
        Self {
            why: Why::Situation(situation),
            message: message.into(),
            allow: None,
            code: None,
            sealed: None,
            details: None,
            hint: None,
            rule: None,
            whose: None,
            close: false,
        }
    }

    /// The objection to an unknown project or user.
    pub(super) fn unknown(missing: Missing, project: &str, user: &str) -> Self {
        let (id, refused) = match missing {
            Missing::Project => (project, Self::new(Situation::UnknownProject, format!("Unknown project {project}."))),
            Missing::User => {
                (user, Self::new(Situation::UnknownUser, format!("Unknown user {user} in project {project}.")))
            }
        };
        match placeholder_note(id) {
            Some((note, hint)) => Self { message: format!("{}{note}", refused.message), ..refused }.hint(hint),
            None => refused.hint("GET /__admin/users lists the users."),
        }
    }

    /// A status of the transport; the connection is closed.
    pub(crate) fn transport(row: &'static Transport, message: impl Into<String>) -> Self {
        Self { why: Why::Transport(row), close: true, ..Self::new(Situation::InvalidParameter, message) }
    }

    /// The objection to a head with too many bytes or fields.
    pub(crate) fn head_too_long(limits: &Limits) -> Self {
        let Limits { head_bytes_max, head_fields_max, .. } = limits;
        let message =
            format!("The head of the request has more than {head_bytes_max} bytes or {head_fields_max} fields.");
        Self::transport(&HEAD_TOO_LONG, message)
    }

    pub(super) fn allow(mut self, methods: String) -> Self {
        self.allow = Some(methods);
        self
    }

    pub(crate) fn hint(mut self, hint: &'static str) -> Self {
        self.set_hint(hint);
        self
    }

    pub(super) fn set_hint(&mut self, hint: &'static str) {
        self.hint = Some(hint);
    }

    /// The problem for journal and log; `said` is the message of the answer.
    pub(super) fn problem(&self, said: &str) -> String {
        let mut problem = self.details.as_deref().unwrap_or(said).to_owned();
        if let Some(rule) = &self.rule {
            let _ = write!(problem, " (rule {:?}, {})", rule.name, rule.place);
        }
        if let Some(hint) = self.hint {
            problem.extend([" ", hint]);
        }
        problem
    }

    /// Says whose call it is, if that is known.
    pub(super) fn of(mut self: Box<Self>, whose: Option<Box<Extras>>) -> Box<Self> {
        self.whose = whose;
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

    /// Whether the transport objects, and not an operation.
    pub(super) fn is_of_transport(&self) -> bool {
        matches!(self.why, Why::Transport(_))
    }

    pub(crate) fn error(&self, service: Service, fidelity: Fidelity) -> &'static ErrorCode {
        match self.why {
            Why::Situation(situation) => service.error(situation, fidelity),
            Why::Transport(row) => row.error,
        }
    }
}

/// The objection to a wrong parameter or body.
pub(super) fn invalid(message: impl Into<String>) -> Box<Refused> {
    Refused::new(Situation::InvalidParameter, message).boxed()
}
