//! A request of the API as a value: parsed once, and read by the steps, the log, coverage and whatever ends it.

use crate::contract::{Operation, PathMatch, PathValue};
use crate::ids::AccountIndex;
use crate::scenario::Asked;
use crate::state::{Running, State};
use hyper::http::request::Parts;
use std::borrow::Cow;
use std::time::Duration;

/// A request whose head has arrived.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) head: Parts,
    /// The operation and ids of the path, if it is known.
    pub(crate) found: Option<PathMatch>,
    /// The index of its journal entry.
    pub(crate) index: u64,
    /// When it arrived, by real time.
    pub(crate) arrived: Duration,
    pub(crate) by_console: bool,
}

impl Request {
    pub(crate) fn path(&self) -> &str {
        self.head.uri.path()
    }

    pub(crate) fn method(&self) -> &str {
        self.head.method.as_str()
    }

    /// The operation of the path, whatever the method.
    pub(crate) fn operation(&self) -> Option<Operation> {
        self.found.as_ref().map(|found| found.operation)
    }

    /// Whether the answer is worked out beside the threads that serve.
    pub(crate) fn takes_long(&self) -> bool {
        self.found.as_ref().is_some_and(|found| found.allows_method && found.operation.takes_long)
    }

    /// The project in the path.
    pub(crate) fn project(&self) -> Option<&str> {
        let [project, _] = self.values()?;
        project.text()
    }

    /// The user in the path.
    pub(crate) fn user(&self) -> Option<&str> {
        let [_, user] = self.values()?;
        user.text()
    }

    fn values(&self) -> Option<[PathValue<'_>; 2]> {
        Some(self.found.as_ref()?.values(self.path()))
    }
}

/// A request whose body has arrived, with the server that it came to.
pub(super) struct Whole<'r> {
    pub(super) request: &'r Request,
    pub(super) body: &'r [u8],
    pub(super) state: &'r State,
    pub(super) running: &'r Running,
    /// When the whole request had arrived, by real time.
    pub(super) time: Duration,
    /// The pairs of the query, decoded.
    query: Vec<(Cow<'r, str>, Cow<'r, str>)>,
}

impl<'r> Whole<'r> {
    pub(super) fn new(
        request: &'r Request,
        body: &'r [u8],
        state: &'r State,
        running: &'r Running,
        time: Duration,
    ) -> Self {
        let query = request.head.uri.query();
        let query = query.map_or_else(Vec::new, |query| form_urlencoded::parse(query.as_bytes()).collect());
        Self { request, body, state, running, time, query }
    }

    /// The decoded values of a query parameter, in the order sent.
    #[inline]
    pub(super) fn values(&self, name: &str) -> impl Iterator<Item = &Cow<'r, str>> {
        self.query.iter().filter(move |(found, _)| found == name).map(|(_, value)| value)
    }

    /// The first value of a query parameter; `None` if it is empty.
    pub(super) fn value(&self, name: &str) -> Option<&str> {
        self.values(name).next().map(AsRef::as_ref).filter(|value| !value.is_empty())
    }

    /// The value of a query parameter that is `true` or `false`.
    pub(super) fn flag(&self, name: &str) -> Option<bool> {
        self.value(name).map(|text| text == "true")
    }

    /// The server's URL: by the name that the client uses for it, if that leads here.
    pub(super) fn url(&self) -> String {
        self.state.named_url(&self.request.head)
    }
}

/// A request as rules see it, with the account that it is counted for.
pub(super) struct AskedBy<'r> {
    pub(super) whole: &'r Whole<'r>,
    pub(super) account: Option<AccountIndex>,
}

impl Asked for AskedBy<'_> {
    fn has_header(&self, name: &str, value: &str) -> bool {
        self.whole.request.head.headers.get_all(name).iter().any(|found| found == value)
    }

    fn has_query(&self, name: &str, value: &str) -> bool {
        self.whole.values(name).any(|found| found == value)
    }

    fn at_ms(&self) -> u64 {
        self.whole.state.clock.ms_at(self.whole.time)
    }

    fn account(&self) -> Option<AccountIndex> {
        self.account
    }

    fn turns_left(&self, turns: u64) -> u64 {
        self.whole.running.turns_left(turns)
    }

    fn takes_turn(&self, turns: u64) -> bool {
        self.whole.running.take_turn(turns)
    }
}
