//! `accounts`: which IAM identities can call the API. Passwords and secret keys stay where they are.

use super::{AdminProblem, reply::AdminReply, request::AdminRequest};
use crate::fixture::{Account, Directory, Project};
use crate::state::{State, lower_case};
use serde::Serialize;

/// A page of accounts.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct AccountPage<'r> {
    /// In the order of the files.
    accounts: Vec<ListedAccount<'r>>,
    /// The cursor of the next page; `None` after the last one.
    next: Option<usize>,
}

/// An account, without its secrets.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct ListedAccount<'r> {
    /// Its domain.
    domain: &'r str,
    /// Its name in the domain.
    name: &'r str,
    /// Both, as `domain/name`.
    account: String,
    /// Its access key; `None` if it cannot sign.
    access_key: Option<&'r str>,
    /// The ids of its projects; empty if it has all.
    projects: Vec<&'r str>,
    /// Whether it has all projects.
    all_projects: bool,
    /// The actions that it may do; `None` for all.
    permissions: Option<&'r [Box<str>]>,
}

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
    Ok(AdminReply::json(200, &AccountPage { accounts, next }))
}

fn has_text(account: &Account, text: &str) -> bool {
    let access = account.key().map(|key| &*key.access);
    lower_case(&account.shown()).contains(text) || access.is_some_and(|access| lower_case(access).contains(text))
}

fn shown<'r>(directory: &'r Directory, account: &'r Account) -> ListedAccount<'r> {
    let projects = account.projects().iter().filter_map(|index| directory.project_at(*index).map(Project::id));
    ListedAccount {
        domain: account.domain(),
        name: account.name(),
        account: account.shown(),
        access_key: account.key().map(|key| &*key.access),
        projects: projects.collect(),
        all_projects: !account.is_limited_to_projects(),
        permissions: account.permissions(),
    }
}
