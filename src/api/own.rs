//! An operation's own behaviour: known before the call is counted, and carried out unless a rule prevents it.

use crate::api::admitted::Admitted;
use crate::api::response::Says;
use crate::fixture::Account;
use crate::ids::AccountIndex;
use crate::state::{Changing, Issued};
use serde_json::Value;

/// The effect of a call, and its answer.
#[derive(Default)]
pub(crate) struct Own<'c> {
    /// The account for which the call is counted, with its index; none without credentials.
    pub(crate) account: Option<(AccountIndex, &'c Account)>,
    pub(crate) effect: Effect<'c>,
    pub(crate) says: Says,
    /// Header fields of the success.
    pub(crate) headers: Vec<(&'static str, String)>,
    /// A secret that the success hands out, and what it is.
    pub(crate) secret: Option<(&'static str, String)>,
}

/// A change of the users of a project, by the call of this number.
type Change<'c> = Box<dyn FnOnce(&mut Changing<'_>, u64) + 'c>;

/// The effect of a success.
#[derive(Default)]
pub(crate) enum Effect<'c> {
    #[default]
    Nothing,
    /// The users of a project change.
    Users(Change<'c>),
    /// A token is issued.
    Token(Issued),
}

impl<'c> Own<'c> {
    /// Changes nothing, and says nothing.
    pub(crate) fn of(call: &Admitted<'c>) -> Self {
        Self { account: call.account(), ..Self::default() }
    }

    pub(crate) fn saying(self, body: Value) -> Self {
        Self { says: Says::One(body), ..self }
    }

    pub(crate) fn changing(self, change: impl FnOnce(&mut Changing<'_>, u64) + 'c) -> Self {
        Self { effect: Effect::Users(Box::new(change)), ..self }
    }
}
