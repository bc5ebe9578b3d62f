//! Issues a token for an account and its password.

use super::keystone::{KEYSTONE, TOKEN_ANSWER, X_SUBJECT_TOKEN};
use super::parameters::{CONTENT_TYPE, query};
use super::statuses::{keystone, succeeded};
use crate::contract::bodies::{
    ClassField, DocumentedBody, FieldKind, RequestBody, SdkClass, documented_body, sdk_classes,
};
use crate::contract::row::{Form, OperationRow, Piece};
use crate::contract::schemas::{object, some_text, text};
use serde_json::{Value, json};

pub(super) static ROW: OperationRow = OperationRow {
    id: "KeystoneCreateUserTokenByPassword",
    method: "POST",
    path: &[Piece::Literal("/v3/auth/tokens")],
    tag: "Token",
    summary: "Issues a token for an account and its password",
    description: "The token is in the response header X-Subject-Token. It is valid for one project or for the \
                  account's domain.",
    identifies: true,
    parameters: &[CONTENT_TYPE, query("nocatalog", Form::Text, "If present and not empty, the catalog is empty.")],
    request: Some(RequestBody {
        body: documented_body! {
            name: "TokenRequest",
            schema: request_schema,
            example: || {
                json!({ "auth": {
                    "identity": {
                        "methods": ["password"],
                        "password": { "user": {
                            "name": "developer", "password": "wksmock-password", "domain": { "name": "wksmock" },
                        } },
                    },
                    "scope": { "project": { "name": "cn-north-4" } },
                } })
            },
        },
        class: REQUEST,
        is_optional: false,
    }),
    answer: Some(&TOKEN_ANSWER),
    answer_header: Some((X_SUBJECT_TOKEN, "The token.")),
    statuses: &keystone(succeeded(201, "The token.")),
    assumed: &[
        "An unknown scope, or a different domain: 404. A project that the account has no access to: 403.",
        "All accounts have the role `te_admin`; the catalog lists IAM, STS and Workspace, all pointing at this server.",
    ],
    ..KEYSTONE
};

sdk_classes! {
    REQUEST = "KeystoneCreateUserTokenByPasswordRequestBody" { needed auth: Object(&AUTH) }
    AUTH = "PwdAuth" { needed identity: Object(&IDENTITY), needed scope: Object(&SCOPE) }
    IDENTITY = "PwdIdentity" { needed methods: WordList(&["password"]), needed password: Object(&PASSWORD) }
    PASSWORD = "PwdPassword" { needed user: Object(&USER) }
    USER = "PwdPasswordUser" { needed domain: Object(&DOMAIN), needed name: Text, needed password: Password }
    DOMAIN = "PwdPasswordUserDomain" { needed name: Text }
    SCOPE = "AuthScope" { optional domain: Object(&SCOPE_DOMAIN), optional project: Object(&SCOPE_PROJECT) }
    SCOPE_DOMAIN = "AuthScopeDomain" { optional id: Text, optional name: Text }
    SCOPE_PROJECT = "AuthScopeProject" { optional id: Text, optional name: Text }
}

#[cfg(feature = "console")]
fn request_schema() -> Value {
    // By id or by name.
    let meant = json!({
        "type": "object",
        "properties": { "id": text(), "name": text() },
        "anyOf": [{ "required": ["id"] }, { "required": ["name"] }],
    });
    object(&json!({ "auth": object(&json!({
        "identity": object(&json!({
            "methods": { "const": ["password"] },
            "password": object(&json!({ "user": object(&json!({
                "name": some_text(),
                "password": { "type": "string", "format": "password", "minLength": 1 },
                "domain": object(&json!({ "name": some_text() })),
            })) })),
        })),
        "scope": {
            "type": "object",
            "properties": { "project": meant, "domain": meant },
            "oneOf": [{ "required": ["project"] }, { "required": ["domain"] }],
        },
    })) }))
}
