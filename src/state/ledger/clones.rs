//! Clones: projects that have their users, rules and draws from a loaded one, and call numbers of their own.
//!
//! They lie in shards that are swapped one by one: adding one to ten thousand copies about a hundred and sixty, and readers
//! still see all of them as of one moment.

use super::cloned::Cloned;
use super::own_scenario::OwnScenario;
use crate::ids::CloneIndex;
use hashbrown::DefaultHashBuilder;
use std::collections::HashMap;
use std::hash::BuildHasher as _;
use std::sync::Arc;

const SHARDS: usize = 64;

/// By template, then by account, the id of the clone to which the account is bound.
type Bound = HashMap<Arc<str>, HashMap<Box<str>, Arc<str>>>;
pub(in crate::state) type Shard = HashMap<Arc<str>, Arc<Cloned>>;
type ByIndex = HashMap<CloneIndex, Arc<Cloned>>;

/// Every clone that there is, and those that there were.
#[derive(Clone, Debug)]
pub(crate) struct Clones {
    shards: Vec<Arc<Shard>>,
    /// Deleted clones. Their calls are still judged, until their id is used again.
    pub(in crate::state) gone: Vec<Arc<Shard>>,
    /// The clones of both.
    by_index: Vec<Arc<ByIndex>>,
    /// Number of deleted clones that a limit made the server forget.
    pub(crate) forgotten: u64,
    /// Forgotten clones that had expectations of their own.
    pub(crate) forgotten_own: u64,
    bound: Arc<Bound>,
    count: usize,
    hasher: DefaultHashBuilder,
}

impl Default for Clones {
    fn default() -> Self {
        let shards = vec![Arc::default(); SHARDS];
        let (gone, hasher) = (shards.clone(), DefaultHashBuilder::default());
        let by_index = vec![Arc::default(); SHARDS];
        Self { shards, gone, by_index, forgotten: 0, forgotten_own: 0, bound: Arc::default(), count: 0, hasher }
    }
}

impl Clones {
    pub(crate) fn count(&self) -> usize {
        self.count
    }

    pub(crate) fn get(&self, id: &str) -> Option<&Arc<Cloned>> {
        if self.count == 0 {
            return None;
        }
        self.shards.get(self.shard(id))?.get(id)
    }

    /// The clone to which calls of an account, as `domain/name`, to a template are led.
    pub(crate) fn bound(&self, template: &str, account: &str) -> Option<&Arc<Cloned>> {
        self.get(self.bound.get(template)?.get(account)?)
    }

    /// Boxed: otherwise each chain of iterators that begins with it would be compiled with its whole type.
    pub(crate) fn iter(&self) -> Box<dyn Iterator<Item = &Arc<Cloned>> + '_> {
        Box::new(self.shards.iter().flat_map(|shard| shard.values()))
    }

    /// The deleted clones.
    pub(in crate::state) fn all_gone(&self) -> Box<dyn Iterator<Item = &Arc<Cloned>> + '_> {
        Box::new(self.gone.iter().flat_map(|shard| shard.values()))
    }

    /// A deleted clone.
    pub(in crate::state) fn gone(&self, id: &str) -> Option<&Arc<Cloned>> {
        self.gone.get(self.shard(id))?.get(id)
    }

    /// A clone by its index, deleted ones included.
    pub(crate) fn at(&self, index: CloneIndex) -> Option<&Arc<Cloned>> {
        self.by_index.get(index.at() % SHARDS)?.get(&index)
    }

    /// All clones, deleted ones included.
    pub(crate) fn with_gone(&self) -> Box<dyn Iterator<Item = &Arc<Cloned>> + '_> {
        Box::new(self.iter().chain(self.all_gone()))
    }

    /// These clones and another, which replaces the one of its id.
    pub(in crate::state) fn with(&self, clone: Cloned) -> Self {
        let mut changed = self.clone();
        if let Some(account) = &clone.account {
            let of_template = Arc::make_mut(&mut changed.bound).entry(Arc::clone(&clone.template)).or_default();
            of_template.insert(account.clone(), Arc::clone(&clone.id));
        }
        if let Some(gone) = self.gone(&clone.id) {
            changed.change_gone(&clone.id, |shard| shard.remove(&*clone.id));
            changed.change_index(gone.index, |of_index| of_index.remove(&gone.index));
        }
        let clone = Arc::new(clone);
        changed.change_index(clone.index, |of_index| of_index.insert(clone.index, Arc::clone(&clone)));
        changed.changed(&Arc::clone(&clone.id), |shard| {
            shard.insert(Arc::clone(&clone.id), clone);
        })
    }

    /// These clones without one, which is remembered as deleted; `most` are remembered, the oldest are forgotten first.
    pub(in crate::state) fn without(&self, clone: &Arc<Cloned>, most: usize) -> Self {
        let mut without = self.changed(&clone.id, |shard| {
            shard.remove(&clone.id);
        });
        if self.gone.iter().map(|shard| shard.len()).sum::<usize>() >= most
            && let Some(first) = self.all_gone().min_by_key(|gone| gone.index)
        {
            without.forget(first);
        }
        without.change_gone(&clone.id, |shard| shard.insert(Arc::clone(&clone.id), Arc::clone(clone)));
        if clone.account.is_some() { without.unbound() } else { without }
    }

    /// Forgets a deleted clone.
    pub(in crate::state) fn forget(&mut self, gone: &Arc<Cloned>) {
        self.change_gone(&gone.id, |shard| shard.remove(&gone.id));
        self.change_index(gone.index, |of_index| of_index.remove(&gone.index));
        match gone.setup() {
            None => self.forgotten += 1,
            Some(own) => self.forgotten_own += u64::from(!own.expectations.is_empty()),
        }
    }

    fn change_gone(&mut self, id: &str, change: impl FnOnce(&mut Shard) -> Option<Arc<Cloned>>) {
        let shard = self.shard(id);
        if let Some(shard) = self.gone.get_mut(shard) {
            change(Arc::make_mut(shard));
        }
    }

    fn change_index(&mut self, index: CloneIndex, change: impl FnOnce(&mut ByIndex) -> Option<Arc<Cloned>>) {
        if let Some(of_index) = self.by_index.get_mut(index.at() % SHARDS) {
            change(Arc::make_mut(of_index));
        }
    }

    /// Finds all of them by their index again.
    fn indexed(mut self) -> Self {
        let mut by_index = vec![ByIndex::new(); SHARDS];
        for clone in self.with_gone() {
            if let Some(of_index) = by_index.get_mut(clone.index.at() % SHARDS) {
                of_index.insert(clone.index, Arc::clone(clone));
            }
        }
        self.by_index = by_index.into_iter().map(Arc::new).collect();
        self
    }

    /// Drops bonds to clones that are gone.
    fn unbound(mut self) -> Self {
        let mut bound = (*self.bound).clone();
        for of_template in bound.values_mut() {
            of_template.retain(|_, id| self.get(id).is_some());
        }
        bound.retain(|_, of_template| !of_template.is_empty());
        self.bound = Arc::new(bound);
        self
    }

    /// The clones that are to be kept, under renewed scenarios.
    pub(in crate::state) fn kept(
        &self,
        keep: impl Fn(&Cloned) -> bool,
        renew: impl Fn(&OwnScenario) -> OwnScenario,
    ) -> Self {
        let renewed = |clone: &Arc<Cloned>| match &clone.scenario {
            OwnScenario { born: None, now: None } => Arc::clone(clone),
            scenario => Arc::new(clone.under(renew(scenario))),
        };
        let kept = |shard: &Arc<Shard>| {
            let kept = shard.iter().filter(|(_, clone)| keep(clone));
            Arc::new(kept.map(|(id, clone)| (Arc::clone(id), renewed(clone))).collect::<Shard>())
        };
        let is_lost =
            |clone: &&Arc<Cloned>| !keep(clone) && clone.setup().is_some_and(|own| !own.expectations.is_empty());
        let lost = self.with_gone().filter(is_lost).count() as u64;
        let mut clones = self.of_shards(self.shards.iter().map(kept).collect()).unbound();
        clones.gone = self.gone.iter().map(kept).collect();
        clones.forgotten_own += lost;
        clones.indexed()
    }

    /// All clones after a reset of everything; deleted ones are forgotten.
    pub(in crate::state) fn renewed(&self) -> Self {
        let renew = |clone: &Arc<Cloned>| (Arc::clone(&clone.id), Arc::new(clone.renewed()));
        let shards = self.shards.iter().map(|shard| Arc::new(shard.values().map(renew).collect::<Shard>()));
        let mut clones = self.of_shards(shards.collect());
        (clones.gone, clones.forgotten, clones.forgotten_own) = (vec![Arc::default(); SHARDS], 0, 0);
        clones.indexed()
    }

    fn changed(&self, id: &str, change: impl FnOnce(&mut Shard)) -> Self {
        let mut shards = self.shards.clone();
        if let Some(shard) = shards.get_mut(self.shard(id)) {
            change(Arc::make_mut(shard));
        }
        self.of_shards(shards)
    }

    fn of_shards(&self, shards: Vec<Arc<Shard>>) -> Self {
        let count = shards.iter().map(|shard| shard.len()).sum();
        Self { shards, count, ..self.clone() }
    }

    fn shard(&self, id: &str) -> usize {
        usize::try_from(self.hasher.hash_one(id) % SHARDS as u64).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::ledger::nursery::Nursery;

    #[test]
    fn readers_of_clones_see_one_moment() {
        let mut nursery = Nursery::default();
        let mut clones = Clones::default();
        for number in 0..500 {
            clones = clones.with(nursery.bear(&format!("c{number}"), "p", None, None).unwrap());
        }
        let before = clones.clone();
        let after = clones.without(clones.get("c7").unwrap(), 2);
        assert_eq!((before.count(), after.count()), (500, 499));
        assert_eq!(before.get("c7").unwrap().template(), "p");
        assert!(after.get("c7").is_none() && after.get("c8").is_some());
        let mut indices: Vec<_> = before.iter().map(|clone| clone.index).collect();
        indices.sort_unstable();
        indices.dedup();
        assert_eq!(indices.len(), 500);
    }

    #[test]
    fn deleted_clones_are_remembered_until_their_id_is_reused() {
        let mut nursery = Nursery::default();
        let mut clones = Clones::default();
        for id in ["a", "b", "c", "d"] {
            clones = clones.with(nursery.bear(id, "p", None, None).unwrap());
        }
        for id in ["b", "a", "c"] {
            clones = clones.without(clones.get(id).unwrap(), 2);
        }
        let gone = |clones: &Clones| ["a", "b", "c", "d"].map(|id| clones.gone(id).is_some());
        // Each is found by its index too, and no other.
        let found = |clones: &Clones| {
            let at = (0..9).filter_map(|index| clones.at(CloneIndex::new(index)));
            let mut found: Vec<_> = at.map(|clone| clone.id().to_owned()).collect();
            let mut there: Vec<_> = clones.with_gone().map(|clone| clone.id().to_owned()).collect();
            found.sort_unstable();
            there.sort_unstable();
            assert_eq!(found, there);
            clones.with_gone().all(|clone| Arc::ptr_eq(clone, clones.at(clone.index).unwrap()))
        };
        assert!(found(&clones));
        assert_eq!((gone(&clones), clones.forgotten), ([false, true, true, false], 1));
        assert_eq!((clones.iter().count(), clones.with_gone().count()), (1, 3));
        clones = clones.with(nursery.bear("c", "p", None, None).unwrap());
        assert_eq!((gone(&clones), clones.with_gone().count()), ([false, true, false, false], 3));
        assert!(found(&clones));
        let renewed = clones.renewed();
        assert!(found(&renewed) && found(&clones.kept(|clone| clone.id() != "b", Clone::clone)));
        assert_eq!((renewed.iter().count(), renewed.with_gone().count(), renewed.forgotten), (2, 2, 0));
    }

    #[test]
    fn reset_and_reused_id_begin_a_new_life() {
        let mut nursery = Nursery::default();
        let first = nursery.bear("c", "p", None, None).unwrap();
        assert_eq!([(); 2].map(|()| first.ledger.users.of("u").count()), [1, 2]);
        let second = first.renewed();
        assert!(second.ledger.users.get("u").is_none() && second.index == first.index);
        nursery.remember_clone(&second, 1);
        let third = nursery.bear("c", "p", None, None).unwrap();
        assert_ne!(third.index, first.index);
        // Another id takes the only place, and nothing is lost for it.
        nursery.remember_clone(&third, 1);
        nursery.remember("d", 1, 1);
        let fourth = nursery.bear("c", "p", None, None).unwrap();
        let lives = [&first, &second, &third, &fourth];
        assert_eq!(lives.map(|clone| clone.ledger.life), [1, 2, 3, 4]);
        let mut ids = lives.map(|clone| clone.ledger.life_of_ids).to_vec();
        ids.extend([nursery.bear("e", "p", None, None).unwrap().ledger.life_of_ids, 1, 2, 3, 4]);
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), 9, "no two lives share request ids");
    }

    #[test]
    fn generated_ids_repeat_and_skip_taken_ones() {
        let ids = |taken: &str| {
            let mut nursery = Nursery::default();
            [(); 3].map(|()| nursery.name("p", |id| id == taken))
        };
        let [first, second, third] = ids("");
        assert_eq!(ids("")[..2], [first.clone(), second.clone()]);
        assert_eq!(ids(&second)[..2], [first.clone(), third]);
        assert!(first.len() == 32 && first != second && first.bytes().all(|byte| byte.is_ascii_hexdigit()));
    }
}
