//! Issues a temporary access key for the owner of a token.

use super::keystone::check_method;
use crate::api::admitted::Admitted;
use crate::api::auth::{self, KeyClaims, Statement, shown_time};
use crate::api::json_body::json;
use crate::api::objection::{Refused, invalid};
use crate::api::own::Own;
use crate::contract::KEY_SECONDS;
use crate::engine::Auth;
use crate::fixture::Account;
use crate::ids::AccountIndex;
use serde_json::{Value, json};

pub(crate) fn own<'a>(call: &Admitted<'a>) -> Result<Own<'a>, Box<Refused>> {
    let body = json(call)?;
    check_method(&body, "token")?;
    let Owner { account: (index, account), project, mut policies } = owner(call, &body)?;
    let seconds = match body.pointer("/auth/identity/token/duration_seconds") {
        None => *KEY_SECONDS.start(),
        Some(seconds) => whole_number(seconds).filter(|seconds| KEY_SECONDS.contains(seconds)).ok_or_else(|| {
            let (least, most) = (KEY_SECONDS.start(), KEY_SECONDS.end());
            invalid(format!("auth.identity.token.duration_seconds must be a number from {least} to {most}."))
        })?,
    };
    policies.extend(body.pointer("/auth/identity/policy").map(policy).transpose()?);
    let now = call.state().clock.moved_unix_ms();
    let expires = now.saturating_add(i64::try_from(seconds * 1000).unwrap_or(i64::MAX));
    let [domain, name] = [account.domain(), account.name()].map(str::to_owned);
    let claims = KeyClaims { domain, name, expires_ms: expires, project, policies };
    let key = auth::issue_key(&call.running().setup, &claims);
    let credential = json!({
        "access": key.access,
        "secret": key.secret,
        "securitytoken": key.security_token,
        "expires_at": shown_time(expires),
    });
    if let Some(secrets) = call.state().secrets.get() {
        secrets.hand_out_other(&key.security_token, "a security token");
    }
    let secret = Some(("the secret of a temporary access key", key.secret.clone()));
    let own = Own { account: Some((index, account)), secret, ..Own::of(call) };
    Ok(own.saying(json!({ "credential": credential })))
}

/// The account that gets a key, and its limits.
struct Owner<'a> {
    account: (AccountIndex, &'a Account),
    project: Option<String>,
    policies: Vec<Vec<Statement>>,
}

/// Whose token it is: that in the body, where SDKs send it, else that in the header. A key may be given by a key too.
fn owner<'a>(call: &Admitted<'a>, body: &Value) -> Result<Owner<'a>, Box<Refused>> {
    let settings = call.running().setup.settings;
    let sent = body_token(body)?;
    let holder = match sent.map(|token| call.gate().owner(token)) {
        Some(Err(refused)) if settings.auth != Auth::Off => return Err(refused),
        holder => holder.and_then(Result::ok),
    };
    let caller = holder.as_ref().or(call.caller);
    let account = caller.map(|caller| (caller.index, caller.account)).or_else(|| match settings.auth {
        Auth::Required => None,
        Auth::Off | Auth::Permissive => call.first_account(),
    });
    let token = caller.and_then(|caller| caller.token.as_ref());
    let key = call.caller.and_then(|caller| caller.key.as_ref());
    let project = [token.map(|claims| &claims.project), key.map(|claims| &claims.project)];
    Ok(Owner {
        account: account.ok_or_else(auth::no_token)?,
        project: project.into_iter().flatten().flatten().next().cloned(),
        policies: key.map(|claims| claims.policies.clone()).unwrap_or_default(),
    })
}

/// A whole number, however it is written: `900.0` is one too.
fn whole_number(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| {
        let number = value.as_f64().filter(|number| number.fract() == 0.0 && *number >= 0.0)?;
        format!("{number:.0}").parse().ok()
    })
}

/// The token in the body, if there is one. One of another type is wrong, not absent.
fn body_token(body: &Value) -> Result<Option<&str>, Box<Refused>> {
    let token = match body.pointer("/auth/identity/token") {
        None => return Ok(None),
        Some(Value::Object(token)) => token,
        Some(_) => return Err(invalid("auth.identity.token must be an object.")),
    };
    match token.get("id") {
        None => Ok(None),
        Some(Value::String(id)) => Ok(Some(id)),
        Some(_) => Err(invalid("auth.identity.token.id must be a string: a token.")),
    }
}

/// The statements of a policy.
fn policy(policy: &Value) -> Result<Vec<Statement>, Box<Refused>> {
    let wrong = || {
        invalid(
            "auth.identity.policy must have a Statement, a list of {\"Effect\": \"Allow\" or \"Deny\", \"Action\": \
             [\"…\"]}.",
        )
    };
    let statements = policy.get("Statement").and_then(Value::as_array).ok_or_else(wrong)?;
    let statement = |statement: &Value| {
        let allows = match statement.get("Effect").and_then(Value::as_str) {
            Some("Allow") => true,
            Some("Deny") => false,
            _ => return Err(wrong()),
        };
        let actions = statement.get("Action").and_then(Value::as_array).ok_or_else(wrong)?;
        let actions = actions.iter().map(|action| action.as_str().map(str::to_owned).ok_or_else(wrong));
        Ok(Statement { allows, actions: actions.collect::<Result<_, _>>()? })
    };
    statements.iter().map(statement).collect()
}
