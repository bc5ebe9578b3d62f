//! Walks the operations: each has a route, a contract row, a handler, a schema, coverage, a plan and an explanation. The
//! server lists them from its own enum, so a new one is tested without a change here.

use crate::binary::{self, run, stdout};
use crate::client::{Answer, Client};
use crate::openapi::{Held, example_of};
use serde_json::{Value, json};
use wksmock::MockServer;

/// An operation as the document describes it.
pub(crate) struct Documented {
    pub(crate) id: String,
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) object: Value,
}

/// Every operation that `explain` takes, which are all; panics for one that the document lacks.
pub(crate) fn operations(document: &Value) -> Vec<Documented> {
    let parameters = document["paths"]["/__admin/explain"]["get"]["parameters"].as_array().unwrap();
    let operation = parameters.iter().find(|parameter| parameter["name"] == "operation").unwrap();
    let ids: Vec<_> = operation["schema"]["enum"].as_array().unwrap().iter().map(|id| id.as_str().unwrap()).collect();
    assert!(ids.len() >= 18, "{ids:?}");
    let paths = document["paths"].as_object().unwrap();
    let find = |id: &str| {
        let mut all = paths.iter().flat_map(|(path, methods)| {
            methods.as_object().unwrap().iter().map(move |(method, object)| (method, path, object))
        });
        let found = all.find(|(.., object)| object["operationId"] == id);
        let (method, path, object) = found.unwrap_or_else(|| panic!("openapi.json lacks {id}"));
        Documented { id: id.to_owned(), method: method.to_uppercase(), path: path.clone(), object: object.clone() }
    };
    ids.into_iter().map(find).collect()
}

impl Documented {
    /// The documented statuses, the success first.
    fn statuses(&self) -> Vec<u16> {
        let keys = self.object["responses"].as_object().unwrap().keys();
        keys.filter(|status| *status != "default").map(|status| status.parse().unwrap()).collect()
    }

    fn success(&self) -> u16 {
        self.statuses()[0]
    }

    /// The query that names whose call `explain` shows.
    fn subject(&self) -> String {
        let of_path = |name: &str| self.path.contains(&format!("{{{name}}}"));
        let project = if of_path("project_id") { format!("&project={}", crate::PROJECT) } else { String::new() };
        let user = format!("&user={}", crate::user("0001"));
        project + if of_path("user_id") { &user } else { "&account=developer" }
    }

    /// Sends a valid request: the example of the document, and a token where a header field asks for one.
    fn call(&self, client: &mut Client, document: &Value) -> Answer {
        let (target, body) = example_of(&self.object, &self.path);
        let parameters = self.object["parameters"].as_array().unwrap();
        let headers =
            parameters.iter().filter(|parameter| parameter["in"] == "header" && parameter["required"] == true);
        let headers: Vec<_> = headers
            .map(|header| {
                let (target, body) = example_of(&document["paths"]["/v3/auth/tokens"]["post"], "/v3/auth/tokens");
                let login = client.request("POST", &target, &[], &body);
                format!("{}: {}", header["name"].as_str().unwrap(), login.header("x-subject-token").unwrap())
            })
            .collect();
        let lines: Vec<_> = headers.iter().map(String::as_str).collect();
        client.request(&self.method, &target, &lines, &body)
    }
}

/// Runs a check of every operation on a server of its own.
fn walk(check: impl Fn(&Documented, &mut Client, Held)) {
    let document = {
        let server = MockServer::builder().start_blocking().unwrap();
        Client::connect(server.url()).get("/__admin/openapi.json").json()
    };
    for operation in operations(&document) {
        let server = MockServer::builder().start_blocking().unwrap();
        let mut client = Client::connect(server.url());
        let held = Held::open(client.get("/__admin/openapi.json").json());
        check(&operation, &mut client, held);
    }
}

#[test]
fn every_operation_documents_statuses_and_fitting_examples() {
    walk(|operation, _, held| {
        let (id, statuses) = (&operation.id, operation.statuses());
        assert!(statuses[0] < 400 && statuses[1..].iter().all(|status| *status >= 400), "{id}: {statuses:?}");
        assert!(statuses.len() > 1, "{id}: {statuses:?}");
        let responses = operation.object["responses"].as_object().unwrap();
        let bodies = responses.values().chain([&operation.object["requestBody"]]);
        for content in bodies.map(|body| &body["content"]["application/json"]).filter(|content| content.is_object()) {
            // The example of the whole document has the examples of all statuses that are not the operation's.
            if !content["example"].is_null() {
                held.check(&content["schema"], &content["example"], id);
            }
        }
        let samples = operation.object["x-codeSamples"].as_array();
        assert!(samples.is_some_and(|samples| samples.len() > 1), "{id} has no samples");
    });
}

#[test]
fn every_operation_answers_a_valid_request_and_is_covered() {
    walk(|operation, client, mut held| {
        let id = &operation.id;
        let answer = operation.call(client, &held.document);
        assert_eq!(answer.status, operation.success(), "{id}: {answer:?}");
        held.answered(&operation.method, &operation.path, &answer);
        // The journal says which operation the path and the method led to.
        let entries = client.get("/__admin/requests").json()["requests"].clone();
        let entry = entries.as_array().unwrap().last().unwrap();
        assert_eq!((&entry["operation"], &entry["call"]), (&json!(id), &json!(1)), "{entry:#}");
        let coverage = client.get("/__admin/coverage").json();
        let all = coverage["operations"].as_array().unwrap();
        let row = all.iter().find(|row| row["operation"] == *id).unwrap_or_else(|| panic!("{id} is not covered"));
        let statuses = row["statuses"].as_array().unwrap();
        let listed: Vec<_> = statuses.iter().map(|status| status["status"].as_u64().unwrap()).collect();
        assert!(operation.statuses().into_iter().map(u64::from).eq(listed.iter().copied()), "{id}: {listed:?}");
        assert_eq!((&statuses[0]["met"], &statuses[0]["count"]), (&json!(true), &json!(1)), "{id}");
        let (target, _) = example_of(&operation.object, &operation.path);
        let wrong = client.request("TRACE", &target, &[], "");
        let allowed = wrong.header("allow").unwrap_or_else(|| panic!("{id}: {wrong:?}"));
        assert!(wrong.status == 405 && allowed.split(", ").any(|method| method == operation.method), "{id}: {allowed}");
    });
}

#[test]
fn every_operation_is_planned_and_explained() {
    walk(|operation, client, _| {
        let (id, success) = (&operation.id, json!(operation.success()));
        let plan = run(&["plan", "--operation", id, "--calls", "1", "--format", "json"]);
        assert!(plan.status.success(), "{}", binary::stderr(&plan));
        let plan: Value = serde_json::from_str(&stdout(&plan)).unwrap();
        assert_eq!((&plan["calls"][0]["call"], &plan["calls"][0]["outcome"]["status"]), (&json!(1), &success), "{id}");
        // A rule for the operation alone shows in the explanation, so the operation is the one that was asked for.
        let rule = json!({ "name": "only", "when": { "operation": id, "calls": "2" }, "status": 500 });
        assert_eq!(client.post("overrides", &rule).status, 201, "{id}");
        let explained = client.get(&format!("/__admin/explain?operation={id}{}&call=1&next=2", operation.subject()));
        assert_eq!(explained.status, 200, "{id}: {explained:?}");
        let calls = explained.json()["calls"].clone();
        let statuses = [0, 1].map(|call| calls[call]["outcome"]["status"].clone());
        assert_eq!(statuses, [success, json!(500)], "{id}: {calls:#}");
    });
}
