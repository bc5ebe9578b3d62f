//! Common parts of the operations on the users of a project.

use crate::contract::bodies::{DocumentedBody, documented_body};
use crate::contract::examples::USER as EXAMPLE_USER;
use crate::contract::row::{OperationRow, Piece, Subject};
use crate::contract::schemas::{object, some, text};
use crate::contract::service::Service;
use serde_json::{Value, json};

/// The activation modes of a user.
pub(crate) const ACTIVE_TYPES: &[&str] = &["USER_ACTIVATE", "ADMIN_ACTIVATE"];

pub(super) const USERS: &[Piece] = &[Piece::Literal("/v2/"), Piece::Parameter("project_id"), Piece::Literal("/users")];
pub(super) const USER: &[Piece] =
    &[Piece::Literal("/v2/"), Piece::Parameter("project_id"), Piece::Literal("/users/"), Piece::Parameter("user_id")];

/// The path of an operation on a user, with its last segment.
pub(super) const fn user_path(end: &'static str) -> [Piece; 5] {
    let [project, user] = [Piece::Parameter("project_id"), Piece::Parameter("user_id")];
    [Piece::Literal("/v2/"), project, Piece::Literal("/users/"), user, Piece::Literal(end)]
}

/// The fields that most rows have alike.
pub(super) const WORKSPACE: OperationRow =
    OperationRow { service: Service::Workspace, subject: Subject::Person, tag: "User", ..OperationRow::DRAFT };

/// The answer that names a user.
pub(super) static USER_ID_ANSWER: DocumentedBody = documented_body! {
    name: "UserId",
    schema: || object(&json!({ "id": text() })),
    example: || json!({ "id": EXAMPLE_USER }),
};

/// Fields of a user that are left out where they are empty.
const OPTIONAL: &[&str] =
    &["user_name", "user_email", "user_phone", "description", "group_names", "when_created", "total_desktops"];

/// The schema of a user: what lists and details have in common, and more.
pub(super) fn user_schema(more: Value) -> Value {
    let (text, flag, number) = (text(), json!({ "type": "boolean" }), json!({ "type": "integer" }));
    let both = json!({
        "id": text, "user_name": text, "user_email": text, "user_phone": text, "description": text,
        "active_type": { "type": "string", "enum": ACTIVE_TYPES }, "next_login_change_password": flag,
        "password_never_expired": flag, "disabled": flag, "locked": flag, "is_pre_user": flag, "total_desktops": number,
        "enable_change_password": flag,
    });
    let all = with(both, more);
    let names = all.as_object().into_iter().flat_map(|all| all.keys().map(String::as_str));
    let required: Vec<_> = names.filter(|name| !OPTIONAL.contains(name)).collect();
    some(&required, &all)
}

/// An example of a user: what lists and details have in common, and more.
pub(super) fn user_example(more: Value) -> Value {
    let both = json!({
        "id": EXAMPLE_USER, "user_name": "api-test", "user_email": "test@huawei.com", "active_type": "ADMIN_ACTIVATE",
        "next_login_change_password": true, "password_never_expired": false, "disabled": false, "locked": false,
        "is_pre_user": false, "total_desktops": 0, "enable_change_password": true,
    });
    with(both, more)
}

fn with(mut object: Value, more: Value) -> Value {
    if let (Value::Object(object), Value::Object(more)) = (&mut object, more) {
        object.extend(more);
    }
    object
}
