//! Heads of requests, and their answers. The input is a head as on the wire.
#![no_main]

mod model;

use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;
use wksmock::fuzzing::{Answered, Head, Id, Routed, Server};
use wksmock::{Auth, Entry, EntryState, Fidelity, Limits};

const USERS: &str = r#"{"projects": [{"id": "p", "users": [{"id": "u", "user_email": "u@x", "user_phone": "1"}, {"id": "w", "active_type": "USER_ACTIVATE",
        "user_email": "w@x", "user_phone": "2"}]}]}"#;
const FIELDS_MAX: usize = 100;
/// Small, so that the fuzzer reaches the limit.
const TARGET_BYTES_MAX: usize = 700;
/// Headers with secrets.
const SECRET: [&str; 4] = ["x-auth-token", "cookie", "proxy-authorization", "x-security-token"];
/// The replacement of a secret; longer than any head.
static OTHER: [u8; 1 << 20] = [b'z'; 1 << 20];

/// A combination of settings, with its server.
struct Judge {
    server: Server,
    auth: Auth,
    lenient: bool,
    fidelity: Fidelity,
}

static JUDGES: LazyLock<Vec<Judge>> = LazyLock::new(|| {
    let mut judges = Vec::new();
    for auth in [Auth::Off, Auth::Permissive, Auth::Required] {
        for (lenient, fidelity) in [(false, Fidelity::Documented), (true, Fidelity::Observed)] {
            let mut limits = Limits::default();
            (limits.target_bytes_max, limits.journal_entries_max) = (TARGET_BYTES_MAX, 2);
            judges.push(Judge { server: Server::new(USERS, limits, auth, lenient, fidelity), auth, lenient, fidelity });
        }
    }
    judges
});

fuzz_target!(|bytes: &[u8]| {
    let mut fields = [httparse::EMPTY_HEADER; FIELDS_MAX];
    let mut parsed = httparse::Request::new(&mut fields);
    if !matches!(parsed.parse(bytes), Ok(httparse::Status::Complete(_))) {
        return;
    }
    let (Some(method), Some(target), Some(version)) = (parsed.method, parsed.path, parsed.version) else {
        return;
    };
    let fields: Vec<_> = parsed.headers.iter().map(|field| (field.name, field.value)).collect();
    let head = Head { method, target, http_10: version == 0, fields: &fields };
    // `identity.rs` covers IAM and STS.
    if model::is_of_another(&Target::of(head.target).path) {
        return;
    }
    for judge in JUDGES.iter() {
        judge.check(&head);
    }
});

impl Judge {
    fn check(&self, head: &Head<'_>) {
        let before = self.calls();
        let Some(answered) = self.server.answer(head) else {
            return;
        };
        let expected = self.expected(head);
        assert_eq!(answered.status, expected.status, "{head:?}: {}", answered.body);
        let counted = expected.user.map(|user| before[user] + 1);
        assert_eq!(answered.call, counted, "{head:?}");
        let after = self.calls();
        let more: Vec<_> = after.iter().zip(before).map(|(after, before)| after - before).collect();
        assert_eq!(more.iter().sum::<u64>(), u64::from(counted.is_some()), "a refused request was counted");
        check_answer(&answered);
        check_entry(&answered, head);
        let fields = with_other_secrets(head, &OTHER);
        if fields != head.fields {
            let other = self.server.answer(&Head { fields: &fields, ..*head }).expect("the same but for its secrets");
            assert_eq!(told(&other.entry), told(&answered.entry), "the journal knows a secret");
        }
    }

    fn calls(&self) -> [u64; 2] {
        ["u", "w"].map(|user| self.server.calls("p", user).expect("a user of the file"))
    }

    /// The steps of ARCHITECTURE.md; the first that fails answers.
    fn expected(&self, head: &Head<'_>) -> Expected {
        let refused = |status| Expected { status, user: None };
        let target = Target::of(head.target);
        let observed = self.fidelity == Fidelity::Observed;
        if target.bytes > TARGET_BYTES_MAX {
            return refused(414);
        }
        if head.method == "CONNECT" || !target.path.starts_with('/') || !is_host_right(head) {
            return refused(400);
        }
        let ids = match model::route(&target.path, head.method) {
            Routed::Known(ids) => ids,
            Routed::WrongMethod(_) => return refused(if observed { 404 } else { 405 }),
            Routed::Unknown => return refused(404),
        };
        let [Id::Text(project), Id::Text(user)] = &ids else {
            return refused(400);
        };
        let in_bounds = [project, user].into_iter().all(|id| (1..=255).contains(&id.chars().count()));
        let asked = model::notification_types(&target.query);
        let Some(asked) = asked.filter(|_| in_bounds && self.is_content_type_right(head)) else {
            return refused(400);
        };
        if !self.are_credentials_right(head) {
            return refused(401);
        }
        match (project.as_str(), user.as_str()) {
            ("p", "u") => Expected { status: 200, user: Some(0) },
            ("p", "w") => Expected { status: if asked.is_empty() { 400 } else { 200 }, user: Some(1) },
            _ => refused(if observed { 400 } else { 404 }),
        }
    }

    fn is_content_type_right(&self, head: &Head<'_>) -> bool {
        match values(head, "content-type").as_slice() {
            [] => self.lenient,
            [value] => {
                let essence = shown(value).and_then(|value| value.split(';').next());
                essence.is_some_and(|essence| essence.trim().eq_ignore_ascii_case("application/json"))
            }
            _ => false,
        }
    }

    /// There is no account, so all credentials are invalid.
    fn are_credentials_right(&self, head: &Head<'_>) -> bool {
        let shown = ["x-auth-token", "authorization"].iter().any(|name| !values(head, name).is_empty());
        self.auth == Auth::Off || (self.auth == Auth::Permissive && !shown)
    }
}

/// The expected answer, and the user whose call is counted.
struct Expected {
    status: u16,
    user: Option<usize>,
}

/// A parsed request target.
struct Target {
    path: String,
    query: String,
    /// The target without scheme and fragment.
    bytes: usize,
}

impl Target {
    fn of(target: &str) -> Self {
        let target = target.split('#').next().unwrap_or("");
        let after_scheme = match target.split_once("://") {
            Some((_, after)) if !target.starts_with('/') => after,
            _ => target,
        };
        let absolute = after_scheme.len() < target.len();
        let host = if absolute { after_scheme.find(['/', '?']).unwrap_or(after_scheme.len()) } else { 0 };
        let (path, query) = after_scheme[host..].split_once('?').unwrap_or((&after_scheme[host..], ""));
        // Without a path an absolute target means the root.
        let root = absolute && path.is_empty();
        let path = if root { "/" } else { path };
        Self { path: path.to_owned(), query: query.to_owned(), bytes: after_scheme.len() + usize::from(root) }
    }
}

fn values<'h>(head: &Head<'h>, name: &str) -> Vec<&'h [u8]> {
    let named = head.fields.iter().filter(|(other, _)| other.eq_ignore_ascii_case(name));
    named.map(|(_, value)| *value).collect()
}

/// A value of visible ASCII, spaces and tabs.
fn shown(value: &[u8]) -> Option<&str> {
    let text = std::str::from_utf8(value).ok()?;
    text.bytes().all(|byte| byte == b'\t' || (b' '..=b'~').contains(&byte)).then_some(text)
}

fn is_host_right(head: &Head<'_>) -> bool {
    // The host of an absolute target has the same form.
    let after = head.target.split_once("://").filter(|_| !head.target.starts_with('/')).map(|(_, after)| after);
    if !after.and_then(|after| after.split(['/', '?', '#']).next()).is_none_or(is_host) {
        return false;
    }
    match values(head, "host").as_slice() {
        [] => head.http_10,
        [host] => std::str::from_utf8(host).is_ok_and(is_host),
        _ => false,
    }
}

/// A name, or an IPv6 address in brackets, with an optional 16-bit port.
fn is_host(host: &str) -> bool {
    let (name, port) = match host.strip_prefix('[').map(|rest| rest.split_once(']')) {
        Some(None) => return false,
        Some(Some((address, port))) => {
            let (address, zone) = address.split_once("%25").unwrap_or((address, "0"));
            if address.parse::<std::net::Ipv6Addr>().is_err() || zone.is_empty() || !is_name(zone, "") {
                return false;
            }
            (address, port)
        }
        None => {
            let (name, port) = host.split_at(host.find(':').unwrap_or(host.len()));
            if !is_name(name, "!$&'()*+,;=") {
                return false;
            }
            (name, port)
        }
    };
    let Some(digits) = port.strip_prefix(':') else { return port.is_empty() };
    let number = digits.trim_start_matches('0');
    let fits = number.is_empty() || number.parse::<u16>().is_ok();
    digits.chars().all(|digit| digit.is_ascii_digit()) && fits && !name.is_empty()
}

/// Unreserved and further characters, and percent-encoded UTF-8 without control characters.
fn is_name(name: &str, further: &str) -> bool {
    let mut decoded = Vec::new();
    let mut bytes = name.bytes();
    while let Some(byte) = bytes.next() {
        if byte == b'%' {
            let pair = [bytes.next(), bytes.next()].map(|digit| digit.and_then(|digit| char::from(digit).to_digit(16)));
            let [Some(high), Some(low)] = pair else { return false };
            decoded.extend(u8::try_from(high * 16 + low));
        } else if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) || further.as_bytes().contains(&byte) {
            decoded.push(byte);
        } else {
            return false;
        }
    }
    std::str::from_utf8(&decoded).is_ok_and(|text| !text.contains(char::is_control))
}

/// Every answer has a request id, and a body that agrees with the status.
fn check_answer(answered: &Answered) {
    let header = |name: &str| answered.headers.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str());
    assert_eq!(header("content-type"), Some("application/json"));
    assert_eq!(header("x-request-id"), answered.entry.request_id.as_deref());
    assert_eq!(header("allow").is_some(), answered.status == 405);
    let body: serde_json::Value = serde_json::from_str(&answered.body).expect("a body is JSON");
    if answered.status == 200 {
        assert_eq!(body["password"].as_str().map(str::len), Some(10), "{body}");
    } else {
        let message = body["error_msg"].as_str().expect("an error has a message");
        assert!((1..=1000).contains(&message.chars().count()), "{body}");
        assert!(body["error_code"].as_str().is_some_and(|code| !code.is_empty()), "{body}");
    }
}

/// The journal has the request and its answer.
fn check_entry(answered: &Answered, head: &Head<'_>) {
    let entry = &answered.entry;
    assert_eq!((entry.call, entry.answer.map(|answer| answer.status)), (answered.call, Some(answered.status)));
    let state = if answered.call.is_some() { EntryState::Answered } else { EntryState::Rejected };
    assert_eq!((entry.state, entry.method.as_str()), (state, head.method));
    let target = Target::of(head.target);
    let ids = match model::route(&target.path, head.method) {
        Routed::Known(ids) | Routed::WrongMethod(ids) => ids.map(Some),
        Routed::Unknown => [None, None],
    };
    let [project, user] = ids.map(|id| match id {
        Some(Id::Text(text)) if !text.is_empty() => Some(text),
        _ => None,
    });
    assert_eq!((&entry.project, &entry.user), (&project, &user), "{head:?}");
}

/// The same head with other secrets has the same entry.
fn with_other_secrets<'h>(head: &Head<'h>, other: &'h [u8]) -> Vec<(&'h str, &'h [u8])> {
    let is_secret = |name: &str| SECRET.iter().any(|secret| name.eq_ignore_ascii_case(secret));
    let fields = head.fields.iter();
    fields.map(|(name, value)| (*name, if is_secret(name) { &other[..value.len()] } else { *value })).collect()
}

/// The parts of an entry that are neither times nor counts.
fn told(entry: &Entry) -> String {
    format!("{} {} {:?} {:?} {:?}", entry.method, entry.target, entry.headers, entry.state, entry.problem)
}
