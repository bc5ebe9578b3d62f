//! Shared by the operations of IAM: bodies with tokens, and lists.

use crate::api::admitted::Admitted;
use crate::api::auth::{Claims, shown_time};
use crate::api::objection::{Refused, invalid};
use crate::fixture::{Account, Project};
use serde_json::{Value, json};

/// Entries on a page where no number is asked for, and in a list without pages.
pub(super) const PER_PAGE: usize = 5_000;
const METHODS: &str = "/auth/identity/methods";

/// Identities prove themselves in this way, and no other.
pub(crate) fn check_method(body: &Value, method: &str) -> Result<(), Box<Refused>> {
    let methods = body.pointer(METHODS).and_then(Value::as_array);
    let is_it = methods.is_some_and(|methods| matches!(methods.as_slice(), [only] if only == method));
    if is_it { Ok(()) } else { Err(invalid(format!("auth.identity.methods must be [\"{method}\"]."))) }
}

/// A JSON pointer as messages have it.
pub(crate) fn dotted(pointer: &str) -> String {
    pointer.trim_start_matches('/').replace('/', ".")
}

/// The body that goes with a token.
pub(crate) fn token_body(call: &Admitted<'_>, account: &Account, claims: &Claims) -> Value {
    let domain = json!({ "id": account.domain_id(), "name": account.domain() });
    let mut token = json!({
        "methods": ["password"],
        "expires_at": shown_time(claims.expires_ms),
        "issued_at": shown_time(claims.issued_ms),
        "catalog": if call.whole.value("nocatalog").is_some() { json!([]) } else { catalog(call) },
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
            let index = call.running().template_index(id);
            let project = index.and_then(|index| call.running().setup.directory().project_at(index));
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
fn catalog(call: &Admitted<'_>) -> Value {
    let url = call.whole.url();
    let service = |kind: &str| {
        let endpoint = json!({ "id": kind, "interface": "public", "region": "*", "region_id": "*", "url": url });
        json!({ "id": kind, "type": kind, "name": kind, "endpoints": [endpoint] })
    };
    ["iam", "sts", "workspace"].map(service).into_iter().collect()
}

/// The links of a list that has one page.
pub(crate) fn links(call: &Admitted<'_>) -> Value {
    json!({ "self": format!("{}{}", call.whole.url(), call.whole.request.path()), "next": null, "previous": null })
}

/// The caller's projects; without credentials all.
pub(crate) fn own_projects<'a>(call: &Admitted<'a>) -> impl Iterator<Item = &'a Project> {
    let account = call.account().map(|(_, account)| account);
    let indexed = call.running().setup.directory().indexed();
    let own = indexed.filter(move |(index, _)| account.is_none_or(|account| account.has_project(*index)));
    own.map(|(_, project)| project)
}

/// A project as IAM lists it: its name is that of its region.
pub(crate) fn shown_project(url: &str, domain: &str, project: &Project) -> Value {
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
