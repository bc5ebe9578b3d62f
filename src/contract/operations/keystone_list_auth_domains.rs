//! Lists the domains that the caller has access to.

use super::keystone::KEYSTONE;
use super::parameters::X_AUTH_TOKEN;
use super::statuses::{keystone, succeeded};
use crate::contract::bodies::{DocumentedBody, documented_body};
use crate::contract::examples::domain;
use crate::contract::row::{OperationRow, Piece};
use crate::contract::schemas::{named, object};
use serde_json::json;

static ANSWER: DocumentedBody = documented_body! {
    name: "DomainList",
    schema: || object(&json!({ "domains": { "type": "array", "items": named() }, "links": { "type": "object" } })),
    example: || json!({ "domains": [domain()], "links": {} }),
};

pub(super) static ROW: OperationRow = OperationRow {
    id: "KeystoneListAuthDomains",
    method: "GET",
    path: &[Piece::Literal("/v3/auth/domains")],
    tag: "Domain",
    summary: "Lists the domains that the caller has access to",
    description: "The vendor's SDKs use it to look up the id of the caller's domain.",
    takes_long: true,
    parameters: &[X_AUTH_TOKEN],
    answer: Some(&ANSWER),
    statuses: &keystone(succeeded(200, "The domains.")),
    assumed: &["Without credentials, all domains are listed."],
    ..KEYSTONE
};
