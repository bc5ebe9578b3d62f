//! Conditions of a rule beyond whom it is for and which calls: `chance`, `header`, `query`, `operation`.

use crate::contract::{OPERATIONS, Operation, RESET_RANDOM_PASSWORD};
use crate::draw::{Draw, Key, Label};
use crate::source::{Fields, Problem, Problems, Text, nearest};

/// What a request shows of itself to the rules.
pub(crate) trait Asked {
    /// Whether a header field of this name, in whatever case, has exactly this value.
    fn has_header(&self, name: &str, value: &str) -> bool;
    /// Whether a query parameter of this name has exactly this value, both decoded.
    fn has_query(&self, name: &str, value: &str) -> bool;
}

/// Every one of them must hold; none holds always.
#[derive(Debug, Default)]
pub(crate) struct Conditions {
    chance: Option<Chance>,
    headers: Vec<(Box<str>, Box<str>)>,
    query: Vec<(Box<str>, Box<str>)>,
}

/// How likely a rule is to strike a call, drawn for each call from the rule's own key.
#[derive(Debug)]
struct Chance {
    of_one: f64,
    key: Key,
}

/// The fields of `when` that are conditions, each of the right type.
pub(super) struct Written<'v> {
    chance: Option<f64>,
    headers: Vec<(Text<'v>, Text<'v>)>,
    query: Vec<(Text<'v>, Text<'v>)>,
    operation: Option<Text<'v>>,
}

impl Conditions {
    pub(crate) fn is_empty(&self) -> bool {
        self.chance.is_none() && self.headers.is_empty() && self.query.is_empty()
    }

    /// `stream` is the user's, `call` the call number.
    pub(crate) fn hold(&self, asked: &dyn Asked, stream: u64, call: u64) -> bool {
        let same = |pair: &(Box<str>, Box<str>), has: fn(&dyn Asked, &str, &str) -> bool| has(asked, &pair.0, &pair.1);
        self.headers.iter().all(|pair| same(pair, |asked, name, value| asked.has_header(name, value)))
            && self.query.iter().all(|pair| same(pair, |asked, name, value| asked.has_query(name, value)))
            && self.chance.as_ref().is_none_or(|chance| chance.strikes(stream, call))
    }
}

impl Chance {
    fn strikes(&self, stream: u64, call: u64) -> bool {
        Draw::new(&self.key, stream, call).strikes(self.of_one)
    }
}

impl<'v> Written<'v> {
    pub(super) fn of(when: &Fields<'v>) -> Result<Self, Box<Problem>> {
        Ok(Self {
            chance: when.number("chance", 0.0..=1.0)?,
            headers: when.map_of_texts("header")?,
            query: when.map_of_texts("query")?,
            operation: when.text("operation")?,
        })
    }

    /// What a `sequence` cannot stand beside, if it is there: it counts calls, whatever else they are.
    pub(super) fn beside_a_sequence(&self) -> Option<&'static str> {
        if self.chance.is_some() {
            Some("chance")
        } else if !self.headers.is_empty() {
            Some("header")
        } else {
            (!self.query.is_empty()).then_some("query")
        }
    }

    /// Checks what the fields say. `rule` is the rule's name, to which its draws belong.
    pub(super) fn check(self, seed: u64, rule: &str, problems: &mut Problems) -> Option<Conditions> {
        let known = self.operation.as_ref().is_none_or(|id| problems.keep(operation(id)).is_some());
        for (text, _) in self.headers.iter().filter(|(name, _)| !super::status::is_token(name.value)) {
            let expected = "expected letters, digits and !#$%&'*+-.^_`|~";
            problems.push(Problem::new(format!("`{}` is no header name", text.value), text.location(), expected));
        }
        let names_are_right = self.headers.iter().all(|(name, _)| super::status::is_token(name.value));
        let boxed = |pairs: Vec<(Text<'_>, Text<'_>)>| {
            pairs.into_iter().map(|(name, value)| (name.value.into(), value.value.into())).collect()
        };
        (known && names_are_right).then(|| Conditions {
            chance: self
                .chance
                .map(|of_one| Chance { of_one, key: Key::new(Label::Chance, seed, RESET_RANDOM_PASSWORD.id, rule) }),
            headers: boxed(self.headers),
            query: boxed(self.query),
        })
    }
}

pub(super) fn operation(id: &Text<'_>) -> Result<&'static Operation, Box<Problem>> {
    Operation::named(id.value).ok_or_else(|| {
        let ids = OPERATIONS.iter().map(|operation| operation.id);
        let expected = format!("expected {}", ids.clone().collect::<Vec<_>>().join(", "));
        let problem = Problem::new(format!("unknown operation `{}`", id.value), id.location(), expected);
        match nearest(id.value, ids) {
            Some(meant) => problem.hint(format!("did you mean `{meant}`?")),
            None => problem,
        }
        .boxed()
    })
}
