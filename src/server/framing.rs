//! Reads an answer as it arrives, until it is whole by its own framing. Unlike a client it keeps every byte, even if the answer
//! is not HTTP.

/// An answer that is being read.
#[derive(Debug)]
pub(super) struct Coming {
    /// The kept bytes.
    pub(super) bytes: Vec<u8>,
    kept_max: usize,
    /// Number of bytes received.
    pub(super) count: u64,
    /// Where its head ends; 0 before that is there.
    pub(super) head_ends: usize,
    pub(super) status: Option<u16>,
    /// Whether its head announces the close of the connection.
    pub(super) closes: bool,
    body: Body,
    /// Bytes that came after it was whole.
    surplus: u64,
}

/// The rest of a body.
#[derive(Debug)]
enum Body {
    /// The head is incomplete.
    Head,
    Length(u64),
    /// Everything until the connection ends.
    UntilEnd,
    Chunked(Chunk),
    Whole,
    /// It is not HTTP.
    Broken(&'static str),
}

/// Where in a chunked body the next byte stands.
#[derive(Clone, Copy, Debug)]
enum Chunk {
    /// In a line with a size: what it is so far, and whether its digits are over.
    Size(u64, bool),
    /// In so many bytes, and the line end behind them.
    Data(u64),
    /// At the beginning of a line behind the last chunk.
    End,
    /// In such a line.
    Trailer,
}

/// The start of a status line.
const START: &[u8] = b"HTTP/1.";
/// Digits of a chunk's size at most.
const SIZE_MAX: u64 = 1 << 40;

impl Coming {
    pub(super) fn new(kept_max: usize) -> Self {
        let bytes = Vec::new();
        Self { bytes, kept_max, count: 0, head_ends: 0, status: None, closes: false, body: Body::Head, surplus: 0 }
    }

    /// Whether it is whole, and no more of it can come.
    pub(super) fn is_whole(&self) -> bool {
        matches!(self.body, Body::Whole)
    }

    /// Takes bytes that came.
    pub(super) fn take(&mut self, bytes: &[u8]) {
        self.count += bytes.len() as u64;
        let room = self.kept_max - self.bytes.len();
        let scanned = self.bytes.len();
        self.bytes.extend_from_slice(bytes.get(..room).unwrap_or(bytes));
        if !matches!(self.body, Body::Head) {
            self.follow(bytes);
            return;
        }
        // The end of the head may lie across both.
        let from = scanned.saturating_sub(3);
        let end = self.bytes.get(from..).and_then(|rest| rest.windows(4).position(|part| part == b"\r\n\r\n"));
        if let Some(end) = end {
            self.head_ends = from + end + 4;
            let body = self.head_ends - scanned;
            self.read_head();
            self.follow(invariant!(bytes.get(body..), &[], "the head ends in the latest bytes"));
        } else if !START.starts_with(self.bytes.get(..START.len()).unwrap_or(&self.bytes)) {
            self.body = Body::Broken("The answer is not HTTP.");
        } else if self.bytes.len() == self.kept_max {
            self.body = Body::Broken("The head of the answer is too long to be kept.");
        }
    }

    /// The connection has ended: whether the answer is whole.
    pub(super) fn ends(&mut self) -> bool {
        if matches!(self.body, Body::UntilEnd) {
            self.body = Body::Whole;
        }
        self.is_whole()
    }

    /// Describes an oddity of the answer.
    pub(super) fn note(&self) -> Option<String> {
        let left = |left: u64| format!("{left} bytes of the body are missing.");
        match &self.body {
            Body::Broken(what) => Some((*what).to_owned()),
            Body::Whole if self.surplus > 0 => Some(format!(
                "The framing ends the answer {} bytes earlier; clients do not read the rest.",
                self.surplus
            )),
            Body::Length(missing) => Some(left(*missing)),
            Body::Chunked(_) => Some("The last chunk is missing.".to_owned()),
            Body::Head if self.count > 0 => Some("The head is incomplete.".to_owned()),
            Body::Head | Body::UntilEnd | Body::Whole => None,
        }
    }

    fn read_head(&mut self) {
        let head = invariant!(self.bytes.get(..self.head_ends), &[], "the head is among the kept bytes");
        let head = String::from_utf8_lossy(head).into_owned();
        let mut lines = head.split("\r\n");
        let line = invariant!(lines.next(), "", "a split has at least one part");
        self.status = line.split(' ').nth(1).and_then(|status| status.parse().ok());
        if !line.as_bytes().starts_with(START) || self.status.is_none() {
            self.head_ends = 0;
            self.body = Body::Broken("The answer is not HTTP.");
            return;
        }
        self.body = Body::UntilEnd;
        for (name, value) in lines.filter_map(|line| line.split_once(':')) {
            let value = value.trim();
            match name.to_ascii_lowercase().as_str() {
                "connection" => self.closes |= value.eq_ignore_ascii_case("close"),
                "transfer-encoding" if value.eq_ignore_ascii_case("chunked") => {
                    self.body = Body::Chunked(Chunk::Size(0, false));
                }
                "content-length" if !matches!(self.body, Body::Chunked(_)) => {
                    self.body = match value.parse() {
                        Ok(0) => Body::Whole,
                        Ok(length) => Body::Length(length),
                        Err(_) => Body::Broken("Content-Length is not a number."),
                    };
                }
                _ => {}
            }
        }
        if matches!(self.status, Some(204 | 304)) {
            self.body = Body::Whole;
        }
    }

    /// Takes bytes behind the head.
    fn follow(&mut self, bytes: &[u8]) {
        match &mut self.body {
            Body::Length(left) => {
                let more = bytes.len() as u64;
                if more < *left {
                    *left -= more;
                } else {
                    self.surplus += more - *left;
                    self.body = Body::Whole;
                }
            }
            Body::Chunked(_) => self.follow_chunks(bytes),
            Body::Whole => self.surplus += bytes.len() as u64,
            Body::Head | Body::UntilEnd | Body::Broken(_) => {}
        }
    }

    fn follow_chunks(&mut self, bytes: &[u8]) {
        for (at, byte) in bytes.iter().enumerate() {
            let Body::Chunked(chunk) = self.body else {
                self.surplus += (bytes.len() - at) as u64;
                return;
            };
            self.body = match (chunk, byte) {
                (Chunk::Size(0, true) | Chunk::Trailer, b'\n') | (Chunk::End, b'\r') => Body::Chunked(Chunk::End),
                (Chunk::Size(size, true), b'\n') => Body::Chunked(Chunk::Data(size + 2)),
                (Chunk::Size(size, has_digits), b'\r') if has_digits => Body::Chunked(Chunk::Size(size, true)),
                (Chunk::Size(size, _), byte) => match char::from(*byte).to_digit(16).filter(|_| size < SIZE_MAX) {
                    Some(digit) => Body::Chunked(Chunk::Size(size * 16 + u64::from(digit), true)),
                    None => Body::Broken("The size of a chunk is not a number."),
                },
                (Chunk::Data(1), _) => Body::Chunked(Chunk::Size(0, false)),
                (Chunk::Data(left), _) => Body::Chunked(Chunk::Data(left - 1)),
                (Chunk::End, b'\n') => Body::Whole,
                (Chunk::End | Chunk::Trailer, _) => Body::Chunked(Chunk::Trailer),
            };
            if matches!(self.body, Body::Broken(_)) {
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads an answer, in one piece and byte by byte, which must be the same.
    fn read(bytes: &[u8], kept_max: usize) -> Coming {
        let mut whole = Coming::new(kept_max);
        whole.take(bytes);
        let mut pieces = Coming::new(kept_max);
        for byte in bytes {
            pieces.take(std::slice::from_ref(byte));
        }
        assert_eq!(format!("{whole:?}"), format!("{pieces:?}"));
        whole
    }

    #[test]
    fn an_answer_is_whole_by_its_own_framing() {
        for (bytes, whole, note) in [
            ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", true, None),
            ("HTTP/1.1 204 No Content\r\n\r\n", true, None),
            ("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n", true, None),
            ("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n{}", false, Some("1 bytes of the body are missing.")),
            (
                "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nConnection: close\r\n\r\n{}}",
                true,
                Some("The framing ends the answer 2 bytes earlier; clients do not read the rest."),
            ),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n", true, None),
            (
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1a\r\nabcdefghijklmnopqrstuvwxyz\r\n0\r\na: \
                 b\r\n\r\n",
                true,
                None,
            ),
            (
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n",
                false,
                Some("The last chunk is missing."),
            ),
            (
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nno number\r\n{}",
                false,
                Some("The size of a chunk is not a number."),
            ),
            ("HTTP/1.1 200 OK\r\n\r\n{}", false, None),
            ("HTTP/1.1 200 OK\r\nContent-", false, Some("The head is incomplete.")),
            ("HTT", false, Some("The head is incomplete.")),
            ("", false, None),
            ("\u{1}\u{2}\u{3}", false, Some("The answer is not HTTP.")),
            ("HTTP/1.1 ok\r\n\r\n", false, Some("The answer is not HTTP.")),
        ] {
            let coming = read(bytes.as_bytes(), 1_024);
            assert_eq!((coming.is_whole(), coming.note().as_deref()), (whole, note), "{bytes:?}");
            assert_eq!((coming.bytes.as_slice(), coming.count), (bytes.as_bytes(), bytes.len() as u64));
        }
        let mut until_end = read(b"HTTP/1.1 200 OK\r\n\r\n{}", 1_024);
        assert!(until_end.ends());
    }

    #[test]
    fn bytes_past_the_bound_are_counted_and_followed() {
        let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabcde";
        for kept in [answer.len() - 5, answer.len() - 1, answer.len(), answer.len() + 1] {
            let coming = read(answer, kept);
            assert!(coming.is_whole());
            assert_eq!((coming.bytes.len(), coming.count), (kept.min(answer.len()), answer.len() as u64));
        }
        let coming = read(answer, 20);
        assert_eq!(coming.note().unwrap(), "The head of the answer is too long to be kept.");
    }
}
