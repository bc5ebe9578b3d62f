//! The schema of expectations. The types are described, never made.
#![allow(dead_code, reason = "a schema is made of these types, and nothing else is")]

use super::ids::{Ids, OperationId};
use super::requirements::shaped;
use crate::contract::Operation;
use crate::diagnostics::LINE_PATTERN;
use crate::scenario::{EXPECTATION_KINDS, NAME_CHARS};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::{Value, json};
use std::borrow::Cow;

/// An expectation: a name, the calls to judge, and at least one kind of requirement.
pub(super) struct Expectation;

/// A requirement of the consumer, judged for each user with calls, or for each user that `when` names.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct NameAndWhen {
    /// The name of the expectation, for reports.
    #[schemars(length(min = *NAME_CHARS.start(), max = *NAME_CHARS.end()), regex(pattern = LINE_PATTERN))]
    name: String,
    /// Which calls to judge. Default: all.
    when: Option<ExpectWhen>,
}

/// Which calls to judge.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct ExpectWhen {
    /// The id of a project or a list of ids. Default: every project.
    project: Option<Ids>,
    /// A user or a list of users, each by id, `user_name` or the end of the id; each is judged, even without calls. Default:
    /// every user with calls.
    user: Option<Ids>,
    /// The calling account, as domain/name or name, or a list of these. Default: any caller.
    account: Option<Ids>,
    /// The operation. Operations of IAM and STS have neither project nor user and are judged for each account.
    #[schemars(extend("default" = Operation::ResetRandomPassword.id))]
    operation: Option<OperationId>,
}

impl JsonSchema for Expectation {
    fn schema_name() -> Cow<'static, str> {
        "Expectation".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut schema = NameAndWhen::json_schema(generator);
        if let Some(Value::Object(properties)) = schema.get_mut("properties") {
            for kind in &EXPECTATION_KINDS {
                let mut field = shaped(kind.shape, generator);
                field.insert("description".to_owned(), kind.description.into());
                properties.insert(kind.field.to_owned(), field.into());
            }
        }
        // One that expects nothing could not fail.
        let one_of = EXPECTATION_KINDS.iter().map(|kind| json!({ "required": [kind.field] }));
        schema.insert("anyOf".to_owned(), one_of.collect());
        schema
    }
}
