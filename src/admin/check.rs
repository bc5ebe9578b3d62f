//! `scenario/check`: the mistakes of a scenario, and the changes that it would make. It is not put in force.
//!
//! It is read as by `PUT scenario`, and its rules are judged as by `wksmock check`.

use super::explain::{NextCalls, Other};
use super::{AdminProblem, reply::AdminReply, request::AdminRequest};
use crate::diagnostics::{Document, Location, PlainProblem, Problems, Source, elements, parse, pointer_to, span_of};
use crate::engine::{Explained, Finding, Finds, Setup, findings};
use crate::limits::Limits;
use crate::scenario::RuleLabel;
use crate::state::{Decided, Decision, NotPut, Put, State};
use serde::Serialize;
use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

/// The start of the places of rules that are put.
const PUT_AT: &str = "PUT /__admin/scenario";
/// The default number of calls of a plan.
const CALLS: u64 = 10;

/// The mistakes of a scenario, and the changes that it would make.
#[derive(Default, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct ScenarioCheck {
    /// Whether PUT would take it.
    valid: bool,
    /// Each mistake.
    problems: Vec<Located>,
    /// Number of further mistakes.
    more_problems: usize,
    /// Rules that can never apply, and the like.
    warnings: Vec<Located>,
    /// Its rules in order.
    rules: Vec<CheckedRule>,
    /// Number of further rules.
    more_rules: usize,
    /// Number of its expectations.
    expectations: usize,
    /// With `user`, `account` or `operation`: the next calls.
    #[serde(skip_serializing_if = "Option::is_none")]
    plan: Option<Vec<PlannedCall>>,
}

/// A mistake or warning, with its place in the text.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Located {
    /// The line, from 1; `None` without a place in the text.
    line: Option<usize>,
    /// The column, from 1.
    column: Option<usize>,
    /// The line of the end.
    end_line: Option<usize>,
    /// The column after the last character.
    end_column: Option<usize>,
    /// A JSON Pointer to the value; `None` if the text is not JSON.
    pointer: Option<String>,
    #[serde(flatten)]
    told: PlainProblem,
}

/// A rule of the scenario.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct CheckedRule {
    /// Its name.
    name: String,
    /// Where it is in the text.
    place: String,
    /// If it has a chance: how often its facets apply.
    rates: Vec<RuleRate>,
}

/// The rate at which facets of a rule apply, among the calls that meet its other conditions.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct RuleRate {
    /// The facets.
    #[cfg_attr(test, schemars(with = "Vec<crate::scenario::Facet>"))]
    facets: Vec<&'static str>,
    /// The least part of these calls, from 0 to 1.
    #[cfg_attr(test, schemars(range(min = 0, max = 1)))]
    least: f64,
    /// The greatest part.
    #[cfg_attr(test, schemars(range(min = 0, max = 1)))]
    most: f64,
    /// The same as a sentence.
    text: String,
}

/// A call, before and after the scenario is PUT.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct PlannedCall {
    /// The call number.
    call: u64,
    /// The outcome by the setup in force.
    now: Decision,
    /// The outcome if the scenario were PUT.
    then: Decision,
}

pub(super) fn check(state: &State, request: &AdminRequest) -> Result<AdminReply, AdminProblem> {
    let query = &request.query;
    // Without a body, the text is empty: one that is not finished.
    let text = request.json()?.unwrap_or("");
    let running = state.running();
    let project = query.text("project");
    let clone = project.and_then(|id| running.clones.get(id));
    if let Some(id) = project.filter(|id| clone.is_none() && running.setup.directory().project(id).is_none()) {
        return Err(AdminProblem::unknown_project(id));
    }
    let calls = NextCalls::of(state, &running, request, CALLS)?;
    let now = ["user", "account", "operation"].iter().any(|name| query.text(name).is_some());
    // An unknown user is a problem of the request, whatever the text is.
    let now = now.then(|| calls.each(None, None, 0, outcome)).transpose()?;
    let shown = match state.checked(&running, clone, text) {
        Err(not_put) => not_valid(not_put, text, &state.limits),
        Ok(Put { setup, ended }) => {
            let other = Other { setup: &setup, clone: clone.map(|clone| clone.id()) };
            let then = now.is_some().then(|| calls.each(None, Some(&other), 0, outcome)).transpose()?;
            let plan = now.zip(then).map(|(now, then)| {
                let both = now.into_iter().zip(then);
                both.map(|((call, now), (_, then))| PlannedCall { call, now, then }).collect()
            });
            ScenarioCheck { plan, ..valid(&setup, &ended, &state.limits) }
        }
    };
    Ok(AdminReply::json(200, &shown))
}

fn outcome(call: u64, explained: Explained<'_>) -> (u64, Decision) {
    (call, Decided::new(call, explained.outcome).shown())
}

fn not_valid(not_put: NotPut, text: &str, limits: &Limits) -> ScenarioCheck {
    let problems = match not_put {
        NotPut::Wrong(problems) => problems,
        NotPut::NoRoom(full) => {
            let told = Located::nowhere(PlainProblem::of("scenario", full.to_string()));
            return ScenarioCheck { problems: vec![told], ..ScenarioCheck::default() };
        }
        NotPut::NoClone => Problems::new(0),
    };
    let source = Arc::new(Source::new("", text));
    let document = parse(&source, limits).ok();
    let located = problems.iter().map(|problem| {
        let also = problem.also.as_ref().map(|(at, _)| at);
        let mut all = [Some(&problem.at), also].into_iter().flatten();
        let at = all.find_map(|at| span_in(&source, document.as_ref(), at));
        Located::of(at, &source, document.as_ref(), problem.told())
    });
    ScenarioCheck { problems: located.collect(), more_problems: problems.more(), ..ScenarioCheck::default() }
}

/// The span of a problem, if it is in the text. Of a rule, only its begin is known.
fn span_in(source: &Source, document: Option<&Document<'_>>, at: &Location) -> Option<Range<usize>> {
    if let Some(span) = &at.span {
        return (at.source.text() == source.text()).then(|| span.clone());
    }
    let mut numbers = at.source.name().strip_prefix(PUT_AT)?.rsplit(':');
    let [column, line] = [numbers.next()?, numbers.next()?].map(|number| number.parse::<usize>().ok());
    let spans = spans_of_elements(document?, "rules").chain(spans_of_elements(document?, "expect"));
    let mut cursor = source.cursor();
    let mut begins = |span: &Range<usize>| {
        let at = cursor.advance_to(span.start);
        Some(at.line) == line && Some(at.column) == column
    };
    let mut spans: Vec<_> = spans.collect();
    spans.sort_unstable_by_key(|span| span.start);
    spans.into_iter().find(|span| begins(span))
}

fn valid(setup: &Setup, ended: &[u64], limits: &Limits) -> ScenarioCheck {
    let mut rates: HashMap<_, Vec<RuleRate>> = HashMap::new();
    let mut warnings = Vec::new();
    for finding in findings(setup) {
        let Finding { label, kind, said } = finding;
        match (kind, label) {
            (Finds::Rate { facets, least, most }, Some(label)) => {
                let rate = RuleRate { facets, least, most, text: said };
                rates.entry(std::ptr::from_ref(label)).or_default().push(rate);
            }
            (Finds::Warning, label) => warnings.push((label, said)),
            (Finds::Rate { .. } | Finds::More, _) => {}
        }
    }
    let own = setup.rules.all().iter().filter(|rule| setup.has_written(&rule.label));
    let labels: Vec<_> = own.map(|rule| &*rule.label).collect();
    let shown = labels.iter().take(limits.page_max).map(|label| CheckedRule {
        name: label.name.clone(),
        place: label.place.clone(),
        rates: rates.remove(&std::ptr::from_ref(*label)).unwrap_or_default(),
    });
    let rules: Vec<_> = shown.collect();
    let kept = warnings.into_iter().take(limits.errors_shown_max);
    let source = setup.written.scenarios.first();
    let ends = |id: &u64| {
        let what =
            "This override ends when the scenario is PUT: a rule of the scenario has the same name and replaces it.";
        Located::nowhere(PlainProblem::of(format!("override {id}"), what))
    };
    let kept: Vec<_> = kept.collect();
    let room = limits.errors_shown_max - kept.len();
    let warnings = source.map(|source| located(kept, &labels, source, limits)).unwrap_or_default();
    ScenarioCheck {
        valid: true,
        more_rules: labels.len() - rules.len(),
        warnings: warnings.into_iter().chain(ended.iter().take(room).map(ends)).collect(),
        rules,
        expectations: setup.expectations.len(),
        ..ScenarioCheck::default()
    }
}

/// Warnings with their places. The labels are those of all rules of the text, in order.
fn located(
    warnings: Vec<(Option<&RuleLabel>, String)>,
    labels: &[&RuleLabel],
    source: &Arc<Source>,
    limits: &Limits,
) -> Vec<Located> {
    // It has been read before.
    let document = parse(source, limits).ok().filter(|_| !warnings.is_empty());
    let spans: Vec<_> = document.iter().flat_map(|document| spans_of_elements(document, "rules")).collect();
    let at = |label: Option<&RuleLabel>| {
        let place = labels.iter().position(|one| label.is_some_and(|label| std::ptr::eq(*one, label)))?;
        spans.get(place).cloned()
    };
    let one = |(label, said): (Option<&RuleLabel>, String)| {
        let place = label.map_or(String::new(), |label| label.place.clone());
        Located::of(at(label), source, document.as_ref(), PlainProblem::of(place, said))
    };
    warnings.into_iter().map(one).collect()
}

/// Where the elements of a list of the scenario stand.
fn spans_of_elements<'d>(document: &'d Document<'_>, list: &str) -> impl Iterator<Item = Range<usize>> + use<'d> {
    elements(&document.root, list).iter().map(span_of)
}

impl Located {
    fn of(at: Option<Range<usize>>, source: &Source, document: Option<&Document<'_>>, told: PlainProblem) -> Self {
        let Some(span) = at else { return Self::nowhere(told) };
        let [start, end] = [span.start, span.end].map(|offset| source.line_column(offset));
        Self {
            line: Some(start.line),
            column: Some(start.column),
            end_line: Some(end.line),
            end_column: Some(end.column),
            pointer: document.map(|document| pointer_to(&document.root, &span)),
            told,
        }
    }

    /// About no place in the text.
    fn nowhere(told: PlainProblem) -> Self {
        Self { line: None, column: None, end_line: None, end_column: None, pointer: None, told }
    }
}
