//! Changes of the setup as they are made known: each is noted between two requests.

use super::history::{Change, ChangeKind, Told};
use crate::state::clock::InThePast;
use crate::state::{NotRevoked, State};
use std::time::Duration;

impl State {
    /// Notes a change of the setup. To be called once it is in force.
    pub(crate) fn note(&self, kind: ChangeKind, project: Option<&str>, what: impl Into<String>) {
        let change = self.change(kind, project, what.into(), Told::Setup);
        // Between two arrivals, so that no follower of the journal sees a later entry first.
        self.journal.between(|after| self.history.add(Change { after, ..change }));
    }

    /// Moves virtual time forward to where `to` finds it, given where it is. Gives where it is then.
    pub(crate) fn advance(&self, to: impl FnOnce(Duration) -> Duration) -> Result<u64, InThePast> {
        let now_ms = self.clock.advance(to)?;
        let told = Told::Clock { now_ms, mode: self.clock.mode().name() };
        let what = format!("Virtual time was moved to {now_ms} ms.");
        let change = self.change(ChangeKind::Clock, None, what, told);
        self.journal.between(|after| self.history.add(Change { after, ..change }));
        Ok(now_ms)
    }

    /// Revokes a token that is listed.
    pub(crate) fn revoke_token(&self, id: &str) -> Result<(), NotRevoked> {
        self.tokens.revoke(id, self.clock.moved_unix_ms())?;
        self.note(ChangeKind::Token, None, format!("Token {id} was revoked."));
        Ok(())
    }

    /// Notes a reset, in the act of it: `after` is the last entry of the old epoch.
    pub(in crate::state) fn note_reset(&self, after: u64, project: Option<&str>, epoch: u64) {
        let what = match project {
            Some(id) => format!("Project {id} was reset."),
            None => "Everything was reset.".to_owned(),
        };
        let change = self.change(ChangeKind::Reset, project, what, Told::Reset { epoch });
        self.history.add(Change { after, ..change });
    }

    fn change(&self, kind: ChangeKind, project: Option<&str>, what: String, told: Told) -> Change {
        let (at_ms, project) = (self.clock.now_ms(), project.map(str::to_owned));
        Change { number: 0, at_ms, after: 0, kind, what, project, told }
    }
}
