//! Shows the account and the scope of a token.

use super::keystone::token_body;
use crate::api::admitted::Admitted;
use crate::api::auth;
use crate::api::objection::{Refused, invalid};
use crate::api::own::Own;
use crate::contract::{Situation, X_SUBJECT_TOKEN};

pub(crate) fn own<'a>(call: &Admitted<'a>) -> Result<Own<'a>, Box<Refused>> {
    let mut values = call.whole.request.head.headers.get_all(X_SUBJECT_TOKEN).iter();
    let (Some(Ok(token)), None) = (values.next().map(|token| token.to_str()), values.next()) else {
        return Err(invalid(format!("The header {X_SUBJECT_TOKEN} is missing, or given twice.")));
    };
    let claims = auth::open_token(call.state(), call.running(), token).ok();
    let accounts = call.running().setup.directory().accounts();
    let found = claims.and_then(|claims| Some((accounts.named(&claims.domain, &claims.name)?.1, claims)));
    let (account, claims) = found.ok_or_else(|| {
        let message =
            format!("The token in {X_SUBJECT_TOKEN} is invalid: it was not issued, has expired, or was revoked.");
        Refused::new(Situation::UnknownUser, message).boxed()
    })?;
    let body = token_body(call, account, &claims);
    Ok(Own { headers: vec![(X_SUBJECT_TOKEN, token.to_owned())], ..Own::of(call).saying(body) })
}
