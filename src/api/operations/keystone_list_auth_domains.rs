//! Lists the caller's domain; without credentials every one.

use crate::api::admitted::Admitted;
use crate::api::own::Own;
use serde_json::json;
use std::collections::HashSet;

pub(crate) fn own<'a>(call: &Admitted<'a>) -> Own<'a> {
    let accounts = match call.account() {
        Some((_, account)) => std::slice::from_ref(account),
        None => call.running().setup.directory().accounts().all(),
    };
    let url = call.whole.url();
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
    let links = json!({ "self": format!("{url}{}", call.whole.request.path()) });
    Own::of(call).saying(json!({ "domains": domains, "links": links }))
}
