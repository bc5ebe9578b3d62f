//! Issues a temporary access key to the owner of a token.

use super::parameters::{CONTENT_TYPE, X_AUTH_TOKEN};
use super::statuses::{refused, succeeded};
use crate::contract::bodies::{ClassField, DocumentedBody, FieldKind, RequestBody, SdkClass, documented_body};
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
        class: SdkClass::listed(
            "CreateTemporaryAccessKeyByTokenRequestBody",
            &[ClassField::needed("auth", FieldKind::Object(&AUTH))],
        ),
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

static AUTH: SdkClass = SdkClass::listed("TokenAuth", &[ClassField::needed("identity", FieldKind::Object(&IDENTITY))]);
static IDENTITY: SdkClass = SdkClass::listed(
    "TokenAuthIdentity",
    &[
        ClassField::needed("methods", FieldKind::WordList(&["token"])),
        ClassField::optional("token", FieldKind::Object(&TOKEN)),
        ClassField::optional("policy", FieldKind::Object(&POLICY)),
    ],
);
static TOKEN: SdkClass = SdkClass::listed(
    "IdentityToken",
    &[ClassField::optional("id", FieldKind::Token), ClassField::optional("duration_seconds", FieldKind::Whole)],
);
static POLICY: SdkClass = SdkClass::listed(
    "ServicePolicy",
    &[ClassField::needed("Version", FieldKind::Text), ClassField::needed("Statement", FieldKind::Objects(&STATEMENT))],
);
static STATEMENT: SdkClass = SdkClass::listed(
    "ServiceStatement",
    &[
        ClassField::needed("Action", FieldKind::Texts),
        ClassField::needed("Effect", FieldKind::Words(&["Allow", "Deny"])),
        ClassField::optional("Resource", FieldKind::Texts),
    ],
);

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
