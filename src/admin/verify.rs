//! `verify`: whether the expectations hold, now or within some time. A test ends its clone with it.

use super::coverage::{project, whose};
use super::problem::{AdminProblem, respond};
use super::reply::AdminReply;
use super::request::{AdminRequest, SHORT_BODY, read_fields};
use crate::diagnostics::{Array, Problem, Vocabulary, body_text};
use crate::report::{Question, Verdict, verdict_on};
use crate::scenario::{Expectation, Names, expectations};
use crate::state::{EntryState, Filter, Running, State, Whose, Work, run_on_worker};
use bytes::Bytes;
use hyper::Response;
use serde::Serialize;
use std::borrow::Borrow;
use std::cell::Cell;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

const VERIFY: Vocabulary = Vocabulary {
    what: "a verify request",
    known: &["project", "expect", "also_expect", "delete"],
    examples: &[("", r#"{ "project": "p1" }"#), ("delete", "true")],
};

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
    /// How long calls in flight may take to end, if it does not hold.
    settle: Duration,
    whose: Whose,
}

/// A verdict, and what it is about.
#[derive(Debug)]
struct Judged {
    verdict: Verdict,
    project: Option<String>,
    /// Whether the project is deleted now: it is a clone.
    is_deleted: bool,
}

/// Why there is no verdict.
#[derive(Debug)]
enum NotJudged {
    /// It may take long.
    NotBrief,
    Refused(AdminProblem),
}

impl From<AdminProblem> for NotJudged {
    fn from(problem: AdminProblem) -> Self {
        Self::Refused(problem)
    }
}

impl NotJudged {
    fn problem(self) -> AdminProblem {
        match self {
            Self::Refused(problem) => problem,
            Self::NotBrief => {
                invariant!(None, AdminProblem::new(500, "No verdict."), "a worker judges what takes long too")
            }
        }
    }
}

/// The verdict on the consumer's calls.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "Verdict"))]
pub(super) struct ShownVerdict<'v> {
    #[serde(flatten)]
    verdict: &'v Verdict,
    /// The failed expectations and their calls as `wksmock run` reports them; `None` if all hold.
    report: Option<String>,
}

/// Judges until all holds or an expectation has failed for good, but no longer than this, and not while the server drains.
pub(crate) async fn judged_within<J: Borrow<Verdict>, E, V: Future<Output = Result<J, E>>>(
    state: &State,
    wait: Duration,
    judge: impl Fn() -> V,
) -> Result<J, E> {
    if !wait.is_zero() {
        tokio::select! {
            judged = held(state, &judge) => return judged,
            () = tokio::time::sleep(wait) => (),
            () = state.lifecycle.drained() => (),
        }
    }
    judge().await
}

/// Judges anew whenever the journal changes.
async fn held<J: Borrow<Verdict>, E, V: Future<Output = Result<J, E>>>(
    state: &State,
    judge: &impl Fn() -> V,
) -> Result<J, E> {
    let waiting = state.journal.changes.wait();
    loop {
        let changed = waiting.next();
        let began = state.clock.now();
        let judged = judge().await?;
        let verdict = judged.borrow();
        if verdict.passed || verdict.is_final() {
            return Ok(judged);
        }
        tokio::time::sleep(state.clock.now().saturating_sub(began) * REST).await;
        changed.await;
    }
}

/// Waits until no call is in flight, in a project or at all, but no longer than this, and not while the server drains. Gives
/// whether one was.
async fn settled(state: &State, project: Option<&str>, most: Duration) -> bool {
    let state_wanted = Some(EntryState::InFlight);
    let in_flight = Filter { limit: 1, project: project.map(str::to_owned), state: state_wanted, ..Filter::default() };
    let is_settled = || state.journal.page(&in_flight, |_| true).entries.is_empty();
    if is_settled() {
        return false;
    }
    let waiting = state.journal.changes.wait();
    let all_ended = async {
        loop {
            let changed = waiting.next();
            if is_settled() {
                return;
            }
            changed.await;
        }
    };
    tokio::select! {
        () = all_ended => (),
        () = tokio::time::sleep(most) => (),
        () = state.lifecycle.drained() => (),
    }
    true
}

impl PendingVerdict {
    pub(super) fn asked(state: &State, request: &AdminRequest) -> Result<Self, AdminProblem> {
        let query = &request.query;
        let most = state.limits.verify_wait_max;
        let waits = |name| {
            let wait = Duration::from_millis(query.parsed(name, "a whole number")?.unwrap_or(0));
            if wait <= most {
                return Ok(wait);
            }
            let (wait, most) = (wait.as_millis(), most.as_millis());
            Err(AdminProblem::new(400, format!("The query parameter {name} is {wait}; expected 0 to {most}.")))
        };
        let body = request.json()?.map(|_| request.body.clone());
        Ok(Self { body, wait: waits("wait_ms")?, settle: waits("settle_ms")?, whose: whose(query)? })
    }

    /// Answers once all holds, or an expectation has failed for good; else when the time is up, or the server drains.
    pub(crate) async fn response(self, state: &Arc<State>) -> Response<Bytes> {
        respond(state, self.answer(state).await.map(|verdict| AdminReply::json(200, &ShownVerdict::of(&verdict))))
    }

    async fn answer(self, state: &Arc<State>) -> Result<Verdict, AdminProblem> {
        let asked = Arc::new(self);
        let mut judged = judged_within(state, asked.wait, || asked.judged(state)).await?;
        let may_settle = !judged.verdict.passed && !asked.settle.is_zero();
        if may_settle && settled(state, judged.project.as_deref(), asked.settle).await {
            judged = asked.judged(state).await?;
        }
        let deleted = judged.project.filter(|_| judged.is_deleted);
        if let Some(clone) = deleted.filter(|clone| !state.remove_clone_in_brief(clone)) {
            run_on_worker(state, Work::Change, move |state| state.remove_clone(&clone)).await;
        }
        Ok(judged.verdict)
    }

    async fn judged(self: &Arc<Self>, state: &Arc<State>) -> Result<Judged, AdminProblem> {
        match self.judge(state, true, &|| Ok(())) {
            Ok(judged) => return Ok(judged),
            Err(NotJudged::Refused(problem)) => return Err(problem),
            Err(NotJudged::NotBrief) => {}
        }
        let asked = Arc::clone(self);
        // The client may go away before: then this wait is dropped, and the work ends.
        let given_up = CancellationToken::new();
        let _guard = given_up.clone().drop_guard();
        // The wait for a worker counts: else a crowd of verdicts would keep each other waiting without end.
        let until = state.clock.now().saturating_add(state.limits.verdict_time_max);
        let work = move |state: &State| {
            let may_go_on = || {
                if given_up.is_cancelled() {
                    return Err(AdminProblem::new(503, "The client no longer waits for the verdict.").into());
                }
                if state.clock.now() < until { Ok(()) } else { Err(too_long(state).into()) }
            };
            may_go_on()?;
            asked.judge(state, false, &may_go_on)
        };
        run_on_worker(state, Work::Verdict, work).await.map_err(NotJudged::problem)
    }

    /// Judges; with `in_brief` only if that takes no longer than some calls.
    fn judge(
        &self,
        state: &State,
        in_brief: bool,
        may_go_on: &dyn Fn() -> Result<(), NotJudged>,
    ) -> Result<Judged, NotJudged> {
        let is_short = self.body.as_ref().is_some_and(|body| body.len() <= SHORT_BODY);
        if in_brief && !is_short {
            return Err(NotJudged::NotBrief);
        }
        let about = Cell::default();
        let question = |running: &Running| {
            let (question, project, is_deleted) = self.question(state, running)?;
            if in_brief && !project.as_deref().is_some_and(|project| running.is_brief(state, project)) {
                return Err(NotJudged::NotBrief);
            }
            about.set((project, is_deleted));
            Ok(question)
        };
        let verdict = verdict_on(state, question, may_go_on)?;
        let (project, is_deleted) = about.take();
        Ok(Judged { verdict, project, is_deleted })
    }

    /// The question, its project, and whether that is to be deleted.
    fn question(&self, state: &State, running: &Running) -> Result<(Question, Option<String>, bool), AdminProblem> {
        let asked = match &self.body {
            Some(body) => Asked::read(state, running, body_text(body).map_err(|wrong| AdminProblem::new(400, wrong))?)?,
            None => Asked::default(),
        };
        let Asked { project: id, expect, also_expect, delete } = asked;
        let found = |id: &str| project(running, id).map_err(|problem| ended(running, id).unwrap_or(problem));
        let project = id.as_deref().map(found).transpose()?;
        if let Some(id) = id.as_deref().filter(|id| delete && running.clones.get(id).is_none()) {
            return Err(AdminProblem::loaded_project(id));
        }
        let all = expect.is_some();
        let in_force = || running.set_up_in(id.as_deref()).expectations.clone();
        let expectations = expect.unwrap_or_else(in_force);
        let question =
            Question { expectations, added: also_expect, project, all, whose: self.whose, ..Question::default() };
        Ok((question, id, delete))
    }
}

impl Borrow<Verdict> for Judged {
    fn borrow(&self) -> &Verdict {
        &self.verdict
    }
}

impl<'v> ShownVerdict<'v> {
    fn of(verdict: &'v Verdict) -> Self {
        Self { verdict, report: (!verdict.passed).then(|| verdict.to_string()) }
    }
}

/// The problem of a clone that was deleted.
fn ended(running: &Running, id: &str) -> Option<AdminProblem> {
    running.clones.gone(id).map(|_| {
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

/// The fields of a body.
#[derive(Debug, Default)]
struct Asked {
    project: Option<String>,
    /// Expectations in place of those in force.
    expect: Option<Vec<Arc<Expectation>>>,
    /// Expectations beside them.
    also_expect: Vec<Arc<Expectation>>,
    /// Whether the project is deleted after the verdict.
    delete: bool,
}

impl Asked {
    fn read(state: &State, running: &Running, text: &str) -> Result<Self, AdminProblem> {
        read_fields(text, &VERIFY, &state.limits, |document, fields, problems| {
            let project = problems.keep(fields.text("project"))?.map(|project| project.value.to_owned());
            let expect = problems.keep(fields.array("expect"))?;
            let also_expect = problems.keep(fields.array("also_expect"))?;
            let delete = problems.keep(fields.boolean("delete"))?.unwrap_or(false);
            if delete && project.is_none() {
                let at = fields.location(fields.opening());
                problems.push(Problem::new("`delete` without `project`", at, "expected the clone as `project`"));
            }
            let setup = running.set_up_in(project.as_deref());
            let in_force = setup.expectations.iter().filter(|_| expect.is_none()).map(|one| &one.label);
            let mut names = Names::of_expectations(in_force);
            let mut compiled = |written: Array<'_>| {
                expectations(document, &written, &running.setup.loaded, &mut names, &state.limits, problems)
            };
            let expect = expect.map(&mut compiled);
            let also_expect = also_expect.map(compiled).unwrap_or_default();
            Some(Self { project, expect, also_expect, delete })
        })
    }
}
