//! The fault facet: what happens to an answer on the wire.
//!
//! A kind of fault is one row of [`fault_kinds`], from which the reader, the schema, the help of `--fault`, the guide, the
//! journal and the wire read.

use crate::diagnostics::{Fields, Location, Problem, Problems, Value, Vocabulary, shown, span_of};
use crate::limits::Limits;

pub(crate) const FAULT_OBJECT: Vocabulary = Vocabulary {
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

/// One kind of fault.
#[derive(Debug)]
pub(crate) struct FaultKind {
    pub(crate) name: &'static str,
    pub(crate) class: FaultClass,
    /// The effect on the client, for schemas and the guide.
    #[cfg_attr(not(test), expect(dead_code, reason = "tests make the schema of it"))]
    pub(crate) description: &'static str,
    /// The journal's note on the answer's body, with `{bytes}` for its length, `{half}`, and the fault's parameters.
    note: &'static str,
    /// The same for a stream of HTTP/2, if it is another.
    over_http_2: Option<&'static str>,
    /// The fault, if its name says everything.
    pub(crate) plain: Option<Fault>,
}

/// The fate of the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FaultClass {
    /// None is sent, so the fault strikes before or after the side effect.
    Striking,
    /// Its body is spoiled. An answer without a body is sent as it is.
    Spoiling,
    /// It arrives whole and right, but slowly.
    Slowing,
}

/// The effect of a fault on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WireEffect {
    /// Resets the connection, or the stream of HTTP/2.
    Reset,
    /// Resets the connection with all streams.
    ResetConnection,
    /// Closes the connection before the first byte.
    Close,
    /// Sends nothing until the client gives up.
    Silence,
    /// Sends random bytes, and closes the connection.
    Noise,
    /// Sends random bytes outside of TLS, and closes the connection.
    NoiseBeneath,
    /// Replaces the last byte of the body.
    NotJson,
    /// Writes the answer by hand, and closes the connection.
    ByHand(HandWritten),
}

/// How an answer is written by hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum HandWritten {
    HalfTheBody,
    HalfTheLength,
    BadChunk,
    Pieces { chunks: u32, over_ms: u32 },
}

macro_rules! fault_kinds {
    (@plain $kind:ident) => { Some(Fault::$kind) };
    (@plain $kind:ident $($parameter:ident)+) => { None };
    (@note) => { None };
    (@note $note:literal) => { Some($note) };
    (@row $name:literal $class:ident $description:literal $note:literal ($($over:literal)?) $($kind:ident)+) => {
        FaultKind {
            name: $name,
            class: FaultClass::$class,
            description: $description,
            note: $note,
            over_http_2: fault_kinds!(@note $($over)?),
            plain: fault_kinds!(@plain $($kind)+),
        }
    };
    ($($kind:ident $(($($parameter:ident: $about:literal),+))? {
        name: $name:literal, class: $class:ident, wire: $wire:expr, description: $description:literal, note: $note:literal
        $(, over_http_2: $over:literal)?
    })+) => {
        /// A fault on the wire.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[non_exhaustive]
        pub enum Fault {
            $(#[doc = $description] $kind $({ $(#[doc = $about] $parameter: u32),+ })?),+
        }

        /// All kinds of faults.
        pub(crate) const FAULT_KINDS: &[FaultKind] =
            &[$(fault_kinds!(@row $name $class $description $note ($($over)?) $kind $($($parameter)+)?)),+];

        impl Fault {
            /// The place of its kind among all.
            pub(crate) const fn index(self) -> usize {
                enum Index { $($kind),+ }
                match self { $(Self::$kind { .. } => Index::$kind as usize),+ }
            }

            pub(crate) const fn kind(self) -> &'static FaultKind {
                match self {
                    $(Self::$kind { .. } => &fault_kinds!(@row $name $class $description $note ($($over)?) $kind $($($parameter)+)?)),+
                }
            }

            pub(crate) const fn wire(self) -> WireEffect {
                match self { $(Self::$kind $({ $($parameter),+ })? => $wire),+ }
            }

            /// The names and values of its parameters.
            fn parameters(self) -> Vec<(&'static str, u32)> {
                match self {
                    $(Self::$kind $({ $($parameter),+ })? => vec![$($((stringify!($parameter), $parameter)),+)?]),+
                }
            }
        }
    };
}

fault_kinds! {
    Reset {
        name: "reset",
        class: Striking,
        wire: WireEffect::Reset,
        description: "No answer: the connection is reset.",
        note: "Not sent: the connection was reset.",
        over_http_2: "Not sent: the stream was reset by RST_STREAM INTERNAL_ERROR."
    }
    ResetConnection {
        name: "reset_connection",
        class: Striking,
        wire: WireEffect::ResetConnection,
        description: "No answer: the connection is reset, over HTTP/2 with all its streams. Over HTTP/1.1 the same as `reset`.",
        note: "Not sent: the connection was reset."
    }
    EmptyResponse {
        name: "empty_response",
        class: Striking,
        wire: WireEffect::Close,
        description: "No answer: the connection is closed before the first byte.",
        note: "Not sent: the connection was closed without an answer.",
        over_http_2: "Not sent: the stream was reset by RST_STREAM CANCEL."
    }
    Hang {
        name: "hang",
        class: Striking,
        wire: WireEffect::Silence,
        description: "No answer: the connection stays open and silent.",
        note: "Not sent: the answer was withheld until the connection ended.",
        over_http_2: "Not sent: the answer was withheld until the stream ended."
    }
    RandomData {
        name: "random_data",
        class: Striking,
        wire: WireEffect::Noise,
        description: "No answer: random bytes that are not HTTP, drawn from the seed; then the connection is closed.",
        note: "Not sent: random bytes were sent instead of the answer.",
        over_http_2: "Not sent: HTTP/2 cannot carry random bytes, so the stream was reset by RST_STREAM INTERNAL_ERROR."
    }
    TlsGarbage {
        name: "tls_garbage",
        class: Striking,
        wire: WireEffect::NoiseBeneath,
        description: "No answer: random bytes that are not TLS, drawn from the seed; then the connection is closed. Over plain HTTP the same as `random_data`.",
        note: "Not sent: random bytes were sent instead of the answer, outside of TLS.",
        over_http_2: "Not sent: other requests share the connection, so only the stream was reset, by RST_STREAM INTERNAL_ERROR."
    }
    TruncatedBody {
        name: "truncated_body",
        class: Spoiling,
        wire: WireEffect::ByHand(HandWritten::HalfTheBody),
        description: "Half of the body, after a Content-Length for all of it; then the connection is closed.",
        note: "Only the first {half} of these {bytes} bytes were sent.",
        over_http_2: "Only the first {half} of these {bytes} bytes were sent; then the stream was reset by RST_STREAM INTERNAL_ERROR."
    }
    WrongLength {
        name: "wrong_length",
        class: Spoiling,
        wire: WireEffect::ByHand(HandWritten::HalfTheLength),
        description: "The whole body, after a Content-Length that is too small; then the connection is closed.",
        note: "Sent completely, with a Content-Length of {half} bytes."
    }
    MalformedChunk {
        name: "malformed_chunk",
        class: Spoiling,
        wire: WireEffect::ByHand(HandWritten::BadChunk),
        description: "A chunked body with a chunk size that is not a number; then the connection is closed.",
        note: "Sent completely, as a chunk whose size is not a number.",
        over_http_2: "HTTP/2 has no chunks: only the first {half} of these {bytes} bytes were sent; then the stream was reset by RST_STREAM INTERNAL_ERROR."
    }
    MalformedJson {
        name: "malformed_json",
        class: Spoiling,
        wire: WireEffect::NotJson,
        description: "Valid HTTP with a body that is not JSON.",
        note: "The last byte was replaced by a backslash, so the body is not JSON."
    }
    Dribble(chunks: "How many pieces, from 1.", over_ms: "The time from the first to the last, in milliseconds.") {
        name: "dribble",
        class: Slowing,
        wire: WireEffect::ByHand(HandWritten::Pieces { chunks, over_ms }),
        description: "The correct answer, sent in pieces; then the connection is closed.",
        note: "Sent in at most {chunks} pieces over {over_ms} ms."
    }
}

impl FaultKind {
    pub(crate) fn named(name: &str) -> Option<&'static Self> {
        FAULT_KINDS.iter().find(|kind| kind.name == name)
    }
}

impl Fault {
    pub(crate) fn name(self) -> &'static str {
        self.kind().name
    }

    /// Whether it sends no answer, and so strikes before or after the side effect.
    pub(crate) fn strikes(self) -> bool {
        self.kind().class == FaultClass::Striking
    }

    /// Whether it sends random bytes.
    pub(crate) fn is_drawn(self) -> bool {
        matches!(self.wire(), WireEffect::Noise | WireEffect::NoiseBeneath)
    }

    /// Whether it does nothing to an answer that has no body.
    pub(crate) fn spoils_a_body(self) -> bool {
        self.kind().class == FaultClass::Spoiling
    }

    /// Whether the answer arrives whole and right anyway.
    pub(crate) fn leaves_whole(self) -> bool {
        self.kind().class == FaultClass::Slowing
    }

    /// The journal's note on an answer's body of that length.
    pub(crate) fn note(self, bytes: u64, over_http_2: bool) -> String {
        let kind = self.kind();
        let note = kind.over_http_2.filter(|_| over_http_2).unwrap_or(kind.note);
        let parameters = self.parameters().into_iter().map(|(name, value)| (name, u64::from(value)));
        let values = parameters.chain([("bytes", bytes), ("half", bytes / 2)]);
        values.fold(note.to_owned(), |note, (name, value)| note.replace(&format!("{{{name}}}"), &value.to_string()))
    }

    /// The fault as a rule writes it.
    pub(crate) fn to_json(self) -> serde_json::Value {
        let parameters: serde_json::Map<_, _> =
            self.parameters().into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect();
        if self.kind().plain.is_some() { self.name().into() } else { serde_json::json!({ self.name(): parameters }) }
    }

    /// The fault whose name says everything.
    pub(super) fn named(name: &str) -> Option<Self> {
        FaultKind::named(name)?.plain
    }

    /// All names that [`Fault::named`] knows.
    pub(crate) fn plain_names() -> impl Iterator<Item = &'static str> + Clone {
        FAULT_KINDS.iter().filter(|kind| kind.plain.is_some()).map(|kind| kind.name)
    }

    /// Reads `fault`, if it is there and right. Every problem is kept.
    pub(super) fn read(fields: &Fields<'_>, limits: &Limits, problems: &mut Problems) -> Option<Self> {
        match fields.value("fault")? {
            value @ Value::StringLit(text) => {
                let at = fields.location(span_of(value));
                problems.keep(Self::named(&text.value).ok_or_else(|| unknown(&text.value, at)))
            }
            _ => dribble(fields, limits, problems),
        }
    }
}

fn unknown(name: &str, at: Location) -> Box<Problem> {
    let expected = format!("expected {}, or {{\"dribble\": …}}", Fault::plain_names().collect::<Vec<_>>().join(", "));
    let problem = Problem::new(format!("unknown fault `{}`", shown(name)), at, expected);
    if name == "dribble" {
        problem.hint("write {\"dribble\": {\"chunks\": 5, \"over_ms\": 2000}}").boxed()
    } else {
        problem.meant(name, Fault::plain_names()).boxed()
    }
}

fn dribble(fields: &Fields<'_>, limits: &Limits, problems: &mut Problems) -> Option<Fault> {
    let before = problems.count();
    let fault = fields.object("fault", &FAULT_OBJECT, problems)?;
    if fault.value("dribble").is_none() {
        problems.push(fault.missing("dribble"));
    }
    let dribble = fault.object("dribble", &DRIBBLE, problems)?;
    let most = u64::try_from(limits.delay.as_millis()).unwrap_or(u64::MAX);
    let chunks = problems.keep(dribble.required_number("chunks", 1..=CHUNKS_MAX));
    let over_ms = problems.keep(dribble.required_number("over_ms", 0..=most));
    let small = |number: u64| invariant!(u32::try_from(number).ok(), u32::MAX, "its bound is below `u32::MAX`");
    let fault = Fault::Dribble { chunks: small(chunks?), over_ms: small(over_ms?) };
    (problems.count() == before).then_some(fault)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_is_found_by_its_name_and_place() {
        for (place, kind) in FAULT_KINDS.iter().enumerate() {
            let fault = kind.plain.unwrap_or(Fault::Dribble { chunks: 1, over_ms: 0 });
            assert_eq!((fault.name(), fault.index()), (kind.name, place));
            assert_eq!(Fault::named(kind.name), kind.plain);
            for over_http_2 in [false, true] {
                let note = fault.note(9, over_http_2);
                assert!(!note.contains(['{', '}']), "{note}");
            }
            let has_answer = matches!(fault.wire(), WireEffect::NotJson | WireEffect::ByHand(_));
            assert_eq!(has_answer, !fault.strikes(), "{}", kind.name);
        }
    }
}
