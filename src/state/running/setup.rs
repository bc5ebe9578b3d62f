//! The running setup: files, overrides, clones and epoch, swapped whole when one of them changes.

use super::overrides::Overrides;
use crate::engine::Setup;
use crate::scenario::{Rule, Rules};
use crate::state::ledger::clones::Clones;
use crate::state::{Epoch, Override, Since};
use std::collections::HashMap;
use std::sync::Arc;

/// The running setup of a server.
#[derive(Clone, Debug)]
pub(crate) struct Running {
    pub(crate) setup: Arc<Setup>,
    /// The setup of the files: differs from `setup` while a scenario is in their place.
    pub(in crate::state) loaded: Arc<Setup>,
    /// Names of the rules that were loaded, with their places.
    pub(in crate::state) names: Arc<Names>,
    pub(in crate::state) overrides: Arc<Overrides>,
    pub(crate) clones: Arc<Clones>,
    pub(crate) epoch: Arc<Epoch>,
    /// The counts from which on the scenario in force judges calls.
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
}
