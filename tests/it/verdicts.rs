//! Verdicts end with their client, or when they take too long, and delay no other request.

use crate::binary::Served;
use crate::client::Client;
use serde_json::json;

const CALLERS: usize = 300;

/// Starts a server of many users with one call each.
fn served(flags: &[&str]) -> (tempfile::TempDir, Served) {
    let folder = tempfile::tempdir().unwrap();
    let users = folder.path().join("users.json");
    std::fs::write(
        &users,
        json!({"projects": [{"id": "p", "generate": {"count": CALLERS, "id_prefix": "load"}}]}).to_string(),
    )
    .unwrap();
    let served = Served::start(&[&["--log-level", "off", "--users", users.to_str().unwrap()], flags].concat());
    let mut client = served.client();
    for number in 0..CALLERS {
        assert_eq!(client.get(&format!("/v2/p/users/load{number:06}/random-password")).status, 200);
    }
    (folder, served)
}

/// Builds a request for a verdict on this many expectations, all of which fail.
fn verdict_request(query: &str, expectations: usize) -> String {
    let one = |number| json!({"name": format!("e{number}"), "statuses": [503, 503, 200], "backoff": "growing"});
    let body = json!({ "expect": (0..expectations).map(one).collect::<Vec<_>>() }).to_string();
    format!(
        "POST /__admin/verify{query} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

/// More than minutes of work, for each of some clients.
fn crowd(served: &Served) -> Vec<Client> {
    let ask = verdict_request("", 10_000);
    let mut crowd: Vec<_> = (0..8).map(|_| served.client()).collect();
    for client in &mut crowd {
        client.send(&ask);
    }
    crowd
}

#[test]
fn scenario_does_not_wait_for_verdicts() {
    let (_folder, served) = served(&["--limit", "verdict_time_max_ms=3600000"]);
    let mut crowd = crowd(&served);
    let put = served.client().request("PUT", "/__admin/scenario", &[], r#"{"rules": []}"#);
    assert_eq!(put.status, 200, "{put:?}");
    let now = std::time::Duration::from_millis(1);
    assert!(crowd.iter_mut().all(|client| !client.has_answer_within(now)), "it was to take longer");
}

#[test]
fn verdict_ends_with_its_client() {
    let (_folder, served) = served(&["--limit", "verdict_time_max_ms=3600000"]);
    drop(crowd(&served));
    let mut client = served.client();
    client.send(verdict_request("", 1));
    let verdict = client.answer(false);
    assert_eq!((verdict.status, &verdict.json()["passed"]), (200, &false.into()));
}

#[test]
fn waiting_verdict_ends_with_its_client() {
    let (_folder, served) = served(&[]);
    let mut clients: Vec<_> = (0..5).map(|_| served.client()).collect();
    for client in &mut clients {
        client.send(verdict_request("?wait_ms=60000", 1));
    }
    drop(clients);
    let mut client = served.client();
    let open = |client: &mut Client| {
        let metrics = client.get("/__admin/metrics").body;
        let open = metrics.lines().find_map(|line| line.strip_prefix("wksmock_connections_open "));
        open.unwrap().parse::<u64>().unwrap()
    };
    let mut looks = 0;
    while open(&mut client) > 1 {
        looks += 1;
        assert!(looks < 20_000, "they are still waited for");
    }
}

#[test]
fn slow_verdict_is_abandoned() {
    let (_folder, served) = served(&["--limit", "verdict_time_max_ms=20"]);
    let mut client = served.client();
    client.send(verdict_request("", 10_000));
    let answer = client.answer(false);
    assert_eq!(answer.status, 503, "{answer:?}");
    let detail = answer.json()["detail"].as_str().unwrap().to_owned();
    assert!(detail.contains("20 ms") && detail.contains("verdict_time_max_ms"), "{detail}");
    // Also during a wait, and the connection stays usable.
    client.send(verdict_request("?wait_ms=60000", 10_000));
    assert_eq!(client.answer(false).status, 503);
}

#[test]
#[expect(clippy::disallowed_methods, reason = "what has a bound is time")]
fn time_in_the_verdict_queue_counts() {
    let most = std::time::Duration::from_millis(1_500);
    let (_folder, served) = served(&["--limit", &format!("verdict_time_max_ms={}", most.as_millis())]);
    let start = std::time::Instant::now();
    for mut client in crowd(&served) {
        let answer = client.answer(false);
        assert_eq!(answer.status, 503, "{answer:?}");
        assert!(answer.json()["detail"].as_str().unwrap().contains("other verdicts"), "{answer:?}");
    }
    // Two are judged at once; in sequence they would take four times as long.
    assert!(start.elapsed() < most * 4, "{:?}", start.elapsed());
}

#[test]
fn server_shuts_down_during_a_verdict() {
    let (_folder, served) = served(&["--limit", "verdict_time_max_ms=3600000", "--limit", "drain_ms=100"]);
    let _crowd = crowd(&served);
    assert_eq!(served.terminate().0, Some(0));
}
