//! `openapi.json` matches the contract tables and the server, for the emulated API and the admin API. The Python suite
//! validates the document, and `tests/schemathesis` tries generated requests.

use crate::binary::Served;
use crate::client::{Answer, Client};
use crate::{PROJECT, reset_path, user};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use wksmock::MockServer;

#[test]
fn checked_in_document_matches_the_server() {
    let mock = MockServer::builder().start_blocking().unwrap();
    let said = Client::connect(mock.url()).get("/__admin/openapi.json");
    assert_eq!(said.status, 200);
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/openapi.json");
    // A server names its own address; the file names the default one.
    let itself = format!(
        r#""url": "{}",
      "description": "This server""#,
        mock.url()
    );
    assert!(said.body.contains(&itself), "{}", said.body);
    let usual = r#""url": "http://127.0.0.1:7070",
      "description": "wksmock serve""#;
    let said = said.body.replace(&itself, usual).replace(mock.url(), "http://127.0.0.1:7070");
    if std::env::var_os("UPDATE_OPENAPI").is_some() {
        std::fs::write(file, &said).unwrap();
    }
    let checked_in = std::fs::read_to_string(file).unwrap();
    assert!(said == checked_in, "openapi.json is stale; UPDATE_OPENAPI=1 cargo test openapi writes it");
}

/// A document, and the parts of it that were seen in answers.
pub(crate) struct Held {
    pub(crate) document: Value,
    /// Method, path and status.
    seen: BTreeSet<(String, String, u16)>,
}

impl Held {
    /// Reads the document of a server, with objects closed to undocumented members.
    pub(crate) fn of(client: &mut Client) -> Self {
        let mut document = client.get("/__admin/openapi.json").json();
        for schema in document["components"]["schemas"].as_object_mut().unwrap().values_mut() {
            close(schema);
        }
        Self { document, seen: BTreeSet::new() }
    }

    /// Takes a document as it is: an object may have members that it does not name.
    pub(crate) fn open(document: Value) -> Self {
        Self { document, seen: BTreeSet::new() }
    }

    fn operation(&self, method: &str, path: &str) -> &Value {
        let operation = &self.document["paths"][path][method.to_lowercase()];
        assert!(operation.is_object(), "{method} {path} is not in the document");
        operation
    }

    /// Whether a value fits a schema of the document.
    pub(crate) fn check(&self, schema: &Value, value: &Value, what: &str) {
        let schema = json!({ "allOf": [schema], "components": self.document["components"] });
        let schema = jsonschema::draft202012::new(&schema).unwrap();
        let wrong: Vec<_> =
            schema.iter_errors(value).map(|error| format!("{}: {error}", error.instance_path())).collect();
        assert!(wrong.is_empty(), "{what}: {wrong:#?} in {value:#}");
    }

    /// Whether the operation documents an answer.
    pub(crate) fn answered(&mut self, method: &str, path: &str, answer: &Answer) {
        let what = format!("{method} {path} → {}", answer.status);
        let responses = &self.operation(method, path)["responses"];
        let described = match &responses[answer.status.to_string()] {
            Value::Null => panic!("{what} is not documented: {answer:?}"),
            described => described,
        };
        for (name, header) in described["headers"].as_object().unwrap() {
            let value = answer.header(&name.to_lowercase()).unwrap_or_else(|| panic!("{what} has no {name}"));
            self.check(&header["schema"], &json!(value), &format!("{what}, {name}"));
        }
        match &described["content"] {
            Value::Null => assert_eq!(answer.body, "", "{what}"),
            content => {
                let media_type = answer.header("content-type").unwrap().split(';').next().unwrap();
                assert!(content[media_type].is_object(), "{what} is {media_type}");
                let is_json = media_type.ends_with("json");
                let body = if is_json { answer.json() } else { json!(answer.body) };
                self.check(&content[media_type]["schema"], &body, &what);
            }
        }
        self.seen.insert((method.to_owned(), path.to_owned(), answer.status));
    }

    /// Sends a request to the admin API and compares the answer with the document.
    fn ask(&mut self, client: &mut Client, asked: &str, body: &Value, status: u16) -> Answer {
        let (method, rest) = asked.split_once(' ').unwrap();
        let (template, filled) = rest.split_once(' ').unwrap_or((rest, rest));
        let (template, target) = (format!("/__admin/{template}"), format!("/__admin/{filled}"));
        let path = template.split('?').next().unwrap().to_owned();
        let text = if body.is_null() { String::new() } else { body.to_string() };
        let answer = client.request(method, &target, &[], &text);
        assert_eq!(answer.status, status, "{asked}: {answer:?}");
        let described = self.operation(method, &path).clone();
        let sent = &described["requestBody"]["content"]["application/json"]["schema"];
        if status < 400 && sent.is_object() && !body.is_null() {
            self.check(sent, body, asked);
        }
        self.answered(method, &path, &answer);
        answer
    }

    /// Returns the operations under a tag as method and path.
    fn tagged(&self, tag: &str) -> Vec<(String, String)> {
        let mut found = Vec::new();
        for (path, methods) in self.document["paths"].as_object().unwrap() {
            for (method, operation) in methods.as_object().unwrap() {
                if operation["tags"] == json!([tag]) {
                    found.push((method.to_uppercase(), path.clone()));
                }
            }
        }
        found
    }
}

/// Closes an object of the document to members that it does not name.
fn close(schema: &mut Value) {
    match schema {
        Value::Object(members) => {
            let is_object = members.get("type").is_some_and(|kind| kind == "object");
            if is_object && members.contains_key("properties") && !members.contains_key("additionalProperties") {
                members.insert("additionalProperties".to_owned(), json!(false));
            }
            members.values_mut().for_each(close);
        }
        Value::Array(elements) => elements.iter_mut().for_each(close),
        _ => {}
    }
}

#[test]
fn every_admin_response_fits_its_documentation() {
    let served = Served::start(&[]);
    let mut client = served.client();
    let mut held = Held::of(&mut client);
    let (first, second) = (user("0001"), user("0002"));
    let none = &Value::Null;
    let to_override = &json!({ "when": { "user": first }, "next": 2, "status": 503, "delay": { "fixed_ms": 1 } });
    let scenario = &json!({
        "name": "drill",
        "rules": [{ "name": "outage", "when": { "user": first, "calls": "1" }, "status": 503 }],
        "expect": [{ "name": "twice", "when": { "user": first }, "calls": { "min": 2 }, "statuses": [503, 200] }],
    });
    let project = &json!({ "from": PROJECT, "id": "clone-1", "account": "wksmock/developer" });
    // Provide all that lists and verdicts can show: calls, refusals, messages, tokens, a clone, overrides.
    held.ask(&mut client, "POST overrides", to_override, 201);
    held.ask(&mut client, "POST projects", project, 201);
    held.ask(&mut client, "POST projects", &json!({ "from": PROJECT }), 201);
    scenario_of_a_clone(&mut held, &mut client, scenario);
    for path in [reset_path(&first), reset_path(&first), reset_path("nobody"), "/nowhere".to_owned()] {
        client.get(&path);
    }
    let told = client.get(&format!("{}?notification_type=email,phone", reset_path(&second)));
    assert_eq!(told.status, 200);
    let login =
        held.document["paths"]["/v3/auth/tokens"]["post"]["requestBody"]["content"]["application/json"]["example"]
            .to_string();
    assert_eq!(client.request("POST", "/v3/auth/tokens", &[], &login).status, 201);
    read_everything(&mut held, &mut client);
    held.ask(&mut client, "PUT scenario", scenario, 200);
    held.ask(&mut client, "POST verify", none, 200);
    held.ask(&mut client, "GET scenario", none, 200);
    checks(&mut held, &mut client, scenario);
    let expect =
        &json!({ "project": PROJECT, "expect": [{ "name": "n", "when": { "user": first }, "ends_with": 200 }] });
    held.ask(&mut client, "POST verify?wait_ms=1", expect, 200);
    let beside = json!([{ "name": "beside", "when": { "user": first }, "calls": { "min": 9 } }]);
    held.ask(&mut client, "POST projects", &json!({ "from": PROJECT, "id": "short" }), 201);
    let ends = &json!({ "project": "short", "also_expect": beside, "delete": true });
    held.ask(&mut client, "POST verify?settle_ms=1", ends, 200);
    held.ask(&mut client, "GET coverage?project=clone-1", none, 200);
    held.ask(&mut client, "POST clock", &json!({ "advance_ms": 5 }), 200);
    held.ask(&mut client, "POST reset", &json!({ "project": "clone-1" }), 200);
    send_invalid_requests(&mut held, &mut client);
    held.ask(&mut client, "DELETE scenario", none, 204);
    let token = client.get("/__admin/tokens").json()["tokens"][0]["id"].as_str().unwrap().to_owned();
    held.ask(&mut client, &format!("DELETE tokens/{{id}} tokens/{token}"), none, 204);
    an_override(&mut held, &mut client);
    held.ask(&mut client, "DELETE overrides", none, 204);
    held.ask(&mut client, "DELETE projects/{id} projects/clone-1", none, 204);
    held.ask(&mut client, "DELETE requests", none, 204);
    held.ask(&mut client, "POST reset", none, 200);
    let missing: Vec<_> = undocumented_parameters(&mut held, &mut client);
    assert_eq!(missing, [""; 0]);
    held.ask(&mut client, "POST shutdown", none, 202);
    check_every_status(&held);
}

/// Reads every resource.
fn read_everything(held: &mut Held, client: &mut Client) {
    let (first, second, none) = (user("0001"), user("0002"), &Value::Null);
    for resource in ["health", "version", "users", "projects", "requests", "overrides", "scenario", "outbox", "tokens"]
    {
        held.ask(client, &format!("GET {resource}"), none, 200);
    }
    for resource in ["changes", "coverage", "clock", "openapi.json", "samples", "error-codes", "metrics"] {
        held.ask(client, &format!("GET {resource}"), none, 200);
    }
    // A stream has no end, so its head is read by HEAD; `events` compares its events with other resources.
    let answer = client.request("HEAD", "/__admin/events?since=0&kinds=request,reset", &[], "");
    held.answered("GET", "/__admin/events", &answer);
    held.ask(client, "GET users?limit=1", none, 200);
    held.ask(client, "GET accounts?search=dev", none, 200);
    held.ask(client, "GET requests?status=503&state=answered&operation=ResetRandomPassword", none, 200);
    held.ask(client, "GET requests/{index} requests/1", none, 200);
    send_tries(held, client);
    let password = format!("GET passwords/{{project}}/{{user}} passwords/{PROJECT}");
    for tail in [&first, &second, &format!("{first}?call=7")] {
        held.ask(client, &format!("{password}/{tail}"), none, 200);
    }
    let explain = format!("explain?project={PROJECT}&user={first}&next=3");
    held.ask(client, &format!("GET {explain}"), none, 200);
    held.ask(client, "GET explain?operation=GetCallerIdentity&account=developer", none, 200);
}

/// Fails unless each operation of the admin API has succeeded, and has given each documented status.
fn check_every_status(held: &Held) {
    for (method, path) in held.tagged("admin") {
        let worked = held.seen.iter().any(|(seen, at, status)| *seen == method && *at == path && *status < 400);
        assert!(worked, "{method} {path} was not seen to work");
        for status in held.operation(&method, &path)["responses"].as_object().unwrap().keys() {
            // Tests of `health` see a server that starts or drains; bounds of tokens, tries, verdicts and events have
            // their own tests.
            let elsewhere = [
                ("/__admin/health", "503"),
                ("/__admin/tokens/{id}", "409"),
                ("/__admin/verify", "503"),
                ("/__admin/try", "503"),
                ("/__admin/try", "409"),
                ("/__admin/events", "503"),
            ];
            let seen =
                held.seen.iter().any(|(seen, at, of)| *seen == method && *at == path && of.to_string() == *status);
            assert!(seen || status == "default" || elsewhere.contains(&(&path, status)), "{method} {path} → {status}");
        }
    }
}

/// Sets an override, changes it, writes it into a file, and ends it.
fn an_override(held: &mut Held, client: &mut Client) {
    let none = &Value::Null;
    held.ask(client, "POST overrides", &json!({ "status": 500 }), 201);
    let id = client.get("/__admin/overrides").json()["overrides"][0]["id"].clone();
    let one = format!("overrides/{{id}} overrides/{id}");
    held.ask(client, &format!("PUT {one}"), &json!({ "next": 1, "status": 503 }), 200);
    held.ask(client, &format!("PUT {one}"), &json!({ "unknown": 1 }), 422);
    held.ask(client, &format!("PUT {one}"), &json!({ "name": "magic 503", "status": 503 }), 409);
    held.ask(client, "PUT overrides/{id} overrides/99", &json!({ "status": 503 }), 404);
    let form = client.request("PUT", &format!("/__admin/overrides/{id}"), &["Content-Type: text/plain"], "{}");
    held.answered("PUT", "/__admin/overrides/{id}", &form);
    held.ask(client, "GET scenario/file", none, 409);
    held.ask(client, &format!("DELETE {one}"), none, 204);
    held.ask(client, "GET scenario/file", none, 200);
}

/// Checks scenarios beside the active one.
fn checks(held: &mut Held, client: &mut Client, scenario: &Value) {
    let check = format!("POST scenario/check scenario/check?project={PROJECT}&user={}&next=2", user("0001"));
    for checked in [json!({ "rules": [] }), scenario.clone(), scenario_with_rates()] {
        held.ask(client, &check, &checked, 200);
    }
}

/// A scenario with rates and warnings, and none with problems.
fn scenario_with_rates() -> Value {
    let rule = |name: &str, chance: f64| json!({ "name": name, "when": { "chance": chance }, "status": 503 });
    json!({ "rules": [rule("sometimes", 0.5), rule("never", 0.0)] })
}

fn scenario_of_a_clone(held: &mut Held, client: &mut Client, scenario: &Value) {
    held.ask(client, "POST projects", &json!({ "from": PROJECT, "id": "own", "scenario": scenario }), 201);
    held.ask(client, "PUT scenario?project=own", scenario, 200);
    held.ask(client, "GET scenario?project=own", &Value::Null, 200);
    held.ask(client, "DELETE scenario?project=own", &Value::Null, 204);
}

/// Tries requests that are answered, refused, and cut by a fault.
fn send_tries(held: &mut Held, client: &mut Client) {
    let tried = &json!({
        "operation": "ResetRandomPassword", "project": PROJECT, "user": user("0002"), "account": "wksmock/developer",
        "auth": "token", "parameters": { "notification_type": ["email", 1, true], "Content-Type": null }, "body": {},
        "timeout_ms": 5_000,
    });
    held.ask(client, "POST try", tried, 200);
    let rule = &json!({ "when": { "user": user("0001") }, "next": 1, "fault": "reset" });
    held.ask(client, "POST overrides", rule, 201);
    let reset = &json!({ "operation": "ResetRandomPassword", "project": PROJECT, "user": user("0001") });
    held.ask(client, "POST try", reset, 200);
    held.ask(client, "GET requests/{index} requests/1", &Value::Null, 200);
}

/// Sends every kind of refused request.
fn send_invalid_requests(held: &mut Held, client: &mut Client) {
    let none = &Value::Null;
    let unknown = &json!({ "unknown": 1 });
    for resource in
        ["POST projects", "POST overrides", "PUT scenario", "POST clock", "POST reset", "POST verify", "POST try"]
    {
        held.ask(client, resource, unknown, 422);
    }
    held.ask(client, "POST scenario/check", unknown, 200);
    for resource in [
        "POST projects",
        "POST overrides",
        "PUT scenario",
        "POST scenario/check",
        "POST clock",
        "POST reset",
        "POST verify",
        "POST try",
    ] {
        let (method, path) = resource.split_once(' ').unwrap();
        let path = format!("/__admin/{path}");
        let form = client.request(method, &path, &["Content-Type: text/plain"], "{}");
        assert_eq!(form.status, 415);
        held.answered(method, &path, &form);
    }
    for (asked, status) in [
        ("GET users?project=nowhere", 404),
        ("DELETE projects/{id} projects/nowhere", 404),
        ("GET requests/{index} requests/99999", 404),
        ("GET coverage?project=nowhere", 404),
        ("DELETE overrides/{id} overrides/99", 404),
        ("GET scenario?project=nowhere", 404),
        ("GET scenario/file?project=nowhere", 404),
        ("DELETE scenario?project=nowhere", 404),
        (&*format!("DELETE scenario?project={PROJECT}"), 409),
        ("GET passwords/{project}/{user} passwords/nowhere/nobody", 404),
        ("GET explain?project=nowhere&user=nobody", 404),
        ("DELETE tokens/{id} tokens/none", 404),
        (&*format!("DELETE projects/{{id}} projects/{PROJECT}"), 409),
    ] {
        held.ask(client, asked, none, status);
    }
    held.ask(client, "POST projects", &json!({ "from": "nowhere" }), 404);
    held.ask(client, "POST projects", &json!({ "from": PROJECT, "id": PROJECT }), 409);
    held.ask(client, "POST overrides", &json!({ "name": "outage", "status": 503 }), 409);
    held.ask(client, "POST clock", &json!({ "set_ms": 0 }), 409);
    held.ask(client, "PUT scenario?project=nowhere", &json!({ "rules": [] }), 404);
    held.ask(client, &format!("PUT scenario?project={PROJECT}"), &json!({ "rules": [] }), 409);
    held.ask(client, "POST scenario/check?project=nowhere", &json!({ "rules": [] }), 404);
    held.ask(client, "POST reset", &json!({ "project": "nowhere" }), 404);
    held.ask(client, "POST verify", &json!({ "project": "nowhere" }), 404);
    held.ask(client, "POST verify", &json!({ "project": PROJECT, "delete": true }), 409);
}

/// Operations whose documented query parameters differ from those that the server names in a refusal.
fn undocumented_parameters(held: &mut Held, client: &mut Client) -> Vec<String> {
    let mut found = Vec::new();
    for (method, path) in held.tagged("admin") {
        let target = path.replace("{project}", PROJECT).replace("{user}", &user("0001"));
        let target = target.replace("{id}", "1").replace("{index}", "1");
        let answer = client.request(&method, &format!("{target}?unknown=1"), &[], "");
        assert_eq!(answer.status, 400, "{method} {path}: {answer:?}");
        held.answered(&method, &path, &answer);
        let detail = answer.json()["detail"].as_str().unwrap().to_owned();
        let told = detail.split_once("expected one of ").map_or("", |(_, names)| names.trim_end_matches('.'));
        let parameters = held.operation(&method, &path)["parameters"].as_array().unwrap().iter();
        let in_query = parameters.filter(|parameter| parameter["in"] == "query");
        let named: Vec<_> = in_query.map(|parameter| parameter["name"].as_str().unwrap()).collect();
        let told: BTreeSet<_> = told.split(", ").filter(|name| !name.is_empty()).collect();
        if told != named.iter().copied().collect() {
            found.push(format!("{method} {path}: {named:?}, and the server says {detail}"));
        }
    }
    found
}

#[test]
fn document_has_every_admin_resource() {
    let mock = MockServer::builder().start_blocking().unwrap();
    let mut client = Client::connect(mock.url());
    let detail = client.get("/__admin/nothing").json()["detail"].as_str().unwrap().to_owned();
    let (_, told) = detail.split_once("There are, under /__admin/: ").unwrap();
    let told: BTreeSet<_> = told.trim_end_matches('.').split(", ").map(str::to_owned).collect();
    let held = Held::of(&mut client);
    let resources = held.tagged("admin").into_iter().map(|(_, path)| path.split('/').nth(2).unwrap().to_owned());
    assert_eq!(resources.collect::<BTreeSet<_>>(), told);
    // An undocumented method is refused with the documented ones.
    for (_, path) in held.tagged("admin") {
        let answer = client.request("PATCH", &path.replace(['{', '}'], ""), &[], "");
        let allowed: BTreeSet<_> = answer.header("allow").unwrap().split(", ").map(str::to_lowercase).collect();
        let documented = held.document["paths"][&path].as_object().unwrap();
        assert_eq!(allowed, documented.keys().cloned().collect(), "{path}");
    }
}

/// Builds a request from the examples of an operation.
pub(crate) fn example_of(operation: &Value, path: &str) -> (String, String) {
    let mut target = path.to_owned();
    for parameter in operation["parameters"].as_array().unwrap() {
        let text = match &parameter["example"] {
            Value::String(text) => text.clone(),
            example => example.to_string(),
        };
        let name = parameter["name"].as_str().unwrap();
        if parameter["in"] == "path" {
            target = target.replace(&format!("{{{name}}}"), &text);
        } else if !parameter["example"].is_null() {
            let sign = if target.contains('?') { '&' } else { '?' };
            target = format!("{target}{sign}{name}={text}");
        }
    }
    let body = &operation["requestBody"]["content"]["application/json"]["example"];
    (target, if body.is_null() { String::new() } else { body.to_string() })
}

/// Sends the examples of all operations, deletions last, and returns those without a success.
fn failing_examples(client: &mut Client) -> Vec<String> {
    let held = Held::of(client);
    let document = client.get("/__admin/openapi.json").json();
    let mut operations: Vec<_> = document["paths"]
        .as_object()
        .unwrap()
        .iter()
        .flat_map(|(path, methods)| methods.as_object().unwrap().iter().map(move |(method, one)| (method, path, one)))
        .collect();
    operations
        .sort_by_key(|(method, path, _)| (*method == "delete", path.starts_with("/__admin"), !path.ends_with('}')));
    let token = {
        let (target, body) = example_of(&document["paths"]["/v3/auth/tokens"]["post"], "/v3/auth/tokens");
        client.request("POST", &target, &[], &body).header("x-subject-token").map(str::to_owned)
    };
    let mut failed = Vec::new();
    // Skip the shutdown of the server, and the stream without an end.
    let is_left_out = |path: &str| path.ends_with("/shutdown") || path.ends_with("/events");
    for (method, path, operation) in operations.into_iter().filter(|(_, path, _)| !is_left_out(path)) {
        let (target, body) = example_of(operation, path);
        let subject = token.as_deref().map(|token| format!("X-Subject-Token: {token}"));
        let asks_about_a_token = operation["operationId"] == "KeystoneValidateToken";
        let lines: Vec<_> = subject.iter().map(String::as_str).filter(|_| asks_about_a_token).collect();
        let answer = client.request(&method.to_uppercase(), &target, &lines, &body);
        if answer.status >= 400 {
            failed.push(format!("{} {path}: {}", method.to_uppercase(), answer.status));
        } else if !path.starts_with("/__admin") {
            let responses = &held.document["paths"][path][method]["responses"];
            assert!(responses[answer.status.to_string()].is_object(), "{method} {path}: {answer:?}");
        }
    }
    failed
}

/// Ids that are made at run time cannot be known in examples.
const OF_RUN_TIME: [&str; 4] = [
    "PUT /__admin/overrides/{id}: 404",
    "DELETE /__admin/overrides/{id}: 404",
    "DELETE /__admin/projects/{id}: 404",
    "DELETE /__admin/tokens/{id}: 404",
];

#[test]
fn examples_succeed() {
    let mock = MockServer::builder().start_blocking().unwrap();
    assert_eq!(failing_examples(&mut Client::connect(mock.url())), OF_RUN_TIME);
}

#[test]
fn examples_name_loaded_users() {
    let users = r#"{"projects": [{"id": "empty", "users": []}, {"id": "p-1", "name": "eu-west-101",
        "users": [{"id": "ada", "user_name": "ada", "user_email": "ada@example.com"}]}],
        "accounts": [{"domain": "acme", "name": "ci", "password": "not-told"}]}"#;
    let mock = MockServer::builder().users_json(users).seed(7).start_blocking().unwrap();
    let mut client = Client::connect(mock.url());
    let document = client.get("/__admin/openapi.json").body;
    assert!(!document.contains("not-told") && !document.contains(PROJECT) && !document.contains(&user("0001")));
    // The password is hidden, so the example of a login has none, and no example token exists.
    let expected = ["POST /v3/auth/tokens: 401", "GET /v3/auth/tokens: 400"];
    let failed: BTreeSet<_> = failing_examples(&mut client).into_iter().collect();
    assert_eq!(failed, expected.iter().chain(&OF_RUN_TIME).map(|one| (*one).to_owned()).collect());
}
