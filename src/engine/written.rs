//! What rules are written in, and the rules that come of it: flags, scenario files and the embedded scenario.

use super::embedded;
use crate::fixture::Loaded;
use crate::limits::Limits;
use crate::scenario::{self, Control, Down, Expectation, Names, Rule, Rules};
use crate::source::{Document, Location, Problem, Problems, Source, parse};
use std::sync::Arc;

/// Where the rules of a set-up stand. The texts are kept to be shown, and to be compiled again beside others.
#[derive(Clone, Debug)]
pub(crate) struct Written {
    pub(crate) faults: Vec<String>,
    pub(super) scenarios: Vec<Arc<Source>>,
    /// Whether the embedded users are loaded, with whom the embedded scenario comes.
    pub(super) of_embedded_users: bool,
    pub(super) control: Control,
}

pub(super) struct Compiled {
    pub(super) rules: Rules,
    /// Those of the embedded scenario.
    pub(super) magic: Rules,
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

    /// Compiles the rules. `scenarios` are those of the scenario files that could be parsed.
    pub(super) fn compile(
        &self,
        scenarios: &[Document<'_>],
        loaded: &Loaded,
        limits: &Limits,
        problems: &mut Problems,
    ) -> Compiled {
        let mut names = Names::default();
        let fault = |text: &String| scenario::fault(text, loaded, &mut names, problems);
        let mut rules: Vec<Arc<Rule>> = self.faults.iter().filter_map(fault).collect();
        let (mut magic, mut down, mut expectations) = (Vec::new(), Vec::new(), Vec::new());
        let embedded = self.unnamed().and_then(|source| problems.keep(parse(source, limits)));
        for document in scenarios.iter().chain(&embedded) {
            let scenario = scenario::load(document, loaded, self.control, &mut names, limits, problems);
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
        Compiled { rules: Rules::new(rules), magic: Rules::new(magic), down: Down::new(down), expectations }
    }
}

fn refuse_too_many(count: usize, most: usize, what: &str, place: &str, problems: &mut Problems) {
    if count > most {
        let expected = format!("expected at most {most} {what} together");
        problems.push(Problem::new(format!("{count} {what}"), Location::whole(place), expected));
    }
}

fn is_embedded(source: &Source) -> bool {
    source.text() == embedded::scenario().text()
}
