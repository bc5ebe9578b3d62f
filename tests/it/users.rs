//! The operations on users: their answers, changes and refusals, none of which crosses a project or outlasts a reset.

use crate::client::{Answer, Client};
use crate::signer::Signing;
use crate::{PROJECT, limited, reset_path, user};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::time::Duration;
use wksmock::{Auth, ClockMode, MockServer};

const JSON: &str = "Content-Type: application/json";

pub(crate) fn users_path(project: &str) -> String {
    format!("/v2/{project}/users")
}

pub(crate) fn ask(client: &mut Client, method: &str, path: &str, body: &Value) -> Answer {
    let body = if body.is_null() { String::new() } else { body.to_string() };
    client.request(method, path, &[JSON], &body)
}

fn list(client: &mut Client, query: &str) -> (u64, Vec<String>) {
    let answer = ask(client, "GET", &format!("{}{query}", users_path(PROJECT)), &Value::Null);
    assert_eq!(answer.status, 200, "{answer:?}");
    let json = answer.json();
    let names = json["users"].as_array().unwrap().iter().map(|user| user["user_name"].as_str().unwrap().to_owned());
    (json["total_count"].as_u64().unwrap(), names.collect())
}

fn carol() -> Value {
    json!({ "user_name": "carol", "user_email": "carol@example.com" })
}

fn create(client: &mut Client, body: &Value) -> String {
    let answer = ask(client, "POST", &users_path(PROJECT), body);
    assert_eq!(answer.status, 201, "{answer:?}");
    answer.json()["id"].as_str().unwrap().to_owned()
}

fn detail(client: &mut Client, id: &str) -> Answer {
    ask(client, "GET", &format!("{}/{id}", users_path(PROJECT)), &Value::Null)
}

#[test]
fn list_and_detail_show_their_own_fields() {
    let mock = MockServer::builder().start_blocking().unwrap();
    let mut client = Client::connect(mock.url());
    let listed = ask(&mut client, "GET", &format!("{}?user_name=api-test2", users_path(PROJECT)), &Value::Null).json();
    assert_eq!(
        listed,
        json!({ "total_count": 1, "users": [{
            "id": user("0002"), "user_name": "api-test2", "user_email": "api-test2@example.com",
            "user_phone": "+8613800000002", "active_type": "USER_ACTIVATE",
            "next_login_change_password": false, "password_never_expired": false, "disabled": false, "locked": false,
            "is_pre_user": false, "total_desktops": 0, "account_expires": "0", "account_expired": false,
            "enable_change_password": true,
        }] })
    );
    let shown = detail(&mut client, &user("0002")).json()["user_detail"].clone();
    assert_eq!(
        shown,
        json!({
            "id": user("0002"), "user_name": "api-test2", "user_email": "api-test2@example.com",
            "user_phone": "+8613800000002", "active_type": "USER_ACTIVATE",
            "next_login_change_password": false, "password_never_expired": false, "disabled": false, "locked": false,
            "is_pre_user": false, "total_desktops": 0, "account_expires": 0, "user_expired": false,
            "enable_change_password": true, "account_type": 0, "full_name": "api-test2",
        })
    );
    assert_eq!(detail(&mut client, "nobody").error_code(), "WKS.00211902");
}

#[test]
fn filters_combine_and_pages_are_consecutive() {
    let mock = MockServer::builder().start_blocking().unwrap();
    let mut client = Client::connect(mock.url());
    assert_eq!(list(&mut client, "").0, 9);
    assert_eq!(list(&mut client, "?user_name=API-TEST"), (2, vec!["api-test".to_owned(), "api-test2".to_owned()]));
    assert_eq!(list(&mut client, "?active_type=USER_ACTIVATE").1, ["api-test2"]);
    assert_eq!(list(&mut client, "?active_type=USER_ACTIVATE&user_name=magic").0, 0);
    assert_eq!(list(&mut client, "?description=503").1, ["magic-503"]);
    let pages: Vec<_> = (0..4).map(|page| list(&mut client, &format!("?limit=3&offset={}", page * 3))).collect();
    assert_eq!(
        pages.iter().map(|(total, names)| (*total, names.len())).collect::<Vec<_>>(),
        [(9, 3), (9, 3), (9, 3), (9, 0)]
    );
    assert_eq!(pages.concat_names(), list(&mut client, "").1);
    create(&mut client, &json!({ "user_name": "carol", "user_email": "c@x", "group_ids": ["g1"] }));
    assert_eq!(list(&mut client, "?group_name=g1").1, ["carol"]);
    assert_eq!(list(&mut client, "?limit=10000&offset=1").1.len(), 9);
    for wrong in ["limit=x", "limit=10001", "offset=-1", &format!("user_name={}", "n".repeat(256)), "limit=1&limit=2"] {
        let answer = ask(&mut client, "GET", &format!("{}?{wrong}", users_path(PROJECT)), &Value::Null);
        assert_eq!((answer.status, answer.error_code().as_str()), (400, "WKS.00211102"), "{wrong}");
    }
}

#[test]
fn every_documented_filter_is_answered_or_refused_by_name() {
    let users = json!({ "projects": [{ "id": PROJECT, "users": [
        { "id": "a", "user_name": "ada", "disabled": true }, { "id": "b", "user_name": "Bob", "active_type": "USER_ACTIVATE" },
        { "id": "c", "user_name": "carol" }, { "id": "d" },
    ] }] });
    let mock = MockServer::builder().users_json(users.to_string()).start_blocking().unwrap();
    let mut client = Client::connect(mock.url());
    let mut ids = |query: &str| {
        let answer = ask(&mut client, "GET", &format!("{}?{query}", users_path(PROJECT)), &Value::Null);
        assert_eq!(answer.status, 200, "{query}: {answer:?}");
        let users = answer.json()["users"].as_array().unwrap().clone();
        users.iter().map(|user| user["id"].as_str().unwrap().to_owned()).collect::<String>()
    };
    for (query, expected) in [
        ("user_names=ADA&user_names=bob", "ab"),
        ("user_names=ada%2Cbob", "ab"),
        ("user_names=ada,carol&user_names=bob&limit=2&offset=1", "bc"),
        ("user_names=ad", ""),
        ("user_names=", "abcd"),
        ("user_names=ada&disabled=false", ""),
        ("disabled=true", "a"),
        ("disabled=false", "bcd"),
        ("disabled=", "abcd"),
        ("active_type=user_activate", "b"),
        ("is_query_total_desktops=true", "abcd"),
        ("undocumented=1", "abcd"),
        ("platform_type=&domain=", "abcd"),
    ] {
        assert_eq!(ids(query), expected, "{query}");
    }
    for (wrong, told) in [
        ("disabled=maybe", "disabled is \"maybe\". Allowed: true or false."),
        ("is_query_total_desktops=1", "Allowed: true or false."),
        ("active_type=NOBODY", "Allowed: USER_ACTIVATE, ADMIN_ACTIVATE."),
        ("user_names=a,,b", "user_names is \"\". Allowed: strings, repeated or comma-separated, each of 1 to 255"),
        ("disabled=true&disabled=true", "disabled is given twice in the query"),
        (
            "share_space_subscription=true",
            "share_space_subscription is \"true\", which is not supported: users in wksmock have no shared space",
        ),
        ("share_space_desktops=false", "Omit share_space_desktops."),
        ("enterprise_project_id=0", "Omit enterprise_project_id."),
        ("domain=x", "Omit domain."),
        ("platform_type=AD", "Omit platform_type."),
    ] {
        let answer = ask(&mut client, "GET", &format!("{}?{wrong}", users_path(PROJECT)), &Value::Null);
        assert_eq!((answer.status, answer.error_code().as_str()), (400, "WKS.00211102"), "{wrong}");
        assert!(answer.error_msg().contains(told), "{wrong}: {answer:?}");
    }
    let path = format!("{}?is_query_total_desktops=false", users_path(PROJECT));
    let without = ask(&mut client, "GET", &path, &Value::Null).json();
    assert!(without["users"].as_array().unwrap().iter().all(|user| user.get("total_desktops").is_none()), "{without}");
}

#[test]
fn activation_message_resends_the_current_password() {
    let mock = MockServer::builder().start_blocking().unwrap();
    let mut client = Client::connect(mock.url());
    let id = create(&mut client, &json!({ "user_name": "carol", "user_email": "c@x", "user_phone": "+1" }));
    let mut resend =
        |id: &str, body: &Value| ask(&mut client, "POST", &format!("{}/{id}/resend-email", users_path(PROJECT)), body);
    assert_eq!(resend(&id, &Value::Null).status, 204);
    assert_eq!(resend(&id, &json!({ "template_id": "t", "phone_template_id": null })).status, 204);
    let texts: Vec<_> = mock.outbox().into_iter().map(|message| (message.to, message.text)).collect();
    assert_eq!((texts.len(), &texts[0..2]), (6, &texts[4..6]), "to both addresses, in the same words");
    let initial = mock.current_password(PROJECT, &id).unwrap();
    assert!(texts[5].1.ends_with(&initial), "{texts:?}");
    // After a reset the message has the new password, and a loaded user without one is given one.
    let of = |text: &str| text.split_whitespace().next_back().unwrap().to_owned();
    let loaded = user("0002");
    assert_eq!(mock.current_password(PROJECT, &loaded), None);
    assert_eq!([resend(&loaded, &json!({})), resend(&loaded, &json!({}))].map(|answer| answer.status), [204, 204]);
    let passwords: Vec<_> = mock.outbox().iter().skip(6).map(|message| of(&message.text)).collect();
    assert_eq!(passwords, vec![mock.current_password(PROJECT, &loaded).unwrap(); 4]);
    let mut client = Client::connect(mock.url());
    let reset = client.get(&format!("{}?notification_type=email", reset_path(&id))).password();
    let path = format!("{}/{id}/resend-email", users_path(PROJECT));
    assert_eq!(ask(&mut client, "POST", &path, &Value::Null).status, 204);
    assert_eq!(of(&mock.outbox().last().unwrap().text), reset);
    let unreachable =
        create(&mut client, &json!({ "user_name": "dave", "active_type": "ADMIN_ACTIVATE", "password": "Tr0ub4dor" }));
    for (path, body, status) in [
        (path.replace(&id, "nobody"), Value::Null, 404),
        (path.clone(), json!({ "template_id": 5 }), 400),
        (path.clone(), json!([]), 400),
        (path.replace(&id, &unreachable), Value::Null, 400),
    ] {
        let answer = ask(&mut client, "POST", &path, &body);
        assert_eq!(answer.status, status, "{path} {body}: {answer:?}");
    }
    assert_eq!(ask(&mut client, "GET", &path, &Value::Null).status, 405);
}

#[test]
fn rules_lose_activation_messages_in_either_phase() {
    let scenario = json!({ "rules": [
        { "name": "down", "when": { "operation": "SendEmail", "user": user("0002"), "calls": "1" }, "status": 503 },
        { "name": "lost", "when": { "operation": "SendEmail", "calls": "2" }, "status": 503, "phase": "after" },
    ], "expect": [{ "name": "tries thrice", "when": { "operation": "SendEmail" }, "calls": { "min": 3, "max": 3 }, "ends_with": 204 }] });
    let mock =
        MockServer::builder().verify_on_drop(false).scenario_json(scenario.to_string()).start_blocking().unwrap();
    let mut client = Client::connect(mock.url());
    let path = format!("{}/{}/resend-email", users_path(PROJECT), user("0002"));
    let mut sent = || {
        let status = ask(&mut client, "POST", &path, &Value::Null).status;
        (status, mock.outbox().len())
    };
    assert_eq!([sent(), sent(), sent()], [(503, 0), (503, 2), (204, 4)]);
    assert!(mock.verify().passed);
    let coverage = mock.coverage();
    let of = coverage.operations.iter().find(|one| one.operation == "SendEmail").unwrap();
    let counts: Vec<_> = of.statuses.iter().filter(|row| row.count > 0).map(|row| (row.status, row.count)).collect();
    assert_eq!(counts, [(204, 1), (503, 2)]);
}

trait Names {
    fn concat_names(&self) -> Vec<String>;
}

impl Names for Vec<(u64, Vec<String>)> {
    fn concat_names(&self) -> Vec<String> {
        self.iter().flat_map(|(_, names)| names.clone()).collect()
    }
}

#[test]
fn created_user_exists_until_deleted() {
    let mock = MockServer::builder().start_blocking().unwrap();
    let mut client = Client::connect(mock.url());
    let id = create(&mut client, &carol());
    let shown = detail(&mut client, &id).json()["user_detail"].clone();
    assert_eq!((&shown["user_name"], &shown["active_type"]), (&json!("carol"), &json!("USER_ACTIVATE")));
    assert!(shown["when_created"].as_str().unwrap().ends_with('Z'));
    assert_eq!(
        ask(&mut client, "POST", &users_path(PROJECT), &json!({ "user_name": "CAROL", "user_email": "d@x" })).status,
        400
    );
    let refused = client.get(&reset_path(&id));
    assert!(refused.error_msg().contains("user activation mode"), "{refused:?}");
    let password = client.get(&format!("{}?notification_type=email", reset_path(&id))).password();
    assert_eq!(mock.password(PROJECT, &id, 2), Some(password.clone()), "drawn by id like any user's");
    assert_eq!(mock.current_password(PROJECT, &id), Some(password));
    assert_eq!(ask(&mut client, "DELETE", &format!("{}/{id}", users_path(PROJECT)), &Value::Null).status, 204);
    for gone in [detail(&mut client, &id), client.get(&reset_path(&id))] {
        assert_eq!((gone.status, gone.error_code().as_str()), (404, "WKS.00211902"));
    }
    let again = create(&mut client, &carol());
    assert_ne!(again, id, "an id is not given twice");
    mock.reset();
    assert_eq!(list(&mut client, "").0, 9);
    assert_eq!(create(&mut client, &carol()), id, "and after a reset it is the first again");
    let other = MockServer::builder().start_blocking().unwrap();
    assert_eq!(create(&mut Client::connect(other.url()), &carol()), id, "as on another server");
}

#[test]
fn reset_restores_changed_and_deleted_loaded_users() {
    let mock = MockServer::builder().start_blocking().unwrap();
    let mut client = Client::connect(mock.url());
    let path = format!("{}/{}", users_path(PROJECT), user("0001"));
    let update = json!({ "active_type": "USER_ACTIVATE", "user_email": "new@example.com", "description": "moved",
        "account_expires": "2020-01-01T00:00:00Z", "disabled": true });
    assert_eq!(ask(&mut client, "PUT", &path, &update).json(), json!({ "id": user("0001") }));
    let shown = detail(&mut client, &user("0001")).json()["user_detail"].clone();
    assert_eq!((&shown["account_expires"], &shown["user_expired"]), (&json!(1_577_836_800_000_i64), &json!(true)));
    assert_eq!(
        (&shown["user_email"], &shown["user_phone"]),
        (&json!("new@example.com"), &json!("+8613800000001")),
        "what is not named stays"
    );
    assert_eq!(client.get(&reset_path(&user("0001"))).status, 400, "the user is in user activation mode now");
    let told = client.get(&format!("{}?notification_type=email", reset_path(&user("0001"))));
    assert_eq!((told.status, mock.outbox()[0].to.as_str()), (200, "new@example.com"));
    let lock = |client: &mut Client, action: &str| {
        ask(client, "POST", &format!("{path}/actions"), &json!({ "op_type": action })).status
    };
    assert_eq!([lock(&mut client, "LOCK"), lock(&mut client, "LOCK")], [204, 204]);
    assert_eq!(detail(&mut client, &user("0001")).json()["user_detail"]["locked"], true);
    assert_eq!((lock(&mut client, "UNLOCK"), lock(&mut client, "JUMP")), (204, 400));
    assert_eq!(ask(&mut client, "DELETE", &path, &Value::Null).status, 204);
    assert_eq!((list(&mut client, "").0, client.get(&reset_path(&user("0001"))).status), (8, 404));
    let admin = client.get("/__admin/users").json();
    assert_eq!(admin["users"].as_array().unwrap().len(), 8);
    assert_eq!(client.request("POST", "/__admin/reset", &[], &json!({ "project": PROJECT }).to_string()).status, 200);
    assert_eq!((list(&mut client, "").0, client.get(&reset_path(&user("0001"))).status), (9, 200));
}

#[test]
fn live_fidelity_reports_a_deleted_user_as_400() {
    let mock = MockServer::builder().fidelity(wksmock::Fidelity::Observed).start_blocking().unwrap();
    let mut client = Client::connect(mock.url());
    ask(&mut client, "DELETE", &format!("{}/{}", users_path(PROJECT), user("0001")), &Value::Null);
    let gone = client.get(&reset_path(&user("0001")));
    assert_eq!((gone.status, gone.error_code().as_str()), (400, "WKS.00170312"));
}

#[test]
fn invalid_bodies_are_refused_by_field() {
    let mock = MockServer::builder().start_blocking().unwrap();
    let mut client = Client::connect(mock.url());
    let admin = |more: Value| {
        let mut body = json!({ "user_name": "carol", "active_type": "ADMIN_ACTIVATE", "password": "Abcdef12" });
        for (name, value) in more.as_object().unwrap() {
            body[name] = value.clone();
        }
        body
    };
    let mut told = Vec::new();
    for body in [
        json!({}),
        json!([]),
        json!({ "user_name": "" }),
        json!({ "user_name": "-carol", "user_email": "c@x" }),
        json!({ "user_name": "carol.", "user_email": "c@x" }),
        json!({ "user_name": "carol" }),
        json!({ "user_name": "carol", "user_email": "no address" }),
        json!({ "user_name": "carol", "user_email": "a@b\r\nBcc: c@d" }),
        json!({ "user_name": "carol", "user_email": "a@b, c@d" }),
        json!({ "user_name": "carol", "user_email": "a@b\u{2028}" }),
        json!({ "user_name": "carol", "user_phone": "1".repeat(21) }),
        json!({ "user_name": "api-test", "user_email": "c@x" }),
        admin(json!({ "active_type": "NOBODY" })),
        admin(json!({ "password": null })),
        admin(json!({ "password": "5ec2e7" })),
        admin(json!({ "password": "aaaaaaaa" })),
        admin(json!({ "password": "xxCaRol123" })),
        admin(json!({ "password": "xxLORAC123" })),
        admin(json!({ "account_expires": "soon" })),
        admin(json!({ "enable_change_password": "yes" })),
        admin(json!({ "group_ids": [] })),
        admin(json!({ "group_ids": ["g", ""] })),
        admin(json!({ "group_ids": ["g\n"] })),
        admin(json!({ "group_ids": ["g".repeat(256)] })),
        admin(json!({ "description": 7 })),
    ] {
        let answer = ask(&mut client, "POST", &users_path(PROJECT), &body);
        assert_eq!(answer.status, 400, "{body} {answer:?}");
        told.push(format!("{} {}", answer.error_code(), answer.error_msg()));
    }
    told.push(ask(&mut client, "POST", &users_path(PROJECT), &Value::Null).error_msg());
    insta::assert_snapshot!(told.join("\n"));
    assert!(!format!("{:?}", mock.requests()).contains("5ec2e7"));
    assert_eq!(list(&mut client, "").0, 9, "nothing came of it");
    assert_eq!(ask(&mut client, "POST", &users_path(PROJECT), &admin(json!({ "unknown": 1 }))).status, 201);
}

#[test]
fn messages_go_to_their_recipients() {
    let mock = MockServer::builder().start_blocking().unwrap();
    let mut client = Client::connect(mock.url());
    let id = create(&mut client, &json!({ "user_name": "carol", "user_email": "c@x", "user_phone": "7" }));
    let dave =
        create(&mut client, &json!({ "user_name": "dave", "active_type": "ADMIN_ACTIVATE", "password": "Abcdef12" }));
    assert_eq!(mock.current_password(PROJECT, &dave), Some("Abcdef12".to_owned()), "the given password");
    assert_eq!(mock.current_password(PROJECT, &id), Some(mock.outbox()[0].password.clone()), "the sent password");
    let given = client.get(&reset_path(&dave)).password();
    assert_eq!(mock.current_password(PROJECT, &dave), Some(given), "a reset goes before it");
    let path = format!("{}/{id}/actions", users_path(PROJECT));
    assert_eq!(ask(&mut client, "POST", &path, &json!({ "op_type": "RESET_PWD" })).status, 204);
    let sent = mock.outbox();
    let told: Vec<_> = sent.iter().map(|message| (message.kind(), message.to.as_str(), message.user == id)).collect();
    assert_eq!(told, [("email", "c@x", true), ("phone", "7", true), ("email", "c@x", true), ("phone", "7", true)]);
    assert!(
        sent[0].text.contains(PROJECT) && sent[0].text.contains(mock.url()) && sent[0].text.contains(&sent[0].password)
    );
    assert_eq!(sent[2].password, sent[3].password);
    assert_ne!(sent[0].password, sent[2].password);
    assert_ne!(Some(sent[2].password.clone()), mock.password(PROJECT, &id, 1), "draws of its own");
    let current =
        |client: &mut Client| client.get(&format!("/__admin/passwords/{PROJECT}/{id}")).json()["current"].clone();
    assert_eq!(current(&mut client), json!({ "call": null, "password": sent[2].password }));
    let password = client.get(&format!("{}?notification_type=phone", reset_path(&id))).password();
    assert_eq!(current(&mut client), json!({ "call": 1, "password": password }));
    let mute = json!({ "user_email": "", "user_phone": "" });
    assert_eq!(ask(&mut client, "PUT", &format!("{}/{id}", users_path(PROJECT)), &mute).status, 200);
    let refused = ask(&mut client, "POST", &path, &json!({ "op_type": "RESET_PWD" }));
    assert!(refused.status == 400 && refused.error_msg().contains("neither user_email"), "{refused:?}");
}

#[test]
fn new_users_message_names_its_project_without_a_long_host() {
    let mock = MockServer::builder().start_blocking().unwrap();
    let mut client = Client::connect(mock.url());
    mock.clone_project_with(PROJECT, wksmock::CloneOptions::new().id("one")).unwrap().keep();
    for host in [246, 247].map(|count| format!("{}.localhost", "h".repeat(count - 1))) {
        let body = json!({ "user_name": format!("c{}", host.len()), "user_email": "c@x" }).to_string();
        client.send(format!(
            "POST {} HTTP/1.1\r\nHost: {host}\r\n{JSON}\r\nContent-Length: {}\r\n\r\n{body}",
            users_path("one"),
            body.len()
        ));
        let answer = client.answer(false);
        assert_eq!(answer.status, 201, "{answer:?}");
    }
    let told: Vec<_> = mock.outbox().into_iter().map(|message| message.text).collect();
    assert!(told.iter().all(|text| text.contains("to tenant one with")), "{told:?}");
    assert!(told[0].contains(&format!("Log in at http://{}.localhost to", "h".repeat(245))), "{told:?}");
    assert!(told[1].contains(&format!("Log in at {} to", mock.url())), "{told:?}");
}

#[test]
fn rules_apply_in_either_phase_to_their_users() {
    let scenario = json!({ "rules": [
        { "name": "not made", "when": { "operation": "CreateDesktopUser", "calls": "1" }, "status": 503 },
        { "name": "made, and not told", "when": { "operation": "CreateDesktopUser", "calls": "2" }, "status": 503, "phase": "after" },
        { "name": "not shown", "when": { "operation": "ListUserDetail", "user": user("0001") }, "status": 500 },
        { "name": "cut", "when": { "operation": "DeleteUser", "user": user("0002") }, "fault": "reset", "phase": "after" },
        { "name": "slow", "when": { "operation": "ListUsers", "project": PROJECT }, "delay": { "fixed_ms": 9 } },
        { "name": "denied", "when": { "operation": "UpdateUserInfo" }, "status": 403 },
    ] });
    let mock = MockServer::builder().scenario_json(scenario.to_string()).instant_delays(true).start_blocking().unwrap();
    let mut client = Client::connect(mock.url());
    assert_eq!(ask(&mut client, "POST", &users_path(PROJECT), &carol()).status, 503);
    assert_eq!((list(&mut client, "").0, mock.outbox().len()), (9, 0));
    assert_eq!(ask(&mut client, "POST", &users_path(PROJECT), &carol()).status, 503);
    assert_eq!((list(&mut client, "").0, mock.outbox().len()), (10, 1), "it was made all the same");
    assert_eq!([detail(&mut client, &user("0001")).status, detail(&mut client, &user("0400")).status], [500, 200]);
    let path = format!("{}/{}", users_path(PROJECT), user("0002"));
    let denied = ask(&mut client, "PUT", &path, &json!({ "description": "x" }));
    assert!(denied.status == 403 && denied.json()["encoded_authorization_message"].is_string(), "{denied:?}");
    client.send(format!("DELETE {path} HTTP/1.1\r\nHost: x\r\n{JSON}\r\n\r\n"));
    assert!(client.ends_by_reset());
    let mut client = Client::connect(mock.url());
    assert_eq!(detail(&mut client, &user("0002")).status, 404, "the user is gone, without a message");
    let entries = mock.requests();
    let slow = entries.iter().find(|entry| entry.operation.as_deref() == Some("ListUsers")).unwrap();
    assert_eq!(slow.decision.as_ref().unwrap().delay_ms, 9);
    let explained =
        client.get(&format!("/__admin/explain?operation=DeleteUser&project={PROJECT}&user={}", user("0001"))).json();
    assert_eq!(explained["calls"][0]["call"], 1, "{explained}");
}

#[test]
fn expectations_cover_created_and_deleted_users() {
    let mock = MockServer::builder().verify_on_drop(false).start_blocking().unwrap();
    let mut client = Client::connect(mock.url());
    let id = create(&mut client, &carol());
    client.get(&format!("{}?notification_type=email", reset_path(&id))).password();
    let path = format!("{}/{}", users_path(PROJECT), user("0001"));
    detail(&mut client, &user("0001"));
    ask(&mut client, "DELETE", &path, &Value::Null);
    let verdict = |client: &mut Client, expect: Value| {
        let answer = client.request("POST", "/__admin/verify", &[JSON], &json!({ "expect": expect }).to_string());
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.json()
    };
    let of = |operation: &str, more: Value| {
        let mut one = json!({ "name": operation, "when": { "operation": operation } });
        for (name, value) in more.as_object().unwrap() {
            one[name] = value.clone();
        }
        one
    };
    let all = verdict(
        &mut client,
        json!([
            of("CreateDesktopUser", json!({ "calls": { "min": 1, "max": 1 }, "ends_with": 201 })),
            of(
                "DeleteUser",
                json!({ "when": { "operation": "DeleteUser", "user": user("0001") }, "calls": { "min": 1, "max": 1 }, "ends_with": 204 })
            ),
            of("ListUserDetail", json!({ "statuses": [200] })),
            of(
                "ResetRandomPassword",
                json!({ "calls": { "min": 1, "max": 1 }, "notified": { "email": { "min": 2, "max": 2 } } })
            ),
        ]),
    );
    assert_eq!(all["passed"], true, "{all:#}");
    let failed = verdict(&mut client, json!([of("ResetRandomPassword", json!({ "calls": { "max": 0 } }))]));
    assert!(failed["expectations"][0]["nearest"].as_str().unwrap().starts_with(&id), "{failed:#}");
    let coverage = client.get("/__admin/coverage").json();
    let met = |operation: &str, status: u64| {
        let of = coverage["operations"].as_array().unwrap().iter().find(|one| one["operation"] == operation).unwrap();
        let row = of["statuses"].as_array().unwrap().iter().find(|row| row["status"] == status).unwrap();
        (row["count"].as_u64().unwrap(), row["users"].clone())
    };
    assert_eq!(met("DeleteUser", 204), (1, json!([{ "project": PROJECT, "user": user("0001") }])));
    assert_eq!(met("ResetRandomPassword", 200).0, 1);
}

#[test]
fn mail_without_a_reset_is_judged() {
    let mock = MockServer::builder().verify_on_drop(false).start_blocking().unwrap();
    let mut client = Client::connect(mock.url());
    let verdict = |client: &mut Client, bounds: Value| {
        let expect = json!({ "expect": [{ "name": "mailed", "notified": { "email": bounds } }] });
        client.request("POST", "/__admin/verify", &[JSON], &expect.to_string()).json()["expectations"][0].clone()
    };
    assert_eq!(verdict(&mut client, json!({ "min": 1 }))["nearest"], "no calls");
    create(&mut client, &carol());
    assert_eq!(verdict(&mut client, json!({ "min": 1 }))["passed"], true);
    let path = format!("{}/{}/actions", users_path(PROJECT), user("0002"));
    for _ in 0..3 {
        assert_eq!(ask(&mut client, "POST", &path, &json!({ "op_type": "RESET_PWD" })).status, 204);
    }
    let nearest = verdict(&mut client, json!({ "max": 1 }))["nearest"].take();
    assert_eq!(nearest, "api-test2 (…0002) was sent 3 e-mails: 2 too many");
}

#[test]
fn account_needs_action_and_project() {
    let mock = MockServer::builder().users("fixtures/accounts.json").auth(Auth::Required).start_blocking().unwrap();
    let mut client = Client::connect(mock.url());
    let ci = Signing {
        access: "CIACCESSKEY000000001",
        secret: "ciSecretKey00000000000000000000000000000001",
        ..Signing::default()
    };
    let reader = Signing {
        access: "READERACCESSKEY00001",
        secret: "readerSecretKey0000000000000000000000000001",
        ..Signing::default()
    };
    let mut status = |signing: &Signing<'_>, method: &str, path: &str, body: &str| {
        signing.send(&mut client, method, path, "", body).status
    };
    assert_eq!(status(&ci, "GET", "/v2/team-a/users", ""), 200);
    assert_eq!(status(&ci, "GET", "/v2/team-b/users", ""), 403);
    assert_eq!(status(&reader, "GET", "/v2/team-a/users", ""), 403);
    let path = format!("/v2/team-a/users/{}", user("0001"));
    assert_eq!(status(&reader, "PUT", &path, r#"{"description": "x"}"#), 403);
    assert_eq!(status(&ci, "PUT", &path, r#"{"description": "x"}"#), 200);
    assert_eq!(status(&reader, "DELETE", &path, ""), 403);
    assert_eq!(status(&ci, "DELETE", &path, ""), 204);
}

#[test]
fn created_users_are_bounded() {
    let mock = limited(|limits| limits.users_created_max = 2);
    let mut client = Client::connect(mock.url());
    let mut made =
        |name: &str| ask(&mut client, "POST", &users_path(PROJECT), &json!({ "user_name": name, "user_email": "c@x" }));
    assert_eq!([made("a").status, made("b").status], [201, 201]);
    let refused = made("c");
    assert!(refused.status == 400 && refused.error_msg().contains("User limit reached"), "{refused:?}");
}

#[test]
fn created_users_follow_a_large_population() {
    let users = r#"{"projects": [{"id": "p", "generate": {"count": 200000, "id_prefix": "g"}}]}"#;
    let mock = MockServer::builder().users_json(users).start_blocking().unwrap();
    let mut client = Client::connect(mock.url());
    for name in ["a", "b", "c"] {
        let body = json!({ "user_name": name, "user_email": "c@x" });
        assert_eq!(ask(&mut client, "POST", "/v2/p/users", &body).status, 201);
    }
    let last = ask(&mut client, "GET", "/v2/p/users?offset=200002", &Value::Null).json();
    assert_eq!((&last["total_count"], &last["users"][0]["user_name"]), (&json!(200_003), &json!("c")));
}

#[test]
fn clones_have_their_own_users() {
    let mock = MockServer::builder().clock(ClockMode::Manual).start_blocking().unwrap();
    let mut client = Client::connect(mock.url());
    for clone in ["one", "two"] {
        mock.clone_project_with(PROJECT, wksmock::CloneOptions::new().id(clone)).unwrap().keep();
    }
    let id = ask(&mut client, "POST", &users_path("one"), &carol()).json()["id"].as_str().unwrap().to_owned();
    let total = |client: &mut Client, project: &str| {
        ask(client, "GET", &users_path(project), &Value::Null).json()["total_count"].clone()
    };
    assert_eq!(
        [total(&mut client, PROJECT), total(&mut client, "one"), total(&mut client, "two")],
        [json!(9), json!(10), json!(9)]
    );
    let path = format!("{}?notification_type=email", reset_path(&id).replace(PROJECT, "one"));
    let password = client.get(&path).password();
    assert_eq!(create(&mut client, &carol()), id, "as its template would");
    assert_eq!(client.get(&format!("{}?notification_type=email", reset_path(&id))).password(), password);
    client.request("POST", "/__admin/reset", &[], r#"{"project": "one"}"#);
    assert_eq!([total(&mut client, PROJECT), total(&mut client, "one")], [json!(10), json!(9)]);
    mock.advance(Duration::from_secs(1));
}

/// A user of the model.
#[derive(Clone, Debug, PartialEq)]
struct Modelled {
    id: String,
    name: String,
    description: String,
    locked: bool,
}

/// An action on the users of a project.
#[derive(Clone, Debug)]
enum Step {
    Create(usize),
    Update(usize, u8),
    Delete(usize),
    Lock(usize, bool),
    Reset,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        4 => (0..6_usize).prop_map(Step::Create),
        3 => (0..8_usize, any::<u8>()).prop_map(|(who, what)| Step::Update(who, what)),
        3 => (0..8_usize).prop_map(Step::Delete),
        3 => (0..8_usize, any::<bool>()).prop_map(|(who, locked)| Step::Lock(who, locked)),
        1 => Just(Step::Reset),
    ];
    prop::collection::vec(step, 0..25)
}

const NAMES: [&str; 6] = ["ada", "Bob", "carol", "dave", "eve", "bob"];

fn loaded() -> Vec<Modelled> {
    let one = |id: &str, name: &str| Modelled {
        id: id.to_owned(),
        name: name.to_owned(),
        description: String::new(),
        locked: false,
    };
    vec![one("u1", "ada"), one("u2", "zoe")]
}

/// Performs a step on the server and in the model, which must agree on the result.
fn play(client: &mut Client, project: &str, model: &mut Vec<Modelled>, step: &Step) {
    let path = users_path(project);
    let id_at = |model: &[Modelled], at: usize| model.get(at).map_or("gone".to_owned(), |one| one.id.clone());
    match step {
        Step::Create(name) => {
            let name = NAMES[*name];
            let is_free = !model.iter().any(|one| one.name.eq_ignore_ascii_case(name));
            let answer = ask(client, "POST", &path, &json!({ "user_name": name, "user_email": "x@y" }));
            assert_eq!(answer.status, if is_free { 201 } else { 400 }, "{answer:?}");
            if is_free {
                let id = answer.json()["id"].as_str().unwrap().to_owned();
                assert!(!model.iter().any(|one| one.id == id));
                model.push(Modelled { id, name: name.to_owned(), description: String::new(), locked: false });
            }
        }
        Step::Update(at, what) => {
            let id = id_at(model, *at);
            let answer = ask(client, "PUT", &format!("{path}/{id}"), &json!({ "description": what.to_string() }));
            assert_eq!(answer.status, if *at < model.len() { 200 } else { 404 }, "{answer:?}");
            if let Some(one) = model.get_mut(*at) {
                one.description = what.to_string();
            }
        }
        Step::Delete(at) => {
            let id = id_at(model, *at);
            let answer = ask(client, "DELETE", &format!("{path}/{id}"), &Value::Null);
            assert_eq!(answer.status, if *at < model.len() { 204 } else { 404 }, "{answer:?}");
            if *at < model.len() {
                model.remove(*at);
            }
        }
        Step::Lock(at, locked) => {
            let id = id_at(model, *at);
            let action = json!({ "op_type": if *locked { "LOCK" } else { "UNLOCK" } });
            let answer = ask(client, "POST", &format!("{path}/{id}/actions"), &action);
            assert_eq!(answer.status, if *at < model.len() { 204 } else { 404 }, "{answer:?}");
            if let Some(one) = model.get_mut(*at) {
                one.locked = *locked;
            }
        }
        Step::Reset => {
            client.request("POST", "/__admin/reset", &[], &json!({ "project": project }).to_string());
            *model = loaded();
        }
    }
}

fn as_listed(client: &mut Client, project: &str) -> Vec<Modelled> {
    let listed = ask(client, "GET", &users_path(project), &Value::Null).json();
    let text = |user: &Value, field: &str| user[field].as_str().unwrap_or("").to_owned();
    let all = listed["users"].as_array().unwrap().iter().map(|user| Modelled {
        id: text(user, "id"),
        name: text(user, "user_name"),
        description: text(user, "description"),
        locked: user["locked"].as_bool().unwrap(),
    });
    let all: Vec<_> = all.collect();
    assert_eq!(listed["total_count"], all.len());
    all
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn any_sequence_matches_the_model_and_clones_stay_separate(first in steps(), second in steps()) {
        let users = r#"{"projects": [{"id": "p", "users": [
            {"id": "u1", "user_name": "ada", "user_email": "a@b"}, {"id": "u2", "user_name": "zoe", "user_email": "z@b"}]}]}"#;
        let mock = MockServer::builder().users_json(users).start_blocking().unwrap();
        let mut client = Client::connect(mock.url());
        for clone in ["one", "two"] {
            mock.clone_project_with("p", wksmock::CloneOptions::new().id(clone)).unwrap().keep();
        }
        let mut models = [loaded(), loaded()];
        let longest = first.len().max(second.len());
        for at in 0..longest {
            for ((project, steps), model) in [("one", &first), ("two", &second)].into_iter().zip(&mut models) {
                if let Some(step) = steps.get(at) {
                    play(&mut client, project, model, step);
                }
            }
        }
        for (project, model) in ["one", "two"].into_iter().zip(&models) {
            prop_assert_eq!(&as_listed(&mut client, project), model);
            for one in model {
                let path = reset_path(&one.id).replace(PROJECT, project);
                prop_assert_eq!(client.get(&format!("{path}?notification_type=email")).status, 200);
            }
        }
        prop_assert_eq!(as_listed(&mut client, "p"), loaded(), "nothing of it is in the template");
        mock.reset();
        for project in ["p", "one", "two"] {
            prop_assert_eq!(as_listed(&mut client, project), loaded());
        }
    }
}
