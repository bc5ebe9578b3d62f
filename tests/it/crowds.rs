//! Thousands of clients that are slow at the same time: others are served, each is cut on time, no resource stays.

use crate::binary::{Served, wksmock};
use crate::client::Client;
use crate::{raw_reset, reset_path, user};
use socket2::{Domain, Protocol, Socket, Type};
use std::io::{ErrorKind, Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

const CROWD: usize = 2_000;
/// Descriptors of this process and of the server for other purposes.
const OTHER_FILES: u64 = 200;

/// The behaviour of a client of the crowd.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Habit {
    SendsHalfAHead,
    SendsHalfABody,
    ReadsNothing,
}

/// Returns the crowd's size, limited by the open files of this process.
fn crowd() -> usize {
    let files = rlimit::increase_nofile_limit(CROWD as u64 + OTHER_FILES).unwrap();
    let most = usize::try_from(files.saturating_sub(OTHER_FILES)).unwrap();
    assert!(most >= 200, "a crowd needs more open files than {files}: raise ulimit -n");
    most.min(CROWD)
}

/// Connects with so small a receive buffer that the server can send little.
fn connect(served: &Served, habit: Habit) -> TcpStream {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, Some(Protocol::TCP)).unwrap();
    if habit == Habit::ReadsNothing {
        socket.set_recv_buffer_size(4_096).unwrap();
    }
    let address: std::net::SocketAddr = served.url.strip_prefix("http://").unwrap().parse().unwrap();
    socket.connect(&address.into()).unwrap();
    let mut stream = TcpStream::from(socket);
    stream.set_read_timeout(Some(crate::client::PATIENCE)).unwrap();
    let sent = match habit {
        Habit::SendsHalfAHead => "GET /v2/half HTTP/1.1\r\nHost:".to_owned(),
        Habit::SendsHalfABody => raw_reset("Content-Length: 9\r\n") + "{",
        Habit::ReadsNothing => raw_reset("").replace("0001/", "0503/"),
    };
    stream.write_all(sent.as_bytes()).unwrap();
    stream
}

/// Reads to the end; returns the first status, if any, and whether the connection was reset.
fn read_to_end(mut stream: TcpStream) -> (String, bool) {
    let mut read = Vec::new();
    let reset = loop {
        match stream.read_to_end(&mut read) {
            Ok(_) => break false,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) if error.kind() == ErrorKind::ConnectionReset => break true,
            Err(error) => panic!("{error}"),
        }
    };
    let line = String::from_utf8_lossy(&read[..read.len().min(12)]).into_owned();
    (line, reset)
}

#[test]
fn slow_crowd_delays_no_client_and_leaves_no_resources() {
    let crowd = crowd();
    let limits =
        ["head_ms=1500", "body_time_ms=1500", "stall_ms=1500", "unread_time_ms=100", "held_bytes_max=4000000000"];
    let flags: Vec<_> = limits.iter().flat_map(|limit| ["--limit", limit]).collect();
    let served = Served::spawn(&mut wksmock(&[&["serve", "--port", "0", "--log-level", "off"], &flags[..]].concat()));
    // One user has a response that exceeds all buffers.
    let (project, slow) = (crate::PROJECT, user("0503"));
    let body = "x".repeat(7 << 20);
    let rule = format!(
        r#"{{"when": {{"project": "{project}", "user": "{slow}"}}, "status": 503, "undocumented": true, "body": "{body}"}}"#
    );
    assert_eq!(served.client().request("POST", "/__admin/overrides", &[], &rule).status, 201);
    while served.client().metric("wksmock_connections_open") > 1 {}
    let before = served.descriptors();

    // Only a few clients read nothing: the system buffers much for each.
    let habit = |at: usize| match at % 50 {
        0 => Habit::ReadsNothing,
        odd if odd % 2 == 1 => Habit::SendsHalfAHead,
        _ => Habit::SendsHalfABody,
    };
    let mut client = served.client();
    let mut slow_clients = Vec::new();
    for at in 0..crowd {
        slow_clients.push((habit(at), connect(&served, habit(at))));
        // Meanwhile other clients are served.
        if at % 20 == 0 {
            assert_eq!(client.get(&reset_path(&user("0001"))).status, 200);
        }
    }
    let count = |wanted: Habit| (0..crowd).filter(|at| habit(*at) == wanted).count();
    // A client that starts to read in time is not cut.
    while served.client().metric("wksmock_limit_hits_total{limit=\"stall\"}") < count(Habit::ReadsNothing) {}
    for (habit, stream) in slow_clients {
        let (line, reset) = read_to_end(stream);
        let (expected, by_reset) = match habit {
            Habit::SendsHalfAHead | Habit::SendsHalfABody => ("HTTP/1.1 408", false),
            Habit::ReadsNothing => ("HTTP/1.1 503", true),
        };
        assert_eq!((line.as_str(), reset), (expected, by_reset), "{habit:?}");
    }
    assert_eq!(served.client().metric("wksmock_limit_hits_total{limit=\"head\"}"), count(Habit::SendsHalfAHead));
    assert_eq!(served.client().metric("wksmock_limit_hits_total{limit=\"body_time\"}"), count(Habit::SendsHalfABody));
    drop(client);
    while served.client().metric("wksmock_connections_open") > 1 {}
    assert!(served.descriptors() <= before + 1, "{} files, {before} before", served.descriptors());
    let in_flight = served.client().get("/__admin/requests?state=in_flight").json();
    assert_eq!(in_flight["requests"], serde_json::json!([]));
    assert_eq!(served.terminate().0, Some(0));
}

#[test]
fn slow_clients_release_their_slots() {
    let flags = ["--limit", "connections_max=50", "--limit", "head_ms=300", "--limit", "unread_time_ms=100"];
    let served = Served::start(&[&flags[..], &["--log-level", "off"]].concat());
    // Four times as many clients as slots, and one that waits behind them all.
    let slow: Vec<_> = (0..200).map(|_| connect(&served, Habit::SendsHalfAHead)).collect();
    let mut last = served.client();
    last.send(raw_reset(""));
    for stream in slow {
        assert_eq!(read_to_end(stream), ("HTTP/1.1 408".to_owned(), false));
    }
    assert_eq!(last.answer(false).status, 200);
    drop(last);
    while served.client().metric("wksmock_connections_open") > 1 {}
    // All slots are free again.
    let mut room: Vec<_> = (0..50).map(|_| served.client()).collect();
    assert!(room.iter_mut().all(|client| client.get(&reset_path(&user("0001"))).status == 200));
    assert_eq!(served.terminate().0, Some(0));
}

#[test]
fn early_closed_connection_leaves_no_resources() {
    let served = Served::start(&["--log-level", "off"]);
    while served.client().metric("wksmock_connections_open") > 1 {}
    let before = served.descriptors();
    let habits = [Habit::SendsHalfAHead, Habit::SendsHalfABody];
    for at in 0..500 {
        let stream = connect(&served, habits[at % 2]);
        if at % 3 == 0 {
            // This close is a reset.
            socket2::SockRef::from(&stream).set_linger(Some(Duration::ZERO)).unwrap();
        }
    }
    let mut client = Client::connect(&served.url);
    while !client.get("/__admin/metrics").body.contains("wksmock_connections_open 1\n") {}
    assert!(served.descriptors() <= before + 1, "{} files, {before} before", served.descriptors());
}
