//! IAM's operations: tokens for passwords, look-ups of projects and domains, temporary access keys.

use super::account_call::{Asking, Success, invalid};
use super::auth::{self, Claims, KeyClaims, Statement, shown_time};
use super::objection::Refused;
use crate::contract::{KEY_SECONDS, Operation, Situation, X_SUBJECT_TOKEN};
use crate::engine::Auth;
use crate::fixture::{Account, Project};
use crate::ids::AccountIndex;
use serde_json::{Value, json};
use std::collections::{BTreeSet, HashSet};
use subtle::ConstantTimeEq as _;

const METHODS: &str = "/auth/identity/methods";
/// Entries on a page where no number is asked for, and in a list without pages.
const PER_PAGE: usize = 5_000;

/// What a token is asked for.
enum Scope {
    Project(String),
    Domain,
}

/// A token for an account's name and password.
pub(super) fn create_token<'a>(asking: &Asking<'a>) -> Result<Success<'a>, Box<Refused>> {
    let body = asking.json()?;
    check_method(&body, "password")?;
    let user = "/auth/identity/password/user";
    let [domain, name, password] =
        ["domain/name", "name", "password"].map(|field| text(&body, &format!("{user}/{field}")));
    let (domain, name, password) = (domain?, name?, password?);
    let accounts = asking.running.setup.directory().accounts();
    let found = accounts.named(domain, name);
    let is_right = found.and_then(|(_, account)| account.password()).is_some_and(|right| same(right, password));
    let Some((index, account)) = found.filter(|_| is_right) else {
        // What was claimed is not repeated: it would stand in logs and journal.
        let refused = Refused::new(Situation::WrongPassword, "The user name or password is wrong.");
        return Err(refused.hint("Accounts are defined in users files.").boxed());
    };
    let project = match scope(asking, &body, account)? {
        Scope::Project(id) => Some(id),
        Scope::Domain => None,
    };
    let made = auth::make_token(asking.state, asking.running, account, project.as_deref());
    Ok(Success {
        account: Some((index, account)),
        body: token_body(asking, account, &made.claims),
        headers: vec![(X_SUBJECT_TOKEN, made.token.clone())],
        secret: Some(("a token", made.token)),
        issued: Some(made.listed),
    })
}

/// What a token is worth.
pub(super) fn validate_token<'a>(asking: &Asking<'a>) -> Result<Success<'a>, Box<Refused>> {
    let mut values = asking.request.request.head.headers.get_all(X_SUBJECT_TOKEN).iter();
    let (Some(Ok(token)), None) = (values.next().map(|token| token.to_str()), values.next()) else {
        return Err(invalid(format!("The header {X_SUBJECT_TOKEN} is missing, or given twice.")));
    };
    let claims = auth::open_token(asking.state, asking.running, token).ok();
    let accounts = asking.running.setup.directory().accounts();
    let found = claims.and_then(|claims| Some((accounts.named(&claims.domain, &claims.name)?.1, claims)));
    let (account, claims) = found.ok_or_else(|| {
        let message =
            format!("The token in {X_SUBJECT_TOKEN} is invalid: it was not issued, has expired, or was revoked.");
        Refused::new(Situation::UnknownUser, message).boxed()
    })?;
    let body = token_body(asking, account, &claims);
    Ok(Success { headers: vec![(X_SUBJECT_TOKEN, token.to_owned())], ..Success::of(asking, body) })
}

/// The caller's projects, by what the query says.
pub(super) fn list_projects<'a>(asking: &Asking<'a>) -> Success<'a> {
    let domain = asking.someone().map_or("", Account::domain_id);
    let url = asking.request.url();
    let here = format!("{url}{}", asking.request.request.path());
    let has_query = asking.operation == Operation::KeystoneListProjects;
    let wanted = |field: &str| asking.request.value(field).filter(|_| has_query);
    let is_other = |(field, own): (&str, &str)| wanted(field).is_some_and(|wanted| wanted != own);
    let of_all = [("domain_id", domain), ("parent_id", domain), ("enabled", "true"), ("is_domain", "false")];
    let (none, name) = (of_all.into_iter().any(is_other), wanted("name"));
    let number = |name: &str| wanted(name).and_then(|number| number.parse::<usize>().ok());
    let (page, size) = (number("page").unwrap_or(1), number("per_page").unwrap_or(PER_PAGE));
    let found = projects_of(asking).filter(|project| !none && name.is_none_or(|name| project.iam_name() == name));
    let found = found.skip((page - 1).saturating_mul(size)).take(size);
    let projects: Vec<_> = found.map(|project| shown_project(&url, domain, project)).collect();
    let links =
        if has_query { json!({ "self": here, "next": null, "previous": null }) } else { json!({ "self": here }) };
    Success::of(asking, json!({ "projects": projects, "links": links }))
}

/// The caller's domain; of nobody, every one.
pub(super) fn list_domains<'a>(asking: &Asking<'a>) -> Success<'a> {
    let accounts = match asking.account() {
        Some((_, account)) => std::slice::from_ref(account),
        None => asking.running.setup.directory().accounts().all(),
    };
    let url = asking.request.url();
    let mut seen = HashSet::new();
    let mut domains = Vec::new();
    for account in accounts.iter().filter(|account| seen.insert(account.domain_id())) {
        domains.push(json!({
            "id": account.domain_id(),
            "name": account.domain(),
            "enabled": true,
            "description": "",
            "links": { "self": format!("{url}/v3/domains/{}", account.domain_id()) },
        }));
    }
    let links = json!({ "self": format!("{url}{}", asking.request.request.path()) });
    Success::of(asking, json!({ "domains": domains, "links": links }))
}

/// The accounts of the caller's domain, by what the query says; of nobody, all of them.
pub(super) fn list_accounts<'a>(asking: &Asking<'a>) -> Success<'a> {
    let url = asking.request.url();
    let own = asking.account().map(|(_, account)| account.domain_id());
    let (domain, name) = (asking.request.value("domain_id"), asking.request.value("name"));
    let is_meant = |account: &&Account| {
        own.is_none_or(|own| own == account.domain_id())
            && domain.is_none_or(|domain| domain == account.domain_id())
            && name.is_none_or(|name| name == account.name())
    };
    let most = if asking.request.flag("enabled") == Some(false) { 0 } else { PER_PAGE };
    let accounts = asking.running.setup.directory().accounts().all().iter();
    let users = accounts.filter(is_meant).take(most).map(|account| {
        json!({
            "id": account.id(),
            "name": account.name(),
            "domain_id": account.domain_id(),
            "enabled": true,
            "description": "",
            "links": { "self": format!("{url}/v3/users/{}", account.id()), "next": null, "previous": null },
            "password_expires_at": null,
        })
    });
    let users: Vec<_> = users.collect();
    Success::of(asking, json!({ "links": links(asking), "users": users }))
}

/// The regions, each by the name of a loaded project.
pub(super) fn list_regions<'a>(asking: &Asking<'a>) -> Success<'a> {
    let url = asking.request.url();
    let names: BTreeSet<_> = asking.running.setup.directory().projects().iter().filter_map(Project::name).collect();
    let regions = names.into_iter().take(PER_PAGE).map(|id| {
        json!({
            "id": id,
            "description": "",
            "parent_region_id": null,
            "type": "public",
            "locales": { "en-us": id, "zh-cn": id },
            "links": { "self": format!("{url}/v3/regions/{id}") },
        })
    });
    let regions: Vec<_> = regions.collect();
    Success::of(asking, json!({ "links": links(asking), "regions": regions }))
}

/// The links of a list that has one page.
fn links(asking: &Asking<'_>) -> Value {
    json!({ "self": format!("{}{}", asking.request.url(), asking.request.request.path()), "next": null, "previous": null })
}

/// An access key for a while, for the owner of a token.
pub(super) fn create_temporary_key<'a>(asking: &Asking<'a>) -> Result<Success<'a>, Box<Refused>> {
    let body = asking.json()?;
    check_method(&body, "token")?;
    let Owner { account: (index, account), project, mut policies } = owner(asking, &body)?;
    let seconds = match body.pointer("/auth/identity/token/duration_seconds") {
        None => *KEY_SECONDS.start(),
        Some(seconds) => whole_number(seconds).filter(|seconds| KEY_SECONDS.contains(seconds)).ok_or_else(|| {
            let (least, most) = (KEY_SECONDS.start(), KEY_SECONDS.end());
            invalid(format!("auth.identity.token.duration_seconds must be a number from {least} to {most}."))
        })?,
    };
    policies.extend(body.pointer("/auth/identity/policy").map(policy).transpose()?);
    let now = asking.state.clock.moved_unix_ms();
    let expires = now.saturating_add(i64::try_from(seconds * 1000).unwrap_or(i64::MAX));
    let [domain, name] = [account.domain(), account.name()].map(str::to_owned);
    let claims = KeyClaims { domain, name, expires_ms: expires, project, policies };
    let key = auth::issue_key(&asking.running.setup, &claims);
    let credential = json!({
        "access": key.access,
        "secret": key.secret,
        "securitytoken": key.security_token,
        "expires_at": shown_time(expires),
    });
    if let Some(secrets) = asking.state.secrets.get() {
        secrets.hand_out_other(&key.security_token, "a security token");
    }
    let secret = Some(("the secret of a temporary access key", key.secret.clone()));
    Ok(Success {
        account: Some((index, account)),
        body: json!({ "credential": credential }),
        headers: Vec::new(),
        secret,
        issued: None,
    })
}

/// Who is given a key, and what limits him already.
struct Owner<'a> {
    account: (AccountIndex, &'a Account),
    project: Option<String>,
    policies: Vec<Vec<Statement>>,
}

/// Whose token it is: that in the body, where SDKs send it, else that in the header. A key may be given by a key too.
fn owner<'a>(asking: &Asking<'a>, body: &Value) -> Result<Owner<'a>, Box<Refused>> {
    let settings = asking.running.setup.settings;
    let sent = body_token(body)?;
    let holder = match sent.map(|token| asking.gate().owner(token)) {
        Some(Err(refused)) if settings.auth != Auth::Off => return Err(refused),
        holder => holder.and_then(Result::ok),
    };
    let caller = holder.as_ref().or(asking.caller);
    let account = caller.map(|caller| (caller.index, caller.account)).or_else(|| match settings.auth {
        Auth::Required => None,
        Auth::Off | Auth::Permissive => asking.first(),
    });
    let token = caller.and_then(|caller| caller.token.as_ref());
    let key = asking.caller.and_then(|caller| caller.key.as_ref());
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

/// Identities prove themselves in this way, and no other.
fn check_method(body: &Value, method: &str) -> Result<(), Box<Refused>> {
    let methods = body.pointer(METHODS).and_then(Value::as_array);
    let is_it = methods.is_some_and(|methods| matches!(methods.as_slice(), [only] if only == method));
    if is_it { Ok(()) } else { Err(invalid(format!("auth.identity.methods must be [\"{method}\"]."))) }
}

fn text<'b>(body: &'b Value, pointer: &str) -> Result<&'b str, Box<Refused>> {
    let found = body.pointer(pointer).and_then(Value::as_str).filter(|text| !text.is_empty());
    found.ok_or_else(|| invalid(format!("{} is missing, or not a string.", dotted(pointer))))
}

/// A JSON pointer as messages have it.
fn dotted(pointer: &str) -> String {
    pointer.trim_start_matches('/').replace('/', ".")
}

fn scope(asking: &Asking<'_>, body: &Value, account: &Account) -> Result<Scope, Box<Refused>> {
    match (named(body, "project")?, named(body, "domain")?) {
        (Some(named), None) => project_scope(asking, account, named).map(Scope::Project),
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

/// The id of the project that a scope names. What it names is not repeated: bodies of logins are in no log.
fn project_scope(
    asking: &Asking<'_>,
    account: &Account,
    [id, name]: [Option<&str>; 2],
) -> Result<String, Box<Refused>> {
    let directory = asking.running.setup.directory();
    let is_called = |project: &Project| name.is_none_or(|name| project.iam_name() == name);
    let found: Vec<_> = if let Some(id) = id {
        let index = asking.running.template_index(id);
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

/// The body that goes with a token.
fn token_body(asking: &Asking<'_>, account: &Account, claims: &Claims) -> Value {
    let domain = json!({ "id": account.domain_id(), "name": account.domain() });
    let mut token = json!({
        "methods": ["password"],
        "expires_at": shown_time(claims.expires_ms),
        "issued_at": shown_time(claims.issued_ms),
        "catalog": if asking.request.value("nocatalog").is_some() { json!([]) } else { catalog(asking) },
        "roles": [{ "id": "0", "name": "te_admin" }],
        "user": {
            "id": account.id(),
            "name": account.name(),
            "domain": domain,
            "password_expires_at": "",
        },
    });
    let (field, scope) = match &claims.project {
        Some(id) => {
            let index = asking.running.template_index(id);
            let project = index.and_then(|index| asking.running.setup.directory().project_at(index));
            let name = project.map_or(id.as_str(), Project::iam_name);
            ("project", json!({ "id": id, "name": name, "domain": domain }))
        }
        None => ("domain", domain),
    };
    if let Value::Object(token) = &mut token {
        token.insert(field.to_owned(), scope);
    }
    json!({ "token": token })
}

/// The services that are emulated.
fn catalog(asking: &Asking<'_>) -> Value {
    let url = asking.request.url();
    let service = |kind: &str| {
        let endpoint = json!({ "id": kind, "interface": "public", "region": "*", "region_id": "*", "url": url });
        json!({ "id": kind, "type": kind, "name": kind, "endpoints": [endpoint] })
    };
    ["iam", "sts", "workspace"].map(service).into_iter().collect()
}

fn projects_of<'a>(asking: &Asking<'a>) -> impl Iterator<Item = &'a Project> {
    let account = asking.account().map(|(_, account)| account);
    let indexed = asking.running.setup.directory().indexed();
    let own = indexed.filter(move |(index, _)| account.is_none_or(|account| account.has_project(*index)));
    own.map(|(_, project)| project)
}

/// A project as IAM lists it: its name is that of its region.
fn shown_project(url: &str, domain: &str, project: &Project) -> Value {
    json!({
        "id": project.id(),
        "name": project.iam_name(),
        "domain_id": domain,
        "parent_id": domain,
        "enabled": true,
        "is_domain": false,
        "description": "",
        "links": { "self": format!("{url}/v3/projects/{}", project.id()), "next": null, "previous": null },
    })
}

fn same(one: &str, other: &str) -> bool {
    one.as_bytes().ct_eq(other.as_bytes()).into()
}
