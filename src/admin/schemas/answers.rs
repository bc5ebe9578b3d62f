//! The schemas of answers, made from the types that are serialised.

use super::{COMPONENTS, refer, requests};
use crate::admin::events::{ResetEvent, TruncatedEvent};
use crate::admin::{
    accounts, check, clock, error_codes, explain, health, overrides, passwords, problem, projects, reset, samples,
    scenario, tokens, tried, users, verify, version,
};
use crate::diagnostics::{for_readers, never_null};
use crate::report::Coverage;
use crate::state::{Change, ChangePage, Entry, Message, MessagePage, Page};
use schemars::Schema;
use schemars::generate::SchemaSettings;
use schemars::transform::RecursiveTransform;
use serde_json::{Map, Value, json};

/// The types that answers and events are made of, beside those that they contain.
type Answers = (
    (health::Health, version::Version, clock::Clock, reset::Reset, problem::ShownProblem<'static>),
    (scenario::ScenarioTaken, scenario::Scenarios<'static>, check::ScenarioCheck, overrides::OverrideList<'static>),
    (Page, Entry, MessagePage, Message, ChangePage, Change, ResetEvent<'static>, TruncatedEvent),
    (
        verify::ShownVerdict<'static>,
        Coverage,
        passwords::UserPassword,
        explain::Explanation,
        tried::ShownTrial<'static>,
    ),
    (users::UserPage, accounts::AccountPage<'static>, projects::ProjectPage<'static>, projects::MadeClone<'static>),
    (tokens::TokenList, samples::SampleList, error_codes::ErrorCodeList),
);

/// The schemas of answers and of bodies, by name.
fn bodies() -> Map<String, Value> {
    let mut all = requests::schemas();
    all.values_mut().for_each(refer);
    let settings = SchemaSettings::draft2020_12().for_serialize().with_transform(RecursiveTransform(tidy));
    let mut generator = settings.with(|settings| settings.definitions_path = COMPONENTS.into()).into_generator();
    generator.subschema_for::<Answers>();
    all.extend(generator.take_definitions(true));
    all
}

/// Makes a schema say what JSON has: null instead of `None`, and no formats, which no standard has. A field that may be absent
/// is null only where its description says when. Of a description, the first paragraph is kept.
fn tidy(schema: &mut Schema) {
    if schema.remove("format").is_some_and(|format| format == "uint8" || format == "uint16") {
        schema.remove("maximum");
    }
    let required = schema.get("required").cloned().unwrap_or_default();
    let is_required = |name: &str| required.as_array().is_some_and(|names| names.iter().any(|one| one == name));
    for (name, field) in schema.get_mut("properties").and_then(Value::as_object_mut).into_iter().flatten() {
        let names_null = field["description"].as_str().is_some_and(|text| text.contains("`None`"));
        if let (Value::Object(field), false) = (field, names_null || is_required(name)) {
            never_null(field);
        }
    }
    if let Some(Value::String(text)) = schema.get_mut("description") {
        let first = text.split("\n\n").next().unwrap_or_default();
        *text = first.replace('\n', " ").replace("`None`", "null");
    }
    if let Some(Value::Array(types)) = schema.get("type")
        && let [kind, null] = &types[..]
        && null == "null"
    {
        let kind = kind.clone();
        let description = schema.remove("description");
        schema.insert("type".to_owned(), kind);
        let either = json!({ "anyOf": [std::mem::take(schema.ensure_object()), { "type": "null" }] });
        schema.ensure_object().extend(description.map(|text| ("description".to_owned(), text)));
        if let Value::Object(either) = either {
            schema.ensure_object().extend(either);
        }
    }
    for_readers(schema);
}

#[test]
fn file_has_the_schemas_of_the_types() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/src/admin/schemas/bodies.json");
    let made = serde_json::to_string_pretty(&bodies()).unwrap() + "\n";
    if std::env::var_os("UPDATE_SCHEMAS").is_some() {
        std::fs::write(path, &made).unwrap();
    }
    assert!(std::fs::read_to_string(path).unwrap() == made, "bodies.json is stale: UPDATE_SCHEMAS=1 writes it");
}
