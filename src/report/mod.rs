//! Judges what the consumer did, and tells it.
//!
//! `evidence.rs` gathers what is known of the calls, `judge.rs` judges expectations by it, `whom.rs` finds the users of each,
//! `shown.rs` names users and shows their calls, and `verdict.rs` is the result; `leave.rs` ends it early. Beside the expectations,
//! `strikes.rs` says which rules struck, `refused.rs` what was refused before it was counted, `repeats.rs` what HTTP clients did by themselves and `recovery.rs` who
//! came through. `coverage.rs` says which documented statuses were met.
//! `summary.rs` puts all of it together, `timeline.rs` draws calls, and `text.rs`, `markdown.rs` and `junit.rs` write that; JSON is written as it stands.

mod coverage;
mod evidence;
mod judge;
#[cfg(feature = "reports")]
mod junit;
mod leave;
mod lost;
#[cfg(feature = "cli")]
mod markdown;
mod recovery;
mod refused;
mod repeats;
mod shown;
mod strikes;
#[cfg(feature = "cli")]
mod summary;
#[cfg(feature = "cli")]
mod text;
#[cfg(feature = "cli")]
mod timeline;
mod verdict;
mod whom;

use crate::ids::ProjectIndex;
pub use coverage::{Coverage, CoverageUser, OperationCoverage, StatusCoverage};
pub(crate) use coverage::{Required, coverage};
#[cfg(feature = "reports")]
pub(crate) use junit::junit;
#[cfg(feature = "cli")]
pub(crate) use markdown::markdown;
pub use recovery::Recovery;
pub use refused::{FirstRequest, Rejected, RejectedCause};
pub use repeats::SilentRepeat;
pub use strikes::{NeverStruck, RuleStrikes};
pub(crate) use strikes::{embedded_strikes, strikes};
#[cfg(feature = "cli")]
pub(crate) use summary::{Asked, Meanwhile, Summary};
#[cfg(feature = "cli")]
pub(crate) use text::text;
pub use verdict::{ExpectationVerdict, SeenCall, Verdict};

use crate::scenario::Expectation;
use crate::state::{Running, State, Whose};
use leave::Leave;
use std::convert::Infallible;
use std::sync::Arc;

/// What is asked of a verdict.
#[derive(Debug)]
pub(crate) struct Question {
    pub(crate) expectations: Vec<Arc<Expectation>>,
    /// One project, or all.
    pub(crate) project: Option<ProjectIndex>,
    /// Whether each one must be about the project. Otherwise those that are not are left out.
    pub(crate) all: bool,
    /// Whose calls are judged.
    pub(crate) whose: Whose,
}

/// How often it is looked anew because of a reset or a reload.
const TRIES: usize = 10;

/// Judges the scenarios' expectations now.
pub(crate) fn verdict(state: &State) -> Verdict {
    let all = |running: &Running| {
        let expectations = running.setup.expectations.clone();
        Ok::<_, Infallible>(Question { expectations, project: None, all: false, whose: Whose::Clients })
    };
    verdict_on(state, all, &|| Ok(())).unwrap_or_else(|never| match never {})
}

/// Judges what is expected in a project now: of a clone with a scenario of its own what that expects.
pub(crate) fn verdict_of(state: &State, project: &str) -> Option<Verdict> {
    let question = |running: &Running| {
        let index = running.index_of(project).ok_or(())?;
        let expectations = running.set_up_in(project).expectations.clone();
        Ok::<_, ()>(Question { expectations, project: Some(index), all: false, whose: Whose::Clients })
    };
    verdict_on(state, question, &|| Ok(())).ok()
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
        let counted = state.attempts.counted();
        let running = state.running();
        let Question { expectations, project, all, whose } = ask(&running)?;
        let evidence = evidence::read(state, &running, project, all, whose, &leave)?;
        tries += 1;
        // A reset in between took the entries of calls that were counted before it, and after a reload indices are
        // others. Who does that without end is told so.
        let now = state.running();
        let is_same = now.epoch.number() == running.epoch.number()
            && Arc::ptr_eq(&now.setup, &running.setup)
            && Arc::ptr_eq(&now.since, &running.since)
            && counted.is_some()
            && counted == state.attempts.counted();
        if is_same || tries == TRIES {
            let verdict = judge::judge(&expectations, &evidence, project, all, &leave)?;
            let with_own = project.is_none() && !all;
            return if with_own { judge::with_own(verdict, &running, evidence, &leave) } else { Ok(verdict) };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::judge::tests::verdict_on;
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
        let meanwhile =
            Meanwhile { resets: 1, scenarios: 2, replaced: vec!["goes | \u{202e}on".to_owned()], ..meanwhile() };
        let coverage = of(&[(200, 9), (400, 0), (500, 0), (503, 1)]);
        let asked = Asked { coverage: Some(&required), strict: true };
        Summary::new(told(verdict), strikes(), coverage, &asked, Some(secrets), meanwhile)
    }

    fn good() -> Summary {
        let verdict = verdict_on(r#"{"name": "once", "calls": {"max": 1}}"#, &[&[200]]);
        let coverage = of(&[(200, 1), (503, 0)]);
        Summary::new(verdict, Vec::new(), coverage, &Asked::default(), Some(Vec::new()), meanwhile())
    }

    fn meanwhile() -> Meanwhile {
        let took = Duration::from_millis(1_234);
        Meanwhile { began_unix_ms: 1_700_000_000_123, took, ..Meanwhile::default() }
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

    /// A verdict with all that can be said beside expectations.
    fn told(mut verdict: Verdict) -> Verdict {
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
            judged: times,
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
    fn a_run_passes_if_all_of_it_does() {
        assert!(good().passed && !bad().passed);
        let judged = |summary: Summary, required: &str, secrets: Option<Vec<String>>| {
            let verdict = verdict_on(r#"{"name": "once", "calls": {"max": 1}}"#, &[&[200]]);
            let required = required.parse().ok();
            let asked = Asked { coverage: required.as_ref(), strict: false };
            Summary::new(verdict, Vec::new(), summary.coverage, &asked, secrets, Meanwhile::default()).passed
        };
        assert!(judged(good(), "200", None));
        assert!(!judged(good(), "200,503", None));
        assert!(!judged(good(), "all", None));
        assert!(!judged(good(), "200", Some(vec![String::new()])));
    }

    #[test]
    fn what_proves_nothing_fails_a_strict_run_alone() {
        let passed = |expect: &str, rules: &[NeverStruck], calls: &[&[u16]], strict| {
            let verdict = Verdict { never_struck: rules.to_vec(), ..verdict_on(expect, calls) };
            let asked = Asked { coverage: None, strict };
            Summary::new(verdict, Vec::new(), of(&[]), &asked, None, Meanwhile::default()).passed
        };
        let once = r#"{"name": "once", "calls": {"max": 1}}"#;
        let never = told(verdict_on(once, &[])).never_struck;
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
            // Whom the program must leave alone it has left alone.
            (none, &[], &[&[]], true),
        ] {
            assert!(passed(expect, rules, calls, false), "{expect}");
            assert_eq!(passed(expect, rules, calls, true), strictly, "{expect}");
        }
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
