//! Says what was expected, one sentence a condition, and counts in words.

use super::{ExpectationVerdict, SeenCall};
use crate::contract::NotificationType;
use crate::scenario::{Bounds, Condition, Sent};

/// Statuses that are listed in a sentence at most.
const STATUSES_SHOWN: usize = 20;

pub(super) fn expected(condition: &Condition) -> String {
    match condition {
        Condition::Calls(bounds) => within(*bounds, &|count| counted(count, "call")),
        Condition::GapMs(bounds) => {
            let gap = within(*bounds, &|ms| format!("{ms} ms"));
            format!("{gap} from the end of an answer to the next call")
        }
        Condition::BackoffGrowing => "no gap more than 10 % shorter than the one before".to_owned(),
        Condition::SentHeader(name, Sent::There) => format!("every call with the header {name}"),
        Condition::SentHeader(name, Sent::Absent) => format!("no call with the header {name}"),
        Condition::SentHeader(name, Sent::Value(value)) => format!("every call with the header {name}: {value}"),
        Condition::SentNotifications(types) if types.is_empty() => "no call asks for a notification".to_owned(),
        Condition::SentNotifications(types) => {
            let types: Vec<_> = types.iter().copied().map(NotificationType::name).collect();
            format!("every call asks for notification_type={}", types.join(","))
        }
        Condition::Statuses(statuses) => format!("{}, in this order, and nothing else", listed(statuses)),
        Condition::EndsWith(status) => format!("the last call meets {status}"),
        Condition::AfterLost(max) => {
            let calls = if *max == 0 {
                "no further call".to_owned()
            } else {
                format!("at most {}", counted(*max, "further call"))
            };
            format!("{calls} once a reset was done but its answer lost")
        }
        Condition::Notified(kind, bounds) => within(*bounds, &|count| counted(count, message(*kind))),
    }
}

fn within(bounds: Bounds, shown: &dyn Fn(u64) -> String) -> String {
    match (bounds.min, bounds.max) {
        (Some(min), Some(max)) if min == max => format!("exactly {}", shown(min)),
        (Some(min), Some(max)) => format!("{min} to {}", shown(max)),
        (Some(min), None) => format!("at least {}", shown(min)),
        (None, Some(max)) => format!("at most {}", shown(max)),
        (None, None) => "any".to_owned(),
    }
}

/// What a message of a type is called.
pub(super) fn message(kind: NotificationType) -> &'static str {
    match kind {
        NotificationType::Email => "e-mail",
        NotificationType::Phone => "message to the phone",
    }
}

/// `1 call`, `2 calls`.
pub(super) fn counted(count: u64, noun: &str) -> String {
    // Of several words the first is what there are many of.
    match noun.split_once(' ').filter(|_| count != 1) {
        Some((first, rest)) if first == "message" => format!("{count} {first}s {rest}"),
        _ => format!("{count} {noun}{}", if count == 1 { "" } else { "s" }),
    }
}

/// How often somebody called.
pub(super) fn called(times: u64) -> String {
    match times {
        0 => "did not call".to_owned(),
        1 => "called once".to_owned(),
        2 => "called twice".to_owned(),
        times => format!("called {times} times"),
    }
}

/// `one more`, `3 fewer`.
pub(super) fn by(count: u64, what: &str) -> String {
    if count == 1 { format!("one {what}") } else { format!("{count} {what}") }
}

/// `503, 503, 200`; the end of a long list is left out.
pub(super) fn listed(statuses: &[u16]) -> String {
    let shown: Vec<_> = statuses.iter().take(STATUSES_SHOWN).map(u16::to_string).collect();
    let more = if statuses.len() > STATUSES_SHOWN { " …" } else { "" };
    format!("{}{more}", shown.join(", "))
}

impl ExpectationVerdict {
    /// A call as one line: when, who, which, what it met and why.
    pub(super) fn line_of(call: &SeenCall) -> String {
        let rule = call.rule.as_ref().map_or(String::new(), |rule| format!(" by {rule:?}"));
        let gap = call.gap_ms.map_or(String::new(), |gap| format!(", {gap} ms after the answer before"));
        format!("{} ms: {} call {}: {}{rule}{gap}", call.at_ms, call.who, call.call, Self::met(call))
    }

    /// What the client met, and what was done where that does not say it.
    fn met(call: &SeenCall) -> String {
        let lost = call.fault.map_or("no answer".to_owned(), |fault| fault.replace('_', " "));
        match (call.status, call.done) {
            (Some(status), Some(true)) if status >= 400 => format!("{status}, though the password was reset"),
            (Some(status), _) => status.to_string(),
            (None, Some(true)) => format!("{lost}, though the password was reset"),
            (None, Some(false)) => format!("{lost}, and nothing was done"),
            (None, None) => lost,
        }
    }

    /// Every call that is shown, one line each.
    pub(super) fn lines(&self) -> Vec<String> {
        let mut lines: Vec<_> = self.seen.iter().map(Self::line_of).collect();
        if self.more_seen > 0 {
            lines.push(format!("and {}", counted(self.more_seen as u64, "more call")));
        }
        if lines.is_empty() {
            lines.push("no call".to_owned());
        }
        lines
    }
}
