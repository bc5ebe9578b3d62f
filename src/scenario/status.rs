//! The status facet: `status` with `error`, `headers`, `undocumented` and `body`.

use super::Fault;
use super::header_name::check_header_name;
use super::sequence::Statuses;
use crate::contract::{CODE_CHARS_MAX, MESSAGE_CHARS_MAX, Scripted, Service, has_body};
use crate::diagnostics::{Fields, Problem, Problems, Text, Vocabulary, shown};

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

impl StatusFacet {
    /// Reads the status fields of a rule. Every problem is kept.
    pub(super) fn read(fields: &Fields<'_>, operation: Scripted, problems: &mut Problems) -> Option<Self> {
        let is_given = ["status", "sequence"].into_iter().any(|name| fields.value(name).is_some());
        let beside = BESIDE_A_STATUS.into_iter().find(|name| fields.value(name).is_some());
        if let Some(name) = beside.filter(|_| !is_given) {
            let at = fields.location(fields.opening_of(name));
            let expected = "it needs a `status` or a `sequence` in the same rule";
            problems.push(Problem::new(format!("`{name}` without a `status`"), at, expected));
        }
        // One that is wrong was meant.
        let undocumented = problems.keep(fields.boolean("undocumented")).is_none_or(|written| written.unwrap_or(false));
        let statuses = Statuses::read(fields, operation, undocumented, problems);
        let error = ErrorFacet::read(fields, statuses.as_ref(), operation, undocumented, problems);
        let headers = problems.keep(fields.map_of_texts("headers")).unwrap_or_default();
        check_headers(&headers, problems);
        let body = problems.keep(fields.text("body")).flatten();
        if let Some(body) = body.as_ref().filter(|_| is_given && !undocumented) {
            let problem = Problem::new(
                "a custom `body` for a documented status",
                body.location(),
                "documented statuses are sent with the documented body",
            );
            problems.push(problem.hint("add \"undocumented\": true to send a custom body"));
        }
        if let (Some(body), Some(statuses)) = (&body, &statuses) {
            problems.keep(check_body(body, statuses));
        }
        let headers = headers.iter().map(|(name, value)| (name.value.into(), value.value.into()));
        Some(Self { statuses: statuses?, error, headers: headers.collect(), body: body.map(|body| body.value.into()) })
    }
}

impl ErrorFacet {
    /// Reads `error`, if it is there. Every problem is kept.
    fn read(
        fields: &Fields<'_>,
        statuses: Option<&Statuses>,
        operation: Scripted,
        undocumented: bool,
        problems: &mut Problems,
    ) -> Self {
        let Some(error) = fields.object("error", &ERROR, problems) else { return Self::default() };
        if statuses.is_some_and(|statuses| !statuses.any(|status| status >= 400)) {
            problems.push(Problem::new(
                "`error` needs a status of 400 or above",
                fields.location(error.opening()),
                "no status of this rule is 400 or above",
            ));
        }
        let longest = |documented: usize| if undocumented { REASON_CHARS_MAX } else { documented };
        let mut read = |name, longest| {
            let text = problems.keep(error.text(name)).flatten()?;
            let count = text.value.chars().count();
            if count > longest {
                let what = format!("`{name}` has {count} characters");
                problems.push(Problem::new(what, text.location(), format!("expected 0 to {longest} characters")));
            }
            // Its errors have no other parts.
            if operation.service == Service::Keystone && name != "message" {
                let what = format!("`error.{name}` does not apply to {}", operation.id);
                let problem = Problem::new(what, text.location(), "errors of this operation have only a message");
                problems.push(problem.hint("Keystone answers {\"error\": {\"code\": STATUS, \"message\", \"title\"}}"));
            }
            Some(text.value.into())
        };
        Self {
            code: read("code", longest(CODE_CHARS_MAX)),
            message: read("message", longest(MESSAGE_CHARS_MAX)),
            reason: read("reason", REASON_CHARS_MAX),
        }
    }
}

/// Checks the header fields of an answer. Every problem is kept.
fn check_headers(headers: &[(Text<'_>, Text<'_>)], problems: &mut Problems) {
    for (at, (name, value)) in headers.iter().enumerate() {
        let earlier = headers.iter().take(at);
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
