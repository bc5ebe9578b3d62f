//! Expectations as values.

use super::element::Element;
use super::numbers::{Times, lengths};
use serde_json::{Value, json};
use std::fmt;
use std::ops::RangeBounds;
use std::time::Duration;

/// An expectation: the calls that it judges, and what must hold of them. Several conditions must all hold.
///
/// It is the expectation of a scenario file as a value: [`Expect::to_json`] shows which one, and the same reader compiles
/// it.
///
/// ```
/// use std::time::Duration;
/// use wksmock::Expect;
///
/// let patient = Expect::from_user("0001").calls(3).gap(Duration::from_secs(1)..).ends_with(200);
/// let careful = Expect::from_all().named("does not repeat a reset whose answer was lost").after_lost(0);
/// let traced = Expect::from_all().sent_header("X-Request-Id", true);
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
#[must_use = "an expectation judges nothing before a server has it"]
pub struct Expect(Element);

/// A header field that every call must have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SentHeader(Value);

impl From<bool> for SentHeader {
    /// True if the field must be present with any value, false if it must be absent.
    fn from(is_present: bool) -> Self {
        Self(json!(is_present))
    }
}

impl From<&str> for SentHeader {
    fn from(value: &str) -> Self {
        Self(json!(value))
    }
}

impl From<String> for SentHeader {
    fn from(value: String) -> Self {
        Self(json!(value))
    }
}

impl Expect {
    /// Judges each user that calls.
    pub fn from_all() -> Self {
        Self::default()
    }

    /// Judges a user, also without a call: the id, the `user_name`, or the end of the id if only one user has it.
    pub fn from_user(user: impl Into<String>) -> Self {
        Self::from_all().when("user", user.into())
    }

    /// Judges some users, each also without a call.
    pub fn from_users<U: Into<String>>(users: impl IntoIterator<Item = U>) -> Self {
        Self::from_all().when("user", users.into_iter().map(Into::into).collect::<Vec<String>>())
    }

    /// Names the expectation, in the verdict. By default, `expectation 1`, `expectation 2` and so on.
    pub fn named(self, name: impl Into<String>) -> Self {
        Self(self.0.named(name.into()))
    }

    /// Judges the users of a project. A clone is judged like the project that it was made from.
    pub fn project(self, id: impl Into<String>) -> Self {
        self.when("project", id.into())
    }

    /// Judges the calls of an account, named as `domain/name` or by its name.
    pub fn account(self, name: impl Into<String>) -> Self {
        self.when("account", name.into())
    }

    /// Judges calls of an operation, by its operationId. Default: `ResetRandomPassword`.
    pub fn operation(self, id: impl Into<String>) -> Self {
        self.when("operation", id.into())
    }

    /// The number of calls of each user.
    pub fn calls(self, times: impl Into<Times>) -> Self {
        self.set("calls", times.into().0)
    }

    /// Real time from the end of an answer to the user's next call, as in `Duration::from_secs(1)..`.
    pub fn gap(self, time: impl RangeBounds<Duration>) -> Self {
        self.set("gap_ms", lengths(&time))
    }

    /// No pause is more than 10 % shorter than the one before.
    pub fn growing_backoff(self) -> Self {
        self.set("backoff", "growing")
    }

    /// A header field of every call: `true` if it must be present, `false` if it must be absent, or its value.
    pub fn sent_header(self, name: impl Into<String>, value: impl Into<SentHeader>) -> Self {
        Self(self.0.set_in(&["sent", "header"], name, value.into().0))
    }

    /// The notifications that every call must ask for, `email` and `phone`, and no others.
    pub fn sent_notification_type<T: Into<String>>(self, types: impl IntoIterator<Item = T>) -> Self {
        let types: Vec<String> = types.into_iter().map(Into::into).collect();
        Self(self.0.set_in(&["sent"], "notification_type", types))
    }

    /// The statuses that each user's calls met, in this order and no others.
    pub fn statuses(self, statuses: impl IntoIterator<Item = u16>) -> Self {
        self.set("statuses", statuses.into_iter().collect::<Vec<_>>())
    }

    /// The status that the last call must get.
    pub fn ends_with(self, status: u16) -> Self {
        self.set("ends_with", status)
    }

    /// The number of further calls, at most, once a reset took effect and its answer was lost.
    pub fn after_lost(self, most: u64) -> Self {
        self.set("after_lost", json!({ "max": most }))
    }

    /// The number of e-mails to each user, without those that a rule lost.
    pub fn notified_by_email(self, times: impl Into<Times>) -> Self {
        Self(self.0.set_in(&["notified"], "email", times.into().0))
    }

    /// The number of text messages to each user, without those that a rule lost.
    pub fn notified_by_phone(self, times: impl Into<Times>) -> Self {
        Self(self.0.set_in(&["notified"], "phone", times.into().0))
    }

    /// The expectation as a scenario file writes it. One without a name needs one there.
    ///
    /// ```
    /// let expect = wksmock::Expect::from_user("0001").named("gives up").calls(..=3);
    /// assert_eq!(expect.to_json(), r#"{"name":"gives up","when":{"user":"0001"},"calls":{"max":3}}"#);
    /// ```
    #[must_use]
    pub fn to_json(&self) -> String {
        self.value(None).to_string()
    }

    /// The same with a name, if it has none.
    pub(super) fn value(&self, name: Option<&str>) -> Value {
        self.0.value(name)
    }

    /// The expectation for the users of one project: a user who is named must be one of them.
    pub(super) fn of_project(mut self, id: &str) -> Self {
        if self.0.when.contains_key("user") {
            self.0.when.entry("project").or_insert_with(|| json!(id));
        }
        self
    }

    fn when(self, field: &str, value: impl Into<Value>) -> Self {
        Self(self.0.when(field, value))
    }

    fn set(self, field: &str, value: impl Into<Value>) -> Self {
        Self(self.0.set(field, value))
    }
}

impl fmt::Display for Expect {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.to_json())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::{EXPECT_WHEN, EXPECTATION_KINDS};
    use serde_json::Map;

    #[test]
    fn every_kind_and_condition_has_a_method() {
        let all = Expect::from_user("u")
            .project("p")
            .account("a")
            .operation("o")
            .calls(1)
            .gap(Duration::ZERO..)
            .growing_backoff()
            .sent_header("X-A", true)
            .sent_notification_type(["email"])
            .statuses([200])
            .ends_with(200)
            .after_lost(0)
            .notified_by_email(1..)
            .notified_by_phone(..=2);
        let has = |object: &Map<String, Value>, fields: &[&str]| fields.iter().all(|field| object.contains_key(*field));
        assert!(has(&all.0.when, EXPECT_WHEN.known), "{all}");
        assert!(has(&all.0.fields, &EXPECTATION_KINDS.map(|kind| kind.field)), "{all}");
        assert_eq!(all.0.fields["sent"], json!({ "header": { "X-A": true }, "notification_type": ["email"] }));
        assert_eq!(all.0.fields["notified"], json!({ "email": { "min": 1 }, "phone": { "max": 2 } }));
    }
}
