//! Scenario files, `--fault` and call numbers for the fuzz targets.

use super::{Directory, Refused, refused};
use crate::contract::NotificationTypes;
use crate::diagnostics::{Problems, Source};
use crate::engine::{About, Call, Given, NewPassword, Setup, decide};
use crate::ids::{AccountIndex, CallTarget};
use crate::limits::Limits;
use crate::scenario::{self, Asked, Control, Names, Rule, Rules, Targets};
use std::ops::Range;
use std::sync::Arc;

/// A valid `--fault`.
#[derive(Debug)]
pub struct Fault(Arc<Rule>);

/// Compiles a `--fault` for the users of a directory.
///
/// # Errors
/// If the text is invalid.
pub fn fault(text: &str, directory: &Directory) -> Result<Fault, Refused> {
    let mut problems = Problems::new(50);
    let rule = scenario::compile_flag(text, &directory.0, &mut Names::default(), &mut problems);
    match rule {
        Some(rule) if problems.is_empty() => Ok(Fault(rule)),
        _ => Err(refused(&problems)),
    }
}

impl Fault {
    /// The name of its rule.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.0.label.name
    }

    /// The status that it sets, or the name of its fault.
    #[must_use]
    pub fn effect(&self) -> String {
        match (self.0.status_of(1), self.0.fault) {
            (Some(status), None) => status.to_string(),
            (None, Some(fault)) => fault.name().to_owned(),
            other => format!("{other:?}"),
        }
    }

    /// The chance, from 0 to 1.
    #[must_use]
    pub fn chance(&self) -> Option<f64> {
        self.0.conditions.as_ref().and_then(|rest| rest.chance())
    }

    /// `before` or `after`.
    #[must_use]
    pub fn phase(&self) -> &'static str {
        self.0.phase.name()
    }

    /// The number of users that it names; `None` for all users.
    #[must_use]
    pub fn users_count(&self) -> Option<usize> {
        match &self.0.targets {
            Targets::Users(users) => Some(users.len()),
            Targets::Everyone | Targets::Projects(_) => None,
        }
    }

    /// Whether it applies to a user.
    #[must_use]
    pub fn is_for(&self, project: &str, user: &str, directory: &Directory) -> bool {
        let found = directory.0.directory.user(project, user);
        match (&self.0.targets, found) {
            (Targets::Everyone, Ok(_)) => true,
            (Targets::Users(users), Ok((key, _))) => users.contains(&key),
            _ => false,
        }
    }

    /// Whether it applies to a call number.
    #[must_use]
    pub fn allows(&self, call: u64) -> bool {
        self.0.calls.allow(call)
    }

    /// A text for comparison with all effects, random draws excepted.
    #[must_use]
    pub fn meaning(&self) -> String {
        let (targets, calls) = (&self.0.targets, &self.0.calls);
        format!("{targets:?} {calls:?} {:?} {} {}", self.chance(), self.effect(), self.phase())
    }
}

/// A valid list of call numbers.
#[derive(Debug)]
pub struct Calls(scenario::Calls);

/// Parses the text of a `calls` field.
///
/// # Errors
/// The invalid bytes, and the reason.
pub fn calls(text: &str) -> Result<Calls, (Range<usize>, String)> {
    scenario::Calls::parse(text).map(Calls).map_err(|wrong| (wrong.at, wrong.what))
}

impl Calls {
    /// Whether the list contains a call number.
    #[must_use]
    pub fn allows(&self, call: u64) -> bool {
        self.0.allow(call)
    }

    /// The 1-based rank of `call` in the list, if no call is listed twice.
    #[must_use]
    pub fn rank(&self, call: u64) -> Option<u64> {
        self.0.is_counted().then(|| self.0.rank(call))
    }
}

/// A valid scenario file, with its users.
#[derive(Debug)]
pub struct Scenario(Setup);

/// Reads a scenario file.
///
/// # Errors
/// If the text is invalid.
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

/// The outcome of a call.
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

/// A request with one header and one query parameter.
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
    /// Decides a call of a user at a virtual time, with `pair` as a header and as a query parameter.
    #[must_use]
    pub fn decide(&self, project: &str, user: &str, number: u64, at_ms: u64, pair: (&str, &str)) -> Option<Decided> {
        let (key, found) = self.0.directory().user(project, user).ok()?;
        let asked = Sent { pair: (pair.0.to_owned(), pair.1.to_owned()), at_ms };
        let notification = NotificationTypes::parse("email").unwrap_or_default();
        let target = CallTarget { project: key.project, user: key.user.loaded(), clone: None };
        let about = About { project, target, user: None };
        let call = Call::of_reset(about, NewPassword { user: found, notification }, number, &asked);
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

    /// Names and places of the active rules.
    #[must_use]
    pub fn rules(&self) -> Vec<(String, String)> {
        let rules = self.0.rules.all().iter();
        rules.map(|rule| (rule.label.name.clone(), rule.label.place.clone())).collect()
    }

    /// The number of expectations.
    #[must_use]
    pub fn expectations(&self) -> usize {
        self.0.expectations.len()
    }
}
