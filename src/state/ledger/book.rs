//! The ledger of one project or clone, from one reset to the next, or of the calls outside all projects.

use super::console::{OfConsole, Whose};
use super::notes::Notes;
use super::user_changes::People;
use crate::scenario::RuleLabel;
use std::sync::OnceLock;
use tokio_util::sync::CancellationToken;

/// Calls, coverage, strikes, refusals and changed users of one project. It outlasts reloads; the counters of loaded users are
/// in [`Seats`](super::seats::Seats) beside it.
#[derive(Debug)]
pub(crate) struct Ledger {
    /// Generation: 1, and one more each time the project is reset or created again under the same id.
    pub(in crate::state) life: u64,
    /// The life as request ids have it.
    pub(in crate::state) life_of_ids: u64,
    /// Cancelled by the reset, and when the project goes.
    pub(in crate::state) ended: CancellationToken,
    /// Users that differ from the files.
    pub(crate) people: People,
    pub(crate) clients: Notes,
    /// Exists where the console has called.
    console: OnceLock<Box<OfConsole>>,
}

impl Ledger {
    pub(in crate::state) fn new(life: u64, life_of_ids: u64) -> Self {
        Self {
            life,
            life_of_ids,
            ended: CancellationToken::new(),
            people: People::default(),
            clients: Notes::default(),
            console: OnceLock::new(),
        }
    }

    /// Adds the notes of a project or clone that goes, but for its callers.
    pub(in crate::state) fn inherit(&self, going: &Self, is_left: impl Fn(&RuleLabel) -> bool) {
        self.clients.inherit(&going.clients, &is_left);
        if let Some(console) = going.console() {
            self.of_console().notes.inherit(&console.notes, &is_left);
        }
    }

    pub(in crate::state) fn console(&self) -> Option<&OfConsole> {
        self.console.get().map(|console| &**console)
    }

    /// The notes on the console's calls, which begin with the first.
    pub(crate) fn of_console(&self) -> &OfConsole {
        self.console.get_or_init(Box::default)
    }

    /// The notes on the calls of clients, or of the console.
    pub(crate) fn notes_by(&self, by_console: bool) -> &Notes {
        if by_console { &self.of_console().notes } else { &self.clients }
    }

    pub(in crate::state) fn notes_of(&self, whose: Whose) -> impl Iterator<Item = &Notes> {
        let console = self.console().filter(|_| whose == Whose::Everyone);
        [&self.clients].into_iter().chain(console.map(|console| &console.notes))
    }

    /// Notes that another scenario is in force from now on.
    pub(in crate::state) fn begin_scenario(&self) {
        self.clients.rejections.begin_scenario();
        self.console().into_iter().for_each(OfConsole::begin_scenario);
    }
}
