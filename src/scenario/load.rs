//! Reads scenario files. The result cannot be wrong; every error is reported with its place.

use super::names::{Names, checked_name};
use super::raw_rule::{RULE, RawRule};
use super::reach::Reach;
use super::{Control, Expectation, Known, Rule, RuleLabel, Window, down, expectations};
use crate::diagnostics::{
    Array, Document, Fields, Location, Problem, Problems, Text, Value, Vocabulary, check_heading, elements, member,
    shown, span_of,
};
use crate::fixture::Loaded;
use crate::limits::Limits;
use std::sync::Arc;

pub(crate) const SCENARIO: Vocabulary = Vocabulary {
    what: "a scenario",
    known: &["$schema", "format", "seed", "name", "description", "rules", "down", "expect"],
    examples: &[
        ("a rule", r#"{ "rules": [{ "name": "outage", "status": 503 }] }"#),
        (
            "a rule and an expectation",
            r#"{ "name": "outage", "rules": [{ "name": "two outages", "when": { "calls": "1-2" }, "status": 503 }], "expect": [{ "name": "retries", "calls": { "min": 3, "max": 5 }, "ends_with": 200 }] }"#,
        ),
        ("a time without connections", r#"{ "rules": [], "down": [{ "time_ms": [10000, 20000] }] }"#),
    ],
};

/// The contents of one file.
#[derive(Debug, Default)]
pub(crate) struct Scenario {
    pub(crate) rules: Vec<Arc<Rule>>,
    /// Windows in which clients cannot connect.
    pub(crate) down: Vec<Window>,
    pub(crate) expectations: Vec<Arc<Expectation>>,
}

/// Reads one scenario file.
pub(crate) fn load_scenario(
    document: &Document<'_>,
    loaded: &Loaded,
    control: Control,
    names: &mut Names,
    limits: &Limits,
    problems: &mut Problems,
) -> Scenario {
    let Some(fields) = Fields::open(document.source, &document.root, &SCENARIO, problems) else {
        return Scenario::default();
    };
    check_heading(&fields, problems);
    problems.keep(fields.text("name"));
    problems.keep(fields.text("description"));
    let down = down::windows(document.source, &fields, control, problems);
    let expect = problems.keep(fields.array("expect")).flatten();
    let rules = match fields.array("rules") {
        // A scenario may have expectations alone.
        Ok(None) if fields.value("expect").is_none() => Err(fields.missing("rules")),
        rules => rules,
    };
    let rules = problems.keep(rules).flatten();
    let rules = rules.map_or(Vec::new(), |written| self::rules(document, &written, loaded, names, limits, problems));
    let expectations =
        expect.map_or(Vec::new(), |written| expectations(document, &written, loaded, names, limits, problems));
    Scenario { rules, down, expectations }
}

/// The names of the rules of a scenario, even of one with errors.
pub(crate) fn names_in<'d>(document: &'d Document<'_>) -> Vec<&'d str> {
    elements(&document.root, "rules").iter().filter_map(|rule| text(member(rule, "name")?)).collect()
}

/// The indices of the rules of a scenario without errors that can never match because of earlier ones.
pub(crate) fn unreachable_in(document: &Document<'_>, loaded: &Loaded, limits: &Limits) -> Vec<usize> {
    let (mut reach, mut problems) = (Reach::default(), Problems::new(0));
    let mut can_match = |value: &Value<'_>| {
        let entry = RawRule::open(document.source, value, &RULE, &mut problems)?;
        let name = entry.name.as_ref().map(|name| name.value.to_owned()).unwrap_or_default();
        let label = Arc::new(RuleLabel { name, place: String::new() });
        let rule = entry.compile(label, Known::loaded(loaded), limits, &mut problems)?;
        Some(reach.add(&Arc::new(rule), ()).is_ok())
    };
    let judged = elements(&document.root, "rules").iter().enumerate().map(|(at, rule)| (at, can_match(rule)));
    judged.filter(|(_, can_match)| *can_match == Some(false)).map(|(at, _)| at).collect()
}

fn text<'d>(value: &'d Value<'_>) -> Option<&'d str> {
    match value {
        Value::StringLit(text) => Some(&text.value),
        _ => None,
    }
}

fn rules(
    document: &Document<'_>,
    written: &Array<'_>,
    loaded: &Loaded,
    names: &mut Names,
    limits: &Limits,
    problems: &mut Problems,
) -> Vec<Arc<Rule>> {
    if !written.has_at_most(limits.rules_max, "rules", problems) {
        return Vec::new();
    }
    let mut cursor = document.source.cursor();
    let mut reach = Reach::default();
    let mut rules = Vec::with_capacity(written.elements.len());
    for value in written.elements {
        let place = format!("{}:{}", document.source.name(), cursor.advance_to(span_of(value).start));
        if let Some(entry) = RawRule::open(document.source, value, &RULE, problems) {
            rules.extend(rule(&entry, place, loaded, names, &mut reach, limits, problems));
        }
    }
    rules
}

fn rule(
    entry: &RawRule<'_>,
    place: String,
    loaded: &Loaded,
    names: &mut Names,
    reach: &mut Reach<Location>,
    limits: &Limits,
    problems: &mut Problems,
) -> Option<Arc<Rule>> {
    let Some(name) = &entry.name else {
        if let Some(missing) = entry.missing_name() {
            problems.push(missing);
        }
        // Its other errors are reported too.
        let label = Arc::new(RuleLabel { name: place.clone(), place });
        entry.compile(label, Known::loaded(loaded), limits, problems);
        return None;
    };
    let taken = checked_name(name).and_then(|checked| names.take(checked, name.location()));
    let taken = problems.keep(taken);
    let label = Arc::new(RuleLabel { name: name.value.to_owned(), place });
    let rule = Arc::new(entry.compile(label, Known::loaded(loaded), limits, problems)?);
    if let Err(first) = reach.add(&rule, name.location()) {
        problems.push(unreachable(name, first.map(|(_, at)| at)));
        return None;
    }
    taken.map(|()| rule)
}

fn unreachable(name: &Text<'_>, first: Option<&Location>) -> Problem {
    let what = format!("rule `{}` can never match", shown(name.value));
    let problem = Problem::new(what, name.location(), "earlier rules take all its calls");
    let problem = problem.hint("move it up, narrow the earlier rule, or remove it");
    match first {
        Some(first) => problem.also(first.clone(), "the first of them"),
        None => problem,
    }
}
