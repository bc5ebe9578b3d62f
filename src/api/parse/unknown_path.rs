//! Explains an unknown path, and suggests a known one.

use super::placeholder::{PLACEHOLDER, placeholder};
use crate::api::objection::Refused;
use crate::contract::{Operation, Situation, route};
use crate::diagnostics::{nearest, quoted};
use std::collections::BTreeSet;

/// Characters of a path that are quoted.
const SHOWN_CHARS: usize = 200;
/// Segments of a path for which an operation is looked for; no operation has as many.
const SEGMENTS_MAX: usize = 16;
/// Characters of a segment that may be a misspelt one.
const SEGMENT_CHARS_MAX: usize = 64;

/// A build without the feature `console` has no such document.
const HINT: &str = if cfg!(feature = "console") {
    "GET /__admin/openapi.json lists all paths."
} else {
    "docs/operations.md lists all paths."
};

/// Refuses a path that is not published.
#[cold]
pub(crate) fn unknown_path(method: &str, path: &str) -> Box<Refused> {
    let mut wrong = Vec::new();
    let meant = meant(path, &mut wrong);
    let mut message = format!("No API is published for {} {}.", quoted(method, 20), quoted(path, SHOWN_CHARS));
    if !wrong.is_empty() {
        message = format!("{message} The path {}.", wrong.join("; it "));
    }
    if let Some(meant) = meant {
        message = format!("{message} Did you mean {}?", quoted(&meant, SHOWN_CHARS));
    } else if wrong.is_empty() {
        message.push_str(" Check the path.");
    }
    let refused = Refused::new(Situation::UnknownPath, message);
    let has_placeholder = path.split('/').take(SEGMENTS_MAX).any(|segment| placeholder(segment).is_some());
    refused.hint(if has_placeholder { PLACEHOLDER } else { HINT }).boxed()
}

/// Refuses the root, and names the admin API and the console.
#[cold]
pub(crate) fn at_root(method: &str, admin: Option<&str>, has_console: bool) -> Box<Refused> {
    let mut refused = unknown_path(method, "/");
    if let Some(base) = admin {
        let console = if has_console { format!(", and {base}/__admin/ is the console") } else { String::new() };
        let health = format!(" This is wksmock: GET {base}/__admin/health shows whether it is ready{console}.");
        refused.message.push_str(&health);
    }
    refused
}

/// The path of an operation that was meant, and what is wrong with this one: texts that complete a sentence which begins with
/// "The path".
fn meant(path: &str, wrong: &mut Vec<String>) -> Option<String> {
    if path == "/" {
        let versions = versions().into_iter().collect::<Vec<_>>().join(", ");
        wrong.push(format!("is empty; paths start with a version: {versions}"));
        return None;
    }
    let segments: Vec<&str> = path.split('/').skip(1).collect();
    let inner = segments.strip_suffix(&[""]).unwrap_or(&segments);
    if inner.contains(&"") {
        let why = if path.starts_with("//") { " at the start: the endpoint must not end with a slash" } else { "" };
        wrong.push(format!("has two slashes in a row{why}"));
    }
    if inner.len() < segments.len() {
        wrong.push("ends with a slash".to_owned());
    }
    let segments: Vec<&str> = segments.into_iter().filter(|segment| !segment.is_empty()).collect();
    if segments.len() > SEGMENTS_MAX {
        return None;
    }
    if let Some(name) = segments.iter().find_map(|segment| placeholder(segment)) {
        wrong.push(format!(
            "contains the placeholder {}, which the client did not replace",
            quoted(&name, SEGMENT_CHARS_MAX)
        ));
    }
    if segments.iter().any(|segment| segment.to_ascii_lowercase().contains("%2f")) {
        wrong.push("contains an id with an encoded slash".to_owned());
        return None;
    }
    let joined = |segments: &[&str]| format!("/{}", segments.join("/"));
    if is_known(&joined(&segments)) {
        return Some(joined(&segments));
    }
    // An endpoint with a path of its own, or one that ends with the version.
    for at in 1..segments.len() {
        let (before, rest) = segments.split_at(at);
        if is_known(&joined(rest)) {
            wrong.push(format!(
                "has the prefix {}: the endpoint must not contain a path",
                quoted(&joined(before), SHOWN_CHARS)
            ));
            return Some(joined(rest));
        }
    }
    if let Some((meant, name)) = Operation::all().find_map(|operation| incomplete(operation, &segments)) {
        wrong.push(format!("lacks {name}"));
        return Some(meant);
    }
    for version in versions() {
        let whole = [&[version.as_str()], &segments[..]].concat();
        if is_known(&joined(&whole)) {
            wrong.push(format!("does not start with /{version}"));
            return Some(joined(&whole));
        }
    }
    let near = Operation::all().filter_map(|operation| misspelt(operation, &segments));
    let (meant, slips) = near.min_by_key(|(_, slips)| slips.len())?;
    wrong.extend(slips);
    Some(format!("/{}", meant.join("/")))
}

/// The path of an operation that has a parameter more, and the parameter's name.
fn incomplete(operation: Operation, segments: &[&str]) -> Option<(String, String)> {
    let template = operation.template();
    let wanted: Vec<&str> = template.split('/').skip(1).collect();
    let fits = |without: &usize| {
        let others = wanted.iter().enumerate().filter(|(at, _)| at != without).map(|(_, wanted)| wanted);
        others.zip(segments).all(|(wanted, segment)| wanted.starts_with('{') || wanted == segment)
    };
    let is_parameter = |at: &usize| wanted.get(*at).is_some_and(|wanted| wanted.starts_with('{'));
    let at = (0..wanted.len()).find(|at| wanted.len() == segments.len() + 1 && is_parameter(at) && fits(at))?;
    let name = (*wanted.get(at)?).to_owned();
    let (before, after) = segments.split_at_checked(at)?;
    Some((format!("/{}", [before, &[name.as_str()], after].concat().join("/")), name))
}

/// The segments that an operation has in place of these, and what is wrong with these.
fn misspelt(operation: Operation, segments: &[&str]) -> Option<(Vec<String>, Vec<String>)> {
    let template = operation.template();
    let wanted: Vec<&str> = template.split('/').skip(1).collect();
    if wanted.len() != segments.len() {
        return None;
    }
    let (mut meant, mut slips) = (Vec::new(), Vec::new());
    for (at, (wanted, segment)) in wanted.into_iter().zip(segments).enumerate() {
        let is_its_own = wanted.starts_with('{') || wanted == *segment;
        meant.push(if is_its_own { (*segment).to_owned() } else { wanted.to_owned() });
        if is_its_own {
            continue;
        }
        let is_short = segment.chars().count() <= SEGMENT_CHARS_MAX;
        let is_near = is_short && nearest(&segment.to_lowercase(), [&*wanted.to_lowercase()]).is_some();
        let is_other_version = at == 0 && is_version(segment);
        if !is_near && !is_other_version {
            return None;
        }
        slips.push(format!("has {} instead of {wanted}", quoted(segment, SEGMENT_CHARS_MAX)));
    }
    Some((meant, slips))
}

fn is_known(path: &str) -> bool {
    route(path, "GET").is_some()
}

/// The first segments of known paths.
fn versions() -> BTreeSet<String> {
    Operation::all().filter_map(|operation| operation.template().split('/').nth(1).map(str::to_owned)).collect()
}

fn is_version(segment: &str) -> bool {
    let mut characters = segment.chars();
    matches!(characters.next(), Some('v' | 'V')) && characters.next().is_some_and(|digit| digit.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(path: &str) -> String {
        let message = unknown_path("GET", path).message;
        let rest = message.strip_prefix(&format!("No API is published for GET {}. ", quoted(path, SHOWN_CHARS)));
        rest.unwrap_or_else(|| panic!("{message}")).to_owned()
    }

    #[test]
    fn an_unknown_path_is_explained() {
        let paths = [
            "/",
            "//",
            "//v2/p/users",
            "/v2/p//users",
            "/v2/p/users/",
            "/v2/p/users//u/random-password/",
            "/v2/%7Bproject_id%7D/user",
            "/v2/{project_id}/users/{user_id}/",
            "/v2/p/users/a%2Fb/random-password",
            "/v1/p/users/u/random-password",
            "/v1.0/p/users",
            "/v3/p/users",
            "/v1/projects",
            "/v3/auth/token",
            "/V2/p/Users/u/Random-Password",
            "/api/v2/p/users",
            "/v2/v2/p/users/u/random-password",
            "/p/users/u/random-password",
            "/v2/p/users/u/random-pasword",
            "/v2/p/users/u/reset",
            "/v2/users",
            "/v2/users/u/random-password/",
            "/favicon.ico",
            "*",
        ];
        let told: Vec<_> = paths.map(|path| format!("{path}\n    {}", said(path))).into_iter().collect();
        insta::assert_snapshot!(told.join("\n"));
    }

    #[test]
    fn the_root_names_the_server_itself_where_it_can_be_asked() {
        let told = |admin, has_console| at_root("GET", admin, has_console).message;
        assert!(
            told(Some(""), true)
                .ends_with("GET /__admin/health shows whether it is ready, and /__admin/ is the console.")
        );
        assert!(told(Some("http://127.0.0.1:1"), true).contains(" http://127.0.0.1:1/__admin/ is the console."));
        assert!(told(Some(""), false).ends_with("GET /__admin/health shows whether it is ready."));
        assert_eq!(told(None, false), unknown_path("GET", "/").message);
    }

    #[test]
    fn a_suggestion_is_a_path_that_is_known() {
        for path in ["//v2/p/users", "/v1/p/users/", "/x/V2/p/users", "/p/users", "/v3/Projects/"] {
            let meant = meant(path, &mut Vec::new());
            assert!(meant.as_deref().is_none_or(is_known), "{path}: {meant:?}");
        }
    }

    #[test]
    fn long_paths_are_quoted_short_and_cost_little() {
        for path in ["/x".repeat(8_000), format!("/{}", "x".repeat(16_000)), "/".repeat(16_000)] {
            assert!(unknown_path("GET", &path).message.chars().count() < 700, "{path:.20}");
        }
    }
}
