//! `verify`: whether the expectations hold, now or within some time.

use super::coverage::{project, whose};
use super::problem::{AdminProblem, respond};
use super::reply::AdminReply;
use super::request::{AdminRequest, read_fields};
use crate::diagnostics::{Vocabulary, body_text};
use crate::report::{Question, Verdict, verdict_on};
use crate::scenario::{Expectation, Names, expectations};
use crate::state::{Running, State, Whose, Work, run_on_worker};
use bytes::Bytes;
use hyper::Response;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

const VERIFY: Vocabulary =
    Vocabulary { what: "a verify request", known: &["project", "expect"], examples: &[("", r#"{ "project": "p1" }"#)] };

/// The pause before the next verdict, as a multiple of the time that a verdict takes: a long journal is not read anew for each
/// call of a crowd.
const REST: u32 = 4;

/// A verdict that is still to be given.
#[derive(Debug)]
pub(crate) struct PendingVerdict {
    /// The body as it was sent: it is read by the users of the moment when it is judged. It shares the memory of the request.
    body: Option<Bytes>,
    /// How long it may take until it holds.
    wait: Duration,
    whose: Whose,
}

/// Judges until all holds or an expectation has failed for good, but no longer than this, and not while the server drains.
pub(crate) async fn judged_within<E, V: Future<Output = Result<Verdict, E>>>(
    state: &State,
    wait: Duration,
    judge: impl Fn() -> V,
) -> Result<Verdict, E> {
    if !wait.is_zero() {
        tokio::select! {
            verdict = held(state, &judge) => return verdict,
            () = tokio::time::sleep(wait) => (),
            () = state.lifecycle.drained() => (),
        }
    }
    judge().await
}

/// Judges anew whenever the journal changes.
async fn held<E, V: Future<Output = Result<Verdict, E>>>(state: &State, judge: &impl Fn() -> V) -> Result<Verdict, E> {
    let waiting = state.journal.changes.wait();
    loop {
        let changed = waiting.next();
        let began = state.clock.now();
        let verdict = judge().await?;
        if verdict.passed || verdict.is_final() {
            return Ok(verdict);
        }
        tokio::time::sleep(state.clock.now().saturating_sub(began) * REST).await;
        changed.await;
    }
}

impl PendingVerdict {
    pub(super) fn asked(state: &State, request: &AdminRequest) -> Result<Self, AdminProblem> {
        let query = &request.query;
        let wait = Duration::from_millis(query.parsed("wait_ms", "a whole number")?.unwrap_or(0));
        let most = state.limits.verify_wait_max;
        if wait > most {
            let (wait, most) = (wait.as_millis(), most.as_millis());
            return Err(AdminProblem::new(
                400,
                format!("The query parameter wait_ms is {wait}; expected 0 to {most}."),
            ));
        }
        Ok(Self { body: request.json()?.map(|_| request.body.clone()), wait, whose: whose(query)? })
    }

    /// Answers once all holds, or an expectation has failed for good; else when the time is up, or the server drains.
    pub(crate) async fn response(self, state: &Arc<State>) -> Response<Bytes> {
        respond(state, self.answer(state).await.map(|verdict| AdminReply::json(200, &verdict)))
    }

    async fn answer(self, state: &Arc<State>) -> Result<Verdict, AdminProblem> {
        let asked = Arc::new(self);
        judged_within(state, asked.wait, || asked.verdict(state)).await
    }

    async fn verdict(self: &Arc<Self>, state: &Arc<State>) -> Result<Verdict, AdminProblem> {
        let asked = Arc::clone(self);
        // The client may go away before: then this wait is dropped, and the work ends.
        let given_up = CancellationToken::new();
        let _guard = given_up.clone().drop_guard();
        // The wait for a worker counts: else a crowd of verdicts would keep each other waiting without end.
        let until = state.clock.now().saturating_add(state.limits.verdict_time_max);
        let work = move |state: &State| {
            let may_go_on = || {
                if given_up.is_cancelled() {
                    return Err(AdminProblem::new(503, "The client no longer waits for the verdict."));
                }
                if state.clock.now() < until { Ok(()) } else { Err(too_long(state)) }
            };
            may_go_on()?;
            verdict_on(state, |running| asked.question(state, running), &may_go_on)
        };
        run_on_worker(state, Work::Verdict, work).await
    }

    fn question(&self, state: &State, running: &Running) -> Result<Question, AdminProblem> {
        let (id, expectations) = match &self.body {
            Some(body) => read(state, running, body_text(body).map_err(|wrong| AdminProblem::new(400, wrong))?)?,
            None => (None, None),
        };
        let project = id.map(|id| project(running, &id).map_err(|problem| ended(running, &id).unwrap_or(problem)));
        let project = project.transpose()?;
        let all = expectations.is_some();
        let own = || {
            running.with_own_scenario().find(|(clone, _)| project == Some(clone.index.project())).map(|(_, own)| own)
        };
        let expectations = expectations.unwrap_or_else(|| own().unwrap_or(&running.setup).expectations.clone());
        Ok(Question { expectations, project, all, whose: self.whose, ..Question::default() })
    }
}

/// The problem of a clone that was deleted.
fn ended(running: &Running, id: &str) -> Option<AdminProblem> {
    let is_it = running.clones.with_gone().any(|clone| clone.id() == id);
    is_it.then(|| {
        AdminProblem::new(404, format!("Clone {id:?} was deleted. A verdict without `project` still includes it."))
    })
}

fn too_long(state: &State) -> AdminProblem {
    let most = state.limits.verdict_time_max.as_millis();
    AdminProblem::new(
        503,
        format!(
            "The verdict was abandoned: it took longer than {most} ms, including the wait for other verdicts. Ask for \
             fewer expectations or for one project, ask for fewer verdicts at once, or raise the limit \
             verdict_time_max_ms."
        ),
    )
}

type Read = (Option<String>, Option<Vec<Arc<Expectation>>>);

/// The project and the expectations of a body.
fn read(state: &State, running: &Running, text: &str) -> Result<Read, AdminProblem> {
    read_fields(text, &VERIFY, &state.limits, |document, fields, problems| {
        let project = problems.keep(fields.text("project"))?;
        let written = problems.keep(fields.array("expect"))?;
        let (loaded, mut names) = (&running.setup.loaded, Names::default());
        let compiled =
            written.map(|written| expectations(document, &written, loaded, &mut names, &state.limits, problems));
        Some((project.map(|project| project.value.to_owned()), compiled))
    })
}
