//! `events`: what happens, as server-sent events. Each is written once for all who follow; a follower who comes back or falls
//! behind is given what it has missed from the journal.

use super::clock::Clock;
use super::query::number;
use super::{AdminProblem, reply::AdminReply, request::AdminRequest};
use crate::state::{Batch, Event, Hub, Mark, Next, State, Work, run_on_worker};
use bytes::Bytes;
use hyper::Response;
use hyper::http::request::Parts;
use serde::Serialize;
use std::io;
use std::sync::{Arc, Weak};
use std::time::Duration;
use tokio::sync::OwnedSemaphorePermit;
use tokio_util::sync::{CancellationToken, DropGuard};

/// Values of `kinds`.
pub(super) const KINDS: [&str; 6] = ["request", "message", "setup", "clock", "reset", "truncated"];
const TRUNCATED: usize = 5;
const ALL_KINDS: u8 = (1 << KINDS.len()) - 1;
/// How long the publisher rests after each look, so that a crowd of calls wakes it once.
const REST: Duration = Duration::from_millis(25);
/// How far the publisher's priority is below that of other threads, as `nice` has it.
#[cfg(all(target_os = "linux", feature = "cli"))]
const NICENESS: i32 = 10;
/// How long a stream is silent before a comment shows that it is alive.
const SILENCE: Duration = Duration::from_secs(15);
/// How soon a browser connects again, in milliseconds.
const RETRY_MS: u32 = 1_000;

/// A stream of events that is asked for.
#[derive(Debug)]
pub(crate) struct EventWatch {
    /// Where it begins; without it, now.
    since: Option<u64>,
    /// A bit for each kind.
    kinds: u8,
}

/// The reset of a project, or of everything.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct ResetEvent<'e> {
    /// The number of resets so far, plus 1.
    epoch: u64,
    /// The project or clone; `None` for everything.
    project: Option<&'e str>,
}

/// Entries, messages or changes that were dropped before the reader saw them.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct TruncatedEvent {
    /// Number of missing events; 0 if `since` is not an id of this server, and the stream starts at its beginning.
    missed: u64,
}

/// Somebody who follows what happens.
#[derive(Debug)]
pub(crate) struct Follower {
    state: Arc<State>,
    hub: Arc<Hub>,
    _place: OwnedSemaphorePermit,
    kinds: u8,
    /// The position in the hub that is read next.
    position: u64,
    /// Position of the follower.
    mark: Mark,
    /// End of the events to catch up on.
    through: Option<Mark>,
}

pub(super) fn watch(_: &State, request: &AdminRequest) -> Result<EventWatch, AdminProblem> {
    let query = &request.query;
    let expected = "the id of an event, or 0";
    let since = match query.parsed("since", expected)? {
        Some(since) => Some(since),
        None => last_event_id(&request.head)?,
    };
    let kinds = query.text("kinds").map_or(Ok(ALL_KINDS), kinds)?;
    Ok(EventWatch { since, kinds })
}

/// The number in a `Last-Event-ID` header, if there is one.
fn last_event_id(request: &Parts) -> Result<Option<u64>, AdminProblem> {
    let mut values = request.headers.get_all("last-event-id").iter();
    let Some(value) = values.next() else { return Ok(None) };
    if values.next().is_some() {
        return Err(AdminProblem::new(400, "The header Last-Event-ID is given twice; send one event id."));
    }
    let id = value.to_str().ok().and_then(|value| number(value.trim()));
    let wrong = || AdminProblem::new(400, "The header Last-Event-ID is not a number; send the id of an event.");
    id.map(Some).ok_or_else(wrong)
}

fn kinds(names: &str) -> Result<u8, AdminProblem> {
    let bit = |name: &str| KINDS.iter().position(|kind| *kind == name).map(|at| 1 << at);
    let kinds = names.split(',').try_fold(1 << TRUNCATED, |all, name| Some(all | bit(name)?));
    let known = KINDS.join(", ");
    kinds.ok_or_else(|| {
        AdminProblem::new(
            400,
            format!("The query parameter kinds is {names:?}; expected a comma-separated list of {known}."),
        )
    })
}

impl EventWatch {
    /// Begins the stream: its head, and the follower who writes it.
    pub(crate) fn begin(&self, state: &Arc<State>) -> Result<(Response<Bytes>, Follower), AdminProblem> {
        let most = state.limits.event_readers_max;
        let place = Arc::clone(&state.event_readers).try_acquire_owned().map_err(|_| {
            let what = format!("Reader limit reached: at most {most} readers of events.");
            AdminProblem::new(503, format!("{what} Close one of them, or raise the limit event_readers_max."))
        })?;
        let publisher = |hub| publisher(Arc::clone(state), hub);
        let hub = state.followers.hub(state.limits.event_bytes_max, || state.mark(), publisher).map_err(|error| {
            AdminProblem::new(
                503,
                format!("The thread that writes events could not be started ({error}); try again later."),
            )
        })?;
        let (position, end) = hub.end();
        let (mark, through) = match self.since {
            None => (end, None),
            // An index that this server has not reached is of another server: the follower has read nothing of this one.
            Some(since) => (Mark::since(if state.has_reached(since) { since } else { 0 }), Some(end)),
        };
        let is_of_another = self.since.is_some_and(|since| !state.has_reached(since));
        let follower =
            Follower { state: Arc::clone(state), hub, _place: place, kinds: self.kinds, position, mark, through };
        let reply = AdminReply::text(200, "text/event-stream", follower.first_words(is_of_another));
        Ok((reply.into_response(state.uncounted_id()), follower))
    }
}

impl Follower {
    /// Returns the beginning of a stream: the id that lets a reader resume if it is disconnected before the first event.
    fn first_words(&self, is_of_another: bool) -> String {
        let mut text = format!("retry: {RETRY_MS}\nid: {}\n\n", self.mark.cursor()).into_bytes();
        if is_of_another {
            write(&mut text, TRUNCATED, 0, &TruncatedEvent { missed: 0 });
        }
        invariant!(String::from_utf8(text).ok(), String::new(), "events are UTF-8")
    }

    /// The next events as text, or a comment after a silence; `None` if the server ends.
    pub(crate) async fn next(&mut self) -> Option<Bytes> {
        let silence = tokio::time::sleep(SILENCE);
        let state = Arc::clone(&self.state);
        tokio::select! {
            biased;
            () = state.lifecycle.drained() => None,
            text = self.events() => Some(text),
            () = silence => Some(Bytes::from_static(b": nothing new\n\n")),
        }
    }

    async fn events(&mut self) -> Bytes {
        loop {
            if let Some(through) = self.through.clone() {
                let text = self.catch_up(through).await;
                if !text.is_empty() {
                    return text;
                }
                continue;
            }
            let hub = Arc::clone(&self.hub);
            // Made before the look, so that no batch between the two is missed.
            let told = hub.told();
            match hub.at(self.position) {
                Next::Batch(batch) => {
                    self.position += 1;
                    let text = batch.of(self.kinds);
                    self.mark = batch.mark;
                    if !text.is_empty() {
                        return text;
                    }
                }
                Next::Behind => {
                    let (position, end) = hub.end();
                    self.position = position;
                    self.through = Some(end);
                }
                Next::Nothing => told.await,
            }
        }
    }

    /// Reads a part of the events that the follower has missed and the hub no longer holds.
    async fn catch_up(&mut self, through: Mark) -> Bytes {
        let mut mark = self.mark.clone();
        let until = through.clone();
        let work = move |state: &State| batch_of(state, &mut mark, Some(&until));
        let (batch, more) = run_on_worker(&self.state, Work::Events, work).await;
        let text = batch.of(self.kinds);
        self.mark = batch.mark;
        if !more {
            self.through = None;
        }
        text
    }
}

/// Starts the thread that tells the hub what happens, until the result is dropped.
fn publisher(state: Arc<State>, hub: Weak<Hub>) -> io::Result<DropGuard> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build()?;
    let ended = CancellationToken::new();
    let end = ended.clone().drop_guard();
    std::thread::Builder::new().name("wksmock-events".to_owned()).spawn(move || {
        step_back();
        runtime.block_on(ended.run_until_cancelled(publish(&state, hub)))
    })?;
    Ok(end)
}

/// Lets the threads that serve go first where there are fewer processors than threads: events may come later, answers not.
fn step_back() {
    // Elsewhere it would be the priority of the whole process. A test that embeds the server compiles without rustix.
    #[cfg(all(target_os = "linux", feature = "cli"))]
    let _ = rustix::process::setpriority_process(None, NICENESS);
}

async fn publish(state: &State, hub: Weak<Hub>) {
    let [entries, messages, changes] = state.waiting();
    loop {
        // Made before the look, so that no change between the two is missed.
        let told = (entries.next(), messages.next(), changes.next());
        let Some(present) = hub.upgrade() else { return };
        tell(state, &present);
        drop(present);
        tokio::time::sleep(REST).await;
        tokio::select! {
            () = told.0 => {}
            () = told.1 => {}
            () = told.2 => {}
        }
    }
}

fn tell(state: &State, hub: &Hub) {
    let mut mark = hub.mark();
    loop {
        let (batch, more) = batch_of(state, &mut mark, None);
        hub.add(batch);
        if !more {
            return;
        }
    }
}

/// Returns unread events as text, and whether there are more.
fn batch_of(state: &State, mark: &mut Mark, through: Option<&Mark>) -> (Batch, bool) {
    let news = state.news(mark, through);
    let (mut text, mut ends) = (Vec::new(), Vec::with_capacity(news.events.len()));
    for (id, event) in news.events {
        let kind = write_event(&mut text, id, &event);
        ends.push((text.len(), 1 << kind));
    }
    (Batch { text: text.into(), ends, mark: mark.clone() }, news.more)
}

/// Writes an event, and gives its kind.
fn write_event(text: &mut Vec<u8>, id: u64, event: &Event) -> usize {
    match event {
        Event::Request(entry) => write(text, 0, id, entry),
        Event::Message(message) => write(text, 1, id, message),
        Event::Setup(change) => write(text, 2, id, &**change),
        Event::Clock { now_ms, mode } => write(text, 3, id, &Clock { now_ms: *now_ms, mode }),
        Event::Reset { epoch, project } => {
            write(text, 4, id, &ResetEvent { epoch: *epoch, project: project.as_deref() })
        }
        Event::Truncated(missed) => write(text, TRUNCATED, id, &TruncatedEvent { missed: *missed }),
    }
}

fn write<T: Serialize>(text: &mut Vec<u8>, kind: usize, id: u64, data: &T) -> usize {
    let name = invariant!(KINDS.get(kind).copied(), "", "kinds are positions in KINDS");
    text.extend_from_slice(format!("event: {name}\nid: {id}\ndata: ").as_bytes());
    // Writing our own shapes to memory cannot fail, and JSON that is not indented has no line feed.
    let _ = serde_json::to_writer(&mut *text, data);
    text.extend_from_slice(b"\n\n");
    kind
}

impl Batch {
    /// The events of these kinds.
    fn of(&self, kinds: u8) -> Bytes {
        if self.ends.iter().all(|(_, kind)| kinds & kind != 0) {
            return self.text.clone();
        }
        let mut text = Vec::new();
        let mut from = 0;
        for (end, kind) in &self.ends {
            if kinds & kind != 0 {
                text.extend_from_slice(part!(self.text, from..*end));
            }
            from = *end;
        }
        text.into()
    }
}
