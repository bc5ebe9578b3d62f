//! `overrides`: rules set at run time, read before all others.

use super::{AdminProblem, query, reply::AdminReply, request::AdminRequest};
use crate::state::{NextCalls, Override, Refused, Running, State, Whose};
use serde::Serialize;
use serde_json::value::RawValue;

#[derive(Serialize)]
struct Shown<'o> {
    id: u64,
    /// As it was sent, word for word; a flag as the rule that it stands for.
    rule: &'o RawValue,
    /// Number of strikes; absent for an override that was just set.
    #[serde(skip_serializing_if = "Option::is_none")]
    struck: Option<u64>,
    /// The calls that `next` stands for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    calls: Vec<Calls<'o>>,
    /// Number of calls left.
    #[serde(skip_serializing_if = "Option::is_none")]
    left: Option<u64>,
}

/// The numbers of the calls that are meant, in the grammar of `calls`.
#[derive(Serialize)]
struct Calls<'o> {
    project: &'o str,
    user: &'o str,
    calls: String,
}

#[derive(Serialize)]
struct List<'o> {
    overrides: Vec<Shown<'o>>,
}

pub(super) fn list(state: &State) -> AdminReply {
    let running = state.running();
    let struck = running.struck(None, Whose::Everyone);
    let times = |one: &Override| struck.get(&one.label.name).copied().unwrap_or(0);
    let shown: Vec<_> = running.overrides().iter().map(|one| Shown::of(one, &running, Some(times(one)))).collect();
    AdminReply::json(200, &List { overrides: shown })
}

pub(super) fn add(state: &State, request: &AdminRequest) -> Result<AdminReply, AdminProblem> {
    let added = state.add_override(rule(request)?)?;
    Ok(AdminReply::json(201, &Shown::of(&added, &state.running(), None)))
}

/// Replaces an override, so that the order stays.
pub(super) fn change(state: &State, request: &AdminRequest) -> Result<AdminReply, AdminProblem> {
    let text = rule(request)?;
    let id = request.piece(1);
    let changed = query::number(id).and_then(|id| state.change_override(id, text)).ok_or_else(|| unknown(id))??;
    Ok(AdminReply::json(200, &Shown::of(&changed, &state.running(), None)))
}

fn rule(request: &AdminRequest) -> Result<&str, AdminProblem> {
    request.required_json("a rule, as in {\"when\": {\"user\": \"ID\"}, \"status\": 503}, or {\"flag\": \"ID=503\"}")
}

pub(super) fn remove(state: &State, request: &AdminRequest) -> Result<AdminReply, AdminProblem> {
    let id = request.piece(1);
    let is_removed = query::number(id).is_some_and(|id| state.remove_override(id));
    if is_removed { Ok(AdminReply::empty(204)) } else { Err(unknown(id)) }
}

fn unknown(id: &str) -> AdminProblem {
    AdminProblem::new(404, format!("Unknown override {id:?}. GET /__admin/overrides lists all."))
}

pub(super) fn clear(state: &State) -> AdminReply {
    state.remove_overrides();
    AdminReply::empty(204)
}

impl<'o> Shown<'o> {
    fn of(added: &'o Override, running: &Running, struck: Option<u64>) -> Self {
        let calls = |next: &'o NextCalls| Calls {
            project: &next.project,
            user: &next.user,
            calls: format!("{}-{}", next.first, next.last),
        };
        Self {
            id: added.id,
            rule: &added.written,
            struck,
            calls: added.next.iter().map(calls).collect(),
            left: running.calls_left(added),
        }
    }
}

impl From<Refused> for AdminProblem {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::Wrong(problems) => Self::of_document(&problems),
            Refused::Full(most) => Self::new(
                409,
                format!(
                    "Override limit reached: at most {most} overrides. DELETE some, or raise the limit overrides_max."
                ),
            ),
            Refused::TooLarge(most) => Self::new(
                409,
                format!(
                    "The active overrides would exceed {most} bytes. DELETE some, or raise the limit \
                     overrides_bytes_max."
                ),
            ),
            Refused::NameTaken(place) => {
                let what = format!("This rule name is already used by {place}. Choose another name");
                let end = match place.strip_prefix("override ") {
                    Some(id) => format!("{what}, or DELETE /__admin/overrides/{id}."),
                    None => format!("{what}."),
                };
                Self::new(409, end)
            }
        }
    }
}
