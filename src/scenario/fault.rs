//! The grammar of `--fault`: `USER=STATUS` or `USER=STATUS:CALLS`.

use super::target::{Known, targets};
use super::{Calls, Names, Phase, Rule, RuleLabel, StatusFacet};
use crate::contract::RESET_RANDOM_PASSWORD;
use crate::fixture::Loaded;
use crate::source::{Location, Problem, Problems, Source, Text};
use std::ops::Range;
use std::sync::Arc;

/// The name under which flags are shown.
pub(crate) const FLAG: &str = "--fault";

const EXPECTED: &str = "expected USER=STATUS or USER=STATUS:CALLS, as in 8a2c=503:1-2";

/// Compiles one flag. It is named by its text. Every problem is kept.
pub(crate) fn fault(text: &str, loaded: &Loaded, names: &mut Names, problems: &mut Problems) -> Option<Arc<Rule>> {
    let source = Arc::new(Source::new(FLAG, text));
    let parts = problems.keep(Parts::of(&source))?;
    let taken = problems.keep(names.take(text, Location::new(&source, 0..text.len())));
    let label = RuleLabel { name: text.to_owned(), place: FLAG.to_owned() };
    let user = parts.user(&source);
    let targets = targets(None, Some(std::slice::from_ref(&user)), Known::loaded(loaded), problems);
    let status = problems.keep(parts.status(&source));
    let calls = problems.keep(parts.calls(&source));
    taken?;
    Some(Arc::new(Rule {
        label: Arc::new(label),
        targets: targets?,
        calls: calls?,
        conditions: None,
        status: StatusFacet::plain(status?),
        phase: Phase::Before,
    }))
}

/// Where the parts of a flag stand in it.
struct Parts {
    user: Range<usize>,
    status: Range<usize>,
    calls: Option<Range<usize>>,
}

impl Parts {
    fn of(source: &Arc<Source>) -> Result<Self, Box<Problem>> {
        let text = source.text();
        // An id may hold `=`, an effect may not.
        let Some(equals) = text.rfind('=') else {
            let at = Location::new(source, 0..text.len());
            return Err(Problem::new("a fault without `=`", at, EXPECTED).boxed());
        };
        let effect = equals + 1..text.len();
        let shown = text.get(effect.clone()).unwrap_or("");
        let parts = match shown.find(':') {
            None => Self { user: 0..equals, status: effect, calls: None },
            Some(colon) => Self {
                user: 0..equals,
                status: effect.start..effect.start + colon,
                calls: Some(effect.start + colon + 1..text.len()),
            },
        };
        if parts.user.is_empty() {
            let at = Location::new(source, 0..equals + 1);
            return Err(Problem::new("a fault without a user", at, EXPECTED).boxed());
        }
        refuse_later(source, &parts)?;
        Ok(parts)
    }

    fn user<'s>(&self, source: &'s Arc<Source>) -> Text<'s> {
        Text { source, value: source.text().get(self.user.clone()).unwrap_or(""), span: self.user.clone() }
    }

    fn status(&self, source: &Arc<Source>) -> Result<u16, Box<Problem>> {
        let operation = &RESET_RANDOM_PASSWORD;
        let text = source.text().get(self.status.clone()).unwrap_or("");
        let at = Location::new(source, self.status.clone());
        let digits = text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_digit());
        match text.parse() {
            Ok(status) if digits && operation.status(status).is_some() => Ok(status),
            Ok(status) if digits => Err(Problem::new(
                format!("{} does not document status {status}", operation.id),
                at,
                format!("expected one of {}", operation.documented()),
            )
            .hint("a rule in a scenario file with \"undocumented\": true can answer it")
            .boxed()),
            _ => Err(Problem::new(
                format!("`{text}` is no status"),
                at,
                format!("expected one of {}", operation.documented()),
            )
            .boxed()),
        }
    }

    fn calls(&self, source: &Arc<Source>) -> Result<Calls, Box<Problem>> {
        let Some(range) = &self.calls else {
            return Ok(Calls::default());
        };
        let text = source.text().get(range.clone()).unwrap_or("");
        Calls::parse(text).map_err(|wrong| {
            let at = range.start + wrong.at.start..range.start + wrong.at.end;
            Problem::new(wrong.what, Location::new(source, at), super::calls::GRAMMAR).boxed()
        })
    }
}

/// Parts of the grammar that this version does not carry out are refused by name, never ignored.
fn refuse_later(source: &Arc<Source>, parts: &Parts) -> Result<(), Box<Problem>> {
    const LATER: [&str; 9] = [
        "reset",
        "empty_response",
        "hang",
        "random_data",
        "truncated_body",
        "wrong_length",
        "malformed_chunk",
        "malformed_json",
        "dribble",
    ];
    let text = source.text();
    let part = |range: &Range<usize>| text.get(range.clone()).unwrap_or("");
    let later = if part(&parts.user) == "*" {
        Some(("`*` for every user", parts.user.clone()))
    } else if LATER.contains(&part(&parts.status)) {
        Some(("a fault on the wire", parts.status.clone()))
    } else {
        let calls = parts.calls.clone().unwrap_or(0..0);
        match part(&calls) {
            chance if chance.contains('%') => Some(("a chance", calls)),
            phase if phase.ends_with("after") => Some(("a phase", calls)),
            _ => None,
        }
    };
    match later {
        None => Ok(()),
        Some((what, range)) => Err(Problem::new(
            format!("{what} is not supported by this version"),
            Location::new(source, range),
            EXPECTED,
        )
        .boxed()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::loaded_of;
    use crate::scenario::Targets;
    use proptest::prelude::*;

    const USERS: &str = r#"{"projects": [{"id": "p", "users": [{"id": "u"}, {"id": "a=b"}]}]}"#;

    fn compiled(text: &str) -> Result<Arc<Rule>, String> {
        let mut problems = Problems::new(9);
        let rule = fault(text, &loaded_of(USERS), &mut Names::default(), &mut problems);
        let said: Vec<_> = problems.iter().map(|problem| format!("{} {}", problem.place(), problem.what)).collect();
        rule.ok_or(said.join("; "))
    }

    #[test]
    fn a_user_a_status_and_calls() {
        let rule = compiled("u=503:1-2").unwrap();
        assert_eq!((rule.label.name.as_str(), rule.label.place.as_str()), ("u=503:1-2", "--fault"));
        assert_eq!(rule.status, StatusFacet::plain(503));
        assert!(rule.calls.allow(2) && !rule.calls.allow(3));
        assert!(compiled("u=200").unwrap().calls.allow(9));
        assert!(matches!(&compiled("a=b=500").unwrap().targets, Targets::Users(users) if users[0].user == 1));
    }

    #[test]
    fn each_wrong_part_is_pointed_at() {
        let said = |text: &str| compiled(text).unwrap_err();
        assert_eq!(said("u"), "--fault:1:1 a fault without `=`");
        assert_eq!(said("=503"), "--fault:1:1 a fault without a user");
        assert_eq!(said("v=503"), "--fault:1:1 unknown user `v`");
        assert_eq!(said("u=418"), "--fault:1:3 ResetRandomPassword does not document status 418");
        assert_eq!(said("u=teapot"), "--fault:1:3 `teapot` is no status");
        assert_eq!(said("u=503:0"), "--fault:1:7 `0`: calls are counted from 1");
        assert_eq!(
            said("v=418:x"),
            "--fault:1:1 unknown user `v`; --fault:1:3 ResetRandomPassword does not document status 418; --fault:1:7 `x` is no call number"
        );
        assert_eq!(said("*=503"), "--fault:1:1 `*` for every user is not supported by this version");
        assert_eq!(said("u=503:10%"), "--fault:1:7 a chance is not supported by this version");
        assert_eq!(said("u=reset"), "--fault:1:3 a fault on the wire is not supported by this version");
        assert_eq!(said("u=503:1:after"), "--fault:1:7 a phase is not supported by this version");
    }

    proptest! {
        #[test]
        fn any_text_is_a_fault_or_is_refused(text in any::<String>(), effect in "[0-9:,*/%a-z-]{0,12}") {
            let _ = compiled(&text);
            let _ = compiled(&format!("u={effect}"));
        }
    }
}
