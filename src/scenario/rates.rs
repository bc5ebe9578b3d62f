//! The rates at which rules with a `chance` apply, given the rules that take precedence.
//!
//! Rules draw independently, so chances multiply. A rule that takes only some of another's calls makes its rate one of two
//! numbers; several such rules may hold together or not, so the smaller number is a bound. A fault that sends no
//! answer takes precedence over every status, wherever its rule is.

use super::reach::{Covered, covers};
use super::{Calls, Facet, Rule, RuleLabel, Targets};
use crate::ids::{ProjectIndex, UserKey};
use hashbrown::HashSet;
use std::hash::Hash;
use std::sync::Arc;

/// Of the calls that a rule is for, and of which its other conditions hold, the part that meets a facet as the rule sets
/// it; of one.
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

/// Some rules: the first of them, and how many follow.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Behind<'r> {
    pub(crate) first: Option<&'r RuleLabel>,
    pub(crate) more: usize,
}

/// Which of a rule's calls another rule is for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Share {
    None,
    Some,
    All,
}

/// A rule with a chance, and its targets as sets: they are looked up for each other rule.
struct Subject<'r> {
    rule: &'r Rule,
    /// Its projects, or those of its users.
    projects: HashSet<ProjectIndex>,
    users: HashSet<UserKey>,
}

/// The part of the calls that get no answer, and of those whose fault is not decided yet; of one.
struct Struck {
    struck: f64,
    open: f64,
}

/// The rates of a rule by its index, one for each facet that it sets; empty without a chance.
pub(crate) fn rates(rules: &[Arc<Rule>], at: usize) -> Vec<Rate<'_>> {
    let with_chance = rules.get(at).and_then(|rule| Some((rule, rule.chance()?)));
    with_chance.map_or(Vec::new(), |(rule, chance)| rates_of(rules, at, rule, chance))
}

/// The rate of the status of a rule without a chance, if it never applies.
pub(crate) fn unmet(rules: &[Arc<Rule>], at: usize) -> Option<Rate<'_>> {
    let rule = rules.get(at).filter(|rule| rule.chance().is_none())?;
    rates_of(rules, at, rule, 1.0).into_iter().find(|rate| rate.facet == Facet::Status && rate.most <= 0.0)
}

fn rates_of<'r>(rules: &'r [Arc<Rule>], at: usize, rule: &Rule, chance: f64) -> Vec<Rate<'r>> {
    let subject = Subject::of(rule);
    let earlier = rules.get(..at).unwrap_or_default();
    let set = Facet::ALL.into_iter().filter(|facet| rule.facets().has(*facet));
    set.map(|facet| {
        let none = Behind::default();
        let mut rate = Rate { facet, most: chance, least: chance, behind: none, partly_behind: none };
        for other in earlier.iter().filter(|other| other.facets().has(facet)) {
            rate.stand_behind(other, subject.share_of_facet(other, facet));
        }
        if facet == Facet::Status {
            rate.stand_behind_strikes(&subject, rules, at);
        }
        rate
    })
    .collect()
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
        if share == Share::All {
            self.most *= left;
        }
        self.name(other, share);
    }

    /// A status is not met where a fault sends no answer.
    fn stand_behind_strikes(&mut self, subject: &Subject<'_>, rules: &'r [Arc<Rule>], at: usize) {
        // The upper and the lower bound.
        let [mut most, mut least] = [(); 2].map(|()| Struck { struck: 0.0, open: 1.0 });
        for (place, other) in rules.iter().enumerate() {
            let Some(fault) = other.fault else { continue };
            let (share, chance) = if place == at {
                // This is about the calls that it strikes.
                (Share::All, 1.0)
            } else {
                (subject.share(other), other.chance().unwrap_or(1.0))
            };
            // Where an earlier rule that sets a status as well did not miss, the status is not this one.
            let missed = place < at && other.facets().has(Facet::Status) && !other.leaves_some(Facet::Status);
            if share == Share::None || chance <= 0.0 || missed {
                continue;
            }
            let strikes = fault.strikes();
            // A fault that sends an answer may leave fewer to those that send none.
            if (strikes || share == Share::Some) && place != at && most.open > 0.0 {
                self.name(other, share);
            }
            if share == Share::All || strikes {
                most.add(chance, strikes);
            }
            if share == Share::All || !strikes {
                least.add(chance, strikes);
            }
        }
        self.least *= 1.0 - most.struck;
        self.most *= 1.0 - least.struck;
    }

    /// Adds a rule to those that take calls.
    fn name(&mut self, other: &'r Rule, share: Share) {
        let behind = if share == Share::All { &mut self.behind } else { &mut self.partly_behind };
        match behind.first {
            None => behind.first = Some(&other.label),
            Some(_) => behind.more += 1,
        }
    }
}

impl Struck {
    fn add(&mut self, chance: f64, strikes: bool) {
        if strikes {
            self.struck += self.open * chance;
        }
        self.open *= 1.0 - chance;
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

    /// The calls of which another rule decides a facet.
    fn share_of_facet(&self, earlier: &Rule, facet: Facet) -> Share {
        let share = self.share(earlier);
        if earlier.leaves_some(facet) { share.min(Share::Some) } else { share }
    }

    fn share(&self, earlier: &Rule) -> Share {
        if earlier.operation != self.rule.operation || earlier.token_calls.is_some() {
            return Share::None;
        }
        let [own, others] = [self.rule, earlier].map(Rule::conditions);
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
    use crate::diagnostics::{Problems, parse, source_of};
    use crate::fixture::loaded_of;
    use crate::limits::Limits;
    use crate::scenario::{Control, Fault, Names, load_scenario};
    use proptest::prelude::*;

    const USERS: &str =
        r#"{"projects": [{"id": "p", "users": [{"id": "u"}, {"id": "w"}]}, {"id": "q", "users": [{"id": "v"}]}]}"#;
    /// A rule that takes seven calls of ten.
    const SEVEN: &str = r#"{"name": "a", "when": {"chance": 0.7}, "status": 500}"#;

    /// Compiled as if each stood in a file of its own.
    fn compiled(rules: &[&str]) -> Vec<Arc<Rule>> {
        let limits = Limits::default();
        let mut problems = Problems::new(9);
        let loaded = loaded_of(USERS);
        let mut names = Names::default();
        let load_one = |rule: &&str| {
            let source = source_of(&format!("{{\"rules\": [{rule}]}}"));
            let document = parse(&source, &limits).unwrap();
            load_scenario(&document, &loaded, Control::Apart, &mut names, &limits, &mut problems).rules
        };
        let rules = rules.iter().flat_map(load_one).collect();
        assert!(problems.is_empty(), "{problems:?}");
        rules
    }

    /// The rates of the rule at a place, in hundredths of a percent, and the rules that it is behind.
    fn rates_at(rules: &[&str], at: usize) -> Vec<String> {
        let rules = compiled(rules);
        let whole = |part: f64| (part * 10_000.0).round();
        let behind = |behind: Behind<'_>| match behind.first {
            Some(first) => format!("{}+{}", first.name, behind.more),
            None => "-".to_owned(),
        };
        let told = rates(&rules, at).into_iter().map(|rate| {
            let Rate { facet, most, least, behind: all, partly_behind } = rate;
            let (all, some) = (behind(all), behind(partly_behind));
            format!("{} {}-{} {all} {some}", facet.name(), whole(least), whole(most))
        });
        told.collect()
    }

    fn rates_of(rules: &[&str]) -> Vec<String> {
        rates_at(rules, rules.len() - 1)
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

    #[test]
    fn striking_faults_take_precedence_over_a_status() {
        let half = r#"{"name": "half", "when": {"chance": 0.5}, "status": 503}"#;
        let reset = r#"{"name": "reset", "when": {"chance": 0.2}, "fault": "reset"}"#;
        assert_eq!(rates_at(&[half, reset], 0), ["status 4000-4000 reset+0 -"]);
        assert_eq!(rates_at(&[half, reset], 1), ["fault 2000-2000 - -"], "a fault is behind faults alone");
        assert_eq!(rates_of(&[reset, SEVEN, half]), ["status 1200-1200 a+1 -"]);
        let all = r#"{"name": "all", "fault": "hang"}"#;
        assert_eq!(rates_at(&[half, all], 0), ["status 0-0 all+0 -"]);
        let cut = r#"{"name": "cut", "when": {"chance": 0.5}, "fault": "truncated_body"}"#;
        assert_eq!(rates_at(&[cut, half, all], 1), ["status 2500-2500 all+0 -"], "what is spoiled is answered");
        let first = r#"{"name": "first", "when": {"calls": "1"}, "fault": "reset"}"#;
        assert_eq!(rates_at(&[half, first], 0), ["status 0-5000 - first+0"]);
        let spoiled = r#"{"name": "half", "when": {"chance": 0.5}, "status": 503, "fault": "truncated_body"}"#;
        assert_eq!(rates_at(&[spoiled, all], 0), ["status 5000-5000 - -", "fault 5000-5000 - -"]);
    }

    fn any_rule() -> impl Strategy<Value = String> {
        let when = prop_oneof![
            Just(String::new()),
            "\"calls\": \"([1-3]|[1-2]-|\\*/2)\",".prop_map(|calls| calls),
            Just(r#""user": "u","#.to_owned()),
            Just(r#""project": "p","#.to_owned()),
        ];
        let sets = prop::sample::select(vec![
            r#""status": 503"#,
            r#""status": 500, "fault": "truncated_body""#,
            r#""fault": "truncated_body""#,
            r#""fault": "reset""#,
            r#""sequence": [503, 500], "then": "last""#,
            r#""sequence": [503]"#,
        ]);
        (when, prop::sample::select(vec![0.0, 0.25, 0.5, 1.0]), sets).prop_map(|(when, chance, sets)| {
            // A sequence may not be longer than the calls that it is for.
            let when = if sets.contains("500], \"then") { String::new() } else { when };
            let chance = if sets.contains("sequence") { String::new() } else { format!(r#""chance": {chance}"#) };
            format!(r#""when": {{{}}}, {sets}"#, format!("{when}{chance}").trim_end_matches(','))
        })
    }

    /// How likely a call meets the status of the rule at a place, of those that the rule strikes or not by its chance:
    /// every way in which the chances can come out, and what the rules come to.
    fn exactly(rules: &[Arc<Rule>], at: usize, user: UserKey, call: u64) -> f64 {
        let is_for = |rule: &Rule| {
            let targeted = rule.targets.any(|project| project == user.project, |other| *other == user);
            targeted && rule.calls.allow(call)
        };
        (0..1_u32 << rules.len())
            .map(|hits| {
                let hit = |place: usize| hits & 1 << place != 0;
                let likely = |(place, rule): (usize, &Arc<Rule>)| {
                    let chance = rule.chance().unwrap_or(1.0);
                    if hit(place) { chance } else { 1.0 - chance }
                };
                let matching = || rules.iter().enumerate().filter(|(place, rule)| hit(*place) && is_for(rule));
                let status = matching().find(|(_, rule)| rule.status_of(call).is_some());
                let fault = matching().find_map(|(_, rule)| rule.fault);
                let met = status.is_some_and(|(place, _)| place == at) && !fault.is_some_and(Fault::strikes);
                if met { rules.iter().enumerate().map(likely).product() } else { 0.0 }
            })
            .sum()
    }

    proptest! {
        #[test]
        fn a_rate_holds_for_every_call(written in prop::collection::vec(any_rule(), 1..6)) {
            let named = written.iter().enumerate().map(|(at, rule)| format!(r#"{{"name": "r{at}", {rule}}}"#));
            let named: Vec<_> = named.collect();
            let rules = compiled(&named.iter().map(String::as_str).collect::<Vec<_>>());
            for (at, rule) in rules.iter().enumerate() {
                let rates = rates(&rules, at);
                let unmet = unmet(&rules, at);
                let of_status = rates.iter().find(|rate| rate.facet == Facet::Status);
                let Some(rate) = of_status.or(unmet.as_ref()) else { continue };
                for (user, call) in [(0, 0), (0, 1), (1, 0)].into_iter().flat_map(|user| (1..5).map(move |call| (user, call))) {
                    let user = UserKey::at(user.0, user.1);
                    if !rule.targets.any(|project| project == user.project, |other| *other == user) || !rule.calls.allow(call) {
                        continue;
                    }
                    let exact = exactly(&rules, at, user, call);
                    let (least, most) = (rate.least - 1e-9, rate.most + 1e-9);
                    prop_assert!((least..=most).contains(&exact), "{named:?}: {exact}, {rate:?}");
                    prop_assert!(rate.partly_behind.first.is_some() || rate.most - rate.least < 1e-9);
                }
            }
        }
    }
}
