//! `users`: who is loaded, how often each was called, and who is magic.

use super::{Problem, query::Query, reply::Reply};
use crate::fixture::Project;
use crate::state::{Found, Running, State};
use serde_json::{Value, json};

pub(super) fn list(state: &State, query: &str) -> Result<Reply, Problem> {
    let query = Query::of(query, &["project", "cursor", "limit"])?;
    let cursor: usize = query.parsed("cursor", "the next of an earlier answer")?.unwrap_or(0);
    let limit = query.limit(state.limits.page_max)?;
    let running = state.running();
    let directory = running.set_up.directory();
    let asked = query.text("project");
    let clone = asked.and_then(|id| running.clones.get(id));
    let only = match asked {
        None => None,
        Some(id) => match directory.project(clone.map_or(id, |clone| clone.template())) {
            Some((index, _)) => Some(index),
            None => return Err(Problem::new(404, format!("No project {id:?} is loaded, or made of one that is."))),
        },
    };
    let keys = directory.keys().filter(|key| only.is_none_or(|only| only == key.project));
    let mut rest = keys.skip(cursor);
    let users: Vec<Value> = rest
        .by_ref()
        .take(limit)
        .filter_map(|key| {
            let project = directory.project_at(key.project)?;
            let found = Found { key, user: project.user_at(key.user)?, clone };
            Some(shown(&running, &found, project))
        })
        .collect();
    let next = rest.next().map(|_| cursor + users.len());
    Ok(Reply::json(200, &json!({ "users": users, "next": next })))
}

fn shown(running: &Running, found: &Found<'_>, project: &Project) -> Value {
    let user = found.user;
    let text = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    json!({
        "project": found.clone.map_or(project.id(), |clone| clone.id()),
        "project_name": project.name(),
        "id": user.id(),
        "user_name": text(&user.user_name()),
        "user_email": text(&user.user_email()),
        "user_phone": text(&user.user_phone()),
        "description": text(user.description()),
        "active_type": user.active_type().name(),
        "disabled": user.disabled(),
        "locked": user.locked(),
        "calls": running.calls(found),
        "magic_status": running.set_up.magic_status(found.key),
    })
}
