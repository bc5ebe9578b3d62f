//! Issues a token for an account's name and password.

use super::keystone::{check_method, dotted, token_body};
use crate::api::admitted::Admitted;
use crate::api::auth;
use crate::api::json_body::json;
use crate::api::objection::{Refused, invalid};
use crate::api::own::{Effect, Own};
use crate::api::response::Says;
use crate::contract::{Situation, X_SUBJECT_TOKEN};
use crate::fixture::{Account, Project};
use serde_json::Value;
use subtle::ConstantTimeEq as _;

/// The scope of a token.
enum Scope {
    Project(String),
    Domain,
}

/// A token for an account's name and password.
pub(crate) fn own<'a>(call: &Admitted<'a>) -> Result<Own<'a>, Box<Refused>> {
    let body = json(call)?;
    check_method(&body, "password")?;
    let user = "/auth/identity/password/user";
    let [domain, name, password] =
        ["domain/name", "name", "password"].map(|field| text(&body, &format!("{user}/{field}")));
    let (domain, name, password) = (domain?, name?, password?);
    let accounts = call.running().setup.directory().accounts();
    let found = accounts.named(domain, name);
    let is_right = found.and_then(|(_, account)| account.password()).is_some_and(|right| same(right, password));
    let Some((index, account)) = found.filter(|_| is_right) else {
        // The claimed names are not repeated, so that logs and journal do not have them.
        let refused = Refused::new(Situation::WrongPassword, "The user name or password is wrong.");
        return Err(refused.hint("Accounts are defined in users files.").boxed());
    };
    let project = match scope(call, &body, account)? {
        Scope::Project(id) => Some(id),
        Scope::Domain => None,
    };
    let made = auth::make_token(call.state(), call.running(), account, project.as_deref());
    Ok(Own {
        account: Some((index, account)),
        effect: Effect::Token(made.listed),
        says: Says::One(token_body(call, account, &made.claims)),
        headers: vec![(X_SUBJECT_TOKEN, made.token.clone())],
        secret: Some(("a token", made.token)),
    })
}

fn text<'b>(body: &'b Value, pointer: &str) -> Result<&'b str, Box<Refused>> {
    let found = body.pointer(pointer).and_then(Value::as_str).filter(|text| !text.is_empty());
    found.ok_or_else(|| invalid(format!("{} is missing, or not a string.", dotted(pointer))))
}

fn scope(call: &Admitted<'_>, body: &Value, account: &Account) -> Result<Scope, Box<Refused>> {
    match (named(body, "project")?, named(body, "domain")?) {
        (Some(named), None) => project_scope(call, account, named).map(Scope::Project),
        (None, Some([id, name])) => {
            let is_its_own =
                id.is_none_or(|id| id == account.domain_id()) && name.is_none_or(|name| name == account.domain());
            if is_its_own {
                Ok(Scope::Domain)
            } else {
                Err(not_there("The scope names a domain that the account does not belong to."))
            }
        }
        _ => Err(invalid("auth.scope must name one project or one domain, by id or by name.")),
    }
}

/// By which id and name a scope names something.
fn named<'b>(body: &'b Value, what: &str) -> Result<Option<[Option<&'b str>; 2]>, Box<Refused>> {
    for at in ["/auth/scope".to_owned(), format!("/auth/scope/{what}")] {
        match body.pointer(&at) {
            None => return Ok(None),
            Some(found) if !found.is_object() => {
                return Err(invalid(format!("{} must be an object.", dotted(&at))));
            }
            Some(_) => {}
        }
    }
    let mut fields = [None; 2];
    for (field, name) in fields.iter_mut().zip(["id", "name"]) {
        if let Some(value) = body.pointer(&format!("/auth/scope/{what}/{name}")) {
            let wrong = || invalid(format!("auth.scope.{what}.{name} must be a string."));
            *field = Some(value.as_str().ok_or_else(wrong)?);
        }
    }
    if fields == [None; 2] {
        return Err(invalid(format!("auth.scope.{what} needs an id or a name.")));
    }
    Ok(Some(fields))
}

/// The id of the project that a scope names. The name is not repeated: bodies of logins must not be logged.
fn project_scope(
    call: &Admitted<'_>,
    account: &Account,
    [id, name]: [Option<&str>; 2],
) -> Result<String, Box<Refused>> {
    let directory = call.running().setup.directory();
    let is_called = |project: &Project| name.is_none_or(|name| project.iam_name() == name);
    let found: Vec<_> = if let Some(id) = id {
        let index = call.running().template_index(id);
        let found = index.and_then(|index| Some((index, directory.project_at(index)?)));
        found.filter(|(_, project)| is_called(project)).map(|(index, _)| (index, id)).into_iter().collect()
    } else {
        let all = directory.indexed();
        all.filter(|(_, project)| is_called(project)).map(|(index, project)| (index, project.id())).collect()
    };
    let own: Vec<_> = found.iter().filter(|(index, _)| account.has_project(*index)).collect();
    match own.as_slice() {
        [(_, id)] => Ok((*id).to_owned()),
        [_, _, ..] => {
            Err(invalid("auth.scope.project.name matches several projects of the account; use the project id."))
        }
        [] if found.is_empty() => Err(not_there("The scope names an unknown project.")),
        [] => {
            let message = format!("Account {} has no access to the project in the scope.", account.shown());
            Err(Refused::new(Situation::NoPermission, message).boxed())
        }
    }
}

fn not_there(what: &str) -> Box<Refused> {
    Refused::new(Situation::UnknownProject, what).boxed()
}

fn same(one: &str, other: &str) -> bool {
    one.as_bytes().ct_eq(other.as_bytes()).into()
}
