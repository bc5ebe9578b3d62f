//! The clients of the soak: each worker is one kind, and counts its results.

use crate::client::{Answer, Client};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Instant;

/// Users whose every response is read.
pub(super) const STEADY_USERS: usize = 8;
const SCRIPTED_USERS: usize = 3;
const CUT_USERS: usize = 3;

pub(super) type Password = [u8; 10];
type Worker = fn(Load<'_>, Dice, &mut Seen);

/// All of these clients at once.
pub(super) const WORKERS: [Worker; 7] = [keep_alive, keep_alive, short, refused, overridden, slow, cut];

/// The target of the calls, and their end.
#[derive(Clone, Copy)]
pub(super) struct Load<'l> {
    pub(super) url: &'l str,
    pub(super) until: Instant,
}

/// The results of workers.
#[derive(Default)]
pub(super) struct Seen {
    /// Every password received, by steady user.
    pub(super) passwords: BTreeMap<String, Vec<Password>>,
    /// Answered calls of scripted users.
    pub(super) scripted: u64,
    pub(super) answered: u64,
    pub(super) refused: u64,
    /// Requests sent, as a whole or in part, by clients that disconnected, were reset or were too slow.
    pub(super) cut: u64,
}

/// A repeatable random generator.
pub(super) struct Dice(u64);

/// A client that reconnects after the server has closed the connection.
pub(super) struct Kept {
    url: String,
    client: Client,
}

pub(super) fn users_file() -> String {
    let project = |id: &str, count: usize| {
        let users: Vec<_> =
            (0..count).map(|at| format!(r#"{{"id": "user{at}", "user_email": "u@x", "user_phone": "1"}}"#)).collect();
        format!(r#"{{"id": "{id}", "users": [{}]}}"#, users.join(","))
    };
    let projects = [
        project("steady", STEADY_USERS),
        project("scripted", SCRIPTED_USERS),
        project("cut", CUT_USERS),
        project("renewed", 1),
    ];
    format!(r#"{{"projects": [{}]}}"#, projects.join(","))
}

/// Builds a call with a head of some size, and now and then a query or a body.
pub(super) fn request(project: &str, user: &str, dice: &mut Dice) -> String {
    let query = ["", "?notification_type=email", "?x=1&notification_type=phone%2Cemail"][dice.index(3)];
    let mut head = format!(
        "GET /v2/{project}/users/{user}/random-password{query} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
    );
    let long = match dice.below(20) {
        0 => 20_000,
        1..4 => 2_000,
        _ => 100,
    };
    let _ = write!(head, "X-Padding: {}\r\n", "x".repeat(dice.index(long)));
    if dice.below(50) == 0 {
        let _ = write!(head, "X-Security-Token: {}\r\n", "t".repeat(dice.index(30_000) + 1));
    }
    match dice.below(10) {
        0 => format!("{head}Content-Length: 2\r\n\r\n{{}}"),
        1 => format!("{head}Transfer-Encoding: chunked\r\n\r\n2\r\n{{}}\r\n0\r\n\r\n"),
        _ => head + "\r\n",
    }
}

pub(super) fn password(text: &str) -> Password {
    text.as_bytes().try_into().unwrap()
}

/// Makes some calls of steady users in sequence on one connection.
pub(super) fn call_steady(client: &mut Kept, dice: &mut Dice, seen: &mut Seen) {
    let users: Vec<_> = (0..=dice.below(8)).map(|_| format!("user{}", dice.index(STEADY_USERS))).collect();
    let requests: Vec<_> = users.iter().map(|user| request("steady", user, dice)).collect();
    client.client.send(requests.concat());
    for user in &users {
        let answer = client.client.answer(false);
        seen.steady(user, &answer);
        if client.has_ended(&answer) {
            // A request sent after it is not read and not counted.
            return;
        }
    }
}

fn keep_alive(load: Load<'_>, mut dice: Dice, seen: &mut Seen) {
    let mut client = Kept::connect(load.url);
    while load.is_running() {
        call_steady(&mut client, &mut dice, seen);
    }
}

fn short(load: Load<'_>, mut dice: Dice, seen: &mut Seen) {
    while load.is_running() {
        let user = format!("user{}", dice.index(STEADY_USERS));
        let mut client = Client::connect(load.url);
        let request = request("steady", &user, &mut dice);
        client.send(request.replacen("Host: x\r\n", "Host: x\r\nConnection: close\r\n", 1));
        seen.steady(&user, &client.answer(false));
        assert!(client.is_closed());
    }
}

/// Requests of every kind that is refused before counting, with their statuses.
fn refusals() -> Vec<(u16, String)> {
    let path = "/v2/steady/users/user0/random-password";
    let head = |line: &str, lines: &str| format!("{line} HTTP/1.1\r\nHost: x\r\n{lines}\r\n");
    let usual = "Content-Type: application/json\r\n";
    let get = |path: &str| head(&format!("GET {path}"), usual);
    let with = |lines: &str, rest: &str| head(&format!("GET {path}"), &format!("{usual}{lines}")) + rest;
    let fields = (0..120).map(|at| format!("x{at}: y\r\n")).collect::<Vec<_>>().concat();
    vec![
        (404, get("/nowhere")),
        (404, get(&format!("{path}/"))),
        (404, get("/v2/steady/users/nobody/random-password")),
        (404, get("/v2/nowhere/users/user0/random-password")),
        (400, get("/v2/steady/users/%zz/random-password")),
        (400, get(&format!("{path}?notification_type=sms"))),
        (405, head(&format!("POST {path}"), "Content-Length: 2\r\n") + "{}"),
        (400, head(&format!("GET {path}"), "")),
        (401, with("X-Auth-Token: a\r\nX-Auth-Token: b\r\n", "")),
        (401, with("Authorization: Basic c2VjcmV0\r\n", "")),
        (400, with("Host: y\r\n", "")),
        (400, with("X : y\r\n", "")),
        (400, "nonsense\r\n\r\n".to_owned()),
        (413, with("Content-Length: 70000\r\n", &"a".repeat(70_000))),
        (400, with("Transfer-Encoding: chunked\r\n", "z\r\n")),
        (414, get(&format!("/{}", "a".repeat(20_000)))),
        (431, with(&fields, "")),
        (431, with(&format!("X: {}\r\n", "a".repeat(70_000)), "")),
        (404, head("GET /__admin/nowhere", "").replace("Host: x", "Host: localhost")),
        (403, head("GET /__admin/users", "").replace("Host: x", "Host: evil.example")),
    ]
}

fn refused(load: Load<'_>, mut dice: Dice, seen: &mut Seen) {
    let refusals = refusals();
    let mut client = Kept::connect(load.url);
    while load.is_running() {
        let (status, request) = &refusals[dice.index(refusals.len())];
        client.client.send_if_open(request.as_bytes());
        let answer = client.client.answer(false);
        assert_eq!(answer.status, *status, "{answer:?} to {:?}", request.get(..100));
        (seen.refused, seen.answered) = (seen.refused + 1, seen.answered + 1);
        client.has_ended(&answer);
    }
}

/// Sets and ends rules while their users are called, and resets a project over and over.
fn overridden(load: Load<'_>, mut dice: Dice, seen: &mut Seen) {
    let mut client = Kept::connect(load.url);
    let mut first_password = None;
    while load.is_running() {
        let status = [500, 503][dice.index(2)];
        let rule = format!(r#"{{"when": {{"project": "scripted", "calls": "*/2"}}, "status": {status}}}"#);
        let id = client.ask("POST", "/__admin/overrides", &rule, 201)["id"].as_u64().unwrap();
        for _ in 0..dice.below(20) {
            let user = format!("user{}", dice.index(SCRIPTED_USERS));
            let answer = client.call("scripted", &user, &mut dice);
            assert!([200, status].contains(&answer.status), "{answer:?}");
            (seen.scripted, seen.answered) = (seen.scripted + 1, seen.answered + 1);
        }
        client.ask("DELETE", &format!("/__admin/overrides/{id}"), "", 204);
        // A reset cuts a call in flight; the first one after it is call 1 again.
        let mut in_flight = Client::connect(load.url);
        in_flight.send("GET /v2/renewed/users/user0/random-password HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{");
        client.ask("POST", "/__admin/reset", r#"{"project": "renewed"}"#, 200);
        let password = client.call("renewed", "user0", &mut dice).password();
        assert_eq!(*first_password.get_or_insert_with(|| password.clone()), password);
        seen.answered += 1;
        seen.cut += 1;
    }
}

/// Runs clients so slow that the server ends them.
fn slow(load: Load<'_>, mut dice: Dice, seen: &mut Seen) {
    let half_head = "GET /v2/cut/users/user0/random-password HTTP/1.1\r\nHost:";
    let half_body = format!("{half_head} x\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{{");
    let unread = "GET /__admin/openapi.json HTTP/1.1\r\nHost: localhost\r\n\r\n".repeat(1_000);
    while load.is_running() {
        let mut clients: Vec<_> = (0..=dice.below(20)).map(|_| (Client::connect(load.url), dice.below(4))).collect();
        for (client, kind) in &mut clients {
            match kind {
                0 => {}
                1 => client.send(half_head),
                2 => client.send(&half_body),
                _ => drop(client.send_if_open(unread.as_bytes())),
            }
        }
        for (mut client, kind) in clients {
            seen.cut += 1;
            match kind {
                0 => assert!(client.is_closed()),
                1 | 2 => assert_eq!(client.answer(false).status, 408),
                // The client reads nothing until the others are done, and leaves with its responses unread.
                _ => drop(client),
            }
        }
    }
}

/// Runs clients that disconnect midway, with a close or a reset.
fn cut(load: Load<'_>, mut dice: Dice, seen: &mut Seen) {
    while load.is_running() {
        let mut client = Client::connect(load.url);
        let request = request("cut", &format!("user{}", dice.index(CUT_USERS)), &mut dice);
        let sent = match dice.below(3) {
            0 => dice.index(request.len()),
            _ => request.len(),
        };
        client.send(&request.as_bytes()[..sent]);
        seen.cut += 1;
        match dice.below(3) {
            0 => client.reset(),
            1 => {
                client.half_close();
                client.ends_by_reset();
            }
            _ => drop(client),
        }
    }
}

impl Load<'_> {
    fn is_running(self) -> bool {
        #[expect(clippy::disallowed_methods, reason = "the load lasts for a time")]
        let now = Instant::now();
        now < self.until
    }
}

impl Seen {
    fn steady(&mut self, user: &str, answer: &Answer) {
        self.answered += 1;
        let password = password(&answer.password());
        match self.passwords.get_mut(user) {
            Some(passwords) => passwords.push(password),
            None => drop(self.passwords.insert(user.to_owned(), vec![password])),
        }
    }

    pub(super) fn add(&mut self, other: Self) {
        for (user, passwords) in other.passwords {
            self.passwords.entry(user).or_default().extend(passwords);
        }
        self.scripted += other.scripted;
        self.answered += other.answered;
        self.refused += other.refused;
        self.cut += other.cut;
    }
}

impl Dice {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(super) fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }

    fn index(&mut self, bound: usize) -> usize {
        usize::try_from(self.below(bound as u64)).unwrap()
    }
}

impl Kept {
    pub(super) fn connect(url: &str) -> Self {
        Self { url: url.to_owned(), client: Client::connect(url) }
    }

    pub(super) fn get(&mut self, path: &str) -> Answer {
        let answer = self.client.get(path);
        self.has_ended(&answer);
        answer
    }

    /// Sends a request with an effect to the admin API.
    fn ask(&mut self, method: &str, path: &str, body: &str, status: u16) -> serde_json::Value {
        let answer = self.client.request(method, path, &[], body);
        assert_eq!(answer.status, status, "{answer:?}");
        self.has_ended(&answer);
        if answer.body.is_empty() { serde_json::Value::Null } else { answer.json() }
    }

    fn call(&mut self, project: &str, user: &str, dice: &mut Dice) -> Answer {
        self.client.send(request(project, user, dice));
        let answer = self.client.answer(false);
        self.has_ended(&answer);
        answer
    }

    /// Reconnects after the last response of a connection.
    fn has_ended(&mut self, answer: &Answer) -> bool {
        let ended = answer.header("connection") == Some("close");
        if ended {
            self.client = Client::connect(&self.url);
        }
        ended
    }
}
