//! Counts answers for the metrics.

use super::api_exchange::{Exchange, is_held};
use crate::api::Answered;
use crate::contract::Operation;
use crate::state::{DecidedBy, LimitHit, Metrics};
use std::time::Duration;

impl Exchange<'_> {
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "it is done once for each request, and its parts are short")]
    pub(super) fn count(&self, answered: &Answered, took: Duration) {
        let status = answered.reply.status();
        let metrics = &self.state.metrics;
        let decided_by = match &answered.decided {
            Some((_, outcome)) if outcome.rule.is_some() => {
                self.strike(answered, outcome);
                DecidedBy::Rule
            }
            Some(_) => DecidedBy::OwnBehaviour,
            None => DecidedBy::Rejection,
        };
        metrics.answered(self.request.operation().map(Operation::index), decided_by, status, took);
        if answered.decided.is_none() {
            count_limit(metrics, status);
            self.reject(answered);
        }
        if !is_held(answered) {
            self.meet(answered);
        }
    }
}

/// Counts a reached bound, if the status of a rejection means one.
pub(super) fn count_limit(metrics: &Metrics, status: u16) {
    match status {
        408 => metrics.hit(LimitHit::BodyTime),
        413 => metrics.hit(LimitHit::BodyBytes),
        414 => metrics.hit(LimitHit::TargetBytes),
        431 => metrics.hit(LimitHit::HeadBytes),
        _ => {}
    }
}
