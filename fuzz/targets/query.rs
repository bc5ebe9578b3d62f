//! Queries: the notification types of the emulated API, and the parameters of the admin API, where unknown and repeated
//! ones are errors. The input is a query.
#![no_main]

mod model;

use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;
use wksmock::fuzzing::{Head, Server, WrongNotification, notification_types};
use wksmock::{Auth, Fidelity, Limits};

const USERS: &str = r#"{"projects": [{"id": "p", "users": [{"id": "u", "user_email": "u@x", "user_phone": "1"}, {"id": "w"}]}, {"id": "q q", "users": []}]}"#;

static SERVER: LazyLock<Server> =
    LazyLock::new(|| Server::new(USERS, Limits::default(), Auth::Off, false, Fidelity::Documented));

fuzz_target!(|query: &str| {
    check_notification_types(query);
    for (path, known) in RESOURCES {
        check_admin(path, known, query);
    }
});

fn check_notification_types(query: &str) {
    let pairs = model::pairs(query);
    let mut values = pairs.iter().filter(|(name, _)| name == "notification_type").map(|(_, value)| value);
    match (notification_types(query), model::notification_types(query)) {
        (Ok(asked), expected) => assert_eq!(Some(asked), expected, "{query:?}"),
        (Err(wrong), expected) => {
            assert_eq!(expected, None, "{query:?}: {wrong:?}");
            match wrong {
                WrongNotification::Twice => assert!(values.count() > 1, "{query:?}"),
                WrongNotification::Value(value) => assert_eq!(Some(&value), values.next(), "{query:?}"),
            }
        }
    }
}

/// The allowed characters of a parameter.
type Allowed = fn(&str) -> bool;

const RESOURCES: [(&str, &[(&str, Allowed)]); 6] = [
    ("/__admin/version", &[]),
    ("/__admin/clock", &[]),
    ("/__admin/coverage", &[("project", is_project)]),
    ("/__admin/users", &[("project", is_project), ("cursor", is_number), ("limit", is_limit)]),
    ("/__admin/passwords/p/u", &[("call", is_call)]),
    (
        "/__admin/requests",
        &[
            ("since", is_number),
            ("limit", is_limit),
            ("project", is_text),
            ("user", is_text),
            ("operation", is_operation),
            ("status", is_status),
            ("state", is_state),
            ("request_id", is_request_id),
        ],
    ),
];

fn check_admin(path: &str, known: &[(&str, Allowed)], query: &str) {
    let target = format!("{path}?{query}");
    let head = Head { method: "GET", target: &target, http_10: false, fields: &[] };
    let Some((status, body)) = SERVER.administer(&head) else {
        return;
    };
    // A fragment is not part of a request target.
    let query = query.split('#').next().unwrap_or("");
    let pairs = model::pairs(query);
    let fine = pairs.iter().enumerate().all(|(at, (name, value))| {
        let twice = pairs.iter().take(at).any(|(other, _)| other == name);
        !twice && known.iter().any(|(other, allowed)| other == name && allowed(value))
    });
    if fine {
        assert_eq!(status, 200, "{target:?}: {body}");
    } else {
        assert!(matches!(status, 400 | 404), "{target:?}: {status} {body}");
        let problem: serde_json::Value = serde_json::from_str(&body).expect("a problem is JSON");
        assert!(problem["detail"].as_str().is_some_and(|detail| !detail.is_empty()), "{body}");
    }
}

const OPERATIONS: [&str; 18] = [
    "ListUsers",
    "ListUserDetail",
    "CreateDesktopUser",
    "UpdateUserInfo",
    "DeleteUser",
    "ChangeUserStatus",
    "SendEmail",
    "ResetRandomPassword",
    "KeystoneCreateUserTokenByPassword",
    "KeystoneValidateToken",
    "KeystoneListProjects",
    "KeystoneListAuthProjects",
    "KeystoneListAuthDomains",
    "KeystoneListUsers",
    "KeystoneListRegions",
    "CreateTemporaryAccessKeyByToken",
    "GetCallerIdentity",
    "DecodeAuthorizationMessage",
];

fn is_text(_: &str) -> bool {
    true
}

fn is_project(value: &str) -> bool {
    ["p", "q q"].contains(&value)
}

fn is_number(value: &str) -> bool {
    value.parse::<u64>().is_ok()
}

fn is_limit(value: &str) -> bool {
    value.parse().is_ok_and(|limit: u64| (1..=1_000).contains(&limit))
}

fn is_call(value: &str) -> bool {
    value.parse().is_ok_and(|call: u64| (1..1 << 62).contains(&call))
}

fn is_status(value: &str) -> bool {
    value.parse::<u16>().is_ok()
}

fn is_operation(value: &str) -> bool {
    OPERATIONS.contains(&value)
}

fn is_state(value: &str) -> bool {
    ["in_flight", "answered", "cut", "rejected"].contains(&value)
}

fn is_request_id(value: &str) -> bool {
    value.len() == 32 && value.bytes().all(|byte| byte.is_ascii_hexdigit())
}
