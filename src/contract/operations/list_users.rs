//! Lists the users of a project.

use super::parameters::{CONTENT_TYPE, PROJECT_ID, X_AUTH_TOKEN, text_query, unanswered};
use super::statuses::{documented, succeeded};
use super::workspace::{ACTIVE_TYPES, USERS, WORKSPACE, user_example, user_schema};
use crate::contract::bodies::{DocumentedBody, documented_body};
use crate::contract::row::{Form, OperationRow, Subject};
use crate::contract::schemas::{object, text};
use serde_json::json;

/// Users in one list at most.
pub(crate) const LISTED_MAX: usize = 10_000;

static ANSWER: DocumentedBody = documented_body! {
    name: "ListUsersResponse",
    schema: || {
        let user = user_schema(json!({ "account_expires": text(), "account_expired": { "type": "boolean" } }));
        object(&json!({ "total_count": { "type": "integer" }, "users": { "type": "array", "items": user } }))
    },
    example: || {
        let user = user_example(json!({ "account_expires": "0", "account_expired": false }));
        json!({ "total_count": 1, "users": [user] })
    },
};

pub(super) static ROW: OperationRow = OperationRow {
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
        text_query("user_name", 0..=255, "Part of the name."),
        text_query("user_names", 1..=255, "A list of names; a user matches one of them.").of(Form::Texts),
        text_query("description", 0..=100, "Part of the description."),
        text_query("active_type", 0..=40, "The activation mode.").of(Form::OneOf(ACTIVE_TYPES)),
        text_query("group_name", 0..=64, "The name of a group."),
        text_query("disabled", 4..=5, "Whether the user is disabled.").of(Form::Boolean),
        text_query("is_query_total_desktops", 4..=5, "Whether to list `total_desktops`. Default: true.")
            .of(Form::Boolean),
        text_query("limit", 0..=255, "How many users to list, a number as a string."),
        text_query("offset", 0..=255, "How many users to skip, a number as a string."),
        unanswered("share_space_subscription", "users in wksmock have no shared space"),
        unanswered("share_space_desktops", "users in wksmock have no shared space"),
        unanswered("enterprise_project_id", "users in wksmock have no enterprise project"),
        unanswered("domain", "users in wksmock have no domain"),
        unanswered("platform_type", "users in wksmock have no platform"),
        CONTENT_TYPE,
        X_AUTH_TOKEN,
    ],
    answer: Some(&ANSWER),
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
    ..WORKSPACE
};
