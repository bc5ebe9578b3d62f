//! One clone.

use super::book::Ledger;
use super::own_scenario::{OwnScenario, size_of};
use crate::draw::clone_life;
use crate::engine::Setup;
use crate::ids::CloneIndex;
use std::sync::Arc;

/// One clone, from one reset of it to the next.
#[derive(Clone, Debug)]
pub(crate) struct Cloned {
    pub(in crate::state) id: Arc<str>,
    /// Where rules that name the clone find it.
    pub(crate) index: CloneIndex,
    /// The id of the loaded project.
    pub(in crate::state) template: Arc<str>,
    /// The account, as `domain/name`, whose calls to the template happen here.
    pub(in crate::state) account: Option<Box<str>>,
    pub(crate) ledger: Arc<Ledger>,
    pub(in crate::state) scenario: OwnScenario,
    /// The indices of the last journal entry and the last message before it: its own come later.
    pub(crate) begins_after: Begin,
}

/// The indices of the last journal entry and the last message before something begins.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Begin {
    pub(crate) request: u64,
    pub(crate) message: u64,
}

impl Cloned {
    pub(in crate::state) fn new(
        id: Arc<str>,
        index: CloneIndex,
        template: Arc<str>,
        account: Option<Box<str>>,
        life: u64,
        born: Option<Arc<Setup>>,
    ) -> Self {
        let ledger = Arc::new(Ledger::new(life, clone_life(&id, life)));
        Self {
            id,
            index,
            template,
            account,
            ledger,
            scenario: OwnScenario { now: born.clone(), born },
            begins_after: Begin::default(),
        }
    }

    /// The clone after a reset.
    pub(in crate::state) fn renewed(&self) -> Self {
        let Self { id, index, template, account, ledger, scenario, begins_after } = self.clone();
        Self { begins_after, ..Self::new(id, index, template, account, ledger.life + 1, scenario.born) }
    }

    /// The clone under another scenario, with its counters.
    pub(in crate::state) fn under(&self, scenario: OwnScenario) -> Self {
        Self { scenario, ..self.clone() }
    }

    /// The sizes of its scenarios.
    pub(in crate::state) fn size(&self) -> (usize, usize) {
        size_of(self.scenario.all())
    }

    /// The setup that decides in it, if it has a scenario of its own.
    pub(crate) fn setup(&self) -> Option<&Arc<Setup>> {
        self.scenario.now.as_ref()
    }

    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    pub(crate) fn template(&self) -> &str {
        &self.template
    }

    /// The account that is bound to it, as `domain/name`.
    pub(crate) fn account(&self) -> Option<&str> {
        self.account.as_deref()
    }
}
