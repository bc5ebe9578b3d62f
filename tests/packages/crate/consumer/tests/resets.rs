//! Four tests that run at the same time, each with a clone of its own.

use std::sync::{Barrier, LazyLock};
use wksmock::{Expect, Fault, MockServer, PROJECT, Phase, ProjectClone, Rule, USER};

static SERVER: LazyLock<MockServer> = LazyLock::new(MockServer::start_blocking);
static TOGETHER: LazyLock<Barrier> = LazyLock::new(|| Barrier::new(4));

fn clone() -> ProjectClone {
    TOGETHER.wait();
    SERVER.clone_project(PROJECT).unwrap()
}

fn reset(mock: &ProjectClone) -> u16 {
    consumer::reset(mock.url(), mock.project(), USER).unwrap()
}

#[test]
fn passes() {
    let mock = clone();
    mock.expect(Expect::from_user(USER).statuses([200])).unwrap();
    assert_eq!(reset(&mock), 200);
    assert_eq!(mock.current_password(USER), mock.password(USER, 1));
}

#[test]
fn fails_by_its_expectation() {
    let mock = clone();
    mock.override_rule(Rule::for_all().named("outage").status(503)).unwrap();
    mock.expect(Expect::from_user(USER).named("gives up after two").calls(..=2)).unwrap();
    assert_eq!(reset(&mock), 503);
}

#[test]
fn survives_a_fault() {
    let mock = clone();
    mock.override_fault("0001=empty_response:1").unwrap();
    mock.expect(Expect::from_user(USER).calls(2)).unwrap();
    assert_eq!(reset(&mock), 200);
}

#[test]
fn is_done_but_lost() {
    let mock = clone();
    mock.override_rule(Rule::for_user("0001").calls(1).fault(Fault::Reset).phase(Phase::After)).unwrap();
    assert_eq!(reset(&mock), 200);
    let lost = &mock.requests()[0];
    assert_eq!(lost.decision.as_ref().unwrap().password, mock.password(USER, 1));
    assert_eq!(mock.current_password(USER), mock.password(USER, 2));
}
