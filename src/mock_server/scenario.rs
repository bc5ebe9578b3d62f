//! Typed rules and expectations as the text of a scenario.

use super::{Expect, Rule};
use serde_json::Value;
use std::fmt::Write as _;

/// A scenario of rules and expectations.
///
/// ```
/// use wksmock::{CloneOptions, Expect, MockServer, PROJECT, Rule, Scenario};
///
/// let denied = Scenario::new()
///     .rule(Rule::for_all().named("denied").status(403))
///     .expect(Expect::from_all().named("asks once").calls(..=1));
/// let server = MockServer::start_blocking();
/// let mine = server.clone_project_with(PROJECT, CloneOptions::new().scenario_json(denied))?;
/// # Ok::<(), wksmock::CloneError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
#[must_use = "a scenario does nothing before a server has it"]
pub struct Scenario {
    rules: Vec<Rule>,
    expect: Vec<Expect>,
}

impl Scenario {
    /// A scenario without rules and expectations.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a rule. Earlier ones take precedence.
    pub fn rule(mut self, rule: Rule) -> Self {
        self.rules.push(rule);
        self
    }

    /// Adds an expectation.
    pub fn expect(mut self, expect: Expect) -> Self {
        self.expect.push(expect);
        self
    }

    /// The scenario as a file has it, a rule on each line.
    #[must_use]
    pub fn to_json(&self) -> String {
        self.numbered(1, 1)
    }

    /// The same, where rules and expectations without a name are counted from these numbers on.
    pub(super) fn numbered(&self, first_rule: usize, first_expectation: usize) -> String {
        let rules = (first_rule..).zip(&self.rules).map(|(at, rule)| rule.value(Some(&format!("rule {at}"))));
        let expect = (first_expectation..).zip(&self.expect);
        let expect = expect.map(|(at, expect)| expect.value(Some(&format!("expectation {at}"))));
        let mut text = "{\n".to_owned();
        list(&mut text, "rules", rules);
        text.push_str(",\n");
        list(&mut text, "expect", expect);
        text.push_str("\n}\n");
        text
    }

    /// The number of rules, and of expectations.
    pub(super) fn counts(&self) -> (usize, usize) {
        (self.rules.len(), self.expect.len())
    }
}

impl From<Scenario> for String {
    fn from(scenario: Scenario) -> Self {
        scenario.to_json()
    }
}

fn list(text: &mut String, name: &str, elements: impl Iterator<Item = Value>) {
    let lines: Vec<_> = elements.map(|element| format!("\n    {element}")).collect();
    let end = if lines.is_empty() { "" } else { "\n  " };
    // Writing to a text cannot fail.
    let _ = write!(text, "  \"{name}\": [{}{end}]", lines.join(","));
}
