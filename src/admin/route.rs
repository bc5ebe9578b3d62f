//! What a route of the admin API is. The table of all is in `routes.rs`.

use super::later::Later;
use super::reply::Reply;
use super::try_it::Trial;
use super::{Admission, Problem, Watch};
use crate::state::{State, Work};
use bytes::Bytes;
use hyper::http::request::Parts;

/// A request to a resource, and its answer.
pub(super) struct Route {
    pub(super) method: &'static str,
    /// Below the root, without the first slash. A piece in braces stands for any text.
    pub(super) path: &'static str,
    /// The operationId in the document.
    pub(super) id: &'static str,
    pub(super) summary: &'static str,
    /// Effects and conditions; empty if the summary says all.
    pub(super) description: &'static str,
    pub(super) query: &'static [Query],
    pub(super) body: Option<Body>,
    /// What it answers if all is well: status and schema. None of the schemas is that of no body.
    pub(super) answers: &'static [(u16, Option<&'static str>)],
    /// The statuses of its problems, beside 400, and when each is given.
    pub(super) problems: &'static [(u16, &'static str)],
    run: Run,
}

/// A query parameter.
pub(super) struct Query {
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    pub(super) description: &'static str,
}

/// What the value of a parameter looks like.
#[derive(Clone, Copy, Debug)]
pub(super) enum Kind {
    Text,
    /// The id of a clone, which nobody knows before it is made.
    Clone,
    /// A whole number from the first to the second.
    Whole(u64, u64),
    OneOf(&'static [&'static str]),
    /// `true` or `false`.
    Flag,
    Operation,
    NotificationTypes,
    /// A JSON object.
    Object,
    /// Some of these, with commas.
    Names(&'static [&'static str]),
    RequestId,
    /// How many entries a page may have.
    Limit,
    /// Milliseconds that a verdict may wait.
    Wait,
}

/// The JSON body of a request.
#[derive(Clone, Copy)]
pub(super) struct Body {
    pub(super) schema: &'static str,
    pub(super) required: bool,
}

/// How a route is answered.
#[derive(Clone, Copy)]
pub(super) enum Run {
    Now(fn(&Call<'_>) -> Result<Reply, Problem>),
    /// Beside the thread that serves.
    Later(fn(&Call<'_>) -> Result<Later, Problem>),
    /// By the server, which sends a request to itself.
    Try(fn(&Call<'_>) -> Result<Trial, Problem>),
    /// There too, by what may take long.
    Apart(Work, fn(&Call<'_>) -> Result<Reply, Problem>),
    /// By a stream.
    Live(fn(&Call<'_>) -> Result<Watch, Problem>),
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

impl Route {
    pub(super) fn run(&self) -> Run {
        self.run
    }

    pub(super) fn is_for(&self, pieces: &[&str]) -> bool {
        let own = self.path.split('/');
        own.clone().count() == pieces.len() && own.zip(pieces).all(|(own, piece)| own.starts_with('{') || own == *piece)
    }

    /// The first piece of its path.
    pub(super) fn resource(&self) -> &'static str {
        self.path.split('/').next().unwrap_or(self.path)
    }

    pub(super) const fn takes(mut self, query: &'static [Query]) -> Self {
        self.query = query;
        self
    }

    /// A body must be there.
    pub(super) const fn needs(mut self, schema: &'static str) -> Self {
        self.body = Some(Body { schema, required: true });
        self
    }

    pub(super) const fn may_have(mut self, schema: &'static str) -> Self {
        self.body = Some(Body { schema, required: false });
        self
    }

    pub(super) const fn gives(mut self, answers: &'static [(u16, Option<&'static str>)]) -> Self {
        self.answers = answers;
        self
    }

    pub(super) const fn says(mut self, description: &'static str) -> Self {
        self.description = description;
        self
    }

    pub(super) const fn refuses(mut self, problems: &'static [(u16, &'static str)]) -> Self {
        self.problems = problems;
        self
    }
}

impl Call<'_> {
    pub(super) fn query(&self) -> &str {
        self.request.uri.query().unwrap_or("")
    }

    /// A piece of the path, which the route has.
    pub(super) fn piece(&self, at: usize) -> &str {
        self.pieces.get(at).copied().unwrap_or("")
    }
}

pub(super) type Now = fn(&Call<'_>) -> Result<Reply, Problem>;

pub(super) const fn get(path: &'static str, id: &'static str, summary: &'static str, run: Now) -> Route {
    now("GET", path, id, summary, run)
}

pub(super) const fn now(
    method: &'static str,
    path: &'static str,
    id: &'static str,
    summary: &'static str,
    run: Now,
) -> Route {
    described(method, path, id, summary, Run::Now(run))
}

/// What may be long.
pub(super) const fn list(path: &'static str, id: &'static str, summary: &'static str, run: Now) -> Route {
    described("GET", path, id, summary, Run::Apart(Work::Read, run))
}

/// What takes the longer, the more there is.
pub(super) const fn change(
    method: &'static str,
    path: &'static str,
    id: &'static str,
    summary: &'static str,
    run: Now,
) -> Route {
    described(method, path, id, summary, Run::Apart(Work::Change, run))
}

pub(super) const fn later(
    method: &'static str,
    path: &'static str,
    id: &'static str,
    summary: &'static str,
    run: fn(&Call<'_>) -> Result<Later, Problem>,
) -> Route {
    described(method, path, id, summary, Run::Later(run))
}

pub(super) const fn described(
    method: &'static str,
    path: &'static str,
    id: &'static str,
    summary: &'static str,
    run: Run,
) -> Route {
    Route { method, path, id, summary, description: "", query: &[], body: None, answers: &[], problems: &[], run }
}

pub(super) const fn query(name: &'static str, kind: Kind, description: &'static str) -> Query {
    Query { name, kind, description }
}
