//! The tables and figures of the documentation match the server and the measurements.

use crate::client::Client;
use crate::pages::matches_pattern;
use crate::signer::{ACCESS, Signing, token};
use crate::{examples, reset_path, user};
use serde_json::Value;
use std::collections::BTreeSet;
use std::time::Duration;
use wksmock::{Auth, ClockMode, MockServer};

const README: &str = include_str!("../../README.md");
const CREDENTIALS: &str = include_str!("../../docs/credentials.md");
const DRILLS: &str = include_str!("../../docs/fault-drills.md");
const FIDELITY: &str = include_str!("../../docs/fidelity.md");
const OPERATIONS: &str = include_str!("../../docs/operations.md");
const RESULTS: &str = include_str!("../../bench/RESULTS.md");
const SDKS: &str = include_str!("../../docs/sdks.md");
const INCORRECT: &str = "Incorrect IAM authentication information: ";

/// Returns the rows of the table whose first column has this name.
fn table(page: &'static str, first: &str) -> Vec<Vec<&'static str>> {
    let start = format!("| {first} |");
    let rows = page.lines().skip_while(|line| !line.starts_with(&start)).take_while(|line| line.starts_with('|'));
    let cells = |row: &'static str| row.trim_matches('|').split(" | ").map(str::trim).collect();
    let rows: Vec<_> = rows.skip(2).map(cells).collect();
    assert!(!rows.is_empty(), "there is no table of {first}");
    rows
}

/// Returns the operations of the emulated API.
fn operations() -> Vec<Value> {
    let document: Value = serde_json::from_str(include_str!("../../openapi.json")).unwrap();
    let mut operations = Vec::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap().iter().filter(|_| !path.starts_with("/__admin")) {
            let mut operation = operation.clone();
            operation["request"] = format!("{} {path}", method.to_uppercase()).into();
            operations.push(operation);
        }
    }
    operations
}

#[test]
fn every_sdk_has_credentials_by_code_and_environment() {
    let header = SDKS.lines().find(|line| line.starts_with("| SDK |")).unwrap();
    assert_eq!(header, "| SDK | endpoint | credentials | IAM | region | from the environment |");
    let rows = table(SDKS, "SDK");
    let names: Vec<_> = rows.iter().map(|row| row[0]).collect();
    assert_eq!(names, ["Python", "Java", "Go", "Node", ".NET", "PHP", "C++", "Terraform"]);
    for row in &rows {
        assert!(row.len() == 6 && row.iter().all(|cell| !cell.is_empty()), "{row:?}");
    }
    // The documented output of `wksmock env` is its output.
    let text = SDKS.split_once("Credentials from the environment are").unwrap().1;
    let (text, _) = text.split_once("and none of Terraform's").unwrap();
    let names = text.split('`').filter(|name| name.starts_with("HUAWEICLOUD_")).collect::<BTreeSet<_>>();
    let (names, unset): (Vec<_>, Vec<_>) =
        names.into_iter().partition(|name| *name != "HUAWEICLOUD_SDK_CREDENTIALS_FILE");
    assert_eq!((names.len(), unset.len()), (5, 1), "{names:?}");
    let output = crate::binary::stdout(&crate::binary::run(&["env"]));
    for (name, is_printed) in names.iter().map(|name| (name, true)).chain(unset.iter().map(|name| (name, false))) {
        assert_eq!(output.lines().any(|line| line.starts_with(&format!("{name}="))), is_printed, "{name}: {output}");
    }
}

#[test]
fn operations_table_matches_the_contract() {
    let cell = |text: &str| format!("`{text}`");
    let mut known: Vec<_> = operations()
        .iter()
        .map(|operation| {
            let statuses = operation["responses"].as_object().unwrap();
            let success = statuses.keys().find(|status| status.starts_with('2')).unwrap();
            let action = operation["x-action"].as_str().map_or_else(|| "none".to_owned(), cell);
            let [id, request] = ["operationId", "request"].map(|field| cell(operation[field].as_str().unwrap()));
            [id, request, success.clone(), action]
        })
        .collect();
    let rows = table(OPERATIONS, "operationId");
    let mut told: Vec<_> = rows.iter().map(|row| [0, 1, 2, 3].map(|at| row[at].to_owned())).collect();
    known.sort();
    told.sort();
    assert_eq!(told, known);
}

#[test]
fn user_filters_table_is_complete() {
    let all = operations();
    let list = all.iter().find(|operation| operation["operationId"] == "ListUsers").unwrap();
    let parameters = list["parameters"].as_array().unwrap().iter();
    let known: BTreeSet<_> = parameters
        .filter(|parameter| parameter["in"] == "query")
        .map(|parameter| parameter["name"].as_str().unwrap())
        .collect();
    let rows = table(OPERATIONS, "query parameter of `ListUsers`");
    let told: BTreeSet<_> = rows.iter().flat_map(|row| row[0].split(", ")).map(|name| name.trim_matches('`')).collect();
    assert_eq!(told, known);
}

#[test]
fn assumptions_match_the_contract() {
    let all = operations();
    let mut known = String::new();
    for row in table(OPERATIONS, "operationId") {
        let id = row[0].trim_matches('`');
        let operation = all.iter().find(|operation| operation["operationId"] == id).unwrap();
        let lines: Vec<_> =
            operation["x-assumed"].as_array().unwrap().iter().map(|line| line.as_str().unwrap()).collect();
        if !lines.is_empty() {
            known.extend(["\n### `", id, "`\n\n"]);
            known.extend(lines.into_iter().flat_map(|line| ["- ", line, "\n"]));
        }
    }
    let (_, told) = FIDELITY.split_once("\n## Assumptions\n").unwrap();
    let (head, told) = told.split_once("\n###").unwrap();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        let (before, _) = FIDELITY.split_once("\n## Assumptions\n").unwrap();
        let page = format!("{before}\n## Assumptions\n{head}{known}");
        std::fs::write(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/fidelity.md"), page).unwrap();
    } else {
        let told = format!("\n###{told}");
        assert!(told == known, "UPDATE_DOCS=1 cargo nextest run tables:: writes docs/fidelity.md");
    }
}

#[test]
fn scenarios_table_is_complete() {
    let rows = table(DRILLS, "name");
    let told: BTreeSet<_> = rows.iter().map(|row| format!("{}.json", row[0].trim_matches('`'))).collect();
    assert_eq!(told, examples::names("scenarios").into_iter().collect());
}

/// Returns the last measurement of a figure; later sections compare and repeat.
fn measured(figure: &str) -> &'static str {
    let (figures, _) = RESULTS.split_once("\n## ").unwrap();
    let mut rows =
        figures.lines().filter_map(|line| line.strip_prefix("| ")?.strip_prefix(figure)?.strip_prefix(" | "));
    rows.next_back().unwrap_or_else(|| panic!("{figure} is not measured")).split(" | ").next().unwrap()
}

/// Returns the percentage by which a ratio exceeds 1.
fn percent_more(figure: &str) -> i64 {
    let ratio: f64 = measured(figure).trim_end_matches('×').parse().unwrap();
    #[expect(clippy::cast_possible_truncation, reason = "a small number")]
    let percent = (ratio * 100.0 - 100.0).round() as i64;
    percent
}

#[test]
fn readme_figures_match_the_measurements() {
    let one = percent_more("CPU a request, one keep-alive connection");
    let many = percent_more("CPU a request, 64 keep-alive connections");
    let (growth, requests) =
        ("growth over 1.1 million requests of mixed sizes, the journal full", "1.1 million requests");
    let growth = measured(growth);
    let rate = measured("requests/s, 64 keep-alive connections");
    let instructions = measured("instructions a request").trim_start_matches('+');
    let (_, plain) = RESULTS.split_once("loaded, the journal full (the plainest server: ").unwrap();
    let (plain, _) = plain.split_once(')').unwrap();
    let memory = measured("resident memory, loaded, the journal full");
    let (_, told) = README.split_once("\n## What it costs\n").unwrap();
    let told = told.split("\n## ").next().unwrap().replace('\n', " ");
    for sentence in [
        format!(
            "{one} % more processor time over one connection and {many} % more over 64, where it serves {rate} the"
        ),
        format!("{instructions} more instructions; and {memory} of memory under load, against {plain}."),
        format!("Memory grows by {growth} over {requests}, once the journal is full."),
    ] {
        assert!(told.contains(&sentence), "bench/RESULTS.md has: {sentence}");
    }
}

/// Returns the messages of a 401, each provoked in another way, in the order of the table.
fn refusals() -> Vec<String> {
    let mock = MockServer::builder().auth(Auth::Required).clock(ClockMode::Manual).token_ttl(Duration::from_mins(1));
    let mock = mock.start_blocking().unwrap();
    let mut client = Client::connect(mock.url());
    let path = reset_path(&user("0001"));
    let expired = format!("X-Auth-Token: {}", token(&mut client));
    mock.advance(Duration::from_mins(2));
    let json = "Content-Type: application/json";
    let signed = |lines: &[&str]| {
        let names = "Authorization: SDK-HMAC-SHA256 Access=WKSMOCKACCESSKEY0001, SignedHeaders=x-sdk-date, Signature=";
        let authorization = names.to_owned() + &"0".repeat(64);
        let lines: Vec<_> = [json, &authorization].iter().chain(lines).map(ToString::to_string).collect();
        lines
    };
    let lines = |signing: &Signing<'_>, host: &str| signing.lines(host, "GET", &path, "", "");
    let host = client.host.clone();
    let all = [
        vec![json.to_owned()],
        vec![json.to_owned(), "X-Auth-Token: MIIDx".to_owned()],
        vec![json.to_owned(), expired],
        lines(&Signing { access: "NOBODY", ..Signing::default() }, &host),
        lines(&Signing { secret: "another", ..Signing::default() }, &host),
        vec![json.to_owned(), format!("Authorization: SDK-HMAC-SHA256 Access={ACCESS}")],
        signed(&[]),
        lines(&Signing { skew: -901, ..Signing::default() }, &host),
    ];
    let mut message = |lines: &Vec<String>| {
        let lines: Vec<_> = lines.iter().map(String::as_str).collect();
        let answer = client.request("GET", &path, &lines, "");
        assert_eq!((answer.status, answer.error_code().as_str()), (401, "APIGW.0301"), "{answer:?}");
        answer.error_msg()
    };
    all.iter().map(&mut message).collect()
}

#[test]
fn refusals_table_matches_the_server() {
    let rows = table(CREDENTIALS, "what follows");
    let refusals = refusals();
    assert_eq!(rows.len(), refusals.len());
    for (row, message) in rows.iter().zip(refusals) {
        let told = row[0].trim_matches('`');
        let said = message.strip_prefix(INCORRECT).unwrap();
        let tail = said.split(". ").next().unwrap();
        assert!(matches_pattern(tail, told), "{told}: {said}");
    }
}
