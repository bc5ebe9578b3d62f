//! Temporary access keys. The security token seals whose it is and for how long; key and secret follow from it, so that no
//! server needs to remember them.

use crate::draw::keyed_hash;
use crate::engine::Setup;
use crate::fixture::is_meant;
use crate::redact::shown_access_key;
use crate::state::Running;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

const ACCESS_CHARS: usize = 20;
const SECRET_CHARS: usize = 40;

/// The content of a security token.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct KeyClaims {
    #[serde(rename = "d")]
    pub(crate) domain: String,
    #[serde(rename = "n")]
    pub(crate) name: String,
    /// In milliseconds since 1970.
    #[serde(rename = "e")]
    pub(crate) expires_ms: i64,
    /// The id of the project that the token was for which it was given for.
    #[serde(rename = "p")]
    pub(crate) project: Option<String>,
    /// Its own policy, and those of the keys that it was made with. All of them must allow an action.
    #[serde(rename = "s")]
    pub(crate) policies: Vec<Vec<Statement>>,
}

/// A statement of a policy.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Statement {
    #[serde(rename = "a")]
    pub(crate) allows: bool,
    /// Actions, and starts of actions with a star behind them.
    #[serde(rename = "p")]
    pub(crate) actions: Vec<String>,
}

/// A key for a while.
pub(crate) struct TemporaryKey {
    pub(crate) access: String,
    pub(crate) secret: String,
    pub(crate) security_token: String,
}

/// Why a key may not do what its account may.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Denied<'k> {
    /// A statement of a policy denies the action, by this pattern.
    By(&'k str),
    /// No statement of a policy allows it.
    NotAllowed,
}

impl KeyClaims {
    /// Returns why a policy denies an action: a statement denies it, or no statement allows it.
    pub(crate) fn denied(&self, action: &str) -> Option<Denied<'_>> {
        self.policies.iter().find_map(|statements| {
            let meant = |allows: bool| {
                let mut patterns = statements.iter().filter(|one| one.allows == allows).flat_map(|one| &one.actions);
                patterns.find(|pattern| is_meant(pattern, action))
            };
            match (meant(false), meant(true)) {
                (Some(pattern), _) => Some(Denied::By(pattern)),
                (None, None) => Some(Denied::NotAllowed),
                (None, Some(_)) => None,
            }
        })
    }
}

/// Makes a key with these claims.
pub(crate) fn issue(setup: &Setup, claims: &KeyClaims) -> TemporaryKey {
    let text = invariant!(serde_json::to_vec(claims).ok(), Vec::new(), "claims can be written as JSON");
    let security_token = URL_SAFE_NO_PAD.encode(setup.seals.security_tokens.seal(&text));
    let [access, secret] = parts(setup, &security_token);
    TemporaryKey { access, secret, security_token }
}

/// Opens a security token; gives its claims and its secret. Errors are the tail of the gateway's message, and help.
pub(crate) fn open(
    running: &Running,
    security_token: &str,
    access: &str,
    now_ms: i64,
) -> Result<(KeyClaims, String), (String, String)> {
    let setup = &running.setup;
    let opened =
        URL_SAFE_NO_PAD.decode(security_token).ok().and_then(|sealed| setup.seals.security_tokens.open(&sealed));
    let claims = opened.and_then(|text| serde_json::from_slice::<KeyClaims>(&text).ok()).ok_or_else(|| {
        let help = "X-Security-Token was not issued here, or is truncated.";
        ("verify aksk signature fail".to_owned(), help.to_owned())
    })?;
    let [expected, secret] = parts(setup, security_token);
    if expected != access {
        let help = "X-Security-Token belongs to another access key. Send the access key, secret key and token that \
                    were issued together.";
        return Err((
            format!("Get secretKey failed,ak:{},err:ak not exist", shown_access_key(access)),
            help.to_owned(),
        ));
    }
    if claims.expires_ms <= now_ms {
        let help = format!("The temporary access key expired at {}.", super::tokens::shown_time(claims.expires_ms));
        return Err(("calc ak sk signature fail:signature expired".to_owned(), help));
    }
    Ok((claims, secret))
}

/// Access key and secret of a security token.
fn parts(setup: &Setup, security_token: &str) -> [String; 2] {
    let key = setup.seals.secrets.bytes();
    [
        characters(key, "access", security_token, b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", ACCESS_CHARS),
        characters(
            key,
            "secret",
            security_token,
            b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_",
            SECRET_CHARS,
        ),
    ]
}

/// Derives `count` characters of an alphabet whose length is a power of two.
fn characters(key: &[u8], what: &str, security_token: &str, alphabet: &[u8], count: usize) -> String {
    let bytes = ["1", "2"]
        .into_iter()
        .flat_map(|part| keyed_hash(key, &[what.as_bytes(), part.as_bytes(), security_token.as_bytes()]));
    bytes
        .take(count)
        .filter_map(|byte| alphabet.get(usize::from(byte) % alphabet.len()))
        .map(|byte| char::from(*byte))
        .collect()
}
