//! Which messages of the outbox wait to be delivered, and which are on their way.

use crate::contract::NotificationType;
use std::collections::{HashMap, HashSet, VecDeque};
use tokio_util::sync::CancellationToken;

/// The queue of each delivered type, and the messages on their way.
#[derive(Debug, Default)]
pub(in crate::state) struct Queues {
    email: Option<VecDeque<u64>>,
    phone: Option<VecDeque<u64>>,
    waiting_max: usize,
    leaving: HashMap<u64, Leaving>,
}

/// A message on its way. Others to the same address wait until it is settled, so that they arrive in order.
#[derive(Debug)]
struct Leaving {
    kind: NotificationType,
    to: Box<str>,
    gone: CancellationToken,
}

impl Queues {
    pub(in crate::state) fn new(waiting_max: usize) -> Self {
        Self { waiting_max, ..Self::default() }
    }

    /// From now on messages of this type are delivered.
    pub(in crate::state) fn open(&mut self, kind: NotificationType) {
        *self.of(kind) = Some(VecDeque::new());
    }

    /// Queues a message, and gives whether there was room; `None` if its type is not delivered.
    pub(in crate::state) fn put(&mut self, kind: NotificationType, index: u64) -> Option<bool> {
        let waiting_max = self.waiting_max;
        let waiting = self.of(kind).as_mut()?;
        let has_room = waiting.len() < waiting_max;
        if has_room {
            waiting.push_back(index);
        }
        Some(has_room)
    }

    /// The oldest queued message of a type to an address with none on its way, and the token that cancels its delivery. `to`
    /// gives the address of a message.
    pub(in crate::state) fn take<'m>(
        &mut self,
        kind: NotificationType,
        to: impl Fn(u64) -> Option<&'m str>,
    ) -> Option<(u64, CancellationToken)> {
        let busy: HashSet<_> =
            self.leaving.values().filter(|leaving| leaving.kind == kind).map(|leaving| leaving.to.clone()).collect();
        let waiting = self.of(kind).as_mut()?;
        let at = waiting.iter().position(|index| to(*index).is_none_or(|to| !busy.contains(to)))?;
        let index = waiting.remove(at)?;
        let gone = CancellationToken::new();
        let to = to(index).unwrap_or("").into();
        self.leaving.insert(index, Leaving { kind, to, gone: gone.clone() });
        Some((index, gone))
    }

    /// Whether no message of this type waits.
    pub(in crate::state) fn is_empty(&mut self, kind: NotificationType) -> bool {
        self.of(kind).as_ref().is_none_or(VecDeque::is_empty)
    }

    /// Notes that a message is settled.
    pub(in crate::state) fn settle(&mut self, index: u64) {
        self.leaving.remove(&index);
    }

    /// Forgets a message that waits; false if it does not.
    pub(in crate::state) fn forget_waiting(&mut self, index: u64) -> bool {
        let mut queues = [&mut self.email, &mut self.phone].into_iter().flatten();
        queues.any(|waiting| waiting.binary_search(&index).is_ok_and(|at| waiting.remove(at).is_some()))
    }

    /// Forgets messages and cancels their delivery; gives their number.
    pub(in crate::state) fn forget(&mut self, is_gone: impl Fn(u64) -> bool) -> usize {
        let before = self.count();
        for waiting in [&mut self.email, &mut self.phone].into_iter().flatten() {
            waiting.retain(|index| !is_gone(*index));
        }
        for (_, leaving) in self.leaving.extract_if(|index, _| is_gone(*index)) {
            leaving.gone.cancel();
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
