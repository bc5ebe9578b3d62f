//! The status facet: `status` with `error`, `headers`, `undocumented` and `body`.

use super::Fault;
use super::header_name::check_header_name;
use super::sequence::{FINAL_STATUSES, RawSequence, Statuses, not_documented};
use crate::contract::{CODE_CHARS_MAX, MESSAGE_CHARS_MAX, Scripted, Service, has_body};
use crate::diagnostics::{Fields, Problem, Problems, Text, Vocabulary, shown};
use std::ops::Range;

pub(crate) const ERROR: Vocabulary = Vocabulary {
    what: "an error",
    known: &["code", "message", "reason"],
    examples: &[
        ("a sealed reason", r#"{ "reason": "a policy denies it" }"#),
        ("a code and a message", r#"{ "code": "WKS.00211401", "message": "Out of order." }"#),
    ],
};
/// The fields that need a status beside them.
pub(crate) const BESIDE_A_STATUS: [&str; 4] = ["error", "headers", "undocumented", "body"];
/// Length of a `reason`.
pub(crate) const REASON_CHARS_MAX: usize = 10_000;

/// Headers that are the server's own: they frame the message, or identify it.
pub(crate) const RESERVED: [&str; 11] = [
    "connection",
    "content-length",
    "keep-alive",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "x-request-id",
    "x-wksmock-error",
    "x-wksmock-explain",
];

/// The status facet: the status and the parts of the answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct StatusFacet {
    pub(crate) statuses: Statuses,
    pub(crate) error: ErrorFacet,
    pub(crate) headers: Vec<(Box<str>, Box<str>)>,
    /// Sent instead of the documented body; only where undocumented answers are allowed.
    pub(crate) body: Option<Box<str>>,
}

impl StatusFacet {
    /// A status with nothing beside it.
    pub(crate) fn plain(status: u16) -> Self {
        Self { statuses: Statuses::One(status), error: ErrorFacet::default(), headers: Vec::new(), body: None }
    }

    /// Whether some of its statuses are failures.
    pub(crate) fn fails(&self) -> bool {
        self.statuses.any(|status| status >= 400)
    }
}

/// The parts of an error body that a rule replaces.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct ErrorFacet {
    pub(crate) code: Option<Box<str>>,
    pub(crate) message: Option<Box<str>>,
    /// Sealed into `encoded_authorization_message`.
    pub(crate) reason: Option<Box<str>>,
}

/// The fields of a status facet, each of the right type.
pub(super) struct RawStatus<'v> {
    status: Option<u16>,
    sequence: Option<RawSequence<'v>>,
    status_span: Range<usize>,
    undocumented: bool,
    code: Option<Text<'v>>,
    message: Option<Text<'v>>,
    reason: Option<Text<'v>>,
    error_span: Option<Range<usize>>,
    headers: Vec<(Text<'v>, Text<'v>)>,
    body: Option<Text<'v>>,
}

impl<'v> RawStatus<'v> {
    /// Reads the status fields of a rule. Every problem is kept.
    pub(super) fn read(fields: &Fields<'v>, problems: &mut Problems) -> Option<Self> {
        let status = problems.keep(fields.whole_number("status", FINAL_STATUSES)).flatten();
        let sequence = RawSequence::read(fields, problems);
        let is_given = ["status", "sequence"].into_iter().any(|name| fields.value(name).is_some());
        let beside = BESIDE_A_STATUS.into_iter().find(|name| fields.value(name).is_some());
        if let Some(name) = beside.filter(|_| !is_given) {
            let at = fields.location(fields.opening_of(name));
            let expected = "it needs a `status` or a `sequence` in the same rule";
            problems.push(Problem::new(format!("`{name}` without a `status`"), at, expected));
        }
        let error = fields.object("error", &ERROR, problems);
        let mut text = |name| problems.keep(error.as_ref()?.text(name))?;
        let [code, message, reason] = ["code", "message", "reason"].map(&mut text);
        // One that is wrong was meant.
        let undocumented = problems.keep(fields.boolean("undocumented")).is_none_or(|written| written.unwrap_or(false));
        let headers = problems.keep(fields.map_of_texts("headers")).unwrap_or_default();
        let body = problems.keep(fields.text("body")).flatten();
        is_given.then(|| Self {
            status: status
                .map(|status| invariant!(u16::try_from(status).ok(), u16::MAX, "a status was read within its range")),
            sequence,
            status_span: fields.span("status"),
            undocumented,
            code,
            message,
            reason,
            error_span: error.map(|error| error.whole()),
            headers,
            body,
        })
    }

    /// The one status, if it is one.
    pub(super) fn status(&self) -> Option<u16> {
        self.status
    }

    /// The number of statuses in a sequence; 0 without one.
    pub(super) fn sequence_length(&self) -> usize {
        self.sequence.as_ref().map_or(0, RawSequence::length)
    }

    /// Checks what the fields say. Every problem is kept.
    pub(super) fn check(
        mut self,
        fields: &Fields<'_>,
        operation: Scripted,
        problems: &mut Problems,
    ) -> Option<StatusFacet> {
        let before = problems.count();
        let statuses = self.statuses(fields, operation, problems);
        self.check_error(fields, statuses.as_ref(), problems);
        self.check_shape(operation, problems);
        self.check_headers(problems);
        if let (Some(body), false) = (&self.body, self.undocumented) {
            let problem = Problem::new(
                "a custom `body` for a documented status",
                body.location(),
                "documented statuses are sent with the documented body",
            );
            problems.push(problem.hint("add \"undocumented\": true to send a custom body"));
        }
        if let (Some(body), Some(statuses)) = (&self.body, &statuses) {
            problems.keep(check_body(body, statuses));
        }
        let boxed = |text: Option<Text<'_>>| text.map(|text| text.value.into());
        let headers = self.headers.iter().map(|(name, value)| (name.value.into(), value.value.into()));
        statuses.filter(|_| problems.count() == before).map(|statuses| StatusFacet {
            statuses,
            headers: headers.collect(),
            error: ErrorFacet { code: boxed(self.code), message: boxed(self.message), reason: boxed(self.reason) },
            body: boxed(self.body),
        })
    }

    fn statuses(&mut self, fields: &Fields<'_>, operation: Scripted, problems: &mut Problems) -> Option<Statuses> {
        let at = fields.location(self.status_span.clone());
        match (self.status, self.sequence.take()) {
            _ if ["status", "sequence"].into_iter().all(|name| fields.value(name).is_some()) => {
                let expected = "use one of the two";
                problems.push(Problem::new("`status` cannot be combined with `sequence`", at, expected));
                None
            }
            (None, Some(sequence)) => sequence.check(fields, operation, self.undocumented, problems),
            (Some(status), None) => {
                if !self.undocumented && operation.status(status).is_none() {
                    problems.push(not_documented(status, operation, at));
                }
                Some(Statuses::One(status))
            }
            // It is wrong, which has been reported.
            _ => None,
        }
    }

    /// Checks that the errors of the operation have the parts that are set.
    fn check_shape(&self, operation: Scripted, problems: &mut Problems) {
        if operation.service != Service::Keystone {
            return;
        }
        for (name, text) in [("code", &self.code), ("reason", &self.reason)] {
            if let Some(text) = text {
                let what = format!("`error.{name}` does not apply to {}", operation.id);
                let problem = Problem::new(what, text.location(), "errors of this operation have only a message");
                problems.push(problem.hint("Keystone answers {\"error\": {\"code\": STATUS, \"message\", \"title\"}}"));
            }
        }
    }

    fn check_error(&self, fields: &Fields<'_>, statuses: Option<&Statuses>, problems: &mut Problems) {
        let fails = statuses.is_none_or(|statuses| statuses.any(|status| status >= 400));
        if let (Some(span), false) = (&self.error_span, fails) {
            problems.push(Problem::new(
                "`error` needs a status of 400 or above",
                fields.location(span.start..span.start + 1),
                "no status of this rule is 400 or above",
            ));
        }
        let longest = |documented: usize| {
            if self.undocumented { REASON_CHARS_MAX } else { documented }
        };
        for (name, text, longest) in [
            ("code", &self.code, longest(CODE_CHARS_MAX)),
            ("message", &self.message, longest(MESSAGE_CHARS_MAX)),
            ("reason", &self.reason, REASON_CHARS_MAX),
        ] {
            let Some(text) = text else { continue };
            let count = text.value.chars().count();
            if count > longest {
                problems.push(Problem::new(
                    format!("`{name}` has {count} characters"),
                    text.location(),
                    format!("expected 0 to {longest} characters"),
                ));
            }
        }
    }

    fn check_headers(&self, problems: &mut Problems) {
        for (at, (name, value)) in self.headers.iter().enumerate() {
            let earlier = self.headers.iter().take(at);
            let twin = earlier.map(|(name, _)| name).find(|other| other.value.eq_ignore_ascii_case(name.value));
            if let Some(first) = twin {
                let problem = Problem::new(
                    format!("header `{}` is given twice", shown(name.value)),
                    name.location(),
                    "expected each header once",
                );
                problems.push(problem.also(first.location(), "first given here"));
            } else if RESERVED.iter().any(|reserved| reserved.eq_ignore_ascii_case(name.value)) {
                problems.push(Problem::new(
                    format!("header `{}` cannot be set", shown(name.value)),
                    name.location(),
                    "the server sets headers that frame or identify the message",
                ));
            } else {
                problems.keep(check_header_name(name));
            }
            if !is_field_value(value.value) {
                problems.push(Problem::new(
                    "invalid header value",
                    value.location(),
                    "expected visible ASCII characters, and spaces between them",
                ));
            }
        }
    }
}

impl StatusFacet {
    /// Checks that there is a body for a fault that spoils one.
    pub(super) fn check_body_for(&self, fault: Fault, fields: &Fields<'_>) -> Result<(), Box<Problem>> {
        let empty = self.body.as_ref().is_some_and(|body| body.is_empty());
        if !empty && self.statuses.any(has_body) {
            return Ok(());
        }
        let at = fields.location(fields.span("fault"));
        let what = format!("the fault `{}` needs an answer with a body", fault.name());
        Err(Problem::new(what, at, "this answer has no body to corrupt").boxed())
    }
}

fn check_body(body: &Text<'_>, statuses: &Statuses) -> Result<(), Box<Problem>> {
    let bare = statuses.all().iter().find(|status| !has_body(**status));
    match bare.filter(|_| !body.value.is_empty()) {
        None => Ok(()),
        Some(status) => {
            let what = format!("status {status} cannot have a `body`");
            Err(Problem::new(what, body.location(), "HTTP sends no body with this status").boxed())
        }
    }
}

fn is_field_value(value: &str) -> bool {
    value.trim() == value && value.bytes().all(|byte| matches!(byte, b' '..=b'~' | b'\t'))
}
