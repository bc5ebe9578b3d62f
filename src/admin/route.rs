//! A row of the table of routes, and the words with which `routes.rs` writes one.

use super::AdminProblem;
use super::events::EventWatch;
use super::reply::AdminReply;
use super::request::AdminRequest;
#[cfg(feature = "console")]
use super::try_it::Trial;
use super::verify::PendingVerdict;
use crate::state::{State, Work};

type Text = &'static str;

/// A request to a resource, and its answer.
pub(super) struct Route {
    pub(super) method: Text,
    /// Below the root, without the first slash. A piece in braces stands for any text.
    pub(super) path: Text,
    /// The operationId in the document.
    pub(super) id: Text,
    pub(super) summary: Text,
    /// Effects and conditions; empty if the summary says all.
    pub(super) description: Text,
    /// The query parameters. Any other is refused.
    pub(super) parameters: &'static [QueryParameter],
    pub(super) body: Option<(SentBody, Presence)>,
    /// The status of a success.
    pub(super) status: u16,
    /// Another status, with the same schema.
    pub(super) also: Option<u16>,
    /// The schema of a success; `None` without a body.
    pub(super) schema: Option<Text>,
    /// The statuses of its problems, beside 400, and when each is given.
    pub(super) problems: &'static [(u16, Text)],
    pub(super) run: Answerer,
    /// Answers at once where that takes no longer than some calls, and otherwise does nothing.
    pub(super) in_brief: Option<BriefHandler>,
}

pub(super) struct QueryParameter {
    pub(super) name: Text,
    pub(super) form: ValueForm,
    pub(super) description: Text,
}

/// The values that a query parameter takes.
#[derive(Clone, Copy, Debug)]
pub(super) enum ValueForm {
    Text,
    /// The id of a clone, which is unknown before it is made.
    Clone,
    /// A whole number from the first to the second.
    Whole(u64, u64),
    OneOf(&'static [Text]),
    /// `true` or `false`.
    Flag,
    Operation,
    NotificationTypes,
    /// A JSON object.
    Object,
    /// Some of these, with commas.
    Names(&'static [Text]),
    RequestId,
    /// The number of entries on a page.
    Limit,
    /// Milliseconds that a verdict may wait.
    Wait,
}

/// Whether a request must have a body.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Presence {
    Required,
    Optional,
}

/// A body that a client sends.
#[derive(Clone, Copy, Debug)]
pub(super) enum SentBody {
    AnyText,
    ClockMove,
    CloneRequest,
    NewOverride,
    ResetRequest,
    Scenario,
    TryRequest,
    VerifyRequest,
}

impl SentBody {
    /// The name of its schema: that of the variant.
    pub(super) fn schema(self) -> String {
        format!("{self:?}")
    }
}

/// Answers a request.
pub(super) type Handler = fn(&State, &AdminRequest) -> Result<AdminReply, AdminProblem>;

/// Answers a request if that is brief.
pub(super) type BriefHandler = fn(&State, &AdminRequest) -> Option<Result<AdminReply, AdminProblem>>;

/// How a route is answered.
#[derive(Clone, Copy)]
pub(super) enum Answerer {
    Now(Handler),
    /// Beside the threads that serve, since it may take long.
    Apart(Work, Handler),
    /// By a verdict, for which the request may wait.
    Verdict(fn(&State, &AdminRequest) -> Result<PendingVerdict, AdminProblem>),
    /// By the server, which sends a request to itself.
    #[cfg(feature = "console")]
    Try(fn(&State, &AdminRequest) -> Result<Trial, AdminProblem>),
    /// By a stream.
    Live(fn(&State, &AdminRequest) -> Result<EventWatch, AdminProblem>),
}

impl Route {
    /// Whether it has this path, given as decoded pieces.
    pub(super) fn has_path(&self, pieces: &[String]) -> bool {
        let own = self.path.split('/');
        own.clone().count() == pieces.len() && own.zip(pieces).all(|(own, piece)| own.starts_with('{') || own == piece)
    }

    /// The first piece of its path.
    pub(super) fn resource(&self) -> Text {
        self.path.split_once('/').map_or(self.path, |(resource, _)| resource)
    }

    pub(super) const fn takes(mut self, parameters: &'static [QueryParameter]) -> Self {
        self.parameters = parameters;
        self
    }

    pub(super) const fn needs(mut self, body: SentBody) -> Self {
        self.body = Some((body, Presence::Required));
        self
    }

    pub(super) const fn may_have(mut self, body: SentBody) -> Self {
        self.body = Some((body, Presence::Optional));
        self
    }

    pub(super) const fn gives(mut self, status: u16, schema: Option<Text>) -> Self {
        (self.status, self.schema) = (status, schema);
        self
    }

    pub(super) const fn also(mut self, status: u16) -> Self {
        self.also = Some(status);
        self
    }

    pub(super) const fn says(mut self, description: Text) -> Self {
        self.description = description;
        self
    }

    pub(super) const fn in_brief(mut self, run: BriefHandler) -> Self {
        self.in_brief = Some(run);
        self
    }

    pub(super) const fn refuses(mut self, problems: &'static [(u16, Text)]) -> Self {
        self.problems = problems;
        self
    }
}

/// A GET that is short.
pub(super) const fn get(path: Text, id: Text, summary: Text, schema: Text, run: Handler) -> Route {
    route("GET", path, id, summary, Answerer::Now(run)).gives(200, Some(schema))
}

/// A GET whose answer may be long.
pub(super) const fn list(path: Text, id: Text, summary: Text, schema: Text, run: Handler) -> Route {
    route("GET", path, id, summary, Answerer::Apart(Work::Read, run)).gives(200, Some(schema))
}

/// A change that takes the longer, the more there is.
pub(super) const fn change(method: Text, path: Text, id: Text, summary: Text, run: Handler) -> Route {
    route(method, path, id, summary, Answerer::Apart(Work::Change, run))
}

/// Done without a body, unless it `gives` one.
pub(super) const fn route(method: Text, path: Text, id: Text, summary: Text, run: Answerer) -> Route {
    Route {
        method,
        path,
        id,
        summary,
        description: "",
        parameters: &[],
        body: None,
        status: 204,
        also: None,
        schema: None,
        problems: &[],
        run,
        in_brief: None,
    }
}

pub(super) const fn parameter(name: Text, form: ValueForm, description: Text) -> QueryParameter {
    QueryParameter { name, form, description }
}
