//! One clone, and what is counted in it.

use super::coverage::Met;
use crate::draw::clone_life;
use crate::engine::Setup;
use crate::fixture::{Project, User};
use crate::ids::CloneIndex;
use crate::state::running::own_scenario::{OwnScenario, size_of};
use crate::state::{Noted, People};
use parking_lot::Mutex;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

/// One clone, from one reset of it to the next.
#[derive(Debug)]
pub(crate) struct Cloned {
    pub(in crate::state) id: Arc<str>,
    /// Where rules that name the clone find it.
    pub(crate) index: CloneIndex,
    /// The id of the loaded project.
    pub(in crate::state) template: Arc<str>,
    /// The account, as `domain/name`, whose calls to the template happen here.
    pub(in crate::state) account: Option<Box<str>>,
    /// How often it was reset, or made anew under the same id, from 1.
    pub(in crate::state) life: u64,
    /// The same as request ids have it.
    life_of_ids: u64,
    /// Cancelled by its reset and by its end.
    ended: CancellationToken,
    /// By id, so that they outlast a reload; only users that were called.
    users: Arc<Mutex<HashMap<Box<str>, Tally>>>,
    /// What was met in it, by whomever.
    pub(in crate::state) met: Arc<Met>,
    /// Who is not as he was loaded.
    pub(in crate::state) people: Arc<People>,
    pub(in crate::state) noted: Arc<Noted>,
    pub(in crate::state) scenario: OwnScenario,
}

#[derive(Clone, Debug, Default)]
struct Tally {
    calls: u64,
    highest: u64,
    /// By operation, a bit for each documented status that was met.
    met: Vec<u16>,
}

impl Cloned {
    /// What its scenarios take.
    pub(in crate::state) fn size(&self) -> (usize, usize) {
        size_of(self.scenario.all())
    }

    pub(in crate::state) fn new(
        id: Arc<str>,
        index: CloneIndex,
        template: Arc<str>,
        account: Option<Box<str>>,
        life: u64,
        born: Option<Arc<Setup>>,
    ) -> Self {
        let life_of_ids = clone_life(&id, life);
        Self {
            id,
            index,
            template,
            account,
            life,
            life_of_ids,
            ended: CancellationToken::new(),
            users: Arc::default(),
            met: Arc::new(Met::new(0)),
            people: Arc::new(People::new(life)),
            noted: Arc::default(),
            scenario: OwnScenario { now: born.clone(), born },
        }
    }

    /// The same clone, with its counters, under another scenario.
    pub(in crate::state) fn under(&self, scenario: OwnScenario) -> Self {
        Self {
            id: Arc::clone(&self.id),
            index: self.index,
            template: Arc::clone(&self.template),
            account: self.account.clone(),
            life: self.life,
            life_of_ids: self.life_of_ids,
            ended: self.ended.clone(),
            users: Arc::clone(&self.users),
            met: Arc::clone(&self.met),
            people: Arc::clone(&self.people),
            noted: Arc::clone(&self.noted),
            scenario,
        }
    }

    /// What decides in it, if it has a scenario of its own.
    pub(crate) fn setup(&self) -> Option<&Arc<Setup>> {
        self.scenario.now.as_ref()
    }

    pub(in crate::state) fn renewed(&self) -> Self {
        let account = self.account.clone();
        let (id, template) = (Arc::clone(&self.id), Arc::clone(&self.template));
        Self::new(id, self.index, template, account, self.life + 1, self.scenario.born.clone())
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
    pub(in crate::state) fn end(&self) {
        self.ended.cancel();
    }

    pub(in crate::state) fn ending(&self) -> &CancellationToken {
        &self.ended
    }

    pub(in crate::state) fn life_of_ids(&self) -> u64 {
        self.life_of_ids
    }

    // Apart from where the users of loaded projects are counted, who shall not pay for these.
    #[inline(never)]
    pub(in crate::state) fn count(&self, user: User<'_>) -> u64 {
        self.change(&user.id(), |tally| {
            tally.calls += 1;
            tally.calls
        })
    }

    #[inline(never)]
    pub(in crate::state) fn succeed(&self, user: User<'_>, call: u64) {
        self.change(&user.id(), |tally| tally.highest = tally.highest.max(call));
    }

    pub(in crate::state) fn calls(&self, user: User<'_>) -> u64 {
        self.users.lock().get(&*user.id()).map_or(0, |tally| tally.calls)
    }

    pub(in crate::state) fn highest(&self, user: User<'_>) -> u64 {
        self.users.lock().get(&*user.id()).map_or(0, |tally| tally.highest)
    }

    /// Everyone who called, and how often.
    pub(in crate::state) fn callers(&self) -> Vec<(Box<str>, u64)> {
        let users = self.users.lock();
        users.iter().filter(|(_, tally)| tally.calls > 0).map(|(user, tally)| (user.clone(), tally.calls)).collect()
    }

    /// Counts an answer that left whole, by the places of its operation and status.
    pub(in crate::state) fn meet(&self, operation: usize, row: usize, user: Option<&str>) {
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
    pub(in crate::state) fn users_who_met(&self, operation: usize, row: usize) -> Vec<Box<str>> {
        let users = self.users.lock();
        let has_met = |tally: &Tally| tally.met.get(operation).is_some_and(|met| met & (1 << row) != 0);
        let mut found: Vec<_> =
            users.iter().filter(|(_, tally)| has_met(tally)).map(|(user, _)| user.clone()).collect();
        found.sort_unstable();
        found
    }

    /// Forgets the users who are not in the project that the clone is made of, and were not created here either.
    pub(in crate::state) fn keep_users(&self, project: &Project) {
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
