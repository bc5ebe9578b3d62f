//! Reads scenario files. What comes out of here cannot be wrong; what is wrong is told with its place.

use super::entry::{Entry, Names, checked_name};
use super::reach::Reach;
use super::{Known, Rule, RuleLabel};
use crate::fixture::Loaded;
use crate::limits::Limits;
use crate::source::{Document, Fields, LineColumn, Problem, Problems, Value, Vocabulary, check_heading};
use std::sync::Arc;

const SCENARIO: Vocabulary = Vocabulary {
    what: "a scenario",
    known: &["$schema", "format", "seed", "name", "description", "rules"],
    later: &["expect", "down"],
};

/// The rules of one file, in its order.
#[derive(Debug, Default)]
pub(crate) struct Scenario {
    pub(crate) rules: Vec<Arc<Rule>>,
}

/// Reads one scenario file. `rules_left` bounds the rules of all files together.
pub(crate) fn load(
    document: &Document<'_>,
    loaded: &Loaded,
    names: &mut Names,
    limits: &Limits,
    problems: &mut Problems,
) -> Scenario {
    let Some(fields) = Fields::open(document.source, &document.root, &SCENARIO, problems) else {
        return Scenario::default();
    };
    problems.keep(check_heading(&fields));
    problems.keep(fields.text("name"));
    problems.keep(fields.text("description"));
    let rules = fields.array("rules").and_then(|rules| rules.ok_or_else(|| fields.missing("rules")));
    let Some(written) = problems.keep(rules) else {
        return Scenario::default();
    };
    if written.elements.len() > limits.rules_max {
        let at = crate::source::Location::new(document.source, written.span.start..written.span.start + 1);
        let expected = format!("expected at most {} rules over all files", limits.rules_max);
        problems.push(Problem::new(format!("{} rules", written.elements.len()), at, expected));
        return Scenario::default();
    }
    let mut cursor = document.source.cursor();
    let mut reach = Reach::default();
    let mut rules = Vec::with_capacity(written.elements.len());
    for value in written.elements {
        let at = cursor.advance_to(span_start(value));
        if let Some(rule) = rule(document, value, at, loaded, names, &mut reach, problems) {
            rules.push(rule);
        }
    }
    Scenario { rules }
}

fn span_start(value: &Value<'_>) -> usize {
    use jsonc_parser::common::Ranged as _;
    value.range().start
}

fn rule(
    document: &Document<'_>,
    value: &Value<'_>,
    at: LineColumn,
    loaded: &Loaded,
    names: &mut Names,
    reach: &mut Reach,
    problems: &mut Problems,
) -> Option<Arc<Rule>> {
    let entry = problems.keep(Entry::of(document.source, value))?;
    let Some(name) = entry.name().cloned() else {
        problems.push(entry.missing_name());
        return None;
    };
    let taken = checked_name(&name).and_then(|checked| names.take(checked, name.location()));
    let taken = problems.keep(taken);
    let place = format!("{}:{at}", document.source.name());
    let label = Arc::new(RuleLabel { name: name.value.to_owned(), place });
    let rule = Arc::new(entry.compile(label, Known::loaded(loaded), problems)?);
    problems.keep(reach.add(&rule, name.location()))?;
    taken.map(|()| rule)
}
