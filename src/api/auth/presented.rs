//! The credentials of a request that the console tries: made as IAM makes them, and signed over the same canonical request by
//! which signatures are verified. No call is counted for it.

use super::keys::{self, KeyClaims};
use super::{signing, tokens};
use crate::contract::{KEY_SECONDS, Operation, X_SUBJECT_TOKEN};
use crate::fixture::Account;
use crate::state::{Credentials, Running, State};
use hyper::http::request::Parts;
use hyper::http::{HeaderName, HeaderValue};

const X_AUTH_TOKEN: HeaderName = HeaderName::from_static("x-auth-token");

/// Makes credentials.
pub(crate) struct Presenter<'p> {
    pub(crate) state: &'p State,
    pub(crate) running: &'p Running,
    pub(crate) operation: Operation,
    /// The project for which tokens and temporary keys are made, if it is there.
    pub(crate) project: Option<&'p str>,
    pub(crate) account: Option<&'p Account>,
}

impl Presenter<'_> {
    /// Adds what the credentials consist of to the header fields of a request, and lists these in their order, as they are
    /// written. What the request has already is not added.
    pub(crate) fn present(
        &self,
        credentials: Credentials,
        request: &mut Parts,
        body: &[u8],
    ) -> Vec<(&'static str, HeaderValue)> {
        let mut added = Vec::new();
        if self.operation == Operation::KeystoneValidateToken && !request.headers.contains_key(X_SUBJECT_TOKEN) {
            let token = self.account.map(|account| self.token(account));
            added.extend(token.map(|token| add(request, X_SUBJECT_TOKEN, &token)));
        }
        let Some(account) = self.account else { return added };
        let key = account.key().map(|key| (&*key.access, &*key.secret));
        match (credentials, key) {
            (Credentials::Token, _) => {
                if !request.headers.contains_key(X_AUTH_TOKEN) {
                    added.push(add(request, "X-Auth-Token", &self.token(account)));
                }
            }
            (Credentials::Temporary, _) => {
                let key = self.temporary_key(account);
                added.push(add(request, "X-Security-Token", &key.security_token));
                self.sign(&key.access, &key.secret, request, body, &mut added);
            }
            (Credentials::Signature, Some((access, secret))) => self.sign(access, secret, request, body, &mut added),
            (Credentials::Wrong, Some((access, secret))) => {
                let other: String = secret.chars().rev().chain(['x']).collect();
                self.sign(access, &other, request, body, &mut added);
            }
            (Credentials::Signature | Credentials::Wrong | Credentials::None, _) => {}
        }
        added
    }

    fn sign(
        &self,
        access: &str,
        secret: &str,
        request: &mut Parts,
        body: &[u8],
        added: &mut Vec<(&'static str, HeaderValue)>,
    ) {
        if let Some(project) = self.project {
            added.push(add(request, "X-Project-Id", project));
        }
        added.push(add(request, "X-Sdk-Date", &signing::date(self.state.clock.unix_ms() / 1000)));
        let authorization = signing::sign(request, body, access, secret);
        added.push(add(request, "Authorization", &authorization));
    }

    fn token(&self, account: &Account) -> String {
        let made = tokens::make(self.state, self.running, account, self.project);
        self.state.tokens.issue(made.listed);
        made.token
    }

    fn temporary_key(&self, account: &Account) -> keys::TemporaryKey {
        let seconds = i64::try_from(*KEY_SECONDS.start()).unwrap_or(i64::MAX);
        let claims = KeyClaims {
            domain: account.domain().to_owned(),
            name: account.name().to_owned(),
            expires_ms: self.state.clock.moved_unix_ms().saturating_add(seconds.saturating_mul(1000)),
            project: self.project.map(str::to_owned),
            policies: Vec::new(),
        };
        keys::issue(&self.running.setup, &claims)
    }
}

/// Adds a field to the request, and gives it as it is written.
fn add(request: &mut Parts, name: &'static str, value: &str) -> (&'static str, HeaderValue) {
    // Ids may have characters that no field can have: none is sent then.
    let value = HeaderValue::from_bytes(value.as_bytes()).unwrap_or_else(|_| HeaderValue::from_static(""));
    if let Ok(name) = HeaderName::from_bytes(name.as_bytes()) {
        request.headers.append(name, value.clone());
    }
    (name, value)
}
