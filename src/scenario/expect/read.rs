//! Reads expectations, of a scenario file or of a body that asks for a verdict.

use super::kind::{ExpectationKind, Requirement};
use super::{after_lost, backoff, calls, ends_with, gap_ms, notified, sent, statuses};
use crate::contract::{Operation, Subject};
use crate::diagnostics::{Array, Document, Fields, Problem, Problems, Source, Text, Value, Vocabulary, span_of};
use crate::fixture::Loaded;
use crate::ids::AccountIndex;
use crate::limits::Limits;
use crate::scenario::conditions::operation;
use crate::scenario::names::{Names, checked_name};
use crate::scenario::target::{Known, accounts, targets};
use crate::scenario::{RuleLabel, Targets};
use std::sync::Arc;

/// One entry of a scenario's `expect`.
#[derive(Debug)]
pub(crate) struct Expectation {
    pub(crate) label: Arc<RuleLabel>,
    /// The users to judge. Named ones are judged even without calls, others only if they called.
    pub(crate) targets: Targets,
    /// The accounts whose calls of a user are judged, or the accounts that are judged, even without calls, if calls are
    /// counted by account; empty for all.
    pub(crate) accounts: Vec<AccountIndex>,
    pub(crate) operation: Operation,
    /// In the order in which they are shown; at least one.
    pub(crate) requirements: Vec<Box<dyn Requirement>>,
}

impl Expectation {
    /// Whether it looks at the calls of some accounts among those of a user.
    pub(crate) fn is_of_some_calls(&self) -> bool {
        !self.accounts.is_empty() && !self.operation.is_of_accounts()
    }
}

/// The kinds of expectations, in the order in which they are shown.
pub(crate) const KINDS: [ExpectationKind; 8] = [
    calls::CALLS,
    gap_ms::GAP_MS,
    backoff::BACKOFF,
    sent::SENT_KIND,
    statuses::STATUSES,
    ends_with::ENDS_WITH,
    after_lost::AFTER_LOST_KIND,
    notified::NOTIFIED_KIND,
];

/// The fields of an expectation: its name, the calls, and the kinds.
const FIELDS: [&str; KINDS.len() + 2] = {
    let [a, b, c, d, e, f, g, h] = KINDS;
    ["name", "when", a.field, b.field, c.field, d.field, e.field, f.field, g.field, h.field]
};

pub(crate) const EXPECTATION: Vocabulary = Vocabulary {
    what: "an expectation",
    known: &FIELDS,
    examples: &[
        ("a number of calls", r#"{ "name": "retries", "calls": { "min": 3, "max": 5 }, "ends_with": 200 }"#),
        ("pauses between calls", r#"{ "name": "waits", "gap_ms": { "min": 1000 }, "backoff": "growing" }"#),
        ("exact statuses", r#"{ "name": "stops", "statuses": [503, 503, 200] }"#),
        ("no repeat of a lost reset", r#"{ "name": "does not repeat", "after_lost": { "max": 0 } }"#),
        ("a header field of every call", r#"{ "name": "traces", "sent": { "header": { "X-Request-Id": true } } }"#),
        ("a message to the user", r#"{ "name": "notifies", "notified": { "email": { "min": 1, "max": 1 } } }"#),
    ],
};
pub(crate) const EXPECT_WHEN: Vocabulary = Vocabulary {
    what: "`when` of an expectation",
    known: &["project", "user", "account", "operation"],
    examples: &[("a user", r#"{ "user": "alice" }"#), ("an operation", r#"{ "operation": "ResetRandomPassword" }"#)],
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
    let when = if fields.value("when").is_none() {
        Some(When::default())
    } else {
        let when = fields.object("when", &EXPECT_WHEN, problems);
        when.and_then(|when| When::read(&when, loaded, problems))
    };
    let (mut requirements, mut about_resets) = (Vec::new(), None);
    for kind in &KINDS {
        let read = (kind.read)(&fields, problems);
        about_resets = about_resets.or(read.iter().any(|one| one.is_about_resets()).then_some(kind.field));
        requirements.extend(read);
    }
    if let (Some(when), Some(field)) = (&when, about_resets)
        && when.operation.subject != Subject::User
    {
        let at = fields.location(fields.opening_of(field));
        let what = format!("`{field}` does not apply to {}", when.operation.id);
        problems.push(Problem::new(what, at, "it applies to password resets only"));
    }
    let expects = KINDS.iter().any(|kind| fields.value(kind.field).is_some());
    if !expects && problems.count() == before {
        let expected = format!("expected one of {}", KINDS.map(|kind| kind.field).join(", "));
        let at = fields.location(fields.opening());
        problems.push(Problem::new("an expectation without a condition", at, expected));
    }
    let When { targets, accounts, operation } = when?;
    let label = Arc::new(RuleLabel { name: name?.value.to_owned(), place });
    (problems.count() == before).then_some(Expectation { label, targets, accounts, operation, requirements })
}

/// Which calls are judged.
struct When {
    targets: Targets,
    accounts: Vec<AccountIndex>,
    operation: Operation,
}

impl Default for When {
    fn default() -> Self {
        Self { targets: Targets::Everyone, accounts: Vec::new(), operation: Operation::ResetRandomPassword }
    }
}

impl When {
    /// Reads each field; every problem is kept. Where calls are counted by account, accounts are judged.
    fn read(when: &Fields<'_>, loaded: &Loaded, problems: &mut Problems) -> Option<Self> {
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

fn asked_operation(id: Option<&Text<'_>>) -> Result<Operation, Box<Problem>> {
    id.map_or(Ok(Operation::ResetRandomPassword), operation)
}
