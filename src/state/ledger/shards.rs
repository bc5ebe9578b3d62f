//! A map that is swapped whole: a change copies one of its parts, and readers see all of them as of one moment.

use hashbrown::DefaultHashBuilder;
use std::borrow::Borrow;
use std::collections::HashMap;
use std::hash::{BuildHasher as _, Hash};
use std::sync::Arc;

/// Number of shards of a small map.
const SHARDS: usize = 64;
/// A map has more shards once it has this many entries for each square of their number: then a change copies as many of the
/// ones as of the others, within a factor.
const ENTRIES_PER_SQUARE: usize = 4;

type Shard<K, V> = HashMap<K, V, DefaultHashBuilder>;

/// A map in shards that are copied when they change.
#[derive(Clone, Debug)]
pub(in crate::state) struct Shards<K, V> {
    shards: Vec<Arc<Shard<K, V>>>,
    count: usize,
    hasher: DefaultHashBuilder,
}

impl<K, V> Default for Shards<K, V> {
    fn default() -> Self {
        Self::of(SHARDS, &DefaultHashBuilder::default())
    }
}

impl<K, V> Shards<K, V> {
    fn of(shards: usize, hasher: &DefaultHashBuilder) -> Self {
        let empty = || Arc::new(Shard::with_hasher(hasher.clone()));
        Self { shards: (0..shards).map(|_| empty()).collect(), count: 0, hasher: hasher.clone() }
    }

    pub(in crate::state) fn count(&self) -> usize {
        self.count
    }

    /// Boxed: otherwise each chain of iterators that begins with it would be compiled with its whole type.
    pub(in crate::state) fn values(&self) -> Box<dyn Iterator<Item = &V> + '_> {
        Box::new(self.shards.iter().flat_map(|shard| shard.values()))
    }
}

impl<K: Clone + Eq + Hash, V: Clone> Shards<K, V> {
    pub(in crate::state) fn get<Q: Eq + Hash + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        if self.count == 0 {
            return None;
        }
        self.shards.get(self.shard(key))?.get(key)
    }

    /// Sets a value, and returns the one that it replaces.
    pub(in crate::state) fn insert(&mut self, key: K, value: V) -> Option<V> {
        if self.count >= self.shards.len() * self.shards.len() * ENTRIES_PER_SQUARE {
            self.grow();
        }
        let shard = self.shard(&key);
        let replaced = Arc::make_mut(self.shards.get_mut(shard)?).insert(key, value);
        self.count += usize::from(replaced.is_none());
        replaced
    }

    pub(in crate::state) fn remove<Q: Eq + Hash + ?Sized>(&mut self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
    {
        self.get(key)?;
        let shard = self.shard(key);
        let removed = Arc::make_mut(self.shards.get_mut(shard)?).remove(key);
        self.count -= usize::from(removed.is_some());
        removed
    }

    fn grow(&mut self) {
        let mut grown = Self::of(self.shards.len() * 2, &self.hasher);
        for (key, value) in self.shards.iter().flat_map(|shard| shard.iter()) {
            let shard = grown.shard(key);
            if let Some(shard) = grown.shards.get_mut(shard) {
                Arc::make_mut(shard).insert(key.clone(), value.clone());
            }
        }
        grown.count = self.count;
        *self = grown;
    }

    /// The shard of a key, by bits of its hash that a shard does not use.
    fn shard<Q: Hash + ?Sized>(&self, key: &Q) -> usize {
        let bits = usize::try_from(self.hasher.hash_one(key) >> 32);
        invariant!(bits.ok(), 0, "the upper half has 32 bits") % self.shards.len()
    }
}

impl<K: Clone + Eq + Hash, V: Clone> FromIterator<(K, V)> for Shards<K, V> {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(all: I) -> Self {
        let mut shards = Self::default();
        for (key, value) in all {
            shards.insert(key, value);
        }
        shards
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn change_copies_one_shard_and_earlier_values_stay() {
        let before: Shards<u64, u64> = (0..10_000).map(|number| (number, number)).collect();
        let mut after = before.clone();
        assert_eq!((after.insert(3, 4), after.remove(&5), after.remove(&10_000)), (Some(3), Some(5), None));
        assert_eq!((before.get(&3), before.get(&5), before.count()), (Some(&3), Some(&5), 10_000));
        assert_eq!((after.get(&3), after.get(&5), after.count()), (Some(&4), None, 9_999));
        let copied = before.shards.iter().zip(&after.shards).filter(|(one, other)| !Arc::ptr_eq(one, other));
        assert!(copied.count() <= 2);
    }

    #[test]
    fn entries_spread_over_a_number_of_shards_that_grows() {
        for (entries, shards) in [(0_u64, 64), (16_384, 64), (16_385, 128), (70_000, 256)] {
            let map: Shards<u64, ()> = (0..entries).map(|number| (number, ())).collect();
            assert_eq!((map.shards.len(), map.values().count() as u64), (shards, entries));
            let most = map.shards.iter().map(|shard| shard.len()).max().unwrap() as u64;
            assert!(most <= 2 * entries / shards as u64 + 8, "{most} of {entries} in one shard");
            assert!((0..entries).all(|number| map.get(&number).is_some()));
        }
    }

    proptest! {
        #[test]
        fn shards_agree_with_a_plain_map(changes in prop::collection::vec((any::<bool>(), 0_u8..20, any::<u8>()), 0..200)) {
            let (mut shards, mut plain) = (Shards::default(), HashMap::new());
            for (is_set, key, value) in changes {
                if is_set {
                    prop_assert_eq!(shards.insert(key, value), plain.insert(key, value));
                } else {
                    prop_assert_eq!(shards.remove(&key), plain.remove(&key));
                }
                prop_assert_eq!(shards.count(), plain.len());
                prop_assert_eq!(shards.get(&key), plain.get(&key));
            }
        }
    }
}
