//! `POST /__admin/try`: the server sends a request to itself like a client, and shows both sides of it.

use crate::binary::{Served, admin_url, wksmock};
use crate::client::{Answer, Client};
use crate::operations::{Documented, operations};
use crate::signer::{ACCESS, SECRET};
use crate::{PROJECT, limited, reset_path, user};
use serde_json::{Value, json};
use wksmock::{By, EntryState, Limits, MockServer};

const PASSWORD: &str = "wksmock-password";

fn post_try(client: &mut Client, body: &Value) -> Answer {
    client.request("POST", "/__admin/try", &[], &body.to_string())
}

/// Tries a request that can be sent.
fn tried(client: &mut Client, body: &Value) -> Value {
    let answer = post_try(client, body);
    assert_eq!(answer.status, 200, "{body}: {answer:?}");
    answer.json()
}

/// Builds a reset of a user with further members.
fn reset(end: &str, more: &Value) -> Value {
    let mut body = json!({ "operation": "ResetRandomPassword", "project": PROJECT, "user": user(end) });
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    body
}

fn add(client: &mut Client, rule: &Value) {
    let answer = client.request("POST", "/__admin/overrides", &[], &rule.to_string());
    assert_eq!(answer.status, 201, "{answer:?}");
}

#[test]
fn every_credential_kind_is_shown_without_secrets() {
    let mock = MockServer::builder().auth(wksmock::Auth::Required).start_blocking().unwrap();
    let mut client = Client::connect(mock.url());
    for (auth, status, field) in [
        (
            Some("signature"),
            200,
            format!("\r\nAuthorization: SDK-HMAC-SHA256 Access={ACCESS}, SignedHeaders=content-type;"),
        ),
        (None, 200, format!("\r\nAuthorization: SDK-HMAC-SHA256 Access={ACCESS}, SignedHeaders=content-type;")),
        (
            Some("wrong"),
            401,
            format!("\r\nAuthorization: SDK-HMAC-SHA256 Access={ACCESS}, SignedHeaders=content-type;"),
        ),
        (Some("token"), 200, "\r\nX-Auth-Token: [redacted]\r\n".to_owned()),
        (Some("temporary"), 200, "\r\nX-Security-Token: [redacted]\r\n".to_owned()),
        (Some("none"), 401, "\r\nContent-Type: application/json\r\n\r\n".to_owned()),
    ] {
        let more = auth.map_or(json!({}), |auth| json!({ "auth": auth }));
        let tried = tried(&mut client, &reset("0001", &more));
        let head = tried["request"]["head"].as_str().unwrap();
        assert_eq!(tried["answer"]["status"], status, "{auth:?}: {tried:#}");
        assert_eq!(tried["ended"], "answered");
        assert!(head.contains(&field), "{auth:?}: {head}");
        assert!(!head.contains("Authorization") || head.contains("Signature=[redacted]\r\n"), "{head}");
        let account = if auth == Some("none") { Value::Null } else { json!("wksmock/developer") };
        assert_eq!(
            (&tried["request"]["account"], &tried["request"]["auth"]),
            (&account, &json!(auth.unwrap_or("signature")))
        );
        assert!(!tried.to_string().contains(SECRET) && !tried.to_string().contains(PASSWORD), "{tried:#}");
    }
    let entries = mock.requests();
    assert_eq!(entries.len(), 6);
    let accounts: Vec<_> = entries.iter().map(|entry| entry.account.is_some()).collect();
    assert_eq!(accounts, [true, true, false, true, true, false]);
}

#[test]
fn try_is_one_journalled_call_marked_as_the_consoles() {
    let mock = MockServer::builder().start_blocking().unwrap();
    let mut client = Client::connect(mock.url());
    let first = client.get(&reset_path(&user("0001")));
    let tried = tried(&mut client, &reset("0001", &json!({ "parameters": { "notification_type": "email" } })));
    let index = tried["index"].as_u64().unwrap();
    assert_eq!(index, 2);
    let entry = client.get(&format!("/__admin/requests/{index}")).json();
    assert_eq!(
        (&entry["by"], &entry["call"], &entry["account"]),
        (&json!("console"), &json!(2), &json!("wksmock/developer"))
    );
    let answer = &tried["answer"];
    assert_eq!(json!({ "password": entry["decision"]["password"] }).to_string(), answer["body"].as_str().unwrap());
    let head = answer["head"].as_str().unwrap();
    assert!(head.starts_with("HTTP/1.1 200 OK\r\n") && head.ends_with("\r\n\r\n"), "{head}");
    assert!(head.contains(&format!("\r\nX-Request-Id: {}\r\n", entry["request_id"].as_str().unwrap())), "{head}");
    let entries = mock.requests();
    assert_eq!(entries.iter().map(|entry| entry.by).collect::<Vec<_>>(), [None, Some(By::Console)]);
    assert!(client.get("/__admin/requests/1").json().get("by").is_none(), "a client's says nothing");
    assert_eq!(mock.outbox().len(), 1, "it is a call as any other");
    assert_ne!(first.password(), entry["decision"]["password"].as_str().unwrap());
    let listed = |client: &mut Client, query: &str| {
        let page = client.get(&format!("/__admin/requests{query}")).json();
        page["requests"].as_array().unwrap().iter().map(|entry| entry["index"].as_u64().unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(listed(&mut client, "?by=console"), [2]);
    assert_eq!(listed(&mut client, "?by=client&order=newest"), [1]);
    assert_eq!(client.get("/__admin/requests?by=nobody").status, 400);
    // No content of a consumer's request marks it as the console's.
    client.request("GET", &reset_path(&user("0001")), &["User-Agent: wksmock-console/0.1.0", "X-By: console"], "");
    assert_eq!(mock.requests()[2].by, None);
}

#[test]
fn every_fault_is_shown_as_itself() {
    let mock = MockServer::builder().start_blocking().unwrap();
    let mut client = Client::connect(mock.url());
    let dribble = json!({ "dribble": { "chunks": 3, "over_ms": 30 } });
    for (fault, ended, note, state) in [
        (json!("reset"), "reset", None, EntryState::Cut),
        (json!("reset_connection"), "reset", None, EntryState::Cut),
        (json!("empty_response"), "closed", None, EntryState::Cut),
        (json!("random_data"), "closed", Some("The answer is not HTTP."), EntryState::Cut),
        (json!("hang"), "timed_out", None, EntryState::Cut),
        (json!("truncated_body"), "closed", Some("13 bytes of the body are missing."), EntryState::Answered),
        (
            json!("wrong_length"),
            "answered",
            Some("The framing ends the answer 13 bytes earlier; clients do not read the rest."),
            EntryState::Answered,
        ),
        (json!("malformed_chunk"), "closed", Some("The size of a chunk is not a number."), EntryState::Answered),
        (json!("malformed_json"), "answered", None, EntryState::Answered),
        (dribble, "answered", None, EntryState::Answered),
    ] {
        let mut rule = json!({ "when": { "user": user("0001") }, "fault": fault });
        if state == EntryState::Cut {
            rule["phase"] = json!("after");
        }
        add(&mut client, &rule);
        let time = if ended == "timed_out" { 100 } else { 20_000 };
        let tried = tried(&mut client, &reset("0001", &json!({ "timeout_ms": time })));
        assert_eq!((&tried["ended"], &tried["note"]), (&json!(ended), &json!(note)), "{fault}: {tried:#}");
        let index = tried["index"].as_u64().unwrap();
        let entry = loop {
            let entry = mock.requests().into_iter().find(|entry| entry.index == index).unwrap();
            if entry.state != EntryState::InFlight {
                break entry;
            }
            std::thread::yield_now();
        };
        assert_eq!((entry.state, entry.by), (state, Some(By::Console)), "{fault}");
        let answer = &tried["answer"];
        let password = json!({ "password": entry.decision.unwrap().password }).to_string();
        let body = answer["body"].as_str().unwrap_or("");
        match fault.as_str().unwrap_or("dribble") {
            "reset" | "reset_connection" | "empty_response" | "hang" => assert_eq!(answer, &Value::Null, "{fault}"),
            "random_data" => assert_eq!(
                (&answer["base64"], &answer["head"], &answer["status"]),
                (&json!(true), &json!(""), &Value::Null)
            ),
            "truncated_body" => assert_eq!(body, &password[..12]),
            "malformed_chunk" => assert_eq!(body, format!("no number\r\n{password}\r\n0\r\n\r\n")),
            "malformed_json" => assert!(serde_json::from_str::<Value>(body).is_err(), "{body}"),
            _ => assert_eq!(body, password, "{fault}"),
        }
        client.request("DELETE", "/__admin/overrides", &[], "");
    }
}

#[test]
fn every_operation_can_be_tried() {
    for auth in ["signature", "token", "temporary"] {
        let mock = MockServer::builder().start_blocking().unwrap();
        let mut client = Client::connect(mock.url());
        let mut all = operations(&client.get("/__admin/openapi.json").json());
        // The others need the user.
        all.sort_by_key(|operation| operation.method == "DELETE");
        let user = user("0001");
        for Documented { id, method, path, object } in all {
            let mut body = json!({ "operation": id, "auth": auth });
            for (parameter, member, value) in [("project_id", "project", PROJECT), ("user_id", "user", user.as_str())] {
                if path.contains(&format!("{{{parameter}}}")) {
                    body[member] = json!(value);
                }
            }
            let example = &object["requestBody"]["content"]["application/json"]["example"];
            // The server writes the bodies of IAM itself, since they have credentials.
            let is_own = method == "POST" && path.starts_with("/v3");
            if !example.is_null() && !is_own {
                body["body"] = example.clone();
            }
            let tried = tried(&mut client, &body);
            assert!(tried["answer"]["status"].as_u64().unwrap() < 300, "{id} by {auth}: {tried:#}");
            let entry = client.get(&format!("/__admin/requests/{}", tried["index"])).json();
            assert_eq!((&entry["operation"], &entry["by"]), (&json!(id), &json!("console")), "{tried:#}");
            let text = tried.to_string();
            assert!(!text.contains("MIID") && !text.contains(SECRET) && !text.contains(PASSWORD), "{text}");
        }
    }
}

fn verify(client: &mut Client, query: &str, expect: &Value) -> Value {
    let body = json!({ "expect": expect }).to_string();
    let answer = client.request("POST", &format!("/__admin/verify{query}"), &[], &body);
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()
}

/// Returns the result of each expectation by clients' calls, and with the console's too.
fn holds(client: &mut Client, expect: &Value) -> [Vec<bool>; 2] {
    ["", "?console=true"].map(|query| {
        let verdict = verify(client, query, expect);
        verdict["expectations"].as_array().unwrap().iter().map(|one| one["passed"].as_bool().unwrap()).collect()
    })
}

#[test]
fn verdicts_exclude_console_calls_by_default() {
    let mock = MockServer::builder().start_blocking().unwrap();
    let mut client = Client::connect(mock.url());
    let reset_of =
        |client: &mut Client| client.get(&format!("{}?notification_type=email", reset_path(&user("0001")))).status;
    assert_eq!(reset_of(&mut client), 200);
    add(
        &mut client,
        &json!({ "name": "by the console", "when": { "user": user("0001"), "calls": "2" }, "status": 503 }),
    );
    let email = json!({ "parameters": { "notification_type": "email" } });
    let statuses: Vec<_> =
        (0..2).map(|_| tried(&mut client, &reset("0001", &email))["answer"]["status"].clone()).collect();
    assert_eq!(statuses, [503, 200], "rules see the call numbers");
    assert_eq!(reset_of(&mut client), 200);
    let last = tried(&mut client, &reset("0001", &json!({ "auth": "wrong" })));
    assert_eq!(last["answer"]["status"], 401);
    add(&mut client, &json!({ "name": "the last", "when": { "user": user("0001"), "calls": "5" }, "status": 500 }));
    assert_eq!(tried(&mut client, &reset("0001", &json!({})))["answer"]["status"], 500);
    let when = json!({ "user": user("0001") });
    let expect = json!([
        { "name": "twice", "when": when, "calls": { "min": 2, "max": 2 } },
        { "name": "met", "when": when, "statuses": [200, 200] },
        { "name": "ends well", "when": when, "ends_with": 200 },
        { "name": "told twice", "when": when, "notified": { "email": { "max": 2 } } },
    ]);
    assert_eq!(holds(&mut client, &expect), [vec![true; 4], vec![false; 4]]);
    let with = |client: &mut Client, query: &str| {
        let verdict = verify(client, query, &expect);
        let never: Vec<_> = verdict["never_struck"].as_array().unwrap().iter().map(|one| one["rule"].clone()).collect();
        (never.len(), verdict["rejected"]["count"].clone())
    };
    assert_eq!(with(&mut client, ""), (2, json!(0)));
    assert_eq!(with(&mut client, "?console=true"), (0, json!(1)));
    assert_eq!(with(&mut client, "?console=false"), (2, json!(0)));
    assert_eq!(client.request("POST", "/__admin/verify?console=1", &[], "").status, 400);
    // The server knows a client's last call without the journal too.
    client.request("DELETE", "/__admin/requests", &[], "");
    assert_eq!(reset_of(&mut client), 200);
    tried(&mut client, &reset("0001", &json!({})));
    let ends = json!([{ "name": "ends well", "when": when, "ends_with": 200 }]);
    assert_eq!(holds(&mut client, &ends)[0], [true]);
    // The scenario's page counts the effects of a rule on any caller.
    let rules = client.get("/__admin/scenario").json()["rules"].clone();
    assert!(rules.as_array().unwrap().iter().any(|one| one["rule"] == "the last" && one["struck"] == 1), "{rules}");
}

#[test]
fn put_scenario_ignores_earlier_and_console_calls() {
    let mock = MockServer::builder().verify_on_drop(false).start_blocking().unwrap();
    let mut client = Client::connect(mock.url());
    let when = json!({ "user": user("0001") });
    client.get(&reset_path(&user("0001")));
    tried(&mut client, &reset("0001", &json!({})));
    let scenario =
        json!({ "expect": [{ "name": "once", "when": when, "calls": { "min": 1, "max": 1 }, "ends_with": 200 }] });
    assert_eq!(client.request("PUT", "/__admin/scenario", &[], &scenario.to_string()).status, 200);
    let passed = |client: &mut Client| client.request("POST", "/__admin/verify", &[], "").json()["passed"].clone();
    tried(&mut client, &reset("0001", &json!({})));
    assert_eq!(passed(&mut client), false, "no client has called");
    client.get(&reset_path(&user("0001")));
    assert_eq!(passed(&mut client), true);
    tried(&mut client, &reset("0001", &json!({})));
    assert_eq!(passed(&mut client), true);
    client.get(&reset_path(&user("0001")));
    assert_eq!(passed(&mut client), false);
}

/// Returns how often a status of an operation was met, and by which callers.
fn met(client: &mut Client, query: &str, operation: &str, status: u16) -> (u64, Vec<String>) {
    let coverage = client.get(&format!("/__admin/coverage{query}")).json();
    let operations = coverage["operations"].as_array().unwrap().clone();
    let one = operations.iter().find(|one| one["operation"] == operation).unwrap();
    let row = one["statuses"].as_array().unwrap().iter().find(|row| row["status"] == status).unwrap().clone();
    let users = row["users"].as_array().unwrap().iter().map(|user| format!("{}/{}", user["project"], user["user"]));
    (row["count"].as_u64().unwrap(), users.map(|user| user.replace('"', "")).collect())
}

#[test]
fn coverage_excludes_console_calls_by_default() {
    let mock = MockServer::builder().start_blocking().unwrap();
    let mut client = Client::connect(mock.url());
    let clone = client.request("POST", "/__admin/projects", &[], &json!({ "from": PROJECT, "id": "c" }).to_string());
    assert_eq!(clone.status, 201);
    client.get(&reset_path(&user("0001")));
    for body in [
        reset("0001", &json!({})),
        reset("0001", &json!({ "parameters": { "project_id": "c" } })),
        json!({ "operation": "ResetRandomPassword", "project": PROJECT, "user": "nobody" }),
        json!({ "operation": "ListUsers", "project": PROJECT }),
        json!({ "operation": "ListUserDetail", "project": PROJECT, "user": user("0001") }),
        json!({ "operation": "GetCallerIdentity" }),
    ] {
        assert_eq!(tried(&mut client, &body)["ended"], "answered");
    }
    let own = format!("{PROJECT}/{}", user("0001"));
    let cloned = format!("c/{}", user("0001"));
    assert_eq!(met(&mut client, "", "ResetRandomPassword", 200), (1, vec![own.clone()]));
    assert_eq!(met(&mut client, "?console=true", "ResetRandomPassword", 200), (3, vec![own.clone(), cloned.clone()]));
    assert_eq!(met(&mut client, "?console=true&project=c", "ResetRandomPassword", 200), (1, vec![cloned]));
    for (operation, status, who) in [
        ("ResetRandomPassword", 404, None),
        ("ListUsers", 200, Some(format!("{PROJECT}/wksmock/developer"))),
        ("ListUserDetail", 200, Some(own)),
        ("GetCallerIdentity", 200, Some("/wksmock/developer".to_owned())),
    ] {
        assert_eq!(met(&mut client, "", operation, status), (0, vec![]), "{operation}");
        assert_eq!(met(&mut client, "?console=true", operation, status), (1, who.into_iter().collect()), "{operation}");
    }
    let expect = json!([{ "name": "nobody", "when": { "operation": "GetCallerIdentity" }, "calls": { "max": 0 } }]);
    assert_eq!(holds(&mut client, &expect), [[true], [false]]);
    let detail = json!([{ "name": "nobody", "when": { "operation": "ListUserDetail" }, "calls": { "max": 0 } }]);
    assert_eq!(holds(&mut client, &detail), [[true], [false]]);
    // A deleted clone keeps its coverage, and a reset clears it.
    client.request("DELETE", "/__admin/projects/c", &[], "");
    assert_eq!(met(&mut client, "?console=true", "ResetRandomPassword", 200).0, 3);
    mock.reset();
    assert_eq!(met(&mut client, "?console=true", "ResetRandomPassword", 200), (0, vec![]));
}

#[test]
fn contract_violations_are_sent_and_framing_ones_refused() {
    let mock = MockServer::builder().start_blocking().unwrap();
    let mut client = Client::connect(mock.url());
    for (more, status) in [
        (json!({ "parameters": { "user_id": "" } }), 400),
        (json!({ "parameters": { "user_id": "\r\nX-Evil: 1" } }), 404),
        (json!({ "parameters": { "user_id": "a/b" } }), 404),
        (json!({ "parameters": { "user_id": ".." } }), 404),
        (json!({ "parameters": { "user_id": "x".repeat(256) } }), 400),
        (json!({ "parameters": { "user_id": "鍵".repeat(255) } }), 404),
        (json!({ "parameters": { "user_id": "x".repeat(20_000) } }), 414),
        (json!({ "parameters": { "notification_type": "pigeon" } }), 400),
        (json!({ "parameters": { "notification_type": ["email", "email"] } }), 400),
        (json!({ "parameters": { "notification_type": "email\r\n\r\nGET / HTTP/1.1" } }), 400),
        (json!({ "parameters": { "Content-Type": "text/plain" } }), 400),
        (json!({ "parameters": { "content-type": null }, "auth": "none" }), 400),
        (json!({ "parameters": { "X-Auth-Token": "x".repeat(70_000) } }), 431),
        (json!({ "parameters": { "X-Auth-Token": "ünknown" } }), 401),
        (json!({ "body": { "a": "x".repeat(70_000) } }), 413),
    ] {
        let mut body = json!({ "operation": "ResetRandomPassword", "project": PROJECT });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        if more["parameters"].get("user_id").is_none() {
            body["user"] = json!(user("0001"));
        }
        let tried = tried(&mut client, &body);
        let shown: String = body.to_string().chars().take(200).collect();
        assert_eq!(
            (&tried["answer"]["status"], &tried["ended"]),
            (&json!(status), &json!("answered")),
            "{shown}: {tried:#}"
        );
        let head = tried["request"]["head"].as_str().unwrap();
        assert!(
            head.split("\r\n").filter(|line| line.is_empty()).count() == 2 && !head.contains("\r\nX-Evil"),
            "{head}"
        );
        let entry = client.get(&format!("/__admin/requests/{}", tried["index"])).json();
        assert_eq!((&entry["by"], &entry["state"]), (&json!("console"), &json!("rejected")), "{shown}");
    }
    for value in ["a\r\nX-Evil: 1", "a\nb", "\u{0}", "\u{7f}"] {
        let refused = post_try(&mut client, &reset("0001", &json!({ "parameters": { "Content-Type": value } })));
        assert_eq!(refused.status, 422, "{refused:?}");
        assert_eq!(refused.json()["errors"][0]["place"].as_str().unwrap().split(':').next(), Some("body"));
    }
    assert_eq!(mock.verify().rejected.count, 0, "none is a client's");
}

#[test]
fn invalid_try_is_refused_and_located() {
    let users = json!({
        "projects": [{ "id": "p", "users": [{ "id": "u" }] }],
        "accounts": [{ "domain": "d", "name": "keyless", "password": "5ec2e7" }],
    });
    let mock = MockServer::builder().verify_on_drop(false).users_json(users.to_string()).start_blocking().unwrap();
    let mut client = Client::connect(mock.url());
    for (body, said) in [
        (json!({}), "needs `operation`"),
        (json!({ "operation": "Reset" }), "unknown operation `Reset`"),
        (json!({ "operation": "ResetRandomPassword", "users": "u" }), "unknown field `users`"),
        (json!({ "operation": "ResetRandomPassword", "user": "u" }), "needs `project`"),
        (json!({ "operation": "ResetRandomPassword", "project": "p" }), "needs `user`"),
        (json!({ "operation": "ListUsers", "project": "p", "user": "u" }), "does not take a user"),
        (json!({ "operation": "GetCallerIdentity", "parameters": { "x": 1 } }), "has no parameter `x`"),
        (
            json!({ "operation": "ListUserDetail", "project": "p", "user": "u", "parameters": { "user_id": "v" } }),
            "given twice",
        ),
        (json!({ "operation": "KeystoneListProjects", "parameters": { "name": {} } }), "invalid value for `name`"),
        (json!({ "operation": "KeystoneListProjects", "parameters": { "name": vec!["a"; 1_001] } }), "at most 1000"),
        (json!({ "operation": "ListUsers", "parameters": { "project_id": null } }), "invalid value for `project_id`"),
        (json!({ "operation": "ListUsers", "project": "p", "account": "nobody" }), "unknown account `nobody`"),
        (json!({ "operation": "ListUsers", "project": "p", "account": "keyless", "auth": "signature" }), "cannot sign"),
        (json!({ "operation": "ListUsers", "project": "p", "auth": "wrong" }), "no account can sign"),
        (json!({ "operation": "ListUsers", "project": "p", "auth": "magic" }), "unknown `auth` magic"),
        (json!({ "operation": "ListUsers", "project": "p", "timeout_ms": 30_001 }), "from 1 to 30000"),
        (json!({ "operation": "ListUsers", "project": "x".repeat(65_536) }), "expected at most 65534"),
    ] {
        let refused = post_try(&mut client, &body);
        let text = refused.body.replace("\\\"", "\"");
        assert!(refused.status == 422 && text.contains(said), "{said}: {refused:?}");
    }
    let twice =
        r#"{"operation": "ListUsers", "project": "p", "parameters": {"Content-Type": "a", "content-type": "b"}}"#;
    let refused = client.request("POST", "/__admin/try", &[], twice);
    assert!(refused.status == 422 && refused.body.contains("is given twice"), "{refused:?}");
    assert_eq!(client.request("POST", "/__admin/try", &[], "").status, 400);
    let foreign = ["Origin: http://evil.example", "Content-Type: application/json"];
    assert_eq!(client.request("POST", "/__admin/try", &foreign, twice).status, 403);
    assert_eq!(mock.requests().len(), 0, "nothing was sent");
    // A client that cannot sign uses a token.
    let tried = tried(&mut client, &json!({ "operation": "ListUsers", "project": "p" }));
    assert_eq!((&tried["request"]["auth"], &tried["answer"]["status"]), (&json!("token"), &json!(200)));
    let without = MockServer::builder()
        .verify_on_drop(false)
        .users_json(r#"{"projects": [{"id": "p", "users": [{"id": "u"}]}]}"#)
        .start_blocking()
        .unwrap();
    let mut client = Client::connect(without.url());
    let tried = self::tried(&mut client, &json!({ "operation": "ListUsers", "project": "p" }));
    assert_eq!((&tried["request"]["auth"], &tried["answer"]["status"]), (&json!("none"), &json!(200)));
}

#[test]
fn sealed_reason_of_a_refusal_is_opened() {
    let mock = MockServer::builder().start_blocking().unwrap();
    let mut client = Client::connect(mock.url());
    add(&mut client, &json!({ "status": 403, "error": { "reason": "because" } }));
    let tried = tried(&mut client, &reset("0001", &json!({})));
    assert!(tried["reason"].to_string().contains("because"), "{tried:#}");
    assert!(!tried["answer"]["body"].as_str().unwrap().contains("because"));
}

#[test]
fn response_secrets_are_masked_even_when_cut() {
    let mock = MockServer::builder().start_blocking().unwrap();
    let mut client = Client::connect(mock.url());
    for fault in [Value::Null, json!("truncated_body"), json!("malformed_chunk"), json!("malformed_json")] {
        if !fault.is_null() {
            add(&mut client, &json!({ "when": { "operation": "CreateTemporaryAccessKeyByToken" }, "fault": fault }));
        }
        let tried = tried(&mut client, &json!({ "operation": "CreateTemporaryAccessKeyByToken", "auth": "token" }));
        let body = tried["answer"]["body"].as_str().unwrap();
        assert!(body.contains(r#""secret":"***""#), "{fault}: {body}");
        assert!(fault == "truncated_body" || body.contains(r#""securitytoken":"***""#), "{body}");
        client.request("DELETE", "/__admin/overrides", &[], "");
    }
    let login = tried(&mut client, &json!({ "operation": "KeystoneCreateUserTokenByPassword" }));
    let head = login["answer"]["head"].as_str().unwrap();
    assert!(head.contains("\r\nX-Subject-Token: [redacted]\r\n"), "{head}");
    assert!(login["request"]["body"].as_str().unwrap().contains(r#""password":"***""#));
    let written = json!({ "operation": "GetCallerIdentity", "body": { "a": PASSWORD } });
    assert!(!tried(&mut client, &written).to_string().contains(PASSWORD));
}

#[test]
fn concurrent_tries_are_bounded_and_end_with_their_client() {
    let mock = limited(|limits| limits.tries_max = 1);
    let mut client = Client::connect(mock.url());
    add(&mut client, &json!({ "when": { "user": user("0001") }, "fault": "hang" }));
    let body = reset("0001", &json!({})).to_string();
    let mut first = Client::connect(mock.url());
    first.send(format!(
        "POST /__admin/try HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    ));
    let state = |mock: &MockServer| mock.requests().first().map(|entry| (entry.state, entry.decision.is_some()));
    while state(&mock) != Some((EntryState::InFlight, true)) {
        std::thread::yield_now();
    }
    let refused = post_try(&mut client, &reset("0002", &json!({})));
    assert!(refused.status == 503 && refused.body.contains("tries_max"), "{refused:?}");
    drop(first);
    while state(&mock) != Some((EntryState::Cut, true)) {
        std::thread::yield_now();
    }
    // Its place is free after its end.
    while post_try(&mut client, &reset("0002", &json!({}))).status == 503 {}
    assert_eq!(mock.requests().len(), 2);
}

#[test]
fn tried_users_are_bounded_until_a_reset() {
    let mock = limited(|limits| limits.users_created_max = 2);
    let mut client = Client::connect(mock.url());
    for end in ["0001", "0002", "0001"] {
        assert_eq!(post_try(&mut client, &reset(end, &json!({}))).status, 200);
    }
    let refused = post_try(&mut client, &reset("0503", &json!({})));
    assert!(refused.status == 409 && refused.body.contains("users_created_max"), "{refused:?}");
    // Tries of recorded users go on, and those without a user.
    assert_eq!(post_try(&mut client, &reset("0002", &json!({}))).status, 200);
    assert_eq!(post_try(&mut client, &json!({ "operation": "ListUsers", "project": PROJECT })).status, 200);
    assert_eq!(client.request("POST", "/__admin/reset", &[], "").status, 200);
    assert_eq!(post_try(&mut client, &reset("0503", &json!({}))).status, 200);
}

#[test]
fn long_body_is_sent_and_shown_whole() {
    let mock = limited(|limits| limits.body_bytes_max = 1 << 20);
    let mut client = Client::connect(mock.url());
    let long = "x".repeat(300_000);
    let body = json!({ "operation": "KeystoneCreateUserTokenByPassword", "body": { "a": long, "password": "5ec2e7" } });
    let tried = tried(&mut client, &body);
    assert_eq!((&tried["answer"]["status"], &tried["ended"]), (&json!(400), &json!("answered")));
    assert!(tried["request"]["body"].as_str().unwrap().contains(&long));
    let shown = mock.requests().remove(0).request_body.unwrap();
    assert_eq!((shown.bytes, shown.cut_at), (body["body"].to_string().len() as u64, Some(4 << 10)));
}

#[test]
fn too_long_response_shows_its_beginning() {
    let mock = MockServer::builder().start_blocking().unwrap();
    let mut client = Client::connect(mock.url());
    let list = json!({ "operation": "ListUsers", "project": PROJECT });
    let bytes = tried(&mut client, &list)["answer"]["bytes"].as_u64().unwrap();
    let bytes = usize::try_from(bytes).unwrap();
    for (most, cut) in [(bytes, false), (bytes - 1, true), (bytes + 1, false)] {
        let mock = limited(|limits| limits.try_bytes_max = most);
        let tried = tried(&mut Client::connect(mock.url()), &list);
        let answer = &tried["answer"];
        let shown = answer["head"].as_str().unwrap().len() + answer["body"].as_str().unwrap().len();
        assert_eq!(
            (shown, &answer["cut"], &tried["ended"]),
            (bytes.min(most), &json!(cut), &json!("answered")),
            "{most}"
        );
        assert_eq!(answer["bytes"], bytes);
    }
    let mock = limited(|limits| limits.try_time = std::time::Duration::from_millis(50));
    let mut client = Client::connect(mock.url());
    add(&mut client, &json!({ "fault": "hang" }));
    assert_eq!(tried(&mut client, &reset("0001", &json!({})))["ended"], "timed_out");
    assert_eq!(Limits::default().get("try_time_ms"), Some(30_000));
}

#[test]
fn try_reaches_the_api_listener() {
    for arguments in [["--host", "0.0.0.0"], ["--host", "localhost"], ["--threads", "2"]] {
        let served = Served::start(&[&["--admin-token", "5ec2e7"][..], &arguments].concat());
        let mut client = served.client();
        for _ in 0..8 {
            let lines = ["Authorization: Bearer 5ec2e7", "Content-Type: application/json"];
            let body = reset("0001", &json!({})).to_string();
            let answer = client.request("POST", "/__admin/try", &lines, &body);
            assert_eq!(answer.status, 200, "{arguments:?}: {answer:?}");
            assert_eq!(answer.json()["answer"]["status"], 200, "{answer:?}");
            assert!(answer.json()["index"].is_u64(), "{answer:?}");
        }
        assert_eq!(client.request("POST", "/__admin/try", &[], "{}").status, 401);
    }
}

#[test]
fn try_during_a_down_window_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let (log, scenario) = (folder.path().join("log"), folder.path().join("down.json"));
    std::fs::write(&scenario, r#"{"name": "down", "rules": [], "down": [{"time_ms": [100, null]}]}"#).unwrap();
    let flags = ["serve", "--port", "0", "--admin-listen", "127.0.0.1:0", "--log", "json"];
    let mut command = wksmock(&[&flags[..], &["--scenario", scenario.to_str().unwrap()]].concat());
    let served = Served::spawn_with_stderr(&mut command, std::fs::File::create(&log).unwrap());
    let mut client = Client::connect(&admin_url(&log));
    let ended = loop {
        let tried = tried(&mut client, &reset("0001", &json!({})));
        if tried["ended"] != "answered" {
            break tried;
        }
        assert!(tried["index"].is_u64(), "the admin API's own address is another: {tried:#}");
    };
    // A connection at the beginning is reset; later ones are refused.
    assert!(ended["ended"] == "refused" || ended["ended"] == "reset", "{ended:#}");
    let tried = tried(&mut client, &reset("0001", &json!({})));
    assert_eq!((&tried["ended"], &tried["answer"], &tried["index"]), (&json!("refused"), &Value::Null, &Value::Null));
    drop(served);
}
