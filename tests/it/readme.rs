//! The README's tables match the server. `pages` runs its commands.

use crate::binary::Served;
use crate::client::Client;
use crate::reset_path;

const README: &str = include_str!("../../README.md");

#[test]
fn status_table_matches_the_server() {
    let served = Served::start(&["--log-level", "off"]);
    let mut statuses = Vec::new();
    for line in README.lines().filter(|line| line.starts_with("| ")) {
        let cells: Vec<_> = line.trim_matches('|').split('|').map(|cell| cell.trim().trim_matches('`')).collect();
        let (Ok(status), [_, user, code, ..]) = (cells[0].parse::<u16>(), cells.as_slice()) else {
            continue;
        };
        let answer = Client::connect(&served.url).get(&reset_path(user));
        assert_eq!(answer.status, status, "{line}");
        assert_eq!(answer.json()["error_code"].as_str().unwrap_or("none"), *code, "{line}");
        statuses.push(status);
    }
    assert_eq!(statuses, [200, 400, 401, 403, 404, 405, 500, 503]);
}

#[test]
fn readme_users_are_the_embedded_users() {
    let served = Served::start(&["--log-level", "off"]);
    let users = served.client().get("/__admin/users").json();
    for user in users["users"].as_array().unwrap() {
        let id = user["id"].as_str().unwrap();
        assert!(README.contains(id), "the README does not list {id}");
    }
}
