//! Users as the answers have them. A list and a detail have other names and types for some of it.

use super::asked::expires_ms;
use crate::fixture::Person;
use jiff::Timestamp;
use serde::{Serialize, Serializer};
use serde_json::{Map, Value, json};

/// How the time of a user's creation is written.
const TIME_FORMAT: &str = "%Y-%m-%dT%H:%M:%S%.3fZ";

/// Users of a list, each shown when it is written: all of them at once would take many times the memory of the text.
pub(super) struct Page {
    pub(super) users: Vec<Person>,
    pub(super) now_ms: i64,
    pub(super) with_desktops: bool,
}

impl Serialize for Page {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.users.iter().map(|person| listed(person, self.now_ms, self.with_desktops)))
    }
}

/// A user of a list, with the number of desktops or without.
fn listed(person: &Person, now_ms: i64, with_desktops: bool) -> Value {
    let mut shown = in_both(person);
    if !with_desktops {
        shown.shift_remove("total_desktops");
    }
    shown.insert("account_expires".to_owned(), json!(person.account_expires));
    shown.insert("account_expired".to_owned(), json!(is_expired(person, now_ms)));
    shown.insert("enable_change_password".to_owned(), json!(person.enable_change_password));
    shown.into()
}

/// A user by himself.
pub(super) fn detail(person: &Person, now_ms: i64) -> Value {
    let mut shown = in_both(person);
    shown.insert("account_expires".to_owned(), json!(expires_ms(&person.account_expires).unwrap_or(0)));
    shown.insert("user_expired".to_owned(), json!(is_expired(person, now_ms)));
    shown.insert("enable_change_password".to_owned(), json!(person.enable_change_password));
    shown.insert("account_type".to_owned(), json!(0));
    shown.insert("full_name".to_owned(), json!(person.user_name));
    if !person.groups.is_empty() {
        shown.insert("group_names".to_owned(), json!(person.groups));
    }
    let created = person.created_ms.and_then(|ms| Timestamp::from_millisecond(ms).ok());
    if let Some(created) = created {
        shown.insert("when_created".to_owned(), json!(created.strftime(TIME_FORMAT).to_string()));
    }
    shown.into()
}

fn in_both(person: &Person) -> Map<String, Value> {
    let mut shown = Map::new();
    for (name, text) in [
        ("id", &person.id),
        ("user_name", &person.user_name),
        ("user_email", &person.user_email),
        ("user_phone", &person.user_phone),
        ("description", &person.description),
    ] {
        // What is empty is not there.
        if !text.is_empty() {
            shown.insert(name.to_owned(), json!(text));
        }
    }
    for (name, value) in [
        ("active_type", json!(person.active_type.name())),
        ("next_login_change_password", json!(person.next_login_change_password)),
        ("password_never_expired", json!(person.password_never_expired)),
        ("disabled", json!(person.disabled)),
        ("locked", json!(person.locked)),
        ("is_pre_user", json!(false)),
        ("total_desktops", json!(0)),
    ] {
        shown.insert(name.to_owned(), value);
    }
    shown
}

fn is_expired(person: &Person, now_ms: i64) -> bool {
    expires_ms(&person.account_expires).is_some_and(|expires| expires != 0 && expires <= now_ms)
}
