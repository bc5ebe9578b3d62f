//! Lists of users and accounts in the admin API: which ones a search finds, and that no search takes long.

use crate::client::Client;
use crate::users::{ask, users_path};
use crate::{PROJECT, reset_path, user};
use serde_json::{Value, json};
use wksmock::MockServer;

fn page(client: &mut Client, path: &str) -> Value {
    let answer = client.get(&format!("/__admin/{path}"));
    assert_eq!(answer.status, 200, "{path}: {answer:?}");
    answer.json()
}

/// Returns one field of each element that a path lists.
fn each(client: &mut Client, path: &str, field: &str) -> Vec<String> {
    let list = path.split('?').next().unwrap();
    let page = page(client, path);
    let texts = page[list].as_array().unwrap().iter().map(|one| one[field].as_str().unwrap_or("-").to_owned());
    texts.collect()
}

#[test]
fn users_are_found_by_part_of_id_or_name_in_any_case() {
    let users = json!({ "projects": [
        { "id": "p", "users": [{ "id": "A-1", "user_name": "ada" }, { "id": "b-2", "user_name": "ZOË" }, { "id": "c-3" }] },
        { "id": "q", "users": [{ "id": "a-1", "user_name": "other" }], "generate": { "count": 3, "id_prefix": "load" } },
    ] });
    let mock = MockServer::builder().users_json(users.to_string()).start_blocking().unwrap();
    let mut client = Client::connect(mock.url());
    let mut found = |query: &str| each(&mut client, &format!("users?{query}"), "id");
    assert_eq!(found("search=a-1"), ["A-1", "a-1"]);
    assert_eq!(found("search=ZO%C3%AB"), ["b-2"]);
    assert_eq!(found("search=OTH&project=q"), ["a-1"]);
    assert_eq!(found("search=OTH&project=p"), [""; 0]);
    assert_eq!(found("search=00002"), ["load000002"]);
    assert_eq!(found("search="), found(""));
    assert_eq!(found("search=d&limit=1"), ["A-1"]);
    let first = page(&mut client, "users?search=load&limit=2");
    let second = page(&mut client, &format!("users?search=load&limit=2&cursor={}", first["next"]));
    assert_eq!((second["users"][0]["id"].as_str(), &second["next"]), (Some("load000002"), &Value::Null));
}

#[test]
fn users_show_their_difference_from_the_files() {
    let mock = MockServer::builder().start_blocking().unwrap();
    let mut client = Client::connect(mock.url());
    let carol = json!({ "user_name": "carol", "user_email": "c@x" });
    assert_eq!(ask(&mut client, "POST", &users_path(PROJECT), &carol).status, 201);
    let lock = json!({ "op_type": "LOCK" });
    let status = format!("{}/{}/actions", users_path(PROJECT), user("0001"));
    assert_eq!(ask(&mut client, "POST", &status, &lock).status, 204);
    for end in ["0001", "0503", "0503"] {
        client.get(&reset_path(&user(end)));
    }
    let found = |client: &mut Client, query: &str| {
        let page = page(client, &format!("users?{query}"));
        let fields = ["user_name", "state", "locked", "disabled", "calls", "current"];
        let shown = |one: &Value| fields.iter().map(|field| one[*field].clone()).collect::<Vec<_>>();
        page["users"].as_array().unwrap().iter().map(shown).collect::<Value>()
    };
    assert_eq!(found(&mut client, "state=changed"), json!([["api-test", "changed", true, false, 1, { "call": 1 }]]));
    assert_eq!(found(&mut client, "state=created"), json!([["carol", "created", false, false, 0, { "call": null }]]));
    assert_eq!(found(&mut client, "state=loaded&search=503"), json!([["magic-503", "loaded", false, false, 2, null]]));
    assert_eq!(found(&mut client, "state=loaded").as_array().unwrap().len(), 8);
    assert_eq!(found(&mut client, "").as_array().unwrap().len(), 10);
    // A clone has users of its own.
    let cloned = client.request("POST", "/__admin/projects", &[], &json!({ "from": PROJECT, "id": "c" }).to_string());
    assert_eq!(cloned.status, 201);
    assert_eq!(found(&mut client, "project=c&state=changed"), json!([]));
    assert_eq!(ask(&mut client, "POST", &status.replace(PROJECT, "c"), &lock).status, 204);
    assert_eq!(found(&mut client, "project=c&state=changed")[0][0], "api-test");
    assert_eq!(client.get("/__admin/users?state=gone").status, 400);
}

#[test]
fn search_of_many_users_does_bounded_work_per_page() {
    let users = json!({ "projects": [{ "id": "p", "generate": { "count": 250_000, "id_prefix": "load" } }] });
    let mock = MockServer::builder().users_json(users.to_string()).start_blocking().unwrap();
    let mut client = Client::connect(mock.url());
    let (mut cursor, mut found) = (json!(0), Vec::new());
    while !cursor.is_null() {
        let page = page(&mut client, &format!("users?search=99999&cursor={cursor}"));
        let ids = page["users"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap().to_owned());
        found.push(ids.collect::<Vec<_>>());
        cursor = page["next"].clone();
    }
    assert_eq!(found, [vec!["load099999"], vec!["load199999"], vec![]]);
    // No user was changed, so no user has to be visited.
    let none = page(&mut client, "users?state=changed");
    assert_eq!((&none["users"], &none["next"]), (&json!([]), &Value::Null));
}

#[test]
fn accounts_are_listed_without_secrets() {
    let users = json!({
        "projects": [{ "id": "p" }, { "id": "q" }],
        "accounts": [
            { "domain": "acme", "name": "ci", "password": "pass-5ec2e7", "access_key": "AKCI0000000000000001",
                "secret_key": "sk-5ec2e7-000000000000000000000000000001", "projects": ["q"],
                "permissions": ["workspace:users:*"] },
            { "domain": "acme", "name": "reader", "password": "pass-5ec2e7", "projects": [], "permissions": [] },
            { "domain": "Umbra", "name": "root", "password": "pass-5ec2e7" },
        ],
    });
    let mock = MockServer::builder().users_json(users.to_string()).start_blocking().unwrap();
    let mut client = Client::connect(mock.url());
    let all = client.get("/__admin/accounts");
    assert!(!all.body.contains("5ec2e7"), "{}", all.body);
    assert_eq!(
        all.json(),
        json!({ "next": null, "accounts": [
            { "domain": "acme", "name": "ci", "account": "acme/ci", "access_key": "AKCI0000000000000001",
                "projects": ["q"], "all_projects": false, "permissions": ["workspace:users:*"] },
            { "domain": "acme", "name": "reader", "account": "acme/reader", "access_key": null,
                "projects": [], "all_projects": false, "permissions": [] },
            { "domain": "Umbra", "name": "root", "account": "Umbra/root", "access_key": null,
                "projects": [], "all_projects": true, "permissions": null },
        ] })
    );
    let mut found = |query: &str| each(&mut client, &format!("accounts?{query}"), "account");
    assert_eq!(found("search=ACME/"), ["acme/ci", "acme/reader"]);
    assert_eq!(found("search=umb"), ["Umbra/root"]);
    assert_eq!(found("search=akci"), ["acme/ci"]);
    assert_eq!(found("search=5ec2e7"), [""; 0]);
    let first = page(&mut client, "accounts?limit=1&search=r");
    assert_eq!((&first["accounts"][0]["name"], &first["next"]), (&json!("reader"), &json!(2)));
    assert_eq!(page(&mut client, "accounts?limit=1&search=r&cursor=2")["accounts"][0]["name"], "root");
}
