//! The routes of the admin API, as data: which request goes to which resource, which methods a resource takes, and the
//! list of resources that an unknown path is answered with.

use super::later::Later;
use super::reply::Reply;
use super::verify::Asked;
use super::{
    Admission, Problem, ROOT, clock, coverage, document, error_codes, explain, health, metrics, outbox, overrides,
    passwords, projects, query, requests, reset, scenario, tokens, users, version,
};
use crate::state::{State, Work};
use bytes::Bytes;
use hyper::Method;
use hyper::http::request::Parts;

/// A request to a resource, and its answer.
pub(super) struct Route {
    method: &'static str,
    /// Below the root, without the first slash. A piece in braces stands for any text.
    path: &'static str,
    run: Run,
}

/// How a route is answered.
#[derive(Clone, Copy)]
pub(super) enum Run {
    Now(fn(&Call<'_>) -> Result<Reply, Problem>),
    /// Beside the thread that serves.
    Later(fn(&Call<'_>) -> Result<Later, Problem>),
    /// There too, by what may take long.
    Apart(Work, fn(&Call<'_>) -> Result<Reply, Problem>),
}

/// A request that was admitted, and whose body has arrived.
pub(super) struct Call<'c> {
    pub(super) state: &'c State,
    pub(super) admission: Admission,
    pub(super) request: &'c Parts,
    pub(super) body: &'c Bytes,
    /// The pieces of the path, decoded.
    pub(super) pieces: &'c [&'c str],
}

pub(super) static ROUTES: &[Route] = &[
    get("health", |call| health::show(call.state, call.admission, call.query())),
    get("version", |call| version::show(call.query())),
    list("users", |call| users::list(call.state, call.query())),
    list("projects", |call| projects::list(call.state, call.query())),
    change("POST", "projects", |call| projects::clone(call.state, call.request, call.body)),
    change("DELETE", "projects/{id}", |call| projects::remove(call.state, call.piece(1), call.query())),
    list("requests", |call| requests::list(call.state, call.query())),
    change("DELETE", "requests", |call| requests::clear(call.state, call.query())),
    get("requests/{index}", |call| requests::show(call.state, call.piece(1), call.query())),
    later("POST", "verify", |call| Asked::of(call.state, call.request, call.body).map(Later::Verdict)),
    list("coverage", |call| coverage::show(call.state, call.query())),
    list("overrides", |call| overrides::list(call.state, call.query())),
    change("POST", "overrides", |call| overrides::add(call.state, call.request, call.body)),
    change("DELETE", "overrides", |call| overrides::clear(call.state, call.query())),
    change("DELETE", "overrides/{id}", |call| overrides::remove(call.state, call.piece(1), call.query())),
    list("scenario", |call| scenario::show(call.state, call.query())),
    later("DELETE", "scenario", |call| scenario::taken_back(call.query())),
    later("PUT", "scenario", |call| scenario::sent(call.request, call.body).map(Later::Scenario)),
    get("passwords/{project}/{user}", |call| passwords::show(call.state, call.piece(1), call.piece(2), call.query())),
    list("explain", |call| explain::show(call.state, call.query())),
    list("outbox", |call| outbox::list(call.state, call.query())),
    list("tokens", |call| tokens::list(call.state, call.query())),
    now("DELETE", "tokens/{id}", |call| tokens::revoke(call.state, call.piece(1), call.query())),
    get("clock", |call| clock::show(call.state, call.query())),
    now("POST", "clock", |call| clock::set(call.state, call.request, call.body)),
    change("POST", "reset", |call| reset::reset(call.state, call.request, call.body)),
    list("openapi.json", |call| document::show(call.state, call.request)),
    list("error-codes", |call| error_codes::list(call.query())),
    get("metrics", |call| metrics::show(call.state, call.query())),
    now("POST", "shutdown", |call| {
        query::none(call.query())?;
        call.state.lifecycle.drain();
        Ok(Reply::empty(202))
    }),
];

/// The route of a request, or the problem that there is none.
pub(super) fn route(method: &Method, pieces: &[&str]) -> Result<&'static Route, Problem> {
    // The server leaves the body of an answer to HEAD away.
    let method = if method == Method::HEAD { "GET" } else { method.as_str() };
    let known: Vec<_> = ROUTES.iter().filter(|route| route.is_for(pieces)).collect();
    if let Some(route) = known.iter().find(|route| route.method == method) {
        return Ok(route);
    }
    if known.is_empty() {
        return Err(unknown(pieces));
    }
    let allowed: Vec<_> = known.iter().map(|route| route.method).collect();
    let allowed = allowed.join(", ");
    Err(Problem::new(405, format!("This resource takes {allowed}.")).allow(allowed))
}

/// Nothing is at this path.
fn unknown(pieces: &[&str]) -> Problem {
    match pieces {
        ["passwords", ..] => Problem::new(404, format!("Ask for {ROOT}/passwords/{{project}}/{{user}}.")),
        ["mappings", ..] => Problem::new(
            404,
            "There are no mappings here: wksmock has rules. POST one to /__admin/overrides, \
             PUT all to /__admin/scenario, or start with --scenario FILE.",
        ),
        _ => {
            let mut resources: Vec<_> = ROUTES.iter().map(Route::resource).collect();
            resources.dedup();
            let resources = resources.join(", ");
            Problem::new(404, format!("No such resource. There are, under {ROOT}/: {resources}."))
        }
    }
}

impl Route {
    pub(super) fn run(&self) -> Run {
        self.run
    }

    fn is_for(&self, pieces: &[&str]) -> bool {
        let own = self.path.split('/');
        own.clone().count() == pieces.len() && own.zip(pieces).all(|(own, piece)| own.starts_with('{') || own == *piece)
    }

    /// The first piece of its path.
    fn resource(&self) -> &'static str {
        self.path.split('/').next().unwrap_or(self.path)
    }
}

impl Call<'_> {
    fn query(&self) -> &str {
        self.request.uri.query().unwrap_or("")
    }

    /// A piece of the path, which the route has.
    fn piece(&self, at: usize) -> &str {
        self.pieces.get(at).copied().unwrap_or("")
    }
}

/// What may be long.
const fn list(path: &'static str, run: fn(&Call<'_>) -> Result<Reply, Problem>) -> Route {
    Route { method: "GET", path, run: Run::Apart(Work::Read, run) }
}

/// What takes the longer, the more there is.
const fn change(method: &'static str, path: &'static str, run: fn(&Call<'_>) -> Result<Reply, Problem>) -> Route {
    Route { method, path, run: Run::Apart(Work::Change, run) }
}

const fn get(path: &'static str, run: fn(&Call<'_>) -> Result<Reply, Problem>) -> Route {
    now("GET", path, run)
}

const fn now(method: &'static str, path: &'static str, run: fn(&Call<'_>) -> Result<Reply, Problem>) -> Route {
    Route { method, path, run: Run::Now(run) }
}

const fn later(method: &'static str, path: &'static str, run: fn(&Call<'_>) -> Result<Later, Problem>) -> Route {
    Route { method, path, run: Run::Later(run) }
}
