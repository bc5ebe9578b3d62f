//! `POST /__admin/try`: the server sends a request to itself as a client would, and shows both sides of it.

use crate::binary::Served;
use crate::client::{Answer, Client};
use crate::signer::{ACCESS, SECRET};
use crate::{PROJECT, limited, reset_path, user};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::time::Duration;
use wksmock::{By, ClockMode, EntryState, Mock};

const PASSWORD: &str = "wksmock-password";

fn ask(client: &mut Client, body: &Value) -> Answer {
    client.request("POST", "/__admin/try", &[], &body.to_string())
}

/// Tries a request, which can be sent.
fn tried(client: &mut Client, body: &Value) -> Value {
    let answer = ask(client, body);
    assert_eq!(answer.status, 200, "{body}: {answer:?}");
    answer.json()
}

/// A reset of a user, with more members.
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
fn each_kind_of_credentials_is_shown_without_its_secret() {
    let mock = Mock::builder().auth(wksmock::Auth::Required).start().unwrap();
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
fn a_try_is_one_call_in_the_journal_that_says_whose_it_is() {
    let mock = Mock::builder().start().unwrap();
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
    // Nothing that a consumer sends makes it the console's.
    client.request("GET", &reset_path(&user("0001")), &["User-Agent: wksmock-console/0.1.0", "X-By: console"], "");
    assert_eq!(mock.requests()[2].by, None);
}

#[test]
fn each_fault_is_seen_as_what_it_is() {
    let mock = Mock::builder().start().unwrap();
    let mut client = Client::connect(mock.url());
    let dribble = json!({ "dribble": { "chunks": 3, "over_ms": 30 } });
    for (fault, ended, note, state) in [
        (json!("reset"), "reset", None, EntryState::Cut),
        (json!("empty_response"), "closed", None, EntryState::Cut),
        (json!("random_data"), "closed", Some("What came is not HTTP."), EntryState::Cut),
        (json!("hang"), "timed_out", None, EntryState::Cut),
        (json!("truncated_body"), "closed", Some("13 bytes of the body are missing."), EntryState::Answered),
        (
            json!("wrong_length"),
            "answered",
            Some("By its framing the answer ends 13 bytes earlier: a client does not read those."),
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
            "reset" | "empty_response" | "hang" => assert_eq!(answer, &Value::Null, "{fault}"),
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

/// The sealed reason of a refusal.
fn sealed(client: &mut Client) -> String {
    add(client, &json!({ "status": 403, "error": { "reason": "because" }, "next": 1 }));
    let tried = tried(client, &reset("0001", &json!({})));
    let body: Value = serde_json::from_str(tried["answer"]["body"].as_str().unwrap()).unwrap();
    body["encoded_authorization_message"].as_str().unwrap().to_owned()
}

#[test]
fn every_operation_can_be_tried() {
    let mock = Mock::builder().start().unwrap();
    let mut client = Client::connect(mock.url());
    let document = client.get("/__admin/openapi.json").json();
    let tried_ids = document["components"]["schemas"]["TryRequest"]["properties"]["operation"]["enum"].clone();
    let mut known: BTreeSet<_> =
        tried_ids.as_array().unwrap().iter().map(|id| id.as_str().unwrap().to_owned()).collect();
    let (project, users) = (json!({ "project": PROJECT }), json!({ "project": PROJECT, "user": user("0002") }));
    let with = |more: &Value, body: Value| {
        let mut all = more.clone();
        all["body"] = body;
        all
    };
    for (operation, more) in [
        ("ResetRandomPassword", json!({ "project": PROJECT, "user": user("0001") })),
        ("ListUsers", with(&project, Value::Null)),
        ("ListUserDetail", users.clone()),
        ("CreateDesktopUser", with(&project, json!({ "user_name": "carol", "user_email": "carol@example.com" }))),
        ("UpdateUserInfo", with(&users, json!({ "description": "moved" }))),
        ("ChangeUserStatus", with(&users, json!({ "op_type": "LOCK" }))),
        ("SendEmail", with(&users, json!({ "template_id": "welcome" }))),
        ("DeleteUser", users.clone()),
        ("KeystoneCreateUserTokenByPassword", project.clone()),
        ("KeystoneValidateToken", json!({})),
        ("KeystoneListProjects", json!({ "parameters": { "name": "cn-north-4" } })),
        ("KeystoneListAuthProjects", json!({})),
        ("KeystoneListAuthDomains", json!({})),
        ("KeystoneListUsers", json!({})),
        ("KeystoneListRegions", json!({})),
        ("CreateTemporaryAccessKeyByToken", json!({})),
        ("GetCallerIdentity", json!({})),
        ("DecodeAuthorizationMessage", json!({ "body": { "encoded_message": sealed(&mut client) } })),
    ] {
        let mut body = json!({ "operation": operation });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        for auth in ["signature", "token", "temporary"] {
            let mut body = body.clone();
            body["auth"] = json!(auth);
            let tried = tried(&mut client, &body);
            let met = tried["answer"]["status"].as_u64().unwrap();
            // Who was deleted, or is there, stays so.
            let repeats = auth != "signature" && matches!(operation, "DeleteUser" | "CreateDesktopUser");
            assert!(met < 300 || repeats, "{operation} by {auth}: {tried:#}");
            let entry = client.get(&format!("/__admin/requests/{}", tried["index"])).json();
            assert_eq!((&entry["operation"], &entry["by"]), (&json!(operation), &json!("console")), "{tried:#}");
            let text = tried.to_string();
            assert!(!text.contains("MIID") && !text.contains(SECRET) && !text.contains(PASSWORD), "{text}");
        }
        known.remove(operation);
    }
    assert_eq!(known, BTreeSet::new(), "these were not tried");
}
