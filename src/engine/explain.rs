//! Explains an outcome: which rules caused it, and which condition of each other rule failed.

use super::call::Call;
use super::decide::rules_of;
use super::{Outcome, Setup, decide};
use crate::contract::{NOTIFICATION_TYPE, NotificationTypes};
use crate::ids::AccountIndex;
use crate::scenario::{Asked, Facet, RuleLabel, Rules};
use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;

/// An outcome and its explanation.
#[derive(Debug)]
pub(crate) struct Explained<'r> {
    pub(crate) outcome: Outcome,
    /// In the order in which they are read.
    pub(crate) rules: Vec<Judged<'r>>,
    /// Rules that found no room.
    pub(crate) more: usize,
}

/// A rule, as a call meets it.
#[derive(Debug)]
pub(crate) struct Judged<'r> {
    pub(crate) label: &'r RuleLabel,
    /// The first condition that the call does not meet; none if the rule matches.
    pub(crate) failed_on: Option<&'static str>,
    /// Calls left, of a rule that counts the calls of all users. Which calls it applies to depends on the order of
    /// arrival.
    pub(crate) left: Option<u64>,
}

/// A call that was not made: nothing is known of its header fields, and of its query nothing but the notification that it
/// asks for. No rule that looks at the rest holds.
#[derive(Default)]
pub(crate) struct NoRequest {
    pub(crate) at_ms: u64,
    pub(crate) account: Option<AccountIndex>,
    pub(crate) notification: NotificationTypes,
    pub(crate) turns: Turns,
}

/// Calls left of rules that count the calls of all users. Explained calls use them up in turn, as if no other user
/// called.
#[derive(Debug, Default)]
pub(crate) struct Turns(RefCell<HashMap<u64, u64>>);

impl Turns {
    pub(crate) fn new(left: impl Iterator<Item = (u64, u64)>) -> Self {
        Self(RefCell::new(left.collect()))
    }
}

impl Asked for NoRequest {
    fn has_header(&self, _: &str, _: &str) -> bool {
        false
    }

    /// Two types are meant in either order.
    fn has_query(&self, name: &str, value: &str) -> bool {
        name == NOTIFICATION_TYPE
            && !self.notification.is_empty()
            && NotificationTypes::parse(value) == Some(self.notification)
    }

    fn at_ms(&self) -> u64 {
        self.at_ms
    }

    fn account(&self) -> Option<AccountIndex> {
        self.account
    }

    fn turns_left(&self, turns: u64) -> u64 {
        self.turns.0.borrow().get(&turns).copied().unwrap_or(0)
    }

    fn takes_turn(&self, turns: u64) -> bool {
        let mut left = self.turns.0.borrow_mut();
        let left = left.get_mut(&turns).filter(|left| **left > 0);
        left.map(|left| *left -= 1).is_some()
    }
}

/// Explains a call, with at most `most` rules, those for the user first.
pub(crate) fn explain<'r>(setup: &'r Setup, overrides: &'r Rules, call: &Call<'_>, most: usize) -> Explained<'r> {
    let (occasion, own) = (&call.occasion(), || rules_of(setup, overrides, call));
    let mut own_left = own().count().min(most);
    let mut others_left = most - own_left;
    let mut own = own().peekable();
    let (mut rules, mut more) = (Vec::new(), 0);
    let mut all = overrides.all().iter().chain(setup.rules.all()).peekable();
    while let Some(first) = all.next() {
        // An override for the `next` calls of several users is one rule for each; only one of them is listed.
        let mut rule = first;
        let mut is_own = own.next_if(|next| Arc::ptr_eq(next, rule)).is_some();
        while let Some(same) = all.next_if(|next| Arc::ptr_eq(&next.label, &first.label)) {
            if own.next_if(|next| Arc::ptr_eq(next, same)).is_some() {
                (rule, is_own) = (same, true);
            }
        }
        let left = if is_own { &mut own_left } else { &mut others_left };
        if *left == 0 {
            more += 1;
            continue;
        }
        *left -= 1;
        let failed_on = if is_own { rule.missed(occasion) } else { Some(rule.missed_target(call.operation)) };
        let left = rule.turns.map(|turns| occasion.asked.turns_left(turns));
        let failed_on = failed_on.or((left == Some(0)).then_some("next"));
        rules.push(Judged { label: &rule.label, failed_on, left });
    }
    Explained { outcome: decide(setup, overrides, call), rules, more }
}

/// The rule behind each facet in one line, as in `status=outage (flaky.json:5:5); delay=slow (flaky.json:7:5)`. `named`
/// makes `outage (flaky.json:5:5)` of a rule.
pub(crate) fn because(outcome: &Outcome, named: impl Fn(&RuleLabel) -> String) -> String {
    let injected = outcome.injected.as_deref();
    let causes = [
        (Facet::Status, outcome.rule.as_ref()),
        (Facet::Delay, injected.and_then(|injected| injected.delay.as_ref()).map(|(rule, _)| rule)),
        (Facet::Fault, injected.and_then(|injected| injected.fault.as_ref()).map(|(rule, _)| rule)),
    ];
    let shown = causes.into_iter().filter_map(|(facet, rule)| match (rule, facet) {
        (Some(rule), _) => Some(format!("{}={}", facet.name(), named(&rule.label))),
        (None, Facet::Status) => Some(format!("{}=own behaviour", facet.name())),
        (None, _) => None,
    });
    shown.collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::NotificationTypes;
    use crate::diagnostics::{Problems, source_of};
    use crate::engine::Given;
    use crate::engine::call::{About, NewPassword};
    use crate::ids::CallTarget;
    use crate::limits::Limits;

    const USERS: &str = r#"{"projects": [{"id": "p", "users": [{"id": "u"}, {"id": "w"}]}, {"id": "q"}]}"#;
    const RULES: &str = r#"{"rules": [
        {"name": "elsewhere", "when": {"project": "q"}, "status": 500},
        {"name": "other", "when": {"user": "w"}, "status": 500},
        {"name": "third", "when": {"calls": "3"}, "status": 500},
        {"name": "late", "when": {"time_ms": [10, 20]}, "status": 500},
        {"name": "canary", "when": {"header": {"x": "1"}}, "status": 500},
        {"name": "asked", "when": {"query": {"x": "1"}}, "status": 500},
        {"name": "never", "when": {"chance": 0}, "status": 500},
        {"name": "slow", "when": {"user": "u"}, "delay": {"fixed_ms": 5}},
        {"name": "outage", "when": {"calls": "1-2"}, "status": 503}]}"#;

    /// Returns the outcome, the rules with their failed conditions, and the number of omitted rules.
    fn explained(call: u64, at_ms: u64, most: usize) -> (String, Vec<String>, usize) {
        let given =
            Given { users: Some(vec![source_of(USERS)]), scenarios: vec![source_of(RULES)], ..Given::default() };
        let setup = Setup::new(&given, &Limits::default(), &mut Problems::new(9)).unwrap();
        let (key, user) = setup.directory().user("p", "u").unwrap();
        let asked = &NoRequest { at_ms, ..NoRequest::default() };
        let target = CallTarget { project: key.project, user: key.user.loaded(), clone: None };
        let about = About { project: "p", target, user: None };
        let call = Call::of_reset(about, NewPassword { user, notification: NotificationTypes::default() }, call, asked);
        let overrides = Rules::default();
        let explained = explain(&setup, &overrides, &call, most);
        let told = explained.rules.iter().map(|one| format!("{} {}", one.label.name, one.failed_on.unwrap_or("-")));
        (because(&explained.outcome, |label| label.name.clone()), told.collect(), explained.more)
    }

    #[test]
    fn rules_list_failed_conditions_in_order_of_precedence() {
        let all = |third, late, outage| {
            let others = ["elsewhere project", "other user", third, late, "canary header", "asked query"];
            [&others[..], &["never chance", "slow -", outage]].concat()
        };
        let (because, told, more) = explained(1, 0, 100);
        assert_eq!((because.as_str(), more), ("status=outage; delay=slow", 0));
        assert_eq!(told, all("third calls", "late time_ms", "outage -"));
        let (because, told, _) = explained(3, 19, 100);
        assert_eq!(because, "status=third; delay=slow");
        assert_eq!(told, all("third -", "late -", "outage calls"));
        assert_eq!(explained(4, 20, 100).0, "status=own behaviour; delay=slow");
    }

    #[test]
    fn where_room_is_scarce_the_users_own_rules_have_it() {
        let (_, told, more) = explained(1, 0, 8);
        assert_eq!((told[0].as_str(), told[1].as_str(), told.len(), more), ("elsewhere project", "third calls", 8, 1));
        let (_, told, more) = explained(1, 0, 2);
        assert_eq!((told, more), (vec!["third calls".to_owned(), "late time_ms".to_owned()], 7));
    }
}
