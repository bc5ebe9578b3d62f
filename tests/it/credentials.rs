//! Step 4: tokens and signatures, and what an account may do.

use crate::client::{Answer, Client};
use crate::signer::{ACCESS, Signing, date, token};
use crate::{PROJECT, reset_path, user};
use wksmock::{Auth, MockServer};

/// A signature of nothing.
const ZEROS: &str = "0000000000000000000000000000000000000000000000000000000000000000";
const JSON: &str = "Content-Type: application/json";

fn reset_with(auth: Auth, headers: &[&str]) -> Answer {
    let mock = MockServer::builder().auth(auth).start_blocking().unwrap();
    Client::connect(mock.url()).request("GET", &reset_path(&user("0001")), headers, "")
}

fn check(auth: Auth, headers: &[&str], status: u16) {
    let answer = reset_with(auth, headers);
    assert_eq!(answer.status, status, "{auth:?} {headers:?} {answer:?}");
    if status == 401 {
        assert_eq!(answer.error_code(), "APIGW.0301");
        assert!(answer.error_msg().starts_with("Incorrect IAM authentication information: "), "{answer:?}");
    }
}

#[test]
fn credentials_are_checked_if_given_and_needed_if_required() {
    let wrong = [
        "X-Auth-Token:",
        "X-Auth-Token: t",
        &format!("X-Auth-Token: {}", "t".repeat(40_001)),
        "Authorization:",
        "Authorization: Basic dTpw",
        "Authorization: SDK-HMAC-SHA256 Access=AK, Signature=00",
        "Authorization: SDK-HMAC-SHA256 Access=, SignedHeaders=host, Signature=00",
        &format!("Authorization: SDK-HMAC-SHA256 Access=AK, SignedHeaders=host;x-sdk-date, Signature={ZEROS}"),
        "Authorization: MD5 Access=AK, SignedHeaders=host, Signature=00",
        "Authorization: V11-HMAC-SHA256 Credential=AK/20260101/r/s, SignedHeaders=x-sdk-date, Signature=00ff",
    ];
    for wrong in wrong {
        check(Auth::Off, &[wrong, JSON], 200);
        check(Auth::Permissive, &[wrong, JSON], 401);
        check(Auth::Required, &[wrong, JSON], 401);
    }
    check(Auth::Off, &[JSON], 200);
    check(Auth::Permissive, &[JSON], 200);
    check(Auth::Required, &[JSON], 401);
    check(Auth::Permissive, &["X-Auth-Token: t", "X-Auth-Token: u", JSON], 401);
}

#[test]
fn valid_credentials_are_taken_by_every_operation() {
    for auth in [Auth::Off, Auth::Permissive, Auth::Required] {
        let mock = MockServer::builder().auth(auth).start_blocking().unwrap();
        let mut client = Client::connect(mock.url());
        let path = reset_path(&user("0001"));
        let token = format!("X-Auth-Token: {}", token(&mut client));
        assert_eq!(client.request("GET", &path, &[&token, JSON], "").status, 200);
        assert_eq!(Signing::default().send(&mut client, "GET", &path, "", "").status, 200);
        let query = "notification_type=email%2Cphone";
        assert_eq!(Signing::default().send(&mut client, "GET", &path, query, "{}").status, 200);
        let accounts: Vec<_> = mock.requests().into_iter().filter_map(|entry| entry.account).collect();
        let known = if auth == Auth::Off { 1 } else { 4 };
        assert_eq!(accounts, vec!["wksmock/developer"; known], "{auth:?}");
    }
}

#[test]
fn each_credential_error_has_its_own_401() {
    let mock = MockServer::builder().auth(Auth::Required).start_blocking().unwrap();
    let path = reset_path(&user("0001"));
    let signed = |signing: Signing<'_>, change: &dyn Fn(&mut Vec<String>)| {
        let mut client = Client::connect(mock.url());
        let mut lines = signing.lines(&client.host, "GET", &path, "notification_type=email", "");
        change(&mut lines);
        let lines: Vec<_> = lines.iter().map(String::as_str).collect();
        let target = format!("{path}?notification_type=email");
        let answer = client.request("GET", &target, &lines, "");
        assert_eq!((answer.status, answer.error_code().as_str()), (401, "APIGW.0301"));
        answer
            .error_msg()
            .replace(&client.host, "HOST")
            .replace(&date(0), "NOW")
            .replace(&date(-901), "EARLIER")
            .replace(&date(-1), "NOW")
    };
    let nothing = |_: &mut Vec<String>| ();
    let all = [
        signed(Signing { access: "NOBODY", ..Signing::default() }, &nothing),
        signed(Signing { secret: "another", ..Signing::default() }, &nothing),
        signed(Signing { skew: -901, ..Signing::default() }, &nothing),
        signed(Signing { security_token: Some("5ec2e7"), ..Signing::default() }, &nothing),
        signed(Signing::default(), &|lines| lines[0] = "X-Other: 1".to_owned()),
        signed(Signing::default(), &|lines| lines[1] = lines[1].replace("SHA256", "SM3")),
        signed(Signing::default(), &|lines| lines[1] = lines[1].replace(", Signature", ";Signature")),
        signed(Signing::default(), &|lines| lines.push("X-Security-Token: 5ec2e7".to_owned())),
        signed(Signing { security_token: Some("5ec2e7"), ..Signing::default() }, &|lines| {
            lines.push("X-Security-Token: 5ec2e8".to_owned());
        }),
    ];
    insta::assert_snapshot!(all.join("\n\n"));
}

#[test]
fn unknown_key_error_shows_whether_keys_exist() {
    let none = r#"{"projects": [{"id": "p", "users": [{"id": "u"}]}]}"#;
    let without_keys = r#"{"projects": [{"id": "p"}], "accounts": [{"domain": "d", "name": "n", "password": "x"}]}"#;
    for (users, says) in [
        (None, "Unknown access key: no loaded account has it."),
        (Some(none), "Unknown access key: no loaded account has an access key."),
        (Some(without_keys), "Unknown access key: no loaded account has an access key."),
    ] {
        let mock = users
            .map_or(MockServer::builder(), |users| MockServer::builder().users_json(users))
            .start_blocking()
            .unwrap();
        let mut client = Client::connect(mock.url());
        let signing = Signing { access: "NOBODY", ..Signing::default() };
        let answer = signing.send(&mut client, "GET", &reset_path(&user("0001")), "", "");
        assert_eq!(answer.status, 401);
        assert!(answer.error_msg().ends_with(says), "{answer:?}");
        let problem = mock.requests().remove(0).problem.unwrap();
        assert!(problem.contains(says) && problem.contains("--auth off"), "{problem}");
    }
}

#[test]
fn signature_mismatch_shows_request_but_no_secret() {
    let mock = MockServer::builder().auth(Auth::Required).start_blocking().unwrap();
    let mut client = Client::connect(mock.url());
    let token = format!("X-Auth-Token: {}", token(&mut client));
    let date = date(0);
    let signed = "host;x-auth-token;x-sdk-date";
    let lines = [
        JSON,
        &token,
        &format!("X-Sdk-Date: {date}"),
        &format!("Authorization: SDK-HMAC-SHA256 Access={ACCESS}, SignedHeaders={signed}, Signature={ZEROS}"),
    ];
    let answer = client.request("GET", &reset_path(&user("0001")), &lines, "");
    let canonical = format!(
        "canonicalRequest:GET|{}/||host:{}|x-auth-token:[redacted]|x-sdk-date:{date}||{signed}|e3b0c44298fc1c14",
        reset_path(&user("0001")),
        client.host,
    );
    assert!(answer.error_msg().contains(&canonical), "{answer:?}");
}

#[test]
fn only_the_journal_explains_how_to_disable_auth() {
    for (auth, line, hint) in
        [(Auth::Permissive, "X-Auth-Token:", "--auth off"), (Auth::Required, "X-Other: 1", "--auth permissive")]
    {
        let mock = MockServer::builder().auth(auth).start_blocking().unwrap();
        let path = reset_path(&user("0001"));
        let said = Client::connect(mock.url()).request("GET", &path, &[line, JSON], "").error_msg();
        let kept = mock.requests().remove(0).problem.unwrap();
        assert!(!said.contains("--auth") && kept.starts_with(&said) && kept.contains(hint), "{said} {kept}");
    }
}

#[test]
fn rules_answer_401_and_403_without_auth() {
    let mock = MockServer::builder().auth(Auth::Off).start_blocking().unwrap();
    let mut client = Client::connect(mock.url());
    assert_eq!(client.get(&reset_path(&user("0401"))).status, 401);
    assert_eq!(client.get(&reset_path(&user("0403"))).status, 403);
}

#[test]
fn account_permissions_limit_actions_and_projects() {
    let mock = MockServer::builder().users("fixtures/accounts.json").auth(Auth::Required).start_blocking().unwrap();
    let mut client = Client::connect(mock.url());
    let mut status = |access: &str, secret: &str, project: &str| {
        let path = reset_path(&user("0001")).replace(PROJECT, project);
        let answer = Signing { access, secret, ..Signing::default() }.send(&mut client, "GET", &path, "", "");
        let sealed = answer.json()["encoded_authorization_message"].is_string();
        assert_eq!(sealed, answer.status == 403, "{answer:?}");
        answer.status
    };
    let admin = ("ADMINACCESSKEY000001", "adminSecretKey00000000000000000000000000001");
    let ci = ("CIACCESSKEY000000001", "ciSecretKey00000000000000000000000000000001");
    let reader = ("READERACCESSKEY00001", "readerSecretKey0000000000000000000000000001");
    let all = [
        (admin, "team-a"),
        (admin, "team-b"),
        (admin, "nowhere"),
        (ci, "team-a"),
        (ci, "team-b"),
        (ci, "nowhere"),
        (reader, "team-a"),
    ];
    let statuses = all.map(|((access, secret), project)| status(access, secret, project));
    assert_eq!(statuses, [200, 200, 404, 200, 403, 403, 403]);
    assert!(
        mock.requests().iter().filter(|entry| entry.answer.unwrap().status == 403).all(|entry| entry.call.is_none())
    );
}
