//! One condition for one user: whether it holds, or by how much it was missed.

use super::evidence::Seen;
use super::wording::{by, called, counted, listed};
use crate::contract::NotificationType;
use crate::scenario::{Bounds, Condition, Sent};

/// What is known of one user.
pub(super) struct Case<'c> {
    /// As it is shown.
    pub(super) user: &'c str,
    /// How many calls were counted.
    pub(super) calls: u64,
    /// Those that are known one by one, by arrival.
    pub(super) seen: &'c [&'c Seen],
}

/// What did not hold.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Miss {
    /// How far off it was, in thousandths of what was expected.
    pub(super) distance: u64,
    pub(super) what: String,
}

impl Case<'_> {
    pub(super) fn check(&self, condition: &Condition) -> Option<Miss> {
        match condition {
            Condition::Calls(bounds) => self.calls(*bounds),
            Condition::GapMs(bounds) => self.gaps(*bounds),
            Condition::BackoffGrowing => self.backoff(),
            Condition::SentHeader(name, sent) => self.header(name, sent),
            Condition::SentNotifications(types) => self.notifications(types),
            Condition::Statuses(statuses) => self.statuses(statuses),
            Condition::EndsWith(status) => self.ends_with(*status),
            Condition::AfterLost(max) => self.after_lost(*max),
        }
    }

    fn calls(&self, bounds: Bounds) -> Option<Miss> {
        let said = format!("{} {}", self.user, called(self.calls));
        outside(bounds, self.calls, |off, what| format!("{said}; {} would do", by(off, what)), ["more", "fewer"])
    }

    /// The gap that is farthest off.
    fn gaps(&self, bounds: Bounds) -> Option<Miss> {
        let misses = self.pairs().filter_map(|(before, next)| {
            let gap = whole_ms(next.gap_after(before)?);
            let said = format!(
                "{}'s call {} came {gap} ms after the end of the answer to call {}",
                self.user, next.call, before.call
            );
            outside(bounds, gap, |off, what| format!("{said}; {off} ms {what} would do"), ["later", "sooner"])
        });
        misses.max_by_key(|miss| miss.distance)
    }

    fn backoff(&self) -> Option<Miss> {
        let gaps: Vec<_> = self.pairs().filter_map(|(before, next)| Some((next.call, next.gap_after(before)?))).collect();
        let misses = gaps.iter().zip(gaps.iter().skip(1)).filter_map(|((first, before), (second, gap))| {
            let least = *before * 9 / 10;
            (*gap < least).then(|| Miss {
                distance: share(whole_ms(least.saturating_sub(*gap)), whole_ms(least)),
                what: format!(
                    "{} waited {} ms before call {second}, after {} ms before call {first}; {} ms would do",
                    self.user,
                    whole_ms(*gap),
                    whole_ms(*before),
                    least.as_micros().div_ceil(1_000),
                ),
            })
        });
        misses.max_by_key(|miss| miss.distance)
    }

    fn header(&self, name: &str, sent: &Sent) -> Option<Miss> {
        self.every(|call| match (sent, call.headers.get(name)) {
            (Sent::There, Some(_)) | (Sent::Absent, None) => None,
            (Sent::Value(wanted), Some(value)) if **wanted == **value => None,
            (_, None) => Some(format!("was sent without the header {name}")),
            (Sent::Value(_), Some(value)) => Some(format!("was sent with {name}: {value}")),
            (Sent::Absent, Some(_)) => Some(format!("was sent with the header {name}")),
        })
    }

    fn notifications(&self, types: &[NotificationType]) -> Option<Miss> {
        self.every(|call| {
            let wanted = |asked: &String| types.iter().any(|one| one.name() == asked);
            let same = NotificationType::ALL.iter().all(|one| {
                types.contains(one) == call.notification_type.iter().any(|asked| one.name() == asked)
            });
            if same && call.notification_type.iter().all(wanted) {
                None
            } else if call.notification_type.is_empty() {
                Some("asked for no notification".to_owned())
            } else {
                Some(format!("asked for notification_type={}", call.notification_type.join(",")))
            }
        })
    }

    fn statuses(&self, wanted: &[u16]) -> Option<Miss> {
        let met: Vec<_> = self.seen.iter().filter_map(|call| call.status).collect();
        if met == wanted {
            return None;
        }
        let agreed = met.iter().zip(wanted).take_while(|(met, wanted)| met == wanted).count();
        let (rest_met, rest) = (met.get(agreed..).unwrap_or_default(), wanted.get(agreed..).unwrap_or_default());
        let user = self.user;
        let what = match (met.as_slice(), rest_met, rest) {
            ([], ..) => format!("{user} met no answer; {} was expected", listed(wanted)),
            (_, [], rest) => format!("{user} met {}; {} was still to come", listed(&met), listed(rest)),
            (_, more, []) => format!("{user} met {} and then {} more than expected", listed(wanted), listed(more)),
            (_, [other, ..], [wanted, ..]) => {
                format!("{user} met {}; number {} is {other} where {wanted} was expected", listed(&met), agreed + 1)
            }
        };
        let off = rest_met.len().max(rest.len());
        Some(Miss { distance: share(off as u64, wanted.len() as u64), what })
    }

    fn ends_with(&self, wanted: u16) -> Option<Miss> {
        let last = self.seen.last();
        let what = match last.map(|call| (call.call, call.status)) {
            Some((_, Some(status))) if status == wanted => return None,
            None => format!("{} {}", self.user, called(self.calls)),
            Some((call, Some(status))) => format!("{}'s last call, number {call}, met {status}", self.user),
            Some((call, None)) => format!("the answer to {}'s last call, number {call}, was lost", self.user),
        };
        Some(Miss { distance: 1_000, what })
    }

    fn after_lost(&self, max: u64) -> Option<Miss> {
        let at = self.seen.iter().position(|call| call.is_done_but_lost())?;
        let lost = self.seen.get(at)?.call;
        let further = (self.seen.len() - at - 1) as u64;
        (further > max).then(|| Miss {
            distance: share(further - max, max),
            what: format!(
                "{} made {} after call {lost}, which was done while its answer was lost; {} would do",
                self.user,
                counted(further, "further call"),
                by(further - max, "fewer")
            ),
        })
    }

    /// The first call with which something is wrong, and how many more there are.
    fn every(&self, wrong: impl Fn(&Seen) -> Option<String>) -> Option<Miss> {
        let mut wrongs = self.seen.iter().filter_map(|call| Some((call.call, wrong(call)?)));
        let (call, what) = wrongs.next()?;
        let more = wrongs.count() as u64;
        let others = match more {
            0 => String::new(),
            more => format!("; so were {}", by(more, "more")),
        };
        let distance = share(more + 1, self.seen.len() as u64);
        Some(Miss { distance, what: format!("{}'s call {call} {what}{others}", self.user) })
    }

    fn pairs(&self) -> impl Iterator<Item = (&Seen, &Seen)> {
        self.seen.iter().zip(self.seen.iter().skip(1)).map(|(before, next)| (*before, *next))
    }
}

/// What is said of a number outside its bounds: how far off it is, and in which direction better.
fn outside(bounds: Bounds, number: u64, said: impl Fn(u64, &str) -> String, ways: [&str; 2]) -> Option<Miss> {
    let [more, fewer] = ways;
    let (off, bound, what) = match (bounds.min, bounds.max) {
        (Some(min), _) if number < min => (min - number, min, more),
        (_, Some(max)) if number > max => (number - max, max, fewer),
        _ => return None,
    };
    Some(Miss { distance: share(off, bound), what: said(off, what) })
}

fn share(off: u64, of: u64) -> u64 {
    off.saturating_mul(1_000) / of.max(1)
}

pub(super) fn whole_ms(time: std::time::Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
