//! Issues a temporary access key to the owner of a token.

use super::parameters::{CONTENT_TYPE, X_AUTH_TOKEN};
use super::statuses::{refused, succeeded};
use crate::contract::errors::{IAM_FAILED, IAM_INVALID_BODY, NOT_ALLOWED, NOT_AUTHENTICATED};
use crate::contract::row::{OperationRow, Piece, Subject};
use crate::contract::service::Service;
use std::ops::RangeInclusive;

/// How long a temporary key is valid, in seconds. The shortest time is the default.
pub(crate) const KEY_SECONDS: RangeInclusive<u64> = 900..=86_400;

pub(super) static ROW: OperationRow = OperationRow {
    id: "CreateTemporaryAccessKeyByToken",
    service: Service::Iam,
    subject: Subject::Caller,
    changes: false,
    method: "POST",
    path: &[Piece::Literal("/v3.0/OS-CREDENTIAL/securitytokens")],
    tag: "AccessKey",
    summary: "Issues a temporary access key to the owner of a token",
    description: "Requests signed with the key carry its security token in X-Security-Token.",
    takes_long: false,
    identifies: true,
    action: None,
    parameters: &[CONTENT_TYPE, X_AUTH_TOKEN],
    body: Some("TemporaryKeyRequest"),
    body_is_optional: false,
    answer: "TemporaryKeyResponse",
    statuses: &[
        succeeded(201, "The access key."),
        refused(&IAM_INVALID_BODY, "The body is invalid."),
        refused(&NOT_AUTHENTICATED, "Authentication failed."),
        refused(&NOT_ALLOWED, "The caller has no permission."),
        refused(&IAM_FAILED, "The service failed."),
    ],
    assumed: &[
        "In a policy, `Deny` overrides `Allow`, and the default is deny. An action may end in `*`; resources and \
         conditions are ignored.",
        "A key that is requested with another temporary key has the policies of both, and is valid for the project of \
         the token.",
        "Without credentials, the first account of the users files gets the key.",
        "A caller without permission is refused by the gateway: 403, `APIGW.0302`.",
    ],
};
