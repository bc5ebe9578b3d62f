//! HTTP/2 by prior knowledge: the same calls as over HTTP/1, streams that do not disturb one another, and hostile clients.
#![expect(clippy::disallowed_methods, reason = "these tests wait for time")]

use crate::client::Client;
use crate::http2_client::{
    CANCEL, CONTINUATION, DATA, END_HEADERS, END_STREAM, ENHANCE_YOUR_CALM, GOAWAY, HEADERS, Http2Client,
    INTERNAL_ERROR, NO_ERROR, PING, PREFACE, PRIORITY, REFUSED_STREAM, RST_STREAM, SETTINGS, WINDOW_UPDATE, frame,
    literal, text,
};
use crate::slow_clients::hits;
use crate::{PROJECT, ended, reset_path, user};
use serde_json::Value;
use std::time::Duration;
use wksmock::{EntryState, Limits, MockServer, MockServerBuilder};

fn speaking(builder: MockServerBuilder) -> MockServer {
    builder.h2c(true).start_blocking().unwrap()
}

fn server() -> MockServer {
    speaking(MockServer::builder())
}

fn limited(change: impl FnOnce(&mut Limits)) -> MockServer {
    let mut limits = Limits::default();
    change(&mut limits);
    speaking(MockServer::builder().limits(limits))
}

/// Starts a server whose first call of each user has the fault.
fn with(fault: &str) -> MockServer {
    let rule = format!(r#"{{"name": "broken", "when": {{"calls": "1"}}, {fault}}}"#);
    speaking(MockServer::builder().seed(7).scenario_json(format!(r#"{{"rules": [{rule}]}}"#)))
}

fn reset() -> String {
    reset_path(&user("0001"))
}

/// Waits until the journal has so many entries that have begun.
fn arrived(mock: &MockServer, count: usize) {
    while mock.requests().len() < count {
        std::thread::yield_now();
    }
}

/// The number of requests in the journal, none of which was counted.
fn rejected(mock: &MockServer) -> usize {
    let requests = mock.requests();
    assert!(requests.iter().all(|entry| entry.state == EntryState::Rejected), "{requests:?}");
    requests.len()
}

mod same_calls {
    use super::*;
    use crate::socket::Wanted;
    use bytes::Bytes;
    use h2::client::{Connection, SendRequest, handshake};
    use hyper::http::{HeaderMap, Request};
    use std::collections::BTreeMap;
    use tokio::io::{AsyncRead, AsyncWrite};
    use tokio::net::TcpStream;
    use tokio::task::JoinHandle;
    use tokio_rustls::TlsConnector;

    type Answer = (u16, BTreeMap<String, String>, String);

    /// Fields that the protocols spell or need differently.
    fn compared(headers: impl Iterator<Item = (String, String)>) -> BTreeMap<String, String> {
        let fields = headers.map(|(name, value)| (name.to_lowercase(), value));
        fields.filter(|(name, _)| !["date", "connection", "x-wksmock-error"].contains(&name.as_str())).collect()
    }

    /// A body without the server's own port.
    fn named(mock: &MockServer, body: &str) -> String {
        body.replace(mock.url(), "http://here")
    }

    fn over_http_1(mock: &MockServer, (method, path, fields, body): &Call) -> Answer {
        let mut client = match mock.ca_pem() {
            None => Client::connect(mock.url()),
            Some(ca_pem) => Client::secure_as(mock, &Wanted::trusting(ca_pem)),
        };
        let mut fields: Vec<_> = fields.iter().map(|(name, value)| format!("{name}: {value}")).collect();
        if fields.is_empty() {
            fields.push("Content-Type: -".to_owned());
        }
        let fields: Vec<_> = fields.iter().map(String::as_str).collect();
        let answer = client.request(method, path, &fields, body);
        (answer.status, compared(answer.headers.into_iter()), named(mock, &answer.body))
    }

    fn over_http_2(mock: &MockServer, (method, path, fields, body): &Call) -> Answer {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let url = mock.url();
        runtime.block_on(async {
            let (mut sender, serving) = match mock.https_url() {
                None => shaken(connect(url).await).await,
                Some(url) => {
                    let wanted = Wanted { protocols: &["h2"], ..Wanted::trusting(mock.ca_pem().unwrap()) };
                    let name = wanted.name.try_into().unwrap();
                    shaken(TlsConnector::from(wanted.config()).connect(name, connect(url).await).await.unwrap()).await
                }
            };
            let mut request = Request::builder().method(*method).uri(format!("{url}{path}"));
            for (name, value) in fields {
                request = request.header(*name, value);
            }
            let has_body = !body.is_empty();
            if has_body {
                request = request.header("content-length", body.len());
            }
            let (answer, mut sending) = sender.send_request(request.body(()).unwrap(), !has_body).unwrap();
            if has_body {
                sending.send_data(Bytes::copy_from_slice(body.as_bytes()), true).unwrap();
            }
            let (head, mut receiving) = answer.await.unwrap().into_parts();
            let mut whole = Vec::new();
            while let Some(data) = receiving.data().await {
                let data = data.unwrap();
                receiving.flow_control().release_capacity(data.len()).unwrap();
                whole.extend_from_slice(&data);
            }
            serving.abort();
            let body = String::from_utf8(whole).unwrap();
            (head.status.as_u16(), compared(lines(&head.headers)), named(mock, &body))
        })
    }

    async fn connect(url: &str) -> TcpStream {
        TcpStream::connect(url.split_once("://").unwrap().1).await.unwrap()
    }

    async fn shaken<T: AsyncRead + AsyncWrite + Unpin + Send + 'static>(
        stream: T,
    ) -> (SendRequest<Bytes>, JoinHandle<Result<(), h2::Error>>) {
        let (sender, connection): (_, Connection<T, Bytes>) = handshake(stream).await.unwrap();
        (sender, tokio::spawn(connection))
    }

    fn lines(headers: &HeaderMap) -> impl Iterator<Item = (String, String)> {
        headers.iter().map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()))
    }

    /// Makes a call, and gives its answer.
    type Over = fn(&MockServer, &Call) -> Answer;
    type Call = (&'static str, String, Vec<(&'static str, String)>, String);

    fn calls() -> Vec<Call> {
        let json = || ("content-type", "application/json".to_owned());
        let users = format!("/v2/{PROJECT}/users");
        let created = r#"{"user_name": "neu", "active_type": "USER_ACTIVATE", "user_email": "neu@example.com"}"#;
        let bare = |method, path: String| (method, path, vec![json()], String::new());
        vec![
            bare("GET", reset()),
            bare("GET", reset() + "?notification_type=EMAIL"),
            bare("GET", reset_path(&user("0002"))),
            ("GET", reset(), vec![json()], "{}".to_owned()),
            ("GET", reset(), vec![], String::new()),
            bare("GET", reset_path("nobody")),
            bare("PATCH", reset()),
            bare("HEAD", reset()),
            bare("GET", "/v2/unknown".to_owned()),
            bare("GET", users.clone() + "?limit=200"),
            ("POST", users.clone(), vec![json()], created.to_owned()),
            ("POST", users, vec![json()], "{".to_owned()),
            ("GET", reset(), vec![json(), ("x-auth-token", "wrong".to_owned())], String::new()),
            ("GET", "/v3/regions".to_owned(), vec![json()], String::new()),
            ("GET", "/__admin/passwords".to_owned(), vec![], String::new()),
            ("POST", "/__admin/verify".to_owned(), vec![json()], "{".to_owned()),
        ]
    }

    /// The journal without times.
    fn journal(mock: &MockServer) -> Vec<Value> {
        let mut entries: Vec<_> = mock.requests().iter().map(|entry| serde_json::to_value(entry).unwrap()).collect();
        for entry in &mut entries {
            let fields = entry.as_object_mut().unwrap();
            for time in ["at_ms", "arrived_unix_ms"] {
                fields.remove(time).unwrap();
            }
            fields.remove("tls");
            if fields["target"].as_str().unwrap().contains("regions") {
                // It names the server.
                fields.remove("answer_body");
                fields.remove("answer");
            }
            fields
                .get_mut("headers")
                .unwrap()
                .as_object_mut()
                .unwrap()
                .retain(|name, _| name != "host" && name != "content-length");
            if let Some(answer) = fields.get_mut("answer").and_then(Value::as_object_mut) {
                answer.remove("after_ms").unwrap();
            }
        }
        entries
    }

    #[test]
    fn calls_are_the_same_over_each_protocol_and_tls() {
        let rules = r#"{"rules": [
            {"name": "seldom", "when": {"chance": 0.4, "user": "8a2c3f9579d240820179d51e6caf0002"}, "status": 503,
             "headers": {"Retry-After": "1"}},
            {"name": "spoiled", "when": {"calls": "2"}, "fault": "malformed_json"}]}"#;
        let builder = || MockServer::builder().seed(3).scenario_json(rules);
        let plain = speaking(builder());
        let expected: Vec<_> = calls().iter().map(|call| over_http_1(&plain, call)).collect();
        let ways: [(_, Over); 3] = [
            (speaking(builder()), over_http_2),
            (builder().tls().start_blocking().unwrap(), over_http_1),
            (builder().tls().start_blocking().unwrap(), over_http_2),
        ];
        for (mock, over) in ways {
            let is_plain = mock.https_url().is_none();
            for (call, expected) in calls().iter().zip(&expected) {
                let found = over(&mock, call);
                // Links name the server, by another scheme over TLS.
                if is_plain || !call.1.contains("regions") {
                    assert_eq!(found, *expected, "{call:?}");
                }
            }
            let (found, expected) = (journal(&mock), journal(&plain));
            assert_eq!(found.len(), expected.len());
            for (found, expected) in found.iter().zip(expected) {
                assert_eq!(*found, expected);
            }
        }
    }

    #[test]
    fn long_list_arrives_whole() {
        let users = r#"{"projects": [{"id": "p", "generate": {"count": 2000, "id_prefix": "u"}}]}"#;
        let mock = speaking(MockServer::builder().users_json(users));
        let call: Call = (
            "GET",
            "/v2/p/users?limit=2000".to_owned(),
            vec![("content-type", "application/json".to_owned())],
            String::new(),
        );
        let (first, second) = (over_http_1(&mock, &call), over_http_2(&mock, &call));
        assert_eq!((first.0, first.2.len() > 200_000, first.2), (200, true, second.2));
    }
}

#[test]
fn first_bytes_decide_the_protocol() {
    let mock = server();
    let mut client = Http2Client::silent(mock.url());
    // Byte by byte: the server reads each before the next is there, or some together.
    for byte in PREFACE {
        client.send([*byte]);
    }
    client.send(frame(SETTINGS, 0, 0, &[]));
    client.frame_of(SETTINGS);
    client.get(1, &reset());
    assert_eq!(client.answer(1).0, [(HEADERS, None), (DATA, None)]);
    assert_eq!(Client::connect(mock.url()).get(&reset()).status, 200);
    // The beginning of a preface, and another end.
    let mut other = Client::connect(mock.url());
    other.send("PRI * HTTP/2.0\r\n\r\nXX");
    assert_eq!(other.answer(false).status, 400);
    let plain = MockServer::builder().start_blocking().unwrap();
    let mut refused = Client::connect(plain.url());
    refused.send(PREFACE);
    let answer = refused.answer(false);
    assert!(answer.status == 400 && answer.body.contains("h2c"), "{}", answer.body);
}

#[test]
fn slow_preface_is_answered_as_a_slow_head() {
    let mock = limited(|limits| limits.head = Duration::from_millis(100));
    let mut client = Client::connect(mock.url());
    client.send("PRI * HT");
    assert_eq!(client.answer(false).status, 408);
    let mut silent = Client::connect(mock.url());
    assert!(silent.is_closed());
}

mod faults {
    use super::*;

    /// The frames of the first call, and the bytes of its data; the connection goes on.
    fn first_call(mock: &MockServer) -> (Vec<(u8, Option<u32>)>, String) {
        let mut client = Http2Client::connect(mock.url());
        client.get(1, &reset());
        let (kinds, data) = client.answer(1);
        client.get(3, &reset());
        assert_eq!(client.answer(3).0, [(HEADERS, None), (DATA, None)]);
        (kinds, String::from_utf8(data).unwrap())
    }

    fn note(mock: &MockServer) -> (EntryState, String) {
        let entry = ended(mock);
        (entry.state, entry.answer_body.and_then(|body| body.note).unwrap_or_default())
    }

    #[test]
    fn striking_faults_reset_one_stream() {
        for (fault, code, told) in [
            ("reset", INTERNAL_ERROR, "RST_STREAM INTERNAL_ERROR"),
            ("empty_response", CANCEL, "RST_STREAM CANCEL"),
            ("random_data", INTERNAL_ERROR, "random bytes"),
        ] {
            let mock = with(&format!(r#""fault": "{fault}""#));
            assert_eq!(first_call(&mock), (vec![(RST_STREAM, Some(code))], String::new()), "{fault}");
            let (state, note) = note(&mock);
            assert!(state == EntryState::Cut && note.contains(told), "{fault}: {note}");
        }
    }

    #[test]
    fn reset_connection_ends_all_streams_of_one_connection() {
        let rules = format!(
            r#"{{"rules": [{{"name": "slow", "when": {{"user": "{}"}}, "delay": {{"fixed_ms": 100000}}}},
               {{"name": "broken", "when": {{"user": "{}"}}, "fault": "reset_connection"}}]}}"#,
            user("0001"),
            user("0002"),
        );
        let builder = || MockServer::builder().scenario_json(rules.as_str());
        let h2c = speaking(builder());
        let mut over_h2c = Http2Client::connect(h2c.url());
        let tls = builder().tls().start_blocking().unwrap();
        let mut over_tls = Http2Client::secure(&tls);
        for (mock, client) in [(&h2c, &mut over_h2c), (&tls, &mut over_tls)] {
            client.get(1, &reset());
            arrived(mock, 1);
            client.get(3, &(reset_path(&user("0002")) + "?notification_type=email"));
            assert!(client.ends_by_reset());
            while mock.requests().iter().any(|entry| entry.state == EntryState::InFlight) {
                std::thread::yield_now();
            }
            let requests = mock.requests();
            assert_eq!([requests[0].state, requests[1].state], [EntryState::Cut; 2]);
            let note = requests[1].answer_body.as_ref().and_then(|body| body.note.clone());
            assert_eq!(note.as_deref(), Some("Not sent: the connection was reset."));
            // The next client is served.
            assert_eq!(Client::connect(mock.url()).get(&reset_path(&user("0403"))).status, 403);
        }
    }

    #[test]
    fn truncated_body_is_half_of_the_data_and_a_reset() {
        for fault in ["truncated_body", "malformed_chunk"] {
            let mock = with(&format!(r#""fault": "{fault}""#));
            let (kinds, data) = first_call(&mock);
            assert_eq!(kinds, [(HEADERS, None), (DATA, None), (RST_STREAM, Some(INTERNAL_ERROR))], "{fault}");
            let whole = format!(r#"{{"password":"{}"}}"#, mock.password(PROJECT, &user("0001"), 1).unwrap());
            assert_eq!(data, whole[..whole.len() / 2]);
            let (state, note) = note(&mock);
            assert!(state == EntryState::Answered && note.contains("first 12 of these 25"), "{fault}: {note}");
        }
    }

    #[test]
    fn wrong_length_is_the_whole_body_under_a_smaller_length() {
        let mock = with(r#""fault": "wrong_length""#);
        let (kinds, data) = first_call(&mock);
        assert_eq!((kinds, data.len()), (vec![(HEADERS, None), (DATA, None)], 25));
    }

    #[test]
    fn dribble_comes_in_frames_over_its_time() {
        let mock = with(r#""fault": {"dribble": {"chunks": 5, "over_ms": 100}}"#);
        let began = std::time::Instant::now();
        let (kinds, data) = first_call(&mock);
        assert!(began.elapsed() >= Duration::from_millis(100));
        assert_eq!(kinds, [vec![(HEADERS, None)], vec![(DATA, None); 5]].concat());
        assert_eq!(data, format!(r#"{{"password":"{}"}}"#, mock.password(PROJECT, &user("0001"), 1).unwrap()));
        assert_eq!(ended(&mock).state, EntryState::Answered);
    }

    #[test]
    fn malformed_json_is_an_answer_of_valid_http_2() {
        let mock = with(r#""fault": "malformed_json""#);
        let (kinds, data) = first_call(&mock);
        assert!(kinds == [(HEADERS, None), (DATA, None)] && data.ends_with('\\'), "{data}");
    }

    #[test]
    fn hang_holds_one_stream_until_the_client_gives_up() {
        let mock = with(r#""fault": "hang""#);
        let mut client = Http2Client::connect(mock.url());
        client.get(1, &reset());
        arrived(&mock, 1);
        client.get(3, &reset());
        assert_eq!(client.answer(3).0, [(HEADERS, None), (DATA, None)]);
        assert_eq!(mock.requests()[0].state, EntryState::InFlight);
        client.send(frame(RST_STREAM, 0, 1, &CANCEL.to_be_bytes()));
        assert_eq!(ended(&mock).state, EntryState::Cut);
    }

    #[test]
    fn faults_over_tls_reset_one_stream() {
        for fault in ["reset", "tls_garbage", "random_data"] {
            let rule = format!(r#"{{"name": "broken", "when": {{"calls": "1"}}, "fault": "{fault}"}}"#);
            let builder = MockServer::builder().tls().scenario_json(format!(r#"{{"rules": [{rule}]}}"#));
            let mock = builder.start_blocking().unwrap();
            let mut client = Http2Client::secure(&mock);
            client.get(1, &reset());
            assert_eq!(client.answer(1).0, [(RST_STREAM, Some(INTERNAL_ERROR))], "{fault}");
            client.get(3, &reset());
            assert_eq!(client.answer(3).0, [(HEADERS, None), (DATA, None)]);
            let tls = mock.requests()[1].tls.clone().unwrap();
            assert_eq!(tls.alpn.as_deref(), Some("h2"));
        }
    }

    #[test]
    fn reset_of_the_server_cuts_delayed_streams() {
        let mock = with(r#""delay": {"fixed_ms": 200000}"#);
        let mut client = Http2Client::connect(mock.url());
        client.get(1, &reset());
        arrived(&mock, 1);
        mock.reset();
        assert_eq!(client.answer(1).0, [(RST_STREAM, Some(CANCEL))]);
        client.get(3, "/v2/unknown");
        assert_eq!(client.answer(3).0.len(), 2);
    }
}

mod limits {
    use super::*;

    #[test]
    fn streams_past_their_limit_are_refused() {
        let rules = r#"{"rules": [{"name": "slow", "when": {"calls": "1-3"}, "fault": "hang"}]}"#;
        let mut limits = Limits::default();
        limits.streams_max = 3;
        let mock = speaking(MockServer::builder().scenario_json(rules).limits(limits));
        let mut client = Http2Client::connect(mock.url());
        for stream in [1, 3, 5] {
            client.get(stream, &reset());
        }
        arrived(&mock, 3);
        client.get(7, &reset());
        assert_eq!(client.answer(7).0, [(RST_STREAM, Some(REFUSED_STREAM))]);
        client.send(frame(RST_STREAM, 0, 3, &CANCEL.to_be_bytes()));
        client.get(9, &reset());
        assert_eq!(client.answer(9).0, [(HEADERS, None), (DATA, None)]);
    }

    #[test]
    fn head_past_its_limits_is_a_431_in_the_journal() {
        let mock = limited(|limits| (limits.head_bytes_max, limits.head_fields_max) = (1_000, 5));
        let mut client = Http2Client::connect(mock.url());
        let long = literal("x-long", &"v".repeat(1_000));
        let many: Vec<_> = (0..5).flat_map(|at| literal(&format!("x-{at}"), "v")).collect();
        for (stream, more) in [(1, long), (3, many)] {
            let fields = [client.fields("GET", &reset()), more].concat();
            client.send(frame(HEADERS, END_HEADERS | END_STREAM, stream, &fields));
            let (kinds, body) = client.answer(stream);
            let body = String::from_utf8(body).unwrap();
            assert!(kinds == [(HEADERS, None), (DATA, None)] && body.contains("1000 bytes or 5 fields"), "{body}");
        }
        let rejected = mock.requests();
        assert_eq!(rejected.iter().map(|entry| entry.answer.unwrap().status).collect::<Vec<_>>(), [431, 431]);
        assert_eq!(hits(&mock, "head_bytes"), 2);
        client.get(5, &reset());
        assert_eq!(client.answer(5).0, [(HEADERS, None), (DATA, None)]);
    }

    #[test]
    fn window_without_room_resets_the_stream_on_time() {
        let mock = limited(|limits| limits.stall = Duration::from_millis(200));
        // SETTINGS_INITIAL_WINDOW_SIZE
        let mut client = Http2Client::with_settings(mock.url(), &[(4, 10)]);
        client.get(1, &reset());
        let (kinds, data) = client.answer(1);
        assert_eq!((kinds, data.len()), (vec![(HEADERS, None), (DATA, None), (RST_STREAM, Some(CANCEL))], 10));
        assert_eq!(hits(&mock, "stall"), 1);
        // A client that makes room in time gets all of it.
        client.get(3, &reset());
        assert_eq!(client.frame_of(DATA).payload.len(), 10);
        client.send(frame(WINDOW_UPDATE, 0, 3, &100_u32.to_be_bytes()));
        assert_eq!(client.answer(3).1.len(), 15);
    }

    #[test]
    fn client_that_reads_nothing_is_reset() {
        let mock = limited(|limits| {
            (limits.stall, limits.control_frames_per_minute_max) = (Duration::from_millis(200), u64::MAX);
        });
        let mut client = Http2Client::connect(mock.url());
        let pings = frame(PING, 0, 0, b"12345678").repeat(100);
        while client.send_if_open(&pings) {}
        while hits(&mock, "stall") == 0 {}
    }

    #[test]
    fn unfinished_head_sends_the_client_away() {
        let mock = limited(|limits| limits.head = Duration::from_millis(100));
        for (flags, cut) in [(END_STREAM, 0), (END_HEADERS | END_STREAM, 1)] {
            let mut client = Http2Client::connect(mock.url());
            let fields = client.fields("GET", &reset());
            let whole = frame(HEADERS, flags, 1, &fields);
            client.send(&whole[..whole.len() - cut]);
            assert_eq!(client.sent_away(), ENHANCE_YOUR_CALM);
        }
        assert_eq!(hits(&mock, "head"), 2);
        assert_eq!(rejected(&mock), 2);
    }

    #[test]
    fn idle_connection_is_closed_with_a_goaway() {
        let mock = limited(|limits| limits.idle = Duration::from_millis(100));
        let mut client = Http2Client::connect(mock.url());
        client.get(1, &reset());
        client.answer(1);
        assert_eq!(client.sent_away(), NO_ERROR);
        assert_eq!(hits(&mock, "idle"), 1);
    }

    #[test]
    fn body_that_is_refused_early_is_read_on_until_its_bounds() {
        let mock = limited(|limits| limits.unread_bytes_max = 100_000);
        let mut client = Http2Client::connect(mock.url());
        let path = format!("/v2/{PROJECT}/users");
        for (stream, length, ends) in [(1, 80_000, true), (3, 200_000, false)] {
            let fields = [client.fields("POST", &path), literal("content-length", &length.to_string())].concat();
            client.send(frame(HEADERS, END_HEADERS, stream, &fields));
            // The whole answer is there before the body.
            assert_eq!(client.answer(stream).0, [(HEADERS, None), (DATA, None)]);
            let mut sent = 0;
            let mut room = 65_535;
            while sent < length {
                let piece = 10_000.min(length - sent);
                while room < piece {
                    let next = client.next().unwrap().unwrap();
                    match next.kind {
                        WINDOW_UPDATE if next.stream == stream => room += usize::try_from(next.code()).unwrap(),
                        RST_STREAM => break,
                        _ => {}
                    }
                }
                if room < piece {
                    break;
                }
                (sent, room) = (sent + piece, room - piece);
                let flags = if sent == length { END_STREAM } else { 0 };
                client.send(frame(DATA, flags, stream, &vec![b' '; piece]));
            }
            assert_eq!(sent == length, ends, "{sent} of {length}");
        }
        assert_eq!(mock.requests().iter().map(|entry| entry.answer.unwrap().status).collect::<Vec<_>>(), [413, 413]);
        client.get(5, &reset());
        assert_eq!(client.answer(5).0, [(HEADERS, None), (DATA, None)]);
    }

    #[test]
    fn only_a_body_that_is_read_is_asked_for() {
        let mock = limited(|limits| limits.body_bytes_max = 10);
        let mut client = Http2Client::connect(mock.url());
        let waiting = [client.fields("GET", &reset()), literal("expect", "100-continue")].concat();
        // Refused by its announced length, and the stream with it.
        let fields = [&waiting[..], &literal("content-length", "11")].concat();
        client.send(frame(HEADERS, END_HEADERS, 1, &fields));
        let (kinds, body) = client.answer(1);
        assert_eq!(kinds, [(HEADERS, None), (DATA, None)]);
        assert!(String::from_utf8(body).unwrap().contains("larger than 10 bytes"));
        assert_eq!(client.frame_of(RST_STREAM).code(), NO_ERROR);

        let fields = [&waiting[..], &literal("content-length", "2")].concat();
        client.send(frame(HEADERS, END_HEADERS, 3, &fields));
        let asked = client.frame_of(HEADERS);
        // The status 100, as HPACK writes it.
        assert_eq!((&asked.payload[..], asked.ends_stream()), (&[0x48, 0x82, 0x08, 0x01][..], false));
        client.send(frame(DATA, END_STREAM, 3, b"{}"));
        assert_eq!(client.answer(3).0, [(HEADERS, None), (DATA, None)]);
        assert_eq!(mock.requests().iter().map(|entry| entry.answer.unwrap().status).collect::<Vec<_>>(), [413, 200]);
    }

    #[test]
    fn connection_ends_after_its_last_request() {
        let mock = limited(|limits| limits.requests_per_connection_max = 2);
        let mut client = Http2Client::connect(mock.url());
        client.get(1, &reset());
        client.answer(1);
        client.get(3, &reset());
        client.answer(3);
        assert_eq!(client.sent_away(), NO_ERROR);
        assert_eq!(hits(&mock, "requests_per_connection"), 1);
    }

    #[test]
    fn body_past_its_limit_is_refused_and_others_go_on() {
        let mock = limited(|limits| (limits.body_bytes_max, limits.body_time) = (10, Duration::from_millis(100)));
        let mut client = Http2Client::connect(mock.url());
        let fields = client.fields("GET", &reset());
        // Too long; and one that never ends.
        for (stream, body, status) in [(1, &[b'x'; 11][..], 413), (3, b"x", 408)] {
            client.send(frame(HEADERS, END_HEADERS, stream, &fields));
            client.send(frame(DATA, 0, stream, body));
            client.answer(stream);
            assert_eq!(mock.requests().pop().unwrap().answer.unwrap().status, status);
        }
        client.get(5, &reset());
        assert_eq!(client.answer(5).0, [(HEADERS, None), (DATA, None)]);
    }
}

mod attacks {
    use super::*;

    /// The server goes on: a new client is served.
    fn goes_on(mock: &MockServer) {
        let mut client = Http2Client::connect(mock.url());
        client.get(1, &reset());
        assert_eq!(client.answer(1).0, [(HEADERS, None), (DATA, None)]);
    }

    /// Sends the same bytes again and again until the server ends it; returns how often.
    fn flood(client: &mut Http2Client, most: usize, bytes: impl Fn(usize, &Http2Client) -> Vec<u8>) {
        for at in 0..most {
            let bytes = bytes(at, client);
            if !client.send_if_open(&bytes) {
                return;
            }
        }
    }

    #[test]
    fn rapid_resets_send_the_client_away() {
        let mock = limited(|limits| limits.resets_per_minute_max = 50);
        let mut client = Http2Client::connect(mock.url());
        flood(&mut client, 60, |at, client| {
            let stream = u32::try_from(2 * at + 1).unwrap();
            let request = frame(HEADERS, END_HEADERS | END_STREAM, stream, &client.fields("GET", &reset()));
            [request, frame(RST_STREAM, 0, stream, &CANCEL.to_be_bytes())].concat()
        });
        assert_eq!(client.sent_away(), ENHANCE_YOUR_CALM);
        assert_eq!(hits(&mock, "frames"), 1);
        assert!(mock.requests().len() <= 61);
        goes_on(&mock);
    }

    #[test]
    fn resets_in_one_write_are_stopped_before_their_requests_begin() {
        let mock = server();
        let mut client = Http2Client::connect(mock.url());
        let mut bytes = Vec::new();
        for stream in (1..2_000).step_by(2) {
            bytes.extend(frame(HEADERS, END_HEADERS | END_STREAM, stream, &client.fields("GET", &reset())));
            bytes.extend(frame(RST_STREAM, 0, stream, &CANCEL.to_be_bytes()));
        }
        client.send_if_open(&bytes);
        assert_eq!(client.sent_away(), ENHANCE_YOUR_CALM);
        assert!(mock.requests().len() < 200, "{}", mock.requests().len());
        goes_on(&mock);
    }

    #[test]
    fn continuations_without_end_send_the_client_away() {
        let mock = server();
        let mut client = Http2Client::connect(mock.url());
        let fields = client.fields("GET", &reset());
        client.send(frame(HEADERS, END_STREAM, 1, &fields));
        flood(&mut client, 1_000, |at, _| frame(CONTINUATION, 0, 1, &literal(&format!("x-{at}"), "v")));
        assert_eq!(client.sent_away(), ENHANCE_YOUR_CALM);
        assert_eq!(rejected(&mock), 1);
        goes_on(&mock);
    }

    #[test]
    fn empty_data_without_end_sends_the_client_away() {
        let mock = server();
        let mut client = Http2Client::connect(mock.url());
        let fields = client.fields("GET", &reset());
        client.send(frame(HEADERS, END_HEADERS, 1, &fields));
        flood(&mut client, 1_000, |_, _| frame(DATA, 0, 1, &[]));
        assert_eq!(client.sent_away(), ENHANCE_YOUR_CALM);
        goes_on(&mock);
    }

    #[test]
    fn floods_of_control_frames_send_the_client_away() {
        let mock = limited(|limits| limits.control_frames_per_minute_max = 500);
        for bytes in [
            frame(PING, 0, 0, b"12345678"),
            frame(SETTINGS, 0, 0, &[]),
            frame(PRIORITY, 0, 1, &[0, 0, 0, 0, 7]),
            frame(0x77, 0, 0, b"unknown"),
        ] {
            let mut client = Http2Client::connect(mock.url());
            flood(&mut client, 600, |_, _| bytes.clone());
            assert_eq!(client.sent_away(), ENHANCE_YOUR_CALM);
        }
        assert_eq!(hits(&mock, "frames"), 4);
        goes_on(&mock);
    }

    #[test]
    fn header_bomb_sends_the_client_away_and_takes_no_memory() {
        let mock = server();
        let mut client = Http2Client::connect(mock.url());
        // One long field goes into the table of the connection; then a byte stands for it.
        let long = [vec![0x40], text("x-bomb"), text(&"b".repeat(3_900))].concat();
        let first = [client.fields("GET", &reset()), long].concat();
        client.send(frame(HEADERS, END_HEADERS | END_STREAM, 1, &first));
        client.answer(1);
        let bomb = [client.fields("GET", &reset()), vec![0xbe; 15_000]].concat();
        client.send_if_open(&frame(HEADERS, END_HEADERS | END_STREAM, 3, &bomb));
        assert_eq!(client.sent_away(), ENHANCE_YOUR_CALM);
        assert_eq!(mock.requests().len(), 2);
        goes_on(&mock);
    }

    #[test]
    fn head_that_is_much_too_long_is_answered_by_a_bare_431() {
        let mock = limited(|limits| limits.head_bytes_max = 1_000);
        let mut client = Http2Client::connect(mock.url());
        let long = [client.fields("GET", &reset()), literal("x-long", &"v".repeat(3_000))].concat();
        client.send(frame(HEADERS, END_HEADERS | END_STREAM, 1, &long));
        let head = client.frame_of(HEADERS);
        assert_eq!((head.stream, head.flags), (1, END_HEADERS | END_STREAM));
        client.get(3, &reset());
        client.answer(3);
    }
}

mod errors {
    use super::*;
    use crate::http2_client::{FLOW_CONTROL_ERROR, FRAME_SIZE_ERROR, PROTOCOL_ERROR};
    use std::thread::yield_now;

    /// Checks what a user sees of an error that ended the only connection.
    fn check(mock: &MockServer, code: &str, status: u16, words: &str) {
        while mock.requests().iter().all(|entry| entry.state != EntryState::Rejected) {
            yield_now();
        }
        let requests = mock.requests();
        let entry = requests.iter().find(|entry| entry.state == EntryState::Rejected).unwrap();
        let problem = entry.problem.clone().unwrap();
        assert!(problem.contains(words) && problem.contains(&format!("GOAWAY {code}")), "{problem}");
        assert!(entry.answer.is_none() && entry.answer_body.is_none() && entry.request_id.is_some(), "{entry:?}");
        let mut client = Client::connect(mock.url());
        assert_eq!(client.metric(&format!("wksmock_http2_errors_total{{code=\"{code}\"}}")), 1);
        let page = client.get("/__admin/requests?state=rejected").json();
        assert_eq!((&page["requests"][0]["answer"], page["requests"].as_array().unwrap().len()), (&Value::Null, 1));
        let verdict = client.request("POST", "/__admin/verify", &[], "").json();
        let rejected = &verdict["rejected"];
        assert_eq!((&rejected["count"], &rejected["by"][0]["status"]), (&1.into(), &status.into()), "{verdict:#}");
        assert_eq!(rejected["by"][0]["problem"], problem.as_str());
    }

    #[test]
    fn forbidden_frames_are_in_journal_metrics_and_verdict() {
        let overflow = 0x7fff_ffff_u32.to_be_bytes();
        for (bytes, code, name) in [
            (frame(DATA, 0, 0, b"x"), PROTOCOL_ERROR, "PROTOCOL_ERROR"),
            (frame(PING, 0, 1, b"12345678"), PROTOCOL_ERROR, "PROTOCOL_ERROR"),
            (frame(CONTINUATION, END_HEADERS, 1, &[]), PROTOCOL_ERROR, "PROTOCOL_ERROR"),
            (frame(HEADERS, END_HEADERS | END_STREAM, 2, &[]), PROTOCOL_ERROR, "PROTOCOL_ERROR"),
            (frame(SETTINGS, 0, 0, &[0; 5]), PROTOCOL_ERROR, "PROTOCOL_ERROR"),
            (frame(DATA, 0, 1, &vec![0; 20_000]), FRAME_SIZE_ERROR, "FRAME_SIZE_ERROR"),
            (frame(HEADERS, END_HEADERS | END_STREAM, 1, &[0xff; 20]), PROTOCOL_ERROR, "PROTOCOL_ERROR"),
            (frame(WINDOW_UPDATE, 0, 0, &overflow), FLOW_CONTROL_ERROR, "FLOW_CONTROL_ERROR"),
        ] {
            let mock = server();
            let mut client = Http2Client::connect(mock.url());
            client.send(&bytes);
            assert_eq!(client.sent_away(), code, "{bytes:?}");
            check(&mock, name, 400, "The client sent");
        }
    }

    #[test]
    fn floods_and_slow_heads_are_in_journal_and_verdict() {
        let mock = limited(|limits| limits.control_frames_per_minute_max = 500);
        let mut client = Http2Client::connect(mock.url());
        client.send_if_open(&frame(PING, 0, 0, b"12345678").repeat(600));
        assert_eq!(client.sent_away(), ENHANCE_YOUR_CALM);
        check(&mock, "ENHANCE_YOUR_CALM", 400, "500 control frames");
        let mock = limited(|limits| limits.head = Duration::from_millis(100));
        let mut client = Http2Client::connect(mock.url());
        let fields = client.fields("GET", &reset());
        client.send(frame(HEADERS, END_STREAM, 1, &fields));
        assert_eq!(client.sent_away(), ENHANCE_YOUR_CALM);
        check(&mock, "ENHANCE_YOUR_CALM", 408, "100 ms");
    }

    #[test]
    fn client_that_leaves_with_or_without_goaway_is_not_rejected() {
        let mock = server();
        for code in [NO_ERROR, PROTOCOL_ERROR, INTERNAL_ERROR, ENHANCE_YOUR_CALM] {
            let mut client = Http2Client::connect(mock.url());
            client.send(frame(GOAWAY, 0, 0, &[[0; 4], code.to_be_bytes()].concat()));
            while client.next().is_ok_and(|next| next.is_some()) {}
        }
        drop(Http2Client::connect(mock.url()));
        let mut client = Client::connect(mock.url());
        while client.metric("wksmock_connections_open") > 1 {}
        assert!(mock.requests().is_empty());
        let metrics = client.get("/__admin/metrics").body;
        let errors: Vec<_> = metrics.lines().filter(|line| line.starts_with("wksmock_http2_errors_total{")).collect();
        assert!(errors.len() == 7 && errors.iter().all(|line| line.ends_with(" 0")), "{errors:?}");
    }
}

mod ends {
    use super::*;

    #[test]
    fn drain_ends_streams_and_sends_goaway() {
        let mock = with(r#""delay": {"fixed_ms": 100000}"#);
        let mut idle = Http2Client::connect(mock.url());
        let mut client = Http2Client::connect(mock.url());
        client.get(1, &reset());
        arrived(&mock, 1);
        assert_eq!(Client::connect(mock.url()).request("POST", "/__admin/shutdown", &[], "").status, 202);
        assert_eq!(client.answer(1).0, [(RST_STREAM, Some(CANCEL))]);
        for client in [&mut client, &mut idle] {
            // No pong is needed for the end.
            assert_eq!(client.sent_away(), NO_ERROR);
        }
    }

    #[test]
    fn down_resets_connections_of_http_2() {
        let rules = r#"{"rules": [], "down": [{"time_ms": [1000, 2000]}]}"#;
        let mock = speaking(MockServer::builder().scenario_json(rules).clock(wksmock::ClockMode::Manual));
        let mut client = Http2Client::connect(mock.url());
        client.get(1, &reset());
        client.answer(1);
        mock.advance(Duration::from_millis(1_500));
        assert!(client.ends_by_reset());
    }

    #[test]
    fn client_that_leaves_cuts_its_requests() {
        let mock = with(r#""fault": "hang""#);
        let mut client = Http2Client::connect(mock.url());
        client.get(1, &reset());
        arrived(&mock, 1);
        drop(client);
        assert_eq!(ended(&mock).state, EntryState::Cut);
    }

    #[test]
    fn events_are_followed_on_a_stream_beside_others() {
        let mock = server();
        let mut client = Http2Client::connect(mock.url());
        client.get(1, "/__admin/events");
        assert_eq!(client.frame_of(HEADERS).stream, 1);
        client.get(3, &reset());
        let mut seen = String::new();
        while !seen.contains("random-password") {
            let next = client.frame_of(DATA);
            if next.stream == 1 {
                seen.push_str(&String::from_utf8_lossy(&next.payload));
            }
        }
        client.send(frame(GOAWAY, 0, 0, &[0; 8]));
    }
}
