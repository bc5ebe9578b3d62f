//! Lists the caller's projects.

use super::keystone::{PER_PAGE, own_projects, shown_project};
use crate::api::admitted::Admitted;
use crate::api::own::Own;
use crate::fixture::Account;
use serde_json::json;

pub(crate) fn own<'a>(call: &Admitted<'a>) -> Own<'a> {
    let domain = call.account_or_first().map_or("", Account::domain_id);
    let url = call.whole.url();
    let found = own_projects(call).take(PER_PAGE);
    let projects: Vec<_> = found.map(|project| shown_project(&url, domain, project)).collect();
    let links = json!({ "self": format!("{url}{}", call.whole.request.path()) });
    Own::of(call).saying(json!({ "projects": projects, "links": links }))
}
