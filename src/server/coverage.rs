//! Counts for coverage which documented statuses clients meet, and as which users.

use super::api_exchange::Exchange;
use crate::api::Answered;
use crate::contract::Subject;
use crate::state::{Meeting, Meets};
use std::sync::Arc;

impl Exchange<'_> {
    /// Counts the status that a client meets with this whole answer.
    #[inline]
    pub(super) fn meet(&self, answered: &Answered) {
        if let (Some((operation, row)), Some(user)) = (self.documented(answered), answered.user)
            && !self.progress.is_by_console()
            && self.running.epoch.meet(operation, row, user)
        {
            return;
        }
        self.meet_elsewhere(answered);
    }

    #[cold]
    fn meet_elsewhere(&self, answered: &Answered) {
        if let Some(meeting) = self.meeting(answered) {
            self.running.meet(&meeting);
        }
    }

    /// The status that a client meets with this whole answer, if it is documented.
    pub(super) fn meeting(&self, answered: &Answered) -> Option<Meeting> {
        let (operation, row) = self.documented(answered)?;
        let ledger = Arc::clone(self.running.ledger(self.project(answered)));
        Some(Meeting { operation, row, ledger, who: self.who(answered), by_console: self.progress.is_by_console() })
    }

    fn who(&self, answered: &Answered) -> Meets {
        let account = || answered.extras.as_ref().and_then(|extras| extras.account.clone());
        match self.request.operation().map(|operation| operation.subject) {
            Some(Subject::Caller) => Meets::Named(account()),
            _ if answered.decided.is_none() => Meets::Nobody,
            Some(Subject::User) => match answered.user.filter(|user| self.running.epoch.has(*user)) {
                Some(user) => Meets::User(user),
                None => self.request.user().map_or(Meets::Nobody, |user| Meets::Named(Some(user.into()))),
            },
            Some(Subject::Person) => Meets::Named(self.request.user().map(Into::into)),
            Some(Subject::Project | Subject::Message) | None => Meets::Named(account()),
        }
    }

    /// The project of a request: the one that it names, or the clone to which that leads its account.
    pub(super) fn project<'a>(&'a self, answered: &'a Answered) -> Option<&'a str> {
        let clone = answered.extras.as_ref().and_then(|extras| extras.clone.as_deref());
        clone.or_else(|| self.request.project())
    }

    /// The places of operation and status in the tables of the contract.
    #[inline]
    fn documented(&self, answered: &Answered) -> Option<(usize, usize)> {
        let operation = self.request.operation()?;
        let status = answered.reply.status();
        let row = operation.statuses.iter().position(|row| row.status == status)?;
        Some((operation.index(), row))
    }
}
