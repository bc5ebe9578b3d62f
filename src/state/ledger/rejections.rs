//! Requests refused before they were counted, by cause. They are counted beside the journal, which drops old entries.

use hashbrown::HashMap;
use parking_lot::Mutex;
use serde::Serialize;
use std::collections::hash_map::Entry;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Characters that are kept of a request line, and of a problem.
const SHOWN_CHARS_MAX: usize = 300;
/// The placeholder for words that differ between requests.
const DIFFERS: &str = "…";

/// Refusals in one project or clone since its last reset.
#[derive(Debug, Default)]
pub(crate) struct Rejections(Mutex<Table>);

#[derive(Debug, Default)]
struct Table {
    /// By status, and by the problem without its quotes from the request.
    causes: HashMap<(u16, String), RejectedCause>,
    /// Refusals of causes for which there was no room.
    other: u64,
    /// The room to return.
    room: Option<Arc<Room>>,
}

/// The number of causes kept in all projects together.
#[derive(Debug, Default)]
pub(crate) struct Room(AtomicUsize);

/// Requests that were rejected before they were counted, since the last reset.
#[derive(Clone, Debug, Default, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Rejected {
    /// Number of requests.
    pub count: u64,
    /// Causes, the most frequent first.
    pub by: Vec<RejectedCause>,
    /// Number of requests with further causes, for which there was no space.
    ///
    /// See [`Limits::rejections_max`](crate::Limits::rejections_max).
    pub other: u64,
}

/// Requests that were rejected for one cause.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct RejectedCause {
    /// The status of the answers; for an error that ends a connection of HTTP/2 that of such input over HTTP/1.1.
    pub status: u16,
    /// The problem, with advice. Ids in which the requests differ are left out.
    pub problem: String,
    /// Number of requests.
    pub times: u64,
    /// The first request.
    pub first: FirstRequest,
    /// Number of requests before the scenario in force.
    #[serde(skip)]
    pub(crate) before: u64,
}

/// A rejected request.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct FirstRequest {
    /// Index in the journal.
    pub index: u64,
    /// Method and target, with secrets redacted.
    pub request: String,
    /// Arrival, in milliseconds of virtual time.
    pub at_ms: u64,
}

impl Rejections {
    /// Counts a refusal. `quoted` lists texts of the request that the problem may quote: another id or path is the same cause.
    /// Past `most` causes in all projects together, refusals are counted but not described.
    #[cold]
    pub(crate) fn add(
        &self,
        status: u16,
        problem: &str,
        quoted: &[&str],
        first: &FirstRequest,
        most: (usize, &Arc<Room>),
    ) {
        let problem = shortened(problem);
        let key = (status, cause(&problem, quoted));
        let table = &mut *self.0.lock();
        if let Some(known) = table.causes.get_mut(&key) {
            known.join(&problem);
            known.times += 1;
            return;
        }
        let (most, room) = most;
        if room.0.fetch_add(1, Ordering::Relaxed) >= most {
            room.0.fetch_sub(1, Ordering::Relaxed);
            table.other += 1;
            return;
        }
        table.room.get_or_insert_with(|| Arc::clone(room));
        let first = FirstRequest { request: shortened(&first.request), ..first.clone() };
        table.causes.insert(key, RejectedCause { status, problem, times: 1, before: 0, first });
    }

    /// Notes that another scenario is in force from now on.
    pub(in crate::state) fn begin_scenario(&self) {
        self.0.lock().causes.values_mut().for_each(|one| one.before = one.times);
    }

    /// The sum over several ledgers.
    pub(in crate::state) fn of_all<'r>(all: impl Iterator<Item = &'r Self>) -> Rejected {
        let mut sum = std::collections::HashMap::<_, RejectedCause>::new();
        let mut other = 0;
        for rejections in all {
            let table = rejections.0.lock();
            other += table.other;
            for (key, one) in &table.causes {
                match sum.entry(key.clone()) {
                    Entry::Vacant(vacant) => drop(vacant.insert(one.clone())),
                    Entry::Occupied(mut known) => known.get_mut().add(one),
                }
            }
        }
        let mut by: Vec<_> = sum.into_values().collect();
        by.sort_by(|a, b| b.times.cmp(&a.times).then(a.first.index.cmp(&b.first.index)));
        Rejected { count: by.iter().map(|one| one.times).sum::<u64>() + other, by, other }
    }

    /// Adds the refusals of a project that goes.
    pub(in crate::state) fn inherit(&self, going: &Self) {
        let going = std::mem::take(&mut *going.0.lock());
        let table = &mut *self.0.lock();
        table.other += going.other;
        for (key, one) in &going.causes {
            if let Some(known) = table.causes.get_mut(key) {
                known.add(one);
            } else if let Some(room) = &going.room {
                room.0.fetch_add(1, Ordering::Relaxed);
                table.room.get_or_insert_with(|| Arc::clone(room));
                table.causes.insert(key.clone(), one.clone());
            }
        }
    }
}

impl Drop for Table {
    fn drop(&mut self) {
        if let Some(room) = &self.room {
            room.0.fetch_sub(self.causes.len(), Ordering::Relaxed);
        }
    }
}

impl RejectedCause {
    fn add(&mut self, other: &Self) {
        self.join(&other.problem);
        self.times += other.times;
        self.before += other.before;
        if other.first.index < self.first.index {
            self.first = other.first.clone();
        }
    }

    /// Replaces words that differ from those of another problem of the same cause.
    fn join(&mut self, other: &str) {
        if self.problem == other {
            return;
        }
        let (mine, others) = (words(&self.problem), words(other));
        let same = |(mine, other): (&&str, &&str)| if mine == other { (*mine).to_owned() } else { marked(mine) };
        if mine.len() == others.len() {
            self.problem = mine.iter().zip(&others).map(same).collect::<Vec<_>>().join(" ");
        }
    }
}

/// A problem without quotes: words from the request, with a digit, or in quotation marks are replaced.
fn cause(problem: &str, quoted: &[&str]) -> String {
    let varies = |word: &str| {
        let bare = word.trim_matches(|character| matches!(character, '.' | ',' | ':' | ';' | '(' | ')'));
        word.contains('"') || word.contains(|character: char| character.is_ascii_digit()) || quoted.contains(&bare)
    };
    let words = words(problem);
    words.into_iter().map(|word| if varies(word) { DIFFERS } else { word }).collect::<Vec<_>>().join(" ")
}

/// The placeholder for a word, with the punctuation at its end.
fn marked(word: &str) -> String {
    let end = word.chars().next_back().filter(|last| matches!(last, '.' | ',' | ':' | ';'));
    DIFFERS.chars().chain(end).collect()
}

/// The words of a problem; a quotation is one word.
fn words(problem: &str) -> Vec<&str> {
    let (mut quoted, mut escaped) = (false, false);
    let is_between = |character: char| {
        match character {
            '\\' if quoted && !escaped => {
                escaped = true;
                return false;
            }
            '"' if !escaped => quoted = !quoted,
            _ => {}
        }
        escaped = false;
        character == ' ' && !quoted
    };
    problem.split(is_between).collect()
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(SHOWN_CHARS_MAX) {
        Some((end, _)) => format!("{}{DIFFERS}", part!(text, ..end)),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first(index: u64) -> FirstRequest {
        FirstRequest { index, request: format!("GET /{index}"), at_ms: index }
    }

    fn shown(all: &[&Rejections]) -> (Vec<(u16, String, u64, u64)>, u64) {
        let refusals = Rejections::of_all(all.iter().copied());
        let row = |one: &RejectedCause| (one.status, one.problem.clone(), one.times, one.first.index);
        (refusals.by.iter().map(row).collect(), refusals.other)
    }

    #[test]
    fn problems_with_other_quotes_are_one_cause() {
        let (rejections, room) = (Rejections::default(), Arc::default());
        let add = |index, status, problem: &str, quoted: &[&str]| {
            rejections.add(status, problem, quoted, &first(index), (100, &room));
        };
        for (index, id) in (1..).zip(["one", "two", "three"]) {
            add(index, 404, &format!("Unknown user {id} in project p. GET lists who is."), &[id, "p"]);
        }
        add(4, 400, "X is \"a b\". Allowed: 1 to 9.", &[]);
        add(5, 400, "X is \"c \\\" d\". Allowed: 1 to 9.", &[]);
        add(6, 400, "The header Content-Type is missing.", &["p"]);
        add(7, 400, "The header Content-Type is missing.", &["q"]);
        assert_eq!(
            shown(&[&rejections]).0,
            [
                (404, "Unknown user … in project p. GET lists who is.".to_owned(), 3, 1),
                (400, "X is …. Allowed: 1 to 9.".to_owned(), 2, 4),
                (400, "The header Content-Type is missing.".to_owned(), 2, 6),
            ]
        );
    }

    #[test]
    fn causes_past_the_bound_are_counted_until_room_returns() {
        let (one, other, room) = (Rejections::default(), Rejections::default(), Arc::<Room>::default());
        let add = |to: &Rejections, problem: &str| to.add(400, problem, &[], &first(1), (2, &room));
        add(&one, "a");
        add(&other, "b");
        add(&other, "c");
        add(&one, "a");
        assert_eq!(shown(&[&one, &other]).1, 1);
        assert_eq!(Rejections::of_all([&one, &other].into_iter()).count, 4);
        drop(one);
        add(&other, "c");
        assert_eq!(shown(&[&other]).0.len(), 2);
        // The heir takes over the room.
        let heir = Rejections::default();
        heir.inherit(&other);
        drop(other);
        assert_eq!(room.0.load(Ordering::Relaxed), 2);
        assert_eq!((shown(&[&heir]).0.len(), shown(&[&heir]).1), (2, 1));
        drop(heir);
        assert_eq!(room.0.load(Ordering::Relaxed), 0);
    }

    #[test]
    fn long_texts_are_cut() {
        let (rejections, room) = (Rejections::default(), Arc::default());
        let long = FirstRequest { request: "x".repeat(10_000), ..first(1) };
        rejections.add(414, &"ä".repeat(10_000), &[], &long, (9, &room));
        let refusals = Rejections::of_all([&rejections].into_iter());
        assert_eq!(refusals.by[0].problem.chars().count(), SHOWN_CHARS_MAX + 1);
        assert_eq!(refusals.by[0].first.request.chars().count(), SHOWN_CHARS_MAX + 1);
    }
}
