//! Lists the regions.

use super::keystone::KEYSTONE;
use super::parameters::X_AUTH_TOKEN;
use super::statuses::{keystone, succeeded};
use crate::contract::bodies::{DocumentedBody, documented_body};
use crate::contract::row::{OperationRow, Piece};
use crate::contract::schemas::{object, text};
use serde_json::json;

static ANSWER: DocumentedBody = documented_body! {
    name: "RegionList",
    schema: || {
        object(&json!({
            "regions": { "type": "array", "items": object(&json!({
                "id": text(), "description": text(), "parent_region_id": { "type": "null" },
                "type": { "const": "public" }, "locales": { "type": "object" }, "links": { "type": "object" },
            })) },
            "links": { "type": "object" },
        }))
    },
    example: || {
        json!({ "regions": [{
            "id": "cn-north-4", "description": "", "parent_region_id": null, "type": "public",
            "locales": { "en-us": "cn-north-4", "zh-cn": "cn-north-4" }, "links": {},
        }], "links": {} })
    },
};

pub(super) static ROW: OperationRow = OperationRow {
    id: "KeystoneListRegions",
    method: "GET",
    path: &[Piece::Literal("/v3/regions")],
    tag: "Region",
    summary: "Lists the regions",
    description: "The vendor's SDK for PHP requests them if no project has the name of its region.",
    takes_long: true,
    parameters: &[X_AUTH_TOKEN],
    answer: Some(&ANSWER),
    statuses: &keystone(succeeded(200, "The regions.")),
    assumed: &[
        "The regions are the distinct names of all loaded projects, in order; a region's name in every language is its \
         id.",
        "A list has at most 5,000 regions.",
    ],
    ..KEYSTONE
};
