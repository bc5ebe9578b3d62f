//! Errors of the admin API, as RFC 9457 defines them.

use super::reply::AdminReply;
use crate::diagnostics::{self, PlainProblem, Problems};
use crate::state::State;
use bytes::Bytes;
use hyper::{Response, StatusCode};
use serde::Serialize;

/// A refusal of the admin API.
#[derive(Debug)]
pub(crate) struct AdminProblem {
    status: u16,
    detail: String,
    errors: Vec<PlainProblem>,
    allow: Option<String>,
    close: bool,
}

/// An error of the admin API, as RFC 9457 defines it.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "Problem"))]
pub(super) struct ShownProblem<'p> {
    /// `about:blank`: the status says what kind of problem it is.
    r#type: &'static str,
    /// The reason phrase of the status.
    title: &'static str,
    /// The status, as in the status line.
    status: u16,
    /// The mistake, and what to do.
    detail: &'p str,
    /// Each mistake in the body, with its place.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    errors: &'p [PlainProblem],
}

impl AdminProblem {
    pub(crate) fn new(status: u16, detail: impl Into<String>) -> Self {
        Self { status, detail: diagnostics::message(detail.into()), errors: Vec::new(), allow: None, close: false }
    }

    pub(super) fn unknown_project(id: &str) -> Self {
        Self::new(404, format!("Unknown project {id:?}. GET /__admin/projects lists all."))
    }

    pub(super) fn loaded_project(id: &str) -> Self {
        Self::new(409, format!("Project {id:?} was loaded from a users file; only clones can be deleted."))
    }

    /// The mistakes in a document, each with its place.
    pub(super) fn of_document(problems: &Problems) -> Self {
        let more = match problems.more() {
            0 => String::new(),
            more => format!(" {more} more not listed."),
        };
        let mut problem = Self::new(422, format!("The body is invalid; nothing was changed. See errors.{more}"));
        problem.errors = problems.iter().map(diagnostics::Problem::told).collect();
        problem
    }

    pub(super) fn allow(mut self, methods: String) -> Self {
        self.allow = Some(methods);
        self
    }

    /// Closes the connection, since the bytes that follow on it cannot be trusted.
    pub(crate) fn closing(mut self) -> Self {
        self.close = true;
        self
    }

    fn into_reply(self) -> AdminReply {
        let title = StatusCode::from_u16(self.status).ok().and_then(|status| status.canonical_reason());
        let shown = ShownProblem {
            r#type: "about:blank",
            title: invariant!(title, "", "the statuses of problems have a reason phrase"),
            status: self.status,
            detail: &self.detail,
            errors: &self.errors,
        };
        let mut reply = AdminReply::json(self.status, &shown).media_type("application/problem+json");
        if let Some(methods) = self.allow {
            reply = reply.header("allow", methods);
        }
        if self.status == 401 {
            reply = reply.header("www-authenticate", "Bearer");
        }
        if self.close {
            reply = reply.header("connection", "close");
        }
        reply
    }
}

/// The response of a reply or a problem.
pub(super) fn respond(state: &State, answered: Result<AdminReply, AdminProblem>) -> Response<Bytes> {
    answered.unwrap_or_else(AdminProblem::into_reply).into_response(state.uncounted_id())
}

/// The response of a problem.
pub(crate) fn refuse(state: &State, problem: AdminProblem) -> Response<Bytes> {
    respond(state, Err(problem))
}
