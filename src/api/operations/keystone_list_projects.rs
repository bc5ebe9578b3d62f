//! Lists the caller's projects, by the query.

use super::keystone::{PER_PAGE, links, own_projects, shown_project};
use crate::api::admitted::Admitted;
use crate::api::own::Own;
use crate::fixture::Account;
use serde_json::json;

pub(crate) fn own<'a>(call: &Admitted<'a>) -> Own<'a> {
    let whole = call.whole;
    let domain = call.account_or_first().map_or("", Account::domain_id);
    let of_all = [("domain_id", domain), ("parent_id", domain), ("enabled", "true"), ("is_domain", "false")];
    let is_other = |(field, own): (&str, &str)| whole.value(field).is_some_and(|wanted| wanted != own);
    let (none, name) = (of_all.into_iter().any(is_other), whole.value("name"));
    let number = |name: &str| whole.value(name).and_then(|number| number.parse::<usize>().ok());
    let (page, size) = (number("page").unwrap_or(1), number("per_page").unwrap_or(PER_PAGE));
    let found = own_projects(call).filter(|project| !none && name.is_none_or(|name| project.iam_name() == name));
    let found = found.skip((page - 1).saturating_mul(size)).take(size);
    let url = whole.url();
    let projects: Vec<_> = found.map(|project| shown_project(&url, domain, project)).collect();
    Own::of(call).saying(json!({ "projects": projects, "links": links(call) }))
}
