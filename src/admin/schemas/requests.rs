//! The bodies of requests. The types are described, never made: the readers say more of a mistake than a type could.
#![allow(dead_code, reason = "a schema is made of these types, and nothing else is")]

use crate::admin::clock::FARTHEST_MS;
use crate::contract::Operation;
use crate::diagnostics::schema_of;
use crate::fixture::Id;
use crate::state::Credentials;
use schemars::JsonSchema;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

#[derive(JsonSchema)]
struct Requests(ClockMove, ResetRequest, VerifyRequest, CloneRequest, TryRequest, OverrideFlag, AnyText, NewOverride);

/// Where to move virtual time. Exactly one of the two fields.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, extend("oneOf" = [{ "required": ["advance_ms"] }, { "required": ["set_ms"] }]))]
struct ClockMove {
    /// Forward by this many milliseconds.
    #[schemars(range(max = FARTHEST_MS))]
    advance_ms: Option<u64>,
    /// To this many milliseconds after the start or the last reset.
    #[schemars(range(max = FARTHEST_MS))]
    set_ms: Option<u64>,
}

/// The project or clone to reset. No body resets everything.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct ResetRequest {
    /// The project or clone. Default: everything.
    project: Option<String>,
}

/// The expectations to judge. No body judges those in force.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct VerifyRequest {
    /// The project or clone whose calls are judged. Default: all.
    project: Option<String>,
    /// Expectations to judge instead of those in force.
    #[schemars(extend("items" = { "$ref": "#/$defs/Expectation" }))]
    expect: Option<Vec<Value>>,
    /// Expectations to judge beside those.
    #[schemars(extend("items" = { "$ref": "#/$defs/Expectation" }))]
    also_expect: Option<Vec<Value>>,
    /// Whether to delete the clone of `project` after the verdict. Default: false.
    delete: Option<bool>,
}

/// The clone to make.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct CloneRequest {
    /// The template: the id of a loaded project, or of a clone made from it.
    from: String,
    /// The id of the clone. Default: a new one.
    id: Option<Id>,
    /// An account to bind: its calls to the template happen in the clone.
    account: Option<String>,
    /// A scenario of its own, in place of the files'.
    #[schemars(extend("$ref" = "#/$defs/Scenario"))]
    scenario: Option<Value>,
}

/// The request to send.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct TryRequest {
    /// The operationId.
    #[schemars(extend("enum" = Operation::all().map(|operation| operation.id).collect::<Vec<_>>()))]
    operation: String,
    /// The project of the path, or of the token's scope.
    project: Option<String>,
    /// The user of the path, if the operation has one.
    user: Option<String>,
    /// The account that calls, as `domain/name` or by its name alone. Default: one that may.
    account: Option<String>,
    /// The credentials: a `signature` with the access key, a `token`, a `temporary` access key, `none`, or `wrong` ones.
    /// Default: `signature` if the account has an access key.
    #[schemars(extend("enum" = Credentials::NAMES))]
    auth: Option<String>,
    /// Further parameters by name: a value, a list of values to send it several times, or null to leave a header out.
    #[schemars(extend("additionalProperties" = json!({ "anyOf": [
        { "type": ["string", "number", "boolean", "null"] },
        { "type": "array", "items": { "type": ["string", "number", "boolean"] } },
    ] })))]
    parameters: Option<BTreeMap<String, Value>>,
    /// The body as JSON; null sends none. Default: none, except for a login or a temporary access key, where the server
    /// writes it.
    body: Option<Value>,
    /// The time to wait for the answer. Default and maximum: `try_time_ms`.
    #[schemars(range(min = 1))]
    timeout_ms: Option<u64>,
}

/// A rule in the form of `--fault`, for all projects or one.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct OverrideFlag {
    /// The rule as `TARGET=EFFECT`, as in `alice=503:1-2`. TARGET is a user or `*`. Errors have their place in this text.
    flag: String,
    /// The project or clone to which it applies. Default: all.
    project: Option<String>,
}

/// The text of a scenario. It may be incomplete or no JSON at all: then the answer says what is wrong.
#[derive(JsonSchema)]
struct AnyText(Value);

/// A rule, or a rule in the form of `--fault`.
#[derive(JsonSchema)]
#[schemars(extend("anyOf" = [{ "$ref": "#/$defs/OverrideRule" }, { "$ref": "#/$defs/OverrideFlag" }]))]
struct NewOverride(Value);

/// The schemas of the bodies, by name.
pub(super) fn schemas() -> Map<String, Value> {
    match schema_of::<Requests>().get_mut("$defs").map(Value::take) {
        Some(Value::Object(bodies)) => bodies,
        _ => Map::new(),
    }
}
