//! Calls that are counted of accounts, from step 5 on: what is asked for is looked up by `iam.rs` and `sts.rs`, then the
//! call is counted, decided and answered here.

use super::auth::{Caller, Gate};
use super::objection::Refused;
use super::request::{AskedBy, Whole};
use super::response::{self, Answered};
use super::{iam, sts};
use crate::contract::Operation;
use crate::diagnostics::body_text;
use crate::draw::Stream;
use crate::engine::{AccountCall, Principal, decide_of_account};
use crate::fixture::Account;
use crate::ids::AccountIndex;
use crate::state::{Aside, Issued, Running, State};
use serde_json::Value;

/// A call that may be answered. Operations that identify look for who calls by themselves.
pub(super) struct Asking<'a> {
    pub(super) state: &'a State,
    pub(super) running: &'a Running,
    pub(super) operation: Operation,
    pub(super) caller: Option<&'a Caller<'a>>,
    pub(super) request: &'a Whole<'a>,
}

/// What the success says.
pub(super) struct Success<'a> {
    /// Of whom the call is counted: its index with it; nobody's where no credentials were shown.
    pub(super) account: Option<(AccountIndex, &'a Account)>,
    pub(super) body: Value,
    /// Header fields beside it.
    pub(super) headers: Vec<(&'static str, String)>,
    /// A secret that it hands out, and what it is.
    pub(super) secret: Option<(&'static str, String)>,
    /// A token that it hands out, as it is listed from then on.
    pub(super) issued: Option<Issued>,
}

impl<'a> Success<'a> {
    /// An answer to whoever calls, with nothing but a body.
    pub(super) fn of(asking: &Asking<'a>, body: Value) -> Self {
        Self { account: asking.account(), body, headers: Vec::new(), secret: None, issued: None }
    }
}

/// Answers a call.
#[cold]
#[inline(never)]
pub(super) fn answer(asking: &Asking<'_>) -> Result<Answered, Box<Refused>> {
    let Asking { state, running, operation, request, .. } = *asking;
    let mut success = look_up(asking)?;
    let account = success.account.map(|(_, account)| account);
    let name = account.map_or(String::new(), Account::shown);
    let counted = Some(name.as_str()).filter(|name| !name.is_empty());
    let (ledger, drawn) = (&running.epoch.apart, Stream::of_calls(operation.id, None, &name));
    let number = ledger.calls.count(operation, counted);
    let request_id = state.counted_id(ledger, drawn, number);
    let asked = AskedBy { whole: request, account: success.account.map(|(index, _)| index) };
    let call = AccountCall {
        operation,
        number,
        stream: drawn,
        principal: account.map(Principal::of),
        whom: None,
        asked: &asked,
    };
    let outcome = decide_of_account(&running.setup, running.override_rules(), &call);
    if let Some(issued) = success.issued.take().filter(|_| outcome.status == operation.success()) {
        state.tokens.issue(issued);
    }
    let own = (outcome.status == operation.success()).then_some(&success);
    let own_body = own.map(|success| &success.body);
    let settings = running.setup.settings;
    let mut reply = response::of_outcome(state, operation, &outcome, own_body, settings, request_id, |reply| reply);
    if operation.service.is_iam() {
        reply.trace();
    }
    for (name, value) in own.iter().flat_map(|success| &success.headers) {
        reply.set_header(name, value);
    }
    let secret = own.and_then(|success| success.secret.clone()).map(Box::new);
    Ok(Answered {
        reply,
        decided: Some((number, outcome)),
        user: None,
        secret,
        aside: Some(Box::new(Aside { account: counted.map(Into::into), ..Aside::default() })),
    })
}

fn look_up<'a>(asking: &Asking<'a>) -> Result<Success<'a>, Box<Refused>> {
    match asking.operation {
        Operation::KeystoneCreateUserTokenByPassword => iam::create_token(asking),
        Operation::KeystoneValidateToken => iam::validate_token(asking),
        Operation::KeystoneListProjects | Operation::KeystoneListAuthProjects => Ok(iam::list_projects(asking)),
        Operation::KeystoneListAuthDomains => Ok(iam::list_domains(asking)),
        Operation::KeystoneListUsers => Ok(iam::list_accounts(asking)),
        Operation::KeystoneListRegions => Ok(iam::list_regions(asking)),
        Operation::CreateTemporaryAccessKeyByToken => iam::create_temporary_key(asking),
        Operation::GetCallerIdentity => sts::caller_identity(asking),
        _ => sts::decode_message(asking),
    }
}

impl<'a> Asking<'a> {
    pub(super) fn account(&self) -> Option<(AccountIndex, &'a Account)> {
        self.caller.map(|caller| (caller.index, caller.account))
    }

    /// Who calls; where nobody is known, the first account there is.
    pub(super) fn someone(&self) -> Option<&'a Account> {
        self.account().or_else(|| self.first()).map(|(_, account)| account)
    }

    /// The first account that is loaded.
    pub(super) fn first(&self) -> Option<(AccountIndex, &'a Account)> {
        Some((AccountIndex::new(0), self.running.setup.directory().accounts().at(AccountIndex::new(0))?))
    }

    /// What judges who calls, for a token that stands elsewhere than in the header.
    pub(super) fn gate(&self) -> Gate<'a> {
        let Self { state, running, operation, request, .. } = *self;
        Gate { state, running, operation, project: "", user: "", request: request.request }
    }

    /// The body as JSON.
    pub(super) fn json(&self) -> Result<Value, Box<Refused>> {
        let expected = self.operation.body.unwrap_or("JSON");
        if self.request.body.is_empty() {
            return Err(invalid(format!("The body is missing; expected a {expected}.")));
        }
        // What is wrong with it is not told by what stands there: it may be a secret.
        let text = body_text(self.request.body).map_err(invalid)?;
        serde_json::from_str(text).map_err(|error| {
            let (line, column) = (error.line(), error.column());
            invalid(format!("The body is not valid JSON at line {line}, column {column}; expected a {expected}."))
        })
    }
}

/// A parameter or a body that is wrong.
pub(super) fn invalid(message: impl Into<String>) -> Box<Refused> {
    Refused::new(crate::contract::Situation::InvalidParameter, message).boxed()
}
