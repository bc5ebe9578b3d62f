//! The state of one server: what is swapped whole when it changes, and what is counted beside it.

use super::overrides::{self, Overrides};
use super::{Arrival, At, Clock, ClockMode, Epoch, Journal, Lifecycle, Metrics, Override, Refused, Secrets};
use crate::contract::RESET_RANDOM_PASSWORD;
use crate::draw::{RequestId, RequestIds};
use crate::engine::SetUp;
use crate::fixture::UserKey;
use crate::limits::Limits;
use crate::scenario::{Rule, Rules};
use arc_swap::ArcSwap;
use parking_lot::Mutex;
use serde_json::value::RawValue;
use std::collections::HashMap;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

/// Everything of one server that changes.
#[derive(Debug)]
pub(crate) struct State {
    running: ArcSwap<Running>,
    /// Held by whoever swaps, so that no change is lost; the id of the next override.
    writer: Mutex<u64>,
    /// Names of the rules that were loaded, with their places.
    names: HashMap<String, String>,
    request_ids: RequestIds,
    pub(crate) journal: Journal,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) lifecycle: Lifecycle,
    pub(crate) clock: Clock,
    pub(crate) limits: Limits,
    pub(crate) options: Options,
    /// The passwords that were handed out, where somebody looks for them.
    pub(crate) secrets: OnceLock<Secrets>,
    /// Where the server listens, once it does.
    pub(crate) url: OnceLock<String>,
    /// Where the admin API listens, if that is elsewhere.
    pub(crate) admin_url: OnceLock<String>,
}

/// How a server deals with time and answers, whatever its set-up.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Options {
    pub(crate) clock: ClockMode,
    /// Whether delays are recorded and not waited for.
    pub(crate) instant_delays: bool,
}

/// What decides now.
#[derive(Debug)]
pub(crate) struct Running {
    pub(crate) set_up: Arc<SetUp>,
    overrides: Arc<Overrides>,
    pub(crate) epoch: Arc<Epoch>,
}

impl Running {
    /// In force, the newest first.
    pub(crate) fn overrides(&self) -> &[Override] {
        &self.overrides.all
    }

    pub(crate) fn override_rules(&self) -> &Rules {
        &self.overrides.rules
    }
}

impl State {
    pub(crate) fn new(set_up: SetUp, limits: Limits, options: Options) -> Self {
        let epoch = Epoch::first(set_up.directory());
        let label = |rule: &Arc<Rule>| (rule.label.name.clone(), rule.label.place.clone());
        Self {
            names: set_up.rules.all().iter().map(label).collect(),
            request_ids: RequestIds::new(set_up.seed, RESET_RANDOM_PASSWORD.id),
            running: ArcSwap::from_pointee(Running {
                set_up: Arc::new(set_up),
                overrides: Arc::default(),
                epoch: Arc::new(epoch),
            }),
            writer: Mutex::new(1),
            journal: Journal::new(limits.journal_entries_max, limits.journal_bytes_max),
            metrics: Arc::default(),
            lifecycle: Lifecycle::default(),
            clock: Clock::start(options.clock),
            options,
            limits,
            secrets: OnceLock::new(),
            url: OnceLock::new(),
            admin_url: OnceLock::new(),
        }
    }

    pub(crate) fn running(&self) -> arc_swap::Guard<Arc<Running>> {
        self.running.load()
    }

    /// Waits until nobody shall connect, or everybody can again.
    pub(crate) async fn until_down(&self, down: bool) {
        let reached = |now: Duration| {
            let ms = u64::try_from(now.as_millis()).unwrap_or(u64::MAX);
            let reachable = self.running().set_up.down.at(ms);
            if reachable.is_down == down { Ok(()) } else { Err(reachable.until_ms.map(Duration::from_millis)) }
        };
        self.clock.wait_until(reached).await;
    }

    /// The id of a request that is not counted.
    pub(crate) fn uncounted_id(&self) -> RequestId {
        self.request_ids.uncounted()
    }

    /// The id of a call, the same on every run.
    pub(crate) fn counted_id(&self, epoch: &Epoch, user: UserKey, stream: u64, call: u64) -> RequestId {
        self.request_ids.counted(epoch.life(user.project), stream, call)
    }

    /// Sets a rule that is read before all others, by its text. Without a name it is called `override 3`.
    pub(crate) fn add_override(&self, text: &str) -> Result<Override, Refused> {
        let mut next_id = self.writer.lock();
        let running = self.running.load_full();
        let in_force = &running.overrides.all;
        if in_force.len() >= self.limits.overrides_max {
            return Err(Refused::Full(self.limits.overrides_max));
        }
        let bytes = in_force.iter().map(|one| one.written.get().len()).sum::<usize>() + text.len();
        if bytes > self.limits.overrides_bytes_max {
            return Err(Refused::TooLarge(self.limits.overrides_bytes_max));
        }
        let taken = |name: &str| {
            let named = in_force.iter().find(|other| other.rule.label.name == name);
            named.map(|other| other.rule.label.place.clone()).or_else(|| self.names.get(name).cloned())
        };
        // A name that we choose is nobody else's.
        while taken(&format!("override {next_id}")).is_some() {
            *next_id += 1;
        }
        let place = format!("override {next_id}");
        let rule = overrides::compile(text, &place, &running.set_up, &self.limits).map_err(Refused::Wrong)?;
        if let Some(place) = taken(&rule.label.name) {
            return Err(Refused::NameTaken(place));
        }
        // What compiled is JSON.
        let written = serde_json::from_str::<Box<RawValue>>(text).unwrap_or_default();
        let added = Override { id: *next_id, written: written.into(), rule: Arc::new(rule) };
        let all = std::iter::once(&added).chain(in_force).cloned().collect();
        self.swap_overrides(&running, Overrides::new(all));
        *next_id += 1;
        Ok(added)
    }

    /// Takes one override back. False if there is none of that id.
    pub(crate) fn remove_override(&self, id: u64) -> bool {
        let _writer = self.writer.lock();
        let running = self.running.load_full();
        let left: Vec<_> = running.overrides.all.iter().filter(|one| one.id != id).cloned().collect();
        let found = left.len() < running.overrides.all.len();
        if found {
            self.swap_overrides(&running, Overrides::new(left));
        }
        found
    }

    pub(crate) fn remove_overrides(&self) {
        let _writer = self.writer.lock();
        self.swap_overrides(&self.running.load_full(), Overrides::default());
    }

    /// Returns counters, current passwords, overrides and journal entries to the start, of a project or of all.
    /// Gives the number of the new epoch.
    pub(crate) fn reset(&self, project: Option<(u32, &str)>) -> u64 {
        let _writer = self.writer.lock();
        let running = self.running.load_full();
        let index = project.map(|(index, _)| index);
        let epoch = running.epoch.next(index);
        let number = epoch.number();
        let next = Running {
            set_up: Arc::clone(&running.set_up),
            overrides: Arc::new(running.overrides.after_reset(index)),
            epoch: Arc::new(epoch),
        };
        // Under the journal's lock, so that a request is of one epoch as a whole: its entry and its call number.
        self.journal.begin_anew(project.map(|(_, id)| id), || {
            running.epoch.end(index);
            self.running.store(Arc::new(next));
            if project.is_none() {
                self.clock.begin_anew();
            }
        });
        number
    }

    /// Journals a request that arrives; gives its index, and what decides it unless that changes before it is counted.
    pub(crate) fn arrive(&self, arrival: &Arrival<'_>, time: Duration) -> (u64, Arc<Running>) {
        self.journal.arrive(arrival, || {
            let running = self.running.load_full();
            (At { epoch: running.epoch.number(), at_ms: self.clock.ms_at(time), time }, running)
        })
    }

    fn swap_overrides(&self, running: &Running, overrides: Overrides) {
        self.running.store(Arc::new(Running {
            set_up: Arc::clone(&running.set_up),
            overrides: Arc::new(overrides),
            epoch: Arc::clone(&running.epoch),
        }));
    }
}
