//! Sources of rules, and the rules compiled from them: flags, scenario files and the embedded scenario.

use super::embedded;
use crate::contract::Subject;
use crate::diagnostics::{Document, Location, Problem, Problems, Source, parse};
use crate::fixture::Loaded;
use crate::limits::Limits;
use crate::scenario::{self, Control, Down, Expectation, Names, Rule, Rules, Scenario};
use std::collections::HashSet;
use std::sync::Arc;

/// Sources of the rules of a setup. The texts are kept so that they can be shown, and compiled again beside others.
#[derive(Clone, Debug)]
pub(crate) struct Written {
    pub(crate) faults: Vec<String>,
    pub(crate) scenarios: Vec<Arc<Source>>,
    /// Whether the embedded users are loaded, and with them the embedded scenario.
    pub(super) of_embedded_users: bool,
    pub(super) control: Control,
}

pub(super) struct Compiled {
    pub(super) rules: Rules,
    /// Those of the embedded scenario.
    pub(super) magic: Arc<Rules>,
    pub(super) down: Down,
    pub(super) expectations: Vec<Arc<Expectation>>,
}

impl Written {
    /// Every scenario in force, in the order in which they are read.
    pub(crate) fn scenarios(&self) -> impl Iterator<Item = &Arc<Source>> {
        self.scenarios.iter().chain(self.unnamed())
    }

    /// The embedded scenario, unless it is given by name: then that says where it stands in the order.
    fn unnamed(&self) -> Option<&'static Arc<Source>> {
        let named = self.scenarios.iter().any(|source| is_embedded(source));
        (self.of_embedded_users && !named).then(embedded::scenario)
    }

    /// The same without the flags that are names of rules in these scenarios: each says there what it says.
    pub(super) fn without_flags_in(&self, scenarios: &[Document<'_>]) -> Self {
        if self.faults.is_empty() {
            return self.clone();
        }
        let names: HashSet<_> = scenarios.iter().flat_map(scenario::names_in).collect();
        let left = self.faults.iter().filter(|flag| !names.contains(flag.as_str()));
        Self { faults: left.cloned().collect(), ..self.clone() }
    }

    /// Compiles the rules. `scenarios` are those of the scenario files that could be parsed.
    pub(super) fn compile(
        &self,
        scenarios: &[Document<'_>],
        loaded: &Loaded,
        limits: &Limits,
        problems: &mut Problems,
    ) -> Compiled {
        let mut names = Names::default();
        let fault = |text: &String| scenario::compile_flag(text, loaded, &mut names, problems);
        let mut rules: Vec<Arc<Rule>> = self.faults.iter().filter_map(fault).collect();
        let (mut magic, mut down, mut expectations) = (Vec::new(), Vec::new(), Vec::new());
        let embedded = self.unnamed().and_then(|source| problems.keep(parse(source, limits)));
        for document in scenarios.iter().chain(&embedded) {
            let scenario = scenario::load_scenario(document, loaded, self.control, &mut names, limits, problems);
            if is_embedded(document.source) {
                magic.clone_from(&scenario.rules);
            }
            rules.extend(scenario.rules);
            down.extend(scenario.down);
            expectations.extend(scenario.expectations);
        }
        let flags = "all scenario files and --fault flags";
        refuse_too_many(rules.len(), limits.rules_max, "rules", flags, problems);
        refuse_too_many(expectations.len(), limits.expectations_max, "expectations", "all scenario files", problems);
        Compiled { rules: Rules::new(rules), magic: Arc::new(Rules::new(magic)), down: Down::new(down), expectations }
    }
}

impl Written {
    /// Compiles the scenario of a clone. The flags' rules and those of the embedded scenario are shared.
    pub(super) fn compile_beside(
        &self,
        (flags, magic): (&[Arc<Rule>], &Arc<Rules>),
        document: &Document<'_>,
        loaded: &Loaded,
        limits: &Limits,
        problems: &mut Problems,
    ) -> Compiled {
        let shared = if is_embedded(document.source) { &[] } else { magic.all() };
        let mut names = Names::of(flags.iter().chain(shared));
        let own = scenario::load_scenario(document, loaded, self.control, &mut names, limits, problems);
        refuse_of_no_clone(&own, problems);
        let rules = flags.iter().chain(&own.rules).chain(shared).cloned().collect();
        Compiled {
            rules: Rules::sparse(rules),
            magic: Arc::clone(magic),
            down: Down::default(),
            expectations: own.expectations,
        }
    }
}

/// Calls of accounts are made in no project, or are judged in none.
fn refuse_of_no_clone(own: &Scenario, problems: &mut Problems) {
    let rules = own.rules.iter().filter(|rule| rule.token_calls.is_none() && rule.operation.subject == Subject::Caller);
    let rules = rules.map(|rule| ("a rule", rule.operation.id, &rule.label, "its calls do not belong to a project"));
    let expectations = own.expectations.iter().filter(|one| one.operation.is_of_accounts());
    let why = "its calls are counted by account, not by project";
    let expectations = expectations.map(|one| ("an expectation", one.operation.id, &one.label, why));
    for (what, operation, label, why) in rules.chain(expectations) {
        let what = format!("{what} for {operation} in the scenario of a clone");
        let problem = Problem::new(what, Location::whole(label.place.as_str()), format!("not allowed: {why}"));
        problems.push(problem.hint("move it to the scenario of the server, with a file or PUT /__admin/scenario"));
    }
}

fn refuse_too_many(count: usize, most: usize, what: &str, place: &str, problems: &mut Problems) {
    if count > most {
        let expected = format!("expected at most {most} {what} together");
        problems.push(Problem::new(format!("{count} {what}"), Location::whole(place), expected));
    }
}

pub(super) fn is_embedded(source: &Source) -> bool {
    source.text() == embedded::scenario().text()
}
