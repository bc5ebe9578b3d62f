//! Which messages of the outbox wait to be delivered, and which are on their way.

use crate::contract::NotificationType;
use std::collections::{HashMap, VecDeque};
use tokio_util::sync::CancellationToken;

/// A queue of each type that somebody delivers, and what was taken from them.
#[derive(Debug)]
pub(super) struct Queues {
    email: Option<VecDeque<u64>>,
    phone: Option<VecDeque<u64>>,
    waiting_max: usize,
    leaving: HashMap<u64, CancellationToken>,
}

impl Queues {
    pub(super) fn new(waiting_max: usize) -> Self {
        Self { email: None, phone: None, waiting_max, leaving: HashMap::new() }
    }

    /// From now on messages of this type are delivered.
    pub(super) fn open(&mut self, kind: NotificationType) {
        *self.of(kind) = Some(VecDeque::new());
    }

    /// Queues a message; `None` if nobody delivers such, and whether there was room.
    pub(super) fn put(&mut self, kind: NotificationType, index: u64) -> Option<bool> {
        let waiting_max = self.waiting_max;
        let waiting = self.of(kind).as_mut()?;
        let has_room = waiting.len() < waiting_max;
        if has_room {
            waiting.push_back(index);
        }
        Some(has_room)
    }

    /// The message of this type that waits longest, and what is cancelled if it shall not be delivered after all.
    pub(super) fn take(&mut self, kind: NotificationType) -> Option<(u64, CancellationToken)> {
        let index = self.of(kind).as_mut()?.pop_front()?;
        let gone = CancellationToken::new();
        self.leaving.insert(index, gone.clone());
        Some((index, gone))
    }

    /// It is known what became of a message.
    pub(super) fn settle(&mut self, index: u64) {
        self.leaving.remove(&index);
    }

    /// Forgets a message that waits; false if it does not.
    pub(super) fn forget_waiting(&mut self, index: u64) -> bool {
        let mut queues = [&mut self.email, &mut self.phone].into_iter().flatten();
        queues.any(|waiting| waiting.binary_search(&index).is_ok_and(|at| waiting.remove(at).is_some()))
    }

    /// Forgets messages, and stops whoever delivers one of them; gives how many these were.
    pub(super) fn forget(&mut self, is_gone: impl Fn(u64) -> bool) -> usize {
        let before = self.count();
        for waiting in [&mut self.email, &mut self.phone].into_iter().flatten() {
            waiting.retain(|index| !is_gone(*index));
        }
        for (_, gone) in self.leaving.extract_if(|index, _| is_gone(*index)) {
            gone.cancel();
        }
        before - self.count()
    }

    fn count(&self) -> usize {
        let waiting = [&self.email, &self.phone].into_iter().flatten().map(VecDeque::len);
        waiting.sum::<usize>() + self.leaving.len()
    }

    fn of(&mut self, kind: NotificationType) -> &mut Option<VecDeque<u64>> {
        match kind {
            NotificationType::Email => &mut self.email,
            NotificationType::Phone => &mut self.phone,
        }
    }
}
