//! Judges what the consumer did, and tells it.
//!
//! `evidence.rs` gathers what is known of the calls, `judge.rs` judges expectations by it, `condition.rs` one condition
//! for one user, and `wording.rs` says what was expected. `coverage.rs` tells which documented statuses were met.
//! `summary.rs` puts both together, and `text.rs`, `markdown.rs` and `junit.rs` write that; JSON is written as it stands.

mod condition;
mod coverage;
mod evidence;
mod judge;
mod junit;
mod markdown;
mod summary;
mod text;
mod wording;

pub use coverage::{Coverage, CoverageUser, OperationCoverage, StatusCoverage};
pub(crate) use coverage::{Required, coverage};
pub use judge::{ExpectationVerdict, SeenCall, Verdict};
pub(crate) use junit::junit;
pub(crate) use markdown::markdown;
pub(crate) use summary::Summary;
pub(crate) use text::text;

use crate::scenario::Expectation;
use crate::state::State;
use std::sync::Arc;

/// Judges now: these expectations, or those of the set-up; of one project, or of all.
pub(crate) fn verdict(state: &State, asked: Option<&[Arc<Expectation>]>, project: Option<u32>) -> Verdict {
    let running = state.running();
    let expectations = asked.unwrap_or(&running.set_up.expectations);
    judge::judge(expectations, &evidence::gather(state, project), project)
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
            operations: vec![OperationCoverage { operation: "ResetRandomPassword".to_owned(), statuses }],
        }
    }

    fn bad() -> Summary {
        let verdict = verdict_on(EXPECT, &[&[503, 503], &[0, 200, 503]]);
        let secrets =
            vec!["the password of call 3 of user ada of project p is in the command's stdout, once".to_owned()];
        let required = Required::Statuses(vec![200, 400, 500]);
        Summary::new(verdict, of(&[(200, 9), (400, 0), (500, 0), (503, 1)]), Some(&required), Some(secrets))
    }

    fn good() -> Summary {
        let verdict = verdict_on(r#"{"name": "once", "calls": {"max": 1}}"#, &[&[200]]);
        Summary::new(verdict, of(&[(200, 1), (503, 0)]), None, Some(Vec::new()))
    }

    #[test]
    fn a_run_passes_if_all_of_it_does() {
        assert!(good().passed && !bad().passed);
        let judged = |summary: Summary, required: &str, secrets: Option<Vec<String>>| {
            let verdict = Verdict { passed: true, expectations: summary.expectations };
            Summary::new(verdict, summary.coverage, required.parse().ok().as_ref(), secrets).passed
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
