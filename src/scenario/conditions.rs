//! Conditions of a rule beyond its users and call numbers: `chance`, `time_ms`, `header`, `query`, `operation`.

use super::header_name::check_header_name;
use super::target::accounts;
use crate::contract::{NOTIFICATION_TYPE, NotificationType, NotificationTypes, Operation, OperationRow, Scripted};
use crate::diagnostics::{Fields, Problem, Problems, Text, Value, shown, span_of, whole};
use crate::draw::{Draw, Key, Label, Stream};
use crate::fixture::Loaded;
use crate::ids::AccountIndex;
use std::fmt;
use std::ops::Deref;
use std::ops::Range;

/// The parts of a request that rules see.
pub(crate) trait Asked {
    /// Whether a header field of this name, in whatever case, has exactly this value.
    fn has_header(&self, name: &str, value: &str) -> bool;
    /// Whether a query parameter of this name has exactly this value, both decoded.
    fn has_query(&self, name: &str, value: &str) -> bool;
    /// When the call was counted, in milliseconds of virtual time.
    fn at_ms(&self) -> u64;
    /// The index of the account that calls, if that is known.
    fn account(&self) -> Option<AccountIndex>;
    /// The number of calls that a rule is still for, by any caller.
    fn turns_left(&self, turns: u64) -> u64;
    /// Takes one of the calls that a rule is for, by any caller. False if none is left.
    fn takes_turn(&self, turns: u64) -> bool;
}

/// A call, as the rules see it.
#[derive(Clone, Copy)]
pub(crate) struct Occasion<'c> {
    pub(crate) asked: &'c dyn Asked,
    /// The user's.
    pub(crate) stream: Stream,
    /// The call number.
    pub(crate) call: u64,
}

/// Conditions, all of which must hold; without any, they always hold.
#[derive(Clone, Default)]
pub(crate) struct Conditions {
    /// Indices; empty for any caller.
    accounts: Vec<AccountIndex>,
    chance: Option<Chance>,
    time_ms: Option<Range<u64>>,
    headers: Vec<(Box<str>, Box<str>)>,
    query: Vec<(Box<str>, Box<str>)>,
}

/// The probability that a rule matches a call, drawn for each call from the rule's own key.
#[derive(Clone, Debug)]
struct Chance {
    of_one: f64,
    key: Key,
}

/// Values of header fields may be secrets.
impl fmt::Debug for Conditions {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let headers: Vec<_> = self.headers.iter().map(|(name, _)| name).collect();
        let mut shown = out.debug_struct("Conditions");
        shown.field("accounts", &self.accounts).field("chance", &self.chance).field("time_ms", &self.time_ms);
        shown.field("headers", &headers).field("query", &self.query).finish()
    }
}

impl Conditions {
    /// Those of a rule that has none.
    pub(super) const NONE: Self =
        Self { accounts: Vec::new(), chance: None, time_ms: None, headers: Vec::new(), query: Vec::new() };

    /// Reads the fields of `when` that are conditions. Every problem is kept. `rule` is the rule's name, to which its draws
    /// belong.
    pub(super) fn read(
        when: &Fields<'_>,
        operation: Scripted,
        loaded: &Loaded,
        rule: &str,
        problems: &mut Problems,
    ) -> Option<Self> {
        let named = problems.keep(when.one_or_more_texts("account")).flatten().unwrap_or_default();
        let chance = problems.keep(when.number("chance", 0.0..=1.0)).flatten();
        let time_ms = when.value("time_ms").and_then(|value| problems.keep(window(when, value)));
        let headers = problems.keep(when.map_of_texts("header")).unwrap_or_default();
        for (name, _) in &headers {
            problems.keep(check_header_name(name));
        }
        let query = problems.keep(when.map_of_texts("query")).unwrap_or_default();
        check_query(&query, problems);
        Some(Self {
            accounts: accounts(&named, loaded, problems)?,
            chance: chance.map(|of_one| Chance::new(of_one, operation, loaded.seed, rule)),
            time_ms,
            // Names are compared, and are the same in whatever case.
            headers: headers.iter().map(|(name, value)| boxed(&name.value.to_ascii_lowercase(), value)).collect(),
            query: query.iter().map(|(name, value)| boxed(name.value, value)).collect(),
        })
    }

    /// A condition that a `sequence`, which goes by call number alone, cannot have, if there is one.
    pub(super) fn beside_a_sequence(&self) -> Option<&'static str> {
        let given = [
            ("chance", self.chance.is_some()),
            ("time_ms", self.time_ms.is_some()),
            ("account", !self.accounts.is_empty()),
            ("header", !self.headers.is_empty()),
            ("query", !self.query.is_empty()),
        ];
        given.into_iter().find(|(_, is_given)| *is_given).map(|(name, _)| name)
    }

    pub(crate) fn is_empty(&self) -> bool {
        let asks_nothing = self.accounts.is_empty() && self.headers.is_empty() && self.query.is_empty();
        asks_nothing && self.chance.is_none() && self.time_ms.is_none()
    }

    /// The first condition that does not hold, by its name; the most expensive comes last.
    pub(crate) fn missed(&self, occasion: &Occasion<'_>) -> Option<&'static str> {
        let asked = occasion.asked;
        if self.time_ms.as_ref().is_some_and(|window| !window.contains(&asked.at_ms())) {
            Some("time_ms")
        } else if !self.accounts.is_empty() && asked.account().is_none_or(|account| !self.accounts.contains(&account)) {
            Some("account")
        } else if !self.headers.iter().all(|(name, value)| asked.has_header(name, value)) {
            Some("header")
        } else if !self.query.iter().all(|(name, value)| asked.has_query(name, value)) {
            Some("query")
        } else {
            let chance = self.chance.as_ref();
            chance.is_some_and(|chance| !chance.strikes(occasion.stream, occasion.call)).then_some("chance")
        }
    }

    /// Whether it is the request that decides, of a call of which time and notification are known, and who makes it if
    /// `account_known`.
    pub(crate) fn hinge_on_the_request(&self, asked: &dyn Asked, account_known: bool) -> bool {
        let is_known = |name: &str| name == NOTIFICATION_TYPE;
        let misses = self.query.iter().any(|(name, value)| is_known(name) && !asked.has_query(name, value));
        let looks = !(self.accounts.is_empty() || account_known)
            || !self.headers.is_empty()
            || self.query.iter().any(|(name, _)| !is_known(name));
        looks && !misses && self.window().contains(&asked.at_ms())
    }

    /// The window of virtual time in which they can hold, if there is one.
    pub(crate) fn time_ms(&self) -> Option<&Range<u64>> {
        self.time_ms.as_ref()
    }

    /// When they can hold.
    pub(super) fn window(&self) -> Range<u64> {
        self.time_ms.clone().unwrap_or(0..u64::MAX)
    }

    /// Whether they hold wherever the others do, chances aside.
    pub(super) fn follow_from(&self, others: &Self) -> bool {
        let (window, met) = (self.window(), others.window());
        window.start <= met.start && met.end <= window.end && self.ask_no_more_than(others)
    }

    /// Whether they look at nothing of a request that the others do not look at as well.
    pub(super) fn ask_no_more_than(&self, others: &Self) -> bool {
        let among = |pairs: &[(Box<str>, Box<str>)], more: &[(Box<str>, Box<str>)]| {
            pairs.iter().all(|pair| more.contains(pair))
        };
        let accounts = || !others.accounts.is_empty() && others.accounts.iter().all(|one| self.accounts.contains(one));
        (self.accounts.is_empty() || accounts())
            && among(&self.headers, &others.headers)
            && among(&self.query, &others.query)
    }

    /// The probability that the rule matches, if it has one.
    pub(crate) fn chance(&self) -> Option<f64> {
        self.chance.as_ref().map(|chance| chance.of_one)
    }

    /// The conditions with a chance, for a rule of that name.
    pub(super) fn by_chance(of_one: f64, operation: Scripted, seed: u64, rule: &str) -> Self {
        Self { chance: Some(Chance::new(of_one, operation, seed, rule)), ..Self::default() }
    }
}

impl Chance {
    fn new(of_one: f64, operation: Scripted, seed: u64, rule: &str) -> Self {
        Self { of_one, key: Key::new(Label::Chance, seed, operation.id, rule) }
    }

    fn strikes(&self, stream: Stream, call: u64) -> bool {
        Draw::new(&self.key, stream, call).strikes(self.of_one)
    }
}

fn boxed(name: &str, value: &Text<'_>) -> (Box<str>, Box<str>) {
    (name.into(), value.value.into())
}

/// A call with a value that the contract refuses never reaches the rules.
fn check_query(pairs: &[(Text<'_>, Text<'_>)], problems: &mut Problems) {
    let wrong = |(name, value): &&(Text<'_>, Text<'_>)| {
        name.value == NOTIFICATION_TYPE && NotificationTypes::parse(value.value).is_none()
    };
    for (_, value) in pairs.iter().filter(wrong) {
        let [email, phone] = NotificationType::NAMES;
        let what = format!("invalid {NOTIFICATION_TYPE} `{}`", shown(value.value));
        let expected =
            format!("expected {email:?}, {phone:?}, or both with a comma: no counted call has another value");
        problems.push(Problem::new(what, value.location(), expected));
    }
}

/// `[from, to)` in milliseconds of virtual time; `null` is open.
pub(super) fn window(fields: &Fields<'_>, value: &Value<'_>) -> Result<Range<u64>, Box<Problem>> {
    let at = || fields.location(span_of(value));
    let expected = "expected two whole numbers, the smaller first, or null for an open end, as in [30000, 60000]";
    let end = |value: &Value<'_>, open: u64| match value {
        Value::NullKeyword(_) => Some(open),
        Value::NumberLit(number) => whole(number.value),
        _ => None,
    };
    let ends = match value {
        Value::Array(array) => match array.elements.as_slice() {
            [from, to] => end(from, 0).zip(end(to, u64::MAX)),
            _ => None,
        },
        _ => None,
    };
    match ends {
        Some((from, to)) if from < to => Ok(from..to),
        Some(_) => Err(Problem::new("empty interval", at(), expected).boxed()),
        None => Err(Problem::new("invalid interval", at(), expected).boxed()),
    }
}

pub(crate) fn operation(id: &Text<'_>) -> Result<Operation, Box<Problem>> {
    found(id, Operation::all())
}

/// The operation or message that a rule is for.
pub(super) fn scripted(id: &Text<'_>) -> Result<Scripted, Box<Problem>> {
    found(id, Scripted::all())
}

/// One of those with that id.
fn found<T: Copy + Deref<Target = OperationRow>>(
    id: &Text<'_>,
    known: impl Iterator<Item = T> + Clone,
) -> Result<T, Box<Problem>> {
    known.clone().find(|operation| operation.id == id.value).ok_or_else(|| {
        let ids = known.map(|operation| operation.id);
        let expected = format!("expected {}", ids.clone().collect::<Vec<_>>().join(", "));
        let problem = Problem::new(format!("unknown operation `{}`", shown(id.value)), id.location(), expected);
        problem.meant(id.value, ids).boxed()
    })
}
