//! Lists the regions.

use super::parameters::X_AUTH_TOKEN;
use super::statuses::{keystone, succeeded};
use crate::contract::row::{OperationRow, Piece, Subject};
use crate::contract::service::Service;

pub(super) static ROW: OperationRow = OperationRow {
    id: "KeystoneListRegions",
    service: Service::Keystone,
    subject: Subject::Caller,
    changes: false,
    method: "GET",
    path: &[Piece::Literal("/v3/regions")],
    tag: "Region",
    summary: "Lists the regions",
    description: "The vendor's SDK for PHP requests them if no project has the name of its region.",
    takes_long: true,
    identifies: false,
    action: None,
    parameters: &[X_AUTH_TOKEN],
    body: None,
    body_is_optional: false,
    answer: "RegionList",
    statuses: &keystone(succeeded(200, "The regions.")),
    assumed: &[
        "The regions are the distinct names of all loaded projects, in order; a region's name in every language is its \
         id.",
        "A list has at most 5,000 regions.",
    ],
};
