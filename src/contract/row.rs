//! The rows of the contract: what is documented of an operation, its parameters and statuses.

use super::bodies::{DocumentedBody, RequestBody};
use super::encoding::encoded;
use super::errors::ErrorCode;
use super::notification::NotificationType;
use super::service::Service;
use std::ops::RangeInclusive;

/// The documented contract of one API call, with notes on its emulation.
#[derive(Debug)]
pub(crate) struct OperationRow {
    /// The vendor's operationId.
    pub(crate) id: &'static str,
    /// Service that answers it, with the service's errors.
    pub(crate) service: Service,
    /// The subject that calls are counted for.
    pub(crate) subject: Subject,
    /// Whether something is another after it, so that a failure may strike before that or after.
    pub(crate) changes: bool,
    pub(crate) method: &'static str,
    pub(crate) path: &'static [Piece],
    pub(crate) tag: &'static str,
    pub(crate) summary: &'static str,
    pub(crate) description: &'static str,
    /// Whether it looks at all users of a project, of which there may be a million, or says something of each: then it is
    /// worked out beside the threads that serve.
    pub(crate) takes_long: bool,
    /// Whether it finds out by itself who calls, and needs no credentials.
    pub(crate) identifies: bool,
    /// The action that an identity policy must allow, where one is known.
    pub(crate) action: Option<&'static str>,
    /// In the order in which they are checked.
    pub(crate) parameters: &'static [Parameter],
    pub(crate) request: Option<RequestBody>,
    /// The body of the success.
    pub(crate) answer: Option<&'static DocumentedBody>,
    /// A header field of the success, and its description.
    pub(crate) answer_header: Option<(&'static str, &'static str)>,
    /// The success first.
    pub(crate) statuses: &'static [Status],
    /// Assumptions: behaviour without a source, a sentence each.
    pub(crate) assumed: &'static [&'static str],
}

/// The subject that the calls of an operation are counted for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Subject {
    /// The user in the path, for resets.
    User,
    /// The user in the path, for all other operations.
    Person,
    /// The account that calls, in the project that the path names.
    Project,
    /// The account that calls.
    Caller,
    /// The user who receives a message; its number is that of the call that sends it.
    Message,
}

/// A piece of a path between slashes.
#[derive(Debug, PartialEq)]
pub(crate) enum Piece {
    Literal(&'static str),
    Parameter(&'static str),
}

/// One parameter of a request.
#[derive(Debug, PartialEq)]
pub(crate) struct Parameter {
    pub(crate) name: &'static str,
    pub(crate) place: Place,
    pub(crate) mandatory: Mandatory,
    /// Allowed length in characters, both ends included.
    pub(crate) chars: RangeInclusive<usize>,
    pub(crate) form: Form,
    pub(crate) description: &'static str,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Path,
    Query,
    Header,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mandatory {
    No,
    /// By documentation alone: `--lenient` does without.
    Documented,
    /// Nothing works without.
    Always,
}

/// Form of a parameter's value.
#[derive(Debug, PartialEq)]
pub(crate) enum Form {
    Text,
    /// A whole number of this range.
    Number(RangeInclusive<u64>),
    /// `true` or `false`.
    Boolean,
    /// One of these words, in whatever case.
    OneOf(&'static [&'static str]),
    /// A list of texts, each of the allowed length: repeated, or with commas between them.
    Texts,
    /// Documented, and not answered, because users here do not have this.
    Unanswered(&'static str),
    /// Notification types with commas between them, each at most once.
    NotificationTypes,
    /// This media type, with or without parameters.
    MediaType(&'static str),
    /// Read by authentication, which answers 401 where others would 400.
    Credential,
}

/// One documented answer.
#[derive(Debug, PartialEq)]
pub(crate) struct Status {
    pub(crate) status: u16,
    pub(crate) description: &'static str,
    /// The error of a status ≥ 400 where nothing more precise is known.
    pub(crate) error: Option<&'static ErrorCode>,
}

impl OperationRow {
    /// The fields that most rows have alike; `assert_complete` checks that a row sets the others.
    pub(super) const DRAFT: Self = Self {
        id: "",
        service: Service::Workspace,
        subject: Subject::Caller,
        changes: false,
        method: "",
        path: &[],
        tag: "",
        summary: "",
        description: "",
        takes_long: false,
        identifies: false,
        action: None,
        parameters: &[],
        request: None,
        answer: None,
        answer_header: None,
        statuses: &[],
        assumed: &[],
    };

    /// Panics at compile time if the row lacks a field that every operation needs.
    pub(super) const fn assert_complete(&self) {
        assert!(!self.id.is_empty() && !self.tag.is_empty(), "a row needs an id and a tag");
        assert!(!self.method.is_empty() && !self.path.is_empty(), "a row needs a method and a path");
        assert!(!self.summary.is_empty() && !self.description.is_empty(), "a row needs a summary and a description");
        let [success, _refusals @ ..] = self.statuses else { panic!("a row needs statuses") };
        assert!(success.error.is_none() && success.status < 400, "the first status of a row is the success");
        assert!(self.answer.is_some() == success.has_body(), "a row needs an answer, unless its success has no body");
    }

    /// Whether its path names a project.
    pub(crate) fn is_of_project(&self) -> bool {
        matches!(self.subject, Subject::User | Subject::Person | Subject::Project)
    }

    /// Whether its calls are counted for accounts.
    pub(crate) fn is_of_accounts(&self) -> bool {
        matches!(self.subject, Subject::Project | Subject::Caller)
    }

    /// Whether a request may do without a body.
    pub(crate) fn takes_no_body(&self) -> bool {
        self.request.as_ref().is_none_or(|request| request.is_optional)
    }

    pub(crate) fn status(&self, status: u16) -> Option<&'static Status> {
        self.statuses.iter().find(|row| row.status == status)
    }

    /// The status of a call that works.
    pub(crate) fn success(&self) -> u16 {
        self.statuses.first().map_or(200, |row| row.status)
    }

    /// The documented statuses for a reader: `200, 400, 401 …`.
    pub(crate) fn documented(&self) -> String {
        let statuses: Vec<_> = self.statuses.iter().map(|row| row.status.to_string()).collect();
        statuses.join(", ")
    }

    /// The path of a request, with the ids of its project and user.
    pub(crate) fn path_of(&self, project: &str, user: &str) -> String {
        let [project, user] = [project, user].map(|id| encoded(id).to_string());
        self.template().replace("{project_id}", &project).replace("{user_id}", &user)
    }

    /// The path with its parameters in braces, as the documentation writes it.
    pub(crate) fn template(&self) -> String {
        let piece = |piece: &Piece| match piece {
            Piece::Literal(text) => (*text).to_owned(),
            Piece::Parameter(name) => format!("{{{name}}}"),
        };
        self.path.iter().map(piece).collect()
    }
}

impl Status {
    pub(super) const fn has_body(&self) -> bool {
        has_body(self.status)
    }
}

/// Whether HTTP sends a body with a status.
pub(crate) const fn has_body(status: u16) -> bool {
    !matches!(status, 204 | 205 | 304)
}

impl Form {
    /// Describes the allowed values, for an error message.
    pub(crate) fn allowed(&self) -> String {
        match self {
            Self::Text | Self::Credential => "any string".to_owned(),
            Self::Number(range) => format!("a whole number from {} to {}", range.start(), range.end()),
            Self::Boolean => "true or false".to_owned(),
            Self::OneOf(words) => words.join(", "),
            Self::Texts => "strings, repeated or comma-separated".to_owned(),
            Self::Unanswered(_) => "nothing".to_owned(),
            Self::MediaType(media_type) => (*media_type).to_owned(),
            Self::NotificationTypes => {
                let [email, phone] = NotificationType::NAMES;
                format!("{email}, {phone}, or both separated by a comma")
            }
        }
    }
}
