//! Scenario files: an error has its place, and a valid file decides each call as the format allows, and repeatably.
//! The input is a file.
#![no_main]

mod model;

use libfuzzer_sys::fuzz_target;
use wksmock::fuzzing::{DecidedCall, Scenario, scenario};

const USERS: &str = r#"{"projects": [
    {"id": "p", "users": [{"id": "u", "user_email": "u@x"}, {"id": "w", "active_type": "USER_ACTIVATE", "user_email": "w@x"}]},
    {"id": "q", "users": [{"id": "u", "user_email": "u@x"}]}]}"#;
const CALLED: [(&str, &str); 3] = [("p", "u"), ("p", "w"), ("q", "u")];
const TIMES_MS: [u64; 4] = [0, 1, 30_000, u64::MAX];
const PAIRS: [(&str, &str); 2] = [("X", "v"), ("", "")];
const DELAY_MS_MAX: u32 = 300_000;
/// Maximum number of problems.
const SHOWN_MAX: usize = 50;

fuzz_target!(|bytes: &[u8]| {
    match scenario(bytes, USERS, 7) {
        Err(refused) => model::check_refused(&refused, SHOWN_MAX),
        Ok(taken) => {
            let again = scenario(bytes, USERS, 7).expect("what was taken is taken again");
            let rules = taken.rules();
            assert_eq!((&rules, taken.expectations()), (&again.rules(), again.expectations()));
            for (project, user) in CALLED {
                for call in (1..=20).chain([1_000_000, u64::MAX >> 2]) {
                    for (at_ms, pair) in TIMES_MS.into_iter().flat_map(|at_ms| PAIRS.map(|pair| (at_ms, pair))) {
                        let decide = |scenario: &Scenario| scenario.decide(project, user, call, at_ms, pair);
                        let decided = decide(&taken);
                        assert_eq!(decided, decide(&again), "call {call} of {project}/{user}");
                        check(&decided.expect("the user is there"), &rules);
                    }
                }
            }
        }
    }
});

fn check(decided: &DecidedCall, rules: &[(String, String)]) {
    let [status, delay, fault] = &decided.rules;
    for name in [status, delay, fault].into_iter().flatten() {
        assert!(rules.iter().any(|(rule, _)| rule == name), "no rule is called {name}");
    }
    assert_eq!((decided.delay_ms.is_some(), decided.fault.is_some()), (delay.is_some(), fault.is_some()));
    assert!(decided.delay_ms.is_none_or(|ms| ms <= DELAY_MS_MAX));
    assert!((200..=599).contains(&decided.status));
    let is_drawn = matches!(decided.fault, Some("random_data" | "tls_garbage"));
    assert_eq!(decided.data > 0, is_drawn);
    let strikes = is_drawn || matches!(decided.fault, Some("reset" | "reset_connection" | "empty_response" | "hang"));
    let fails = decided.status >= 400 && status.is_some();
    // A failure by a rule has a phase, and one before the side effect prevents it.
    assert!(!strikes || decided.phase.is_some(), "{decided:?}");
    assert!(decided.phase.is_none() || strikes || fails, "{decided:?}");
    assert!(decided.phase != Some("before") || decided.password.is_none(), "{decided:?}");
    assert!(decided.phase != Some("after") || decided.password.is_some(), "{decided:?}");
    if decided.phase.is_none() {
        assert_eq!(decided.password.is_some(), decided.status < 400, "{decided:?}");
    }
}
