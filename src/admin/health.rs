//! `health`: is the server there, and how full is it?

use super::{Admission, Problem, query, reply::Reply};
use crate::state::State;
use serde_json::json;

pub(super) fn show(state: &State, admission: Admission, query: &str) -> Result<Reply, Problem> {
    query::none(query)?;
    let (code, status) = if state.lifecycle.is_draining() { (503, "draining") } else { (200, "ok") };
    if admission == Admission::StatusOnly {
        return Ok(Reply::json(code, &json!({ "status": status })));
    }
    let running = state.running();
    let set_up = &running.set_up;
    let journal = state.journal.fill();
    Ok(Reply::json(
        code,
        &json!({
            "status": status,
            "version": env!("CARGO_PKG_VERSION"),
            "url": state.url.get(),
            "admin_url": state.admin_url.get(),
            "seed": set_up.seed,
            "now_ms": state.clock.now_ms(),
            "projects": set_up.directory().projects().len(),
            "users": set_up.directory().users_count(),
            "rules": set_up.rules.count(),
            "overrides": running.overrides().len(),
            "epoch": running.epoch.number(),
            "journal": {
                "entries": journal.entries,
                "bytes": journal.bytes,
                "dropped": journal.dropped,
            },
            "problems": [],
        }),
    ))
}
