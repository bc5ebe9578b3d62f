//! `tokens`: issued tokens, by ids that do not reveal them, and how to revoke one.

use super::{AdminProblem, reply::AdminReply, request::AdminRequest};
use crate::state::{Issued, NotRevoked, State};
use serde::Serialize;

/// Issued tokens.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct TokenList {
    /// The latest tokens that are not revoked, without the tokens themselves.
    tokens: Vec<Issued>,
    /// Number of older tokens that are no longer listed.
    dropped: u64,
}

pub(super) fn list(state: &State) -> AdminReply {
    let (tokens, dropped) = state.tokens.issued();
    AdminReply::json(200, &TokenList { tokens, dropped })
}

pub(super) fn revoke(state: &State, request: &AdminRequest) -> Result<AdminReply, AdminProblem> {
    let id = request.piece(1);
    state.revoke_token(id).map(|()| AdminReply::empty(204)).map_err(|refused| match refused {
        NotRevoked::Unknown => AdminProblem::new(
            404,
            format!("Unknown or expired token {id:?}. GET /__admin/tokens lists the valid tokens."),
        ),
        NotRevoked::Full(most) => {
            let help = "wait until some expire (POST /__admin/clock moves time forward), or restart the server";
            AdminProblem::new(409, format!("Revocation limit reached: at most {most} revoked tokens; {help}."))
        }
    })
}
