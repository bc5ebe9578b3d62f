//! Deletes a user.

use super::parameters::{CONTENT_TYPE, PROJECT_ID, USER_ID, X_AUTH_TOKEN};
use super::statuses::{documented, succeeded};
use super::workspace::{USER, WORKSPACE};
use crate::contract::row::OperationRow;

pub(super) static ROW: OperationRow = OperationRow {
    id: "DeleteUser",
    method: "DELETE",
    path: USER,
    changes: true,
    summary: "Deletes a user",
    description: "Afterwards the user no longer exists.",
    action: Some("workspace:users:delete"),
    parameters: &[PROJECT_ID, USER_ID, CONTENT_TYPE, X_AUTH_TOKEN],
    statuses: &documented(succeeded(204, "The user was deleted.")),
    ..WORKSPACE
};
