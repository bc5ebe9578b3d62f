//! Issues a token for an account and its password.

use super::keystone::{KEYSTONE, TOKEN_ANSWER, X_SUBJECT_TOKEN};
use super::parameters::{CONTENT_TYPE, query};
use super::statuses::{keystone, succeeded};
use crate::contract::bodies::{ClassField, DocumentedBody, FieldKind, RequestBody, SdkClass, documented_body};
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
        class: SdkClass::listed(
            "KeystoneCreateUserTokenByPasswordRequestBody",
            &[ClassField::needed("auth", FieldKind::Object(&AUTH))],
        ),
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

static AUTH: SdkClass = SdkClass::listed(
    "PwdAuth",
    &[
        ClassField::needed("identity", FieldKind::Object(&IDENTITY)),
        ClassField::needed("scope", FieldKind::Object(&SCOPE)),
    ],
);
static IDENTITY: SdkClass = SdkClass::listed(
    "PwdIdentity",
    &[
        ClassField::needed("methods", FieldKind::WordList(&["password"])),
        ClassField::needed("password", FieldKind::Object(&PASSWORD)),
    ],
);
static PASSWORD: SdkClass = SdkClass::listed("PwdPassword", &[ClassField::needed("user", FieldKind::Object(&USER))]);
static USER: SdkClass = SdkClass::listed(
    "PwdPasswordUser",
    &[
        ClassField::needed("domain", FieldKind::Object(&DOMAIN)),
        ClassField::needed("name", FieldKind::Text),
        ClassField::needed("password", FieldKind::Password),
    ],
);
static DOMAIN: SdkClass = SdkClass::listed("PwdPasswordUserDomain", &[ClassField::needed("name", FieldKind::Text)]);
static SCOPE: SdkClass = SdkClass::listed(
    "AuthScope",
    &[
        ClassField::optional("domain", FieldKind::Object(&SCOPE_DOMAIN)),
        ClassField::optional("project", FieldKind::Object(&SCOPE_PROJECT)),
    ],
);
static SCOPE_DOMAIN: SdkClass = SdkClass::listed("AuthScopeDomain", NAMED);
static SCOPE_PROJECT: SdkClass = SdkClass::listed("AuthScopeProject", NAMED);
const NAMED: &[ClassField] =
    &[ClassField::optional("id", FieldKind::Text), ClassField::optional("name", FieldKind::Text)];

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
