//! `error-codes`: every code, what it means, when it is given, and a command that provokes it.

mod catalogue;

use super::{AdminProblem, reply::AdminReply, request::AdminRequest};
use crate::contract::{Operation, Origin};
use crate::state::State;
use catalogue::CATALOGUE;
use serde::Serialize;

/// Errors of the emulated API.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct ErrorCodeList {
    /// In the order of docs/errors.md.
    error_codes: Vec<ExplainedError>,
}

/// An error.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct ExplainedError {
    /// The `error_code`.
    code: &'static str,
    /// The status.
    status: u16,
    /// The answering side, which decides the shape of the body.
    from: Origin,
    /// The `error_msg`.
    message: &'static str,
    /// When it is given.
    when: &'static str,
    /// The remedy.
    remedy: &'static str,
    /// The operationIds of the operations that document it.
    operations: Vec<&'static str>,
    /// A shell command that provokes it.
    provoke: String,
}

pub(super) fn list(_: &State, request: &AdminRequest) -> Result<AdminReply, AdminProblem> {
    let code = request.query.text("code");
    let status: Option<u16> = request.query.parsed("status", "a status, as in 503")?;
    let asked = CATALOGUE.iter().filter(|one| {
        code.is_none_or(|code| code == one.code.code) && status.is_none_or(|status| status == one.code.status)
    });
    let shown = asked
        .map(|one| {
            let of = |operation: &Operation| {
                operation.statuses.iter().any(|row| row.error.is_some_and(|error| std::ptr::eq(error, one.code)))
            };
            ExplainedError {
                code: one.code.code,
                status: one.code.status,
                from: one.code.origin,
                message: one.code.message,
                when: one.when,
                remedy: one.remedy,
                operations: Operation::all().filter(of).map(|operation| operation.id).collect(),
                provoke: one.command(),
            }
        })
        .collect();
    Ok(AdminReply::json(200, &ErrorCodeList { error_codes: shown }))
}
