//! One condition for one user: whether it holds, or by how much it was missed.

use super::evidence::Seen;
use super::wording::{by, called, counted, listed, message};
use crate::contract::NotificationType;
use crate::scenario::{Bounds, Condition, Sent};

/// What is known of one user.
pub(super) struct Case<'c> {
    /// As it is shown.
    pub(super) user: &'c str,
    /// How many calls were counted before those that are judged.
    pub(super) before: u64,
    /// How many calls were counted.
    pub(super) calls: u64,
    /// Those that are known one by one, by arrival.
    pub(super) seen: &'c [&'c Seen],
    /// How many messages went out that were not lost, by type.
    pub(super) messages: [u64; 2],
    /// Whether some of them may still turn out to be lost.
    pub(super) undelivered: bool,
}

/// What did not hold.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Miss {
    /// How far off it was, in thousandths of what was expected.
    pub(super) distance: u64,
    /// Whether no further call can mend it.
    pub(super) is_final: bool,
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
            Condition::Notified(kind, bounds) => self.notified(*kind, *bounds),
        }
    }

    fn calls(&self, bounds: Bounds) -> Option<Miss> {
        let said = format!("{} {}", self.user, called(self.calls));
        let miss =
            outside(bounds, self.calls, |off, what| format!("{said}: {}", by(off, what)), ["too few", "too many"]);
        miss.map(|miss| Miss { is_final: bounds.max.is_some_and(|max| self.calls > max), ..miss })
    }

    fn notified(&self, kind: NotificationType, bounds: Bounds) -> Option<Miss> {
        let sent = NotificationType::ALL.iter().zip(self.messages).find(|(one, _)| **one == kind);
        let sent = sent.map_or(0, |(_, count)| count);
        let told = if sent == 0 { format!("no {}", message(kind)) } else { counted(sent, message(kind)) };
        let said = format!("{} was sent {told}", self.user);
        let miss = outside(bounds, sent, |off, what| format!("{said}: {}", by(off, what)), ["too few", "too many"]);
        let is_final = bounds.max.is_some_and(|max| sent > max) && !self.undelivered;
        miss.map(|miss| Miss { is_final, ..miss })
    }

    /// The gap that is farthest off.
    fn gaps(&self, bounds: Bounds) -> Option<Miss> {
        let misses = self.pairs().filter_map(|(before, next)| {
            let gap = whole_ms(next.gap_after(before)?);
            let said = format!(
                "{}'s call {} came {gap} ms after the end of the answer to call {}",
                self.user, next.call, before.call
            );
            outside(bounds, gap, |off, what| format!("{said}: {off} ms {what}"), ["too early", "too late"])
        });
        misses.max_by_key(|miss| miss.distance)
    }

    fn backoff(&self) -> Option<Miss> {
        let gaps: Vec<_> =
            self.pairs().filter_map(|(before, next)| Some((next.call, next.gap_after(before)?))).collect();
        let misses = gaps.iter().zip(gaps.iter().skip(1)).filter_map(|((first, before), (second, gap))| {
            let least = *before * 9 / 10;
            (*gap < least).then(|| Miss {
                is_final: true,
                distance: share(whole_ms(least.saturating_sub(*gap)), whole_ms(least)),
                what: format!(
                    "{} waited {} ms before call {second}, but {} ms before call {first}: expected at least {} ms",
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
            let same = NotificationType::ALL
                .iter()
                .all(|one| types.contains(one) == call.notification_type.iter().any(|asked| one.name() == asked));
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
            ([], ..) => format!("{user} got no answer; expected {}", listed(wanted)),
            (_, [], rest) => format!("{user} got {}; still missing: {}", listed(&met), listed(rest)),
            (_, more, []) => format!("{user} got {}, and then unexpectedly {}", listed(wanted), listed(more)),
            (_, [other, ..], [wanted, ..]) => {
                format!("{user} got {}; answer {} is {other}, expected {wanted}", listed(&met), agreed + 1)
            }
        };
        let off = rest_met.len().max(rest.len());
        Some(Miss { distance: share(off as u64, wanted.len() as u64), is_final: !rest_met.is_empty(), what })
    }

    fn ends_with(&self, wanted: u16) -> Option<Miss> {
        let last = self.seen.last().map(|call| (call.call, call.status));
        let what = match last {
            _ if self.before + self.calls > last.map_or(self.before, |(call, _)| call) => {
                let last = self.before + self.calls;
                format!("the answer to {}'s last call ({last}) is outstanding", self.user)
            }
            Some((_, Some(status))) if status == wanted => return None,
            None => format!("{} {}", self.user, called(self.calls)),
            Some((call, Some(status))) => format!("{}'s last call ({call}) got {status}", self.user),
            Some((call, None)) => format!("the answer to {}'s last call ({call}) was lost", self.user),
        };
        Some(Miss { distance: 1_000, is_final: false, what })
    }

    fn after_lost(&self, max: u64) -> Option<Miss> {
        let at = self.seen.iter().position(|call| call.is_done_but_lost())?;
        let lost = self.seen.get(at)?.call;
        let further = (self.seen.len() - at - 1) as u64;
        (further > max).then(|| Miss {
            is_final: true,
            distance: share(further - max, max),
            what: format!(
                "{} made {} after call {lost}, which took effect although its answer was lost: {}",
                self.user,
                counted(further, "further call"),
                by(further - max, "too many")
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
            more => format!(" (and {})", counted(more, "more call")),
        };
        let distance = share(more + 1, self.seen.len() as u64);
        Some(Miss { distance, is_final: true, what: format!("{}'s call {call} {what}{others}", self.user) })
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
    Some(Miss { distance: share(off, bound), is_final: true, what: said(off, what) })
}

fn share(off: u64, of: u64) -> u64 {
    off.saturating_mul(1_000) / of.max(1)
}

pub(super) fn whole_ms(time: std::time::Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    /// Calls with these statuses (0 is a lost answer), each answered in 10 ms, with these gaps between them.
    fn calls(statuses: &[u16], gaps_ms: &[u64]) -> Vec<Seen> {
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

    fn missed(seen: &[Seen], condition: &Condition) -> Option<String> {
        let seen: Vec<_> = seen.iter().collect();
        let case =
            Case { user: "u", before: 0, calls: seen.len() as u64, seen: &seen, messages: [0; 2], undelivered: false };
        case.check(condition).map(|miss| miss.what)
    }

    fn said(seen: &[Seen], condition: &Condition) -> String {
        missed(seen, condition).unwrap_or_else(|| "holds".to_owned())
    }

    fn between(min: Option<u64>, max: Option<u64>) -> Bounds {
        Bounds { min, max }
    }

    #[test]
    fn calls_are_counted() {
        let condition = Condition::Calls(between(Some(2), Some(3)));
        let said: Vec<_> = (0..=5).map(|count| said(&calls(&vec![200; count], &[]), &condition)).collect();
        assert_eq!(
            said,
            [
                "u did not call: 2 too few",
                "u called once: one too few",
                "holds",
                "holds",
                "u called 4 times: one too many",
                "u called 5 times: 2 too many",
            ]
        );
    }

    #[test]
    fn gaps_lie_between_the_end_of_an_answer_and_the_next_arrival() {
        let seen = calls(&[503, 503, 503, 200], &[100, 40, 250]);
        let with = |min, max| said(&seen, &Condition::GapMs(between(min, max)));
        assert_eq!(with(Some(40), Some(250)), "holds");
        assert_eq!(
            with(Some(101), None),
            "u's call 3 came 40 ms after the end of the answer to call 2: 61 ms too early"
        );
        assert_eq!(
            with(None, Some(249)),
            "u's call 4 came 250 ms after the end of the answer to call 3: 1 ms too late"
        );
        assert_eq!(said(&calls(&[200], &[]), &Condition::GapMs(between(Some(1), None))), "holds");
    }

    #[test]
    fn a_backoff_may_shrink_by_a_tenth_but_no_more() {
        let with = |gaps: &[u64]| said(&calls(&vec![503; gaps.len() + 1], gaps), &Condition::BackoffGrowing);
        assert_eq!(with(&[100, 100, 90, 81, 500]), "holds");
        assert_eq!(with(&[100, 89]), "u waited 89 ms before call 3, but 100 ms before call 2: expected at least 90 ms");
        assert_eq!(with(&[]), "holds");
    }

    #[test]
    fn every_call_is_sent_as_it_must_be() {
        let mut seen = calls(&[200, 200, 200], &[]);
        for (call, value) in seen.iter_mut().zip(["a", "b", "b"]) {
            call.headers.insert("x-trace".to_owned(), value.to_owned());
            call.notification_type = vec!["email".to_owned()];
        }
        let header = |name: &str, sent| said(&seen, &Condition::SentHeader(name.into(), sent));
        assert_eq!(header("x-trace", Sent::There), "holds");
        assert_eq!(header("x-other", Sent::Absent), "holds");
        assert_eq!(header("x-trace", Sent::Absent), "u's call 1 was sent with the header x-trace (and 2 more calls)");
        assert_eq!(header("x-other", Sent::There), "u's call 1 was sent without the header x-other (and 2 more calls)");
        assert_eq!(header("x-trace", Sent::Value("b".into())), "u's call 1 was sent with x-trace: a");
        let asked = |types: &[NotificationType]| said(&seen, &Condition::SentNotifications(types.to_vec()));
        let [email, phone] = NotificationType::ALL;
        assert_eq!(asked(&[email]), "holds");
        assert_eq!(asked(&[phone, email]), "u's call 1 asked for notification_type=email (and 2 more calls)");
        assert_eq!(asked(&[]), "u's call 1 asked for notification_type=email (and 2 more calls)");
    }

    #[test]
    fn statuses_are_met_in_order_and_no_others() {
        let wanted = Condition::Statuses(vec![503, 503, 200]);
        let with = |statuses: &[u16]| said(&calls(statuses, &[]), &wanted);
        assert_eq!(with(&[503, 0, 503, 200]), "holds");
        assert_eq!(with(&[]), "u got no answer; expected 503, 503, 200");
        assert_eq!(with(&[503, 503]), "u got 503, 503; still missing: 200");
        assert_eq!(with(&[503, 503, 200, 500]), "u got 503, 503, 200, and then unexpectedly 500");
        assert_eq!(with(&[503, 200]), "u got 503, 200; answer 2 is 200, expected 503");
    }

    #[test]
    fn the_last_call_counts() {
        let with = |statuses: &[u16]| said(&calls(statuses, &[]), &Condition::EndsWith(200));
        assert_eq!(with(&[503, 200]), "holds");
        assert_eq!(with(&[200, 503]), "u's last call (2) got 503");
        assert_eq!(with(&[200, 0]), "the answer to u's last call (2) was lost");
        assert_eq!(with(&[]), "u did not call");
    }

    #[test]
    fn messages_are_counted_by_type() {
        let with = |kind, min, max| {
            let case = Case { user: "u", before: 0, calls: 1, seen: &[], messages: [2, 0], undelivered: false };
            let miss = case.check(&Condition::Notified(kind, between(min, max)));
            miss.map_or("holds".to_owned(), |miss| miss.what)
        };
        let [email, phone] = NotificationType::ALL;
        assert_eq!(with(email, Some(1), Some(2)), "holds");
        assert_eq!(with(email, None, Some(1)), "u was sent 2 e-mails: one too many");
        assert_eq!(with(phone, Some(1), None), "u was sent no text message: one too few");
    }

    #[test]
    fn calls_after_a_reset_whose_answer_was_lost_are_counted() {
        let with = |statuses: &[u16], max| said(&calls(statuses, &[]), &Condition::AfterLost(max));
        assert_eq!(with(&[503, 200, 200], 0), "holds");
        assert_eq!(with(&[503, 0], 0), "holds");
        assert_eq!(with(&[0, 200], 1), "holds");
        assert_eq!(
            with(&[503, 0, 200, 0], 1),
            "u made 2 further calls after call 2, which took effect although its answer was lost: one too many"
        );
        // A failure that strikes after the side effect loses its answer too.
        let mut seen = calls(&[500, 200], &[]);
        assert_eq!(said(&seen, &Condition::AfterLost(0)), "holds");
        seen[0].done = true;
        assert_ne!(said(&seen, &Condition::AfterLost(0)), "holds");
    }

    #[test]
    fn what_is_farther_off_has_the_greater_distance() {
        let condition = Condition::Calls(between(Some(10), None));
        let distance = |count: u64| {
            Case { user: "u", before: 0, calls: count, seen: &[], messages: [0; 2], undelivered: false }
                .check(&condition)
                .unwrap()
                .distance
        };
        assert!(distance(9) < distance(5) && distance(5) < distance(0));
    }
}
