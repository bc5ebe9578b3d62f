//! What both kinds of files have: their heading, and ids. The types are described, never made.
#![allow(dead_code, reason = "a schema is made of these types, and nothing else is")]

use crate::diagnostics::FORMAT;
use crate::fixture::ID;
use schemars::JsonSchema;

/// No control character: what `char::is_control` says, for editors.
pub(super) const PLAIN: &str = r"^[^\u0000-\u001f\u007f-\u009f]*$";

/// The id of a project or a user.
#[derive(JsonSchema)]
#[schemars(transparent)]
pub(super) struct Id(
    #[schemars(length(min = *ID.chars.start(), max = *ID.chars.end()), regex(pattern = ID.pattern()))] String,
);

/// What both kinds of files may begin with.
#[derive(JsonSchema)]
pub(super) struct Heading {
    /// The schema of the file, for editors: a path from the file, or a URL.
    #[schemars(rename = "$schema")]
    schema: Option<String>,
    /// The version of the file format.
    #[schemars(extend("const" = FORMAT, "default" = FORMAT))]
    format: Option<u64>,
    /// The seed of all random draws. `--seed` takes precedence; files that are loaded together must have the same seed.
    #[schemars(range(max = u64::MAX), extend("default" = 0))]
    seed: Option<u64>,
}
