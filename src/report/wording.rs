//! Says what was expected, one sentence a condition, and counts in words.

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
        Condition::BackoffGrowing => "no gap more than 10 % shorter than the previous one".to_owned(),
        Condition::SentHeader(name, Sent::There) => format!("every call has the header {name}"),
        Condition::SentHeader(name, Sent::Absent) => format!("no call has the header {name}"),
        Condition::SentHeader(name, Sent::Value(value)) => format!("every call has the header {name}: {value}"),
        Condition::SentNotifications(types) if types.is_empty() => "no call asks for a notification".to_owned(),
        Condition::SentNotifications(types) => {
            let types: Vec<_> = types.iter().copied().map(NotificationType::name).collect();
            format!("every call asks for notification_type={}", types.join(","))
        }
        Condition::Statuses(statuses) => format!("exactly {}, in this order", listed(statuses)),
        Condition::EndsWith(status) => format!("the last call gets {status}"),
        Condition::AfterLost(max) => {
            let calls = if *max == 0 {
                "no further call".to_owned()
            } else {
                format!("at most {}", counted(*max, "further call"))
            };
            format!("{calls} after a reset whose answer was lost")
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
        NotificationType::Phone => "text message",
    }
}

/// `1 call`, `2 calls`.
pub(super) fn counted(count: u64, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
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

/// `one too few`, `3 too many`.
pub(super) fn by(count: u64, what: &str) -> String {
    if count == 1 { format!("one {what}") } else { format!("{count} {what}") }
}

/// `503, 503, 200`; the end of a long list is left out.
pub(super) fn listed(statuses: &[u16]) -> String {
    let shown: Vec<_> = statuses.iter().take(STATUSES_SHOWN).map(u16::to_string).collect();
    let more = if statuses.len() > STATUSES_SHOWN { " …" } else { "" };
    format!("{}{more}", shown.join(", "))
}

/// `once`, `3 times`.
pub(super) fn times(count: u64) -> String {
    if count == 1 { "once".to_owned() } else { format!("{count} times") }
}
