//! Simple models of the fuzzed code, written from the documentation. They may be slow.
#![allow(dead_code, reason = "each target uses what it needs")]

use wksmock::fuzzing::{Id, Place, Refused, Routed};

/// Percent-decodes a text; `None` if a `%` is not followed by two hexadecimal digits.
fn decoded_strictly(raw: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut rest = raw.as_bytes();
    while let [first, after @ ..] = rest {
        rest = after;
        if *first == b'%' {
            let [high, low, after @ ..] = after else { return None };
            bytes.push(hex(*high)? * 16 + hex(*low)?);
            rest = after;
        } else {
            bytes.push(*first);
        }
    }
    Some(bytes)
}

fn hex(digit: u8) -> Option<u8> {
    let value = char::from(digit).to_digit(16)?;
    u8::try_from(value).ok()
}

/// A segment of a path.
pub fn id(raw: &str) -> Id {
    let text = decoded_strictly(raw).and_then(|bytes| String::from_utf8(bytes).ok());
    text.map_or_else(|| Id::Undecodable(raw.to_owned()), Id::Text)
}

/// `/v2/{project_id}/users/{user_id}/random-password`
pub fn route(path: &str, method: &str) -> Routed {
    let pieces: Vec<_> = path.split('/').map(id).collect();
    let [root, v2, project, users, user, random_password] = pieces.as_slice() else {
        return Routed::Unknown;
    };
    let is = |piece: &Id, literal: &str| matches!(piece, Id::Text(text) if text == literal);
    let known = path.starts_with('/') && is(root, "") && is(v2, "v2") && is(users, "users");
    let with_slash = |piece: &Id| matches!(piece, Id::Text(text) if text.contains('/'));
    if !known || !is(random_password, "random-password") || with_slash(project) || with_slash(user) {
        return Routed::Unknown;
    }
    let ids = [project.clone(), user.clone()];
    if method == "GET" { Routed::Known(ids) } else { Routed::WrongMethod(ids) }
}

/// Names and values of a form-encoded query, where an invalid escape is literal.
pub fn pairs(query: &str) -> Vec<(String, String)> {
    let pieces = query.split('&').filter(|piece| !piece.is_empty());
    let pair = |piece: &str| {
        let (name, value) = piece.split_once('=').unwrap_or((piece, ""));
        (decoded_as_form(name), decoded_as_form(value))
    };
    pieces.map(pair).collect()
}

fn decoded_as_form(raw: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = raw.as_bytes();
    while let [first, after @ ..] = rest {
        let escaped = match after {
            [high, low, ..] if *first == b'%' => hex(*high).zip(hex(*low)),
            _ => None,
        };
        if let Some((high, low)) = escaped {
            bytes.push(high * 16 + low);
            rest = &after[2..];
        } else {
            bytes.push(if *first == b'+' { b' ' } else { *first });
            rest = after;
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The notification types of a query; `None` if it is invalid.
pub fn notification_types(query: &str) -> Option<Vec<&'static str>> {
    let pairs = pairs(query);
    let values: Vec<_> = pairs.iter().filter(|(name, _)| name == "notification_type").collect();
    match values.as_slice() {
        [] => Some(vec![]),
        [(_, value)] => match value.as_str() {
            "email" => Some(vec!["email"]),
            "phone" => Some(vec!["phone"]),
            "email,phone" | "phone,email" => Some(vec!["email", "phone"]),
            _ => None,
        },
        _ => None,
    }
}

/// Checks that each problem has a message and a place in the text, and can be drawn.
pub fn check_refused(refused: &Refused, kept_max: usize) {
    assert!(!refused.problems.is_empty(), "refused without a problem");
    assert!(refused.problems.len() <= kept_max, "{} problems are kept", refused.problems.len());
    assert!(refused.more == 0 || refused.problems.len() == kept_max);
    for problem in &refused.problems {
        let told = [Some(&problem.what), Some(&problem.expected), problem.hint.as_ref()];
        for text in told.into_iter().flatten() {
            assert!(!text.is_empty() && !text.contains(char::is_control), "{problem:?}");
        }
        check_place(&problem.at);
        problem.also.iter().for_each(check_place);
    }
    let drawn = refused.drawn.matches("error: ").count();
    assert!(drawn >= refused.problems.len(), "{drawn} drawn of {}: {}", refused.problems.len(), refused.drawn);
    let odd = refused.drawn.chars().find(|character| character.is_control() && *character != '\n');
    assert_eq!(odd, None, "a terminal would obey it: {:?}", refused.drawn);
    let more = format!("… and {} more", refused.more);
    assert_eq!(refused.drawn.contains(&more), refused.more > 0);
}

fn check_place(place: &Place) {
    let Some(span) = &place.span else {
        panic!("a text without a place in it: {place:?}");
    };
    assert!(place.text.get(span.clone()).is_some(), "{span:?} is not in the text {:?}", place.text);
    let before = &place.text[..span.start];
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or("").chars().count() + 1;
    assert!(place.shown.ends_with(&format!(":{line}:{column}")), "{} is {line}:{column}", place.shown);
}

/// A list of call numbers by its grammar: numbers, `first-last`, `first-` and `*/step`, separated by commas.
pub struct Calls(Vec<(u64, u64, u64)>);

/// Maximum number of pieces of a list.
const PIECES_MAX: usize = 100;

impl Calls {
    pub fn read(text: &str) -> Option<Self> {
        let spans = text.split(',').map(|piece| span(piece.trim())).collect::<Option<Vec<_>>>()?;
        (spans.len() <= PIECES_MAX).then_some(Self(spans))
    }

    pub fn allow(&self, call: u64) -> bool {
        let allows = |(first, last, step): &(u64, u64, u64)| {
            call >= *first && call <= *last && (*step == 1 || call.is_multiple_of(*step))
        };
        self.0.iter().any(allows)
    }

    /// Numbers near the ends of the pieces.
    pub fn edges(&self) -> Vec<u64> {
        let near = |(first, last, step): &(u64, u64, u64)| {
            [first - 1, *first, first.saturating_add(*step), last.saturating_sub(1), *last, last.saturating_add(1)]
        };
        self.0.iter().flat_map(near).filter(|call| *call > 0).collect()
    }

    /// The normal form.
    pub fn printed(&self) -> String {
        let piece = |(first, last, step): &(u64, u64, u64)| match (step, last) {
            (1, &u64::MAX) => format!("{first}-"),
            (1, last) => format!("{first}-{last}"),
            (step, _) => format!("*/{step}"),
        };
        self.0.iter().map(piece).collect::<Vec<_>>().join(",")
    }
}

/// First, last, and step.
fn span(piece: &str) -> Option<(u64, u64, u64)> {
    if let Some(step) = piece.strip_prefix("*/") {
        let step = number(step)?;
        return Some((step, u64::MAX, step));
    }
    let (first, last) = piece.split_once('-').unwrap_or((piece, piece));
    let last = if last.is_empty() && piece.contains('-') { u64::MAX } else { number(last)? };
    let first = number(first)?;
    (first <= last).then_some((first, last, 1))
}

fn number(digits: &str) -> Option<u64> {
    let plain = digits.bytes().all(|byte| byte.is_ascii_digit());
    digits.parse().ok().filter(|number| plain && *number > 0)
}

/// Whether a path belongs to another operation than the password reset.
pub fn is_of_another(path: &str) -> bool {
    let pieces: Vec<_> = path.split('/').map(id).collect();
    let is = |at: usize, literal: &str| matches!(pieces.get(at), Some(Id::Text(text)) if text == literal);
    let of_users = is(0, "") && is(1, "v2") && is(3, "users");
    if of_users && (matches!(pieces.len(), 4 | 5) || (pieces.len() == 6 && is(5, "actions"))) {
        return true;
    }
    let decoded = decoded_strictly(path).and_then(|bytes| String::from_utf8(bytes).ok());
    let paths = [
        "/v3/auth/tokens",
        "/v3/projects",
        "/v3/auth/projects",
        "/v3/auth/domains",
        "/v3.0/OS-CREDENTIAL/securitytokens",
        "/v5/caller-identity",
        "/v5/decode-authorization-message",
    ];
    decoded.is_some_and(|path| paths.contains(&path.as_str()))
}
