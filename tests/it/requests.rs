//! The journal in the admin API: the selected entries and their order.

use crate::client::Client;
use crate::{PROJECT, limited, reset_path, user};
use serde_json::{Value, json};
use wksmock::{ClockMode, MockServer};

fn indices(page: &Value) -> Vec<u64> {
    page["requests"].as_array().unwrap().iter().map(|entry| entry["index"].as_u64().unwrap()).collect()
}

fn requests(client: &mut Client, query: &str) -> Value {
    let answer = client.get(&format!("/__admin/requests?{query}"));
    assert_eq!(answer.status, 200, "{query}: {answer:?}");
    answer.json()
}

#[test]
fn requests_are_listed_newest_first_by_page() {
    let mock = limited(|limits| limits.journal_entries_max = 7);
    let mut client = Client::connect(mock.url());
    for _ in 0..9 {
        client.get(&reset_path(&user("0001")));
    }
    let first = requests(&mut client, "order=newest&limit=3");
    assert_eq!((indices(&first), &first["next"], &first["truncated"]), (vec![9, 8, 7], &json!(7), &json!(false)));
    // Later entries do not shift pages.
    client.get("/");
    let second = requests(&mut client, "order=newest&limit=3&before=7");
    assert_eq!((indices(&second), &second["next"]), (vec![6, 5, 4], &json!(0)), "4 is the oldest that is kept");
    assert_eq!((&second["truncated"], &second["dropped"]), (&json!(true), &json!(3)));
    let none = requests(&mut client, "order=newest&before=0");
    assert_eq!((indices(&none), &none["next"]), (vec![], &json!(0)));
    let filtered = requests(&mut client, "order=newest&state=rejected&limit=1");
    assert_eq!((indices(&filtered), &filtered["next"]), (vec![10], &json!(10)));
    assert_eq!(indices(&requests(&mut client, "order=oldest&limit=2")), [4, 5]);
    for wrong in ["order=latest", "order=newest&since=1", "before=3", "order=oldest&before=3", "order=newest&before=x"]
    {
        let answer = client.get(&format!("/__admin/requests?{wrong}"));
        assert_eq!(answer.status, 400, "{wrong}");
        let detail = answer.json()["detail"].to_string();
        assert!(["expected", "use since", "use before"].iter().any(|mend| detail.contains(mend)), "{detail}");
    }
}

#[test]
fn requests_are_found_by_rule_account_and_text() {
    let rules = r#"{"rules": [
        {"name": "outage", "when": {"calls": "1"}, "status": 503},
        {"name": "slow", "when": {"calls": "2"}, "delay": {"fixed_ms": 1}},
        {"name": "lost", "when": {"calls": "3"}, "fault": "truncated_body"}]}"#;
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("rules.json"), rules).unwrap();
    let users = json!({
        "projects": [{ "id": PROJECT, "users": [{ "id": user("0001") }, { "id": "Zoë 1" }] }],
        "accounts": [
            { "domain": "acme", "name": "ci", "password": "p" },
            { "domain": "umbra", "name": "aci", "password": "p" },
        ],
    });
    let mock = MockServer::builder().users_json(users.to_string()).scenario(folder.path().join("rules.json"));
    let mock = mock.instant_delays(true).start_blocking().unwrap();
    let mut client = Client::connect(mock.url());
    for _ in 0..3 {
        let mut client = Client::connect(mock.url());
        client.send(format!(
            "GET {} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nX-Trace: Blue-7\r\nConnection: close\r\n\r\n",
            reset_path(&user("0001"))
        ));
        client.rest();
    }
    for (domain, name) in [("acme", "ci"), ("umbra", "aci")] {
        let body = crate::signer::login_body(domain, name, "p", &json!({ "domain": { "name": domain } }));
        assert_eq!(client.request("POST", "/v3/auth/tokens", &[], &body).status, 201);
    }
    client.get(&reset_path("zo%C3%AB%201"));
    let mut found = |query: &str| indices(&requests(&mut client, query));
    assert_eq!(
        ["outage", "slow", "lost", "none"].map(|rule| found(&format!("rule={rule}"))),
        [vec![1], vec![2], vec![3], vec![]]
    );
    assert_eq!(
        ["acme%2Fci", "ci", "umbra/aci", "c", ""].map(|name| found(&format!("account={name}"))),
        [vec![4], vec![4], vec![5], vec![], vec![1, 2, 3, 6]]
    );
    let id = mock.requests()[1].request_id.clone().unwrap();
    assert_eq!(found(&format!("text={}", id[4..20].to_uppercase())), [2], "a part of a request id");
    assert_eq!(found("text=bLUE-7"), [1, 2, 3], "a header field");
    assert_eq!(found("text=AUTH/TOK"), [4, 5], "the target");
    assert_eq!(found("text=ZO%C3%8B"), [6], "the user, decoded");
    assert_eq!(found("text=UNKNOWN%20USER"), [6], "the problem");
    assert_eq!(found("text=nothing-like-it"), [0; 0]);
    assert_eq!(found("order=newest&text=blue&limit=2"), [3, 2]);
    assert_eq!(found("text=blue&rule=slow"), [2]);
}

#[test]
fn search_does_not_match_hidden_secrets() {
    let mock = MockServer::builder().start_blocking().unwrap();
    let mut client = Client::connect(mock.url());
    let body = crate::signer::login_body(
        "wksmock",
        "developer",
        "wksmock-password",
        &json!({ "domain": { "name": "wksmock" } }),
    );
    let token = client.request("POST", "/v3/auth/tokens", &[], &body);
    let token = token.header("x-subject-token").unwrap().to_owned();
    client.get(&format!("/oops/{token}"));
    assert_eq!(indices(&requests(&mut client, "text=oops")), [2]);
    assert_eq!(indices(&requests(&mut client, &format!("text={}", &token[..40]))), [0; 0]);
    assert_eq!(indices(&requests(&mut client, &format!("text={}", &token[60..100]))), [0; 0]);
}

/// Starts a server whose users have names and ends of ids in common, with three calls.
fn namesakes() -> (MockServer, Client) {
    let users = json!({ "projects": [
        { "id": PROJECT, "users": [{ "id": user("0001"), "user_name": "alice", "user_email": "a@example.com" },
            { "id": user("0002"), "user_email": "b@example.com" }, { "id": "0003" }] },
        { "id": "q", "users": [{ "id": "other-0002", "user_name": "bob" }, { "id": "x0003" }] },
    ] });
    let mock = MockServer::builder().users_json(users.to_string()).clock(ClockMode::Manual).start_blocking().unwrap();
    let mut client = Client::connect(mock.url());
    for end in ["0001", "0002"] {
        assert_eq!(client.get(&format!("{}?notification_type=email", reset_path(&user(end)))).status, 200);
    }
    client.get(&reset_path("nobody"));
    (mock, client)
}

#[test]
fn user_filters_take_a_name_or_the_end_of_an_id() {
    let (_mock, mut client) = namesakes();
    let id = user("0001");
    // An unknown text is searched literally.
    for (named, found) in
        [("0001", vec![1]), ("ALICE", vec![1]), (id.as_str(), vec![1]), ("bob", vec![]), ("nobody", vec![3])]
    {
        assert_eq!(indices(&requests(&mut client, &format!("user={named}"))), found, "{named}");
    }
    assert_eq!(indices(&requests(&mut client, &format!("user=0002&project={PROJECT}"))), [2]);
    let whole = client.get(&format!("/__admin/outbox?user={id}")).json();
    assert_eq!(client.get("/__admin/outbox?user=alice").json(), whole);
}

#[test]
fn ambiguous_user_filter_is_refused_unless_it_is_an_id() {
    let (_mock, mut client) = namesakes();
    for list in ["requests", "outbox"] {
        let several = client.get(&format!("/__admin/{list}?user=0002"));
        assert_eq!(several.status, 400, "{several:?}");
        let detail = several.json()["detail"].to_string();
        assert!(detail.contains("Several users match") && detail.contains("other-0002 (bob, project q)"), "{detail}");
        assert_eq!(client.get(&format!("/__admin/{list}?user=0003")).status, 200);
    }
}

#[test]
fn resources_of_a_user_answer_alike_for_every_name() {
    let (_mock, mut client) = namesakes();
    let id = user("0001");
    let paths = [
        format!("passwords/{PROJECT}/USER?call=3"),
        format!("explain?project={PROJECT}&user=USER"),
        format!("explain?project={PROJECT}&user=USER&operation=ListUserDetail"),
        format!("samples?project={PROJECT}&user=USER&language=curl"),
    ];
    for path in paths {
        let [by_id, by_name, by_end] = [id.as_str(), "alice", "0001"]
            .map(|named| client.get(&format!("/__admin/{}", path.replace("USER", named))));
        assert_eq!(by_id.status, 200, "{by_id:?}");
        assert_eq!([by_name.body, by_end.body], [by_id.body.clone(), by_id.body], "{path}");
    }
}

#[test]
fn created_users_are_found_by_id_name_and_end_of_id() {
    let (_mock, mut client) = namesakes();
    let created = json!({ "user_name": "carol", "user_email": "carol@example.com" });
    let answer = client.request("POST", &format!("/v2/{PROJECT}/users"), &[], &created.to_string());
    assert_eq!(answer.status, 201, "{answer:?}");
    let created = answer.json()["id"].as_str().unwrap().to_owned();
    client.get(&format!("{}?notification_type=email", reset_path(&created)));
    for named in [created.as_str(), "carol", &created[created.len() - 6..]] {
        assert_eq!(
            indices(&requests(&mut client, &format!("user={named}&operation=ResetRandomPassword"))),
            [5],
            "{named}"
        );
        assert_eq!(
            client.get(&format!("/__admin/passwords/{PROJECT}/{named}")).json()["current"]["call"],
            1,
            "{named}"
        );
    }
}
