//! The tables of fields in `docs/users-file.md` and `docs/scenario-file.md` match the schemas of the files.

use crate::written::{Words, check_parts, split_default, table};
use serde_json::Value;
use wksmock::{Limits, MockServer};

/// The section of a page for each object of its schema.
type Link = fn(&str) -> Option<&'static str>;

/// Pages with their schemas and the sections of the objects.
const PAGES: [(&str, &str, Link); 2] = [
    ("docs/users-file.md", "fixtures/users.schema.json", |schema| match schema {
        "Project" => Some("[project](#projects)"),
        "User" => Some("[user](#users)"),
        "Population" => Some("[object](#generate)"),
        "Account" => Some("[account](#accounts)"),
        _ => None,
    }),
    ("docs/scenario-file.md", "scenarios/scenario.schema.json", |schema| match schema {
        "Rule" => Some("[rule](#a-rule)"),
        "When" => Some("[conditions](#conditions-when)"),
        "Status" => Some("integer, 200 to 599"),
        "Delay" => Some("[delay](#delay)"),
        "Fault" => Some("[fault](#faults-on-the-wire)"),
        "Error" => Some("[object](#status-error-and-headers)"),
        "Down" => Some("[window](#down)"),
        "Window" => Some("`[from, to]`"),
        "Expectation" => Some("[expectation](#expectations)"),
        "ExpectWhen" => Some("[conditions](#whose-calls-are-judged)"),
        "Ids" => Some("string or list of strings"),
        _ => None,
    }),
];

fn file(name: &str) -> String {
    std::fs::read_to_string(std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).unwrap()
}

/// Builds the table of an object's fields: name, type, default, meaning.
fn fields(words: &Words<'_>, object: &Value) -> String {
    let required: Vec<_> = object["required"].as_array().into_iter().flatten().collect();
    let mut rows = Vec::new();
    for (name, field) in object["properties"].as_object().unwrap() {
        let about = words.about(field, name);
        let (about, default) = split_default(&about);
        let is_required = required.contains(&&Value::from(name.as_str()));
        let default = match (is_required, default) {
            (true, _) => "required".to_owned(),
            (false, Some(default)) => default.to_owned(),
            (false, None) => "none".to_owned(),
        };
        rows.push(vec![format!("`{name}`"), words.kind(field), default, about.to_owned()]);
    }
    table(&["field", "type", "default", "meaning"], &rows)
}

/// Builds the table of the faults without a response, or of the others.
fn faults(document: &Value, are_striking: bool) -> String {
    let rule = &document["$defs"]["Rule"];
    let striking = rule.pointer("/dependentSchemas/phase/anyOf/2/properties/fault/enum").unwrap().as_array().unwrap();
    let fault = &document["$defs"]["Fault"]["anyOf"];
    let plain = fault[0]["oneOf"].as_array().unwrap().iter().map(|kind| (&kind["const"], &kind["description"]));
    let objects = document["$defs"]["Dribbled"].as_object().unwrap();
    let name = objects["properties"].as_object().unwrap().keys().next().unwrap();
    let (name, about) = (Value::from(name.as_str()), &objects["description"]);
    let all = plain.chain([(&name, about)]);
    let rows = all.filter(|(name, _)| striking.contains(name) == are_striking);
    let cells =
        rows.map(|(name, about)| vec![format!("`{}`", name.as_str().unwrap()), about.as_str().unwrap().to_owned()]);
    table(&["fault", "meaning"], &cells.collect::<Vec<_>>())
}

#[test]
fn tables_match_the_schemas() {
    for (page, schema, link) in PAGES {
        let document: Value = serde_json::from_str(&file(schema)).unwrap();
        let words = Words { document: &document, link };
        let part = |name: &str| {
            if let Some(class) = name.strip_suffix(" faults") {
                return faults(&document, class == "striking");
            }
            let object = name.strip_prefix("fields of ").unwrap_or_else(|| panic!("{page}: {name}"));
            match object {
                "users" | "scenario" => fields(&words, &document),
                _ => fields(&words, &document["$defs"][object]),
            }
        };
        let names = check_parts(page, part);
        for (object, schema) in document["$defs"].as_object().unwrap() {
            let is_described = names.contains(&format!("fields of {object}"));
            assert!(is_described || schema["properties"].is_null() || link(object).is_none(), "{page}: {object}");
        }
    }
}

/// Formats a number like the pages.
fn number(text: &str) -> Option<u64> {
    text.replace(',', "").parse().ok()
}

#[test]
fn limits_named_on_pages_exist_with_their_defaults() {
    let pages = PAGES.map(|(page, ..)| page).into_iter().chain(["docs/scenario-errors.md"]);
    let mut defaults = 0;
    for page in pages {
        let text = file(page);
        for (at, _) in text.match_indices('`') {
            let Some((name, rest)) = text[at + 1..].split_once('`') else { continue };
            let found = Limits::default().get(name);
            assert!(found.is_some() || !name.ends_with("_max"), "{page}: {name}");
            let told = rest.strip_prefix(" (").and_then(|rest| rest.split(')').next()).and_then(number);
            if let (Some(default), Some(told)) = (found, told) {
                assert_eq!(told, default, "{page}: {name}");
                defaults += 1;
            }
        }
    }
    assert!(defaults > 5, "only {defaults} defaults");
}

/// Whether a scenario is valid.
fn is_taken(scenario: &str) -> bool {
    MockServer::builder().scenario_json(scenario).start_blocking().is_ok()
}

#[test]
fn fixed_bounds_match_the_page() {
    let page = file("docs/scenario-file.md");
    let bound = |what: &str| {
        let row = page.lines().find_map(|line| line.strip_prefix(&format!("| {what} | ")));
        usize::try_from(number(row.unwrap().trim_end_matches(" |")).unwrap()).unwrap()
    };
    let windows = |count: usize| {
        let all: Vec<_> =
            (0..count).map(|at| format!(r#"{{"time_ms": [{}, {}]}}"#, at + 90_000, at + 90_001)).collect();
        format!(r#"{{"rules": [], "down": [{}]}}"#, all.join(","))
    };
    let calls = |count: usize| {
        let all: Vec<_> = (1..=count).map(|at| (at * 2).to_string()).collect();
        format!(r#"{{"rules": [{{"name": "r", "status": 503, "when": {{"calls": "{}"}}}}]}}"#, all.join(","))
    };
    let of_error = |field: &str, count: usize| {
        format!(r#"{{"rules": [{{"name": "r", "status": 503, "error": {{"{field}": "{}"}}}}]}}"#, "x".repeat(count))
    };
    let [code, message] =
        ["code", "message"].map(|field| bound(&format!("characters of `{field}`, without `undocumented`")));
    for (most, more) in [
        (windows(bound("windows of `down`, in a file")), windows(bound("windows of `down`, in a file") + 1)),
        (calls(bound("pieces of `calls`")), calls(bound("pieces of `calls`") + 1)),
        (of_error("code", code), of_error("code", code + 1)),
        (of_error("message", message), of_error("message", message + 1)),
    ] {
        assert!(is_taken(&most) && !is_taken(&more), "{more:.200}");
    }
}
