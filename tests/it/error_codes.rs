//! `docs/errors.md` matches the contract, and each of its commands provokes its error.

use crate::binary::Served;
use crate::client::Client;
use crate::pages::in_shell;
use crate::{reset_path, user};
use serde_json::Value;
use std::collections::BTreeSet;
use wksmock::{Auth, MockServer};

const PAGE: &str = include_str!("../../docs/errors.md");
const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/errors.md");
const HEAD: &str = "# Error codes

Every error that the emulated API can answer: its message, when it is given, what to do, and a command that provokes it. Codes and
statuses are the vendor's, messages are ours. [`GET /__admin/error-codes`](admin.md#error-codes) has the same; with
`--explain-header`, each answer with an error links its entry in `X-Wksmock-Error`. Errors of the admin API itself are
[problems](admin.md#errors).

| from | body |
| --- | --- |
| service | `error_code` and `error_msg` |
| gateway | the same; with `--fidelity observed` also `request_id` |
| keystone | `{\"error\": {\"code\", \"message\", \"title\"}}`, with the status as code |

A rule may answer any of these. With `--auth off` no credentials are checked, so none are refused. In the journal, `problem` of an
entry has more than the message: what to do on this server.

";

/// Returns the explanation of each message of this error.
const MORE_ON_401: &str = " [Every 401](credentials.md#every-401) explains each message.";

fn served(query: &str) -> Vec<Value> {
    let mock = MockServer::builder().start_blocking().unwrap();
    let answer = Client::connect(mock.url()).get(&format!("/__admin/error-codes{query}"));
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()["error_codes"].as_array().unwrap().clone()
}

/// Builds the page from the served error codes.
fn page() -> String {
    let text = |code: &Value, field: &str| code[field].as_str().unwrap().to_owned();
    let (mut table, mut entries) = (Vec::new(), Vec::new());
    for code in served("") {
        let (name, status, from) = (text(&code, "code"), code["status"].to_string(), text(&code, "from"));
        let anchor = format!("{status}-{}", name.to_lowercase().replace('.', ""));
        let operations: Vec<_> = code["operations"].as_array().unwrap().iter().map(|id| id.as_str().unwrap()).collect();
        let documented = match operations.as_slice() {
            [] => "No operation documents it.".to_owned(),
            ids => format!("Documented for {}.", ids.iter().map(|id| format!("`{id}`")).collect::<Vec<_>>().join(", ")),
        };
        let [message, when, remedy, provoke] = ["message", "when", "remedy", "provoke"].map(|field| text(&code, field));
        table.push(format!("| [{status} `{name}`](#{anchor}) | {from} | {when} |\n"));
        let more = if name == "APIGW.0301" { MORE_ON_401 } else { "" };
        entries.push(format!(
            "\n## {status} `{name}`\n\n\"{message}\"\n\n- When: {when}\n- What to do: {remedy}{more}\n- {documented}\n\n\
             ```console\n$ {provoke}\n```\n"
        ));
    }
    format!("{HEAD}| code | from | when |\n| --- | --- | --- |\n{}{}", table.concat(), entries.concat())
}

#[test]
fn page_matches_the_contract() {
    let page = page();
    if std::env::var_os("UPDATE_ERRORS").is_some() {
        std::fs::write(FILE, &page).unwrap();
    } else {
        assert!(PAGE == page, "UPDATE_ERRORS=1 cargo nextest run error_codes writes docs/errors.md");
    }
}

#[test]
fn every_command_provokes_its_error() {
    let all = served("");
    assert!(all.len() > 25);
    std::thread::scope(|scope| {
        // Two at once: most of the time is the start of a process. Commands that write the shared file take turns.
        let (apart, sharing): (Vec<_>, Vec<_>) =
            all.iter().partition(|code| !code["provoke"].as_str().unwrap().contains("target/"));
        for some in [apart, sharing] {
            scope.spawn(move || some.into_iter().for_each(provoke));
        }
    });
}

fn provoke(code: &Value) {
    let (name, status) = (code["code"].as_str().unwrap(), &code["status"]);
    let printed = in_shell(code["provoke"].as_str().unwrap());
    let (body, rest) = printed.rsplit_once(&format!(" {status}")).unwrap_or_else(|| panic!("{code} {printed}"));
    assert!(!rest.contains('{'), "{code} {printed}");
    // A response to HEAD would have no body.
    let body: Value = serde_json::from_str(body).unwrap_or_else(|_| panic!("{code} {printed}"));
    let found = body["error_code"].as_str().map_or_else(|| body["error"]["code"].to_string(), str::to_owned);
    assert_eq!(found, name, "{printed}");
}

#[test]
fn journal_filters_by_code_and_status() {
    let statuses = |query: &str| served(query).iter().map(|code| code["status"].as_u64().unwrap()).collect::<Vec<_>>();
    assert_eq!(statuses("?code=APIGW.0201&status=413"), [413]);
    assert_eq!(statuses("?code=WKS.00170117"), [400]);
    assert_eq!(statuses("?code=nothing"), [0; 0]);
    let mock = MockServer::builder().start_blocking().unwrap();
    let mut client = Client::connect(mock.url());
    for wrong in ["?status=x", "?name=a"] {
        assert_eq!(client.get(&format!("/__admin/error-codes{wrong}")).status, 400);
    }
    assert_eq!(client.request("POST", "/__admin/error-codes", &[], "").status, 405);
}

#[test]
fn errors_link_to_their_explanation_if_enabled() {
    let start = |shall| {
        MockServer::builder().auth(Auth::Required).explain_header(shall).fault("*=503:1").start_blocking().unwrap()
    };
    let (plain, explaining) = (start(false), start(true));
    let off = MockServer::builder().auth(Auth::Off).explain_header(true).fault("*=503:1").start_blocking().unwrap();
    let own = r#"{"rules": [{"name": "own", "status": 500, "error": {"code": "OWN.1"}}]}"#;
    let own = MockServer::builder().scenario_json(own).explain_header(true).start_blocking().unwrap();
    let link = |mock: &MockServer, path: &str| {
        let answer = Client::connect(mock.url()).get(path);
        answer.header("x-wksmock-error").map(str::to_owned)
    };
    let path = reset_path(&user("0001"));
    let of = |code: &str, status: u16| Some(format!("/__admin/error-codes?code={code}&status={status}"));
    assert_eq!(link(&explaining, &path), of("APIGW.0301", 401));
    assert_eq!(link(&explaining, "/nowhere"), of("APIGW.0101", 404));
    assert_eq!(link(&off, &path), of("WKS.00050902", 503));
    assert_eq!(link(&off, &path), None, "no error");
    assert_eq!(link(&off, "/v3/projects?page=0"), of("400", 400));
    assert_eq!(link(&own, &path), None, "not one of these");
    assert_eq!(link(&plain, "/nowhere"), None);
    let without = Served::start(&["--explain-header", "--no-admin"]);
    assert_eq!(without.client().get("/nowhere").header("x-wksmock-error"), None, "it would lead nowhere");
    let found: BTreeSet<_> =
        served("?code=APIGW.0301&status=401").iter().map(|code| code["code"].to_string()).collect();
    assert_eq!(found.len(), 1);
}
