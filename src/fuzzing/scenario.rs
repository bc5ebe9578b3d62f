//! Scenario files, `--fault` and call numbers, as the targets see them.

use super::{Directory, Refused, refused};
use crate::contract::{NotificationTypes, Operation};
use crate::diagnostics::{Problems, Source};
use crate::engine::{Call, Given, Setup, decide};
use crate::ids::AccountIndex;
use crate::limits::Limits;
use crate::scenario::{self, Asked, Control, Names, Rule, Rules, Targets};
use std::ops::Range;
use std::sync::Arc;

/// A `--fault` that was taken.
#[derive(Debug)]
pub struct Fault(Arc<Rule>);

/// Compiles a `--fault` for the users of a directory.
///
/// # Errors
/// If anything is wrong with it.
pub fn fault(text: &str, directory: &Directory) -> Result<Fault, Refused> {
    let mut problems = Problems::new(50);
    let rule = scenario::fault(text, &directory.0, &mut Names::default(), &mut problems);
    match rule {
        Some(rule) if problems.is_empty() => Ok(Fault(rule)),
        _ => Err(refused(&problems)),
    }
}

impl Fault {
    /// The name under which it is shown.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.0.label.name
    }

    /// What it answers, or the name of its fault.
    #[must_use]
    pub fn effect(&self) -> String {
        match (self.0.status_of(1), self.0.fault) {
            (Some(status), None) => status.to_string(),
            (None, Some(fault)) => fault.name().to_owned(),
            other => format!("{other:?}"),
        }
    }

    /// How likely it strikes, of one.
    #[must_use]
    pub fn chance(&self) -> Option<f64> {
        self.0.conditions.as_ref().and_then(|rest| rest.chance())
    }

    /// `before` or `after`.
    #[must_use]
    pub fn phase(&self) -> &'static str {
        self.0.phase.name()
    }

    /// How many users it is for; `None` if it is for everyone.
    #[must_use]
    pub fn users_count(&self) -> Option<usize> {
        match &self.0.targets {
            Targets::Users(users) => Some(users.len()),
            Targets::Everyone | Targets::Projects(_) => None,
        }
    }

    /// Whether it is for a user.
    #[must_use]
    pub fn is_for(&self, project: &str, user: &str, directory: &Directory) -> bool {
        let found = directory.0.directory.user(project, user);
        match (&self.0.targets, found) {
            (Targets::Everyone, Ok(_)) => true,
            (Targets::Users(users), Ok((key, _))) => users.contains(&key),
            _ => false,
        }
    }

    /// Whether it is for a call number.
    #[must_use]
    pub fn allows(&self, call: u64) -> bool {
        self.0.calls.allow(call)
    }

    /// Everything that it does but for its draws, in one text to compare.
    #[must_use]
    pub fn meaning(&self) -> String {
        let (targets, calls) = (&self.0.targets, &self.0.calls);
        format!("{targets:?} {calls:?} {:?} {} {}", self.chance(), self.effect(), self.phase())
    }
}

/// A list of call numbers that was taken.
#[derive(Debug)]
pub struct Calls(scenario::Calls);

/// Reads the text of a `calls` field.
///
/// # Errors
/// If it is no such list: which bytes of it are wrong, and why.
pub fn calls(text: &str) -> Result<Calls, (Range<usize>, String)> {
    scenario::Calls::parse(text).map(Calls).map_err(|wrong| (wrong.at, wrong.what))
}

impl Calls {
    /// Whether a call number is in it.
    #[must_use]
    pub fn allows(&self, call: u64) -> bool {
        self.0.allow(call)
    }

    /// The how many-th of the list a call is, if no call stands in it twice.
    #[must_use]
    pub fn rank(&self, call: u64) -> Option<u64> {
        self.0.is_counted().then(|| self.0.rank(call))
    }
}

/// A scenario file that was taken, with the users that it is about.
#[derive(Debug)]
pub struct Scenario(Setup);

/// Reads a scenario file.
///
/// # Errors
/// If anything is wrong with it.
pub fn scenario(bytes: &[u8], users: &str, seed: u64) -> Result<Scenario, Refused> {
    let limits = Limits::default();
    let mut problems = Problems::new(limits.errors_shown_max);
    let source = problems.keep(Source::from_bytes("scenario", bytes.to_vec()));
    let given = Given {
        users: Some(vec![Arc::new(Source::new("users", users))]),
        scenarios: source.into_iter().collect(),
        seed: Some(seed),
        password_length: 10,
        control: Control::Apart,
        ..Given::default()
    };
    let setup = Setup::new(&given, &limits, &mut problems);
    setup.map(Scenario).ok_or_else(|| refused(&problems))
}

/// What is decided about a call.
#[derive(Clone, Debug, PartialEq)]
#[expect(missing_docs, reason = "they are the fields of a decision")]
pub struct Decided {
    pub status: u16,
    pub password: Option<String>,
    pub phase: Option<&'static str>,
    pub delay_ms: Option<u32>,
    pub fault: Option<&'static str>,
    pub data: usize,
    pub rules: [Option<String>; 3],
}

/// A request with one header field and one parameter in its query.
struct Sent {
    pair: (String, String),
    at_ms: u64,
}

impl Asked for Sent {
    fn has_header(&self, name: &str, value: &str) -> bool {
        self.pair.0.eq_ignore_ascii_case(name) && self.pair.1 == value
    }

    fn has_query(&self, name: &str, value: &str) -> bool {
        self.pair.0 == name && self.pair.1 == value
    }

    fn at_ms(&self) -> u64 {
        self.at_ms
    }

    fn account(&self) -> Option<AccountIndex> {
        None
    }

    fn turns_left(&self, _: u64) -> u64 {
        0
    }

    fn takes_turn(&self, _: u64) -> bool {
        false
    }
}

impl Scenario {
    /// Decides a call of a user, at a virtual time, with a header field and a parameter of this name and value.
    #[must_use]
    pub fn decide(&self, project: &str, user: &str, number: u64, at_ms: u64, pair: (&str, &str)) -> Option<Decided> {
        let (key, found) = self.0.directory().user(project, user).ok()?;
        let asked = Sent { pair: (pair.0.to_owned(), pair.1.to_owned()), at_ms };
        let operation = Operation::ResetRandomPassword;
        let (clone, notification, principal) = (None, NotificationTypes::parse("email").unwrap_or_default(), None);
        let call = Call { operation, project, key, clone, user: found, number, notification, principal, asked: &asked };
        let outcome = decide(&self.0, &Rules::default(), &call);
        let injected = outcome.injected.unwrap_or_default();
        let name = |rule: &Arc<Rule>| rule.label.name.clone();
        Some(Decided {
            status: outcome.status,
            password: outcome.password.map(|password| password.to_string()),
            phase: outcome.phase.map(scenario::Phase::name),
            delay_ms: injected.delay.as_ref().map(|(_, ms)| *ms),
            fault: injected.fault.as_ref().map(|(_, fault)| fault.name()),
            data: injected.data.len(),
            rules: [
                outcome.rule.as_ref().map(name),
                injected.delay.as_ref().map(|(rule, _)| name(rule)),
                injected.fault.as_ref().map(|(rule, _)| name(rule)),
            ],
        })
    }

    /// Names and places of the rules in force.
    #[must_use]
    pub fn rules(&self) -> Vec<(String, String)> {
        let rules = self.0.rules.all().iter();
        rules.map(|rule| (rule.label.name.clone(), rule.label.place.clone())).collect()
    }

    /// How many expectations it has.
    #[must_use]
    pub fn expectations(&self) -> usize {
        self.0.expectations.len()
    }
}
