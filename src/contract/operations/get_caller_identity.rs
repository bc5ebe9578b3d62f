//! Shows the identity of the caller.

use super::parameters::X_AUTH_TOKEN;
use super::statuses::{sts, succeeded};
use crate::contract::bodies::{DocumentedBody, documented_body};
use crate::contract::examples::{ACCOUNT_ID, DOMAIN_ID};
use crate::contract::row::{OperationRow, Piece};
use crate::contract::schemas::{object, text};
use crate::contract::service::Service;
use serde_json::json;

static ANSWER: DocumentedBody = documented_body! {
    name: "CallerIdentity",
    schema: || object(&json!({ "account_id": text(), "principal_id": text(), "principal_urn": text() })),
    example: || {
        json!({
            "account_id": DOMAIN_ID,
            "principal_id": ACCOUNT_ID,
            "principal_urn": "iam::d78cbac186b744899480f25bd022f468:user:developer",
        })
    },
};

pub(super) static ROW: OperationRow = OperationRow {
    id: "GetCallerIdentity",
    service: Service::Sts,
    method: "GET",
    path: &[Piece::Literal("/v5/caller-identity")],
    tag: "STS",
    summary: "Shows the identity of the caller",
    description: "The vendor's SDKs use it to look up the caller's domain if IAM lists none.",
    parameters: &[X_AUTH_TOKEN],
    answer: Some(&ANSWER),
    statuses: &sts(succeeded(200, "The identity of the caller.")),
    assumed: &[
        "`account_id` is the id of the caller's domain, `principal_id` that of the account.",
        "Without credentials, the caller is the first account of the users files.",
        "A token is accepted like a signature.",
    ],
    ..OperationRow::DRAFT
};
