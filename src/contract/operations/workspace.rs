//! Common parts of the operations on the users of a project.

use crate::contract::row::{OperationRow, Piece, Subject};
use crate::contract::service::Service;

/// The activation modes of a user.
pub(crate) const ACTIVE_TYPES: &[&str] = &["USER_ACTIVATE", "ADMIN_ACTIVATE"];

pub(super) const USERS: &[Piece] = &[Piece::Literal("/v2/"), Piece::Parameter("project_id"), Piece::Literal("/users")];
pub(super) const USER: &[Piece] =
    &[Piece::Literal("/v2/"), Piece::Parameter("project_id"), Piece::Literal("/users/"), Piece::Parameter("user_id")];

/// The fields that most rows have alike.
pub(super) const WORKSPACE: OperationRow = OperationRow {
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
