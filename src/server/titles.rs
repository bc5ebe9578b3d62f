//! The head of an answer as it is sent: `Date`, media type and id follow the status line, and names of header fields are in
//! title case, as the vendor's gateway writes them. The SDK for C++ finds `X-Request-Id` in no other spelling.
//!
//! hyper can write all of it, and takes some 1,800 instructions more for each request; its date is late where the clock was
//! set back. Here the usual head is known by its first bytes, and only other heads are read byte by byte.

use crate::draw::RequestId;
use crate::state::Second;

/// Bytes of an answer that are copied with its head.
const COPIED_MAX: usize = 4 << 10;
/// Bytes of a head that are kept for the next.
const KEPT: usize = 512;

/// The first bytes of the usual answer, as hyper writes them.
const USUAL: &[u8; 32] = b"HTTP/1.1 200 OK\r\ncontent-length:";
/// The title as it is sent, with the fields after it, and space for date and id.
const TITLED: &[u8; 149] = b"HTTP/1.1 200 OK\r\n\
    .....................................\
    Content-Type: application/json\r\nX-Request-Id: ................................\r\n\
    Content-Length:";
/// Bytes that are reserved for a usual head and the body of a reset.
const USUAL_BYTES: usize = 240;
const DATE_AT: std::ops::Range<usize> = 17..54;
const ID_AT: usize = 100;

const JSON: &[u8] = b"Content-Type: application/json\r\n";

/// The interim answer that hyper writes to `Expect: 100-continue`.
const INTERIM: &[u8] = b"HTTP/1.1 100 Continue\r\n\r\n";

/// Fields of a head that hyper does not write.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Stamp {
    pub(super) date: Second,
    /// The id of an answer of the emulated API. Its media type is JSON, unless a rule sets another.
    pub(super) id: Option<RequestId>,
}

/// A head as it is sent, and some of the body. It is used again for the next answer.
#[derive(Debug, Default)]
pub(super) struct AnswerHead {
    bytes: Vec<u8>,
    /// The date of the usual head with which these bytes begin, if they do.
    usual: Option<Second>,
}

impl AnswerHead {
    /// Writes the head of an answer, and some of its body; gives the number of hyper's `bytes` that this stands for. They begin
    /// with the head, or with the rest of an interim answer before it.
    #[inline]
    pub(super) fn write(&mut self, bytes: &[u8], stamp: Stamp) -> usize {
        self.write_usual(bytes, stamp).unwrap_or_else(|| self.write_any(bytes, stamp))
    }

    #[inline]
    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Frees the memory of a long head.
    #[inline]
    pub(super) fn shrink(&mut self) {
        if self.bytes.capacity() > KEPT {
            *self = Self::default();
        }
    }

    /// Writes the usual head, if it is that, and whole.
    #[inline]
    fn write_usual(&mut self, bytes: &[u8], Stamp { date, id }: Stamp) -> Option<usize> {
        let id = id?;
        let bytes = bytes.get(..COPIED_MAX).unwrap_or(bytes);
        let (start, rest) = bytes.split_first_chunk::<32>()?;
        // The length of a reset's body has two digits.
        if start != USUAL || (rest.get(3..7)? != b"\r\n\r\n" && !length_is_last(rest)) {
            return None;
        }
        // The parts that every usual head of this second shares are there already.
        if self.usual != Some(date) {
            self.begin_usual(date);
        }
        self.bytes.truncate(TITLED.len());
        id.write(self.bytes.get_mut(ID_AT..)?.first_chunk_mut()?);
        self.bytes.extend_from_slice(rest);
        Some(bytes.len())
    }

    #[cold]
    fn begin_usual(&mut self, date: Second) {
        self.bytes.clear();
        // Growing it later would double it.
        self.bytes.reserve_exact(USUAL_BYTES);
        self.bytes.extend_from_slice(TITLED);
        self.bytes.get_mut(DATE_AT).into_iter().for_each(|place| place.copy_from_slice(&date.line()));
        self.usual = Some(date);
    }

    /// Writes any head.
    #[cold]
    fn write_any(&mut self, bytes: &[u8], stamp: Stamp) -> usize {
        self.usual = None;
        self.bytes.clear();
        any(bytes, stamp, &mut self.bytes)
    }
}

/// Whether a head ends with the line whose value this is.
fn length_is_last(value: &[u8]) -> bool {
    value
        .iter()
        .position(|byte| *byte == b'\n')
        .and_then(|end| value.get(end + 1..))
        .is_some_and(|rest| rest.starts_with(b"\r\n"))
}

/// Writes any head; gives how many bytes of `bytes` that stands for.
fn any(bytes: &[u8], stamp: Stamp, sent: &mut Vec<u8>) -> usize {
    let (interim, answer) = bytes.split_at(interim_bytes(bytes));
    let mut lines = answer.split_inclusive(|byte| *byte == b'\n');
    let status = lines.next().unwrap_or(&[]);
    sent.extend_from_slice(interim);
    sent.extend_from_slice(status);
    let fields_at = sent.len();
    let (mut has_date, mut has_type) = (false, false);
    for line in lines {
        let name_bytes = line.iter().position(|byte| *byte == b':').unwrap_or(0);
        let start = sent.len();
        sent.extend_from_slice(line);
        sent.get_mut(start..start + name_bytes).into_iter().for_each(write_name);
        has_date |= line.starts_with(b"date:");
        has_type |= line.starts_with(b"content-type:");
        if line == b"\r\n" {
            break;
        }
    }
    let head_bytes = sent.len();
    let mut stamped = Vec::new();
    // A rule may have set date and type.
    if !has_date {
        stamped.extend_from_slice(&stamp.date.line());
    }
    if let Some(id) = stamp.id {
        if !has_type {
            stamped.extend_from_slice(JSON);
        }
        stamped.extend([&b"X-Request-Id: "[..], &id.hex(), b"\r\n"].concat());
    }
    sent.splice(fields_at..fields_at, stamped);
    let body = invariant!(bytes.get(head_bytes..), &[], "the head is a part of the answer");
    let body = body.get(..COPIED_MAX.saturating_sub(head_bytes)).unwrap_or(body);
    sent.extend_from_slice(body);
    head_bytes + body.len()
}

/// Bytes of an interim answer, or of the rest of one, before the head.
fn interim_bytes(bytes: &[u8]) -> usize {
    let left = (0..INTERIM.len()).map(|at| INTERIM.get(at..).unwrap_or(&[]));
    left.filter(|left| bytes.starts_with(left)).map(<[u8]>::len).find(|length| *length < bytes.len()).unwrap_or(0)
}

/// Names that the vendor does not write in plain title case.
const SPELLED: [&[u8]; 1] = [b"X-IAM-Trace-Id"];

/// Spells a name in title case as the vendor does.
fn spell(name: &mut [u8]) {
    if let Some(spelled) = SPELLED.iter().find(|spelled| spelled.eq_ignore_ascii_case(name)) {
        name.copy_from_slice(spelled);
    }
}

/// Writes a field's name in title case: a capital at the start and after each hyphen.
pub(super) fn write_name(name: &mut [u8]) {
    let mut is_capital = true;
    for byte in &mut *name {
        if is_capital {
            byte.make_ascii_uppercase();
        }
        is_capital = *byte == b'-';
    }
    spell(name);
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::{Duration, SystemTime};

    const DATE: &str = "Date: Mon, 30 Nov 2026 00:00:00 GMT\r\n";
    /// Its second.
    const THEN: u64 = 1_795_996_800;
    const ID: &str = "X-Request-Id: 0123456789abcdef0123456789abcdef\r\n";
    const ANSWER: &str = "HTTP/1.1 200 OK\r\ncontent-length: 13\r\n\r\n{\n\"a-b\": 1}\r\n";
    const EXPECTED: &str = "HTTP/1.1 200 OK\r\nDate: Mon, 30 Nov 2026 00:00:00 GMT\r\nContent-Type: application/json\r\n\
                            X-Request-Id: 0123456789abcdef0123456789abcdef\r\nContent-Length: 13\r\n\r\n\
                            {\n\"a-b\": 1}\r\n";

    /// Writes an answer of the emulated API.
    fn written(answer: &str) -> String {
        written_with(answer, stamp(THEN, Some("0123456789abcdef0123456789abcdef")))
    }

    fn written_with(answer: &str, stamp: Stamp) -> String {
        let mut head = AnswerHead { bytes: b"an answer before".to_vec(), usual: None };
        assert_eq!(head.write(answer.as_bytes(), stamp), answer.len());
        String::from_utf8(head.bytes).unwrap()
    }

    fn stamp(unix: u64, id: Option<&str>) -> Stamp {
        let date = Second::of(SystemTime::UNIX_EPOCH + Duration::from_secs(unix));
        Stamp { date, id: id.map(|id| RequestId::parse(id).unwrap()) }
    }

    #[test]
    fn head_is_reused_after_any_earlier_write() {
        let other = "HTTP/1.0 503 A b-c\r\nretry-after: 1\r\n\r\n";
        let mut head = AnswerHead::default();
        let ids = [Some("0123456789abcdef0123456789abcdef"), Some("98760000000000000000000000000000"), None];
        for (at, answer) in [ANSWER, ANSWER, other, ANSWER, ANSWER, other].iter().enumerate() {
            for (unix, id) in [THEN, THEN, THEN + 1 + at as u64].into_iter().zip(ids) {
                let (stamp, mut expected) = (stamp(unix, id), Vec::new());
                any(answer.as_bytes(), stamp, &mut expected);
                assert_eq!(head.write(answer.as_bytes(), stamp), answer.len());
                assert_eq!(String::from_utf8_lossy(head.bytes()), String::from_utf8_lossy(&expected));
            }
            if at == 1 {
                head.bytes.reserve(KEPT + 1);
                head.shrink();
                assert_eq!(head.bytes.capacity(), 0);
            }
        }
    }

    #[test]
    fn the_usual_answer_is_written_at_once_and_as_any_other() {
        let (mut at_once, mut slowly) = (AnswerHead::default(), Vec::new());
        let stamp = stamp(THEN, Some("0123456789abcdef0123456789abcdef"));
        assert_eq!(at_once.write_usual(ANSWER.as_bytes(), stamp), Some(ANSWER.len()));
        assert_eq!(any(ANSWER.as_bytes(), stamp, &mut slowly), ANSWER.len());
        assert_eq!(String::from_utf8(at_once.bytes).unwrap(), EXPECTED);
        assert_eq!(String::from_utf8(slowly).unwrap(), EXPECTED);
        assert_eq!(written(ANSWER), EXPECTED);
    }

    #[test]
    fn other_heads_have_titles_and_one_date_and_bodies_do_not() {
        for (answer, expected) in [
            ("HTTP/1.1 204 No Content\r\ndate: x-y\r\n\r\n", "HTTP/1.1 204 No Content\r\nDate: x-y\r\n\r\n".to_owned()),
            (
                "HTTP/1.0 503 A b-c\r\nretry-after: 1\r\n\r\nd-e: f\r\ndate: g\r\n",
                format!("HTTP/1.0 503 A b-c\r\n{DATE}Retry-After: 1\r\n\r\nd-e: f\r\ndate: g\r\n"),
            ),
            (
                "HTTP/1.1 200 OK\r\nx-iam-trace-id: x-iam-trace-id\r\nx-iam: a\r\n\r\n",
                format!("HTTP/1.1 200 OK\r\n{DATE}X-IAM-Trace-Id: x-iam-trace-id\r\nX-Iam: a\r\n\r\n"),
            ),
            ("HTTP/1.1 304 Not Modified\r\n\r\n", format!("HTTP/1.1 304 Not Modified\r\n{DATE}\r\n")),
            (
                "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}",
                format!("HTTP/1.1 200 OK\r\n{DATE}Content-Length: 2\r\n\r\n{{}}"),
            ),
        ] {
            assert_eq!(written_with(answer, stamp(THEN, None)), expected);
        }
    }

    #[test]
    fn heads_of_the_emulated_api_have_its_media_type_and_an_id() {
        for (answer, expected) in [
            (ANSWER, EXPECTED.to_owned()),
            (&ANSWER.replace(": 13", ": 1300"), EXPECTED.replace(": 13", ": 1300")),
            (&ANSWER.replace("content-length", "date-length"), EXPECTED.replace("Content-Length", "Date-Length")),
            (&ANSWER.replace("\r\n\r\n{", "\r\nx-z: 1\r\n\r\n{"), EXPECTED.replace("\r\n\r\n{", "\r\nX-Z: 1\r\n\r\n{")),
            (&ANSWER.replace("200 OK", "404 Not Found"), EXPECTED.replace("200 OK", "404 Not Found")),
            (
                "HTTP/1.1 418 I'm a teapot\r\ncontent-type: text/plain\r\ndate: x-y\r\n\r\n",
                format!("HTTP/1.1 418 I'm a teapot\r\n{ID}Content-Type: text/plain\r\nDate: x-y\r\n\r\n"),
            ),
        ] {
            assert_eq!(written(answer), expected);
        }
    }

    #[test]
    fn head_after_an_interim_answer_is_written() {
        for answer in [ANSWER, "HTTP/1.0 503 A b-c\r\nretry-after: 1\r\n\r\n"] {
            for at in 0..INTERIM.len() {
                let left = str::from_utf8(&INTERIM[at..]).unwrap();
                assert_eq!(written(&format!("{left}{answer}")), format!("{left}{}", written(answer)));
            }
        }
    }

    #[test]
    fn of_a_long_answer_the_head_is_copied_and_little_more() {
        let field = "v".repeat(3 * COPIED_MAX);
        for (head, copied) in [
            (ANSWER.split_once('{').unwrap().0.to_owned(), COPIED_MAX),
            ("HTTP/1.1 200 OK\r\nx: y\r\n\r\n".to_owned(), COPIED_MAX),
            (format!("HTTP/1.1 200 OK\r\nx: {field}\r\n\r\n"), 3 * COPIED_MAX + 24),
        ] {
            let answer = head.clone() + &"b".repeat(2 * COPIED_MAX);
            let mut sent = AnswerHead::default();
            let id = "0123456789abcdef0123456789abcdef";
            for (stamp, stamped) in
                [(stamp(THEN, None), DATE.len()), (stamp(THEN, Some(id)), DATE.len() + JSON.len() + ID.len())]
            {
                assert_eq!(sent.write(answer.as_bytes(), stamp), copied, "{head}");
                assert_eq!(sent.bytes().len(), copied + stamped);
            }
        }
    }

    #[test]
    fn a_name_that_is_written_alone_is_spelled_as_in_a_head() {
        for (name, expected) in
            [("x-request-id", "X-Request-Id"), ("date", "Date"), ("x-iam-trace-id", "X-IAM-Trace-Id")]
        {
            let mut name = name.as_bytes().to_vec();
            write_name(&mut name);
            assert_eq!(String::from_utf8_lossy(&name), expected);
        }
    }
}
