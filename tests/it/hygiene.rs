//! Odd, broken and hostile HTTP: the answer, the fate of the connection, and the journal entry.

use crate::client::Client;
use crate::{reset_path, user};
use std::fmt::Write as _;
use wksmock::MockServer;

/// Follows each case on its connection; the last answer on a connection that stays open.
const PROBE: &[u8] = b"GET /probe HTTP/1.1\r\nHost: x\r\n\r\n";
const USUAL: &str = "Host: x\r\nContent-Type: application/json\r\n";

/// Sends a case and the probe after it, and returns everything received.
fn check(case: &[u8]) -> String {
    check_to(case, |client| {
        client.send_if_open(PROBE);
    })
}

/// Sends a case and its ending, and returns everything received.
fn check_to(case: &[u8], end: impl FnOnce(&mut Client)) -> String {
    let mock = MockServer::builder().start_blocking().unwrap();
    let mut client = Client::connect(mock.url());
    client.send_if_open(case);
    end(&mut client);
    let mut told = String::new();
    let (mut goes_on, mut is_head) = (false, case.starts_with(b"HEAD"));
    while let Some(answer) = client.next(is_head) {
        is_head = false;
        if answer.body.contains("published for GET /probe.") {
            goes_on = true;
            break;
        }
        let close = answer.header("connection").map_or(String::new(), |value| format!(" ({value})"));
        let body = match answer.header("x-request-id") {
            Some(id) if id.len() == 32 => answer.body.replace(id, "ID"),
            _ if answer.status == 100 => String::new(),
            _ => format!("NO REQUEST ID {}", answer.body),
        };
        writeln!(told, "{}{close} {body}", answer.status).unwrap();
    }
    told.push_str(if goes_on { "goes on\n" } else { "closed\n" });
    for entry in mock.requests().iter().filter(|entry| entry.target != "/probe") {
        let seen = format!("{:?} {:?} {:?}", entry.state, entry.method, shortened(&entry.target));
        writeln!(told, "journal: {seen} {}", shortened(&entry.problem.clone().unwrap_or_default())).unwrap();
    }
    told
}

fn shortened(text: &str) -> String {
    let shown: String = text.chars().take(100).collect();
    if shown.len() < text.len() { format!("{shown}…") } else { shown }
}

fn table(cases: &[(&str, Vec<u8>)]) -> String {
    let told = cases.iter().map(|(name, case)| format!("# {name}\n{}", check(case)));
    told.collect::<Vec<_>>().join("\n")
}

/// Builds a reset with further header lines and the bytes after the head.
fn reset(lines: &str, rest: &str) -> Vec<u8> {
    format!("GET {} HTTP/1.1\r\n{USUAL}{lines}\r\n{rest}", reset_path(&user("0001"))).into_bytes()
}

/// Builds a request with this request line and the usual fields.
fn line(line: &[u8]) -> Vec<u8> {
    [line, b"\r\n", USUAL.as_bytes(), b"\r\n"].concat()
}

fn host(lines: &str) -> Vec<u8> {
    format!("GET {} HTTP/1.1\r\nContent-Type: application/json\r\n{lines}\r\n", reset_path(&user("0001"))).into_bytes()
}

#[test]
fn host_headers_are_taken_or_refused() {
    insta::assert_snapshot!(table(&[
        ("missing", host("")),
        ("twice", host("Host: x\r\nHost: x\r\n")),
        ("with a space", host("Host: a b\r\n")),
        ("with a user", host("Host: a@b\r\n")),
        ("a path", host("Host: a/b\r\n")),
        ("empty", host("Host:\r\n")),
        ("with a control character", host("Host: a\x01b\r\n")),
        ("not ASCII", host("Host: ü\r\n")),
        ("two in one", host("Host: a, b\r\n")),
        ("missing, in HTTP/1.0", String::from_utf8(host("")).unwrap().replace("/1.1", "/1.0").into_bytes()),
        (
            "twice, in HTTP/1.0",
            String::from_utf8(host("Host: x\r\nHost: y\r\n")).unwrap().replace("/1.1", "/1.0").into()
        ),
        ("an IPv6 address with a port", host("Host: [::1]:7070\r\n")),
        ("a port out of range", host("Host: x:65536\r\n")),
        ("a bracket that stays open, under /__admin", b"GET /__admin/version HTTP/1.1\r\nHost: [::1\r\n\r\n".to_vec()),
        ("missing under /__admin", b"GET /__admin/version HTTP/1.1\r\n\r\n".to_vec()),
        (
            "twice under /__admin",
            b"GET /__admin/version HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n\r\n".to_vec()
        ),
    ]));
}

/// Each has only characters that a host may have, so only the grammar can refuse it.
#[test]
fn malformed_hosts_of_valid_characters_are_400() {
    let mock = MockServer::builder().start_blocking().unwrap();
    let status = |target: &str, host: &str| {
        let mut client = Client::connect(mock.url());
        let head = format!("GET {target} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n\r\n");
        client.send_if_open(head.as_bytes());
        client.next(false).unwrap().status
    };
    let path = reset_path(&user("0001"));
    for host in ["x", "x:", "x:0", "x:65535", "a!$&'()*+,;=b:80", "x%C3%A4", "[::1]", "[fe80::1%25eth0]:80", ""] {
        assert_eq!(status(&path, host), 200, "{host}");
    }
    for host in [
        "x:y",
        "x:80y",
        "x:-1",
        "x:65536",
        "x:080000",
        "x:80:81",
        "x::",
        ":80",
        ":",
        "::1",
        "::1:7070",
        "[::1",
        "::1]",
        "[::1]80",
        "[::1]]",
        "[]",
        "[x]",
        "[127.0.0.1]:80",
        "[::1%eth0]",
        "x[::1]",
        "x%",
        "x%zz",
        "x%ff",
        "x%0a",
    ] {
        assert_eq!(status(&path, host), 400, "{host}");
        assert_eq!(status("/__admin/version", host), 400, "{host} under /__admin");
    }
    for authority in ["x:65536", "a@x", "a:b@x"] {
        assert_eq!(status(&format!("http://{authority}{path}"), "x"), 400, "{authority} in the target");
    }
}

#[test]
fn request_targets_are_taken_or_refused() {
    let path = reset_path(&user("0001"));
    let absolute = format!("GET http://elsewhere:1{path}?x=1 HTTP/1.1");
    let encoded = path.replace("users", "%75sers");
    insta::assert_snapshot!(table(&[
        ("CONNECT", line(b"CONNECT x:443 HTTP/1.1")),
        ("CONNECT with a path", line(b"CONNECT /v2 HTTP/1.1")),
        (
            "CONNECT, and bytes for whoever is behind",
            [line(b"CONNECT x:443 HTTP/1.1"), b"\x16\x03\x01".to_vec()].concat()
        ),
        ("OPTIONS *", line(b"OPTIONS * HTTP/1.1")),
        ("* in HTTP/1.0", line(b"GET * HTTP/1.0")),
        ("GET *", line(b"GET * HTTP/1.1")),
        ("absolute", line(absolute.as_bytes())),
        ("absolute to the admin API by another name", line(b"GET http://evil.example/__admin/users HTTP/1.1")),
        ("absolute, with a user", line(b"GET http://a:b@x/v2 HTTP/1.1")),
        ("absolute, of another scheme", line(b"GET ftp://x/v2 HTTP/1.1")),
        ("absolute, without a path", line(b"GET http://x HTTP/1.1")),
        ("without a slash", line(b"GET v2 HTTP/1.1")),
        ("with an encoded letter", line(format!("GET {encoded} HTTP/1.1").as_bytes())),
        ("with raw UTF-8", line("GET /v2/p/users/ü/random-password HTTP/1.1".as_bytes())),
        ("with a raw byte that is not UTF-8", line(b"GET /v2/p/users/\xff/random-password HTTP/1.1")),
        ("with a control byte", line(b"GET /v2/\x01 HTTP/1.1")),
        ("with a NUL", line(b"GET /v2/\0 HTTP/1.1")),
        ("with a delete character", line(b"GET /v2/\x7f HTTP/1.1")),
        ("with a tab", line(b"GET /v2\t/p HTTP/1.1")),
        ("with a bare CR", line(b"GET /v2\r/p HTTP/1.1")),
        ("with an encoded NUL in an id", line(b"GET /v2/p/users/%00/random-password HTTP/1.1")),
        ("with encoded bytes that are not UTF-8", line(b"GET /v2/p/users/%ff%fe/random-password HTTP/1.1")),
        ("longer than a head", line(format!("GET /{} HTTP/1.1", "x".repeat(70_000)).as_bytes())),
        ("with a space", line(b"GET /v2 /p HTTP/1.1")),
        ("with a quote", line(b"GET /v2/\" HTTP/1.1")),
        ("half an escape", line(format!("GET {path}%2 HTTP/1.1").as_bytes())),
        ("half an escape in an id", line(b"GET /v2/p/users/%zz/random-password HTTP/1.1")),
        ("half an escape in the query", line(format!("GET {path}?notification_type=%zz HTTP/1.1").as_bytes())),
        ("with a fragment", line(format!("GET {path}#x HTTP/1.1").as_bytes())),
        ("with two slashes", line(b"GET //v2 HTTP/1.1")),
    ]));
}

#[test]
fn request_lines_are_taken_or_refused() {
    let path = reset_path(&user("0001"));
    insta::assert_snapshot!(table(&[
        ("no version", line(format!("GET {path}").as_bytes())),
        ("HTTP/1.0", line(format!("GET {path} HTTP/1.0").as_bytes())),
        (
            "HTTP/1.0 that keeps alive",
            [format!("GET {path} HTTP/1.0\r\nConnection: keep-alive\r\n{USUAL}\r\n").as_bytes()].concat()
        ),
        ("HTTP/9.9", line(format!("GET {path} HTTP/9.9").as_bytes())),
        ("HTTP/2", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec()),
        ("HTTP/2 and its first frame", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0".to_vec()),
        ("HTTP/0.9", b"GET /v2\r\n".to_vec()),
        ("HTTP/1.2", line(format!("GET {path} HTTP/1.2").as_bytes())),
        ("http/1.1", line(format!("GET {path} http/1.1").as_bytes())),
        ("two spaces", line(format!("GET  {path} HTTP/1.1").as_bytes())),
        ("a space first", line(format!(" GET {path} HTTP/1.1").as_bytes())),
        ("TLS", b"\x16\x03\x01\x00\xa5\x01\x00\x00\xa1\x03\x03aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa".to_vec()),
        ("a line feed first", [b"\r\n", reset("", "").as_slice()].concat()),
        ("line feeds alone", String::from_utf8(reset("", "")).unwrap().replace("\r\n", "\n").into_bytes()),
        ("an unknown method", line(format!("BREW {path} HTTP/1.1").as_bytes())),
        ("a method in lower case", line(format!("get {path} HTTP/1.1").as_bytes())),
        ("a method that is none", line(format!("G@T( {path} HTTP/1.1").as_bytes())),
        ("HEAD", line(format!("HEAD {path} HTTP/1.1").as_bytes())),
        ("nonsense", b"nonsense\r\n\r\n".to_vec()),
    ]));
}

#[test]
fn header_fields_are_taken_or_refused() {
    let hundred = (0..98).map(|at| format!("x{at}: y\r\n")).collect::<Vec<_>>().concat();
    insta::assert_snapshot!(table(&[
        ("folded", reset("X: a\r\n b\r\n", "")),
        ("a bare CR", reset("X: a\rb\r\n", "")),
        ("a NUL", reset("X: a\0b\r\n", "")),
        ("folded at once", reset(" X: a\r\n", "")),
        ("folded with a tab", reset("X: a\r\n\tb\r\n", "")),
        ("a bare LF", reset("X: a\nY: b\r\n", "")),
        ("a bare CR at the end", reset("X: a\r\r\n", "")),
        ("a NUL in a name", reset("X\0: a\r\n", "")),
        ("an escape character", reset("X: \x1b[2J\r\n", "")),
        ("a name that is not ASCII", reset("Ü: a\r\n", "")),
        ("no colon", reset("X\r\n", "")),
        ("a space before the colon", reset("X : a\r\n", "")),
        ("no name", reset(": a\r\n", "")),
        ("a value that is not ASCII", reset("X: ü\r\n", "")),
        ("as many as are taken", reset(&hundred, "")),
        ("one more", reset(&format!("{hundred}y: z\r\n"), "")),
        ("larger than is taken", reset(&format!("X: {}\r\n", "a".repeat(64 << 10)), "")),
        ("a token as long as documented", reset(&format!("X-Auth-Token: {}\r\n", "a".repeat(40_000)), "")),
        ("an upgrade", reset("Connection: upgrade\r\nUpgrade: websocket\r\n", "")),
        (
            "an upgrade to HTTP/2",
            reset("Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n", "")
        ),
    ]));
}

#[test]
fn body_lengths_are_taken_or_refused() {
    let chunked = "Transfer-Encoding: chunked\r\n";
    insta::assert_snapshot!(table(&[
        ("small", reset("Content-Length: 2\r\n", "{}")),
        ("chunked", reset(chunked, "2\r\n{}\r\n0\r\n\r\n")),
        ("chunked, with a trailer", reset(chunked, "2;x=y\r\n{}\r\n0\r\nX: y\r\n\r\n")),
        ("as large as is taken", reset("Content-Length: 65536\r\n", &"a".repeat(65_536))),
        ("larger", reset("Content-Length: 65537\r\n", &"a".repeat(65_537))),
        ("chunked and larger", reset(chunked, &format!("10001\r\n{}\r\n0\r\n\r\n", "a".repeat(65_537)))),
        ("the same length twice", reset("Content-Length: 2\r\nContent-Length: 2\r\n", "{}")),
        ("two lengths", reset("Content-Length: 2\r\nContent-Length: 3\r\n", "{}")),
        ("a list of one length", reset("Content-Length: 2, 2\r\n", "{}")),
        ("a signed length", reset("Content-Length: +2\r\n", "{}")),
        ("a negative length", reset("Content-Length: -2\r\n", "")),
        ("an empty length", reset("Content-Length:\r\n", "")),
        ("a length past 64 bits", reset("Content-Length: 99999999999999999999\r\n", "")),
        ("a length beside chunks", reset(&format!("Content-Length: 2\r\n{chunked}"), "2\r\n{}\r\n0\r\n\r\n")),
        ("gzip", reset("Transfer-Encoding: gzip\r\n", "")),
        ("gzip and chunked", reset("Transfer-Encoding: gzip, chunked\r\n", "2\r\n{}\r\n0\r\n\r\n")),
        ("chunked and gzip", reset("Transfer-Encoding: chunked, gzip\r\n", "")),
        ("chunked twice", reset(&format!("{chunked}{chunked}"), "2\r\n{}\r\n0\r\n\r\n")),
        ("an unknown coding", reset("Transfer-Encoding: xchunked\r\n", "")),
        ("a chunk size that is none", reset(chunked, "z\r\n{}\r\n0\r\n\r\n")),
        ("a chunk size past 64 bits", reset(chunked, "fffffffffffffffff\r\n")),
        ("a chunk longer than its size", reset(chunked, "1\r\n{}\r\n0\r\n\r\n")),
        ("an expectation", reset("Expect: 100-continue\r\nContent-Length: 2\r\n", "{}")),
        ("an unknown expectation", reset("Expect: a-miracle\r\n", "")),
    ]));
}

#[test]
fn transfer_codings_are_taken_or_refused() {
    let chunked = "Transfer-Encoding: chunked\r\n";
    let of = |line: &str| reset(&format!("{line}\r\n"), "2\r\n{}\r\n0\r\n\r\n");
    let chunks = |chunks: &str| reset(chunked, chunks);
    insta::assert_snapshot!(table(&[
        ("in capitals", of("Transfer-Encoding: CHUNKED")),
        ("with a tab", of("Transfer-Encoding:\tchunked")),
        ("with a space behind", of("Transfer-Encoding: chunked ")),
        ("with a parameter", of("Transfer-Encoding: chunked;q=1")),
        ("twice in one", of("Transfer-Encoding: chunked, chunked")),
        ("with a comma behind", of("Transfer-Encoding: chunked,")),
        ("with a comma first", of("Transfer-Encoding: ,chunked")),
        ("in quotes", of("Transfer-Encoding: \"chunked\"")),
        ("identity", of("Transfer-Encoding: identity")),
        ("empty", of("Transfer-Encoding:")),
        ("with a space before the colon", of("Transfer-Encoding : chunked")),
        ("folded", of("Transfer-Encoding:\r\n chunked")),
        ("two fields", of("Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked")),
        ("two fields, the other way", of("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity")),
        ("before a length", of("Transfer-Encoding: chunked\r\nContent-Length: 2")),
        ("beside a wrong length", of("Transfer-Encoding: chunked\r\nContent-Length: x")),
        ("in HTTP/1.0", String::from_utf8(of("Transfer-Encoding: chunked")).unwrap().replace("/1.1", "/1.0").into()),
        ("a size with zeros", chunks("0000002\r\n{}\r\n000\r\n\r\n")),
        ("a size in capitals", chunks("A\r\n          \r\n0\r\n\r\n")),
        ("a size with 0x", chunks("0x2\r\n{}\r\n0\r\n\r\n")),
        ("a signed size", chunks("+2\r\n{}\r\n0\r\n\r\n")),
        ("a negative size", chunks("-2\r\n{}\r\n0\r\n\r\n")),
        ("a size with a space behind", chunks("2 \r\n{}\r\n0\r\n\r\n")),
        ("a size with a space before", chunks(" 2\r\n{}\r\n0\r\n\r\n")),
        ("an empty size", chunks("\r\n{}\r\n0\r\n\r\n")),
        ("a line feed alone after a size", chunks("2\n{}\r\n0\r\n\r\n")),
        ("a line feed alone after a chunk", chunks("2\r\n{}\n0\r\n\r\n")),
        ("a line feed in an extension", chunks("2;x\ny\r\n{}\r\n0\r\n\r\n")),
        ("a long extension", chunks(&format!("2;{}\r\n{{}}\r\n0\r\n\r\n", "x".repeat(20_000)))),
        ("a trailer that is none", chunks("0\r\nno trailer\r\n\r\n")),
        ("a trailer with a length", chunks("0\r\nContent-Length: 9\r\n\r\n")),
        ("trailers without end", chunks(&format!("0\r\n{}\r\n", "X: y\r\n".repeat(20_000)))),
        ("chunks without end", chunks(&"1\r\nx\r\n".repeat(70_000))),
    ]));
}

#[test]
fn expect_headers_are_taken_or_refused() {
    insta::assert_snapshot!(table(&[
        ("in capitals", reset("EXPECT: 100-CONTINUE\r\nContent-Length: 2\r\n", "{}")),
        ("of chunks", reset("Expect: 100-continue\r\nTransfer-Encoding: chunked\r\n", "2\r\n{}\r\n0\r\n\r\n")),
        ("without a body", reset("Expect: 100-continue\r\n", "")),
        ("of a body that is too large", reset("Expect: 100-continue\r\nContent-Length: 65537\r\n", "")),
        ("in HTTP/1.0", b"GET / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n{}".to_vec()),
        ("unknown, beside a body", reset("Expect: a-miracle\r\nContent-Length: 2\r\n", "{}")),
        ("two", reset("Expect: 100-continue\r\nExpect: a-miracle\r\nContent-Length: 2\r\n", "{}")),
        (
            "of an admin body that is refused",
            b"POST /__admin/nothing HTTP/1.1\r\nHost: evil.example\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n{}".to_vec()
        ),
    ]));
}

/// Returns the answers to requests that end in the middle.
#[test]
fn truncated_requests_are_answered_or_closed() {
    let chunked = "Transfer-Encoding: chunked\r\n";
    let cases = [
        ("nothing at all", Vec::new()),
        ("a line feed", b"\r\n".to_vec()),
        ("half a request line", b"GET /v2".to_vec()),
        ("half a field", format!("GET {} HTTP/1.1\r\nHo", reset_path(&user("0001"))).into_bytes()),
        ("half a field of the admin API", b"GET /__admin/users HTTP/1.1\r\nHo".to_vec()),
        ("half a body", reset("Content-Length: 4\r\n", "{}")),
        ("half a chunk", reset(chunked, "4\r\n{}")),
        ("half a size", reset(chunked, "4")),
        ("no last chunk", reset(chunked, "2\r\n{}\r\n")),
        ("half a trailer", reset(chunked, "0\r\nX: ")),
        ("half a head after a request", [reset("", ""), b"GET /half HTTP/1.1\r\n".to_vec()].concat()),
    ];
    let told = cases.iter().map(|(name, case)| format!("# {name}\n{}", check_to(case, Client::half_close)));
    insta::assert_snapshot!(told.collect::<Vec<_>>().join("\n"));
}

#[test]
fn valid_requests_around_an_invalid_one_are_answered() {
    let all = [reset("", ""), reset("", ""), reset("X : a\r\n", ""), reset("", "")].concat();
    insta::assert_snapshot!(check(&all));
}

#[test]
fn pipelined_requests_are_answered_in_order() {
    for count in [8_u64, 1_000] {
        let mock = MockServer::builder().start_blocking().unwrap();
        let mut client = Client::connect(mock.url());
        client.send(reset("", "").repeat(usize::try_from(count).unwrap()));
        for call in 1..=count {
            let expected = mock.password(crate::PROJECT, &user("0001"), call).unwrap();
            assert_eq!(client.answer(false).password(), expected, "call {call} of {count}");
        }
    }
}
