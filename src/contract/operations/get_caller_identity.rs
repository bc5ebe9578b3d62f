//! Shows the identity of the caller.

use super::parameters::X_AUTH_TOKEN;
use super::statuses::{sts, succeeded};
use crate::contract::row::{OperationRow, Piece, Subject};
use crate::contract::service::Service;

pub(super) static ROW: OperationRow = OperationRow {
    id: "GetCallerIdentity",
    service: Service::Sts,
    subject: Subject::Caller,
    changes: false,
    method: "GET",
    path: &[Piece::Literal("/v5/caller-identity")],
    tag: "STS",
    summary: "Shows the identity of the caller",
    description: "The vendor's SDKs use it to look up the caller's domain if IAM lists none.",
    takes_long: false,
    identifies: false,
    action: None,
    parameters: &[X_AUTH_TOKEN],
    body: None,
    body_is_optional: false,
    answer: "CallerIdentity",
    statuses: &sts(succeeded(200, "The identity of the caller.")),
    assumed: &[
        "`account_id` is the id of the caller's domain, `principal_id` that of the account.",
        "Without credentials, the caller is the first account of the users files.",
        "A token is accepted like a signature.",
    ],
};
