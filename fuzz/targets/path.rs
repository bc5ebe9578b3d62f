//! Paths: their routes and ids. The input is a path, or a method, a space and a path.
#![no_main]

mod model;

use libfuzzer_sys::fuzz_target;
use wksmock::fuzzing::{Id, Routed, route};

fuzz_target!(|text: &str| {
    let (method, path) = text.split_once(' ').unwrap_or(("GET", text));
    let routed = route(path, method);
    assert_eq!(routed, model::route(path, method), "{method} {path}");
    match &routed {
        Routed::Unknown => {}
        Routed::Known(ids) | Routed::WrongMethod(ids) => {
            assert_eq!(matches!(routed, Routed::Known(_)), method == "GET");
            // An additional slash at the end or the start makes another path.
            assert_eq!(route(&format!("{path}/"), method), Routed::Unknown);
            assert_eq!(route(&format!("/{path}"), method), Routed::Unknown);
            ids.iter().for_each(|id| check(id, path));
            check_escaped(ids, method);
        }
    }
});

/// Decoding never makes an id longer, and an undecodable id stays raw.
fn check(id: &Id, path: &str) {
    match id {
        Id::Text(text) => assert!(text.len() <= path.len() && !text.contains('/')),
        Id::Undecodable(raw) => assert!(path.contains(raw.as_str()) && raw.contains('%')),
    }
}

/// A path with every letter escaped has the same route.
fn check_escaped(ids: &[Id; 2], method: &str) {
    let [Id::Text(project), Id::Text(user)] = ids else {
        return;
    };
    let escaped = |text: &str| text.bytes().map(|byte| format!("%{byte:02x}")).collect::<String>();
    let pieces = ["v2", project, "users", user, "random-password"].map(escaped);
    let path = format!("/{}", pieces.join("/"));
    let expected = if method == "GET" { Routed::Known(ids.clone()) } else { Routed::WrongMethod(ids.clone()) };
    assert_eq!(route(&path, method), expected, "{path}");
}
