//! A request that has passed parsing and authentication, as the operations see it.

use super::auth::{Caller, Gate};
use super::parse::Parameters;
use super::request::Whole;
use crate::contract::Operation;
use crate::fixture::Account;
use crate::ids::AccountIndex;
use crate::state::{Extras, Running, State};

/// A call that is not counted yet.
#[derive(Clone, Copy)]
pub(super) struct Admitted<'a> {
    pub(super) whole: &'a Whole<'a>,
    pub(super) operation: Operation,
    pub(super) parameters: &'a Parameters<'a>,
    pub(super) caller: Option<&'a Caller<'a>>,
    /// The project of the path, or the clone of it to which the caller is bound.
    pub(super) project: &'a str,
    /// The caller and the clone, for the journal.
    pub(super) extras: Option<&'a Extras>,
}

impl<'a> Admitted<'a> {
    pub(super) fn state(&self) -> &'a State {
        self.whole.state
    }

    pub(super) fn running(&self) -> &'a Running {
        self.whole.running
    }

    /// The account that calls, with its index.
    pub(super) fn account(&self) -> Option<(AccountIndex, &'a Account)> {
        self.caller.map(|caller| (caller.index, caller.account))
    }

    /// The account that calls; without credentials the first that is loaded.
    pub(super) fn account_or_first(&self) -> Option<&'a Account> {
        self.account().or_else(|| self.first_account()).map(|(_, account)| account)
    }

    pub(super) fn first_account(&self) -> Option<(AccountIndex, &'a Account)> {
        let first = AccountIndex::new(0);
        Some((first, self.running().setup.directory().accounts().at(first)?))
    }

    /// The account that calls, as `domain/name`.
    pub(super) fn name(&self) -> Option<&'a str> {
        self.extras?.account.as_deref()
    }

    /// A copy of the caller and the clone, for the journal.
    #[inline]
    pub(super) fn kept_extras(&self) -> Option<Box<Extras>> {
        self.extras.map(|extras| Box::new(extras.clone()))
    }

    /// Checks credentials that are not in the header.
    pub(super) fn gate(&self) -> Gate<'a> {
        let Whole { state, running, request, .. } = self.whole;
        Gate { state, running, operation: self.operation, project: "", user: "", request }
    }
}
