//! Reserves the memory that long answers take until they are read. Without any left, the answer is a refusal.

use super::api_exchange::{Cut, Exchange, settled};
use super::body::Unread;
use super::sending::Reserved;
use crate::api::{self, Answered, PIECE};
use crate::state::{Held, State, Work, run_on_worker};
use std::sync::Arc;

impl Exchange<'_> {
    /// Reserves memory for a long answer that hyper sends: for a list, that of its places and one piece. The call stays as it
    /// was decided, whatever the answer.
    #[cold]
    pub(super) fn reserve(&self, answered: &mut Answered) -> Option<Reserved> {
        let held = self.hold_bytes(answered, answered.reply.held())?;
        Some(Reserved { held, list: answered.reply.take_list() })
    }

    /// Reserves memory for a long answer as one text, and makes a list one.
    pub(super) async fn reserve_whole(&self, state: &Arc<State>, answered: &mut Answered) -> Result<Option<Held>, Cut> {
        let bytes = usize::try_from(answered.reply.content_length()).unwrap_or(usize::MAX);
        if bytes <= PIECE {
            return Ok(None);
        }
        let held = self.hold_bytes(answered, bytes);
        if let Some(list) = answered.reply.take_list() {
            let text = self.wait(run_on_worker(state, Work::List, |_| list.whole())).await?;
            answered.reply.say(text);
        }
        Ok(held)
    }

    fn hold_bytes(&self, answered: &mut Answered, bytes: usize) -> Option<Held> {
        let held = self.state.budget.hold(bytes);
        if held.is_none() {
            let refused = api::reject(self.state, self.request.operation(), Unread::NoRoom.refused(self.state));
            let extras = answered.extras.get_or_insert_default();
            if let Some(refused) = refused.extras {
                (extras.problem, extras.answer_body) = (refused.problem, refused.answer_body);
            }
            answered.reply = refused.reply;
            if self.settled {
                self.state.journal.settle(self.request.index, settled(answered));
            }
        }
        held
    }
}
