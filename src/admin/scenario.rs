//! `scenario`: the rules in force, word for word, and another scenario in place of all files.

use super::coverage::project;
use super::{AdminProblem, reply::AdminReply, request::AdminRequest};
use crate::engine::Setup;
use crate::report::{RuleStrikes, embedded_strikes, strikes};
use crate::scenario::fault_as_rule;
use crate::state::{NoRoom, NotPut, NotSaid, Put, Running, State, Whose};
use serde::Serialize;
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

/// The scenarios in force.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct Scenarios<'s> {
    /// The `--fault` flags.
    faults: &'s [String],
    /// The scenario files, or the scenario that was PUT.
    scenarios: Vec<ScenarioInForce<'s>>,
    /// Overrides, rules and `down` windows in the order in which they are read. Built-in rules are left out.
    rules: Vec<RuleInForce<'s>>,
    /// The built-in rules, which are read last.
    embedded: Vec<RuleStrikes>,
}

/// A scenario.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct ScenarioInForce<'s> {
    /// The file, or `PUT /__admin/scenario`.
    name: &'s str,
    /// Its content, word for word.
    #[cfg_attr(test, schemars(with = "serde_json::Value", extend("$ref" = "#/components/schemas/Scenario")))]
    document: &'s RawValue,
}

/// A rule, override or `down` window, with its strikes.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct RuleInForce<'s> {
    #[serde(flatten)]
    strikes: RuleStrikes,
    /// Where it comes from.
    source: RuleSource,
    /// The id of an override; `None` for others.
    r#override: Option<u64>,
    /// The rule word for word; a flag as the rule that it stands for.
    #[cfg_attr(test, schemars(with = "Option<serde_json::Map<String, serde_json::Value>>"))]
    written: Option<Cow<'s, RawValue>>,
}

/// The setup that is now in force.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct ScenarioTaken {
    /// Number of its rules, `--fault` flags included; built-in rules are not counted.
    rules: usize,
    /// Number of its expectations.
    expectations: usize,
    /// The ids of the overrides that its rules replaced.
    ended_overrides: Vec<u64>,
}

/// Where a rule stands.
#[derive(Clone, Copy, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
enum RuleSource {
    /// An override.
    Override,
    /// A `--fault` flag.
    Flag,
    /// A scenario file, or the scenario that was PUT.
    File,
    /// The scenario of a clone.
    Clone,
    /// A `down` window.
    Down,
}

/// Rules by their places.
#[derive(Default)]
struct Places<'s>(HashMap<&'s str, (RuleSource, Option<u64>, &'s RawValue)>);

impl<'s> Places<'s> {
    fn of(running: &'s Running, setup: &'s Setup, is_of_all: bool) -> Self {
        let mut places = Self::default();
        let overrides = running.overrides().iter();
        places.0.extend(overrides.map(|one| (&*one.label.place, (RuleSource::Override, Some(one.id), &*one.written))));
        let is_own = !std::ptr::eq(setup, Arc::as_ptr(&running.setup));
        places.add(setup, if is_own { RuleSource::Clone } else { RuleSource::File });
        if is_of_all {
            running.with_own_scenario().for_each(|(_, own)| places.add(own, RuleSource::Clone));
        }
        places
    }

    fn add(&mut self, setup: &'s Setup, kind: RuleSource) {
        let rules = setup.texts_of_rules().into_iter();
        self.0.extend(rules.map(|(rule, text)| (&*rule.label.place, (kind, None, text))));
        let windows = setup.texts_of_windows().into_iter();
        self.0.extend(windows.map(|(window, text)| (&*window.label.place, (RuleSource::Down, None, text))));
    }

    fn shown(&self, strikes: RuleStrikes) -> RuleInForce<'s> {
        let (kind, id, written) = match self.0.get(strikes.place.as_str()) {
            Some((kind, id, text)) => (*kind, *id, Some(Cow::Borrowed(*text))),
            None => (
                RuleSource::Flag,
                None,
                fault_as_rule(&strikes.rule, Some(&strikes.rule), None)
                    .and_then(|text| RawValue::from_string(text).ok())
                    .map(Cow::Owned),
            ),
        };
        RuleInForce { strikes, source: kind, r#override: id, written }
    }
}

pub(super) fn show(state: &State, request: &AdminRequest) -> Result<AdminReply, AdminProblem> {
    let running = state.running();
    let asked = request.query.text("project");
    let index = asked.map(|id| project(&running, id)).transpose()?;
    let setup = running.set_up_in(asked);
    let scenarios = setup.written.scenarios().filter_map(|source| {
        // A compiled scenario is valid JSON.
        let document = serde_json::from_str(source.text()).ok()?;
        Some(ScenarioInForce { name: source.name(), document })
    });
    let places = Places::of(&running, setup, asked.is_none());
    let rules = strikes(&running, index, Whose::Everyone).into_iter().map(|one| places.shown(one)).collect();
    let embedded = embedded_strikes(&running, index, Whose::Everyone);
    Ok(AdminReply::json(
        200,
        &Scenarios { faults: &setup.written.faults, scenarios: scenarios.collect(), rules, embedded },
    ))
}

/// Gives everything in force as one file.
pub(super) fn file(state: &State, request: &AdminRequest) -> Result<AdminReply, AdminProblem> {
    let project = request.query.text("project");
    let text = state.scenario_file(project).map_err(|not_said| match not_said {
        NotSaid::NoProject => AdminProblem::unknown_project(invariant!(project, "", "only a project can be unknown")),
        NotSaid::Cannot(why) => AdminProblem::new(409, why),
    })?;
    let reply = AdminReply::text(200, "application/json", text);
    Ok(reply.header("content-disposition", "attachment; filename=\"scenario.json\""))
}

/// Puts a scenario in place of all files, or in force in one clone.
pub(super) fn put(state: &State, request: &AdminRequest) -> Result<AdminReply, AdminProblem> {
    let text = request.required_json("a scenario, as in {\"rules\": []}")?;
    let Put { setup, ended } = match request.query.text("project") {
        None => state.put_scenario(text).map_err(|problems| AdminProblem::of_document(&problems))?,
        Some(id) => state.put_scenario_of(id, text).map_err(|not_put| match not_put {
            NotPut::NoClone => no_clone(state, id),
            NotPut::Wrong(problems) => AdminProblem::of_document(&problems),
            NotPut::NoRoom(full) => no_room(full),
        })?,
    };
    let taken = ScenarioTaken {
        rules: setup.given_rules_count(),
        expectations: setup.expectations.len(),
        ended_overrides: ended,
    };
    Ok(AdminReply::json(200, &taken))
}

/// Restores the scenario that was in force before one was put.
pub(super) fn take_back(state: &State, request: &AdminRequest) -> Result<AdminReply, AdminProblem> {
    match request.query.text("project") {
        None => state.take_back_scenario(),
        Some(id) if state.take_back_scenario_of(id) => {}
        Some(id) => return Err(no_clone(state, id)),
    }
    Ok(AdminReply::empty(204))
}

/// The problem of an id that is not a clone's.
fn no_clone(state: &State, id: &str) -> AdminProblem {
    if state.running().setup.directory().project(id).is_some() {
        let detail = format!("Project {id:?} was loaded from a users file; only clones can have their own scenario.");
        return AdminProblem::new(
            409,
            format!("{detail} Omit the query parameter project, or clone the project first."),
        );
    }
    AdminProblem::new(404, format!("Unknown clone {id:?}."))
}

/// The problem of scenarios of clones that take too much.
pub(super) fn no_room(full: NoRoom) -> AdminProblem {
    let told = full.to_string();
    let (first, rest) = told.split_at(1);
    AdminProblem::new(
        409,
        format!("{}{rest}. DELETE some clones at /__admin/projects/ID, or raise the limit.", first.to_uppercase()),
    )
}
