//! Tokens: sealed with the seed, so that any server of it takes them and none needs to remember them.

use crate::fixture::Account;
use crate::state::{Issued, Running, State, times, token_id};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

/// The start of the vendor's tokens.
const START: &str = "MIID";

/// The content of a token.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Claims {
    #[serde(rename = "d")]
    pub(crate) domain: String,
    #[serde(rename = "n")]
    pub(crate) name: String,
    /// The id of the project that it is for; none where it is for the domain.
    #[serde(rename = "p")]
    pub(crate) project: Option<String>,
    /// When it was issued, in milliseconds since 1970.
    #[serde(rename = "i")]
    pub(crate) issued_ms: i64,
    #[serde(rename = "e")]
    pub(crate) expires_ms: i64,
    /// Tells it apart from others of the same time.
    #[serde(rename = "s")]
    serial: u64,
}

/// Why a token is not taken.
pub(crate) enum Invalid {
    Unreadable,
    Revoked,
    /// When it did.
    Expired(String),
}

/// A token that is to be handed out, and how it is listed once it is.
pub(crate) struct NewToken {
    pub(crate) token: String,
    pub(crate) claims: Claims,
    pub(crate) listed: Issued,
}

/// Makes a token for an account, for a project or its domain.
pub(crate) fn make(state: &State, running: &Running, account: &Account, project: Option<&str>) -> NewToken {
    let issued_ms = state.clock.moved_unix_ms();
    let lifetime = i64::try_from(running.setup.settings.token_ttl_ms).unwrap_or(i64::MAX);
    let claims = Claims {
        domain: account.domain().to_owned(),
        name: account.name().to_owned(),
        project: project.map(str::to_owned),
        issued_ms,
        expires_ms: issued_ms.saturating_add(lifetime),
        serial: state.tokens.serial(),
    };
    let text = invariant!(serde_json::to_vec(&claims).ok(), Vec::new(), "claims can be written as JSON");
    let token = format!("{START}{}", URL_SAFE_NO_PAD.encode(running.setup.seals.tokens.seal(&text)));
    let listed = Issued {
        id: token_id(&token),
        account: account.shown(),
        scope: project.map_or_else(|| format!("domain {}", account.domain()), |project| format!("project {project}")),
        issued_at: shown_time(claims.issued_ms),
        expires_at: shown_time(claims.expires_ms),
        expires_ms: claims.expires_ms,
    };
    NewToken { token, claims, listed }
}

/// Opens a token, and checks that it is in force.
pub(crate) fn open(state: &State, running: &Running, token: &str) -> Result<Claims, Invalid> {
    let sealed = token.strip_prefix(START).and_then(|sealed| URL_SAFE_NO_PAD.decode(sealed).ok());
    let text = sealed.and_then(|sealed| running.setup.seals.tokens.open(&sealed)).ok_or(Invalid::Unreadable)?;
    let claims: Claims = serde_json::from_slice(&text).map_err(|_| Invalid::Unreadable)?;
    if state.tokens.is_revoked(&token_id(token)) {
        return Err(Invalid::Revoked);
    }
    if claims.expires_ms <= state.clock.moved_unix_ms() {
        return Err(Invalid::Expired(shown_time(claims.expires_ms)));
    }
    Ok(claims)
}

/// A time as IAM writes it.
pub(crate) fn shown_time(unix_ms: i64) -> String {
    times::with_micros(unix_ms).unwrap_or_default()
}
