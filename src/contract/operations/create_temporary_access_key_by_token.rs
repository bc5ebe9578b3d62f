//! Issues a temporary access key to the owner of a token.

use super::parameters::{CONTENT_TYPE, X_AUTH_TOKEN};
use super::statuses::{refused, succeeded};
use crate::contract::bodies::{
    ClassField, DocumentedBody, FieldKind, RequestBody, SdkClass, documented_body, sdk_classes,
};
use crate::contract::errors::{IAM_FAILED, IAM_INVALID_BODY, NOT_ALLOWED, NOT_AUTHENTICATED};
use crate::contract::examples::ENDS_AT;
use crate::contract::row::{OperationRow, Piece};
use crate::contract::schemas::{object, some, text, time};
use crate::contract::service::Service;
use serde_json::{Value, json};
use std::ops::RangeInclusive;

/// How long a temporary key is valid, in seconds. The shortest time is the default.
pub(crate) const KEY_SECONDS: RangeInclusive<u64> = 900..=86_400;

static ANSWER: DocumentedBody = documented_body! {
    name: "TemporaryKeyResponse",
    schema: || {
        object(&json!({ "credential": object(&json!({
            "access": text(), "secret": text(), "securitytoken": text(), "expires_at": time(),
        })) }))
    },
    example: || {
        json!({ "credential": {
            "access": "NZFAT5VNWEJDGZ4PZ2LQ", "secret": "…", "securitytoken": "…", "expires_at": ENDS_AT,
        } })
    },
};

pub(super) static ROW: OperationRow = OperationRow {
    id: "CreateTemporaryAccessKeyByToken",
    service: Service::Iam,
    method: "POST",
    path: &[Piece::Literal("/v3.0/OS-CREDENTIAL/securitytokens")],
    tag: "AccessKey",
    summary: "Issues a temporary access key to the owner of a token",
    description: "Requests signed with the key carry its security token in X-Security-Token.",
    identifies: true,
    parameters: &[CONTENT_TYPE, X_AUTH_TOKEN],
    request: Some(RequestBody {
        body: documented_body! {
            name: "TemporaryKeyRequest",
            schema: request_schema,
            example: || json!({ "auth": { "identity": { "methods": ["token"], "token": { "duration_seconds": 900 } } } }),
        },
        class: REQUEST,
        is_optional: false,
    }),
    answer: Some(&ANSWER),
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
    ..OperationRow::DRAFT
};

sdk_classes! {
    REQUEST = "CreateTemporaryAccessKeyByTokenRequestBody" { needed auth: Object(&AUTH) }
    AUTH = "TokenAuth" { needed identity: Object(&IDENTITY) }
    IDENTITY = "TokenAuthIdentity" {
        needed methods: WordList(&["token"]), optional token: Object(&TOKEN), optional policy: Object(&POLICY)
    }
    TOKEN = "IdentityToken" { optional id: Token, optional duration_seconds: Whole }
    POLICY = "ServicePolicy" { needed Version: Text, needed Statement: Objects(&STATEMENT) }
    STATEMENT = "ServiceStatement" {
        needed Action: Texts, needed Effect: Words(&["Allow", "Deny"]), optional Resource: Texts
    }
}

#[cfg(feature = "console")]
fn request_schema() -> Value {
    let (shortest, longest) = (KEY_SECONDS.start(), KEY_SECONDS.end());
    let token = some(
        &[],
        &json!({
            "id": { "type": "string", "description": "A token, if the header has none." },
            "duration_seconds": { "type": "integer", "minimum": shortest, "maximum": longest, "default": shortest },
        }),
    );
    let statement = object(&json!({
        "Effect": { "type": "string", "enum": ["Allow", "Deny"] },
        "Action": { "type": "array", "items": text() },
    }));
    let policy = object(&json!({ "Statement": { "type": "array", "items": statement } }));
    object(&json!({ "auth": object(&json!({ "identity": some(&["methods"], &json!({
        "methods": { "const": ["token"] },
        "token": token,
        "policy": { "description": "The permissions of the key.", "allOf": [policy] },
    })) })) }))
}
