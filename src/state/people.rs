//! Who of a project is not as he was loaded: created, changed or deleted since its last reset; and how often what was
//! asked of it that is not counted by the places of users.

use super::AccountCalls;
use crate::draw::created_user_id;
use crate::fixture::{Person, Project};
use parking_lot::Mutex;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// Indices of users who were created begin here, beyond those of all who are loaded.
const FIRST_INDEX: u32 = 1 << 30;

/// What is another in one project than it was loaded, from one reset to the next.
#[derive(Debug)]
pub(crate) struct People {
    /// Whether anybody is: most projects stay as they are, and look no further.
    changed: AtomicBool,
    kept: Mutex<Kept>,
    /// Calls of operations on users other than resets, by user or by account.
    pub(crate) calls: AccountCalls,
}

#[derive(Debug, Default)]
struct Kept {
    /// By id; of users who are gone none.
    people: HashMap<Box<str>, Option<Arc<Someone>>>,
    /// Ids of those who were created, in order; their place is their index. Those who are gone keep it.
    created: Vec<Box<str>>,
}

/// A user who is not as he was loaded.
#[derive(Debug)]
pub(crate) struct Someone {
    pub(crate) person: Person,
    /// The index of one who was created.
    pub(crate) created: Option<u32>,
    /// What is counted of one who was created.
    tally: Arc<Tally>,
    /// The password that an administrator had sent to him, and how many resets there had been.
    pub(crate) sent: Option<(String, u64)>,
}

#[derive(Debug, Default)]
struct Tally {
    calls: AtomicU64,
    highest: AtomicU64,
}

/// How a user is, as opposed to how he was loaded.
pub(super) enum Standing {
    /// As he was, if he was loaded at all.
    AsLoaded,
    Changed(Arc<Someone>),
    Gone,
}

/// Why nobody was created.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum NotCreated {
    NameTaken,
    Full(usize),
}

/// A user, wherever he is from.
pub(crate) enum Found {
    /// As he was loaded, with his index.
    Loaded(u32),
    Someone(Arc<Someone>),
}

/// What can be done to the users of a project while nobody else does.
pub(crate) struct Changing<'p> {
    people: &'p People,
    kept: &'p mut Kept,
    /// As it was loaded.
    project: &'p Project,
}

impl People {
    pub(crate) fn new(life: u64) -> Self {
        Self { changed: AtomicBool::new(false), kept: Mutex::default(), calls: AccountCalls::new(life) }
    }

    /// Whether somebody is not as he was loaded.
    #[inline]
    pub(crate) fn is_changed(&self) -> bool {
        self.changed.load(Ordering::Relaxed)
    }

    #[cold]
    pub(super) fn standing(&self, id: &str) -> Standing {
        match self.kept.lock().people.get(id) {
            None => Standing::AsLoaded,
            Some(None) => Standing::Gone,
            Some(Some(someone)) => Standing::Changed(Arc::clone(someone)),
        }
    }

    /// The index of one who was created, also if he is gone.
    pub(crate) fn created_index(&self, id: &str) -> Option<u32> {
        if !self.is_changed() {
            return None;
        }
        let kept = self.kept.lock();
        let at = kept.created.iter().position(|created| **created == *id)?;
        Some(FIRST_INDEX + u32::try_from(at).unwrap_or(0))
    }

    /// The index, the id and the calls of each who was created, also if he is gone.
    pub(crate) fn created(&self) -> Vec<(u32, String, u64)> {
        let kept = self.kept.lock();
        let calls = |id: &str| kept.people.get(id).and_then(|someone| Some(someone.as_ref()?.calls())).unwrap_or(0);
        let indexed = (FIRST_INDEX..).zip(&kept.created);
        indexed.map(|(index, id)| (index, id.to_string(), calls(id))).collect()
    }

    /// The id of one who was created.
    pub(crate) fn created_id(&self, index: u32) -> Option<String> {
        let at = index.checked_sub(FIRST_INDEX)? as usize;
        self.kept.lock().created.get(at).map(ToString::to_string)
    }

    /// Looks at the users of the project, and changes them, while nobody else does.
    pub(crate) fn change<T>(&self, project: &Project, change: impl FnOnce(&mut Changing<'_>) -> T) -> T {
        let mut kept = self.kept.lock();
        change(&mut Changing { people: self, kept: &mut kept, project })
    }
}

impl Changing<'_> {
    pub(crate) fn find(&self, id: &str) -> Option<Found> {
        match self.kept.people.get(id) {
            Some(someone) => someone.clone().map(Found::Someone),
            None => self.project.user_index(id).map(Found::Loaded),
        }
    }

    /// A user as he is now.
    pub(crate) fn person(&self, found: &Found) -> Option<Person> {
        match found {
            Found::Loaded(index) => self.project.user_at(*index).map(Person::of),
            Found::Someone(someone) => Some(someone.person.clone()),
        }
    }

    /// Everyone who is there, those who are loaded first.
    pub(crate) fn all(&self) -> impl Iterator<Item = Person> + '_ {
        let loaded = (0..).map_while(|index| self.project.user_at(index));
        let loaded = loaded.filter_map(|user| match self.kept.people.get(&*user.id()) {
            None => Some(Person::of(user)),
            Some(someone) => someone.as_ref().map(|someone| someone.person.clone()),
        });
        let created = self.kept.created.iter().filter_map(|id| self.kept.people.get(id)?.as_ref());
        loaded.chain(created.map(|someone| someone.person.clone()))
    }

    /// The id that a new user of that name gets, unless there is one.
    pub(crate) fn new_id(&self, user_name: &str, most: usize) -> Result<String, NotCreated> {
        if self.all().any(|person| person.user_name.eq_ignore_ascii_case(user_name)) {
            return Err(NotCreated::NameTaken);
        }
        if self.kept.created.len() >= most {
            return Err(NotCreated::Full(most));
        }
        let name = user_name.to_ascii_lowercase();
        let ids = (0..).map(|time| created_user_id(self.project.id(), &name, time));
        let is_free =
            |id: &String| !self.kept.people.contains_key(id.as_str()) && self.project.user_index(id).is_none();
        Ok(ids.into_iter().find(is_free).unwrap_or_default())
    }

    /// Adds a user, whose id is new.
    pub(crate) fn create(&mut self, person: Person) {
        let id: Box<str> = person.id.as_str().into();
        let index = FIRST_INDEX + u32::try_from(self.kept.created.len()).unwrap_or(0);
        let someone = Someone { person, created: Some(index), tally: Arc::default(), sent: None };
        self.kept.created.push(id.clone());
        self.put(id, Some(someone));
    }

    /// Has a user be another.
    pub(crate) fn update(&mut self, found: &Found, person: Person, sent: Option<(String, u64)>) {
        let (created, tally, before) = match found {
            Found::Loaded(_) => (None, Arc::default(), None),
            Found::Someone(someone) => (someone.created, Arc::clone(&someone.tally), someone.sent.clone()),
        };
        let id = person.id.as_str().into();
        self.put(id, Some(Someone { person, created, tally, sent: sent.or(before) }));
    }

    pub(crate) fn delete(&mut self, id: &str) {
        self.put(id.into(), None);
    }

    fn put(&mut self, id: Box<str>, someone: Option<Someone>) {
        self.kept.people.insert(id, someone.map(Arc::new));
        self.people.changed.store(true, Ordering::Relaxed);
    }
}

impl Someone {
    pub(super) fn count(&self) -> u64 {
        self.tally.calls.fetch_add(1, Ordering::Relaxed) + 1
    }

    pub(super) fn succeed(&self, call: u64) {
        self.tally.highest.fetch_max(call, Ordering::Relaxed);
    }

    pub(super) fn calls(&self) -> u64 {
        self.tally.calls.load(Ordering::Relaxed)
    }

    pub(super) fn highest(&self) -> u64 {
        self.tally.highest.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::loaded_of;

    #[test]
    fn users_come_change_and_go_and_ids_are_not_given_twice() {
        let loaded =
            loaded_of(r#"{"projects": [{"id": "p", "users": [{"id": "a", "user_name": "ada"}, {"id": "b"}]}]}"#);
        let (_, project) = loaded.directory.project("p").unwrap();
        let people = People::new(1);
        assert!(!people.is_changed());
        let ids = |people: &People| people.change(project, |users| users.all().map(|one| one.id).collect::<Vec<_>>());
        let first = people.change(project, |users| {
            assert_eq!(users.new_id("ADA", 2), Err(NotCreated::NameTaken));
            let id = users.new_id("carol", 2).unwrap();
            let ada = users.find("a").unwrap();
            let person = Person { user_name: "carol".to_owned(), id: id.clone(), ..users.person(&ada).unwrap() };
            users.create(person);
            users.delete("b");
            id
        });
        assert_eq!((ids(&people), people.is_changed()), (vec!["a".to_owned(), first.clone()], true));
        let index = people.created_index(&first).unwrap();
        assert_eq!(people.created_id(index), Some(first.clone()));
        people.change(project, |users| {
            users.delete(&first);
            let again = users.new_id("carol", 2).unwrap();
            assert_ne!(again, first);
            assert_eq!(users.new_id("dave", 1), Err(NotCreated::Full(1)));
        });
        assert!(matches!(people.standing("b"), Standing::Gone));
        assert_eq!((ids(&people), people.created_index(&first)), (vec!["a".to_owned()], Some(index)));
    }
}
