//! `notified`: the messages that the user was sent.

use super::bounds::Bounds;
use super::kind::{ExpectationKind, Shape};
use super::words::{by, counted, message_noun};
use super::{Basis, Case, Miss, Requirement};
use crate::contract::NotificationType;
use crate::diagnostics::{Fields, Problem, Problems, Vocabulary};

pub(super) const NOTIFIED_KIND: ExpectationKind = ExpectationKind {
    field: "notified",
    description: "The messages sent to the user, without those that a rule lost.",
    read,
    shape: Shape::Messages,
};

pub(crate) const NOTIFIED: Vocabulary = Vocabulary {
    what: "`notified`",
    known: &["email", "phone"],
    examples: &[("an e-mail", r#"{ "email": { "min": 1 } }"#)],
};

/// A number of messages of one type.
#[derive(Debug)]
struct Messages(NotificationType, Bounds);

fn read(fields: &Fields<'_>, problems: &mut Problems) -> Vec<Box<dyn Requirement>> {
    let Some(notified) = fields.object(NOTIFIED_KIND.field, &NOTIFIED, problems) else {
        return Vec::new();
    };
    if notified.is_empty() {
        let at = notified.location(notified.opening());
        problems.push(Problem::new("`notified` is empty", at, "expected `email`, `phone` or both"));
    }
    let mut found: Vec<Box<dyn Requirement>> = Vec::new();
    for kind in NotificationType::ALL {
        if let Some(bounds) = Bounds::read(&notified, kind.name(), problems) {
            found.push(Box::new(Messages(kind, bounds)));
        }
    }
    found
}

impl Requirement for Messages {
    fn expected(&self) -> String {
        self.1.in_words(|count| counted(count, message_noun(self.0)))
    }

    fn check(&self, case: &Case<'_>) -> Option<Miss> {
        let Self(kind, bounds) = *self;
        let sent = NotificationType::ALL.iter().zip(case.messages).find(|(one, _)| **one == kind);
        let sent = sent.map_or(0, |(_, count)| count);
        let messages = if sent == 0 { format!("no {}", message_noun(kind)) } else { counted(sent, message_noun(kind)) };
        let said = |off, what: &str| format!("{} was sent {messages}: {}", case.user, by(off, what));
        let miss = bounds.miss(sent, said, ["too few", "too many"]);
        miss.map(|miss| Miss { is_final: bounds.is_exceeded_by(sent) && !case.undelivered, ..miss })
    }

    fn basis(&self) -> Basis {
        Basis::Messages
    }

    fn needs_a_call(&self) -> bool {
        self.1.needs_one()
    }

    fn is_about_resets(&self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_counted_by_type() {
        let with = |kind, min, max| {
            let case = Case { user: "u", before: 0, calls: 1, seen: &[], messages: [2, 0], undelivered: false };
            let miss = Messages(kind, Bounds { min, max }).check(&case);
            miss.map_or("holds".to_owned(), |miss| miss.what)
        };
        let [email, phone] = NotificationType::ALL;
        assert_eq!(with(email, Some(1), Some(2)), "holds");
        assert_eq!(with(email, None, Some(1)), "u was sent 2 e-mails: one too many");
        assert_eq!(with(phone, Some(1), None), "u was sent no text message: one too few");
    }
}
