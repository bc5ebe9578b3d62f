//! Findings about the rules of a setup, before any call: rates of rules with a chance, and warnings about rules that are
//! valid but probably not intended.

use super::Setup;
use crate::contract::has_body;
use crate::scenario::{Behind, Facet, Fault, Rate, Reach, Rule, RuleLabel, rates, unmet};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Digits behind the point of a percentage.
const DECIMALS_MAX: f64 = 12.0;
/// Maximum number of rules whose rates are listed; further ones are counted. Each compares with all earlier rules.
const RATES_MAX: usize = 50;
/// Rules that are looked at for all those whose status a fault may take, one for each other.
const LOOKS_MAX: usize = 10_000_000;

/// A finding.
#[derive(Debug)]
pub(crate) struct Finding<'s> {
    /// The rule that it is about; none where it counts those that were not looked at.
    pub(crate) label: Option<&'s RuleLabel>,
    pub(crate) kind: Finds,
    /// In one line, which names the rule.
    pub(crate) said: String,
}

/// Kind of a finding.
#[derive(Debug)]
pub(crate) enum Finds {
    /// Of the calls that meet the rule's other conditions, the part that meets these facets as the rule sets them; of one.
    Rate { facets: Vec<&'static str>, least: f64, most: f64 },
    /// A valid rule that is probably not intended.
    Warning,
    /// Rules that were not looked at.
    More,
}

impl<'s> Finding<'s> {
    fn warning(label: &'s RuleLabel, said: String) -> Self {
        Self { label: Some(label), kind: Finds::Warning, said }
    }

    fn more(said: String) -> Self {
        Self { label: None, kind: Finds::More, said }
    }

    pub(crate) fn is_warning(&self) -> bool {
        matches!(self.kind, Finds::Warning)
    }
}

/// Lists the rate of each rule with a chance, and a warning for each rule that never strikes or whose status never
/// arrives.
pub(crate) fn findings(setup: &Setup) -> Vec<Finding<'_>> {
    let rules = setup.rules.all();
    let never = unreachable(setup);
    let mut found = Vec::new();
    let mut with_chance = (0..rules.len()).filter(|at| rules.get(*at).is_some_and(|rule| rule.chance().is_some()));
    for at in with_chance.by_ref().filter(|at| !never.contains_key(at)).take(RATES_MAX) {
        let rates = rates(rules, at);
        found.extend(rates.chunk_by(Rate::is_as_often).filter_map(|same| rate_of(rules.get(at)?, same)));
    }
    match with_chance.count() {
        0 => {}
        more => found.push(Finding::more(format!("… and {} with a chance", more_rules(more)))),
    }
    found.extend(without_an_answer(setup, |at| never.contains_key(&at)));
    found.extend(without_a_body(rules));
    found.extend(never.into_values());
    found
}

/// Rules without a chance whose status never arrives, since a fault takes every answer.
fn without_an_answer(setup: &Setup, is_told: impl Fn(usize) -> bool) -> Vec<Finding<'_>> {
    let rules = setup.rules.all();
    if !rules.iter().any(|rule| rule.fault.is_some_and(Fault::strikes) && rule.chance().is_none()) {
        return Vec::new();
    }
    let sets_a_status =
        |rule: &Arc<Rule>| rule.facets().has(Facet::Status) && rule.chance().is_none() && rule.token_calls.is_none();
    let is_looked_at = |(at, rule): &(usize, &Arc<Rule>)| {
        sets_a_status(rule) && rule.fault.is_none() && !is_told(*at) && !setup.is_embedded(rule)
    };
    let mut looked_at = rules.iter().enumerate().filter(is_looked_at);
    let most = LOOKS_MAX / rules.len().max(1);
    let lost = looked_at.by_ref().take(most).filter_map(|(at, rule)| rate_of(rule, &[unmet(rules, at)?]));
    let mut found: Vec<_> = lost.collect();
    match looked_at.count() {
        0 => {}
        more => found.push(Finding::more(format!("… and {} whose answers may be lost to faults", more_rules(more)))),
    }
    found
}

/// Each rule that spoils bodies, of an operation whose success has none.
fn without_a_body(rules: &[Arc<Rule>]) -> impl Iterator<Item = Finding<'_>> {
    let spoilt = rules.iter().filter_map(|rule| Some((rule, rule.fault.filter(|fault| fault.spoils_a_body())?)));
    let bare = spoilt.filter(|(rule, _)| rule.status.is_none() && !has_body(rule.operation.success()));
    bare.map(|(rule, fault)| {
        let (named, operation) = (named(&rule.label), rule.operation);
        let said = format!(
            "the {} of {named} affects only errors: {} answers with {}, which has no body",
            fault.name(),
            operation.id,
            operation.success()
        );
        Finding::warning(&rule.label, said)
    })
}

/// Each rule that never matches because of rules of other files and flags; those that a file's own rules hide are errors of
/// that file. What hides the embedded scenario is meant to.
fn unreachable(setup: &Setup) -> BTreeMap<usize, Finding<'_>> {
    let mut reach = Reach::default();
    let mut found = BTreeMap::new();
    for (at, rule) in setup.rules.all().iter().enumerate() {
        let Err(first) = reach.add(rule, ()) else { continue };
        if setup.is_embedded(rule) {
            continue;
        }
        let first = first.map_or(String::new(), |(first, ())| format!(" (first: {})", named(&first.label)));
        let said = format!("{} can never match: earlier rules take all its calls{first}", named(&rule.label));
        found.insert(at, Finding::warning(&rule.label, said));
    }
    found
}

/// The finding about facets that a rule sets equally often.
fn rate_of<'s>(rule: &'s Rule, same: &[Rate<'_>]) -> Option<Finding<'s>> {
    let facets: Vec<_> = same.iter().map(|rate| rate.facet.name()).collect();
    let (joined, rule_named) = (facets.join(" and "), named(&rule.label));
    let chance = rule.chance().unwrap_or(1.0);
    let rate = same.first()?;
    Some(if chance <= 0.0 {
        Finding::warning(&rule.label, format!("{rule_named} never applies: its chance is 0"))
    } else if rate.most <= 0.0 {
        let others = others(&rate.behind).unwrap_or_default();
        let applies = if same.len() == 1 { "applies" } else { "apply" };
        let takes = take(rate.behind.more + 1);
        let said = format!("the {joined} of {rule_named} never {applies}: {others} {takes} all its calls");
        Finding::warning(&rule.label, said)
    } else {
        let said = format!("{rule_named} sets the {joined} of {}", often(rate, chance));
        Finding { label: Some(&rule.label), kind: Finds::Rate { facets, least: rate.least, most: rate.most }, said }
    })
}

/// `15 % of its calls: 50 % of those not taken by …`, or `10 % to 15 % …`, where others take from some of its calls.
fn often(rate: &Rate<'_>, chance: f64) -> String {
    let partly = others(&rate.partly_behind).filter(|_| rate.least < rate.most);
    let least = partly.as_ref().map_or(String::new(), |_| format!("{} to ", percent(rate.least)));
    let behind = others(&rate.behind).map(|others| format!("{} of those not taken by {others}", percent(chance)));
    let takes = take(rate.partly_behind.more + 1);
    let partly = partly.map(|others| format!("{others} {takes} some of them"));
    let why: Vec<_> = behind.into_iter().chain(partly).collect();
    let why = if why.is_empty() { String::new() } else { format!(": {}", why.join(", and ")) };
    format!("{least}{} of its calls{why}", percent(rate.most))
}

fn others(behind: &Behind<'_>) -> Option<String> {
    let first = behind.first.map(named)?;
    Some(if behind.more == 0 { first } else { format!("{first} and {} more", behind.more) })
}

fn take(rules: usize) -> &'static str {
    if rules == 1 { "takes" } else { "take" }
}

fn more_rules(count: usize) -> String {
    format!("{count} more rule{}", if count == 1 { "" } else { "s" })
}

fn named(label: &RuleLabel) -> String {
    format!("`{}` ({})", label.name, label.place)
}

/// A part of one: to a hundredth of a percent, or where it is smaller, to its second digit.
fn percent(part: f64) -> String {
    let percent = part * 100.0;
    let is_small = percent > 0.0 && percent < 0.1;
    // The second digit of 0.001 % is the fourth behind the point. Rates beyond that bound never occur in practice.
    let decimals = if is_small { (1.0 - libm::floor(libm::log10(percent))).min(DECIMALS_MAX) } else { 2.0 };
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "from 2 to `DECIMALS_MAX`")]
    let rounded = format!("{percent:.*}", decimals as usize);
    format!("{} %", rounded.trim_end_matches('0').trim_end_matches('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentages_are_as_short_as_they_can_be() {
        let said = [1.0, 0.5 * (1.0 - 0.7), 0.135, 0.033_75, 0.001, 0.000_012_3, 1e-9, 0.0].map(percent);
        assert_eq!(said, ["100 %", "15 %", "13.5 %", "3.38 %", "0.1 %", "0.0012 %", "0.0000001 %", "0 %"]);
    }
}
