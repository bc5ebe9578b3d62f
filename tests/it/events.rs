//! The stream of events, and the list of changes to the setup.

use crate::binary::Served;
use crate::client::{Client, PATIENCE};
use crate::socket::{Socket, Wanted};
use crate::{PROJECT, limited, raw_reset, reset_path, user};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;
use wksmock::{ClockMode, Limits, MockServer};

/// A reader of `/__admin/events`.
pub(crate) struct Reader {
    stream: Socket,
    /// The bytes received, with chunk sizes.
    raw: Vec<u8>,
    /// The text without chunk sizes.
    text: String,
    head: String,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Event {
    pub(crate) kind: String,
    id: u64,
    pub(crate) data: Value,
}

impl Reader {
    pub(crate) fn open(url: &str, query: &str) -> Self {
        Self::with(url, query, "")
    }

    /// Opens a stream with further header lines.
    fn with(url: &str, query: &str, lines: &str) -> Self {
        let host = url.strip_prefix("http://").unwrap();
        let stream = TcpStream::connect(host).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        Self::on(Socket::Plain(stream), host, query, lines)
    }

    /// Opens a stream over TLS.
    pub(crate) fn secure(mock: &MockServer, query: &str) -> Self {
        let host = mock.https_url().unwrap().strip_prefix("https://").unwrap();
        let stream = TcpStream::connect(host).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        Self::on(Wanted::trusting(mock.ca_pem().unwrap()).over(stream), host, query, "")
    }

    fn on(mut stream: Socket, host: &str, query: &str, lines: &str) -> Self {
        write!(stream, "GET /__admin/events{query} HTTP/1.1\r\nHost: {host}\r\n{lines}\r\n").unwrap();
        let mut reader = Self { stream, raw: Vec::new(), text: String::new(), head: String::new() };
        let end = loop {
            if let Some(end) = reader.raw.windows(4).position(|bytes| bytes == b"\r\n\r\n") {
                break end + 4;
            }
            assert!(reader.read(), "no head");
        };
        reader.head = String::from_utf8(reader.raw.drain(..end).collect()).unwrap();
        assert!(reader.head.starts_with("HTTP/1.1 200 "), "{}", reader.head);
        reader
    }

    /// Reads more; returns false at the end of the connection.
    fn read(&mut self) -> bool {
        let mut buffer = vec![0; 64 << 10];
        let count = self.stream.read(&mut buffer).unwrap();
        self.raw.extend_from_slice(&buffer[..count]);
        count > 0
    }

    /// Removes chunk sizes; returns whether the last chunk has arrived.
    fn unchunk(&mut self) -> bool {
        loop {
            let Some(line) = self.raw.windows(2).position(|bytes| bytes == b"\r\n") else { return false };
            let size = usize::from_str_radix(std::str::from_utf8(&self.raw[..line]).unwrap(), 16).unwrap();
            if self.raw.len() < line + 4 + size {
                return false;
            }
            self.text.push_str(std::str::from_utf8(&self.raw[line + 2..line + 2 + size]).unwrap());
            self.raw.drain(..line + 4 + size);
            if size == 0 {
                return true;
            }
        }
    }

    /// Returns the next block of lines, or `None` after the regular end of the stream.
    fn block(&mut self) -> Option<String> {
        loop {
            if let Some(end) = self.text.find("\n\n") {
                return Some(self.text.drain(..end + 2).collect());
            }
            if self.unchunk() {
                return None;
            }
            if !self.text.contains("\n\n") {
                assert!(self.read(), "the stream was cut");
            }
        }
    }

    /// Returns the next event.
    fn event(&mut self) -> Event {
        loop {
            let block = self.block().expect("the stream ended");
            let field = |name: &str| block.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
            if let Some(data) = field("data") {
                let (kind, id) = (field("event").unwrap().to_owned(), field("id").unwrap().parse().unwrap());
                return Event { kind, id, data: serde_json::from_str(data).unwrap() };
            }
        }
    }

    /// Returns the events up to and including the first of a kind.
    pub(crate) fn until(&mut self, kind: &str) -> Vec<Event> {
        let mut events = vec![self.event()];
        while events.last().unwrap().kind != kind {
            events.push(self.event());
        }
        events
    }
}

/// Returns a request's index and state, `decided` if only the decision is known.
fn state(event: &Event) -> (u64, String) {
    assert_eq!(event.kind, "request", "{event:?}");
    let state = event.data["state"].as_str().unwrap();
    let is_decided = state == "in_flight" && event.data["request_id"].is_string();
    (event.data["index"].as_u64().unwrap(), if is_decided { "decided" } else { state }.to_owned())
}

fn manual() -> MockServer {
    MockServer::builder().clock(ClockMode::Manual).start_blocking().unwrap()
}

#[test]
fn every_event_matches_its_resource() {
    let mock = manual();
    let mut reader = Reader::open(mock.url(), "");
    for line in ["Content-Type: text/event-stream\r\n", "Cache-Control: no-store\r\n"] {
        assert!(reader.head.contains(line), "{}", reader.head);
    }
    let mut client = Client::connect(mock.url());
    client.get(&format!("{}?notification_type=email", reset_path(&user("0001")))).password();
    let events = reader.until("message");
    assert_eq!(state(&events[0]), (1, "answered".to_owned()));
    assert_eq!(events[0].data, client.get("/__admin/requests/1").json());
    assert_eq!(events[1].data, client.get("/__admin/outbox").json()["messages"][0]);
    assert_eq!([events[0].id, events[1].id], [1, 1]);
    let rule = r#"{"name": "slow", "delay": {"fixed_ms": 1000}}"#;
    assert_eq!(client.request("POST", "/__admin/overrides", &[], rule).status, 201);
    let event = reader.event();
    let expected = json!({
        "number": 1, "at_ms": 0, "after": 1, "kind": "override", "what": "Override 1 was added, named \"slow\".",
        "project": null,
    });
    assert_eq!((event.kind.as_str(), &event.data), ("setup", &expected));
    assert_eq!(client.get("/__admin/changes").json()["changes"], json!([expected]));
    client.send(raw_reset(""));
    assert_eq!(state(&reader.event()), (2, "decided".to_owned()));
    mock.advance(Duration::from_secs(1));
    let events = [reader.event(), reader.event()];
    let clock = events.iter().find(|event| event.kind == "clock").unwrap();
    assert_eq!(clock.data, json!({ "now_ms": 1_000, "mode": "manual" }));
    let ended = events.iter().find(|event| event.kind == "request").unwrap();
    assert_eq!(state(ended), (2, "answered".to_owned()));
    assert_eq!(client.answer(false).status, 200);
    assert_eq!(client.get("/nothing").status, 404);
    assert_eq!(state(&reader.event()), (3, "rejected".to_owned()));
    mock.reset();
    let event = reader.event();
    assert_eq!((event.kind.as_str(), event.data), ("reset", json!({ "epoch": 2, "project": null })));
    assert!(mock.reset_project(PROJECT));
    assert_eq!(reader.event().data, json!({ "epoch": 3, "project": PROJECT }));
}

#[test]
fn request_with_body_emits_arrival_decision_and_end() {
    let mock = manual();
    let mut reader = Reader::open(mock.url(), "");
    let mut client = Client::connect(mock.url());
    let rule = r#"{"delay": {"fixed_ms": 1000}}"#;
    client.request("POST", "/__admin/overrides", &[], rule);
    assert_eq!(reader.event().kind, "setup");
    client.send(raw_reset("Content-Length: 2\r\n"));
    assert_eq!(state(&reader.event()), (1, "in_flight".to_owned()));
    // A reader that connects now sees its end too.
    let mut late = Reader::open(mock.url(), "?kinds=request");
    client.send("{}");
    for reader in [&mut reader, &mut late] {
        assert_eq!(state(&reader.event()), (1, "decided".to_owned()));
    }
    drop(client);
    for reader in [&mut reader, &mut late] {
        assert_eq!(state(&reader.event()), (1, "cut".to_owned()));
    }
}

#[test]
fn reconnecting_reader_has_no_gap() {
    let mock = manual();
    let mut client = Client::connect(mock.url());
    let rule = format!(r#"{{"when": {{"user": "{}"}}, "delay": {{"fixed_ms": 1000}}}}"#, user("0001"));
    client.request("POST", "/__admin/overrides", &[], &rule);
    let mut reader = Reader::open(mock.url(), "");
    let mut held = Client::connect(mock.url());
    held.send(raw_reset(""));
    assert_eq!(state(&reader.event()), (1, "decided".to_owned()));
    let reset = |client: &mut Client| {
        client.get(&format!("{}?notification_type=email", reset_path(&user("0002")))).password();
    };
    reset(&mut client);
    let last = reader.until("message").last().unwrap().id;
    assert_eq!(last, 0, "the first request has not ended");
    drop(reader);
    // Without a reader the first request ends, the setup changes, and a further call is made.
    mock.advance(Duration::from_secs(1));
    assert_eq!(held.answer(false).status, 200);
    client.request("DELETE", "/__admin/overrides", &[], "");
    reset(&mut client);
    for (query, header) in
        [(format!("?since={last}"), String::new()), (String::new(), format!("Last-Event-ID: {last}\r\n"))]
    {
        let mut reader = Reader::with(mock.url(), &query, &header);
        let mut events = Vec::new();
        while events.iter().filter(|event: &&Event| event.kind == "message").count() < 2 {
            events.push(reader.event());
        }
        // In the order of their ends, if the server has not yet noticed that the first reader left.
        let mut states: Vec<_> = events.iter().filter(|event| event.kind == "request").map(state).collect();
        states.sort_unstable();
        assert_eq!(states, [1, 2, 3].map(|index| (index, "answered".to_owned())));
        let others = |kind: &str| events.iter().filter(|event| event.kind == kind).count();
        assert_eq!([others("setup"), others("clock"), others("message")], [2, 1, 2], "{events:?}");
        assert_eq!(events.last().unwrap().id, 3);
    }
    let mut reader = Reader::open(mock.url(), "?since=3");
    reset(&mut client);
    let mut told = (4, String::new());
    while told.1 != "answered" {
        told = reader.until("request").last().map(state).unwrap();
        assert_eq!(told.0, 4);
    }
}

#[test]
fn dropped_entries_are_reported_and_the_stream_is_running() {
    let mock = limited(|limits| limits.journal_entries_max = 3);
    let mut client = Client::connect(mock.url());
    for _ in 0..5 {
        client.get("/x");
    }
    let mut reader = Reader::open(mock.url(), "?since=1");
    let event = reader.event();
    assert_eq!((event.kind.as_str(), event.data), ("truncated", json!({ "missed": 1 })));
    assert_eq!([3, 4, 5].map(|_| state(&reader.event()).0), [3, 4, 5]);
    client.get("/x");
    assert_eq!(state(&reader.event()).0, 6);
    // An index beyond this server's last one comes from another server.
    let mut reader = Reader::open(mock.url(), "?since=1000&kinds=request");
    let event = reader.event();
    assert_eq!((event.kind.as_str(), event.data), ("truncated", json!({ "missed": 0 })));
    assert_eq!(reader.event().data, json!({ "missed": 3 }));
    assert_eq!([4, 5, 6].map(|_| state(&reader.event()).0), [4, 5, 6]);
}

#[test]
fn reader_past_the_limit_is_refused_until_one_leaves() {
    let mock = limited(|limits| limits.event_readers_max = 2);
    let mut readers = [Reader::open(mock.url(), ""), Reader::open(mock.url(), "")];
    let mut client = Client::connect(mock.url());
    let answer = client.get("/__admin/events");
    assert_eq!(answer.status, 503);
    assert!(answer.json()["detail"].as_str().unwrap().contains("event_readers_max"), "{answer:?}");
    assert_eq!(answer.header("content-type"), Some("application/problem+json"));
    let [gone, _] = &mut readers;
    gone.stream.tcp().shutdown(std::net::Shutdown::Both).unwrap();
    // The server notices the end of the reader without an event to send.
    let mut client = Client::connect(mock.url());
    while client.request("HEAD", "/__admin/events", &[], "").status == 503 {}
    Reader::open(mock.url(), "");
}

#[test]
fn entry_removed_before_publication_is_reported_missed() {
    let mock = MockServer::builder().start_blocking().unwrap();
    let mut client = Client::connect(mock.url());
    let mut reader = Reader::open(mock.url(), "");
    client.get("/x");
    reader.until("request");
    // Eventually an entry is removed between two looks of the publisher.
    let mut told = 0;
    while told == 0 {
        client.get("/x");
        assert_eq!(client.request("DELETE", "/__admin/requests", &[], "").status, 204);
        client.get("/y");
        let mut target = Value::Null;
        while target != "/y" {
            let events = reader.until("request");
            told += events.iter().filter(|event| event.kind == "truncated").count();
            target = events.last().unwrap().data["target"].clone();
        }
    }
}

#[test]
fn invalid_event_requests_get_admin_problems() {
    let mock = MockServer::builder().start_blocking().unwrap();
    let mut client = Client::connect(mock.url());
    let answer = client.request("HEAD", "/__admin/events", &[], "");
    assert_eq!((answer.status, answer.header("content-type")), (200, Some("text/event-stream")));
    assert_eq!(answer.header("content-length"), None);
    let answer = client.request("POST", "/__admin/events", &[], "{}");
    assert_eq!((answer.status, answer.header("allow")), (405, Some("GET")));
    for wrong in ["?since=x", "?since=-1", "?kinds=", "?kinds=request,x", "?limit=1", "?since=1&since=2"] {
        assert_eq!(client.get(&format!("/__admin/events{wrong}")).status, 400, "{wrong}");
    }
    for wrong in [&["Last-Event-ID: x"][..], &["Last-Event-ID: +5"], &["Last-Event-ID: 1", "Last-Event-ID: 2"]] {
        let refused = client.request("GET", "/__admin/events", wrong, "");
        assert!(refused.status == 400 && refused.body.contains("The header Last-Event-ID"), "{wrong:?}: {refused:?}");
    }
    for wrong in ["events?since=%2B5", "requests?since=%2B0", "requests?limit=%2B1"] {
        assert_eq!(client.get(&format!("/__admin/{wrong}")).status, 400, "{wrong}");
    }
    assert_eq!(client.get("/__admin/requests/%2B1").status, 404);
    // Without chunks only the end of the connection ends a stream.
    let mut old = Client::connect(mock.url());
    old.send("GET /__admin/events HTTP/1.0\r\nHost: localhost\r\nConnection: keep-alive\r\n\r\n");
    let mut head = Vec::new();
    while !head.windows(4).any(|end| end == b"\r\n\r\n") {
        head.extend(old.piece());
    }
    let head = String::from_utf8(head).unwrap().to_lowercase();
    assert!(head.contains("\r\nconnection: close\r\n") && !head.contains("keep-alive"), "{head}");
    drop(old);
    assert_eq!(client.request("GET", "/__admin/events", &["Origin: http://example.com"], "").status, 403);
    let mut old = Client::connect(mock.url());
    old.send("GET /__admin/events?kinds=reset,clock HTTP/1.0\r\n\r\n");
    while !String::from_utf8(old.piece()).unwrap().ends_with("id: 0\n\n") {}
    client.get("/x");
    mock.reset();
    let text = String::from_utf8(old.piece()).unwrap();
    // The id depends on whether the stream saw the request before the reset removed it.
    let reset = |id| format!("event: reset\nid: {id}\ndata: {{\"epoch\":2,\"project\":null}}\n\n");
    assert!(text == reset(0) || text == reset(1), "no chunks, and no request: {text}");
}

#[test]
fn drain_ends_the_stream_cleanly() {
    let served = Served::start(&["--log-level", "off", "--limit", "drain_ms=60000"]);
    let mut reader = Reader::open(&served.url, "");
    served.client().get("/x");
    assert_eq!(reader.event().kind, "request");
    let (code, _, _) = served.terminate();
    assert_eq!(code, Some(0), "it did not wait for the stream");
    while let Some(block) = reader.block() {
        assert!(!block.contains("data:"), "{block}");
    }
    assert!(!reader.read(), "the connection is closed");
}

#[test]
fn idle_stream_stays_open_and_unread_stream_is_reset() {
    let mut limits = Limits::default();
    limits.stall = Duration::from_secs(1);
    let mock = MockServer::builder().limits(limits).start_blocking().unwrap();
    let mut idle = Reader::open(mock.url(), "?kinds=reset");
    let stuck = Reader::open(mock.url(), "");
    let mut client = Client::connect(mock.url());
    let stalls = |client: &mut Client| {
        let metrics = client.get("/__admin/metrics").body;
        metrics.lines().any(|line| line == r#"wksmock_limit_hits_total{limit="stall"} 1"#)
    };
    // A long header makes long events.
    let line = format!("X-Long: {}", "x".repeat(60_000));
    while !stalls(&mut client) {
        client.request("GET", "/x", &[&line], "");
    }
    mock.reset();
    idle.until("reset");
    drop(stuck);
}

#[test]
fn lagging_reader_catches_up_from_the_journal() {
    // The text of only one look is kept.
    let mock = limited(|limits| limits.event_bytes_max = 1);
    let mut reader = Reader::open(mock.url(), "");
    let mut client = Client::connect(mock.url());
    let line = format!("X-Long: {}", "x".repeat(60_000));
    // More than a connection buffers, so that the reader falls behind.
    for _ in 0..60 {
        client.request("GET", "/x", &[&line], "");
    }
    // The publisher may look while one is answered.
    let mut answered = || loop {
        let (index, state) = state(&reader.event());
        if !["in_flight", "decided"].contains(&state.as_str()) {
            return (index, state);
        }
    };
    for expected in 1..=60 {
        assert_eq!(answered(), (expected, "rejected".to_owned()));
    }
    client.get("/x");
    assert_eq!(answered().0, 61);
}

#[test]
fn setup_changes_are_listed_up_to_a_bound() {
    let mut limits = Limits::default();
    limits.changes_max = 12;
    let mock = MockServer::builder().clock(ClockMode::Manual).limits(limits).start_blocking().unwrap();
    let mut client = Client::connect(mock.url());
    let mut send = |method: &str, path: &str, body: &str| {
        let answer = client.request(method, &format!("/__admin/{path}"), &[], body);
        assert!(answer.status < 300, "{method} {path}: {answer:?}");
        answer
    };
    let clone = format!(r#"{{"from": "{PROJECT}", "id": "c1"}}"#);
    let id = send("POST", "projects", &clone).json()["id"].as_str().unwrap().to_owned();
    send("PUT", &format!("scenario?project={id}"), r#"{"rules": []}"#);
    send("DELETE", &format!("scenario?project={id}"), "");
    send("POST", "reset", &format!(r#"{{"project": "{id}"}}"#));
    send("DELETE", &format!("projects/{id}"), "");
    send("POST", "overrides", r#"{"status": 503}"#);
    send("DELETE", "overrides/1", "");
    send("POST", "overrides", r#"{"status": 503}"#);
    send("DELETE", "overrides", "");
    send("DELETE", "overrides", "");
    send("PUT", "scenario", r#"{"rules": []}"#);
    send("DELETE", "scenario", "");
    send("POST", "clock", r#"{"advance_ms": 5}"#);
    let page = send("GET", "changes", "").json();
    let told: Vec<_> = page["changes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|change| {
            let text = |name: &str| change[name].as_str().unwrap_or("-").to_owned();
            format!("{} {} {}", text("kind"), text("project"), text("what"))
        })
        .collect();
    insta::assert_snapshot!(told.join("\n"));
    assert_eq!((&page["next"], &page["truncated"], &page["dropped"]), (&json!(12), &json!(false), &json!(0)));
    let of = |page: &Value| -> Vec<_> {
        page["changes"].as_array().unwrap().iter().map(|change| change["number"].as_u64().unwrap()).collect()
    };
    let page = send("GET", "changes?since=3&limit=2", "").json();
    assert_eq!((of(&page), &page["next"]), (vec![4, 5], &json!(5)));
    // One more than the limit.
    send("POST", "reset", "");
    let page = send("GET", "changes", "").json();
    assert_eq!((of(&page), &page["truncated"], &page["dropped"]), ((2..=13).collect(), &json!(true), &json!(1)));
    let page = send("GET", "changes?since=1", "").json();
    assert_eq!((of(&page).len(), &page["truncated"]), (12, &json!(false)));
}

const CALLS: usize = 8_000;

/// Makes all calls over some connections; returns the server's memory afterwards, in KiB.
fn call(served: &Served) -> u64 {
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let mut client = served.client();
                for call in 0..CALLS / 4 {
                    if call % 5_000 == 0 {
                        client = served.client();
                    }
                    client.get(&reset_path(&user("0001"))).password();
                }
            });
        }
    });
    served.resident_kib()
}

#[test]
fn many_readers_see_every_call_in_order_within_bounds() {
    let entries = format!("journal_entries_max={CALLS}");
    let arguments = ["--log-level", "off", "--limit", &entries, "--limit", "journal_bytes_max=67108864"];
    let alone = call(&Served::start(&arguments));
    let served = Served::start(&arguments);
    let silent = Reader::open(&served.url, "");
    let readers: Vec<_> = (0..19).map(|_| Reader::open(&served.url, "")).collect();
    let resident = std::thread::scope(|scope| {
        for mut reader in readers {
            scope.spawn(move || {
                let mut seen: HashMap<u64, Vec<String>> = HashMap::new();
                let mut ended = 0;
                let mut last = 0;
                while ended < CALLS {
                    let block = reader.block().expect("the stream ended");
                    let Some(rest) = block.split("data: {\"index\":").nth(1) else { continue };
                    let index: u64 = rest.split(',').next().unwrap().parse().unwrap();
                    let state = rest.split("\"state\":\"").nth(1).unwrap().split('"').next().unwrap();
                    let states = seen.entry(index).or_default();
                    assert!(!states.iter().any(|before| before == state), "{index} was {state} twice");
                    if states.is_empty() {
                        assert_eq!(index, last + 1, "entries follow one another");
                        last = index;
                    }
                    ended += usize::from(state == "answered");
                    states.push(state.to_owned());
                }
                assert_eq!(seen.len(), CALLS);
            });
        }
        call(&served)
    });
    // The retained text, the buffers of connections, and the pieces of readers that catch up.
    let more = resident.saturating_sub(alone);
    assert!(more < 24 << 10, "{more} KiB more than the {alone} KiB without readers");
    drop(silent);
}
