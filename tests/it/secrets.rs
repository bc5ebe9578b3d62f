//! No log, journal entry, error or report contains a secret that was sent or issued.
//!
//! A consumer logs in, signs, and makes every mistake in turn; then every output that a person or a program can read is
//! searched for the secrets.

use crate::binary::{Served, run, stderr, stdout, wksmock};
use crate::client::{Answer, Client};
use crate::events::Reader;
use crate::signer::{Signing, login_body};
use crate::{reset_path, user};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::process::{Output, Stdio};

const JSON: &str = "Content-Type: application/json";
/// The secrets of the consumer, which no output may contain.
const PASSWORD: &str = "5ec2e7-password";
const SECRET_KEY: &str = "5ec2e7SecretKey00000000000000000000000001";
const ACCESS: &str = "ACCESSKEY00000000001";
/// A signature, or a malformed one.
const SIGNATURE: &str = "5ec2e70000000000000000000000000000000000000000000000000000000000";
/// The file in which the consumer writes its issued secrets.
const GIVEN: &str = "CONSUMER_GIVEN";

fn users() -> Value {
    json!({
        "projects": [{ "id": crate::PROJECT, "name": "cn-north-4", "users": [{ "id": user("0001") }] }],
        "accounts": [
            { "domain": "acme", "name": "ci", "password": PASSWORD, "access_key": ACCESS, "secret_key": SECRET_KEY },
            { "domain": "acme", "name": "reader", "password": PASSWORD, "permissions": [] },
        ],
    })
}

/// Uses secrets in every way, and returns the issued ones.
fn consume(url: &str) -> BTreeSet<String> {
    let mut client = Client::connect(url);
    let mut given = BTreeSet::new();
    let mut answers = Vec::new();
    let scope = json!({ "project": { "name": "cn-north-4" } });
    let mut tokens = Vec::new();
    for name in ["ci", "reader"] {
        let body = login_body("acme", name, PASSWORD, &scope);
        let answer = client.request("POST", "/v3/auth/tokens", &[JSON], &body);
        assert_eq!(answer.status, 201);
        tokens.push(answer.header("x-subject-token").unwrap().to_owned());
        answers.extend([Answer { headers: Vec::new(), ..answer }]);
    }
    answers.extend(logins(&mut client));
    answers.extend(tokens.iter().flat_map(|token| with_token(&mut client, token)));
    let temporary = temporary_keys(&mut client, &tokens[0]);
    answers.extend(signatures(&mut client, &temporary));
    misplaced(&mut client, &[&tokens[0], &tokens[1], &temporary[1], PASSWORD, SECRET_KEY]);
    given.extend(tokens);
    given.extend(temporary);
    let mut passwords = Vec::new();
    for answer in &answers {
        passwords.extend(answer.json().get("password").and_then(Value::as_str).map(str::to_owned));
        assert_absent(&given, &format!("{answer:?}"));
    }
    assert!(!passwords.is_empty(), "some of it works");
    given.extend(passwords);
    // A request that no HTTP server takes.
    client.send(format!(
        "GET /v2/x HTTP/1.1\r\nHost: x\r\nX-Auth-Token: {PASSWORD}\r\nAuthorization {SIGNATURE}\r\n\r\n"
    ));
    assert_absent(&given, &String::from_utf8_lossy(&client.rest().0));
    given
}

/// Sends logins that fail.
fn logins(client: &mut Client) -> Vec<Answer> {
    let right = login_body("acme", "ci", PASSWORD, &json!({ "project": { "name": "cn-north-4" } }));
    let bodies = [
        right.replace("\"ci\"", "\"nobody\""),
        right.replace(PASSWORD, "5ec2e7-wrong"),
        right.replace("cn-north-4", "nowhere"),
        right.replace("\"scope\"", "\"scopes\""),
        right.replace(&format!("\"{PASSWORD}\""), &format!("[\"{PASSWORD}\"]")),
        right.replace("\"methods\"", &format!("\"{PASSWORD}\"")),
        right[..right.len() - 2].to_owned(),
        right + PASSWORD,
        PASSWORD.to_owned(),
    ];
    let mut answers: Vec<_> =
        bodies.iter().map(|body| client.request("POST", "/v3/auth/tokens", &[JSON], body)).collect();
    let claimed = format!("X-Auth-Token: {PASSWORD}");
    answers.push(client.request("POST", "/v3/auth/tokens", &[JSON, &claimed], &bodies[1]));
    for answer in &answers {
        assert!((400..500).contains(&answer.status), "{answer:?}");
    }
    answers
}

/// Uses a token correctly and incorrectly.
fn with_token(client: &mut Client, token: &str) -> Vec<Answer> {
    let path = reset_path(&user("0001"));
    let mut answers = Vec::new();
    for shown in [token, &token[..token.len() - 1], &format!("{token} {token}"), &format!("MIID{PASSWORD}")] {
        let shown = format!("X-Auth-Token: {shown}");
        answers.push(client.request("GET", &path, &[JSON, &shown], ""));
        answers.push(client.request("GET", &path, &[JSON, &shown, &shown], ""));
        answers.push(client.request("GET", &format!("{path}?notification_type=pigeon"), &[JSON, &shown], ""));
        answers.push(client.request("GET", "/v3/auth/projects", &[&shown], ""));
        answers.push(client.request("GET", "/nowhere", &[&shown], ""));
        let subject = shown.replace("X-Auth", "X-Subject");
        answers.push(client.request("GET", "/v3/auth/tokens", &[&shown, &subject.replace("MIID", "MIIE")], ""));
        let body = json!({ "auth": { "identity": { "methods": ["token"], "token": { "id": shown } } } });
        answers.push(client.request("POST", "/v3.0/OS-CREDENTIAL/securitytokens", &[JSON], &body.to_string()));
        let body = json!({ "encoded_message": shown }).to_string();
        answers.push(client.request("POST", "/v5/decode-authorization-message", &[JSON], &body));
    }
    answers
}

/// Returns secret and security token of a temporary key, after signing with it.
fn temporary_keys(client: &mut Client, token: &str) -> [String; 2] {
    let body = json!({ "auth": { "identity": { "methods": ["token"], "token": { "id": token } } } }).to_string();
    let key = client.request("POST", "/v3.0/OS-CREDENTIAL/securitytokens", &[JSON], &body).json()["credential"].clone();
    let text = |field: &str| key[field].as_str().unwrap().to_owned();
    let (access, secret, token) = (text("access"), text("secret"), text("securitytoken"));
    let signing = Signing { access: &access, secret: &secret, skew: 0, security_token: Some(&token) };
    assert_eq!(signing.send(client, "GET", &reset_path(&user("0001")), "", "").status, 200);
    [secret, token]
}

/// Sends secrets in unexpected places. Answers may repeat the client's input.
fn misplaced(client: &mut Client, secrets: &[&str]) {
    let path = reset_path(&user("0001"));
    for secret in secrets {
        let encoded = secret.bytes().map(|byte| format!("%{byte:02X}")).collect::<Vec<_>>().concat();
        for target in [
            format!("{path}?X-Auth-Token={secret}"),
            format!("{path}?notification_type={secret}"),
            format!("{path}?notification_type=x{secret}"),
            format!("{path}?a=b&token={encoded}"),
            format!("/v2/{secret}/users/{}/random-password", user("0001")),
            reset_path(secret),
            reset_path(&encoded),
            format!("/{secret}"),
        ] {
            client.request("GET", &target, &[JSON], "");
        }
        for name in ["X-Auth-Tokn", "Referer", "User-Agent", "X-Forwarded-Host", "Content-Type", "X-Sdk-Date"] {
            client.request("GET", &path, &[JSON, &format!("{name}: {secret}")], "");
            client.request("GET", &path, &[JSON, &format!("{name}: http://x/?token={secret}&a=b")], "");
        }
        client.request(secret, &path, &[JSON], "");
        client.send(format!("GET {path} HTTP/1.1\r\nHost: {secret}\r\nContent-Type: application/json\r\n\r\n"));
        client.answer(false);
    }
}

/// Sends requests with correct and incorrect signatures.
fn signatures(client: &mut Client, [secret, token]: &[String; 2]) -> Vec<Answer> {
    let path = reset_path(&user("0001"));
    let own = || Signing { access: ACCESS, secret: SECRET_KEY, ..Signing::default() };
    let signings = [
        own(),
        Signing { secret: PASSWORD, ..own() },
        Signing { access: SECRET_KEY, secret: ACCESS, ..own() },
        Signing { access: secret, ..own() },
        Signing { skew: 1_000, ..own() },
        Signing { security_token: Some(token), ..own() },
        Signing { security_token: Some(SECRET_KEY), ..own() },
    ];
    let mut answers: Vec<_> = signings.iter().map(|signing| signing.send(client, "GET", &path, "", "")).collect();
    let date = crate::signer::date(0);
    for authorization in [
        format!("SDK-HMAC-SHA256 Access={ACCESS}, SignedHeaders=x-auth-token;x-sdk-date, Signature={SIGNATURE}"),
        format!("SDK-HMAC-SHA256 Access={ACCESS}, SignedHeaders=X-Auth-Token;x-sdk-date, Signature={SIGNATURE}"),
        format!("SDK-HMAC-SHA256 Access={ACCESS}, SignedHeaders={token};x-sdk-date, Signature={SIGNATURE}"),
        format!("SDK-HMAC-SHA256 Access={SIGNATURE}, SignedHeaders=x-sdk-date, Signature={SECRET_KEY}"),
        format!("SDK-HMAC-SHA256 Access={token}, SignedHeaders=x-sdk-date, Signature={SIGNATURE}"),
        format!("{token} Access={ACCESS}, SignedHeaders=x-sdk-date, Signature={SIGNATURE}"),
        format!("{SECRET_KEY} Access=a, SignedHeaders=b, Signature=c"),
        format!("V11-HMAC-SHA256 Credential={SECRET_KEY}/a, SignedHeaders=b, Signature={SIGNATURE}"),
        format!("Bearer {token}"),
        format!("Basic {SECRET_KEY}"),
        token.clone(),
    ] {
        let lines = [
            JSON,
            &format!("X-Sdk-Date: {date}"),
            &format!("X-Auth-Token: {token}"),
            &format!("Authorization: {authorization}"),
        ];
        answers.push(client.request("GET", &path, &lines, ""));
    }
    answers
}

/// Fails if a text contains one of the secrets.
fn assert_absent(given: &BTreeSet<String>, text: &str) {
    let known = [PASSWORD, SECRET_KEY, SIGNATURE, "5ec2e7"];
    for secret in given.iter().map(String::as_str).chain(known) {
        if let Some(at) = text.find(secret) {
            let around = text.floor_char_boundary(at.saturating_sub(200))..text.ceil_char_boundary(at + 20);
            panic!("{secret} is in {}", &text[around]);
        }
    }
}

/// Reads every resource of the admin API.
fn read_everything(url: &str) -> String {
    let mut client = Client::connect(url);
    let mut get = |path: &str| {
        let answer = client.get(&format!("/__admin/{path}"));
        assert_eq!(answer.status, 200, "{path} {answer:?}");
        answer.body
    };
    let explain = format!("explain?project={}&user={}&next=3", crate::PROJECT, user("0001"));
    let paths = ["requests", "tokens", "metrics", "health", "coverage", "users", "projects", "scenario", &explain];
    let told = paths.map(&mut get).concat();
    let told = told + &client.request("POST", "/__admin/verify", &[JSON], "{}").body;
    let told = told + &tries(&mut client);
    let mut events = Reader::open(url, "?since=0");
    assert_eq!(client.request("POST", "/__admin/clock", &[JSON], r#"{"advance_ms": 1}"#).status, 200);
    let events = events.until("clock");
    assert!(events.iter().any(|event| event.kind == "request"), "the stream tells of the requests");
    told + &events.iter().map(|event| event.data.to_string()).collect::<String>()
}

/// Tries requests over the admin API, with secrets of the server and of the caller, and returns the answers.
fn tries(client: &mut Client) -> String {
    let mut told = String::new();
    let reset = json!({ "operation": "ResetRandomPassword", "project": crate::PROJECT, "user": user("0001") });
    let operations = ["KeystoneCreateUserTokenByPassword", "KeystoneValidateToken", "CreateTemporaryAccessKeyByToken"];
    let mut bodies = vec![reset.clone()];
    bodies.extend(operations.map(|operation| json!({ "operation": operation, "account": "acme/ci" })));
    for parameter in ["X-Auth-Token", "notification_type", "Content-Type"] {
        for secret in [PASSWORD, SECRET_KEY] {
            let mut body = reset.clone();
            body["parameters"] = json!({ parameter: secret });
            body["body"] = json!({ "a": secret });
            bodies.push(body);
        }
    }
    for body in &mut bodies {
        for auth in ["signature", "token", "temporary", "wrong", "none"] {
            body["auth"] = json!(auth);
            let answer = client.request("POST", "/__admin/try", &[JSON], &body.to_string());
            assert_eq!(answer.status, 200, "{body} {answer:?}");
            let shown = answer.json();
            assert_eq!(shown["ended"], "answered", "{shown:#}");
            told += &shown.to_string();
        }
    }
    told
}

#[test]
fn logs_journal_and_errors_contain_no_secret() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("users.json");
    std::fs::write(&file, users().to_string()).unwrap();
    for form in ["json", "text"] {
        let flags = ["--users", file.to_str().unwrap(), "--log", form, "--log-level", "debug"];
        let served = Served::start(&[&flags[..], &["--auth", "required", "--explain-header"]].concat());
        let given = consume(&served.url);
        let told = read_everything(&served.url);
        assert!(told.contains("Access=") && told.contains("[redacted]"), "there is something to find: {told}");
        let (code, out, log) = served.terminate();
        assert_eq!(code, Some(0));
        assert!(log.lines().count() > 50, "{log}");
        // Explanations exist to show the passwords of calls.
        let but_passwords = given.iter().filter(|secret| secret.len() > 20).cloned().collect();
        assert_absent(&but_passwords, &told);
        assert_absent(&given, &(out + &log));
    }
}

#[test]
#[ignore = "a program that the test below runs"]
fn consumer() {
    let (Ok(file), Ok(url)) = (std::env::var(GIVEN), std::env::var("WKSMOCK_URL")) else {
        return;
    };
    let given: Vec<_> = consume(&url).into_iter().collect();
    std::fs::write(file, given.join("\n")).unwrap();
}

#[test]
fn run_reports_contain_no_secret() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    std::fs::write(path("users.json"), users().to_string()).unwrap();
    let expect = json!({ "name": "once", "when": { "user": user("0001") }, "calls": { "max": 1 },
        "sent": { "header": { "X-Auth-Token": true } } });
    std::fs::write(path("drill.json"), json!({ "rules": [], "expect": [expect] }).to_string()).unwrap();
    let reports = ["junit", "markdown", "json"].map(|form| format!("{form}={}", path(form)));
    let flags = reports.iter().flat_map(|report| ["--report", report]);
    let program = std::env::current_exe().unwrap();
    let mut command =
        wksmock(&["run", "--no-secrets-in-output", "--users", &path("users.json"), "--log-level", "debug"]);
    command.args(["--scenario", &path("drill.json"), "--auth", "required", "--require-coverage", "all"]).args(flags);
    command.arg("--").arg(program).args(["--exact", "secrets::consumer", "--ignored", "--nocapture"]);
    let output = command.env(GIVEN, path("given")).env("GITHUB_STEP_SUMMARY", path("step.md")).stdin(Stdio::null());
    let output = output.output().unwrap();
    assert_eq!(output.status.code(), Some(1), "the expectation fails: {}", stderr(&output));
    let given: BTreeSet<_> = std::fs::read_to_string(path("given")).unwrap().lines().map(str::to_owned).collect();
    assert!(given.len() > 5, "{given:?}");
    let written = ["junit", "markdown", "json", "step.md"].map(|name| std::fs::read_to_string(path(name)).unwrap());
    assert!(written.iter().all(|report| report.contains("once")), "{written:?}");
    assert_absent(&given, &(written.concat() + &stdout(&output) + &stderr(&output)));
}

#[test]
fn file_errors_contain_no_secret() {
    let folder = tempfile::tempdir().unwrap();
    let errors = |text: &str| {
        let file = folder.path().join("users.json");
        std::fs::write(&file, text).unwrap();
        let output = run(&["check", file.to_str().unwrap()]);
        assert_eq!(output.status.code(), Some(2), "{text}");
        let said = |output: &Output| stdout(output) + &stderr(output);
        assert_absent(&BTreeSet::new(), &said(&output));
        let served = run(&["serve", "--port", "0", "--users", file.to_str().unwrap()]);
        assert_eq!(served.status.code(), Some(2), "{text}");
        assert_absent(&BTreeSet::new(), &said(&served));
        said(&output)
    };
    let right = users().to_string();
    for (from, to) in [
        ("\"acme\"", "7"),
        ("\"name\":\"ci\"", "\"nam\":\"ci\""),
        (&format!("\"{PASSWORD}\""), &format!("[\"{PASSWORD}\"]")),
        (&format!("\"{PASSWORD}\""), &format!("'{PASSWORD}'")),
        (&format!("\"{PASSWORD}\""), PASSWORD),
        (&format!("\"{PASSWORD}\""), &format!("\"{}\"", PASSWORD.repeat(20))),
        (&format!("{PASSWORD}\""), &format!("{PASSWORD}\\u0007\"")),
        ("\"password\"", "\"passwort\""),
        ("secret_key", "secretkey"),
        ("secret_key", "sk"),
        ("\"password\":", "\"password\" "),
        ("\"password\"", "\"pass word\""),
        ("\"password\"", "\"p\\u0061sswrd\""),
        (&format!("\"{PASSWORD}\""), &format!("[\"x\", [\"y\"], \"{PASSWORD}\"]")),
        (&format!("\"{PASSWORD}\""), &format!("\"x\"{PASSWORD}\"")),
        (&format!("\"{SECRET_KEY}\""), &format!("\"x\", \"{SECRET_KEY}\"")),
        (&format!("\"access_key\":\"{ACCESS}\""), &format!("\"access_key\":\"{SECRET_KEY} \"")),
        (&format!("{SECRET_KEY}\""), &format!("{SECRET_KEY} ä\"")),
        (&format!("\"access_key\":\"{ACCESS}\","), ""),
        ("\"ci\"", "\"reader\""),
        ("[{\"domain\"", "[[{\"domain\""),
        ("}]}", "}]"),
    ] {
        assert!(right.contains(from), "{from} {right}");
        let said = errors(&right.replace(from, to));
        assert!(said.contains("users.json:1:"), "{said}");
    }
}
