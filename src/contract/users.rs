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
    field("user_name", BodyForm::Text(1..=32), "The login name: letters, digits, `.`, `_` and `-`.")
        .needed()
        .like("^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9-])?$"),
    field("user_email", BodyForm::Text(0..=64), "The e-mail address for notifications."),
    field("user_phone", BodyForm::Text(0..=20), "The phone number for text messages."),
    field(
        "active_type",
        BodyForm::OneOf(ACTIVE_TYPES),
        "The activation mode: `USER_ACTIVATE` (the password is sent to the user) or `ADMIN_ACTIVATE` (an administrator \
         sets it). Default: USER_ACTIVATE.",
    ),
    field("password", BodyForm::Text(INITIAL_PASSWORD_CHARS), "The initial password, required with ADMIN_ACTIVATE."),
    field(
        "account_expires",
        BodyForm::Text(0..=55),
        "When the account expires: a time, or `0` for never. Default: `0`.",
    ),
    field("enable_change_password", BodyForm::Boolean, "Whether the user may change the password. Default: true."),
    field(
        "next_login_change_password",
        BodyForm::Boolean,
        "Whether the user must change the password at the next login. Default: true.",
    ),
    field("group_ids", BodyForm::Ids(1..=5), "The ids of the user's groups."),
    field("description", BodyForm::Text(0..=255), "Description."),
    field("alias_name", BodyForm::Text(0..=55), "An alias of the user."),
    field("domain", BodyForm::Text(0..=255), "The domain of the user."),
    field("enterprise_project_id", BodyForm::Text(0..=255), "The enterprise project of the user."),
    field("user_info_map", BodyForm::Text(0..=255), "Additional information."),
];

/// What of a user can be changed.
pub(crate) static UPDATE_FIELDS: &[BodyField] = &[
    field("user_email", BodyForm::Text(0..=64), "The e-mail address for notifications."),
    field("user_phone", BodyForm::Text(0..=20), "The phone number for text messages."),
    field("description", BodyForm::Text(0..=255), "Description."),
    field(
        "active_type",
        BodyForm::OneOf(ACTIVE_TYPES),
        "The activation mode: `USER_ACTIVATE` (the password is sent to the user) or `ADMIN_ACTIVATE` (an administrator \
         sets it).",
    ),
    field("account_expires", BodyForm::Text(0..=55), "When the account expires: a time, or `0` for never."),
    field("enable_change_password", BodyForm::Boolean, "Whether the user may change the password."),
    field(
        "next_login_change_password",
        BodyForm::Boolean,
        "Whether the user must change the password at the next login.",
    ),
    field("password_never_expired", BodyForm::Boolean, "Whether the password never expires."),
    field("disabled", BodyForm::Boolean, "Whether the account is disabled."),
    field("user_info_map", BodyForm::Text(0..=255), "Additional information."),
];

/// How the state of a user is changed.
pub(crate) static ACTION_FIELDS: &[BodyField] = &[field(
    "op_type",
    BodyForm::OneOf(OP_TYPES),
    "The action: lock the user, unlock the user, or send a new password.",
)
.needed()];

/// How an activation message is sent once more.
pub(crate) static SEND_FIELDS: &[BodyField] = &[
    field("template_id", BodyForm::Text(0..=255), "The template of an e-mail."),
    field("phone_template_id", BodyForm::Text(0..=255), "The template of a text message."),
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
    description: "A user must match all filters. Without limit, all users are listed; total_count counts all matches.",
    action: Some("workspace:users:list"),
    parameters: &[
        PROJECT_ID,
        query("user_name", 0..=255, "Part of the name."),
        query("user_names", 1..=255, "A list of names; a user matches one of them.").of(Form::Texts),
        query("description", 0..=100, "Part of the description."),
        query("active_type", 0..=40, "The activation mode.").of(Form::OneOf(ACTIVE_TYPES)),
        query("group_name", 0..=64, "The name of a group."),
        query("disabled", 4..=5, "Whether the user is disabled.").of(Form::Boolean),
        query("is_query_total_desktops", 4..=5, "Whether to list `total_desktops`. Default: true.").of(Form::Boolean),
        query("limit", 0..=255, "How many users to list, a number as a string."),
        query("offset", 0..=255, "How many users to skip, a number as a string."),
        unanswered("share_space_subscription", "users in wksmock have no shared space"),
        unanswered("share_space_desktops", "users in wksmock have no shared space"),
        unanswered("enterprise_project_id", "users in wksmock have no enterprise project"),
        unanswered("domain", "users in wksmock have no domain"),
        unanswered("platform_type", "users in wksmock have no platform"),
        CONTENT_TYPE,
        X_AUTH_TOKEN,
    ],
    answer: "ListUsersResponse",
    statuses: &documented(succeeded(200, "The users.")),
    assumed: &[
        "`user_name` matches part of the name, ignoring case; `limit` and `offset` are whole numbers.",
        "`user_names` matches whole names, ignoring case; it is repeated, or a comma-separated list.",
        "With `is_query_total_desktops=false`, users are listed without `total_desktops`.",
        "`share_space_subscription`, `share_space_desktops`, `enterprise_project_id`, `domain` and `platform_type` are \
         refused: 400, `WKS.00211102`.",
        "A list has at most 10,000 users; a higher `limit` is refused: 400, `WKS.00211102`.",
        "Loaded users have no groups, so `group_name` matches only users that were created in the group with that id.",
    ],
    ..OF_USERS
};

pub(crate) static LIST_USER_DETAIL: Operation = Operation {
    id: "ListUserDetail",
    method: "GET",
    path: USER,
    subject: Subject::Person,
    summary: "Shows a user",
    description: "Some fields have different names and types than in the list.",
    action: Some("workspace:users:get"),
    parameters: &[PROJECT_ID, USER_ID, CONTENT_TYPE, X_AUTH_TOKEN],
    answer: "UserDetailResponse",
    statuses: &documented(succeeded(200, "The user.")),
    assumed: &["Only created users have `when_created`, in virtual time."],
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
    description: "A user in user activation mode needs an address, to which the login credentials are sent.",
    action: Some("workspace:users:create"),
    parameters: &[PROJECT_ID, CONTENT_TYPE, X_AUTH_TOKEN],
    body: Some("CreateUserRequest"),
    answer: "UserId",
    statuses: &documented(succeeded(201, "The user was created.")),
    assumed: &[
        "A name that is already used in the project, ignoring case, returns 400, `WKS.00211102`; exceeding the user \
         limit does the same.",
        "A password needs three of lower-case letters, upper-case letters, digits and special characters (else \
         `WKS.00170101`), and must not contain the user name (else `WKS.00170103`).",
        "A user in user activation mode is sent a password, the same one at each of the user's addresses.",
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
    description: "Fields that the body omits stay as they are.",
    action: Some("workspace:users:update"),
    parameters: &[PROJECT_ID, USER_ID, CONTENT_TYPE, X_AUTH_TOKEN],
    body: Some("UpdateUserRequest"),
    answer: "UserId",
    statuses: &documented(succeeded(200, "The user was changed.")),
    ..OF_USERS
};

pub(crate) static DELETE_USER: Operation = Operation {
    id: "DeleteUser",
    method: "DELETE",
    path: USER,
    subject: Subject::Person,
    changes: true,
    summary: "Deletes a user",
    description: "Afterwards the user no longer exists.",
    action: Some("workspace:users:delete"),
    parameters: &[PROJECT_ID, USER_ID, CONTENT_TYPE, X_AUTH_TOKEN],
    answer: "Nothing",
    statuses: &documented(succeeded(204, "The user was deleted.")),
    ..OF_USERS
};

pub(crate) static CHANGE_USER_STATUS: Operation = Operation {
    id: "ChangeUserStatus",
    method: "POST",
    path: ACTIONS,
    subject: Subject::Person,
    changes: true,
    summary: "Locks or unlocks a user, or sends the user a new password",
    description: "RESET_PWD sends the new password only to the user.",
    action: Some("workspace:users:operate"),
    parameters: &[PROJECT_ID, USER_ID, CONTENT_TYPE, X_AUTH_TOKEN],
    body: Some("UserActionRequest"),
    answer: "Nothing",
    statuses: &documented(succeeded(204, "The action was carried out.")),
    assumed: &[
        "RESET_PWD sends a message to each address of the user. For a user without an address it is refused: 400, \
         `WKS.00211102`.",
        "Locking a locked user, or unlocking an unlocked one, is a no-op: 204.",
    ],
    ..OF_USERS
};

pub(crate) static SEND_EMAIL: Operation = Operation {
    id: "SendEmail",
    method: "POST",
    path: RESEND,
    subject: Subject::Person,
    changes: true,
    summary: "Sends a user's activation message again",
    description: "The message goes to each address of the user. The body may be omitted.",
    parameters: &[PROJECT_ID, USER_ID, CONTENT_TYPE, X_AUTH_TOKEN],
    body: Some("SendEmailRequest"),
    body_is_optional: true,
    answer: "Nothing",
    statuses: &documented(succeeded(204, "The message was sent.")),
    assumed: &[
        "Success is a 204. The required action is unknown, so any account with access to the project may call it.",
        "The message has the user's current password; a user without a password gets a new one.",
        "For a user without an address it is refused: 400, `WKS.00211102`.",
        "There are no templates: `template_id` and `phone_template_id` are ignored.",
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
    let description = "Documented, but not supported here: a value that is not empty is refused with 400.";
    query(name, 0..=0, description).of(Form::Unanswered(why))
}

impl Parameter {
    const fn of(self, form: Form) -> Self {
        let Self { name, place, mandatory, chars, form: _, description } = self;
        Self { name, place, mandatory, chars, form, description }
    }
}
