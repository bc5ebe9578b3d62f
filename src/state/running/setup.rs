//! The state of one server: what is swapped whole when it changes, and what is counted beside it.

use super::lookup::{Found, Place};
use super::nursery::Nursery;
use super::overrides::Overrides;
use super::reload::Freshness;
use crate::contract::{Operation, RESET_RANDOM_PASSWORD};
use crate::draw::{RequestId, RequestIds, stream};
use crate::engine::Setup;
use crate::limits::Limits;
use crate::scenario::{Rule, Rules};
use crate::state::hosts::Hosts;
use crate::state::journal::entry::lower_case;
use crate::state::ledger::clones::Clones;
use crate::state::ledger::rejections::Room;
use crate::state::{
    Arrival, At, Attempts, Budget, Clock, ClockMode, Entry, Epoch, Filter, Followers, History, Journal, Lifecycle,
    Metrics, Outbox, Override, Page, Secrets, Since, Tokens, Workers,
};
use arc_swap::ArcSwap;
use parking_lot::Mutex;
use std::collections::HashMap;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

/// Everything of one server that changes.
#[derive(Debug)]
pub(crate) struct State {
    pub(in crate::state) running: ArcSwap<Running>,
    /// Held by whoever makes another set-up, from reading it on: long, and before `writer`.
    pub(in crate::state) renewal: Mutex<()>,
    pub(in crate::state) writer: Mutex<Writer>,
    pub(in crate::state) freshness: Mutex<Freshness>,
    request_ids: RequestIds,
    pub(crate) journal: Journal,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) lifecycle: Lifecycle,
    pub(crate) workers: Workers,
    pub(crate) attempts: Attempts,
    pub(crate) budget: Arc<Budget>,
    pub(crate) tokens: Tokens,
    pub(crate) outbox: Outbox,
    pub(crate) history: History,
    pub(crate) followers: Followers,
    pub(in crate::state) room_for_rejections: Arc<Room>,
    pub(crate) clock: Clock,
    /// When this server began, by the system's clock: no reset changes it, and no other server has it.
    pub(crate) started_unix_ms: i64,
    pub(crate) limits: Limits,
    pub(crate) options: Options,
    /// The passwords that were handed out, where somebody looks for them.
    pub(crate) secrets: OnceLock<Secrets>,
    /// Where the server listens, once it does.
    pub(crate) url: OnceLock<String>,
    /// The names by which the emulated API may be asked.
    pub(in crate::state) hosts: OnceLock<Hosts>,
    /// Where the admin API listens, if that is elsewhere.
    pub(crate) admin_url: OnceLock<String>,
}

/// How a server deals with time and answers, whatever its set-up.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Options {
    pub(crate) clock: ClockMode,
    /// Whether virtual time begins with the first connection, and not with the server.
    pub(crate) time_waits: bool,
    /// Whether delays are recorded and not waited for.
    pub(crate) instant_delays: bool,
    pub(crate) beside: Beside,
}

/// What is served beside the emulated API.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Beside {
    Nothing,
    /// The admin API, without its page.
    Admin,
    /// The admin API and its page.
    #[default]
    Console,
}

impl Beside {
    pub(crate) fn of(admin: bool, console: bool) -> Self {
        match (admin, console) {
            (false, _) => Self::Nothing,
            (true, false) => Self::Admin,
            (true, true) => Self::Console,
        }
    }
}

/// Held by whoever swaps, so that no change is lost.
#[derive(Debug)]
pub(in crate::state) struct Writer {
    pub(in crate::state) next_override: u64,
    pub(in crate::state) nursery: Nursery,
}

/// What decides now.
#[derive(Debug)]
pub(crate) struct Running {
    pub(crate) setup: Arc<Setup>,
    /// What was loaded: another than `setup` while a scenario is in place of the files'.
    pub(in crate::state) loaded: Arc<Setup>,
    /// Names of the rules that were loaded, with their places.
    pub(in crate::state) names: Arc<Names>,
    pub(in crate::state) overrides: Arc<Overrides>,
    pub(crate) clones: Arc<Clones>,
    pub(crate) epoch: Arc<Epoch>,
    /// From when on calls are judged by the scenario in force.
    pub(crate) since: Arc<Since>,
}

pub(in crate::state) type Names = HashMap<String, String>;

pub(in crate::state) fn names_of(setup: &Setup) -> Arc<Names> {
    let label = |rule: &Arc<Rule>| (rule.label.name.clone(), rule.label.place.clone());
    Arc::new(setup.rules.all().iter().map(label).collect())
}

impl Running {
    /// In force, the newest first.
    pub(crate) fn overrides(&self) -> &[Override] {
        &self.overrides.all
    }

    pub(crate) fn override_rules(&self) -> &Rules {
        &self.overrides.rules
    }

    /// The same again, of which some is to be changed.
    pub(in crate::state) fn shared(&self) -> Self {
        Self {
            setup: Arc::clone(&self.setup),
            loaded: Arc::clone(&self.loaded),
            names: Arc::clone(&self.names),
            overrides: Arc::clone(&self.overrides),
            clones: Arc::clone(&self.clones),
            epoch: Arc::clone(&self.epoch),
            since: Arc::clone(&self.since),
        }
    }
}

impl State {
    pub(crate) fn new(setup: Setup, limits: Limits, options: Options) -> Self {
        let epoch = Epoch::first(setup.directory());
        let setup = Arc::new(setup);
        let clock = Clock::start(options.clock, options.time_waits);
        Self {
            request_ids: RequestIds::new(setup.seed, RESET_RANDOM_PASSWORD.id),
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
            budget: Budget::new(limits.held_bytes_max),
            tokens: Tokens::new(limits.tokens_max, limits.tokens_revoked_max),
            outbox: Outbox::new(limits.outbox_messages_max, limits.deliveries_max),
            history: History::new(limits.changes_max),
            followers: Followers::default(),
            room_for_rejections: Arc::default(),
            started_unix_ms: clock.unix_ms(),
            clock,
            options,
            limits,
            secrets: OnceLock::new(),
            url: OnceLock::new(),
            hosts: OnceLock::new(),
            admin_url: OnceLock::new(),
        }
    }

    pub(crate) fn running(&self) -> arc_swap::Guard<Arc<Running>> {
        self.running.load()
    }

    /// What decides now, for who keeps it.
    pub(crate) fn running_now(&self) -> Arc<Running> {
        self.running.load_full()
    }

    /// Entries in the journal, for whoever reads them: without secrets.
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

    /// What a path of the admin API begins with, seen from the emulated API: nothing where both have one address. None
    /// where there is no admin API.
    pub(crate) fn admin_base(&self) -> Option<&str> {
        if self.options.beside == Beside::Nothing {
            None
        } else {
            Some(self.admin_url.get().map_or("", String::as_str))
        }
    }

    /// Waits until nobody shall connect, or everybody can again. `sleep` waits in real time.
    pub(crate) async fn until_down<S: Future<Output = ()>>(&self, down: bool, sleep: impl Fn(Duration) -> S) {
        let reached = |now: Duration| {
            // Nobody is kept out before somebody has come, with whom time begins.
            if !self.clock.has_begun() {
                return if down { Err(None) } else { Ok(()) };
            }
            let ms = u64::try_from(now.as_millis()).unwrap_or(u64::MAX);
            let reachable = self.running().setup.down.at(ms);
            if reachable.is_down == down { Ok(()) } else { Err(reachable.until_ms.map(Duration::from_millis)) }
        };
        self.clock.wait_until(reached, sleep).await;
    }

    /// Whether nobody shall connect now.
    pub(crate) fn is_down(&self) -> bool {
        self.running().setup.down.at(self.clock.now_ms()).is_down
    }

    /// How what decides compares to the files that it is to come from.
    pub(crate) fn freshness(&self) -> Freshness {
        self.freshness.lock().clone()
    }

    /// The id of a request that is not counted.
    pub(crate) fn uncounted_id(&self) -> RequestId {
        self.request_ids.uncounted()
    }

    /// The id of a call, the same on every run.
    pub(crate) fn counted_id(&self, running: &Running, found: &Found<'_>, stream: u64, call: u64) -> RequestId {
        self.request_ids.counted(running.life(found), stream, call)
    }

    /// The id of a call that is counted in a project by another number than that of a reset.
    pub(crate) fn counted_id_at(&self, running: &Running, place: &Place<'_>, stream: u64, call: u64) -> RequestId {
        let life = place.clone.map_or_else(|| running.epoch.life(place.index), |clone| clone.life_of_ids());
        self.request_ids.counted(life, stream, call)
    }

    /// Counts a call of an account, named as `domain/name`, and gives its number and its id.
    pub(crate) fn count_of_account(&self, running: &Running, operation: &Operation, account: &str) -> (u64, RequestId) {
        let calls = &running.epoch.accounts;
        let number = calls.count(operation, account);
        (number, self.request_ids.counted(calls.life, stream(operation.id, account), number))
    }

    /// Returns counters, current passwords, overrides and journal entries to the start, of a project or of all; with all
    /// of them the scenario and the clock. Gives the number of the new epoch; `None` if there is no such project.
    pub(crate) fn reset(&self, project: Option<&str>) -> Option<u64> {
        let _writer = self.writer.lock();
        let running = self.running.load_full();
        let loaded = project.and_then(|id| running.setup.directory().project(id)).map(|(index, _)| index);
        let clone = project.filter(|_| loaded.is_none()).and_then(|id| running.clones.get(id));
        if project.is_some() && loaded.is_none() && clone.is_none() {
            return None;
        }
        let epoch = match clone {
            Some(_) => running.epoch.next_without(),
            None => running.epoch.next(loaded),
        };
        let number = epoch.number();
        let index = clone.map_or(loaded, |clone| Some(clone.index));
        let setup = if project.is_none() { &running.loaded } else { &running.setup };
        let next = Running {
            names: running.names_with(setup),
            setup: Arc::clone(setup),
            since: Arc::new(running.since.after_reset(index)),
            overrides: Arc::new(running.overrides.after_reset(index)),
            clones: match (project, clone) {
                (Some(_), None) => Arc::clone(&running.clones),
                (Some(_), Some(clone)) => Arc::new(running.clones.with(clone.renewed())),
                (None, _) => Arc::new(running.clones.renewed()),
            },
            epoch: Arc::new(epoch),
            ..running.shared()
        };
        // Under the journal's lock, so that a request is of one epoch as a whole: its entry and its call number.
        self.begin_anew(project, |after| {
            match clone {
                Some(clone) => clone.end(),
                None => running.epoch.end(loaded),
            }
            if project.is_none() {
                running.clones.iter().for_each(|clone| clone.end());
            }
            self.running.store(Arc::new(next));
            if project.is_none() {
                self.clock.begin_anew();
                self.tokens.forget_uses();
                self.freshness.lock().forget_losses();
            }
            self.note_reset(after, project, number);
        });
        Some(number)
    }

    /// Forgets what was asked and told of a project, or all, and does what belongs together with it.
    pub(in crate::state) fn begin_anew(&self, project: Option<&str>, together: impl FnOnce(u64)) {
        self.journal.begin_anew(project, |after| {
            together(after);
            // Those who are still to send were told the end before.
            self.outbox.begin_anew(project);
        });
    }

    /// Journals a request that arrives; gives its index, and what decides it unless that changes before it is counted.
    /// `by_console`: whether it is an attempt of the console's.
    pub(crate) fn arrive(&self, arrival: &Arrival<'_>, time: Duration, by_console: bool) -> (u64, Arc<Running>) {
        self.journal.arrive(arrival, || {
            let running = self.running.load_full();
            (At { epoch: running.epoch.number(), at_ms: self.clock.ms_at(time), time, by_console }, running)
        })
    }

    pub(in crate::state) fn swap_overrides(&self, running: &Running, overrides: Overrides) {
        let next = Running { overrides: Arc::new(overrides), ..running.shared() };
        next.keep_strikes();
        self.running.store(Arc::new(next));
    }
}
