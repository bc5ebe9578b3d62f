//! The bounds of connections and of the data kept about them: a value at a bound is taken, one past it is refused.
//! `slow_clients` and `signals` test bounds of time, `limits_of_files` those of files.

use crate::binary::Served;
use crate::client::{Answer, Client};
use crate::slow_clients::hits;
use crate::{limited, raw_reset, reset_path, user};
use std::process::Command;
use std::time::Duration;
use wksmock::{EntryState, Limits, MockServer};

const ADMIN: &str = "GET /__admin/version HTTP/1.1\r\nHost: localhost\r\n";

/// Checks for a refusal in the API's own shape, and the end of the connection.
fn refused(client: &mut Client, answer: &Answer, status: u16, admin: bool) {
    assert_eq!((answer.status, answer.header("connection")), (status, Some("close")), "{answer:?}");
    answer.request_id();
    if admin {
        assert_eq!(answer.header("content-type"), Some("application/problem+json"));
        assert_eq!(answer.json()["status"], status);
    } else {
        assert_eq!(answer.header("content-type"), Some("application/json"));
        assert_eq!(answer.error_code(), "APIGW.0201");
        assert!(!answer.error_msg().is_empty());
    }
    assert!(client.is_closed());
}

#[test]
fn default_limits_are_the_documented_ones() {
    let limits = Limits::default();
    let kib = 1 << 10;
    let counts = [
        (limits.connections_max, 10_000),
        (limits.head_bytes_max, 64 * kib),
        (limits.head_fields_max, 100),
        (limits.target_bytes_max, 16 * kib),
        (limits.unread_bytes_max, 16 * kib * kib),
        (limits.body_bytes_max, 64 * kib),
        (limits.admin_body_bytes_max, 8 * kib * kib),
        (limits.journal_entries_max, 10_000),
        (limits.journal_bytes_max, 4 * kib * kib),
        (limits.entry_body_bytes_max, 4 * kib),
        (limits.held_bytes_max, 256 * kib * kib),
        (limits.overrides_max, 1_000),
        (limits.overrides_bytes_max, 16 * kib * kib),
        (limits.clones_max, 10_000),
        (limits.clone_scenarios_bytes_max, 16 * kib * kib),
        (limits.clone_rules_max, 100_000),
        (limits.accounts_max, 10_000),
        (limits.tokens_max, 10_000),
        (limits.tokens_revoked_max, 10_000),
        (limits.outbox_messages_max, 10_000),
        (limits.users_created_max, 10_000),
        (limits.deliveries_max, 1_000),
        (limits.handshakes_max, 256),
        (limits.file_bytes_max, 64 * kib * kib),
        (limits.file_depth_max, 64),
        (limits.files_max, 1_000),
        (limits.users_max, 1_000_000),
        (limits.rules_max, 100_000),
        (limits.errors_shown_max, 50),
        (limits.log_lines_max, 10_000),
        (limits.page_max, 1_000),
        (limits.expectations_max, 10_000),
        (limits.event_readers_max, 32),
        (limits.event_bytes_max, 4 * kib * kib),
        (limits.changes_max, 1_000),
        (limits.coverage_users_max, 100),
        (limits.rejections_max, 1_000),
        (limits.secrets_max, 100_000),
        (limits.tries_max, 16),
        (limits.try_bytes_max, kib * kib),
    ];
    for (at, (limit, documented)) in counts.into_iter().enumerate() {
        assert_eq!(limit, documented, "count {at}");
    }
    assert_eq!((limits.requests_per_connection_max, limits.delivery_attempts_max), (10_000, 5));
    let of_http_2 = (limits.streams_max, limits.resets_per_minute_max, limits.control_frames_per_minute_max);
    assert_eq!(of_http_2, (100, 10_000, 10_000));
    let times = [
        (limits.head, 10),
        (limits.idle, 60),
        (limits.stall, 30),
        (limits.unread_time, 2),
        (limits.body_time, 10),
        (limits.admin_body_time, 30),
        (limits.drain, 3),
        (limits.delay, 300),
        (limits.hang, 300),
        (limits.verify_wait_max, 60),
        (limits.verdict_time_max, 10),
        (limits.watch_interval, 1),
        (limits.delivery, 10),
        (limits.try_time, 30),
    ];
    for (at, (limit, documented)) in times.into_iter().enumerate() {
        assert_eq!(limit, Duration::from_secs(documented), "time {at}");
    }
    assert_eq!(counts.len() + 5 + times.len(), Limits::NAMES.len(), "every limit is looked at");
}

#[test]
fn head_past_its_limit_is_refused() {
    for most in [400, 9_000] {
        let mock = limited(|limits| limits.head_bytes_max = most);
        for (admin, head) in [(false, raw_reset("").trim_end().to_owned() + "\r\n"), (true, ADMIN.to_owned())] {
            let padded = |length: usize| format!("{head}X: {}\r\n\r\n", "a".repeat(length - head.len() - 7));
            let mut client = Client::connect(mock.url());
            assert_eq!(padded(most).len(), most);
            client.send(padded(most));
            assert_eq!(client.answer(false).status, 200, "{most} {admin}");
            client.send(padded(most + 1));
            let answer = client.answer(false);
            refused(&mut client, &answer, 431, admin);
        }
        assert_eq!(hits(&mock, "head_bytes"), 2);
        let states: Vec<_> = mock.requests().iter().map(|entry| entry.state).collect();
        assert_eq!(states, [EntryState::Answered, EntryState::Rejected]);
    }
}

#[test]
fn header_field_past_the_limit_is_refused() {
    let mock = limited(|limits| limits.head_fields_max = 3);
    for (admin, head, more) in [(false, raw_reset(""), 1), (true, format!("{ADMIN}\r\n"), 2)] {
        let with = |fields: usize| head.replace("\r\n\r\n", &format!("\r\n{}\r\n", "X: y\r\n".repeat(fields)));
        let mut client = Client::connect(mock.url());
        client.send(with(more));
        assert_eq!(client.answer(false).status, 200);
        client.send(with(more + 1));
        let answer = client.answer(false);
        refused(&mut client, &answer, 431, admin);
    }
}

#[test]
fn too_long_target_is_refused_in_the_apis_own_shape() {
    let mock = limited(|limits| limits.target_bytes_max = 200);
    for admin in [false, true] {
        let path = if admin { "/__admin/nothing".to_owned() } else { reset_path(&user("0001")) };
        let padded = |length: usize| format!("{path}?{}", "x".repeat(length - path.len() - 1));
        let mut client = Client::connect(mock.url());
        assert_eq!(client.get(&padded(200)).status, if admin { 404 } else { 200 });
        let answer = client.get(&padded(201));
        refused(&mut client, &answer, 414, admin);
        // Too long for a head.
        let mut client = Client::connect(mock.url());
        client.send(format!("GET {} HTTP/1.1\r\nHost: localhost\r\n\r\n", padded(66_000)));
        let answer = client.answer(false);
        refused(&mut client, &answer, 414, admin);
    }
    assert_eq!((hits(&mock, "target_bytes"), hits(&mock, "head_bytes")), (2, 2));
    assert_eq!(mock.requests().len(), 3);
}

#[test]
fn id_limit_counts_characters_not_bytes() {
    for character in ["a", "ä", "密", "🔑"] {
        let id = character.repeat(255);
        let users = format!(r#"{{"projects": [{{"id": "{id}", "users": [{{"id": "{id}"}}]}}]}}"#);
        let mock = MockServer::builder().users_json(users).start_blocking().unwrap();
        let mut client = Client::connect(mock.url());
        let encoded =
            |id: &str| percent_encoding::utf8_percent_encode(id, percent_encoding::NON_ALPHANUMERIC).to_string();
        let path =
            |project: &str, user: &str| format!("/v2/{}/users/{}/random-password", encoded(project), encoded(user));
        assert_eq!(client.get(&path(&id, &id)).status, 200, "{character}");
        let longer = format!("{id}{character}");
        for (path, name) in [(path(&longer, &id), "project_id"), (path(&id, &longer), "user_id")] {
            let answer = client.get(&path);
            assert_eq!((answer.status, answer.header("connection")), (400, None), "{character}");
            assert!(answer.error_msg().contains(name), "{answer:?}");
        }
        assert_eq!(client.get(&path(&id, &id)).status, 200, "the connection goes on");
        assert!(mock.requests()[1..3].iter().all(|entry| entry.state == EntryState::Rejected && entry.call.is_none()));
    }
}

#[test]
fn refused_body_is_drained_up_to_a_byte_limit() {
    // Several times the buffers of both sides.
    let body = "a".repeat(64 << 20);
    let send = |most: usize| {
        let mock = limited(|limits| (limits.unread_bytes_max, limits.unread_time) = (most, Duration::from_mins(1)));
        let mut client = Client::connect(mock.url());
        client.send(raw_reset(&format!("Content-Length: {}\r\n", body.len())));
        client.send_if_open(body.as_bytes())
    };
    assert!(send(body.len()), "all of it is read");
    assert!(!send(1 << 20), "the rest is not read");
}

#[test]
fn refused_body_is_drained_up_to_a_time_limit() {
    let mock = limited(|limits| limits.unread_time = Duration::from_millis(50));
    let mut client = Client::connect(mock.url());
    client.send(raw_reset("Content-Length: 65537\r\n"));
    assert_eq!(client.answer(false).status, 413);
    assert!(client.is_closed());
    // The client neither sends nor closes, and the server drops it.
    let mut other = Client::connect(mock.url());
    while !other.get("/__admin/metrics").body.contains("wksmock_connections_open 1\n") {}
}

#[test]
fn slow_admin_body_has_its_own_timeout() {
    let slow = |admin: bool, change: fn(&mut Limits)| {
        let mock = limited(change);
        let mut client = Client::connect(mock.url());
        let post = "POST /__admin/overrides HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";
        let head = if admin { format!("{post}\r\n") } else { raw_reset("") };
        client.send(head.replace("\r\n\r\n", "\r\nContent-Length: 15\r\n\r\n{\"status\""));
        let answer = client.answer(false);
        refused(&mut client, &answer, 408, admin);
        assert!(answer.body.contains("within 20 ms"), "{answer:?}");
        assert_eq!(hits(&mock, "body_time"), 1);
        assert_eq!(Client::connect(mock.url()).get("/__admin/overrides").json()["overrides"], serde_json::json!([]));
    };
    slow(true, |limits| limits.admin_body_time = Duration::from_millis(20));
    slow(false, |limits| limits.body_time = Duration::from_millis(20));
}

#[test]
fn chunked_body_past_its_limit_is_refused() {
    let mock = limited(|limits| (limits.body_bytes_max, limits.admin_body_bytes_max) = (20, 30));
    let rule = |length: usize| format!("{:length$}", r#"{"status": 503}"#);
    let post = "POST /__admin/overrides HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\r\n";
    for (admin, head, most, fine) in [(false, raw_reset(""), 20, 200), (true, post.to_owned(), 30, 201)] {
        let chunked = |length: usize| {
            let (first, rest) = (&rule(length)[..9], &rule(length)[9..]);
            let chunks = format!("9\r\n{first}\r\n{:x}\r\n{rest}\r\n0\r\n\r\n", rest.len());
            head.replace("\r\n\r\n", "\r\nTransfer-Encoding: chunked\r\n\r\n") + &chunks
        };
        let mut client = Client::connect(mock.url());
        client.send(chunked(most));
        assert_eq!(client.answer(false).status, fine);
        mock.remove_overrides();
        client.send(chunked(most + 1));
        let answer = client.answer(false);
        refused(&mut client, &answer, 413, admin);
    }
    assert_eq!(hits(&mock, "body_bytes"), 2);
    assert_eq!(Client::connect(mock.url()).get("/__admin/overrides").json()["overrides"], serde_json::json!([]));
}

#[test]
fn journal_entries_and_bytes_are_bounded() {
    let fill = |mock: &MockServer| {
        let health = Client::connect(mock.url()).get("/__admin/health").json();
        let number = |name: &str| health["journal"][name].as_u64().unwrap();
        (number("entries"), number("bytes"), number("dropped"))
    };
    let asked = |change: &dyn Fn(&mut Limits), times: usize| {
        let mock = limited(change);
        let mut client = Client::connect(mock.url());
        for _ in 0..times {
            assert_eq!(client.get(&reset_path(&user("0503"))).status, 503);
        }
        fill(&mock)
    };
    let by_entries = |times| asked(&|limits| limits.journal_entries_max = 3, times);
    let ((at, _, none), (past, _, one)) = (by_entries(3), by_entries(4));
    assert_eq!((at, none, past, one), (3, 0, 3, 1));
    let (_, three, _) = by_entries(3);
    let by_bytes = |times, most: u64| asked(&|limits| limits.journal_bytes_max = usize::try_from(most).unwrap(), times);
    assert_eq!(by_bytes(3, three), (3, three, 0));
    let (entries, bytes, dropped) = by_bytes(4, three);
    assert!(entries < 4 && bytes <= three && dropped > 0, "{entries} {bytes} {dropped}");
    // An entry that is too large alone is dropped, and its request answered.
    assert_eq!(by_bytes(1, 1), (0, 0, 1));
}

#[test]
fn page_size_is_bounded() {
    let mock = limited(|limits| limits.page_max = 3);
    let mut client = Client::connect(mock.url());
    for _ in 0..4 {
        client.get(&reset_path(&user("0001")));
    }
    for list in ["requests", "users"] {
        for (query, count) in [("", 3), ("?limit=3", 3), ("?limit=2", 2)] {
            let page = client.get(&format!("/__admin/{list}{query}")).json();
            assert_eq!(page[list].as_array().unwrap().len(), count, "{list}{query}");
        }
        let past = client.get(&format!("/__admin/{list}?limit=4"));
        assert_eq!((past.status, past.header("connection")), (400, None));
        assert!(past.body.contains("expected 1 to 3"), "{}", past.body);
    }
}

#[test]
fn connection_slots_are_shared_by_all_threads() {
    let flags = ["--threads", "4", "--limit", "connections_max=1", "--log-level", "off"];
    let served = Served::start(&flags);
    // The system spreads connections over the threads; each must find the only free slot.
    for _ in 0..40 {
        assert_eq!(served.client().get(&reset_path(&user("0001"))).status, 200);
    }
}

#[test]
fn connection_limit_leaves_64_open_files() {
    let binary = env!("CARGO_BIN_EXE_wksmock");
    let command = format!("ulimit -n 200; exec {binary} serve --port 0 --log-level off");
    let served = Served::spawn(Command::new("sh").args(["-c", &command]));
    let mut room: Vec<_> = (0..136).map(|_| served.client()).collect();
    for client in &mut room {
        assert_eq!(client.get(&reset_path(&user("0001"))).status, 200);
    }
    let mut tell = room.pop().unwrap();
    let mut metrics = || tell.get("/__admin/metrics").body;
    assert!(metrics().contains("wksmock_connections_open 136\n"));
    assert!(metrics().contains("wksmock_limit_hits_total{limit=\"connections\"} 0\n"));
    let mut waiting = served.client();
    waiting.send(raw_reset(""));
    while !metrics().contains("wksmock_limit_hits_total{limit=\"connections\"} 1\n") {}
    assert!(metrics().contains("wksmock_connections_open 136\n"));
    room.pop();
    assert_eq!(waiting.answer(false).status, 200);
}
