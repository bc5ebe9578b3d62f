//! Credentials and requests to IAM and STS: `Authorization` headers, tokens, security tokens, and the bodies of logins,
//! temporary keys and sealed messages. The first byte of the input selects one, the rest is its text.
#![no_main]

use libfuzzer_sys::fuzz_target;
use serde_json::Value;
use std::sync::LazyLock;
use wksmock::fuzzing::{Answered, Head, Server};
use wksmock::{Auth, Fidelity, Limits};

const USERS: &str = r#"{"projects": [{"id": "p", "name": "r", "users": [{"id": "u"}]}], "accounts": [
    {"domain": "d", "name": "n", "password": "5ec2e7-password", "access_key": "AK", "secret_key": "5ec2e7-secret"}]}"#;
/// Part of every secret of the file.
const SECRET: &str = "5ec2e7";
const RESET: &str = "/v2/p/users/u/random-password";
const JSON: (&str, &[u8]) = ("content-type", b"application/json");
/// SHA-256 of the empty text.
const SIGNED: &[u8] = b"SDK-HMAC-SHA256 Access=AK, SignedHeaders=x-sdk-date;x-security-token, \
    Signature=0000000000000000000000000000000000000000000000000000000000000000";
const HOST: (&str, &[u8]) = ("host", b"x");

static SERVER: LazyLock<Server> =
    LazyLock::new(|| Server::new(USERS, Limits::default(), Auth::Permissive, false, Fidelity::Documented));

fuzz_target!(|bytes: &[u8]| {
    let Some((kind, input)) = bytes.split_first() else { return };
    match kind % 6 {
        0 => credential(&[("authorization", input)]),
        1 => credential(&[("x-auth-token", input)]),
        2 => credential(&[("authorization", SIGNED), ("x-sdk-date", b"20261123T120000Z"), ("x-security-token", input)]),
        3 => login(input),
        4 => temporary_key(input),
        _ => {
            let Some(answered) = post("/v5/decode-authorization-message", input) else { return };
            assert_eq!(answered.status, 400, "nobody can forge a message: {answered:?}");
        }
    }
});

/// Fuzzed credentials are never valid, unless empty.
fn credential(shown: &[(&str, &[u8])]) {
    let fields = [&[HOST, JSON], shown].concat();
    let head = Head { method: "GET", target: RESET, http_10: false, fields: &fields };
    let Some(answered) = SERVER.answer(&head) else { return };
    assert_eq!(answered.status, 401, "{answered:?}");
    check(&answered);
    let body: Value = serde_json::from_str(&answered.body).expect("a body is JSON");
    let message = body["error_msg"].as_str().expect("a message");
    assert!(message.starts_with("Incorrect IAM authentication information: "), "{message}");
}

/// A token is issued only for a valid login.
fn login(body: &[u8]) {
    let Some(answered) = post("/v3/auth/tokens", body) else { return };
    let said: Value = serde_json::from_slice(body).unwrap_or_default();
    let identity = &said["auth"]["identity"];
    let user = &identity["password"]["user"];
    let is_right = identity["methods"] == serde_json::json!(["password"])
        && (user["domain"]["name"] == "d" && user["name"] == "n" && user["password"] == "5ec2e7-password");
    assert!(is_right || answered.status != 201, "{answered:?}");
    if answered.status == 201 {
        let token = answered.headers.iter().find(|(name, _)| name == "x-subject-token").map(|(_, token)| token);
        assert!(token.is_some_and(|token| !format!("{:?}", answered.entry).contains(token.as_str())), "{answered:?}");
    } else {
        let body: Value = serde_json::from_str(&answered.body).expect("a body is JSON");
        assert_eq!(body["error"]["code"], answered.status, "{answered:?}");
    }
}

/// A temporary key is issued without a token, and refused for an invalid one.
fn temporary_key(body: &[u8]) {
    let Some(answered) = post("/v3.0/OS-CREDENTIAL/securitytokens", body) else { return };
    let said: Value = serde_json::from_slice(body).unwrap_or_default();
    let identity = &said["auth"]["identity"];
    let is_right = identity["methods"] == serde_json::json!(["token"]) && !identity["token"]["id"].is_string();
    assert!(matches!(answered.status, 400 | 401) || (answered.status == 201 && is_right), "{answered:?}");
}

fn post(target: &str, body: &[u8]) -> Option<Answered> {
    let head = Head { method: "POST", target, http_10: false, fields: &[HOST, JSON] };
    let answered = SERVER.answer_body(&head, body)?;
    check(&answered);
    Some(answered)
}

/// Secrets of the file appear neither in the answer nor in the journal.
fn check(answered: &Answered) {
    assert!(!answered.body.contains(SECRET), "{answered:?}");
    let entry = &answered.entry;
    assert!(!format!("{:?} {:?}", entry.problem, entry.decision).contains(SECRET), "{entry:?}");
}
