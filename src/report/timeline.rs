//! Draws one line of calls for each user, with times, answers and the gaps between them.

use super::{ExpectationVerdict, SeenCall};
use crate::contract::Operation;
use crate::scenario::words::counted;
use std::collections::{BTreeMap, HashMap};

/// Maximum number of users drawn.
const USERS_MAX: usize = 100;
/// Number of calls drawn at the start and at the end of a long line.
const FIRST_CALLS: usize = 15;
const LAST_CALLS: usize = 5;
/// Duration from which an answer is marked as slow.
const SLOW_MS: u64 = 100;
/// Maximum width for aligned names.
const WIDTH_MAX: usize = 48;

/// Explains the lines.
pub(super) const LEGEND: &str = "one line per user; + is the time from the end of an answer to the next call";
/// Explains the mark `(done)`.
pub(super) const DONE: &str = "(done) means that the password was reset, but the client got no success";

/// The calls of one user to one operation.
struct Lane<'s> {
    who: String,
    calls: BTreeMap<u64, &'s SeenCall>,
}

/// Draws the calls of expectations, each once, ordered by the users' first calls.
pub(super) fn timeline(judged: &[&ExpectationVerdict]) -> Vec<String> {
    let (mut lanes, mut places) = (Vec::<Lane<'_>>::new(), HashMap::new());
    let mut more = 0;
    for one in judged {
        more = more.max(one.more_seen);
        for call in &one.seen {
            let key = (&call.project, &call.user, &call.operation);
            let at = *places.entry(key).or_insert_with(|| {
                lanes.push(Lane { who: who(call), calls: BTreeMap::new() });
                lanes.len() - 1
            });
            if let Some(lane) = lanes.get_mut(at) {
                lane.calls.insert(call.call, call);
            }
        }
    }
    let begin = |lane: &Lane<'_>| lane.calls.values().next().map_or(0, |call| call.at_ms);
    lanes.sort_by_key(begin);
    let shown = lanes.get(..USERS_MAX).unwrap_or(&lanes);
    let width = shown.iter().map(|lane| lane.who.chars().count()).max().unwrap_or(0).min(WIDTH_MAX);
    let mut drawn: Vec<_> = shown.iter().map(|lane| lane.line(width)).collect();
    if lanes.len() > shown.len() {
        drawn.push(format!("and {}", counted(lanes.len() - shown.len(), "more user")));
    }
    if more > 0 {
        drawn.push(format!("and {}", counted(more, "more call")));
    }
    drawn
}

/// Whether a line has the mark `(done)`.
pub(super) fn has_done(lines: &[String]) -> bool {
    lines.iter().any(|line| line.contains(" (done)"))
}

impl Lane<'_> {
    fn line(&self, width: usize) -> String {
        let calls: Vec<_> = self.calls.values().copied().collect();
        let hidden = calls.len().saturating_sub(FIRST_CALLS + LAST_CALLS);
        let mut pieces = Vec::new();
        let mut before: Option<&SeenCall> = None;
        for (at, call) in calls.iter().enumerate() {
            if hidden > 0 && at == FIRST_CALLS {
                pieces.push(format!("… {hidden} more …"));
            }
            if at < FIRST_CALLS || at >= FIRST_CALLS + hidden {
                pieces.push(piece(call, before));
                before = Some(call);
            }
        }
        format!("{:<width$}  {}", self.who, pieces.join(" · "))
    }
}

fn who(call: &SeenCall) -> String {
    if call.operation == Operation::ResetRandomPassword.id {
        call.who.clone()
    } else {
        format!("{} {}", call.who, call.operation)
    }
}

/// One call: its time, its answer, and the rule behind it if the previous call had another.
fn piece(call: &SeenCall, before: Option<&SeenCall>) -> String {
    let when = match call.gap_ms.filter(|_| before.is_some()) {
        Some(gap) => format!("+{gap} ms"),
        None => format!("{} ms", call.at_ms),
    };
    let slow = call.took_ms.filter(|took| *took >= SLOW_MS).map_or(String::new(), |took| format!(" after {took} ms"));
    let rule = call.rule.as_ref().filter(|_| before.is_none_or(|before| before.rule != call.rule));
    let rule = rule.map_or(String::new(), |rule| format!(" by {rule:?}"));
    format!("{when} {}{slow}{rule}", met(call))
}

/// The client's answer, with a mark if the answer does not show whether the password was reset.
fn met(call: &SeenCall) -> String {
    let met = match call.status {
        Some(status) => status.to_string(),
        None => call.fault.map_or("no answer".to_owned(), |fault| fault.replace('_', " ")),
    };
    match (call.status, call.done) {
        (Some(status), Some(true)) if status < 400 => met,
        (_, Some(true)) => format!("{met} (done)"),
        (None, Some(false)) => format!("{met} (not done)"),
        _ => met,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::judge::tests::verdict_on;

    #[test]
    fn calls_of_several_expectations_are_drawn_once() {
        let expect =
            r#"{"name": "a", "when": {"project": "p"}, "calls": {"max": 1}}, {"name": "b", "calls": {"max": 1}}"#;
        let verdict = verdict_on(expect, &[&[503, 200], &[0, 200]]);
        let lines = timeline(&verdict.expectations.iter().collect::<Vec<_>>());
        assert_eq!(
            lines,
            ["p/ada  100 ms 503 by \"outage\" · +90 ms 200", "p/bob  100 ms no answer (done)", "and 1 more call",]
        );
        assert!(has_done(&lines));
    }

    #[test]
    fn long_line_leaves_out_its_middle() {
        let mut verdict = verdict_on(r#"{"name": "a", "calls": {"max": 1}}"#, &[&[200, 200]]);
        let seen = &mut verdict.expectations[0].seen;
        let one = seen[1].clone();
        *seen = (1..=40).map(|call| SeenCall { call, ..one.clone() }).collect();
        let [line] = timeline(&verdict.expectations.iter().collect::<Vec<_>>()).try_into().unwrap();
        assert_eq!(line.matches("200").count() - 1, FIRST_CALLS + LAST_CALLS, "{line}");
        assert!(line.contains("· … 20 more … ·"), "{line}");
    }
}
