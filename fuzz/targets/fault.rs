//! `--fault`: what is taken means what the grammar says, and what is not says why. The input is the flag's value.
#![no_main]

mod model;

use libfuzzer_sys::fuzz_target;
use std::fmt::Write as _;
use std::sync::LazyLock;
use wksmock::Limits;
use wksmock::fuzzing::{Directory, fault, users};

const LISTED: [&str; 5] = ["u", "a=b", "ü", "50%", "u=503:1"];
const GENERATED: [&str; 2] = ["generated000000", "generated000001"];
const STATUSES: [u16; 8] = [200, 400, 401, 403, 404, 405, 500, 503];
const PIECES_MAX: usize = 100;

static DIRECTORY: LazyLock<Directory> = LazyLock::new(|| {
    let listed: Vec<_> = LISTED.iter().map(|id| serde_json::json!({ "id": id })).collect();
    let generate = serde_json::json!({ "count": 2, "id_prefix": "generated" });
    let projects = serde_json::json!([
        { "id": "p", "users": listed, "generate": generate },
        { "id": "q", "users": [{ "id": "u" }] },
    ]);
    let text = serde_json::json!({ "projects": projects }).to_string();
    users(text.as_bytes(), &Limits::default()).expect("a good file")
});

fuzz_target!(|text: &str| {
    match (fault(text, &DIRECTORY), read(text)) {
        (Ok(fault), Some(read)) => {
            assert_eq!(fault.name(), text);
            assert_eq!(fault.status(), read.status);
            assert_eq!(fault.users_count(), Some(if read.user == "u" { 2 } else { 1 }));
            assert!(fault.is_for("p", read.user, &DIRECTORY));
            for call in (1..=40).chain(read.spans.iter().flat_map(Span::ends)) {
                assert_eq!(fault.allows(call), read.allows(call), "call {call} of {text:?}");
            }
            let printed = read.printed();
            let again = meaning_of(&printed);
            assert_eq!(again, fault.meaning(), "{text:?} is not {printed:?}");
        }
        (Err(refused), None) => {
            model::check_refused(&refused, 50);
            assert!(refused.problems.iter().all(|problem| problem.at.text == text));
        }
        (taken, read) => panic!("{text:?}: {taken:?}, but by the grammar {}", read.is_some()),
    }
});

fn meaning_of(printed: &str) -> String {
    fault(printed, &DIRECTORY).expect("what was taken is taken as it is printed").meaning()
}

/// A flag, read by its grammar: `USER=STATUS` or `USER=STATUS:CALLS`.
struct Read<'t> {
    user: &'t str,
    status: u16,
    /// None are all.
    spans: Vec<Span>,
}

/// `first-last`, `first-` or `*/step`.
struct Span {
    first: u64,
    last: u64,
    step: u64,
}

fn read(text: &str) -> Option<Read<'_>> {
    let (user, effect) = text.rsplit_once('=')?;
    let (status, calls) = match effect.split_once(':') {
        None => (effect, None),
        Some((status, calls)) => (status, Some(calls)),
    };
    let status = STATUSES.into_iter().find(|one| one.to_string() == status)?;
    let spans = match calls {
        None => Vec::new(),
        Some(calls) => calls.split(',').map(|piece| span(piece.trim())).collect::<Option<Vec<_>>>()?,
    };
    let is_known = LISTED.contains(&user) || GENERATED.contains(&user);
    (is_known && spans.len() <= PIECES_MAX).then_some(Read { user, status, spans })
}

fn span(piece: &str) -> Option<Span> {
    if let Some(step) = piece.strip_prefix("*/") {
        let step = number(step)?;
        return Some(Span { first: step, last: u64::MAX, step });
    }
    let (first, last) = piece.split_once('-').unwrap_or((piece, piece));
    let last = if last.is_empty() && piece.contains('-') { u64::MAX } else { number(last)? };
    let first = number(first)?;
    (first <= last).then_some(Span { first, last, step: 1 })
}

fn number(digits: &str) -> Option<u64> {
    let plain = digits.bytes().all(|byte| byte.is_ascii_digit());
    digits.parse().ok().filter(|number| plain && *number > 0)
}

impl Read<'_> {
    fn allows(&self, call: u64) -> bool {
        let allows = |span: &Span| call >= span.first && call <= span.last && call.is_multiple_of(span.step);
        self.spans.is_empty() || self.spans.iter().any(allows)
    }

    /// In one form, whatever it was written in.
    fn printed(&self) -> String {
        let mut printed = format!("{}={}", self.user, self.status);
        for (at, span) in self.spans.iter().enumerate() {
            printed.push(if at == 0 { ':' } else { ',' });
            let _ = match (span.step, span.last) {
                (1, u64::MAX) => write!(printed, "{}-", span.first),
                (1, last) => write!(printed, "{}-{last}", span.first),
                (step, _) => write!(printed, "*/{step}"),
            };
        }
        printed
    }
}

impl Span {
    /// Numbers about its ends.
    fn ends(&self) -> Vec<u64> {
        let Self { first, last, step } = *self;
        let near = [first - 1, first, first.saturating_add(step), last.saturating_sub(1), last, last.saturating_add(1)];
        near.into_iter().filter(|call| *call > 0).collect()
    }
}
