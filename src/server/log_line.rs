//! The log line of a request.

use super::api_exchange::Exchange;
use crate::api::Answered;
use crate::contract::Operation;
use crate::engine::Setup;
use crate::scenario::{Phase, Rule};
use std::sync::Arc;
use std::time::Duration;

/// The request that a line is about.
pub(super) struct Line<'l> {
    pub(super) method: &'l str,
    pub(super) path: &'l str,
    pub(super) operation: Option<Operation>,
    pub(super) user: Option<&'l str>,
}

impl Exchange<'_> {
    /// Logs the request; gives the time since its arrival.
    #[inline]
    pub(super) fn log(&self, answered: &Answered) -> Duration {
        let took = self.state.clock.now().saturating_sub(self.request.arrived);
        // Checked before anything is put together.
        if tracing::enabled!(tracing::Level::INFO) {
            let setup = &self.running.setup;
            let (operation, user) = (self.request.operation(), self.request.user());
            let line = Line { method: self.request.method(), path: self.request.path(), operation, user };
            write(setup, &line, answered, took);
        }
        took
    }
}

/// Logs the outcome of a request with its rules, and the status that left. `decided` is the status of an answer that a fault
/// kept back. Secrets are hidden.
#[cold]
pub(super) fn write(setup: &Setup, line: &Line<'_>, answered: &Answered, took: Duration) {
    let decided = answered.decided.as_ref();
    let outcome = decided.map(|(_, outcome)| outcome);
    let injected = outcome.and_then(|outcome| outcome.injected.as_deref());
    let delay = injected.and_then(|injected| injected.delay.as_ref());
    let fault = injected.and_then(|injected| injected.fault.as_ref());
    let status = answered.reply.status();
    let is_kept_back = fault.is_some_and(|(_, fault)| fault.strikes());
    let said = outcome.and_then(|outcome| outcome.refusal.as_deref()).map(|refusal| refusal.message.as_ref());
    // The outcome comes first: on a narrow terminal, paths and ids fill the lines behind it.
    tracing::info!(
        status = (!is_kept_back).then_some(status),
        decided = is_kept_back.then_some(status),
        fault = fault.map(|(_, fault)| fault.name()),
        call = decided.map(|(call, _)| *call),
        method = &*setup.hide(line.method),
        path = &*setup.hide(line.path),
        operation = line.operation.map(|operation| operation.id),
        user = line.user.map(|user| setup.hide(user)).as_deref(),
        phase = outcome.and_then(|outcome| outcome.phase).map(Phase::name),
        rule = outcome.and_then(|outcome| outcome.rule.as_ref()).map(name),
        delay_ms = delay.map(|(_, ms)| *ms),
        delay_rule = delay.map(|(rule, _)| name(rule)),
        fault_rule = fault.map(|(rule, _)| name(rule)),
        problem = answered.problem().or(said).map(|problem| setup.hide(problem)).as_deref(),
        duration_us = u64::try_from(took.as_micros()).unwrap_or(u64::MAX),
        request_id = %answered.reply.request_id(),
        "request"
    );
}

fn name(rule: &Arc<Rule>) -> &str {
    &rule.label.name
}
