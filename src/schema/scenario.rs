//! What a scenario file may say. The types are described, never made.
#![allow(dead_code, reason = "a schema is made of these types, and nothing else is")]

use super::effects::{Delay, Fault, Window};
use super::expectation::Expectation;
use super::heading::{Heading, Id, PLAIN};
use crate::contract::{CODE_CHARS_MAX, MESSAGE_CHARS_MAX, OPERATIONS, RESET_RANDOM_PASSWORD};
use crate::scenario::{
    CALLS_PATTERN, FINAL_STATUSES, NAME_CHARS, Phase, REASON_CHARS_MAX, RESERVED_HEADERS, STATUSES_MAX, Then,
};
use schemars::{JsonSchema, Schema};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// The name of a header field.
pub(super) const TOKEN: &str = r"^[A-Za-z0-9!#$%&'*+.^_`|~-]+$";
/// What can be sent as the value of a header field: visible ASCII characters, and spaces between them.
const FIELD_VALUE: &str = r"^([!-~]([ -~\t]*[!-~])?)?$";

/// What the mock does to calls, and what the consumer must do. Several files are loaded together, in order.
#[derive(JsonSchema)]
#[schemars(title = "A scenario file of wksmock", deny_unknown_fields)]
pub(super) struct ScenarioFile {
    #[schemars(flatten)]
    heading: Heading,
    /// The scenario's name, for reports. Default: none.
    name: Option<String>,
    /// What the scenario is about, for people. Default: none.
    description: Option<String>,
    /// Rules in order. Each of status, delay and fault of a call is set by the first rule that matches and sets it.
    rules: Vec<Rule>,
    /// Windows of time in which the server is down: open connections are reset and new ones refused. Default: none.
    down: Option<Vec<Down>>,
    /// What the consumer must do; the verdict is in the reports. Default: nothing.
    expect: Option<Vec<Expectation>>,
}

/// A rule: which calls it is for, and what it sets.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, transform = what_goes_together)]
struct Rule {
    /// The rule's name, which reports give as the cause. No other rule of any loaded file has it.
    #[schemars(length(min = *NAME_CHARS.start(), max = *NAME_CHARS.end()), regex(pattern = PLAIN))]
    name: String,
    /// Conditions, every one of which must hold. Default: every call of every user.
    when: Option<When>,
    /// The status that is answered; 200 is the API's own behaviour. It is one that the operation documents, unless
    /// `undocumented` is true.
    status: Option<Status>,
    /// A status for the 1st, 2nd … of the calls that `calls` allows, for each user. Instead of `status`.
    #[schemars(length(min = 1, max = STATUSES_MAX))]
    sequence: Option<Vec<Status>>,
    /// What follows a sequence that is used up: later rules or the API's own behaviour (next), its last status (last), or
    /// the same again (restart).
    #[schemars(extend("enum" = Then::ALL.map(Then::name), "default" = Then::default().name()))]
    then: Option<String>,
    /// Whether a failure strikes before the password is reset, which then is not done, or after it, so that only the
    /// answer says otherwise. Only beside a status from 400 or a fault.
    #[schemars(extend("enum" = Phase::ALL.map(Phase::name), "default" = Phase::default().name()))]
    phase: Option<String>,
    /// What is other than usual in the error's body. Only beside a status from 400.
    error: Option<Error>,
    /// Header fields of the answer. Those that frame the message or identify it cannot be set. Default: none further.
    #[schemars(extend("propertyNames" = { "pattern": TOKEN, "not": { "pattern": reserved() } }))]
    headers: Option<BTreeMap<String, FieldValue>>,
    /// Whether a status that the operation does not document, a longer `error` and a `body` are allowed.
    #[schemars(extend("default" = false))]
    undocumented: Option<bool>,
    /// The body of the answer, as it is sent. Only with `undocumented`. Default: the documented one.
    body: Option<String>,
    /// How long the answer is held back, from the decision to its first byte. Default: not at all.
    delay: Option<Delay>,
    /// What goes wrong on the wire. Default: nothing.
    fault: Option<Fault>,
}

/// Conditions, every one of which must hold.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct When {
    /// The id of a project or a list of ids. Default: every project.
    project: Option<Ids>,
    /// The id of a user or a list of ids. Default: every user.
    user: Option<Ids>,
    /// The operation.
    #[schemars(extend("default" = RESET_RANDOM_PASSWORD.id))]
    operation: Option<OperationId>,
    /// Call numbers, counted from 1 for each user: "3", "1-2", "5-", "*/3" (3, 6, 9 …), or several with commas. Default:
    /// every call.
    #[schemars(regex(pattern = CALLS_PATTERN))]
    calls: Option<String>,
    /// How likely each call is met, drawn from the seed, from 0 (never) to 1 (always).
    #[schemars(range(min = 0, max = 1), extend("default" = 1))]
    chance: Option<f64>,
    /// When the call is counted. Default: at any time.
    time_ms: Option<Window>,
    /// Header fields of the request and the values that they must have. Default: any.
    #[schemars(extend("propertyNames" = { "pattern": TOKEN }))]
    header: Option<BTreeMap<String, String>>,
    /// Parameters of the query and the values that they must have, decoded. Default: any.
    query: Option<BTreeMap<String, String>>,
}

/// A status that ends an exchange.
#[derive(JsonSchema)]
#[schemars(transparent)]
pub(super) struct Status(#[schemars(range(min = *FINAL_STATUSES.start(), max = *FINAL_STATUSES.end()))] u16);

/// An operation that is emulated.
#[derive(JsonSchema)]
#[schemars(transparent, extend("enum" = OPERATIONS.iter().map(|operation| operation.id).collect::<Vec<_>>()))]
pub(super) struct OperationId(String);

/// The value of a header field.
#[derive(JsonSchema)]
#[schemars(transparent)]
struct FieldValue(#[schemars(regex(pattern = FIELD_VALUE))] String);

/// One id or a list of them.
#[derive(JsonSchema)]
#[schemars(untagged)]
pub(super) enum Ids {
    One(Id),
    Several(#[schemars(length(min = 1))] Vec<Id>),
}

/// What is other than usual in an error's body.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Error {
    /// `error_code`. Default: that of the status.
    #[schemars(length(max = REASON_CHARS_MAX))]
    code: Option<String>,
    /// `error_msg`. Default: that of the code.
    #[schemars(length(max = REASON_CHARS_MAX))]
    message: Option<String>,
    /// What is sealed into `encoded_authorization_message`. Default: none.
    #[schemars(length(max = REASON_CHARS_MAX))]
    reason: Option<String>,
}

/// A window of time in which the server is down.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Down {
    /// From when until when.
    time_ms: Window,
}

/// What a rule may say beside what. JSON Schema cannot say that an earlier rule takes all calls, or that an id is not loaded.
fn what_goes_together(schema: &mut Schema) {
    let of_calls = json!({ "properties": { "when": { "not": { "anyOf": [
        { "required": ["chance"] },
        { "required": ["time_ms"] },
        { "required": ["header"], "properties": { "header": { "minProperties": 1 } } },
        { "required": ["query"], "properties": { "query": { "minProperties": 1 } } },
    ] } } } });
    let failure = json!({ "minimum": 400 });
    let fails = json!([
        { "required": ["status"], "properties": { "status": failure } },
        { "required": ["sequence"], "properties": { "sequence": { "contains": failure } } },
    ]);
    let mut fails_or_faults = fails.clone();
    if let Value::Array(choices) = &mut fails_or_faults {
        choices.push(json!({ "required": ["fault"] }));
    }
    let statuses: BTreeSet<_> =
        OPERATIONS.iter().flat_map(|operation| operation.statuses).map(|row| row.status).collect();
    let documented = json!({ "enum": statuses });
    schema.insert("dependentRequired".to_owned(), json!({ "then": ["sequence"] }));
    schema.insert(
        "dependentSchemas".to_owned(),
        json!({
            "sequence": of_calls,
            "error": { "anyOf": fails },
            "phase": { "anyOf": fails_or_faults },
        }),
    );
    let facets = ["status", "sequence", "delay", "fault"].map(|facet| json!({ "required": [facet] }));
    schema.insert("anyOf".to_owned(), json!(facets));
    schema.insert("not".to_owned(), json!({ "required": ["status", "sequence"] }));
    schema.insert(
        "if".to_owned(),
        json!({ "not": { "required": ["undocumented"], "properties": { "undocumented": { "const": true } } } }),
    );
    schema.insert(
        "then".to_owned(),
        json!({ "properties": {
            "status": documented,
            "sequence": { "items": documented },
            "error": { "properties": {
                "code": { "maxLength": CODE_CHARS_MAX },
                "message": { "maxLength": MESSAGE_CHARS_MAX },
            } },
            "body": false,
        } }),
    );
}

/// The header fields that cannot be set, in whatever case: patterns have no flag for that.
fn reserved() -> String {
    let any_case = |letter: char| match letter {
        'a'..='z' => format!("[{}{letter}]", letter.to_ascii_uppercase()),
        other => other.to_string(),
    };
    let names = RESERVED_HEADERS.map(|name| name.chars().map(any_case).collect::<String>());
    format!("^({})$", names.join("|"))
}
