//! `explain`: what a user's next calls come to, and what each rule has to do with it.
//!
//! No request is there yet. So rules that look at header fields, or at more of the query than `notification_type`, do not
//! hold, and say so. A call that was made is explained as if it came now; what was decided then stands in the journal.

use super::passwords::find;
use super::{AdminProblem as Problem, meant, query::Query, reply::AdminReply as Reply, request::AdminRequest};
use crate::contract::{NOTIFICATION_TYPE, NotificationTypes, Operation, Subject, notification_types};
use crate::engine::{About, Call, Explained, Judged, NewPassword, NoRequest, Setup, explain};
use crate::fixture::Account;
use crate::ids::{AccountIndex, CallTarget};
use crate::limits::CALL_MAX;
use crate::state::{Cloned, Decided, Decision, Running, State};
use serde::Serialize;
use std::sync::Arc;

/// Calls that are explained at once.
pub(super) const CALLS_MAX: u64 = 100;
/// The last call from which on calls are explained: the last of them is before numbers wrap.
pub(super) const FIRST_MAX: u64 = CALL_MAX + 1 - CALLS_MAX;
/// Maximum number of listed rules, of all calls together, in pages: it bounds the size of an answer.
const PAGES_MAX: usize = 10;

/// The results of calls, before they are made.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct Explanation {
    /// The virtual time for which this holds.
    at_ms: u64,
    /// The calls in order.
    calls: Vec<ExplainedCall>,
}

/// A call that is not made.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct ExplainedCall {
    /// The call number.
    call: u64,
    /// Its result.
    outcome: Decision,
    /// The rules that were considered, in the order in which they are read.
    rules: Vec<ConsideredRule>,
    /// Number of further rules that were considered.
    more: usize,
}

/// A rule that was considered.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct ConsideredRule {
    /// The name of the rule.
    name: String,
    /// Where it is: `FILE:LINE:COLUMN`, `--fault`, or `override ID`.
    place: String,
    /// Whether every condition holds for this call.
    matched: bool,
    /// The first condition that does not hold, as `when` names it.
    failed_on: Option<&'static str>,
    /// For an override with `next` and no user: the number of calls left, if no other user calls.
    #[serde(skip_serializing_if = "Option::is_none")]
    left: Option<u64>,
}

pub(super) fn show(state: &State, request: &AdminRequest) -> Result<Reply, Problem> {
    let first = request.query.at_most("call", FIRST_MAX)?;
    let running = state.running();
    let calls = NextCalls::of(state, &running, request, 1)?;
    let page = state.limits.page_max;
    let room = page.min(page.saturating_mul(PAGES_MAX) / usize::try_from(calls.count).unwrap_or(usize::MAX));
    let shown = calls.each(first, None, room, ExplainedCall::of)?;
    Ok(Reply::json(200, &Explanation { at_ms: calls.at_ms, calls: shown }))
}

/// Calls that are asked about before they are made.
pub(super) struct NextCalls<'q> {
    running: &'q Running,
    query: &'q Query,
    operation: Operation,
    account: Option<(AccountIndex, &'q Account)>,
    /// The id, if the user is known, or else the text that was given.
    user: Option<String>,
    wanted: NotificationTypes,
    pub(super) at_ms: u64,
    count: u64,
}

/// A setup that is not in force.
pub(super) struct Other<'s> {
    pub(super) setup: &'s Setup,
    /// The id of the clone in which alone it would be.
    pub(super) clone: Option<&'s str>,
}

impl<'q> NextCalls<'q> {
    /// Reads `operation`, `account`, `next` and `notification_type`.
    pub(super) fn of(
        state: &State,
        running: &'q Running,
        request: &'q AdminRequest,
        count: u64,
    ) -> Result<Self, Problem> {
        let query = &request.query;
        let count = query.at_most("next", CALLS_MAX)?.unwrap_or(count);
        let wanted = notification_types(request.query_text()).map_err(|_| {
            let expected = "expected email, phone or email,phone";
            Problem::new(400, format!("The query parameter {NOTIFICATION_TYPE} is invalid; {expected}."))
        })?;
        let operation = query.operation()?;
        let account = query.text("account").map(|name| account(running, name)).transpose()?;
        let name = account.map(|(_, account)| account.shown());
        let project = query.text("project").map(|project| running.own_project(project, name.as_deref()));
        let user = meant::id_or_text(running, project, query.text("user"))?;
        Ok(Self { running, query, operation, account, user, wanted, at_ms: state.clock.now_ms(), count })
    }

    /// Explains each call by the running setup or another, with at most `room` rules.
    pub(super) fn each<T>(
        &self,
        first: Option<u64>,
        other: Option<&Other<'_>>,
        room: usize,
        show: impl Fn(u64, Explained<'_>) -> T,
    ) -> Result<Vec<T>, Problem> {
        let Self { running, operation, account, ref user, wanted, at_ms, count, .. } = *self;
        let user = user.as_deref();
        let overrides = running.override_rules();
        let asked =
            NoRequest { at_ms, account: account.map(|(index, _)| index), notification: wanted, turns: running.turns() };
        let name = account.map(|(_, account)| account.shown());
        let name = name.as_deref();
        let project = operation.is_of_project().then(|| required(self.query, "project")).transpose()?;
        let id = project.map(|project| running.own_project(project, name));
        let user = match operation.subject {
            Subject::User | Subject::Person => Some(user.ok_or_else(|| missing("user"))?),
            Subject::Project | Subject::Caller | Subject::Message => None,
        };
        let place = id.map(|id| running.project_at(id).ok_or_else(|| Problem::unknown_project(id))).transpose()?;
        let found = id.zip(user).map(|(id, user)| find(running, id, user)).transpose()?;
        let clone = place.as_ref().and_then(|place| place.clone);
        let about = place.as_ref().map(|place| About {
            project: place.project.id(),
            target: CallTarget {
                project: place.index,
                user: found.as_ref().and_then(|found| found.key.user.loaded()),
                clone: clone.map(|clone| clone.index),
            },
            user,
        });
        let counted_for = user.or(name);
        let counted = match (&found, &place) {
            (Some(found), _) if operation.subject == Subject::User => found.calls(),
            (_, Some(place)) => place.ledger.clients.calls.calls(operation, counted_for),
            (_, None) => running.epoch.outside.clients.calls.calls(operation, counted_for),
        };
        let setup = place.as_ref().map_or(&running.setup, |_| running.set_up_of(clone));
        let setup = other.map_or(&**setup, |other| other.instead_of(setup, clone));
        let first = first.unwrap_or(counted + 1);
        let calls = (first..first + count).map(|number| {
            let reset = found.as_ref().map(|found| NewPassword { user: found.user(), notification: wanted });
            let call = Call::planned(operation, about, reset, counted_for.unwrap_or_default(), number, &asked);
            show(number, explain(setup, overrides, &call, room))
        });
        Ok(calls.collect())
    }
}

impl<'s> Other<'s> {
    /// This one where it would be in force: not in clones with a scenario of their own, or in one clone alone.
    fn instead_of(&self, in_force: &'s Setup, clone: Option<&Arc<Cloned>>) -> &'s Setup {
        let would_be = match self.clone {
            None => clone.is_none_or(|clone| clone.setup().is_none()),
            Some(only) => clone.is_some_and(|clone| clone.id() == only),
        };
        if would_be { self.setup } else { in_force }
    }
}

fn account<'r>(running: &'r Running, name: &str) -> Result<(AccountIndex, &'r Account), Problem> {
    let found = running.setup.directory().accounts().meant(name);
    found.ok_or_else(|| {
        Problem::new(404, format!("Unknown account {name:?}; expected a loaded account, as domain/name."))
    })
}

fn required<'q>(query: &'q Query, name: &str) -> Result<&'q str, Problem> {
    query.text(name).ok_or_else(|| missing(name))
}

fn missing(name: &str) -> Problem {
    Problem::new(400, format!("The query parameter {name} is missing; expected the id of a {name}."))
}

impl ExplainedCall {
    fn of(call: u64, explained: Explained<'_>) -> Self {
        let Explained { outcome, rules, more } = explained;
        let rules = rules.into_iter().map(ConsideredRule::of).collect();
        Self { call, outcome: Decided::new(call, outcome).shown(), rules, more }
    }
}

impl ConsideredRule {
    fn of(Judged { label, failed_on, left }: Judged<'_>) -> Self {
        Self { name: label.name.clone(), place: label.place.clone(), matched: failed_on.is_none(), failed_on, left }
    }
}
