//! The canonical request: what a signature is made of.

use crate::contract::encoded;
use crate::draw::hex;
use crate::redact::redacted;
use hyper::http::header::HeaderValue;
use hyper::http::request::Parts;
use percent_encoding::percent_decode_str;
use sha2::{Digest as _, Sha256};
use std::borrow::Cow;

/// The field in which a hash of the body may come.
const CONTENT_HASH: &str = "x-sdk-content-sha256";

/// Characters that are left of each line, however long all of them are.
const LINE_CHARS_MIN: usize = 16;

/// One way to read a request that SDKs read in several ways. The default is the way that most of them have in common.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Reading {
    /// An empty body counts by its own hash, whatever `X-Sdk-Content-Sha256` says.
    empty_hash: bool,
    /// Repeated parameters of the query stay in the order in which they were sent.
    as_sent: bool,
    /// A raw plus sign in a value of the query is a blank.
    blank_plus: bool,
}

impl Reading {
    /// The other readings that differ for this request, seven at most.
    pub(super) fn others(request: &Parts, body: &[u8]) -> Vec<Self> {
        let text = request.uri.query().unwrap_or("");
        let plain = Self::default();
        let differs = |other: &Self| query(text, *other) != query(text, plain);
        let choices = |differs: bool| if differs { &[false, true][..] } else { &[false] };
        let has_two_hashes = body.is_empty() && request.headers.contains_key(CONTENT_HASH);
        let as_sent = choices(differs(&Self { as_sent: true, ..plain }));
        let blank_plus = choices(differs(&Self { blank_plus: true, ..plain }));
        let mut others = Vec::new();
        for &empty_hash in choices(has_two_hashes) {
            for &as_sent in as_sent {
                others.extend(blank_plus.iter().map(|&blank_plus| Self { empty_hash, as_sent, blank_plus }));
            }
        }
        others.retain(|other| *other != plain);
        others
    }

    /// Describes how the canonical request differs from the one in the message.
    pub(super) fn told(self) -> Option<&'static str> {
        match self {
            Self { empty_hash: true, as_sent: false, blank_plus: false } => {
                Some("the SHA-256 of an empty body as last line")
            }
            Self { empty_hash: false, as_sent: true, blank_plus: false } => {
                Some("repeated parameters in the order sent")
            }
            Self { empty_hash: false, as_sent: false, blank_plus: true } => Some("a plus sign as %20"),
            _ => None,
        }
    }
}

/// Method, path, query, the signed fields, an empty line, their names, and the body's hash, a line each.
pub(super) fn canonical_request(request: &Parts, signed_headers: &str, body: &[u8], reading: Reading) -> String {
    of_values(request, signed_headers, body, reading, |_, value| Cow::Borrowed(value)).join("\n")
}

/// The lines of the canonical request without secrets, in the default reading.
pub(super) fn shown_request(request: &Parts, signed_headers: &str, body: &[u8]) -> Vec<String> {
    of_values(request, signed_headers, body, Reading::default(), redacted)
}

/// In one line, with bars for line ends, and where that has too many characters the longest lines cut.
pub(super) fn in_one_line(lines: &[String], chars_max: usize) -> String {
    let of = |most: usize| lines.iter().map(|line| cut(line, most)).collect::<Vec<_>>().join("|");
    let mut most = lines.iter().map(|line| line.chars().count()).max().unwrap_or(0);
    loop {
        let line = of(most);
        if most <= LINE_CHARS_MIN || line.chars().count() <= chars_max {
            return line;
        }
        most = (most / 4 * 3).max(LINE_CHARS_MIN);
    }
}

/// The start of a line that has more characters than may be, with a sign that there is more.
fn cut(line: &str, most: usize) -> Cow<'_, str> {
    if line.chars().count() <= most {
        return Cow::Borrowed(line);
    }
    Cow::Owned(line.chars().take(most.saturating_sub(1)).chain(['…']).collect())
}

fn of_values(
    request: &Parts,
    signed_headers: &str,
    body: &[u8],
    reading: Reading,
    value: impl for<'v> Fn(&str, &'v [u8]) -> Cow<'v, [u8]>,
) -> Vec<String> {
    let target = [path(request.uri.path()), query(request.uri.query().unwrap_or(""), reading)];
    let mut lines = vec![request.method.as_str().to_owned()];
    lines.extend(target);
    lines.extend(signed_headers.split(';').map(|name| field(request, name, &value)));
    lines.extend([String::new(), signed_headers.to_owned(), payload(request, body, reading)]);
    lines
}

/// Decoded, taken apart at slashes, and each piece encoded anew, with a slash behind: so an encoded slash separates too.
fn path(path: &str) -> String {
    let decoded = percent_decode_str(path).decode_utf8_lossy();
    let pieces: Vec<_> = decoded.split('/').map(|piece| encoded(piece).to_string()).collect();
    let mut path = pieces.join("/");
    if !path.ends_with('/') {
        path.push('/');
    }
    path
}

/// The pairs sorted by name and then, unless they stay as sent, by value; both encoded anew.
fn query(query: &str, reading: Reading) -> String {
    let decoded = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    let mut pairs: Vec<_> = pairs
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let value = if reading.blank_plus { decoded(&value.replace('+', " ")) } else { decoded(value) };
            (decoded(name), value)
        })
        .collect();
    if reading.as_sent {
        pairs.sort_by(|one, other| one.0.cmp(&other.0));
    } else {
        pairs.sort_unstable();
    }
    let pairs = pairs.iter().map(|(name, value)| format!("{}={}", encoded(name), encoded(value)));
    pairs.collect::<Vec<_>>().join("&")
}

/// `name:value`; the values of a repeated field are joined with commas.
fn field(request: &Parts, name: &str, shown: impl for<'v> Fn(&str, &'v [u8]) -> Cow<'v, [u8]>) -> String {
    let values = request.headers.get_all(name).iter();
    let value = |value: &HeaderValue| String::from_utf8_lossy(&shown(name, value.as_bytes())).trim().to_owned();
    let values: Vec<_> = values.map(value).collect();
    format!("{name}:{}", values.join(","))
}

/// The text of `X-Sdk-Content-Sha256`, else the hash of the body. A hash of a body other than the one that has arrived is
/// not taken at its word.
fn payload(request: &Parts, body: &[u8], reading: Reading) -> String {
    let hash = || hex(&Sha256::digest(body));
    let said = request.headers.get(CONTENT_HASH).and_then(|hash| hash.to_str().ok());
    let Some(said) = said.filter(|_| !reading.empty_hash) else { return hash() };
    let is_hash = said.len() == 64 && said.bytes().all(|byte| byte.is_ascii_hexdigit());
    if body.is_empty() || !is_hash || said.eq_ignore_ascii_case(&hash()) { said.to_owned() } else { hash() }
}
