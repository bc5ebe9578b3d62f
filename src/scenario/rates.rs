//! How often a rule with a `chance` strikes, behind the rules that are read before it.
//!
//! Rules draw independently, so chances multiply. An earlier rule that takes only some of a rule's calls makes the rate
//! one of two numbers; of several such rules nobody says which of them hold together, so the smaller number is a bound.

use super::reach::{Covered, covers};
use super::{Calls, Conditions, Facet, Rule, RuleLabel, Targets};
use crate::fixture::UserKey;
use hashbrown::HashSet;
use std::hash::Hash;
use std::sync::Arc;

/// Of the calls that a rule is for, and of which its other conditions hold, the part of which it sets a facet; of one.
#[derive(Debug, PartialEq)]
pub(crate) struct Rate<'r> {
    pub(crate) facet: Facet,
    /// Behind the rules that take from all of its calls.
    pub(crate) most: f64,
    /// Where those that take from some of them hold as well.
    pub(crate) least: f64,
    pub(crate) behind: Behind<'r>,
    pub(crate) partly_behind: Behind<'r>,
}

/// Some earlier rules: the first of them, and how many follow.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Behind<'r> {
    pub(crate) first: Option<&'r RuleLabel>,
    pub(crate) more: usize,
}

/// Which of a rule's calls an earlier rule is for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Share {
    None,
    Some,
    All,
}

/// A rule with a chance, and its targets as sets: they are looked up for each earlier rule.
struct Subject<'r> {
    rule: &'r Rule,
    /// Its projects, or those of its users.
    projects: HashSet<u32>,
    users: HashSet<UserKey>,
}

/// The rates of a rule, one of each facet that it sets; none if it has no chance.
pub(crate) fn rates<'r>(rule: &Rule, earlier: &'r [Arc<Rule>]) -> Vec<Rate<'r>> {
    let Some(chance) = rule.chance() else {
        return Vec::new();
    };
    let subject = Subject::of(rule);
    let set = Facet::ALL.into_iter().filter(|facet| rule.facets().has(*facet));
    let none = Behind::default();
    let alone = |facet| Rate { facet, most: chance, least: chance, behind: none, partly_behind: none };
    let mut rates: Vec<_> = set.map(alone).collect();
    for other in earlier.iter().filter(|other| !other.facets().and(rule.facets()).is_empty()) {
        let share = subject.share(other);
        for rate in rates.iter_mut().filter(|rate| other.facets().has(rate.facet)) {
            // A sequence that ends leaves the rest to others.
            let ends = rate.facet == Facet::Status && other.status.as_ref().is_some_and(|set| set.statuses.ends());
            rate.stand_behind(other, if ends { share.min(Share::Some) } else { share });
        }
    }
    rates
}

impl<'r> Rate<'r> {
    /// Whether two facets are set equally often, for the same reasons.
    pub(crate) fn is_as_often(&self, other: &Self) -> bool {
        *self == Self { facet: self.facet, ..*other }
    }

    fn stand_behind(&mut self, other: &'r Rule, share: Share) {
        let left = 1.0 - other.chance().unwrap_or(1.0);
        if share == Share::None || left >= 1.0 {
            return;
        }
        self.least *= left;
        let behind = if share == Share::All {
            self.most *= left;
            &mut self.behind
        } else {
            &mut self.partly_behind
        };
        match behind.first {
            None => behind.first = Some(&other.label),
            Some(_) => behind.more += 1,
        }
    }
}

impl<'r> Subject<'r> {
    fn of(rule: &'r Rule) -> Self {
        let (projects, users) = match &rule.targets {
            Targets::Everyone => Default::default(),
            Targets::Projects(projects) => (projects.iter().copied().collect(), HashSet::new()),
            Targets::Users(users) => (users.iter().map(|user| user.project).collect(), users.iter().copied().collect()),
        };
        Self { rule, projects, users }
    }

    fn share(&self, earlier: &Rule) -> Share {
        let unconditional = Conditions::default();
        let [own, others] = [self.rule, earlier].map(|rule| rule.conditions.as_deref().unwrap_or(&unconditional));
        let (window, taken) = (own.window(), others.window());
        let times = if taken.start >= window.end || window.start >= taken.end {
            Share::None
        } else {
            Share::all_if(taken.start <= window.start && window.end <= taken.end)
        };
        let asked = Share::all_if(others.ask_no_more_than(own));
        let least = times.min(asked).min(share_of_calls(&self.rule.calls, &earlier.calls));
        // Looked at last: lists of users may be long.
        if least == Share::None { Share::None } else { least.min(self.share_of_targets(&earlier.targets)) }
    }

    fn share_of_targets(&self, earlier: &Targets) -> Share {
        match (earlier, &self.rule.targets) {
            (Targets::Everyone, _) => Share::All,
            (_, Targets::Everyone) => Share::Some,
            (Targets::Projects(projects), _) => share_of(&self.projects, projects),
            (Targets::Users(users), Targets::Users(_)) => share_of(&self.users, users),
            (Targets::Users(users), Targets::Projects(_)) => {
                let met = users.iter().any(|user| self.projects.contains(&user.project));
                if met { Share::Some } else { Share::None }
            }
        }
    }
}

impl Share {
    fn all_if(all: bool) -> Self {
        if all { Self::All } else { Self::Some }
    }
}

fn share_of<T: Copy + Eq + Hash>(own: &HashSet<T>, taken: &[T]) -> Share {
    let both: HashSet<T> = taken.iter().copied().filter(|one| own.contains(one)).collect();
    if both.is_empty() { Share::None } else { Share::all_if(both.len() == own.len()) }
}

fn share_of_calls(own: &Calls, taken: &Calls) -> Share {
    if *taken == Calls::default() {
        return Share::All;
    }
    let (own, taken) = (own.spans(), taken.spans());
    let mut covered = Covered::default();
    covered.add(&taken);
    if own.iter().all(|span| covers(&[&covered], *span)) {
        return Share::All;
    }
    let meet = own.iter().any(|one| taken.iter().any(|other| one.meets(*other)));
    if meet { Share::Some } else { Share::None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::loaded_of;
    use crate::limits::Limits;
    use crate::scenario::{Control, Names, load};
    use crate::source::{Problems, parse, source_of};

    const USERS: &str =
        r#"{"projects": [{"id": "p", "users": [{"id": "u"}, {"id": "w"}]}, {"id": "q", "users": [{"id": "v"}]}]}"#;
    /// A rule that takes seven calls of ten.
    const SEVEN: &str = r#"{"name": "a", "when": {"chance": 0.7}, "status": 500}"#;

    /// The rates of the last rule, in hundredths of a percent, and the rules that it is behind.
    fn rates_of(rules: &[&str]) -> Vec<String> {
        let limits = Limits::default();
        let mut problems = Problems::new(9);
        let source = source_of(&format!("{{\"rules\": [{}]}}", rules.join(",")));
        let document = parse(&source, &limits).unwrap();
        let loaded = loaded_of(USERS);
        let scenario = load(&document, &loaded, Control::Apart, &mut Names::default(), &limits, &mut problems);
        assert!(problems.is_empty(), "{problems:?}");
        let (last, earlier) = scenario.rules.split_last().unwrap();
        let whole = |part: f64| (part * 10_000.0).round();
        let behind = |behind: Behind<'_>| match behind.first {
            Some(first) => format!("{}+{}", first.name, behind.more),
            None => "-".to_owned(),
        };
        let told = rates(last, earlier).into_iter().map(|rate| {
            let Rate { facet, most, least, behind: all, partly_behind } = rate;
            let (all, some) = (behind(all), behind(partly_behind));
            format!("{} {}-{} {all} {some}", facet.name(), whole(least), whole(most))
        });
        told.collect()
    }

    /// The rate of a status at 50 %, with these conditions, behind such rules.
    fn half(when: &str, earlier: &[&str]) -> String {
        let rule = format!(r#"{{"name": "last", "when": {{"chance": 0.5{when}}}, "status": 503}}"#);
        let all: Vec<_> = earlier.iter().copied().chain([rule.as_str()]).collect();
        rates_of(&all).concat()
    }

    #[test]
    fn half_behind_seventy_percent_is_fifteen() {
        assert_eq!(half("", &[]), "status 5000-5000 - -");
        assert_eq!(half("", &[SEVEN]), "status 1500-1500 a+0 -");
        let tenth = r#"{"name": "b", "when": {"chance": 0.1}, "status": 500}"#;
        assert_eq!(half("", &[SEVEN, tenth]), "status 1350-1350 a+1 -");
        assert_eq!(half(r#", "user": "u", "calls": "2-4", "time_ms": [5, 9]"#, &[SEVEN]), "status 1500-1500 a+0 -");
        assert_eq!(rates_of(&[SEVEN, r#"{"name": "b", "status": 503}"#]), [""; 0], "without a chance there is no rate");
    }

    #[test]
    fn a_rule_that_takes_some_of_the_calls_makes_two_rates() {
        for when in [
            r#""calls": "1-2""#,
            r#""calls": "*/2""#,
            r#""user": "u""#,
            r#""project": "p""#,
            r#""time_ms": [0, 5]"#,
            r#""header": {"x": "1"}"#,
            r#""query": {"x": "1"}"#,
        ] {
            let some = format!(r#"{{"name": "some", "when": {{"chance": 0.7, {when}}}, "status": 500}}"#);
            assert_eq!(half("", &[&some]), "status 1500-5000 - some+0", "{when}");
            assert_eq!(half(&format!(", {when}"), &[&some]), "status 1500-1500 some+0 -", "{when}");
        }
        let first = r#"{"name": "first", "when": {"calls": "1"}, "status": 500}"#;
        assert_eq!(half("", &[SEVEN, first]), "status 0-1500 a+0 first+0");
        let script = r#"{"name": "script", "sequence": [500]}"#;
        assert_eq!(half("", &[script]), "status 0-5000 - script+0");
    }

    #[test]
    fn a_rule_that_takes_none_of_the_calls_changes_nothing() {
        for (when, other) in [
            (r#""calls": "1-2""#, r#""calls": "3-""#),
            (r#""calls": "3""#, r#""calls": "*/2""#),
            (r#""user": "u""#, r#""user": "w""#),
            (r#""user": "v""#, r#""project": "p""#),
            (r#""project": "p""#, r#""user": "v""#),
            (r#""project": "p""#, r#""project": "q""#),
            (r#""time_ms": [5, 9]"#, r#""time_ms": [9, null]"#),
        ] {
            let none = format!(r#"{{"name": "a", "when": {{"chance": 0.7, {when}}}, "status": 500}}"#);
            assert_eq!(half(&format!(", {other}"), &[&none]), "status 5000-5000 - -", "{when} {other}");
        }
        let never = r#"{"name": "never", "when": {"chance": 0}, "status": 500}"#;
        assert_eq!(half("", &[never]), "status 5000-5000 - -");
    }

    #[test]
    fn facets_have_rates_of_their_own() {
        let slow = r#"{"name": "slow", "when": {"chance": 0.2}, "delay": {"fixed_ms": 1}}"#;
        let both = r#"{"name": "both", "when": {"chance": 0.5}, "status": 503, "delay": {"fixed_ms": 2}}"#;
        assert_eq!(rates_of(&[slow, both]), ["status 5000-5000 - -", "delay 4000-4000 slow+0 -"]);
    }
}
