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
