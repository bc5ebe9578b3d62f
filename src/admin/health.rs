//! `health`: is the server there, and how full is it?

use super::{Admission, reply::AdminReply};
use crate::diagnostics::PlainProblem;
use crate::state::{JournalFill, Phase, State};
use serde::Serialize;

/// The state of the server. Without the admin token, where one is needed, `status` alone.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct Health {
    /// `stale`: a watched file has errors, and the setup or the certificates before it are still in force. `starting` and `draining` come with 503.
    #[cfg_attr(test, schemars(extend("enum" = ["ok", "stale", "starting", "draining"])))]
    status: &'static str,
    #[serde(flatten)]
    details: Option<Details>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Details {
    /// The version of the server.
    version: &'static str,
    /// The URL of the emulated API; `None` before the server is up.
    url: Option<String>,
    /// The URL of the emulated API by HTTPS; `None` without `--tls`.
    https_url: Option<String>,
    /// The URL of the admin API, if `--admin-listen` gives it an address of its own; else `None`.
    admin_url: Option<String>,
    /// The seed on which all draws depend.
    seed: u64,
    /// When the server started, in milliseconds since 1970.
    started_unix_ms: i64,
    /// Virtual time in milliseconds.
    now_ms: u64,
    /// Number of loaded projects, without clones.
    projects: usize,
    /// Number of loaded users, without those of clones.
    users: usize,
    /// Number of clones.
    clones: usize,
    /// Number of rules in force, without overrides.
    rules: usize,
    /// Number of overrides in force.
    overrides: usize,
    /// The number of resets so far, plus 1.
    epoch: u64,
    /// How full the journal is.
    journal: JournalFill,
    /// How full the outbox is.
    outbox: OutboxFill,
    /// Number of times that files were read again and put in force.
    reloads: u64,
    /// The errors of the files that were read last, if they were refused.
    problems: Vec<PlainProblem>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct OutboxFill {
    /// Number of messages that were dropped for lack of space.
    dropped: u64,
}

pub(super) fn show(state: &State, admission: Admission) -> AdminReply {
    let freshness = state.freshness();
    let (code, status) = match state.lifecycle.phase() {
        Phase::Starting => (503, "starting"),
        Phase::Serving if freshness.stale || freshness.certificates.is_some() => (200, "stale"),
        Phase::Serving => (200, "ok"),
        Phase::Draining => (503, "draining"),
    };
    if admission == Admission::StatusOnly {
        return AdminReply::json(code, &Health { status, details: None });
    }
    let running = state.running();
    let setup = &running.setup;
    let details = Details {
        version: env!("CARGO_PKG_VERSION"),
        url: state.url.get().cloned(),
        https_url: state.https_url.get().cloned(),
        admin_url: state.admin_url.get().cloned(),
        seed: setup.seed,
        started_unix_ms: state.started_unix_ms,
        now_ms: state.clock.now_ms(),
        projects: setup.directory().projects().len(),
        users: setup.directory().users_count(),
        clones: running.clones.count(),
        rules: setup.rules.count(),
        overrides: running.overrides().len(),
        epoch: running.epoch.number(),
        journal: state.journal.fill(),
        outbox: OutboxFill { dropped: state.outbox.dropped() },
        reloads: freshness.reloads,
        problems: freshness.problems.into_iter().chain(freshness.certificates).collect(),
    };
    AdminReply::json(code, &Health { status, details: Some(details) })
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
