//! A minimal HTTP client: it sends exactly the given bytes, and returns the bytes that it received.

use crate::socket::{Ending, Socket, Wanted};
use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::Duration;
use wksmock::MockServer;

/// A timeout that only a hanging server reaches.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) struct Client {
    stream: Socket,
    pub(crate) host: String,
    unread: Vec<u8>,
}

/// Returns a field name in the server's spelling.
pub(crate) fn title_case(name: &str) -> String {
    if name.eq_ignore_ascii_case("X-IAM-Trace-Id") {
        return "X-IAM-Trace-Id".to_owned();
    }
    let capital = |word: &str| match word.split_at_checked(1) {
        Some((first, rest)) => first.to_uppercase() + &rest.to_lowercase(),
        None => String::new(),
    };
    name.split('-').map(capital).collect::<Vec<_>>().join("-")
}

#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Client {
    pub(crate) fn connect(url: &str) -> Self {
        let host = url.strip_prefix("http://").unwrap().to_owned();
        let stream = TcpStream::connect(&host).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        Self { stream: Socket::Plain(stream), host, unread: Vec::new() }
    }

    /// Connects over TLS.
    pub(crate) fn secure(mock: &MockServer) -> Self {
        Self::secure_as(mock, &Wanted::trusting(mock.ca_pem().unwrap()))
    }

    /// Connects over TLS as wanted. The handshake is done with the first bytes that are sent or read.
    pub(crate) fn secure_as(mock: &MockServer, wanted: &Wanted) -> Self {
        let host = mock.https_url().unwrap().strip_prefix("https://").unwrap().to_owned();
        let stream = TcpStream::connect(&host).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        Self { stream: wanted.over(stream), host, unread: Vec::new() }
    }

    /// Reads to the end of the connection; returns the bytes and how it ended.
    pub(crate) fn ending(&mut self) -> (Vec<u8>, Ending) {
        let mut read = std::mem::take(&mut self.unread);
        let ending = self.stream.ending(&mut read);
        (read, ending)
    }

    pub(crate) fn tcp(&self) -> &TcpStream {
        self.stream.tcp()
    }

    pub(crate) fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.stream.write_all(bytes.as_ref()).unwrap();
    }

    /// Sends as much as the server takes, and returns whether that is everything.
    pub(crate) fn send_if_open(&mut self, bytes: &[u8]) -> bool {
        self.stream.write_all(bytes).is_ok()
    }

    /// Reads to the end of the connection; returns the bytes and whether the connection was reset.
    pub(crate) fn rest(&mut self) -> (Vec<u8>, bool) {
        let mut read = std::mem::take(&mut self.unread);
        loop {
            match self.stream.read_to_end(&mut read) {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::ConnectionReset => return (read, true),
                ended => return (read, ended.map(|_| false).unwrap()),
            }
        }
    }

    /// Reads the bytes that have arrived, waiting for at least one.
    pub(crate) fn piece(&mut self) -> Vec<u8> {
        let before = self.unread.len();
        assert!(self.read(), "the connection ended");
        self.unread.split_off(before)
    }

    /// Reads to the end of the connection; returns whether it was reset.
    pub(crate) fn ends_by_reset(&mut self) -> bool {
        let mut read = Vec::new();
        loop {
            match self.stream.read_to_end(&mut read) {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                ended => return ended.is_err_and(|error| error.kind() == ErrorKind::ConnectionReset),
            }
        }
    }

    /// Closes the connection so that the server sees a reset.
    pub(crate) fn reset(self) {
        socket2::SockRef::from(self.stream.tcp()).set_linger(Some(Duration::ZERO)).unwrap();
    }

    /// Whether data or the end of the connection arrives within a time.
    pub(crate) fn has_answer_within(&mut self, time: Duration) -> bool {
        let tcp = self.stream.tcp();
        tcp.set_read_timeout(Some(time)).unwrap();
        let found = tcp.peek(&mut [0]).is_ok();
        tcp.set_read_timeout(Some(PATIENCE)).unwrap();
        found
    }

    pub(crate) fn half_close(&mut self) {
        self.stream.tcp().shutdown(std::net::Shutdown::Write).unwrap();
    }

    /// Sends a request with `Host`, `Content-Type` and further header lines.
    pub(crate) fn request(&mut self, method: &str, path: &str, headers: &[&str], body: &str) -> Answer {
        let mut head = format!("{method} {path} HTTP/1.1\r\nHost: {}\r\n", self.host);
        let own_type = headers.iter().any(|line| line.to_ascii_lowercase().starts_with("content-type"));
        if !own_type {
            head.push_str("Content-Type: application/json\r\n");
        }
        for line in headers.iter().filter(|line| !line.ends_with(": -")) {
            head.push_str(line);
            head.push_str("\r\n");
        }
        if !body.is_empty() {
            head = format!("{head}Content-Length: {}\r\n", body.len());
        }
        self.send(format!("{head}\r\n{body}"));
        self.answer(method == "HEAD")
    }

    pub(crate) fn get(&mut self, path: &str) -> Answer {
        self.request("GET", path, &[], "")
    }

    /// Sends a JSON body to a resource of the admin API.
    pub(crate) fn post(&mut self, resource: &str, body: &serde_json::Value) -> Answer {
        self.request("POST", &format!("/__admin/{resource}"), &[], &body.to_string())
    }

    /// Sends the head of a reset, and returns once the server waits for its body of two bytes.
    pub(crate) fn begin_reset(mut self, path: &str) -> Self {
        self.send(format!(
            "GET {path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\
             Expect: 100-continue\r\n\r\n"
        ));
        assert_eq!(self.answer(false).status, 100, "the interim response");
        self
    }

    /// Returns the value of a metric, named with its labels.
    pub(crate) fn metric(&mut self, name: &str) -> usize {
        let metrics = self.get("/__admin/metrics").body;
        let value = |line: &str| Some(line.strip_prefix(name)?.strip_prefix(' ')?.parse().unwrap());
        metrics.lines().find_map(value).unwrap_or_else(|| panic!("no metric {name}: {metrics}"))
    }

    /// Reads the next response on the connection.
    pub(crate) fn answer(&mut self, is_head: bool) -> Answer {
        self.next(is_head).expect("the connection ended without an answer")
    }

    /// Reads the next response, or returns `None` if the connection ends first.
    pub(crate) fn next(&mut self, is_head: bool) -> Option<Answer> {
        loop {
            let mut headers = [httparse::EMPTY_HEADER; 64];
            let mut response = httparse::Response::new(&mut headers);
            if let httparse::Status::Complete(head) = response.parse(&self.unread).unwrap() {
                let status = response.code.unwrap();
                let shown = |header: &httparse::Header<'_>| {
                    assert_eq!(header.name, title_case(header.name), "as the gateway's documentation spells names");
                    (header.name.to_ascii_lowercase(), String::from_utf8_lossy(header.value).into_owned())
                };
                let headers: Vec<_> = response.headers.iter().map(shown).collect();
                let length = headers.iter().find(|(name, _)| name == "content-length");
                let length = length.map_or(0, |(_, value)| value.parse::<usize>().unwrap());
                let length = if is_head { 0 } else { length };
                while self.unread.len() < head + length {
                    assert!(self.read(), "the body was cut");
                }
                let body = String::from_utf8(self.unread[head..head + length].to_vec()).unwrap();
                self.unread.drain(..head + length);
                return Some(Answer { status, headers, body });
            }
            if !self.read() {
                assert!(self.unread.is_empty(), "the head was cut");
                return None;
            }
        }
    }

    /// Whether the server closes the connection without sending more.
    pub(crate) fn is_closed(&mut self) -> bool {
        self.unread.is_empty() && !self.read()
    }

    fn read(&mut self) -> bool {
        let mut buffer = vec![0; 65536];
        match self.stream.read(&mut buffer) {
            Ok(0) => false,
            Ok(count) => {
                self.unread.extend_from_slice(&buffer[..count]);
                true
            }
            Err(error) if error.kind() == ErrorKind::ConnectionReset => false,
            // A read with a timeout is not resumed after a signal.
            Err(error) if error.kind() == ErrorKind::Interrupted => self.read(),
            Err(error) => panic!("{error}"),
        }
    }
}

/// Sends a request with this `Host`, whatever the address of the server.
pub(crate) fn get_as(url: &str, host: &str, target: &str) -> Answer {
    let mut client = Client::connect(url);
    client.send(format!("GET {target} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n\r\n"));
    client.answer(false)
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(other, _)| other == name);
        found.map(|(_, value)| value.as_str())
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    pub(crate) fn password(&self) -> String {
        assert_eq!(self.status, 200, "{self:?}");
        self.json()["password"].as_str().unwrap().to_owned()
    }

    pub(crate) fn error_code(&self) -> String {
        self.json()["error_code"].as_str().unwrap().to_owned()
    }

    pub(crate) fn error_msg(&self) -> String {
        self.json()["error_msg"].as_str().unwrap().to_owned()
    }

    pub(crate) fn request_id(&self) -> String {
        let id = self.header("x-request-id").unwrap_or_else(|| panic!("no request id: {self:?}"));
        assert!(id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit()), "{id}");
        id.to_owned()
    }
}
