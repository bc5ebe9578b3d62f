//! `health`: is the server there, and how full is it?

use super::{Admission, reply::AdminReply};
use crate::state::{Phase, State};
use serde_json::json;

pub(super) fn show(state: &State, admission: Admission) -> AdminReply {
    let freshness = state.freshness();
    let (code, status) = match state.lifecycle.phase() {
        Phase::Starting => (503, "starting"),
        Phase::Serving if freshness.stale || freshness.certificates.is_some() => (200, "stale"),
        Phase::Serving => (200, "ok"),
        Phase::Draining => (503, "draining"),
    };
    if admission == Admission::StatusOnly {
        return AdminReply::json(code, &json!({ "status": status }));
    }
    let running = state.running();
    let setup = &running.setup;
    let journal = state.journal.fill();
    let problems: Vec<_> = freshness.problems.iter().chain(&freshness.certificates).collect();
    AdminReply::json(
        code,
        &json!({
            "status": status,
            "version": env!("CARGO_PKG_VERSION"),
            "url": state.url.get(),
            "https_url": state.https_url.get(),
            "admin_url": state.admin_url.get(),
            "seed": setup.seed,
            "started_unix_ms": state.started_unix_ms,
            "now_ms": state.clock.now_ms(),
            "projects": setup.directory().projects().len(),
            "users": setup.directory().users_count(),
            "clones": running.clones.count(),
            "rules": setup.rules.count(),
            "overrides": running.overrides().len(),
            "epoch": running.epoch.number(),
            "journal": {
                "entries": journal.entries,
                "bytes": journal.bytes,
                "dropped": journal.dropped,
            },
            "outbox": { "dropped": state.outbox.dropped() },
            "reloads": freshness.reloads,
            "problems": problems,
        }),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostics::Problems;
    use crate::engine::{Given, Setup};
    use crate::limits::Limits;
    use crate::state::Options;

    #[test]
    fn a_server_is_well_between_its_start_and_its_end() {
        let limits = Limits::default();
        let setup = Setup::new(&Given::default(), &limits, &mut Problems::new(1)).unwrap();
        let state = State::new(setup, limits, Options::default());
        let said = || {
            let reply = show(&state, Admission::StatusOnly).into_response(state.uncounted_id());
            (reply.status().as_u16(), String::from_utf8(reply.body().to_vec()).unwrap())
        };
        state.lifecycle.expect(1);
        assert_eq!(said(), (503, "{\n  \"status\": \"starting\"\n}\n".to_owned()));
        state.lifecycle.serve();
        assert_eq!(said(), (200, "{\n  \"status\": \"ok\"\n}\n".to_owned()));
        state.lifecycle.drain();
        assert_eq!(said(), (503, "{\n  \"status\": \"draining\"\n}\n".to_owned()));
    }
}
