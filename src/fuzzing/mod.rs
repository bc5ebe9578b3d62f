//! The crate as the fuzz targets see it. Compiled only under `--cfg fuzzing` and by clippy, and not part of the API.
//!
//! It returns plain values, which the targets in `fuzz/` compare with their models. The only check here is that both readers
//! of users files agree.

mod scenario;

pub use scenario::{Calls, Decided as DecidedCall, Fault, Scenario, calls, fault, scenario};

use crate::admin::{self, Admission};
use crate::api;
use crate::contract::{self, NotificationType, PathValue, Subject, WrongTypes};
use crate::diagnostics::{self, Location, Source};
use crate::engine::{Auth, Given, Settings, Setup};
use crate::fixture::{self, Loaded};
use crate::limits::Limits;
use crate::state::{Arrival, Decided, Entry, Options, Sent, Settled, State};
use bytes::Buf as _;
use hyper::Request;
use hyper::http::Version;
use hyper::http::request::Parts;
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

/// The route of a path, with its ids.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Routed {
    /// Known path and method.
    Known([Id; 2]),
    /// Known path with another method.
    WrongMethod([Id; 2]),
    /// Unknown path.
    Unknown,
}

/// An id in a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Id {
    /// Decoded.
    Text(String),
    /// Raw, since it cannot be decoded.
    Undecodable(String),
}

/// Routes a path; only the password reset is known here.
#[must_use]
pub fn route(path: &str, method: &str) -> Routed {
    let found = contract::route(path, method).filter(|found| found.operation.subject == Subject::User);
    let Some(found) = found else { return Routed::Unknown };
    let ids = found.values(path).map(|value| match value {
        PathValue::Text(text) => Id::Text(text.to_owned()),
        PathValue::Undecodable(raw) => Id::Undecodable(raw.to_owned()),
    });
    if found.allows_method { Routed::Known(ids) } else { Routed::WrongMethod(ids) }
}

/// An error in the notification types of a query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WrongNotification {
    /// The parameter is given twice.
    Twice,
    /// The value is not a list of types.
    Value(String),
}

/// The notification types of a query.
///
/// # Errors
/// If they are invalid.
pub fn notification_types(query: &str) -> Result<Vec<&'static str>, WrongNotification> {
    match contract::notification_types(query) {
        Ok(types) => {
            let types = NotificationType::ALL.into_iter().filter(|one| types.contains(*one));
            Ok(types.map(NotificationType::name).collect())
        }
        Err(WrongTypes::Twice) => Err(WrongNotification::Twice),
        Err(WrongTypes::Value(value)) => Err(WrongNotification::Value(value.into_owned())),
    }
}

/// A server without sockets.
#[derive(Debug)]
pub struct Server(State);

/// The answer to a request, with its journal entry.
#[derive(Debug)]
pub struct Answered {
    /// The status.
    pub status: u16,
    /// Names and values of the headers.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: String,
    /// The call number, if the call was counted.
    pub call: Option<u64>,
    /// The journal's entry.
    pub entry: Entry,
}

/// The parsed head of a request.
#[derive(Clone, Copy, Debug)]
pub struct Head<'h> {
    /// The method.
    pub method: &'h str,
    /// The request target.
    pub target: &'h str,
    /// Whether the version is HTTP/1.0.
    pub http_10: bool,
    /// Names and values.
    pub fields: &'h [(&'h str, &'h [u8])],
}

impl Server {
    /// A server with the users of a file.
    ///
    /// # Panics
    /// If the file is invalid.
    #[must_use]
    pub fn new(users: &str, limits: Limits, auth: Auth, lenient: bool, fidelity: contract::Fidelity) -> Self {
        let given = Given {
            users: Some(vec![Arc::new(Source::new("users", users))]),
            password_length: 10,
            settings: Settings { auth, lenient, fidelity, ..Settings::default() },
            ..Given::default()
        };
        let mut problems = diagnostics::Problems::new(limits.errors_shown_max);
        let setup = Setup::new(&given, &limits, &mut problems);
        assert!(setup.is_some(), "{}", diagnostics::draw(&problems, false));
        #[expect(clippy::unwrap_used, reason = "it was looked at the line before")]
        Self(State::new(setup.unwrap(), limits, Options::default()))
    }

    /// Answers a request to the emulated API; `None` if the HTTP library would reject it.
    #[must_use]
    pub fn answer(&self, head: &Head<'_>) -> Option<Answered> {
        self.answer_body(head, &[])
    }

    /// [`Self::answer`] for a request with a body.
    #[must_use]
    pub fn answer_body(&self, head: &Head<'_>, body: &[u8]) -> Option<Answered> {
        let request = head.parts()?;
        let state = &self.0;
        let now = state.clock.now();
        let (index, running) = state.arrive(&Arrival::of(&request), now, false);
        let found = contract::route(request.uri.path(), request.method.as_str());
        let request = api::Request { head: request, found, index: 1, arrived: now, by_console: false };
        let answered = api::answer(state, &running, &request, body, now);
        let status = answered.reply.status();
        let call = answered.decided.as_ref().map(|(call, _)| *call);
        let sent = Sent { status, bytes: answered.reply.content_length(), took: Duration::ZERO };
        let settled = Settled {
            request_id: answered.reply.request_id(),
            decided: answered.decided.map(|(call, outcome)| Decided::new(call, outcome)),
            extras: answered.extras,
        };
        state.journal.finish(index, settled, sent);
        let response = answered.reply.into_response();
        let headers = response.headers().iter();
        let shown = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Some(Answered {
            status,
            headers: headers.map(|(name, value)| (name.to_string(), shown(value.as_bytes()))).collect(),
            body: shown(response.body().chunk()),
            call,
            entry: state.entry(index)?,
        })
    }

    /// Status and body of the answer to an authorized admin request; `None` if it waits.
    #[must_use]
    pub fn administer(&self, head: &Head<'_>) -> Option<(u16, String)> {
        let request = head.parts()?;
        let admin::AdminAnswer::Now(response) = admin::answer_at_once(&self.0, Admission::Full, request) else {
            return None;
        };
        Some((response.status().as_u16(), String::from_utf8_lossy(response.body()).into_owned()))
    }

    /// The number of counted calls of a user.
    #[must_use]
    pub fn calls(&self, project: &str, user: &str) -> Option<u64> {
        let running = self.0.running();
        let found = running.find(project, user).ok()?;
        Some(found.calls())
    }
}

impl Head<'_> {
    fn parts(&self) -> Option<Parts> {
        let version = if self.http_10 { Version::HTTP_10 } else { Version::HTTP_11 };
        let mut request = Request::builder().method(self.method).uri(self.target).version(version);
        for (name, value) in self.fields {
            request = request.header(*name, *value);
        }
        Some(request.body(()).ok()?.into_parts().0)
    }
}

/// A project of a users file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Project {
    /// The id.
    pub id: String,
    /// The name.
    pub name: Option<String>,
    /// Listed and generated users.
    pub users: Vec<User>,
}

/// A user of a users file; absent texts are empty.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "they are the fields of a users file")]
pub struct User {
    pub id: String,
    pub user_name: String,
    pub user_email: String,
    pub user_phone: String,
    pub description: String,
    pub active_type: &'static str,
    pub disabled: bool,
    pub locked: bool,
    pub stream: u64,
}

/// The users that were read.
#[derive(Debug)]
pub struct Directory(Loaded);

/// The errors in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// The first problems.
    pub problems: Vec<Problem>,
    /// Number of further problems.
    pub more: usize,
    /// The problems as drawn for a person.
    pub drawn: String,
}

/// One error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The message.
    pub what: String,
    /// Its place.
    pub at: Place,
    /// The expectation.
    pub expected: String,
    /// The advice.
    pub hint: Option<String>,
    /// A second place.
    pub also: Option<Place>,
}

/// A place in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The whole text.
    pub text: String,
    /// A range of bytes.
    pub span: Option<Range<usize>>,
    /// Name, line and column.
    pub shown: String,
}

/// Reads a users file.
///
/// # Errors
/// If the file is invalid.
pub fn users(bytes: &[u8], limits: &Limits) -> Result<Directory, Refused> {
    let mut problems = diagnostics::Problems::new(limits.errors_shown_max);
    let source = problems.keep(Source::from_bytes("users", bytes.to_vec()));
    let document = source.as_ref().and_then(|source| problems.keep(diagnostics::parse(source, limits)));
    let loaded = fixture::load_users(document.as_slice(), 0, limits, &mut problems);
    // Both readers must accept the same files with the same result.
    let sources: Vec<_> = source.into_iter().collect();
    let drafted = fixture::Draft::of(&sources, limits).and_then(|draft| draft.loaded(0, limits)).map(Directory);
    let loaded = Directory(loaded);
    if sources.is_empty() || !problems.is_empty() {
        assert!(sources.is_empty() || drafted.is_none(), "the fast way takes what is wrong");
        return Err(refused(&problems));
    }
    assert_eq!(drafted.map(|drafted| drafted.projects()), Some(loaded.projects()));
    Ok(loaded)
}

impl Directory {
    /// All projects.
    #[must_use]
    pub fn projects(&self) -> Vec<Project> {
        let project = |project: &fixture::Project| {
            let indices = crate::ids::UserIndex::all().take(project.users_count());
            let users = indices.filter_map(|index| project.user_at(index));
            Project {
                id: project.id().to_owned(),
                name: project.name().map(str::to_owned),
                users: users.map(plain).collect(),
            }
        };
        self.0.directory.projects().iter().map(project).collect()
    }

    /// A user by ids.
    #[must_use]
    pub fn find(&self, project: &str, user: &str) -> Option<User> {
        let (_, user) = self.0.directory.user(project, user).ok()?;
        Some(plain(user))
    }

    /// Whether all ids of the file were read.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.0.complete
    }
}

fn plain(user: fixture::User<'_>) -> User {
    User {
        id: user.id().to_string(),
        user_name: user.user_name().to_string(),
        user_email: user.user_email().to_string(),
        user_phone: user.user_phone().to_string(),
        description: user.description().to_string(),
        active_type: user.active_type().name(),
        disabled: user.disabled(),
        locked: user.locked(),
        stream: user.stream().get(),
    }
}

fn refused(problems: &diagnostics::Problems) -> Refused {
    let place = |at: &Location| Place { text: at.source.text().to_owned(), span: at.span.clone(), shown: at.place() };
    let problem = |problem: &diagnostics::Problem| Problem {
        what: problem.what.clone(),
        at: place(&problem.at),
        expected: problem.expected.clone(),
        hint: problem.hint.clone(),
        also: problem.also.as_ref().map(|(at, _)| place(at)),
    };
    Refused {
        problems: problems.iter().map(problem).collect(),
        more: problems.more(),
        drawn: diagnostics::draw(problems, false),
    }
}
