//! `error-codes`: every code, what it means, when it is given, and a command that provokes it.

mod catalogue;

use super::{AdminProblem, reply::AdminReply, request::AdminRequest};
use crate::contract::{Operation, Origin};
use crate::state::State;
use catalogue::CATALOGUE;
use serde_json::{Value, json};

pub(super) fn list(_: &State, request: &AdminRequest) -> Result<AdminReply, AdminProblem> {
    let code = request.query.text("code");
    let status: Option<u16> = request.query.parsed("status", "a status, as in 503")?;
    let asked = CATALOGUE.iter().filter(|one| {
        code.is_none_or(|code| code == one.code.code) && status.is_none_or(|status| status == one.code.status)
    });
    let shown: Vec<Value> = asked
        .map(|one| {
            let of = |operation: &Operation| {
                operation.statuses.iter().any(|row| row.error.is_some_and(|error| std::ptr::eq(error, one.code)))
            };
            json!({
                "code": one.code.code,
                "status": one.code.status,
                "from": from(one.code.origin),
                "message": one.code.message,
                "when": one.when,
                "remedy": one.remedy,
                "operations": Operation::all().filter(of).map(|operation| operation.id).collect::<Vec<_>>(),
                "provoke": one.command(),
            })
        })
        .collect();
    Ok(AdminReply::json(200, &json!({ "error_codes": shown })))
}

/// The name of the answering side.
fn from(origin: Origin) -> &'static str {
    match origin {
        Origin::Service => "service",
        Origin::Gateway => "gateway",
        Origin::Keystone => "keystone",
    }
}
