//! Counts in words.

use crate::contract::NotificationType;

/// Statuses that are listed in a sentence at most.
const STATUSES_SHOWN: usize = 20;

/// The noun for a message of a type.
pub(crate) fn message_noun(kind: NotificationType) -> &'static str {
    match kind {
        NotificationType::Email => "e-mail",
        NotificationType::Phone => "text message",
    }
}

/// `1 call`, `2 calls`.
pub(crate) fn counted<N: Copy + std::fmt::Display + TryInto<u64>>(count: N, noun: &str) -> String {
    let is_one = count.try_into().is_ok_and(|count| count == 1);
    format!("{count} {noun}{}", if is_one { "" } else { "s" })
}

/// `called twice`.
pub(crate) fn called(times: u64) -> String {
    match times {
        0 => "did not call".to_owned(),
        1 => "called once".to_owned(),
        2 => "called twice".to_owned(),
        times => format!("called {times} times"),
    }
}

/// `one too few`, `3 too many`.
pub(crate) fn by(count: u64, what: &str) -> String {
    if count == 1 { format!("one {what}") } else { format!("{count} {what}") }
}

/// `503, 503, 200`; the end of a long list is left out.
pub(crate) fn listed(statuses: &[u16]) -> String {
    let shown: Vec<_> = statuses.iter().take(STATUSES_SHOWN).map(u16::to_string).collect();
    let more = if statuses.len() > STATUSES_SHOWN { " …" } else { "" };
    format!("{}{more}", shown.join(", "))
}

/// `once`, `3 times`.
pub(crate) fn times(count: u64) -> String {
    if count == 1 { "once".to_owned() } else { format!("{count} times") }
}

/// How far off something is, in thousandths of the expected value.
pub(super) fn share(off: u64, of: u64) -> u64 {
    off.saturating_mul(1_000) / of.max(1)
}
