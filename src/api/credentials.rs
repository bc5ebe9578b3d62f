//! Step 4: who calls? A token or a signature; what is shown must look right.

use super::Refused;
use super::fields::{Field, Fields};
use crate::contract::{Parameter, Situation};
use crate::engine::Auth;

/// What every 401 of the gateway begins with; consumers match it.
const INCORRECT: &str = "Incorrect IAM authentication information";
/// Algorithms that the vendor's SDKs sign with.
const ALGORITHMS: [&str; 5] =
    ["SDK-HMAC-SHA256", "SDK-HMAC-SM3", "SDK-ECDSA-P256-SHA256", "SDK-SM2-SM3", "V11-HMAC-SHA256"];

pub(super) fn check(token: Option<&Parameter>, fields: &Fields<'_>, auth: Auth) -> Result<(), Box<Refused>> {
    if auth == Auth::Off {
        return Ok(());
    }
    let has_token = token.map_or(Ok(false), |row| check_token(row, fields.named(row.name)))?;
    let shown = [has_token, check_authorization(fields.authorization)?];
    if auth == Auth::Required && shown == [false, false] {
        return Err(refused(
            "x-auth-token not found",
            "Send a token in X-Auth-Token or sign the request; or start wksmock with --auth permissive.",
        ));
    }
    Ok(())
}

/// Whether there is a token.
fn check_token(row: &Parameter, token: Field<'_>) -> Result<bool, Box<Refused>> {
    let token = match token {
        Field::Absent => return Ok(false),
        Field::Repeated => return Err(wrong("decrypt token fail", &format!("{} stands there twice.", row.name))),
        Field::Once(token) => token,
    };
    if row.chars.contains(&token.len()) {
        return Ok(true);
    }
    let what = format!(
        "{} has {} characters, a token has {} to {}.",
        row.name,
        token.len(),
        row.chars.start(),
        row.chars.end()
    );
    Err(wrong("decrypt token fail", &what))
}

/// Whether the request is signed.
fn check_authorization(authorization: Field<'_>) -> Result<bool, Box<Refused>> {
    match authorization {
        Field::Absent => Ok(false),
        Field::Once(value) if value.to_str().is_ok_and(is_signature) => Ok(true),
        Field::Once(_) | Field::Repeated => {
            let what = "Authorization is not `ALGORITHM Access=…, SignedHeaders=…, Signature=…` as the SDKs write it.";
            Err(wrong("verify aksk signature fail", what))
        }
    }
}

/// `ALGORITHM Access=…, SignedHeaders=…, Signature=…`; newer algorithms say `Credential` for `Access`.
fn is_signature(value: &str) -> bool {
    let Some((algorithm, rest)) = value.split_once(' ') else {
        return false;
    };
    let part = |name: &str| {
        let mut parts = rest.split(',').filter_map(|part| part.trim().split_once('='));
        parts.any(|(key, value)| key == name && !value.is_empty())
    };
    ALGORITHMS.contains(&algorithm)
        && (part("Access") || part("Credential"))
        && part("SignedHeaders")
        && part("Signature")
}

fn wrong(tail: &str, what: &str) -> Box<Refused> {
    refused(tail, &format!("{what} Send the right one or none; or start wksmock with --auth off."))
}

fn refused(tail: &str, help: &str) -> Box<Refused> {
    Refused::new(Situation::NotAuthenticated, format!("{INCORRECT}: {tail}. {help}")).boxed()
}
