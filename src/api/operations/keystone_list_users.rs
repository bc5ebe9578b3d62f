//! Lists the accounts of the caller's domain, by the query; without credentials all of them.

use super::keystone::{PER_PAGE, links};
use crate::api::admitted::Admitted;
use crate::api::own::Own;
use crate::fixture::Account;
use serde_json::json;

pub(crate) fn own<'a>(call: &Admitted<'a>) -> Own<'a> {
    let url = call.whole.url();
    let own = call.account().map(|(_, account)| account.domain_id());
    let (domain, name) = (call.whole.value("domain_id"), call.whole.value("name"));
    let is_meant = |account: &&Account| {
        own.is_none_or(|own| own == account.domain_id())
            && domain.is_none_or(|domain| domain == account.domain_id())
            && name.is_none_or(|name| name == account.name())
    };
    let most = if call.whole.flag("enabled") == Some(false) { 0 } else { PER_PAGE };
    let accounts = call.running().setup.directory().accounts().all().iter();
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
    Own::of(call).saying(json!({ "links": links(call), "users": users }))
}
