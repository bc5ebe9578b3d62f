//! Names of header fields in title case, as the vendor's gateway writes them: the SDK for C++ finds `X-Request-Id` in no
//! other spelling.
//!
//! hyper can write them so, and takes a thousand instructions more for each request. Here the usual head is known by its
//! first bytes, and only other heads are read byte by byte. No name changes its length, so what hyper counts is right.

/// How far an answer is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Titles {
    at: At,
    /// Whether another head follows this one, as after `100 Continue`.
    interim: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum At {
    /// In the status line, or in a field's value.
    Line,
    /// In a field's name, or in the empty line behind the last field.
    Name {
        is_first: bool,
        is_capital: bool,
    },
    /// At the end of an interim head.
    Interim,
    Body,
}

/// The first bytes of the usual answer, as hyper writes them and as they are sent.
const USUAL: &[u8; 63] = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nx-request-id: ";
const TITLED: &[u8; 63] = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nX-Request-Id: ";
/// Bytes of a request id and the end of its line.
const ID_BYTES: usize = 34;
/// Bytes of a date after its name.
const DATE_BYTES: usize = ": Mon, 30 Nov 2026 00:00:00 GMT".len();

impl Titles {
    /// The beginning of an answer.
    #[inline]
    pub(super) fn begin(bytes: &[u8]) -> Self {
        let at = if bytes.starts_with(b"HTTP/1.") { At::Line } else { At::Body };
        Self { at, interim: bytes.starts_with(b"HTTP/1.1 100 ") }
    }

    /// Whether the head is not over.
    #[inline]
    pub(super) fn is_in_head(self) -> bool {
        self.at != At::Body
    }

    /// Writes names in title case in the next bytes of an answer.
    #[inline]
    pub(super) fn write(&mut self, bytes: &mut [u8]) {
        if usual(bytes).is_some() {
            self.at = At::Body;
        } else {
            self.write_any(bytes);
        }
    }

    #[cold]
    fn write_any(&mut self, bytes: &mut [u8]) {
        let mut name_at = 0;
        for at in 0..bytes.len() {
            let Some(byte) = bytes.get_mut(at) else { return };
            self.at = match self.at {
                At::Body => return,
                At::Line if *byte == b'\n' => {
                    name_at = at + 1;
                    At::Name { is_first: true, is_capital: true }
                }
                At::Line | At::Interim => At::Line,
                At::Name { is_first: true, .. } if *byte == b'\r' && self.interim => {
                    self.interim = false;
                    At::Interim
                }
                At::Name { is_first: true, .. } if *byte == b'\r' => At::Body,
                At::Name { .. } if *byte == b':' => {
                    bytes.get_mut(name_at..at).into_iter().for_each(spell);
                    At::Line
                }
                At::Name { is_capital, .. } => {
                    if is_capital {
                        byte.make_ascii_uppercase();
                    }
                    At::Name { is_first: false, is_capital: *byte == b'-' }
                }
            };
        }
    }

    /// The same after as many of these bytes.
    #[cold]
    pub(super) fn after(mut self, bytes: &[u8]) -> Self {
        self.write_any(&mut bytes.to_vec());
        self
    }
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

/// Writes the names of the usual head, if it is that, and whole.
#[inline]
fn usual(bytes: &mut [u8]) -> Option<()> {
    let (start, rest) = bytes.split_first_chunk_mut::<63>()?;
    if start != USUAL {
        return None;
    }
    let (length, rest) = rest.get_mut(ID_BYTES..)?.split_first_chunk_mut::<16>()?;
    let end = rest.iter().position(|byte| *byte == b'\n')?;
    let (date, rest) = rest.get_mut(end + 1..)?.split_first_chunk_mut::<4>()?;
    if length != b"content-length: " || date != b"date" || !rest.get(DATE_BYTES..)?.starts_with(b"\r\n\r\n") {
        return None;
    }
    *start = *TITLED;
    *length = *b"Content-Length: ";
    *date = *b"Date";
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANSWER: &str = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nx-request-id: \
                          0123456789abcdef0123456789abcdef\r\ncontent-length: 13\r\n\
                          date: Mon, 30 Nov 2026 00:00:00 GMT\r\n\r\n{\n\"a-b\": 1}\r\n";
    const EXPECTED: &str = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nX-Request-Id: \
                            0123456789abcdef0123456789abcdef\r\nContent-Length: 13\r\n\
                            Date: Mon, 30 Nov 2026 00:00:00 GMT\r\n\r\n{\n\"a-b\": 1}\r\n";

    fn titled(answer: &str) -> String {
        let mut bytes = answer.as_bytes().to_vec();
        let mut titles = Titles::begin(&bytes);
        titles.write(&mut bytes);
        assert!(!titles.is_in_head());
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn the_usual_answer_is_titled_at_once_and_as_any_other() {
        assert!(usual(&mut ANSWER.as_bytes().to_vec()).is_some());
        assert_eq!(titled(ANSWER), EXPECTED);
        let mut slowly = ANSWER.as_bytes().to_vec();
        Titles::begin(&slowly).write_any(&mut slowly);
        assert_eq!(slowly, EXPECTED.as_bytes());
    }

    #[test]
    fn other_heads_are_titled_and_bodies_are_not() {
        for (answer, expected) in [
            ("HTTP/1.1 204 No Content\r\ndate: x-y\r\n\r\n", "HTTP/1.1 204 No Content\r\nDate: x-y\r\n\r\n"),
            (
                "HTTP/1.0 503 A b-c\r\nretry-after: 1\r\n\r\nd-e: f\r\n",
                "HTTP/1.0 503 A b-c\r\nRetry-After: 1\r\n\r\nd-e: f\r\n",
            ),
            (
                "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nx-a: b\r\n\r\nc-d: e\r\n",
                "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nX-A: b\r\n\r\nc-d: e\r\n",
            ),
            (
                "HTTP/1.1 200 OK\r\nx-iam-trace-id: x-iam-trace-id\r\nx-iam: a\r\n\r\n",
                "HTTP/1.1 200 OK\r\nX-IAM-Trace-Id: x-iam-trace-id\r\nX-Iam: a\r\n\r\n",
            ),
            ("no head: x\r\n", "no head: x\r\n"),
            (&ANSWER.replace("date", "dote"), &EXPECTED.replace("Date", "Dote")),
            (
                &ANSWER.replace("\r\n\r\n{", "\r\nx-z: 1\r\n\r\n{"),
                &EXPECTED.replace("\r\n\r\n{", "\r\nX-Z: 1\r\n\r\n{"),
            ),
        ] {
            assert_eq!(titled(answer), expected);
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

    #[test]
    fn an_answer_that_is_written_in_two_parts_is_the_same() {
        for at in 8..ANSWER.len() {
            let (first, second) = ANSWER.as_bytes().split_at(at);
            // All of it was to be written, and the socket took the first part.
            let mut titles = Titles::begin(ANSWER.as_bytes()).after(first);
            let (mut start, mut end) = (first.to_vec(), second.to_vec());
            Titles::begin(first).write(&mut start);
            titles.write(&mut end);
            assert_eq!([start, end].concat(), EXPECTED.as_bytes(), "{at}");
        }
    }
}
