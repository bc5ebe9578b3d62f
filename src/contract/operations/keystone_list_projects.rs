//! Lists the caller's projects.

use super::keystone::{KEYSTONE, PROJECTS_ANSWER};
use super::parameters::{X_AUTH_TOKEN, query};
use super::statuses::{keystone, succeeded};
use crate::contract::row::{Form, OperationRow, Piece};

/// The last page that can be asked for.
const PAGE_MAX: u64 = 1_000_000_000;

pub(super) static ROW: OperationRow = OperationRow {
    id: "KeystoneListProjects",
    method: "GET",
    path: &[Piece::Literal("/v3/projects")],
    tag: "Project",
    summary: "Lists the caller's projects",
    description: "The vendor's SDKs use it to look up the project of a region by name.",
    takes_long: true,
    parameters: &[
        X_AUTH_TOKEN,
        query("domain_id", Form::Text, "Only projects of this domain."),
        query("name", Form::Text, "Only the project with this name, which is the name of its region."),
        query("parent_id", Form::Text, "Only projects below this project or domain."),
        query("enabled", Form::Boolean, "Only projects that are enabled, or that are not."),
        query("is_domain", Form::Boolean, "Only projects that are domains, of which there are none."),
        query("page", Form::Number(1..=PAGE_MAX), "The page number, from 1."),
        query("per_page", Form::Number(1..=5_000), "The number of projects per page."),
    ],
    answer: Some(&PROJECTS_ANSWER),
    statuses: &keystone(succeeded(200, "The projects.")),
    assumed: &[
        "A project without a name is listed under its id; its parent is the caller's domain.",
        "Query parameters may have up to 255 characters, and `page` may be up to 1,000,000,000.",
        "Without credentials, all projects are listed.",
        "Without `per_page` a page has 5,000 projects.",
        "Every answer of IAM has `X-IAM-Trace-Id`, with the value of `X-Request-Id`.",
    ],
    ..KEYSTONE
};
