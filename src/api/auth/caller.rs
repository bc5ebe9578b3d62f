//! Step 4: the caller, by a token or by a signature with an account's key or a temporary one. Credentials must be right,
//! and the account must have permission.

use super::keys::{self, Denied, KeyClaims};
use super::signing::Authorization;
use super::tokens::{self, Claims, Invalid};
use crate::api::objection::Refused;
use crate::api::parse::{Field, Fields, placeholder_note};
use crate::api::request::{Request, Whole};
use crate::contract::{Operation, Situation};
use crate::engine::{Auth, Principal, Why, sealed_reason};
use crate::fixture::Account;
use crate::ids::{AccountIndex, ProjectIndex};
use crate::redact::shown_access_key;
use crate::state::{Extras, Running, State, token_id};
use std::sync::Arc;

/// The start of every 401 of the gateway; consumers match it.
const INCORRECT: &str = "Incorrect IAM authentication information";

/// The account that calls.
pub(crate) struct Caller<'r> {
    pub(crate) index: AccountIndex,
    pub(crate) account: &'r Account,
    /// The content of the token, if the request has one.
    pub(crate) token: Option<Claims>,
    /// The content of the temporary key with which the request is signed.
    pub(crate) key: Option<KeyClaims>,
}

/// A call whose credentials are checked.
pub(crate) struct Gate<'g> {
    pub(crate) state: &'g State,
    pub(crate) running: &'g Running,
    pub(crate) operation: Operation,
    /// The project that the path names.
    pub(crate) project: &'g str,
    pub(crate) user: &'g str,
    pub(crate) request: &'g Request,
}

impl<'g> Gate<'g> {
    /// Finds the caller, and checks permissions. A caller without credentials is unknown, and may do everything.
    #[inline(always)]
    #[expect(
        clippy::inline_always,
        reason = "most requests show no credentials, and a call costs more than to see that"
    )]
    pub(crate) fn check(
        &self,
        token: Field<'_>,
        fields: &Fields<'_>,
        request: &Whole<'_>,
    ) -> Result<Option<Box<Caller<'g>>>, Box<Refused>> {
        let auth = self.running.setup.settings.auth;
        if auth == Auth::Off
            || (auth == Auth::Permissive && token == Field::Absent && fields.authorization == Field::Absent)
        {
            return Ok(None);
        }
        self.check_credentials(token, fields.authorization, request)
    }

    #[cold]
    #[inline(never)]
    fn check_credentials(
        &self,
        token: Field<'_>,
        authorization: Field<'_>,
        request: &Whole<'_>,
    ) -> Result<Option<Box<Caller<'g>>>, Box<Refused>> {
        let by_key = self.signer(authorization, request)?;
        let holder = self.holder(token)?;
        let caller = match (holder, by_key) {
            // The token takes precedence over the signature: an SDK signs whatever it sends. The policy of the key applies
            // anyway.
            (Some(holder), signer) => Caller { key: signer.and_then(|signer| signer.key), ..holder },
            (None, Some(signer)) => signer,
            (None, None) if self.operation.identifies => return Ok(None),
            (None, None) => {
                return Err(no_token());
            }
        };
        self.check_permission(&caller)
            .map_err(|refused| refused.of(Some(caller.extras(self.running, self.project))))?;
        Ok(Some(Box::new(caller)))
    }

    /// The account of the token that was shown.
    fn holder(&self, token: Field<'_>) -> Result<Option<Caller<'g>>, Box<Refused>> {
        let token = match token {
            Field::Absent => return Ok(None),
            Field::Repeated => return Err(wrong("decrypt token fail", "X-Auth-Token is given twice.")),
            Field::Once(token) => token.to_str().unwrap_or(""),
        };
        self.owner(token).map(Some)
    }

    /// The account of a token that is in force; this is a use of it.
    pub(crate) fn owner(&self, token: &str) -> Result<Caller<'g>, Box<Refused>> {
        let claims = tokens::open(self.state, self.running, token).map_err(|invalid| match invalid {
            Invalid::Unreadable => wrong(
                "decrypt token fail",
                "The token was not issued here, or is truncated. POST /v3/auth/tokens issues one.",
            ),
            Invalid::Revoked => wrong("decrypt token fail", "The token was revoked."),
            Invalid::Expired(at) => wrong(&format!("token expires, expires_at: {at}"), "Log in again."),
        })?;
        let Some((index, account)) = self.accounts().named(&claims.domain, &claims.name) else {
            let what = format!("The token belongs to account {}/{}, which is not loaded.", claims.domain, claims.name);
            return Err(wrong("decrypt token fail", &what));
        };
        self.check_uses(token, account)?;
        Ok(Caller { index, account, token: Some(claims), key: None })
    }

    /// The rules about how often a token is used.
    fn check_uses(&self, token: &str, account: &Account) -> Result<(), Box<Refused>> {
        let setup = if self.running.clones.count() == 0 {
            &self.running.setup
        } else {
            self.running.set_up_in(Some(self.running.own_project(self.project, Some(&account.shown()))))
        };
        let (overrides, rules) = (self.running.override_rules(), &setup.rules);
        let mut rules = overrides.of_tokens().chain(rules.of_tokens()).peekable();
        if rules.peek().is_none() {
            return Ok(());
        }
        let uses = self.state.tokens.use_once(&token_id(token));
        let struck = rules.find(|rule| rule.token_calls.as_ref().is_some_and(|calls| calls.allow(uses)));
        let Some(rule) = struck else { return Ok(()) };
        self.running.ledger(Some(self.project)).notes_by(self.request.by_console).strikes.add(&rule.label, 1);
        let error = rule.status.as_ref().map(|status| &status.error);
        let message = error.and_then(|error| error.message.as_deref()).map_or_else(
            || format!("{INCORRECT}: decrypt token fail. Rule {:?} rejected use {uses} of the token.", rule.label.name),
            str::to_owned,
        );
        let mut refused = Refused::new(Situation::NotAuthenticated, message);
        refused.code = error.and_then(|error| error.code.as_deref()).map(str::to_owned);
        refused.rule = Some(Arc::clone(&rule.label));
        Err(refused.boxed())
    }

    /// The account whose key signed the request.
    fn signer(&self, authorization: Field<'_>, request: &Whole<'_>) -> Result<Option<Caller<'g>>, Box<Refused>> {
        let value = match authorization {
            Field::Absent => return Ok(None),
            Field::Repeated => return Err(wrong("verify aksk signature fail", "Authorization is given twice.")),
            Field::Once(value) => value.to_str().unwrap_or(""),
        };
        let parsed = Authorization::parse(value).map_err(|wrong| mismatch(&wrong.told("")))?;
        let now = self.state.clock.unix_ms() / 1000;
        let mut tokens = request.request.head.headers.get_all("x-security-token").iter();
        let token = tokens.next().map(|token| token.to_str().unwrap_or(""));
        if tokens.next().is_some() {
            return Err(wrong("verify aksk signature fail", "X-Security-Token is given twice."));
        }
        let checked = |secret: &str| {
            let checked = parsed.check(&request.request.head, request.body, secret, now);
            checked.map_err(|wrong| {
                let mut refused = mismatch(&wrong.told(parsed.access));
                refused.details = wrong.details();
                refused
            })
        };
        if let Some(token) = token {
            let claims = keys::open(self.running, token, parsed.access, self.state.clock.moved_unix_ms());
            let (claims, secret) = claims.map_err(|what| mismatch(&what))?;
            let Some((index, account)) = self.accounts().named(&claims.domain, &claims.name) else {
                return Err(self.unknown_key(parsed.access));
            };
            checked(&secret)?;
            return Ok(Some(Caller { index, account, token: None, key: Some(claims) }));
        }
        let found = self.accounts().of_access_key(parsed.access);
        let found = found.and_then(|(index, account)| Some((index, account, account.key()?)));
        let (index, account, key) = found.ok_or_else(|| self.unknown_key(parsed.access))?;
        checked(&key.secret)?;
        Ok(Some(Caller { index, account, token: None, key: None }))
    }

    fn unknown_key(&self, access: &str) -> Box<Refused> {
        let tail = format!("Get secretKey failed,ak:{},err:ak not exist", shown_access_key(access));
        let refused = if self.accounts().all().iter().any(|account| account.key().is_some()) {
            refused(&tail, "Unknown access key: no loaded account has it.").hint(
                "`wksmock env` prints a valid key; users files define more. With --auth off, no credentials are \
                 checked.",
            )
        } else {
            refused(&tail, "Unknown access key: no loaded account has an access key.")
                .hint("Users files define accounts. With --auth off, no credentials are checked.")
        };
        refused.boxed()
    }

    fn check_permission(&self, caller: &Caller<'_>) -> Result<(), Box<Refused>> {
        if let Some(action) = self.operation.action {
            if !caller.account.may(action) {
                return Err(self.lacks(caller, action));
            }
            if let Some(denied) = caller.key.as_ref().and_then(|key| key.denied(action)) {
                return Err(self.denied_by_policy(caller, action, denied));
            }
        }
        if !self.operation.is_of_project() {
            return Ok(());
        }
        let project = self.running.template_index(self.project);
        let is_theirs = |index: ProjectIndex| caller.account.has_project(index);
        if project.map_or(caller.account.is_limited_to_projects(), |index| !is_theirs(index)) {
            let mut refused = self.lacks(caller, &format!("project {}", self.project));
            if let Some((note, hint)) = placeholder_note(self.project) {
                refused.message.push_str(&note);
                refused.set_hint(hint);
            }
            return Err(refused);
        }
        let template = project.and_then(|index| self.running.setup.directory().project_at(index));
        let is_another =
            |scope: &&str| *scope != self.project && template.is_none_or(|template| template.id() != *scope);
        match caller.scopes().find(|(_, scope)| is_another(scope)) {
            Some((what, scope)) => {
                Err(self.lacks(caller, &format!("a {what} for project {}; this one is for {scope}", self.project)))
            }
            None => Ok(()),
        }
    }

    fn lacks(&self, caller: &Caller<'_>, missing: &str) -> Box<Refused> {
        let message = format!("access denied: account {} lacks {missing}.", caller.account.shown());
        self.denied(caller, message, Why::Missing(missing))
    }

    fn denied_by_policy(&self, caller: &Caller<'_>, action: &str, denied: Denied<'_>) -> Box<Refused> {
        let (verb, why) = match denied {
            Denied::By(pattern) => ("denies", Why::Policy { pattern: Some(pattern) }),
            Denied::NotAllowed => ("does not allow", Why::Policy { pattern: None }),
        };
        let account = caller.account.shown();
        let message = format!("access denied: the policy of the temporary key of account {account} {verb} {action}.");
        self.denied(caller, message, why)
    }

    fn denied(&self, caller: &Caller<'_>, message: String, why: Why<'_>) -> Box<Refused> {
        let setup = &self.running.setup;
        let project = setup
            .directory()
            .project(self.project)
            .map_or(Some((self.project, None)), |(_, project)| Some((project.id(), project.name())));
        let of_project = self.operation.is_of_project();
        let what = crate::engine::Refused {
            operation: self.operation,
            principal: Some(caller.principal()),
            project: project.filter(|_| of_project),
            user: Some(self.user).filter(|user| of_project && !user.is_empty()),
        };
        let sealed = sealed_reason(setup, &what, why);
        let mut refused = Refused::new(Situation::NoPermission, message);
        refused.sealed = Some(sealed);
        refused.boxed()
    }

    fn accounts(&self) -> &'g crate::fixture::Accounts {
        self.running.setup.directory().accounts()
    }
}

impl<'r> Caller<'r> {
    pub(crate) fn principal(&self) -> Principal<'r> {
        Principal::of(self.account)
    }

    /// Whose call it is, and whether it happens in a clone to which the account is bound.
    #[cold]
    pub(crate) fn extras(&self, running: &Running, project: &str) -> Box<Extras> {
        let account = self.account.shown().into_boxed_str();
        let clone = running.clones.bound(project, &account).map(|clone| clone.id().into());
        Box::new(Extras { account: Some(account), clone, ..Extras::default() })
    }

    /// The kinds of credentials that are limited to a project, with that project.
    fn scopes(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let token = self.token.as_ref().and_then(|claims| claims.project.as_deref());
        let key = self.key.as_ref().and_then(|claims| claims.project.as_deref());
        [token.map(|scope| ("token", scope)), key.map(|scope| ("temporary key", scope))].into_iter().flatten()
    }
}

/// Refuses a request without credentials.
pub(crate) fn no_token() -> Box<Refused> {
    let refused = refused("x-auth-token not found", "Send a token in X-Auth-Token, or sign the request.");
    refused.hint("With --auth permissive, credentials are optional.").boxed()
}

fn mismatch((tail, help): &(String, String)) -> Box<Refused> {
    wrong(tail, help)
}

/// Refuses wrong credentials.
fn wrong(tail: &str, what: &str) -> Box<Refused> {
    refused(tail, what).hint("With --auth off, no credentials are checked.").boxed()
}

fn refused(tail: &str, help: &str) -> Refused {
    Refused::new(Situation::NotAuthenticated, format!("{INCORRECT}: {tail}. {help}"))
}
