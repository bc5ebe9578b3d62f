//! Reads expectations, of a scenario file or of a body that asks for a verdict.

use super::conditions::operation;
use super::entry::{Names, checked_name};
use super::load::has_room;
use super::status::FINAL;
use super::target::{Known, accounts, targets};
use super::{Bounds, Condition, Expectation, RuleLabel, Sent, Targets};
use crate::contract::{NotificationType, Operation, RESET_RANDOM_PASSWORD, Subject, is_secret, is_token};
use crate::fixture::{ACCOUNTS, Loaded, UserKey};
use crate::limits::Limits;
use crate::source::{
    Array, Document, Fields, Location, Problem, Problems, Source, Text, Value, Vocabulary, nearest, span_of,
};
use std::sync::Arc;

pub(crate) const EXPECTATION: Vocabulary = Vocabulary {
    what: "an expectation",
    known: &["name", "when", "calls", "gap_ms", "backoff", "sent", "statuses", "ends_with", "after_lost", "notified"],
};
pub(crate) const WHEN: Vocabulary =
    Vocabulary { what: "`when` of an expectation", known: &["project", "user", "account", "operation"] };
pub(crate) const BOUNDS: Vocabulary = Vocabulary { what: "bounds", known: &["min", "max"] };
pub(crate) const AFTER_LOST: Vocabulary = Vocabulary { what: "`after_lost`", known: &["max"] };
pub(crate) const NOTIFIED: Vocabulary = Vocabulary { what: "`notified`", known: &["email", "phone"] };
pub(crate) const SENT: Vocabulary = Vocabulary { what: "`sent`", known: &["header", "notification_type"] };

/// Reads the expectations of a list. Every problem is kept.
pub(crate) fn expectations(
    document: &Document<'_>,
    written: &Array<'_>,
    loaded: &Loaded,
    names: &mut Names,
    limits: &Limits,
    problems: &mut Problems,
) -> Vec<Arc<Expectation>> {
    if !has_room(document, written, limits.expectations_max, "expectations", problems) {
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
    let fields = problems.keep(Fields::of(source, value, &EXPECTATION))?;
    let name = problems.keep(fields.required_text("name"))?;
    let taken = checked_name(&name).and_then(|checked| names.take_expectation(checked, name.location()));
    problems.keep(taken);
    let when = match fields.value("when") {
        None => Some(When::default()),
        Some(when) => problems.keep(Fields::of(source, when, &WHEN)).and_then(|when| When::of(&when, loaded, problems)),
    };
    let conditions = conditions(source, &fields, problems);
    if let Some(when) = &when
        && when.operation.subject != Subject::User
        && let Some(field) = conditions.iter().find(|condition| condition.is_of_users()).map(Condition::field)
    {
        let at = fields.location(fields.opening_of(field));
        let what = format!("`{field}` of {}", when.operation.id);
        problems.push(Problem::new(what, at, "expected none: it is about the reset of a password"));
    }
    if conditions.is_empty() && problems.count() == before {
        let expected = format!("expected one of {}", EXPECTATION.known.get(2..).unwrap_or_default().join(", "));
        let problem = Problem::new("an expectation that expects nothing", fields.location(fields.opening()), expected);
        problems.push(problem);
    }
    let When { targets, accounts, operation } = when?;
    let label = Arc::new(RuleLabel { name: name.value.to_owned(), place });
    (problems.count() == before).then_some(Expectation { label, targets, accounts, operation, conditions })
}

/// Whose calls are judged, and of what.
struct When {
    targets: Targets,
    accounts: Vec<u32>,
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
        let is_of_accounts = |operation: &&Operation| matches!(operation.subject, Subject::Caller | Subject::Project);
        let of_accounts = operation.filter(is_of_accounts);
        if let Some(operation) = of_accounts {
            if let Some(name) = projects.iter().chain(&users).flatten().next() {
                let what = format!("a project or user beside {}, which has none", operation.id);
                problems.push(Problem::new(what, name.location(), "expected an `account`, or none for all"));
                return None;
            }
            let key = |user: u32| UserKey { project: ACCOUNTS, user };
            let keys: Vec<_> = accounts?.into_iter().map(key).collect();
            let targets = if keys.is_empty() { Targets::Everyone } else { Targets::Users(keys) };
            return Some(Self { targets, accounts: Vec::new(), operation });
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
    let read = [
        bounds(source, fields, "calls").map(|bounds| bounds.map(Condition::Calls)),
        bounds(source, fields, "gap_ms").map(|bounds| bounds.map(Condition::GapMs)),
        backoff(fields),
    ];
    let mut found: Vec<_> = read.into_iter().filter_map(|read| problems.keep(read)?).collect();
    found.extend(problems.keep(sent(source, fields)).unwrap_or_default());
    let read = [
        statuses(fields),
        fields.whole_number("ends_with", FINAL).map(|status| status.map(|status| Condition::EndsWith(narrow(status)))),
        after_lost(source, fields),
    ];
    found.extend(read.into_iter().filter_map(|read| problems.keep(read)?));
    found.extend(problems.keep(notified(source, fields)).unwrap_or_default());
    found
}

fn notified(source: &Arc<Source>, fields: &Fields<'_>) -> Result<Vec<Condition>, Box<Problem>> {
    let Some(value) = fields.value("notified") else {
        return Ok(Vec::new());
    };
    let written = Fields::of(source, value, &NOTIFIED)?;
    let mut found = Vec::new();
    for kind in NotificationType::ALL {
        found.extend(bounds(source, &written, kind.name())?.map(|bounds| Condition::Notified(kind, bounds)));
    }
    if found.is_empty() {
        let at = written.location(written.opening());
        return Err(Problem::new("`notified` says nothing", at, "expected `email`, `phone` or both").boxed());
    }
    Ok(found)
}

fn bounds(source: &Arc<Source>, fields: &Fields<'_>, name: &str) -> Result<Option<Bounds>, Box<Problem>> {
    let Some(value) = fields.value(name) else {
        return Ok(None);
    };
    let written = Fields::of(source, value, &BOUNDS)?;
    let end = |end| written.whole_number(end, 0..=u64::MAX);
    let (min, max) = (end("min")?, end("max")?);
    let at = |name| written.location(written.span(name));
    match (min, max) {
        (None, None) => Err(Problem::new(
            format!("`{name}` without bounds"),
            written.location(written.opening()),
            "expected `min`, `max` or both",
        )
        .boxed()),
        (Some(min), Some(max)) if min > max => {
            let problem = Problem::new(format!("`min` is {min}"), at("min"), format!("expected at most `max`, {max}"));
            Err(problem.also(at("max"), "the lower `max`").boxed())
        }
        _ => Ok(Some(Bounds { min, max })),
    }
}

fn backoff(fields: &Fields<'_>) -> Result<Option<Condition>, Box<Problem>> {
    match fields.text("backoff")? {
        None => Ok(None),
        Some(text) if text.value == "growing" => Ok(Some(Condition::BackoffGrowing)),
        Some(text) => {
            let what = format!("unknown `backoff` {:?}", text.value);
            Err(Problem::new(what, text.location(), "expected \"growing\"").boxed())
        }
    }
}

fn sent(source: &Arc<Source>, fields: &Fields<'_>) -> Result<Vec<Condition>, Box<Problem>> {
    let Some(value) = fields.value("sent") else {
        return Ok(Vec::new());
    };
    let written = Fields::of(source, value, &SENT)?;
    let mut found = Vec::new();
    for (name, value) in written.map("header")? {
        found.push(Condition::SentHeader(name.value.to_ascii_lowercase().into(), header(&name, value)?));
    }
    if let Some(types) = written.array("notification_type")? {
        let types = types.elements.iter().map(|value| notification_type(&written, value));
        found.push(Condition::SentNotifications(types.collect::<Result<_, _>>()?));
    }
    if found.is_empty() {
        let at = written.location(written.opening());
        return Err(Problem::new("`sent` says nothing", at, "expected `header` or `notification_type`").boxed());
    }
    Ok(found)
}

/// What a header field must be. Of secrets only it is known whether they were there.
fn header(name: &Text<'_>, value: &Value<'_>) -> Result<Sent, Box<Problem>> {
    if !is_token(name.value) {
        let expected = "expected letters, digits and !#$%&'*+-.^_`|~";
        return Err(Problem::new(format!("`{}` is no header name", name.value), name.location(), expected).boxed());
    }
    let at = Location::new(name.source, span_of(value));
    match value {
        Value::BooleanLit(boolean) => Ok(if boolean.value { Sent::There } else { Sent::Absent }),
        Value::StringLit(_) if is_secret(&name.value.to_ascii_lowercase()) => {
            let what = format!("a value for `{}`, which is a secret", name.value);
            let problem = Problem::new(what, at, "expected true or false: the journal does not keep its value");
            Err(problem.boxed())
        }
        Value::StringLit(text) => Ok(Sent::Value(text.value.as_ref().into())),
        _ => Err(Problem::new(
            "this says nothing about a header field",
            at,
            "expected true if the field must be there, false if it must not, or its value",
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
        let problem = Problem::new("this is no notification type", at, format!("expected {}", names.join(" or ")));
        match nearest(written, names) {
            Some(meant) => problem.hint(format!("did you mean \"{meant}\"?")),
            None => problem,
        }
        .boxed()
    })
}

fn statuses(fields: &Fields<'_>) -> Result<Option<Condition>, Box<Problem>> {
    let Some(written) = fields.array("statuses")? else {
        return Ok(None);
    };
    if written.elements.is_empty() {
        let at = fields.location(written.span);
        let problem = Problem::new("an empty list of statuses", at, "expected at least one");
        return Err(problem.hint("that nothing is called is {\"calls\": {\"max\": 0}}").boxed());
    }
    let statuses = written.elements.iter().map(|value| super::sequence::status(fields, value).map(|(one, _)| one));
    statuses.collect::<Result<_, _>>().map(|statuses| Some(Condition::Statuses(statuses)))
}

fn after_lost(source: &Arc<Source>, fields: &Fields<'_>) -> Result<Option<Condition>, Box<Problem>> {
    let Some(value) = fields.value("after_lost") else {
        return Ok(None);
    };
    let written = Fields::of(source, value, &AFTER_LOST)?;
    let max = written.whole_number("max", 0..=u64::MAX)?.ok_or_else(|| written.missing("max"))?;
    Ok(Some(Condition::AfterLost(max)))
}

fn narrow(status: u64) -> u16 {
    u16::try_from(status).unwrap_or(u16::MAX)
}
