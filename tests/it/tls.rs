//! The listener of HTTPS, beside the plain one.
#![expect(clippy::disallowed_methods, reason = "these tests wait for time")]

use crate::client::{Answer, Client, PATIENCE};
use crate::events::Reader;
use crate::socket::{Ending, Wanted};
use crate::{PROJECT, ended, raw_reset, reset_path, user};
use rustls::SupportedProtocolVersion;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};
use wksmock::{ClockMode, EntryState, Limits, MockServer};

const TLS_1_2: &[&SupportedProtocolVersion] = &[&rustls::version::TLS12];
const TLS_1_3: &[&SupportedProtocolVersion] = &[&rustls::version::TLS13];

fn started(change: impl FnOnce(&mut Limits)) -> MockServer {
    let mut limits = Limits::default();
    change(&mut limits);
    MockServer::builder().seed(7).tls().limits(limits).start_blocking().unwrap()
}

/// Connects to the listener of HTTPS, and sends these bytes as they are.
fn raw(mock: &MockServer, bytes: impl AsRef<[u8]>) -> TcpStream {
    let mut stream = TcpStream::connect(mock.https_url().unwrap().strip_prefix("https://").unwrap()).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.write_all(bytes.as_ref()).unwrap();
    stream
}

/// The first bytes of a handshake.
fn hello(mock: &MockServer) -> Vec<u8> {
    let mut bytes = Vec::new();
    Wanted::trusting(mock.ca_pem().unwrap()).session().write_tls(&mut bytes).unwrap();
    bytes
}

fn rest(stream: &mut TcpStream) -> Vec<u8> {
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).unwrap();
    bytes
}

/// A metric, read over the plain listener.
fn metric(mock: &MockServer, name: &str) -> usize {
    Client::connect(mock.url()).metric(name)
}

fn hits(mock: &MockServer, limit: &str) -> usize {
    metric(mock, &format!("wksmock_limit_hits_total{{limit=\"{limit}\"}}"))
}

fn handshakes(mock: &MockServer) -> [usize; 2] {
    ["finished", "failed"].map(|result| metric(mock, &format!("wksmock_tls_handshakes_total{{result=\"{result}\"}}")))
}

/// Waits until something is so.
fn until(mut what: impl FnMut() -> bool) {
    let start = Instant::now();
    while !what() {
        assert!(start.elapsed() < PATIENCE);
        std::thread::yield_now();
    }
}

#[test]
fn same_calls_get_the_same_responses_over_tls() {
    // The body of a reset, an error of a call, a refusal, a status by a rule, and a long list.
    let paths = [
        reset_path(&user("0001")),
        reset_path(&user("0400")),
        "/v2/none".to_owned(),
        reset_path(&user("0503")),
        format!("/v2/{PROJECT}/users?limit=100"),
    ];
    let answers = |mock: &MockServer, mut client: Client| -> Vec<Answer> {
        client.host = "localhost".to_owned();
        let mut answers: Vec<_> = paths.iter().map(|path| client.get(path)).collect();
        let count = mock.requests().iter().filter(|entry| entry.state != EntryState::InFlight).count();
        assert_eq!(count, paths.len());
        for answer in &mut answers {
            answer.headers.retain(|(name, _)| name != "date");
        }
        answers
    };
    let plain = started(|_| ());
    let expected = answers(&plain, Client::connect(plain.url()));
    assert_eq!(expected.iter().map(|answer| answer.status).collect::<Vec<_>>(), [200, 400, 404, 503, 200]);
    for (versions, version) in [(TLS_1_2, "1.2"), (TLS_1_3, "1.3")] {
        for (name, protocols, sni) in [("localhost", &["http/1.1"][..], Some("localhost")), ("127.0.0.1", &[], None)] {
            let mock = started(|_| ());
            let trusting = Wanted::trusting(mock.ca_pem().unwrap());
            let wanted = Wanted { name, versions, protocols, ..trusting };
            let found = answers(&mock, Client::secure_as(&mock, &wanted));
            assert_eq!(format!("{found:?}"), format!("{expected:?}"), "{version}");
            for (entry, plain) in mock.requests().into_iter().zip(plain.requests()) {
                let tls = entry.tls.clone().unwrap();
                assert_eq!((tls.version.as_str(), tls.sni.as_deref()), (version, sni));
                assert_eq!(tls.alpn.as_deref(), protocols.first().copied());
                assert!(plain.tls.is_none() && entry.headers == plain.headers, "{entry:?}");
                assert_eq!(
                    (entry.state, entry.request_id, entry.target, entry.call),
                    (plain.state, plain.request_id, plain.target, plain.call)
                );
            }
        }
    }
}

#[test]
fn unfinished_handshake_ends_within_the_time_of_a_head() {
    let mock = started(|limits| limits.head = Duration::from_millis(100));
    let mut silent = raw(&mock, "");
    assert!(rest(&mut silent).is_empty());
    assert_eq!((handshakes(&mock), hits(&mock, "head")), ([0, 0], 1));
    let bytes = hello(&mock);
    let mut slow = raw(&mock, "");
    // Each byte is sent when the server has not given up by then.
    let start = Instant::now();
    slow.set_read_timeout(Some(Duration::from_millis(5))).unwrap();
    let gave_up = bytes.iter().any(|byte| slow.write_all(&[*byte]).is_err() || slow.peek(&mut [0]).is_ok());
    assert!(gave_up && start.elapsed() < PATIENCE);
    assert_eq!((handshakes(&mock), hits(&mock, "head")), ([0, 1], 2));
    assert!(mock.requests().is_empty());
    // A client in good time is served, and its first head has the whole time.
    let mut client = Client::secure(&mock);
    client.get(&reset_path(&user("0001"))).password();
    assert_eq!(handshakes(&mock), [1, 1]);
}

#[test]
fn handshake_past_the_limit_waits_for_a_place() {
    let mock = started(|limits| limits.handshakes_max = 1);
    // Silent connections take no place.
    let _silent: Vec<_> = (0..5).map(|_| raw(&mock, "")).collect();
    Client::secure(&mock).get(&reset_path(&user("0001"))).password();
    assert_eq!(hits(&mock, "handshakes"), 0);
    let slow = raw(&mock, &hello(&mock)[..20]);
    // The server has seen its first byte once another client waits behind it.
    let path = reset_path(&user("0001"));
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| Client::secure(&mock).get(&path).password());
        until(|| hits(&mock, "handshakes") == 1);
        assert!(!waiting.is_finished());
        drop(slow);
        waiting.join().unwrap();
    });
    assert_eq!(handshakes(&mock), [2, 1]);
}

#[test]
fn plain_http_on_the_port_of_tls_gets_a_plain_400() {
    let mock = started(|_| ());
    for (sent, sniffed) in [(raw_reset(""), reset_path(&user("0001"))), ("PRI * HTTP/2.0\r\n\r\n".into(), "*".into())] {
        let answer = String::from_utf8(rest(&mut raw(&mock, sent))).unwrap();
        assert!(answer.starts_with("HTTP/1.1 400 Bad Request\r\n"), "{answer}");
        assert!(
            answer.contains("speaks HTTPS: use an https:// URL") && answer.contains("\r\nConnection: close"),
            "{answer}"
        );
        let entry = mock.requests().pop().unwrap();
        assert_eq!((entry.state, entry.target, entry.tls), (EntryState::Rejected, sniffed, None));
        assert!(answer.contains(&entry.request_id.unwrap()));
    }
    let answer = String::from_utf8(rest(&mut raw(&mock, "GET /__admin/users HTTP/1.1\r\n\r\n"))).unwrap();
    assert!(answer.contains("application/problem+json") && answer.contains("use an https:// URL"), "{answer}");
    assert_eq!(mock.requests().len(), 2, "the admin API is not journalled");
    // A line that does not end is answered within the time of a head, and what is neither HTTP nor TLS by TLS.
    let mock = started(|limits| limits.head = Duration::from_millis(50));
    assert!(rest(&mut raw(&mock, "GET /half")).starts_with(b"HTTP/1.1 400 "));
    let alert = rest(&mut raw(&mock, [0x16, 3, 1, 0, 4, 9, 0, 0, 0]));
    assert_eq!(alert.first(), Some(&0x15), "{alert:?}");
    assert_eq!(handshakes(&mock), [0, 1]);
}

#[test]
fn client_without_trust_fails_and_leaves_no_request() {
    let [mock, other] = [started(|_| ()), started(|_| ())];
    let mut client = Client::secure_as(&mock, &Wanted::trusting(other.ca_pem().unwrap()));
    assert!(!client.send_if_open(raw_reset("").as_bytes()));
    until(|| handshakes(&mock) == [0, 1]);
    assert!(mock.requests().is_empty());
}

#[test]
fn limits_of_a_connection_hold_over_tls() {
    // The head, with an answer inside TLS.
    let mock = started(|limits| (limits.head, limits.idle) = (Duration::from_millis(100), Duration::from_millis(200)));
    let mut client = Client::secure(&mock);
    client.send("GET /v2/half HTTP/1.1\r\n");
    assert_eq!(client.answer(false).status, 408);
    assert_eq!(client.ending().1, Ending::Announced);
    // A connection that is idle, and one that is silent after its handshake.
    let mut client = Client::secure(&mock);
    client.get(&reset_path(&user("0001"))).password();
    assert_eq!(client.ending(), (Vec::new(), Ending::Announced));
    assert_eq!(hits(&mock, "idle"), 1);
    assert_eq!(Client::secure(&mock).ending(), (Vec::new(), Ending::Announced));
    assert_eq!(hits(&mock, "head"), 2);
    // The number of requests, the length of a head and of a body.
    let mock = started(|limits| {
        (limits.requests_per_connection_max, limits.head_bytes_max, limits.body_bytes_max) = (3, 4_096, 10);
    });
    let mut client = Client::secure(&mock);
    client.send(raw_reset("").repeat(5));
    let last: Vec<_> = (0..3).map(|_| client.answer(false).header("connection").map(str::to_owned)).collect();
    assert_eq!(last, [None, None, Some("close".to_owned())]);
    assert_eq!(client.ending(), (Vec::new(), Ending::Announced));
    let mut client = Client::secure(&mock);
    client.send_if_open(raw_reset(&format!("X: {}\r\n", "x".repeat(5_000))).as_bytes());
    assert_eq!(client.answer(false).status, 431);
    let mut client = Client::secure(&mock);
    client.send(raw_reset(&format!("Content-Length: {}\r\n", 8 << 20)));
    client.send("a".repeat(8 << 20));
    assert_eq!(client.answer(false).status, 413);
}

#[test]
fn begun_record_counts_as_a_begun_head() {
    let mock = started(|limits| limits.head = Duration::from_millis(100));
    let mut client = Client::secure(&mock);
    client.get(&reset_path(&user("0001"))).password();
    // The first bytes of a record: the limit of an idle connection is a minute.
    client.tcp().write_all(&[0x17, 3, 3, 0, 100, 1, 2, 3]).unwrap();
    assert_eq!(client.ending(), (Vec::new(), Ending::Announced));
    assert_eq!((hits(&mock, "head"), hits(&mock, "idle")), (1, 0));
}

#[test]
fn non_reading_client_is_reset_over_tls() {
    let mut limits = Limits::default();
    limits.stall = Duration::from_millis(100);
    let mock = MockServer::builder().tls().users("fixtures/population.json").limits(limits).start_blocking().unwrap();
    let mut client = Client::secure(&mock);
    client.send("GET /__admin/users?limit=1000 HTTP/1.1\r\nHost: localhost\r\n\r\n".repeat(200));
    until(|| hits(&mock, "stall") == 1);
    assert_eq!(client.ending().1, Ending::Reset);
}

#[test]
fn long_responses_arrive_whole_over_tls() {
    let mock = MockServer::builder().tls().users("fixtures/population.json").start_blocking().unwrap();
    let path = "/__admin/users?limit=1000";
    let expected = Client::connect(mock.url()).get(path).body;
    let mut client = Client::secure(&mock);
    // Together they are more than the buffers of both sides and of TLS, so that the server waits to write and to flush.
    client.send(format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n").repeat(20));
    for _ in 0..20 {
        assert!(client.answer(false).body == expected);
    }
}

#[test]
fn client_that_leaves_cuts_a_held_response_over_tls() {
    let mock = MockServer::builder().tls().clock(ClockMode::Manual);
    let mock =
        mock.scenario_json(r#"{"rules": [{"name": "slow", "delay": {"fixed_ms": 2000}}]}"#).start_blocking().unwrap();
    let mut client = Client::secure(&mock);
    client.send(raw_reset("") + "GET");
    until(|| mock.requests().first().is_some_and(|entry| entry.decision.is_some()));
    drop(client);
    assert_eq!(ended(&mock).state, EntryState::Cut);
}

#[test]
fn half_closed_connection_over_tls_still_gets_its_response() {
    let mock = started(|_| ());
    let mut client = Client::secure(&mock);
    client.send(raw_reset(""));
    // The connection ends without a word of TLS, as with many clients.
    client.half_close();
    client.answer(false).password();
    let mut client = Client::secure(&mock);
    client.send("GET /half");
    client.half_close();
    let answer = client.answer(false);
    assert!(mock.requests().pop().unwrap().tls.is_some());
    assert!(answer.status == 400 && answer.error_msg().contains("in the middle of the head"), "{answer:?}");
}

#[test]
fn interim_response_arrives_over_tls() {
    let mock = started(|_| ());
    let mut client = Client::secure(&mock).begin_reset(&reset_path(&user("0001")));
    client.send("{}");
    client.answer(false).password();
}

#[test]
fn admin_api_is_served_over_tls_with_its_guard() {
    let mock = started(|_| ());
    let mut client = Client::secure(&mock);
    assert_eq!(client.get("/__admin/health").status, 200);
    // Its own page sends its origin, and another host is a name that was pointed at this machine.
    let origin = format!("Origin: {}", mock.https_url().unwrap());
    assert_eq!(client.request("POST", "/__admin/reset", &[&origin], "").status, 200);
    assert_eq!(client.request("POST", "/__admin/reset", &["Origin: https://elsewhere.test"], "").status, 403);
    client.host = "workspace.cn-north-4.myhuaweicloud.com".to_owned();
    assert_eq!(client.get("/__admin/health").status, 403);
    assert_eq!(client.get(&reset_path(&user("0001"))).status, 200);
}

#[test]
fn links_in_responses_over_tls_are_of_https() {
    let mock = started(|_| ());
    let url = mock.https_url().unwrap();
    let mut client = Client::secure(&mock);
    let regions = client.get("/v3/regions").json();
    assert_eq!(regions["links"]["self"], format!("{url}/v3/regions"));
    let document = client.get("/__admin/openapi.json").json();
    assert_eq!(document["servers"][0]["url"], url);
    assert_eq!(
        Client::connect(mock.url()).get("/v3/regions").json()["links"]["self"],
        format!("{}/v3/regions", mock.url())
    );
}

#[test]
fn events_over_tls_arrive_and_an_unread_stream_is_reset() {
    let mock = started(|limits| limits.stall = Duration::from_millis(200));
    let mut idle = Reader::secure(&mock, "?kinds=reset");
    let _stuck = Reader::secure(&mock, "");
    let mut client = Client::secure(&mock);
    // A long header makes long events, which fill the buffers of the unread stream.
    let line = format!("X-Long: {}", "x".repeat(60_000));
    while hits(&mock, "stall") == 0 {
        for _ in 0..20 {
            client.request("GET", "/x", &[&line], "");
        }
    }
    mock.reset();
    idle.until("reset");
    assert_eq!(hits(&mock, "stall"), 1);
}

#[test]
fn connections_of_both_listeners_are_counted_together() {
    let mock = started(|limits| limits.connections_max = 1);
    let mut plain = Client::connect(mock.url());
    plain.get(&reset_path(&user("0001"))).password();
    let path = reset_path(&user("0503"));
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| Client::secure(&mock).get(&path).status);
        until(|| plain.metric("wksmock_limit_hits_total{limit=\"connections\"}") == 1);
        plain.get(&reset_path(&user("0001"))).password();
        assert!(!waiting.is_finished());
        drop(plain);
        assert_eq!(waiting.join().unwrap(), 503);
    });
}

#[test]
fn reset_of_a_project_cuts_calls_over_tls() {
    let mock = MockServer::builder().tls().clock(ClockMode::Manual);
    let mock =
        mock.scenario_json(r#"{"rules": [{"name": "slow", "delay": {"fixed_ms": 2000}}]}"#).start_blocking().unwrap();
    let mut client = Client::secure(&mock);
    client.send(raw_reset(""));
    until(|| mock.requests().first().is_some_and(|entry| entry.decision.is_some()));
    assert!(mock.reset_project(PROJECT));
    assert!(client.ending().0.is_empty());
    assert!(mock.requests().is_empty());
}

#[test]
fn down_window_resets_and_refuses_both_listeners() {
    let down = r#"{"rules": [], "down": [{"time_ms": [1000, 2000]}]}"#;
    let mock = MockServer::builder().tls().clock(ClockMode::Manual).scenario_json(down).start_blocking().unwrap();
    let urls = [mock.url().to_owned(), mock.https_url().unwrap().to_owned()];
    let connects = |url: &str| TcpStream::connect(url.split_once("://").unwrap().1).is_ok();
    let mut idle = [Client::connect(mock.url()), Client::secure(&mock)];
    for client in &mut idle {
        client.get(&reset_path(&user("0001"))).password();
    }
    // Another is in its handshake.
    let mut half = raw(&mock, &hello(&mock)[..20]);
    mock.advance(Duration::from_secs(1));
    until(|| urls.iter().all(|url| !connects(url)));
    for client in &mut idle {
        assert_eq!(client.ending(), (Vec::new(), Ending::Reset));
    }
    assert_eq!(half.read(&mut [0]).unwrap_err().kind(), std::io::ErrorKind::ConnectionReset);
    mock.advance(Duration::from_secs(1));
    until(|| urls.iter().all(|url| connects(url)));
    Client::secure(&mock).get(&reset_path(&user("0001"))).password();
}

#[test]
fn drain_ends_idle_connections_and_handshakes_over_tls() {
    let mock = MockServer::builder().tls().fault("*=200:1").start_blocking().unwrap();
    let mut idle = Client::secure(&mock);
    idle.get(&reset_path(&user("0001"))).password();
    let mut half = raw(&mock, &hello(&mock)[..20]);
    let mut silent = raw(&mock, "");
    let mut last = Client::secure(&mock);
    assert_eq!(last.request("POST", "/__admin/shutdown", &[], "").status, 202);
    assert_eq!(last.ending().1, Ending::Announced);
    assert_eq!(idle.ending(), (Vec::new(), Ending::Announced));
    assert!(rest(&mut half).is_empty() && rest(&mut silent).is_empty());
}
