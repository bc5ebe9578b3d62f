//! `scenario`: the rules that were loaded, as they are written, and another scenario in the place of all files.

use super::{Problem, coverage::project, query::Query, reply::Reply, reset::json_body};
use crate::report::{RuleStrikes, strikes};
use crate::state::{NoRoom, NotPut, State};
use bytes::Bytes;
use hyper::http::request::Parts;
use serde::Serialize;
use serde_json::json;
use serde_json::value::RawValue;

/// In the order in which they are read.
#[derive(Serialize)]
struct Shown<'s> {
    faults: &'s [String],
    scenarios: Vec<Document<'s>>,
    /// Overrides, rules and `down` windows in the order in which they are read, with their strikes.
    rules: Vec<RuleStrikes>,
}

#[derive(Serialize)]
struct Document<'s> {
    name: &'s str,
    /// Word for word.
    document: &'s RawValue,
}

pub(super) fn show(state: &State, query: &str) -> Result<Reply, Problem> {
    let query = Query::of(query, &["project"])?;
    let running = state.running();
    let asked = query.text("project");
    let index = asked.map(|id| project(&running, id)).transpose()?;
    let written = &asked.map_or(&running.set_up, |id| running.set_up_in(id)).written;
    let scenarios = written.scenarios().filter_map(|source| {
        // What compiled is JSON.
        let document = serde_json::from_str(source.text()).ok()?;
        Some(Document { name: source.name(), document })
    });
    Ok(Reply::json(
        200,
        &Shown { faults: &written.faults, scenarios: scenarios.collect(), rules: strikes(&running, index) },
    ))
}

/// Puts a scenario in place of all files, or in force in one clone.
pub(super) fn put(state: &State, request: &Parts, body: &Bytes) -> Result<Reply, Problem> {
    let query = Query::of(request.uri.query().unwrap_or(""), &["project"])?;
    let text = json_body(request, body)?
        .ok_or_else(|| Problem::new(400, "The body is empty; expected a scenario, as in {\"rules\": []}."))?;
    let set_up = match query.text("project") {
        None => state.put_scenario(text).map_err(|problems| Problem::of_document(&problems))?,
        Some(id) => state.put_scenario_of(id, text).map_err(|not_put| match not_put {
            NotPut::NoClone => no_clone(state, id),
            NotPut::Wrong(problems) => Problem::of_document(&problems),
            NotPut::NoRoom(full) => no_room(full),
        })?,
    };
    Ok(Reply::json(200, &json!({ "rules": set_up.rules.count(), "expectations": set_up.expectations.len() })))
}

/// Puts the scenario in force again that was there before one was put.
pub(super) fn take_back(state: &State, query: &str) -> Result<Reply, Problem> {
    match Query::of(query, &["project"])?.text("project") {
        None => state.take_back_scenario(),
        Some(id) if state.take_back_scenario_of(id) => {}
        Some(id) => return Err(no_clone(state, id)),
    }
    Ok(Reply::empty(204))
}

/// What has no scenario of its own.
fn no_clone(state: &State, id: &str) -> Problem {
    if state.running().set_up.directory().project(id).is_some() {
        let detail =
            format!("Project {id:?} was loaded from a users file, and only clones have a scenario of their own.");
        return Problem::new(409, format!("{detail} Leave the query parameter project out, or make a clone."));
    }
    Problem::new(404, format!("There is no clone {id:?}."))
}

/// The scenarios of clones take too much.
pub(super) fn no_room(full: NoRoom) -> Problem {
    let told = full.to_string();
    let (first, rest) = told.split_at(1);
    Problem::new(409, format!("{}{rest}. DELETE some clones: /__admin/projects/ID.", first.to_uppercase()))
}
