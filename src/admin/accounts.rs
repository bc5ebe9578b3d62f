//! `accounts`: which IAM identities can call the API. Passwords and secret keys stay where they are.

use super::{AdminProblem, reply::AdminReply, request::AdminRequest};
use crate::fixture::{Account, Directory, Project};
use crate::state::{State, lower_case};
use serde_json::{Value, json};

pub(super) fn list(state: &State, request: &AdminRequest) -> Result<AdminReply, AdminProblem> {
    let query = &request.query;
    let cursor: usize = query.cursor()?;
    let limit = query.limit(state.limits.page_max)?;
    let text = query.text("search").map(lower_case);
    let running = state.running();
    let directory = running.setup.directory();
    let all = directory.accounts().all().iter().enumerate().skip(cursor);
    let mut found = all.filter(|(_, account)| text.as_deref().is_none_or(|text| has_text(account, text)));
    let accounts: Vec<_> = found.by_ref().take(limit).map(|(_, account)| shown(directory, account)).collect();
    let next = found.next().map(|(index, _)| index);
    Ok(AdminReply::json(200, &json!({ "accounts": accounts, "next": next })))
}

fn has_text(account: &Account, text: &str) -> bool {
    let access = account.key().map(|key| &*key.access);
    lower_case(&account.shown()).contains(text) || access.is_some_and(|access| lower_case(access).contains(text))
}

fn shown(directory: &Directory, account: &Account) -> Value {
    let projects = account.projects().iter().filter_map(|index| directory.project_at(*index).map(Project::id));
    json!({
        "domain": account.domain(),
        "name": account.name(),
        "account": account.shown(),
        "access_key": account.key().map(|key| &key.access),
        "projects": projects.collect::<Vec<_>>(),
        "all_projects": !account.is_limited_to_projects(),
        "permissions": account.permissions(),
    })
}
