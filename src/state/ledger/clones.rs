//! Clones: projects that have their users, rules and draws from a loaded one, and call numbers of their own.
//!
//! A change makes another value, and copies a small part of them; readers still see all of them as of one moment.

use super::cloned::Cloned;
use super::departed::Departed;
use super::own_scenario::OwnScenario;
use super::shards::Shards;
use crate::ids::CloneIndex;
use std::collections::HashMap;
use std::sync::Arc;

/// By template, then by account, the id of the clone to which the account is bound.
type Bound = HashMap<Arc<str>, HashMap<Box<str>, Arc<str>>>;

/// Every clone that there is, and those that there were.
#[derive(Clone, Debug, Default)]
pub(crate) struct Clones {
    present: Shards<Arc<str>, Arc<Cloned>>,
    /// Deleted clones. Their calls are still judged, until their id is used again.
    departed: Departed,
    /// The clones of both.
    by_index: Shards<CloneIndex, Arc<Cloned>>,
    /// The size of the scenarios of both: bytes of text, and rules and expectations.
    size: (usize, usize),
    /// Number of deleted clones that a limit made the server forget.
    pub(crate) forgotten: u64,
    /// Forgotten clones that had expectations of their own.
    pub(crate) forgotten_own: u64,
    bound: Arc<Bound>,
}

impl Clones {
    pub(crate) fn count(&self) -> usize {
        self.present.count()
    }

    pub(crate) fn get(&self, id: &str) -> Option<&Arc<Cloned>> {
        self.present.get(id)
    }

    /// The clone to which calls of an account, as `domain/name`, to a template are led.
    pub(crate) fn bound(&self, template: &str, account: &str) -> Option<&Arc<Cloned>> {
        self.get(self.bound.get(template)?.get(account)?)
    }

    pub(crate) fn iter(&self) -> Box<dyn Iterator<Item = &Arc<Cloned>> + '_> {
        self.present.values()
    }

    /// A deleted clone.
    pub(crate) fn gone(&self, id: &str) -> Option<&Arc<Cloned>> {
        self.departed.get(id)
    }

    /// A clone by its index, deleted ones included.
    pub(crate) fn at(&self, index: CloneIndex) -> Option<&Arc<Cloned>> {
        self.by_index.get(&index)
    }

    /// Whether the clone of an index is there and was not deleted.
    pub(in crate::state) fn is_present(&self, index: CloneIndex) -> bool {
        let known = self.at(index).and_then(|clone| self.get(&clone.id));
        known.is_some_and(|clone| clone.index == index)
    }

    /// All clones, deleted ones included.
    pub(crate) fn with_gone(&self) -> Box<dyn Iterator<Item = &Arc<Cloned>> + '_> {
        Box::new(self.iter().chain(self.departed.iter()))
    }

    /// The size of the scenarios of all clones, deleted ones included: bytes of text, and rules and expectations.
    pub(in crate::state) fn size(&self) -> (usize, usize) {
        self.size
    }

    /// These clones and another, which replaces the one of its id.
    pub(in crate::state) fn with(&self, clone: Cloned) -> Self {
        let mut changed = self.clone();
        if let Some(account) = &clone.account {
            let of_template = Arc::make_mut(&mut changed.bound).entry(Arc::clone(&clone.template)).or_default();
            of_template.insert(account.clone(), Arc::clone(&clone.id));
        }
        let clone = Arc::new(clone);
        let replaced = changed.present.insert(Arc::clone(&clone.id), Arc::clone(&clone));
        for old in replaced.into_iter().chain(changed.departed.remove(&clone.id)) {
            changed.by_index.remove(&old.index);
            changed.size = less(changed.size, old.size());
        }
        changed.size = more(changed.size, clone.size());
        changed.by_index.insert(clone.index, clone);
        changed
    }

    /// These clones without one, which is remembered as deleted; `most` are remembered, and those that were deleted first are
    /// forgotten first.
    pub(in crate::state) fn without(&self, clone: &Arc<Cloned>, most: usize) -> Self {
        let mut changed = self.clone();
        changed.present.remove(&clone.id);
        changed.departed.insert(clone);
        if changed.departed.count() > most {
            let first = changed.departed.remove_first();
            changed.forget(first.as_ref());
        }
        if clone.account.is_some() { changed.unbound() } else { changed }
    }

    /// Forgets the deleted clone that was deleted first of those with a scenario of their own. Returns whether there was one.
    pub(in crate::state) fn forget_a_scenario(&mut self) -> bool {
        let first = self.departed.remove_first_with_scenario();
        self.forget(first.as_ref());
        first.is_some()
    }

    fn forget(&mut self, gone: Option<&Arc<Cloned>>) {
        let Some(gone) = gone else { return };
        self.by_index.remove(&gone.index);
        self.size = less(self.size, gone.size());
        match gone.setup() {
            None => self.forgotten += 1,
            Some(own) => self.forgotten_own += u64::from(!own.expectations.is_empty()),
        }
    }

    /// Finds all of them by their index again, and adds up their sizes.
    fn indexed(mut self) -> Self {
        self.by_index = self.with_gone().map(|clone| (clone.index, Arc::clone(clone))).collect();
        self.size = self.with_gone().map(|clone| clone.size()).fold((0, 0), more);
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
        let kept = |clone: &Arc<Cloned>| match &clone.scenario {
            _ if !keep(clone) => None,
            OwnScenario { born: None, now: None } => Some(Arc::clone(clone)),
            scenario => Some(Arc::new(clone.under(renew(scenario)))),
        };
        let is_lost =
            |clone: &&Arc<Cloned>| !keep(clone) && clone.setup().is_some_and(|own| !own.expectations.is_empty());
        let lost = self.with_gone().filter(is_lost).count() as u64;
        let present = self.iter().filter_map(kept).map(|clone| (Arc::clone(&clone.id), clone)).collect();
        let departed = self.departed.kept(kept);
        let forgotten_own = self.forgotten_own + lost;
        Self { present, departed, forgotten_own, ..self.clone() }.unbound().indexed()
    }

    /// All clones after a reset of everything; deleted ones are forgotten.
    pub(in crate::state) fn renewed(&self) -> Self {
        let renew = |clone: &Arc<Cloned>| (Arc::clone(&clone.id), Arc::new(clone.renewed()));
        let (present, bound) = (self.iter().map(renew).collect(), Arc::clone(&self.bound));
        Self { present, bound, ..Self::default() }.indexed()
    }
}

fn more(one: (usize, usize), other: (usize, usize)) -> (usize, usize) {
    (one.0 + other.0, one.1 + other.1)
}

fn less(one: (usize, usize), other: (usize, usize)) -> (usize, usize) {
    (one.0.saturating_sub(other.0), one.1.saturating_sub(other.1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::Operation;
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
        assert_eq!((gone(&clones), clones.forgotten), ([true, false, true, false], 1), "b was deleted first");
        assert_eq!((clones.iter().count(), clones.with_gone().count()), (1, 3));
        clones = clones.with(nursery.bear("c", "p", None, None).unwrap());
        assert_eq!((gone(&clones), clones.with_gone().count()), ([true, false, false, false], 3));
        assert!(found(&clones));
        let renewed = clones.renewed();
        assert!(found(&renewed) && found(&clones.kept(|clone| clone.id() != "a", Clone::clone)));
        assert_eq!((renewed.iter().count(), renewed.with_gone().count(), renewed.forgotten), (2, 2, 0));
    }

    #[test]
    fn last_deleted_clones_are_remembered_past_the_limit() {
        const MOST: usize = 1_000;
        let mut nursery = Nursery::default();
        let mut clones = Clones::default();
        let (mut deleted, mut reused) = (Vec::new(), 0);
        for number in 0..10 * MOST {
            // Tests of two names run again and again.
            let id = if number % 3 == 0 { format!("again{}", number % 2) } else { format!("c{number}") };
            reused += usize::from(clones.gone(&id).is_some());
            clones = clones.with(nursery.bear(&id, "p", None, None).unwrap());
            clones = clones.without(clones.get(&id).unwrap(), MOST);
            deleted.retain(|known| *known != id);
            deleted.push(id);
            if deleted.len() > MOST {
                deleted.remove(0);
            }
        }
        assert_eq!((clones.count(), clones.with_gone().count()), (0, MOST));
        assert!(deleted.iter().all(|id| clones.gone(id).is_some_and(|gone| clones.at(gone.index).is_some())));
        assert_eq!(usize::try_from(clones.forgotten).unwrap(), 10 * MOST - reused - MOST);
    }

    #[test]
    fn reset_and_reused_id_begin_a_new_life() {
        let mut nursery = Nursery::default();
        let first = nursery.bear("c", "p", None, None).unwrap();
        let reset = Operation::ResetRandomPassword;
        assert_eq!([(); 2].map(|()| first.ledger.clients.calls.count(reset, Some("u"))), [1, 2]);
        let second = first.renewed();
        assert_eq!((second.ledger.clients.calls.calls(reset, Some("u")), second.index), (0, first.index));
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
