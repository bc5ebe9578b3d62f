//! Judges what the consumer did, and tells it.
//!
//! `evidence.rs` gathers what is known of the calls, `judge.rs` judges expectations by it, `whom.rs` says whom each is about, `condition.rs` judges one condition
//! for one user, `wording.rs` says what was expected, and `verdict.rs` is what comes of it. `leave.rs` ends it early. `coverage.rs` tells which documented statuses were met.
//! `summary.rs` puts both together, and `text.rs`, `markdown.rs` and `junit.rs` write that; JSON is written as it stands.

mod condition;
mod coverage;
mod evidence;
mod judge;
mod junit;
mod leave;
mod markdown;
mod recovery;
mod refused;
mod repeats;
mod shown;
mod strikes;
mod summary;
mod text;
mod verdict;
mod whom;
mod wording;

pub use coverage::{Coverage, CoverageUser, OperationCoverage, StatusCoverage};
pub(crate) use coverage::{Required, coverage};
pub(crate) use junit::junit;
pub(crate) use markdown::markdown;
pub use recovery::Recovery;
pub use refused::{FirstRequest, Rejected, RejectedCause};
pub use repeats::SilentRepeat;
pub(crate) use strikes::strikes;
pub use strikes::{NeverStruck, RuleStrikes};
pub(crate) use summary::{Meanwhile, Summary};
pub(crate) use text::text;
pub use verdict::{ExpectationVerdict, SeenCall, Verdict};

use crate::scenario::Expectation;
use crate::state::{Running, State};
use leave::Leave;
use std::convert::Infallible;
use std::sync::Arc;

/// What is asked of a verdict.
#[derive(Debug)]
pub(crate) struct Question {
    pub(crate) expectations: Vec<Arc<Expectation>>,
    /// One project, or all.
    pub(crate) project: Option<u32>,
    /// Whether each one must be about the project. Otherwise those that are not are left out.
    pub(crate) all: bool,
}

/// How often it is looked anew because of a reset or a reload.
const TRIES: usize = 10;

/// Judges the scenarios' expectations now.
pub(crate) fn verdict(state: &State) -> Verdict {
    let all = |running: &Running| {
        Ok::<_, Infallible>(Question { expectations: running.set_up.expectations.clone(), project: None, all: false })
    };
    verdict_on(state, all, &|| Ok(())).unwrap_or_else(|never| match never {})
}

/// Judges now. `ask` says what is asked, by the users that are there; `may_go_on` is asked meanwhile, and its error ends the
/// work.
pub(crate) fn verdict_on<E>(
    state: &State,
    ask: impl Fn(&Running) -> Result<Question, E>,
    may_go_on: &dyn Fn() -> Result<(), E>,
) -> Result<Verdict, E> {
    let leave = Leave::new(may_go_on);
    let mut tries = 0;
    loop {
        let running = state.running();
        let Question { expectations, project, all } = ask(&running)?;
        let evidence = evidence::read(state, &running, running.callers(project), project, &leave)?;
        tries += 1;
        // A reset in between took the entries of calls that were counted before it, and after a reload indices are
        // others. Who does that without end is told so.
        let now = state.running();
        let is_same = now.epoch.number() == running.epoch.number() && Arc::ptr_eq(&now.set_up, &running.set_up);
        if is_same || tries == TRIES {
            return judge::judge(&expectations, &evidence, project, all, &leave);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::judge::tests::verdict_on;

    const EXPECT: &str = r#"{"name": "stops <after> three", "when": {"user": "ada"}, "calls": {"min": 3, "max": 3}, "statuses": [503, 503, 200]},
{"name": "recovers | in the end", "ends_with": 200, "after_lost": {"max": 0}, "backoff": "growing"},
{"name": "asks for email", "when": {"user": "bob"}, "sent": {"header": {"X-Auth-Token": true}, "notification_type": ["email"]}}"#;

    fn of(statuses: &[(u16, u64)]) -> Coverage {
        let rows = statuses.iter().map(|(status, count)| StatusCoverage {
            status: *status,
            met: *count > 0,
            count: *count,
            users: (0..(*count).min(7))
                .map(|at| CoverageUser { project: "p".into(), user: format!("u_{at}") })
                .collect(),
            more_users: usize::from(*count > 7),
        });
        let statuses: Vec<_> = rows.collect();
        Coverage {
            documented: statuses.len(),
            met: statuses.iter().filter(|one| one.met).count(),
            operations: vec![OperationCoverage { operation: "ResetRandomPassword".to_owned(), counts: true, statuses }],
        }
    }

    fn bad() -> Summary {
        let verdict = verdict_on(EXPECT, &[&[503, 503], &[0, 200, 503]]);
        let secrets =
            vec!["the password of call 3 of user ada of project p is in the command's stdout, once".to_owned()];
        let required = Required::Statuses(vec![200, 400, 500]);
        let meanwhile = Meanwhile { resets: 1, scenarios: 2, replaced: vec!["goes | \u{202e}on".to_owned()] };
        Summary::new(verdict, of(&[(200, 9), (400, 0), (500, 0), (503, 1)]), Some(&required), Some(secrets), meanwhile)
    }

    fn good() -> Summary {
        let verdict = verdict_on(r#"{"name": "once", "calls": {"max": 1}}"#, &[&[200]]);
        Summary::new(verdict, of(&[(200, 1), (503, 0)]), None, Some(Vec::new()), Meanwhile::default())
    }

    #[test]
    fn a_run_passes_if_all_of_it_does() {
        assert!(good().passed && !bad().passed);
        let judged = |summary: Summary, required: &str, secrets: Option<Vec<String>>| {
            let verdict = verdict_on(r#"{"name": "once", "calls": {"max": 1}}"#, &[&[200]]);
            Summary::new(verdict, summary.coverage, required.parse().ok().as_ref(), secrets, Meanwhile::default())
                .passed
        };
        assert!(judged(good(), "200", None));
        assert!(!judged(good(), "200,503", None));
        assert!(!judged(good(), "all", None));
        assert!(!judged(good(), "200", Some(vec![String::new()])));
    }

    #[test]
    fn reports_of_what_failed() {
        insta::assert_snapshot!("bad.txt", text(&bad()));
        insta::assert_snapshot!("bad.md", markdown(&bad()));
        insta::assert_snapshot!("bad.xml", junit(&bad()));
        insta::assert_snapshot!("bad.json", serde_json::to_string_pretty(&bad()).unwrap());
    }

    #[test]
    fn reports_of_what_passed() {
        insta::assert_snapshot!("good.txt", text(&good()));
        insta::assert_snapshot!("good.md", markdown(&good()));
        insta::assert_snapshot!("good.xml", junit(&good()));
    }

    #[test]
    fn what_no_report_could_write_is_replaced() {
        let mut summary = bad();
        summary.expectations[0].name = "a\u{1}\u{ffff}b\n".to_owned();
        assert!(junit(&summary).contains("name=\"a\u{fffd}\u{fffd}b"));
        assert!(markdown(&summary).contains("| a \u{ffff}b  |"));
    }
}
