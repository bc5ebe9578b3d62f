//! Overrides and passwords, of a server or a clone.

use super::errors::OverrideError;
use crate::state::{OverrideRefused, State};
use serde_json::json;

/// Adds an override, by the text of a rule.
pub(super) fn add(state: &State, rule: &str) -> Result<u64, OverrideError> {
    match state.add_override(rule) {
        Ok(added) => Ok(added.id),
        Err(OverrideRefused::Wrong(problems)) => Err(OverrideError::Invalid((&problems).into())),
        Err(OverrideRefused::Full(most)) => Err(OverrideError::Full(most)),
        Err(OverrideRefused::TooLarge(most)) => Err(OverrideError::TooLarge(most)),
        Err(OverrideRefused::NameTaken(place)) => Err(OverrideError::NameTaken(place)),
    }
}

/// Adds an override in the form of `--fault`.
pub(super) fn add_flag(state: &State, flag: &str, project: Option<&str>) -> Result<u64, OverrideError> {
    let rule = match project {
        Some(project) => json!({ "flag": flag, "project": project }),
        None => json!({ "flag": flag }),
    };
    add(state, &rule.to_string())
}

pub(super) fn password(state: &State, project: &str, user: &str, call: u64) -> Option<String> {
    let running = state.running();
    let found = running.find(project, user).ok()?;
    Some(running.setup.password(found.user(), call).to_string())
}

pub(super) fn current_password(state: &State, project: &str, user: &str) -> Option<String> {
    let running = state.running();
    let found = running.find(project, user).ok()?;
    running.current_password(&found).map(|(_, password)| password)
}
