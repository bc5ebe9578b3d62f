//! Signs requests as the vendor's SDKs do, and logs accounts in.

use crate::client::{Answer, Client};
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use std::time::{Duration, SystemTime};

pub(crate) const ACCESS: &str = "WKSMOCKACCESSKEY0001";
pub(crate) const SECRET: &str = "wksmockSecretKey00000000000000000000000001";

/// A request to sign.
pub(crate) struct Signing<'s> {
    pub(crate) access: &'s str,
    pub(crate) secret: &'s str,
    /// Seconds from now.
    pub(crate) skew: i64,
    pub(crate) security_token: Option<&'s str>,
}

impl Default for Signing<'_> {
    fn default() -> Self {
        Self { access: ACCESS, secret: SECRET, skew: 0, security_token: None }
    }
}

impl Signing<'_> {
    /// Returns the header lines of a request whose path and query need no encoding.
    pub(crate) fn lines(&self, host: &str, method: &str, path: &str, query: &str, body: &str) -> Vec<String> {
        let date = date(self.skew);
        let mut signed = vec![("host", host.to_owned()), ("x-sdk-date", date.clone())];
        if let Some(token) = self.security_token {
            signed.insert(2, ("x-security-token", token.to_owned()));
            signed.sort();
        }
        let names: Vec<_> = signed.iter().map(|(name, _)| *name).collect();
        let fields = signed.iter().fold(String::new(), |lines, (name, value)| lines + name + ":" + value + "\n");
        let names = names.join(";");
        let canonical = format!("{method}\n{path}/\n{query}\n{fields}\n{names}\n{}", hex(&Sha256::digest(body)));
        let text = format!("SDK-HMAC-SHA256\n{date}\n{}", hex(&Sha256::digest(canonical)));
        let signature = hmac(self.secret, &text);
        let mut lines = vec![
            format!("X-Sdk-Date: {date}"),
            format!(
                "Authorization: SDK-HMAC-SHA256 Access={}, SignedHeaders={names}, Signature={signature}",
                self.access
            ),
            "Content-Type: application/json".to_owned(),
        ];
        lines.extend(self.security_token.map(|token| format!("X-Security-Token: {token}")));
        lines
    }

    pub(crate) fn send(&self, client: &mut Client, method: &str, path: &str, query: &str, body: &str) -> Answer {
        let lines = self.lines(&client.host, method, path, query, body);
        let lines: Vec<_> = lines.iter().map(String::as_str).collect();
        let target = if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") };
        client.request(method, &target, &lines, body)
    }
}

/// Returns the time, this many seconds from now, in the signed format.
#[expect(clippy::disallowed_methods, reason = "the server compares it with its own time")]
pub(crate) fn date(skew: i64) -> String {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs();
    let then = SystemTime::UNIX_EPOCH + Duration::from_secs(now.saturating_add_signed(skew));
    humantime::format_rfc3339_seconds(then).to_string().replace(['-', ':'], "")
}

/// Returns the HMAC of a text in hexadecimal digits.
pub(crate) fn hmac(secret: &str, text: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(text.as_bytes());
    hex(&mac.finalize().into_bytes())
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"))
}

/// Builds the body of a login.
pub(crate) fn login_body(domain: &str, name: &str, password: &str, scope: &Value) -> String {
    let user = json!({ "domain": { "name": domain }, "name": name, "password": password });
    let identity = json!({ "methods": ["password"], "password": { "user": user } });
    json!({ "auth": { "identity": identity, "scope": scope } }).to_string()
}

/// Logs the embedded account in.
pub(crate) fn token(client: &mut Client) -> String {
    let scope = json!({ "project": { "name": "cn-north-4" } });
    let body = login_body("wksmock", "developer", "wksmock-password", &scope);
    let answer = client.request("POST", "/v3/auth/tokens", &["Content-Type: application/json;charset=UTF-8"], &body);
    assert_eq!(answer.status, 201, "{answer:?}");
    answer.header("x-subject-token").unwrap().to_owned()
}
