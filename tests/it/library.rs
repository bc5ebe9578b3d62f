//! `wksmock::MockServer` from the tests of another program.

use crate::client::Client;
use crate::{PROJECT, reset_path, user};
use wksmock::{EntryState, MockServer, OverrideError, StartError};

#[test]
fn mocks_are_independent() {
    let mocks: Vec<_> = (0..5).map(|seed| MockServer::builder().seed(seed).start_blocking().unwrap()).collect();
    let mut passwords: Vec<_> =
        mocks.iter().map(|mock| Client::connect(mock.url()).get(&reset_path(&user("0001"))).password()).collect();
    passwords.sort_unstable();
    passwords.dedup();
    assert_eq!(passwords.len(), 5);
    assert!(mocks.iter().all(|mock| mock.requests().len() == 1));
}

#[test]
fn drop_ends_the_server_during_a_request() {
    let mock = MockServer::builder().start_blocking().unwrap();
    let url = mock.url().to_owned();
    let mut idle = Client::connect(&url);
    assert_eq!(idle.get(&reset_path(&user("0001"))).status, 200);
    let mut unfinished = Client::connect(&url);
    unfinished.send("GET /v2/");
    drop(mock);
    assert!(idle.is_closed() && unfinished.is_closed());
    assert!(std::net::TcpStream::connect(url.strip_prefix("http://").unwrap()).is_err());
}

#[test]
fn builder_combines_files_texts_and_faults() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("team.json");
    std::fs::write(&file, r#"{"seed": 9, "projects": [{"id": "p", "users": [{"id": "a"}]}]}"#).unwrap();
    let mock = MockServer::builder()
        .users(&file)
        .users_json(r#"{"projects": [{"id": "q", "generate": {"count": 3, "id_prefix": "load"}}]}"#)
        .scenario_json(r#"{"rules": [{"name": "r", "when": {"project": "q"}, "status": 500}]}"#)
        .fault("load000002=503:1")
        .password_length(16)
        .start_blocking()
        .unwrap();
    let mut client = Client::connect(mock.url());
    assert_eq!(client.get("/v2/p/users/a/random-password").password().len(), 16);
    assert_eq!(client.get("/v2/q/users/load000001/random-password").status, 500);
    assert_eq!(client.get("/v2/q/users/load000002/random-password").status, 503);
    assert_eq!(client.get("/v2/q/users/load000002/random-password").status, 500);
    assert_eq!(client.get("/v2/q/users/load000003/random-password").status, 404);
    assert_eq!(client.get(&reset_path(&user("0001"))).status, 404, "the embedded users are not there");
}

#[test]
fn invalid_setup_reports_all_errors_and_starts_no_server() {
    let started = MockServer::builder().users("nowhere.json").scenario_json("{").fault("x=418").start_blocking();
    let Err(StartError::Setup(said)) = started else {
        panic!("{started:?}");
    };
    for part in ["nowhere.json", "scenario_json #1:1:1", "status 418"] {
        assert!(said.contains(part), "{part}: {said}");
    }
}

#[test]
fn requests_show_request_and_response() {
    let mock = MockServer::builder().start_blocking().unwrap();
    mock.override_status(&user("0001"), 503).unwrap();
    Client::connect(mock.url()).get(&format!("{}?notification_type=phone", reset_path(&user("0001"))));
    let requests = mock.requests();
    let [entry] = requests.as_slice() else {
        panic!("{requests:?}");
    };
    assert_eq!((entry.state, entry.call, entry.index), (EntryState::Answered, Some(1), 1));
    assert_eq!((entry.project.as_deref(), entry.user.as_deref()), (Some(PROJECT), Some(user("0001").as_str())));
    assert_eq!(entry.operation.as_deref(), Some("ResetRandomPassword"));
    let decision = entry.decision.as_ref().unwrap();
    assert_eq!((decision.status, decision.password.as_ref()), (503, None));
    assert_eq!(decision.error.as_ref().unwrap().code, "WKS.00050902");
    assert_eq!(entry.answer.unwrap().status, 503);
    mock.reset();
    assert!(mock.requests().is_empty());
}

#[test]
fn invalid_override_is_an_error() {
    let mock = MockServer::builder().start_blocking().unwrap();
    let Err(OverrideError::Wrong(said)) = mock.override_status("8a2c3f9579d240820179d51e6caf001", 503) else {
        panic!("taken");
    };
    assert!(said.contains("did you mean"), "{said}");
    assert!(matches!(mock.override_status(&user("0001"), 418), Err(OverrideError::Wrong(_))));
    assert!(matches!(mock.override_rule(r#"{"name": "magic 500", "status": 500}"#), Err(OverrideError::NameTaken(_))));
}

#[test]
fn no_current_password_before_a_success() {
    let mock = MockServer::builder().fault(format!("{}=500:1", user("0001"))).start_blocking().unwrap();
    let mut client = Client::connect(mock.url());
    client.get(&reset_path(&user("0001")));
    assert_eq!(mock.current_password(PROJECT, &user("0001")), None);
    let password = client.get(&reset_path(&user("0001"))).password();
    assert_eq!(mock.current_password(PROJECT, &user("0001")), Some(password));
    assert_eq!((mock.password(PROJECT, "x", 1), mock.current_password("x", "y")), (None, None));
}
