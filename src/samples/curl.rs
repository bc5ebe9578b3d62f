//! curl, with a token since it cannot sign.

use super::body::{JsonPiece, SampleValue, TOKEN_VARIABLE};
use super::language::LanguageFacts;
use super::literal::shell;
use super::request::SdkRequest;
use crate::contract::{Form, Place, encoded};

const TEMPLATE: &str = r#"#!/bin/sh
# «summary»
«quoting»
curl --silent --show-error --include --fail-with-body --request «method» \
    «lines»
    "${WKSMOCK_URL:-«url»}"«target»
"#;

const QUOTING: &str = r#"quoted() { printf '"%s"' "$(printf %s "$1" | sed 's/[\\"]/\\&/g')"; }
"#;

pub(super) const FACTS: LanguageFacts = LanguageFacts {
    name: "curl",
    title: "curl",
    highlighted_as: "Shell",
    needs: |_| "curl 7.76 or later".to_owned(),
    special: |_| {
        " curl cannot sign like the SDKs: it sends the token from AUTH_TOKEN. Without a token the request has no \
     credentials, which --auth required refuses."
    },
    code,
};

fn code(request: &SdkRequest<'_>) -> String {
    let mut lines = Vec::new();
    for parameter in request.operation.parameters.iter().filter(|parameter| parameter.place == Place::Header) {
        match parameter.form {
            Form::MediaType(media_type) => lines.push(format!("--header '{}: {media_type}'", parameter.name)),
            // curl omits a header without a value.
            _ => lines.push(format!("--header \"{}: ${TOKEN_VARIABLE}\"", parameter.name)),
        }
    }
    let body = request.body.as_ref().map(body);
    let has_secret = body.as_ref().is_some_and(|body| body.contains("$(quoted "));
    lines.extend(body.map(|body| format!("--data-raw {body}")));
    let path = request.path();
    if path.split('/').any(|piece| matches!(piece, "." | "..")) {
        lines.push("--path-as-is".to_owned());
    }
    let lines: Vec<_> = lines.iter().map(|line| format!("{line} \\")).collect();
    request.fill(
        TEMPLATE,
        str::to_owned,
        &[
            ("quoting", if has_secret { QUOTING } else { "" }.to_owned()),
            ("lines", lines.join("\n    ")),
            ("target", shell(&format!("{path}{}", query(request)))),
        ],
    )
}

fn query(request: &SdkRequest<'_>) -> String {
    let pairs = request.query.iter().flat_map(|(name, value)| match value {
        SampleValue::List(items) => items.iter().map(|item| (*name, item.in_query())).collect(),
        value => vec![(*name, value.in_query())],
    });
    let pairs: Vec<_> = pairs.map(|(name, value)| format!("{name}={}", encoded(&value))).collect();
    if pairs.is_empty() { String::new() } else { format!("?{}", pairs.join("&")) }
}

/// The body as a concatenation of JSON and secrets.
fn body(body: &SampleValue) -> String {
    let piece = |piece: &JsonPiece| match piece {
        JsonPiece::Text(text) => shell(text),
        JsonPiece::Secret(variable) => format!("\"$(quoted \"${variable}\")\""),
    };
    body.json().iter().map(piece).collect()
}
