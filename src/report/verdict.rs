//! What a verdict says.

use super::{NeverStruck, Recovery, Rejected, SilentRepeat};
use crate::contract::Subject;
use crate::scenario::Expectation;
use crate::scenario::words::counted;
use serde::Serialize;

/// Whether the consumer did what was expected of it.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Verdict {
    /// Whether every expectation holds.
    pub passed: bool,
    /// Each expectation, in the order of the scenarios.
    pub expectations: Vec<ExpectationVerdict>,
    /// Rules, overrides and `down` windows that never struck, in the order in which they are read. What they would prove is
    /// not proven; `passed` does not look at them. The first of them.
    pub never_struck: Vec<NeverStruck>,
    /// How many more of them there are.
    pub more_never_struck: usize,
    /// What was refused before it was counted. In a verdict on one project, what names that.
    pub rejected: Rejected,
    /// How many users of those who met a failure recovered.
    pub recovery: Recovery,
    /// Calls that look like repeats by an HTTP client, not by the program. The first of them.
    pub silent_repeats: Vec<SilentRepeat>,
    /// How many more of them there are.
    pub more_silent_repeats: usize,
}

/// What became of one expectation.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct ExpectationVerdict {
    /// The expectation's name.
    pub name: String,
    /// Where it stands: `file:line:column`.
    pub place: String,
    /// Whether it holds for every user whom it is about.
    pub passed: bool,
    /// What was expected, one sentence a condition.
    pub expected: Vec<String>,
    /// The calls by which it was judged; if it failed, those of the users who failed it.
    pub seen: Vec<SeenCall>,
    /// How many more calls there were than are shown.
    pub more_seen: usize,
    /// What came nearest to holding and did not; `None` if all holds.
    pub nearest: Option<String>,
    /// Everything that did not hold, one sentence each, the nearest first; so many as calls are shown.
    pub misses: Vec<String>,
    /// How much more did not hold.
    pub more_misses: usize,
    /// Why it proves nothing though it holds: no call was judged, or is about lost answers and none was lost.
    pub judged_nothing: Option<String>,
    /// Whether no further call can make it hold.
    #[serde(skip)]
    pub(super) hopeless: bool,
}

impl Verdict {
    /// Whether something does not hold that no further call can mend.
    pub(crate) fn is_final(&self) -> bool {
        self.expectations.iter().any(|one| one.hopeless)
    }
}

/// A call by which an expectation was judged.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct SeenCall {
    /// The project; empty where the call is counted of an account.
    pub project: String,
    /// The user, or the account as `domain/name`.
    pub user: String,
    /// The same for a reader, with the project where there are several.
    #[serde(skip)]
    pub(super) who: String,
    /// The operation that was called.
    pub operation: String,
    /// The call number.
    pub call: u64,
    /// When it arrived, in milliseconds of the server's time.
    pub at_ms: u64,
    /// The status that the client met; `None` if the answer was lost.
    pub status: Option<u16>,
    /// The status that was decided.
    pub decided: u16,
    /// The rule that decided it.
    pub rule: Option<String>,
    /// What a rule did to the answer on the wire.
    pub fault: Option<&'static str>,
    /// Whether the password was reset; none where the operation resets none.
    pub done: Option<bool>,
    /// `answered`, or `lost` if the answer did not leave whole and right.
    pub state: &'static str,
    /// Milliseconds from the end of the answer before to this arrival.
    pub gap_ms: Option<u64>,
    /// Milliseconds from its arrival to the end of its answer, or until the answer was lost.
    pub took_ms: Option<u64>,
}

impl ExpectationVerdict {
    /// Of what so many clones expected that ended and of which nothing is known any more.
    pub(super) fn of_forgotten(clones: u64) -> Self {
        let what = format!(
            "the expectations of {} are forgotten; raise clones_max, clone_scenarios_bytes_max or \
             clone_rules_max",
            counted(clones, "deleted clone")
        );
        Self {
            name: "expectations of deleted clones".to_owned(),
            place: "POST /__admin/projects".to_owned(),
            passed: false,
            expected: vec!["all are judged".to_owned()],
            seen: Vec::new(),
            more_seen: 0,
            misses: vec![what.clone()],
            nearest: Some(what),
            more_misses: 0,
            judged_nothing: None,
            hopeless: true,
        }
    }

    /// Of one that is about nobody in the project that is asked about.
    pub(super) fn about_others(expectation: &Expectation) -> Self {
        let what = match expectation.operation.subject {
            Subject::Caller | Subject::Project => "its calls are counted by account, not by project",
            _ => "it applies to no user of this project",
        };
        Self {
            name: expectation.label.name.clone(),
            place: expectation.label.place.clone(),
            passed: false,
            expected: expectation.requirements.iter().map(|one| one.expected()).collect(),
            seen: Vec::new(),
            more_seen: 0,
            nearest: Some(what.to_owned()),
            misses: vec![what.to_owned()],
            more_misses: 0,
            judged_nothing: None,
            hopeless: true,
        }
    }
}
