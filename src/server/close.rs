//! Ends a connection when hyper is done with it: answers malformed input, and closes so that the client can tell it from a
//! failure.

use super::deadlines::{ConnectionOrder, ConnectionPhase, Progress};
use super::log_line::{self, Line};
use super::noting::note_malformed;
use super::stream::Stream;
use super::tcp_close::{drop_the_rest, reset, say_goodbye};
use super::{Shared, admin_exchange, encode, wire_faults};
use crate::admin;
use crate::api::{Answered, Content, Refused};
use crate::contract::{REQUEST_TIMEOUT, Situation, URI_TOO_LONG};
use crate::limits::Limits;
use crate::state::{DecidedBy, LimitHit, Sent, Settled, State};
use bytes::Bytes;
use std::time::Duration;
use tokio::io::AsyncWriteExt as _;

/// Why hyper is done.
#[derive(Debug)]
pub(super) enum ConnectionEnd {
    /// It ended by itself; the status is that of an answer of its own, which was kept back.
    Itself(Result<(), hyper::Error>, Option<u16>),
    /// It was ended by an order.
    Ordered(ConnectionOrder),
    /// The client speaks plain HTTP where TLS is spoken.
    PlainHttp,
}

/// Bytes of the method and target of malformed input that are kept.
const SHOWN_BYTES: usize = 1_024;
/// A field's name that is shown, in bytes; a value may be a secret.
const SHOWN_NAME_BYTES: usize = 40;
/// The first bytes of a TLS connection: a handshake record of some version 3.
const TLS_HELLO: &[u8] = &[0x16, 0x03];
const HTTP_2_PREFACE: &[u8] = b"PRI * HTTP/2.0";

/// Answers, if there is something to answer, and closes. `head` has the bytes that are not a request yet; it is dropped before
/// anything waits.
pub(super) async fn end(ended: ConnectionEnd, mut stream: Stream, head: Bytes, shared: &Shared, progress: &Progress) {
    let limits = &shared.state.limits;
    if let Some(strike) = progress.take_strike() {
        drop(head);
        wire_faults::carry_out(strike, stream, &shared.state).await;
        return;
    }
    if let Some(limit) = limit_hit(&ended, &head) {
        shared.state.metrics.hit(limit);
    }
    match ended {
        ConnectionEnd::Ordered(ConnectionOrder::Overdue(phase)) if phase.is_sending() => return reset(stream),
        ConnectionEnd::Ordered(ConnectionOrder::Reset) => return reset(stream),
        ConnectionEnd::Ordered(_) | ConnectionEnd::Itself(..) | ConnectionEnd::PlainHttp => {}
    }
    if let Some(refused) = refusal(&ended, &head, limits) {
        let consumed = matches!(&ended, ConnectionEnd::Itself(Err(error), _) if is_consumed(error));
        let has_line = !consumed && !head.starts_with(TLS_HELLO);
        let answer = refuse(&shared.state, progress, refused, if has_line { &head } else { &[] });
        drop(head);
        let writing = async {
            stream.write_all(&answer).await?;
            stream.flush().await
        };
        let written = tokio::time::timeout(limits.stall, writing).await;
        if matches!(written, Ok(Ok(()))) {
            drop_the_rest(&mut stream, limits).await;
        }
    } else if progress.is_unread() && matches!(ended, ConnectionEnd::Itself(..)) {
        drop(head);
        drop_the_rest(&mut stream, limits).await;
    } else if matches!(ended, ConnectionEnd::Itself(Ok(()), _) | ConnectionEnd::Ordered(ConnectionOrder::Overdue(_))) {
        say_goodbye(&mut stream).await;
    }
}

fn limit_hit(ended: &ConnectionEnd, head: &[u8]) -> Option<LimitHit> {
    match ended {
        ConnectionEnd::Ordered(ConnectionOrder::Overdue(phase)) if phase.is_sending() => Some(LimitHit::Stall),
        ConnectionEnd::Ordered(ConnectionOrder::Overdue(ConnectionPhase::Idle)) if head.is_empty() => {
            Some(LimitHit::Idle)
        }
        ConnectionEnd::Ordered(ConnectionOrder::Overdue(_)) => Some(LimitHit::Head),
        ConnectionEnd::Itself(Err(_), Some(414 | 431)) => Some(LimitHit::HeadBytes),
        ConnectionEnd::Ordered(ConnectionOrder::Cut | ConnectionOrder::Reset)
        | ConnectionEnd::Itself(..)
        | ConnectionEnd::PlainHttp => None,
    }
}

/// The refusal of a malformed head, if the client can be answered.
fn refusal(ended: &ConnectionEnd, head: &[u8], limits: &Limits) -> Option<Refused> {
    match ended {
        ConnectionEnd::Ordered(ConnectionOrder::Overdue(_)) if !head.is_empty() => {
            let message = format!(
                "The head of the request did not arrive within {} ms of its first byte.",
                limits.head.as_millis()
            );
            Some(Refused::transport(&REQUEST_TIMEOUT, message))
        }
        ConnectionEnd::Ordered(_) | ConnectionEnd::Itself(Ok(()), _) => None,
        ConnectionEnd::PlainHttp => {
            let message = "The client speaks plain HTTP, but this port speaks HTTPS: use an https:// URL.".to_owned();
            Some(Refused::new(Situation::MalformedRequest, message).closing())
        }
        ConnectionEnd::Itself(Err(error), swallowed) => {
            let incomplete = error.is_incomplete_message() && !head.is_empty();
            (swallowed.is_some() || error.is_parse() || incomplete).then(|| malformed(error, *swallowed, head, limits))
        }
    }
}

fn malformed(error: &hyper::Error, swallowed: Option<u16>, head: &[u8], limits: &Limits) -> Refused {
    if matches!(swallowed, Some(414 | 431)) {
        let line = head.iter().position(|byte| *byte == b'\n').unwrap_or(head.len());
        if line > limits.target_bytes_max {
            let message = format!("The request target has more than {} bytes.", limits.target_bytes_max);
            return Refused::transport(&URI_TOO_LONG, message);
        }
        return Refused::head_too_long(limits);
    }
    let message = if head.starts_with(TLS_HELLO) {
        "The client speaks TLS, but this server speaks plain HTTP: use an http:// URL.".to_owned()
    } else if head.starts_with(HTTP_2_PREFACE) {
        "The client speaks HTTP/2 where only HTTP/1.1 is served: configure it, or start with --h2c.".to_owned()
    } else if error.is_incomplete_message() {
        "The request ends in the middle of the head.".to_owned()
    } else {
        match wrong_field(head).filter(|_| !is_consumed(error)) {
            Some(wrong) => format!("The request is not well-formed HTTP: {wrong}."),
            None => format!("The request is not well-formed HTTP: {error}."),
        }
    };
    Refused::new(Situation::MalformedRequest, message).closing()
}

/// Whether hyper consumed the head before it rejected it. Then the read buffer holds only the bytes after the head.
fn is_consumed(error: &hyper::Error) -> bool {
    let said = error.to_string();
    said.contains("content-length") || said.contains("transfer-encoding")
}

/// Describes the first malformed field, without a part that may be a value.
fn wrong_field(head: &[u8]) -> Option<String> {
    let lines = head.split(|byte| *byte == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line));
    lines.enumerate().skip(1).take_while(|(_, line)| !line.is_empty()).find_map(|(at, line)| {
        let colon = line.iter().position(|byte| *byte == b':');
        let (name, value) = line.split_at(colon.unwrap_or(line.len()));
        let is_folded = line.starts_with(b" ") || line.starts_with(b"\t");
        let what = if is_folded {
            "a folded field"
        } else if colon.is_none() {
            "a field without a colon"
        } else if name.is_empty() {
            "a field without a name"
        } else if name.ends_with(b" ") || name.ends_with(b"\t") {
            "a space before the colon of a field"
        } else if value.iter().any(|byte| byte.is_ascii_control() && *byte != b'\t') {
            "a control character in a field"
        } else if name.iter().any(|byte| !byte.is_ascii_graphic()) {
            "an invalid field name"
        } else {
            return None;
        };
        if is_folded || colon.is_none() {
            return Some(format!("{what} in line {} of the head", at + 1));
        }
        let word = name.split(|byte| *byte == b' ').next();
        let word = invariant!(word, name, "a split has at least one part");
        let shown = String::from_utf8_lossy(word.get(..SHOWN_NAME_BYTES).unwrap_or(word)).escape_debug().to_string();
        Some(format!("{what}, `{shown}`"))
    })
}

/// Journals and logs malformed input; gives the answer as bytes.
fn refuse(state: &State, progress: &Progress, refused: Refused, head: &[u8]) -> Vec<u8> {
    let end = head.iter().position(|byte| matches!(byte, b'\r' | b'\n')).unwrap_or(head.len());
    let line = head.split_at(end).0;
    let line = String::from_utf8_lossy(line.get(..SHOWN_BYTES).unwrap_or(line));
    let mut words = line.split_whitespace();
    let (method, target) = (words.next().unwrap_or(""), words.next().unwrap_or(""));
    let path = target.split_once('?').map_or(target, |(path, _)| path);
    if admin::is_admin(path) {
        return encode::whole(
            &admin::refuse(state, admin_exchange::problem(refused)).map(Content::from),
            method,
            state,
        );
    }
    let (noted, answered) = note_malformed(state, progress, refused, (method, target));
    let ended = state.clock.now();
    let line = Line { method, path, operation: None, user: None };
    log_line::write(&noted.running.setup, &line, &answered, ended.saturating_sub(noted.arrived));
    let Answered { reply, extras, .. } = answered;
    let sent = Sent { status: reply.status(), bytes: reply.content_length(), took: Duration::ZERO };
    let request_id = reply.request_id();
    state.metrics.answered(None, DecidedBy::Rejection, sent.status, Duration::ZERO);
    state.journal.finish(noted.index, Settled { request_id, decided: None, extras }, sent);
    encode::whole(&reply.into_response(), method, state)
}
