//! `users`: who is loaded, how often each was called, and who is magic.

use super::{Problem, query::Query, reply::Reply};
use crate::fixture::{Project, UserKey};
use crate::state::{Cloned, Found, Running, State, is_clone, is_created};
use serde_json::{Value, json};
use std::sync::Arc;

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
    // Those who were created stand behind those who are loaded.
    let created: Vec<_> = running
        .peoples(None)
        .filter(|(index, id, _)| asked.map_or_else(|| !is_clone(*index), |asked| asked == *id))
        .flat_map(|(_, project, people)| people.created().into_iter().map(move |(_, id, _)| (project, id)))
        .collect();
    let loaded = directory.keys().filter(|key| only.is_none_or(|only| only == key.project)).map(Listed::Loaded);
    let mut rest = loaded.chain(created.iter().map(|(project, id)| Listed::Created(project, id))).skip(cursor);
    let (mut looked, mut users) = (0, Vec::new());
    for listed in rest.by_ref() {
        looked += 1;
        users.extend(listed.shown(&running, clone));
        if users.len() >= limit {
            break;
        }
    }
    let next = rest.next().map(|_| cursor + looked);
    Ok(Reply::json(200, &json!({ "users": users, "next": next })))
}

/// Where a user stands.
enum Listed<'r> {
    Loaded(UserKey),
    /// The ids of the project and his own.
    Created(&'r str, &'r str),
}

impl Listed<'_> {
    /// The user as he is now, if he is there.
    fn shown(&self, running: &Running, clone: Option<&Arc<Cloned>>) -> Option<Value> {
        let directory = running.set_up.directory();
        match self {
            Self::Loaded(key) => {
                let project = directory.project_at(key.project)?;
                let id = project.user_at(key.user)?.id().into_owned();
                let found = running.find(clone.map_or(project.id(), |clone| clone.id()), &id).ok()?;
                Some(shown(running, &found, project))
            }
            Self::Created(place, id) => {
                // One of that id who is loaded goes before.
                let found = running.find(place, id).ok().filter(|found| is_created(found.key.user))?;
                Some(shown(running, &found, directory.project_at(found.key.project)?))
            }
        }
    }
}

fn shown(running: &Running, found: &Found<'_>, project: &Project) -> Value {
    let user = found.user();
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
