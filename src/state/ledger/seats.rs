//! Counters of the users of a loaded project. A counter keeps its place from the user's load to the project's reset: a reload
//! gives users other indices and leaves their counters where they are.

use super::counter::Counter;
use crate::fixture::Project;
use crate::ids::UserIndex;
use std::collections::HashMap;
use std::sync::Arc;

/// Counters of a block at most. A block is freed with the last of its users, so a user that stays holds few others.
const BLOCK: usize = 256;

/// Counters by index of the user.
#[derive(Clone, Debug)]
pub(in crate::state) struct Seats {
    blocks: Vec<Arc<[Counter]>>,
    /// The seat of each user after a reload; before that, the index is the seat.
    moved: Option<Box<[u32]>>,
    count: usize,
}

impl Seats {
    /// Counters at zero for `count` users.
    pub(in crate::state) fn new(count: usize) -> Self {
        Self { blocks: blocks(count), moved: None, count }
    }

    #[inline]
    pub(in crate::state) fn counter(&self, user: UserIndex) -> Option<&Counter> {
        let seat = self.seat(user.at())?;
        self.blocks.get(seat / BLOCK)?.get(seat % BLOCK)
    }

    /// Counters at zero for the same users.
    pub(in crate::state) fn anew(&self) -> Self {
        Self::new(self.count)
    }

    /// The counters after a reload: users in both projects keep theirs.
    pub(in crate::state) fn after_reload(&self, from: &Project, to: &Project) -> Self {
        if from.has_users_of(to) {
            return self.clone();
        }
        let kept = |user: UserIndex| self.seat(from.user_index(&to.user_at(user)?.id())?.at());
        let kept: Vec<_> = UserIndex::all().take(to.users_count()).map(kept).collect();
        let (mut places, mut taken) = (HashMap::new(), Vec::new());
        for block in kept.iter().flatten().map(|seat| seat / BLOCK) {
            places.entry(block).or_insert_with(|| {
                taken.extend(self.blocks.get(block).map(Arc::clone));
                taken.len() - 1
            });
        }
        // New users get seats after all others.
        let mut free = taken.len() * BLOCK..;
        let seat = |kept: Option<usize>| {
            let kept = kept.and_then(|seat| Some(places.get(&(seat / BLOCK))? * BLOCK + seat % BLOCK));
            let seat = kept.or_else(|| free.next()).and_then(|seat| u32::try_from(seat).ok());
            invariant!(seat, 0, "users are fewer than 2^32")
        };
        let moved: Box<[_]> = kept.into_iter().map(seat).collect();
        let new = free.start - taken.len() * BLOCK;
        taken.extend(blocks(new));
        Self { blocks: taken, count: moved.len(), moved: Some(moved) }
    }

    /// All users with their counters.
    pub(in crate::state) fn all(&self) -> impl Iterator<Item = (UserIndex, &Counter)> {
        UserIndex::all().take(self.count).filter_map(|user| Some((user, self.counter(user)?)))
    }

    #[inline]
    fn seat(&self, user: usize) -> Option<usize> {
        match &self.moved {
            None => Some(user),
            Some(moved) => moved.get(user).map(|seat| *seat as usize),
        }
    }
}

fn blocks(count: usize) -> Vec<Arc<[Counter]>> {
    let block = |from: usize| (from..count.min(from + BLOCK)).map(|_| Counter::default()).collect();
    (0..count).step_by(BLOCK).map(block).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{Directory, loaded_of};
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    fn directory(ids: &[u16]) -> Directory {
        let users: Vec<_> = ids.iter().map(|id| format!(r#"{{"id": "u{id}"}}"#)).collect();
        loaded_of(&format!(r#"{{"projects": [{{"id": "p", "users": [{}]}}]}}"#, users.join(","))).directory
    }

    fn project(directory: &Directory) -> &Project {
        directory.project("p").unwrap().1
    }

    /// The number of counters held, those of removed users included.
    fn held(seats: &Seats) -> usize {
        seats.blocks.iter().map(|block| block.len()).sum()
    }

    proptest! {
        #[test]
        fn users_keep_their_counters_through_reloads(
            loads in prop::collection::vec(prop::collection::btree_set(0..600_u16, 0..600), 1..6),
        ) {
            let mut calls: BTreeMap<u16, u64> = BTreeMap::new();
            let mut last = directory(&[]);
            let mut seats = Seats::new(0);
            for (turn, load) in loads.iter().enumerate() {
                let mut ids: Vec<_> = load.iter().copied().collect();
                let middle = ids.len() / 2;
                ids.rotate_left(if turn % 2 == 0 { 0 } else { middle });
                let next = directory(&ids);
                seats = seats.after_reload(project(&last), project(&next));
                calls.retain(|id, _| load.contains(id));
                for (id, (user, counter)) in ids.iter().zip(seats.all()) {
                    prop_assert_eq!(counter.calls(), calls.get(id).copied().unwrap_or(0));
                    prop_assert!(std::ptr::eq(counter, seats.counter(user).unwrap()));
                    *calls.entry(*id).or_default() = counter.count();
                }
                prop_assert_eq!(seats.all().count(), ids.len());
                last = next;
            }
        }
    }

    #[test]
    fn block_is_freed_with_its_last_user() {
        let ids: Vec<u16> = (0..3 * 256).collect();
        let all = directory(&ids);
        let seats = Seats::new(ids.len());
        let one = directory(&ids[..1]);
        let left = seats.after_reload(project(&all), project(&one));
        assert_eq!((held(&seats), held(&left)), (3 * BLOCK, BLOCK));
        let none = left.after_reload(project(&one), project(&directory(&[])));
        assert_eq!(held(&none), 0);
    }
}
