//! The facts about one user's calls, and the result of a requirement that does not hold.

use super::words::{counted, share};
// A length of time alone: `core` has no clock.
use core::time::Duration;
use std::collections::BTreeMap;

/// The facts about one user.
pub(crate) struct Case<'c> {
    /// The user, as a report names them.
    pub(crate) user: &'c str,
    /// The number of calls counted before those that are judged.
    pub(crate) before: u64,
    /// The number of calls counted.
    pub(crate) calls: u64,
    /// The calls that the journal has, by arrival.
    pub(crate) seen: &'c [&'c Seen],
    /// The number of messages that were sent and not lost, by type.
    pub(crate) messages: [u64; 2],
    /// Whether some of the messages may still turn out to be lost.
    pub(crate) undelivered: bool,
}

/// One counted call.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seen {
    pub(crate) call: u64,
    pub(crate) operation: String,
    pub(crate) at_ms: u64,
    pub(crate) arrived: Duration,
    pub(crate) ended: Option<Duration>,
    /// The status that the client met; `None` if the answer was lost.
    pub(crate) status: Option<u16>,
    pub(crate) decided: u16,
    pub(crate) rule: Option<String>,
    pub(crate) fault: Option<&'static str>,
    /// Whether the side effect happened.
    pub(crate) done: bool,
    /// Whether a rule held the answer back, so that a client could have given up.
    pub(crate) held: bool,
    pub(crate) account: Option<String>,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) notification_type: Vec<String>,
}

/// A requirement that does not hold.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Miss {
    /// How far off it was, in thousandths of the expected value.
    pub(crate) distance: u64,
    /// Whether no further call can mend it.
    pub(crate) is_final: bool,
    pub(crate) what: String,
}

impl Case<'_> {
    /// The first call with which something is wrong, and the number of others.
    pub(super) fn every(&self, wrong: impl Fn(&Seen) -> Option<String>) -> Option<Miss> {
        let mut wrongs = self.seen.iter().filter_map(|call| Some((call.call, wrong(call)?)));
        let (call, what) = wrongs.next()?;
        let more = wrongs.count() as u64;
        let others = match more {
            0 => String::new(),
            more => format!(" (and {})", counted(more, "more call")),
        };
        let distance = share(more + 1, self.seen.len() as u64);
        Some(Miss { distance, is_final: true, what: format!("{}'s call {call} {what}{others}", self.user) })
    }

    /// Each call with the next.
    pub(super) fn pairs(&self) -> impl Iterator<Item = (&Seen, &Seen)> {
        self.seen.iter().zip(self.seen.iter().skip(1)).map(|(before, next)| (*before, *next))
    }
}

impl Seen {
    /// Whether the password was reset, and the answer did not say so.
    pub(crate) fn is_done_but_lost(&self) -> bool {
        self.done && self.status.is_none_or(|status| status >= 400)
    }

    /// The time from the end of an answer to the next arrival.
    pub(crate) fn gap_after(&self, before: &Self) -> Option<Duration> {
        before.ended.map(|ended| self.arrived.saturating_sub(ended))
    }
}

pub(crate) fn whole_ms(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
pub(super) mod tests {
    use super::super::Requirement;
    use super::*;

    /// Calls with these statuses (0 is a lost answer), each answered in 10 ms, with these gaps between them.
    pub(in super::super) fn calls(statuses: &[u16], gaps_ms: &[u64]) -> Vec<Seen> {
        let mut now = Duration::ZERO;
        let gaps = [0].iter().chain(gaps_ms).chain(std::iter::repeat(&0));
        let numbered = (1..).zip(statuses).zip(gaps);
        let call = |((call, status), gap): ((u64, &u16), &u64)| {
            let arrived = now + Duration::from_millis(*gap);
            now = arrived + Duration::from_millis(10);
            Seen {
                call,
                arrived,
                ended: Some(now),
                status: (*status > 0).then_some(*status),
                done: *status < 400,
                ..Seen::default()
            }
        };
        numbered.map(call).collect()
    }

    /// The miss of a requirement in words, or `holds`.
    pub(in super::super) fn said(seen: &[Seen], requirement: &dyn Requirement) -> String {
        let seen: Vec<_> = seen.iter().collect();
        let calls = seen.len() as u64;
        let case = Case { user: "u", before: 0, calls, seen: &seen, messages: [0; 2], undelivered: false };
        requirement.check(&case).map_or("holds".to_owned(), |miss| miss.what)
    }
}
