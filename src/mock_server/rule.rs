//! Rules as values.

use super::element::Element;
use super::numbers::{CallNumbers, millis, window};
use crate::scenario::{Fault, Phase, Then};
use serde_json::{Value, json};
use std::fmt;
use std::ops::{RangeBounds, RangeInclusive};
use std::time::Duration;

/// A rule: the calls that it is for, and what it does to them.
///
/// It is the rule of a scenario file as a value: [`Rule::to_json`] shows which one, and the same reader compiles it. So
/// a mistake, such as an unknown user or a status that is not documented, is an error where the rule is used:
/// [`MockServerBuilder::start`](crate::MockServerBuilder::start) or [`MockServer::override_rule`](crate::MockServer::override_rule).
///
/// ```
/// use std::time::Duration;
/// use wksmock::{Delay, Fault, MockServer, Phase, Rule};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), wksmock::StartError> {
/// let server = MockServer::builder()
///     // Two outages, then success.
///     .rule(Rule::for_user("0001").calls(1..=2).status(503).header("Retry-After", "1"))
///     // The password is reset, and the answer lost.
///     .rule(Rule::for_user("alice").calls(1).fault(Fault::Reset).phase(Phase::After))
///     // Everything is slow, and some calls fail.
///     .rule(Rule::for_all().delay(Delay::log_normal(Duration::from_millis(80), 0.6, Duration::from_secs(5))))
///     .rule(Rule::for_all().chance(0.1).status(500))
/// #   .users_json(r#"{"projects": [{"id": "p", "users": [{"id": "8a2c0001"}, {"id": "u", "user_name": "alice"}]}]}"#)
///     .start()
///     .await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
#[must_use = "a rule does nothing before a server has it"]
pub struct Rule(Element);

/// How long answers are held.
///
/// ```
/// use std::time::Duration;
/// use wksmock::{Delay, Rule};
///
/// let ms = Duration::from_millis;
/// let fixed = Rule::for_all().delay(ms(80));
/// let uniform = Rule::for_all().delay(Delay::uniform(ms(20)..=ms(80)));
/// let like_a_service = Rule::for_all().delay(Delay::log_normal(ms(80), 0.6, ms(5000)));
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Delay(Value);

impl Rule {
    /// A rule for the calls of every user.
    pub fn for_all() -> Self {
        Self::default()
    }

    /// A rule for the calls of a user: the id, the `user_name`, or the end of the id if only one user has it.
    pub fn for_user(user: impl Into<String>) -> Self {
        Self::for_all().when("user", user.into())
    }

    /// A rule for the calls of some users.
    pub fn for_users<U: Into<String>>(users: impl IntoIterator<Item = U>) -> Self {
        Self::for_all().when("user", users.into_iter().map(Into::into).collect::<Vec<String>>())
    }

    /// Names the rule, in reports and journal entries. Random draws depend on the name.
    ///
    /// By default, rules of a builder are named `rule 1`, `rule 2` and so on, and overrides `override 1` and so on.
    pub fn named(self, name: impl Into<String>) -> Self {
        Self(self.0.named(name.into()))
    }

    /// Limits the rule to a project; an override also to a clone.
    pub fn project(self, id: impl Into<String>) -> Self {
        self.when("project", id.into())
    }

    /// Limits the rule to some projects.
    pub fn projects<P: Into<String>>(self, ids: impl IntoIterator<Item = P>) -> Self {
        self.when("project", ids.into_iter().map(Into::into).collect::<Vec<String>>())
    }

    /// Limits the rule to calls of an account, named as `domain/name` or by its name.
    pub fn account(self, name: impl Into<String>) -> Self {
        self.when("account", name.into())
    }

    /// Sets the operation by its operationId; `notification.email` and `notification.phone` are messages. Default:
    /// `ResetRandomPassword`.
    pub fn operation(self, id: impl Into<String>) -> Self {
        self.when("operation", id.into())
    }

    /// Limits the rule to call numbers of each user: `3`, `1..=2`, `5..`, or a text such as `"1-2,7"` or `"*/3"`.
    ///
    /// They count from the last reset; [`Rule::next`] counts from now.
    pub fn calls(self, numbers: impl Into<CallNumbers>) -> Self {
        self.when("calls", numbers.into().0)
    }

    /// Limits the rule to every `n`th call of each user.
    pub fn every(self, n: u64) -> Self {
        self.when("calls", format!("*/{n}"))
    }

    /// Limits an override to the next calls: of each user that it names, or of any user.
    pub fn next(self, calls: u64) -> Self {
        self.set("next", calls)
    }

    /// Has the rule match by chance, from 0 to 1. It is drawn from the seed for each call.
    pub fn chance(self, of_one: f64) -> Self {
        self.when("chance", of_one)
    }

    /// Limits the rule to a window of virtual time, as in `Duration::from_secs(30)..Duration::from_secs(60)`.
    pub fn during(self, time: impl RangeBounds<Duration>) -> Self {
        self.when("time_ms", window(&time))
    }

    /// Limits the rule to requests with this value of a header field.
    pub fn when_header(self, name: impl Into<String>, value: impl Into<String>) -> Self {
        Self(self.0.when_in("header", name.into(), value.into()))
    }

    /// Limits the rule to requests with this value of a query parameter.
    pub fn when_query(self, name: impl Into<String>, value: impl Into<String>) -> Self {
        Self(self.0.when_in("query", name.into(), value.into()))
    }

    /// Limits the rule to uses of a token, counted from 1. Only a rule for all with status 401 can have it.
    pub fn token_calls(self, numbers: impl Into<CallNumbers>) -> Self {
        self.when("token_calls", numbers.into().0)
    }

    /// Answers with a documented status.
    pub fn status(self, status: u16) -> Self {
        self.set("status", status)
    }

    /// Answers the calls in turn with these statuses. Later rules decide the calls after them: see [`Rule::then`].
    pub fn sequence(self, statuses: impl IntoIterator<Item = u16>) -> Self {
        self.set("sequence", statuses.into_iter().collect::<Vec<_>>())
    }

    /// Sets how a sequence goes on once it is used up.
    pub fn then(self, then: Then) -> Self {
        self.set("then", then.name())
    }

    /// Sets the error code of a failure.
    pub fn error_code(self, code: impl Into<String>) -> Self {
        Self(self.0.set_in(&["error"], "code", code.into()))
    }

    /// Sets the error message of a failure.
    pub fn error_message(self, message: impl Into<String>) -> Self {
        Self(self.0.set_in(&["error"], "message", message.into()))
    }

    /// Sets the reason of a 403, which is sealed into `encoded_authorization_message`.
    pub fn error_reason(self, reason: impl Into<String>) -> Self {
        Self(self.0.set_in(&["error"], "reason", reason.into()))
    }

    /// Adds a header field to the answer.
    pub fn header(self, name: impl Into<String>, value: impl Into<String>) -> Self {
        Self(self.0.set_in(&["headers"], name, value.into()))
    }

    /// Allows a status and a body that are not documented.
    pub fn undocumented(self) -> Self {
        self.set("undocumented", true)
    }

    /// Replaces the body of the answer, word for word. Needs [`Rule::undocumented`].
    pub fn body(self, text: impl Into<String>) -> Self {
        self.set("body", text.into())
    }

    /// Holds the answer, for a [`Duration`] or as a [`Delay`] draws.
    pub fn delay(self, delay: impl Into<Delay>) -> Self {
        self.set("delay", delay.into().0)
    }

    /// Has the answer fail on the wire.
    pub fn fault(self, fault: Fault) -> Self {
        self.set("fault", fault.to_json())
    }

    /// Sets whether a failure comes before or after the password is reset. Default: [`Phase::Before`].
    pub fn phase(self, phase: Phase) -> Self {
        self.set("phase", phase.name())
    }

    /// The rule as a scenario file writes it. A rule without a name needs one there.
    ///
    /// ```
    /// let rule = wksmock::Rule::for_user("0001").calls(1..=2).status(503);
    /// assert_eq!(rule.to_json(), r#"{"when":{"user":"0001","calls":"1-2"},"status":503}"#);
    /// ```
    #[must_use]
    pub fn to_json(&self) -> String {
        self.value(None).to_string()
    }

    /// The same with a name, if it has none.
    pub(super) fn value(&self, name: Option<&str>) -> Value {
        self.0.value(name)
    }

    /// The rule for one project, unless it names others.
    pub(super) fn of_project(mut self, id: &str) -> Self {
        self.0.when.entry("project").or_insert_with(|| json!(id));
        self
    }

    fn when(self, field: &str, value: impl Into<Value>) -> Self {
        Self(self.0.when(field, value))
    }

    fn set(self, field: &str, value: impl Into<Value>) -> Self {
        Self(self.0.set(field, value))
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.to_json())
    }
}

impl Delay {
    /// Always the same delay.
    #[must_use]
    pub fn fixed(delay: Duration) -> Self {
        Self(json!({ "fixed_ms": millis(delay) }))
    }

    /// Between two bounds, each delay equally likely.
    #[must_use]
    pub fn uniform(range: RangeInclusive<Duration>) -> Self {
        Self(json!({ "uniform_ms": [millis(*range.start()), millis(*range.end())] }))
    }

    /// Like a real service: half of the delays are below the median, and none is above `most`.
    #[must_use]
    pub fn log_normal(median: Duration, sigma: f64, most: Duration) -> Self {
        Self(json!({ "lognormal": { "median_ms": millis(median), "sigma": sigma, "max_ms": millis(most) } }))
    }
}

impl From<Duration> for Delay {
    fn from(delay: Duration) -> Self {
        Self::fixed(delay)
    }
}
