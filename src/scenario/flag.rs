//! The grammar of `--fault`: `TARGET=EFFECT`, then calls, a chance and a phase, each after a colon.

use super::target::{Known, targets};
use super::{Calls, Conditions, Fault, Names, Phase, Rule, RuleLabel, StatusFacet, Targets, phase};
use crate::contract::{Operation, Scripted};
use crate::diagnostics::{Location, Problem, Problems, Source, Text, shown};
use crate::fixture::{Among, Loaded};
use serde_json::{Map, Value, json};
use std::ops::Range;
use std::sync::Arc;

/// The name of the flag in errors.
pub(crate) const FLAG: &str = "--fault";

/// The target that means every user.
const EVERYONE: &str = "*";

const EXPECTED: &str = "expected TARGET=EFFECT, optionally followed by calls, a chance or a phase, as in 8a2c=503:1-2, *=500:10% or \
                        *=reset:2%:after";

/// Compiles one flag. It is named by its text. Every problem is kept.
pub(crate) fn compile_flag(
    text: &str,
    loaded: &Loaded,
    names: &mut Names,
    problems: &mut Problems,
) -> Option<Arc<Rule>> {
    let source = Arc::new(Source::new(FLAG, text));
    let parts = problems.keep(Parts::of(&source))?;
    let taken = problems.keep(names.take(text, Location::new(&source, 0..text.len())));
    let rule = parts.rule(None, Known::loaded(loaded), problems);
    taken.and(rule).map(Arc::new)
}

/// Checks a flag, which may be limited to a project. Every problem is kept.
pub(crate) fn check_flag(text: &str, project: Option<&Text<'_>>, known: Known<'_>, problems: &mut Problems) {
    let source = Arc::new(Source::new(FLAG, text));
    if let Some(parts) = problems.keep(Parts::of(&source)) {
        parts.rule(project, known, problems);
    }
}

/// The flag as a rule with a name, if it gets one, limited to a project; `None` if it is not valid.
pub(crate) fn as_rule(text: &str, name: Option<&str>, project: Option<&str>) -> Option<String> {
    let source = Arc::new(Source::new(FLAG, text));
    let parts = Parts::of(&source).ok()?;
    let mut when = Map::from_iter(project.map(|project| ("project".to_owned(), json!(project))));
    if parts.target.value != EVERYONE {
        when.insert("user".to_owned(), json!(parts.target.value));
    }
    let mut rule = Map::from_iter(name.map(|name| ("name".to_owned(), json!(name))));
    rule.insert("when".to_owned(), Value::Null);
    match effect(&parts.effect).ok()? {
        Effect::Status(status) => rule.insert("status".to_owned(), json!(status)),
        Effect::Fault(fault) => rule.insert("fault".to_owned(), json!(fault.name())),
    };
    for piece in &parts.behind {
        if let Some(percent) = piece.value.strip_suffix('%') {
            when.insert("chance".to_owned(), json!(chance(piece, percent).ok()?));
        } else if Phase::named(piece.value).is_some() {
            rule.insert("phase".to_owned(), json!(piece.value));
        } else {
            when.insert("calls".to_owned(), json!(piece.value));
        }
    }
    if when.is_empty() {
        rule.shift_remove("when")
    } else {
        rule.insert("when".to_owned(), when.into())
    };
    Some(Value::Object(rule).to_string())
}

/// The flag with the id of its user in place of a name or of the end of an id: a flag is named by its text, so without this
/// its draws would depend on how the user is named. A flag without a user stays as it is.
pub(crate) fn with_id(text: &str, among: Among<'_>) -> String {
    let source = Arc::new(Source::new(FLAG, text));
    let named = Parts::of(&source).ok().map(|parts| parts.target).filter(|target| target.value != EVERYONE);
    let id = named.as_ref().and_then(|target| among.id_meant(target.value).ok());
    let rest = named.and_then(|target| text.get(target.span.end..));
    id.zip(rest).map_or_else(|| text.to_owned(), |(id, rest)| id + rest)
}

/// Call numbers that are common percentages: those from the first to the second.
const LIKE_PERCENT: std::ops::RangeInclusive<u64> = 5..=100;

/// A warning for a flag with one call number that was probably meant as a chance, as in `*=503:10`. `10-10` says that the
/// call is meant.
pub(crate) fn looks_like_a_chance(text: &str) -> Option<String> {
    let source = Arc::new(Source::new(FLAG, text));
    let parts = Parts::of(&source).ok()?;
    let is_chance = |piece: &Text<'_>| piece.value.ends_with('%');
    let number = parts.behind.iter().find_map(|piece| piece.value.parse().ok());
    let number: u64 = number.filter(|number| LIKE_PERCENT.contains(number))?;
    let what = format!("{}={}", shown(parts.target.value), parts.effect.value);
    (!parts.behind.iter().any(is_chance) && effect(&parts.effect).is_ok()).then(|| {
        format!("{FLAG} {}: this is for call {number}; for {number} % of calls write {what}:{number}%, and {what}:{number}-{number} for call {number} without this warning", shown(text))
    })
}

/// The parts of a flag.
struct Parts<'s> {
    target: Text<'s>,
    effect: Text<'s>,
    behind: Vec<Text<'s>>,
}

/// The effect of a flag.
enum Effect {
    Status(u16),
    Fault(Fault),
}

/// The parts after the effect, each at most once and in any order.
#[derive(Default)]
struct Behind<'s> {
    calls: Option<Calls>,
    /// From 0 to 1.
    chance: Option<f64>,
    phase: Option<Text<'s>>,
}

impl<'s> Parts<'s> {
    fn of(source: &'s Arc<Source>) -> Result<Self, Box<Problem>> {
        let text = source.text();
        let part = |span: Range<usize>| Text { source, value: part!(text, span.clone()), span };
        // An id may hold `=` and `:`, an effect may not.
        let Some(equals) = text.rfind('=') else {
            let at = Location::new(source, 0..text.len());
            return Err(Problem::new("missing `=` in the fault", at, EXPECTED).boxed());
        };
        if equals == 0 {
            return Err(Problem::new("missing user in the fault", Location::new(source, 0..1), EXPECTED).boxed());
        }
        let mut start = equals + 1;
        let mut pieces = part!(text, start..).split(':').map(|piece| {
            let span = start..start + piece.len();
            start = span.end + 1;
            part(span)
        });
        let effect = pieces.next().unwrap_or_else(|| part(text.len()..text.len()));
        Ok(Self { target: part(0..equals), effect, behind: pieces.collect() })
    }

    fn targets(&self, project: Option<&Text<'_>>, known: Known<'_>, problems: &mut Problems) -> Option<Targets> {
        let projects = project.map(std::slice::from_ref);
        match self.target.value {
            EVERYONE => targets(projects, None, known, problems),
            _ => targets(projects, Some(std::slice::from_ref(&self.target)), known, problems),
        }
    }
    /// Compiles a flag, which may be limited to a project. Every problem is kept.
    fn rule(&self, project: Option<&Text<'_>>, known: Known<'_>, problems: &mut Problems) -> Option<Rule> {
        let targets = self.targets(project, known, problems);
        let effect = problems.keep(effect(&self.effect));
        let behind = problems.keep(Behind::of(&self.behind));
        let (effect, behind) = effect.zip(behind)?;
        let (status, fault) = match effect {
            Effect::Status(status) => (Some(StatusFacet::plain(status)), None),
            Effect::Fault(fault) => (None, Some(fault)),
        };
        let phase = match &behind.phase {
            Some(phase) => problems.keep(phase::of(phase, status.as_ref(), fault, false))?,
            None => Phase::default(),
        };
        let (operation, name) = (Operation::ResetRandomPassword.into(), self.target.source.text());
        let chance = |chance| Conditions::by_chance(chance, operation, known.loaded.seed, name);
        Some(Rule {
            operation,
            label: Arc::new(RuleLabel { name: name.to_owned(), place: FLAG.to_owned() }),
            targets: targets?,
            calls: behind.calls.unwrap_or_default(),
            token_calls: None,
            turns: None,
            conditions: behind.chance.map(|one| Box::new(chance(one))),
            status,
            delay: None,
            fault,
            phase,
        })
    }
}

fn effect(text: &Text<'_>) -> Result<Effect, Box<Problem>> {
    let operation: Scripted = Operation::ResetRandomPassword.into();
    let digits = text.value.len() == 3 && text.value.bytes().all(|byte| byte.is_ascii_digit());
    if let (true, Ok(status)) = (digits, text.value.parse()) {
        if operation.status(status).is_some() {
            return Ok(Effect::Status(status));
        }
        let what = format!("{} does not document status {status}", operation.id);
        let expected = format!("expected one of {}", operation.documented());
        return Err(Problem::new(what, text.location(), expected)
            .hint("to answer it anyway, write a rule with \"undocumented\": true in a scenario file")
            .boxed());
    }
    if let Some(fault) = Fault::named(text.value) {
        return Ok(Effect::Fault(fault));
    }
    let expected = format!(
        "expected a status ({}) or a fault ({})",
        operation.documented(),
        Fault::plain_names().collect::<Vec<_>>().join(", ")
    );
    let what = format!("`{}` is neither a status nor a fault", shown(text.value));
    let problem = Problem::new(what, text.location(), expected);
    Err(match text.value {
        "dribble" => {
            problem.hint("write a rule in a scenario file, which also sets the number of chunks and their time")
        }
        name => problem.meant(name, Fault::plain_names()),
    }
    .boxed())
}

impl<'s> Behind<'s> {
    fn of(pieces: &[Text<'s>]) -> Result<Self, Box<Problem>> {
        let mut behind = Self::default();
        for piece in pieces {
            let twice = |what: &str| {
                let what = format!("{what} given twice");
                Err(Problem::new(what, piece.location(), "expected calls, a chance and a phase at most once each")
                    .boxed())
            };
            if let Some(percent) = piece.value.strip_suffix('%') {
                if behind.chance.replace(chance(piece, percent)?).is_some() {
                    return twice("a chance is");
                }
            } else if Phase::named(piece.value).is_some() {
                if behind.phase.replace(piece.clone()).is_some() {
                    return twice("a phase is");
                }
            } else if behind.calls.replace(calls(piece)?).is_some() {
                return twice("calls are");
            }
        }
        Ok(behind)
    }
}

/// Reads digits with at most one point. A float's parser takes more, such as `NaN`.
fn chance(piece: &Text<'_>, percent: &str) -> Result<f64, Box<Problem>> {
    let plain = percent.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    match percent.parse::<f64>() {
        Ok(percent) if plain && percent <= 100.0 => Ok(percent / 100.0),
        _ => {
            let what = format!("`{}` is not a valid chance", shown(piece.value));
            Err(Problem::new(what, piece.location(), "expected 0% to 100%, as in 2.5%").boxed())
        }
    }
}

fn calls(piece: &Text<'_>) -> Result<Calls, Box<Problem>> {
    Calls::parse(piece.value).map_err(|wrong| {
        let at = piece.span.start + wrong.at.start..piece.span.start + wrong.at.end;
        let expected = format!("{}; a chance, as in 10%; or a phase, before or after", super::calls::GRAMMAR);
        Problem::new(wrong.what, Location::new(piece.source, at), expected).boxed()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::loaded_of;
    use crate::scenario::Phase;
    use proptest::prelude::*;

    const USERS: &str = r#"{"projects": [{"id": "p", "users": [{"id": "u"}, {"id": "a=b"}]}]}"#;

    fn compiled(text: &str) -> Result<Arc<Rule>, String> {
        let mut problems = Problems::new(9);
        let rule = compile_flag(text, &loaded_of(USERS), &mut Names::default(), &mut problems);
        let said: Vec<_> = problems.iter().map(|problem| format!("{} {}", problem.place(), problem.what)).collect();
        rule.ok_or(said.join("; "))
    }

    #[test]
    fn a_user_a_status_and_calls() {
        let rule = compiled("u=503:1-2").unwrap();
        assert_eq!((rule.label.name.as_str(), rule.label.place.as_str()), ("u=503:1-2", "--fault"));
        assert_eq!(rule.status, Some(StatusFacet::plain(503)));
        assert!(rule.calls.allow(2) && !rule.calls.allow(3));
        assert!(compiled("u=200").unwrap().calls.allow(9));
        assert!(
            matches!(&compiled("a=b=500").unwrap().targets, Targets::Users(users) if users[0].user.loaded().unwrap().at() == 1)
        );
    }

    #[test]
    fn each_wrong_part_is_pointed_at() {
        let said = |text: &str| compiled(text).unwrap_err();
        assert_eq!(said("u"), "--fault:1:1 missing `=` in the fault");
        assert_eq!(said("=503"), "--fault:1:1 missing user in the fault");
        assert_eq!(said("v=503"), "--fault:1:1 unknown user `v`");
        assert_eq!(said("u=418"), "--fault:1:3 ResetRandomPassword does not document status 418");
        assert_eq!(said("u=teapot"), "--fault:1:3 `teapot` is neither a status nor a fault");
        assert_eq!(said("u=503:0"), "--fault:1:7 `0`: call numbers start at 1");
        assert_eq!(
            said("v=418:x"),
            "--fault:1:1 unknown user `v`; --fault:1:3 ResetRandomPassword does not document status 418; --fault:1:7 `x` is not a call number"
        );
        assert_eq!(said("u=503:101%"), "--fault:1:7 `101%` is not a valid chance");
        assert_eq!(said("u=503:%"), "--fault:1:7 `%` is not a valid chance");
        assert_eq!(said("u=503:NaN%"), "--fault:1:7 `NaN%` is not a valid chance");
        assert_eq!(said("u=rest"), "--fault:1:3 `rest` is neither a status nor a fault");
        assert_eq!(said("u=503:1:2"), "--fault:1:9 calls are given twice");
        assert_eq!(said("u=503:1%:2%"), "--fault:1:10 a chance is given twice");
        assert_eq!(said("u=503:after:after"), "--fault:1:13 a phase is given twice");
        assert_eq!(said("u=200:after"), "--fault:1:7 `phase` without a failure");
        assert_eq!(said("u=malformed_json:after"), "--fault:1:18 `phase` without a failure");
    }

    fn percent(rule: &Rule) -> String {
        rule.conditions
            .as_ref()
            .and_then(|rest| rest.chance())
            .map_or(String::new(), |of_one| format!("{} %", of_one * 100.0))
    }

    #[test]
    fn everyone_a_fault_a_chance_and_a_phase() {
        let rule = compiled("*=reset:2%:after").unwrap();
        assert_eq!((rule.fault, rule.phase, &rule.targets), (Some(Fault::Reset), Phase::After, &Targets::Everyone));
        assert_eq!(percent(&rule), "2 %");
        let rule = compiled("u=503:after:*/3:12.5%").unwrap();
        assert!(rule.calls.allow(3) && !rule.calls.allow(4));
        assert_eq!(percent(&rule), "12.5 %");
        assert_eq!((rule.fault, rule.phase), (None, Phase::After));
    }

    #[test]
    fn a_flag_is_a_rule_of_the_same_words() {
        for (flag, rule) in [
            ("u=503:1-2", r#"{"name":"u=503:1-2","when":{"user":"u","calls":"1-2"},"status":503}"#),
            ("*=200", r#"{"name":"*=200","status":200}"#),
            (
                "*=reset:12.5%:after",
                r#"{"name":"*=reset:12.5%:after","when":{"chance":0.125},"fault":"reset","phase":"after"}"#,
            ),
            ("a=b=500:*/3", r#"{"name":"a=b=500:*/3","when":{"user":"a=b","calls":"*/3"},"status":500}"#),
        ] {
            assert_eq!(as_rule(flag, Some(flag), None).as_deref(), Some(rule));
        }
        assert_eq!(["u", "u=x"].map(|flag| as_rule(flag, None, None)), [None, None]);
    }

    #[test]
    fn a_flag_has_the_id_of_its_user_however_the_user_is_named() {
        let users =
            r#"{"projects": [{"id": "p", "users": [{"id": "8a2c0001", "user_name": "a=b"}, {"id": "8a2c0002"}]}]}"#;
        let loaded = loaded_of(users);
        let with_id = |text: &str| with_id(text, Among { directory: &loaded.directory, projects: None });
        for text in ["0001=503:10%:after", "a=b=503:10%:after", "8a2c0001=503:10%:after"] {
            assert_eq!(with_id(text), "8a2c0001=503:10%:after");
        }
        for text in ["*=503", "8a2c=503", "nobody=503", "", "=", "0001"] {
            assert_eq!(with_id(text), text);
        }
    }

    #[test]
    fn a_call_number_that_looks_like_a_percentage_is_a_warning() {
        let warned = looks_like_a_chance("*=503:10").unwrap();
        assert!(warned.contains("for call 10") && warned.contains("*=503:10%"), "{warned}");
        for meant in ["u=reset:after:50", "u=500:100", "u=500:5"] {
            assert!(looks_like_a_chance(meant).is_some(), "{meant}");
        }
        for meant in
            ["*=503", "*=503:10%", "*=503:10-10", "*=503:10,20", "*=503:4", "*=503:101", "*=503:10:2%", "*=x:10"]
        {
            assert_eq!(looks_like_a_chance(meant), None, "{meant}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_a_fault_or_is_refused(text in any::<String>(), effect in "([0-9:,*/%.-]|after|reset|hang){0,12}") {
            let _ = compiled(&text);
            let _ = compiled(&format!("u={effect}"));
        }
    }
}
