//! Judges the consumer's calls by the expectations, and writes reports.
//!
//! - `evidence.rs` collects what is known of the calls
//! - `parties.rs` selects the users and accounts that an expectation applies to
//! - `judge.rs` judges expectations
//! - `seen_calls.rs` lists the calls of an expectation, with readable user names
//! - `verdict.rs` has the types of a verdict
//! - `cancel.rs` cancels a verdict that takes too long
//! - `strikes.rs` counts how often rules struck
//! - `rejections.rs` lists causes of rejected requests
//! - `repeats.rs` finds retries by HTTP clients
//! - `recovery.rs` counts users that recovered from failures
//! - `coverage.rs` compares answers with the documented statuses
//! - `lost.rs` counts lost answers
//! - `findings.rs` words the findings of a verdict
//! - `summary.rs` combines all of it into the JSON report
//! - `timeline.rs` draws calls
//! - `text.rs`, `markdown.rs`, `junit.rs` write the other reports

mod cancel;
mod coverage;
mod evidence;
mod findings;
mod judge;
#[cfg(feature = "reports")]
mod junit;
mod lost;
#[cfg(feature = "cli")]
mod markdown;
mod parties;
mod recovery;
mod rejections;
mod repeats;
mod seen_calls;
mod strikes;
#[cfg(feature = "cli")]
mod summary;
mod text;
mod timeline;
mod verdict;

use crate::ids::ProjectIndex;
pub use coverage::{Coverage, CoverageUser, OperationCoverage, StatusCoverage};
pub(crate) use coverage::{Required, coverage};
#[cfg(feature = "reports")]
pub(crate) use junit::junit;
#[cfg(feature = "cli")]
pub(crate) use markdown::markdown;
pub use recovery::Recovery;
pub use repeats::SilentRepeat;
pub use strikes::{NeverStruck, RuleStrikes};
pub(crate) use strikes::{embedded_strikes, strikes};
#[cfg(feature = "cli")]
pub(crate) use summary::{Interference, RunRequirements, Summary};
#[cfg(feature = "cli")]
pub(crate) use text::text_report;
pub use verdict::{ExpectationVerdict, SeenCall, Verdict};

use crate::scenario::Expectation;
use crate::state::{Running, State, Whose};
use cancel::{Cancel, Cancelled};
use std::cell::Cell;
use std::collections::HashSet;
use std::convert::Infallible;
use std::sync::Arc;

/// The scope of a verdict.
#[derive(Debug, Default)]
pub(crate) struct Question {
    pub(crate) expectations: Vec<Arc<Expectation>>,
    /// One project, or all for `None`.
    pub(crate) project: Option<ProjectIndex>,
    /// Whether an expectation that does not apply to the project fails, and is not left out.
    pub(crate) all: bool,
    /// Further ones, which fail if they do not apply to the project.
    pub(crate) added: Vec<Arc<Expectation>>,
    /// Clones that are not judged.
    pub(crate) left_out: HashSet<ProjectIndex>,
    /// Whether the console's calls are judged too.
    pub(crate) whose: Whose,
}

/// Maximum number of attempts while resets or reloads interfere.
const TRIES: usize = 10;

/// Judges all expectations of the scenarios.
pub(crate) fn verdict(state: &State) -> Verdict {
    let all = |running: &Running| {
        let expectations = running.setup.expectations.clone();
        Ok::<_, Infallible>(Question { expectations, ..Question::default() })
    };
    verdict_on(state, all, &|| Ok(())).unwrap_or_else(|never| match never {})
}

/// Judges the expectations of a project, or those of a clone's own scenario.
pub(crate) fn verdict_of(state: &State, project: &str) -> Option<Verdict> {
    let question = |running: &Running| {
        let index = running.index_of(project).ok_or(())?;
        let expectations = running.set_up_in(Some(project)).expectations.clone();
        Ok::<_, ()>(Question { expectations, project: Some(index), ..Question::default() })
    };
    verdict_on(state, question, &|| Ok(())).ok()
}

/// Judges the question that `ask` poses for the running setup. An error of `may_go_on` cancels the work.
pub(crate) fn verdict_on<E>(
    state: &State,
    ask: impl Fn(&Running) -> Result<Question, E>,
    may_go_on: &dyn Fn() -> Result<(), E>,
) -> Result<Verdict, E> {
    let reason = Cell::new(None);
    let may_go_on = || {
        may_go_on().map_err(|error| {
            reason.set(Some(error));
            Cancelled
        })
    };
    let cancel = Cancel::new(&may_go_on);
    let mut tries = 0;
    loop {
        let counted = state.attempts.counted();
        let running = state.running();
        let question = ask(&running)?;
        tries += 1;
        match judged(state, (&running, counted), question, tries == TRIES, &cancel) {
            Ok(Some(verdict)) => return Ok(verdict),
            Ok(None) => {}
            Err(Cancelled) => {
                if let Some(error) = reason.take() {
                    return Err(error);
                }
            }
        }
    }
}

/// Judges a question by the running setup and the number of counted attempts, unless they have changed meanwhile and this is not the last try.
fn judged(
    state: &State,
    (running, counted): (&Running, Option<u64>),
    question: Question,
    is_last: bool,
    cancel: &Cancel<'_>,
) -> Result<Option<Verdict>, Cancelled> {
    let Question { expectations, added, project, all, whose, left_out } = question;
    let mut evidence = evidence::read(state, running, project, all, whose, cancel)?;
    evidence.own.extend(&left_out);
    // A reset meanwhile removed entries of counted calls, and a reload changed indices.
    let now = state.running();
    let is_same = now.epoch.number() == running.epoch.number()
        && Arc::ptr_eq(&now.setup, &running.setup)
        && Arc::ptr_eq(&now.since, &running.since)
        && counted.is_some()
        && counted == state.attempts.counted();
    if !is_same && !is_last {
        return Ok(None);
    }
    let mut verdict = judge::judge(&expectations, &evidence, project, all, cancel)?;
    verdict.add(judge::judge(&added, &evidence, project, true, cancel)?.expectations);
    let with_own = project.is_none() && !all;
    let is_judged = |index: &ProjectIndex| !left_out.contains(index);
    let verdict = if with_own { judge::with_own(verdict, running, evidence, is_judged, cancel)? } else { verdict };
    Ok(Some(verdict))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::judge::tests::verdict_on;
    use crate::state::{FirstRequest, Rejected, RejectedCause};
    use std::time::Duration;

    const EXPECT: &str = r#"{"name": "stops <after> three", "when": {"user": "ada"}, "calls": {"min": 3, "max": 3}, "statuses": [503, 503, 200]},
{"name": "recovers | in the end", "ends_with": 200, "after_lost": {"max": 0}, "backoff": "growing"},
{"name": "asks for email", "when": {"user": "bob"}, "sent": {"header": {"X-Auth-Token": true}, "notification_type": ["email"]}}"#;

    fn of(statuses: &[(u16, u64)]) -> Coverage {
        let rows = statuses.iter().map(|(status, count)| StatusCoverage {
            status: *status,
            met: *count > 0,
            count: *count,
            lost: 0,
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
        let interference =
            Interference { resets: 1, scenarios: 2, replaced: vec!["goes | \u{202e}on".to_owned()], ..interference() };
        let coverage = of(&[(200, 9), (400, 0), (500, 0), (503, 1)]);
        let requirements = RunRequirements { coverage: Some(&required), strict: true };
        Summary::new(with_findings(verdict), strikes(), coverage, &requirements, Some(secrets), interference)
    }

    fn good() -> Summary {
        let verdict = verdict_on(r#"{"name": "once", "calls": {"max": 1}}"#, &[&[200]]);
        let coverage = of(&[(200, 1), (503, 0)]);
        Summary::new(verdict, Vec::new(), coverage, &RunRequirements::default(), Some(Vec::new()), interference())
    }

    fn interference() -> Interference {
        let took = Duration::from_millis(1_234);
        Interference { began_unix_ms: 1_700_000_000_123, took, ..Interference::default() }
    }

    fn strikes() -> Vec<RuleStrikes> {
        let rule =
            |rule: &str, place: &str, struck| RuleStrikes { rule: rule.to_owned(), place: place.to_owned(), struck };
        vec![
            rule("out|age", "test.json:1:4", 3),
            rule("late", "test.json:2:4", 0),
            rule("down [5, 9]", "test.json:3:4", 0),
        ]
    }

    /// A verdict with each kind of finding beside expectations.
    fn with_findings(mut verdict: Verdict) -> Verdict {
        let never = |(one, why): (&RuleStrikes, Option<&str>)| NeverStruck {
            rule: one.rule.clone(),
            place: one.place.clone(),
            why: why.map(str::to_owned),
        };
        let whys = [None, Some("its time window starts at 5 ms, and the clock is at 4 ms")];
        verdict.never_struck = strikes()[1..].iter().zip(whys).map(never).collect();
        let cause = |status, problem: &str, times, index| RejectedCause {
            status,
            problem: problem.to_owned(),
            times,
            before: 0,
            first: FirstRequest { index, request: "GET /v2/p/users/<x>/random-password".to_owned(), at_ms: 10 * index },
        };
        verdict.rejected = Rejected {
            count: 242,
            by: vec![
                cause(404, "Unknown user … in project p. GET /__admin/users lists the users.", 240, 1),
                cause(400, "The header Content-Type is missing. Send it.", 1, 7),
            ],
            other: 1,
        };
        verdict.silent_repeats = vec![SilentRepeat {
            project: "p".to_owned(),
            user: "bob".to_owned(),
            call: 2,
            lost: 1,
            gap_ms: 0,
            note: "p/bob's call 2 came 0 ms after the answer to call 1 was lost".to_owned(),
        }];
        verdict.more_silent_repeats = 2;
        verdict
    }

    #[test]
    fn run_passes_only_if_every_part_passes() {
        assert!(good().verdict.passed && !bad().verdict.passed);
        let judged = |summary: Summary, required: &str, secrets: Option<Vec<String>>| {
            let verdict = verdict_on(r#"{"name": "once", "calls": {"max": 1}}"#, &[&[200]]);
            let required = required.parse().ok();
            let requirements = RunRequirements { coverage: required.as_ref(), strict: false };
            Summary::new(verdict, Vec::new(), summary.coverage, &requirements, secrets, Interference::default())
                .verdict
                .passed
        };
        assert!(judged(good(), "200", None));
        assert!(!judged(good(), "200,503", None));
        assert!(!judged(good(), "all", None));
        assert!(!judged(good(), "200", Some(vec![String::new()])));
    }

    #[test]
    fn empty_proof_fails_only_a_strict_run() {
        let passed = |expect: &str, rules: &[NeverStruck], calls: &[&[u16]], strict| {
            let verdict = Verdict { never_struck: rules.to_vec(), ..verdict_on(expect, calls) };
            let requirements = RunRequirements { coverage: None, strict };
            Summary::new(verdict, Vec::new(), of(&[]), &requirements, None, Interference::default()).verdict.passed
        };
        let once = r#"{"name": "once", "calls": {"max": 1}}"#;
        let never = with_findings(verdict_on(once, &[])).never_struck;
        let lost = r#"{"name": "lost", "after_lost": {"max": 0}}"#;
        let named = r#"{"name": "named", "when": {"user": "ada"}, "calls": {"max": 1}}"#;
        let none = r#"{"name": "none", "when": {"user": "ada"}, "calls": {"max": 0}}"#;
        for (expect, rules, calls, strictly) in [
            (once, &[][..], &[&[200][..]][..], true),
            (once, &never, &[&[200]], false),
            (once, &[], &[], false),
            (lost, &[], &[&[503, 200]], false),
            (lost, &[], &[&[503, 0]], true),
            (named, &[], &[&[]], false),
            // An expectation of no calls is proven by no calls.
            (none, &[], &[&[]], true),
        ] {
            assert!(passed(expect, rules, calls, false), "{expect}");
            assert_eq!(passed(expect, rules, calls, true), strictly, "{expect}");
        }
    }

    #[test]
    fn failed_run_reports_as_in_snapshots() {
        insta::assert_snapshot!("bad.txt", text_report(&bad()));
        insta::assert_snapshot!("bad.md", markdown(&bad()));
        insta::assert_snapshot!("bad.xml", junit(&bad()));
        insta::assert_snapshot!("bad.json", serde_json::to_string_pretty(&bad()).unwrap());
    }

    #[test]
    fn passed_run_reports_as_in_snapshots() {
        insta::assert_snapshot!("good.txt", text_report(&good()));
        insta::assert_snapshot!("good.md", markdown(&good()));
        insta::assert_snapshot!("good.xml", junit(&good()));
    }

    #[test]
    fn unwritable_characters_are_replaced() {
        let mut summary = bad();
        summary.verdict.expectations[0].name = "a\u{1}\u{ffff}b\n".to_owned();
        assert!(junit(&summary).contains("name=\"a\u{fffd}\u{fffd}b"));
        assert!(markdown(&summary).contains("| a \u{ffff}b  |"));
    }
}
