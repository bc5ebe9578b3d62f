//! The memory that long answers take until they are read, and what is answered where there is none left.

use super::body::{Bounds, Unread};
use super::deadlines::Progress;
use super::exchange::{Cut, Exchange, broken, too_large, too_slow};
use super::sending::Sending;
use crate::admin;
use crate::api::{self, Answered, Listing, PIECE, Refused};
use crate::contract::{PAYLOAD_TOO_LARGE, REQUEST_TIMEOUT, Situation};
use crate::state::{Decided, Held, LimitHit, Settled, State, Work, apart};
use bytes::Bytes;
use hyper::Response;
use std::sync::Arc;

/// What a long answer takes, and the list that it is, if it is one.
pub(super) struct Room {
    pub(super) held: Held,
    pub(super) list: Option<Box<Listing>>,
}

impl Exchange<'_> {
    /// Takes memory for a long answer that hyper sends: of a list for its places and one piece. Where there is none, the answer
    /// is that. The call stays as it was decided.
    #[cold]
    pub(super) fn take_room(&self, answered: &mut Answered) -> Option<Room> {
        let held = self.hold_bytes(answered, answered.reply.held())?;
        Some(Room { held, list: answered.reply.take_list() })
    }

    /// Takes memory for a long answer as a text, which a list becomes by that.
    pub(super) async fn take_whole_room(
        &self,
        state: &Arc<State>,
        answered: &mut Answered,
    ) -> Result<Option<Held>, Cut> {
        let bytes = usize::try_from(answered.reply.content_length()).unwrap_or(usize::MAX);
        if bytes <= PIECE {
            return Ok(None);
        }
        let held = self.hold_bytes(answered, bytes);
        if let Some(list) = answered.reply.take_list() {
            let text = self.wait(apart(state, Work::List, |_| list.whole())).await?;
            answered.reply.say(text);
        }
        Ok(held)
    }

    fn hold_bytes(&self, answered: &mut Answered, bytes: usize) -> Option<Held> {
        let held = self.state.budget.hold(bytes);
        if held.is_none() {
            self.state.metrics.hit(LimitHit::HeldBytes);
            let refused = api::reject(self.state, self.request.operation(), refused(self.state, Unread::NoRoom));
            let aside = answered.aside.get_or_insert_default();
            if let Some(refused) = refused.aside {
                (aside.problem, aside.answer_body) = (refused.problem, refused.answer_body);
            }
            answered.reply = refused.reply;
            if self.settled {
                self.settle_anew(answered);
            }
        }
        held
    }

    /// Lets the journal know of another answer than the one that was decided.
    fn settle_anew(&self, answered: &Answered) {
        let decided = answered.decided.as_ref().map(|(call, outcome)| Decided::new(*call, outcome.clone()));
        let (request_id, aside) = (answered.reply.request_id(), answered.aside.clone());
        self.state.journal.settle(self.request.index, Settled { request_id, decided, aside });
    }
}

/// An answer of the admin API as hyper sends it, if there is memory for it.
pub(super) fn give(state: &State, progress: &Progress, response: Response<Bytes>) -> Response<Sending> {
    let bytes = response.body().len();
    let held = if bytes > PIECE { state.budget.hold(bytes) } else { None };
    if bytes > PIECE && held.is_none() {
        state.metrics.hit(LimitHit::HeldBytes);
        let problem = admin::Problem::new(503, format!("{} {RAISE}", no_room(state)));
        return admin::refuse(state, problem).map(|body| Sending::of(body.into(), progress, None));
    }
    let room = held.map(|held| Room { held, list: None });
    response.map(|body| Sending::of(body.into(), progress, room))
}

/// What to do where memory is used up.
pub(super) const RAISE: &str =
    "Read answers to the end, send bodies promptly, list fewer users at a time, or raise the limit held_bytes_max.";

pub(super) fn no_room(state: &State) -> String {
    format!("Unread answers and unfinished bodies take {} bytes.", state.limits.held_bytes_max)
}

pub(super) fn refused(state: &State, unread: Unread) -> Refused {
    let bounds = Bounds::of_api(&state.limits, &state.budget);
    match unread {
        Unread::TooLarge => Refused::transport(&PAYLOAD_TOO_LARGE, too_large(bounds)),
        Unread::TooSlow => Refused::transport(&REQUEST_TIMEOUT, too_slow(bounds)),
        Unread::NoRoom => {
            let message = "The server has no memory left for this request. Try again later.";
            Refused::new(Situation::NoRoom, message).hint(RAISE)
        }
        Unread::Broken(what) => Refused::new(Situation::MalformedRequest, broken(&what)).closing(),
    }
}
