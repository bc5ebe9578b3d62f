//! The operations: path, parameters and statuses as their documentation gives them. Those of IAM and STS are rows of
//! `identity.rs`.

use super::errors::{
    ErrorCode, INVALID_PARAMETER, METHOD_NOT_ALLOWED, NO_PERMISSION, NOT_AUTHENTICATED, NOT_FOUND, OPERATION_FAILED,
    UNAVAILABLE,
};
use super::identity;
use super::notification::{NOTIFICATION_TYPE, NotificationType};
use super::service::Service;
use super::users;
use std::ops::RangeInclusive;

/// One documented API call.
#[derive(Debug, PartialEq)]
#[expect(clippy::struct_excessive_bools, reason = "each says something by itself of the documented call")]
pub(crate) struct Operation {
    /// The vendor's operationId.
    pub(crate) id: &'static str,
    /// Who answers it, and with what errors.
    pub(crate) service: Service,
    /// Of whom calls are counted.
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
    /// The schema of the request's body, if it has one.
    pub(crate) body: Option<&'static str>,
    /// Whether that body may be left out.
    pub(crate) body_is_optional: bool,
    /// The schema of the success's body.
    pub(crate) answer: &'static str,
    /// The success first.
    pub(crate) statuses: &'static [Status],
    /// What no source says, and the server does nevertheless: a sentence each.
    pub(crate) assumed: &'static [&'static str],
}

/// Of whom the calls of an operation are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Subject {
    /// The user whom the path names: his resets.
    User,
    /// The user whom the path names, of all else.
    Person,
    /// The account that calls, in the project that the path names.
    Project,
    /// The account that calls.
    Caller,
    /// The user to whom a message goes: its number is that of the call that sends it.
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

/// What a parameter's value looks like.
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

/// Every operation that is emulated. Those whose calls are counted of users come first.
pub(crate) static OPERATIONS: &[&Operation] = &[
    &RESET_RANDOM_PASSWORD,
    &users::LIST_USERS,
    &users::LIST_USER_DETAIL,
    &users::CREATE_DESKTOP_USER,
    &users::UPDATE_USER_INFO,
    &users::DELETE_USER,
    &users::CHANGE_USER_STATUS,
    &users::SEND_EMAIL,
    &identity::CREATE_TOKEN,
    &identity::VALIDATE_TOKEN,
    &identity::LIST_PROJECTS,
    &identity::LIST_AUTH_PROJECTS,
    &identity::LIST_AUTH_DOMAINS,
    &identity::LIST_ACCOUNTS,
    &identity::LIST_REGIONS,
    &identity::CREATE_TEMPORARY_KEY,
    &identity::GET_CALLER_IDENTITY,
    &identity::DECODE_MESSAGE,
];

pub(crate) static RESET_RANDOM_PASSWORD: Operation = Operation {
    id: "ResetRandomPassword",
    service: Service::Workspace,
    subject: Subject::User,
    changes: true,
    method: "GET",
    path: &[
        Piece::Literal("/v2/"),
        Piece::Parameter("project_id"),
        Piece::Literal("/users/"),
        Piece::Parameter("user_id"),
        Piece::Literal("/random-password"),
    ],
    tag: "User",
    summary: "Resets a desktop user's password to a random one",
    description: "Although it is a GET, it has a side effect: every successful call changes the user's password and \
                  sends the requested notification.",
    takes_long: false,
    identifies: false,
    action: Some("workspace:users:randomPassword"),
    parameters: &[
        PROJECT_ID,
        USER_ID,
        Parameter {
            name: NOTIFICATION_TYPE,
            place: Place::Query,
            mandatory: Mandatory::No,
            chars: 0..=255,
            form: Form::NotificationTypes,
            description: "Where to send the new password: `email`, `phone`, or both, separated by a comma. Required \
                          for users in user activation mode, who receive passwords only this way.",
        },
        CONTENT_TYPE,
        X_AUTH_TOKEN,
    ],
    body: None,
    body_is_optional: false,
    answer: "RandomPasswordResponse",
    statuses: &documented(succeeded(200, "The new password.")),
    assumed: &[
        "A reset of a user in user activation mode without `notification_type` is refused: 400.",
        "Values of `notification_type` other than `email`, `phone` and both, or duplicates, return 400.",
        "Locked and disabled users are reset like any other.",
        "A password has a lower-case letter, an upper-case letter, a digit and one of `!#$%*?^_`; it never contains \
         the user name.",
        "A user's resource name is `workspace:<region>:<domain id>:user:<user id>`.",
        "A token for a project other than the one in the path is refused: 403.",
        "`Content-Type` is optional in a signed request without a body (unless `--auth off`), and in every request \
         with `--fidelity observed`.",
        "The signature of a request without a body is accepted with the SHA-256 of an empty body and with the text of \
         `X-Sdk-Content-Sha256`.",
        "Signatures are accepted with repeated query parameters in sorted order and in the order sent.",
        "Signatures are accepted with a raw `+` in a query value read as a plus sign or as a space.",
    ],
};

pub(super) const USER_ID: Parameter = Parameter {
    name: "user_id",
    place: Place::Path,
    mandatory: Mandatory::Always,
    chars: 1..=255,
    form: Form::Text,
    description: "The id of the desktop user.",
};

pub(super) const PROJECT_ID: Parameter = Parameter {
    name: "project_id",
    place: Place::Path,
    mandatory: Mandatory::Always,
    chars: 1..=255,
    form: Form::Text,
    description: "The id of the project that the user belongs to.",
};

pub(super) const CONTENT_TYPE: Parameter = Parameter {
    name: "Content-Type",
    place: Place::Header,
    mandatory: Mandatory::Documented,
    chars: 1..=255,
    form: Form::MediaType("application/json"),
    description: "`application/json`, even for a GET without a body. Optional in a signed request without a body.",
};

pub(super) const X_AUTH_TOKEN: Parameter = Parameter {
    name: "X-Auth-Token",
    place: Place::Header,
    mandatory: Mandatory::No,
    chars: 1..=40_000,
    form: Form::Credential,
    description: "An IAM user token. Not needed in requests signed with an access key.",
};

pub(super) const fn succeeded(status: u16, description: &'static str) -> Status {
    Status { status, description, error: None }
}

pub(super) const fn refused(error: &'static ErrorCode, description: &'static str) -> Status {
    Status { status: error.status, description, error: Some(error) }
}

/// What the documentation lists for each of Workspace's operations.
pub(super) const fn documented(success: Status) -> [Status; 8] {
    [
        success,
        refused(&INVALID_PARAMETER, "The request is malformed."),
        refused(&NOT_AUTHENTICATED, "Authentication failed."),
        refused(&NO_PERMISSION, "The caller has no permission."),
        refused(&NOT_FOUND, "The project or user does not exist."),
        refused(&METHOD_NOT_ALLOWED, "The method is not allowed."),
        refused(&OPERATION_FAILED, "The service failed."),
        refused(&UNAVAILABLE, "The service is unavailable."),
    ]
}

/// Every action that an account may be allowed.
pub(crate) fn actions() -> impl Iterator<Item = &'static str> + Clone {
    OPERATIONS.iter().filter_map(|operation| operation.action)
}

impl Operation {
    pub(crate) fn named(id: &str) -> Option<&'static Self> {
        OPERATIONS.iter().copied().find(|operation| operation.id == id)
    }

    /// What rules may be for: operations, and the sending of messages.
    pub(crate) fn scriptable() -> impl Iterator<Item = &'static Self> + Clone {
        OPERATIONS.iter().copied().chain(NotificationType::ALL.map(NotificationType::sending))
    }

    /// Whether its path names a project.
    pub(crate) fn is_of_project(&self) -> bool {
        matches!(self.subject, Subject::User | Subject::Person | Subject::Project)
    }

    /// Whether its calls are counted for accounts.
    pub(crate) fn is_of_accounts(&self) -> bool {
        matches!(self.subject, Subject::Project | Subject::Caller)
    }

    /// The place in [`OPERATIONS`].
    #[inline]
    pub(crate) fn index(&self) -> Option<usize> {
        // The one that is asked for most is the first.
        if std::ptr::eq(self, &raw const RESET_RANDOM_PASSWORD) {
            return Some(0);
        }
        OPERATIONS.iter().position(|operation| std::ptr::eq(*operation, self))
    }

    pub(crate) fn status(&self, status: u16) -> Option<&'static Status> {
        self.statuses.iter().find(|row| row.status == status)
    }

    /// The methods of its path, with commas between them.
    pub(crate) fn methods(&self) -> String {
        let same = OPERATIONS.iter().filter(|other| other.path == self.path);
        same.map(|other| other.method).collect::<Vec<_>>().join(", ")
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

    /// The path with its parameters in braces, as the documentation writes it.
    pub(crate) fn template(&self) -> String {
        let piece = |piece: &Piece| match piece {
            Piece::Literal(text) => (*text).to_owned(),
            Piece::Parameter(name) => format!("{{{name}}}"),
        };
        self.path.iter().map(piece).collect()
    }
}

impl Form {
    /// What a value must be, for an error message.
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
                let [email, phone] = NotificationType::ALL.map(NotificationType::name);
                format!("{email}, {phone}, or both separated by a comma")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_path_parameter_is_described_and_every_described_one_is_in_the_path() {
        for operation in OPERATIONS {
            let in_path = operation.path.iter().filter_map(|piece| match piece {
                Piece::Parameter(name) => Some(*name),
                Piece::Literal(_) => None,
            });
            let described = operation.parameters.iter();
            let described = described.filter(|parameter| parameter.place == Place::Path);
            assert!(in_path.eq(described.map(|parameter| parameter.name)));
        }
    }

    #[test]
    fn statuses_are_unique_and_only_errors_carry_a_code() {
        for operation in OPERATIONS {
            for (at, row) in operation.statuses.iter().enumerate() {
                assert_eq!(row.error.is_some(), row.status >= 400);
                assert!(operation.statuses.iter().take(at).all(|other| other.status != row.status));
            }
        }
    }

    #[test]
    fn operations_of_users_come_first_and_have_a_user_in_their_path() {
        for (at, operation) in OPERATIONS.iter().enumerate() {
            let has = |name| operation.path.contains(&Piece::Parameter(name));
            assert_eq!(operation.subject == Subject::User, at == 0);
            assert_eq!(matches!(operation.subject, Subject::User | Subject::Person), has("user_id"));
            assert_eq!(operation.is_of_project(), has("project_id"));
        }
    }

    #[test]
    fn what_is_about_many_takes_long() {
        let schemas = crate::contract::schemas::schemas();
        for operation in OPERATIONS {
            let said = schemas[operation.answer]["properties"].as_object();
            let lists = said.is_some_and(|said| said.values().any(|field| field["type"] == "array"));
            let must = lists || operation.subject == Subject::Project;
            assert!(operation.takes_long || !must, "{}: takes_long must be true", operation.id);
        }
    }

    #[test]
    fn the_template_is_the_documented_path() {
        assert_eq!(RESET_RANDOM_PASSWORD.template(), "/v2/{project_id}/users/{user_id}/random-password");
    }
}
