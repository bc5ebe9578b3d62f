//! Reads one rule of a scenario file, and an override.

use super::conditions::scripted;
use super::delay::RawDelay;
use super::names::checked_name;
use super::phase;
use super::sequence::{FINAL_STATUSES, STATUSES_MAX};
use super::target::{Known, targets};
use super::{Calls, Conditions, Fault, Rule, RuleLabel, StatusFacet};
use crate::contract::{Operation, Scripted, Subject};
use crate::diagnostics::{Document, Fields, Location, Problem, Problems, Source, Text, Value, Vocabulary};
use crate::limits::Limits;
use std::sync::Arc;

/// The fields of a rule, with those that only some have behind `when`.
macro_rules! fields {
    ($($more:literal)?) => {
        &[
            "name", "when", $($more,)? "status", "sequence", "then", "delay", "fault", "phase", "error", "headers",
            "undocumented", "body",
        ]
    };
}
pub(crate) const RULE: Vocabulary = Vocabulary {
    what: "a rule",
    known: fields!(),
    examples: &[
        ("fail the first calls", r#"{ "name": "outage", "when": { "calls": "1-2" }, "status": 503 }"#),
        ("fail some calls by chance", r#"{ "name": "rare failure", "when": { "chance": 0.1 }, "status": 500 }"#),
        ("a status for each call", r#"{ "name": "script", "sequence": [503, 500, 200], "then": "restart" }"#),
        (
            "fail and say when to retry",
            r#"{ "name": "retry later", "status": 503, "headers": { "Retry-After": "1" } }"#,
        ),
        ("answer late", r#"{ "name": "slow", "delay": { "fixed_ms": 500 } }"#),
        ("lose the answer after the reset", r#"{ "name": "lost", "fault": "reset", "phase": "after" }"#),
    ],
};
const OVERRIDE: Vocabulary = Vocabulary {
    what: "an override",
    known: fields!("next"),
    examples: &[("", r#"{ "when": { "user": "alice" }, "status": 503 }"#)],
};
/// The status of a rejected token.
const UNAUTHORIZED: u64 = 401;
/// The largest `next`.
pub(crate) const NEXT_MAX: u64 = 1_000_000_000;
pub(crate) const WHEN: Vocabulary = Vocabulary {
    what: "`when`",
    known: &["project", "user", "account", "operation", "calls", "chance", "time_ms", "header", "query", "token_calls"],
    examples: &[
        ("some calls of a user", r#"{ "user": "alice", "calls": "1-2" }"#),
        ("by chance", r#"{ "chance": 0.1 }"#),
        ("for a time", r#"{ "time_ms": [30000, 60000] }"#),
        ("with a header field", r#"{ "header": { "X-Canary": "yes" } }"#),
        ("with a query parameter", r#"{ "query": { "notification_type": "email" } }"#),
        ("of an operation", r#"{ "operation": "ResetRandomPassword" }"#),
    ],
};

/// A rule as a file writes it. A field of a wrong type counts as absent.
pub(super) struct RawRule<'v> {
    fields: Fields<'v>,
    when: Option<Fields<'v>>,
    pub(super) name: Option<Text<'v>>,
    /// Whether a field may be misspelt. Other errors in the rule are still reported.
    is_wrong: bool,
}

impl<'v> RawRule<'v> {
    /// Opens a rule of a file or an override, if it is an object. Every problem is kept.
    pub(super) fn open(
        source: &'v Arc<Source>,
        value: &'v Value<'v>,
        vocabulary: &'static Vocabulary,
        problems: &mut Problems,
    ) -> Option<Self> {
        let before = problems.count();
        let fields = Fields::open(source, value, vocabulary, problems)?;
        let when = fields.object("when", &WHEN, problems);
        let name = problems.keep(fields.text("name")).flatten();
        Some(Self { fields, when, name, is_wrong: problems.count() > before })
    }

    /// The problem of a rule without a name. A wrong name has been reported.
    pub(super) fn missing_name(&self) -> Option<Box<Problem>> {
        self.fields.value("name").is_none().then(|| self.fields.missing("name"))
    }

    /// Reads and checks the rule. Every problem is kept.
    pub(super) fn compile(
        &self,
        label: Arc<RuleLabel>,
        known: Known<'_>,
        limits: &Limits,
        problems: &mut Problems,
    ) -> Option<Rule> {
        let (before, fields, when) = (problems.count(), &self.fields, self.when.as_ref());
        let [operation, calls, token_calls] =
            ["operation", "calls", "token_calls"].map(|name| problems.keep(when?.text(name))?);
        let [projects, users] = ["project", "user"].map(|name| problems.keep(when?.one_or_more_texts(name))?);
        let reset = Operation::ResetRandomPassword.into();
        // With an unknown operation, errors in the rest are reported too.
        let operation = operation.and_then(|id| problems.keep(scripted(&id))).unwrap_or(reset);
        problems.keep(self.check_subject(operation, projects.as_deref(), users.as_deref()));
        let targets = targets(projects.as_deref(), users.as_deref(), known, problems);
        let calls = calls.map_or(Some(Calls::default()), |text| problems.keep(Calls::of(&text)));
        let token_calls =
            token_calls.and_then(|text| problems.keep(self.check_token_calls(&text).and_then(|()| Calls::of(&text))));
        let conditions = match when {
            Some(when) => Conditions::read(when, operation, known.loaded, &label.name, problems),
            None => Some(Conditions::default()),
        };
        self.check_sequence(calls.as_ref(), conditions.as_ref(), problems);
        let fault = Fault::read(fields, limits, problems);
        problems.keep(phase::check_facets(fields, fault, self.is_wrong));
        let status = StatusFacet::read(fields, operation, problems);
        if let (Some(fault), Some(status)) = (fault.filter(|fault| fault.spoils_a_body()), &status) {
            problems.keep(status.check_body_for(fault, fields));
        }
        let delay = RawDelay::read(fields, limits, problems);
        let phase = phase::read(fields, status.as_ref(), fault, problems);
        let conditions = conditions.map(|conditions| (!conditions.is_empty()).then(|| Box::new(conditions)));
        if self.is_wrong || problems.count() > before {
            return None;
        }
        Some(Rule {
            operation,
            targets: targets?,
            calls: calls?,
            token_calls,
            turns: None,
            conditions: conditions?,
            status,
            delay: delay.map(|delay| delay.compile(operation, known.loaded.seed, &label.name)),
            fault,
            phase,
            label,
        })
    }
}

impl RawRule<'_> {
    /// Whether `when` has this field.
    fn has_condition(&self, name: &str) -> bool {
        self.when.as_ref().is_some_and(|when| when.value(name).is_some())
    }

    /// Uses of a token are counted before the call, so a rule about them sees nothing else and can only reject the token.
    fn check_token_calls(&self, text: &Text<'_>) -> Result<(), Box<Problem>> {
        let mut conditions = WHEN.known.iter().filter(|name| **name != "token_calls");
        if let Some(other) = conditions.find(|name| self.has_condition(name)) {
            let what = format!("`token_calls` cannot be combined with `{other}`");
            return Err(Problem::new(
                what,
                text.location(),
                "`token_calls` counts uses of a token and takes no other condition",
            )
            .boxed());
        }
        let others = ["sequence", "delay", "fault", "phase", "headers", "undocumented", "body"];
        if let Some(other) = others.into_iter().find(|name| self.fields.value(name).is_some()) {
            let at = self.fields.location(self.fields.opening_of(other));
            let problem = Problem::new(
                format!("`{other}` cannot be combined with `token_calls`"),
                at,
                "`token_calls` takes `status` 401 and an `error` only",
            );
            return Err(problem.boxed());
        }
        // A status that is wrong is reported anyway.
        if let Ok(Some(UNAUTHORIZED)) | Err(_) = self.fields.whole_number("status", FINAL_STATUSES) {
            return Ok(());
        }
        let at = self.fields.location(self.fields.span("status"));
        Err(Problem::new("`token_calls` without `status` 401", at, "expected 401: a rule can only reject the token")
            .boxed())
    }

    /// An operation whose calls are counted by account has no project, user or side effect.
    fn check_subject(
        &self,
        operation: Scripted,
        projects: Option<&[Text<'_>]>,
        users: Option<&[Text<'_>]>,
    ) -> Result<(), Box<Problem>> {
        match operation.subject {
            Subject::User => return Ok(()),
            Subject::Message => return self.check_message(operation),
            Subject::Person | Subject::Project | Subject::Caller => {}
        }
        let named = [("project", projects), ("user", users)];
        let has = |name: &str| match operation.subject {
            Subject::Person => true,
            Subject::Project => name == "project",
            _ => false,
        };
        let mut named = named.into_iter().filter(|(name, _)| !has(name));
        let named = named.find_map(|(name, texts)| Some((name, texts?.first()?.location())));
        if let Some((name, at)) = named {
            let what = format!("`{name}` does not apply to {}", operation.id);
            return Err(
                Problem::new(what, at, "its calls are counted by account: use `account`, or omit the field").boxed()
            );
        }
        match self.fields.text("phase") {
            Ok(Some(phase)) if !operation.changes => {
                let what = format!("`phase` does not apply to {}", operation.id);
                Err(Problem::new(what, phase.location(), "this operation has no side effect").boxed())
            }
            _ => Ok(()),
        }
    }

    /// A message is sent or lost; the request that asked for it does not wait.
    fn check_message(&self, operation: Scripted) -> Result<(), Box<Problem>> {
        let others = ["delay", "fault", "phase", "headers", "undocumented", "body"];
        let Some(other) = others.into_iter().find(|name| self.fields.value(name).is_some()) else {
            return Ok(());
        };
        let at = self.fields.location(self.fields.opening_of(other));
        let expected = "a message takes only a `status` or a `sequence`: it is sent or lost";
        Err(Problem::new(format!("`{other}` does not apply to {}", operation.id), at, expected).boxed())
    }

    /// `next` with users becomes call numbers; without, it is a count.
    fn check_next(&self, at: Location) -> Result<(), Box<Problem>> {
        let beside = |what: &str, expected| {
            Err(Problem::new(format!("`next` cannot be combined with `{what}`"), at, expected).boxed())
        };
        if self.has_condition("token_calls") {
            return beside("token_calls", "use one of the two: `next` counts calls, `token_calls` uses of a token");
        }
        if self.has_condition("calls") {
            return beside("calls", "use one of the two: `next` selects the next call numbers");
        }
        if !self.has_condition("user") && self.fields.value("sequence").is_some() {
            return beside(
                "sequence",
                "expected a `status`, or a `when` with `user`: a sequence follows the calls of one user",
            );
        }
        Ok(())
    }

    /// A sequence gives a status to each call in turn, so each call must have one rank.
    fn check_sequence(&self, calls: Option<&Calls>, conditions: Option<&Conditions>, problems: &mut Problems) {
        if self.fields.value("sequence").is_none() {
            return;
        }
        let at = self.fields.location(self.fields.span("sequence"));
        if let Some(condition) = conditions.and_then(Conditions::beside_a_sequence) {
            let what = format!("`sequence` cannot be combined with `{condition}`");
            let problem = Problem::new(what, at, "a sequence goes by call number, so each of its calls must match");
            problems.push(problem.hint("write one rule with `calls` for each status instead"));
        } else if calls.is_some_and(|calls| !calls.is_counted()) {
            let what = "`sequence` needs `calls` without overlaps";
            problems.push(Problem::new(what, at, "expected ranges that do not overlap, or a single \"*/n\""));
        } else if let Some(calls) = calls {
            problems.keep(self.check_length(calls.rank(u64::MAX)));
        }
    }

    /// Statuses beyond the calls of a sequence would never be used.
    fn check_length(&self, calls: u64) -> Result<(), Box<Problem>> {
        let sequence = self.fields.array("sequence").ok().flatten();
        let length = sequence.map_or(0, |sequence| sequence.elements.len());
        if length as u64 <= calls || length > STATUSES_MAX {
            return Ok(());
        }
        let at = self.fields.location(self.fields.span("sequence"));
        let plural = if calls == 1 { "" } else { "s" };
        let what = format!("`sequence` has {length} statuses for {calls} call{plural}");
        Err(Problem::new(what, at, "expected at most as many statuses as calls: the rest would never be used").boxed())
    }
}

/// A rule that is set at run time.
pub(crate) struct Overriding {
    pub(crate) rule: Rule,
    /// The number of calls from now on that it is for: of each user that it names.
    pub(crate) next: Option<u64>,
    /// Whether it names no user, so that `next` counts the calls of all.
    pub(crate) is_for_anyone: bool,
}

/// Compiles the one rule of an override. Its name, if it has none, is its place.
pub(crate) fn override_rule(
    document: &Document<'_>,
    place: &str,
    known: Known<'_>,
    limits: &Limits,
    problems: &mut Problems,
) -> Option<Overriding> {
    let entry = RawRule::open(document.source, &document.root, &OVERRIDE, problems)?;
    let before = problems.count();
    let next = problems.keep(entry.fields.whole_number("next", 1..=NEXT_MAX)).flatten();
    let is_for_anyone = !entry.has_condition("user");
    if let Some(next) = next {
        problems.keep(entry.check_next(entry.fields.location(entry.fields.opening_of("next"))));
        if !is_for_anyone {
            problems.keep(entry.check_length(next));
        }
    }
    let name = entry.name.as_ref().and_then(|name| problems.keep(checked_name(name)));
    let label = Arc::new(RuleLabel { name: name.unwrap_or(place).to_owned(), place: place.to_owned() });
    let rule = entry.compile(label, known, limits, problems)?;
    (problems.count() == before).then_some(Overriding { rule, next, is_for_anyone })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn override_has_the_fields_of_a_rule_and_next() {
        let but_next: Vec<_> = OVERRIDE.known.iter().filter(|name| **name != "next").collect();
        assert!(but_next.into_iter().eq(RULE.known));
    }
}
