//! The operations on users of a project: list, detail, create, update, delete, and what changes their state.

use super::operations::{
    CONTENT_TYPE, Form, Mandatory, Operation, PROJECT_ID, Parameter, Piece, Place, Subject, USER_ID, X_AUTH_TOKEN,
    documented, succeeded,
};
use super::service::Service;
use std::ops::RangeInclusive;

/// A field of a request's body.
#[derive(Debug)]
pub(crate) struct BodyField {
    pub(crate) name: &'static str,
    pub(crate) form: BodyForm,
    pub(crate) mandatory: bool,
    /// What the value looks like beyond its form, as a regular expression, where one can say it.
    pub(crate) pattern: Option<&'static str>,
    pub(crate) description: &'static str,
}

/// What a field's value looks like.
#[derive(Debug)]
pub(crate) enum BodyForm {
    /// Text of so many characters.
    Text(RangeInclusive<usize>),
    OneOf(&'static [&'static str]),
    Boolean,
    /// A list of so many ids.
    Ids(RangeInclusive<usize>),
}

pub(crate) const ACTIVE_TYPES: &[&str] = &["USER_ACTIVATE", "ADMIN_ACTIVATE"];
/// What the state of a user can be changed to.
pub(crate) const OP_TYPES: &[&str] = &["LOCK", "UNLOCK", "RESET_PWD"];
/// Users that one list has at most.
pub(crate) const LISTED_MAX: usize = 10_000;
/// Characters of an id in a body.
pub(crate) const BODY_ID_CHARS: RangeInclusive<usize> = 1..=255;
/// Characters of a password that a new user is given.
pub(crate) const INITIAL_PASSWORD_CHARS: RangeInclusive<usize> = 8..=32;

/// What a user is made of.
pub(crate) static CREATE_FIELDS: &[BodyField] = &[
    field("user_name", BodyForm::Text(1..=32), "Letters and digits, with `.`, `_` and `-` inside.")
        .needed()
        .like("^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9-])?$"),
    field("user_email", BodyForm::Text(0..=64), "Where e-mails reach him."),
    field("user_phone", BodyForm::Text(0..=20), "Where messages to the phone reach him."),
    field("active_type", BodyForm::OneOf(ACTIVE_TYPES), "Who gives him his password. Default: USER_ACTIVATE."),
    field("password", BodyForm::Text(INITIAL_PASSWORD_CHARS), "Of a user whom an administrator activates."),
    field("account_expires", BodyForm::Text(0..=55), "`0` for never, or a time. Default: `0`."),
    field("enable_change_password", BodyForm::Boolean, "Whether he may change it. Default: true."),
    field("next_login_change_password", BodyForm::Boolean, "Whether he must change it. Default: true."),
    field("group_ids", BodyForm::Ids(1..=5), "His groups."),
    field("description", BodyForm::Text(0..=255), "A word about him."),
    field("alias_name", BodyForm::Text(0..=55), "Another name of his."),
    field("domain", BodyForm::Text(0..=255), "His domain."),
    field("enterprise_project_id", BodyForm::Text(0..=255), "His enterprise project."),
    field("user_info_map", BodyForm::Text(0..=255), "Whatever else there is."),
];

/// What of a user can be changed.
pub(crate) static UPDATE_FIELDS: &[BodyField] = &[
    field("user_email", BodyForm::Text(0..=64), "Where e-mails reach him."),
    field("user_phone", BodyForm::Text(0..=20), "Where messages to the phone reach him."),
    field("description", BodyForm::Text(0..=255), "A word about him."),
    field("active_type", BodyForm::OneOf(ACTIVE_TYPES), "Who gives him his password."),
    field("account_expires", BodyForm::Text(0..=55), "`0` for never, or a time."),
    field("enable_change_password", BodyForm::Boolean, "Whether he may change his password."),
    field("next_login_change_password", BodyForm::Boolean, "Whether he must change it."),
    field("password_never_expired", BodyForm::Boolean, "Whether it stays good."),
    field("disabled", BodyForm::Boolean, "Whether he is kept out."),
    field("user_info_map", BodyForm::Text(0..=255), "Whatever else there is."),
];

/// How the state of a user is changed.
pub(crate) static ACTION_FIELDS: &[BodyField] =
    &[field("op_type", BodyForm::OneOf(OP_TYPES), "What is done to him.").needed()];

/// How an activation message is sent once more.
pub(crate) static SEND_FIELDS: &[BodyField] = &[
    field("template_id", BodyForm::Text(0..=255), "The template of an e-mail."),
    field("phone_template_id", BodyForm::Text(0..=255), "The template of a message to the phone."),
];

const fn field(name: &'static str, form: BodyForm, description: &'static str) -> BodyField {
    BodyField { name, form, mandatory: false, pattern: None, description }
}

impl BodyField {
    const fn needed(mut self) -> Self {
        self.mandatory = true;
        self
    }

    const fn like(mut self, pattern: &'static str) -> Self {
        self.pattern = Some(pattern);
        self
    }
}

const USERS: &[Piece] = &[Piece::Literal("/v2/"), Piece::Parameter("project_id"), Piece::Literal("/users")];
const USER: &[Piece] =
    &[Piece::Literal("/v2/"), Piece::Parameter("project_id"), Piece::Literal("/users/"), Piece::Parameter("user_id")];
const ACTIONS: &[Piece] = &[
    Piece::Literal("/v2/"),
    Piece::Parameter("project_id"),
    Piece::Literal("/users/"),
    Piece::Parameter("user_id"),
    Piece::Literal("/actions"),
];

const RESEND: &[Piece] = &[
    Piece::Literal("/v2/"),
    Piece::Parameter("project_id"),
    Piece::Literal("/users/"),
    Piece::Parameter("user_id"),
    Piece::Literal("/resend-email"),
];

pub(crate) static LIST_USERS: Operation = Operation {
    id: "ListUsers",
    method: "GET",
    path: USERS,
    subject: Subject::Project,
    takes_long: true,
    summary: "Lists the users of a project",
    description: "Filters must all hold. Without limit everyone is listed; total_count is of all who fit.",
    action: Some("workspace:users:list"),
    parameters: &[
        PROJECT_ID,
        query("user_name", 0..=255, "A part of the name."),
        query("user_names", 1..=255, "Names, of which a user has one.").of(Form::Texts),
        query("description", 0..=100, "A part of the description."),
        query("active_type", 0..=40, "The mode of activation.").of(Form::OneOf(ACTIVE_TYPES)),
        query("group_name", 0..=64, "The name of a group."),
        query("disabled", 4..=5, "The users that are disabled, or not.").of(Form::Boolean),
        query("is_query_total_desktops", 4..=5, "Whether `total_desktops` is listed. Default: true.").of(Form::Boolean),
        query("limit", 0..=255, "How many are listed, a number as text."),
        query("offset", 0..=255, "How many are left out before, a number as text."),
        unanswered("share_space_subscription", "users here share no space"),
        unanswered("share_space_desktops", "users here share no space"),
        unanswered("enterprise_project_id", "users here have no enterprise project"),
        unanswered("domain", "users here have no domain"),
        unanswered("platform_type", "users here have no platform"),
        CONTENT_TYPE,
        X_AUTH_TOKEN,
    ],
    answer: "ListUsersResponse",
    statuses: &documented(succeeded(200, "The users.")),
    assumed: &[
        "`user_name` finds a part of the name, in whatever case; `limit` and `offset` are whole numbers.",
        "`user_names` finds whole names, in whatever case; it is repeated, or has commas between names.",
        "With `is_query_total_desktops=false`, users are listed without `total_desktops`.",
        "`share_space_subscription`, `share_space_desktops`, `enterprise_project_id`, `domain` and `platform_type`: 400, `WKS.00211102`.",
        "A list has 10,000 users at most; a higher `limit`: 400, `WKS.00211102`.",
        "No loaded user is in a group, so `group_name` finds those who were created in one of that id.",
    ],
    ..OF_USERS
};

pub(crate) static LIST_USER_DETAIL: Operation = Operation {
    id: "ListUserDetail",
    method: "GET",
    path: USER,
    subject: Subject::Person,
    summary: "Shows a user",
    description: "Some fields have other names and types than in the list.",
    action: Some("workspace:users:get"),
    parameters: &[PROJECT_ID, USER_ID, CONTENT_TYPE, X_AUTH_TOKEN],
    answer: "UserDetailResponse",
    statuses: &documented(succeeded(200, "The user.")),
    assumed: &["`when_created` is there of users who were created, in virtual time."],
    ..OF_USERS
};

pub(crate) static CREATE_DESKTOP_USER: Operation = Operation {
    id: "CreateDesktopUser",
    method: "POST",
    path: USERS,
    subject: Subject::Project,
    changes: true,
    // Whether somebody has the name already, is a look at all.
    takes_long: true,
    summary: "Creates a user",
    description: "A user in user activation mode needs an address, where he is told what he needs to log in.",
    action: Some("workspace:users:create"),
    parameters: &[PROJECT_ID, CONTENT_TYPE, X_AUTH_TOKEN],
    body: Some("CreateUserRequest"),
    answer: "UserId",
    statuses: &documented(succeeded(201, "The user is created.")),
    assumed: &[
        "A name that another user of the project has, in whatever case: 400, `WKS.00211102`; so is one user too many.",
        "A password needs three of lower-case letters, capitals, digits and others (else `WKS.00170101`), and not the user's \
         name (else `WKS.00170103`).",
        "A user in user activation mode is sent a message to each address that he has, with a password of his own.",
    ],
    ..OF_USERS
};

pub(crate) static UPDATE_USER_INFO: Operation = Operation {
    id: "UpdateUserInfo",
    method: "PUT",
    path: USER,
    subject: Subject::Person,
    changes: true,
    summary: "Changes a user",
    description: "What is not named stays.",
    action: Some("workspace:users:update"),
    parameters: &[PROJECT_ID, USER_ID, CONTENT_TYPE, X_AUTH_TOKEN],
    body: Some("UpdateUserRequest"),
    answer: "UserId",
    statuses: &documented(succeeded(200, "The user is changed.")),
    ..OF_USERS
};

pub(crate) static DELETE_USER: Operation = Operation {
    id: "DeleteUser",
    method: "DELETE",
    path: USER,
    subject: Subject::Person,
    changes: true,
    summary: "Deletes a user",
    description: "He is not there afterwards.",
    action: Some("workspace:users:delete"),
    parameters: &[PROJECT_ID, USER_ID, CONTENT_TYPE, X_AUTH_TOKEN],
    answer: "Nothing",
    statuses: &documented(succeeded(204, "The user is deleted.")),
    ..OF_USERS
};

pub(crate) static CHANGE_USER_STATUS: Operation = Operation {
    id: "ChangeUserStatus",
    method: "POST",
    path: ACTIONS,
    subject: Subject::Person,
    changes: true,
    summary: "Locks or unlocks a user, or sends him a new password",
    description: "RESET_PWD sends the new password to the user, and to nobody else.",
    action: Some("workspace:users:operate"),
    parameters: &[PROJECT_ID, USER_ID, CONTENT_TYPE, X_AUTH_TOKEN],
    body: Some("UserActionRequest"),
    answer: "Nothing",
    statuses: &documented(succeeded(204, "It is done.")),
    assumed: &[
        "RESET_PWD of a user without an address: 400, `WKS.00211102`; of another, a message to each address that he has.",
        "To lock a locked user, or to unlock one who is not, changes nothing: 204.",
    ],
    ..OF_USERS
};

pub(crate) static SEND_EMAIL: Operation = Operation {
    id: "SendEmail",
    method: "POST",
    path: RESEND,
    subject: Subject::Person,
    changes: true,
    summary: "Sends a user's activation message once more",
    description: "The message goes to each address that the user has. The body may be left out.",
    parameters: &[PROJECT_ID, USER_ID, CONTENT_TYPE, X_AUTH_TOKEN],
    body: Some("SendEmailRequest"),
    body_is_optional: true,
    answer: "Nothing",
    statuses: &documented(succeeded(204, "The message is sent.")),
    assumed: &[
        "The success is a 204; no action is known: every account that has the project may.",
        "The message has the user's current password; a user who has none is given one.",
        "A user without an address: 400, `WKS.00211102`.",
        "There are no templates: `template_id` and `phone_template_id` change nothing.",
    ],
    ..OF_USERS
};

/// What they have in common.
const OF_USERS: Operation = Operation {
    id: "",
    service: Service::Workspace,
    subject: Subject::Person,
    changes: false,
    method: "",
    path: &[],
    tag: "User",
    summary: "",
    description: "",
    takes_long: false,
    identifies: false,
    action: None,
    parameters: &[],
    body: None,
    body_is_optional: false,
    answer: "",
    statuses: &[],
    assumed: &[],
};

const fn query(name: &'static str, chars: RangeInclusive<usize>, description: &'static str) -> Parameter {
    Parameter { name, place: Place::Query, mandatory: Mandatory::No, chars, form: Form::Text, description }
}

/// A query parameter that the documentation has, and users here do not.
const fn unanswered(name: &'static str, why: &'static str) -> Parameter {
    let description = "Documented, and not answered here: 400 unless it is empty.";
    query(name, 0..=0, description).of(Form::Unanswered(why))
}

impl Parameter {
    const fn of(self, form: Form) -> Self {
        let Self { name, place, mandatory, chars, form: _, description } = self;
        Self { name, place, mandatory, chars, form, description }
    }
}
