//! `wksmock run`: the client with a server of its own, and a verdict.

use super::body::{JsonPiece, SampleValue};
use super::casing::file_name;
use super::language::LanguageFacts;
use super::literal::shell;
use super::request::SdkRequest;

const TEMPLATE: &str = r"# «summary»
wksmock sample curl «arguments» > «file».sh
wksmock run -- sh «file».sh
";

pub(super) const FACTS: LanguageFacts = LanguageFacts {
    name: "run",
    title: "wksmock run",
    highlighted_as: "Shell",
    needs: |_| "wksmock and curl".to_owned(),
    special: |_| {
        " It starts a server for the command and judges the command afterwards. Add the --users and --scenario of your tests, \
     and replace the script with your program."
    },
    code,
};

fn code(request: &SdkRequest<'_>) -> String {
    let operation = request.operation;
    let mut arguments = vec![operation.id.to_owned()];
    if operation.is_of_project() {
        arguments.push(format!("--project={}", shell(request.project)));
    }
    arguments.extend(request.user.map(|user| format!("--user={}", shell(user))));
    for (name, value) in &request.query {
        arguments.push(format!("--parameter={}", shell(&format!("{name}={}", value.in_query()))));
    }
    arguments.extend(request.body.as_ref().map(|body| format!("--body={}", shell(&without_secrets(body)))));
    request.fill(TEMPLATE, str::to_owned, &[("arguments", arguments.join(" \\\n    ")), ("file", file_name(operation))])
}

/// The body as JSON with empty secrets, since the client reads them from the environment.
fn without_secrets(body: &SampleValue) -> String {
    let piece = |piece: JsonPiece| match piece {
        JsonPiece::Text(text) => text,
        JsonPiece::Secret(_) => "\"\"".to_owned(),
    };
    body.json().into_iter().map(piece).collect()
}
