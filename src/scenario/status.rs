//! The status facet: `status` with `error`, `headers`, `undocumented` and `body`.

use super::rule::{ErrorFacet, StatusFacet};
use crate::contract::{CODE_CHARS_MAX, MESSAGE_CHARS_MAX, Operation};
use crate::source::{Fields, Problem, Problems, Text, Vocabulary};
use std::ops::Range;
use std::sync::Arc;

const ERROR: Vocabulary = Vocabulary { what: "an error", known: &["code", "message", "reason"], later: &[] };
/// Statuses that end an exchange.
const FINAL: std::ops::RangeInclusive<u64> = 200..=599;
/// Length of a `reason`.
const REASON_CHARS_MAX: usize = 10_000;

/// Headers that are the server's own: they frame the message, or identify it.
const RESERVED: [&str; 9] = [
    "connection",
    "content-length",
    "keep-alive",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "x-request-id",
];

/// The fields of a status facet, each of the right type.
pub(super) struct Written<'v> {
    status: u16,
    status_span: Range<usize>,
    undocumented: bool,
    code: Option<Text<'v>>,
    message: Option<Text<'v>>,
    reason: Option<Text<'v>>,
    error_span: Option<Range<usize>>,
    headers: Vec<(Text<'v>, Text<'v>)>,
    body: Option<Text<'v>>,
}

impl<'v> Written<'v> {
    /// Takes the fields of a rule; the first that has the wrong type is the problem.
    pub(super) fn of(source: &'v Arc<crate::source::Source>, fields: &Fields<'v>) -> Result<Self, Box<Problem>> {
        let status = fields.whole_number("status", FINAL)?;
        let status = status.ok_or_else(|| fields.missing("status"))?;
        let error = match fields.value("error") {
            Some(error) => Some(Fields::of(source, error, &ERROR)?),
            None => None,
        };
        let text = |name| match &error {
            Some(error) => error.text(name),
            None => Ok(None),
        };
        Ok(Self {
            status: u16::try_from(status).unwrap_or(u16::MAX),
            status_span: fields.span("status"),
            undocumented: fields.boolean("undocumented")?.unwrap_or(false),
            code: text("code")?,
            message: text("message")?,
            reason: text("reason")?,
            error_span: error.map(|error| error.whole()),
            headers: fields.map_of_texts("headers")?,
            body: fields.text("body")?,
        })
    }

    /// Checks what the fields say. Every problem is kept.
    pub(super) fn check(
        self,
        fields: &Fields<'_>,
        operation: &Operation,
        problems: &mut Problems,
    ) -> Option<StatusFacet> {
        let before = problems.count();
        self.check_status(fields, operation, problems);
        self.check_error(fields, problems);
        self.check_headers(problems);
        if let (Some(body), false) = (&self.body, self.undocumented) {
            let problem =
                Problem::new("a `body` of its own", body.location(), "expected none: the documented body is sent");
            problems.push(problem.hint("add \"undocumented\": true to send any body"));
        }
        let boxed = |text: Option<Text<'_>>| text.map(|text| text.value.into());
        let headers = self.headers.iter().map(|(name, value)| (name.value.into(), value.value.into()));
        (problems.count() == before).then(|| StatusFacet {
            status: self.status,
            headers: headers.collect(),
            error: ErrorFacet { code: boxed(self.code), message: boxed(self.message), reason: boxed(self.reason) },
            body: boxed(self.body),
        })
    }

    fn check_status(&self, fields: &Fields<'_>, operation: &Operation, problems: &mut Problems) {
        if self.undocumented || operation.status(self.status).is_some() {
            return;
        }
        problems.push(
            Problem::new(
                format!("{} does not document status {}", operation.id, self.status),
                fields.location(self.status_span.clone()),
                format!("expected one of {}", operation.documented()),
            )
            .hint("add \"undocumented\": true to answer it nevertheless"),
        );
    }

    fn check_error(&self, fields: &Fields<'_>, problems: &mut Problems) {
        if let (Some(span), true) = (&self.error_span, self.status < 400) {
            problems.push(Problem::new(
                format!("an `error` beside status {}", self.status),
                fields.location(span.start..span.start + 1),
                "expected an `error` only beside a status from 400",
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
                    format!("expected at most {longest} characters"),
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
                    format!("header `{}` is given twice", name.value),
                    name.location(),
                    "expected each header once",
                );
                problems.push(problem.also(first.location(), "first given here"));
            } else if RESERVED.iter().any(|reserved| reserved.eq_ignore_ascii_case(name.value)) {
                problems.push(Problem::new(
                    format!("header `{}` cannot be set", name.value),
                    name.location(),
                    "expected a header that neither frames the message nor identifies it",
                ));
            } else if !is_token(name.value) {
                problems.push(Problem::new(
                    format!("`{}` is no header name", name.value),
                    name.location(),
                    "expected letters, digits and !#$%&'*+-.^_`|~",
                ));
            }
            if !is_field_value(value.value) {
                problems.push(Problem::new(
                    "this cannot be sent as a header",
                    value.location(),
                    "expected visible ASCII characters, and spaces between them",
                ));
            }
        }
    }
}

fn is_token(name: &str) -> bool {
    let token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    !name.is_empty() && name.bytes().all(token)
}

fn is_field_value(value: &str) -> bool {
    value.trim() == value && value.bytes().all(|byte| matches!(byte, b' '..=b'~' | b'\t'))
}
