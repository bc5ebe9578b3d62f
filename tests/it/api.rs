//! The documented endpoint, step by step.

use crate::client::Client;
use crate::{PROJECT, reset_path, user};
use wksmock::{EntryState, Fidelity, MockServer};

fn mock() -> MockServer {
    MockServer::builder().start_blocking().unwrap()
}

#[test]
fn reset_returns_its_calls_password_and_makes_it_current() {
    let mock = mock();
    let mut client = Client::connect(mock.url());
    let alice = user("0001");
    assert_eq!(mock.current_password(PROJECT, &alice), None);
    for call in 1..=3 {
        let answer = client.get(&reset_path(&alice));
        assert_eq!(answer.header("content-type"), Some("application/json"));
        let password = answer.password();
        assert_eq!(answer.body, format!("{{\"password\":\"{password}\"}}"));
        assert_eq!(Some(&password), mock.password(PROJECT, &alice, call).as_ref());
        assert_eq!(Some(&password), mock.current_password(PROJECT, &alice).as_ref());
    }
}

#[test]
fn every_response_has_a_unique_request_id() {
    let mock = mock();
    let mut client = Client::connect(mock.url());
    let path = reset_path(&user("0001"));
    let mut ids = Vec::new();
    for (method, path) in [
        ("GET", path.as_str()),
        ("GET", &path),
        ("POST", &path),
        ("HEAD", &path),
        ("GET", "/"),
        ("GET", "/__admin/users"),
        ("GET", "/__admin/nothing"),
    ] {
        ids.push(client.request(method, path, &[], "").request_id());
    }
    let shown: Vec<_> = mock.requests().into_iter().map(|entry| entry.request_id.unwrap()).collect();
    assert_eq!(shown, ids[..5]);
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 7);
}

#[test]
fn documented_notification_types_are_taken_and_journalled() {
    let mock = mock();
    let mut client = Client::connect(mock.url());
    let path = reset_path(&user("0002"));
    for (query, types) in [
        ("?notification_type=email", vec!["email"]),
        ("?notification_type=phone", vec!["phone"]),
        ("?notification_type=email,phone", vec!["email", "phone"]),
        ("?notification_type=phone%2Cemail", vec!["email", "phone"]),
        ("?x=1&notification_type=email%2Cphone&unknown", vec!["email", "phone"]),
    ] {
        assert_eq!(client.get(&format!("{path}{query}")).status, 200, "{query}");
        let entry = mock.requests().pop().unwrap();
        assert_eq!(entry.notification_type, types, "{query}");
        assert!(entry.target.ends_with(query), "{}", entry.target);
    }
}

#[test]
fn unknown_notification_type_is_refused_with_allowed_values() {
    let mock = mock();
    let mut client = Client::connect(mock.url());
    for value in ["", "sms", "email,", ",email", "email,email", "email,sms", "EMAIL"] {
        let answer = client.get(&format!("{}?notification_type={value}", reset_path(&user("0001"))));
        assert_eq!((answer.status, answer.error_code().as_str()), (400, "WKS.00211102"), "{value}");
        let message = answer.error_msg();
        let named = message.contains("notification_type") && message.contains(&format!("{value:?}"));
        assert!(named && message.contains("email, phone, or both"), "{message}");
    }
    let twice = client.get(&format!("{}?notification_type=email&notification_type=phone", reset_path(&user("0001"))));
    assert_eq!(twice.status, 400);
    assert!(twice.error_msg().contains("twice"), "{twice:?}");
    assert_eq!(client.get(&reset_path(&user("0001"))).password(), mock.password(PROJECT, &user("0001"), 1).unwrap());
}

#[test]
fn content_type_is_required_unless_lenient() {
    let path = reset_path(&user("0001"));
    let strict = mock();
    let mut client = Client::connect(strict.url());
    for right in [
        "Content-Type: application/json",
        "content-type: Application/JSON;charset=utf-8",
        "Content-Type:application/json ; x=y",
    ] {
        assert_eq!(client.request("GET", &path, &[right], "").status, 200, "{right}");
    }
    for wrong in ["Content-Type: -", "Content-Type: text/plain", "Content-Type:", "Content-Type: application/jsonx"] {
        let answer = client.request("GET", &path, &[wrong], "");
        assert_eq!(answer.status, 400, "{wrong}");
        assert!(answer.error_msg().contains("Content-Type: application/json"), "{answer:?}");
    }
    let twice = ["Content-Type: application/json", "Content-Type: application/json"];
    assert_eq!(client.request("GET", &path, &twice, "").status, 400);

    let lenient = MockServer::builder().lenient(true).start_blocking().unwrap();
    let mut client = Client::connect(lenient.url());
    assert_eq!(client.request("GET", &path, &["Content-Type: -"], "").status, 200);
    assert_eq!(client.request("GET", &path, &["Content-Type: text/plain"], "").status, 400);
}

#[test]
fn user_activated_reset_without_notification_is_a_counted_400() {
    let mock = mock();
    let mut client = Client::connect(mock.url());
    let path = reset_path(&user("0002"));
    let refused = client.get(&path);
    assert_eq!(refused.status, 400);
    assert!(refused.error_msg().contains("USER_ACTIVATE"), "{refused:?}");
    assert_eq!(mock.current_password(PROJECT, &user("0002")), None);
    let password = client.get(&format!("{path}?notification_type=email")).password();
    assert_eq!(Some(password), mock.password(PROJECT, &user("0002"), 2));
}

#[test]
fn other_methods_of_the_path_are_not_allowed() {
    let mock = mock();
    let mut client = Client::connect(mock.url());
    for method in ["HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW", "get"] {
        let answer = client.request(method, &reset_path(&user("0001")), &[], "");
        assert_eq!((answer.status, answer.header("allow")), (405, Some("GET")), "{method}");
        assert_eq!(answer.body.is_empty(), method == "HEAD", "{method}");
    }
}

#[test]
fn unknown_paths_projects_and_users_are_404() {
    let mock = mock();
    let mut client = Client::connect(mock.url());
    let path = reset_path(&user("0001"));
    for unknown in [
        reset_path("nobody"),
        path.replace(PROJECT, "nowhere"),
        format!("{path}/"),
        path.replace("/users/", "/users%2F"),
        path.replace("0001/", "%2F0001/"),
        "/".to_owned(),
        "/__admi".to_owned(),
        "/v2".to_owned(),
    ] {
        assert_eq!(client.get(&unknown).status, 404, "{unknown}");
    }
    assert!(mock.requests().iter().all(|entry| entry.state == EntryState::Rejected && entry.call.is_none()));
}

#[test]
fn ids_are_checked_by_documented_length_in_characters() {
    let users = format!(r#"{{"projects": [{{"id": "p", "users": [{{"id": "{}"}}]}}]}}"#, "ä".repeat(255));
    let mock = MockServer::builder().users_json(users).start_blocking().unwrap();
    let mut client = Client::connect(mock.url());
    let path = |id: &str| format!("/v2/p/users/{id}/random-password");
    assert_eq!(client.get(&path(&"%C3%A4".repeat(255))).status, 200);
    for wrong in [String::new(), "a".repeat(256), "%".to_owned(), "%zz".to_owned(), "%FF".to_owned()] {
        let answer = client.get(&path(&wrong));
        assert_eq!(answer.status, 400, "{wrong}");
        assert!(answer.error_msg().contains("user_id"), "{answer:?}");
    }
    assert!(client.get("/v2//users/a/random-password").error_msg().contains("project_id"));
}

#[test]
fn requests_refused_before_counting_use_no_call_number() {
    let mock = mock();
    let mut client = Client::connect(mock.url());
    let path = reset_path(&user("0001"));
    assert_eq!(client.get(&format!("{path}?notification_type=x")).status, 400);
    assert_eq!(client.request("POST", &path, &[], "").status, 405);
    assert_eq!(client.request("GET", &path, &["Content-Type: -"], "").status, 400);
    assert_eq!(client.request("GET", &path, &["X-Auth-Token:"], "").status, 401);
    assert_eq!(Some(client.get(&path).password()), mock.password(PROJECT, &user("0001"), 1));
}

#[test]
fn live_fidelity_imitates_known_differences() {
    let mock = MockServer::builder().fidelity(Fidelity::Observed).start_blocking().unwrap();
    let mut client = Client::connect(mock.url());
    let path = reset_path(&user("0001"));
    let gone = client.get(&reset_path("nobody"));
    assert_eq!((gone.status, gone.error_code().as_str()), (400, "WKS.00170312"));
    let tenant = client.get(&path.replace(PROJECT, "nowhere"));
    assert_eq!((tenant.status, tenant.error_code().as_str()), (400, "WKS.00170117"));
    let method = client.request("POST", &path, &[], "");
    assert_eq!((method.status, method.error_code().as_str(), method.header("allow")), (404, "APIGW.0101", None));
    let body = method.json();
    assert_eq!(body["request_id"].as_str(), Some(method.request_id().as_str()));
    let fields: Vec<_> = body.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(fields, ["error_msg", "error_code", "request_id"]);
    assert_eq!(client.get(&path).status, 200);
}

#[test]
fn get_with_the_node_sdks_two_byte_body_is_answered() {
    let mock = mock();
    let mut client = Client::connect(mock.url());
    let path = reset_path(&user("0001"));
    assert_eq!(client.request("GET", &path, &[], "{}").status, 200);
    assert_eq!(client.get(&path).status, 200);
}

#[test]
fn every_magic_user_answers_by_the_end_of_its_id() {
    let mock = mock();
    let mut client = Client::connect(mock.url());
    for status in [400, 401, 403, 404, 405, 500, 503] {
        let answer = client.get(&reset_path(&user(&format!("0{status}"))));
        assert_eq!(answer.status, status);
        assert_eq!(answer.header("allow"), (status == 405).then_some("GET"));
        let sealed = answer.json()["encoded_authorization_message"].is_string();
        assert_eq!(sealed, status == 403);
    }
}
