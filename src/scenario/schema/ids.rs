//! How the files name operations, projects and users. The types are described, never made.
#![allow(dead_code, reason = "a schema is made of these types, and nothing else is")]

use crate::contract::{Operation, Scripted};
use crate::fixture::Id;
use schemars::JsonSchema;

/// An operation or message that a rule can match.
#[derive(JsonSchema)]
#[schemars(transparent, extend("enum" = Scripted::all().map(|operation| operation.id).collect::<Vec<_>>()))]
pub(super) struct ScriptableId(String);

/// An emulated operation.
#[derive(JsonSchema)]
#[schemars(transparent, extend("enum" = Operation::all().map(|operation| operation.id).collect::<Vec<_>>()))]
pub(super) struct OperationId(String);

/// An id or a list of ids.
#[derive(JsonSchema)]
#[schemars(untagged)]
pub(super) enum Ids {
    One(Id),
    Several(#[schemars(length(min = 1))] Vec<Id>),
}
