//! The canonical request: what a signature is made of.

use crate::contract::redacted;
use crate::draw::hex;
use hyper::http::header::HeaderValue;
use hyper::http::request::Parts;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use sha2::{Digest as _, Sha256};
use std::borrow::Cow;

/// What stays as it is: letters, digits and `-_.~`.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');
/// The field in which a hash of the body may come.
const CONTENT_HASH: &str = "x-sdk-content-sha256";

/// What no line is cut below, where all of them are too long.
const LINE_CHARS_MIN: usize = 16;

/// Method, path, query, the signed fields, an empty line, their names, and the body's hash, a line each.
pub(super) fn canonical_request(request: &Parts, signed_headers: &str, body: &[u8]) -> String {
    of_values(request, signed_headers, body, |_, value| Cow::Borrowed(value)).join("\n")
}

/// The same as it may be shown: without secrets.
pub(super) fn shown_request(request: &Parts, signed_headers: &str, body: &[u8]) -> Vec<String> {
    of_values(request, signed_headers, body, redacted)
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
    value: impl for<'v> Fn(&str, &'v [u8]) -> Cow<'v, [u8]>,
) -> Vec<String> {
    let target = [path(request.uri.path()), query(request.uri.query().unwrap_or(""))];
    let mut lines = vec![request.method.as_str().to_owned()];
    lines.extend(target);
    lines.extend(signed_headers.split(';').map(|name| field(request, name, &value)));
    lines.extend([String::new(), signed_headers.to_owned(), payload(request, body)]);
    lines
}

/// Decoded, taken apart at slashes, and each piece encoded anew, with a slash behind: so an encoded slash separates too.
fn path(path: &str) -> String {
    let decoded = percent_decode_str(path).decode_utf8_lossy();
    let pieces: Vec<_> = decoded.split('/').map(encoded).collect();
    let mut path = pieces.join("/");
    if !path.ends_with('/') {
        path.push('/');
    }
    path
}

/// The pairs sorted by name and value, both encoded anew. A plus sign is one: what the SDKs sign they send encoded.
fn query(query: &str) -> String {
    let decoded = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    let mut pairs: Vec<_> = pairs
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decoded(name), decoded(value))
        })
        .collect();
    pairs.sort_unstable();
    let pairs = pairs.iter().map(|(name, value)| format!("{}={}", encoded(name), encoded(value)));
    pairs.collect::<Vec<_>>().join("&")
}

fn encoded(text: &str) -> String {
    utf8_percent_encode(text, ENCODED).to_string()
}

/// `name:value`; the values of a repeated field are joined with commas.
fn field(request: &Parts, name: &str, shown: impl for<'v> Fn(&str, &'v [u8]) -> Cow<'v, [u8]>) -> String {
    let values = request.headers.get_all(name).iter();
    let value = |value: &HeaderValue| String::from_utf8_lossy(&shown(name, value.as_bytes())).trim().to_owned();
    let values: Vec<_> = values.map(value).collect();
    format!("{name}:{}", values.join(","))
}

/// The hash of what has arrived, unless the request says that its body is not signed. A hash that it says is that of its
/// body, or nothing holds together.
fn payload(request: &Parts, body: &[u8]) -> String {
    let said = request.headers.get(CONTENT_HASH).and_then(|hash| hash.to_str().ok());
    let is_hash = |said: &str| said.len() == 64 && said.bytes().all(|byte| byte.is_ascii_hexdigit());
    match said.filter(|said| !body.is_empty() && !is_hash(said)) {
        Some(said) => said.to_owned(),
        None => hex(&Sha256::digest(body)),
    }
}
