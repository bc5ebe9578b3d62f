//! `scenario`: the rules that were loaded, as they are written, and another scenario in the place of all files.

use super::{Later, Problem, query, reply::Reply, reset::json_body};
use crate::report::{RuleStrikes, strikes};
use crate::state::State;
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
    query::none(query)?;
    let running = state.running();
    let written = &running.set_up.written;
    let scenarios = written.scenarios().filter_map(|source| {
        // What compiled is JSON.
        let document = serde_json::from_str(source.text()).ok()?;
        Some(Document { name: source.name(), document })
    });
    Ok(Reply::json(
        200,
        &Shown { faults: &written.faults, scenarios: scenarios.collect(), rules: strikes(&running, None) },
    ))
}

/// The text of the scenario that is sent.
pub(super) fn sent(request: &Parts, body: &Bytes) -> Result<Box<str>, Problem> {
    query::none(request.uri.query().unwrap_or(""))?;
    let text = json_body(request, body)?;
    text.map(Into::into)
        .ok_or_else(|| Problem::new(400, "The body is empty; expected a scenario, as in {\"rules\": []}."))
}

/// The files' scenarios in force again.
pub(super) fn taken_back(query: &str) -> Result<Later, Problem> {
    query::none(query)?;
    Ok(Later::NoScenario)
}

/// Puts it in the place of all files. Takes as long as it takes to read.
pub(super) fn renew(state: &State, text: &str) -> Result<Reply, Problem> {
    let set_up = state.put_scenario(text).map_err(|problems| Problem::of_document(&problems))?;
    Ok(Reply::json(200, &json!({ "rules": set_up.rules.count(), "expectations": set_up.expectations.len() })))
}
