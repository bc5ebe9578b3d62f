//! Shared by the operations of IAM.

use crate::contract::bodies::{DocumentedBody, documented_body};
use crate::contract::examples::{ACCOUNT_ID, BEGINS_AT, ENDS_AT, PROJECT, domain};
use crate::contract::row::OperationRow;
use crate::contract::schemas::{named, object, some, text, time};
use crate::contract::service::Service;
use serde_json::json;

/// The header field with the token to check, and with a new token.
pub(crate) const X_SUBJECT_TOKEN: &str = "X-Subject-Token";

/// The fields that most rows have alike.
pub(super) const KEYSTONE: OperationRow = OperationRow { service: Service::Keystone, ..OperationRow::DRAFT };

pub(super) static TOKEN_ANSWER: DocumentedBody = documented_body! {
    name: "TokenResponse",
    schema: || {
        let user = object(&json!({ "id": text(), "name": text(), "domain": named(), "password_expires_at": text() }));
        let project = object(&json!({ "id": text(), "name": text(), "domain": named() }));
        let required = ["methods", "expires_at", "issued_at", "catalog", "roles", "user"];
        let token = json!({
            "methods": { "type": "array", "items": { "type": "string" } },
            "expires_at": time(),
            "issued_at": time(),
            "catalog": { "type": "array", "items": { "type": "object" } },
            "roles": { "type": "array", "items": named() },
            "user": user,
            "project": { "description": "Only in a token for a project.", "allOf": [project] },
            "domain": { "description": "Only in a token for a domain.", "allOf": [named()] },
        });
        object(&json!({ "token": some(&required, &token) }))
    },
    example: || {
        json!({ "token": {
            "methods": ["password"],
            "expires_at": ENDS_AT,
            "issued_at": BEGINS_AT,
            "catalog": [],
            "roles": [{ "id": "0", "name": "te_admin" }],
            "user": { "id": ACCOUNT_ID, "name": "developer", "domain": domain(), "password_expires_at": "" },
            "project": { "id": PROJECT, "name": "cn-north-4", "domain": domain() },
        } })
    },
};

pub(super) static PROJECTS_ANSWER: DocumentedBody = documented_body! {
    name: "ProjectList",
    schema: || object(&json!({ "projects": { "type": "array", "items": named() }, "links": { "type": "object" } })),
    example: || json!({ "projects": [{ "id": PROJECT, "name": "cn-north-4" }], "links": {} }),
};
