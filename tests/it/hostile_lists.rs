//! Clients that request long lists and read nothing: they delay no other client, and their memory is bounded.

use crate::binary::Served;
use crate::client::{Client, PATIENCE};
use serde_json::json;
use socket2::{Domain, Protocol, Socket, Type};
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;
use wksmock::{EntryState, Limits, MockServer};

const LIST: &str = "/v2/p/users?limit=2000";
const NOW: Duration = Duration::from_millis(1);
/// Bytes of a piece of a long response, and the most that an unread list of unchanged users holds.
const PIECE: usize = 16 << 10;
const LIST_HELD: usize = PIECE + 1_024;
/// The number of unread lists.
const CROWD: usize = 100;

fn population(count: usize, change: impl FnOnce(&mut Limits)) -> MockServer {
    let mut limits = Limits::default();
    change(&mut limits);
    let users = json!({"projects": [{"id": "p", "generate": {"count": count, "id_prefix": "load"}}]});
    MockServer::builder().users_json(users.to_string()).limits(limits).start_blocking().unwrap()
}

fn request(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\r\n")
}

#[test]
fn long_lists_delay_no_other_request() {
    let mock = population(200_000, |_| {});
    for path in ["/v2/p/users?limit=10000", "/v2/p/users?user_name=nobody-is-called-so"] {
        let mut crowd: Vec<_> = (0..12).map(|_| Client::connect(mock.url())).collect();
        for client in &mut crowd {
            client.send(request(path));
        }
        // The requests have arrived and are in progress.
        while mock.requests().iter().filter(|entry| entry.target == path).count() < crowd.len() {}
        let mut other = Client::connect(mock.url());
        assert_eq!(other.get("/v2/p/users/load000000/random-password").status, 200);
        assert_eq!(other.get("/__admin/requests?limit=1").status, 200);
        let waiting = crowd.iter_mut().filter_map(|client| (!client.has_answer_within(NOW)).then_some(())).count();
        // Four lists are built at once: a request queued behind all would find fewer.
        assert!(waiting > 3, "{waiting} wait for their lists");
        for mut client in crowd {
            assert_eq!(client.answer(false).json()["total_count"], if path.contains("limit") { 200_000 } else { 0 });
        }
    }
}

#[test]
fn list_without_free_memory_is_refused() {
    let whole = Client::connect(population(2_000, |_| {}).url()).get(LIST);
    assert_eq!(whole.json()["users"].as_array().unwrap().len(), 2_000);
    let enough = population(2_000, |limits| limits.held_bytes_max = LIST_HELD);
    let mut client = Client::connect(enough.url());
    for _ in 0..2 {
        assert_eq!(client.get(LIST).body, whole.body);
    }
    let short = population(2_000, |limits| limits.held_bytes_max = PIECE);
    let mut client = Client::connect(short.url());
    let refused = client.get(LIST);
    assert_eq!((refused.status, refused.error_code().as_str()), (503, "WKS.00050902"));
    assert_eq!(client.get("/v2/p/users/load000000/random-password").status, 200, "the connection goes on");
    assert_eq!(client.get("/v2/p/users?limit=40").status, 200);
    let entry = &short.requests()[0];
    assert_eq!((entry.state, entry.call), (EntryState::Answered, Some(1)));
    assert_eq!(entry.answer.as_ref().unwrap().status, 503);
    assert!(entry.problem.as_deref().unwrap().contains("held_bytes_max"), "{entry:?}");

    let admin = Client::connect(population(2_000, |_| {}).url()).get("/__admin/users?limit=1000");
    assert_eq!(admin.status, 200, "{} bytes", admin.body.len());
    let tight = population(2_000, |limits| limits.held_bytes_max = admin.body.len() - 1);
    let refused = Client::connect(tight.url()).get("/__admin/users?limit=1000");
    assert_eq!(refused.status, 503);
    assert!(refused.json()["detail"].as_str().unwrap().contains("held_bytes_max"));
}

/// Sends a request with so small a receive buffer and segments that the system buffers little.
fn request_without_reading(url: &str, path: &str) -> TcpStream {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, Some(Protocol::TCP)).unwrap();
    socket.set_recv_buffer_size(4_096).unwrap();
    socket.set_tcp_mss(1_400).unwrap();
    let address: SocketAddr = url.strip_prefix("http://").unwrap().parse().unwrap();
    socket.connect(&address.into()).unwrap();
    let mut stream = TcpStream::from(socket);
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.write_all(request(path).as_bytes()).unwrap();
    stream
}

/// Reads the beginning of a response.
fn beginning(stream: &mut TcpStream) -> [u8; 12] {
    let mut line = [0; 12];
    stream.read_exact(&mut line).unwrap();
    line
}

#[test]
fn unread_lists_hold_one_piece_each() {
    let mock = population(100_000, |limits| limits.held_bytes_max = CROWD * LIST_HELD);
    let mut unread: Vec<_> = (0..CROWD).map(|_| request_without_reading(mock.url(), LIST)).collect();
    for stream in &mut unread {
        assert_eq!(&beginning(stream), b"HTTP/1.1 200");
    }
    // The lists do hold memory: a few more find none.
    let mut more: Vec<_> = (0..10).map(|_| request_without_reading(mock.url(), LIST)).collect();
    let refused = more.iter_mut().filter_map(|stream| (&beginning(stream) == b"HTTP/1.1 503").then_some(())).count();
    assert!(refused > 0);
    assert_eq!(Client::connect(mock.url()).get("/v2/p/users/load000000/random-password").status, 200);
    drop((unread, more));
    // And they release it.
    while Client::connect(mock.url()).get(LIST).status != 200 {}
}

#[test]
fn list_being_sent_keeps_its_initial_state() {
    let mock = population(100_000, |_| {});
    let mut client = Client::connect(mock.url());
    let path = "/v2/p/users?limit=10000";
    let change = |client: &mut Client, method: &str, path: &str, body: &serde_json::Value| {
        let answer = client.request(method, path, &[], &body.to_string());
        assert!(answer.status < 300, "{answer:?}");
    };
    for user in 0..100 {
        let path = format!("/v2/p/users/load{:06}", user * 100);
        change(&mut client, "PUT", &path, &json!({"description": "before"}));
    }
    let whole = client.get(path);
    assert_eq!(whole.body.matches("before").count(), 100);
    let mut slow = request_without_reading(mock.url(), path);
    let mut found = beginning(&mut slow).to_vec();
    for user in 0..100 {
        let path = format!("/v2/p/users/load{:06}", user * 100);
        change(&mut client, "PUT", &path, &json!({"description": "after"}));
        change(&mut client, "DELETE", &format!("/v2/p/users/load{:06}", user * 100 + 1), &json!({}));
    }
    let body = json!({"user_name": "carol", "active_type": "ADMIN_ACTIVATE", "password": "Abc123!xyz"});
    change(&mut client, "POST", "/v2/p/users", &body);
    mock.reset();
    slow.shutdown(std::net::Shutdown::Write).unwrap();
    slow.read_to_end(&mut found).unwrap();
    let found = String::from_utf8(found).unwrap();
    let (head, body) = found.split_once("\r\n\r\n").unwrap();
    let length = format!("Content-Length: {}", whole.body.len());
    assert!(head.lines().any(|line| line == length), "{head}");
    assert_eq!(body, whole.body);
}

/// Memory above the idle server, for connections, hyper's part of each list, and a piece. Measured as 8, also with
/// lists of 10,000 users; as text these take 65.
const UNREAD_MIB: u64 = 16;

#[test]
fn unread_lists_take_little_memory() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("users.json");
    let users = json!({"projects": [{"id": "p", "generate": {"count": 100_000, "id_prefix": "load"}}]});
    std::fs::write(&file, users.to_string()).unwrap();
    let served = Served::start(&["--users", file.to_str().unwrap(), "--log-level", "off"]);
    assert!(served.client().get(LIST).body.len() * CROWD > 60 << 20);
    let before = served.resident_kib();
    let mut unread: Vec<_> = (0..CROWD).map(|_| request_without_reading(&served.url, LIST)).collect();
    for stream in &mut unread {
        assert_eq!(&beginning(stream), b"HTTP/1.1 200");
    }
    let grown = served.resident_kib().saturating_sub(before) >> 10;
    assert!(grown < UNREAD_MIB, "{grown} MiB more");
}

/// Sends the beginning of a body on one connection after another, until one is refused because memory is full.
fn crowd(mock: &MockServer, head: &str, bytes: usize) -> (Vec<Client>, crate::client::Answer) {
    let mut crowd: Vec<Client> = Vec::new();
    for _ in 0..20 {
        let mut client = Client::connect(mock.url());
        client.send(format!("{head}Content-Length: {}\r\n\r\n{}", bytes + 1, "x".repeat(bytes)));
        crowd.push(client);
        // A request behind them is answered after them.
        for _ in 0..3 {
            assert_eq!(Client::connect(mock.url()).get("/__admin/clock").status, 200);
        }
        if let Some(at) = crowd.iter_mut().position(|client| client.has_answer_within(NOW)) {
            let refused = crowd.remove(at).answer(false);
            return (crowd, refused);
        }
    }
    panic!("{} bodies were taken", crowd.len());
}

#[test]
fn unfinished_bodies_share_a_bound() {
    let mock = population(1, |limits| limits.held_bytes_max = 400_000);
    let put = "PUT /__admin/scenario HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";
    let (others, refused) = crowd(&mock, put, 100_000);
    assert!(!others.is_empty() && refused.status == 503, "{refused:?}");
    assert!(refused.json()["detail"].as_str().unwrap().contains("held_bytes_max"), "{refused:?}");
    drop(others);

    let reset = "GET /v2/p/users/load000000/random-password HTTP/1.1\r\nHost: localhost\r\n\
        Content-Type: application/json\r\n";
    let (mut others, refused) = crowd(&mock, reset, 60_000);
    assert_eq!((refused.status, refused.error_code().as_str()), (503, "WKS.00050902"));
    let entries = mock.requests();
    let entry = entries.iter().find(|entry| entry.state == EntryState::Rejected).unwrap();
    assert!(entry.problem.as_deref().unwrap().contains("held_bytes_max"), "{entry:?}");
    assert_eq!(entry.call, None);
    // A completed body releases its memory.
    for client in &mut others {
        client.send("x");
        assert_eq!(client.answer(false).status, 200);
    }
    let mut again = Client::connect(mock.url());
    again.send(format!("{reset}Content-Length: 60000\r\n\r\n{}", "x".repeat(60_000)));
    assert_eq!(again.answer(false).status, 200);
}

#[test]
fn short_bodies_use_no_shared_memory() {
    let mock = population(1, |limits| limits.held_bytes_max = 1_024);
    let mut client = Client::connect(mock.url());
    for (bytes, status) in [(4_096, 200), (4_097, 503)] {
        let answer = client.request("GET", "/v2/p/users/load000000/random-password", &[], &"x".repeat(bytes));
        assert_eq!(answer.status, status, "{bytes}");
    }
}

#[test]
fn long_responses_are_complete_over_every_transfer() {
    let mock = population(2_000, |_| {});
    let mut client = Client::connect(mock.url());
    let whole = client.get(LIST);
    // In sequence on one connection, and pipelined.
    client.send(request(LIST).repeat(5));
    for _ in 0..5 {
        assert_eq!(client.answer(false).body, whole.body);
    }
    let admin = client.get("/__admin/users?limit=1000");
    let head = client.request("HEAD", "/__admin/users?limit=1000", &[], "");
    assert_eq!(head.header("content-length"), Some(admin.body.len().to_string().as_str()));
    assert_eq!(client.get(LIST).body, whole.body, "after an answer to HEAD");
    for fault in ["truncated_body", "wrong_length", "malformed_chunk", "malformed_json", "dribble"] {
        let told = if fault == "dribble" { json!({"dribble": {"chunks": 2, "over_ms": 1}}) } else { json!(fault) };
        let rule = json!({"name": fault, "when": {"operation": "ListUsers"}, "fault": told}).to_string();
        mock.override_json(&rule).unwrap();
        let mut client = Client::connect(mock.url());
        client.send(request(LIST));
        if fault == "malformed_json" {
            let spoilt = client.answer(false).body;
            assert_eq!(spoilt, format!("{}\\", &whole.body[..whole.body.len() - 1]));
        } else {
            let (bytes, is_reset) = client.rest();
            let text = String::from_utf8(bytes).unwrap();
            let (_, body) = text.split_once("\r\n\r\n").unwrap();
            let body = if fault == "malformed_chunk" { body.strip_prefix("no number\r\n").unwrap() } else { body };
            let body = body.strip_suffix("\r\n0\r\n\r\n").unwrap_or(body);
            let length = if fault == "truncated_body" { whole.body.len() / 2 } else { whole.body.len() };
            assert!(!is_reset && body == &whole.body[..length], "{fault}: {} bytes", body.len());
        }
    }
}

#[test]
fn list_shows_one_moment_during_changes() {
    let mock = population(3, |_| {});
    let mut client = Client::connect(mock.url());
    let create = |client: &mut Client, name: &str| {
        let body = json!({"user_name": name, "active_type": "ADMIN_ACTIVATE", "password": "Abc123!xyz"}).to_string();
        client.request("POST", "/v2/p/users", &[], &body)
    };
    for number in 0..50 {
        assert_eq!(create(&mut client, &format!("Carol{number}")).status, 201);
        let total = client.get("/v2/p/users").json()["total_count"].clone();
        assert_eq!(total, 4 + number);
    }
    let taken = create(&mut client, "cAROL7");
    assert_eq!(taken.status, 400, "{taken:?}");
    let users = client.get("/v2/p/users?user_name=carol7").json();
    let id = users["users"][0]["id"].as_str().unwrap().to_owned();
    assert!(client.request("DELETE", &format!("/v2/p/users/{id}"), &[], "").status < 300);
    assert_eq!(create(&mut client, "carol7").status, 201, "the name is free again");
}
