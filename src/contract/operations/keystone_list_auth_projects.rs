//! Lists the projects that the caller has access to.

use super::parameters::X_AUTH_TOKEN;
use super::statuses::{keystone, succeeded};
use crate::contract::row::{OperationRow, Piece, Subject};
use crate::contract::service::Service;

pub(super) static ROW: OperationRow = OperationRow {
    id: "KeystoneListAuthProjects",
    service: Service::Keystone,
    subject: Subject::Caller,
    changes: false,
    method: "GET",
    path: &[Piece::Literal("/v3/auth/projects")],
    tag: "Project",
    summary: "Lists the projects that the caller has access to",
    description: "Like the list of projects, without filters.",
    takes_long: true,
    identifies: false,
    action: None,
    parameters: &[X_AUTH_TOKEN],
    body: None,
    body_is_optional: false,
    answer: "ProjectList",
    statuses: &keystone(succeeded(200, "The projects.")),
    assumed: &["Without credentials, all projects are listed.", "A list has at most 5,000 projects."],
};
