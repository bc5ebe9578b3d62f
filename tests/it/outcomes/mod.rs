//! Plays drawn scenarios against a server: the client's bytes and the journal's decisions match a plain model of the
//! format (`model.rs`), byte for byte where the bytes are known.

mod drawn;
mod generated;
mod model;
mod written;

use crate::client::{Answer, Client};
use drawn::cases;
use model::{Body, Expected, Model};
use proptest::test_runner::{Config, TestRunner};
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::time::Duration;
use wksmock::{ClockMode, Entry, EntryState, MockServer, StartError};
use written::{Case, QUERIES, Rule, SPOILING, STRIKING, Step, USERS, USERS_FILE, User};

/// Stands for any byte in expected bytes.
const ANY: u8 = 0;

/// The number of scenarios in a round.
const CASES: u32 = 100;

/// The most rounds until each outcome was drawn. A single round misses the rarest now and then.
const ROUNDS_MAX: u32 = 10;

#[test]
fn outcomes_match_the_plain_model() {
    let wanted = "reset reset_connection empty_response hang random_data tls_garbage truncated_body wrong_length malformed_chunk malformed_json \
                  dribble before after override next flag clone refused delay 200 202 400 401 403 404 405 418 429 500 502 503";
    let met = RefCell::new(BTreeSet::new());
    let missing = || wanted.split(' ').filter(|what| !met.borrow().contains(*what)).collect::<Vec<_>>();
    let config = Config { cases: CASES, max_shrink_iters: 500, ..Config::default() };
    // An outcome that was not drawn was not tested: draw more until every one was.
    for _ in 0..ROUNDS_MAX {
        let played = TestRunner::new(config.clone()).run(&cases(), |case| {
            Player::new(&case).play(&case.steps, &mut met.borrow_mut());
            Ok(())
        });
        if let Err(error) = played {
            panic!("{error}");
        }
        if missing().is_empty() {
            return;
        }
    }
    panic!("never met: {:?}", missing());
}

/// A server, its model, and a client of each user.
struct Player {
    mock: MockServer,
    model: Model,
    clients: [Option<Client>; USERS.len()],
}

impl Player {
    fn new(case: &Case) -> Self {
        let (mock, together) = match start(case, true) {
            Ok(mock) => (mock, true),
            Err(StartError::Setup(said)) => {
                // An unreachable rule is an error within a file, but not over several files.
                let drawn = said.to_string();
                let problems = drawn.lines().filter(|line| line.starts_with("error: "));
                assert!(problems.clone().count() > 0, "{said}");
                problems.for_each(|line| assert!(line.ends_with("can never match"), "{said}"));
                (start(case, false).unwrap(), false)
            }
            Err(error) => panic!("{error}"),
        };
        assert_eq!(mock.clone_project_with("p", wksmock::CloneOptions::new().id("c")).unwrap().keep(), "c");
        let place = |at: usize| format!("scenario_json #{}:", if together { 1 } else { at + 1 });
        let flags = case.flags.iter().map(|flag| (flag.clone(), "--fault".to_owned()));
        let rules = case.rules.iter().enumerate().map(|(at, rule)| (rule.clone(), place(at)));
        let model = Model::new(case.seed, flags.chain(rules));
        Self { mock, model, clients: Default::default() }
    }

    fn play(&mut self, steps: &[Step], met: &mut BTreeSet<String>) {
        for (at, step) in steps.iter().enumerate() {
            match step {
                Step::Call { user, headers, query } => self.call(*user, headers, *query, met),
                Step::Advance(ms) => {
                    self.mock.advance(Duration::from_millis(*ms));
                    self.model.now_ms += ms;
                }
                Step::Override { rule, next } => {
                    // Every second override has its own name.
                    let name = (at % 2 == 0).then(|| format!("step {at}"));
                    let rule = Rule { name, ..rule.clone() };
                    self.mock.override_json(&rule.json(*next).to_string()).unwrap();
                    self.model.set_override(rule, *next);
                    met.extend(next.map(|_| "next".to_owned()));
                }
                Step::RemoveOverrides => {
                    self.mock.remove_overrides();
                    self.model.remove_overrides();
                }
                Step::Reset => {
                    self.mock.reset();
                    self.model.reset();
                }
            }
        }
        for (user, highest) in USERS.iter().zip(self.model.highest) {
            let current = highest.and_then(|call| self.mock.password(user.project, user.id, call));
            assert_eq!(self.mock.current_password(user.project, user.id), current, "{user:?}");
        }
    }

    fn call(&mut self, at: usize, headers: &[written::Pair], query: usize, met: &mut BTreeSet<String>) {
        let user = &USERS[at];
        let expected = self.model.call(at, headers, query);
        let mut client = self.clients[at].take().unwrap_or_else(|| Client::connect(self.mock.url()));
        let lines = headers.iter().fold(String::new(), |lines, (name, value)| lines + name + ": " + value + "\r\n");
        client.send(format!(
            "GET /v2/{}/users/{}/random-password{} HTTP/1.1\r\nHost: localhost\r\n\
             Content-Type: application/json\r\n{lines}\r\n",
            user.project, user.id, QUERIES[query].0
        ));
        let is_bare = matches!(expected.body, Body::Raw(""));
        let fault = expected.fault.filter(|fault| !(is_bare && SPOILING.contains(fault)));
        let ends = !matches!(fault, None | Some("malformed_json"));
        if ends {
            let (bytes, reset) = client.rest();
            let entry = self.ended();
            self.check_entry(&entry, &expected, user);
            let is_reset = matches!(expected.fault, Some("reset" | "reset_connection"));
            assert_eq!(reset, is_reset, "{expected:?}");
            self.check_bytes(&bytes, &expected, &entry, user);
        } else {
            let answer = client.answer(false);
            let entry = self.ended();
            self.check_entry(&entry, &expected, user);
            let mut body = self.body(&expected, &entry, user);
            if fault.is_some() {
                *body.last_mut().unwrap() = b'\\';
            }
            check_answer(&answer, &body, &expected, &entry);
            self.clients[at] = Some(client);
        }
        note(&expected, user, met);
    }

    /// Returns the journal's last entry, once it has ended.
    fn ended(&self) -> Entry {
        loop {
            let entry = self.mock.requests().pop().unwrap();
            if entry.state != EntryState::InFlight {
                return entry;
            }
            std::thread::yield_now();
        }
    }

    fn password(&self, user: &User, call: u64) -> String {
        self.mock.password(user.project, user.id, call).unwrap()
    }

    /// Compares the journal's decision and its rules with the model.
    fn check_entry(&self, entry: &Entry, expected: &Expected, user: &User) {
        let decision = entry.decision.as_ref().unwrap_or_else(|| panic!("not decided: {entry:?}; {expected:?}"));
        let said = (entry.call, decision.status, decision.phase, decision.delay_ms, decision.fault);
        let wanted = (Some(expected.call), expected.status, expected.phase, expected.delay_ms, expected.fault);
        assert_eq!(said, wanted, "{entry:?}; {expected:?}");
        let password = expected.done.then(|| self.password(user, expected.call));
        assert_eq!(decision.password, password, "{expected:?}");
        let causes = [&decision.causes.status, &decision.causes.delay, &decision.causes.fault];
        for (cause, wanted) in causes.into_iter().zip(&expected.causes) {
            let is_so = match (cause, wanted) {
                (Some(cause), Some((rule, place))) => cause.rule == *rule && cause.place.starts_with(place),
                (cause, wanted) => cause.is_none() && wanted.is_none(),
            };
            assert!(is_so, "{cause:?}, not {wanted:?}");
        }
        let lost = expected.fault.is_some_and(|fault| STRIKING.contains(&fault));
        let state = if lost { EntryState::Cut } else { EntryState::Answered };
        assert_eq!(
            (entry.state, entry.answer.map(|answer| answer.status)),
            (state, (!lost).then_some(expected.status))
        );
        assert_eq!(entry.at_ms, self.model.now_ms);
    }

    /// Returns the body before a fault changes it.
    fn body(&self, expected: &Expected, entry: &Entry, user: &User) -> Vec<u8> {
        match &expected.body {
            Body::Raw(body) => body.as_bytes().to_vec(),
            Body::Password => format!(r#"{{"password":"{}"}}"#, self.password(user, expected.call)).into_bytes(),
            Body::Error { code, message, sealed } => {
                let error = entry.decision.as_ref().and_then(|decision| decision.error.as_ref()).unwrap();
                assert_eq!((&error.code, message.unwrap_or(&error.message)), (code, error.message.as_str()));
                let message = serde_json::to_string(&error.message).unwrap();
                let body = format!(r#"{{"error_code":"{code}","error_msg":{message}"#).into_bytes();
                let sealed = sealed.map_or(Vec::new(), |reason| {
                    let rule = &expected.causes[0].as_ref().unwrap().0;
                    let sealed = vec![ANY; sealed_length(user, rule, reason)];
                    [b",\"encoded_authorization_message\":\"", sealed.as_slice(), b"\""].concat()
                });
                [&body, sealed.as_slice(), b"}"].concat()
            }
        }
    }

    /// Returns all bytes of a call whose fault ends the connection.
    fn check_bytes(&self, bytes: &[u8], expected: &Expected, entry: &Entry, user: &User) {
        let fault = expected.fault.unwrap();
        match fault {
            "reset" | "reset_connection" | "empty_response" | "hang" => {
                return assert!(bytes.is_empty(), "{fault}: {bytes:?}");
            }
            // Over plain HTTP both are the same.
            "random_data" | "tls_garbage" => return assert_eq!(bytes, expected.data),
            _ => {}
        }
        let end = bytes.windows(4).position(|window| window == b"\r\n\r\n").unwrap();
        let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
        let (body, whole) = (&bytes[end + 4..], self.body(expected, entry, user));
        let (length, sent) = match fault {
            "truncated_body" => (whole.len(), whole[..whole.len() / 2].to_vec()),
            "wrong_length" => (whole.len() / 2, whole),
            "dribble" => (whole.len(), whole),
            _ => (0, [b"no number\r\n", whole.as_slice(), b"\r\n0\r\n\r\n"].concat()),
        };
        assert!(same(body, &sent), "{fault}: {:?}, not {sent:?}", String::from_utf8_lossy(body));
        let framing = match fault {
            "malformed_chunk" => "Transfer-Encoding: chunked".to_owned(),
            _ => format!("Content-Length: {length}"),
        };
        assert!(head.starts_with(&format!("HTTP/1.1 {} ", expected.status)), "{head}");
        let lines: Vec<_> = head.lines().collect();
        assert!(lines.contains(&framing.as_str()) && lines.contains(&"Connection: close"), "{fault}: {head}");
        for (name, value) in &expected.headers {
            let name = crate::client::title_case(name);
            assert!(lines.contains(&format!("{name}: {value}").as_str()), "{name}: {head}");
        }
    }
}

/// Writes all rules into one file, or each into its own.
fn start(case: &Case, together: bool) -> Result<MockServer, StartError> {
    let mut limits = wksmock::Limits::default();
    limits.hang = Duration::from_millis(1);
    let mut builder = MockServer::builder().users_json(USERS_FILE).seed(case.seed).limits(limits);
    for flag in &case.flags {
        builder = builder.fault(flag.flag());
    }
    let rules: Vec<_> = case.rules.iter().map(|rule| rule.json(None)).collect();
    for rules in rules.chunks(if together { rules.len() } else { 1 }) {
        builder = builder.scenario_json(serde_json::json!({ "rules": rules }).to_string());
    }
    builder.clock(ClockMode::Manual).instant_delays(true).start_blocking()
}

fn check_answer(answer: &Answer, body: &[u8], expected: &Expected, entry: &Entry) {
    assert_eq!(answer.status, expected.status, "{answer:?}; {expected:?}");
    assert!(same(answer.body.as_bytes(), body), "{answer:?}, not {:?}", String::from_utf8_lossy(body));
    assert_eq!(Some(answer.request_id()), entry.request_id);
    assert_eq!(answer.header("allow"), (expected.status == 405).then_some("GET"));
    for name in ["retry-after", "x-odd"] {
        let wanted = expected.headers.iter().find(|(other, _)| other.eq_ignore_ascii_case(name));
        assert_eq!(answer.header(name), wanted.map(|(_, value)| *value), "{name} of {answer:?}");
    }
}

/// Characters of a sealed reason: text, nonce and tag in Base64.
fn sealed_length(user: &User, rule: &str, reason: &str) -> usize {
    let project = user.template;
    let says = serde_json::json!({
        "context": {
            "user_profile": {},
            "action": "workspace:users:randomPassword",
            "resource": format!("workspace:{project}::user:{}", user.id),
            "project_id": project,
        },
        "matched_statements": [{ "rule": rule, "reason": reason }],
        "failure": "explicit deny by an identity-based policy",
    });
    (says.to_string().len() + 12 + 16).div_ceil(3) * 4
}

/// Whether bytes match the expected ones.
fn same(bytes: &[u8], expected: &[u8]) -> bool {
    bytes.len() == expected.len() && bytes.iter().zip(expected).all(|(byte, wanted)| *wanted == ANY || byte == wanted)
}

/// Records an outcome as tested.
fn note(expected: &Expected, user: &User, met: &mut BTreeSet<String>) {
    let causes = expected.causes.iter().flatten();
    let kinds = causes.map(|(_, place)| if place.starts_with("override") { "override" } else { "rule" });
    met.extend(kinds.map(str::to_owned));
    met.extend(expected.causes.iter().flatten().filter(|(_, place)| place == "--fault").map(|_| "flag".to_owned()));
    met.extend(expected.fault.into_iter().chain(expected.phase).map(str::to_owned));
    if expected.fault.is_none_or(|fault| !STRIKING.contains(&fault)) {
        met.insert(expected.status.to_string());
    }
    let is_refused = expected.status == 400 && expected.phase.is_none();
    for (is_so, what) in
        [(user.project != user.template, "clone"), (is_refused, "refused"), (expected.delay_ms > 0, "delay")]
    {
        met.extend(is_so.then(|| what.to_owned()));
    }
}
