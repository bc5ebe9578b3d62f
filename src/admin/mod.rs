//! The admin API under `/__admin`: what a test or a person asks of the server about itself.
//!
//! One file a resource. `guard.rs` decides who may ask, `query.rs` reads query parameters, `problem.rs` is what
//! goes wrong, and `reply.rs` what comes back.

mod clock;
mod coverage;
mod error_codes;
mod explain;
mod guard;
mod health;
mod later;
mod metrics;
mod outbox;
mod overrides;
mod passwords;
mod problem;
mod projects;
mod query;
mod reply;
mod requests;
mod reset;
mod scenario;
mod tokens;
mod users;
mod verify;
mod version;

pub(crate) use guard::{Access, Admission, admit};
pub(crate) use later::Later;
pub(crate) use problem::Problem;

use crate::contract::openapi;
use crate::state::State;
use bytes::Bytes;
use hyper::http::request::Parts;
use hyper::{Method, Response};
use percent_encoding::percent_decode_str;
use reply::Reply;
use std::borrow::Cow;
use verify::Asked;

const ROOT: &str = "/__admin";

/// Everything that there is, for whoever asks for something else.
const RESOURCES: &str = "health, version, users, projects, requests, verify, coverage, overrides, scenario, passwords, explain, outbox, tokens, clock, reset, openapi.json, error-codes, metrics, shutdown";

/// Whether a path belongs to the admin API.
pub(crate) fn is_admin(path: &str) -> bool {
    path.strip_prefix(ROOT).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// An answer, or what there is to do before there is one.
pub(crate) enum Answer {
    Now(Response<Bytes>),
    Later(Later),
}

/// Answers a request that was admitted and whose body has arrived.
pub(crate) fn answer(state: &State, admission: Admission, request: &Parts, body: &Bytes) -> Answer {
    let answered = pieces_of(request.uri.path()).and_then(|pieces| {
        let pieces: Vec<&str> = pieces.iter().map(AsRef::as_ref).collect();
        Ok(match later(state, request, &pieces, body)? {
            Some(later) => Answer::Later(later),
            None => {
                Answer::Now(dispatch(state, admission, request, &pieces, body)?.into_response(state.uncounted_id()))
            }
        })
    });
    answered.unwrap_or_else(|problem| Answer::Now(refuse(state, problem)))
}

/// What takes long.
fn later(state: &State, request: &Parts, pieces: &[&str], body: &Bytes) -> Result<Option<Later>, Problem> {
    Ok(match (pieces, request.method.as_str()) {
        (["verify"], "POST") => Some(Later::Verdict(Asked::of(state, request, body)?)),
        (["scenario"], "PUT") => Some(Later::Scenario(scenario::sent(request, body)?)),
        _ => None,
    })
}

/// Answers with what is wrong.
pub(crate) fn refuse(state: &State, problem: Problem) -> Response<Bytes> {
    problem.into_reply().into_response(state.uncounted_id())
}

/// The pieces of a path below the root, decoded.
fn pieces_of(path: &str) -> Result<Vec<Cow<'_, str>>, Problem> {
    let Some(path) = path.strip_prefix(ROOT) else {
        return Err(Problem::new(404, format!("Only the admin API is served on this address. It is under {ROOT}.")));
    };
    let mut pieces = Vec::new();
    for piece in path.split('/').skip(1) {
        let decoded = percent_decode_str(piece).decode_utf8();
        pieces.push(decoded.map_err(|_| Problem::new(400, format!("{piece:?} is not percent-encoded UTF-8.")))?);
    }
    Ok(pieces)
}

fn dispatch(
    state: &State,
    admission: Admission,
    request: &Parts,
    pieces: &[&str],
    body: &Bytes,
) -> Result<Reply, Problem> {
    // The server leaves the body of an answer to HEAD away.
    let method = if request.method == Method::HEAD { "GET" } else { request.method.as_str() };
    let query = request.uri.query().unwrap_or("");
    match (pieces, method) {
        (["health"], "GET") => health::show(state, admission, query),
        (["metrics"], "GET") => metrics::show(state, query),
        (["version"], "GET") => version::show(query),
        (["users"], "GET") => users::list(state, query),
        (["projects"], "GET") => projects::list(state, query),
        (["projects"], "POST") => projects::clone(state, request, body),
        (["projects", id], "DELETE") => projects::remove(state, id, query),
        (["requests"], "GET") => requests::list(state, query),
        (["requests"], "DELETE") => requests::clear(state, query),
        (["requests", index], "GET") => requests::show(state, index, query),
        (["coverage"], "GET") => coverage::show(state, query),
        (["overrides"], "GET") => overrides::list(state, query),
        (["overrides"], "POST") => overrides::add(state, request, body),
        (["overrides"], "DELETE") => overrides::clear(state, query),
        (["overrides", id], "DELETE") => overrides::remove(state, id, query),
        (["scenario"], "GET") => scenario::show(state, query),
        (["passwords", project, user], "GET") => passwords::show(state, project, user, query),
        (["error-codes"], "GET") => error_codes::list(query),
        (["outbox"], "GET") => outbox::list(state, query),
        (["tokens"], "GET") => tokens::list(state, query),
        (["tokens", id], "DELETE") => tokens::revoke(state, id, query),
        (["explain"], "GET") => explain::show(state, query),
        (["clock"], "GET") => clock::show(state, query),
        (["clock"], "POST") => clock::set(state, request, body),
        (["reset"], "POST") => reset::reset(state, request, body),
        (["openapi.json"], "GET") => {
            query::none(query)?;
            Ok(Reply::json(200, &openapi::document()))
        }
        (["shutdown"], "POST") => {
            query::none(query)?;
            state.lifecycle.drain();
            Ok(Reply::empty(202))
        }
        (known, _) => Err(other(known)),
    }
}

/// Another method of a known resource, or no resource at all.
fn other(pieces: &[&str]) -> Problem {
    let allowed = match pieces {
        [
            "coverage" | "error-codes" | "explain" | "health" | "metrics" | "outbox" | "tokens" | "version" | "users"
            | "openapi.json",
        ]
        | ["requests", _]
        | ["passwords", _, _] => "GET",
        ["requests"] => "GET, DELETE",
        ["overrides"] => "GET, POST, DELETE",
        ["clock" | "projects"] => "GET, POST",
        ["scenario"] => "GET, PUT",
        ["overrides" | "projects" | "tokens", _] => "DELETE",
        ["reset" | "shutdown" | "verify"] => "POST",
        ["passwords", ..] => {
            return Problem::new(404, "Ask for /__admin/passwords/{project}/{user}.");
        }
        ["mappings", ..] => {
            return Problem::new(
                404,
                "There are no mappings here: wksmock has rules. POST one to /__admin/overrides, \
                 PUT all to /__admin/scenario, or start with --scenario FILE.",
            );
        }
        _ => {
            let detail = format!("No such resource. There are, under {ROOT}/: {RESOURCES}.");
            return Problem::new(404, detail);
        }
    };
    Problem::new(405, format!("This resource takes {allowed}.")).allow(allowed)
}
