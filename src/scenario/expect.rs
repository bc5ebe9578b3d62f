//! Reads expectations, of a scenario file or of a body that asks for a verdict.

use super::conditions::operation;
use super::names::{Names, checked_name};
use super::sequence::{FINAL_STATUSES, status};
use super::target::{Known, accounts, targets};
use super::{Bounds, Condition, Expectation, RuleLabel, Sent, Targets};
use crate::contract::{NotificationType, Operation, RESET_RANDOM_PASSWORD, Subject, is_token};
use crate::diagnostics::{
    Array, Document, Fields, Location, Problem, Problems, Source, Text, Value, Vocabulary, nearest, shown, span_of,
};
use crate::fixture::Loaded;
use crate::ids::AccountIndex;
use crate::limits::Limits;
use crate::redact::is_secret;
use std::sync::Arc;

pub(crate) const EXPECTATION: Vocabulary = Vocabulary {
    what: "an expectation",
    known: &["name", "when", "calls", "gap_ms", "backoff", "sent", "statuses", "ends_with", "after_lost", "notified"],
    examples: &[
        ("a number of calls", r#"{ "name": "retries", "calls": { "min": 3, "max": 5 }, "ends_with": 200 }"#),
        ("pauses between calls", r#"{ "name": "waits", "gap_ms": { "min": 1000 }, "backoff": "growing" }"#),
        ("exact statuses", r#"{ "name": "stops", "statuses": [503, 503, 200] }"#),
        ("no repeat of a lost reset", r#"{ "name": "does not repeat", "after_lost": { "max": 0 } }"#),
        ("a header field of every call", r#"{ "name": "traces", "sent": { "header": { "X-Request-Id": true } } }"#),
        ("a message to the user", r#"{ "name": "notifies", "notified": { "email": { "min": 1, "max": 1 } } }"#),
    ],
};
pub(crate) const WHEN: Vocabulary = Vocabulary {
    what: "`when` of an expectation",
    known: &["project", "user", "account", "operation"],
    examples: &[("a user", r#"{ "user": "alice" }"#), ("an operation", r#"{ "operation": "ResetRandomPassword" }"#)],
};
pub(crate) const BOUNDS: Vocabulary = Vocabulary {
    what: "bounds",
    known: &["min", "max"],
    examples: &[("from and to", r#"{ "min": 1, "max": 3 }"#), ("at most", r#"{ "max": 3 }"#)],
};
pub(crate) const AFTER_LOST: Vocabulary =
    Vocabulary { what: "`after_lost`", known: &["max"], examples: &[("no further call", r#"{ "max": 0 }"#)] };
pub(crate) const NOTIFIED: Vocabulary = Vocabulary {
    what: "`notified`",
    known: &["email", "phone"],
    examples: &[("an e-mail", r#"{ "email": { "min": 1 } }"#)],
};
pub(crate) const SENT: Vocabulary = Vocabulary {
    what: "`sent`",
    known: &["header", "notification_type"],
    examples: &[
        ("a header field", r#"{ "header": { "X-Request-Id": true } }"#),
        ("a notification type", r#"{ "notification_type": ["email"] }"#),
    ],
};

/// Reads the expectations of a list. Every problem is kept.
pub(crate) fn expectations(
    document: &Document<'_>,
    written: &Array<'_>,
    loaded: &Loaded,
    names: &mut Names,
    limits: &Limits,
    problems: &mut Problems,
) -> Vec<Arc<Expectation>> {
    if !written.has_at_most(limits.expectations_max, "expectations", problems) {
        return Vec::new();
    }
    let mut cursor = document.source.cursor();
    let mut read = Vec::with_capacity(written.elements.len());
    for value in written.elements {
        let place = format!("{}:{}", document.source.name(), cursor.advance_to(span_of(value).start));
        read.extend(expectation(document.source, value, place, loaded, names, problems).map(Arc::new));
    }
    read
}

fn expectation(
    source: &Arc<Source>,
    value: &Value<'_>,
    place: String,
    loaded: &Loaded,
    names: &mut Names,
    problems: &mut Problems,
) -> Option<Expectation> {
    let before = problems.count();
    let fields = Fields::open(source, value, &EXPECTATION, problems)?;
    let name = problems.keep(fields.required_text("name"));
    if let Some(name) = &name {
        let taken = checked_name(name).and_then(|checked| names.take_expectation(checked, name.location()));
        problems.keep(taken);
    }
    let when = match fields.value("when") {
        None => Some(When::default()),
        Some(when) => Fields::open(source, when, &WHEN, problems).and_then(|when| When::of(&when, loaded, problems)),
    };
    let conditions = conditions(source, &fields, problems);
    if let Some(when) = &when
        && when.operation.subject != Subject::User
        && let Some(field) = conditions.iter().find(|condition| condition.is_of_users()).map(Condition::field)
    {
        let at = fields.location(fields.opening_of(field));
        let what = format!("`{field}` does not apply to {}", when.operation.id);
        problems.push(Problem::new(what, at, "it applies to password resets only"));
    }
    let expects = EXPECTATION.known.iter().skip(2).any(|name| fields.value(name).is_some());
    if !expects && problems.count() == before {
        let expected = format!("expected one of {}", EXPECTATION.known.get(2..).unwrap_or_default().join(", "));
        let problem = Problem::new("an expectation without a condition", fields.location(fields.opening()), expected);
        problems.push(problem);
    }
    let When { targets, accounts, operation } = when?;
    let label = Arc::new(RuleLabel { name: name?.value.to_owned(), place });
    (problems.count() == before).then_some(Expectation { label, targets, accounts, operation, conditions })
}

/// Whose calls are judged, and of what.
struct When {
    targets: Targets,
    accounts: Vec<AccountIndex>,
    operation: &'static Operation,
}

impl Default for When {
    fn default() -> Self {
        Self { targets: Targets::Everyone, accounts: Vec::new(), operation: &RESET_RANDOM_PASSWORD }
    }
}

impl When {
    /// Takes each field; every problem is kept. Where calls are counted of accounts, those are who is judged.
    fn of(when: &Fields<'_>, loaded: &Loaded, problems: &mut Problems) -> Option<Self> {
        let projects = problems.keep(when.one_or_more_texts("project"));
        let users = problems.keep(when.one_or_more_texts("user"));
        let named = problems.keep(when.one_or_more_texts("account"));
        let operation = problems.keep(when.text("operation").and_then(|id| asked_operation(id.as_ref())));
        let named = named?.unwrap_or_default();
        let accounts = accounts(&named, loaded, problems);
        let (projects, users) = (projects?, users?);
        if let Some(operation) = operation.filter(|operation| operation.is_of_accounts()) {
            if let Some(name) = projects.iter().chain(&users).flatten().next() {
                let what = format!("`project` and `user` do not apply to {}", operation.id);
                problems.push(Problem::new(what, name.location(), "use `account`, or omit the field to match all"));
                return None;
            }
            return Some(Self { targets: Targets::Everyone, accounts: accounts?, operation });
        }
        let targets = targets(projects.as_deref(), users.as_deref(), Known::loaded(loaded), problems);
        Some(Self { targets: targets?, accounts: accounts?, operation: operation? })
    }
}

fn asked_operation(id: Option<&Text<'_>>) -> Result<&'static Operation, Box<Problem>> {
    id.map_or(Ok(&RESET_RANDOM_PASSWORD), operation)
}

/// The conditions that are given, each of which is right.
fn conditions(source: &Arc<Source>, fields: &Fields<'_>, problems: &mut Problems) -> Vec<Condition> {
    let mut found = Vec::new();
    found.extend(bounds(source, fields, "calls", problems).map(Condition::Calls));
    found.extend(bounds(source, fields, "gap_ms", problems).map(Condition::GapMs));
    found.extend(problems.keep(backoff(fields)).flatten());
    found.extend(sent(source, fields, problems));
    found.extend(statuses(fields, problems));
    let ends_with = problems.keep(fields.whole_number("ends_with", FINAL_STATUSES)).flatten();
    found.extend(ends_with.map(|status| Condition::EndsWith(narrow(status))));
    found.extend(after_lost(source, fields, problems));
    found.extend(notified(source, fields, problems));
    found
}

fn notified(source: &Arc<Source>, fields: &Fields<'_>, problems: &mut Problems) -> Vec<Condition> {
    let written = fields.value("notified").and_then(|value| Fields::open(source, value, &NOTIFIED, problems));
    let Some(written) = written else {
        return Vec::new();
    };
    if written.is_empty() {
        let at = written.location(written.opening());
        problems.push(Problem::new("`notified` is empty", at, "expected `email`, `phone` or both"));
    }
    let kinds = NotificationType::ALL.into_iter();
    let mut bounds = |kind: NotificationType| bounds(source, &written, kind.name(), problems);
    kinds.filter_map(|kind| Some(Condition::Notified(kind, bounds(kind)?))).collect()
}

fn bounds(source: &Arc<Source>, fields: &Fields<'_>, name: &str, problems: &mut Problems) -> Option<Bounds> {
    let before = problems.count();
    let written = Fields::open(source, fields.value(name)?, &BOUNDS, problems)?;
    let [min, max] = ["min", "max"].map(|end| problems.keep(written.whole_number(end, 0..=u64::MAX)).flatten());
    let at = |name| written.location(written.span(name));
    if written.is_empty() {
        let what = format!("`{name}` has no bounds");
        problems.push(Problem::new(what, written.location(written.opening()), "expected `min`, `max` or both"));
    }
    if let (Some(min), Some(max)) = (min, max)
        && min > max
    {
        let expected = format!("expected at most {max}, the value of `max`");
        let problem = Problem::new(format!("`min` is {min}"), at("min"), expected);
        problems.push(problem.also(at("max"), "the lower `max`"));
    }
    (problems.count() == before).then_some(Bounds { min, max })
}

fn backoff(fields: &Fields<'_>) -> Result<Option<Condition>, Box<Problem>> {
    match fields.text("backoff")? {
        None => Ok(None),
        Some(text) if text.value == "growing" => Ok(Some(Condition::BackoffGrowing)),
        Some(text) => {
            let what = format!("unknown `backoff` {:?}", shown(text.value));
            Err(Problem::new(what, text.location(), "expected \"growing\"").boxed())
        }
    }
}

fn sent(source: &Arc<Source>, fields: &Fields<'_>, problems: &mut Problems) -> Vec<Condition> {
    let before = problems.count();
    let written = fields.value("sent").and_then(|value| Fields::open(source, value, &SENT, problems));
    let Some(written) = written else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for (name, value) in problems.keep(written.map("header")).unwrap_or_default() {
        let header = problems.keep(header(&name, value));
        found.extend(header.map(|header| Condition::SentHeader(name.value.to_ascii_lowercase().into(), header)));
    }
    if let Some(types) = problems.keep(written.array("notification_type")).flatten() {
        let types = types.elements.iter().filter_map(|value| problems.keep(notification_type(&written, value)));
        found.push(Condition::SentNotifications(types.collect()));
    }
    if found.is_empty() && problems.count() == before {
        let at = written.location(written.opening());
        problems.push(Problem::new("`sent` is empty", at, "expected `header` or `notification_type`"));
    }
    found
}

/// What a header field must be. Of secrets only it is known whether they were there.
fn header(name: &Text<'_>, value: &Value<'_>) -> Result<Sent, Box<Problem>> {
    if !is_token(name.value) {
        let expected = "expected letters, digits and !#$%&'*+-.^_`|~";
        return Err(Problem::new(
            format!("`{}` is not a valid header name", shown(name.value)),
            name.location(),
            expected,
        )
        .boxed());
    }
    let at = Location::new(name.source, span_of(value));
    match value {
        Value::BooleanLit(boolean) => Ok(if boolean.value { Sent::There } else { Sent::Absent }),
        Value::StringLit(_) if is_secret(&name.value.to_ascii_lowercase()) => {
            let what = format!("the value of `{}` is a secret", shown(name.value));
            let problem = Problem::new(what, at, "expected true or false: the journal does not keep the value");
            Err(problem.boxed())
        }
        Value::StringLit(text) => Ok(Sent::Value(text.value.as_ref().into())),
        _ => Err(Problem::new(
            "invalid expectation for a header field",
            at,
            "expected true if the field must be present, false if it must be absent, or its value",
        )
        .boxed()),
    }
}

fn notification_type(fields: &Fields<'_>, value: &Value<'_>) -> Result<NotificationType, Box<Problem>> {
    let written = match value {
        Value::StringLit(text) => text.value.as_ref(),
        _ => "",
    };
    let found = NotificationType::ALL.into_iter().find(|one| one.name() == written);
    found.ok_or_else(|| {
        let names = NotificationType::ALL.map(NotificationType::name);
        let at = fields.location(span_of(value));
        let problem = Problem::new("invalid notification type", at, format!("expected {}", names.join(" or ")));
        match nearest(written, names) {
            Some(meant) => problem.hint(format!("did you mean \"{meant}\"?")),
            None => problem,
        }
        .boxed()
    })
}

fn statuses(fields: &Fields<'_>, problems: &mut Problems) -> Option<Condition> {
    let written = problems.keep(fields.array("statuses")).flatten()?;
    if written.elements.is_empty() {
        let at = fields.location(written.span.clone());
        let problem = Problem::new("empty list of statuses", at, "expected at least one item");
        problems.push(problem.hint("to expect no call, write {\"calls\": {\"max\": 0}}"));
    }
    let statuses = written.elements.iter().filter_map(|value| problems.keep(status(fields, value)));
    Some(Condition::Statuses(statuses.map(|(status, _)| status).collect()))
}

fn after_lost(source: &Arc<Source>, fields: &Fields<'_>, problems: &mut Problems) -> Option<Condition> {
    let written = Fields::open(source, fields.value("after_lost")?, &AFTER_LOST, problems)?;
    problems.keep(written.required_number("max", 0..=u64::MAX)).map(Condition::AfterLost)
}

fn narrow(status: u64) -> u16 {
    u16::try_from(status).unwrap_or(u16::MAX)
}
