//! What a client meets by an answer, for coverage: which documented status, and who.

use super::exchange::Exchange;
use crate::api::Answered;
use crate::contract::{Operation, USER_OPERATIONS};
use crate::state::{Meeting, Place, is_clone};
use std::sync::Arc;

impl Exchange<'_> {
    /// Counts what a client meets that gets this answer whole.
    #[inline]
    pub(super) fn meet(&self, answered: &Answered) {
        let (Some((operation, row)), Some(user)) = (self.documented(answered), answered.user) else {
            return self.meet_elsewhere(answered);
        };
        if is_clone(user.project) || self.progress.is_by_console() {
            self.meet_elsewhere(answered);
        } else if !self.running.epoch.meet_user(operation, row, user) {
            self.note_moved(operation, row);
        }
    }

    /// Users files were read again since the call took what decides it.
    #[cold]
    fn note_moved(&self, operation: usize, row: usize) {
        if let (Some(project), Some(user)) = (self.request.project(), self.request.user()) {
            self.state.running().note_moved(operation, row, project, user);
        }
    }

    #[cold]
    fn meet_elsewhere(&self, answered: &Answered) {
        if let Some(meeting) = self.meeting(answered) {
            self.running.meet(&meeting);
        }
    }

    /// What a client meets that gets this answer whole, if the status is documented.
    pub(super) fn meeting(&self, answered: &Answered) -> Option<Meeting> {
        let (operation, row) = self.documented(answered)?;
        let place = match answered.user {
            None if self.request.operation().is_some_and(Operation::is_of_project) && answered.decided.is_some() => {
                self.place_of_people(answered)
            }
            None if self.request.operation().is_some_and(Operation::is_of_project) => self.place(answered, false),
            None if operation >= USER_OPERATIONS => {
                match answered.aside.as_ref().and_then(|aside| aside.account.clone()) {
                    Some(account) => Place::Account(account),
                    None => Place::Apart,
                }
            }
            Some(key) if !is_clone(key.project) => Place::Project(key.project, Some(key.user)),
            _ => self.place(answered, answered.user.is_some()),
        };
        Some(Meeting { operation, row, place, by_console: self.progress.is_by_console() })
    }

    /// Where a call meets something that is no reset, but is of a project.
    #[cold]
    fn place_of_people(&self, answered: &Answered) -> Place {
        let aside = answered.aside.as_deref();
        let Some(project) = self.request.project() else { return Place::Apart };
        let project = aside.and_then(|aside| aside.clone.as_deref()).unwrap_or(project);
        let Some(found) = self.running.project_at(project) else { return Place::Apart };
        let account = aside.and_then(|aside| aside.account.as_deref()).unwrap_or("");
        let who = self.request.user().unwrap_or(account);
        let place = self.running.place_in(Some(project));
        Place::People(Box::new(place), Arc::clone(found.people), who.into())
    }

    /// Where a call in a clone, or a request that was refused, meets something, by its path.
    #[cold]
    fn place(&self, answered: &Answered, is_counted: bool) -> Place {
        let Some(project) = self.request.project() else { return Place::Apart };
        let project = answered.aside.as_ref().and_then(|aside| aside.clone.as_deref()).unwrap_or(project);
        match self.request.user().filter(|_| is_counted) {
            Some(user) => self.running.find(project, user).map_or(Place::Apart, |found| found.place()),
            None => self.running.place_in(Some(project)),
        }
    }

    /// The places of operation and status in the tables of what is documented.
    #[inline]
    fn documented(&self, answered: &Answered) -> Option<(usize, usize)> {
        let operation = self.request.operation()?;
        let status = answered.reply.status();
        let row = operation.statuses.iter().position(|row| row.status == status)?;
        Some((operation.index()?, row))
    }
}
