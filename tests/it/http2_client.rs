//! A client of HTTP/2 that is driven by hand: it sends exactly the given frames, and shows those that it gets.

use crate::client::PATIENCE;
use crate::socket::{Socket, Wanted};
use std::io::{ErrorKind, Read as _, Write as _};
use std::net::TcpStream;
use wksmock::MockServer;

pub(crate) const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

pub(crate) const DATA: u8 = 0;
pub(crate) const HEADERS: u8 = 1;
pub(crate) const PRIORITY: u8 = 2;
pub(crate) const RST_STREAM: u8 = 3;
pub(crate) const SETTINGS: u8 = 4;
pub(crate) const PING: u8 = 6;
pub(crate) const GOAWAY: u8 = 7;
pub(crate) const WINDOW_UPDATE: u8 = 8;
pub(crate) const CONTINUATION: u8 = 9;

pub(crate) const END_STREAM: u8 = 0x1;
pub(crate) const ACK: u8 = 0x1;
pub(crate) const END_HEADERS: u8 = 0x4;

/// Codes of errors.
pub(crate) const NO_ERROR: u32 = 0;
pub(crate) const PROTOCOL_ERROR: u32 = 1;
pub(crate) const INTERNAL_ERROR: u32 = 2;
pub(crate) const FLOW_CONTROL_ERROR: u32 = 3;
pub(crate) const FRAME_SIZE_ERROR: u32 = 6;
pub(crate) const REFUSED_STREAM: u32 = 7;
pub(crate) const CANCEL: u32 = 8;
pub(crate) const ENHANCE_YOUR_CALM: u32 = 11;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Frame {
    pub(crate) kind: u8,
    pub(crate) flags: u8,
    pub(crate) stream: u32,
    pub(crate) payload: Vec<u8>,
}

impl Frame {
    /// The code of a reset, or of a GOAWAY.
    pub(crate) fn code(&self) -> u32 {
        let at = if self.kind == GOAWAY { 4 } else { 0 };
        u32::from_be_bytes(self.payload[at..at + 4].try_into().unwrap())
    }

    pub(crate) fn ends_stream(&self) -> bool {
        self.kind == RST_STREAM || (matches!(self.kind, DATA | HEADERS) && self.flags & END_STREAM != 0)
    }
}

pub(crate) struct Http2Client {
    stream: Socket,
    host: String,
}

/// A frame as bytes.
pub(crate) fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    [&length[1..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
}

/// A header field that goes into no table.
pub(crate) fn literal(name: &str, value: &str) -> Vec<u8> {
    [vec![0], text(name), text(value)].concat()
}

/// A text without compression, after its length.
pub(crate) fn text(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut length = text.len();
    if length < 127 {
        bytes.push(u8::try_from(length).unwrap());
    } else {
        bytes.push(127);
        length -= 127;
        while length >= 128 {
            bytes.push(u8::try_from(length % 128).unwrap() | 128);
            length /= 128;
        }
        bytes.push(u8::try_from(length).unwrap());
    }
    bytes.extend_from_slice(text.as_bytes());
    bytes
}

impl Http2Client {
    /// Connects, and sends nothing.
    pub(crate) fn silent(url: &str) -> Self {
        let host = url.strip_prefix("http://").unwrap().to_owned();
        let stream = TcpStream::connect(&host).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_nodelay(true).unwrap();
        Self { stream: Socket::Plain(stream), host }
    }

    /// Connects over TLS, and agrees on HTTP/2 and on settings.
    pub(crate) fn secure(mock: &MockServer) -> Self {
        let host = mock.https_url().unwrap().strip_prefix("https://").unwrap().to_owned();
        let stream = TcpStream::connect(&host).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let wanted = Wanted { protocols: &["h2", "http/1.1"], ..Wanted::trusting(mock.ca_pem().unwrap()) };
        let mut client = Self { stream: wanted.over(stream), host };
        client.agree(&[]);
        client
    }

    /// Connects, and agrees on settings.
    pub(crate) fn connect(url: &str) -> Self {
        Self::with_settings(url, &[])
    }

    pub(crate) fn with_settings(url: &str, settings: &[(u16, u32)]) -> Self {
        let mut client = Self::silent(url);
        client.agree(settings);
        client
    }

    fn agree(&mut self, settings: &[(u16, u32)]) {
        let settings: Vec<u8> =
            settings.iter().flat_map(|(id, value)| [&id.to_be_bytes()[..], &value.to_be_bytes()].concat()).collect();
        self.send([PREFACE, &frame(SETTINGS, 0, 0, &settings), &frame(SETTINGS, ACK, 0, &[])].concat());
        // Its settings and the acknowledgement of ours.
        while self.frame_of(SETTINGS).flags & ACK == 0 {}
    }

    pub(crate) fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.stream.write_all(bytes.as_ref()).unwrap();
    }

    /// Sends as much as the server takes, and returns whether that is everything.
    pub(crate) fn send_if_open(&mut self, bytes: &[u8]) -> bool {
        self.stream.write_all(bytes).is_ok()
    }

    /// The fields of a request, without compression.
    pub(crate) fn fields(&self, method: &str, path: &str) -> Vec<u8> {
        [
            literal(":method", method),
            literal(":scheme", "http"),
            literal(":path", path),
            literal(":authority", &self.host),
            literal("content-type", "application/json"),
        ]
        .concat()
    }

    /// Sends a request without a body.
    pub(crate) fn get(&mut self, stream: u32, path: &str) {
        let fields = self.fields("GET", path);
        self.send(frame(HEADERS, END_HEADERS | END_STREAM, stream, &fields));
    }

    /// The next frame; `None` at the end of the connection. A reset of the connection is an error.
    pub(crate) fn next(&mut self) -> Result<Option<Frame>, ErrorKind> {
        let mut head = [0; 9];
        match self.stream.read_exact(&mut head) {
            Ok(()) => {}
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => return Ok(None),
            Err(error) => return Err(error.kind()),
        }
        let length = usize::from(head[0]) << 16 | usize::from(head[1]) << 8 | usize::from(head[2]);
        let mut payload = vec![0; length];
        self.stream.read_exact(&mut payload).map_err(|error| error.kind())?;
        let stream = u32::from_be_bytes(head[5..].try_into().unwrap());
        Ok(Some(Frame { kind: head[3], flags: head[4], stream, payload }))
    }

    /// The next frame of a kind.
    pub(crate) fn frame_of(&mut self, kind: u8) -> Frame {
        loop {
            let next = self.next().unwrap().unwrap_or_else(|| panic!("the connection ends before a frame {kind}"));
            if next.kind == kind {
                return next;
            }
        }
    }

    /// The frames of a stream up to its end: kinds, with the code of a reset, and the bytes of data.
    pub(crate) fn answer(&mut self, stream: u32) -> (Vec<(u8, Option<u32>)>, Vec<u8>) {
        let (mut kinds, mut data) = (Vec::new(), Vec::new());
        loop {
            let next = self.next().unwrap().unwrap_or_else(|| panic!("the connection ends in stream {stream}"));
            if next.stream != stream || next.kind == WINDOW_UPDATE {
                continue;
            }
            kinds.push((next.kind, (next.kind == RST_STREAM).then(|| next.code())));
            if next.kind == DATA {
                data.extend_from_slice(&next.payload);
            }
            if next.ends_stream() {
                return (kinds, data);
            }
        }
    }

    /// The code with which the server sends this client away; the connection ends after it.
    pub(crate) fn sent_away(&mut self) -> u32 {
        let mut code = None;
        while let Some(next) = self.next().unwrap() {
            if next.kind == GOAWAY {
                code = Some(next.code());
            }
        }
        code.expect("there is a GOAWAY")
    }

    /// Whether the connection ends by a reset.
    pub(crate) fn ends_by_reset(&mut self) -> bool {
        loop {
            match self.next() {
                Ok(Some(_)) => {}
                Ok(None) => return false,
                Err(kind) => return kind == ErrorKind::ConnectionReset,
            }
        }
    }
}
