//! The result of a request that was tried: the bytes of both sides without secrets, and how it ended.

use super::reply::AdminReply;
use crate::draw::RequestId;
use crate::engine::{Setup, opened_reason};
use crate::redact::redacted;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use hyper::Response;
use serde::Serialize;
use serde_json::Value;
use std::borrow::Cow;
use std::ops::Range;

/// Members of a temporary access key that hold secrets.
const SECRET_MEMBERS: [&str; 2] = ["secret", "securitytoken"];
/// The member of an error in which its reason is sealed.
const SEALED: &str = "encoded_authorization_message";
const HIDDEN: &str = "***";

/// How a request that was tried ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub(crate) enum TrialEnd {
    /// The answer is complete.
    Answered,
    /// The connection was reset.
    Reset,
    /// It was closed early.
    Closed,
    /// The time was up.
    TimedOut,
    /// The connection was refused.
    Refused,
}

/// A request that was sent, and its answer.
#[derive(Debug)]
pub(crate) struct Tried<'t> {
    pub(crate) account: Option<String>,
    pub(crate) auth: &'static str,
    /// The bytes of the request's head.
    pub(crate) head: &'t str,
    pub(crate) body: &'t str,
    /// The kept bytes of the answer, and the end of its head in them; 0 without a head.
    pub(crate) answer: &'t [u8],
    pub(crate) head_ends: usize,
    pub(crate) status: Option<u16>,
    /// Number of bytes received.
    pub(crate) bytes: u64,
    pub(crate) ended: TrialEnd,
    /// An oddity of the framing of the answer.
    pub(crate) note: Option<String>,
    pub(crate) after_ms: u64,
    pub(crate) index: Option<u64>,
}

/// The request that was sent, and how it ended.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "Tried"))]
pub(super) struct ShownTrial<'t> {
    /// The bytes that were sent.
    request: SentRequest<'t>,
    /// The bytes that came back; `None` if no byte did.
    answer: Option<ReceivedAnswer>,
    /// How it ended.
    ended: TrialEnd,
    /// An oddity of the framing of the answer.
    note: Option<&'t str>,
    /// Milliseconds from connecting to the end.
    after_ms: u64,
    /// The index of its journal entry; `None` if it was not journaled.
    index: Option<u64>,
    /// The reason that the error had sealed in `encoded_authorization_message`, opened.
    reason: Option<Value>,
}

/// A request as it was sent.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct SentRequest<'t> {
    /// The credentials that were sent.
    #[cfg_attr(test, schemars(extend("enum" = crate::state::Credentials::NAMES)))]
    auth: &'static str,
    /// The account that called; `None` without credentials.
    account: Option<&'t str>,
    /// Request line and header fields, secrets redacted.
    head: String,
    /// The body, secrets redacted.
    body: Cow<'t, str>,
}

/// An answer as it came.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct ReceivedAnswer {
    /// The status; `None` if the bytes are not HTTP.
    status: Option<u16>,
    /// Status line and header fields.
    head: String,
    /// The body; if `base64`, in that encoding.
    body: String,
    /// Whether the body is not UTF-8 text.
    base64: bool,
    /// Number of bytes that came.
    bytes: u64,
    /// Whether the answer is longer than is shown.
    cut: bool,
}

impl Tried<'_> {
    /// As the admin API shows it.
    pub(crate) fn into_response(self, setup: &Setup, id: RequestId) -> Response<Bytes> {
        let split = self.answer.split_at_checked(self.head_ends);
        let (head, body) = invariant!(split, (b"".as_slice(), self.answer), "a head ends within its answer");
        let sealed = member(body, SEALED).and_then(|sealed| std::str::from_utf8(body.get(sealed)?).ok());
        let opened = sealed.and_then(|sealed| opened_reason(setup, sealed));
        let reason = opened.map(|opened| serde_json::from_str(&opened).unwrap_or(Value::String(opened)));
        let answer = (self.bytes > 0).then(|| {
            let (body, base64) = shown_body(setup, body);
            let cut = self.bytes > self.answer.len() as u64;
            let head = shown_head(setup, head);
            ReceivedAnswer { status: self.status, head, body, base64, bytes: self.bytes, cut }
        });
        let head = shown_head(setup, self.head.as_bytes());
        let account = self.account.as_deref();
        let shown = ShownTrial {
            request: SentRequest { auth: self.auth, account, head, body: setup.hide(self.body) },
            answer,
            ended: self.ended,
            note: self.note.as_deref(),
            after_ms: self.after_ms,
            index: self.index,
            reason,
        };
        AdminReply::json(200, &shown).into_response(id)
    }
}

/// A head, line by line, without secrets.
fn shown_head(setup: &Setup, head: &[u8]) -> String {
    let head = String::from_utf8_lossy(head);
    let mut shown = String::with_capacity(head.len());
    for line in head.split_inclusive('\n') {
        let (text, end) = line.split_at(line.trim_end_matches(['\r', '\n']).len());
        match text.split_once(':').filter(|(name, _)| !name.contains([' ', '/'])) {
            Some((name, value)) => {
                let (blanks, bare) = value.split_at(value.len() - value.trim_start().len());
                let value = redacted(&name.to_ascii_lowercase(), bare.as_bytes());
                let value = String::from_utf8_lossy(&value).into_owned();
                shown.extend([name, ":", blanks, &setup.hide(&value), end]);
            }
            None => shown.extend([&*setup.hide(text), end]),
        }
    }
    shown
}

/// A body without secrets, and whether it is written in Base64, since it is not a text.
fn shown_body(setup: &Setup, body: &[u8]) -> (String, bool) {
    let mut starred = Cow::Borrowed(body);
    for name in SECRET_MEMBERS {
        if let Some(secret) = member(&starred, name) {
            starred.to_mut().splice(secret, HIDDEN.bytes());
        }
    }
    match std::str::from_utf8(&starred) {
        Ok(text) => (setup.hide(text).into_owned(), false),
        Err(_) => (STANDARD.encode(&starred), true),
    }
}

/// Where the text of a member stands in JSON, which may have been cut off anywhere.
fn member(json: &[u8], name: &str) -> Option<Range<usize>> {
    let quoted = format!("\"{name}\"");
    let at = json.windows(quoted.len()).position(|part| part == quoted.as_bytes())? + quoted.len();
    let is_between = |byte: &u8| byte.is_ascii_whitespace() || *byte == b':';
    let start = at + json.get(at..)?.iter().take_while(|byte| is_between(byte)).count();
    if *json.get(start)? != b'"' {
        return None;
    }
    let start = start + 1;
    let (mut end, mut escaped) = (start, false);
    for byte in json.get(start..)? {
        if *byte == b'"' && !escaped {
            break;
        }
        escaped = *byte == b'\\' && !escaped;
        end += 1;
    }
    Some(start..end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_of_a_member_is_found_also_where_it_is_cut() {
        let found = |json: &str| member(json.as_bytes(), "secret").map(|range| json[range].to_owned());
        assert_eq!(found(r#"{"a": 1, "secret" : "x\"y", "b": 2}"#).unwrap(), r#"x\"y"#);
        assert_eq!(found(r#"{"secret":"xy"#).unwrap(), "xy");
        assert_eq!(found(r#"{"secret":""#).unwrap(), "");
        for other in [r#"{"secret":"#, r#"{"secret": 1}"#, r#"{"secrets": "x"}"#, ""] {
            assert_eq!(found(other), None, "{other}");
        }
    }
}
