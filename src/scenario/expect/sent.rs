//! `sent`: what every call must contain.

use super::kind::{ExpectationKind, Shape};
use super::{Case, Miss, Requirement};
use crate::contract::NotificationType;
use crate::diagnostics::{Fields, Location, Problem, Problems, Text, Value, Vocabulary, nearest, shown, span_of};
use crate::redact::is_secret;
use crate::scenario::header_name::check_header_name;

pub(super) const SENT_KIND: ExpectationKind =
    ExpectationKind { field: "sent", description: "What every call must contain.", read, shape: Shape::Sent };

pub(crate) const SENT: Vocabulary = Vocabulary {
    what: "`sent`",
    known: &["header", "notification_type"],
    examples: &[
        ("a header field", r#"{ "header": { "X-Request-Id": true } }"#),
        ("a notification type", r#"{ "notification_type": ["email"] }"#),
    ],
};

/// Whether a field is present, or its value.
#[derive(Debug)]
enum Presence {
    There(bool),
    Value(String),
}

/// Every call has a header field, or has it not. The name is in lower case.
#[derive(Debug)]
struct SentHeader(String, Presence);

/// Every call asks for these notifications and no others.
#[derive(Debug)]
struct SentNotifications(Vec<NotificationType>);

fn read(fields: &Fields<'_>, problems: &mut Problems) -> Vec<Box<dyn Requirement>> {
    let before = problems.count();
    let Some(sent) = fields.object(SENT_KIND.field, &SENT, problems) else {
        return Vec::new();
    };
    let mut found: Vec<Box<dyn Requirement>> = Vec::new();
    for (name, value) in problems.keep(sent.map("header")).unwrap_or_default() {
        if let Some(presence) = problems.keep(presence(&name, value)) {
            found.push(Box::new(SentHeader(name.value.to_ascii_lowercase(), presence)));
        }
    }
    if let Some(types) = problems.keep(sent.array("notification_type")).flatten() {
        let types = types.elements.iter().filter_map(|value| problems.keep(notification_type(&sent, value)));
        found.push(Box::new(SentNotifications(types.collect())));
    }
    if found.is_empty() && problems.count() == before {
        let at = sent.location(sent.opening());
        problems.push(Problem::new("`sent` is empty", at, "expected `header` or `notification_type`"));
    }
    found
}

/// Reads the requirement on a header field. The journal does not keep the values of secrets.
fn presence(name: &Text<'_>, value: &Value<'_>) -> Result<Presence, Box<Problem>> {
    check_header_name(name)?;
    let at = Location::new(name.source, span_of(value));
    match value {
        Value::BooleanLit(boolean) => Ok(Presence::There(boolean.value)),
        Value::StringLit(_) if is_secret(&name.value.to_ascii_lowercase()) => {
            let what = format!("the value of `{}` is a secret", shown(name.value));
            Err(Problem::new(what, at, "expected true or false: the journal does not keep the value").boxed())
        }
        Value::StringLit(text) => Ok(Presence::Value(text.value.clone().into_owned())),
        _ => Err(Problem::new(
            "invalid expectation for a header field",
            at,
            "expected true if the field must be present, false if it must be absent, or its value",
        )
        .boxed()),
    }
}

fn notification_type(fields: &Fields<'_>, value: &Value<'_>) -> Result<NotificationType, Box<Problem>> {
    let typed = match value {
        Value::StringLit(text) => text.value.as_ref(),
        _ => "",
    };
    NotificationType::named(typed).ok_or_else(|| {
        let names = NotificationType::NAMES;
        let at = fields.location(span_of(value));
        let problem = Problem::new("invalid notification type", at, format!("expected {}", names.join(" or ")));
        match nearest(typed, names) {
            Some(meant) => problem.hint(format!("did you mean \"{meant}\"?")),
            None => problem,
        }
        .boxed()
    })
}

impl Requirement for SentHeader {
    fn expected(&self) -> String {
        match self {
            Self(name, Presence::There(true)) => format!("every call has the header {name}"),
            Self(name, Presence::There(false)) => format!("no call has the header {name}"),
            Self(name, Presence::Value(value)) => format!("every call has the header {name}: {value}"),
        }
    }

    fn check(&self, case: &Case<'_>) -> Option<Miss> {
        let Self(name, presence) = self;
        case.every(|call| match (presence, call.headers.get(name)) {
            (Presence::There(true), Some(_)) | (Presence::There(false), None) => None,
            (Presence::Value(wanted), Some(value)) if wanted == value => None,
            (_, None) => Some(format!("was sent without the header {name}")),
            (Presence::Value(_), Some(value)) => Some(format!("was sent with {name}: {value}")),
            (Presence::There(false), Some(_)) => Some(format!("was sent with the header {name}")),
        })
    }
}

impl Requirement for SentNotifications {
    fn expected(&self) -> String {
        if self.0.is_empty() {
            return "no call asks for a notification".to_owned();
        }
        let types: Vec<_> = self.0.iter().copied().map(NotificationType::name).collect();
        format!("every call asks for notification_type={}", types.join(","))
    }

    fn check(&self, case: &Case<'_>) -> Option<Miss> {
        case.every(|call| {
            let asked = &call.notification_type;
            let is_wanted = |name: &String| self.0.iter().any(|one| one.name() == name);
            let is_asked = |one: &NotificationType| asked.iter().any(|name| one.name() == name);
            if self.0.iter().all(is_asked) && asked.iter().all(is_wanted) {
                None
            } else if asked.is_empty() {
                Some("asked for no notification".to_owned())
            } else {
                Some(format!("asked for notification_type={}", asked.join(",")))
            }
        })
    }

    fn is_about_resets(&self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::super::case::tests::{calls, said};
    use super::*;

    #[test]
    fn every_call_is_sent_as_it_must_be() {
        let mut seen = calls(&[200, 200, 200], &[]);
        for (call, value) in seen.iter_mut().zip(["a", "b", "b"]) {
            call.headers.insert("x-trace".to_owned(), value.to_owned());
            call.notification_type = vec!["email".to_owned()];
        }
        let header = |name: &str, presence| said(&seen, &SentHeader(name.to_owned(), presence));
        let [there, absent] = [true, false].map(|is_there| move || Presence::There(is_there));
        assert_eq!(header("x-trace", there()), "holds");
        assert_eq!(header("x-other", absent()), "holds");
        assert_eq!(header("x-trace", absent()), "u's call 1 was sent with the header x-trace (and 2 more calls)");
        assert_eq!(header("x-other", there()), "u's call 1 was sent without the header x-other (and 2 more calls)");
        assert_eq!(header("x-trace", Presence::Value("b".to_owned())), "u's call 1 was sent with x-trace: a");
        let asked = |types: &[NotificationType]| said(&seen, &SentNotifications(types.to_vec()));
        let [email, phone] = NotificationType::ALL;
        assert_eq!(asked(&[email]), "holds");
        assert_eq!(asked(&[phone, email]), "u's call 1 asked for notification_type=email (and 2 more calls)");
        assert_eq!(asked(&[]), "u's call 1 asked for notification_type=email (and 2 more calls)");
    }
}
