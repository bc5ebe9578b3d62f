//! Collects the evidence on calls: numbers of calls from the counters, single calls from the journal.

use super::NeverStruck;
use super::cancel::{Cancel, Cancelled};
use super::strikes::{never_struck, struck_window};
use crate::contract::{NotificationType, Operation};
use crate::engine::Setup;
use crate::ids::{Party, ProjectIndex, UserKey};
use crate::scenario::{Expectation, Seen};
use crate::state::{
    CallsByConsole, Entry, EntryState, Filter, Message, MessageFilter, MessageState, ProjectPlace, Rejected, Running,
    Since, State, Whose,
};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

/// Entries that are read at once.
const PAGE: usize = 1_000;
/// Characters that are shown of a clone's id, if it is long.
const SHORT: usize = 8;

/// Everything that a verdict is based on.
#[derive(Debug)]
pub(super) struct Evidence {
    pub(super) setup: Arc<Setup>,
    /// Projects that have a scenario of their own: expectations of all projects are not about them.
    pub(super) own: HashSet<ProjectIndex>,
    /// Earlier calls, which are not judged.
    pub(super) since: Arc<Since>,
    /// Whether the console's calls are judged too; if not, `left_out` has them.
    pub(super) whose: Whose,
    pub(super) left_out: CallsByConsole,
    /// Whether names of users have their project, since several are judged.
    pub(super) names_projects: bool,
    /// The clones, by their index.
    pub(super) clones: HashMap<ProjectIndex, Alias>,
    /// The callers of each operation with their numbers of calls, by ascending party.
    pub(super) callers: HashMap<Operation, Vec<(Party, u64)>>,
    /// The calls that the journal has, by arrival.
    pub(super) seen: HashMap<Party, Vec<Seen>>,
    /// The ids of users who were created.
    pub(super) created: HashMap<UserKey, String>,
    /// The number of a user's unanswered requests.
    pub(super) in_flight: HashMap<UserKey, u64>,
    /// The number of an operation's unanswered requests from unknown callers.
    pub(super) in_flight_of: HashMap<String, u64>,
    /// The messages that users were sent, also those that were lost.
    pub(super) messages: HashMap<UserKey, Vec<Told>>,
    /// Messages that the outbox dropped because it was full.
    pub(super) messages_dropped: u64,
    /// Entries that the journal dropped because it was full.
    pub(super) dropped: u64,
    /// Deleted clones whose calls are no longer known.
    pub(super) clones_forgotten: u64,
    /// Requests that were refused before they were counted.
    pub(super) rejected: Rejected,
    /// Refusals that may explain missing calls of the expectations being judged.
    pub(super) hint: Option<String>,
    pub(super) never_struck: Vec<NeverStruck>,
    /// Whether delays are waited for.
    pub(super) delays_pass: bool,
    /// Calls that are shown of an expectation at most.
    pub(super) shown_max: usize,
    /// Entries of a list at most.
    pub(super) listed_max: usize,
    /// Calls that are shown of all expectations together.
    pub(super) room: usize,
}

/// A clone.
#[derive(Debug)]
pub(super) struct Alias {
    pub(super) id: String,
    /// The id for readers, shortened where possible.
    pub(super) short: String,
    /// The index of the loaded project.
    pub(super) template: ProjectIndex,
}

/// A message to a user.
#[derive(Clone, Debug)]
pub(super) struct Told {
    pub(super) kind: NotificationType,
    /// The account that asked for it.
    pub(super) account: Option<String>,
    pub(super) state: MessageState,
}

impl Evidence {
    /// Counts a user's messages that were not lost, by type.
    pub(super) fn messages_of(&self, expectation: &Expectation, user: Party) -> [u64; 2] {
        let sent = user.user().into_iter().flat_map(|user| self.told(expectation, user));
        let sent: Vec<_> = sent.filter(|told| told.state != MessageState::Failed).collect();
        NotificationType::ALL.map(|kind| sent.iter().filter(|told| told.kind == kind).count() as u64)
    }

    /// Whether some of a user's messages may still turn out to be lost.
    pub(super) fn is_undelivered(&self, user: Party) -> bool {
        user.user()
            .and_then(|user| self.messages.get(&user))
            .is_some_and(|told| told.iter().any(|one| one.state == MessageState::Queued))
    }

    /// A user's messages; if the expectation names accounts, only those that one of them asked for.
    pub(super) fn told<'e>(&'e self, expectation: &'e Expectation, user: UserKey) -> impl Iterator<Item = &'e Told> {
        let told = self.messages.get(&user).into_iter().flatten();
        told.filter(|told| self.is_by(expectation, told.account.as_deref()))
    }

    /// Whether an account is one of those whose calls the expectation is about.
    pub(super) fn is_by(&self, expectation: &Expectation, account: Option<&str>) -> bool {
        let index = || self.setup.directory().accounts().meant(account?).map(|(index, _)| index);
        !expectation.is_of_some_calls() || index().is_some_and(|index| expectation.accounts.contains(&index))
    }
}

impl Seen {
    /// Reads a counted call whose outcome is decided; `None` for any other entry.
    fn of(entry: Entry) -> Option<Self> {
        let lost = entry.is_lost();
        let (call, decision) = (entry.call?, entry.decision?);
        Some(Self {
            call,
            operation: entry.operation?,
            at_ms: entry.at_ms,
            arrived: entry.arrived,
            ended: entry.ended,
            status: (!lost).then_some(decision.status),
            decided: decision.status,
            rule: decision.causes.fault.or(decision.causes.status).map(|cause| cause.rule),
            fault: decision.fault,
            account: entry.account,
            done: decision.password.is_some(),
            held: decision.delay_ms > 0,
            headers: entry.headers,
            notification_type: entry.notification_type,
        })
    }
}

/// Reads counters and journal. Counters come first: a call that they have is in the journal, unless it was dropped.
pub(super) fn read(
    state: &State,
    running: &Running,
    project: Option<ProjectIndex>,
    all: bool,
    whose: Whose,
    cancel: &Cancel<'_>,
) -> Result<Evidence, Cancelled> {
    let left_out = match whose {
        Whose::Clients => running.calls_by_console(project),
        Whose::Everyone => CallsByConsole::default(),
    };
    let own = (project.is_none() && !all).then(|| running.with_own_scenario()).into_iter().flatten();
    let own = own.map(|(clone, _)| clone.index.project()).collect();
    let callers = Operation::all().map(|operation| (operation, callers(running, operation, project, &own, &left_out)));
    let callers = callers.collect();
    let place = project.and_then(|index| running.place_at(index));
    let clones = if project.is_none() { clones_of(running) } else { HashMap::from_iter(place.and_then(alias)) };
    let id = place.map(|place| place.id().to_owned());
    let since = place.and_then(|place| place.clone).map(|clone| clone.begins_after).unwrap_or_default();
    let mut filter = Filter { limit: PAGE, project: id.clone(), since: since.request, ..Filter::default() };
    let (mut seen, mut in_flight, mut in_flight_of) = (HashMap::<_, Vec<Seen>>::new(), HashMap::new(), HashMap::new());
    let dropped = loop {
        cancel.long_step()?;
        let page = state.journal.page(&filter, |_| true);
        let is_last = page.entries.len() < PAGE;
        filter.since = page.next;
        for entry in page.entries.into_iter().filter(|entry| whose.counts(entry.by)) {
            let operation = entry.operation.as_deref().and_then(Operation::named);
            if operation.is_some_and(|operation| operation.is_of_accounts()) {
                account_entry(running, entry, &own, &mut seen, &mut in_flight_of);
                continue;
            }
            let (Some(project), Some(user)) = (&entry.project, &entry.user) else { continue };
            // Deleted users have keys too.
            let Some(key) = running.key_of(project, user) else { continue };
            let before = operation.map_or(0, |operation| running.since.calls(operation, key));
            if entry.state == EntryState::InFlight {
                *in_flight.entry(key).or_default() += 1;
            } else if let Some(call) = Seen::of(entry).filter(|call| call.call > before) {
                seen.entry(Party::User(key)).or_default().push(call);
            }
        }
        if is_last {
            break page.dropped;
        }
    };
    // Requests whose bodies are long are counted in another order than they arrive.
    for calls in seen.values_mut() {
        calls.sort_by_key(|call| call.call);
    }
    let rejected = running.refusals(project, whose);
    let window = || struck_window(running, project).map(|name| format!("{name:?} reset or refused connections"));
    let hint = hint(running, &rejected, whose, own.is_empty()).or_else(window);
    Ok(Evidence {
        setup: Arc::clone(&running.setup),
        since: Arc::clone(&running.since),
        own,
        names_projects: project.is_none(),
        clones,
        callers,
        created: running.created_users(project),
        messages: messages(state, running, (id.as_deref(), since.message), whose),
        messages_dropped: state.outbox.dropped(),
        seen,
        in_flight,
        in_flight_of,
        dropped,
        clones_forgotten: if project.is_none() { running.clones.forgotten } else { 0 },
        rejected,
        hint,
        never_struck: never_struck(state, running, project, whose),
        whose,
        left_out,
        delays_pass: !state.options.instant_delays,
        shown_max: state.limits.coverage_users_max,
        listed_max: state.limits.page_max,
        room: state.limits.page_max,
    })
}

/// Names refusals that may explain missing calls: all, or those that the files' scenario judges.
fn hint(running: &Running, rejected: &Rejected, whose: Whose, of_everything: bool) -> Option<String> {
    if of_everything { rejected.hint() } else { running.refusals_by_the_files(whose).hint() }
}

/// The clones by their index, ended ones included.
fn clones_of(running: &Running) -> HashMap<ProjectIndex, Alias> {
    let mut clones = running.clones.with_gone().filter_map(|clone| alias(running.place_of(clone)?)).collect();
    shorten(&mut clones);
    clones
}

/// A project if it is a clone, without a short name: the verdict on it alone names no project.
fn alias(place: ProjectPlace<'_>) -> Option<(ProjectIndex, Alias)> {
    let clone = place.clone?;
    let alias = Alias { id: clone.id().to_owned(), short: String::new(), template: place.index };
    Some((clone.index.project(), alias))
}

/// Gives each clone a name for readers: the beginning of a long id, if no other clone has it.
fn shorten(clones: &mut HashMap<ProjectIndex, Alias>) {
    let mut begin = HashMap::<_, u32>::new();
    let beginning = |id: &str| Some(id.get(..SHORT).filter(|_| id.len() > SHORT + SHORT / 2)?.to_owned());
    for clone in clones.values() {
        *begin.entry(beginning(&clone.id)).or_default() += 1;
    }
    for clone in clones.values_mut() {
        let short = beginning(&clone.id);
        clone.short = match short {
            Some(short) if begin.get(&Some(short.clone())) == Some(&1) => format!("{short}…"),
            _ => clone.id.clone(),
        };
    }
}

/// The messages to users, of a project or of all.
fn messages(
    state: &State,
    running: &Running,
    (project, since): (Option<&str>, u64),
    whose: Whose,
) -> HashMap<UserKey, Vec<Told>> {
    let mut told = HashMap::<_, Vec<_>>::new();
    let page = state.outbox.page(&MessageFilter { limit: usize::MAX, since, project, ..MessageFilter::default() });
    for message in page.messages.into_iter().filter(|message| whose.counts(message.by)) {
        let key = running.key_of(&message.project, &message.user);
        if let Some(key) = key.filter(|key| !running.since.has_message(key.project, message.index)) {
            let Message { kind, account, state, .. } = message;
            told.entry(key).or_default().push(Told { kind, account, state });
        }
    }
    told
}

/// The callers of an operation with their numbers of calls, by ascending party; without the console's calls.
fn callers(
    running: &Running,
    operation: Operation,
    project: Option<ProjectIndex>,
    own: &HashSet<ProjectIndex>,
    left_out: &CallsByConsole,
) -> Vec<(Party, u64)> {
    let at = operation.index();
    if !operation.is_of_accounts() {
        let called = running.callers_of(operation, project).into_iter();
        let by_clients = called.map(|(user, calls)| {
            let by_console = if left_out.is_empty() { 0 } else { left_out.of_user(user, at).judged() };
            (Party::User(user), calls.saturating_sub(by_console))
        });
        return by_clients.filter(|(_, calls)| *calls > 0).collect();
    }
    let places = running.places(project).filter(|place| operation.is_of_project() && !own.contains(&place.own_index()));
    let in_projects = places.flat_map(|place| {
        let index = place.own_index();
        place.ledger.clients.calls.callers(operation).into_iter().map(move |called| (Some(index), called))
    });
    let outside =
        if operation.is_of_project() { Vec::new() } else { running.epoch.outside.clients.calls.callers(operation) };
    let mut callers: BTreeMap<Party, u64> = BTreeMap::new();
    for (project, (name, calls)) in in_projects.chain(outside.into_iter().map(|called| (None, called))) {
        let name = name.as_deref();
        let calls = calls.saturating_sub(running.since.account_calls(operation, name, project));
        let calls = calls.saturating_sub(left_out.of_account(at, name, project).judged());
        if calls > 0 {
            *callers.entry(account_key(running, name)).or_default() += calls;
        }
    }
    callers.into_iter().collect()
}

fn account_key(running: &Running, name: Option<&str>) -> Party {
    let accounts = running.setup.directory().accounts();
    let found = name.and_then(|name| accounts.meant(name));
    found.map_or(Party::Unknown, |(index, _)| Party::Account(index))
}

/// Takes a request of an operation whose calls are counted for accounts.
fn account_entry(
    running: &Running,
    entry: Entry,
    own: &HashSet<ProjectIndex>,
    seen: &mut HashMap<Party, Vec<Seen>>,
    in_flight_of: &mut HashMap<String, u64>,
) {
    let project = entry.project.as_deref().filter(|_| !own.is_empty()).and_then(|id| running.index_of(id));
    if running.since.has_request(entry.index) || project.is_some_and(|index| own.contains(&index)) {
        return;
    }
    let key = account_key(running, entry.account.as_deref());
    if entry.state == EntryState::InFlight {
        *in_flight_of.entry(entry.operation.unwrap_or_default()).or_default() += 1;
    } else if let Some(call) = Seen::of(entry) {
        seen.entry(key).or_default().push(call);
    }
}
