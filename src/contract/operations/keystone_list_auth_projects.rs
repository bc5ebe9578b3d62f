//! Lists the projects that the caller has access to.

use super::keystone::{KEYSTONE, PROJECTS_ANSWER};
use super::parameters::X_AUTH_TOKEN;
use super::statuses::{keystone, succeeded};
use crate::contract::row::{OperationRow, Piece};

pub(super) static ROW: OperationRow = OperationRow {
    id: "KeystoneListAuthProjects",
    method: "GET",
    path: &[Piece::Literal("/v3/auth/projects")],
    tag: "Project",
    summary: "Lists the projects that the caller has access to",
    description: "Like the list of projects, without filters.",
    takes_long: true,
    parameters: &[X_AUTH_TOKEN],
    answer: Some(&PROJECTS_ANSWER),
    statuses: &keystone(succeeded(200, "The projects.")),
    assumed: &["Without credentials, all projects are listed.", "A list has at most 5,000 projects."],
    ..KEYSTONE
};
