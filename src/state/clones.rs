//! Clones: projects that have their users, rules and draws from a loaded one, and call numbers of their own.
//!
//! They are few things each, and lie in shards that are swapped one by one: to add one to ten thousand copies what a
//! hundred of them take, and whoever reads them still has all of them as of one moment.

use super::coverage::Met;
use super::{Noted, People, Running, State};
use crate::draw::{clone_id, clone_life};
use crate::fixture::{Project, User};
use crate::scenario::Alias;
use hashbrown::DefaultHashBuilder;
use parking_lot::Mutex;
use std::collections::{HashMap, HashSet};
use std::hash::BuildHasher as _;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

/// Indices of clones begin here, beyond all loaded projects: an index is never given twice.
const FIRST_INDEX: u32 = 1 << 31;
const SHARDS: usize = 64;

/// By template, then by account, the id of the clone to which the account is bound.
type Bound = HashMap<Arc<str>, HashMap<Box<str>, Arc<str>>>;
type Shard = HashMap<Arc<str>, Arc<Cloned>>;

/// Every clone that there is, and those that there were.
#[derive(Clone, Debug)]
pub(crate) struct Clones {
    shards: Vec<Arc<Shard>>,
    /// Those that ended, by which what was done in them is judged all the same, until their id is used again.
    gone: Vec<Arc<Shard>>,
    /// How many of those that ended are not there any more, for want of room.
    pub(crate) forgotten: u64,
    bound: Arc<Bound>,
    count: usize,
    hasher: DefaultHashBuilder,
}

/// One clone, from one reset of it to the next.
#[derive(Debug)]
pub(crate) struct Cloned {
    id: Arc<str>,
    /// Where rules that name the clone find it.
    pub(crate) index: u32,
    /// The id of the loaded project.
    template: Arc<str>,
    /// The account, as `domain/name`, whose calls to the template happen here.
    account: Option<Box<str>>,
    /// How often it was reset, or made anew under the same id, from 1.
    life: u64,
    /// The same as request ids have it.
    life_of_ids: u64,
    /// Cancelled by its reset and by its end.
    ended: CancellationToken,
    /// By id, so that they outlast a reload; only users that were called.
    users: Mutex<HashMap<Box<str>, Tally>>,
    /// What was met in it, by whomever.
    pub(super) met: Met,
    /// Who is not as he was loaded.
    pub(super) people: Arc<People>,
    pub(super) noted: Arc<Noted>,
}

#[derive(Clone, Debug, Default)]
struct Tally {
    calls: u64,
    highest: u64,
    /// By operation, a bit for each documented status that was met.
    met: Vec<u16>,
}

/// What gives clones their indices, ids and lives.
#[derive(Debug, Default)]
pub(super) struct Nursery {
    made: u32,
    named: u64,
    /// The lives of ids that are gone.
    lives: HashMap<Box<str>, u64>,
    /// The longest of those that are not remembered.
    forgotten: u64,
}

impl Default for Clones {
    fn default() -> Self {
        let shards = vec![Arc::default(); SHARDS];
        let (gone, hasher) = (shards.clone(), DefaultHashBuilder::default());
        Self { shards, gone, forgotten: 0, bound: Arc::default(), count: 0, hasher }
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

    /// The clone of a template in which an account, as `domain/name`, does what it does in that.
    pub(crate) fn bound(&self, template: &str, account: &str) -> Option<&Arc<Cloned>> {
        self.get(self.bound.get(template)?.get(account)?)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Arc<Cloned>> {
        self.shards.iter().flat_map(|shard| shard.values())
    }

    /// One that ended.
    pub(super) fn gone(&self, id: &str) -> Option<&Arc<Cloned>> {
        self.gone.get(self.shard(id))?.get(id)
    }

    /// Those that are there and those that ended.
    pub(crate) fn with_gone(&self) -> impl Iterator<Item = &Arc<Cloned>> {
        self.iter().chain(self.gone.iter().flat_map(|shard| shard.values()))
    }

    /// These and another, or another in place of the one of its id.
    pub(super) fn with(&self, clone: Cloned) -> Self {
        let mut changed = self.clone();
        if let Some(account) = &clone.account {
            let of_template = Arc::make_mut(&mut changed.bound).entry(Arc::clone(&clone.template)).or_default();
            of_template.insert(account.clone(), Arc::clone(&clone.id));
        }
        if changed.gone(&clone.id).is_some() {
            changed.change_gone(&clone.id, |shard| shard.remove(&*clone.id));
        }
        changed.changed(&Arc::clone(&clone.id), |shard| {
            shard.insert(Arc::clone(&clone.id), Arc::new(clone));
        })
    }

    /// These without one that ends. So many of those that ended are remembered, the last ones.
    pub(super) fn without(&self, clone: &Arc<Cloned>, most: usize) -> Self {
        let mut without = self.changed(&clone.id, |shard| {
            shard.remove(&clone.id);
        });
        let gone = || self.gone.iter().flat_map(|shard| shard.values());
        if gone().count() >= most
            && let Some(first) = gone().min_by_key(|gone| gone.index)
        {
            without.change_gone(&first.id, |shard| shard.remove(&first.id));
            without.forgotten += 1;
        }
        without.change_gone(&clone.id, |shard| shard.insert(Arc::clone(&clone.id), Arc::clone(clone)));
        if clone.account.is_some() { without.unbound() } else { without }
    }

    fn change_gone(&mut self, id: &str, change: impl FnOnce(&mut Shard) -> Option<Arc<Cloned>>) {
        let shard = self.shard(id);
        if let Some(shard) = self.gone.get_mut(shard) {
            change(Arc::make_mut(shard));
        }
    }

    /// Without bonds to clones that are not there.
    fn unbound(mut self) -> Self {
        let mut bound = (*self.bound).clone();
        for of_template in bound.values_mut() {
            of_template.retain(|_, id| self.get(id).is_some());
        }
        bound.retain(|_, of_template| !of_template.is_empty());
        self.bound = Arc::new(bound);
        self
    }

    /// Those for which this holds.
    pub(super) fn kept(&self, keep: impl Fn(&Cloned) -> bool) -> Self {
        let kept = |shard: &Arc<Shard>| {
            let kept = shard.iter().filter(|(_, clone)| keep(clone));
            Arc::new(kept.map(|(id, clone)| (Arc::clone(id), Arc::clone(clone))).collect::<Shard>())
        };
        let mut clones = self.of_shards(self.shards.iter().map(kept).collect()).unbound();
        clones.gone = self.gone.iter().map(kept).collect();
        clones
    }

    /// All of them as they are after a reset, and none that ended before.
    pub(super) fn renewed(&self) -> Self {
        let renew = |clone: &Arc<Cloned>| (Arc::clone(&clone.id), Arc::new(clone.renewed()));
        let shards = self.shards.iter().map(|shard| Arc::new(shard.values().map(renew).collect::<Shard>()));
        let mut clones = self.of_shards(shards.collect());
        (clones.gone, clones.forgotten) = (vec![Arc::default(); SHARDS], 0);
        clones
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

impl Cloned {
    fn new(id: Arc<str>, index: u32, template: Arc<str>, account: Option<Box<str>>, life: u64) -> Self {
        let life_of_ids = clone_life(&id, life);
        Self {
            id,
            index,
            template,
            account,
            life,
            life_of_ids,
            ended: CancellationToken::new(),
            users: Mutex::default(),
            met: Met::new(0),
            people: Arc::new(People::new(life)),
            noted: Arc::default(),
        }
    }

    pub(super) fn renewed(&self) -> Self {
        let account = self.account.clone();
        Self::new(Arc::clone(&self.id), self.index, Arc::clone(&self.template), account, self.life + 1)
    }

    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    pub(crate) fn template(&self) -> &str {
        &self.template
    }

    /// The account that is bound to it, as `domain/name`.
    pub(crate) fn account(&self) -> Option<&str> {
        self.account.as_deref()
    }

    /// Tells those who wait for something in it. To be called before it is replaced, as with an epoch.
    pub(super) fn end(&self) {
        self.ended.cancel();
    }

    pub(super) fn ending(&self) -> &CancellationToken {
        &self.ended
    }

    pub(super) fn life_of_ids(&self) -> u64 {
        self.life_of_ids
    }

    // Apart from where the users of loaded projects are counted, who shall not pay for these.
    #[inline(never)]
    pub(super) fn count(&self, user: User<'_>) -> u64 {
        self.change(&user.id(), |tally| {
            tally.calls += 1;
            tally.calls
        })
    }

    #[inline(never)]
    pub(super) fn succeed(&self, user: User<'_>, call: u64) {
        self.change(&user.id(), |tally| tally.highest = tally.highest.max(call));
    }

    pub(super) fn calls(&self, user: User<'_>) -> u64 {
        self.users.lock().get(&*user.id()).map_or(0, |tally| tally.calls)
    }

    pub(super) fn highest(&self, user: User<'_>) -> u64 {
        self.users.lock().get(&*user.id()).map_or(0, |tally| tally.highest)
    }

    /// Everyone who called, and how often.
    pub(super) fn callers(&self) -> Vec<(Box<str>, u64)> {
        let users = self.users.lock();
        users.iter().filter(|(_, tally)| tally.calls > 0).map(|(user, tally)| (user.clone(), tally.calls)).collect()
    }

    /// Counts an answer that left whole, by the places of its operation and status.
    pub(super) fn meet(&self, operation: usize, row: usize, user: Option<&str>) {
        self.met.count(operation, row, None);
        if let Some(user) = user {
            self.change(user, |tally| {
                tally.met.resize(tally.met.len().max(operation + 1), 0);
                if let Some(met) = tally.met.get_mut(operation) {
                    *met |= 1 << row;
                }
            });
        }
    }

    /// The users who met the documented status at a place, by id.
    pub(super) fn users_who_met(&self, operation: usize, row: usize) -> Vec<Box<str>> {
        let users = self.users.lock();
        let has_met = |tally: &Tally| tally.met.get(operation).is_some_and(|met| met & (1 << row) != 0);
        let mut found: Vec<_> =
            users.iter().filter(|(_, tally)| has_met(tally)).map(|(user, _)| user.clone()).collect();
        found.sort_unstable();
        found
    }

    /// Forgets the users who are not in the project that the clone is made of, and were not created here either.
    pub(super) fn keep_users(&self, project: &Project) {
        self.people.keep_loaded(project);
        let created: HashSet<_> = self.people.created().into_iter().map(|(_, id, _)| id).collect();
        self.users.lock().retain(|user, _| project.user_index(user).is_some() || created.contains(&**user));
    }

    fn change<T>(&self, user: &str, change: impl FnOnce(&mut Tally) -> T) -> T {
        let mut users = self.users.lock();
        if let Some(tally) = users.get_mut(user) {
            return change(tally);
        }
        change(users.entry(user.into()).or_default())
    }
}

impl Nursery {
    /// A clone of a loaded project, with counters at zero. `None` once indices are used up.
    pub(super) fn bear(&mut self, id: &str, template: &str, account: Option<&str>) -> Option<Cloned> {
        let index = FIRST_INDEX.checked_add(self.made)?;
        self.made += 1;
        Some(Cloned::new(id.into(), index, template.into(), account.map(Into::into), self.life(id)))
    }

    /// An id that nobody has: the same ones in the same order, for each template, on every run.
    pub(super) fn name(&mut self, template: &str, is_taken: impl Fn(&str) -> bool) -> String {
        loop {
            self.named += 1;
            let id = clone_id(template, self.named);
            if !is_taken(&id) {
                return id;
            }
        }
    }

    /// The first life of an id that is not there, beyond those that it had.
    pub(super) fn life(&self, id: &str) -> u64 {
        self.lives.get(id).copied().unwrap_or(0).max(self.forgotten) + 1
    }

    /// Remembers the last life of an id that goes. So many are remembered, and past that none is begun before any of
    /// those that were.
    pub(super) fn remember(&mut self, id: &str, life: u64, most: usize) {
        if self.lives.len() >= most && !self.lives.contains_key(id) {
            self.forgotten = self.lives.values().copied().fold(self.forgotten, u64::max);
            self.lives.clear();
        }
        self.lives.insert(id.into(), life);
    }

    pub(super) fn remember_clone(&mut self, clone: &Cloned, most: usize) {
        self.remember(&clone.id, clone.life, most);
    }
}

/// Why there is no further clone.
#[derive(Debug)]
pub(crate) enum NotCloned {
    /// There are so many, and no more may be.
    Full(usize),
    /// No project of that id is there to be cloned.
    Unknown,
    /// A project of the chosen id is there.
    Taken,
    /// No account of that name is loaded.
    UnknownAccount,
    /// The account is bound to another clone of the project; its id.
    Bound(String),
}

/// A project, as it is listed.
#[derive(Debug)]
pub(crate) struct Listed<'r> {
    /// In this order they are listed, whatever comes and goes meanwhile.
    pub(crate) index: u32,
    pub(crate) project: &'r Project,
    pub(crate) clone: Option<&'r Cloned>,
}

impl Running {
    /// The loaded projects from an index on, then the clones, from the oldest.
    pub(crate) fn projects(&self, from: u32) -> Vec<Listed<'_>> {
        let directory = self.set_up.directory();
        let loaded = (0..).zip(directory.projects()).filter(|(index, _)| *index >= from);
        let mut listed: Vec<_> = loaded.map(|(index, project)| Listed { index, project, clone: None }).collect();
        let loaded = listed.len();
        listed.extend(self.clones.iter().filter(|clone| clone.index >= from).filter_map(|clone| {
            let (_, project) = directory.project(&clone.template)?;
            Some(Listed { index: clone.index, project, clone: Some(clone) })
        }));
        listed.get_mut(loaded..).unwrap_or_default().sort_unstable_by_key(|listed| listed.index);
        listed
    }

    /// A clone by its id, for rules that name it.
    pub(super) fn alias(&self, id: &str) -> Option<Alias> {
        let clone = self.clones.get(id)?;
        let (template, _) = self.set_up.directory().project(&clone.template)?;
        Some(Alias { index: clone.index, template })
    }
}

impl State {
    /// Makes a clone of a project, or of what that is a clone of. Gives its id and its template's.
    pub(crate) fn add_clone(
        &self,
        from: &str,
        id: Option<&str>,
        account: Option<&str>,
    ) -> Result<(String, String), NotCloned> {
        let mut writer = self.writer.lock();
        let running = self.running.load_full();
        let directory = running.set_up.directory();
        let template = running.clones.get(from).map_or(from, |clone| clone.template());
        if directory.project(template).is_none() {
            return Err(NotCloned::Unknown);
        }
        let is_taken = |id: &str| directory.project(id).is_some() || running.clones.get(id).is_some();
        let account =
            account.map(|name| directory.accounts().meant(name).ok_or(NotCloned::UnknownAccount)).transpose()?;
        let account = account.map(|(_, account)| account.shown());
        let bound = account.as_deref().and_then(|account| running.clones.bound(template, account));
        if let Some(bound) = bound {
            return Err(NotCloned::Bound(bound.id().to_owned()));
        }
        let most = self.limits.clones_max;
        if running.clones.count() >= most {
            return Err(NotCloned::Full(most));
        }
        let id = match id {
            Some(id) if is_taken(id) => return Err(NotCloned::Taken),
            Some(id) => id.to_owned(),
            None => writer.nursery.name(template, is_taken),
        };
        let clone = writer.nursery.bear(&id, template, account.as_deref()).ok_or(NotCloned::Full(most))?;
        let is_reused = clone.life > 1;
        // It begins one anew that is judged so far.
        let epoch = running.clones.gone(&id).map(|_| Arc::new(running.epoch.next_without()));
        let clones = Arc::new(running.clones.with(clone));
        let next = running.shared();
        let next = Arc::new(Running { clones, epoch: epoch.unwrap_or_else(|| Arc::clone(&next.epoch)), ..next });
        if is_reused {
            // What the one before did is not this one's.
            self.begin_anew(Some(&id), || self.running.store(next));
        } else {
            self.running.store(next);
        }
        Ok((id, template.to_owned()))
    }

    /// Ends a clone: its calls in flight are cut, and overrides that hold for it alone are taken back. False if there
    /// is none of that id.
    pub(crate) fn remove_clone(&self, id: &str) -> bool {
        let mut writer = self.writer.lock();
        let running = self.running.load_full();
        let Some(clone) = running.clones.get(id) else {
            return false;
        };
        writer.nursery.remember_clone(clone, self.limits.clones_max);
        let clones = running.clones.without(clone, self.limits.clones_max);
        let overrides = running.overrides.without_clones_but(&clones);
        clone.end();
        running.epoch.inherit(&clone.met, &clone.noted);
        self.running.store(Arc::new(Running { clones: Arc::new(clones), overrides, ..running.shared() }));
        true
    }
}

/// Whether a project's index is that of a clone.
pub(crate) fn is_clone(index: u32) -> bool {
    index >= FIRST_INDEX
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::loaded_of;

    #[test]
    fn clones_are_found_until_they_go_and_earlier_readers_see_no_change() {
        let mut nursery = Nursery::default();
        let mut clones = Clones::default();
        for number in 0..500 {
            clones = clones.with(nursery.bear(&format!("c{number}"), "p", None).unwrap());
        }
        let before = clones.clone();
        let after = clones.without(clones.get("c7").unwrap(), 2);
        assert_eq!((before.count(), after.count()), (500, 499));
        assert_eq!(before.get("c7").unwrap().template(), "p");
        assert!(after.get("c7").is_none() && after.get("c8").is_some());
        let mut indices: Vec<_> = before.iter().map(|clone| clone.index).collect();
        indices.sort_unstable();
        indices.dedup();
        assert!(indices.len() == 500 && indices.iter().all(|index| is_clone(*index)));
    }

    #[test]
    fn the_last_that_ended_are_remembered_until_their_id_is_used_again() {
        let mut nursery = Nursery::default();
        let mut clones = Clones::default();
        for id in ["a", "b", "c", "d"] {
            clones = clones.with(nursery.bear(id, "p", None).unwrap());
        }
        for id in ["b", "a", "c"] {
            clones = clones.without(clones.get(id).unwrap(), 2);
        }
        let gone = |clones: &Clones| ["a", "b", "c", "d"].map(|id| clones.gone(id).is_some());
        assert_eq!((gone(&clones), clones.forgotten), ([false, true, true, false], 1));
        assert_eq!((clones.iter().count(), clones.with_gone().count()), (1, 3));
        clones = clones.with(nursery.bear("c", "p", None).unwrap());
        assert_eq!((gone(&clones), clones.with_gone().count()), ([false, true, false, false], 3));
        let renewed = clones.renewed();
        assert_eq!((renewed.iter().count(), renewed.with_gone().count(), renewed.forgotten), (2, 2, 0));
    }

    #[test]
    fn a_reset_and_an_id_that_is_used_again_begin_a_life_that_was_not_there() {
        let mut nursery = Nursery::default();
        let first = nursery.bear("c", "p", None).unwrap();
        let loaded = loaded_of(r#"{"projects": [{"id": "p", "users": [{"id": "u"}]}]}"#);
        let (_, user) = loaded.directory.user("p", "u").unwrap();
        assert_eq!([first.count(user), first.count(user)], [1, 2]);
        first.succeed(user, 2);
        first.succeed(user, 1);
        assert_eq!((first.calls(user), first.highest(user)), (2, 2));
        let second = first.renewed();
        assert_eq!((second.calls(user), second.highest(user), second.index), (0, 0, first.index));
        nursery.remember_clone(&second, 1);
        let third = nursery.bear("c", "p", None).unwrap();
        assert_ne!(third.index, first.index);
        // Another id takes the only place, and nothing is lost for it.
        nursery.remember_clone(&third, 1);
        nursery.remember("d", 1, 1);
        let fourth = nursery.bear("c", "p", None).unwrap();
        let lives = [&first, &second, &third, &fourth];
        assert_eq!(lives.map(|clone| clone.life), [1, 2, 3, 4]);
        let mut ids = lives.map(Cloned::life_of_ids).to_vec();
        ids.extend([nursery.bear("e", "p", None).unwrap().life_of_ids(), 1, 2, 3, 4]);
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), 9, "no two lives share request ids");
    }

    #[test]
    fn ids_are_made_in_the_same_order_and_pass_over_those_that_are_taken() {
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
