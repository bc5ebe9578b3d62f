//! `docs/admin.md` matches the routes and schemas of the admin API and has a command for each; `pages` runs those.

use crate::client::Client;
use crate::written::{Mark, Words, check_parts, split_default, table};
use serde_json::Value;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use wksmock::{Limits, MockServer};

/// Reads the page at run time, so that editing it compiles nothing.
fn page() -> String {
    std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/admin.md")).unwrap()
}

/// The section, here or on another page, that describes a schema shared by several resources.
fn link(schema: &str) -> Option<&'static str> {
    Some(match schema {
        "Entry" => "[entry](#a-journal-entry)",
        "Body" => "[body](#a-body)",
        "Outcome" => "[outcome](#an-outcome)",
        "Message" => "[message](#a-message)",
        "Change" => "[change](#a-change)",
        "Override" => "[override](#an-override)",
        "Told" => "[mistake](#errors)",
        "Located" => "[located mistake](#a-located-mistake)",
        "OverrideRule" => "[rule](scenario-file.md#a-rule)",
        "NewOverride" => "[rule](scenario-file.md#a-rule), or a [flag](#a-flag)",
        "Scenario" => "[scenario](scenario-file.md)",
        "Expectation" => "[expectation](scenario-file.md#expectations)",
        "Id" => "string",
        _ => return None,
    })
}

fn document() -> Value {
    let mock = MockServer::builder().start_blocking().unwrap();
    Client::connect(mock.url()).get("/__admin/openapi.json").json()
}

/// The operations of the admin API, in the order of the document: method, path, operation.
fn operations(document: &Value) -> Vec<(String, &str, &Value)> {
    let mut all = Vec::new();
    for (path, methods) in
        document["paths"].as_object().unwrap().iter().filter(|(path, _)| path.starts_with("/__admin"))
    {
        for (method, operation) in methods.as_object().unwrap() {
            all.push((method.to_uppercase(), path.as_str(), operation));
        }
    }
    all
}

fn resource(path: &str) -> &str {
    path.split('/').nth(2).unwrap()
}

/// The table of contents.
fn contents(document: &Value) -> String {
    let row = |(method, path, operation): (String, &str, &Value)| {
        let resource = resource(path);
        let anchor = resource.replace('.', "");
        vec![
            format!("[{resource}](#{anchor})"),
            format!("`{method} {path}`"),
            format!("{}.", operation["summary"].as_str().unwrap()),
        ]
    };
    table(&["resource", "request", "meaning"], &operations(document).into_iter().map(row).collect::<Vec<_>>())
}

/// The table of metrics: name, type, labels, meaning.
fn metrics() -> String {
    let mock = MockServer::builder().start_blocking().unwrap();
    let mut client = Client::connect(mock.url());
    client.get("/v3/regions");
    let text = client.get("/__admin/metrics").body;
    let of = |kind: &str, name: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(&format!("# {kind} {name} ")));
        line.unwrap_or_else(|| panic!("{kind} of {name}")).trim_end_matches('.').to_owned()
    };
    let names = text.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split(' ').next());
    let rows = names.map(|name| {
        let samples = text.lines().filter(|line| line.starts_with(name) && !line.contains("le=\""));
        let labels: BTreeSet<_> = samples
            .filter_map(|line| line.split_once('{')?.1.split_once('}'))
            .flat_map(|(labels, _)| labels.split(',').map(|label| format!("`{}`", label.split('=').next().unwrap())))
            .collect();
        let labels = labels.into_iter().collect::<Vec<_>>().join(", ");
        vec![format!("`{name}`"), of("TYPE", name), labels, format!("{}.", of("HELP", name))]
    });
    table(&["metric", "type", "labels", "meaning"], &rows.collect::<Vec<_>>())
}

/// Describes a request: its effect, parameters, body and answers.
fn request(words: &Words<'_>, method: &str, path: &str, operation: &Value) -> String {
    let mut text = format!("### `{method} {path}`\n\n{}.", operation["summary"].as_str().unwrap());
    if let Some(more) = operation["description"].as_str() {
        write!(text, " {more}").unwrap();
    }
    text.push('\n');
    let parameters = operation["parameters"].as_array().unwrap().iter();
    let rows: Vec<_> = parameters.filter(|one| one["in"] == "query").map(|one| parameter(words, one)).collect();
    if !rows.is_empty() {
        write!(text, "\n{}", table(&["query parameter", "value", "default", "meaning"], &rows)).unwrap();
    }
    let body = &operation["requestBody"];
    if body.is_object() {
        let (schema, name) = words.resolved(&body["content"]["application/json"]["schema"]);
        let must = if body["required"] == true { "required" } else { "optional" };
        match name.and_then(link) {
            Some(link) => write!(text, "\nBody, {must}: a {link}.\n").unwrap(),
            None if schema["properties"].is_object() => {
                let rows = words.fields(schema, Mark::Required);
                write!(text, "\n{}", table(&[&format!("field of the body ({must})"), "type", "meaning"], &rows))
                    .unwrap();
            }
            None => write!(text, "\nBody, {must}: {}\n", schema["description"].as_str().unwrap()).unwrap(),
        }
    }
    write!(text, "\n{}", answers(words, operation)).unwrap();
    text
}

fn parameter(words: &Words<'_>, parameter: &Value) -> Vec<String> {
    let name = parameter["name"].as_str().unwrap();
    let schema = &parameter["schema"];
    let kind = match schema["pattern"].as_str() {
        _ if schema.is_null() => "JSON object".to_owned(),
        Some("^[0-9a-f]{32}$") => "32 hexadecimal digits".to_owned(),
        Some(names) => {
            let names = names.trim_start_matches("^(").split(')').next().unwrap().split('|');
            names.map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
        }
        None if name == "operation" => "operationId".to_owned(),
        None => words.kind(schema),
    };
    let (about, default) = split_default(parameter["description"].as_str().unwrap());
    vec![format!("`{name}`"), kind, default.unwrap_or("none").to_owned(), about.to_owned()]
}

/// Describes the answers, and the fields of a success.
fn answers(words: &Words<'_>, operation: &Value) -> String {
    let (mut rows, mut fields) = (Vec::new(), String::new());
    for (status, answer) in operation["responses"].as_object().unwrap() {
        let is_common = status == "default" || status == "400";
        if is_common {
            continue;
        }
        let mut meaning = answer["description"].as_str().unwrap().to_owned();
        let content = answer["content"].as_object().and_then(|content| content.iter().next());
        if let Some((media_type, content)) = content.filter(|_| status.starts_with('2')) {
            let (schema, name) = words.resolved(&content["schema"]);
            meaning = match name.and_then(link) {
                Some(link) => format!("The {link}."),
                None => schema["description"].as_str().unwrap().into(),
            };
            if media_type != "application/json" {
                write!(meaning, " (`{media_type}`)").unwrap();
            }
            if name.and_then(link).is_none() && schema["properties"].is_object() {
                let rows = words.fields(schema, Mark::Optional);
                fields = format!("\n{}", table(&["field of the answer", "type", "meaning"], &rows));
            }
        }
        rows.push(vec![status.clone(), meaning]);
    }
    format!("{}{fields}", table(&["answer", "meaning"], &rows))
}

#[test]
fn page_matches_routes_and_schemas() {
    let document = document();
    let words = Words { document: &document, link };
    let all = operations(&document);
    let part = |name: &str| {
        match name {
            "contents" => return contents(&document),
            "metrics" => return metrics(),
            _ => {}
        }
        if let Some(schema) = name.strip_prefix("fields of ") {
            let schema = &document["components"]["schemas"][schema];
            return table(&["field", "type", "meaning"], &words.fields(schema, Mark::Optional));
        }
        let found = all.iter().find(|(.., operation)| operation["operationId"] == name);
        let (method, path, operation) = found.unwrap_or_else(|| panic!("{name} is not an operation"));
        request(&words, method, path, operation)
    };
    let names = check_parts("docs/admin.md", part);
    let missing: Vec<_> = all
        .iter()
        .map(|(.., operation)| operation["operationId"].as_str().unwrap())
        .filter(|id| !names.contains(*id))
        .collect();
    assert!(missing.is_empty(), "not on the page: {missing:?}");
}

#[test]
fn every_request_has_a_command() {
    let document = document();
    let page = page();
    let commands: String = page
        .split("```console\n")
        .skip(1)
        .map(|rest| rest.split("```").next().unwrap())
        .collect::<String>()
        .replace("\\\n", " ");
    let commands: Vec<_> = commands.lines().filter(|line| line.starts_with("$ ")).collect();
    let mut missing = BTreeSet::new();
    for (method, path, _) in operations(&document) {
        let pieces: Vec<_> = path.split('/').collect();
        let is_it = |command: &&&str| {
            let explicit = command.split_once("-X ").map(|(_, rest)| rest.split(' ').next().unwrap());
            let has_body = command.contains(" -d ") && !command.contains(" -G ");
            let sent = explicit.unwrap_or(if has_body { "POST" } else { "GET" });
            command.split("127.0.0.1:7070/").skip(1).any(|target| {
                let target = target.split([' ', '?', '\'', '"']).next().unwrap();
                let own: Vec<_> = std::iter::once("").chain(target.split('/')).collect();
                let fits = |(piece, own): (&&str, &&str)| piece == own || piece.starts_with('{');
                sent == method && own.len() == pieces.len() && pieces.iter().zip(&own).all(fits)
            })
        };
        if !commands.iter().any(|command| is_it(&command)) {
            missing.insert(format!("{method} {path}"));
        }
    }
    assert!(missing.is_empty(), "without a command: {missing:#?}");
}

#[test]
fn limits_named_on_the_page_exist() {
    let document = document().to_string();
    let page = page();
    let names = page.split(['`', '.']).filter(|name| name.ends_with("_max") || name.len() > 3 && name.ends_with("_ms"));
    let unknown: BTreeSet<_> = names
        .filter(|name| {
            !Limits::ranges().iter().any(|range| range.name == *name) && !document.contains(&format!("\"{name}\""))
        })
        .collect();
    assert!(unknown.is_empty(), "{unknown:?}");
}
