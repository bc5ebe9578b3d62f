//! Users as queries and paths name them: by id, by name, or by the end of the id.

use super::AdminProblem;
use crate::fixture::{Among, ID_END_MIN, NoUser};
use crate::state::Running;
use std::collections::BTreeSet;

/// The id of the user that a text names in a project or clone, or anywhere; `None` for an unknown user.
///
/// # Errors
///
/// If it names users with different ids.
pub(super) fn user_id(running: &Running, project: Option<&str>, text: &str) -> Result<Option<String>, AdminProblem> {
    let template = project.map(|project| running.template_index(project));
    if template == Some(None) {
        return Ok(None);
    }
    let template = template.flatten();
    let among = Among { directory: running.setup.directory(), projects: template.as_ref().map(std::slice::from_ref) };
    let loaded = among.id_meant(text);
    if loaded.as_deref() == Ok(text) {
        return Ok(Some(text.to_owned()));
    }
    let created = created(running, project, text);
    if created.contains(text) {
        return Ok(Some(text.to_owned()));
    }
    let mut ids = created;
    match loaded {
        Ok(id) => drop(ids.insert(id)),
        Err(NoUser::Unknown) => {}
        Err(NoUser::Several) => return Err(several(text, &among.candidates(text))),
    }
    let first = ids.first().cloned();
    if ids.len() > 1 {
        return Err(several(text, &ids.into_iter().collect::<Vec<_>>()));
    }
    Ok(first)
}

/// The id of the user that an optional text names; the text itself for an unknown user.
pub(super) fn id_or_text(
    running: &Running,
    project: Option<&str>,
    text: Option<&str>,
) -> Result<Option<String>, AdminProblem> {
    let Some(text) = text else { return Ok(None) };
    Ok(Some(user_id(running, project, text)?.unwrap_or_else(|| text.to_owned())))
}

/// Ids of created users that a text names.
fn created(running: &Running, project: Option<&str>, text: &str) -> BTreeSet<String> {
    let places = running.places(None).filter(|place| project.is_none_or(|project| project == place.id()));
    let all = places.flat_map(|place| place.ledger.people.created().into_iter().map(move |(_, id)| (place.id(), id)));
    let named = all.filter(|(place, id)| {
        let is_end = text.len() >= ID_END_MIN && id.ends_with(text);
        let has_name = || {
            let found = running.find(place, id);
            found.is_ok_and(|found| !text.is_empty() && found.user().user_name().eq_ignore_ascii_case(text))
        };
        id == text || is_end || has_name()
    });
    named.map(|(_, id)| id).collect()
}

/// The end of an error about an unknown user: similar names, if there are any.
pub(super) fn hint(running: &Running, project: &str, text: &str) -> String {
    let template = running.template_index(project);
    let among = Among { directory: running.setup.directory(), projects: template.as_ref().map(std::slice::from_ref) };
    crate::diagnostics::did_you_mean(&among.near(text)).map_or(".".to_owned(), |hint| format!("; {hint}"))
}

fn several(text: &str, candidates: &[String]) -> AdminProblem {
    AdminProblem::new(400, format!("Several users match {text:?}; use the id of one: {}.", candidates.join(", ")))
}
