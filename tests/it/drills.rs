//! The built-in scenarios as drills: careless consumers fail the expectations of each, and a careful one passes.

use crate::examples::names;
use crate::{reset_path, user};
use std::io::{ErrorKind, Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;
use wksmock::{ClockMode, EntryState, MockServer, Verdict};

/// A consumer of the service.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Consumer {
    /// Calls once, and ignores the result.
    OneTry,
    /// Retries at once until it has a password, at most [`TRIES_MAX`] times.
    Hammer,
    /// Retries at once, with a short timeout.
    Impatient,
    /// Knows which calls to retry, and when.
    Careful,
}

use Consumer::{Careful, Hammer, Impatient, OneTry};

const TRIES_MAX: usize = 10;
const FIRST_PAUSE: Duration = Duration::from_millis(150);

/// A scenario and the work of its consumers.
struct Drill {
    file: &'static str,
    /// The users to reset, by the ends of their ids.
    users: &'static [&'static str],
    /// Resets per user.
    resets: usize,
    /// The consumers that fail it.
    failed_by: &'static [Consumer],
    /// The query of the careless consumers.
    carelessly: &'static str,
    /// The query of the careful consumer.
    carefully: &'static str,
    /// Whether time advances only while a consumer waits. In real time a window could pass before the first call.
    by_hand: bool,
}

/// The result of one call.
#[derive(Debug, PartialEq)]
enum Met {
    /// The connection was refused, so nothing was done.
    Refused,
    /// The request was sent and not answered: it may have been done.
    Lost,
    Answered {
        status: u16,
        retry_after: Duration,
        /// Whether the body is complete JSON.
        readable: bool,
    },
}

const ONE: &[&str] = &["0001"];
const EMAIL: &str = "?notification_type=email";

macro_rules! drills {
    ($($test:ident: $drill:expr;)*) => {
        const DRILLED: &[&str] = &[$(($drill).file),*];

        $(#[test]
        fn $test() {
            play(&$drill);
        })*
    };
}

drills! {
    outage: Drill::of("outage.json", &[OneTry, Hammer]);
    flapping: Drill::of("flapping.json", &[OneTry, Hammer]);
    slow_recovery: Drill::of("slow-recovery.json", &[OneTry, Hammer, Impatient]);
    rare_failures: Drill { resets: 6, ..Drill::of("rare-failures.json", &[OneTry]) };
    rate_limit: Drill::of("rate-limit.json", &[OneTry, Hammer]);
    done_but_lost: Drill::of("done-but-lost.json", &[Hammer, Impatient]);
    slow_tail: Drill { resets: 3, ..Drill::of("slow-tail.json", &[Impatient]) };
    broken_wire: Drill::of("broken-wire.json", &[OneTry, Hammer]);
    refused: Drill { by_hand: true, ..Drill::of("refused.json", &[OneTry, Hammer]) };
    maintenance: Drill { by_hand: true, ..Drill::of("maintenance.json", &[OneTry, Hammer]) };
    expired_token: Drill::of("expired-token.json", &[OneTry]);
    denied: Drill::of("denied.json", &[Hammer]);
    notification: Drill { users: &["0002"], carefully: EMAIL, ..Drill::of("notification.json", &[OneTry, Hammer]) };
    lost_mail: Drill {
        users: &["0002"],
        carelessly: EMAIL,
        carefully: "?notification_type=email,phone",
        ..Drill::of("lost-mail.json", &[OneTry, Hammer])
    };
    no_second_mail: Drill {
        users: &["0002"],
        carelessly: EMAIL,
        carefully: EMAIL,
        ..Drill::of("no-second-mail.json", &[Hammer])
    };
    every_status: Drill {
        users: &["0001", "0400", "0401", "0403", "0404", "0405", "0500", "0503"],
        ..Drill::of("every-status.json", &[OneTry, Hammer])
    };
}

/// Builtin scenarios without a drill: in force by default, without expectations.
const NOT_DRILLED: [&str; 1] = ["magic-users.json"];

#[test]
fn every_builtin_scenario_is_drilled_and_described() {
    for name in names("scenarios").into_iter().filter(|name| !NOT_DRILLED.contains(&name.as_str())) {
        assert!(DRILLED.contains(&name.as_str()), "{name} is not drilled");
        let text = std::fs::read_to_string(format!("{}/scenarios/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap();
        let scenario: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(scenario["name"].as_str().map(|own| format!("{own}.json")), Some(name.clone()));
        assert!(scenario["description"].is_string() && scenario["rules"].is_array(), "{name}");
        assert!(scenario["expect"].as_array().is_some_and(|expect| !expect.is_empty()), "{name}");
    }
}

impl Drill {
    const fn of(file: &'static str, failed_by: &'static [Consumer]) -> Self {
        Self { file, users: ONE, resets: 1, failed_by, carelessly: "", carefully: "", by_hand: false }
    }

    fn start(&self) -> MockServer {
        let clock = if self.by_hand { ClockMode::Manual } else { ClockMode::Running };
        let mock =
            MockServer::builder().scenario(format!("scenarios/{}", self.file)).clock(clock).start_blocking().unwrap();
        // A window from 0 is active before the first call.
        let is_refused = || {
            let connected = TcpStream::connect(address(&mock));
            connected.is_err_and(|error| error.kind() == ErrorKind::ConnectionRefused)
        };
        while self.file == "refused.json" && !is_refused() {
            std::thread::yield_now();
        }
        mock
    }

    fn run(&self, consumer: Consumer, mock: &MockServer) -> Verdict {
        for end in self.users {
            for _ in 0..self.resets {
                consumer.reset(self, mock, end);
            }
        }
        while mock.requests().iter().any(|entry| entry.state == EntryState::InFlight) {
            std::thread::yield_now();
        }
        mock.verify()
    }

    fn wait(&self, mock: &MockServer, time: Duration) {
        std::thread::sleep(time);
        if self.by_hand {
            mock.advance(time);
            // The server comes back once it notices the time.
            while mock.now() >= Duration::from_secs(1) && TcpStream::connect(address(mock)).is_err() {
                std::thread::yield_now();
            }
        }
    }
}

fn play(drill: &Drill) {
    std::thread::scope(|scope| {
        for consumer in drill.failed_by {
            scope.spawn(move || {
                let verdict = drill.run(*consumer, &drill.start());
                assert!(!verdict.passed, "{} is passed by {consumer:?}", drill.file);
            });
        }
        let mock = drill.start();
        let verdict = drill.run(Careful, &mock);
        assert!(verdict.passed, "{}: {verdict:#?}", drill.file);
        if drill.file == "every-status.json" {
            let coverage = mock.coverage();
            assert_eq!(coverage.met, coverage.documented, "{coverage:?}");
        }
    });
}

impl Consumer {
    /// Plays its part to get one password.
    fn reset(self, drill: &Drill, mock: &MockServer, end: &str) {
        let path = reset_path(&user(end));
        let careless = format!("{path}{}", drill.carelessly);
        let patience = Duration::from_millis(if self == Impatient { 250 } else { 10_000 });
        match self {
            OneTry => {
                ask(mock, &careless, patience);
            }
            Hammer | Impatient => {
                let _ = (0..TRIES_MAX).find(|_| ask(mock, &careless, patience).is_password());
            }
            Careful => careful(&format!("{path}{}", drill.carefully), patience, drill, mock),
        }
    }
}

/// Retries failures that may pass, with growing pauses; retries after a side effect without a password to show, where
/// only another reset helps; and never retries a call that may or may not have been done.
fn careful(path: &str, patience: Duration, drill: &Drill, mock: &MockServer) {
    let (mut pause, mut renewed) = (FIRST_PAUSE, false);
    for tries_left in (0..4).rev() {
        let told = match ask(mock, path, patience) {
            Met::Answered { status: 401, .. } if !renewed => {
                renewed = true;
                continue;
            }
            Met::Answered { status: 200, readable: false, .. } | Met::Refused => Duration::ZERO,
            Met::Answered { status: 429 | 500..=599, retry_after, .. } => retry_after,
            _ => return,
        };
        if tries_left == 0 {
            return;
        }
        drill.wait(mock, pause.max(told));
        pause *= 2;
    }
}

fn address(mock: &MockServer) -> &str {
    mock.url().strip_prefix("http://").unwrap()
}

/// Sends a request on its own connection and reads to the end.
fn ask(mock: &MockServer, path: &str, patience: Duration) -> Met {
    let mut stream = match TcpStream::connect(address(mock)) {
        Ok(stream) => stream,
        Err(error) => {
            assert_eq!(error.kind(), ErrorKind::ConnectionRefused);
            return Met::Refused;
        }
    };
    stream.set_read_timeout(Some(patience)).unwrap();
    let lines = "Host: localhost\r\nContent-Type: application/json\r\nConnection: close\r\n";
    stream.write_all(format!("GET {path} HTTP/1.1\r\n{lines}\r\n").as_bytes()).unwrap();
    let mut bytes = Vec::new();
    let ended = stream.read_to_end(&mut bytes);
    ended.ok().and_then(|_| Met::parse(&bytes)).unwrap_or(Met::Lost)
}

impl Met {
    fn parse(bytes: &[u8]) -> Option<Self> {
        let mut headers = [httparse::EMPTY_HEADER; 32];
        let mut response = httparse::Response::new(&mut headers);
        let Ok(httparse::Status::Complete(head)) = response.parse(bytes) else { return None };
        let number = |name: &str| {
            let field = response.headers.iter().find(|field| field.name.eq_ignore_ascii_case(name))?;
            std::str::from_utf8(field.value).ok()?.parse::<u64>().ok()
        };
        let body = &bytes[head..];
        let whole = number("content-length") == Some(body.len() as u64);
        Some(Self::Answered {
            status: response.code?,
            retry_after: Duration::from_secs(number("retry-after").unwrap_or(0)),
            readable: whole && serde_json::from_slice::<serde_json::Value>(body).is_ok(),
        })
    }

    fn is_password(&self) -> bool {
        matches!(self, Self::Answered { status: 200, readable: true, .. })
    }
}
