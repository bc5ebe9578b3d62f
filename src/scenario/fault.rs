//! The fault facet: what happens to an answer on the wire.

use crate::diagnostics::{Fields, Location, Problem, Problems, Source, Value, Vocabulary, nearest, shown, span_of};
use crate::limits::Limits;
use std::sync::Arc;

pub(crate) const OBJECT: Vocabulary = Vocabulary {
    what: "a fault",
    known: &["dribble"],
    examples: &[("in pieces", r#"{ "dribble": { "chunks": 5, "over_ms": 1000 } }"#)],
};
pub(crate) const DRIBBLE: Vocabulary = Vocabulary {
    what: "`dribble`",
    known: &["chunks", "over_ms"],
    examples: &[("in pieces", r#"{ "chunks": 5, "over_ms": 1000 }"#)],
};
/// Pieces of a dribbled answer at most.
pub(crate) const CHUNKS_MAX: u64 = 1_000;

/// What happens to an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The connection is reset.
    Reset,
    /// The connection ends without a byte.
    EmptyResponse,
    /// Nothing comes.
    Hang,
    /// Bytes come that are no HTTP.
    RandomData,
    /// The length is right, half of the body comes, and the connection ends.
    TruncatedBody,
    /// The length is too small, the whole body comes, and the connection ends.
    WrongLength,
    /// A chunk's size is no number.
    MalformedChunk,
    /// The body is no JSON, and of the length that it says.
    MalformedJson,
    /// The answer is right, and comes in pieces over a time.
    Dribble { chunks: u32, over_ms: u32 },
}

/// The faults that have nothing to say beside their name.
const PLAIN: [Fault; 8] = [
    Fault::Reset,
    Fault::EmptyResponse,
    Fault::Hang,
    Fault::RandomData,
    Fault::TruncatedBody,
    Fault::WrongLength,
    Fault::MalformedChunk,
    Fault::MalformedJson,
];

impl Fault {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Reset => "reset",
            Self::EmptyResponse => "empty_response",
            Self::Hang => "hang",
            Self::RandomData => "random_data",
            Self::TruncatedBody => "truncated_body",
            Self::WrongLength => "wrong_length",
            Self::MalformedChunk => "malformed_chunk",
            Self::MalformedJson => "malformed_json",
            Self::Dribble { .. } => Self::DRIBBLE,
        }
    }

    /// Whether it sends no answer, and so strikes before or after the side effect. Others spoil the answer that is
    /// there.
    pub(crate) const fn strikes(self) -> bool {
        matches!(self, Self::Reset | Self::EmptyResponse | Self::Hang | Self::RandomData)
    }

    /// Whether it does nothing to an answer that has no body.
    pub(crate) const fn spoils_a_body(self) -> bool {
        matches!(self, Self::TruncatedBody | Self::WrongLength | Self::MalformedChunk | Self::MalformedJson)
    }

    /// Whether the answer is whole and right all the same: it is slow.
    pub(crate) const fn leaves_whole(self) -> bool {
        matches!(self, Self::Dribble { .. })
    }

    /// The fault of a name that says everything.
    pub(super) fn named(name: &str) -> Option<Self> {
        PLAIN.into_iter().find(|fault| fault.name() == name)
    }

    /// All names that [`Fault::named`] knows.
    pub(crate) fn names() -> impl Iterator<Item = &'static str> + Clone {
        PLAIN.into_iter().map(Self::name)
    }

    /// The name of the one fault that leaves an answer whole.
    pub(crate) const DRIBBLE: &'static str = "dribble";

    /// How many kinds there are.
    pub(crate) const KINDS: usize = PLAIN.len() + 1;

    /// Its place among all kinds, of which a dribble is the last.
    pub(crate) fn kind(self) -> usize {
        PLAIN.iter().position(|fault| *fault == self).unwrap_or(PLAIN.len())
    }

    /// The names of all kinds, in their places.
    pub(crate) fn all_names() -> impl Iterator<Item = &'static str> {
        Self::names().chain([Self::Dribble { chunks: 1, over_ms: 0 }.name()])
    }

    /// What a client meets, for those who choose one.
    pub(crate) fn descriptions() -> impl Iterator<Item = (&'static str, &'static str)> {
        PLAIN.into_iter().map(|fault| (fault.name(), fault.description()))
    }

    const fn description(self) -> &'static str {
        match self {
            Self::Reset => "No answer: the connection is reset.",
            Self::EmptyResponse => "No answer: the connection is closed before the first byte.",
            Self::Hang => "No answer: the connection stays open and silent.",
            Self::RandomData => {
                "No answer: random bytes that are not HTTP, drawn from the seed; then the connection is closed."
            }
            Self::TruncatedBody => {
                "Half of the body, after a Content-Length for all of it; then the connection is closed."
            }
            Self::WrongLength => {
                "The whole body, after a Content-Length that is too small; then the connection is closed."
            }
            Self::MalformedChunk => {
                "A chunked body with a chunk size that is not a number; then the connection is closed."
            }
            Self::MalformedJson => "Valid HTTP with a body that is not JSON.",
            Self::Dribble { .. } => "The correct answer, sent in pieces; then the connection is closed.",
        }
    }

    /// The names of those that send no answer.
    pub(crate) fn striking() -> impl Iterator<Item = &'static str> {
        PLAIN.into_iter().filter(|fault| fault.strikes()).map(Self::name)
    }

    /// Takes `fault`, if it is there and right. Every problem is kept.
    pub(super) fn of(
        source: &Arc<Source>,
        fields: &Fields<'_>,
        limits: &Limits,
        problems: &mut Problems,
    ) -> Option<Self> {
        let value = fields.value("fault")?;
        match value {
            Value::StringLit(text) => {
                let at = Location::new(source, span_of(value));
                problems.keep(Self::named(&text.value).ok_or_else(|| unknown(&text.value, at)))
            }
            _ => dribble(source, value, limits, problems),
        }
    }
}

fn unknown(name: &str, at: Location) -> Box<Problem> {
    let expected = format!("expected {}, or {{\"dribble\": …}}", Fault::names().collect::<Vec<_>>().join(", "));
    let problem = Problem::new(format!("unknown fault `{}`", shown(name)), at, expected);
    match nearest(name, Fault::names()) {
        _ if name == "dribble" => problem.hint("write {\"dribble\": {\"chunks\": 5, \"over_ms\": 2000}}"),
        Some(meant) => problem.hint(format!("did you mean `{meant}`?")),
        None => problem,
    }
    .boxed()
}

fn dribble(source: &Arc<Source>, value: &Value<'_>, limits: &Limits, problems: &mut Problems) -> Option<Fault> {
    let before = problems.count();
    let fault = Fields::open(source, value, &OBJECT, problems)?;
    let written = problems.keep(fault.value("dribble").ok_or_else(|| fault.missing("dribble")))?;
    let dribble = Fields::open(source, written, &DRIBBLE, problems)?;
    let most = u64::try_from(limits.delay.as_millis()).unwrap_or(u64::MAX);
    let chunks = problems.keep(dribble.required_number("chunks", 1..=CHUNKS_MAX));
    let over_ms = problems.keep(dribble.required_number("over_ms", 0..=most));
    let small = |number: u64| u32::try_from(number).unwrap_or(u32::MAX);
    let fault = Fault::Dribble { chunks: small(chunks?), over_ms: small(over_ms?) };
    (problems.count() == before).then_some(fault)
}
