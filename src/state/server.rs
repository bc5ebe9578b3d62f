//! The state of one server.

use super::hosts::{Hosts, OverTls};
use super::journal::entry::lower_case;
use super::ledger::nursery::Nursery;
use super::ledger::rejections::Room;
use super::running::freshness::Freshness;
use super::running::setup::names_of;
use super::{
    Arrival, At, Attempts, Beside, Budget, Clock, Entry, Epoch, Filter, Followers, History, Journal, Ledger, Lifecycle,
    Metrics, Options, Outbox, Page, Running, Secrets, Tokens, Workers,
};
use crate::contract::Operation;
use crate::draw::{RequestId, RequestIds, Stream};
use crate::engine::Setup;
use crate::limits::Limits;
use arc_swap::ArcSwap;
use hyper::http::header::HOST;
use hyper::http::request::Parts;
use parking_lot::Mutex;
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use tokio::sync::Semaphore;

/// Everything of one server that changes.
#[derive(Debug)]
pub(crate) struct State {
    pub(in crate::state) running: ArcSwap<Running>,
    /// Held while another setup is read and compiled: long, and before `writer`.
    pub(in crate::state) renewal: Mutex<()>,
    pub(in crate::state) writer: Mutex<Writer>,
    pub(in crate::state) freshness: Mutex<Freshness>,
    request_ids: RequestIds,
    pub(crate) journal: Journal,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) lifecycle: Lifecycle,
    pub(crate) workers: Workers,
    pub(crate) attempts: Attempts,
    /// Places for attempts under way.
    pub(crate) tries: Semaphore,
    pub(crate) budget: Arc<Budget>,
    pub(crate) tokens: Tokens,
    pub(crate) outbox: Outbox,
    pub(crate) history: History,
    pub(crate) followers: Followers,
    /// Places for readers of events.
    pub(crate) event_readers: Arc<Semaphore>,
    pub(in crate::state) room_for_rejections: Arc<Room>,
    pub(crate) clock: Clock,
    /// When this server began, by the system's clock: no reset changes it, and no other server has it.
    pub(crate) started_unix_ms: i64,
    pub(crate) limits: Limits,
    pub(crate) options: Options,
    /// The secrets that were handed out, if leaks are looked for.
    pub(crate) secrets: OnceLock<Secrets>,
    /// Where the server listens, once it does.
    pub(crate) url: OnceLock<String>,
    /// Where it listens for HTTPS.
    pub(crate) https_url: OnceLock<String>,
    /// The names by which the emulated API may be asked.
    pub(in crate::state) hosts: OnceLock<Hosts>,
    /// Where the admin API listens, if that is elsewhere.
    pub(crate) admin_url: OnceLock<String>,
}

/// Held while the running setup is swapped, so that no change is lost.
#[derive(Debug)]
pub(in crate::state) struct Writer {
    pub(in crate::state) next_override: u64,
    pub(in crate::state) nursery: Nursery,
}

impl State {
    pub(crate) fn new(setup: Setup, limits: Limits, options: Options) -> Self {
        let epoch = Epoch::first(setup.directory());
        let setup = Arc::new(setup);
        let clock = Clock::start(options.clock, options.time_waits);
        Self {
            request_ids: RequestIds::new(setup.seed, Operation::ResetRandomPassword.id),
            running: ArcSwap::from_pointee(Running {
                names: names_of(&setup),
                loaded: Arc::clone(&setup),
                setup,
                overrides: Arc::default(),
                clones: Arc::default(),
                epoch: Arc::new(epoch),
                since: Arc::default(),
            }),
            freshness: Mutex::default(),
            renewal: Mutex::default(),
            writer: Mutex::new(Writer { next_override: 1, nursery: Nursery::default() }),
            journal: Journal::new(limits.journal_entries_max, limits.journal_bytes_max)
                .showing_of_bodies(limits.entry_body_bytes_max),
            metrics: Arc::default(),
            lifecycle: Lifecycle::default(),
            workers: Workers::default(),
            attempts: Attempts::default(),
            tries: Semaphore::new(limits.tries_max),
            budget: Budget::new(limits.held_bytes_max),
            tokens: Tokens::new(limits.tokens_max, limits.tokens_revoked_max),
            outbox: Outbox::new(limits.outbox_messages_max, limits.deliveries_max),
            history: History::new(limits.changes_max),
            followers: Followers::default(),
            event_readers: Arc::new(Semaphore::new(limits.event_readers_max)),
            room_for_rejections: Arc::default(),
            started_unix_ms: clock.unix_ms(),
            clock,
            options,
            limits,
            secrets: OnceLock::new(),
            url: OnceLock::new(),
            hosts: OnceLock::new(),
            https_url: OnceLock::new(),
            admin_url: OnceLock::new(),
        }
    }

    pub(crate) fn running(&self) -> arc_swap::Guard<Arc<Running>> {
        self.running.load()
    }

    /// The running setup, to be kept.
    pub(crate) fn running_now(&self) -> Arc<Running> {
        self.running.load_full()
    }

    /// A page of the journal, without secrets.
    pub(crate) fn page(&self, filter: &Filter) -> Page {
        let running = self.running();
        let text = filter.text.as_deref().map(lower_case);
        self.journal.page(filter, |entry| {
            entry.complete(&running.setup, self.started_unix_ms);
            text.as_deref().is_none_or(|text| entry.has_text(text))
        })
    }

    /// An entry of the journal, without secrets.
    pub(crate) fn entry(&self, index: u64) -> Option<Entry> {
        let mut entry = self.journal.entry(index)?;
        entry.complete(&self.running().setup, self.started_unix_ms);
        Some(entry)
    }

    /// The base URL of the admin API, seen from the emulated API: "" if both have one address. `None` without an admin API.
    pub(crate) fn admin_base(&self) -> Option<&str> {
        if self.options.beside == Beside::Nothing {
            None
        } else {
            Some(self.admin_url.get().map_or("", String::as_str))
        }
    }

    /// Waits until a `down` window begins, or ends. `sleep` waits in real time.
    pub(crate) async fn until_down<S: Future<Output = ()>>(&self, down: bool, sleep: impl Fn(Duration) -> S) {
        let reached = |now: Duration| {
            // Time begins with the first connection, so no window begins before it.
            if !self.clock.has_begun() {
                return if down { Err(None) } else { Ok(()) };
            }
            let ms = u64::try_from(now.as_millis()).unwrap_or(u64::MAX);
            let reachable = self.running().setup.down.at(ms);
            if reachable.is_down == down { Ok(()) } else { Err(reachable.until_ms.map(Duration::from_millis)) }
        };
        self.clock.wait_until(reached, sleep).await;
    }

    /// Whether a `down` window is open.
    pub(crate) fn is_down(&self) -> bool {
        self.running().setup.down.at(self.clock.now_ms()).is_down
    }

    /// How the running setup compares to the files.
    pub(crate) fn freshness(&self) -> Freshness {
        self.freshness.lock().clone()
    }

    /// The id of a request that is not counted.
    pub(crate) fn uncounted_id(&self) -> RequestId {
        self.request_ids.uncounted()
    }

    /// The id of a counted call, the same on every run.
    pub(crate) fn counted_id(&self, ledger: &Ledger, stream: Stream, call: u64) -> RequestId {
        self.request_ids.counted(ledger.life_of_ids, stream, call)
    }

    /// Journals a request that arrives; gives its index, and the running setup that decides it.
    /// `by_console`: whether it is an attempt of the console's.
    pub(crate) fn arrive(&self, arrival: &Arrival<'_>, time: Duration, by_console: bool) -> (u64, Arc<Running>) {
        self.journal.arrive(arrival, || {
            let running = self.running.load_full();
            let (epoch, at_ms) = (running.epoch.number(), self.clock.ms_at(time));
            (At { epoch, at_ms, time, by_console, is_http_2: arrival.is_http_2() }, running)
        })
    }

    /// The URL of the emulated API as a client names it by `Host`, if that name is accepted; else by its own address.
    pub(crate) fn named_url(&self, request: &Parts) -> String {
        let host = request.headers.get(HOST).and_then(|host| host.to_str().ok());
        let taken = host.filter(|host| self.hosts.get().is_some_and(|hosts| hosts.take(host)));
        let (scheme, own) = match (request.extensions.get::<OverTls>(), self.https_url.get()) {
            (Some(_), Some(own)) => ("https", own.as_str()),
            (Some(_), None) => ("https", self.own_url()),
            (None, _) => ("http", self.own_url()),
        };
        taken.map_or_else(|| own.to_owned(), |host| format!("{scheme}://{host}"))
    }

    /// Notes by which names the emulated API may be asked.
    pub(crate) fn answer_to(&self, hosts: Hosts) {
        let _ = self.hosts.set(hosts);
    }

    /// The URL of the emulated API by its own address.
    pub(crate) fn own_url(&self) -> &str {
        self.url.get().map_or("http://localhost", String::as_str)
    }
}

impl AsRef<Workers> for State {
    fn as_ref(&self) -> &Workers {
        &self.workers
    }
}
