//! Shows a user.

use super::parameters::{CONTENT_TYPE, PROJECT_ID, USER_ID, X_AUTH_TOKEN};
use super::statuses::{documented, succeeded};
use super::workspace::{USER, WORKSPACE};
use crate::contract::row::{OperationRow, Subject};

pub(super) static ROW: OperationRow = OperationRow {
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
    ..WORKSPACE
};
