//! Users of a project that differ from the files: created, changed or deleted since its last reset.

use super::patch::Patch;
use crate::draw::created_user_id;
use crate::fixture::{Person, Project, User};
use crate::ids::{CreatedIndex, UserIndex, UserPlace};
use parking_lot::Mutex;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// The changes to the users of one project, from one reset to the next.
#[derive(Debug, Default)]
pub(crate) struct People {
    /// Whether any user differs from the files. Most projects never change, and look no further.
    changed: AtomicBool,
    /// Shared with lists that are being written, which show a snapshot.
    kept: Mutex<Arc<Kept>>,
}

#[derive(Clone, Debug, Default)]
struct Kept {
    people: HashMap<Box<str>, Standing>,
    /// Ids of created users by index, deleted ones included.
    created: Vec<Box<str>>,
    /// The index of each of those ids.
    places: HashMap<Box<str>, CreatedIndex>,
    /// The names of created users that exist, in lower case.
    names: HashSet<Box<str>>,
}

/// How a user differs from the files.
#[derive(Clone, Debug)]
enum Standing {
    /// A loaded user with changed fields. The other fields follow the files.
    Changed(Arc<Patch>, Option<SentPassword>),
    Created(Arc<Someone>),
    /// A deleted user, loaded or created before.
    Gone {
        was_loaded: bool,
    },
}

/// A created or changed user.
#[derive(Debug)]
pub(crate) struct Someone {
    pub(crate) person: Person,
    pub(crate) place: UserPlace,
    pub(crate) sent: Option<SentPassword>,
}

/// A password without a reset: set at creation, or sent by an administrator.
#[derive(Clone, Debug)]
pub(crate) struct SentPassword {
    pub(crate) password: String,
    /// The highest successful reset before it. A later reset takes precedence.
    pub(crate) resets: u64,
}

/// Why a user was not created.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum NotCreated {
    NameTaken,
    Full(usize),
}

/// A user, as loaded or not.
pub(crate) enum Found {
    /// A user as loaded.
    Loaded(UserIndex),
    Someone(Arc<Someone>),
}

/// One user of a list.
pub(crate) enum Each<'c> {
    /// A user as loaded, by index.
    AsLoaded(UserIndex, User<'c>),
    /// A loaded user by index, with the fields that were set, and the result.
    Changed(UserIndex, &'c Arc<Patch>, Box<Person>),
    Created(&'c Arc<Someone>),
}

/// Exclusive access to the users of a project.
pub(crate) struct Changing<'p> {
    people: &'p People,
    kept: &'p mut Arc<Kept>,
    /// The project as loaded.
    project: &'p Project,
}

impl People {
    /// Whether any user differs from the files.
    #[inline]
    pub(crate) fn is_changed(&self) -> bool {
        self.changed.load(Ordering::Relaxed)
    }

    /// The current state of a user.
    #[cold]
    pub(in crate::state) fn find(&self, project: &Project, id: &str) -> Option<Found> {
        self.kept.lock().find(project, id)
    }

    /// Forgets changes of users that are no longer loaded, and created users that are loaded now.
    pub(in crate::state) fn keep_loaded(&self, project: &Project) {
        if !self.is_changed() {
            return;
        }
        let mut kept = self.kept.lock();
        let kept = Arc::make_mut(&mut kept);
        kept.people.retain(|id, standing| {
            let was_loaded = matches!(standing, Standing::Changed(..) | Standing::Gone { was_loaded: true });
            was_loaded == project.user_index(id).is_some()
        });
        kept.names = kept.people.values().filter_map(Standing::name).collect();
    }

    /// The index of a created user, deleted ones included.
    pub(crate) fn created_index(&self, id: &str) -> Option<CreatedIndex> {
        if !self.is_changed() {
            return None;
        }
        let kept = self.kept.lock();
        kept.places.get(id).copied()
    }

    /// The index and id of each created user, deleted ones included.
    pub(crate) fn created(&self) -> Vec<(CreatedIndex, String)> {
        let kept = self.kept.lock();
        CreatedIndex::all().zip(&kept.created).map(|(index, id)| (index, id.to_string())).collect()
    }

    /// The id of a created user.
    pub(crate) fn created_id(&self, index: CreatedIndex) -> Option<String> {
        self.kept.lock().created.get(index.at()).map(ToString::to_string)
    }

    /// Looks at a snapshot of the users, for as long as it takes: others may change them meanwhile.
    pub(crate) fn look<T>(&self, project: &Project, look: impl FnOnce(&mut Changing<'_>) -> T) -> T {
        let mut kept = Arc::clone(&self.kept.lock());
        look(&mut Changing { people: self, kept: &mut kept, project })
    }

    /// Looks at the users and changes them, with exclusive access.
    pub(crate) fn change<T>(&self, project: &Project, change: impl FnOnce(&mut Changing<'_>) -> T) -> T {
        let mut kept = self.kept.lock();
        change(&mut Changing { people: self, kept: &mut kept, project })
    }
}

impl Standing {
    /// The name of a created user, in lower case.
    fn name(&self) -> Option<Box<str>> {
        match self {
            Self::Created(someone) => Some(someone.person.user_name.to_ascii_lowercase().into()),
            Self::Changed(..) | Self::Gone { .. } => None,
        }
    }
}

impl Kept {
    fn find(&self, project: &Project, id: &str) -> Option<Found> {
        match self.people.get(id) {
            None => project.user_index(id).map(Found::Loaded),
            Some(Standing::Changed(patch, sent)) => {
                let index = project.user_index(id)?;
                let person = patch.over(Person::of(project.user_at(index)?));
                Some(Found::Someone(Arc::new(Someone { person, place: UserPlace::Loaded(index), sent: sent.clone() })))
            }
            Some(Standing::Created(someone)) => Some(Found::Someone(Arc::clone(someone))),
            Some(Standing::Gone { .. }) => None,
        }
    }
}

impl Found {
    pub(crate) fn place(&self) -> UserPlace {
        match self {
            Self::Loaded(index) => UserPlace::Loaded(*index),
            Self::Someone(someone) => someone.place,
        }
    }
}

impl Changing<'_> {
    pub(crate) fn find(&self, id: &str) -> Option<Found> {
        self.kept.find(self.project, id)
    }

    /// The current state of a user.
    pub(crate) fn person(&self, found: &Found) -> Option<Person> {
        match found {
            Found::Loaded(index) => self.project.user_at(*index).map(Person::of),
            Found::Someone(someone) => Some(someone.person.clone()),
        }
    }

    /// The number of users.
    pub(crate) fn count(&self) -> usize {
        let gone = self.otherwise().iter().filter(|(_, patch)| patch.is_none()).count();
        self.project.users_count() - gone + self.created().count()
    }

    /// All users, loaded ones first. Users as loaded are not copied: there may be a million.
    pub(crate) fn all(&self) -> impl Iterator<Item = Each<'_>> {
        let mut otherwise = self.otherwise().into_iter().peekable();
        let loaded = UserIndex::all().map_while(|index| Some((index, self.project.user_at(index)?)));
        let loaded = loaded.filter_map(move |(index, user)| match otherwise.next_if(|(at, _)| *at == index) {
            None => Some(Each::AsLoaded(index, user)),
            Some((_, patch)) => Some(Each::Changed(index, patch?, Box::new(patch?.over(Person::of(user))))),
        });
        loaded.chain(self.created().map(Each::Created))
    }

    /// The indices of loaded users that differ from the files, in order, with the fields that were set; `None` for deleted ones.
    fn otherwise(&self) -> Vec<(UserIndex, Option<&Arc<Patch>>)> {
        let of_loaded = self.kept.people.iter().filter_map(|(id, standing)| {
            let patch = match standing {
                Standing::Changed(patch, _) => Some(patch),
                Standing::Gone { .. } => None,
                Standing::Created(_) => return None,
            };
            Some((self.project.user_index(id)?, patch))
        });
        let mut found: Vec<_> = of_loaded.collect();
        found.sort_unstable_by_key(|(index, _)| *index);
        found
    }

    fn created(&self) -> impl Iterator<Item = &Arc<Someone>> {
        self.kept.created.iter().filter_map(|id| match self.kept.people.get(id)? {
            Standing::Created(someone) => Some(someone),
            Standing::Changed(..) | Standing::Gone { .. } => None,
        })
    }

    /// The id of a new user, unless the name is taken.
    pub(crate) fn new_id(&self, user_name: &str, most: usize) -> Result<String, NotCreated> {
        // Names never change, so a user that still exists has its name.
        let is_there = |index| self.project.user_at(index).is_some_and(|user| self.find(&user.id()).is_some());
        if self.project.named(user_name).any(is_there)
            || self.kept.names.contains(user_name.to_ascii_lowercase().as_str())
        {
            return Err(NotCreated::NameTaken);
        }
        if self.kept.created.len() >= most {
            return Err(NotCreated::Full(most));
        }
        let name = user_name.to_ascii_lowercase();
        let ids = (0..).map(|time| created_user_id(self.project.id(), &name, time));
        // The id of an earlier created user is not given again, even if a file names it now.
        let is_free =
            |id: &String| !self.kept.places.contains_key(id.as_str()) && self.project.user_index(id).is_none();
        Ok(invariant!(ids.into_iter().find(is_free), String::new(), "numbers do not end"))
    }

    /// Adds a user with a new id and a password.
    pub(crate) fn create(&mut self, person: Person, password: String) {
        let id: Box<str> = person.id.as_str().into();
        let index = CreatedIndex::of(self.kept.created.len());
        let sent = Some(SentPassword { password, resets: 0 });
        let someone = Someone { person, place: UserPlace::Created(index), sent };
        let standing = Standing::Created(Arc::new(someone));
        let kept = Arc::make_mut(self.kept);
        kept.created.push(id.clone());
        kept.places.insert(id.clone(), index);
        kept.names.extend(standing.name());
        self.put(id, standing);
    }

    /// Sets fields of a user, and the password that was sent, if any.
    pub(crate) fn update(&mut self, id: &str, patch: Patch, sent: Option<SentPassword>) {
        let standing = match Arc::make_mut(self.kept).people.remove(id) {
            Some(Standing::Created(someone)) => Standing::Created(Arc::new(Someone {
                person: patch.over(someone.person.clone()),
                place: someone.place,
                sent: sent.or_else(|| someone.sent.clone()),
            })),
            Some(Standing::Changed(mut before, sent_before)) => {
                Arc::make_mut(&mut before).add(patch);
                Standing::Changed(before, sent.or(sent_before))
            }
            Some(Standing::Gone { .. }) | None => Standing::Changed(Arc::new(patch), sent),
        };
        self.put(id.into(), standing);
    }

    pub(crate) fn delete(&mut self, id: &str) {
        let name = self.kept.people.get(id).and_then(Standing::name);
        if let Some(name) = &name {
            Arc::make_mut(self.kept).names.remove(name);
        }
        let was_loaded = name.is_none();
        self.put(id.into(), Standing::Gone { was_loaded });
    }

    fn put(&mut self, id: Box<str>, standing: Standing) {
        Arc::make_mut(self.kept).people.insert(id, standing);
        self.people.changed.store(true, Ordering::Relaxed);
    }
}

impl Each<'_> {
    pub(crate) fn user(&self) -> User<'_> {
        match self {
            Self::AsLoaded(_, user) => *user,
            Self::Changed(_, _, person) => User::Changed(person),
            Self::Created(someone) => User::Changed(&someone.person),
        }
    }

    /// Ids of groups; loaded users have none.
    pub(crate) fn groups(&self) -> &[String] {
        match self {
            Self::AsLoaded(..) | Self::Changed(..) => &[],
            Self::Created(someone) => &someone.person.groups,
        }
    }
}

impl Someone {
    /// Bytes of memory.
    pub(in crate::state) fn bytes(&self) -> usize {
        let Person { id, user_name, user_email, user_phone, description, account_expires, groups, .. } = &self.person;
        let texts = [id, user_name, user_email, user_phone, description, account_expires].into_iter().chain(groups);
        let sent = self.sent.as_ref().map_or(0, |sent| sent.password.capacity());
        size_of::<Self>() + sent + groups.capacity() * size_of::<String>() + texts.map(String::capacity).sum::<usize>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::loaded_of;

    #[test]
    fn ids_of_created_users_are_not_given_twice() {
        let loaded =
            loaded_of(r#"{"projects": [{"id": "p", "users": [{"id": "a", "user_name": "ada"}, {"id": "b"}]}]}"#);
        let (_, project) = loaded.directory.project("p").unwrap();
        let people = People::default();
        assert!(!people.is_changed());
        let ids = |people: &People| {
            people.change(project, |users| users.all().map(|one| one.user().id().into_owned()).collect::<Vec<_>>())
        };
        let first = people.change(project, |users| {
            assert_eq!(users.new_id("ADA", 2), Err(NotCreated::NameTaken));
            let id = users.new_id("carol", 2).unwrap();
            let ada = users.find("a").unwrap();
            let person = Person { user_name: "carol".to_owned(), id: id.clone(), ..users.person(&ada).unwrap() };
            users.create(person, String::new());
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
        assert!(people.find(project, "b").is_none());
        assert_eq!((ids(&people), people.created_index(&first)), (vec!["a".to_owned()], Some(index)));
    }

    #[test]
    fn patch_follows_reloads_until_the_user_is_removed() {
        let loaded = |email: &str| {
            loaded_of(&format!(r#"{{"projects": [{{"id": "p", "users": [{{"id": "a", "user_email": "{email}"}}]}}]}}"#))
        };
        let [first, second, none] = [loaded("a@x"), loaded("b@x"), loaded_of(r#"{"projects": [{"id": "p"}]}"#)];
        let [first, second, none] = [&first, &second, &none].map(|one| one.directory.project("p").unwrap().1);
        let people = People::default();
        let set = |patch| people.change(first, |users| users.update("a", patch, None));
        set(Patch { locked: Some(true), ..Patch::default() });
        set(Patch { description: Some("d".to_owned()), ..Patch::default() });
        let shown = |project| match people.find(project, "a") {
            Some(Found::Someone(one)) => {
                (one.person.user_email.clone(), one.person.description.clone(), one.person.locked)
            }
            _ => panic!("he is changed"),
        };
        assert_eq!(shown(first), ("a@x".to_owned(), "d".to_owned(), true));
        assert_eq!(shown(second), ("b@x".to_owned(), "d".to_owned(), true));
        assert!(people.find(none, "a").is_none());
        people.keep_loaded(second);
        assert!(shown(second).2);
        people.keep_loaded(none);
        assert!(matches!(people.find(first, "a"), Some(Found::Loaded(index)) if index.at() == 0));
    }

    #[test]
    fn loaded_user_replaces_a_created_one_of_its_id() {
        let none = loaded_of(r#"{"projects": [{"id": "p", "users": [{"id": "a"}]}]}"#);
        let (_, project) = none.directory.project("p").unwrap();
        let people = People::default();
        let [kept, deleted] = people.change(project, |users| {
            ["carol", "dave"].map(|name| {
                let id = users.new_id(name, 9).unwrap();
                let like = users.person(&Found::Loaded(UserIndex::new(0))).unwrap();
                users.create(Person { id: id.clone(), user_name: name.to_owned(), ..like }, String::new());
                id
            })
        });
        people.change(project, |users| users.delete(&deleted));
        people.keep_loaded(project);
        assert!(matches!(people.find(project, &kept), Some(Found::Someone(_))));
        assert!(people.find(project, &deleted).is_none());
        let both = format!(r#"{{"projects": [{{"id": "p", "users": [{{"id": "{kept}"}}, {{"id": "{deleted}"}}]}}]}}"#);
        let both = loaded_of(&both);
        let (_, project) = both.directory.project("p").unwrap();
        people.keep_loaded(project);
        let found = [&kept, &deleted].map(|id| matches!(people.find(project, id), Some(Found::Loaded(_))));
        assert_eq!(found, [true, true]);
        assert_eq!(people.change(project, |users| (users.count(), users.all().count())), (2, 2));

        people.change(project, |users| users.delete(&deleted));
        people.keep_loaded(project);
        assert!(people.find(project, &deleted).is_none(), "he stays deleted while he is loaded");
        let (_, project) = none.directory.project("p").unwrap();
        people.keep_loaded(project);
        people.change(project, |users| {
            assert_eq!((users.count(), users.all().count()), (1, 1));
            let again = users.new_id("carol", 9).unwrap();
            assert!(again != kept && users.find(&again).is_none(), "another id");
        });
    }

    #[test]
    fn users_are_listed_once_and_counted() {
        let loaded = loaded_of(
            r#"{"projects": [{"id": "p", "users": [{"id": "a", "user_name": "ada"}, {"id": "b", "user_name": "ADA"}],
            "generate": {"count": 3, "id_prefix": "g"}}]}"#,
        );
        let (_, project) = loaded.directory.project("p").unwrap();
        let people = People::default();
        let name = |id: &str| project.user_at(project.user_index(id).unwrap()).unwrap().user_name().into_owned();
        people.change(project, |users| {
            let listed = |users: &Changing<'_>| {
                let all: Vec<_> = users.all().map(|one| (one.user().id().into_owned(), one.user().locked())).collect();
                assert_eq!(users.count(), all.len());
                all
            };
            assert_eq!(listed(users).len(), 5);
            for id in ["a", "g000001"] {
                users.delete(id);
            }
            for id in ["g000002", "nobody"] {
                users.update(id, Patch { locked: Some(true), ..Patch::default() }, None);
            }
            let is_taken = |users: &Changing<'_>, name: &str| users.new_id(name, 9) == Err(NotCreated::NameTaken);
            assert!(is_taken(users, "Ada"), "one who is called so is still there");
            users.delete("b");
            assert!(!is_taken(users, "Ada") && !is_taken(users, &name("g000001")));
            assert!(is_taken(users, &name("g000000")) && is_taken(users, &name("g000002").to_uppercase()));
            let id = users.new_id("ada", 9).unwrap();
            let Some(Found::Loaded(index)) = users.find("g000000") else { panic!("he is as he was") };
            let like = users.person(&Found::Loaded(index)).unwrap();
            users.create(Person { id: id.clone(), user_name: "ada".to_owned(), ..like }, String::new());
            let expected = [("g000000", false), ("g000002", true), (&*id, false)];
            assert_eq!(listed(users), expected.map(|(id, locked)| (id.to_owned(), locked)));
        });
    }
}
