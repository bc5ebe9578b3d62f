//! The optional headers that name the rules behind an answer, and link to the explanation of an error.
//!
//! `X-Wksmock-Explain: status=two outages (scenarios/outage.json:5:5); delay=slow (scenarios/slow.json:5:5)`. In names and
//! places, separators and all but visible ASCII are percent-encoded, and long ones are shortened.

use super::reply::Reply;
use crate::contract::Origin;
use crate::contract::errors::ERROR_CODES;
use crate::engine::{Outcome, Refusal, because};
use crate::scenario::RuleLabel;
use crate::state::State;
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

const NAME: &str = "x-wksmock-explain";
const ERROR: &str = "x-wksmock-error";
/// Bytes of a name or a place that are shown.
const SHOWN_MAX: usize = 200;
const CUT: &str = "...";
const ENCODED: &AsciiSet = &CONTROLS.add(b'%').add(b';').add(b'(').add(b')');

/// Has a reply name what it is due to.
#[cold]
pub(super) fn explain(reply: &mut Reply, outcome: &Outcome) {
    reply.set_header(NAME, &because(outcome, named));
}

/// Has a reply name the rule that refused the request before it was counted.
#[cold]
pub(super) fn explain_refusal(reply: &mut Reply, rule: &RuleLabel) {
    reply.set_header(NAME, &format!("status={}", named(rule)));
}

/// Has a reply say where its error is explained, if it is one of the contract's, and there is an admin API.
#[cold]
pub(super) fn explain_error(state: &State, reply: &mut Reply, refusal: &Refusal) {
    // Of Keystone's errors the status is the code.
    let status = reply.status();
    let own = status.to_string();
    let code = if refusal.origin == Origin::Keystone { &own } else { refusal.code.as_ref() };
    let is_documented = ERROR_CODES.iter().any(|one| one.status == status && one.code == code);
    if let Some(base) = state.admin_base().filter(|_| is_documented) {
        reply.set_header(ERROR, &format!("{base}/__admin/error-codes?code={code}&status={status}"));
    }
}

/// The start of the name, and the end of the place, which has the line.
fn named(label: &RuleLabel) -> String {
    let name = pieces(label.name.chars());
    let mut place = pieces(label.place.chars().rev());
    place.reverse();
    format!("{} ({})", name.concat(), place.concat())
}

/// Character by character, as long as there is room.
fn pieces(chars: impl Iterator<Item = char>) -> Vec<String> {
    let mut left = SHOWN_MAX;
    let mut pieces = Vec::new();
    for character in chars {
        let piece = utf8_percent_encode(character.encode_utf8(&mut [0; 4]), ENCODED).to_string();
        let Some(rest) = left.checked_sub(piece.len()) else {
            pieces.push(CUT.to_owned());
            break;
        };
        left = rest;
        pieces.push(piece);
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(name: &str, place: &str) -> String {
        named(&RuleLabel { name: name.to_owned(), place: place.to_owned() })
    }

    #[test]
    fn rule_is_named_in_visible_ascii_that_can_be_parsed() {
        assert_eq!(shown("two outages", "scenarios/outage.json:5:5"), "two outages (scenarios/outage.json:5:5)");
        assert_eq!(shown("50 %; a (b)", "ä\n.json:1:2"), "50 %25%3B a %28b%29 (%C3%A4%0A.json:1:2)");
    }

    #[test]
    fn long_ones_keep_the_start_of_the_name_and_the_line() {
        let exact = "n".repeat(SHOWN_MAX);
        assert_eq!(shown(&exact, &exact), format!("{exact} ({exact})"));
        assert_eq!(shown(&format!("{exact}x"), &format!("x{exact}")), format!("{exact}... (...{exact})"));
        let wide = shown(&"ä".repeat(SHOWN_MAX), &format!("{}:7:9", "ä".repeat(SHOWN_MAX)));
        assert_eq!(wide, format!("{}... (...{}:7:9)", "%C3%A4".repeat(33), "%C3%A4".repeat(32)));
    }
}
