//! Expectations of a test on a server or a clone, and the moment of their verdict.

use super::errors::InvalidInput;
use super::expect::Expect;
use crate::admin::judged_within;
use crate::diagnostics::{Fields, Problems, Source, parse};
use crate::ids::ProjectIndex;
use crate::report::{Question, Verdict, verdict_on};
use crate::scenario::{Expectation, Names, SCENARIO, expectations};
use crate::server::Shared;
use crate::state::{Entry, EntryState, Filter, Message, MessageFilter, Running, State, Whose};
use parking_lot::Mutex;
use serde_json::json;
use std::collections::HashSet;
use std::convert::Infallible;
use std::future::ready;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// The time that calls in flight have to end before the verdict on drop.
const SETTLE_MS: u64 = 100;
/// Calls that are printed for a test that has failed.
const CALLS_SHOWN: usize = 100;

/// The expectations of a server, or of a clone, and whether its test has judged them.
#[derive(Debug)]
pub(super) struct Checks {
    shared: Arc<Shared>,
    /// The clone, by its id; `None` for the whole server.
    clone: Option<(String, ProjectIndex)>,
    /// Expectations added by the test.
    added: Mutex<Vec<Arc<Expectation>>>,
    is_judged: AtomicBool,
    /// Whether a drop judges.
    judges: bool,
    /// Clones that were judged by themselves: the verdict on a drop of the server leaves them out.
    settled: Arc<Mutex<HashSet<ProjectIndex>>>,
}

impl Checks {
    /// Of a server, which a drop judges if it is to.
    pub(super) fn of_server(shared: &Arc<Shared>, judges: bool) -> Self {
        Self {
            shared: Arc::clone(shared),
            clone: None,
            added: Mutex::default(),
            is_judged: AtomicBool::new(false),
            judges,
            settled: Arc::default(),
        }
    }

    /// Of a clone of this server; `None` if it is gone.
    pub(super) fn of_clone(&self, id: &str) -> Option<Self> {
        let index = self.state().running().index_of(id)?;
        Some(Self {
            shared: Arc::clone(&self.shared),
            clone: Some((id.to_owned(), index)),
            added: Mutex::default(),
            is_judged: AtomicBool::new(false),
            judges: true,
            settled: Arc::clone(&self.settled),
        })
    }

    /// Adds an expectation. Calls from the start on are judged.
    pub(super) fn add(&self, expect: Expect) -> Result<(), InvalidInput> {
        let running = self.state().running();
        let mut added = self.added.lock();
        let template = self.clone().and_then(|id| running.template_id(id));
        let expect = template.into_iter().fold(expect, Expect::of_project);
        let in_force = self.setup_expectations(&running);
        let is_taken = |name: &str| in_force.iter().chain(&*added).any(|one| one.label.name == name);
        let mut names = (1..).map(|number: usize| format!("expectation {number}"));
        let name = names.find(|name| !is_taken(name));
        let text = json!({ "expect": [expect.value(name.as_deref())] }).to_string();
        let mut names = Names::of_expectations(in_force.iter().chain(&*added).map(|one| &one.label));
        let compiled = self.compiled(&running, &text, &mut names)?;
        added.extend(compiled);
        self.is_judged.store(false, Ordering::Relaxed);
        Ok(())
    }

    fn compiled(
        &self,
        running: &Running,
        text: &str,
        names: &mut Names,
    ) -> Result<Vec<Arc<Expectation>>, InvalidInput> {
        let limits = &self.state().limits;
        let source = Arc::new(Source::new("expect", text));
        let mut problems = Problems::new(limits.errors_shown_max);
        let document = problems.keep(parse(&source, limits));
        let compiled = document.as_ref().and_then(|document| {
            let fields = problems.keep(Fields::of(&source, &document.root, &SCENARIO))?;
            let written = problems.keep(fields.array("expect")).flatten()?;
            let loaded = &running.setup.loaded;
            Some(expectations(document, &written, loaded, names, limits, &mut problems))
        });
        compiled.filter(|_| problems.is_empty()).ok_or_else(|| InvalidInput::from(&problems))
    }

    pub(super) fn verify(&self) -> Verdict {
        self.note_judged();
        self.verdict(&HashSet::new())
    }

    /// Judges until all holds, an expectation fails for good, or the time is up.
    pub(super) async fn verify_within(&self, time: Duration) -> Verdict {
        self.note_judged();
        let judge = || ready(Ok::<_, Infallible>(self.verdict(&HashSet::new())));
        let judged = judged_within(self.state(), time, judge);
        self.shared.timekeeper.with_timers(judged).await.unwrap_or_else(|never| match never {})
    }

    /// The same on a thread of its own, since the caller may be inside a runtime.
    pub(super) fn verify_within_blocking(&self, time: Duration) -> Verdict {
        let wait = || match crate::server::runtime() {
            Ok(runtime) => runtime.block_on(self.verify_within(time)),
            Err(error) => panic!("cannot wait for the verdict: {error}"),
        };
        std::thread::scope(|scope| scope.spawn(wait).join()).unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    }

    /// The failed verdict for a handle that is dropped; `None` if there is nothing to say. A test that fails, by it or
    /// otherwise, gets its calls printed.
    pub(super) fn on_drop(&self) -> Option<Verdict> {
        if std::thread::panicking() {
            self.print_calls();
            self.note_judged();
            return None;
        }
        if !self.judges || self.is_judged.load(Ordering::Relaxed) || !self.has_expectations() {
            return None;
        }
        let settled = if self.clone.is_some() { HashSet::new() } else { self.settled.lock().clone() };
        let mut verdict = self.verdict(&settled);
        if !verdict.passed {
            self.settle();
            verdict = self.verdict(&settled);
        }
        self.note_judged();
        if verdict.passed {
            return None;
        }
        self.print_calls();
        Some(verdict)
    }

    pub(super) fn state(&self) -> &State {
        &self.shared.state
    }

    /// The id of the clone.
    fn clone(&self) -> Option<&str> {
        self.clone.as_ref().map(|(id, _)| id.as_str())
    }

    fn index(&self) -> Option<ProjectIndex> {
        self.clone.as_ref().map(|(_, index)| *index)
    }

    fn note_judged(&self) {
        self.is_judged.store(true, Ordering::Relaxed);
        self.settled.lock().extend(self.index());
    }

    /// The expectations of the scenario in force: of the clone, or of the server.
    fn setup_expectations(&self, running: &Running) -> Vec<Arc<Expectation>> {
        let setup = running.set_up_in(self.clone());
        setup.expectations.clone()
    }

    fn has_expectations(&self) -> bool {
        let running = self.state().running();
        let has_own =
            || self.clone.is_none() && running.with_own_scenario().any(|(_, own)| !own.expectations.is_empty());
        !self.added.lock().is_empty() || !self.setup_expectations(&running).is_empty() || has_own()
    }

    /// Judges all expectations, leaving out these clones. If there are some, those of the server's scenario were judged in them.
    fn verdict(&self, left_out: &HashSet<ProjectIndex>) -> Verdict {
        let ask = |running: &Running| {
            let expectations = if left_out.is_empty() { self.setup_expectations(running) } else { Vec::new() };
            Ok::<_, Infallible>(Question {
                expectations,
                added: self.added.lock().clone(),
                project: self.index(),
                all: false,
                whose: Whose::Clients,
                left_out: left_out.clone(),
            })
        };
        verdict_on(self.state(), ask, &|| Ok(())).unwrap_or_else(|never| match never {})
    }

    /// Waits for a moment until no call is in flight: an answer that is written by hand is journalled once it is out.
    fn settle(&self) {
        for _ in 0..SETTLE_MS {
            if self.entries(Some(EntryState::InFlight)).is_empty() {
                return;
            }
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    /// The journal's entries, of the clone or of all.
    pub(super) fn entries(&self, state: Option<EntryState>) -> Vec<Entry> {
        let filter = Filter { limit: usize::MAX, project: self.clone().map(str::to_owned), state, ..Filter::default() };
        self.state().page(&filter).entries
    }

    /// The messages to users, of the clone or of all.
    pub(super) fn messages(&self) -> Vec<Message> {
        let filter = MessageFilter { limit: usize::MAX, project: self.clone(), ..MessageFilter::default() };
        self.state().outbox.page(&filter).messages
    }

    #[expect(clippy::print_stderr, reason = "the test harness shows it below the failure of the test")]
    fn print_calls(&self) {
        let entries = self.entries(None);
        let whose = self.clone().map_or_else(String::new, |id| format!(" of clone {id}"));
        eprintln!("wksmock: requests{whose}: {}", entries.len());
        for entry in entries.iter().take(CALLS_SHOWN) {
            eprintln!("  {}", line(entry));
        }
    }
}

/// A request on one line.
fn line(entry: &Entry) -> String {
    let answer = match (&entry.answer, entry.state) {
        (Some(answer), _) => answer.status.to_string(),
        (None, EntryState::InFlight) => "in flight".to_owned(),
        (None, _) => "no answer".to_owned(),
    };
    let causes = entry.decision.as_ref().map(|decision| &decision.causes);
    let rule = causes.and_then(|causes| causes.fault.as_ref().or(causes.status.as_ref()));
    let rule = rule.map_or_else(String::new, |cause| format!(" by {:?}", cause.rule));
    let problem = entry.problem.as_ref().map_or_else(String::new, |problem| format!(": {problem}"));
    let call = entry.call.map_or_else(String::new, |call| format!(" (call {call})"));
    format!("{} ms {} {}{call} {answer}{rule}{problem}", entry.at_ms, entry.method, entry.target)
}
