//! Issues a token for an account and its password.

use super::parameters::{CONTENT_TYPE, query};
use super::statuses::{keystone, succeeded};
use crate::contract::row::{Form, OperationRow, Piece, Subject};
use crate::contract::service::Service;

pub(super) static ROW: OperationRow = OperationRow {
    id: "KeystoneCreateUserTokenByPassword",
    service: Service::Keystone,
    subject: Subject::Caller,
    changes: false,
    method: "POST",
    path: &[Piece::Literal("/v3/auth/tokens")],
    tag: "Token",
    summary: "Issues a token for an account and its password",
    description: "The token is in the response header X-Subject-Token. It is valid for one project or for the \
                  account's domain.",
    takes_long: false,
    identifies: true,
    action: None,
    parameters: &[CONTENT_TYPE, query("nocatalog", Form::Text, "If present and not empty, the catalog is empty.")],
    body: Some("TokenRequest"),
    body_is_optional: false,
    answer: "TokenResponse",
    statuses: &keystone(succeeded(201, "The token.")),
    assumed: &[
        "An unknown scope, or a different domain: 404. A project that the account has no access to: 403.",
        "All accounts have the role `te_admin`; the catalog lists IAM, STS and Workspace, all pointing at this server.",
    ],
};
