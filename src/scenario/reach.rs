//! Finds rules that can never match, because earlier ones take all their calls.

use super::calls::Span;
use super::{Conditions, Facet, Rule, Targets};
use crate::contract::Scripted;
use crate::ids::{ProjectIndex, UserKey};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// The calls that the rules read so far take; `P` is the place of a rule.
pub(crate) struct Reach<P> {
    /// Of each facet.
    taken: [Vec<On>; Facet::ALL.len()],
    rules: Vec<(Arc<Rule>, P)>,
}

/// Different conditions that are compared for one facet; rules with further ones are not seen.
const CONDITIONS_MAX: usize = 64;

/// The calls of an operation that are taken where conditions hold.
struct On {
    operation: Scripted,
    conditions: Conditions,
    taken: Taken,
}

/// Calls of which one facet is taken.
#[derive(Default)]
struct Taken {
    everyone: Covered,
    projects: HashMap<ProjectIndex, Covered>,
    users: HashMap<UserKey, Covered>,
}

/// Calls that are taken.
#[derive(Default)]
pub(super) struct Covered {
    /// Whole stretches, first call to last; none overlaps or touches another.
    stretches: BTreeMap<u64, u64>,
    /// Every so many calls.
    stepped: Vec<Span>,
}

impl<P> Reach<P> {
    /// Adds the next rule, or, if it can never match, gives the first of those that take its calls.
    pub(crate) fn add(&mut self, rule: &Arc<Rule>, at: P) -> Result<(), Option<&(Arc<Rule>, P)>> {
        // A rule about tokens takes no call.
        if rule.token_calls.is_some() {
            return Ok(());
        }
        let mut set = Facet::ALL.iter().zip(&self.taken).filter(|(facet, _)| rule.facets().has(**facet));
        if set.all(|(_, taken)| is_taken(rule, taken)) {
            return Err(self.rules.iter().find(|(earlier, _)| overlap(earlier, rule)));
        }
        let mut takes = false;
        for (facet, taken) in Facet::ALL.iter().zip(&mut self.taken) {
            if rule.takes_all(*facet)
                && let Some(taken) = on(rule, taken)
            {
                taken.add(rule);
                takes = true;
            }
        }
        if takes {
            self.rules.push((Arc::clone(rule), at));
        }
        Ok(())
    }
}

impl<P> Default for Reach<P> {
    fn default() -> Self {
        Self { taken: Default::default(), rules: Vec::new() }
    }
}

/// The calls taken on these conditions, if there is room for them.
fn on<'t>(rule: &Rule, taken: &'t mut Vec<On>) -> Option<&'t mut Taken> {
    let conditions = rule.conditions();
    let same = |on: &On| {
        on.operation == rule.operation
            && on.conditions.follow_from(conditions)
            && conditions.follow_from(&on.conditions)
    };
    let at = taken.iter().position(same).unwrap_or(taken.len());
    if at == taken.len() && at < CONDITIONS_MAX {
        taken.push(On { operation: rule.operation, conditions: conditions.clone(), taken: Taken::default() });
    }
    taken.get_mut(at).map(|on| &mut on.taken)
}

/// Whether all calls of a rule are taken, wherever its conditions hold.
fn is_taken(rule: &Rule, taken: &[On]) -> bool {
    let holds = |on: &&On| on.operation == rule.operation && on.conditions.follow_from(rule.conditions());
    let taken: Vec<_> = taken.iter().filter(holds).map(|on| &on.taken).collect();
    if taken.is_empty() {
        return false;
    }
    let spans = rule.calls.spans();
    let all_of = |project: Option<ProjectIndex>, user: Option<&UserKey>| {
        let layers: Vec<_> = taken.iter().flat_map(|taken| taken.layers(project, user)).collect();
        spans.iter().all(|span| covers(&layers, *span))
    };
    match &rule.targets {
        Targets::Everyone => all_of(None, None),
        Targets::Projects(projects) => projects.iter().all(|project| all_of(Some(*project), None)),
        Targets::Users(users) => users.iter().all(|user| all_of(Some(user.project), Some(user))),
    }
}

impl Taken {
    fn add(&mut self, rule: &Rule) {
        let spans = rule.calls.spans();
        match &rule.targets {
            Targets::Everyone => self.everyone.add(&spans),
            Targets::Projects(projects) => {
                for project in projects {
                    self.projects.entry(*project).or_default().add(&spans);
                }
            }
            Targets::Users(users) => {
                for user in users {
                    self.users.entry(*user).or_default().add(&spans);
                }
            }
        }
    }

    /// The calls taken of everyone, of a project and of a user.
    fn layers(&self, project: Option<ProjectIndex>, user: Option<&UserKey>) -> impl Iterator<Item = &Covered> {
        let of_project = project.and_then(|project| self.projects.get(&project));
        let of_user = user.and_then(|user| self.users.get(user));
        std::iter::once(&self.everyone).chain(of_project).chain(of_user)
    }
}

impl Covered {
    pub(super) fn add(&mut self, spans: &[Span]) {
        for span in spans {
            if span.step == 1 {
                self.add_stretch(span.first, span.last);
            } else if !self.stepped.contains(span) {
                self.stepped.push(*span);
            }
        }
    }

    fn add_stretch(&mut self, mut first: u64, mut last: u64) {
        let reach = last.saturating_add(1);
        while let Some((&start, &end)) = self.stretches.range(..=reach).next_back() {
            if end.saturating_add(1) < first {
                break;
            }
            first = first.min(start);
            last = last.max(end);
            self.stretches.remove(&start);
        }
        self.stretches.insert(first, last);
    }

    /// The end of the stretch that holds `call`.
    fn end_of_stretch(&self, call: u64) -> Option<u64> {
        let (_, &end) = self.stretches.range(..=call).next_back()?;
        (end >= call).then_some(end)
    }
}

/// Whether the layers together take a span. A stepped span counts as taken by stretches that take all
/// between its ends, or by steps that its own are among.
pub(super) fn covers(layers: &[&Covered], span: Span) -> bool {
    let mut stepped = layers.iter().flat_map(|layer| &layer.stepped);
    let among =
        |wide: &Span| span.step.is_multiple_of(wide.step) && wide.contains(span.first) && span.last <= wide.last;
    if stepped.any(|wide| among(wide) || (span.first == span.last && wide.contains(span.first))) {
        return true;
    }
    let mut next = span.first;
    loop {
        let Some(end) = layers.iter().filter_map(|layer| layer.end_of_stretch(next)).max() else {
            return false;
        };
        if end >= span.last {
            return true;
        }
        next = end + 1;
    }
}

fn overlap(earlier: &Rule, later: &Rule) -> bool {
    let for_someone = match (&earlier.targets, &later.targets) {
        (Targets::Everyone, _) | (_, Targets::Everyone) => true,
        (Targets::Projects(some), Targets::Projects(others)) => some.iter().any(|project| others.contains(project)),
        (Targets::Projects(projects), Targets::Users(users)) | (Targets::Users(users), Targets::Projects(projects)) => {
            users.iter().any(|user| projects.contains(&user.project))
        }
        (Targets::Users(some), Targets::Users(others)) => some.iter().any(|user| others.contains(user)),
    };
    let (some, others) = (earlier.calls.spans(), later.calls.spans());
    let meets = earlier.operation == later.operation && earlier.conditions().follow_from(later.conditions());
    let shares = !earlier.facets().and(later.facets()).is_empty();
    let meet = || some.iter().any(|one| others.iter().any(|other| one.meets(*other)));
    for_someone && meets && shares && meet()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ALICE: UserKey = UserKey::at(0, 0);

    fn rule(targets: Targets, calls: &str) -> Arc<Rule> {
        Arc::new(Rule::failing(targets, calls))
    }

    /// Whether the last of these rules can match.
    fn reachable(rules: &[Arc<Rule>]) -> bool {
        let mut reach = Reach::default();
        let mut last = true;
        for rule in rules {
            last = reach.add(rule, ()).is_ok();
        }
        last
    }

    fn alice(calls: &str) -> Arc<Rule> {
        rule(Targets::Users(vec![ALICE]), calls)
    }

    #[test]
    fn earlier_rules_together_can_take_everything() {
        let all = |calls| rule(Targets::Everyone, calls);
        assert!(!reachable(&[alice(""), alice("3")]));
        assert!(!reachable(&[
            all("1-3"),
            rule(Targets::Projects(vec![ALICE.project]), "4-6"),
            alice("7-"),
            alice("2-9")
        ]));
        assert!(reachable(&[all("1-3"), alice("5-"), alice("2-9")]));
        assert!(reachable(&[alice(""), all("")]));
        assert!(!reachable(&[all("*/3"), alice("*/6")]));
        assert!(!reachable(&[all("*/3"), alice("9")]));
        assert!(reachable(&[all("*/3"), alice("*/4")]));
        assert!(!reachable(&[alice("1-"), alice("*/4")]));
    }

    proptest! {
        #[test]
        fn a_rule_called_unreachable_never_matches(calls in prop::collection::vec("[1-9]|[1-4]-[5-9]|[1-9]-|\\*/[1-4]", 2..6)) {
            let rules: Vec<_> = calls.iter().map(|calls| alice(calls)).collect();
            let (last, earlier) = rules.split_last().unwrap();
            if !reachable(&rules) {
                for call in (1..200).filter(|&call| last.calls.allow(call)) {
                    prop_assert!(earlier.iter().any(|rule| rule.calls.allow(call)), "call {}", call);
                }
            }
        }
    }
}
