//! `overrides`: rules set at run time, read before all others.

use super::{AdminProblem, query, reply::AdminReply, request::AdminRequest};
use crate::state::{NextCalls, Override, OverrideRefused, Running, State, Whose};
use serde::Serialize;
use serde_json::value::RawValue;

/// An override: a rule that is read before all others.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "Override"))]
pub(super) struct ShownOverride<'o> {
    /// Its id, for PUT and DELETE.
    id: u64,
    /// The rule as it was sent; of a `flag` the rule that it stands for.
    #[cfg_attr(test, schemars(with = "serde_json::Value", extend("$ref" = "#/components/schemas/OverrideRule")))]
    rule: &'o RawValue,
    /// Number of times that it struck. Absent in the answer that sets it.
    #[serde(skip_serializing_if = "Option::is_none")]
    struck: Option<u64>,
    /// With `next` and users: the call numbers that it is for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    calls: Vec<NextCallsOfUser<'o>>,
    /// With `next`: the number of these calls that have not been made.
    #[serde(skip_serializing_if = "Option::is_none")]
    left: Option<u64>,
}

/// Calls of one user.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct NextCallsOfUser<'o> {
    /// The project or clone.
    project: &'o str,
    /// The user.
    user: &'o str,
    /// The call numbers, as `calls` in a rule writes them.
    calls: String,
}

/// The overrides in force.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct OverrideList<'o> {
    /// The newest first: the order in which they are read.
    overrides: Vec<ShownOverride<'o>>,
}

pub(super) fn list(state: &State) -> AdminReply {
    let running = state.running();
    let struck = running.struck(None, Whose::Everyone);
    let times = |one: &Override| struck.get(&one.label.name).copied().unwrap_or(0);
    let shown: Vec<_> =
        running.overrides().iter().map(|one| ShownOverride::of(one, &running, Some(times(one)))).collect();
    AdminReply::json(200, &OverrideList { overrides: shown })
}

pub(super) fn add(state: &State, request: &AdminRequest) -> Result<AdminReply, AdminProblem> {
    let added = state.add_override(rule(request)?)?;
    Ok(AdminReply::json(201, &ShownOverride::of(&added, &state.running(), None)))
}

/// Replaces an override, so that the order stays.
pub(super) fn change(state: &State, request: &AdminRequest) -> Result<AdminReply, AdminProblem> {
    let text = rule(request)?;
    let id = request.piece(1);
    let changed = query::number(id).and_then(|id| state.change_override(id, text)).ok_or_else(|| unknown(id))??;
    Ok(AdminReply::json(200, &ShownOverride::of(&changed, &state.running(), None)))
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

impl<'o> ShownOverride<'o> {
    fn of(added: &'o Override, running: &Running, struck: Option<u64>) -> Self {
        let calls = |next: &'o NextCalls| NextCallsOfUser {
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

impl From<OverrideRefused> for AdminProblem {
    fn from(refused: OverrideRefused) -> Self {
        match refused {
            OverrideRefused::Wrong(problems) => Self::of_document(&problems),
            OverrideRefused::Full(most) => Self::new(
                409,
                format!(
                    "Override limit reached: at most {most} overrides. DELETE some, or raise the limit overrides_max."
                ),
            ),
            OverrideRefused::TooLarge(most) => Self::new(
                409,
                format!(
                    "The active overrides would exceed {most} bytes. DELETE some, or raise the limit \
                     overrides_bytes_max."
                ),
            ),
            OverrideRefused::NameTaken(place) => {
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
