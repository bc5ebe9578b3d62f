//! A journal entry as the library shows it, and the admin API as JSON.

use crate::engine::Setup;
use crate::scenario::{FaultClass, FaultKind};
use serde::Serialize;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::time::Duration;

/// A journal entry: one request, the decision about it, and its answer.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Entry {
    /// The position in the journal, from 1 in order of arrival. Deletions and resets do not start it again.
    pub index: u64,
    /// The number of resets before it, of everything or of its project, plus 1.
    pub epoch: u64,
    /// The `X-Request-Id` of the answer; `None` while in flight.
    pub request_id: Option<String>,
    /// How far the request came.
    pub state: EntryState,
    /// When the request arrived, in milliseconds of virtual time.
    pub at_ms: u64,
    /// When the request arrived in real time, in milliseconds since 1970. Moves of the clock and resets do not change it.
    pub arrived_unix_ms: i64,
    /// The operationId; `None` if the path is unknown.
    pub operation: Option<String>,
    /// The method.
    pub method: String,
    /// Path and query as they were sent, secrets redacted.
    pub target: String,
    /// The project or clone in which it happened.
    pub project: Option<String>,
    /// The user in the path.
    pub user: Option<String>,
    /// The account that called, as `domain/name`; `None` without credentials.
    pub account: Option<String>,
    /// The call number; `None` if the request was not counted.
    pub call: Option<u64>,
    /// The requested notification types; empty if none, or if the value is not allowed.
    #[cfg_attr(test, schemars(with = "Vec<crate::contract::NotificationType>"))]
    pub notification_type: Vec<String>,
    /// Header fields by lower-case name, secrets redacted. The values of a repeated field are joined with `, `.
    pub headers: BTreeMap<String, String>,
    /// The request's body; `None` without one, before it has arrived, and if it was refused unread.
    pub request_body: Option<Body>,
    /// The decision; `None` if the request was not counted. It is there while an answer is delayed, and when it is lost.
    pub decision: Option<Decision>,
    /// The answer; `None` while in flight, if the connection was cut, and for an error that ends a connection of HTTP/2.
    pub answer: Option<Answer>,
    /// The body of the answer, and the effect of a fault; `None` without one, and while in flight.
    pub answer_body: Option<Body>,
    /// Why the request was rejected, and what to do.
    pub problem: Option<String>,
    /// The TLS of its connection, unless that is plain HTTP.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tls: Option<Tls>,
    /// The sender, if not a client.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<By>,
    /// When it arrived, by real time since the start of the server.
    #[serde(skip)]
    pub(crate) arrived: Duration,
    /// When it ended, by real time since the start of the server.
    #[serde(skip)]
    pub(crate) ended: Option<Duration>,
}

impl Entry {
    /// Hides secrets of the client, and adds the time of day, given when the server started.
    pub(in crate::state) fn complete(&mut self, setup: &Setup, started_unix_ms: i64) {
        let since = i64::try_from(self.arrived.as_millis()).unwrap_or(i64::MAX);
        self.arrived_unix_ms = started_unix_ms.saturating_add(since);
        let always = [&mut self.method, &mut self.target];
        let texts = [self.project.as_mut(), self.user.as_mut(), self.problem.as_mut()];
        let bodies = [&mut self.request_body, &mut self.answer_body].into_iter().flatten();
        let bodies = bodies.filter_map(|body| body.text.as_mut());
        let all = always.into_iter().chain(texts.into_iter().flatten()).chain(self.headers.values_mut());
        for text in all.chain(bodies) {
            if let Cow::Owned(hidden) = setup.hide(text) {
                *text = hidden;
            }
        }
    }

    /// Whether the request or the reason for its refusal contains a text in lower case.
    pub(in crate::state) fn has_text(&self, text: &str) -> bool {
        let named = [&self.request_id, &self.project, &self.user, &self.problem].into_iter().flatten();
        let mut all = std::iter::once(&self.target).chain(self.headers.values()).chain(named);
        all.any(|one| lower_case(one).contains(text))
    }

    /// Whether the decided answer did not reach the client whole and right.
    pub(crate) fn is_lost(&self) -> bool {
        let fault = self.decision.as_ref().and_then(|decision| FaultKind::named(decision.fault?));
        self.state != EntryState::Answered || fault.is_some_and(|kind| kind.class != FaultClass::Slowing)
    }
}

/// The body of a request or an answer, as far as the journal keeps it: `entry_body_bytes_max` bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Body {
    /// Its beginning, secrets as `***`, bytes that are not UTF-8 as U+FFFD; `None` if it was dropped or not sent.
    pub text: Option<String>,
    /// The length of the whole body.
    pub bytes: u64,
    /// Number of bytes that `text` shows; `None` if all.
    pub cut_at: Option<usize>,
    /// The effect of a fault, or why there is no text.
    pub note: Option<String>,
}

/// The agreement of a connection's TLS handshake.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Tls {
    /// `1.2` or `1.3`.
    #[cfg_attr(test, schemars(extend("enum" = ["1.2", "1.3"])))]
    pub version: String,
    /// The protocol that was agreed on, such as `http/1.1`; `None` if the client offered none.
    pub alpn: Option<String>,
    /// The server's name, as the client sent it; `None` for an IP address.
    pub sni: Option<String>,
}

/// A text by which others are found whatever their case. Each character is changed for itself, so that a part of a text is
/// found in all of it.
pub(crate) fn lower_case(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    text.chars().flat_map(char::to_lowercase).collect()
}

/// A sender of requests that is not a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum By {
    /// The console, by `POST /__admin/try`.
    Console,
}

named_enum! {
    /// How far a request came.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
    #[cfg_attr(test, derive(schemars::JsonSchema))]
    #[serde(rename_all = "snake_case")]
    #[non_exhaustive]
    pub enum EntryState {
        /// Not answered yet.
        InFlight = "in_flight",
        /// Counted and answered.
        Answered = "answered",
        /// Counted, but no complete answer left: a fault lost it, the connection ended before, or a reset struck.
        Cut = "cut",
        /// Refused before it was counted; `problem` reports why.
        Rejected = "rejected",
    }
}

/// The decision about a call.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "Outcome"))]
#[non_exhaustive]
pub struct Decision {
    /// The status that is answered; where a fault sends no answer, the status that it would have had.
    pub status: u16,
    /// Whether a failure or a fault struck `before` or `after` the side effect; `None` without one.
    #[cfg_attr(test, schemars(with = "Option<crate::scenario::Phase>"))]
    pub phase: Option<&'static str>,
    /// How long the answer is held back, in milliseconds.
    pub delay_ms: u64,
    /// The fault on the wire, by name.
    #[cfg_attr(test, schemars(schema_with = "crate::scenario::fault_names"))]
    pub fault: Option<&'static str>,
    /// The new password, if the call sets one.
    pub password: Option<String>,
    /// The error of a status from 400.
    pub error: Option<DecisionError>,
    /// The rules that caused it.
    pub causes: Causes,
}

/// Code and message of an error body.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct DecisionError {
    /// The `error_code`.
    pub code: String,
    /// The `error_msg`.
    pub message: String,
}

/// The rules that caused the facets. A facet without a rule is the API's own behaviour.
#[derive(Clone, Debug, Default, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Causes {
    /// The rule that set the status.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<Cause>,
    /// The rule that set the delay.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delay: Option<Cause>,
    /// The rule that set the fault.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fault: Option<Cause>,
}

/// A rule, and where it stands.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Cause {
    /// The rule's name.
    pub rule: String,
    /// `file:line:column`, `--fault`, or `override 3`.
    pub place: String,
}

/// The answer to a request.
#[derive(Clone, Copy, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The length of the body, in bytes.
    pub bytes: u64,
    /// How long it took from arrival, in milliseconds.
    pub after_ms: u64,
}
