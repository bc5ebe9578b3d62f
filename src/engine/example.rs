//! Examples of requests: a project, a user and bodies that the setup accepts.

use super::reason::{Refused, Why, sealed_reason};
use super::setup::Setup;
use crate::contract::Operation;
use crate::contract::examples::{PROJECT, USER};
use crate::fixture::Project;
use crate::ids::UserIndex;
use crate::samples::{Language, Sample, SampleRequest, sample};
use serde_json::{Value, json};

/// A request for samples. Missing parts come from the setup.
pub(crate) struct SampleQuery<'a> {
    pub(crate) operation: Operation,
    pub(crate) url: &'a str,
    pub(crate) project: Option<&'a str>,
    pub(crate) user: Option<&'a str>,
    pub(crate) parameters: Vec<(String, String)>,
    pub(crate) body: Option<Value>,
}

/// The samples for a request in some languages, or why the SDKs cannot make it.
pub(crate) fn samples(setup: &Setup, asked: SampleQuery<'_>, languages: &[Language]) -> Result<Vec<Sample>, String> {
    let SampleQuery { operation, url, project, user, parameters, body } = asked;
    let known = match project {
        Some(id) => setup.directory().project(id).map(|(_, project)| project),
        None => example_project(setup),
    };
    let first_user = known
        .and_then(|project| Some(project.user_at(UserIndex::new(0))?.id().into_owned()))
        .or_else(|| example_user(setup));
    let body = body.or_else(|| example_body(setup, operation).filter(|_| !operation.takes_no_body()));
    let wanted = SampleRequest {
        operation,
        url,
        project: project.or(known.map(Project::id)).unwrap_or(PROJECT),
        user: user.or(first_user.as_deref()).unwrap_or(USER),
        parameters,
        body,
    };
    languages.iter().map(|language| sample(*language, &wanted)).collect()
}

/// The first project that has users, else the first one.
pub(crate) fn example_project(setup: &Setup) -> Option<&Project> {
    let projects = setup.directory().projects();
    projects.iter().find(|project| project.users_count() > 0).or_else(|| projects.first())
}

/// The id of its first user.
pub(crate) fn example_user(setup: &Setup) -> Option<String> {
    example_project(setup).and_then(|project| Some(project.user_at(UserIndex::new(0))?.id().into_owned()))
}

/// Returns an example body of an operation. A login names an account of the setup, with its password only if that is the
/// documented one; a sealed message is one that the setup can open.
pub(crate) fn example_body(setup: &Setup, operation: Operation) -> Option<Value> {
    let body = (operation.row().request.as_ref()?.body.example)();
    if operation == Operation::DecodeAuthorizationMessage {
        return Some(json!({ "encoded_message": sealed(setup) }));
    }
    Some(if operation == Operation::KeystoneCreateUserTokenByPassword { login(setup, body) } else { body })
}

/// Why a reset of the first user would be refused.
fn sealed(setup: &Setup) -> String {
    let user = example_user(setup);
    let about = Refused {
        operation: Operation::ResetRandomPassword,
        principal: None,
        project: example_project(setup).map(|project| (project.id(), project.name())),
        user: user.as_deref(),
    };
    let why = Why::Missing(Operation::ResetRandomPassword.action.unwrap_or(Operation::ResetRandomPassword.id));
    sealed_reason(setup, &about, why)
}

fn login(setup: &Setup, mut body: Value) -> Value {
    if let (Some(project), Some(name)) = (example_project(setup), body.pointer_mut("/auth/scope/project/name")) {
        *name = json!(project.iam_name());
    }
    let Some(user) = body.pointer_mut("/auth/identity/password/user") else { return body };
    let accounts = setup.directory().accounts();
    let is_there = {
        let text = |pointer: &str| user.pointer(pointer).and_then(Value::as_str).unwrap_or("");
        let found = accounts.named(text("/domain/name"), text("/name"));
        found.and_then(|(_, account)| account.password()).is_some_and(|password| password == text("/password"))
    };
    // Another account's password is not told.
    let account = accounts.all().iter().find(|account| account.password().is_some());
    if let Some(account) = account.filter(|_| !is_there) {
        *user = json!({ "name": account.name(), "password": "…", "domain": { "name": account.domain() } });
    }
    body
}
