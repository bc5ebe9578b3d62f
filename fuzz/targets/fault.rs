//! `--fault`: a valid value has the meaning of the grammar, and an error has its reason. The input is the flag's value.
#![no_main]

mod model;

use libfuzzer_sys::fuzz_target;
use model::Calls;
use std::sync::LazyLock;
use wksmock::Limits;
use wksmock::fuzzing::{Directory, fault, users};

const LISTED: [&str; 5] = ["u", "a=b", "ü", "50%", "u=503:1"];
const GENERATED: [&str; 2] = ["generated000000", "generated000001"];
const STATUSES: [u16; 8] = [200, 400, 401, 403, 404, 405, 500, 503];
const FAULTS: [&str; 10] = [
    "reset",
    "reset_connection",
    "empty_response",
    "hang",
    "random_data",
    "tls_garbage",
    "truncated_body",
    "wrong_length",
    "malformed_chunk",
    "malformed_json",
];
/// Faults without an answer.
const STRIKING: [&str; 6] = ["reset", "reset_connection", "empty_response", "hang", "random_data", "tls_garbage"];

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
            assert_eq!(fault.effect(), read.effect);
            assert_eq!((fault.chance(), fault.phase()), (read.chance(), read.phase));
            let users = if read.target == "u" { 2 } else { 1 };
            assert_eq!(fault.users_count(), (read.target != "*").then_some(users));
            let user = if read.target == "*" { "u" } else { read.target };
            assert!(fault.is_for("p", user, &DIRECTORY));
            for call in (1..=40).chain(read.calls.iter().flat_map(Calls::edges)) {
                let allowed = read.calls.as_ref().is_none_or(|calls| calls.allow(call));
                assert_eq!(fault.allows(call), allowed, "call {call} of {text:?}");
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

/// A fault by its grammar: `TARGET=EFFECT`, then calls, a chance and a phase, each at most once.
struct Read<'t> {
    target: &'t str,
    effect: &'t str,
    /// `None` for all calls.
    calls: Option<Calls>,
    /// The raw text.
    percent: Option<&'t str>,
    phase: &'static str,
}

fn read(text: &str) -> Option<Read<'_>> {
    let (target, effect) = text.rsplit_once('=')?;
    let mut pieces = effect.split(':');
    let effect = pieces.next()?;
    let is_status = STATUSES.iter().any(|status| status.to_string() == effect);
    if !is_status && !FAULTS.contains(&effect) {
        return None;
    }
    let (mut calls, mut percent, mut phase) = (None, None, None);
    for piece in pieces {
        let twice = if let Some(number) = piece.strip_suffix('%') {
            percent.replace(number).is_some()
        } else if let Some(known) = ["before", "after"].into_iter().find(|known| *known == piece) {
            phase.replace(known).is_some()
        } else {
            calls.replace(Calls::read(piece)?).is_some()
        };
        if twice {
            return None;
        }
    }
    if let Some(number) = percent {
        let plain = number.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
        number.parse::<f64>().ok().filter(|percent| plain && *percent <= 100.0)?;
    }
    let fails = STRIKING.contains(&effect) || (is_status && effect != "200");
    if phase.is_some() && !fails {
        return None;
    }
    let is_known = target == "*" || LISTED.contains(&target) || GENERATED.contains(&target);
    is_known.then_some(Read { target, effect, calls, percent, phase: phase.unwrap_or("before") })
}

impl Read<'_> {
    fn chance(&self) -> Option<f64> {
        self.percent.map(|percent| percent.parse::<f64>().unwrap_or(f64::NAN) / 100.0)
    }

    /// The parts in normal order.
    fn printed(&self) -> String {
        let mut printed = format!("{}={}", self.target, self.effect);
        if let Some(calls) = &self.calls {
            printed += &format!(":{}", calls.printed());
        }
        if let Some(percent) = self.percent {
            printed += &format!(":{percent}%");
        }
        if self.phase == "after" {
            printed += ":after";
        }
        printed
    }
}
