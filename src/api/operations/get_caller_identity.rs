//! Shows the account that calls; without credentials the first that is loaded.

use crate::api::admitted::Admitted;
use crate::api::auth;
use crate::api::objection::Refused;
use crate::api::own::Own;
use crate::engine::Principal;
use serde_json::json;

pub(crate) fn own<'a>(call: &Admitted<'a>) -> Result<Own<'a>, Box<Refused>> {
    let account = call.account_or_first().ok_or_else(auth::no_token)?;
    let body = json!({
        "account_id": account.domain_id(),
        "principal_id": account.id(),
        "principal_urn": Principal::of(account).urn(),
    });
    Ok(Own::of(call).saying(body))
}
