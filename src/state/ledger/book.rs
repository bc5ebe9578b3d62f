//! The ledger of one project or clone, from one reset to the next, or of the calls outside all projects.

use super::by_name::{ById, CallsByName};
use super::console::{OfConsole, Whose};
use super::coverage::Met;
use super::rejections::Rejections;
use super::strikes::Strikes;
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
    /// Counters of users without a seat: those of a clone, and created ones.
    pub(in crate::state) users: ById,
    /// Calls of all operations but resets.
    pub(crate) calls: CallsByName,
    pub(in crate::state) met: Met,
    /// Users that differ from the files.
    pub(crate) people: People,
    /// By clients.
    pub(crate) strikes: Strikes,
    pub(crate) rejections: Rejections,
    /// By the console, where it has called.
    console: OnceLock<Box<OfConsole>>,
}

impl Ledger {
    pub(in crate::state) fn new(life: u64, life_of_ids: u64) -> Self {
        Self {
            life,
            life_of_ids,
            ended: CancellationToken::new(),
            users: ById::default(),
            calls: CallsByName::default(),
            met: Met::default(),
            people: People::default(),
            strikes: Strikes::default(),
            rejections: Rejections::default(),
            console: OnceLock::new(),
        }
    }

    /// Adds the coverage, strikes and refusals of a project or clone that goes.
    pub(in crate::state) fn inherit(&self, going: &Self, is_left: impl Fn(&RuleLabel) -> bool) {
        self.met.add(&going.met);
        if let Some(console) = going.console.get() {
            self.of_console().inherit(console, &is_left);
        }
        self.strikes.inherit(&going.strikes, is_left);
        self.rejections.inherit(&going.rejections);
    }

    /// The notes on the console's calls.
    pub(crate) fn of_console(&self) -> &OfConsole {
        self.console.get_or_init(Box::default)
    }

    /// The notes on the console's calls, if it has called and its calls count.
    pub(in crate::state) fn console_if(&self, whose: Whose) -> Option<&OfConsole> {
        self.console.get().filter(|_| whose == Whose::Everyone).map(|console| &**console)
    }

    /// Strikes by the calls of clients, or of the console.
    pub(crate) fn strikes_by(&self, by_console: bool) -> &Strikes {
        if by_console { &self.of_console().strikes } else { &self.strikes }
    }

    /// Refusals of clients, or of the console.
    pub(crate) fn rejections_by(&self, by_console: bool) -> &Rejections {
        if by_console { &self.of_console().rejections } else { &self.rejections }
    }

    pub(in crate::state) fn strikes_of(&self, whose: Whose) -> impl Iterator<Item = &Strikes> {
        [&self.strikes].into_iter().chain(self.console_if(whose).map(|console| &console.strikes))
    }

    pub(in crate::state) fn rejections_of(&self, whose: Whose) -> impl Iterator<Item = &Rejections> {
        [&self.rejections].into_iter().chain(self.console_if(whose).map(|console| &console.rejections))
    }

    /// Notes that another scenario is in force from now on.
    pub(in crate::state) fn begin_scenario(&self) {
        self.rejections.begin_scenario();
        self.console_if(Whose::Everyone).into_iter().for_each(OfConsole::begin_scenario);
    }
}
