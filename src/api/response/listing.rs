//! A list of users that is written piece by piece, while it is sent: it has the users' places, and no text.

use super::content::spoil;
use super::{body, listed_user};
use crate::fixture::Loaded;
use crate::ids::ProjectIndex;
use crate::state::{Picked, Reached};
use bytes::Bytes;
use std::sync::Arc;

/// Bytes of a piece, more or less: it ends with the user who reaches that.
pub(crate) const PIECE: usize = 16 << 10;
/// A piece is made with room for the end of its last user.
const LAST_USER: usize = 1 << 10;

/// Which users are listed, and how.
#[derive(Debug)]
pub(crate) struct Contents {
    /// Number of all entries, including those that are not listed.
    pub(crate) total: usize,
    pub(crate) users: Picked,
    /// The directory that has the users.
    pub(crate) loaded: Arc<Loaded>,
    pub(crate) project: ProjectIndex,
    pub(crate) now_ms: i64,
    pub(crate) with_desktops: bool,
}

/// A list of which a part is written.
#[derive(Debug)]
pub(crate) struct Listing {
    contents: Contents,
    place: Place,
    /// Bytes that are to be written yet.
    left: usize,
    is_spoilt: bool,
}

/// How far a list is written.
#[derive(Clone, Copy, Debug, Default)]
struct Place {
    reached: Reached,
    has_begun: bool,
    has_ended: bool,
}

/// A list as it is answered.
#[derive(Debug)]
pub(crate) enum ListedText {
    /// It is so short that nothing is gained by writing it later.
    Whole(Bytes),
    /// The list, and its beginning.
    Later(Box<Listing>, Box<[u8]>),
}

impl Contents {
    /// Writes it once, to know its length. So many bytes of its beginning are kept.
    pub(crate) fn text(self, kept: usize) -> ListedText {
        let (mut place, mut left, mut piece) = (Place::default(), 0, Vec::with_capacity(PIECE + LAST_USER));
        let mut beginning = Vec::new();
        while !place.has_ended {
            piece.clear();
            self.write(&mut place, &mut piece);
            if left == 0 && place.has_ended && piece.len() <= PIECE {
                return ListedText::Whole(piece.into());
            }
            left += piece.len();
            beginning.extend_from_slice(piece.get(..kept - beginning.len()).unwrap_or(&piece));
        }
        let list = Listing { contents: self, place: Place::default(), left, is_spoilt: false };
        ListedText::Later(Box::new(list), beginning.into())
    }

    /// Writes the next piece.
    fn write(&self, place: &mut Place, piece: &mut Vec<u8>) {
        let mut is_first = !place.has_begun;
        if is_first {
            place.has_begun = true;
            body::begin_list(self.total, piece);
        }
        while piece.len() < PIECE {
            let project = self.loaded.directory.project_at(self.project);
            let Some(person) = project.and_then(|project| self.users.next(&mut place.reached, project)) else {
                body::end_list(piece);
                place.has_ended = true;
                return;
            };
            body::list(&listed_user::AnsweredUser::of(&person, self.now_ms, self.with_desktops), is_first, piece);
            is_first = false;
        }
    }
}

impl Listing {
    /// Bytes of it that are to be written yet.
    pub(crate) fn left(&self) -> usize {
        self.left
    }

    /// Bytes of memory that it takes, a piece included.
    pub(crate) fn held(&self) -> usize {
        size_of::<Self>() + PIECE + self.contents.users.bytes()
    }

    /// Writes the next piece; an empty one at the end.
    pub(crate) fn next(&mut self) -> Bytes {
        if self.place.has_ended {
            return Bytes::new();
        }
        let mut piece = Vec::with_capacity(self.left.min(PIECE + LAST_USER));
        self.contents.write(&mut self.place, &mut piece);
        self.left = self.left.saturating_sub(piece.len());
        if self.place.has_ended && self.is_spoilt {
            spoil(&mut piece);
        }
        piece.into()
    }

    /// Writes all that is left.
    pub(crate) fn whole(mut self) -> Bytes {
        let mut all = Vec::with_capacity(self.left);
        while !self.place.has_ended {
            all.extend_from_slice(&self.next());
        }
        all.into()
    }

    /// Makes it no JSON.
    pub(crate) fn spoil(&mut self) {
        self.is_spoilt = true;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::operations::UserFilter;
    use crate::fixture::{Person, loaded_of};
    use crate::state::{Changing, Patch, People};
    use proptest::prelude::*;
    use serde_json::{Value, json};

    /// A change of a user, who is chosen by a number.
    #[derive(Clone, Debug)]
    enum Act {
        Create(String),
        Change(usize, Patch),
        Delete(usize),
    }

    fn act() -> impl Strategy<Value = Act> {
        let text = || prop::option::of("[a-z\"\\\\\u{e4}\u{1f600}]{0,12}");
        let patch = (text(), text(), prop::option::of(any::<bool>()), prop::option::of(any::<bool>()));
        let expires = prop::option::of(prop::sample::select(vec!["0", "2020-01-01T00:00:00Z", "2999-01-01T00:00:00Z"]));
        let patch = (patch, expires).prop_map(|((user_email, description, disabled, locked), expires)| Patch {
            user_email,
            description,
            disabled,
            locked,
            account_expires: expires.map(str::to_owned),
            ..Patch::default()
        });
        prop_oneof![
            "[a-z]{1,8}".prop_map(Act::Create),
            (any::<prop::sample::Index>(), patch).prop_map(|(at, patch)| Act::Change(at.index(1_000), patch)),
            any::<prop::sample::Index>().prop_map(|at| Act::Delete(at.index(1_000))),
        ]
    }

    fn ids(users: &Changing<'_>) -> Vec<String> {
        users.all().map(|each| each.user().id().into_owned()).collect()
    }

    fn person(users: &Changing<'_>, id: &str) -> Person {
        users.person(&users.find(id).unwrap()).unwrap()
    }

    fn carry_out(acts: &[Act], users: &mut Changing<'_>) {
        for act in acts {
            let all = ids(users);
            let id = |at: &usize| all.get(at % all.len().max(1));
            match act {
                Act::Create(name) => {
                    if let (Some(like), Ok(id)) = (all.first(), users.new_id(name, 100)) {
                        let like = person(users, like);
                        let person = Person { id, user_name: name.clone(), groups: vec!["g".to_owned()], ..like };
                        users.create(person, String::new());
                    }
                }
                Act::Change(at, patch) => id(at).into_iter().for_each(|id| users.update(id, patch.clone(), None)),
                Act::Delete(at) => id(at).into_iter().for_each(|id| users.delete(id)),
            }
        }
    }

    /// The list as a plain model makes it.
    fn plainly(users: &Changing<'_>, filter: &UserFilter, [first, most]: [usize; 2], with_desktops: bool) -> Value {
        let fits = |person: &Person| {
            filter.user_name.as_ref().is_none_or(|part| person.user_name.to_lowercase().contains(part))
                && filter.disabled.is_none_or(|disabled| disabled == person.disabled)
        };
        let all: Vec<_> = ids(users).iter().map(|id| person(users, id)).filter(fits).collect();
        let listed =
            all.iter().skip(first).take(most).map(|one| listed_user::AnsweredUser::of(one, NOW_MS, with_desktops));
        json!({ "total_count": all.len(), "users": listed.collect::<Vec<_>>() })
    }

    const NOW_MS: i64 = 1_800_000_000_000;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(128))]
        #[test]
        fn a_list_in_pieces_is_the_list_whole_as_it_was_when_it_began(
            before in prop::collection::vec(act(), 0..40),
            after in prop::collection::vec(act(), 0..40),
            page in prop_oneof![Just([0, 10_000]), [0..250_usize, 0..250_usize]],
            user_name in prop::option::of("[a-e0-3]"),
            disabled in prop::option::of(any::<bool>()),
            with_desktops in any::<bool>(),
        ) {
            let loaded = Arc::new(loaded_of(
                r#"{"projects": [{"id": "other"}, {"id": "p", "users": [
                    {"id": "a", "user_name": "ada", "description": "\u00e4 \"b\"", "locked": true},
                    {"id": "b", "user_email": "b@example.com", "disabled": true}
                ], "generate": {"count": 150, "id_prefix": "load"}}]}"#,
            ));
            let (index, project) = loaded.directory.project("p").unwrap();
            let people = People::default();
            people.change(project, |users| carry_out(&before, users));
            let filter = UserFilter { user_name, disabled, ..UserFilter::default() };
            let (total, users, expected) = people.look(project, |users| {
                let (total, picked) = filter.pick(users, page[0], page[1]);
                (total, picked, plainly(users, &filter, page, with_desktops).to_string())
            });
            let loaded = Arc::clone(&loaded);
            let contents = Contents { total, users, loaded, project: index, now_ms: NOW_MS, with_desktops };
            let text = contents.text(100);
            people.change(project, |users| carry_out(&after, users));
            match text {
                ListedText::Whole(text) => {
                    prop_assert!(text.len() <= PIECE);
                    prop_assert_eq!(std::str::from_utf8(&text).unwrap(), expected);
                }
                ListedText::Later(mut list, beginning) => {
                    prop_assert!(expected.len() > PIECE && list.left() == expected.len());
                    prop_assert_eq!(&beginning[..], &expected.as_bytes()[..100]);
                    let mut found = Vec::new();
                    while list.left() > 0 {
                        let piece = list.next();
                        prop_assert!(!piece.is_empty() && piece.len() < PIECE + LAST_USER);
                        found.extend_from_slice(&piece);
                        prop_assert_eq!(list.left(), expected.len() - found.len());
                    }
                    prop_assert!(list.next().is_empty());
                    prop_assert_eq!(String::from_utf8(found).unwrap(), expected);
                }
            }
        }
    }

    #[test]
    fn a_list_holds_places_and_changed_users_only() {
        let loaded =
            Arc::new(loaded_of(r#"{"projects": [{"id": "p", "generate": {"count": 100000, "id_prefix": "load"}}]}"#));
        let (project, of) = loaded.directory.project("p").unwrap();
        let people = People::default();
        let held = |filter: &UserFilter| {
            let (total, users) = people.look(of, |users| filter.pick(users, 0, 10_000));
            let loaded = Arc::clone(&loaded);
            match (Contents { total, users, loaded, project, now_ms: 0, with_desktops: true }).text(100) {
                ListedText::Later(list, _) => (list.held() - PIECE, list.whole().len()),
                ListedText::Whole(_) => panic!("{total} users"),
            }
        };
        let (bytes, length) = held(&UserFilter::default());
        assert!(bytes < 1_000 && length > 3_000_000, "{bytes} bytes for {length}");
        // Hardly one follows another.
        let (bytes, length) = held(&UserFilter { user_name: Some("ken".to_owned()), ..UserFilter::default() });
        assert!(bytes < 16 * 10_000 && length > 1_000_000, "{bytes} bytes for {length}");
        people.change(of, |users| {
            for index in 0..2_000 {
                let patch = Patch { description: Some("d".repeat(200)), ..Patch::default() };
                users.update(&format!("load{index:06}"), patch, None);
            }
        });
        let (bytes, _) = held(&UserFilter::default());
        assert!((2_000 * 200..2_000 * 600).contains(&bytes), "{bytes}");
    }

    #[test]
    fn a_list_that_is_spoilt_has_its_length_and_another_end() {
        let text = r#"{"projects": [{"id": "p", "generate": {"count": 200, "id_prefix": "load"}}]}"#;
        let loaded = Arc::new(loaded_of(text));
        let of = loaded.directory.project_at(ProjectIndex::new(0)).unwrap();
        let list = || {
            let (total, users) = People::default().look(of, |users| UserFilter::default().pick(users, 0, 200));
            let loaded = Arc::clone(&loaded);
            match (Contents { total, users, loaded, project: ProjectIndex::new(0), now_ms: 0, with_desktops: true })
                .text(100)
            {
                ListedText::Later(list, _) => list,
                ListedText::Whole(_) => panic!("it is long"),
            }
        };
        let whole = list().whole();
        let mut spoilt = list();
        spoilt.spoil();
        let spoilt = spoilt.whole();
        assert_eq!(spoilt.len(), whole.len());
        assert_eq!(spoilt.split_last().unwrap(), (&b'\\', &whole[..whole.len() - 1]));
    }
}
