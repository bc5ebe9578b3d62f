//! Users as the answers have them. A list and a detail have other names and types for some of it.

use crate::fixture::Person;
use crate::state::times;
use serde::Serialize;
use serde_json::{Value, json};

/// A user of a list. Empty texts are left out.
#[derive(Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "the vendor's user has them")]
pub(crate) struct AnsweredUser<'p> {
    #[serde(skip_serializing_if = "str::is_empty")]
    id: &'p str,
    #[serde(skip_serializing_if = "str::is_empty")]
    user_name: &'p str,
    #[serde(skip_serializing_if = "str::is_empty")]
    user_email: &'p str,
    #[serde(skip_serializing_if = "str::is_empty")]
    user_phone: &'p str,
    #[serde(skip_serializing_if = "str::is_empty")]
    description: &'p str,
    active_type: &'static str,
    next_login_change_password: bool,
    password_never_expired: bool,
    disabled: bool,
    locked: bool,
    is_pre_user: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    total_desktops: Option<u32>,
    account_expires: &'p str,
    account_expired: bool,
    enable_change_password: bool,
}

/// Fields that a detail has in another form or place.
const OF_LISTS: [&str; 3] = ["account_expires", "account_expired", "enable_change_password"];

impl<'p> AnsweredUser<'p> {
    /// With the number of desktops or without.
    pub(crate) fn of(person: &'p Person, now_ms: i64, with_desktops: bool) -> Self {
        Self {
            id: &person.id,
            user_name: &person.user_name,
            user_email: &person.user_email,
            user_phone: &person.user_phone,
            description: &person.description,
            active_type: person.active_type.name(),
            next_login_change_password: person.next_login_change_password,
            password_never_expired: person.password_never_expired,
            disabled: person.disabled,
            locked: person.locked,
            is_pre_user: false,
            total_desktops: with_desktops.then_some(0),
            account_expires: &person.account_expires,
            account_expired: is_expired(person, now_ms),
            enable_change_password: person.enable_change_password,
        }
    }
}

/// A user by himself.
pub(crate) fn detail(person: &Person, now_ms: i64) -> Value {
    let listed = serde_json::to_value(AnsweredUser::of(person, now_ms, true));
    let Ok(Value::Object(mut shown)) = listed else { return Value::Null };
    for name in OF_LISTS {
        shown.shift_remove(name);
    }
    shown.insert("account_expires".to_owned(), json!(expires_ms(&person.account_expires).unwrap_or(0)));
    shown.insert("user_expired".to_owned(), json!(is_expired(person, now_ms)));
    shown.insert("enable_change_password".to_owned(), json!(person.enable_change_password));
    shown.insert("account_type".to_owned(), json!(0));
    shown.insert("full_name".to_owned(), json!(person.user_name));
    if !person.groups.is_empty() {
        shown.insert("group_names".to_owned(), json!(person.groups));
    }
    if let Some(created) = person.created_ms.and_then(times::with_millis) {
        shown.insert("when_created".to_owned(), json!(created));
    }
    shown.into()
}

fn is_expired(person: &Person, now_ms: i64) -> bool {
    expires_ms(&person.account_expires).is_some_and(|expires| expires != 0 && expires <= now_ms)
}

/// When an account expires, in milliseconds since 1970; 0 for never.
pub(crate) fn expires_ms(text: &str) -> Option<i64> {
    if text == "0" {
        return Some(0);
    }
    times::read_rfc3339(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_invalid_expiry_is_refused() {
        assert_eq!(
            [expires_ms("0"), expires_ms("1970-01-01T00:00:01Z"), expires_ms("soon")],
            [Some(0), Some(1_000), None]
        );
    }
}
